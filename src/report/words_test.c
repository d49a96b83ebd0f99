#include "report/words.h"
#include "base/num.h"
#include "test.h"

static void numbers(void **state)
{
    static const struct { uint64_t n; const char *bytes, *count; } t[] = {
        { 0, "0 bytes", "0" }, { 1, "1 byte", "1" }, { 999, "999 bytes", "999" }, { 1000, "1.0 kB", "1,000" },
        { 999949, "999.9 kB", "999,949" }, { 999950, "1.0 MB", "999,950" }, { 31457280, "31.5 MB", "31,457,280" },
        { UINT64_MAX, "18.4 EB", "18,446,744,073,709,551,615" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char text[WORDS_TEXT];
        words_bytes(t[i].n, text);
        CHECK_STR(str_c(text), str_c(t[i].bytes));
        words_count(t[i].n, text);
        CHECK_STR(str_c(text), str_c(t[i].count));
    }
}

static void times(void **state)
{
    char    text[WORDS_TEXT];
    int64_t us = 0;

    (void)state;
    CHECK(time_civil(2021, 3, 3, 4, 11, 9, 123456, &us));
    words_time(us, text);
    CHECK_STR(str_c(text), STR("2021-03-03 04:11:09"));
    words_day(us, text);
    CHECK_STR(str_c(text), STR("3 Mar 2021"));
    words_short_day(us, text);
    CHECK_STR(str_c(text), STR("3 Mar"));
    words_time(TIME_NONE, text);
    CHECK_STR(str_c(text), STR(""));
    words_day(INT64_MAX, text);                        /* beyond the calendar: nothing rather than nonsense */
    CHECK_STR(str_c(text), STR(""));
}

/* Every state has a word, and a value beyond the enum does not read beyond the table. */
static void every_state(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        CHECK(word_verdict(i).title[0] && word_open(i).title[0] && word_exposure(i).title[0] && word_exploit(i).title[0]);
        CHECK(word_door(i).title[0] && word_use(i, i & 1).title[0] && word_theft(i).title[0] && word_covered(i).title[0]);
        CHECK(word_thing(i).title[0] && word_used(i).title[0] && word_reach(i).title[0] && word_severity(i).title[0]);
        CHECK(tone_name((enum tone)i)[0]);
    }
    CHECK(word_way_state(STR("rotated")).tone == TONE_PLAIN && word_way_state(STR("exposed")).tone == TONE_BAD);
    CHECK(word_way_state(STR("else")).title == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers), cmocka_unit_test(times), cmocka_unit_test(every_state) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
