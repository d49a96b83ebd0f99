/* Reports into the ledger: what they are worth, what is refused, and that nothing is taken twice. */
#include "test.h"

#include "base/num.h"
#include "casework/report_fixture.h"
#include "casework/report_in.h"
#include "ledger_desk.h"

static struct world {
    struct pg_server pg;
    bool             has_pg;
} w;

enum { ROOM = 24 << 20 };
#define NOW INT64_C(1617408000000000)          /* 2021-04-03; the reports ran on the day before */

static void must(bool ok, const struct err *e)
{
    if (!ok)
        fail_msg("%s: %s", e->where, e->what);
}

static struct ld begin(int engine)
{
    struct ld d = ld_open(engine ? w.pg.where : NULL, "anna", NOW - 10 * TIME_DAY, ROOM);
    struct err  e = { 0 };
    const struct case_campaign c = { .slug = STR("proxylogon"), .title = STR("ProxyLogon"), .group = STR("ProxyLogon"), .begun_us = NOW - 90 * TIME_DAY, .report_us = TIME_NONE,
                                     .patch_us = TIME_NONE, .code_us = TIME_NONE };

    ld_campaign(&d, &c);
    must(ledger_begin(d.l, &e) && ledger_source(d.l, &(struct case_source){ .name = STR("victims") }, &d.source, &e) && ledger_commit(d.l, &e), &e);
    d.m->now_us = NOW;
    return d;
}

/* All that the ledger holds, as one number. */
static uint64_t everything(struct ld *d)
{
    static const char *const table[] = { "case_file", "case_bytes", "case_refused", "case_subject", "case_subject_name", "case_link", "case_fact", "case_report", "case_door", "case_feature",
                                         "case_audit" };
    uint64_t n = 0;

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char text[64];
        snprintf(text, sizeof text, "SELECT count(*) FROM %s", table[i]);
        n = n * 131 + (uint64_t)ld_one(d, text);
    }
    return n;
}

static struct report_ask ask(const struct ld *d) { return (struct report_ask){ .source = d->source, .name = STR("report.json") }; }

static struct ledger_counts give(struct ld *d, struct report_ask q, struct str s, struct report_told *t)
{
    struct ledger_counts n = { 99, 99, 99, 99 };
    struct err           e = { 0 };

    must(report_import(d->l, &d->t.a, &q, s, &n, t, &e), &e);
    CHECK(n.rows == n.taken + n.known + n.refused && (n.refused != 0) == (t->refused[0] != 0));
    return n;
}

/* A nonce of case 7, issued ten days before the hunt; in the report. */
static struct str with_nonce(struct ld *d, const char *name, int64_t case_)
{
    char       nonce[NONCE_TEXT], is[128];
    struct err e = { 0 };

    d->m->now_us = NOW - 10 * TIME_DAY;
    must(ledger_begin(d->l, &e) && ledger_nonce(d->l, case_, TIME_NONE, nonce, &e) && ledger_commit(d->l, &e), &e);
    d->m->now_us = NOW;
    snprintf(is, sizeof is, "\"id\": \"2021-%06d\",\n  \"nonce\": \"%s\"", (int)case_, nonce);
    return fixture_change(fixture_load(name), "\"id\": null,\n  \"nonce\": null", is, 1);
}

/* --- what is in it ------------------------------------------------------------------------------------------------------ */

