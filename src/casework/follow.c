#include "casework/follow.h"

#include <stdlib.h>
#include <string.h>

struct overlap { uint64_t was; uint32_t now, n; };

static int by_pair(const void *x, const void *y)
{
    const struct overlap *p = x, *q = y;

    return p->was != q->was ? (p->was > q->was) - (p->was < q->was) : (p->now > q->now) - (p->now < q->now);
}

static int by_overlap(const void *x, const void *y)
{
    const struct overlap *p = x, *q = y;

    return p->n != q->n ? (q->n > p->n) - (q->n < p->n) : by_pair(x, y);
}

static int by_heir(const void *x, const void *y)
{
    const struct follow_heir *p = x, *q = y;

    return p->group != q->group ? (p->group > q->group) - (p->group < q->group) : (p->from > q->from) - (p->from < q->from);
}

static size_t number_at(const uint64_t *list, size_t n, uint64_t v)
{
    size_t lo = 0, hi = n;

    while (lo + 1 < hi) {
        size_t mid = lo + (hi - lo) / 2;
        *(list[mid] <= v ? &lo : &hi) = mid;
    }
    return lo;
}

bool follow(const struct follow_item *item, size_t n, uint32_t group_n, uint64_t next, struct arena *a, struct follow *ret, struct err *e)
{
    struct follow   out = { .next = next };
    struct overlap *o;
    size_t          k = 0, m = 0, old = 0;

    out.number = NEW(a, uint64_t, group_n ? group_n : 1);
    out.heir   = TAKE(a, struct follow_heir, n ? n : 1);
    struct arena scratch = *a;
    o = TAKE(&scratch, struct overlap, n ? n : 1);
    uint64_t *was   = TAKE(&scratch, uint64_t, n ? n : 1);
    bool     *given = NEW(&scratch, bool, n ? n : 1);
    if (!out.number || !out.heir || !o || !was || !given)
        return err_set(e, ERR_MEMORY, "no room to follow %u groups", group_n);
    for (size_t i = 0; i < n; i++) {
        if (item[i].now >= group_n)
            return err_set(e, ERR_USAGE, "group %u of %u", item[i].now, group_n);
        if (item[i].was)
            o[k++] = (struct overlap){ item[i].was, item[i].now, 1 };
    }
    if (k)
        qsort(o, k, sizeof *o, by_pair);
    for (size_t i = 0; i < k; i++)
        if (m && o[m - 1].was == o[i].was && o[m - 1].now == o[i].now)
            o[m - 1].n++;
        else
            o[m++] = o[i];
    for (size_t i = 0; i < m; i++) {
        if (!i || o[i].was != o[i - 1].was)
            was[old++] = o[i].was;
        if (o[i].was >= out.next)
            out.next = o[i].was + 1;            /* a caller that forgot to count */
    }
    if (m)
        qsort(o, m, sizeof *o, by_overlap);
    for (size_t i = 0; i < m; i++) {
        size_t at = number_at(was, old, o[i].was);
        if (given[at] || out.number[o[i].now])
            continue;
        given[at] = true;
        out.number[o[i].now] = o[i].was;
    }
    for (size_t i = 0; i < m; i++)
        if (out.number[o[i].now] != o[i].was)
            out.heir[out.heir_n++] = (struct follow_heir){ o[i].now, o[i].was };
    if (out.heir_n)
        qsort(out.heir, out.heir_n, sizeof *out.heir, by_heir);
    if (!out.next)
        out.next = 1;                           /* 0 is "none" */
    for (uint32_t i = 0; i < group_n; i++)
        if (!out.number[i])
            out.number[i] = out.next++;
    *ret = out;
    return true;
}
