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

/* Each thing that can be added, and the facts that come of it. */
static void added(void **state)
{
    static const struct { const char *why, *word[8], *says, *sql; int64_t n; } c[] = {
        { "of each server of a case", { "add", "123", "patched" }, "patched, of 2 servers, worth D (2021-000123)", "SELECT count(*) FROM case_fact WHERE kind = 0 AND value = 4 AND grade = 1 AND of_case = 0", 2 },
        { "tied to the record that there is", { "add", "mail.bakery.example", "removed" }, "of 1 server, worth D", "SELECT subject FROM case_fact WHERE kind = 1", 101 },
        { "a server that only the survey knows", { "add", "mail.union.example", "vulnerable", "--grade", "C" }, "worth C", "SELECT count(*) FROM case_fact f JOIN case_subject_name n ON n.subject = f.subject WHERE f.grade = 2 AND n.name = 'mail.union.example'", 1 },
        { "on site", { "add", "124", "back-door", "--grade", "A", "--reason", "on site, report 17" }, "worth A", "SELECT count(*) FROM case_fact WHERE kind = 3 AND grade = 4 AND who = 'berta'", 1 },
        { "a hunt by hand, complete with grade B", { "add", "124", "hunted-negative", "--grade", "B", "--reason", "tool output" }, "worth B", "SELECT flags FROM case_fact WHERE kind = 2", FACT_COMPLETE },
        { "a letter", { "add", "125", "letter", "--at", "2021-03-11" }, "recorded: letter (2021-000125)", "SELECT count(*) FROM case_fact WHERE case_id = 125 AND kind = 5 AND value = 6 AND observed_us = 1615420800000000", 1 },
        { "that came back", { "add", "125", "returned" }, "recorded: returned", "SELECT count(DISTINCT subject) FROM case_fact WHERE case_id = 125 AND kind = 5 AND file = 0 AND value IN (6, 10) AND subject <> 9002", 1 },
        { "a call is an answer", { "add", "126", "call", "--level", "2" }, "recorded: call", "SELECT value FROM case_fact WHERE case_id = 126 AND kind = 11", 2 },
        { "answered", { "add", "124", "answered" }, "recorded: answered", "SELECT value FROM case_fact WHERE case_id = 124 AND kind = 11", 1 },
        { "not mine", { "add", "owa.somewhere.example", "not-mine", "--reason", HOSTILE }, "recorded: not-mine", "SELECT count(*) FROM case_fact WHERE kind = 4", 1 },
        { "who says so", { "add", "124", "vulnerable", "--by", "partner team" }, "worth D", "SELECT count(*) FROM case_fact f JOIN case_source q ON q.id = f.source WHERE q.name = 'partner team'", 1 },
        { "a new server", { "add", "owa.new.example", "vulnerable", "--new" }, "of 1 server", "SELECT count(*) FROM case_fact f JOIN case_subject_name n ON n.subject = f.subject WHERE n.name = 'owa.new.example'", 1 },
        { "a new address", { "add", "203.0.113.99", "vulnerable", "--new" }, "of 1 server", "SELECT count(*) FROM case_subject WHERE ip IS NOT NULL AND node = ''", 4 },
        { "force", { "force", "124", "dismissed", "--reason", "a honeypot" }, "forced to dismissed", "SELECT value FROM case_fact WHERE kind = 13", CASE_DISMISSED },
        { "release", { "release", "124", "--reason", "it was none" }, "the facts decide", "SELECT count(*) FROM case_fact WHERE kind = 14", 1 },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_exec(&x, "INSERT INTO case_subject (id, ip, port, tls, node, domain) VALUES (101, NULL, 0, NULL, 'ex01', '')");
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
        if (f->code != CLI_DONE || !str_has(f->said, str_c(c[i].says)))
            fail_msg("%s: %d %.*s%.*s", c[i].why, f->code, STR_ARG(f->said), STR_ARG(f->complained));
        int64_t got = number(&x, c[i].sql);
        if (got != c[i].n)
            fail_msg("%s: %lld, not %lld", c[i].why, (long long)got, (long long)c[i].n);
        CHECK_WHY(number(&x, "SELECT count(*) FROM case_audit") == (int64_t)(3 + i), "each leaves a line of audit");
        fixture_inert(c[i].why, f->said, 0, 0);
    }
    fixture_clear(&x);
    fake_close(f);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[8], *says; } c[] = {
        { "nothing to add", { "add", "123" }, "what is added" },
        { "no such thing", { "add", "123", "patchd" }, "did you mean patched" },
        { "more than a hand may claim", { "add", "123", "patched", "--grade", "A", "--reason", "x" }, "is worth B at most" },
        { "a grade without one", { "add", "123", "letter", "--grade", "B", "--reason", "x" }, "letter has no grade" },
        { "tool output without a reason", { "add", "123", "removed", "--grade", "B" }, "needs a reason" },
        { "not mine without one", { "add", "123", "not-mine" }, "not-mine needs a reason" },
        { "not yet", { "add", "123", "patched", "--at", "2999-01-01" }, "in the future" },
        { "no level", { "add", "123", "answered", "--level", "4" }, "0 to 3" },
        { "a level of nothing", { "add", "123", "patched", "--level", "1" }, "goes with call" },
        { "no letter", { "add", "124", "returned" }, "case add 2021-000124 letter" },
        { "unknown server", { "add", "mail.new.example", "patched" }, "no case and no server" },
        { "new, and known", { "add", "mail.union.example", "patched", "--new" }, "known already" },
        { "no host", { "add", "nothing", "patched", "--new" }, "no host name and no address" },
        { "new, of a case", { "add", "mail.new.example", "letter", "--new" }, "goes with what is said of a server" },
        { "no stage", { "force", "123", "cleen", "--reason", "x" }, "did you mean clean" },
        { "no reason", { "force", "123", "clean" }, "a forced stage needs a reason" },
        { "none is a stage of nobody", { "force", "123", "none", "--reason", "x" }, "no stage" },
        { "no reason to release", { "release", "123", "--reason", " " }, "a release needs a reason" },
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(campaigns), cmocka_unit_test(nonces), cmocka_unit_test(added), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
