/*
 * The ladders of many cases, one after the other: at most 1 ms a case, and what is recorded of them. Three servers a case, a domain, a register's number, seven contacts of its own, two MX rows; half of the
 * domains have their mail on the campaign's servers. AP_CASES=20000 measures (make bench CASES=20000); without it, a few show that the figures of both engines are the same.
 */
#include "casework/ladder_fixture.h"
#include "pg_server.h"

#include <time.h>

enum { FEW = 200, SERVERS = 3 };

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void address(int64_t n, uint8_t ret[16])
{
    const uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

    memcpy(ret, ip, sizeof ip);
}

/* A column: i a number, s a text, b an address. */
static void row(struct store_bulk *b, const char *types, const int64_t *i, const char *const *s)
{
    struct err e = { 0 };
    uint8_t    ip[16];

    for (; *types; types++)
        if (*types == 'i') {
            store_bulk_int(b, *i++);
        } else if (*types == 's') {
            store_bulk_text(b, str_c(*s++));
        } else {
            address(*i++, ip);
            store_bulk_bytes(b, (struct str){ ip, sizeof ip });
        }
    if (!store_bulk_row(b, &e))
        fail_msg("%s", e.what);
}
#define ROW(b, types, texts, ...) row(b, types, (const int64_t[]){ __VA_ARGS__ }, texts)

static void fill(struct lf *f, int cases)
{
    static const struct { const char *table, *columns; } t[] = {
        { "case_case", "id, campaign, org, opened_us" },
        { "case_server", "campaign, asset, org, case_id, ip, port, asn, exposure, exposure_grade, compromise, compromise_grade, clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there,"
                         " backdoored_ever, beyond, theft, relapses, missed, confidence, shared, name, country, product, build" },
        { "case_server_name", "asset, name" }, { "case_key", "id, class, state, assets, domains, value, country" },
        { "case_edge", "asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail" }, { "case_asset", "subject, asset" }, { "case_subject", "id, ip, port, node, domain" },
    };
    struct store_bulk *b[COUNT_OF(t)];
    struct err e = { 0 };

    CHECK(store_begin(f->s, &e));
    for (size_t i = 0; i < COUNT_OF(t); i++)
        if (!store_bulk_begin(f->s, t[i].table, t[i].columns, STORE_FRESH, &b[i], &e))
            fail_msg("%s: %s", t[i].table, e.what);
    for (int64_t c = 0; c < cases; c++) {
        char domain[64], number[32];

        snprintf(domain, sizeof domain, "org%lld.example", (long long)c);
        snprintf(number, sizeof number, "vat:%lld", (long long)c);
        ROW(b[0], "iiii", NULL, c + 1, f->campaign, c + 1, 0);
        ROW(b[3], "iiiiiss", ((const char *[]){ domain, "" }), c * 2 + 1, 3, 0, 1, 1);
        ROW(b[3], "iiiiiss", ((const char *[]){ number, "" }), c * 2 + 2, 0, 0, 1, 1);
        for (int64_t k = 0; k < SERVERS; k++) {
            int64_t a = c * SERVERS + k + 1;
            char    name[80];

            snprintf(name, sizeof name, "mail%lld.%s", (long long)k, domain);
            ROW(b[1], "iiiibiiiiiiiiiiiiiiiiiiiissss", ((const char *[]){ name, "DE", "", "" }), f->campaign, a, c + 1, c + 1, a, 443, 64500, k ? EXPOSURE_PATCHED : EXPOSURE_VULNERABLE, 3, 0, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 90, 0);
            ROW(b[2], "is", ((const char *[]){ name }), a);
            ROW(b[4], "iiiiiiiiis", ((const char *[]){ "" }), a, c * 2 + 1, 0, 3, 80, 80, 90, 0, 0);
            if (k == 0)
                ROW(b[4], "iiiiiiiiis", ((const char *[]){ "" }), a, c * 2 + 2, 0, 0, 100, 95, 95, 0, 0);
            ROW(b[5], "ii", NULL, a, a);
            ROW(b[6], "ibiss", ((const char *[]){ "", "" }), a, a, 443);
        }
    }
    for (size_t i = 0; i < COUNT_OF(t); i++)
        if (!store_bulk_end(b[i], NULL, &e))
            fail_msg("%s: %s", t[i].table, e.what);
    CHECK(store_commit(f->s, &e));
}

