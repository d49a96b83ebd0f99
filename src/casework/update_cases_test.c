/* Facts through the store into the board: every order gives the same rows, on both engines; what a case is, is what case_fold says. */
#include "cases_fixture.h"

#include "casework/urgency.h"
#include "pg_server.h"

static struct { struct pg_server pg; bool has_pg; } w;

struct rnd { uint64_t s; };
static uint32_t rnd(struct rnd *x, uint32_t n)
{
    x->s = x->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((x->s >> 33) % n);
}

enum { SERVERS = 9, GROUPS = 4 };
static const uint32_t org[SERVERS] = { 0, 0, 0, 1, 1, 2, 3, 3, 3 };

struct row { struct fact f; int64_t of_case, source; };

static struct row random_row(struct rnd *x)
{
    static const uint8_t span[FACT_KINDS] = { [FACT_EXPOSURE] = EXPOSURES, [FACT_HUNT] = 3, [FACT_NOTICE] = NOTICE_STEPS, [FACT_CONTACT] = 2, [FACT_PORTAL] = 2,
                                              [FACT_REPLY] = 3, [FACT_FORCE] = CASE_STAGES };
    struct row r = { .f = { .kind = (enum fact_kind)rnd(x, FACT_KINDS), .grade = (enum grade)rnd(x, 5), .finding = rnd(x, 4), .attempt = 1 + rnd(x, 3), .flags = rnd(x, 32) }, .source = 1 + rnd(x, 3) };

    if (r.f.kind == FACT_GROUPED || r.f.kind == FACT_TRAP || (r.f.kind == FACT_FORCE && rnd(x, 3)))
        r.f.kind = rnd(x, 2) ? FACT_EXPOSURE : FACT_HUNT;
    r.f.value       = span[r.f.kind] ? (int32_t)rnd(x, span[r.f.kind]) : 0;
    r.f.observed_us = rnd(x, 10) ? cf_day(rnd(x, 80) / 2.0) : TIME_NONE;
    r.f.recorded_us = cf_day(rnd(x, 80) / 2.0);
    r.f.own_us      = rnd(x, 2) ? cf_day(rnd(x, 80) / 2.0) : TIME_NONE;
    if (r.f.kind == FACT_FORCE || r.f.kind == FACT_NOT_MINE)
        r.f.reason = STR("a reason"), r.f.who = STR("somebody");
    if (r.f.kind == FACT_FORCE && !r.f.value)
        r.f.value = CASE_DISMISSED;
    if (r.f.kind <= FACT_NOT_MINE && rnd(x, 20))
        r.f.subject = 1001 + rnd(x, SERVERS);
    else {
        r.of_case = 1 + rnd(x, GROUPS);            /* also a fact of all servers of a case */
        r.f.subject = r.f.kind == FACT_NOTICE || r.f.kind == FACT_CONTACT ? 50 + rnd(x, 3) : 0;
    }
    return r;
}

static struct cf_text board_of(const struct row *r, const size_t *order, size_t n, const char *where, int64_t now, int64_t known)
{
    struct cf f;

