/* Medians for everybody: the bands, what is told when, and an attacker who knows nearly everything. */
#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "casework/public_wait.h"
#include "casework/survival.h"

#include <math.h>
#include <string.h>

enum { CASES = 120, WEEKS = 12, FIRST = 3 /* a Sunday */ };

/* Hours since the first Monday; never: NEVER. */
enum { NEVER = 1 << 20 };
struct one { int begun, took; };

static uint32_t next(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525 + 1013904223;
    return below ? (*seed >> 9) % below : 0;
}

static int64_t us(int hours) { return (FIRST - 6) * TIME_DAY + hours * TIME_HOUR; }
static int64_t us_end(const struct one *c) { return c->took == NEVER ? TIME_NONE : us(c->begun + c->took); }

static void count(const struct one *c, size_t n, struct wait_week w[WEEKS])
{
    for (int i = 0; i < WEEKS; i++)
        w[i] = (struct wait_week){ .day = FIRST + 7 * i };
    for (size_t i = 0; i < n; i++)
        wait_take(w, WEEKS, us(c[i].begun), us_end(&c[i]));
}

/* The median as the team has it. */
static double exact(const struct one *c, size_t n, int32_t day)
{
    struct wait w[CASES + WAIT_FOUR];
    int64_t     end = (day + 1) * TIME_DAY;
    size_t      m = 0;

    for (size_t i = 0; i < n; i++) {
        bool there = us_end(&c[i]) != TIME_NONE && us_end(&c[i]) < end;
        if (us(c[i].begun) < end)
            w[m++] = (struct wait){ (double)((there ? us_end(&c[i]) : end) - us(c[i].begun)) / (double)TIME_HOUR, there };
    }
    return product_limit(w, m).median;
}

static bool holds(const struct public_wait *t, double median) { return !t->told || (median >= t->low && (!t->high || median < t->high)); }

/* Some quick and some slow, some never; campaigns differ. */
static void made(struct one *c, size_t n, uint32_t *seed)
{
    int pace = 4 + (int)next(seed, 300), lazy = (int)next(seed, 60);

    for (size_t i = 0; i < n; i++)
        c[i] = (struct one){ (int)next(seed, WEEKS * 7 * 24), (int)next(seed, 100) < lazy ? NEVER : (int)next(seed, (uint32_t)pace) * (next(seed, 3) ? 1 : 6) };
}

static void bands(void **state)
{
    (void)state;
    for (int i = 1; i < WAIT_BANDS; i++)
        CHECK(wait_border[i] > wait_border[i - 1]);
    for (uint32_t seed = 1; seed < 40; seed++) {
        struct one       c[CASES];
        struct wait_week w[WEEKS];
        uint32_t         s = seed;

        made(c, CASES, &s);
        c[0].took = -5;                /* there before it began */
        count(c, CASES, w);
        for (int k = 0; k < WEEKS; k++) {
            struct wait_week plain = { .day = w[k].day };
            for (size_t i = 0; i < CASES; i++) {
                int64_t end = (plain.day + 1) * TIME_DAY, from = us(c[i].begun), to = us_end(&c[i]);
                bool    there = to != TIME_NONE && to < end;
                int     b = WAIT_BANDS - 1;
                if (from >= end)
                    continue;
                while (b > 0 && ((there ? to : end) - from) < wait_border[b] * TIME_HOUR)
                    b--;
                there ? plain.arrived[b]++ : plain.open[b]++;
            }
            CHECK(memcmp(&plain, &w[k], sizeof plain) == 0);
        }
        wait_take(w, WEEKS, TIME_NONE, 5);
    }
    CHECK(public_week_end(3) == 3 && public_week_end(4) == 10 && public_week_end(0) == 3 && public_week_end(10) == 10);
    CHECK(strcmp(wait_step_name(0), "verified") == 0 && strcmp(wait_step_name(5), "clean") == 0);
}

/* Nothing of fewer than ten; narrow where there are many; open above where most still wait. */
static void told(void **state)
{
    struct wait_week    w = { .day = 10 };
    struct public_wait  t;

    (void)state;
    CHECK(!wait_told(NULL, 0).told && !wait_told(&w, 1).told);
    w.arrived[4] = 9;
    w.open[10] = 500;
    CHECK(!wait_told(&w, 1).told);
    w.arrived[4] = 10;
    t = wait_told(&w, 1);
    CHECK(t.told && t.low == wait_border[10] && t.high == 0 && t.as_of == 10);
    w = (struct wait_week){ .day = 10 };
    w.arrived[2] = 1000;
    w.arrived[5] = 600;
    w.arrived[6] = 1000;
    t = wait_told(&w, 1);
    CHECK(t.told && t.low == wait_border[5] && t.high == wait_border[6]);
    w.arrived[5] = 0;                  /* half before a border, half behind it: both sides may be it */
    t = wait_told(&w, 1);
    CHECK(t.told && t.low == wait_border[2] && t.high == wait_border[7]);
    w = (struct wait_week){ .day = 10 };
    w.arrived[0] = 12;                 /* few, and at once: the lower end is 0, the upper as near as four allow */
    t = wait_told(&w, 1);
    CHECK(t.told && t.low == 0 && t.high == wait_border[1]);
    w.arrived[0] = 6;
    w.arrived[20] = 4;                 /* of ten four can be anything: nothing is left to say */
    t = wait_told(&w, 1);
    CHECK(!t.told || t.low == 0);
}