static void real_reports(void **state)
{
    static const struct { const char *name, *verdict, *open; uint32_t present, removed, doors, ways; enum exposure exposure; bool features, re_entered, beyond; } cases[] = {
        { "bakery", "back_door_used", "yes", 1, 0, 1, 0, EXPOSURE_PATCHED, true, true, false },
        { "two-groups", "back_door_used", "yes", 2, 0, 2, 0, EXPOSURE_PATCHED, true, true, false },
        { "shell-removed", "back_door_used", "unproven", 0, 1, 1, 0, EXPOSURE_PATCHED, true, true, false },
        { "clean", "no_trace", "no", 0, 0, 0, 0, EXPOSURE_PATCHED, false, false, false },
        { "task-left", "back_door_used", "yes", 1, 1, 1, 1, EXPOSURE_PATCHED, true, true, false },
        { "exchange-2010", "not_covered", "unproven", 0, 0, 0, 0, EXPOSURE_PATCHED, false, false, false },
        { "born-patched", "no_trace", "unproven", 0, 0, 0, 0, EXPOSURE_PATCHED, false, false, false },
        { "events-beyond", "beyond_server", "yes", 1, 0, 1, 1, EXPOSURE_PATCHED, true, false, true },
        { "untouched", "no_trace", "unproven", 0, 0, 0, 0, EXPOSURE_PATCHED, false, false, false },
    };

    for (int engine = 0; engine < ENGINES; engine++) {
        if (engine && !w.has_pg)
            continue;
        for (size_t i = 0; i < (engine ? 2 : COUNT_OF(cases)); i++) {
            struct ld        d = begin(engine);
            struct str         s = fixture_load(cases[i].name);
            struct report_told t;
            char               text[256];
            give(&d, ask(&d), s, &t);
            if (t.refused[0])
                fail_msg("%s: %s", cases[i].name, t.refused);
            CHECK_WHY(t.campaign_n == 1 && !strcmp(t.campaign[0].verdict, cases[i].verdict) && !strcmp(t.campaign[0].door_open, cases[i].open), cases[i].name);
            CHECK_WHY(t.campaign[0].grade == GRADE_C && strstr(t.campaign[0].why, "no nonce"), cases[i].name);
            snprintf(text, sizeof text, "SELECT count(*) FROM case_fact WHERE kind = %d", FACT_FINDING);
            CHECK_WHY(ld_one(&d, text) == cases[i].present, cases[i].name);
            snprintf(text, sizeof text, "SELECT count(*) FROM case_fact WHERE kind = %d", FACT_REMOVED);
            CHECK_WHY(ld_one(&d, text) == cases[i].removed, cases[i].name);
            CHECK_WHY(ld_one(&d, "SELECT count(*) FROM case_door WHERE way = 0") == cases[i].doors && ld_one(&d, "SELECT count(*) FROM case_door WHERE way = 1") == cases[i].ways, cases[i].name);
            snprintf(text, sizeof text, "SELECT value FROM case_fact WHERE kind = %d", FACT_EXPOSURE);
            CHECK_WHY(ld_one(&d, text) == (int64_t)cases[i].exposure, cases[i].name);
            snprintf(text, sizeof text, "SELECT flags FROM case_fact WHERE kind = %d", FACT_HUNT);
            CHECK_WHY(!(ld_one(&d, text) & FACT_RE_ENTERED) == !cases[i].re_entered && !(ld_one(&d, text) & FACT_PRESENT) == !cases[i].present, cases[i].name);
            CHECK_WHY((ld_one(&d, "SELECT count(*) FROM case_feature") > 0) == cases[i].features, cases[i].name);
            CHECK_WHY(ld_one(&d, "SELECT beyond FROM case_report") == cases[i].beyond && ld_one(&d, "SELECT count(*) FROM case_report") == 1, cases[i].name);
            CHECK_WHY(ld_one(&d, "SELECT count(*) FROM case_fact WHERE grade <> 2") == 0, cases[i].name);
            /* What it says holds for the moment of its newest evidence, and no later than it ran. */
            snprintf(text, sizeof text, "SELECT count(*) FROM case_fact WHERE observed_us IS NULL OR observed_us > %lld", (long long)(NOW - 15 * TIME_HOUR));
            CHECK_WHY(ld_one(&d, text) == 0, cases[i].name);
            CHECK_WHY(ld_one(&d, "SELECT count(*) FROM case_bytes") == 1 && ld_one(&d, "SELECT whole FROM case_file") == 1, cases[i].name);
            test_free(s);
            ld_close(&d);
        }
    }
    (void)state;
}

