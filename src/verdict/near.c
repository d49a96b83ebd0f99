/*
 * near: which statement of another log is about the same moment. Statements are folded, so each has two ends in time.
 */
#include "verdict/work.h"

/* A flood of others hides the right one only beyond so many neighbours on either side. */
enum { LOOK_MAX = 512 };

int64_t time_apart(const struct event *ev, int64_t t)
{
    int64_t from = ev->h->first_us, to = ev->last_us;
    return from == TIME_NONE || t == TIME_NONE ? INT64_MAX : t < from ? from - t : t > to ? t - to : 0;
}

static int64_t end_time(const struct work *w, uint32_t end)
{
    const struct event *ev = &w->event[end / 2];
    return end & 1 ? ev->last_us : ev->h->first_us;
}

static int cmp_end(const void *ctx, uint32_t x, uint32_t y)
{
    int c = time_cmp(end_time(ctx, x), end_time(ctx, y));
    return c ? c : x < y ? -1 : x > y;
}

bool ends_make(struct work *w, bool (*takes)(const struct event *ev), struct ends *ret)
{
    *ret = (struct ends){ NEW(w->a, uint32_t, w->event_n * 2), 0 };
    if (!ret->v)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++)
        if (w->event[i].h->first_us != TIME_NONE && takes(&w->event[i])) {
            ret->v[ret->n++] = i * 2;
            ret->v[ret->n++] = i * 2 + 1;
        }
    sort_u32(ret->v, ret->n, cmp_end, w);
    return true;
}

uint32_t ends_nearest(const struct work *w, const struct ends *ends, const struct event *ev, near_cost *cost, int64_t max_us)
{
    size_t   lo = 0, hi = ends->n;
    uint32_t best = NONE;
    int64_t  near = max_us + 1;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (end_time(w, ends->v[mid]) < ev->h->first_us)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (size_t k = lo > LOOK_MAX ? lo - LOOK_MAX : 0; k < ends->n && k < lo + LOOK_MAX; k++) {
        int64_t c = cost(&w->event[ends->v[k] / 2], ev);
        if (c < near) {
            near = c;
            best = ends->v[k] / 2;
        }
    }
    return best;
}
