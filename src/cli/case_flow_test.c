/*
 * A first day, through the front door alone: records by hand, update, list, why, decisions, update. What is decided is true after the next update, and taken back by
 * the same way. On both engines.
 */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "pg_server.h"

static void ok(struct fake *f, const char *why)
{
    if (f->code != CLI_DONE)
        fail_msg("%s: %d %.*s", why, f->code, STR_ARG(f->complained));
    fixture_inert(why, f->said, str_has(str_c(why), STR("update\"")) ? 100 : 80, 24);
}
#define DO(f, x, ...) (FAKE_RUN(f, "case", __VA_ARGS__, "--store", (x)->where, "--who", "berta"), ok(f, #__VA_ARGS__))
#define SEE(f, x, ...) (FAKE_RUN(f, "case", __VA_ARGS__, "--store", (x)->where), ok(f, #__VA_ARGS__))

static void day(struct fake *f, struct fixture *x)
{
    static const char *const host[] = { "mail.bakery.example", "owa.bakery.example", "mail.union.example", "192.0.2.9" };
    char   revoke[80] = "";
    size_t at;

    DO(f, x, "campaign", "proxylogon");
    for (size_t i = 0; i < COUNT_OF(host); i++)
        DO(f, x, "add", host[i], "vulnerable", "--new", "--by", "partner", "--grade", "C", "--at", "2021-03-05");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("a domain joins two", f->said, ": 3 cases, worked out");
    fixture_says("they are a case", f->said, "bakery.example               -  candidate         2    -    -    2\n");
    SEE(f, x, "why", "mail.bakery.example", "mail.union.example");
    CHECK(!str_has(f->said, STR("one organisation, by")));

    /* By hand they are one. */
    DO(f, x, "decide", "same", "mail.bakery.example", "mail.union.example", "--reason", "one firm, two brands");
    SEE(f, x, "list");
    fixture_says("not before the update", f->said, ": 3 cases, worked out");
    fixture_says("and it says so", f->said, "; newer records wait");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("then they are", f->said, ": 2 cases, worked out");
    SEE(f, x, "why", "mail.bakery.example", "mail.union.example");
    fixture_says("by the hand's number", f->said, "hand:");
    SEE(f, x, "show", "mail.union.example");
    fixture_says("heirs", f->said, "3: 3 vulnerable");
    FAKE_RUN(f, "case", "decide", "apart", "mail.bakery.example", "mail.union.example", "--reason", "no", "--store", x->where, "--who", "b");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("decided the contrary")));

    /* And taken back. */
    SEE(f, x, "why", "mail.union.example");
    at = str_find(f->said, STR("decide revoke "));
    CHECK(at != STR_NONE);
    struct str link = str_from(f->said, at + strlen("decide revoke "));
    snprintf(revoke, sizeof revoke, "%.*s", (int)str_chr(link, ' '), (const char *)link.p);
    DO(f, x, "decide", "revoke", revoke, "--reason", "two firms after all");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("as if it had never been", f->said, ": 3 cases, worked out");

    /* One domain, two firms: a number of each keeps them apart. */
    DO(f, x, "decide", "apart", "mail.bakery.example", "owa.bakery.example", "--reason", "sold in 2020");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("apart", f->said, ": 4 cases, worked out");
    DO(f, x, "decide", "provider", "exchange_name", "bakery.example", "--reason", "a hoster");
    DO(f, x, "decide", "link", "mail.union.example", "register", "vat:US123456789", "--name", "Sample Credit Union", "--sector", "financial-services", "--country", "US", "--reason", "their letter");
    DO(f, x, "add", "192.0.2.9", "back-door", "--grade", "A", "--reason", "on site, report 17");
    DO(f, x, "force", "mail.union.example", "dismissed", "--reason", "a honeypot");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("the back door first", f->said, "all\n2021-000002 ");
    fixture_says("named by its register", f->said, "Sample Credit Union          US dismissed!");
    SEE(f, x, "show", "mail.union.example");
    fixture_says("forced", f->said, "forced     to dismissed on ");
    fixture_says("sector with its source", f->said, "financial-services (the team)");
    SEE(f, x, "review");
    fixture_says("what is forced is asked", f->said, "case release 2021-00000");
    SEE(f, x, "why", "exchange_name", "bakery.example");
    fixture_says("ruled", f->said, "ruled a provider's on ");
    SEE(f, x, "why", "org:1");
    SEE(f, x, "audit");
    fixture_says("who did what", f->said, "berta          force");
}