static void whose_it_is(void **state)
{
    struct ld        d = begin(0);
    struct report_told t;
    struct str         s = fixture_load("two-groups");

    (void)state;
    give(&d, ask(&d), s, &t);
    CHECK(!strcmp(t.server, "mail.orchard.example") && t.subject != 0);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_subject WHERE node = 'mail-edge7' AND domain = 'orchard.example' AND ip IS NOT NULL AND tls IS NULL") == 1);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_subject_name WHERE name = 'mail.orchard.example'") == 1);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_link WHERE value = 'orchard.example' AND kind = 4 AND confidence = 60") == 1);       /* its own name */
    CHECK(ld_one(&d, "SELECT count(*) FROM case_link WHERE value = 'orchard.example' AND kind = 9") == 1);                          /* its AD domain */
    CHECK(ld_one(&d, "SELECT count(*) FROM case_link") == 2);
    test_free(s);
    /* A name of the inside, a private address and junk tell nobody's owner, and join no two servers. */
    s = fixture_change(fixture_load("two-groups"), "\"mail.orchard.example\"", "\"exch.orchard.local\", \"not a name\", \"<b>\", \"\"", 1);
    s = fixture_change(s, "\"192.0.2.10\"", "\"10.0.0.5\", \"junk\"", 1);
    s = fixture_change(s, "\"domain\": \"orchard.example\"", "\"domain\": \"orchard.local\"", 1);
    give(&d, ask(&d), s, &t);
    CHECK(!t.refused[0] && ld_one(&d, "SELECT count(*) FROM case_link WHERE kind = 4") == 1 && ld_one(&d, "SELECT count(*) FROM case_link WHERE value = 'orchard.local' AND kind = 9") == 1);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_subject WHERE ip IS NULL") == 1 && ld_one(&d, "SELECT count(*) FROM case_subject_name") == 2);
    test_free(s);
    /* Nothing that tells the server: refused, and nothing is left of it. */
    s = fixture_change(fixture_load("clean"), "\"name\": \"EXCH01\"", "\"name\": null", 1);
    s = fixture_change(s, "\"mail.bakery.example\"", "", 1);
    s = fixture_change(s, "\"192.0.2.10\"", "", 1);
    give(&d, ask(&d), s, &t);
    CHECK(strstr(t.refused, "which server") && ld_one(&d, "SELECT count(*) FROM case_report") == 2 && ld_one(&d, "SELECT count(*) FROM case_refused") == 1);
    test_free(s);
    ld_close(&d);
}

/* --- what it is worth --------------------------------------------------------------------------------------------------- */

static void nonces(void **state)
{
    static const struct { const char *why_not; int64_t handed; bool other_id, no_id, late, early, revoked, damaged; enum grade grade; } cases[] = {
        { "no known responder", 0, false, false, false, false, false, false, GRADE_B },
        { "no known responder", 7, false, false, false, false, false, false, GRADE_B },
        { "another case than", 8, false, false, false, false, false, false, GRADE_C },
        { "is not one that this case has", 0, true, false, false, false, false, false, GRADE_C },
        { "names no case", 0, false, true, false, false, false, false, GRADE_C },
        { "no known responder", 7, false, true, false, false, false, false, GRADE_B },
        { "is not one that this case has", 0, false, false, true, false, false, false, GRADE_C },
        { "before its nonce", 0, false, false, false, true, false, false, GRADE_C },
        { "is not one that this case has", 0, false, false, false, false, true, false, GRADE_C },
        { "is not one that this case has", 0, false, false, false, false, false, true, GRADE_C },
    };

    for (int engine = 0; engine < ENGINES; engine++) {
        if (engine && !w.has_pg)
            continue;
        for (size_t i = 0; i < (engine ? 2 : COUNT_OF(cases)); i++) {
            struct ld        d = begin(engine);
            struct str         s = with_nonce(&d, "clean", 7);
            struct report_told t;
            struct report_ask  q = ask(&d);
            struct err         e = { 0 };
            uint64_t           n;
            q.case_ = cases[i].handed;
            if (cases[i].other_id)
                s = fixture_change(s, "2021-000007", "2021-000008", 1);
            if (cases[i].no_id)
                s = fixture_change(s, "\"2021-000007\"", "null", 1);
            if (cases[i].early)
                s = fixture_change(s, "\"started\": \"2021-04-02", "\"started\": \"2021-03-04", 1);
            if (cases[i].damaged)
                s = fixture_change(s, "\"nonce\": \"", "\"nonce\": \"a", 1);
            if (cases[i].late)
                d.m->now_us = NOW + 200 * TIME_DAY;
            if (cases[i].revoked) {
                must(ledger_begin(d.l, &e) && ledger_nonce_revoke(d.l, 7, STR("it went astray"), &n, &e) && ledger_commit(d.l, &e), &e);
                d.m->now_us += TIME_SECOND;
            }
            give(&d, q, s, &t);
            if (t.campaign_n != 1 || t.campaign[0].grade != cases[i].grade || !strstr(t.campaign[0].why, cases[i].why_not))
                fail_msg("%zu: grade %s: %s%s", i, grade_name(t.campaign[0].grade), t.campaign[0].why, t.refused);
            CHECK(ld_one(&d, "SELECT nonce_ok FROM case_report") == (cases[i].grade >= GRADE_B));
            test_free(s);
            ld_close(&d);
        }
    }
    (void)state;
}

