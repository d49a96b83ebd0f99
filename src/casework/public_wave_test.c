/* The wave for everybody: bars, what follows from them, and what cannot be got out of them. */
#include "test.h"

#include "base/num.h"
#include "casework/public_wave.h"

#include <string.h>

enum { FROM = 18628 /* Friday, 1 January 2021 */, CHANGES = 4000 };
static const struct wave_dates none = { WAVE_DAY_NONE, WAVE_DAY_NONE, WAVE_DAY_NONE, WAVE_DAY_NONE };
/* Begun on 1 January; reported on 5 January, fixed on Tuesday, 2 March, code public on Wednesday, 10 March. */
static const struct wave_dates proxylogon = { FROM, FROM + 4, FROM + 60, FROM + 68 };

static uint32_t next(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return below ? (*seed >> 9) % below : 0;
}

static struct wave_change list[CHANGES];

static struct public_wave tell(const struct wave_change *c, size_t n, const struct wave_dates *dates, struct arena *a)
{
    struct wave_changes w[WAVE_WHATS] = { [WAVE_USED] = { (struct wave_change *)(uintptr_t)c, n } };
    struct public_wave  r;
    struct err          e = { 0 };

    CHECK(public_wave_tell(w, dates, a, &r, &e));
    return r;
}

/* A few from the beginning, many around the fix; known within weeks. Sorted by the week in which it was known. */
static size_t made(uint32_t seed, int organisations, int weeks)
{
    size_t n = 0;

    for (int week = 0; week < weeks; week++)
        for (int i = 0; i < organisations; i++) {
            uint32_t s = seed * 31 + (uint32_t)i * 2654435761u;
            int day = next(&s, 12) ? 56 + (int)next(&s, 8) : (int)next(&s, 80), known = day / 7 + (int)next(&s, 6);
            if (known == week && n < CHANGES)
                list[n++] = (struct wave_change){ public_week_end(FROM + known * 7), FROM + day, 1 };
        }
    return n;
}

static void bars(void **state)
{
    struct test_arena t = test_arena(1 << 20);

    (void)state;
    for (uint32_t seed = 1; seed < 60; seed++) {
        struct arena              a = t.a;
        const struct wave_dates  *dates = seed % 3 ? &proxylogon : &none;
        size_t                    n = made(seed, 20 + (int)seed * 9, 40);
        struct public_wave        w = tell(list, n, dates, &a);
        int64_t                   phase[WAVE_PHASES] = { 0 };

        CHECK(w.told && w.what == WAVE_USED && w.bar[0].n.low >= 5 && w.bar[w.n - 1].n.low >= 5 && w.as_of % 7 == 3);
        for (size_t i = 0; i < w.n; i++) {
            const struct public_bar *b = &w.bar[i];
            int64_t                  plain = 0;
            for (size_t k = 0; k < n; k++)
                plain += list[k].known <= w.as_of && list[k].day >= b->from && list[k].day <= b->to;
            CHECK(b->n.told && b->n.low == plain / 5 * 5 && b->from <= b->to && public_week_end(b->from) == public_week_end(b->to) && (i == 0 || b->from == w.bar[i - 1].to + 1));
            CHECK(b->to == public_week_end(b->to) || b->to + 1 == dates->report || b->to + 1 == dates->patch || b->to + 1 == dates->code);
            CHECK(wave_phase_of(dates, b->from) == wave_phase_of(dates, b->to));
            CHECK(!b->spike || b->n.low >= PUBLIC_TEN);
        }
        for (size_t k = 0; k < n; k++)
            phase[wave_phase_of(dates, list[k].day)] += list[k].known <= w.as_of;
        for (int p = 0; p < WAVE_PHASES; p++)
            CHECK(w.phase[p].least <= phase[p] && w.phase[p].known == (dates == &proxylogon));
    }
    test_arena_free(&t);
}

/* The turn and the spike of a campaign that has them; none where nothing changes; nothing of nineteen. */
static void turns(void **state)
{
    struct test_arena  t = test_arena(1 << 20);
    struct public_wave w;
    size_t             n = made(7, 600, 40);

    (void)state;
    w = tell(list, n, &proxylogon, &t.a);
    CHECK(w.widespread && w.from >= FROM + 50 && w.from <= FROM + 60 && w.after_least > 10 * w.before_most);
    int spikes = 0;
    for (size_t i = 0; i < w.n; i++) {
        spikes += w.bar[i].spike;
        CHECK(!w.bar[i].spike || (w.bar[i].to >= FROM + 52 && w.bar[i].from <= FROM + 65));
    }
    CHECK(spikes >= 1);
    for (n = 0; n < 700; n++)
        list[n] = (struct wave_change){ public_week_end(FROM + 200), FROM + (int)n / 7, 1 };
    w = tell(list, n, &none, &t.a);
    CHECK(w.told && !w.widespread);
    for (size_t i = 1; i < w.n; i++)                  /* the first has nothing before it */
        CHECK(!w.bar[i].spike || i < 2);
    CHECK(!tell(list, 19, &none, &t.a).told && tell(list, 20, &none, &t.a).told);
    for (n = 0; n < 100; n++)                         /* four a week: there is no bar to tell */
        list[n] = (struct wave_change){ public_week_end(FROM + 400), FROM + 7 * (int)(n / 4), 1 };
    CHECK(!tell(list, n, &none, &t.a).told);
    CHECK(!tell(NULL, 0, &none, &t.a).told);
    list[0] = (struct wave_change){ public_week_end(FROM), 60000, 40 };         /* a day that no hunt of that week can know */
    CHECK(!tell(list, 1, &none, &t.a).told);
    list[0] = (struct wave_change){ public_week_end(FROM), 0, 40 };                    /* and one of fifty years ago beside today's */
    list[1] = (struct wave_change){ public_week_end(FROM), FROM, 40 };
    w = tell(list, 2, &none, &t.a);
    CHECK(w.told && w.n == 1 && w.bar[0].from == public_week_end(FROM) - 6);
    test_arena_free(&t);
}