/* --update: what is recorded is on the board at once, as after `case update`; what cannot be learned refuses before anything is recorded. */
static void at_once(struct fake *f, struct fixture *x)
{
    static const char *const host[] = { "mail.bakery.example", "mail.union.example" };

    DO(f, x, "campaign", "proxylogon");
    for (size_t i = 0; i < COUNT_OF(host); i++)
        DO(f, x, "add", host[i], "vulnerable", "--new", "--by", "partner", "--grade", "C", "--at", "2021-03-05", "--update");
    fixture_says("what was recorded", f->said, "recorded: vulnerable, of 1 server, worth C");
    fixture_says("and what came of it", f->said, "2 servers\n");
    CHECK(!str_has(f->said, STR("makes it count")));
    SEE(f, x, "list");
    fixture_says("both, at once", f->said, ": 2 cases, worked out");
    DO(f, x, "decide", "same", host[0], host[1], "--reason", "one firm, two brands", "--update");
    SEE(f, x, "list");
    fixture_says("one", f->said, ": 1 case, worked out");
    CHECK_WHY(!str_has(f->said, STR("newer records wait")), "nothing waits");
    DO(f, x, "force", host[0], "dismissed", "--reason", "a honeypot", "--update");
    SEE(f, x, "show", host[0]);
    fixture_says("forced", f->said, "forced     to dismissed on ");
    FAKE_RUN(f, "case", "release", host[0], "--reason", "it was none", "--update", "--json", "--store", x->where, "--who", "berta");
    CHECK(f->code == CLI_DONE);
    fixture_says("as JSON", f->said, "\"update\": {");
    SEE(f, x, "show", host[0]);
    CHECK_WHY(!str_has(f->said, STR("forced ")), "released");

    FAKE_RUN(f, "case", "decide", "apart", host[0], host[1], "--reason", "no", "--where", "geo.mmdb", "--store", x->where, "--who", "b");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("go with --update")));
    FAKE_RUN(f, "case", "add", "new.example.org", "vulnerable", "--new", "--update", "--where", "/nonexistent/geo.mmdb", "--store", x->where, "--who", "b");
    CHECK(f->code != CLI_DONE && f->said.n == 0);
    FAKE_RUN(f, "case", "add", "new.example.org", "vulnerable", "--new", "--update", "--builds", "/nonexistent/b.csv", "--store", x->where, "--who", "b");
    CHECK(f->code != CLI_DONE && f->said.n == 0);
    SEE(f, x, "audit");
    CHECK_WHY(!str_has(f->said, STR("new.example.org")), "nothing was recorded");
    DO(f, x, "update");
    SEE(f, x, "list");
    fixture_says("and `case update` finds nothing more to do", f->said, ": 1 case, worked out");
}

typedef void flow(struct fake *f, struct fixture *x);

static void through(flow *of, const char *where)
{
    struct fake   *f = fake_open();
    struct fixture x;

    fixture_open(&x, where);
    fixture_done(&x);
    of(f, &x);
    fixture_clear(&x);
    fake_close(f);
}

static void on_sqlite(void **state)
{
    (void)state;
    through(day, NULL);
    through(at_once, NULL);
}

static void on_postgresql(void **state)
{
    static flow *const of[] = { day, at_once };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(of); i++) {
        struct pg_server p;
        if (!pg_server_or_say(&p))
            return;
        through(of[i], p.where);
        pg_server_stop(&p);
    }
}