static struct report_signed signed_by_known(void) { return (struct report_signed){ .given = true, .known = true, .fingerprint = "AB" }; }

static void grades(void **state)
{
    struct ld        d = begin(0);
    struct str         s = with_nonce(&d, "clean", 7), partly;
    struct report_told t;
    struct report_ask  q = ask(&d);

    (void)state;
    q.signature = signed_by_known();
    give(&d, q, s, &t);
    CHECK(t.campaign[0].grade == GRADE_A && ld_one(&d, "SELECT count(*) FROM case_fact WHERE grade = 4") == 2);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_link WHERE confidence = 100") == 2);
    test_free(s);
    /* Complete, by its own word; its logs say otherwise: no proof of anything, and the door is not said to be shut. */
    partly = fixture_change(with_nonce(&d, "clean", 7), "\"since\": null", "\"since\": \"2021-03-01T00:00:00Z\"", 1);
    give(&d, q, partly, &t);
    CHECK(t.campaign[0].grade == GRADE_C && strstr(t.campaign[0].why, "begin later than the window"));
    CHECK(ld_one(&d, "SELECT count(*) FROM case_fact WHERE kind = 2 AND grade = 2 AND flags = 0") == 1);
    /* The build was seen all the same. */
    CHECK(ld_one(&d, "SELECT count(*) FROM case_fact WHERE kind = 0 AND grade = 4") == 1);
    test_free(partly);
    /* A responder on site needs no nonce. */
    q           = ask(&d);
    q.on_site   = true;
    s           = fixture_load("bakery");
    give(&d, q, s, &t);
    CHECK(t.campaign[0].grade == GRADE_A);
    test_free(s);
    /* A signature that proves nothing says why. */
    q           = ask(&d);
    q.signature = (struct report_signed){ .given = true, .why = "its signature proves nothing: its key was revoked" };
    s           = with_nonce(&d, "ways-config", 7);
    give(&d, q, s, &t);
    CHECK(t.campaign[0].grade <= GRADE_B);
    test_free(s);
    ld_close(&d);
}

