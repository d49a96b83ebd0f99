#include "survey/figures_fit.h"

#include <math.h>

/* Two-sided 95 % of Student's distribution, by degrees of freedom; the series is good to 0.2 % from 3 on. */
static double student(double freedom)
{
    if (freedom < 1.5)
        return 12.706;
    if (freedom < 2.5)
        return 4.303;
    return 1.96 + 2.3722 / freedom + 2.8225 / (freedom * freedom) + 2.556 / (freedom * freedom * freedom);
}

struct half_life half_life_fit(const double *unpatched, const double *patched, size_t n, int32_t from)
{
    struct half_life h = { .from = from };
    double sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0;
    size_t m = 0;

    while (m < n && unpatched[m] > 0)
        m++;
    if (m < 2)
        return h;
    h.to = from + (int32_t)m - 1;
    h.begin = (int64_t)unpatched[0];
    h.end = (int64_t)unpatched[m - 1];
    h.decided = h.end + (int64_t)patched[m - 1];
    for (size_t i = 0; i < m; i++) {
        double x = (double)i, y = log(unpatched[i] / (unpatched[i] + patched[i]));
        sx += x;
        sy += y;
        sxx += x * x;
        sxy += x * y;
        syy += y * y;
    }
    double k = (double)m, dx = sxx - sx * sx / k, slope = (sxy - sx * sy / k) / dx, rest = (syy - sy * sy / k) - slope * slope * dx;
    double stray = m > 2 ? student(k - 2) * sqrt((rest > 0 ? rest : 0) / (k - 2) / dx) : 0;
    double first = unpatched[0] / (unpatched[0] + patched[0]), last = unpatched[m - 1] / (double)h.decided / first;
    double chance = last < 1 ? 1.96 * sqrt((1 - last) / (last * (double)h.decided)) / (k - 1) : 0;
    double error = stray > chance ? stray : chance;

    if (slope >= 0)
        return h;
    h.known = true;
    h.per_day = exp(slope);
    h.days = log(2) / -slope;
    h.low = log(2) / (error - slope);
    h.high = slope + error < 0 ? log(2) / -(slope + error) : INFINITY;
    return h;
}

bool half_life_of(const struct figures *f, struct arena scratch, uint32_t group, int32_t from, int32_t to, struct half_life *ret, struct err *e)
{
    size_t               n, days;
    const struct figure *s = figures_series(f, group, BY_COHORT, 0, &n);
    int64_t              fix = builds_first_fix_us(f->o.builds, group);
    double              *left, *done;

    *ret = (struct half_life){ .from = from };
    if (from < f->o.cohort_day)
        from = f->o.cohort_day;
    if (fix != TIME_NONE && from < fix / TIME_DAY)
        from = (int32_t)(fix / TIME_DAY);
    if (to < from || n == 0)
        return true;
    days = (size_t)(to - from) + 1;
    if (days > FIT_DAYS_MAX)
        days = FIT_DAYS_MAX;
    left = NEW(&scratch, double, days);
    done = NEW(&scratch, double, days);
    if (!left || !done)
        return err_set(e, ERR_MEMORY, "no room for a curve");
    for (size_t i = 0, k = 0; i < days; i++) {
        while (k < n && figure_day(&s[k]) <= from + (int32_t)i)
            k++;
        left[i] = k ? s[k - 1].n[FIG_UNPATCHED] : 0;
        done[i] = k ? s[k - 1].n[FIG_PATCHED] : 0;
    }
    *ret = half_life_fit(left, done, days, from);
    return true;
}

/* --- survival --- */

/* One server's interval on the grid: patched on one of the days first..last; day n stands for never. */
struct range { size_t first, last; };

static struct range range_of(const struct survival *s, const struct patched_when *w)
{
    struct range r;

    r.first = w->after == PATCHED_BEFORE || w->after < s->from ? 0 : (size_t)(w->after - s->from) + 1;
    r.last = w->by == PATCHED_NEVER || (size_t)(w->by - s->from) >= s->n ? s->n : (size_t)(w->by - s->from);
    if (r.first > s->n)
        r.first = s->n;
    if (r.last < r.first)
        r.last = r.first;
    return r;
}

