/* An organisation is held, exported, erased: no table has its name any more, the figures are the same, and the next update works. On both engines. */
#include "cli/case_fixture.h"

#include "base/hash.h"
#include "base/num.h"
#include "pg_server.h"
#include "store/bind.h"

#define DO(f, x, ...) (FAKE_RUN(f, "case", __VA_ARGS__, "--store", (x)->where, "--who", "berta"), done(f, #__VA_ARGS__))

static void done(struct fake *f, const char *why)
{
    if (f->code != CLI_DONE)
        fail_msg("%s: %d %.*s", why, f->code, STR_ARG(f->complained));
}

static void refused(struct fake *f, const char *why, const char *says)
{
    if (f->code == CLI_DONE || !str_has(f->complained, str_c(says)))
        fail_msg("%s: %d %.*s", why, f->code, STR_ARG(f->complained));
}

static void put_file(struct fixture *x, const char *name, const char *text, char path[200])
{
    FILE *f;

    snprintf(path, 200, "%s/%s", x->dir, name);
    CHECK((f = fopen(path, "wb")) != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* Rows of a query, "a,b\n". */
static void rows(const struct fixture *x, const char *sql, int columns, char *ret, size_t cap)
{
    struct store      *s;
    struct store_stmt *st = NULL;
    struct err         e = { 0 };
    size_t             n = 0;

    if (!store_open(&s, str_c(x->where), STORE_READ, &e) || !store_prepare(s, sql, &st, &e))
        fail_msg("%s: %s", sql, e.what);
    ret[0] = 0;
    while (store_step(st, &e) == STORE_ROW && n + 100 < cap)
        for (int i = 0; i < columns; i++)
            n += (size_t)snprintf(ret + n, cap - n, "%lld%s", (long long)store_int(st, i), i + 1 < columns ? "," : "\n");
    CHECK_WHY(e.kind == ERR_NONE, e.what);
    store_finish(st);
    store_close(s);
}
static const char figures[] = "SELECT unit, what, day, n FROM case_figure WHERE by_what = 0 ORDER BY unit, what, day, n";

/* Every byte of the file; every text of every table. */
static void nowhere(const struct fixture *x, bool pg, const char *word)
{
    struct store      *s;
    struct store_stmt *st = NULL;
    struct err         e = { 0 };
    char               table[200][64], sql[400], command[600];
    size_t             n = 0;

    if (!pg) {
        snprintf(command, sizeof command, "grep -aqi '%s' %s %s-wal 2>/dev/null", word, x->where, x->where);
        if (system(command) == 0)
            fail_msg("%s is in the file", word);
        return;
    }
    CHECK(store_open(&s, str_c(x->where), STORE_READ, &e) && store_prepare(s, "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'", &st, &e));
    while (n < 200 && store_step(st, &e) == STORE_ROW)
        snprintf(table[n++], 64, "%.*s", STR_ARG(store_text(st, 0)));
    store_finish(st);
    CHECK(n > 20);
    for (size_t i = 0; i < n; i++) {
        int64_t hits = 0;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s t WHERE CAST(t AS TEXT) ILIKE '%%%s%%'", table[i], word);
        if (!store_one_int(s, sql, &hits, &e) || hits)
            fail_msg("%s: %lld rows of %s %s", word, (long long)hits, table[i], e.what);
    }
    store_close(s);
}

/* A notice that waits, one that is out, what came back, an operator's notice that tells of it, and a cached answer. */
static void tell(struct fixture *x)
{
#define NOTICE(id, state, contact) \
    "INSERT INTO notify_notice (id, campaign, case_id, org, wave, stage, channel, contact, contact_id, content_rev, rev, override_, audience, finding, language, minimal, inherited_from, state, owner," \
    " fence, lease_us, attempt, not_before_us, give_up_us, priority, bucket, domain, date_us, message_id, token, subject, queue_id, written, dot_us, code, answer, changed_us)" \
    " SELECT " #id ", campaign, case_id, org, 1, " #id ", 0, '" contact "', 1, 'x', 0, 0, 0, 0, 'en', 0, 0, " #state ", '', 0, NULL, 1, 0, 0, 0, name, name, 0, 'm" #id "', 't" #id "'," \
    " name, name, 0, NULL, 250, name, 0 FROM case_server WHERE name = '%s';"
    static const char *const sql[] = { NOTICE(1, 1, "it@bakery.example"), NOTICE(2, 6, "it@bakery.example"), NOTICE(3, 1, "noc@union.example"), NOTICE(4, 1, "noc@union.example") };
    struct err e = { 0 };
    char       text[1600];

    CHECK(store_open(&x->s, str_c(x->where), STORE_WRITE, &e));
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        snprintf(text, sizeof text, sql[i], i < 2 ? "mail.bakery.example" : "mail.union.example");
        fixture_exec(x, text);
    }
    fixture_exec(x, "INSERT INTO notify_bytes (notice, bytes, sha256, kept_until_us) VALUES (2, 'Dear bakery', 'h2', 0), (3, 'bakery and others', 'h3', 0), (4, 'union', 'h4', 0);"
                    "INSERT INTO notify_event (notice, at_us, who, step, attempt, code, detail) VALUES (2, 0, 'ada', 6, 1, 250, 'bakery');"
                    "INSERT INTO notify_also (notice, case_id, stage, content_rev) SELECT 3, case_id, 0, 'x' FROM case_server WHERE name = 'mail.bakery.example';"
                    "INSERT INTO notify_inbox (id, sha256, received_us, kind, notice, case_id, sender, subject, excerpt, ticket, state, who, done_us) SELECT 1, 'x', 0, 7, 2, case_id, 'it@bakery.example', 're bakery', 'bakery', '', 0, '', NULL"
                    " FROM case_server WHERE name = 'mail.bakery.example';"
                    "INSERT INTO notify_lookup (kind, key, first, last, at_us, until_us, status, bytes) VALUES ('rdap', 'bakery.example', 'x', 'x', 0, 0, 200, 'Bakery')");
    store_close(x->s);
    x->s = NULL;
}

/* Two call sheets of it in the desk's folder; somebody wrote on the second. */
static void lay(struct fixture *x)
{
    static const char *const name[] = { "2021-000001-first-2.txt", "2021-000001-first-1.txt" };
    uint8_t    hash[HASH_SHA256_BYTES];
    char       path[200], dir[200];
    struct err e = { 0 };

    CHECK(realpath(x->dir, dir) && hash_sha256(STR("call the bakery"), hash) && store_open(&x->s, str_c(x->where), STORE_WRITE, &e));
    for (int i = 0; i < 2; i++) {
        put_file(x, name[i], i ? "call the bakery: engaged" : "call the bakery", path);
        CHECK(bind_run(x->s, "INSERT INTO notify_file (folder, name, notice, sha256, at_us, gone_us) VALUES (?1, ?2, ?3, ?4, 0, NULL)",
                       BOUND(B_TEXT(str_c(dir)), B_TEXT(str_c(name[i])), B_INT(2 - i), B_BYTES(((struct str){ hash, sizeof hash }))), &e));
    }
    store_close(x->s);
    x->s = NULL;
}

static void desk(struct fake *f, struct fixture *x, const char *org)
{
    char path[200];

    FAKE_RUN(f, "case", "privacy", "erase", org, "--reason", "their request of 2 June", "--store", x->where, "--who", "berta");
    CHECK(f->code == CLI_FAILED);
    fixture_says("erase", f->said, "2 servers in 1 cases");
    fixture_says("the desk", f->said, "1 removed, 0 were not there any more");
    fixture_says("the desk", f->said, "/2021-000001-first-1.txt: it holds other bytes than were written");
    fixture_says("out of reach", f->said, "1 mails in the mail server's queue, archive and log; 0 letters and 0 call sheets on paper; 1 mails of theirs in the team's mailbox");
    snprintf(path, sizeof path, "%s/2021-000001-first-2.txt", x->dir);
    CHECK(access(path, F_OK) != 0);
    FAKE_RUN(f, "case", "privacy", "retain", "--store", x->where, "--who", "berta");
    CHECK(f->code == CLI_FAILED);
    fixture_says("it waits", f->said, "1 of them are looked for again");
    snprintf(path, sizeof path, "%s/2021-000001-first-1.txt", x->dir);
    CHECK(unlink(path) == 0);
    DO(f, x, "privacy", "retain");
    fixture_says("a person took it", f->said, "0 removed, 1 were not there any more");
}

static void life(struct fake *f, struct fixture *x, bool pg)
{
    char path[200], before[8000], after[8000], org[40], odd[300];

    fixture_done(x);
    DO(f, x, "campaign", "proxylogon");
    put_file(x, "scan.csv", "ip,host,build,time\n192.0.2.7,mail.bakery.example,15.1.2176.2,2021-03-06T00:00:00Z\n192.0.2.8,owa.bakery.example,15.1.2176.9,2021-03-07T00:00:00Z\n198.51.100.3,mail.union.example,15.1.2176.2,2021-03-06T00:00:00Z\n", path);
    DO(f, x, "import", path);
    put_file(x, "tips.csv", "who,when,ip,host,claim,confidence,tlp,detail\nV,2021-03-05,192.0.2.7,mail.bakery.example,webshell,90,green,at the bakery\nV,soon,192.0.2.7,mail.bakery.example,webshell,90,green,x\n"
                            "V,2021-03-05,198.51.100.3,mail.union.example,webshell,90,green,\n", path);
    DO(f, x, "import", path);
    put_file(x, "mx.csv", "domain,mx,ip\nbakery.example,mail.bakery.example,192.0.2.7\nbakery.example,mail.bakery.example,\nbakery.example,owa.bakery.example,\n", path);
    DO(f, x, "import", path);
    DO(f, x, "add", "mail.bakery.example", "vulnerable", "--new", "--by", "partner", "--grade", "C", "--at", "2021-03-05");
    DO(f, x, "add", "mail.union.example", "vulnerable", "--new", "--by", "partner", "--grade", "C", "--at", "2021-03-05");
    DO(f, x, "update");
    DO(f, x, "decide", "link", "mail.bakery.example", "register", "vat:AT123456789", "--name", "Example Bakery Cooperative", "--country", "AT", "--reason", "the bakery's letter");
    DO(f, x, "decide", "same", "mail.bakery.example", "owa.bakery.example", "--reason", "one bakery");
    DO(f, x, "force", "mail.bakery.example", "dismissed", "--reason", "the bakery asked");
    DO(f, x, "update");
    rows(x, figures, 4, before, sizeof before);
    CHECK(strlen(before) > 20);
    rows(x, "SELECT org FROM case_server WHERE name = 'mail.bakery.example'", 1, odd, sizeof odd);
    snprintf(org, sizeof org, "org:%.*s", (int)strcspn(odd, "\n"), odd);

    DO(f, x, "privacy", "export", "mail.bakery.example");
    tell(x);
    DO(f, x, "privacy", "export", "mail.bakery.example");
    fixture_says("export", f->said, "\"detector\"");
    fixture_says("export", f->said, "\"excerpt\": \"bakery\"");
    fixture_says("export", f->said, "it@bakery.example");
    fixture_says("export", f->said, "Example Bakery Cooperative");
    fixture_says("export", f->said, "vat:AT123456789");
    fixture_says("export", f->said, "\"audit\": [");
    CHECK(!str_has(f->said, STR("union")));
    lay(x);
    DO(f, x, "privacy", "export", "mail.bakery.example");
    fixture_says("export", f->said, "\"2021-000001-first-2.txt\"");
    DO(f, x, "privacy", "hold", org, "--reason", "court order 7");
    FAKE_RUN(f, "case", "privacy", "erase", org, "--reason", "r", "--store", x->where, "--who", "berta");
    refused(f, "held", "under legal hold");
    FAKE_RUN(f, "case", "privacy", "hold", org, "--reason", "r", "--store", x->where, "--who", "berta");
    refused(f, "held twice", "already");
    DO(f, x, "privacy", "release", org, "--reason", "order withdrawn");
    FAKE_RUN(f, "case", "privacy", "erase", org, "--store", x->where, "--who", "berta");
    refused(f, "no reason", "needs a reason");
    FAKE_RUN(f, "case", "privacy", "erase", "org:999", "--reason", "r", "--store", x->where, "--who", "berta");
    refused(f, "nobody", "no organisation 999");

    desk(f, x, org);
    static const char *const names[] = { "bakery", "AT123456789" };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        nowhere(x, pg, names[i]);
    DO(f, x, "update");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        nowhere(x, pg, names[i]);
    rows(x, "SELECT id, state FROM notify_notice ORDER BY id", 2, odd, sizeof odd);
    CHECK_STR(str_c(odd), STR("1,16\n2,6\n3,16\n4,1\n"));      /* what waited is cancelled; what is out stays so; others' goes */
    rows(x, figures, 4, after, sizeof after);
    if (strcmp(before, after) != 0)
        fail_msg("figures were\n%s\nand are\n%s", before, after);
    FAKE_RUN(f, "case", "list", "--store", x->where);
    done(f, "list");
    fixture_says("its case is there, without a name", f->said, "2021-000001 org:");
    fixture_says("others are", f->said, "union.example");
    FAKE_RUN(f, "case", "audit", "--store", x->where);
    fixture_says("audit", f->said, "their request of 2 June");
    /* The same tips again: said before, and known by their file. */
    DO(f, x, "import", path);
    DO(f, x, "update");
    nowhere(x, pg, "bakery");
}

static void on_sqlite(void **state)
{
    struct fake   *f = fake_open();
    struct fixture x;

    (void)state;
    fixture_open(&x, NULL);
    life(f, &x, false);
    fixture_clear(&x);
    fake_close(f);
}

static void on_postgresql(void **state)
{
    struct fake     *f = fake_open();
    struct pg_server pg;
    struct fixture   x;

    (void)state;
    if (pg_server_or_say(&pg)) {
        fixture_open(&x, pg.where);
        life(f, &x, true);
        fixture_clear(&x);
        pg_server_stop(&pg);
    }
    fake_close(f);
}

static void fill_old(struct fixture *x)
{
    fixture_small(x);
    fixture_exec(x, "INSERT INTO case_member (asset, org) VALUES (11, 1), (12, 1), (13, 2), (14, 3), (15, 4), (16, 5);"
                    "INSERT INTO case_subject (id, ip, port, tls, node, domain) VALUES (104, NULL, 443, NULL, '', '');"
                    "INSERT INTO case_subject_name (subject, name) VALUES (104, 'owa.somewhere.example');"
                    "INSERT INTO case_contact (id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us) VALUES"
                    " (1, 0, 'a@union.example', 5, '2', 4, '', '', '', '', 1614600000000000, NULL, 0, 0, 0, 0, 1614600000000000),"
                    " (2, 0, 'b@bakery.example', 5, '1', 4, '', '', '', '', 1614600000000000, NULL, 0, 0, 0, 0, 1614600000000000),"
                    " (3, 0, 'c@union.example', 5, '2', 4, '', '', '', '', 4000000000000000, NULL, 0, 0, 0, 0, 1614600000000000);"
                    "INSERT INTO case_bytes (file, deflated, size_bytes) VALUES (300, 'x', 1), (302, 'x', 1);"
                    "INSERT INTO case_refused (file, line, why, raw) VALUES (302, 1, 'w', 'x');"
                    "INSERT INTO case_hold (org, at_us, who, why, ended_us) VALUES (1, 1, 'w', 'w', NULL);"
                    "UPDATE case_state SET stage = 14 WHERE case_id IN (125, 123)");
}

/* What is older than it may be goes, but not of whom a hold is on; a dry run says the same and changes nothing. */
static void retained(void **state)
{
    static const char counts[] = "SELECT (SELECT count(*) FROM case_contact), (SELECT count(*) FROM case_bytes), (SELECT count(*) FROM case_refused), (SELECT count(*) FROM case_erased)";
    struct fake   *f = fake_open();
    struct fixture x;
    char           got[200];

    (void)state;
    fixture_open(&x, NULL);
    fill_old(&x);
    fixture_done(&x);
    for (int dry = 1; dry >= 0; dry--) {
        if (dry)
            DO(f, &x, "privacy", "retain", "--dry-run");
        else
            DO(f, &x, "privacy", "retain");
        fixture_says("retain", f->said, dry ? "proof of life for 365 days: 1 would go" : "proof of life for 365 days: 1 went");
        fixture_says("retain", f->said, dry ? "365 days ago: 1 would go, 1 held" : "365 days ago: 1 went, 1 held");
        fixture_says("retain", f->said, "older than 180 days: 1 w");
        fixture_says("retain", f->said, "older than 90 days: 1 w");
        rows(&x, counts, 4, got, sizeof got);
        if (strcmp(got, dry ? "3,2,1,0\n" : "2,1,0,1\n") != 0)
            fail_msg("dry %d: %s", dry, got);
    }
    nowhere(&x, false, "owa.somewhere");
    /* Opt-out: only the hash is there. */
    DO(f, &x, "privacy", "opt-out", "it@declined.example", "--reason", "they declined");
    fixture_says("opt-out", f->said, "recorded");
    nowhere(&x, false, "declined.example");
    DO(f, &x, "privacy", "opt-out", "IT@declined.example", "--reason", "again");
    fixture_says("opt-out", f->said, "known already");
    FAKE_RUN(f, "case", "privacy", "opt-out", "nobody", "--reason", "r", "--store", x.where, "--who", "b");
    refused(f, "no address", "neither a mail address nor a domain");
    FAKE_RUN(f, "case", "privacy", "forget", "--store", x.where, "--who", "b");
    refused(f, "no such deed", "what is to be done");
    fixture_clear(&x);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(on_sqlite), cmocka_unit_test(on_postgresql), cmocka_unit_test(retained) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