/* With the nonce of his own case nobody makes another's server clean. */
static void another_s_server(void **state)
{
    static const struct { const char *board, *why; enum grade grade; } cases[] = {
        { "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example')", "no known responder", GRADE_B },      /* known, and nobody's */
        { "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example');"
          "INSERT INTO case_member (asset, org) VALUES (5, 31)", "another's", GRADE_C },
        { "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example');"
          "INSERT INTO case_member (asset, org) VALUES (5, 30)", "no known responder", GRADE_B },
        { "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example'); INSERT INTO case_server_name (asset, name) VALUES (6, 'mail.bakery.example');"
          "INSERT INTO case_member (asset, org) VALUES (5, 31); INSERT INTO case_member (asset, org) VALUES (6, 30)", "no known responder", GRADE_B },
        { "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.other.example');"
          "INSERT INTO case_member (asset, org) VALUES (5, 31)", "no known responder", GRADE_B },
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        size_t k = i / 2;
        if (i % 2 && (!w.has_pg || k != 1))
            continue;
        struct ld        d = begin(i % 2);
        struct str         s = with_nonce(&d, "clean", 7);
        struct report_told t;
        ld_exec(&d, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (7, 1, 30, 0)");
        ld_exec(&d, cases[k].board);
        give(&d, ask(&d), s, &t);
        if (t.campaign[0].grade != cases[k].grade || !strstr(t.campaign[0].why, cases[k].why))
            fail_msg("%zu: grade %s: %s", k, grade_name(t.campaign[0].grade), t.campaign[0].why);
        test_free(s);
        ld_close(&d);
    }
}

/* --- twice ---------------------------------------------------------------------------------------------------------------- */

static void nothing_twice(void **state)
{
    for (int engine = 0; engine < ENGINES; engine++) {
        if (engine && !w.has_pg)
            continue;
        struct ld        d = begin(engine);
        struct report_told t;
        struct str         s = with_nonce(&d, "two-groups", 7), bad = fixture_change(fixture_load("bakery"), "\"verdict\": \"back_door_used\"", "\"verdict\": \"no_trace\"", 1);
        struct ledger_counts n = give(&d, ask(&d), s, &t);
        CHECK(n.taken == n.rows && n.rows == 4 && !t.again);
        uint64_t before = everything(&d);
        d.m->now_us += TIME_DAY;
        n = give(&d, ask(&d), s, &t);
        CHECK(n.taken == 0 && t.again && everything(&d) == before);
        /* A worse proof of the same bytes takes nothing away: its nonce is out of date by now. */
        d.m->now_us += 300 * TIME_DAY;
        n = give(&d, ask(&d), s, &t);
        CHECK(n.taken == 0 && t.again && everything(&d) == before);
        d.m->now_us = NOW;
        /* A better one adds what is proven now, and says so. */
        struct report_ask q = ask(&d);
        q.on_site = true;
        n = give(&d, q, s, &t);
        CHECK(n.taken == 4 && !t.again && t.campaign[0].grade == GRADE_A && ld_one(&d, "SELECT grade FROM case_report") == 4 && ld_one(&d, "SELECT count(*) FROM case_report") == 1);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_audit WHERE what = 'report proven'") == 1);
        /* What was refused is refused again, once. */
        before = everything(&d);
        n = give(&d, ask(&d), bad, &t);
        CHECK(n.refused == 1 && strstr(t.refused, "campaigns[0].verdict: no_trace, but its axes make it back_door_used") && everything(&d) != before);
        before = everything(&d);
        give(&d, ask(&d), bad, &t);
        CHECK(t.refused[0] && everything(&d) == before && ld_one(&d, "SELECT count(*) FROM case_refused") == 1);
        test_free(s);
        test_free(bad);
        ld_close(&d);
    }
    (void)state;
}

/* The same hunt again, and a later one: what did not change is known, and the new is beside the old. */
static void a_second_hunt(void **state)
{
    struct ld        d = begin(0);
    struct report_told t;
    struct str         s = fixture_load("two-groups"), again = fixture_change(fixture_load("two-groups"), "\"seconds\": 1.25", "\"seconds\": 9.5", 1);
    struct ledger_counts n = give(&d, ask(&d), s, &t);

    (void)state;
    int64_t facts = ld_one(&d, "SELECT count(*) FROM case_fact"), subject = t.subject;
    n = give(&d, ask(&d), again, &t);
    CHECK(n.taken == 0 && n.known == 4 && t.subject == subject && ld_one(&d, "SELECT count(*) FROM case_fact") == facts && ld_one(&d, "SELECT count(*) FROM case_report") == 2);
    test_free(s);
    test_free(again);
    /* Other letters in the path, other bytes in the page: the same back door. */
    int64_t doors = ld_one(&d, "SELECT count(DISTINCT finding) FROM case_door");
    s = fixture_change(fixture_load("two-groups"), "\"path\": \"C:\\\\inetpub\\\\wwwroot\\\\aspnet_client\\\\system_web\\\\relay.aspx\"",
                       "\"path\": \"c:\\\\INETPUB\\\\wwwroot\\\\aspnet_client\\\\system_web\\\\RELAY.aspx\"", 1);
    give(&d, ask(&d), s, &t);
    CHECK(!t.refused[0] && ld_one(&d, "SELECT count(DISTINCT finding) FROM case_door") == doors);
    test_free(s);
    ld_close(&d);
}

/* In any order the same facts. */
static void any_order(void **state)
{
    static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    static const char *const name[] = { "bakery", "shell-removed", "clean" };
    int64_t sum = 0, features = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct ld d = begin(0);
        for (size_t k = 0; k < 3; k++) {
            struct report_told t;
            struct str s = fixture_load(name[order[i][k]]);
            give(&d, ask(&d), s, &t);
            test_free(s);
        }
        int64_t got = ld_one(&d, "SELECT sum(id % 1000003) FROM case_fact"), also = ld_one(&d, "SELECT sum(id % 1000003) FROM case_feature");
        CHECK(i == 0 || (got == sum && also == features));
        sum      = got;
        features = also;
        ld_close(&d);
    }
}

