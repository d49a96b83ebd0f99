/* group_why: the chain of keys between two assets. Joins form a tree whose strongest were made first, so the way through it is the strongest there is. */
#include "casework/group_inner.h"

static bool find(const struct grouping *g, uint64_t id, uint32_t *ret)
{
    uint32_t lo = 0, hi = g->asset_n;

    while (lo + 1 < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        *(g->id[mid] <= id ? &lo : &hi) = mid;
    }
    *ret = lo;
    return lo < hi && g->id[lo] == id;
}

static const struct edge *edge_of(const struct grouping *g, uint32_t asset, uint32_t key)
{
    for (uint32_t i = g->asset_first[asset]; i < g->asset_first[asset + 1]; i++)
        if (g->edge[g->of_asset[i]].key == key)
            return &g->edge[g->of_asset[i]];
    return NULL;
}

const struct group_member *groups_find(const struct groups *r, uint64_t asset)
{
    uint32_t at;

    return find(r->from, asset, &at) ? &r->member[r->from->slot[at]] : NULL;
}

static struct group_step step_of(const struct grouping *g, uint32_t from, uint32_t to, const struct tie *t)
{
    const struct edge *x = edge_of(g, from, t->key), *y = edge_of(g, to, t->key);

    return (struct group_step){ g->id[from], g->id[to], t->key, t->also, t->weight, t->confidence, x ? x->source : GROUP_NONE, y ? y->source : GROUP_NONE };
}

/* From `one` breadth first; `came` tells by which join each member was reached, by its place in the group. */
static bool chain(const struct groups *r, uint32_t one, uint32_t other, struct arena *a, struct group_why *ret, struct err *e)
{
    const struct grouping *g = r->from;
    const struct group    *w = &r->group[g->group_of[one]];
    struct arena           s = *a;
    uint32_t              *queue = TAKE(&s, uint32_t, w->n), *came = TAKE(&s, uint32_t, w->n), n = 0, head = 0, steps = 0;

    if (!queue || !came)
        return err_set(e, ERR_MEMORY, "no room to explain a group of %u servers", w->n);
    for (uint32_t i = 0; i < w->n; i++)
        came[i] = GROUP_NONE;
    /* From the far end, so that walking back gives the chain in order. */
    queue[n++] = other;
    came[g->slot[other] - w->first] = GROUP_NONE - 1;
    while (head < n && came[g->slot[one] - w->first] == GROUP_NONE)
        for (uint32_t at = queue[head++], i = g->tie_first[at]; i < g->tie_first[at + 1]; i++) {
            uint32_t *c = &came[g->slot[g->tie[i].to] - w->first];
            if (*c == GROUP_NONE) {
                *c = i;
                queue[n++] = g->tie[i].to;
            }
        }
    for (uint32_t at = one; at != other; at = g->tie[came[g->slot[at] - w->first]].at)
        steps++;
    struct group_step *step = TAKE(&s, struct group_step, steps ? steps : 1);
    if (!step)
        return err_set(e, ERR_MEMORY, "no room for a chain of %u joins", steps);
    steps = 0;
    for (uint32_t at = one; at != other;) {
        const struct tie *t = &g->tie[came[g->slot[at] - w->first]];
        struct group_step x = step_of(g, at, t->at, t);
        /* Two steps by one key are one: both ends have it. */
        if (steps && step[steps - 1].key == x.key && step[steps - 1].also == x.also) {
            struct group_step *p = &step[steps - 1];
            p->to         = x.to;
            p->source_to  = x.source_to;
            p->weight     = p->weight < x.weight ? p->weight : x.weight;
            p->confidence = p->confidence < x.confidence ? p->confidence : x.confidence;
        } else
            step[steps++] = x;
        at = t->at;
    }
    ret->step = TAKE(a, struct group_step, steps ? steps : 1);      /* where the scratch began: what was pushed last moves down */
    if (!ret->step)
        return err_set(e, ERR_MEMORY, "no room for a chain of %u joins", steps);
    memmove(ret->step, step, steps * sizeof *step);
    ret->step_n = steps;
    return true;
}

static int by_strength(const void *x, const void *y)
{
    const struct group_step *p = x, *q = y;
    int c = cmp_u32(q->weight, p->weight);

    c = c ? c : cmp_u32(q->confidence, p->confidence);
    return c ? c : cmp_u32(p->key, q->key);
}

static bool shared_keys(const struct groups *r, uint32_t one, uint32_t other, struct arena *a, struct group_why *ret, struct err *e)
{
    const struct grouping *g = r->from;
    uint32_t n = g->asset_first[one + 1] - g->asset_first[one];
    struct group_step *step = TAKE(a, struct group_step, n ? n : 1);

    if (!step)
        return err_set(e, ERR_MEMORY, "no room for %u keys", n);
    n = 0;
    for (uint32_t i = g->asset_first[one]; i < g->asset_first[one + 1]; i++) {
        const struct edge *x = &g->edge[g->of_asset[i]], *y = edge_of(g, other, x->key);
        if (!y)
            continue;
        uint8_t weight = x->weight < y->weight ? x->weight : y->weight, sure = x->confidence < y->confidence ? x->confidence : y->confidence;
        step[n++] = (struct group_step){ g->id[one], g->id[other], x->key, GROUP_NONE, weight, (uint8_t)(weight * sure / 100), x->source, y->source };
    }
    if (n)
        qsort(step, n, sizeof *step, by_strength);
    ret->step   = step;
    ret->step_n = n;
    return true;
}

bool groups_why(const struct groups *r, uint64_t one, uint64_t other, struct arena *a, struct group_why *ret, struct err *e)
{
    const struct grouping *g = r->from;
    struct group_why       out = { 0 };
    uint32_t               x, y;

    e->kind = ERR_NONE;
    if (!find(g, one, &x) || !find(g, other, &y))
        return false;
    out.joined = g->group_of[x] == g->group_of[y];
    if (out.joined ? !chain(r, x, y, a, &out, e) : !shared_keys(r, x, y, a, &out, e))
        return false;
    *ret = out;
    return true;
}

bool groups_keys(const struct groups *r, uint64_t asset, struct arena *a, struct group_why *ret, struct err *e)
{
    struct group_why out = { .joined = true };
    uint32_t         x;

    e->kind = ERR_NONE;
    if (!find(r->from, asset, &x) || !shared_keys(r, x, x, a, &out, e))
        return false;
    *ret = out;
    return true;
}

bool groups_joins(const struct groups *r, uint64_t asset, struct arena *a, struct group_why *ret, struct err *e)
{
    const struct grouping *g = r->from;
    struct group_why       out = { .joined = true };
    uint32_t               x;

    e->kind = ERR_NONE;
    if (!find(g, asset, &x))
        return false;
    out.step = TAKE(a, struct group_step, g->tie_first[x + 1] - g->tie_first[x] + 1);
    if (!out.step)
        return err_set(e, ERR_MEMORY, "no room for %u joins", g->tie_first[x + 1] - g->tie_first[x]);
    for (uint32_t i = g->tie_first[x]; i < g->tie_first[x + 1]; i++)
        out.step[out.step_n++] = step_of(g, x, g->tie[i].to, &g->tie[i]);
    *ret = out;
    return true;
}
