/* Whole files into the ledger, on SQLite and PostgreSQL: whatever the order, however often, and cut off anywhere, the same rows. */
#include "casework/intake_fixture.h"

#include "base/hash.h"
#include "casework/intake_ledger.h"
#include "casework/tables.h"
#include "ledger_desk.h"

static struct world { struct pg_server pg; bool has_pg; struct arena room; } w;

enum { TEXT_ROOM = 8 << 20 };
#define NOW INT64_C(1615536000000000)

static struct ld begin(int engine)
{
    struct case_campaign c = { .slug = STR("proxylogon"), .title = STR("ProxyLogon"), .group = STR("ProxyLogon"), .begun_us = NOW, .report_us = NOW, .patch_us = NOW, .code_us = TIME_NONE };
    struct ld          d = ld_open(engine ? w.pg.where : NULL, "tester", NOW, TEXT_ROOM);

    ld_campaign(&d, &c);
    return d;
}

static const char *const files[] = {
    "list,number,vat,name,sector,domain,cidr,email\nhrb,1,DE1234567,Bakery,retail,bakery.example,192.0.2.0/28,info@bakery.example\nhrb,2,,\"'; DROP TABLE case_entry; --\",,b.example,,\nhrb,,,x,,c.example,,\n",
    "domain,mx,ip\nbakery.example,mail.bakery.example,192.0.2.7\n",
    "who,when,ip,claim,confidence,tlp,releasable\nV,2021-03-05,192.0.2.7,webshell,90,green,yes\nV,2021-03-06,192.0.2.7,webshell,90,red,no\nW,2021-03-06,192.0.2.8,vulnerable,90,,yes\n",
    "who,when,ip,claim,confidence,tlp,releasable\nV,2021-03-05,192.0.2.7,webshell,90,green,yes\nV,2021-03-06,192.0.2.9,vulnerable,90,clear,yes\n",
    ("{\"feed.name\": \"f\", \"time.source\": \"2021-03-06T14:02:11+00:00\", \"classification.type\": \"vulnerable-system\", \"source.ip\": \"192.0.2.7\", \"source.asn\": 64500, \"source.abuse_contact\": \"a@isp.example\", \"tlp\": \"AMBER\"}\n"
    "{\"feed.name\": \"f\", \"time.source\": \"2021-03-07T14:02:11+00:00\", \"classification.type\": \"vulnerable-system\", \"source.ip\": \"192.0.2.7\", \"source.asn\": 64500, \"source.abuse_contact\": \"a@isp.example\", \"tlp\": \"GREEN\"}\n{\n"),
    "address,scope,reason\na@isp.example,all,asked\nb@isp.example,all,asked\n",
};
enum { FILES = sizeof files / sizeof *files };

/* A sink that fails at item number `left`, as a disk does. */
struct cut { struct intake_sink to; uint32_t left; };
static bool cut_take(void *ctx, const struct intake_item *x, struct err *e)
{
    struct cut *c = ctx;
    return c->left-- ? c->to.take(c->to.ctx, x, e) : err_set(e, ERR_IO, "the disk is gone");
}
static bool cut_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct cut *c = ctx;
    return c->left-- ? c->to.broken(c->to.ctx, line, why, raw, e) : err_set(e, ERR_IO, "the disk is gone");
}

/* As the verb does it. stop: the number of items after which all ends (UINT32_MAX: never); kept: what came before was committed. */
static bool import_file(struct ld *d, const char *text, uint32_t stop, bool kept, uint64_t *ret_known)
{
    struct str               in = str_c(text);
    const struct intake_kind *kind = intake_recognise(in, STR_EMPTY, d->t.a);
    struct ledger_file       f = { .name = STR("x"), .kind = str_c(intake_kind_name(kind)), .size_bytes = in.n, .campaign = intake_kind_of_campaign(kind) ? d->campaign : 0 };
    struct case_source       source = { .name = STR("not named"), .tlp = STR("AMBER") };
    struct intake_options    o = { .kind = kind, .vouched = true, .slug = STR("proxylogon"), .group = STR("ProxyLogon"), .now_us = NOW };
    struct intake_fed        fed = { in, 0, 0 };
    struct arena             room = w.room, keep = d->t.a;
    struct intake_ledger    *into;
    struct intake_result     r;
    enum ledger_state        state;
    struct err               e = { 0 };
    int64_t                  id;
    uint64_t                 rows;

    CHECK(hash_sha256(in, f.sha256) && ledger_begin(d->l, &e) && ledger_source(d->l, &source, &f.source, &e) && ledger_file_begin(d->l, &f, &state, &id, &e));
    if (state == LEDGER_WHOLE) {
        ledger_rollback(d->l);
        return true;
    }
    CHECK(intake_ledger_open(&into, &room, d->l, f.campaign, id, &source, &e));
    struct cut         cut = { intake_ledger_sink(into), stop };
    struct intake_sink sink = { &cut, cut_take, cut_broken };
    if (!intake_read(&r, &keep, room, &o, intake_fed_fill, &fed, &sink, &e)) {
        CHECK_WHY(e.kind == ERR_IO, e.what);
        if (kept) {
            e = (struct err){ 0 };
            CHECK(ledger_commit(d->l, &e));
        } else {
            ledger_rollback(d->l);
        }
        return false;
    }
    struct ledger_counts n = { .rows = r.sums.rows, .taken = r.sums.taken, .refused = r.sums.broken };
    CHECK(ledger_file_end(d->l, id, &n, &e));
    ledger_said(d->l, &rows, ret_known);
    CHECK(ledger_commit(d->l, &e));
    return true;
}