/* --- what becomes of it: the facts of a server, folded ------------------------------------------------------------------ */

/* Facts as update_facts takes them, all of one server. */
static struct asset_state state_of(struct ld *d)
{
    static struct fact f[256];
    struct store_stmt *st;
    struct err         e = { 0 };
    struct asset_state out;
    size_t             n = 0;
    enum store_got     got;

    must(store_prepare(d->s, "SELECT id, kind, grade, value, flags, source, finding, observed_us, recorded_us, own_us FROM case_fact", &st, &e), &e);
    while ((got = store_step(st, &e)) == STORE_ROW && n < COUNT_OF(f)) {
        int64_t id = store_int(st, 0);
        f[n] = (struct fact){ .kind = (enum fact_kind)store_int(st, 1), .grade = (enum grade)store_int(st, 2), .value = (int32_t)store_int(st, 3), .flags = (uint32_t)store_int(st, 4),
                              .subject = 1, .source = (uint64_t)store_int(st, 5), .finding = (uint64_t)store_int(st, 6), .observed_us = store_int(st, 7), .recorded_us = store_int(st, 8),
                              .own_us = store_null(st, 9) ? TIME_NONE : store_int(st, 9) };
        memcpy(f[n].hash, &id, sizeof id);
        n++;
    }
    store_finish(st);
    CHECK(got == STORE_DONE);
    must(asset_fold(f, n, 1, (struct fold_at){ TIME_NONE, TIME_NONE }, d->t.a, &out, &e), &e);
    return out;
}

/* Entered, hunted clean, entered again: in whatever order the reports come in. */
static void a_story(void **state)
{
    static const uint8_t order[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct ld d = begin(0);
        /* Of 31 March; of 1 April, clean; and one of 2 April, with a page made on that day. */
        struct str  s[3] = { fixture_load("shell-removed"), with_nonce(&d, "clean", 7), with_nonce(&d, "bakery", 7) };
        s[1] = fixture_change(s[1], "\"newest_evidence\": \"2021-03-31", "\"newest_evidence\": \"2021-04-01", 1);
        s[2] = fixture_change(s[2], "\"newest_evidence\": \"2021-03-31T", "\"newest_evidence\": \"2021-04-02T", 1);
        s[2] = fixture_change(s[2], "\"started\": \"2021-04-02T09", "\"started\": \"2021-04-02T23", 1);
        s[2] = fixture_change(s[2], "\"created\": \"2021-03-03", "\"created\": \"2021-04-02", 1);
        for (size_t k = 0; k < 3; k++) {
            struct report_told t;
            give(&d, ask(&d), s[order[i][k]], &t);
            if (t.refused[0])
                fail_msg("%u: %s", order[i][k], t.refused);
            if (i == 0 && k == 0) {
                struct asset_state a = state_of(&d);
                CHECK(a.compromise == COMPROMISE_REMOVED && a.backdoored_ever && a.re_entered && !a.clean && !a.hunted);
            }
            if (i == 0 && k == 1) {
                struct asset_state a = state_of(&d);
                CHECK(a.exposure == EXPOSURE_PATCHED && a.exposure_grade == GRADE_B && a.compromise == COMPROMISE_NEGATIVE && a.clean && a.hunted);
            }
        }
        struct asset_state a = state_of(&d);
        CHECK(a.compromise == COMPROMISE_RELAPSED && a.relapses == 1 && a.missed == 0 && !a.clean && a.was_clean && a.hunted && a.re_entered);
        for (size_t k = 0; k < 3; k++)
            test_free(s[k]);
        ld_close(&d);
    }
}