    cf_open(&f, where, NULL, 16 << 20);
    cf_world(&f, org, SERVERS, GROUPS, 1);
    cf_cases(&f, 0);
    cf_exec(f.s, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (1, 'one', 'one', '', 0), (2, 'two', 'both', '', 0), (3, 'three', 'both', '', 0)");
    f.o.now_us = now;
    f.o.known_us = known;
    for (size_t i = 0; i < n; i++)
        cf_fact(&f, rnd(&(struct rnd){ order[i] }, 2) ? CF_CAMPAIGN : 0, r[order[i]].of_case, &r[order[i]].f, r[order[i]].source);
    cf_run(&f);
    struct cf_text t = cf_board(&f);
    cf_close(&f);
    return t;
}

static void every_order_gives_the_same_rows(void **state)
{
    enum { MANY = 220 };
    struct row *r = calloc(MANY, sizeof *r);
    size_t     *order = calloc(MANY, sizeof *order);
    struct rnd  x = { 3 };

    (void)state;
    for (int round = 0; round < 4; round++) {
        int64_t now = round % 2 ? cf_day(45) : TIME_NONE, known = round == 3 ? cf_day(20) : TIME_NONE;
        for (size_t i = 0; i < MANY; i++) {
            r[i] = random_row(&x);
            order[i] = i;
        }
        struct cf_text want = board_of(r, order, MANY, ":memory:", now, known);
        CHECK(want.n > 2000);
        for (int k = 0; k < 3; k++) {
            for (size_t i = MANY; i > 1; i--) {
                size_t j = rnd(&x, (uint32_t)i), keep = order[i - 1];
                order[i - 1] = order[j];
                order[j] = keep;
            }
            struct cf_text got = board_of(r, order, MANY, k == 2 && w.has_pg ? w.pg.where : ":memory:", now, known);
            if (strcmp(want.p, got.p))
                fail_msg("round %d: another order, another board:\n%s\n%s", round, want.p, got.p);
            free(got.p);
        }
        free(want.p);
    }
    free(r);
    free(order);
}

/* ---- figures of days ---- */

static void day_by_day(void **state)
{
    static const struct { double day; struct fact f; } facts[] = {
        { 1, { .kind = FACT_EXPOSURE, .value = EXPOSURE_VULNERABLE, .grade = GRADE_B, .flags = FACT_ACTIVE } }, { 3, { .kind = FACT_EXPOSURE, .value = EXPOSURE_PATCHED, .grade = GRADE_B } },
        { 4, { .kind = FACT_HUNT, .value = DOOR_NO, .grade = GRADE_B, .flags = FACT_COMPLETE } }, { 5, { .kind = FACT_EXPOSURE, .value = EXPOSURE_PATCHED, .grade = GRADE_B, .finding = 1 } },
        { 6, { .kind = FACT_EXPOSURE, .value = EXPOSURE_PATCHED, .grade = GRADE_B, .finding = 2 } }, { 30, { .kind = FACT_FINDING, .grade = GRADE_B } },
    };
    struct cf f;
    struct err e = { 0 };
    struct case_figure *row;
    size_t n;

    (void)state;
    cf_open(&f, ":memory:", NULL, 16 << 20);
    cf_world(&f, org, SERVERS, GROUPS, 1);
    cf_cases(&f, 0);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        struct fact x = facts[i].f;
        x.subject = 1006;              /* alone in its group */
        x.observed_us = x.recorded_us = cf_day(facts[i].day);
        x.own_us = TIME_NONE;
        cf_fact(&f, CF_CAMPAIGN, 0, &x, 1);
    }
    f.o.now_us = cf_day(200);
    cf_run(&f);
    CHECK(store_begin(f.s, &e) && case_figures_write(f.u.figures, f.s, &e) && store_commit(f.s, &e));
    if (!case_figures_read(f.s, CF_CAMPAIGN, CASE_BY_ALL, STR_EMPTY, UNIT_ORGANISATIONS, &f.own.a, &row, &n, &e))
        fail_msg("%s", e.what);
    int32_t first = (int32_t)(CF_DAY0 / TIME_DAY);
    static const struct { int day; enum case_count what; int n; const char *why; } want[] = {
        { 0, COUNT_VERIFIED, 0, "nothing was known" }, { 1, COUNT_VERIFIED, 1, "seen by a check of our own" }, { 2, COUNT_PATCHED, 0, "not yet" }, { 3, COUNT_PATCHED, 1, "patched" },
        { 6, COUNT_CLEAN, 0, "72 hours have not passed" }, { 7, COUNT_CLEAN, 1, "they have, and nothing was said on that day" }, { 29, COUNT_CLEAN, 1, "still" },
        { 30, COUNT_CLEAN, 0, "a back door came back" }, { 30, COUNT_RELAPSED, 1, "so it relapsed" }, { 200, COUNT_RELAPSED, 1, "to this day" },
    };
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        struct case_figure d = case_figures_on(row, n, first + want[i].day);
        if (d.n[want[i].what] != want[i].n)
            fail_msg("day %d, %s: %lld instead of %d (%s)", want[i].day, case_count_name(want[i].what), (long long)d.n[want[i].what], want[i].n, want[i].why);
    }
    CHECK(cf_one(&f, "SELECT urgency FROM case_state WHERE case_id = 3") > cf_one(&f, "SELECT max(urgency) FROM case_state WHERE case_id <> 3"));
    cf_close(&f);
}