static void refused(void **state)
{
    static const struct { const char *why, *word[8], *says; } c[] = {
        { "nothing", { "decide", "--reason", "x" }, "owner, provider, revoke" },
        { "no such decision", { "decide", "ownr", "mx", "a.example", "--reason", "x" }, "did you mean owner" },
        { "no reason", { "decide", "owner", "mx", "a.example" }, "a decision needs a reason" },
        { "no kind", { "decide", "owner", "cert_domains", "a.example", "--reason", "x" }, "did you mean cert_domain" },
        { "no value", { "decide", "owner", "mx", "nodot", "--reason", "x" }, "is no mx" },
        { "no question", { "decide", "owner", "question:5", "--reason", "x" }, "no such question" },
        { "no link", { "decide", "revoke", "5", "--reason", "x" }, "no link has the number 5" },
        { "no number", { "decide", "revoke", "five", "--reason", "x" }, "is no number of a link" },
        { "one alone", { "decide", "same", "mail.bakery.example", "--reason", "x" }, "same HOST OTHER" },
        { "no server", { "decide", "same", "mail.bakery.example", "no.example", "--reason", "x" }, "no server is" },
        { "itself", { "decide", "apart", "mail.bakery.example", "192.0.2.7", "--reason", "x" }, "the same server" },
        { "no country", { "decide", "provider", "cert_org", "A GmbH", "--country", "AUT", "--reason", "x" }, "--country takes two letters" },
        { "why nothing", { "why" }, "whose, or which two" },
        { "why nobody", { "why", "no.example" }, "no server is" },
        { "why no key", { "why", "mx", "no.example" }, "no server has mx" },
        { "why with a country", { "why", "mail.bakery.example", "--country", "AT" }, "goes with KIND VALUE" },
        { "review of what", { "review", "x" }, "no operand" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[14] = { "case" };
        size_t      n = 1;

        for (size_t k = 0; k < 8 && c[i].word[k]; k++)
            word[n++] = c[i].word[k];
        word[n++] = "--store";
        word[n++] = x.where;
        if (str_eq(str_c(c[i].word[0]), STR("decide"))) {
            word[n++] = "--who";
            word[n++] = "berta";
        }
        fake_run(f, word);
        if (f->code != CLI_USAGE || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    fixture_clear(&x);
    fake_close(f);
}

/* Questions with values that nobody may paste into a shell. */
static void questions(void **state)
{
    static const char want[] =
        "5 questions\n"
        "2021-000124 was forced by berta (a honeypot), and what was recorded since says\n"
        "  otherwise.\n"
        "  -> afterpatch case show 2021-000124\n"
        "  or afterpatch case release 2021-000124 --reason TEXT\n"
        "the domain msp.example touches 6 unrelated domains on 9 servers.\n"
        "  -> afterpatch case decide provider cert_domain msp.example --reason TEXT\n"
        "  or afterpatch case decide owner cert_domain msp.example --reason TEXT\n";
    struct fake       *f = fake_open();
    struct fixture     x;
    struct fixture_row r;

    (void)state;
    fixture_open(&x, NULL);
    fixture_small(&x);
    fixture_exec(&x, "UPDATE case_state SET forced = 1, contradicted = 1, who = 'berta', reason = 'a honeypot' WHERE case_id = 124;"
                     "INSERT INTO case_review (id, campaign, what, key_kind, key_value, one, other, asset, assets, why) VALUES"
                     " (71, 0, 2, 3, 'msp.example', '', '', 11, 9, 'the domain msp.example touches 6 unrelated domains on 9 servers.')");
    r = fixture_row(&x, "INSERT INTO case_review (id, campaign, what, key_kind, key_value, one, other, asset, assets, why) VALUES (72, 0, 0, 2, ?1, ?1, ?1, 16, 4, ?1), (73, 0, 1, 0, ?1, ?1, ?1, 16, 3, ?1)");
    put_text(&r, HOSTILE "; rm -rf $HOME; '");
    put_row(&r);
    store_finish(r.st);
    fixture_done(&x);
    SEE(f, &x, "review");
    if (!str_starts(f->said, str_c(want))) {
        fwrite(f->said.p, 1, f->said.n, stderr);
        fail_msg("other questions");
    }
    fixture_says("a value that nobody may paste", f->said, "-> afterpatch case decide provider question:72 --reason TEXT");
    fixture_says("a server without a plain name, by its number", f->said, "-> afterpatch case why 16\n");
    FAKE_RUN(f, "case", "review", "--all", "--json", "--store", x.where);
    CHECK(f->code == CLI_DONE);
    fixture_inert("review --json", f->said, 0, 0);
    fixture_says("json", f->said, "\"what\": \"contradicted\"");
    DO(f, &x, "decide", "provider", "question:71", "--reason", "their page says so");
    fixture_says("by its question", f->said, "cert_domain msp.example is a provider's");
    FAKE_RUN(f, "case", "review", "--campaign", "proxylogon", "--limit", "1", "--page", "9", "--store", x.where);
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("there are 5: no page 9")));
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(on_sqlite), cmocka_unit_test(on_postgresql), cmocka_unit_test(refused), cmocka_unit_test(questions) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