static void contacts(struct lf *f, int cases)
{
    static const char *const role[] = { "security", "abuse", "noc", "postmaster", "hostmaster" };
    struct ledger_from from = { .source = f->file_source };
    struct err         e = { 0 };

    CHECK(ledger_begin(f->l, &e) && suppress_add(f->l, STR("nobody@example.org"), STR_EMPTY, STR("x"), NULL, &e));
    for (int i = 0; i < cases; i++) {
        char domain[64], number[32], text[96];
        struct case_contact c = { .about = ABOUT_DOMAIN, .rung = 9, .observed_us = TIME_NONE, .until_us = TIME_NONE };
        struct case_mx      m = { .observed_us = LF_NOW, .has_ip = true };

        snprintf(domain, sizeof domain, "org%d.example", i);
        snprintf(number, sizeof number, "vat:%d", i);
        m.domain = c.about_value = str_c(domain);
        for (size_t k = 0; k < COUNT_OF(role); k++) {
            snprintf(text, sizeof text, "%s@%s", role[k], domain);
            c.address = str_c(text);
            CHECK(ledger_contact(f->l, &c, &from, NULL, &e));
        }
        c = (struct case_contact){ .channel = CONTACT_POST, .about = ABOUT_ENTRY, .about_value = str_c(number), .rung = 7, .observed_us = TIME_NONE, .until_us = TIME_NONE };
        for (int k = 0; k < 2; k++) {
            snprintf(text, sizeof text, k ? "+43%06d" : "Org %d\n1 Road", i);
            c.channel = k ? CONTACT_PHONE : CONTACT_POST;
            c.address = str_c(text);
            CHECK(ledger_contact(f->l, &c, &from, NULL, &e));
        }
        for (int k = 0; k < 2; k++) {
            snprintf(text, sizeof text, i % 2 ? "mail%d.org%d.example" : "mx%d.isp%d.example", k, i % 2 ? i : i % 50);
            m.host = str_c(text);
            address(i % 2 ? i * SERVERS + k + 1 : 0xff0000 + i % 50, m.ip);
            CHECK(ledger_mx(f->l, &m, &from, &e));
        }
    }
    CHECK(ledger_commit(f->l, &e));
    lf_contact(f, (struct case_contact){ CONTACT_CSIRT, STR("de@csirt.example"), ABOUT_COUNTRY, STR("DE"), 12, .observed_us = TIME_NONE, .until_us = TIME_NONE });
    lf_mail(f, "abuse@isp.example", ABOUT_NETWORK, "10.0.0.0-10.255.255.255", 10);
    if (store_is_postgresql(f->s))
        lf_exec(f, "ANALYZE");                             /* a server does that by itself within a minute */
}

static void climb_all(struct lf *f, int cases, bool measure)
{
    struct test_arena keep = test_arena((size_t)192 << 20), one = test_arena(16 << 20);
    struct ladder    *l;
    struct err        e = { 0 };
    uint64_t          facts = 0, facts_n = 0, compromised = 0, contacts_n = 0;
    double            t[3] = { now_s() };

    if (!ladder_open(&l, f->s, LF_NOW, &keep.a, &e))
        fail_msg("%s", e.what);
    for (int turn = 0; turn < 2; turn++) {
        CHECK(turn == 0 || ledger_begin(f->l, &e));
        struct arena set = one.a;
        for (int64_t i = 1; i <= cases; i++) {
            int64_t some[LADDER_SET];

            if (i % LADDER_SET == 1) {
                set = one.a;
                for (int64_t k = 0; k < LADDER_SET; k++)
                    some[k] = i + k;
                if (!ladder_ahead(l, some, LADDER_SET, &set, &e))
                    fail_msg("%s", e.what);
            }
            struct arena    a = set;
            struct contact *c;
            size_t          n;

            if (!ladder_next(l, i, &a, &c, &n, &e) || (turn && !ladder_record(f->l, f->campaign, i, c, n, &facts, &e)))
                fail_msg("%s", e.what);
            facts_n += turn ? facts : 0;
            contacts_n += turn ? 0 : n;
            for (size_t k = 0; k < n && !turn; k++)
                compromised += c[k].path == PATH_COMPROMISED;
        }
        CHECK(turn == 0 || ledger_commit(f->l, &e));
        t[turn + 1] = now_s();
    }
    CHECK(contacts_n == (uint64_t)cases * 9 && compromised == (uint64_t)cases / 2 * 5 && facts_n == (uint64_t)cases * LADDER_RECORDED);
    if (measure) {
        print_message("%s, %d cases: %.2f s for the ladders, %.2f s with what is recorded; %.1f MB\n", store_is_postgresql(f->s) ? "PostgreSQL" : "SQLite", cases, t[1] - t[0], t[2] - t[1],
                      ((double)((size_t)192 << 20) - (double)arena_room(&keep.a)) / 1e6);
        if (t[1] - t[0] > cases / 1000.0)
            fail_msg("more than 1 ms a case");
    }
    test_arena_free(&keep);
    test_arena_free(&one);
}

static void test_many(void **state)
{
    const char *asked = getenv("AP_CASES");
    int         cases = asked ? atoi(asked) : FEW;
    struct pg_server pg;
    bool        has_pg = pg_server_or_say(&pg);

    (void)state;
    CHECK(cases > 0 && cases <= 1000000);
    for (int engine = 0; engine < 2 && (engine == 0 || has_pg); engine++) {
        char       file[] = "/tmp/ladder-XXXXXX";
        int        fd = mkstemp(file);
        CHECK(fd >= 0 && close(fd) == 0 && unlink(file) == 0);
        struct lf  f = lf_open(engine ? pg.where : file);

        fill(&f, cases);
        contacts(&f, cases);
        climb_all(&f, cases, asked != NULL);
        lf_close(&f);
        if (!engine) {
            char more[40];
            unlink(file);
            for (int k = 0; k < 3; k++) {
                snprintf(more, sizeof more, "%s%s", file, k == 0 ? "-wal" : k == 1 ? "-shm" : "-lock");
                unlink(more);
            }
        }
    }
    pg_server_stop(&pg);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_many) };

    return cmocka_run_group_tests(t, NULL, NULL);
}
