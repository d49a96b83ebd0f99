/* Groups on the screen; and cards in which hostile data tries to name a victim. */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "pg_server.h"
#include "survey/record.h"

static struct world { struct pg_server pg; bool has_pg; } w;

/* An empty store of this engine. */
static void empty(struct fixture *x, int engine)
{
    struct store *s;
    struct err    e = { 0 };

    if (engine) {
        CHECK(store_open(&s, str_c(w.pg.where), STORE_WRITE, &e) && store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
        store_close(s);
    }
    fixture_open(x, engine ? w.pg.where : NULL);
}

static void insert(struct fixture *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void insert(struct fixture *f, const char *fmt, ...)
{
    char    text[4096];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fixture_exec(f, text);
}

static void mark(struct fixture *f, int64_t group, int at, enum intruder_feature kind, const char *value, int sessions, int servers)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?5)");

    put_int(&r, group);
    put_int(&r, at);
    put_int(&r, kind);
    put_text(&r, value);
    put_int(&r, sessions);
    put_int(&r, servers);
    put_row(&r);
    store_finish(r.st);
}

static void feature(struct fixture *f, int64_t file, int64_t subject, int session, enum intruder_feature kind, const char *value)
{
    static int64_t     id = 1000;      /* of the test only */
    struct fixture_row r = fixture_row(f, "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)");

    put_int(&r, id++);
    put_int(&r, file);
    put_int(&r, PROXYLOGON);
    put_int(&r, subject);
    put_int(&r, session);
    put_int(&r, kind);
    put_text(&r, value);
    put_row(&r);
    store_finish(r.st);
}

#define PAGE_HASH "3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"

