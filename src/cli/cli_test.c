#include "cli/cli_fake.h"

#include "base/num.h"

static void exit_codes_and_streams(void **state)
{
    static const struct {
        const char *word[4];
        int         code;
        const char *out, *err;      /* what must be in there; NULL: must be empty */
        const char *why;
    } cases[] = {
        { { NULL }, 2, NULL, "usage: afterpatch", "nothing said: help, but not as a result" },
        { { "help" }, 0, "usage: afterpatch", NULL, "help asked for" },
        { { "--help" }, 0, "usage: afterpatch", NULL, "by habit" },
        { { "-h" }, 0, "usage: afterpatch", NULL, "by habit" },
        { { "hunt", "--help" }, 0, "usage: afterpatch hunt", NULL, "of one verb" },
        { { "--version" }, 0, "afterpatch " AP_VERSION "\n", NULL, "by habit" },
        { { "version" }, 0, "afterpatch " AP_VERSION "\n", NULL, "the verb" },
        { { "version", "x" }, 2, NULL, "afterpatch: version: version takes no operand\n", "surplus" },
        { { "hnut" }, 2, NULL, "afterpatch: unknown verb \"hnut\"\n  hint: did you mean `afterpatch hunt`?\n", "mistyped" },
        { { "--frobnicate" }, 2, NULL, "afterpatch: unknown option --frobnicate\n", "no verb at all" },
        { { "hunt", "--oot", "x" }, 2, NULL, "afterpatch: hunt: unknown option --oot\n  hint: did you mean --out?\n", "mistyped option" },
        { { "hunt", "--zzzzzz" }, 2, NULL, "  hint: see `afterpatch help hunt`\n", "no better hint" },
        { { "hunt" }, 2, NULL, "afterpatch: hunt: no evidence given\n  hint: ", "no operand" },
        { { "help", "nonsense" }, 2, NULL, "no verb or topic \"nonsense\"", "unknown topic" },
        { { "help", "hunt", "pack" }, 2, NULL, "one verb or topic", "two at once" },
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

static void errors_are_printed_once_and_inert(void **state)
{
    struct fake *f = fake_open();
    struct err   e = { 0 };

    (void)state;
    err_set(&e, ERR_FORMAT, "chunk 17: checksum 1, computed 2");
    err_where(&e, "/Logs/x\033]0;owned\007.log@0x111000");
    err_where(&e, "web01.zip!");
    err_hint(&e, "Compare with the disk image.");
    FAKE_RUN(f, "version");
    size_t before = f->err_text.n;
    CHECK(cli_fail(&f->cli, "hunt", &e) == CLI_FAILED);
    out_done(&f->err, &e);
    struct str all = out_mem_str(&f->err_text), got = str_from(all, before);
    CHECK(str_starts(got, STR("afterpatch: hunt: chunk 17: checksum 1, computed 2\n  where: web01.zip!/Logs/x")));
    CHECK(str_ends(got, STR(".log@0x111000\n  hint: Compare with the disk image.\n")));
    CHECK(str_chr(got, 033) == STR_NONE && str_chr(got, 007) == STR_NONE);

    /* A mistyped verb is foreign text as well. */
    FAKE_RUN(f, "hu\033[31mnt");
    CHECK(f->code == CLI_USAGE && str_chr(f->complained, 033) == STR_NONE);
    fake_close(f);
}

static bool broken_put(void *ctx, struct str s, struct err *e)
{
    (void)ctx;
    (void)s;
    return err_set(e, ERR_IO, "no space left on device");
}

static void lost_output_is_a_failure(void **state)
{
    struct fake *f = fake_open();
    char        *argv[] = { (char *)(uintptr_t)"afterpatch", (char *)(uintptr_t)"help" };

    (void)state;
    FAKE_RUN(f, "version");
    out_open(&f->out, broken_put, NULL);
    CHECK(cli_main(&f->cli, 2, argv) == CLI_FAILED);
    CHECK(str_has(out_mem_str(&f->err_text), STR("no space left on device")));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_codes_and_streams), cmocka_unit_test(errors_are_printed_once_and_inert),
        cmocka_unit_test(lost_output_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
