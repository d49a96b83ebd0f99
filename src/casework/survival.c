#include "casework/survival.h"

#include <math.h>
#include <stdlib.h>

#define Z_95 1.959963984540054

static int by_time(const void *x, const void *y)
{
    const struct wait *a = x, *b = y;

    if (a->hours < b->hours || a->hours > b->hours)
        return a->hours < b->hours ? -1 : 1;
    return (int)b->arrived - (int)a->arrived;
}

static void order(struct wait *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(w[i].hours > 0))                 /* also what is no number */
            w[i].hours = 0;
    if (n)
        qsort(w, n, sizeof *w, by_time);
}

/* One walk through the waits: each call goes on to the next time at which somebody arrives. */
struct walk { const struct wait *w; size_t n, at; double left, sum; };

static bool next(struct walk *k, struct limit_step *ret)
{
    while (k->at < k->n && !k->w[k->at].arrived)
        k->at++;
    if (k->at == k->n)
        return false;
    double hours = k->w[k->at].hours, here = (double)(k->n - k->at), gone = 0;
    while (k->at < k->n && k->w[k->at].arrived && k->w[k->at].hours <= hours) {
        gone++;
        k->at++;
    }
    k->left *= 1 - gone / here;
    *ret = (struct limit_step){ .hours = hours, .left = k->left, .low = 0, .high = k->left > 0 ? 1 : 0 };
    if (here > gone && k->left < 1) {
        k->sum += gone / (here * (here - gone));
        double spread = Z_95 * sqrt(k->sum) / fabs(log(k->left));
        ret->low = pow(k->left, exp(spread));
        ret->high = pow(k->left, exp(-spread));
    } else if (k->left <= 0) {
        ret->low = ret->high = ret->left = 0;
    }
    return true;
}

struct product_limit product_limit(struct wait *w, size_t n)
{
    struct product_limit r = { .n = n, .median = INFINITY, .low = INFINITY, .high = INFINITY };
    struct walk          k = { .w = w, .n = n, .left = 1 };
    struct limit_step    s;

    order(w, n);
    for (size_t i = 0; i < n; i++)
        r.arrived += w[i].arrived;
    while (next(&k, &s)) {
        /* A half may be missed by the last bit of a product of fractions. */
        if (s.low <= 0.5 && isinf(r.low))
            r.low = s.hours;
        if (s.left <= 0.5 + 1e-12 && isinf(r.median))
            r.median = s.hours;
        if (s.high <= 0.5 && isinf(r.high))
            r.high = s.hours;
    }
    r.known = !isinf(r.median);
    r.interval = r.arrived >= SURVIVAL_FEW;
    return r;
}

void product_limit_curve(struct wait *w, size_t n, struct limit_step *ret, size_t max, size_t *ret_n)
{
    struct walk       k = { .w = w, .n = n, .left = 1 };
    struct limit_step s;
    size_t            all = 0, at = 0, m = 0;

    order(w, n);
    while (next(&k, &s))
        all++;
    k = (struct walk){ .w = w, .n = n, .left = 1 };
    for (; max && next(&k, &s); at++)
        /* The last of each of max equal parts, so that the end of the curve is always there. */
        if ((at + 1) * max / all != at * max / all || all <= max)
            ret[m++] = s;
    *ret_n = m;
}
