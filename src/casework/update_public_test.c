/* Waits and the wave for publication, on both engines, against the plainest count of a made-up campaign. */
#include "figures_board.h"
#include "pg_server.h"

#include "casework/public_wait.h"
#include "casework/public_wave.h"

static struct pg_server pg;
static bool has_pg;

static int64_t number(struct store *s, const char *sql)
{
    int64_t    v = 0;
    struct err e = { 0 };

    if (!store_one_int(s, sql, &v, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return v;
}

static struct store *filled(const char *where, struct world *w)
{
    struct test_arena t = test_arena(64 << 20);
    struct store     *s = NULL;
    struct err        e = { 0 };

    if (!store_open(&s, str_c(where), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
        fail_msg("%s: %s", e.where, e.what);
    board_wipe(s);
    board_fill(s, w, 2, t.a);
    test_arena_free(&t);
    return s;
}

static int64_t plain_wait(const struct world *w, int64_t campaign, struct wait_pair p, int32_t day, int band, int arrived)
{
    int64_t n = 0, end = ((int64_t)day + 1) * TIME_DAY;

    for (size_t i = 0; i < w->n; i++) {
        struct world_now now;
        world_on(w, &w->c[i], w->days - 1, &now);
        const int64_t us[] = { now.s.verified_us, now.s.notified_us, now.s.acknowledged_us, now.s.patched_us, now.s.hunted_us, now.s.clean_us };
        int64_t       from = us[p.from], to = us[p.to];
        if (w->c[i].campaign != campaign || now.s.stage < CASE_VERIFIED || us[0] == TIME_NONE || from == TIME_NONE || from >= end)
            continue;
        bool   there = to != TIME_NONE && to < end;
        double hours = (double)((there ? to : end) - from) / (double)TIME_HOUR;
        int    b = 0;
        for (int k = 1; k < WAIT_BANDS; k++)
            b += hours >= wait_border[k];
        n += there == arrived && b == band;
    }
    return n;
}

static void waits(void **state)
{
    struct world w;
    char         sql[300];

    (void)state;
    world_make(&w, 120, 50, 31, 2);
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store *s = filled(engine ? pg.where : ":memory:", &w);
        int64_t       all = 0;

        for (int64_t campaign = 1; campaign <= 2 - engine; campaign++)
            for (int32_t day = public_week_end(WORLD_DAY); day < WORLD_DAY + 50; day += 7)
                for (int p = 0; p < WAIT_PAIRS; p++)
                    for (int cell = 0; cell < 2 * WAIT_BANDS; cell++) {
                        int64_t want = plain_wait(&w, campaign, wait_pairs[p], day, cell / 2, cell % 2);
                        if (!want)
                            continue;
                        snprintf(sql, sizeof sql, "SELECT n FROM case_wait WHERE campaign = %d AND from_step = %d AND to_step = %d AND day = %d AND band = %d AND arrived = %d", (int)campaign, wait_pairs[p].from,
                                 wait_pairs[p].to, day, cell / 2, cell % 2);
                        if (number(s, sql) != want)
                            fail_msg("%s: %d, and should be %d", sql, (int)number(s, sql), (int)want);
                        all += want;
                    }
        CHECK(all > 500 && number(s, engine ? "SELECT CAST(sum(n) AS {int}) FROM case_wait WHERE campaign = 1" : "SELECT CAST(sum(n) AS {int}) FROM case_wait") == all);
        store_close(s);
    }
    world_free(&w);
}

/* The first day of each organisation by what hunts had told until the end of a week. */
static int64_t plain_wave(const struct world *w, int64_t campaign, int what, int32_t known, int32_t day)
{
    int64_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        const struct world_case *c = &w->c[i];
        struct world_now         now;
        int64_t                  first = INT64_MAX;

        world_on(w, c, w->days - 1, &now);
        for (uint32_t k = 0; k < c->servers; k++) {
            const struct world_server *v = &c->server[k];
            if (v->not_mine || !world_by(v->hunted, w->days - 1) || v->door >= WORLD_NEVER || WORLD_DAY + v->hunted > known || (what == WAVE_USED && !v->stolen))
                continue;
            int64_t us = world_us(v->door) + (what == WAVE_USED ? TIME_HOUR : what == WAVE_ENTERED ? -2 * TIME_HOUR : 0);
            first = us < first ? us : first;
        }
        n += c->campaign == campaign && now.s.stage >= CASE_VERIFIED && first != INT64_MAX && first / TIME_DAY == day;
    }
    return n;
}

static void wave(void **state)
{
    struct world w;
    char         sql[200];

    (void)state;
    world_make(&w, 160, 50, 32, 2);
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store *s = filled(engine ? pg.where : ":memory:", &w);
        int64_t       seen = 0;

        for (int64_t campaign = 1; campaign <= 2 - engine; campaign++)
            for (int what = 0; what < WAVE_WHATS; what++)
                for (int32_t known = public_week_end(WORLD_DAY); known <= public_week_end(WORLD_DAY + 50); known += 7)
                    for (int32_t day = WORLD_DAY - 1; day < WORLD_DAY + 90; day++) {
                        int64_t want = plain_wave(&w, campaign, what, known, day);
                        snprintf(sql, sizeof sql, "SELECT CAST(coalesce(sum(n), 0) AS {int}) FROM case_wave WHERE campaign = %d AND what = %d AND known <= %d AND day = %d", (int)campaign, what, known, day);
                        if (number(s, sql) != want)
                            fail_msg("%s: %d, and should be %d", sql, (int)number(s, sql), (int)want);
                        seen += want;
                    }
        CHECK(seen > 50 && number(s, "SELECT count(*) FROM case_wave WHERE n < 0") > 0);
        store_close(s);
    }
    world_free(&w);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(waits), cmocka_unit_test(wave) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