/* What reports say besides their facts: theft, going on, and one that proves nothing. */
static void reports(void **state)
{
    static const char columns[] = "file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us";
    struct cf f;
    struct err e = { 0 };
    struct case_figure *row;
    size_t n;
    char   sql[640];

    (void)state;
    cf_open(&f, ":memory:", NULL, 16 << 20);
    cf_world(&f, org, SERVERS, GROUPS, 1);
    cf_cases(&f, 0);
    for (int i = 0; i < SERVERS; i++) {
        struct fact x = { .kind = FACT_EXPOSURE, .value = EXPOSURE_VULNERABLE, .grade = GRADE_B, .flags = FACT_ACTIVE, .subject = 1001 + (uint64_t)i, .observed_us = cf_day(1), .recorded_us = cf_day(1), .own_us = TIME_NONE };
        cf_fact(&f, CF_CAMPAIGN, 0, &x, 1);
    }
    const struct { int file, subject, grade, beyond; const char *theft, *why; double day; } given[] = {
        { 1, 1001, GRADE_B, 1, "none_seen", "", 5 }, { 2, 1001, GRADE_C, 0, "seen", "no nonce", 7 }, { 3, 1002, GRADE_C, 0, "suspected", "no nonce", 7 },
        { 4, 1004, GRADE_NONE, 1, "seen", "it does not validate", 7 }, { 5, 1006, GRADE_B, 1, "seen", "", 60 },
    };
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        snprintf(sql, sizeof sql, "INSERT INTO case_report (%s) VALUES (%d, %d, %d, '', '', '%s', '', '', %d, '%s', %lld, 0, %d, 0, 0, 0, 0, %lld)", columns, given[i].file, CF_CAMPAIGN, given[i].subject,
                 given[i].theft, given[i].grade, given[i].why, (long long)cf_day(given[i].day), given[i].beyond, (long long)cf_day(100));
        cf_exec(f.s, sql);
    }
    f.o.now_us = cf_day(50);
    cf_run(&f);
    /* Server, going on, theft; what grade NONE says counts for nothing, and what was hunted later is not known yet. */
    struct cf_text t = { 0 };
    cf_dump(f.s, "SELECT asset, beyond, theft FROM case_server WHERE beyond + theft > 0 ORDER BY asset", "iii", &t);
    if (strcmp(t.p, "1 1 2 \n2 0 1 \n"))
        fail_msg("%s", t.p);
    free(t.p);
    CHECK(cf_one(&f, "SELECT beyond * 10 + stolen FROM case_state WHERE case_id = 1") == 11 && cf_one(&f, "SELECT max(beyond + stolen) FROM case_state WHERE case_id > 1") == 0);
    CHECK(urgency_rank_of(cf_one(&f, "SELECT urgency FROM case_state WHERE case_id = 1")) == URGENT_REPORT && urgency_rank_of(cf_one(&f, "SELECT urgency FROM case_state WHERE case_id = 2")) == URGENT_REPORT);
    CHECK(urgency_rank_of(cf_one(&f, "SELECT urgency FROM case_state WHERE case_id = 3")) == URGENT_CONTACT);
    CHECK(store_begin(f.s, &e) && case_figures_write(f.u.figures, f.s, &e) && store_commit(f.s, &e));
    CHECK(case_figures_read(f.s, CF_CAMPAIGN, CASE_BY_ALL, STR_EMPTY, UNIT_SERVERS, &f.own.a, &row, &n, &e));
    int32_t first = (int32_t)(CF_DAY0 / TIME_DAY);
    CHECK(case_figures_on(row, n, first + 4).n[COUNT_MOVED_ON] == 0 && case_figures_on(row, n, first + 5).n[COUNT_MOVED_ON] == 1);
    CHECK(case_figures_on(row, n, first + 6).n[COUNT_MAIL_STOLEN] == 0 && case_figures_on(row, n, first + 7).n[COUNT_MAIL_STOLEN] == 1);
    cf_close(&f);
}

/* ---- room that runs out ---- */

static struct cf fault_world;
static bool with_faults(struct arena *a, struct err *e)
{
    struct test_arena keep = fault_world.keep, scratch = fault_world.scratch;
    size_t half = arena_room(a) / 2;

    fault_world.keep.a = fault_world.scratch.a = *a;
    fault_world.keep.a.end = fault_world.scratch.a.beg = a->beg + half / 16 * 16;
    bool ok = cf_steps(&fault_world, e);
    fault_world.keep = keep;
    fault_world.scratch = scratch;
    return ok;
}

static void room_that_runs_out(void **state)
{
    struct rnd x = { 9 };

    (void)state;
    cf_open(&fault_world, ":memory:", NULL, 1 << 20);
    cf_world(&fault_world, org, SERVERS, GROUPS, 1);
    cf_cases(&fault_world, 0);
    for (int i = 0; i < 30; i++) {
        struct row r = random_row(&x);
        cf_fact(&fault_world, CF_CAMPAIGN, r.of_case, &r.f, r.source);
    }
    cf_exec(fault_world.s, "INSERT INTO case_heir (case_id, from_case) VALUES (1, 2), (2, 3)");
    fault_sweep(with_faults, 4 << 20);
    cf_close(&fault_world);
}

PG_GROUP(w)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_order_gives_the_same_rows), cmocka_unit_test(day_by_day), cmocka_unit_test(reports), cmocka_unit_test(room_that_runs_out) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