/*
 * --- the attack ---
 *
 * The attacker has what was told on every day, and knows all cases but four, to the hour. What was told is true whatever the four did: so of none of them he can rule out anything
 * by what he was told. The naive form, the band in which the median lies, is no such thing: the same attack succeeds.
 */
static int band_of(double hours)
{
    int b = WAIT_BANDS - 1;

    while (b > 0 && hours < wait_border[b])
        b--;
    return b;
}

static struct one anything(uint32_t *seed)
{
    static const int ends[] = { 0, 1, NEVER, NEVER, 8000 };

    return (struct one){ next(seed, 3) ? 0 : (int)next(seed, WEEKS * 7 * 24), next(seed, 2) ? ends[next(seed, COUNT_OF(ends))] : wait_border[next(seed, WAIT_BANDS)] - (int)next(seed, 2) };
}

/* The one that moves the median most when it changes sides: who waits longest, or who arrived last before it. */
static size_t heaviest(const struct one *c, size_t n, double median, bool later)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        if (later ? c[i].took <= median && (c[at].took > median || c[i].took > c[at].took) : c[i].took > c[at].took)
            at = i;
    return at;
}

/* Four cases are added, taken away, or do something else; or do the worst. The new number of cases. */
static size_t changed(struct one *c, size_t n, double median, uint32_t *seed)
{
    uint32_t kind = next(seed, 5);

    for (int i = 0; i < WAIT_FOUR; i++) {
        size_t at = next(seed, (uint32_t)n);

        if (kind == 0)
            c[n++] = anything(seed);
        else if (kind == 1)
            c[at] = c[--n];
        else if (kind == 2)
            c[at] = anything(seed);
        else
            c[heaviest(c, n, median, kind == 3)] = (struct one){ 0, kind == 3 ? NEVER : 0 };
    }
    return n;
}

static void four(void **state)
{
    int kept = 0, naive_broken = 0, narrow = 0;

    (void)state;
    for (uint32_t turn = 1; turn <= 400; turn++) {
        struct one       c[CASES + WAIT_FOUR], other[CASES + WAIT_FOUR];
        struct wait_week w[WEEKS];
        uint32_t         seed = turn * 7919;
        size_t           n = 12 + next(&seed, CASES - 12);

        made(c, n, &seed);
        count(c, n, w);
        for (int k = 1; k <= WEEKS; k++) {
            struct public_wait t = wait_told(w, (size_t)k);
            if (!t.told)
                continue;
            double median = exact(c, n, t.as_of);
            if (!holds(&t, median))
                fail_msg("turn %u: told %d to %d of %g", turn, t.low, t.high, median);
            narrow += t.high && t.high <= 2 * t.low;
            for (int x = 0; x < 60; x++) {
                memcpy(other, c, n * sizeof *c);
                double now = exact(other, changed(other, n, median, &seed), t.as_of);
                if (!holds(&t, now))
                    fail_msg("turn %u: told %d to %d, and with four others it is %g (was %g)", turn, t.low, t.high, now, median);
                kept++;
                naive_broken += isinf(median) != isinf(now) || (!isinf(now) && band_of(median) != band_of(now));
            }
        }
    }
    if (kept < 150000 || naive_broken < 50000 || narrow < 200)
        fail_msg("%d tries, %d that the naive form would not have stood, %d narrow", kept, naive_broken, narrow);
}

/* Day after day: between two publications that differ ten arrived. */
static void differences(void **state)
{
    int changes = 0;

    (void)state;
    for (uint32_t turn = 1; turn <= 300; turn++) {
        struct one         c[CASES];
        struct wait_week   w[WEEKS];
        struct public_wait was = { 0 };
        uint32_t           seed = turn * 104729;

        made(c, CASES, &seed);
        count(c, CASES, w);
        for (int k = 1; k <= WEEKS; k++) {
            struct public_wait now = wait_told(w, (size_t)k);
            if (memcmp(&was, &now, sizeof was) == 0)
                continue;
            int64_t between = 0;
            for (size_t i = 0; i < CASES; i++)
                between += us_end(&c[i]) != TIME_NONE && us_end(&c[i]) < (now.as_of + 1) * TIME_DAY && us(c[i].begun) < (now.as_of + 1) * TIME_DAY &&
                           !(was.as_of && us_end(&c[i]) < (was.as_of + 1) * TIME_DAY && us(c[i].begun) < (was.as_of + 1) * TIME_DAY);
            if (between < PUBLIC_TEN)
                fail_msg("turn %u, week %d: %d arrived between two publications", turn, k, (int)between);
            CHECK(now.as_of % 7 == 3);
            changes++;
            was = now;
        }
    }
    CHECK(changes > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bands), cmocka_unit_test(told), cmocka_unit_test(four), cmocka_unit_test(differences) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
