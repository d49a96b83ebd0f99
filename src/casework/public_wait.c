#include "casework/public_wait.h"

#include "base/time.h"
#include "casework/picture.h"

const int32_t wait_border[WAIT_BANDS] = {
    0, 3, 6, 12, 18, 24, 36, 48, 3 * 24, 4 * 24, 5 * 24, 6 * 24, 7 * 24, 10 * 24, 14 * 24, 21 * 24, 28 * 24, 42 * 24, 56 * 24, 91 * 24, 182 * 24, 273 * 24, 364 * 24,
};
const struct wait_pair wait_pairs[WAIT_PAIRS] = { { 0, 1 }, { 0, 2 }, { 0, 3 }, { 0, 4 }, { 0, 5 }, { 1, 2 }, { 2, 3 }, { 3, 4 }, { 4, 5 } };

const char *wait_step_name(int step) { return step == 0 ? "verified" : picture_step_name((enum picture_step)(step - 1)); }

void wait_take(struct wait_week *w, size_t n, int64_t from_us, int64_t to_us)
{
    int band = 0;                      /* who waits longer week by week never falls back into an earlier one */

    for (size_t i = 0; i < n && from_us != TIME_NONE; i++) {
        int64_t end = ((int64_t)w[i].day + 1) * TIME_DAY;
        bool    there = to_us != TIME_NONE && to_us < end;

        if (from_us >= end)
            continue;
        while (band + 1 < WAIT_BANDS && (there ? to_us : end) - from_us >= wait_border[band + 1] * TIME_HOUR)
            band++;
        if (there)
            w[i].arrived[band]++;
        else
            w[i].open[band]++;
    }
}

static int64_t sum(const int64_t n[WAIT_BANDS])
{
    int64_t all = 0;

    for (int b = 0; b < WAIT_BANDS; b++)
        all += n[b];
    return all;
}

/* Rule 2. */
static const struct wait_week *settled(const struct wait_week *w, size_t n)
{
    const struct wait_week *at = NULL;
    int64_t                 told = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t arrived = sum(w[i].arrived);
        if (arrived < told + PUBLIC_TEN)
            continue;
        at = &w[i];
        told = arrived;
    }
    return at;
}

/* The bound of the header, border by border. */
static void interval(const struct wait_week *w, struct public_wait *ret)
{
    const double m = WAIT_FOUR, half = 0.5 + 1e-9;
    double       here = (double)(sum(w->arrived) + sum(w->open)), least = 1, most = 1;

    for (int b = 0; b + 1 < WAIT_BANDS && !ret->high; b++) {
        double d = (double)w->arrived[b], c = (double)w->open[b];

        least *= here - c - d > m ? (here - c - d - m) / (here - c - m) : 0;
        most *= (here - d + m) / (here + m);
        here -= d + c;
        if (here > m && least * (here - m) / here > half)
            ret->low = wait_border[b + 1];
        if (most * (here + 2 * m) / (here + m) <= 0.5)
            ret->high = wait_border[b + 1];
    }
}

struct public_wait wait_told(const struct wait_week *w, size_t n)
{
    struct public_wait      r = { 0 };
    const struct wait_week *at = settled(w, n);

    if (!at)
        return r;
    r.as_of = at->day;
    interval(at, &r);
    r.told = r.low || r.high;
    return r;
}
