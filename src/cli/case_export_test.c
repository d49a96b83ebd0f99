/* What goes to others: what each form says, what none of them says, and that our own import reads it back as the same servers and findings. */
#include "cli/case_fixture.h"

#include "base/net.h"
#include "base/num.h"

#include <sys/stat.h>

/* A server whose only word on its back door is a source's under embargo (17), one that no other source knows at all (18), and one of a case that nobody verified (19). */
static void fill(struct fixture *x)
{
    static const struct fixture_server more[] = {
        { PROXYLOGON, 17, 2, 124, "quiet.union.example", { 198, 51, 100, 17 }, "US", EXPOSURE_VULNERABLE, COMPROMISE_BACKDOORED, 0, 0 },
        { PROXYLOGON, 18, 2, 124, "secret.union.example", { 198, 51, 100, 18 }, "US", EXPOSURE_VULNERABLE, COMPROMISE_BACKDOORED, 0, 0 },
        { PROXYLOGON, 19, 9, 129, "unsure.example", { 198, 51, 100, 19 }, "US", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, 0, 0 },
    };

    fixture_small(x);
    for (size_t i = 0; i < COUNT_OF(more); i++)
        fixture_server(x, &more[i]);
    fixture_exec(x, "UPDATE case_server SET name = '=HYPERLINK(\"x.example\")' WHERE asset = 12;"
                    "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (50, 'partner', 'partner', 'TLP:RED', 0), (51, 'strict', 'strict', 'TLP:AMBER+STRICT', 0), (52, 'open', 'open', 'TLP:GREEN', 0);"
                    "INSERT INTO case_asset (subject, asset) VALUES (107, 17), (108, 18), (109, 19);"
                    "INSERT INTO case_look (campaign, asset, at_us, source, value, grade, active) SELECT 7, asset, exposure_us, 0, exposure, 3, 1 FROM case_server WHERE asset NOT IN (18);"
                    "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line) VALUES"
                    " (900, 7, 0, 0, 101, 2, 4, 0, 0, 0, 52, 1, 1615300000000000, 1615300000000000, NULL, '', '', 0, 0), (901, 7, 0, 0, 107, 2, 4, 0, 0, 0, 50, 1, 1615300000000000, 1615300000000000, NULL, '', '', 0, 0),"
                    " (902, 7, 0, 0, 108, 2, 4, 0, 0, 0, 51, 1, 1615300000000000, 1615300000000000, NULL, '', '', 0, 0)");
}

static void open_filled(struct fixture *x)
{
    fixture_open(x, NULL);
    fill(x);
    fixture_done(x);
}

#define EXPORT(f, x, ...) FAKE_RUN(f, "case", "export", "--store", (x)->where, "--who", "berta", __VA_ARGS__)

static const struct { const char *as, *victims, *name; } forms[] = {
    { "idf", NULL, "e.jsonl" }, { "shadowserver", NULL, "2021-03-31-scan_exchange-example-geo.csv" }, { "csv", NULL, NULL }, { "stix", "--victims", "e.json" }, { "misp", "--victims", "m.json" },
};

static void run(struct fake *f, const struct fixture *x, size_t i)
{
    if (forms[i].victims)
        EXPORT(f, x, "--to", "CERT Example", "--as", forms[i].as, forms[i].victims);
    else
        EXPORT(f, x, "--to", "CERT Example", "--as", forms[i].as);
    if (f->code != CLI_DONE)
        fail_msg("%s: %d %.*s", forms[i].as, f->code, STR_ARG(f->complained));
}

static void inert(void **state)
{
    static const char *const never[] = { "secret.union", "198.51.100.18", "unsure.example", "198.51.100.19", "owa.somewhere", "\"=", ",=", ",\"@", "\n=", "\x1b", "\x07" };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    open_filled(&x);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        run(f, &x, i);
        for (size_t k = 0; k < COUNT_OF(never); k++)
            if (str_has(f->said, str_c(never[k])))
                fail_msg("%s holds %s:\n%.*s", forms[i].as, never[k], STR_ARG(f->said));
        fixture_says(forms[i].as, f->said, "192.0.2.7");
        fixture_says(forms[i].as, f->said, "quiet.union.example");
        for (size_t b = 0; b < f->said.n; b++)
            if ((f->said.p[b] < ' ' && f->said.p[b] != '\n' && f->said.p[b] != '\r') || f->said.p[b] == 0x7f)
                fail_msg("%s: byte %02x at %zu", forms[i].as, f->said.p[b], b);
    }
    /* What only an embargoed source knows of a back door is exported as exposure, no more. */
    EXPORT(f, &x, "--to", "A");
    struct str rest = f->said, line;
    uint32_t   doors = 0;
    while (str_cut(&rest, '\n', &line)) {
        if (str_has(line, STR("quiet.union.example")))
            CHECK(str_has(line, STR("vulnerable-exchange-server")) && !str_has(line, STR("webshell")));
        doors += str_has(line, STR("exchange-server-webshell"));
    }
    assert_int_equal(doors, 1);
    fixture_clear(&x);
    fake_close(f);
}