/* --- refused ---------------------------------------------------------------------------------------------------------------- */

static void refusals(void **state)
{
    static const struct { const char *was, *is, *why; } cases[] = {
        { "\"schema\": \"afterpatch-report/1\"", "\"schema\": \"afterpatch-report/9\"", "schema: not one of" },
        { "\"id\": \"proxylogon\",\n   \"verdict\"", "\"id\": \"another<script>\",\n   \"verdict\"", "campaigns[0].id: the campaign another?script? is not known here" },
        { "2021-04-02T09:00:00Z", "2022-04-02T09:00:00Z", "run.started: later than now" },
        { "\"findings\": [", "\"findings\": [1, ", "campaigns[0].exposure.findings[0]: not a text" },
    };
    struct ld d = begin(0);
    struct report_told t;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str s = fixture_change(fixture_load("clean"), cases[i].was, cases[i].is, 1);
        give(&d, ask(&d), s, &t);
        if (!strstr(t.refused, cases[i].why))
            fail_msg("%s: %s", cases[i].is, t.refused);
        test_free(s);
    }
    CHECK(ld_one(&d, "SELECT count(*) FROM case_fact") == 0 && ld_one(&d, "SELECT count(*) FROM case_subject") == 0 && ld_one(&d, "SELECT count(*) FROM case_refused") == (int64_t)COUNT_OF(cases));
    CHECK(ld_one(&d, "SELECT count(*) FROM case_bytes") == 0);
    /* A campaign that is known later, or a time that has come: the same bytes are good then. */
    struct str s = fixture_change(fixture_load("clean"), "\"id\": \"proxylogon\",\n   \"verdict\"", "\"id\": \"later\",\n   \"verdict\"", 1);
    give(&d, ask(&d), s, &t);
    CHECK(t.refused[0]);
    struct err e = { 0 };
    int64_t    id;
    must(ledger_begin(d.l, &e) && ledger_campaign(d.l, &(struct case_campaign){ .slug = STR("later"), .title = STR("Later") }, &id, &e) && ledger_commit(d.l, &e), &e);
    struct ledger_counts n = give(&d, ask(&d), s, &t);
    CHECK(!t.refused[0] && n.taken == 2);
    /* Another campaign was asked for. */
    struct report_ask q = ask(&d);
    q.campaign = d.campaign;
    struct str other = fixture_change(s, "\"seconds\": 1.25", "\"seconds\": 1.5", 1);
    give(&d, q, other, &t);
    CHECK(strstr(t.refused, "not asked for"));
    test_free(other);

    ld_close(&d);
}

/* Whatever stands in a text: it goes where it belongs, and our own words stay plain. */
static void hostile(void **state)
{
    static const char *const evil[] = {
        "=cmd|' /c calc'!A1", "<script>alert(1)</script>", "\\u0000\\u001b[2J\\u0007", "'); DROP TABLE case_fact; --", "\\ud800\\udfff\\ud83d", "../../../etc/passwd",
        ("\xE2\x80\xAE" "gpj.exe"), "%s%n%x",
    };
    static const char *const field[] = {
        "\"sandbox\": \"landlock+seccomp\"", "\"name\": \"EXCH01\"", "\"organisation\": null", "\"os\": null", "\"domain\": \"bakery.example\"", "\"key\": \"rye7Qk2LmZp1\"", "\"build\": \"15.1.2106.13\"",
        "\"version\": \"0.1.0\"", "\"fqdns\": [", "\"addresses\": [", "\"clients\": [", "\"user_agents\": [", "\"keys\": [", "\"id\": null", "\"nonce\": null",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(field); i++) {
        struct ld d = begin(0);
        for (size_t k = 0; k < COUNT_OF(evil); k++) {
            struct report_told t;
            struct str         s = fixture_load("bakery"), had = str_c(field[i]);
            char               is[256];
            size_t             colon = str_chr(had, ':');
            if (field[i][had.n - 1] == '[')
                snprintf(is, sizeof is, "%s\"%s\", ", field[i], evil[k]);
            else
                snprintf(is, sizeof is, "%.*s: \"%s\"", (int)colon, field[i], evil[k]);
            if (!str_has(s, had)) {
                test_free(s);
                continue;
            }
            s = fixture_change(s, field[i], is, 0);
            give(&d, ask(&d), s, &t);
            if (t.refused[0] && !strstr(t.refused, "key"))
                fail_msg("%s: %s", is, t.refused);
            for (const char *const *p = (const char *const[]){ t.server, t.refused, t.note, t.campaign[0].why, NULL }; *p; p++)
                for (const char *c = *p; *c; c++)
                    CHECK((uint8_t)*c >= 0x20 && (uint8_t)*c < 0x7f && *c != '<' && *c != '>');
            CHECK(ld_one(&d, "SELECT count(*) FROM case_fact") >= 0);
            test_free(s);
        }
        ld_close(&d);
    }
}

