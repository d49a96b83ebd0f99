#include "cli/cli_fake.h"

#include "base/num.h"

static void words_and_exit_codes(void **state)
{
    static const struct {
        const char *word[6];
        int         code;
        const char *out, *err;      /* what must be in there; NULL: must be empty */
        const char *why;
    } cases[] = {
        { { "collect" }, 0, "call :exchange \"Logging\\HttpProxy\"", NULL, "a batch file by default" },
        { { "collect", "--form", "batch" }, 0, "@echo off\r\n", NULL, "named" },
        { { "collect", "--form", "kape" }, 0, "RecreateDirectories: true", NULL, "a target" },
        { { "collect", "--form", "velociraptor" }, 0, "type: CLIENT", NULL, "an artifact" },
        { { "collect", "--form", "acquire" }, 0, "acquire.exe", NULL, "arguments" },
        { { "collect", "--families", "evtx_tasks" }, 0, "TaskScheduler/Operational", NULL, "a family that the pack does not list" },
        { { "collect", "--families", "ews, none" }, 0, "PerfLogs", NULL, "blanks in the list; the staging places by name" },
        { { "collect", "--form", "kaep" }, 2, NULL, "hint: it takes one of: batch kape velociraptor acquire", "mistyped form" },
        { { "collect", "--families", "ews,eww" }, 2, NULL, "no family of evidence \"eww\"\n  hint: `afterpatch help families`", "mistyped family" },
        { { "collect", "here" }, 2, NULL, "collect takes no operand", "surplus" },
        { { "collect", "--pack", "/nonexistent" }, 1, NULL, "afterpatch: collect: ", "no such pack" },
        { { "collect", "--out", "/nonexistent/x/collect.cmd" }, 1, NULL, "collect.cmd", "no such folder" },
    };
    struct fake *f = fake_open();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        fake_run(f, cases[i].word);
        CHECK_WHY(f->code == cases[i].code, cases[i].why);
        CHECK_WHY(cases[i].out ? str_has(f->said, str_c(cases[i].out)) : f->said.n == 0, cases[i].why);
        CHECK_WHY(cases[i].err ? str_has(f->complained, str_c(cases[i].err)) : f->complained.n == 0, cases[i].why);
    }
    fake_close(f);
}

/* What the campaign expects is asked for, and no event log that it does not. */
static void the_pack_decides(void **state)
{
    struct fake *f = fake_open();

    (void)state;
    FAKE_RUN(f, "collect");
    CHECK(str_has(f->said, STR("campaign proxylogon")) && str_has(f->said, STR("call :site_pages")) && str_has(f->said, STR("PerfLogs")));
    CHECK(!str_has(f->said, STR("Sysmon")));
    fake_close(f);
}

static void a_file_is_written(void **state)
{
    char         path[] = "/tmp/afterpatch-collect-test-XXXXXX";
    struct fake *f = fake_open();

    (void)state;
    CHECK(mkdtemp(path));
    char file[80];
    snprintf(file, sizeof file, "%s/collect.cmd", path);
    FAKE_RUN(f, "collect");
    struct str said = f->said;
    struct test_arena a = test_arena(1 << 20);
    said = str_dup(&a.a, said);
    FAKE_RUN(f, "collect", "--out", file);
    CHECK(f->code == 0 && f->said.n == 0 && f->complained.n == 0);
    struct err e = { 0 };
    struct str got;
    CHECK(os_slurp(&f->os, str_c(path), STR("collect.cmd"), 1 << 20, &a.a, &got, &e));
    CHECK(str_eq(got, said));
    remove(file);
    remove(path);
    test_arena_free(&a);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_exit_codes), cmocka_unit_test(the_pack_decides), cmocka_unit_test(a_file_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