/* A bound: everybody patched at one end of his interval; who vanished unpatched is out of the count from that day on. */
static void bound(const struct survival *s, const struct patched_when *w, size_t n, bool soon, double *patched, double *gone, double *ret)
{
    double here = 0, left = 1;

    for (size_t i = 0; i <= s->n; i++)
        patched[i] = gone[i] = 0;
    for (size_t i = 0; i < n; i++) {
        struct range r = range_of(s, &w[i]);
        here += w[i].servers;
        if (w[i].by == PATCHED_NEVER)
            gone[r.first] += w[i].servers;
        else
            patched[soon ? r.first : r.last] += w[i].servers;
    }
    for (size_t i = 0; i < s->n; i++) {
        here -= gone[i];                       /* seen unpatched until the day before, and then no more */
        if (here > 0)
            left *= 1 - patched[i] / here;
        here -= patched[i];
        ret[i] = left > 0 ? left : 0;
    }
}

/* Turnbull: each server gives its weight to the days of its interval as the estimate so far has them; until nothing moves. */
static void turnbull(const struct survival *s, const struct patched_when *w, size_t n, double *mass, double *gain, double *sum)
{
    size_t days = s->n + 1;
    double all = (double)s->servers;

    for (size_t i = 0; i < days; i++)
        mass[i] = 1 / (double)days;
    for (int step = 0; step < FIT_STEPS_MAX; step++) {
        double moved = 0, add = 0;

        sum[0] = 0;
        for (size_t i = 0; i < days; i++)
            sum[i + 1] = sum[i] + mass[i];
        for (size_t i = 0; i <= days; i++)
            gain[i] = 0;
        for (size_t i = 0; i < n; i++) {
            struct range r = range_of(s, &w[i]);
            double       of = sum[r.last + 1] - sum[r.first];
            if (of <= 0)
                continue;
            gain[r.first] += w[i].servers / of;
            gain[r.last + 1] -= w[i].servers / of;
        }
        for (size_t i = 0; i < days; i++) {
            add += gain[i];
            double now = mass[i] * add / all;
            moved = fmax(moved, fabs(now - mass[i]));
            mass[i] = now > 0 ? now : 0;
        }
        if (moved < 1e-7)
            break;
    }
    double left = 1;
    for (size_t i = 0; i < s->n; i++) {
        left -= mass[i];
        s->left[i] = left > 0 ? left : 0;
    }
}

/* Days until half of them were patched: between the day before, when more were left, and the day when not. */
static double median(const double *left, size_t n)
{
    double before = 1;

    for (size_t i = 0; i < n; i++) {
        if (left[i] <= 0.5 + 1e-12)
            return (double)i - (before - left[i] > 1e-12 && i ? (0.5 - left[i]) / (before - left[i]) : 0);
        before = left[i];
    }
    return -1;
}

bool survival_of(const struct figures *f, struct arena *a, uint32_t group, struct survival *ret, struct err *e)
{
    struct survival s = { .from = f->o.cohort_day };
    const struct patched_when *w = f->when;
    size_t first = 0, n = 0;

    while (first < f->when_n && w[first].group < group)
        first++;
    while (first + n < f->when_n && w[first + n].group == group)
        n++;
    w += first;
    for (size_t i = 0; i < n; i++) {
        s.servers += w[i].servers;
        s.patched += w[i].by != PATCHED_NEVER ? w[i].servers : 0;
        s.unknown_when += w[i].by != PATCHED_NEVER && w[i].by - w[i].after > 1 ? w[i].servers : 0;
    }
    if (!s.servers || f->last_day < s.from) {
        *ret = (struct survival){ .from = s.from };
        return true;
    }
    s.n = (size_t)(f->last_day - s.from) + 1;
    if (s.n > FIT_DAYS_MAX)
        s.n = FIT_DAYS_MAX;
    s.left = NEW(a, double, s.n);
    s.soon = NEW(a, double, s.n);
    s.late = NEW(a, double, s.n);
    struct arena scratch = *a;
    double *x = NEW(&scratch, double, s.n + 2), *y = NEW(&scratch, double, s.n + 2), *z = NEW(&scratch, double, s.n + 2);
    if (!s.left || !s.soon || !s.late || !x || !y || !z)
        return err_set(e, ERR_MEMORY, "no room for a curve");
    bound(&s, w, n, true, x, y, s.soon);
    bound(&s, w, n, false, x, y, s.late);
    turnbull(&s, w, n, x, y, z);
    s.median = median(s.left, s.n);
    s.median_soon = median(s.soon, s.n);
    s.median_late = median(s.late, s.n);
    *ret = s;
    return true;
}
