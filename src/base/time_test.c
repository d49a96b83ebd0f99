#include "test.h"
#include "base/num.h"
#include "base/time.h"

/* want: as time_text writes it; NULL: refused. */
static const struct { const char *in, *want; } parse[] = {
    { "2021-03-03T06:59:20.359Z", "2021-03-03T06:59:20.359Z" },
    { "2021-03-03 06:59:20", "2021-03-03T06:59:20Z" },
    { "2021-03-03T06:59", "2021-03-03T06:59:00Z" },
    { "2021-03-03", "2021-03-03T00:00:00Z" },
    { "2021-03-03T06:59:20,5Z", "2021-03-03T06:59:20.500Z" },
    { "2021-03-03T06:59:20.1234567Z", "2021-03-03T06:59:20.123456Z" },      /* .NET writes 100 ns: cut, not rounded */
    { "2021-03-03T06:59:20.00000000000000000009", "2021-03-03T06:59:20Z" },
    { "2021-03-03T00:30:00+01:00", "2021-03-02T23:30:00Z" },
    { "2021-03-02T23:30:00-00:45", "2021-03-03T00:15:00Z" },
    { "2020-02-29", "2020-02-29T00:00:00Z" },
    { "2000-02-29", "2000-02-29T00:00:00Z" },
    { "1601-01-01", "1601-01-01T00:00:00Z" },
    { "1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999Z" },
    { "9999-12-31T23:59:59", "9999-12-31T23:59:59Z" },
    { "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z" },                     /* a leap second is the next second */
    { "1900-02-29", NULL }, { "2021-02-29", NULL }, { "2021-13-01", NULL }, { "2021-00-01", NULL }, { "2021-04-31", NULL },
    { "1600-12-31", NULL }, { "0000-01-01", NULL }, { "2021-3-03", NULL }, { "2021-03-03T", NULL }, { "2021-03-03T6:59:20", NULL },
    { "2021-03-03T24:00:00", NULL }, { "2021-03-03T06:60:00", NULL }, { "2021-03-03T06:59:61", NULL }, { "2021-03-03T06:59:20.", NULL },
    { "2021-03-03T06:59:20Zx", NULL }, { "2021-03-03Z", NULL }, { "2021-03-03T06:59:20+1:00", NULL }, { "2021-03-03T06:59:20+16:00", NULL },
    { "", NULL }, { "x", NULL }, { " 2021-03-03", NULL },
};

static void parses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(parse); i++) {
        struct str in = test_heap(parse[i].in, strlen(parse[i].in));
        int64_t    us = 77;
        char       text[TIME_TEXT];
        bool       ok = time_parse(in, &us);

        CHECK_WHY(ok == (parse[i].want != NULL), parse[i].in);
        if (ok) {
            int64_t again;
            time_text(us, text);
            CHECK_STR(str_c(text), str_c(parse[i].want));
            CHECK_WHY(time_parse(str_c(text), &again) && again == us, parse[i].in);
        } else {
            CHECK_WHY(us == 77, parse[i].in);
        }
        test_free(in);
    }
}

/* 8,399 years have the right number of days, and the text of a day is read back. */
static void walks_the_calendar(void **state)
{
    (void)state;
    int64_t first, last, us;
    char    text[TIME_TEXT];

    CHECK(time_civil(1601, 1, 1, 0, 0, 0, 0, &first) && time_civil(9999, 12, 31, 0, 0, 0, 0, &last));
    CHECK(first == INT64_C(-11644473600) * TIME_SECOND && (last - first) / TIME_DAY == 3067670);
    for (int64_t day = first; day <= last; day += 97 * TIME_DAY) {
        time_text(day, text);
        CHECK(time_parse(str_c(text), &us) && us == day);
    }
}

static void refuses_what_has_no_text(void **state)
{
    (void)state;
    char text[TIME_TEXT];
    const int64_t none[] = { TIME_NONE, TIME_NONE + 1, INT64_MAX, INT64_C(-11644473600) * TIME_SECOND - 1 };

    for (size_t i = 0; i < COUNT_OF(none); i++) {
        time_text(none[i], text);
        assert_string_equal(text, "");
    }
    /* A zone must not carry a time out of the range that has a text. */
    int64_t us;
    if (time_parse(STR("1601-01-01T00:00:00+15:00"), &us) || time_parse(STR("9999-12-31T23:59:59-15:00"), &us))
        fail_msg("out of range: %lld", (long long)us);
    CHECK(!time_parse(STR("9999-12-31T23:59:60"), &us));
}

static void filetimes(void **state)
{
    (void)state;
    CHECK(time_filetime(0) == TIME_NONE && time_filetime(UINT64_MAX) == TIME_NONE);
    CHECK(time_filetime(UINT64_C(116444736000000000)) == 0);
    CHECK(time_filetime(UINT64_C(116444736000000010)) == 1 && time_filetime(UINT64_C(116444736000000019)) == 1);
    char text[TIME_TEXT];
    time_text(time_filetime(UINT64_C(2650467743999999999)), text);
    assert_string_equal(text, "9999-12-31T23:59:59.999999Z");
    CHECK(time_filetime(UINT64_C(2650467744000000000)) == TIME_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(parses), cmocka_unit_test(walks_the_calendar),
                                        cmocka_unit_test(refuses_what_has_no_text), cmocka_unit_test(filetimes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
