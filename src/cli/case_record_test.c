/* What people record: it is in the ledger and in the audit with their name, or refused in words. */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "cli/setup.h"
#include "os/os.h"

static int64_t number(struct fixture *x, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = -1;

    if (!x->s && !store_open(&x->s, str_c(x->where), STORE_READ, &e))
        fail_msg("%s", e.what);
    if (!store_one_int(x->s, sql, &n, &e))
        fail_msg("%s: %s", sql, e.what);
    store_close(x->s);
    x->s = NULL;
    return n;
}

static void campaigns(void **state)
{
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_done(&x);
    FAKE_RUN(f, "case", "campaign", "--store", x.where);
    CHECK_WHY(f->code == CLI_FAILED && str_has(f->complained, STR("no casework")), "none yet");
    FAKE_RUN(f, "case", "campaign", "proxylogon", "--store", x.where, "--who", "berta");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("recorded: campaign proxylogon: ProxyLogon")));
    FAKE_RUN(f, "case", "campaign", "proxylogon", "--store", x.where);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("proxylogon       2021-01-03 2021-03-02 2021-03-02 2021-03-10      0\n")));
    FAKE_RUN(f, "case", "campaign", "other", "--begun", "2024-02-01", "--title", HOSTILE, "--store", x.where, "--who", HOSTILE);
    CHECK(f->code == CLI_DONE);
    fixture_inert("added", f->said, 0, 0);
    FAKE_RUN(f, "case", "campaign", "--store", x.where);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("other            2024-02-01 -          -          -")));
    fixture_inert("campaigns", f->said, 80, 24);
    FAKE_RUN(f, "case", "campaign", "--store", x.where, "--json");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"begun\": \"2024-02-01T00:00:00Z\"")));
    fixture_inert("campaigns --json", f->said, 0, 0);
    FAKE_RUN(f, "case", "campaign", "other", "--patch", "2024-02-13", "--store", x.where, "--who", "b");
    FAKE_RUN(f, "case", "campaign", "other", "--store", x.where);
    CHECK_WHY(str_has(f->said, STR("2024-02-01 -          2024-02-13")), "what was set stays");
    FAKE_RUN(f, "case", "list", "--store", x.where);
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("--campaign NAME: other, proxylogon")));
    CHECK(number(&x, "SELECT count(*) FROM case_audit WHERE what = 'campaign'") == 3);
    fixture_clear(&x);
    fake_close(f);
}

static void nonces(void **state)
{
    struct fake   *f = fake_open();
    struct fixture x;
    struct setup   hunt;
    struct args    args;
    struct err     e = { 0 };
    char           value[64], option[80];
    char *const    argv[] = { option, (char *)(uintptr_t)"/evidence" };

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    FAKE_RUN(f, "case", "nonce", "mail.bakery.example", "--store", x.where, "--who", "berta");
    CHECK(f->code == CLI_DONE && str_starts(f->said, STR("2021-000123:")));
    size_t end = str_chr(f->said, '\n');
    CHECK(end == strlen("2021-000123:") + NONCE_TEXT - 1);
    snprintf(value, sizeof value, "%.*s", (int)end, (const char *)f->said.p);
    snprintf(option, sizeof option, "--case=%s", value);
    CHECK_WHY(args_parse(hunt_opts, 2, argv, &f->keep.a, &args, &e) && setup_make(&args, 1, &f->keep.a, &hunt, &e), "a hunt takes it");
    CHECK(str_eq(hunt.case_id, STR("2021-000123")) && hunt.case_nonce.n == NONCE_TEXT - 1);
    bool ok = false;
    CHECK(store_open(&x.s, str_c(x.where), STORE_READ, &e) && ledger_nonce_check(x.s, 123, hunt.case_nonce, f->os.now_us(&f->os), &ok, &e) && ok);
    CHECK(ledger_nonce_check(x.s, 124, hunt.case_nonce, f->os.now_us(&f->os), &ok, &e) && !ok);
    store_close(x.s);
    x.s = NULL;
    FAKE_RUN(f, "case", "nonce", "123", "--store", x.where, "--who", "berta", "--until", "2021-01-01");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("that day is over")));
    FAKE_RUN(f, "case", "nonce", "123", "--store", x.where, "--who", "berta", "--json", "--until", "2100-01-01");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"until\": \"2100-01-01T00:00:00Z\"")));
    FAKE_RUN(f, "case", "nonce", "123", "--store", x.where, "--who", "berta", "--revoke");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("--reason TEXT")));
    FAKE_RUN(f, "case", "nonce", "123", "--store", x.where, "--who", "berta", "--revoke", "--reason", "wrong address");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("2 nonces taken back (2021-000123)")));
    CHECK(number(&x, "SELECT count(*) FROM case_nonce WHERE revoked_us IS NULL") == 0);
    FAKE_RUN(f, "case", "audit", "123", "--store", x.where);
    CHECK(str_has(f->said, STR("nonces revoked       2021-000123\n  wrong address\n")));
    fixture_clear(&x);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[8], *says; } c[] = {
        { "a campaign's name", { "campaign", "Proxy Logon", "--begun", "2021-01-01" }, "cannot be the name of a campaign" },
        { "no date", { "campaign", "unheard-of" }, "--begun DATE" },
        { "a wrong date", { "campaign", "x", "--begun", "soon" }, "write 2021-03-14" },
        { "no name", { "campaign", "--begun", "2021-01-01" }, "a campaign is missing" },
        { "no case", { "nonce" }, "a case is missing" },
        { "no such case", { "nonce", "2021-000999" }, "no case and no server" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[16] = { "case" };
        size_t      n = 1;

        for (size_t k = 0; k < 8 && c[i].word[k]; k++)
            word[n++] = c[i].word[k];
        word[n++] = "--store";
        word[n++] = x.where;
        word[n++] = "--who";
        word[n++] = "berta";
        fake_run(f, word);
        if (f->code != CLI_USAGE || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
        CHECK_WHY(number(&x, "SELECT count(*) FROM case_audit") == 2, c[i].why);
    }
    unsetenv("USER");
    unsetenv("LOGNAME");
    FAKE_RUN(f, "case", "nonce", "123", "--store", x.where);
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("--who NAME")));
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(campaigns), cmocka_unit_test(nonces), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