static bool same(const struct public_wave *x, const struct public_wave *y)
{
    if (!x->told && !y->told)
        return true;
    if (x->told != y->told || x->what != y->what || x->as_of != y->as_of || x->n != y->n || memcmp(x->phase, y->phase, sizeof x->phase) != 0 || x->widespread != y->widespread || x->from != y->from)
        return false;
    for (size_t i = 0; i < x->n; i++)
        if (x->bar[i].from != y->bar[i].from || x->bar[i].to != y->bar[i].to || x->bar[i].n.low != y->bar[i].n.low || x->bar[i].spike != y->bar[i].spike)
            return false;
    return x->before_most <= y->before_most && x->before_most >= y->before_most && x->after_least <= y->after_least && x->after_least >= y->after_least;
}

/*
 * The attack by subtraction: whoever computes with all that is told (bars, phases, the turn, spikes) cannot find a bar's number when another world, in which it is a different one, tells
 * the very same. For each bar and each number of its five there is such a world: what it has more or less, a week that is not told has less or more.
 */
static void subtraction(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    int               worlds = 0;

    (void)state;
    for (uint32_t seed = 1; seed < 30; seed++) {
        struct arena       a = t.a;
        size_t             n = made(seed, 90 + (int)seed * 17, 40);
        struct public_wave w = tell(list, n, &proxylogon, &a);

        while (n && list[n - 1].known > w.as_of)
            n--;
        for (size_t b = 0; b < w.n; b++) {
            int64_t plain = 0;
            for (size_t k = 0; k < n; k++)
                plain += list[k].day >= w.bar[b].from && list[k].day <= w.bar[b].to;
            for (int64_t v = w.bar[b].n.low; v < w.bar[b].n.low + PUBLIC_FIVE; v++) {
                struct arena mine = a;
                list[n] = (struct wave_change){ w.as_of, w.bar[b].from, v - plain };
                list[n + 1] = (struct wave_change){ w.as_of, FROM - 70, plain > v ? plain - v : 0 };
                struct public_wave other = tell(list, n + 2, &proxylogon, &mine);
                if (!same(&w, &other))
                    fail_msg("seed %u: bar %zu of %d cannot be %d", seed, b, (int)plain, (int)v);
                worlds++;
            }
        }
    }
    CHECK(worlds > 500);
    test_arena_free(&t);
}

/* Week after week: between two publications that differ, hunts told of ten organisations, or more. */
static void differences(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    int               changes = 0;

    (void)state;
    for (uint32_t seed = 1; seed < 60; seed++) {
        struct public_wave was = { 0 };
        size_t             n = made(seed, 30 + (int)seed * 4, 40), before = 0;
        struct arena       a = t.a;

        for (size_t k = 1; k <= n; k++) {
            if (k < n && list[k].known == list[k - 1].known)
                continue;
            struct public_wave now = tell(list, k, &proxylogon, &a);
            if (same(&was, &now))
                continue;
            CHECK(k - before >= PUBLIC_TEN);
            before = k;
            was = now;
            changes++;
        }
    }
    CHECK(changes > 200);
    test_arena_free(&t);
}

/* Of the kinds the first that can be told; and no memory says so. */
static void kinds(void **state)
{
    struct test_arena   t = test_arena(1 << 20);
    struct wave_change  few = { public_week_end(FROM), FROM, 19 }, many = { public_week_end(FROM), FROM, 40 };
    struct wave_changes w[WAVE_WHATS] = { [WAVE_USED] = { &few, 1 }, [WAVE_ENTERED] = { &many, 1 }, [WAVE_PLACED] = { &many, 1 } };
    struct public_wave  r;
    struct arena        nothing = { 0 };
    struct err          e = { 0 };

    (void)state;
    CHECK(public_wave_tell(w, &none, &t.a, &r, &e) && r.told && r.what == WAVE_ENTERED);
    CHECK(!public_wave_tell(w, &none, &nothing, &r, &e) && e.kind == ERR_MEMORY);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bars), cmocka_unit_test(turns), cmocka_unit_test(subtraction), cmocka_unit_test(differences), cmocka_unit_test(kinds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
