/*
 * Every view of `afterpatch case` over a filled store, on both engines: the same answers, and how long each takes. AP_CASES: organisations, with three servers each (200
 * without it); with it each view has to end within AP_CASES_MS (50) milliseconds, reading the store's file included. `make bench CASES=20000` does that.
 */
#include "cli/case_fixture.h"

#include "base/num.h"
#include "casework/why.h"
#include "pg_server.h"

#include <time.h>

enum { SMALL = 200, ROUNDS = 10 };

/* CPU time of this process and, with PostgreSQL, of its server with the connections that have ended: what a view costs on a machine that has nothing else to do. */
static double cpu_ms(pid_t server)
{
    struct timespec t;
    char            path[64], line[1024] = "";
    unsigned long   ticks[4] = { 0 };

    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
    if (server) {
        snprintf(path, sizeof path, "/proc/%d/stat", (int)server);
        FILE *f = fopen(path, "r");
        CHECK(f && fgets(line, sizeof line, f) && fclose(f) == 0);
        char *after = strrchr(line, ')');
        CHECK(after && sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %lu %lu", &ticks[0], &ticks[1], &ticks[2], &ticks[3]) == 4);
    }
    return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6 + (double)(ticks[0] + ticks[1] + ticks[2] + ticks[3]) * 1000 / (double)sysconf(_SC_CLK_TCK);
}

/* n(i) is 1..count; both engines understand it. */
static void fill(struct fixture *f, int64_t count, const char *insert)
{
    char sql[4096];

    snprintf(sql, sizeof sql, "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS {int}) UNION ALL SELECT i + 1 FROM n WHERE i < %lld) %s", (long long)count, insert);
    fixture_exec(f, sql);
}

static void servers(struct fixture *f, int64_t n)
{
    struct store_bulk *b = NULL;
    struct err         e = { 0 };
    char               name[64];

    CHECK(store_bulk_begin(f->s, "case_server",
                           "campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us,"
                           " clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us, relapses, missed,"
                           " first_seen_us, last_seen_us, confidence, shared", STORE_FRESH, &b, &e));
    for (int64_t i = 1; i <= n; i++) {
        uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
        int64_t org = (i - 1) / 3 + 1;

        snprintf(name, sizeof name, "mail%lld.firm%lld.example", (long long)i, (long long)org);
        const int64_t before[] = { PROXYLOGON, i, org, org };
        const int64_t after[] = { i % 5 ? EXPOSURE_PATCHED : EXPOSURE_VULNERABLE, GRADE_B, fixture_day(3), i % 11 ? COMPROMISE_UNKNOWN : COMPROMISE_BACKDOORED, GRADE_A, fixture_day(9),
                                  0, 0, 0, i % 11 == 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, fixture_day(3), fixture_day(29), 80, 0 };
        for (size_t k = 0; k < COUNT_OF(before); k++)
            store_bulk_int(b, before[k]);
        store_bulk_text(b, str_c(name));
        store_bulk_bytes(b, (struct str){ ip, sizeof ip });
        store_bulk_int(b, 443);
        store_bulk_text(b, STR("AT"));
        store_bulk_int(b, 64500);
        store_bulk_text(b, STR("Exchange Server 2016"));
        store_bulk_text(b, STR("15.1.2176.2"));
        for (size_t k = 0; k < COUNT_OF(after); k++)
            store_bulk_int(b, after[k]);
        CHECK(store_bulk_row(b, &e));
    }
    CHECK(store_bulk_end(b, NULL, &e));
}

static void fixture_large(struct fixture *f, int64_t orgs)
{
    int64_t n = orgs * 3;

    fixture_campaign(f, PROXYLOGON, "proxylogon", "ProxyLogon");
    fixture_exec(f, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (40, 'shadow', 'shadow', 'GREEN', 1)");
    fill(f, orgs, "INSERT INTO case_org (org, name, name_from, sector, sector_source, size, country, confidence, servers, provider) SELECT i, 'Organisation ' || i, 4,"
                  " CASE i % 4 WHEN 0 THEN 'retail' WHEN 1 THEN 'education' ELSE '' END, 40, 'small', CASE i % 3 WHEN 0 THEN 'AT' WHEN 1 THEN 'US' ELSE '' END, 80, 3, 0 FROM n");
    fill(f, orgs, "INSERT INTO case_org_country (org, country) SELECT i, 'AT' FROM n");
    fill(f, orgs, "INSERT INTO case_case (id, campaign, org, opened_us) SELECT i, 7, i, 1614900000000000 FROM n");
    fill(f, orgs, "INSERT INTO case_state (case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored,"
                  " patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us, patched_us,"
                  " hunted_us, clean_us, changed_us, urgency, why) SELECT i, 7, i, i % 15 + 1, i % 15 + 1, CASE WHEN i % 200 = 0 THEN 1 ELSE 0 END, 0, 'r', 'b', NULL, i % 512, 3, 1, 2, 0,"
                  " 0, 0, 0, 0, 0, 0, 0, 0, CASE WHEN i % 50 = 0 THEN 1 ELSE 0 END, 1614900000000000, NULL, NULL, NULL, NULL, NULL, NULL, 1614900000000000, (i * 7919) % 1000,"
                  " 'a server is vulnerable, and nobody was told: write to its owner' FROM n");
    servers(f, n);
    fill(f, n, "INSERT INTO case_server_name (asset, name) SELECT i, 'mail' || i || '.firm' || ((i - 1) / 3 + 1) || '.example' FROM n");
    fill(f, n, "INSERT INTO case_server_name (asset, name) SELECT i, 'autodiscover' || i || '.firm' || ((i - 1) / 3 + 1) || '.example' FROM n");
    fill(f, n, "INSERT INTO case_subject (id, ip, port, tls, node, domain) SELECT i + 1000000, NULL, 443, NULL, 'ex' || i, '' FROM n");
    fill(f, n, "INSERT INTO case_asset (subject, asset) SELECT i + 1000000, i FROM n");
    fill(f, n, "INSERT INTO case_member (asset, org) SELECT i, (i - 1) / 3 + 1 FROM n");
    /* One server in twenty has a report, with a back door and two visits; every server has facts of a feed, every case a notice. */
    fill(f, n / 20 ? n / 20 : 1, "INSERT INTO case_file (id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused) SELECT i, tls, 'report.json', 'report', 100,"
                   " 7, 40, 1615000000000000, 1, 1, 1, 0, 0 FROM n JOIN (SELECT ip AS tls FROM case_server WHERE asset = 1) one ON 1 = 1");
    fill(f, n / 20 ? n / 20 : 1, "INSERT INTO case_report (file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, from_us, to_us, patched_us, newest_us, placed_us,"
                   " used_us, last_us, entered_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us) SELECT i, 7, 1000000 + i * 20, 'backdoor_used', 'unproven', 'none',"
                   " 'afterpatch', '', 3, 'no known responder signed the report', 1615000000000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1, 1, 0, 0, 1615000000000000 FROM n");
    fill(f, n / 20 ? n / 20 : 1, "INSERT INTO case_door (file, campaign, way, at, finding, path, state, kind, used, sha256, shell_key, intruder, created_us, removed_us, first_us, last_us, requests) SELECT i, 7, 0,"
                   " 0, i, 'discover.aspx', 'present', 'evaluator', 'used', '', '', 'I1', NULL, NULL, NULL, NULL, 3 FROM n");
    fill(f, n / 10 ? n / 10 : 1, "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) SELECT 7, (i + 1) / 2 * 20, (i + 1) / 2, i, i % 7 + 1, 1615000000000000 FROM n");
    fill(f, n / 10 ? n / 10 : 1, "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) SELECT i, (i + 1) / 2, 7, 1000000 + (i + 1) / 2 * 20, i, 2, 'key' || (i % 7 + 1), NULL FROM n");
    fill(f, 7, "INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) SELECT i, 7, 800, 400, NULL, NULL FROM n");
    fill(f, 7, "INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) SELECT i, 0, 2, 'key' || i, 800, 400, 800 FROM n");
    fill(f, n * 3, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                   " SELECT i, 7, 0, 0, 1000000 + (i - 1) / 3 + 1, 0, 2, 1, 0, 0, 40, 0, 1615000000000000 + i, 1615000000000000 + i, NULL, '', 'feed', 1, i FROM n");
    fill(f, orgs, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                  " SELECT i + 10000000, 7, 1, i, i, 5, 0, 6, 0, 1, 40, 0, 1615100000000000, 1615100000000000, NULL, '', 'b', 0, 0 FROM n");
    /* Keys: a domain of each organisation, one of a provider on one server in thirty. */
    fill(f, orgs, "INSERT INTO case_key (id, class, value, country, state, assets, domains) SELECT i, 3, 'firm' || i || '.example', '', 2, 3, 1 FROM n");
    fixture_exec(f, "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (9000000, 3, 'msp.example', '', 3, 2000, 700);"
                    "INSERT INTO case_provider (key, org, how, name) VALUES (9000000, 1, 0, 'MSP')");
    fill(f, n / 30 ? n / 30 : 1, "INSERT INTO case_operates (key, asset, org) SELECT 9000000, i * 30, (i * 30 - 1) / 3 + 1 FROM n");
    fill(f, n, "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) SELECT i, (i - 1) / 3 + 1, 3, 3, 80, 80, 100, 0, 0, 'mail' || i FROM n");
    fill(f, n / 30 ? n / 30 : 1, "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) SELECT i * 30, 9000000, 3, 3, 80, 80, 100, 0, 0, '' FROM n");
    fill(f, orgs, "INSERT INTO case_tie (asset, other, key, also, weight, confidence) SELECT i * 3 - 2, i * 3 - 1, i, 0, 80, 80 FROM n");
    fill(f, orgs, "INSERT INTO case_tie (asset, other, key, also, weight, confidence) SELECT i * 3 - 1, i * 3 - 2, i, 0, 80, 80 FROM n");
    fill(f, n, "INSERT INTO case_join (asset, key, also, weight, confidence, source) SELECT i, (i - 1) / 3 + 1, 0, 80, 80, 0 FROM n");
    fill(f, orgs / 20, "INSERT INTO case_review (id, campaign, what, key_kind, key_value, one, other, asset, assets, why) SELECT i, 0, 2, 3, 'doubt' || i || '.example', '', '', i * 3, i % 40,"
                       " 'the domain touches 6 unrelated domains: a provider''s, or one owner''s?' FROM n");
    fill(f, orgs / 2, "INSERT INTO case_audit (at_us, who, what, about, detail) SELECT 1615100000000000 + i, 'berta', 'add', 'case ' || i, 'call' FROM n");
    static const char *const has[] = { "UPDATE case_key SET id", "UPDATE case_provider SET key", "UPDATE case_operates SET key", "UPDATE case_edge SET key" };
    for (size_t i = 0; i < COUNT_OF(has); i++) {
        char sql[128];

        snprintf(sql, sizeof sql, "%s = %lld WHERE %s = 9000000", has[i], (long long)why_key_number(ORG_IS_DOMAIN, STR("msp.example")), i ? "key" : "id");
        fixture_exec(f, sql);
    }
    fixture_board(f, 29);
}

static const struct { const char *name, *word[8]; } views[] = {
    { "list", { "list" } },
    { "list: the last page", { "list", "--limit", "10", "--page", "20" } },
    { "list --find", { "list", "--find", "firm77." } },
    { "list --country --sector", { "list", "--country", "at", "--sector", "retail" } },
    { "list --needs --stage", { "list", "--needs", "removal", "--stage", "backdoored" } },
    { "list --forced", { "list", "--forced", "--json" } },
    { "list --provider", { "list", "--provider", "msp.example" } },
    { "show CASE", { "show", "2021-000140" } },
    { "show CASE --json --history", { "show", "140", "--json", "--history" } },
    { "show HOST", { "show", "mail420.firm140.example" } },
    { "show ADDRESS", { "show", "10.0.1.164" } },
    { "show org:N", { "show", "org:140" } },
    { "why HOST", { "why", "mail420.firm140.example" } },
    { "why CASE", { "why", "2021-000140" } },
    { "why HOST OTHER", { "why", "mail418.firm140.example", "mail419.firm140.example" } },
    { "why, two strangers", { "why", "mail418.firm140.example", "mail2.firm1.example" } },
    { "why KIND VALUE", { "why", "cert_domain", "msp.example" } },
    { "review", { "review" } },
    { "audit", { "audit" } },
    { "audit CASE", { "audit", "2021-000140" } },
    { "campaign", { "campaign" } },
};

/* The quickest of several: what else runs on the machine is none of ours. */
static void look(struct fake *f, struct fixture *x, const char *engine, pid_t server, bool large, uint64_t most_us, struct str said[])
{
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        const char *word[14] = { "case" };
        size_t      n = 1;
        uint64_t    best = UINT64_MAX;
        double      cpu = cpu_ms(server);

        for (size_t k = 0; k < 8 && views[i].word[k]; k++)
            word[n++] = views[i].word[k];
        word[n++] = "--store";
        word[n++] = x->where;
        for (int r = 0; r < (large ? ROUNDS : 1); r++) {
            struct arena text = f->text.a;
            uint64_t     from = f->os.tick_us(&f->os);

            fake_run(f, word);
            uint64_t us = f->os.tick_us(&f->os) - from;
            best = us < best ? us : best;
            if (f->code != CLI_DONE)
                fail_msg("%s, %s: %d %.*s", engine, views[i].name, f->code, STR_ARG(f->complained));
            if (r + 1 < (large ? ROUNDS : 1))
                f->text.a = text;
        }
        if (!str_has(f->said, STR("  \"view\"")))
            fixture_inert(views[i].name, f->said, 80, 24);
        if (!said[i].p)
            said[i] = f->said;
        else if (!str_eq(said[i], f->said))
            fail_msg("%s: %.*s\nnot %.*s", views[i].name, STR_ARG(f->said), STR_ARG(said[i]));
        if (large)
            print_message("%-12s %-28s %6.1f ms, CPU %5.1f ms\n", engine, views[i].name, (double)best / 1000, (cpu_ms(server) - cpu) / ROUNDS);
        if (large && best > most_us)
            fail_msg("%s, %s: %.1f ms", engine, views[i].name, (double)best / 1000);
    }
}

static void each_view(void **state)
{
    const char      *asked = getenv("AP_CASES"), *ms = getenv("AP_CASES_MS");
    int64_t          orgs = asked ? strtoll(asked, NULL, 10) : SMALL;
    uint64_t         most_us = (ms ? strtoull(ms, NULL, 10) : 50) * 1000;
    struct str       said[COUNT_OF(views)] = { { 0 } };
    struct pg_server p;
    struct fake     *f = fake_open();
    struct fixture   x;

    (void)state;
    CHECK(orgs >= SMALL);
    fixture_open(&x, NULL);
    fixture_large(&x, orgs);
    fixture_done(&x);
    look(f, &x, "SQLite", 0, asked != NULL, most_us, said);
    fixture_clear(&x);
    if (pg_server_or_say(&p)) {
        fixture_open(&x, p.where);
        fixture_large(&x, orgs);
        struct err e = { 0 };
        CHECK(store_commit(x.s, &e) && store_exec(x.s, "ANALYZE", &e));
        look(f, &x, "PostgreSQL", p.pid, asked != NULL, most_us, said);
        fixture_clear(&x);
        pg_server_stop(&p);
    }
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_view) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
