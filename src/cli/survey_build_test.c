#include "cli/cli_fake.h"

#include "base/num.h"

#include <unistd.h>

static void one_build(void **state)
{
    static const struct { const char *why, *word[6], *says; int code; } c[] = {
        { "the fix", { "15.1.2176.9" }, "patched\nBuild 15.1.2176.9 contains Mar21SU (KB5000871)", CLI_DONE },
        { "three numbers", { "15.1.2176" }, "cannot_tell\n", CLI_DONE },
        { "before the fix", { "--at", "2021-03-01", "15.1.2176" }, "unpatched\n", CLI_DONE },
        { "a CVE for its group", { "--json", "--group", "cve-2021-26855", "15.02.0792.010" }, "{\"verdict\": \"patched\", \"group\": \"ProxyLogon\", \"build\": \"15.02.0792.010\", \"line\": \"15.2.792\"", CLI_DONE },
        { "all groups", { "--group", "all", "15.1.2176" }, "15.1.2176\t\tCVE-2026-42897\tunpatched\t", CLI_DONE },
        { "no Exchange", { "10.0.17763" }, "not_exchange\n", CLI_DONE },
        { "Exchange Online", { "15.20.1.1" }, "not_self_hosted\n", CLI_DONE },
        { "no build", { "CU19" }, "is no build", CLI_USAGE },
        { "no date", { "--at", "soon", "15.1.2176" }, "is no date", CLI_USAGE },
        { "no group", { "--group", "x", "15.1.2176" }, "no group", CLI_USAGE },
        { "no operand", { NULL }, "a build is missing", CLI_USAGE },
        { "two", { "15.1.2176", "15.1.2106" }, "one build at a time", CLI_USAGE },
        { "no table", { "--builds", "/nonexistent", "15.1" }, "/nonexistent", CLI_FAILED },
    };
    struct fake *f = fake_open();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[9] = { "survey", "build" };

        for (size_t k = 0; k < 6 && c[i].word[k]; k++)
            word[k + 2] = c[i].word[k];
        fake_run(f, word);
        if (f->code != c[i].code || !str_has(c[i].code == CLI_DONE ? f->said : f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s%.*s", c[i].why, f->code, STR_ARG(f->said), STR_ARG(f->complained));
    }
    fake_close(f);
}

/* Runs `survey build -` with this on standard input. */
static void lines(struct fake *f, const char *in, const char *json)
{
    int end[2], old = dup(STDIN_FILENO);

    CHECK(old >= 0 && pipe(end) == 0 && write(end[1], in, strlen(in)) == (ssize_t)strlen(in) && close(end[1]) == 0);
    CHECK(dup2(end[0], STDIN_FILENO) >= 0 && close(end[0]) == 0);
    FAKE_RUN(f, "survey", "build", "-", json);
    CHECK(dup2(old, STDIN_FILENO) >= 0 && close(old) == 0);
}

static void many(void **state)
{
    struct fake *f = fake_open();
    char         in[9000];

    (void)state;
    lines(f, "build,date,group\r\n15.1.2176,2021-03-01\r\n\n15.2.858.2,,CVE-2021-27065\n,2021-03-01,\n15.1.2242", NULL);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    CHECK(str_has(f->said, STR("15.1.2176\t2021-03-01\tProxyLogon\tunpatched\t")) && str_has(f->said, STR("\n15.2.858.2\t\tProxyLogon\tpatched\t")));
    CHECK_WHY(str_has(f->said, STR("\n\t2021-03-01\tProxyLogon\tcannot_tell\t")), "no build is an answer as well");
    CHECK_WHY(str_has(f->said, STR("\n15.1.2242\t\tProxyLogon\tpatched\t")), "the last line needs no end");
    lines(f, "15.1.2176.9\n", "--json");
    CHECK(str_starts(f->said, STR("{")) && str_ends(f->said, STR("}\n")));

    /* A bad line is told and left out; the code says that there was one. */
    memset(in, 'x', sizeof in);
    snprintf(in + 6000, sizeof in - 6000, "\nfoo\n15.1.2176.9,,nothing\n15.1.2176.9\n");
    lines(f, in, NULL);
    CHECK(f->code == CLI_FAILED && str_starts(f->said, STR("15.1.2176.9\t\tProxyLogon\tpatched\t")));
    CHECK(str_has(f->complained, STR("too long")) && str_has(f->complained, STR("line 2")) && str_has(f->complained, STR("line 3")) && str_has(f->complained, STR("3 of 4 lines")));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(one_build), cmocka_unit_test(many) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
