/* A report that is tried gets the word that it would get when it is taken, and nothing is written; and whose server it would be. */
#include "test.h"

#include "base/num.h"
#include "casework/report_fixture.h"
#include "casework/report_try.h"
#include "ledger_desk.h"

static struct pg_server pg;
static bool has_pg;

enum { ROOM = 24 << 20 };
#define NOW INT64_C(1617408000000000)          /* 2021-04-03; the reports ran on the day before */

static const struct case_campaign own = { .slug = { (const uint8_t *)"proxylogon", 10 }, .title = { (const uint8_t *)"ProxyLogon", 10 }, .group = { (const uint8_t *)"ProxyLogon", 10 },
                                          .begun_us = NOW - 90 * TIME_DAY, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };

static struct ld begin(int engine, bool campaign)
{
    struct ld d = ld_open(engine ? pg.where : NULL, "anna", NOW - 10 * TIME_DAY, ROOM);
    struct err e = { 0 };

    if (campaign)
        ld_campaign(&d, &own);
    CHECK(ledger_begin(d.l, &e) && ledger_source(d.l, &(struct case_source){ .name = STR("victims") }, &d.source, &e) && ledger_commit(d.l, &e));
    d.m->now_us = NOW;
    return d;
}

static int64_t rows(struct ld *d)
{
    static const char *const table[] = { "case_file", "case_bytes", "case_refused", "case_subject", "case_subject_name", "case_link", "case_fact", "case_report", "case_door", "case_feature", "case_audit", "case_campaign" };
    int64_t n = 0;

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        char sql[60];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table[i]);
        n = n * 37 + ld_one(d, sql);
    }
    return n;
}

static struct report_match try(struct ld *d, const struct report_ask *ask, const struct case_campaign *fresh, struct str s, struct report_told *t)
{
    struct arena        a = d->t.a;
    struct report_match m;
    struct err          e = { 0 };
    int64_t             before = rows(d);

