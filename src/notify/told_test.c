/* What may be told of a case, on both engines. AP_TOLD=20000 in the environment: how long so many take. */
#include "casework/ladder_fixture.h"

#include <time.h>

#include "notify/tables.h"
#include "notify/told.h"
#include "pg_server.h"

static struct world { struct pg_server pg; bool has_pg; struct pack pack; struct test_arena keep; } w;

static int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.keep = test_arena(64 << 20);
    CHECK(pack_load_embedded(&w.pack, &w.keep.a, STR("proxylogon"), &e));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (w.has_pg)
        pg_server_stop(&w.pg);
    test_arena_free(&w.keep);
    return 0;
}

struct desk { struct lf f; struct told_run *run; struct case_campaign c; };

static struct desk begin(const char *where)
{
    struct desk d = { .f = lf_bakery(where) };
    struct err  e = { 0 };

    CHECK(store_migrate(d.f.s, &notify_layer, &e) && ledger_campaign_find(d.f.s, STR("proxylogon"), &d.f.a, &d.c, &e));
    if (!told_begin(&d.run, d.f.s, &d.c, &w.pack, &d.f.a, &e))
        fail_msg("%s", e.what);
    lf_run(&d.f, "UPDATE case_org SET name = 'Example Bakery' WHERE org = ?1", BOUND(B_INT(LF_ORG)));
    return d;
}

static void end(struct desk *d) { lf_close(&d->f); }

static struct notice notice(enum notice_finding f) { return (struct notice){ .case_ = LF_CASE, .org = LF_ORG, .channel = CONTACT_EMAIL, .contact = STR("it@bakery.example"), .finding = f, .message_id = "n.9.1@cert.example" }; }

static const struct told_set *read_set(struct desk *d, const struct notice *n, size_t count, struct arena *a)
{
    int64_t case_[TOLD_SET], contact[TOLD_SET];
    struct told_ask ask = { .case_ = case_, .contact = contact, .contact_n = count };
    const struct told_set *set = NULL;
    struct err e = { 0 };

    for (; ask.case_n < count; ask.case_n++) {
        case_[ask.case_n] = n[ask.case_n].case_;
        contact[ask.case_n] = n[ask.case_n].contact_id;
    }
    if (!told_read(d->run, &ask, a, &set, &e))
        fail_msg("%s", e.what);
    return set;
}

static struct told gather(struct desk *d, const struct notice *n)
{
    struct err  e = { 0 };
    struct told t = { 0 };

    if (!told_gather(d->run, read_set(d, n, 1, &d->f.a), n, STR("abcdefghijklmnopqrstuvwxyz"), &d->f.a, &t, &e))
        fail_msg("%s", e.what);
    return t;
}

static enum notice_finding finding(struct desk *d)
{
    struct notice n = notice(FINDING_VULNERABLE);

    return told_finding(read_set(d, &n, 1, &d->f.a), LF_CASE);
}