static struct str dump(struct ld *d, struct arena *a)
{
    static const char *const sql[] = {
        "SELECT CAST(id AS TEXT), CAST(name AS TEXT), CAST(organisation AS TEXT), CAST(tlp AS TEXT), CAST(releasable AS TEXT) FROM case_source ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(kind AS TEXT), CAST(whole AS TEXT), CAST(rows_n AS TEXT), CAST(taken AS TEXT), CAST(refused AS TEXT) FROM case_file ORDER BY 1, 2, 3, 4",
        "SELECT CAST(file AS TEXT), CAST(line AS TEXT), CAST(why AS TEXT), '', '' FROM case_refused ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(port AS TEXT), CAST(node AS TEXT), CAST(domain AS TEXT), '' FROM case_subject ORDER BY 1, 2, 3, 4",
        "SELECT CAST(subject AS TEXT), CAST(country AS TEXT), CAST(asn AS TEXT), CAST(source AS TEXT), '' FROM case_place ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(list AS TEXT), CAST(number AS TEXT), CAST(name AS TEXT), CAST(domain AS TEXT) FROM case_entry ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(domain AS TEXT), CAST(host AS TEXT), CAST(source AS TEXT), '' FROM case_mx ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(channel AS TEXT), CAST(address AS TEXT), CAST(about_value AS TEXT), CAST(rung AS TEXT) FROM case_contact ORDER BY 1, 2, 3, 4",
        "SELECT CAST(id AS TEXT), CAST(subject AS TEXT), CAST(kind AS TEXT), CAST(grade AS TEXT), CAST(source AS TEXT) FROM case_fact ORDER BY 1, 2, 3, 4",
        "SELECT CAST(scope AS TEXT), CAST(who AS TEXT), CAST(why AS TEXT), '', '' FROM case_suppress ORDER BY 1, 2, 3, 4",
    };
    struct out    *o = NEW(a, struct out, 1);
    struct out_mem mem = { .a = a };
    struct err     bad = { 0 };

    out_open(o, out_mem_put, &mem);
    for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
        struct store_stmt *st;
        struct err         e = { 0 };
        if (!store_prepare(d->s, sql[i], &st, &e))
            fail_msg("%s: %s", sql[i], e.what);
        while (store_step(st, &e) == STORE_ROW)
            for (int c = 0; c < 5; c++) {
                out_str(o, store_text(st, c));
                out_c(o, c == 4 ? "\n" : " ");
            }
        store_finish(st);
        out_c(o, "--\n");
    }
    CHECK(out_done(o, &bad));
    return out_mem_str(&mem);
}

/* What differs first, where it does. */
static void same(struct str got, struct str want)
{
    size_t i = 0;

    while (i < got.n && i < want.n && got.p[i] == want.p[i])
        i++;
    if (i < got.n || i < want.n)
        CHECK_STR(str_sub(got, i > 100 ? i - 100 : 0, i + 100), str_sub(want, i > 100 ? i - 100 : 0, i + 100));
}

static struct str in_order(int engine, const int *order, int n, struct arena *a)
{
    struct ld d = begin(engine);
    uint64_t    known;

    for (int i = 0; i < n; i++)
        CHECK(import_file(&d, files[order[i]], UINT32_MAX, false, &known));
    struct str s = dump(&d, a);
    ld_close(&d);
    return s;
}

static void any_order(void **state)
{
    static const int orders[][2 * FILES] = { { 0, 1, 2, 3, 4, 5 }, { 5, 4, 3, 2, 1, 0 }, { 3, 0, 5, 2, 4, 1 }, { 2, 2, 3, 0, 3, 1, 4, 5, 5, 0, 4, 1 } };
    struct test_arena t = test_arena(16 << 20);
    struct str        first = STR_EMPTY;

    (void)state;
    for (int engine = 0; engine < (w.has_pg ? ENGINES : 1); engine++)
        for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
            struct str s = in_order(engine, orders[i], i == 3 ? 2 * FILES : FILES, &t.a);
            if (!first.p)
                first = s;
            same(s, first);
        }
    CHECK(str_has(first, STR("'; DROP TABLE case_entry; --")));
    CHECK(str_has(first, STR(" V V RED 0\n")));            /* the strictest, and not to be released */
    CHECK(str_has(first, STR(" W W AMBER 1\n")));          /* the file's own TLP where the row says none */
    CHECK(str_has(first, STR(" f f AMBER 0\n")));
    test_arena_free(&t);
}