    if (!report_try(ledger_store(d->l), ask, fresh, NOW, &a, s, t, &m, &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK_WHY(rows(d) == before, "something was written");
    return m;
}

static void same_word(const struct report_told *x, const struct report_told *y, const char *why)
{
    bool same = !strcmp(x->refused, y->refused) && !strcmp(x->server, y->server) && x->campaign_n == y->campaign_n;

    for (uint32_t i = 0; same && i < x->campaign_n; i++)
        same = !strcmp(x->campaign[i].slug, y->campaign[i].slug) && !strcmp(x->campaign[i].verdict, y->campaign[i].verdict) && !strcmp(x->campaign[i].door_open, y->campaign[i].door_open) &&
               x->campaign[i].grade == y->campaign[i].grade && !strcmp(x->campaign[i].why, y->campaign[i].why);
    if (!same)
        fail_msg("%s: tried: \"%s\" %s grade %s %s; taken: \"%s\" %s grade %s %s", why, x->refused, x->server, grade_name(x->campaign[0].grade), x->campaign[0].why, y->refused, y->server,
                 grade_name(y->campaign[0].grade), y->campaign[0].why);
}

/* Tried, taken, tried again. */
static void both(struct ld *d, const struct report_ask *ask, struct str s, const char *why)
{
    struct report_told   tried, taken;
    struct ledger_counts n;
    struct arena         a = d->t.a;
    struct err           e = { 0 };

    try(d, ask, NULL, s, &tried);
    CHECK_WHY(!tried.again, why);
    if (!report_import(d->l, &a, ask, s, &n, &taken, &e))
        fail_msg("%s: %s", why, e.what);
    same_word(&tried, &taken, why);
    try(d, ask, NULL, s, &tried);
    CHECK_WHY(tried.again == !taken.refused[0], why);
    test_free(s);
}

static void like_taking(void **state)
{
    static const struct { const char *why, *was, *is; } broken[] = {
        { "a verdict that its axes do not give", "\"verdict\": \"back_door_used\"", "\"verdict\": \"no_trace\"" },
        { "no verdict at all", "\"verdict\": \"back_door_used\"", "\"verdict\": \"fine\"" },
        { "another campaign", "\"id\": \"proxylogon\"", "\"id\": \"elsewhere\"" },
        { "another schema", "\"afterpatch-report/", "\"other-report/" },
    };

    (void)state;
    for (int engine = 0; engine < (has_pg ? 2 : 1); engine++) {
        for (size_t i = 0; i < (engine ? 2 : COUNT_OF(fixture_names)); i++) {
            struct ld         d = begin(engine, true);
            struct report_ask ask = { .source = d.source, .name = STR("report.json"), .on_site = i == 3 };
            both(&d, &ask, fixture_load(fixture_names[i]), fixture_names[i]);
            ld_close(&d);
        }
        struct ld         d = begin(engine, true);
        struct report_ask ask = { .source = d.source, .name = STR("report.json") };
        for (size_t i = 0; i < COUNT_OF(broken); i++)
            both(&d, &ask, fixture_change(fixture_load("bakery"), broken[i].was, broken[i].is, 1), broken[i].why);
        both(&d, &ask, test_heap("{\"schema\": \"afterpatch-report/1\", [", 34), "no JSON");
        /* A nonce of its case, given before the hunt. */
        char       nonce[NONCE_TEXT], is[128];
        struct err e = { 0 };
        d.m->now_us = NOW - 10 * TIME_DAY;
        CHECK(ledger_begin(d.l, &e) && ledger_nonce(d.l, 7, TIME_NONE, nonce, &e) && ledger_commit(d.l, &e));
        d.m->now_us = NOW;
        snprintf(is, sizeof is, "\"id\": \"2021-000007\",\n  \"nonce\": \"%s\"", nonce);
        struct str         s = fixture_change(fixture_load("clean"), "\"id\": null,\n  \"nonce\": null", is, 1);
        struct report_told t;
        CHECK(try(&d, &ask, NULL, s, &t).nonce_case == 7 && t.campaign[0].grade == GRADE_B);
        both(&d, &ask, s, "with a nonce");
        ld_close(&d);
    }
}

/* Before there is a store: by the campaign that an import would bring; and a store that has none yet. */
static void before_a_store(void **state)
{
    struct ld           d = begin(0, false);
    struct report_ask   ask = { .name = STR("report.json") };
    struct str          s = fixture_load("bakery");
    struct arena        a = d.t.a;
    struct report_told  t;
    struct report_match m;
    struct err          e = { 0 };

    (void)state;
    CHECK(report_try(NULL, &ask, &own, NOW, &a, s, &t, &m, &e) && !t.refused[0] && t.campaign_n == 1 && t.campaign[0].grade == GRADE_C && m.servers == 0 && !m.by);
    CHECK(report_try(NULL, &ask, NULL, NOW, &a, s, &t, &m, &e) && strstr(t.refused, "proxylogon is not known here"));
    m = try(&d, &ask, &own, s, &t);
    CHECK(!t.refused[0] && t.campaign[0].grade == GRADE_C && m.servers == 0);
    s = fixture_change(s, "\"id\": null,\n  \"nonce\": null", "\"id\": \"2021-000007\",\n  \"nonce\": \"aaaaaaaaaaaaaaaaaaaaaaaaaa\"", 1);
    a = d.t.a;
    CHECK(report_try(NULL, &ask, &own, NOW, &a, s, &t, &m, &e) && strstr(t.campaign[0].why, "no store"));
    test_free(s);
    ld_close(&d);
}

#define SERVER(asset, org) "INSERT INTO case_server (campaign, asset, org, case_id, name, port, country, asn, product, build, exposure, exposure_grade, compromise, compromise_grade, clean, was_clean, suspicion," \
    " hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, relapses, missed, confidence, shared) VALUES (1, " #asset ", " #org ", 70, 'srv" #asset "', 443, '', 0, '', '', 0, 0, 0, 0, 0, 0," \
    " 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);"
#define BOARD SERVER(5, 30) SERVER(6, 31) "INSERT INTO case_org (org, name, name_from, sector, sector_source, size, country, confidence, servers, provider) VALUES (30, 'Bakery', 0, '', 0, '', '', 0, 0, 0), (31, 'Mill', 0, '', 0, '', '', 0, 0, 0);"

static void whose(void **state)
{
    static const struct { const char *why, *board, *by; uint32_t servers; int64_t asset, org; } c[] = {
        { "nobody's", "", NULL, 0, 0, 0 },
        { "a host name", "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example');", "its host name", 1, 5, 30 },
        { "two have it", "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example'), (6, 'mail.bakery.example');", "its host name", 2, 0, 0 },
        { "a computer name before a host name", "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example'); INSERT INTO case_subject (id, port, node, domain) VALUES (900, 0, 'NODE', 'DOMAIN');"
          "INSERT INTO case_asset (subject, asset) VALUES (900, 6);", "its computer name", 1, 6, 31 },
        { "another computer", "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example'); INSERT INTO case_subject (id, port, node, domain) VALUES (900, 0, 'other', 'corp.example');"
          "INSERT INTO case_asset (subject, asset) VALUES (900, 5);", NULL, 0, 0, 0 },
        { "a domain", "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (1, 3, 'bakery.example', '', 2, 2, 1);"
          "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) VALUES (5, 1, 0, 0, 75, 90, 90, 0, 0, '');"
          "INSERT INTO case_member (asset, org) VALUES (5, 30);", "its domain", 0, 0, 30 },
        { "a provider's domain", "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (1, 3, 'bakery.example', '', 3, 2, 1);"
          "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) VALUES (5, 1, 0, 0, 75, 90, 90, 0, 0, '');"
          "INSERT INTO case_member (asset, org) VALUES (5, 30);", NULL, 0, 0, 0 },
    };

    (void)state;
    for (int engine = 0; engine < (has_pg ? 2 : 1); engine++)
        for (size_t i = 0; i < COUNT_OF(c); i++) {
            struct ld           d = begin(engine, true);
            struct report_ask   ask = { .source = d.source, .name = STR("report.json") };
            struct str          s = fixture_load("bakery");
            struct hunt_report  r;
            struct report_told  t;
            struct arena        a = d.t.a;
            struct err          e = { 0 };
            char                board[4096], node[100], domain[100];

            CHECK(report_read(&r, &a, s, &e));
            snprintf(node, sizeof node, "%.*s", STR_ARG(str_lower(&a, r.server.name)));
            snprintf(domain, sizeof domain, "%.*s", STR_ARG(str_lower(&a, r.server.domain)));
            struct str sql = str_c(c[i].board);
            size_t     at = str_find(sql, STR("'NODE', 'DOMAIN'"));
            if (at == STR_NONE)
                snprintf(board, sizeof board, BOARD "%s", c[i].board);
            else
                snprintf(board, sizeof board, BOARD "%.*s'%s', '%s'%s", (int)at, c[i].board, node, domain, c[i].board + at + strlen("'NODE', 'DOMAIN'"));
            ld_exec(&d, board);
            struct report_match m = try(&d, &ask, NULL, s, &t);
            if (m.servers != c[i].servers || m.asset != c[i].asset || m.org != c[i].org || !m.by != !c[i].by || (m.by && strcmp(m.by, c[i].by)))
                fail_msg("%s: %u servers, asset %d, org %d, by %s", c[i].why, m.servers, (int)m.asset, (int)m.org, m.by ? m.by : "nothing");
            if (m.org)
                CHECK_STR(m.owner, m.org == 30 ? STR("Bakery") : STR("Mill"));
            test_free(s);
            ld_close(&d);
        }
}

/* Room that ends at each step: it is said, or a name that there was no room for is one that nobody sees, as when it is taken. */
static void no_memory(void **state)
{
    struct ld         d = begin(0, true);
    struct str        s = fixture_load("clean");
    struct report_ask ask = { .name = STR("report.json") };

    (void)state;
    ld_exec(&d, BOARD "INSERT INTO case_server_name (asset, name) VALUES (5, 'mail.bakery.example');");
    for (uint32_t n = 1; n < 100000; n++) {
        struct fault        f = { .left = n };
        struct arena        a = d.t.a;
        struct report_told  t;
        struct report_match m;
        struct err          e = { 0 };

        a.fault = &f;
        bool ok = report_try(ledger_store(d.l), &ask, NULL, NOW, &a, s, &t, &m, &e);
        CHECK(ok || (e.kind != ERR_NONE && e.what[0]));
        if (!f.fired) {
            CHECK(ok && m.asset == 5);
            break;
        }
    }
    test_free(s);
    ld_close(&d);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(like_taking), cmocka_unit_test(before_a_store), cmocka_unit_test(whose), cmocka_unit_test(no_memory) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
