/* The verbs of `afterpatch contact` over a store that is filled by hand: what the screens say, what is recorded, and that nothing obeys whoever named it. */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "pg_server.h"

static struct { struct pg_server pg; bool has_pg; } w;

/* The bakery (123): its own mail server is the campaign's; a telephone; somebody's desk. The credit union (124): its provider's desk alone. 127: an opted out address of a hostile name. */
static void world(struct fixture *x, const char *where)
{
    fixture_open(x, where);
    fixture_small(x);
    fixture_exec(x, "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (901, 3, 'bakery.example', '', 0, 1, 1);"
                    "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) VALUES (11, 901, 0, 3, 80, 72, 90, 0, 0, '');"
                    "INSERT INTO case_mx (id, domain, host, ip, tls, source, file, line, observed_us, recorded_us) VALUES (1, 'bakery.example', 'mail.bakery.example', NULL, NULL, 0, 0, 0, 1615000000000000, 1615000000000000),"
                    " (2, 'union.example', 'mx.isp.example', NULL, NULL, 0, 0, 0, 1615000000000000, 1615000000000000)");
    fixture_exec(x, "INSERT INTO case_contact (id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us) VALUES"
                    " (11, 0, 'it@bakery.example', 0, 'bakery.example', 5, 'abuse', '', 'de', '', 1615000000000000, NULL, 0, 40, 0, 0, 1615000000000000),"
                    " (12, 1, '+4315550100', 0, 'bakery.example', 8, '', '', '', '', NULL, NULL, 0, 40, 0, 0, 1615000000000000),"
                    " (13, 0, 'noc@isp.example', 1, '198.51.100.0-198.51.100.255', 10, 'abuse', '', '', '', NULL, NULL, 0, 40, 0, 0, 1615000000000000),"
                    " (14, 0, 'dead@union.example', 5, '2', 5, '', '', '', '', NULL, NULL, 0, 40, 0, 0, 1615000000000000),"
                    " (15, 4, 'cert@cert.example', 4, 'FR', 12, 'csirt', '', '', '', NULL, NULL, 0, 40, 0, 0, 1615000000000000)");
    struct fixture_row r = fixture_row(x, "INSERT INTO case_contact (id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us)"
                                          " VALUES (16, 2, ?1, 5, '5', 7, ?1, ?1, '', '', NULL, ?2, 0, 40, 0, 0, 1615000000000000)");
    put_text(&r, HOSTILE);
    put_int(&r, fixture_day(1));
    put_row(&r);
    store_finish(r.st);
    r = fixture_row(x, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                       " VALUES (601, 7, 1, 124, 14, ?1, 0, 0, 0, 0, 0, 0, ?2, ?2, NULL, '5.1.1 unknown', 'berta', 0, 0)");
    put_int(&r, FACT_CONTACT);
    put_int(&r, fixture_day(6));
    put_row(&r);
    store_finish(r.st);
    fixture_done(x);
}

/* A day in the campaign: the clock of the run. */
static int64_t day_us(struct os *os)
{
    static int64_t tick;

    (void)os;
    return fixture_day(29) + 8 * TIME_HOUR + ++tick;
}

static struct fake *fake_day(void)
{
    struct fake *f = fake_open();

    f->os.now_us = day_us;
    return f;
}

