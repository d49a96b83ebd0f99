#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "cli/setup.h"

static bool make(struct arena *a, const char *const *word, struct setup *ret, struct err *e)
{
    struct args       args;
    char             *argv[16];
    int               argc = 0;

    for (; word[argc] && argc < 15; argc++)
        argv[argc] = (char *)(uintptr_t)word[argc];
    return args_parse(hunt_opts, argc, argv, a, &args, e) && setup_make(&args, 4, a, ret, e);
}

static void table_is_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < HUNT_OPTS; i++)
        CHECK(hunt_opts[i].name && hunt_opts[i].about);
    CHECK(hunt_opts[HUNT_OPTS].name == NULL && (int)HUNT_OPTS <= (int)ARGS_OPTIONS_MAX);
}

static void defaults(void **state)
{
    struct test_arena t = test_arena(4096);
    const char  *none[] = { NULL };
    struct setup s;
    struct err   e = { 0 };

    (void)state;
    CHECK(make(&t.a, none, &s, &e));
    CHECK(s.out.n == 0 && s.pack_dir.n == 0 && s.organisation.n == 0 && s.case_id.n == 0 && s.case_nonce.n == 0);
    CHECK(s.jobs == 4 && !s.quiet && !s.json && s.since_us == TIME_NONE && s.until_us == TIME_NONE);
    CHECK_STR(s.tlp, STR("TLP:AMBER"));
    test_arena_free(&t);
}

static void taken(void **state)
{
    struct test_arena t = test_arena(4096);
    const char *word[] = { "--out=r", "--organisation", "B\xc3\xa4" "ckerei", "--case=C-7:a1b2", "--jobs=2", "--since=2021-03-01",
                           "--until=2021-03-10", "--tlp=RED", "--pack=p", "--json=-", "--quiet", NULL };
    struct setup s;
    struct err   e = { 0 };
    int64_t      us;

    (void)state;
    CHECK(make(&t.a, word, &s, &e));
    CHECK_STR(s.out, STR("r"));
    CHECK_STR(s.organisation, STR("B\xc3\xa4" "ckerei"));
    CHECK_STR(s.case_id, STR("C-7"));
    CHECK_STR(s.case_nonce, STR("a1b2"));
    CHECK_STR(s.tlp, STR("TLP:RED"));
    CHECK_STR(s.pack_dir, STR("p"));
    CHECK(s.jobs == 2 && s.json && s.quiet);
    CHECK(time_parse(STR("2021-03-01T00:00:00Z"), &us) && s.since_us == us);
    CHECK(time_parse(STR("2021-03-11T00:00:00Z"), &us) && s.until_us == us - 1);     /* the day itself belongs to it */

    const char *instant[] = { "--until=2021-03-10T12:00:00Z", "--since=2021-03-10T12:00:00+00:00", "--tlp=CLEAR", NULL };
    CHECK(make(&t.a, instant, &s, &e));
    CHECK(time_parse(STR("2021-03-10T12:00:00Z"), &us) && s.until_us == us && s.since_us == us);
    CHECK_STR(s.tlp, STR("TLP:CLEAR"));
    test_arena_free(&t);
}

static void refused(void **state)
{
    static const struct {
        const char *word[3];
        const char *why;
    } cases[] = {
        { { "--jobs=0" }, "no thread" },
        { { "--jobs=257" }, "more threads than memory was planned for" },
        { { "--jobs=two" }, "not a number" },
        { { "--jobs=-1" }, "a sign" },
        { { "--jobs=99999999999" }, "beyond 32 bits" },
        { { "--since=yesterday" }, "no clock is asked" },
        { { "--since=2021-02-30" }, "no such day" },
        { { "--until=2021-03-10 noon" }, "something behind the date" },
        { { "--since=2021-03-02", "--until=2021-03-01" }, "the wrong way round" },
        { { "--case=:x" }, "nonce without id" },
        { { "--case=x:" }, "colon without nonce" },
        { { "--case=a b" }, "a blank" },
        { { "--case=a\033[2J" }, "a control byte would reach the report" },
        { { "--case=0123456789012345678901234567890123456789012345678901234567890123x" }, "one byte too long" },
        { { "--organisation=a\nb" }, "a line break" },
        { { "--organisation=\xff" }, "not UTF-8" },
        { { "--tlp=PURPLE" }, "no such mark" },
        { { "--tlp=amber" }, "marks are written in capitals, in TLP as well" },
        { { "--json=report.json" }, "only stdout: --out writes files" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(4096);
        struct setup s;
        struct err   e = { 0 };

        CHECK_WHY(!make(&t.a, cases[i].word, &s, &e) && e.kind == ERR_USAGE && e.what[0], cases[i].why);
        test_arena_free(&t);
    }
}

/* Never a sum that wrapped: a limit of everything is a limit of everything. */
static void test_memory(void **state)
{
    struct ev_limits l = ev_limits_default();
    uint64_t         two = setup_memory_bytes(2, &l), many = setup_memory_bytes(SETUP_JOBS_MAX, &l);

    (void)state;
    CHECK(two > UINT64_C(1) << 30 && two < UINT64_C(4) << 30 && many > two);
    l.dictionary = UINT64_MAX;
    CHECK(setup_memory_bytes(2, &l) == UINT64_MAX);
}

static bool sweep_work(struct arena *a, struct err *e)
{
    const char  *word[] = { "--tlp=RED", NULL };
    struct setup s;

    return make(a, word, &s, e);
}

static void sweep(void **state)
{
    (void)state;
    fault_sweep(sweep_work, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory), cmocka_unit_test(table_is_whole), cmocka_unit_test(defaults), cmocka_unit_test(taken), cmocka_unit_test(refused), cmocka_unit_test(sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
