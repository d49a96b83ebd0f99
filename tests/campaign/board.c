/*
 * The laboratory's campaign, told as facts of the ledger, through update_facts and update_cases into the board: every server's row equals the truth, and so do the last
 * day's figures. Owners are the true ones here; who is who is campaign_cores' matter, and all of it together `make campaign`'s.
 *
 *   campaign_board            a small one, on both engines
 *   campaign_board full       20,000 organisations, 60,000 servers, 30 days: time and memory
 */
#include "cases_fixture.h"

#include <sys/resource.h>
#include <time.h>

#include "lab/campaign.h"
#include "pg_server.h"

static bool full;
static struct { struct pg_server pg; bool has_pg; } w;

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long resident_mb(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss / 1024;
}

struct tale { struct store_bulk *b; uint64_t n; };

static void take_row(void *ctx, const struct camp_row *r)
{
    static const struct { enum fact_kind kind; int value; enum grade grade; uint32_t flags; } words[] = {
        [CAMP_VULNERABLE]   = { FACT_EXPOSURE, EXPOSURE_VULNERABLE, GRADE_B, FACT_ACTIVE }, [CAMP_PATCHED] = { FACT_EXPOSURE, EXPOSURE_PATCHED, GRADE_B, FACT_ACTIVE },
        [CAMP_SHELL]        = { FACT_FINDING, 0, GRADE_B, FACT_ACTIVE }, [CAMP_SHELL_GONE] = { FACT_REMOVED, 0, GRADE_D, 0 }, [CAMP_HUNT] = { FACT_HUNT, DOOR_NO, GRADE_B, FACT_COMPLETE },
        [CAMP_SAYS_PATCHED] = { FACT_EXPOSURE, EXPOSURE_PATCHED, GRADE_D, 0 },
    };
    struct tale *t = ctx;
    struct err   e = { 0 };
    bool         door = r->word == CAMP_SHELL || r->word == CAMP_SHELL_GONE;
    int64_t      v[] = { (int64_t)++t->n, CF_CAMPAIGN, 0, 0, 1001 + (int64_t)r->server, words[r->word].kind, words[r->word].grade, words[r->word].value,
                         words[r->word].flags | (r->word == CAMP_HUNT && r->re_entered ? (uint32_t)FACT_RE_ENTERED : 0), 0, 1, door ? r->shell : 0 };

    for (size_t i = 0; i < COUNT_OF(v); i++)
        store_bulk_int(t->b, v[i]);
    store_bulk_int(t->b, CF_DAY0 + (int64_t)r->day * TIME_DAY);
    store_bulk_int(t->b, CF_DAY0 + (int64_t)r->recorded * TIME_DAY + TIME_HOUR);
    if (r->word == CAMP_SHELL && r->since >= 0)
        store_bulk_int(t->b, CF_DAY0 + (int64_t)r->since * TIME_DAY);
    else
        store_bulk_null(t->b);
    store_bulk_text(t->b, STR_EMPTY);
    store_bulk_text(t->b, STR_EMPTY);
    store_bulk_int(t->b, 0);
    store_bulk_int(t->b, 0);
    CHECK(store_bulk_row(t->b, &e));
}

static uint64_t fill(struct cf *f, const struct campaign *c)
{
    struct tale t = { 0 };
    struct err  e = { 0 };

    CHECK(store_begin(f->s, &e) &&
          store_bulk_begin(f->s, "case_fact", "id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line",
                           STORE_FRESH, &t.b, &e));
    campaign_rows(c, take_row, &t);
    CHECK(store_bulk_end(t.b, NULL, &e) && store_commit(f->s, &e));
    return t.n;
}

struct figures { int64_t patched, open, both, relapsed, missed, re_entered, clean; };

static struct figures truth(const struct campaign *c)
{
    struct figures t = { 0 };

    for (uint32_t i = 0; i < c->server_n; i++) {
        const struct camp_server *s = &c->server[i];
        bool first = s->entered >= 0 && s->removed < 0, again = s->entered_again >= 0;
        t.patched    += s->patched >= 0;
        t.open       += first || again;
        t.both       += (first || again) && s->patched >= 0;
        t.relapsed   += again && !s->missed;
        t.missed     += again && s->missed;
        t.re_entered += s->hunted >= 0 && s->used_again >= 0;
        t.clean      += s->hunted >= 0 && !again;
    }
    return t;
}

static struct figures of_servers(struct cf *f)
{
    return (struct figures){
        cf_one(f, "SELECT count(*) FROM case_server WHERE exposure = 4"), cf_one(f, "SELECT count(*) FROM case_server WHERE compromise IN (2, 5)"),
        cf_one(f, "SELECT count(*) FROM case_server WHERE compromise IN (2, 5) AND exposure = 4"), cf_one(f, "SELECT count(*) FROM case_server WHERE relapses > 0"),
        cf_one(f, "SELECT count(*) FROM case_server WHERE missed > 0"), cf_one(f, "SELECT count(*) FROM case_server WHERE re_entered = 1"),
        cf_one(f, "SELECT count(*) FROM case_server WHERE clean = 1"),
    };
}

static int64_t sum(struct cf *f, const char *column, const char *where)
{
    char sql[160];

    snprintf(sql, sizeof sql, "SELECT CAST(coalesce(sum(%s), 0) AS BIGINT) FROM case_state%s", column, where);
    return cf_one(f, sql);
}