static void asked(void **state)
{
    static const struct { const char *why, *word[6], *says; } c[] = {
        { "no recipient", { "--as", "idf" }, "who gets it" },
        { "an empty recipient", { "--as", "csv", "--to", " " }, "who gets it" },
        { "victims as STIX without recipient", { "--as", "stix", "--victims" }, "who gets it" },
        { "both", { "--as", "stix", "--victims", "--intruders", "--to", "A" }, "never stand in one export" },
        { "intruders as a table", { "--as", "csv", "--intruders", "--to", "A" }, "go with --as stix" },
        { "an operand", { "--to", "A", "x" }, "no operand" },
        { "no AS", { "--to", "A", "--asn", "x" }, "number of an AS" },
        { "no form", { "--to", "A", "--as", "x" }, "it takes one of" },
    };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    open_filled(&x);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[16] = { "case", "export", "--store", x.where, "--who", "berta" };

        for (size_t k = 0; k < 6 && c[i].word[k]; k++)
            word[6 + k] = c[i].word[k];
        fake_run(f, word);
        if (f->code != CLI_USAGE || !str_has(f->complained, str_c(c[i].says)) || f->said.n)
            fail_msg("%s: %d %.*s", c[i].why, f->code, STR_ARG(f->complained));
    }
    FAKE_RUN(f, "case", "audit", "--store", x.where);
    CHECK(!str_has(f->said, STR("export ")));
    run(f, &x, 4);
    FAKE_RUN(f, "case", "audit", "--store", x.where);
    fixture_says("audit", f->said, "CERT Example");
    fixture_says("audit", f->said, "misp, TLP:AMBER, 5 servers");
    EXPORT(f, &x, "--to", "A", "--country", "AT", "--as", "csv");
    CHECK(str_has(f->said, STR("192.0.2.7")) && !str_has(f->said, STR("198.51.100.3")));
    EXPORT(f, &x, "--to", "A", "--asn", "1", "--as", "csv");
    CHECK(f->code == CLI_DONE && !str_has(f->said, STR("192.0.2.7")));
    fixture_clear(&x);
    fake_close(f);
}

/* --- round trip --- */

static void read_back(struct fake *f, struct fixture *to, const char *name, struct str bytes)
{
    char  path[200];
    FILE *out;

    snprintf(path, sizeof path, "%s/%s", to->dir, name);
    CHECK((out = fopen(path, "wb")) != NULL && fwrite(bytes.p, 1, bytes.n, out) == bytes.n && fclose(out) == 0);
    FAKE_RUN(f, "case", "import", "--store", to->where, "--who", "t", path);
    if (f->code != CLI_DONE || str_has(f->said, STR("broken:")) || str_has(f->said, STR("refused")))
        fail_msg("%s: %d %.*s%.*s", name, f->code, STR_ARG(f->said), STR_ARG(f->complained));
}

/* Addresses with findings and exposures, in order: "192.0.2.7 door". */
static void facts(const struct fixture *x, const char *why, char *ret, size_t cap)
{
    static const char sql[] = "SELECT DISTINCT s.ip, f.kind FROM case_fact f JOIN case_subject s ON s.id = f.subject ORDER BY s.ip, f.kind";
    struct store      *s;
    struct store_stmt *st = NULL;
    struct err         e = { 0 };
    size_t             n = 0;

    if (!store_open(&s, str_c(x->where), STORE_READ, &e) || !store_prepare(s, sql, &st, &e))
        fail_msg("%s: %s", why, e.what);
    ret[0] = 0;
    while (store_step(st, &e) == STORE_ROW) {
        char ip[NET_TEXT] = "-";
        if (store_bytes(st, 0).n == 16)
            net_ip_text(store_bytes(st, 0).p, ip);
        n += (size_t)snprintf(ret + n, cap - n, "%s %s\n", ip, store_int(st, 1) == FACT_FINDING ? "door" : store_int(st, 1) == FACT_EXPOSURE ? "open" : "other");
    }
    store_finish(st);
    store_close(s);
}

static void round_trip(void **state)
{
    static const char want[] = "192.0.2.7 door\n192.0.2.8 open\n198.51.100.3 open\n198.51.100.17 open\n203.0.113.5 open\n";
    struct fake   *f = fake_open();
    struct fixture x;
    char           got[2000];

    (void)state;
    open_filled(&x);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        struct fixture to;

        if (!forms[i].name || i == 1)
            continue;
        run(f, &x, i);
        char *copy = malloc(f->said.n);
        size_t n = f->said.n;
        CHECK(copy != NULL);
        memcpy(copy, f->said.p, n);
        fixture_open(&to, NULL);
        fixture_campaign(&to, PROXYLOGON, "proxylogon", "ProxyLogon");
        fixture_done(&to);
        read_back(f, &to, forms[i].name, (struct str){ (uint8_t *)copy, n });
        free(copy);
        facts(&to, forms[i].as, got, sizeof got);
        if (strcmp(got, want) != 0)
            fail_msg("%s: read back as\n%s", forms[i].as, got);
        fixture_clear(&to);
    }
    fixture_clear(&x);
    fake_close(f);
}