/* A subject of the server, and a word about it by a source of this label. */
static void fact(struct desk *d, int64_t id, int64_t asset, enum fact_kind kind, int value, const char *tlp, bool releasable)
{
    lf_run(&d->f, "INSERT INTO case_asset (subject, asset) VALUES (?1, ?2) ON CONFLICT DO NOTHING", BOUND(B_INT(asset * 10), B_INT(asset)));
    lf_run(&d->f, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (?1, 'x', 'x', ?2, ?3)", BOUND(B_INT(id), B_TEXT(str_c(tlp)), B_INT(releasable)));
    lf_run(&d->f, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                  " VALUES (?1, ?2, 0, 0, ?3, ?4, 3, ?5, 0, 0, ?1, 1, ?6, ?6, NULL, '', '', 0, 0)",
           BOUND(B_INT(id), B_INT(d->f.campaign), B_INT(asset * 10), B_INT(kind), B_INT(value), B_INT(LF_NOW - id * TIME_HOUR)));
}

static void look(struct desk *d, int64_t asset, int64_t us)
{
    lf_run(&d->f, "INSERT INTO case_look (campaign, asset, at_us, source, value, grade, active) VALUES (?1, ?2, ?3, 0, ?4, 3, 1)", BOUND(B_INT(d->f.campaign), B_INT(asset), B_INT(us), B_INT(EXPOSURE_VULNERABLE)));
}

static void vulnerable(struct desk *d)
{
    struct notice n = notice(FINDING_VULNERABLE);
    uint8_t       one[32], two[32];

    look(d, LF_ASSET, LF_NOW - TIME_HOUR);
    lf_run(&d->f, "UPDATE case_server SET build = '15.1.2106.2' WHERE asset = ?1", BOUND(B_INT(LF_ASSET)));
    CHECK(finding(d) == FINDING_VULNERABLE);
    struct told t = gather(d, &n);
    CHECK(t.server_n == 1 && t.since_us == LF_NOW - TIME_HOUR && t.server[0].own_check && t.server[0].confidence == 95 && t.server[0].port == 443 && t.server[0].asn == 64500);
    CHECK_STR(t.server[0].host, STR("mail.bakery.example"));
    CHECK_STR(t.server[0].ip, STR("192.0.2.7"));
    CHECK_STR(t.server[0].detector, STR("survey/probe"));
    CHECK_STR(t.server[0].cve, STR("CVE-2021-26855"));
    CHECK_STR(t.server[0].build, STR("15.1.2106.2"));
    CHECK_STR(t.organisation, STR("Example Bakery"));
    CHECK_STR(t.tlp, STR("TLP:AMBER"));
    CHECK_STR(t.nonce, STR("abcdefghijklmnopqrstuvwxyz"));
    CHECK(str_ends(t.case_name, STR("-000123")));
    told_rev(&t, d->f.a, one);
    struct notice nobody = n;                  /* the same facts before anybody is chosen */
    nobody.contact = STR_EMPTY;
    struct told u = gather(d, &nobody);
    told_rev(&u, d->f.a, two);
    CHECK(memcmp(one, two, 32) == 0);
    n.language = STR("de");                    /* words are not what makes it new */
    t = gather(d, &n);
    told_rev(&t, d->f.a, two);
    CHECK(memcmp(one, two, 32) == 0);
    lf_server(&d->f, 12, LF_CASE, "owa.bakery.example", "192.0.2.8", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    t = gather(d, &n);
    told_rev(&t, d->f.a, two);
    CHECK(t.server_n == 2 && memcmp(one, two, 32) != 0);
    lf_run(&d->f, "UPDATE case_server SET not_mine = 1 WHERE asset = ?1", BOUND(B_INT(12)));
    t = gather(d, &n);
    told_rev(&t, d->f.a, two);
    CHECK(t.server_n == 1 && memcmp(one, two, 32) == 0);
}

static void doors(struct desk *d)
{
    struct notice n = notice(FINDING_PATCHED_BACKDOORED);

    lf_run(&d->f, "UPDATE case_server SET compromise = ?1, exposure = ?2, compromise_us = ?3 WHERE asset = ?4", BOUND(B_INT(COMPROMISE_BACKDOORED), B_INT(EXPOSURE_PATCHED), B_INT(LF_NOW), B_INT(LF_ASSET)));
    lf_server(&d->f, 12, LF_CASE, "owa.bakery.example", "2001:db8::8", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_server(&d->f, 13, LF_CASE, "old.bakery.example", "192.0.2.9", EXPOSURE_PATCHED, COMPROMISE_SUSPECTED);
    lf_server(&d->f, 14, LF_CASE, "new.bakery.example", "192.0.2.10", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE);
    lf_run(&d->f, "UPDATE case_server SET clean = 1, clean_us = ?1 WHERE asset = 14", BOUND(B_INT(LF_NOW)));
    CHECK(finding(d) == FINDING_PATCHED_BACKDOORED);
    struct told t = gather(d, &n);
    CHECK(t.server_n == 2);                    /* a suspicion is not told, and neither is what is clean */
    CHECK_STR(t.server[0].finding, STR("patched_backdoored"));
    CHECK_STR(t.server[0].detector, STR("survey"));
    CHECK_STR(t.server[1].ip, STR("2001:db8::8"));
    n.finding = FINDING_CLEAN;
    t = gather(d, &n);
    CHECK(t.server_n == 1);
    CHECK_STR(t.server[0].host, STR("new.bakery.example"));
    /* A hunt says where it lies; providers are not told that. */
    n.finding = FINDING_PATCHED_BACKDOORED;
    fact(d, 900, LF_ASSET, FACT_FINDING, 0, "AMBER", false);
    lf_exec(&d->f, "INSERT INTO case_file (id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused) VALUES (5, '', 'r', 'report', 1, 0, 900, 0, 1, 0, 0, 0, 0)");
    lf_run(&d->f, "INSERT INTO case_report (file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us)"
                  " VALUES (5, ?1, ?2, '', '', '', '0.1', '', 3, '', 1, 0, 0, 0, 1, 0, 0, 0)", BOUND(B_INT(d->f.campaign), B_INT(LF_ASSET * 10)));
    lf_run(&d->f, "INSERT INTO case_door (file, campaign, way, at, finding, path, state, kind, used, sha256, shell_key, intruder, requests) VALUES (5, ?1, 0, 0, 1, 'C:\\x.aspx', 'present', '', '', 'e3b0', 'key', '', 0)",
           BOUND(B_INT(d->f.campaign)));
    t = gather(d, &n);
    CHECK_STR(t.server[0].path, STR("C:\\x.aspx"));
    CHECK_STR(t.server[0].sha256, STR("e3b0"));
    CHECK_STR(t.server[0].detector, STR("hunt"));
    n.audience = AUDIENCE_PROVIDER;
    t = gather(d, &n);
    CHECK(!t.server[0].path.n && !t.server[0].sha256.n);
    lf_exec(&d->f, "UPDATE case_door SET state = 'removed'");
    n.audience = AUDIENCE_TECHNICAL;
    t = gather(d, &n);
    CHECK(!t.server[0].path.n);
}

/* Of a hunt's report only the names of its next steps are taken; the words are the pack's. */
static void next_steps(struct desk *d)
{
    static const char report[] = "{\"schema\": \"afterpatch-report/1\", \"campaigns\": [{\"id\": \"other\", \"next_steps\": [{\"id\": \"isolate\"}]},"
                                 " {\"id\": \"proxylogon\", \"next_steps\": [{\"id\": \"preserve-logs\", \"text\": \"pay here\"}, {\"id\": \"{{nonce}}\"}, {\"id\": 7}, {\"id\": \"isolate\"}]}]}";
    struct notice      n = notice(FINDING_BACKDOORED);
    struct ledger_file f = { .name = STR("report.json"), .kind = STR("report"), .size_bytes = sizeof report - 1, .campaign = d->f.campaign, .bytes = str_c(report) };
    struct ledger_counts c = { 0 };
    enum ledger_state  state;
    int64_t            file = 0;
    struct err         e = { 0 };

    lf_run(&d->f, "UPDATE case_server SET compromise = ?1, exposure = ?2", BOUND(B_INT(COMPROMISE_BACKDOORED), B_INT(EXPOSURE_VULNERABLE)));
    fact(d, 900, LF_ASSET, FACT_FINDING, 0, "AMBER", false);
    f.source = 900;
    CHECK(ledger_begin(d->f.l, &e) && ledger_file_begin(d->f.l, &f, &state, &file, &e) && ledger_file_end(d->f.l, file, &c, &e) && ledger_commit(d->f.l, &e));
    struct told t = gather(d, &n);
    CHECK(!t.steps.n);
    lf_run(&d->f, "INSERT INTO case_report (file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us)"
                  " VALUES (?3, ?1, ?2, '', '', '', '0.1', '', 3, '', 1, 0, 0, 0, 1, 0, 0, 0)", BOUND(B_INT(d->f.campaign), B_INT(LF_ASSET * 10), B_INT(file)));
    lf_run(&d->f, "INSERT INTO case_door (file, campaign, way, at, finding, path, state, kind, used, sha256, shell_key, intruder, requests) VALUES (?2, ?1, 0, 0, 1, 'C:\\x.aspx', 'present', '', '', 'e3b0', 'key', '', 0)",
           BOUND(B_INT(d->f.campaign), B_INT(file)));
    t = gather(d, &n);
    CHECK_STR(t.steps, STR("- Copy the logs before they expire\n- Cut the server off, and leave it running\n"));
    n.audience = AUDIENCE_CSIRT;
    t = gather(d, &n);
    CHECK(!t.steps.n && t.server[0].path.n);
}

/* RED and AMBER+STRICT open a case and are not told, unless their source lets them. */
static void sources(struct desk *d)
{
    static const struct { const char *tlp; bool releasable, told; const char *label; } row[] = {
        { "RED", false, false, "" }, { "AMBER+STRICT", false, false, "" }, { "", false, false, "" }, { "PURPLE", false, false, "" }, { "RED", true, true, "TLP:RED" }, { "AMBER+STRICT", true, true, "TLP:AMBER+STRICT" },
        { "AMBER", false, true, "TLP:AMBER" }, { "GREEN", false, true, "TLP:AMBER" }, { "CLEAR", false, true, "TLP:AMBER" },
    };
    struct notice n = notice(FINDING_BACKDOORED);

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        lf_exec(&d->f, "DELETE FROM case_fact; DELETE FROM case_look; DELETE FROM case_source WHERE id BETWEEN 900 AND 999");
        /* Only the flaw, by this source. */
        lf_run(&d->f, "UPDATE case_server SET compromise = 0, exposure = ?1", BOUND(B_INT(EXPOSURE_VULNERABLE)));
        fact(d, 900, LF_ASSET, FACT_EXPOSURE, EXPOSURE_VULNERABLE, row[i].tlp, row[i].releasable);
        struct told t = gather(d, &n);
        CHECK_WHY(t.server_n == row[i].told, row[i].tlp);
        if (row[i].told)
            CHECK_STR(t.tlp, str_c(row[i].label));
        CHECK(finding(d) == FINDING_VULNERABLE);
        /* And a back door, by this source: the flaw is the survey's, and may be told of. */
        look(d, LF_ASSET, LF_NOW);
        lf_run(&d->f, "UPDATE case_server SET compromise = ?1", BOUND(B_INT(COMPROMISE_RELAPSED)));
        fact(d, 901, LF_ASSET, FACT_FINDING, 0, row[i].tlp, row[i].releasable);
        t = gather(d, &n);
        CHECK(t.server_n == 1);
        CHECK_STR(t.server[0].finding, row[i].told ? STR("relapsed") : STR("vulnerable"));
        CHECK(finding(d) == (row[i].told ? FINDING_RELAPSED : FINDING_VULNERABLE));
        /* Another source says the same, and lets it be told. */
        fact(d, 902, LF_ASSET, FACT_FINDING, 0, "GREEN", false);
        t = gather(d, &n);
        CHECK_STR(t.server[0].finding, STR("relapsed"));
    }
}

/* What is not gathered cannot leak. */
static void minimal(struct desk *d)
{
    struct notice n = notice(FINDING_BACKDOORED);

    look(d, LF_ASSET, LF_NOW);
    n.minimal = true;
    struct told t = gather(d, &n);
    CHECK(t.server_n == 0 && !t.organisation.n && !t.nonce.n && !t.steps.n && !t.campaign_title.n && t.since_us == TIME_NONE && t.case_name.n);
}

static void answers(struct desk *d)
{
    struct notice n = notice(FINDING_VULNERABLE);

    n.contact_id = lf_mail(&d->f, "it@bakery.example", ABOUT_DOMAIN, "bakery.example", 5);
    struct told t = gather(d, &n);
    CHECK_STR(t.contact_source, STR("bakers register"));
    CHECK(t.contact_source_us != TIME_NONE && !t.in_reply_to.n);
    for (int i = 0; i < 3; i++)
        lf_run(&d->f, "INSERT INTO notify_notice (id, campaign, case_id, org, wave, stage, channel, contact, contact_id, content_rev, rev, override_, audience, finding, language, minimal, inherited_from, state,"
                      " owner, fence, attempt, not_before_us, give_up_us, priority, bucket, domain, date_us, message_id, token, subject, queue_id, written, code, answer, changed_us)"
                      " VALUES (?1, 1, ?2, 1, 1, ?1, 0, 'it@bakery.example', 0, '', 1, 1, 0, 0, 'en', 0, 0, ?3, '', 0, 0, 0, 0, 0, '', '', ?1, ?4, '', '', '', 0, 0, '', 0)",
               BOUND(B_INT(i + 1), B_INT(LF_CASE), B_INT(i == 0 ? NOTICE_CANCELLED : i == 1 ? NOTICE_DELIVERED : NOTICE_ACCEPTED), B_TEXT(i == 0 ? STR("n.1.1@x") : i == 1 ? STR("n.2.1@x") : STR("n.3.1@x"))));
    t = gather(d, &n);
    CHECK_STR(t.in_reply_to, STR("n.2.1@x"));
    CHECK(!t.ticket.n);
    lf_run(&d->f, "INSERT INTO notify_inbox (id, sha256, received_us, kind, notice, case_id, sender, subject, excerpt, ticket, state, who, done_us) VALUES (1, ?2, 1, 4, 2, ?1, '', '', '', 'Ticket#4711', 0, '', NULL)",
           BOUND(B_INT(LF_CASE), B_BYTES(STR("x"))));
    t = gather(d, &n);
    CHECK_STR(t.ticket, STR("Ticket#4711"));
}

static void fast(struct desk *d)
{
    const char     *many = getenv("AP_TOLD");
    int             n = many ? atoi(many) : 50;
    struct timespec t0, t1;

    CHECK(store_begin(d->f.s, &(struct err){ 0 }));
    for (int i = 0; i < n; i++) {
        char ip[32];
        snprintf(ip, sizeof ip, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        lf_case(&d->f, 1000 + i, 1000 + i, "AT");
        lf_server(&d->f, 1000 + i, 1000 + i, ip, ip, EXPOSURE_VULNERABLE, i % 4 ? COMPROMISE_UNKNOWN : COMPROMISE_BACKDOORED);
        look(d, 1000 + i, LF_NOW);
        fact(d, 100000 + i, 1000 + i, FACT_FINDING, 0, "GREEN", false);
    }
    CHECK(store_commit(d->f.s, &(struct err){ 0 }));
    clock_gettime(CLOCK_MONOTONIC, &t0);
    for (int at = 0; at < n; at += TOLD_SET) {
        struct arena  a = d->f.a;
        struct notice x[TOLD_SET];
        int           some = n - at < TOLD_SET ? n - at : TOLD_SET;

        for (int i = 0; i < some; i++) {
            x[i] = notice(FINDING_VULNERABLE);
            x[i].case_ = 1000 + at + i;
        }
        const struct told_set *set = read_set(d, x, (size_t)some, &a);
        for (int i = 0; i < some; i++) {
            struct told t;
            struct err  e = { 0 };

            CHECK(told_finding(set, x[i].case_) == ((at + i) % 4 ? FINDING_VULNERABLE : FINDING_BACKDOORED));
            CHECK(told_gather(d->run, set, &x[i], STR_EMPTY, &a, &t, &e) && t.server_n == 1);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &t1);
    if (many)
        print_message("%d in %.2f s\n", n, (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) / 1e9);
}

static void on(const char *where)
{
    static void (*const part[])(struct desk *) = { vulnerable, doors, next_steps, sources, minimal, answers, fast };

    for (size_t i = 0; i < COUNT_OF(part); i++) {
        struct desk d = begin(where);
        part[i](&d);
        end(&d);
    }
}

static void sqlite(void **state)
{
    (void)state;
    on(NULL);
}

static void postgresql(void **state)
{
    const char *why = "";

    (void)state;
    w.has_pg = pg_server_start(&w.pg, NULL, &why);
    if (!w.has_pg) {
        print_message("PostgreSQL: %s\n", why);
        skip();
    }
    on(w.pg.where);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(sqlite), cmocka_unit_test(postgresql) };

    return cmocka_run_group_tests(t, setup, teardown);
}
