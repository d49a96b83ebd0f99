/* See heirs.h. */
#include "casework/heirs.h"

#include <string.h>

#include "base/num.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the cases that others stem from"); }

struct load { struct heirs h; struct arena *a; size_t case_cap, pair_cap; };

static bool take_case(void *ctx, const struct store_value *v, struct err *e)
{
    struct load       *l = ctx;
    struct heirs_case *p = GROW(l->a, l->h.cases, l->h.case_n, &l->case_cap);

    if (!p)
        return no_room(e);
    *p = (struct heirs_case){ v[0].i, v[1].i, false };
    l->h.case_n++;
    return true;
}

struct heirs_case *heirs_find(const struct heirs *h, int64_t id)
{
    size_t lo = 0, hi = h->case_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->cases[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < h->case_n && h->cases[lo].id == id ? &h->cases[lo] : NULL;
}

static bool take_pair(void *ctx, const struct store_value *v, struct err *e)
{
    struct load             *l = ctx;
    const struct heirs_case *x = heirs_find(&l->h, v[0].i), *y = heirs_find(&l->h, v[1].i);
    struct heirs_pair       *p;

    if (!x || !y || x == y)
        return true;
    if (!(p = GROW(l->a, l->h.pair, l->h.pair_n, &l->pair_cap)))
        return no_room(e);
    *p = (struct heirs_pair){ (uint32_t)(x - l->h.cases), (uint32_t)(y - l->h.cases) };
    l->h.pair_n++;
    return true;
}

bool heirs_load(struct heirs *ret, struct store *s, struct arena *a, struct err *e)
{
    struct load l = { .a = a };

    if (!store_scan(s, "SELECT id, opened_us FROM case_case ORDER BY id", 2, take_case, &l, e) ||
        !store_scan(s, "SELECT case_id, from_case FROM case_heir ORDER BY case_id, from_case", 2, take_pair, &l, e))
        return false;
    *ret = l.h;
    return true;
}

static size_t pairs_from(const struct heirs *h, uint32_t case_)
{
    size_t lo = 0, hi = h->pair_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->pair[mid].case_ < case_)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool heirs_of(const struct heirs *h, const struct heirs_case *heir, struct arena *a, struct heirs_from **ret, size_t *ret_n, struct err *e)
{
    uint32_t self = (uint32_t)(heir - h->cases), n = 0;
    size_t   first = pairs_from(h, self);

    *ret   = NULL;
    *ret_n = 0;
    if (first == h->pair_n || h->pair[first].case_ != self)
        return true;
    struct arena       scratch = *a;
    struct heirs_from *out = TAKE(&scratch, struct heirs_from, h->case_n), *kept;      /* in the order in which they are found; the heir itself first */
    uint32_t          *at = TAKE(&scratch, uint32_t, h->case_n);
    bool              *visited = NEW(&scratch, bool, h->case_n);

    if (!out || !at || !visited)
        return no_room(e);
    visited[self] = true;
    at[n] = self;
    out[n++] = (struct heirs_from){ heir->id, false, INT64_MAX };
    for (uint32_t done = 0; done < n; done++)
        for (size_t i = pairs_from(h, at[done]); i < h->pair_n && h->pair[i].case_ == at[done]; i++) {
            const struct heirs_case *y = &h->cases[h->pair[i].from];
            struct heirs_from        x = { y->id, out[done].part, out[done].until_us };

            if (visited[h->pair[i].from])
                continue;
            visited[h->pair[i].from] = true;
            if (y->is) {
                int64_t parted = h->cases[at[done]].opened_us;
                x.part = true;
                x.until_us = parted < x.until_us ? parted : x.until_us;
            }
            at[n] = h->pair[i].from;
            out[n++] = x;
        }
    /* What is kept is little, and may lie where the scratch was. */
    kept = TAKE(a, struct heirs_from, n);
    if (!kept)
        return no_room(e);
    memmove(kept, out + 1, (n - 1) * sizeof *kept);
    *ret   = kept;
    *ret_n = n - 1;
    return true;
}

bool heirs_get(const struct heirs_from *x, const struct fact *f)
{
    if (x->part)
        return f->kind == FACT_NOTICE && f->recorded_us <= x->until_us;
    return f->kind == FACT_NOTICE || f->kind == FACT_CONTACT || f->kind == FACT_PORTAL || f->kind == FACT_REPLY || f->kind == FACT_ESCALATED;
}