static void shadowserver_back(void **state)
{
    struct fake       *f = fake_open();
    struct fixture     x, to;
    struct store      *s;
    struct store_stmt *st = NULL;
    struct err         e = { 0 };

    (void)state;
    open_filled(&x);
    run(f, &x, 1);
    char  *copy = malloc(f->said.n);
    size_t n = f->said.n;
    CHECK(copy != NULL);
    memcpy(copy, f->said.p, n);
    fixture_open(&to, NULL);
    fixture_campaign(&to, PROXYLOGON, "proxylogon", "ProxyLogon");
    fixture_done(&to);
    read_back(f, &to, forms[1].name, (struct str){ (uint8_t *)copy, n });
    fixture_says("shadowserver", f->said, "5 rows: 5 observations");
    free(copy);
    CHECK(store_open(&s, str_c(to.where), STORE_READ, &e));
    CHECK(store_prepare(s, "SELECT count(*) FROM survey_observation", &st, &e) && store_step(st, &e) == STORE_ROW);
    assert_int_equal(store_int(st, 0), 5);
    store_finish(st);
    store_close(s);
    fixture_clear(&to);
    fixture_clear(&x);
    fake_close(f);
}

/* --- intruders --- */

#define PAGE "3f786850e387550fdab836ed7e6dc881de23001b3f786850e387550fdab836ed"

/* Group 3 was at four organisations. */
static void group_of_four(struct fixture *x)
{
    static const struct { int kind; const char *value; } mark[] = {
        { INTRUDER_PAGE, PAGE }, { INTRUDER_KEY, "lemon-tart" }, { INTRUDER_CLIENT, "203.0.113.200" }, { INTRUDER_CLIENT, "192.0.2.7" }, { INTRUDER_AGENT, "it's \\ an agent" }, { INTRUDER_KEY, "for bakery" },
        { INTRUDER_PAGE, "no hash" },
    };
    static const int asset[] = { 11, 13, 14, 16 };

    fixture_exec(x, "INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) VALUES (3, 7, 4, 4, 1614650000000000, 1614950000000000)");
    for (size_t m = 0; m < COUNT_OF(mark); m++) {
        struct fixture_row r = fixture_row(x, "INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) VALUES (3, ?1, ?2, ?3, 4, 4, 4)");
        put_int(&r, (int64_t)m);
        put_int(&r, mark[m].kind);
        put_text(&r, mark[m].value);
        put_row(&r);
        store_finish(r.st);
        for (size_t i = 0; i < COUNT_OF(asset); i++) {
            r = fixture_row(x, "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) VALUES (?1, ?2, 7, ?3, 1, ?4, ?5, 0)");
            put_int(&r, (int64_t)(5000 + 10 * m + i));
            put_int(&r, 400 + (int64_t)i);
            put_int(&r, 90 + asset[i]);
            put_int(&r, mark[m].kind);
            put_text(&r, mark[m].value);
            put_row(&r);
            store_finish(r.st);
        }
    }
    fixture_exec(x, "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) VALUES (7, 11, 400, 1, 3, 1614650000000000), (7, 13, 401, 1, 3, 1614650000000000),"
                    " (7, 14, 402, 1, 3, 1614750000000000), (7, 16, 403, 1, 3, 1614950000000000)");
}

static void intruders(void **state)
{
    static const char *const never[] = { "bakery", "Bakery", "192.0.2.7", "union", "Union", "somewhere", "Somewhere", "target-", "198.51.100.", "identity_class\": \"system", "orange", "2021-000", "where_sighted" };
    static const char *const as[] = { "stix", "misp" };
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    fill(&x);
    group_of_four(&x);
    fixture_done(&x);
    for (size_t i = 0; i < COUNT_OF(as); i++) {
        EXPORT(f, &x, "--as", as[i]);
        CHECK(f->code == CLI_DONE);
        for (size_t k = 0; k < COUNT_OF(never); k++)
            if (str_has(f->said, str_c(never[k])))
                fail_msg("%s holds %s:\n%.*s", as[i], never[k], STR_ARG(f->said));
        fixture_says(as[i], f->said, PAGE);
        fixture_says(as[i], f->said, "lemon-tart");
        fixture_says(as[i], f->said, "203.0.113.200");
        fixture_inert(as[i], f->said, 0, 0);
    }
    fixture_says("misp", f->said, "\"distribution\": \"1\"");
    EXPORT(f, &x, "--as", "misp", "--tlp", "TLP:RED");
    CHECK(!str_has(f->said, STR("\"distribution\": \"1\"")) && str_has(f->said, STR("tlp:red")));
    EXPORT(f, &x, "--as", "stix", "--intruders");
    fixture_says("quotes in a pattern", f->said, "= 'it\\\\'s \\\\\\\\ an agent']");
    EXPORT(f, &x, "--as", "misp", "--victims", "--to", "A");
    CHECK(!str_has(f->said, STR("\"distribution\": \"1\"")) && !str_has(f->said, STR(PAGE)));
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(inert), cmocka_unit_test(asked), cmocka_unit_test(round_trip), cmocka_unit_test(shadowserver_back), cmocka_unit_test(intruders) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
