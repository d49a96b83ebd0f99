#include "test.h"
#include "base/num.h"
#include "formats/oab.h"

static const struct { const char *why, *row, *path, *message, *time; bool damaged; } table[] = {
    { "the published sentence",
      "2021-03-01T04:11:09.120Z,EXCH01,OABGen,Download failed and temporary file 'C:\\inetpub\\wwwroot\\aspnet_client\\EXAMPLE.aspx' needs to be removed",
      "C:\\inetpub\\wwwroot\\aspnet_client\\EXAMPLE.aspx",
      "Download failed and temporary file 'C:\\inetpub\\wwwroot\\aspnet_client\\EXAMPLE.aspx' needs to be removed",
      "2021-03-01T04:11:09.120Z", false },
    { "other case, no quotes, bytes behind",
      "2021-03-01T04:11:09Z,a,\"download FAILED and temporary file C:\\needs\\a b.aspx needs to be removed.\",x",
      "C:\\needs\\a b.aspx", "download FAILED and temporary file C:\\needs\\a b.aspx needs to be removed", "2021-03-01T04:11:09Z", false },
    { "cut inside the path", "2021-03-01T04:11:09Z,Download failed and temporary file '\\\\h\\s\\a.as", "\\\\h\\s\\a.as",
      "Download failed and temporary file '\\\\h\\s\\a.as", "2021-03-01T04:11:09Z", true },
    { "cut behind the path", "2021-03-01T04:11:09Z,Download failed and temporary file 'C:\\a' needs to", "C:\\a",
      "Download failed and temporary file 'C:\\a' needs to", "2021-03-01T04:11:09Z", true },
    { "time in a later cell", "EXCH01,\"2021-03-01 04:11:09\",hello", NULL, "hello", "2021-03-01T04:11:09Z", false },
    { "time parted by a blank", "2021-03-01 04:11:09 hello, world", NULL, "hello, world", "2021-03-01T04:11:09Z", false },
    { "no time", "hello", NULL, "hello", "", false },
    { "nothing but a time", "2021-03-01T04:11:09Z", NULL, "", "2021-03-01T04:11:09Z", false },
};

static void reads_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena t = test_arena(4096);
        struct log_state  s = { .kind = &log_oab };
        struct str        row = test_heap(table[i].row, strlen(table[i].row));
        struct record     r;
        struct err        e = { 0 };
        char              time[TIME_TEXT];
        int64_t           us = TIME_NONE;
        size_t            at = 0;

        CHECK_WHY(!log_oab.header(&s, row), table[i].why);
        CHECK_WHY(log_oab.parse(&s, &t.a, row, &r, &e), table[i].why);
        CHECK_WHY(r.damaged == table[i].damaged && r.n == 1 && str_eq(r.value[0], row), table[i].why);
        if (table[i].path) {
            CHECK_STR(r.extra_name[at], STR("Path"));
            CHECK_STR(r.extra_value[at++], str_c(table[i].path));
        }
        CHECK_WHY(r.extra_n == at + 1, table[i].why);
        CHECK_STR(r.extra_name[at], STR("Message"));
        CHECK_STR(r.extra_value[at], str_c(table[i].message));
        time_text(r.time_us, time);
        CHECK_STR(str_c(time), str_c(table[i].time));
        CHECK_WHY((log_oab.time(&s, row, &us) ? us : TIME_NONE) == r.time_us, table[i].why);
        test_free(row);
        test_arena_free(&t);
    }
}

static void knows_headers(void **state)
{
    (void)state;
    struct log_state s = { .kind = &log_oab };

    CHECK(log_oab.header(&s, STR("#Software: x")) && log_oab.header(&s, STR("DateTime,Server")) && s.headers == 2);
    CHECK(!log_oab.header(&s, STR("")) && !log_oab.header(&s, STR("2021-03-01,x")));
}

static bool work(struct arena *a, struct err *e)
{
    struct log_state s = { .kind = &log_oab };
    struct record    r;

    return log_oab.parse(&s, a, STR("x"), &r, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 4096);
    struct test_arena t = test_arena(4096);
    struct log_state  s = { .kind = &log_oab };
    struct record     r;
    struct err        e = { 0 };
    CHECK(!log_oab.parse(&s, &t.a, STR(" "), &r, &e) && e.kind == ERR_FORMAT);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_table), cmocka_unit_test(knows_headers), cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
