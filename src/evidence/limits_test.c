#include "test.h"

#include "base/num.h"
#include "evidence/limits.h"

static void test_parse(void **state)
{
    static const struct { const char *text, *why; bool ok; uint64_t members, spool; } c[] = {
        { "",                                  "nothing said, nothing changed",    true,  500000,           UINT64_C(16) << 30 },
        { "members=12",                        "one",                              true,  12,               UINT64_C(16) << 30 },
        { " members = 2K , spool=1g,",         "blanks, units, a last comma",      true,  2048,             UINT64_C(1) << 30  },
        { "members=1,members=3",               "the last one counts",              true,  3,                UINT64_C(16) << 30 },
        { "spool=16777215T",                   "the largest that fits",            true,  500000,           UINT64_C(16777215) << 40 },
        { "members=0",                         "a limit of nothing reads nothing", false, 0, 0 },
        { "members=",                          "no number",                        false, 0, 0 },
        { "members=K",                         "a unit alone",                     false, 0, 0 },
        { "members=-1",                        "a sign",                           false, 0, 0 },
        { "members",                           "no value",                         false, 0, 0 },
        { "=5",                                "no name",                          false, 0, 0 },
        { "member=5",                          "a name that is not there",         false, 0, 0 },
        { "spool=16777216T",                   "beyond 64 bits",                   false, 0, 0 },
        { "depth=6,members=x",                 "all or nothing",                   false, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct ev_limits l = ev_limits_default(), was = l;
        struct err       e = { 0 };
        struct str       in = test_heap(c[i].text, strlen(c[i].text));
        bool             ok = ev_limits_parse(in, &l, &e);
        test_free(in);
        CHECK_WHY(ok == c[i].ok, c[i].why);
        if (ok)
            CHECK_WHY(l.members == c[i].members && l.spool == c[i].spool, c[i].why);
        else
            CHECK_WHY(memcmp(&l, &was, sizeof l) == 0 && e.kind == ERR_USAGE && e.what[0] && strstr(e.hint, "spool_memory"), c[i].why);
    }
}

/* Every limit has a name, a line of help and a default that is not nothing. */
static void test_table(void **state)
{
    struct ev_limits l = ev_limits_default();
    size_t           n = 0;

    (void)state;
    for (; ev_limit_table[n].name; n++) {
        uint64_t v;
        memcpy(&v, (const uint8_t *)&l + ev_limit_table[n].offset, sizeof v);
        CHECK(v > 0 && ev_limit_table[n].about[0] && ev_limit_table[n].offset == n * sizeof(uint64_t));
    }
    CHECK(n * sizeof(uint64_t) == sizeof l);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_parse), cmocka_unit_test(test_table) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