static void cut_anywhere(void **state)
{
    static const int  order[FILES] = { 0, 1, 2, 3, 4, 5 };
    struct test_arena t = test_arena(16 << 20);
    struct str        want = in_order(0, order, FILES, &t.a);

    (void)state;
    for (int kept = 0; kept < 2; kept++)
        for (uint32_t stop = 0; stop < 12; stop++) {
            struct test_arena u = test_arena(4 << 20);
            struct ld       d = begin(0);
            uint64_t          known;
            for (int i = 0; i < FILES; i++)
                if (!import_file(&d, files[i], stop, kept, &known))
                    CHECK(import_file(&d, files[i], UINT32_MAX, kept, &known));
            same(dump(&d, &u.a), want);
            ld_close(&d);
            test_arena_free(&u);
        }
    test_arena_free(&t);
}

/* A statement of a case is one of each of its servers. */
static void of_a_case(void **state)
{
    (void)state;
    for (int engine = 0; engine < (w.has_pg ? ENGINES : 1); engine++) {
        struct ld d = begin(engine);
        struct err  e = { 0 };
        uint64_t    known;
        char        sql[400];

        snprintf(sql, sizeof sql, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (7, %lld, 1, 0); INSERT INTO case_case (id, campaign, org, opened_us) VALUES (8, 99, 1, 0)", (long long)d.campaign);
        CHECK(store_exec(d.s, sql, &e));
        for (int i = 0; i < 130; i++) {
            snprintf(sql, sizeof sql, "INSERT INTO case_server (campaign, asset, org, case_id, name, port, country, asn, product, build, exposure, exposure_grade, compromise, compromise_grade, clean, was_clean,"
                     " suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, relapses, missed, confidence, shared)"
                     " VALUES (1, %d, 1, 7, '', 0, '', 0, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)", i);
            CHECK(store_exec(d.s, sql, &e));
            snprintf(sql, sizeof sql, "INSERT INTO case_asset (subject, asset) VALUES (%d, %d); INSERT INTO case_asset (subject, asset) VALUES (%d, %d)", 1000 + i, i, 5000 + i, i);
            CHECK(store_exec(d.s, sql, &e));
        }
        CHECK(import_file(&d, "case,statement,by,reason\n2021-000007,patched,Bakery,\n2021-000007,replied,Bakery,\n2021-000008,patched,Other,\n2021-000009,patched,Nobody,\n2021-000007,not mine,Bakery,sold\n", UINT32_MAX, false, &known));
        CHECK(ld_one(&d, "SELECT count(*) FROM case_fact WHERE kind = 0 AND subject >= 1000 AND subject < 1130") == 130);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_fact WHERE kind = 4") == 130);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_fact") == 261);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_fact WHERE of_case = 1 AND case_id = 7") == 1);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_refused WHERE line = 4 AND why LIKE '%another campaign%'") == 1);
        CHECK(ld_one(&d, "SELECT count(*) FROM case_refused WHERE line = 5 AND why LIKE 'no such case%'") == 1);
        CHECK(ld_one(&d, "SELECT refused FROM case_file") == 2);
        ld_close(&d);
    }
}

/* More sources than are remembered at once. */
static void many_sources(void **state)
{
    struct ld d = begin(0);
    char       *text = malloc(1 << 20);
    size_t      n = (size_t)snprintf(text, 1 << 20, "who,ip,claim,tlp\n");
    uint64_t    known;

    (void)state;
    for (int i = 0; i < 2000; i++)
        n += (size_t)snprintf(text + n, (1 << 20) - n, "source %d,192.0.2.%d,vulnerable,%s\n", i % 700, i % 250, i < 1000 ? "green" : "red");
    CHECK(import_file(&d, text, UINT32_MAX, false, &known));
    CHECK(ld_one(&d, "SELECT count(*) FROM case_source WHERE name LIKE 'source %'") == 700);
    CHECK(ld_one(&d, "SELECT count(*) FROM case_source WHERE tlp = 'RED'") == 700);
    free(text);
    ld_close(&d);
}

static int setup(void **state)
{
    struct err e = { 0 };

    (void)state;
    w.has_pg = pg_server_or_say(&w.pg);
    return os_arena_map(&w.room, INTAKE_ROOM + INTAKE_SEEN_BYTES + (4 << 20), &e) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    os_arena_unmap(&w.room);
    if (w.has_pg)
        pg_server_stop(&w.pg);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(any_order), cmocka_unit_test(cut_anywhere), cmocka_unit_test(of_a_case), cmocka_unit_test(many_sources) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