static void test_list(void **state)
{
    static const char want[] =
        "proxylogon: whom nobody can be told of yet, worked out 2021-03-31 06:00 UTC\n"
        "case        organisation                   of stage          lacks\n"
        "2021-000123 Example Bakery Cooperative     AT backdoored     compromised\n"
        "  mail.bakery.example is a name of mail.bakery.example, back-doored; +4315550...\n"
        "2021-000124 Sample Credit Union            US verified       route\n"
        "  only the way around is known (provider): find somebody of theirs\n"
        "2021-000127 ";
    struct fake   *f = fake_day();
    struct fixture x;

    (void)state;
    world(&x, NULL);
    FAKE_RUN(f, "contact", "list", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    if (!str_starts(f->said, str_c(want)))
        fail_msg("%.*s", STR_ARG(f->said));
    fixture_inert("list", f->said, 80, 24);
    fixture_says("spent", f->said, "spent\n  1 known, and none may be used: find another\n");
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--lacks", "route");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("2021-000124")) && !str_has(f->said, STR("2021-000123")));
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--lacks", "unknown");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("no case lacks that")));
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--limit", "1");
    fixture_says("more", f->said, "and more: --page 2 shows the next");
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--limit", "1", "--page", "2");
    CHECK(str_has(f->said, STR("2021-000124")) && !str_has(f->said, STR("2021-000123")));
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--limit", "1", "--page", "9");
    fixture_says("past the end", f->said, "there are 3: no page 9");
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--json");
    CHECK(f->code == CLI_DONE);
    fixture_inert("list --json", f->said, 0, 0);
    fixture_says("json", f->said, "\"lacks\": \"compromised\"");
    fixture_says("json", f->said, "\"path\": \"compromised\"");
    FAKE_RUN(f, "contact", "list", "--store", "/nowhere/x.db");
    CHECK(f->code != CLI_DONE);
    fixture_clear(&x);
    fake_close(f);
}

static void test_show(void **state)
{
    static const char want[] =
        "2021-000123 Example Bakery Cooperative: 2 contacts, 2 to be used\n"
        "mail.bakery.example is a name of mail.bakery.example, back-doored; +4315550100\n"
        "  is another path\n"
        "B  5 email  it@bakery.example                            compromised\n"
        "     abuse desk of its network; bakers register, 2021-03-06, alive 2021-03-06\n"
        "     mail.bakery.example is a name of mail.bakery.example, back-doored\n"
        "C  8 phone  +4315550100\n"
        "     imprint; bakers register, 2021-03-06\n";
    struct fake   *f = fake_day();
    struct fixture x;

    (void)state;
    world(&x, NULL);
    FAKE_RUN(f, "contact", "show", "2021-000123", "--store", x.where);
    CHECK(f->code == CLI_DONE && f->complained.n == 0);
    if (!str_eq(f->said, str_c(want)))
        fail_msg("%.*s", STR_ARG(f->said));
    FAKE_RUN(f, "contact", "show", "127", "--store", x.where);
    CHECK(f->code == CLI_DONE);
    fixture_inert("hostile", f->said, 80, 24);
    fixture_says("ended", f->said, "ended");
    FAKE_RUN(f, "contact", "show", "127", "--store", x.where, "--json");
    fixture_inert("hostile --json", f->said, 0, 0);
    FAKE_RUN(f, "contact", "show", "124", "--store", x.where);
    fixture_says("a dead one stays, last", f->said, "-  5 email  dead@union.example");
    fixture_says("why", f->said, "abuse desk of its network; dead; bakers register");
    FAKE_RUN(f, "contact", "show", "mail.bakery.example", "--store", x.where, "--json");
    fixture_says("json", f->said, "\"case\": \"2021-000123\"");
    fixture_says("json", f->said, "\"proof_of_life\": \"2021-03-06T03:06:40Z\"");
    FAKE_RUN(f, "contact", "show", "--store", x.where);
    CHECK(f->code == CLI_USAGE);
    fixture_clear(&x);
    fake_close(f);
}

static void says(struct fake *f, struct fixture *x, const char *what, const char *const *word)
{
    const char *all[16] = { "contact" };
    size_t      n = 1;

    for (; word[n - 1] && n < 12; n++)
        all[n] = word[n - 1];
    all[n++] = "--store";
    all[n++] = x->where;
    fake_run(f, all);
    if (f->code != CLI_DONE || !str_has(f->said, str_c(what)))
        fail_msg("%s %s: %d, \"%s\" is not in\n%.*s%.*s", word[0], word[1] ? word[1] : "", f->code, what, STR_ARG(f->said), STR_ARG(f->complained));
}
#define SAYS(f, x, what, ...) says(f, x, what, (const char *const[]){ __VA_ARGS__, NULL })

static int64_t one(struct fixture *x, const char *sql)
{
    struct store *s;
    struct err    e = { 0 };
    int64_t       n = -1;

    CHECK(store_open(&s, str_c(x->where), STORE_READ, &e) && store_one_int(s, sql, &n, &e));
    store_close(s);
    return n;
}

static void test_add_and_drop(void **state)
{
    (void)state;
    for (int engine = 0; engine < 2 && (engine == 0 || w.has_pg); engine++) {
        struct fake   *f = fake_day();
        struct fixture x;

        if (engine) {
            struct store *s;
            struct err    e = { 0 };
            CHECK(store_open(&s, str_c(w.pg.where), STORE_WRITE, &e) && store_exec(s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e));
            store_close(s);
        }
        world(&x, engine ? w.pg.where : NULL);
        SAYS(f, &x, "recorded: email it@miller.example of the case's organisation (2021-000124)", "add", "124", "it@MILLER.example", "--reason", "she called", "--who", "berta", "--name", "Ada", "--language", "DE");
        CHECK(one(&x, "SELECT count(*) FROM case_contact WHERE manual = 1 AND rung = 2 AND about = 5 AND about_value = '2' AND address = 'it@miller.example' AND language = 'de'") == 1);
        CHECK(one(&x, "SELECT count(*) FROM case_fact WHERE kind = 8 AND case_id = 124 AND value = 1 AND grade = 4 AND flags = 0") == 1);
        CHECK(one(&x, "SELECT count(*) FROM case_audit WHERE what = 'contact add' AND about = 'case 124' AND who = 'berta'") == 1);
        SAYS(f, &x, "A  2 email  it@miller.example", "show", "124");
        SAYS(f, &x, "by hand", "show", "124");
        SAYS(f, &x, "unknown", "list", "--lacks", "unknown");                      /* nobody has looked where its mail goes */
        SAYS(f, &x, "post", "add", "bakery.example", "Bakery Ltd; 1 Sample Road; 1010 Town", "--channel", "post", "--reason", "imprint", "--who", "berta");
        SAYS(f, &x, "Bakery Ltd,1 Sample Road,1010 Town", "show", "123");
        SAYS(f, &x, "csirt", "add", "at", "cert@cert.example", "--role", "format=csv", "--reason", "their page", "--who", "berta");
        CHECK(one(&x, "SELECT count(*) FROM case_contact WHERE channel = 4 AND rung = 12 AND about_value = 'AT' AND role = 'csirt format=csv'") == 1);
        /* A dead one that a person states again. */
        SAYS(f, &x, "recorded", "add", "124", "dead@union.example", "--reason", "repaired", "--who", "berta");
        SAYS(f, &x, "A  2 email  dead@union.example", "show", "124");
        /* And the ends. */
        SAYS(f, &x, "it@miller.example is ended", "drop", "it@miller.example", "--reason", "she left", "--who", "berta");
        CHECK(one(&x, "SELECT count(*) FROM case_fact WHERE kind = 8 AND case_id = 124 AND value = 0 AND reason = 'ladder: ended: she left'") == 1);
        CHECK(one(&x, "SELECT count(*) FROM case_audit WHERE what = 'contact drop' AND about = 'case 124'") == 1);
        SAYS(f, &x, "-  2 email  it@miller.example", "show", "124");
        SAYS(f, &x, "+4315550100 is dead", "drop", "+4315550100", "--as", "dead", "--reason", "no such number", "--who", "berta");
        SAYS(f, &x, "-  8 phone  +4315550100", "show", "123");
        SAYS(f, &x, "it@bakery.example is not theirs (2021-000123)", "drop", "it@bakery.example", "--as", "wrong", "--case", "123", "--reason", "they say so", "--who", "berta");
        SAYS(f, &x, "not theirs", "show", "123");
        SAYS(f, &x, "recorded: ", "list", "--record", "--who", "berta");
        int64_t facts = one(&x, "SELECT count(*) FROM case_fact WHERE kind = 8");
        SAYS(f, &x, "recorded: 0 facts of 3 cases", "list", "--record", "--who", "berta");
        CHECK(one(&x, "SELECT count(*) FROM case_fact WHERE kind = 8") == facts && one(&x, "SELECT count(*) FROM case_fact WHERE kind = 9") == 0);
        fixture_clear(&x);
        fake_close(f);
    }
}

/* Through the front door alone: records, a contact, where its mail goes, and the stage that follows. */
static void test_stage(void **state)
{
    static const char mx[] = "domain,mx,ip,time\nbakery.example,10 mail.bakery.example,192.0.2.7,2021-03-20T00:00:00Z\n";
    struct fake   *f = fake_day();
    struct fixture x;
    char           file[80];

    (void)state;
    fixture_open(&x, NULL);
    fixture_done(&x);
    snprintf(file, sizeof file, "%s/mx.csv", x.dir);
    FILE *to = fopen(file, "w");
    CHECK(to && fwrite(mx, 1, sizeof mx - 1, to) == sizeof mx - 1 && fclose(to) == 0);
#define CASE(...) do { FAKE_RUN(f, __VA_ARGS__, "--store", x.where, "--who", "berta"); if (f->code != CLI_DONE) fail_msg("%s: %.*s", #__VA_ARGS__, STR_ARG(f->complained)); } while (0)
#define SEEN(what, ...) do { FAKE_RUN(f, __VA_ARGS__, "--store", x.where); fixture_says(#__VA_ARGS__, f->said, what); } while (0)
    CASE("case", "campaign", "proxylogon");
    CASE("case", "add", "mail.bakery.example", "vulnerable", "--new", "--by", "partner", "--grade", "B", "--at", "2021-03-05", "--reason", "a version");
    CASE("case", "add", "owa.bakery.example", "patched", "--new", "--by", "partner", "--grade", "B", "--at", "2021-03-05", "--reason", "a version");
    CASE("case", "update");
    CASE("case", "add", "mail.bakery.example", "vulnerable", "--by", "another", "--grade", "B", "--at", "2021-03-06", "--reason", "a version");
    CASE("case", "update");
    SEEN("verified ", "case", "list");
    SEEN("nobody is known: look", "contact", "list");
    CASE("contact", "add", "mail.bakery.example", "it@bakery.example", "--reason", "their card");
    SEEN("unknown\n  no MX of bakery.example is on record: look the domain up\n", "contact", "list");
    CASE("case", "update");
    SEEN("verified ", "case", "list");                     /* where its mail goes nobody knows: not enough */
    SEEN("a contact is known; does its mail go through one of these servers?", "case", "list");
    CASE("case", "import", "--kind", "mx", file);
    CASE("contact", "list", "--record");
    SEEN("compromised\n  mail.bakery.example is a name of mail.bakery.example, vulnerable: find", "contact", "list");
    CASE("case", "update");
    SEEN("contact_found ", "case", "list");
    SEEN("contact found, its path was judged", "case", "show", "mail.bakery.example", "--history");
    CASE("contact", "drop", "it@bakery.example", "--reason", "she left");
    CASE("case", "update");
    SEEN("verified ", "case", "list");
    SEEN("contact is used no longer", "case", "show", "mail.bakery.example", "--history");
    fixture_clear(&x);
    fake_close(f);
}

/* More than one step of the walk, with urgencies that are equal. */
static void test_many(void **state)
{
    enum { MANY = 1100 };
    struct fake   *f = fake_day();
    struct fixture x;
    size_t         n = 0;

    (void)state;
    fixture_open(&x, NULL);
    fixture_campaign(&x, PROXYLOGON, "proxylogon", "ProxyLogon");
    for (int i = 1; i <= MANY; i++)
        fixture_case(&x, &(struct fixture_case){ i, PROXYLOGON, i, CASE_VERIFIED, 0, 0, 1, 1, 0, 0, 0, 0, 0, i % 3, "look", NULL });
    fixture_board(&x, 29);
    fixture_done(&x);
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--all");
    CHECK(f->code == CLI_DONE);
    for (struct str rest = f->said, line; str_cut(&rest, '\n', &line);)
        n += str_ends(line, STR("nobody"));
    CHECK(n == MANY);
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--limit", "100", "--page", "11", "--json");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("\"more\": false")) && str_has(f->said, STR("\"2021-001098\"")) && !str_has(f->said, STR("\"2021-000001\"")));
    FAKE_RUN(f, "contact", "list", "--store", x.where, "--record", "--who", "berta", "--limit", "1");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("recorded: 0 facts of 1100 cases, 0 with somebody to tell")) && str_has(f->said, STR("and more: --page 2")));
    fixture_clear(&x);
    fake_close(f);
}