/* Twelve organisations with a server each, of which one more has three; all entered by group 12. What its marks hold is the intruder's to choose, or a forger's. */
static const struct { enum intruder_feature kind; const char *value; int organisations; bool goes_out; const char *why; } traces[] = {
    { INTRUDER_PAGE, PAGE_HASH, 12, true, "a page" },
    { INTRUDER_KEY, "orange-of-their-own", 12, true, "a key" },
    { INTRUDER_CLIENT, "198.51.100.66", 12, true, "an address that is nobody's" },
    { INTRUDER_AGENT, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", 12, true, "a browser" },
    { INTRUDER_PATH, "{exchange}\\frontend\\httpproxy\\owa\\auth\\a{6}.aspx", 12, true, "a folder that everybody has" },
    { INTRUDER_FLOW, "evaluator: taken from the request; runs text as code: eval", 12, true, "a shape" },
    { INTRUDER_TOOL, "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae", 4, true, "a tool at four organisations: told, not counted" },
    { INTRUDER_CLIENT, "192.0.2.7", 12, false, "the bakery's own address" },
    { INTRUDER_CLIENT, "203.0.113.99", 12, false, "in a network of a list" },
    { INTRUDER_CLIENT, "jump.granary.example", 12, false, "a host name in place of an address" },
    { INTRUDER_PAGE, "granary", 12, false, "a name in place of a hash" },
    { INTRUDER_TOOL, "GRANARY\r\nX-Victim: granary", 12, false, "a name and more lines in place of a hash" },
    { INTRUDER_KEY, "granary2021", 12, false, "a key with a victim's name" },
    { INTRUDER_KEY, "%67ranary", 12, false, "the same, percent-coded" },
    { INTRUDER_PATH, "c:\\inetpub\\Granary Mills\\a{4}.aspx", 12, false, "a folder with a victim's name" },
    { INTRUDER_PATH, "c:\\inetpub\\gra-na-ry\\a{4}.aspx", 12, false, "with hyphens in it" },
    { INTRUDER_AGENT, "checker for owa.granary.example", 12, false, "an agent with a victim's host" },
    { INTRUDER_AGENT, "from 192.0.2.7", 12, false, "an agent with a victim's address" },
    { INTRUDER_FLOW, "evaluator: taken from granary mills", 12, false, "a forged shape" },
    { INTRUDER_KEY, "two-only", 2, false, "two organisations" },
    { INTRUDER_KEY, "one-house", -1, false, "three servers of one house" },
    { INTRUDER_BURST, "448567/0", 12, false, "an hour" },
};

static void entered(struct fixture *f)
{
    fixture_campaign(f, PROXYLOGON, "proxylogon", "ProxyLogon");
    for (int i = 1; i <= 14; i++) {
        int                         org = i > 12 ? 12 : i;      /* 12, 13 and 14 are one house */
        char                        name[64], host[64];
        const struct fixture_org    o = { org, name, "retail", "", "AT", "AT", 0, 0 };
        const struct fixture_case   c = { 100 + org, PROXYLOGON, org, CASE_BACKDOORED, 0, NEED_REMOVAL, 1, 0, 1, 1, 1, 1, 0, 900 - i, "remove it", NULL };
        const struct fixture_server v = { PROXYLOGON, 1000 + i, org, 100 + org, host, { 192, 0, 2, (uint8_t)(i == 1 ? 7 : 100 + i) }, "AT", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED, 0, 1 };
        snprintf(name, sizeof name, i == 1 ? "Example Bakery" : i == 2 ? "Granary Mills" : i == 3 ? HOSTILE : "Firm Number %d", i);
        snprintf(host, sizeof host, i == 2 ? "owa.granary.example" : "mail.firm%d.example", i);
        if (i <= 12) {
            fixture_org(f, &o);
            fixture_case(f, &c);
        }
        fixture_server(f, &v);
        insert(f, "INSERT INTO case_asset (subject, asset) VALUES (%d, %d)", i, 1000 + i);
        insert(f, "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) VALUES (%d, %d, %d, 1, 12, %lld)", PROXYLOGON, 1000 + i, 300 + i, (long long)fixture_day(i) + 3600000000);
    }
    insert(f, "INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) VALUES (12, %d, 14, 14, %lld, %lld), (13, %d, 3, 1, NULL, NULL), (14, %d, 1, 1, 0, 0)", PROXYLOGON,
           (long long)fixture_day(1) + 3600000000, (long long)fixture_day(14) + 3600000000, PROXYLOGON, PROXYLOGON);
    insert(f, "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) VALUES (%d, 1001, 301, 2, 13, NULL), (%d, 1001, 301, 3, 13, NULL), (%d, 1001, 301, 4, 13, 5),"
              " (%d, 1005, 305, 2, 14, 0)", PROXYLOGON, PROXYLOGON, PROXYLOGON, PROXYLOGON);
    insert(f, "INSERT INTO case_entry (id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, since_us, until_us, source, file, line, recorded_us) VALUES"
              " (1, 'x', '1', 0, '', '', '', '', NULL, NULL, 0, '', NULL, NULL, 0, 0, 0, 0)");
    struct fixture_row r = fixture_row(f, "UPDATE case_entry SET first_ip = ?1, last_ip = ?2");
    put_bytes(&r, (const uint8_t[16]){ [10] = 0xff, 0xff, 203, 0, 113, 64 }, 16);
    put_bytes(&r, (const uint8_t[16]){ [10] = 0xff, 0xff, 203, 0, 113, 127 }, 16);
    put_row(&r);
    store_finish(r.st);
    for (size_t k = 0; k < COUNT_OF(traces); k++) {
        int servers = traces[k].organisations < 0 ? 3 : traces[k].organisations == 12 ? 14 : traces[k].organisations;
        mark(f, 12, (int)k, traces[k].kind, traces[k].value, servers, servers);
        for (int i = 1; i <= 14; i++)
            if (traces[k].organisations < 0 ? i >= 12 : i <= servers)
                feature(f, 300 + i, i, 1, traces[k].kind, traces[k].value);
    }
    mark(f, 13, 0, INTRUDER_KEY, HOSTILE, 3, 1);
    feature(f, 301, 1, 2, INTRUDER_KEY, HOSTILE);
    fixture_file(f, 301, HOSTILE, "report", 0);
    fixture_file(f, 302, "granary.json", "report", 0);
    fixture_board(f, 29);
}

static void screens_of(int engine)
{
    struct fake   *f = fake_open();
    struct fixture x;

    empty(&x, engine);
    entered(&x);
    fixture_done(&x);
    FAKE_RUN(f, "case", "intruders", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    fixture_inert("list", f->said, 80, 24);
    fixture_says("list", f->said, "ProxyLogon: 2 intruder groups, worked out 2021-03-31 06:00 UTC\n group visits servers first      last       what ties its visits\n"
                                  "    12     14      14 2021-03-03 2021-03-16 page ");
    fixture_says("list", f->said, "    13      3       1 -          -          key ");
    fixture_says("list", f->said, "1 visit belongs to no group\n");
    FAKE_RUN(f, "case", "intruders", "--store", x.where, "--json");
    fixture_inert("list --json", f->said, 0, 0);
    fixture_says("list --json", f->said, "\"total\": 2,\n  \"alone\": 1,");
    FAKE_RUN(f, "case", "intruders", "--store", x.where, "--limit", "1", "--page", "2");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("    13 ")) && !str_has(f->said, STR("    12 ")));

    FAKE_RUN(f, "case", "intruders", "12", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    fixture_inert("group", f->said, 80, 24);
    fixture_says("group", f->said, "group 12 (proxylogon): 14 visits to 14 servers\n2021-03-03 to 2021-03-16; worked out 2021-03-31\n");
    fixture_says("group", f->said, "\nkey       orange-of-their-own ");
    fixture_says("group", f->said, "and 14 more: --all\n");
    fixture_says("group", f->said, "2021-03-03 01:00 2021-000101 mail.firm1.example       Example Bakery +\n2021-03-04 01:00 2021-000102 owa.granary.example      Granary Mills\n");
    FAKE_RUN(f, "case", "intruders", "12", "--store", x.where, "--all", "--json");
    fixture_inert("group --json", f->said, 0, 0);
    fixture_says("group --json", f->said, "\"other_groups\": 1");

    FAKE_RUN(f, "case", "intruders", "12", "--server", "owa.granary.example", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    fixture_inert("why", f->said, 80, 24);
    fixture_says("why", f->said, "visit 2021-03-04 01:00, session S1 of granary.json\n");
    fixture_says("why", f->said, "\nkey       orange-of-their-own ");
    FAKE_RUN(f, "case", "intruders", "13", "--server", "192.0.2.7", "--store", x.where);
    CHECK(f->code == CLI_DONE);
    fixture_inert("why, hostile", f->said, 80, 24);
    fixture_says("why, hostile", f->said, "nothing that others of the group have");
    FAKE_RUN(f, "case", "intruders", "13", "--server", "192.0.2.7", "--store", x.where, "--json");
    fixture_inert("why --json", f->said, 0, 0);
    fixture_clear(&x);
    fake_close(f);
}

static void screens(void **state)
{
    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++)
        screens_of(engine);
}

/* Whatever stands in the data: no card names a victim. */
static void cards_of(int engine)
{
    static const char *const never[] = { "granary", "Granary", "GRANARY", "ranary", "gra-na-ry", "bakery", "Bakery", "firm", "Firm", "192.0.2.", "203.0.113.", "two-only", "one-house", "mail.", "X-Victim" };
    struct fake   *f = fake_open();
    struct fixture x;
    struct err     e = { 0 };

    empty(&x, engine);
    entered(&x);
    CHECK(store_commit(x.s, &e) && store_migrate(x.s, &record_layer, &e) && store_begin(x.s, &e));
    fixture_done(&x);
    for (int json = 0; json < 2; json++) {
        if (json)
            FAKE_RUN(f, "case", "intruders", "12", "--card", "--store", x.where, "--json");
        else
            FAKE_RUN(f, "case", "intruders", "12", "--card", "--store", x.where);
        if (f->code != CLI_DONE)
            fail_msg("%.*s", STR_ARG(f->complained));
        fixture_inert("card", f->said, json ? 0 : 80, json ? 0 : 24);
        for (size_t i = 0; i < COUNT_OF(never); i++)
            if (str_has(f->said, str_c(never[i])))
                fail_msg("%s in:\n%.*s", never[i], STR_ARG(f->said));
        for (size_t k = 0; json && k < COUNT_OF(traces); k++) {
            struct str value = str_c(traces[k].value);
            /* Backslashes are escaped there. */
            CHECK_WHY(str_has(f->said, str_sub(value, value.n > 8 ? value.n - 8 : 0, value.n)) == traces[k].goes_out, traces[k].why);
        }
        fixture_says("card", f->said, json ? "\"left_out\": 15" : "15 traces left out");
        fixture_says("card", f->said, json ? "\"servers\": 14,\n  \"first\": \"2021-03-03T00:00:00Z\",\n  \"last\": \"2021-03-16T00:00:00Z\"" : ": 14 servers, 2021-03-03 to 2021-03-16\n");
        fixture_says("card", f->said, json ? "\"servers\": null" : "    few\n");
    }
    FAKE_RUN(f, "case", "intruders", "13", "--card", "--store", x.where);
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("fewer than 3 organisations")) && f->said.n == 0);
    fixture_clear(&x);
    fake_close(f);
}