static struct figures of_cases(struct cf *f, const char *where)
{
    return (struct figures){ sum(f, "patched", where), sum(f, "backdoored", where), sum(f, "patched_backdoored", where), sum(f, "relapsed", where), sum(f, "missed", where),
                             sum(f, "re_entered", where), sum(f, "clean", where) };
}

static bool equal(struct figures x, struct figures y) { return !memcmp(&x, &y, sizeof x); }

/* The newest day of the series, and one in the middle against the truth's own days. */
static void figures_agree(struct cf *f, const struct campaign *c, const struct figures *t)
{
    struct test_arena   m = test_arena(1 << 20);
    struct case_figure *row;
    struct err          e = { 0 };
    size_t              n;

    CHECK(store_begin(f->s, &e) && case_figures_write(f->u.figures, f->s, &e) && store_commit(f->s, &e));
    CHECK(case_figures_read(f->s, CF_CAMPAIGN, CASE_BY_ALL, STR_EMPTY, UNIT_SERVERS, &m.a, &row, &n, &e));
    struct case_figure last = case_figures_on(row, n, CASE_DAY_MAX - 1);
    /* Each count is of servers in verified cases; who never was seen vulnerable is in none of them. */
    struct figures board = of_cases(f, " WHERE verified_us IS NOT NULL");
    CHECK(last.n[COUNT_BACKDOORED] == t->open && last.n[COUNT_PATCHED_BACKDOORED] == t->both && last.n[COUNT_RELAPSED] == t->relapsed && last.n[COUNT_MISSED] == t->missed);
    CHECK(last.n[COUNT_BACKDOORED] == board.open && last.n[COUNT_REENTERED] == board.re_entered && last.n[COUNT_CLEAN] == board.clean && last.n[COUNT_PATCHED] == board.patched);
    CHECK(last.n[COUNT_VERIFIED] <= c->server_n && board.clean * 100 > t->clean * 95);
    int64_t before = 0;
    for (uint32_t d = 0; d < c->plan.days; d++) {
        struct case_figure x = case_figures_on(row, n, (int32_t)(CF_DAY0 / TIME_DAY) + (int32_t)d);
        CHECK(x.n[COUNT_BACKDOORED_EVER] >= before && x.n[COUNT_BACKDOORED] <= x.n[COUNT_BACKDOORED_EVER]);
        before = x.n[COUNT_BACKDOORED_EVER];
    }
    test_arena_free(&m);
}

static void board(void **state)
{
    struct camp_plan plan = full ? (struct camp_plan){ 11, 20000, 60000, 0, 12, 30, campaign_rates } : (struct camp_plan){ 11, 300, 900, 0, 6, 30, campaign_rates };
    struct campaign  c;
    struct cf_text   first = { 0 };

    (void)state;
    campaign_make(&c, &plan);
    struct figures want = truth(&c);
    uint32_t      *org = calloc(c.server_n, sizeof *org);
    for (uint32_t i = 0; i < c.server_n; i++)
        org[i] = c.server[i].org;
    for (int engine = 0; engine < (full ? 1 : 1 + w.has_pg); engine++) {
        struct cf f;
        double    t[4];

        cf_open(&f, engine ? w.pg.where : ":memory:", NULL, full ? (size_t)4 << 30 : (size_t)64 << 20);
        cf_world(&f, org, c.server_n, c.org_n, 1);
        uint64_t facts = fill(&f, &c);
        struct err e = { 0 };
        f.u.keep = f.keep.a;
        f.u.scratch = f.scratch.a;
        long before = resident_mb();
        t[0] = seconds();
        CHECK(store_begin(f.s, &e));
        if (!update_facts(&f.u, &e))
            fail_msg("%s", e.what);
        t[1] = seconds();
        if (!update_cases(&f.u, &e))
            fail_msg("%s %s", e.where, e.what);
        t[2] = seconds();
        CHECK(store_commit(f.s, &e));
        printf("  %s: %u servers of %u organisations, %llu facts (%u kept): gathered in %.2f s, folded day by day in %.2f s, %ld MB more at the most\n", engine ? "postgresql" : "sqlite",
               c.server_n, c.org_n, (unsigned long long)facts, f.u.fact_n, t[1] - t[0], t[2] - t[1], resident_mb() - before);
        struct figures got = of_servers(&f);
        printf("    patched %lld, back-doored %lld, both %lld, relapsed %lld, missed %lld, re-entered %lld, clean %lld\n", (long long)got.patched, (long long)got.open, (long long)got.both,
               (long long)got.relapsed, (long long)got.missed, (long long)got.re_entered, (long long)got.clean);
        CHECK(equal(got, want) && equal(of_cases(&f, ""), want) && want.missed && want.relapsed && want.clean);
        /* Grades C and D never make anything clean. */
        CHECK(cf_one(&f, "SELECT count(*) FROM case_server WHERE clean = 1 AND (exposure_grade < 3 OR compromise_grade < 3 OR compromise <> 4)") == 0);
        figures_agree(&f, &c, &want);
        if (!full) {
            struct cf_text text = cf_board(&f);
            if (engine && strcmp(first.p, text.p))
                fail_msg("the engines do not agree");
            free(first.p);
            first = text;
        }
        cf_close(&f);
    }
    free(first.p);
    free(org);
    campaign_free(&c);
}

static int setup(void **state)
{
    (void)state;
    w.has_pg = !full && pg_server_or_say(&w.pg);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pg_server_stop(&w.pg);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(board) };

    full = argc > 1 && !strcmp(argv[1], "full");
    return cmocka_run_group_tests(tests, setup, teardown);
}