static void test_refused(void **state)
{
    static const struct { const char *word[8], *says; } c[] = {
        { { "add", "123", "it@x.example" }, "a contact by hand needs a reason" },
        { { "add", "123", "it@x", "--reason", "r" }, "it@x: " },
        { { "add", "123", "just words", "--reason", "r" }, "--channel post" },
        { { "add", "123", "it@x.example\r\nBcc: a@b.example", "--reason", "r" }, "it@x.example" },
        { { "add", "123", "http://x.example/", "--reason", "r" }, "https://" },
        { { "add", "nobody", "it@x.example", "--reason", "r" }, "nobody" },
        { { "add", "AT", "+43155501", "--reason", "r" }, "a national CSIRT is written to by mail" },
        { { "add", "123", "it@x.example", "--pgp", "xyz", "--reason", "r" }, "a fingerprint has 40 or 64 hex digits" },
        { { "add", "123", "it@x.example", "--role", "dropped: x", "--reason", "r" }, "contact drop" },
        { { "add", "123", "it@x.example", "--language", "de\n", "--reason", "r" }, "" },
        { { "drop", "nobody@x.example", "--reason", "r" }, "no contact is" },
        { { "drop", "it@bakery.example" }, "an end needs a reason" },
        { { "drop", "it@bakery.example", "--as", "wrong", "--reason", "r" }, "--as wrong needs --case" },
        { { "drop", "it@bakery.example", "--case", "123", "--reason", "r" }, "--case goes with --as wrong" },
    };
    struct fake   *f = fake_day();
    struct fixture x;

    (void)state;
    world(&x, NULL);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const char *word[16] = { "contact" };
        size_t      n = 1;

        for (; n < 9 && c[i].word[n - 1]; n++)
            word[n] = c[i].word[n - 1];
        word[n++] = "--who";
        word[n++] = "berta";
        word[n++] = "--store";
        word[n++] = x.where;
        fake_run(f, word);
        if (f->code == CLI_DONE && c[i].says[0])
            fail_msg("%s %s went through", c[i].word[0], c[i].word[2]);
        if (!str_has(f->complained, str_c(c[i].says)))
            fail_msg("%s %s: %.*s", c[i].word[0], c[i].word[2], STR_ARG(f->complained));
    }
    CHECK(one(&x, "SELECT count(*) FROM case_contact") == 6 + 1);          /* the language alone was good */
    fixture_clear(&x);
    fake_close(f);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_list), cmocka_unit_test(test_show), cmocka_unit_test(test_add_and_drop), cmocka_unit_test(test_stage), cmocka_unit_test(test_many), cmocka_unit_test(test_refused) };

    return cmocka_run_group_tests(t, setup, teardown);
}