static void recognises(void **state)
{
    static const struct { const char *text; bool is; } cases[] = {
        { "{\"schema\": \"afterpatch-report/1\", \"tool\"", true }, { "  {\n \"schema\" :\n\"afterpatch-report/7\"", true }, { "{\"tool\": {}, \"schema\":\"afterpatch-report/1\"}", true },
        { "{\"schema\": \"afterpatch-summary/1\"}", false }, { "[{\"schema\": \"afterpatch-report/1\"}]", false }, { "", false }, { "{", false }, { "{\"schema\"", false }, { "{\"schema\":", false },
        { "ip,port\n\"schema\": \"afterpatch-report/1\"", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str s = test_heap(cases[i].text, strlen(cases[i].text));
        CHECK_WHY(report_recognise(s) == cases[i].is, cases[i].text);
        test_free(s);
    }
    for (size_t i = 0; i < COUNT_OF(fixture_names); i++) {
        struct str s = fixture_load(fixture_names[i]);
        CHECK(report_recognise(str_sub(s, 0, 200)));
        test_free(s);
    }
}

/* Without memory nothing is taken, and the next import works. */
static void no_memory(void **state)
{
    struct str s = fixture_load("two-groups");
    struct ld d = begin(0);
    uint32_t   n;

    (void)state;
    for (n = 1;; n += n < 40 ? 1 : 7) {
        struct fault  f = { .left = n };
        struct arena  a = d.t.a;
        struct err    e = { 0 };
        struct report_told t;
        struct ledger_counts c;
        struct report_ask q = ask(&d);
        a.fault = &f;
        bool ok = report_import(d.l, &a, &q, s, &c, &t, &e);
        if (!f.fired) {
            CHECK(ok && !t.refused[0] && c.taken == 4);
            break;
        }
        /* A name that could not be cleaned for want of room is left out; all else fails and leaves nothing. */
        if (ok && !t.refused[0])
            ld_exec(&d, "DELETE FROM case_fact; DELETE FROM case_file; DELETE FROM case_bytes; DELETE FROM case_report; DELETE FROM case_door; DELETE FROM case_feature; DELETE FROM case_subject;"
                    "DELETE FROM case_subject_name; DELETE FROM case_link");
        else
            CHECK(!ok && e.kind == ERR_MEMORY && ld_one(&d, "SELECT count(*) FROM case_fact") == 0 && ld_one(&d, "SELECT count(*) FROM case_file") == 0);
    }
    CHECK(n > 20);
    test_free(s);
    ld_close(&d);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_reports), cmocka_unit_test(whose_it_is), cmocka_unit_test(nonces), cmocka_unit_test(grades), cmocka_unit_test(another_s_server),
        cmocka_unit_test(nothing_twice), cmocka_unit_test(a_second_hunt), cmocka_unit_test(any_order), cmocka_unit_test(a_story), cmocka_unit_test(refusals), cmocka_unit_test(hostile), cmocka_unit_test(recognises),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