static void cards(void **state)
{
    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++)
        cards_of(engine);
}

static void refused(void **state)
{
    static const struct { const char *why, *word[6], *says; int code; } c[] = {
        { "no number", { "twelve" }, "is no number of a group", CLI_USAGE },
        { "no group", { "99" }, "no intruder group 99", CLI_USAGE },
        { "zero", { "0" }, "is no number", CLI_USAGE },
        { "two", { "12", "13" }, "one group at a time", CLI_USAGE },
        { "card of all", { "--card" }, "about one group", CLI_USAGE },
        { "server of all", { "--server", "x" }, "about one group", CLI_USAGE },
        { "card with a server", { "12", "--card", "--server", "x" }, "names no server", CLI_USAGE },
        { "a case is no server", { "12", "--server", "2021-000101" }, "one server", CLI_USAGE },
        { "it was not there", { "13", "--server", "owa.granary.example" }, "has no visit", CLI_USAGE },
        { "no server", { "13", "--server", "nowhere.example" }, "no case and no server", CLI_USAGE },
        { "no campaign", { "--campaign", "x" }, "proxylogon", CLI_USAGE },
        { "no store", { "--store", "/nonexistent/s.db" }, "--store says where it lies", CLI_FAILED },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    entered(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[12] = { "case", "intruders" };
        size_t      n = 2;

        for (size_t k = 0; k < 6 && c[i].word[k]; k++)
            word[n++] = c[i].word[k];
        if (c[i].code == CLI_USAGE) {
            word[n++] = "--store";
            word[n++] = x.where;
        }
        fake_run(f, word);
        if (f->code != c[i].code || !str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    fixture_clear(&x);
    fake_close(f);
}

static int start(void **state)
{
    (void)state;
    w.has_pg = pg_server_or_say(&w.pg);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (w.has_pg)
        pg_server_stop(&w.pg);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(screens), cmocka_unit_test(cards), cmocka_unit_test(refused) };

    return cmocka_run_group_tests(tests, start, stop);
}
