#include "figures_board.h"
#include "pg_server.h"

#include "casework/picture.h"

#include <math.h>

static struct pg_server pg;
static bool has_pg;

static struct store *filled(const char *where, struct world *w, int64_t campaigns)
{
    struct test_arena t = test_arena(64 << 20);
    struct store     *s = NULL;
    struct err        e = { 0 };

    if (!store_open(&s, str_c(where), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    board_wipe(s);
    board_fill(s, w, campaigns, t.a);
    test_arena_free(&t);
    return s;
}

static struct picture read_it(struct store *s, const struct picture_ask *ask, struct arena *a)
{
    struct picture p;
    struct err     e = { 0 };

    if (!picture_read(s, ask, a, &p, &e))
        fail_msg("%s: %s", e.where, e.what);
    return p;
}

/* The waits of one campaign in the plainest way, for the estimate's input; the estimate itself has its own test. */
static struct product_limit plain(const struct world *w, int day)
{
    struct wait *list = calloc(w->n, sizeof *list);
    size_t       n = 0;

    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[i];
        struct world_now         now;
        world_on(w, c, w->days - 1, &now);
        if (c->campaign != 1 || now.s.stage < CASE_VERIFIED || !world_by(c->verified, day))
            continue;
        bool told = world_by(c->notified, day);
        list[n++] = (struct wait){ 24.0 * ((told ? c->notified : day + 1) - c->verified), told };
    }
    struct product_limit r = product_limit(list, n);
    free(list);
    return r;
}

static void truth(void **state)
{
    struct world w;

    (void)state;
    world_make(&w, 120, 140, 5, 2);
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct test_arena t = test_arena(16 << 20);
        struct store     *s = filled(engine ? pg.where : ":memory:", &w, 2);
        struct picture    p = read_it(s, &(struct picture_ask){ .by = 1 << CASE_BY_COUNTRY | 1 << CASE_BY_DETECTOR, .series = true, .urgent = 3, .forced = 2 }, &t.a);
        int64_t           n[CASE_COUNTS], placed = 0, forced = 0, contradicted = 0, urgent = 0;

        CHECK(p.campaign_n == 2 && p.day == WORLD_DAY + 139 && p.board_day == p.day && p.generation == 1);
        struct picture_campaign *c = &p.campaign[0];
        CHECK_STR(c->c.slug, STR("proxylogon"));
        CHECK(c->year == 2021);
        for (int u = 0; u < CASE_UNITS; u++) {
            world_count(&w, 1, CASE_BY_ALL, STR(""), (enum case_unit)u, 139, n);
            CHECK(memcmp(n, c->now[u].n, sizeof n) == 0 && c->series_n[u] > 10);
        }
        CHECK(c->value_n[CASE_BY_COUNTRY][UNIT_ORGANISATIONS] > 5 && c->value_n[CASE_BY_COUNTRY][UNIT_NOTICES] > 3 && c->value_n[CASE_BY_SIZE][0] == 0 && c->value_n[CASE_BY_DETECTOR][UNIT_NOTICES] == 0);
        struct product_limit want = plain(&w, 139), got = c->wait[STEP_NOTIFIED].since_verified;
        CHECK(got.n == want.n && got.arrived == want.arrived && fabs(got.median - want.median) < 1e-9 && got.known);
        CHECK(c->wait[STEP_CLEAN].since_last.n < c->wait[STEP_CLEAN].since_verified.n);
        for (size_t i = 0; i < w.n; i++) {
            struct world_now now;
            world_on(&w, &w.c[i], 139, &now);
            if (w.c[i].campaign != 1)
                continue;
            forced += now.s.forced;
            contradicted += now.s.contradicted;
            urgent += now.s.stage >= CASE_VERIFIED && (now.s.backdoored || now.s.clean_us == TIME_NONE);
            for (uint32_t k = 0; k < w.c[i].servers; k++)
                placed += world_by(w.c[i].server[k].hunted, 139) && world_by(w.c[i].server[k].door, 139);
        }
        CHECK(c->wave[WAVE_PLACED].servers == placed && placed > WAVE_FEW && c->wave[WAVE_USED].servers < placed);
        CHECK(c->forced_all == forced && c->contradicted == contradicted && c->forced_n == 2 && c->urgent_all == urgent && c->urgent_n == 3 && c->urgent[0].urgency >= c->urgent[1].urgency);
        CHECK(c->detector_n >= 2 && c->detector[0].servers >= c->detector[1].servers && c->detector[0].since < p.day && c->tool_n == 1);
        CHECK_STR(c->tool[0].tool, STR("afterpatch 0.1.0"));

        /* An earlier day: its figures, its waits, its wave; nobody is told to act on it. */
        p = read_it(s, &(struct picture_ask){ .campaign = STR("proxylogon"), .day = WORLD_DAY + 40, .urgent = 3, .forced = 100 }, &t.a);
        CHECK(p.campaign_n == 1 && p.campaign[0].urgent_n == 0);
        world_count(&w, 1, CASE_BY_ALL, STR(""), UNIT_SERVERS, 40, n);
        CHECK(memcmp(n, p.campaign[0].now[UNIT_SERVERS].n, sizeof n) == 0);
        CHECK(p.campaign[0].wave[WAVE_PLACED].servers < placed && p.campaign[0].wave[WAVE_PLACED].last <= WORLD_DAY + 40);
        want = plain(&w, 40);
        got = p.campaign[0].wait[STEP_NOTIFIED].since_verified;
        CHECK(got.n == want.n && got.arrived == want.arrived && got.n > got.arrived);
        store_close(s);
        test_arena_free(&t);
    }
    world_free(&w);
}

static void refused(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct store     *s = NULL;
    struct picture    p;
    struct world      w;
    struct err        e = { 0 };

    (void)state;
    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e));
    CHECK(!picture_read(s, &(struct picture_ask){ 0 }, &t.a, &p, &e) && e.kind == ERR_FORMAT && e.hint[0]);
    e = (struct err){ 0 };
    CHECK(store_migrate(s, &casework_layer, &e));
    board_campaigns(s, 1, false);
    CHECK(!picture_read(s, &(struct picture_ask){ 0 }, &t.a, &p, &e) && e.kind == ERR_FORMAT && strstr(e.hint, "case update"));
    store_close(s);
    world_make(&w, 4, 30, 5, 1);
    s = filled(":memory:", &w, 1);
    e = (struct err){ 0 };
    CHECK(!picture_read(s, &(struct picture_ask){ .campaign = STR("x") }, &t.a, &p, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(!picture_read(s, &(struct picture_ask){ .day = WORLD_DAY + 30 }, &t.a, &p, &e) && e.kind == ERR_USAGE && strstr(e.what, "2021-03-21"));
    /* A day before anything: zeros, and no figures. */
    p = read_it(s, &(struct picture_ask){ .day = WORLD_DAY - 10 }, &t.a);
    CHECK(p.campaign_n == 1 && p.campaign[0].first_day > p.campaign[0].last_day && p.campaign[0].now[0].n[COUNT_VERIFIED] == 0);
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
}

static struct store *faulty;
static bool work(struct arena *a, struct err *e)
{
    struct picture p;
    return picture_read(faulty, &(struct picture_ask){ .by = ~0u, .series = true, .urgent = 3, .forced = 2 }, a, &p, e);
}
static void faults(void **state)
{
    struct world w;

    (void)state;
    world_make(&w, 12, 60, 5, 1);
    faulty = filled(":memory:", &w, 1);
    fault_sweep(work, 4 << 20);
    store_close(faulty);
    world_free(&w);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(truth), cmocka_unit_test(refused), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
