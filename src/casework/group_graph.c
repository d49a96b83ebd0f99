/* group_graph: assets and keys get their numbers by id and bytes; links that say the same become one edge. */
#include "casework/group_inner.h"

static int by_id(const void *x, const void *y) { return cmp_u64(*(const uint64_t *)x, *(const uint64_t *)y); }

static int by_key(const void *x, const void *y)
{
    const struct gkey *p = *(struct gkey *const *)x, *q = *(struct gkey *const *)y;

    return p->k.is != q->k.is ? cmp_u32(p->k.is, q->k.is) : str_cmp(p->k.value, q->k.value);
}

/* The best of several that say the same comes first. */
static int by_edge(const void *x, const void *y)
{
    const struct edge *p = x, *q = y;
    int                c = cmp_u32(p->key, q->key);

    c = c ? c : cmp_u32(p->asset, q->asset);
    c = c ? c : cmp_u32(q->flags, p->flags);
    c = c ? c : cmp_u32(q->weight, p->weight);
    c = c ? c : cmp_u32(q->confidence, p->confidence);
    c = c ? c : cmp_u32(p->source, q->source);
    return c ? c : cmp_u32(p->kind, q->kind);
}

static uint32_t asset_at(const struct grouping *g, uint64_t id)
{
    uint32_t lo = 0, hi = g->asset_n;

    while (lo + 1 < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (g->id[mid] <= id)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static bool number_assets(struct grouping *g, struct err *e)
{
    size_t    n = g->raw_asset_n + (size_t)g->raw_n, k = 0;
    uint64_t *id = TAKE(g->a, uint64_t, n ? n : 1);

    if (!id)
        return group_full(g, e);
    for (size_t i = 0; i < g->raw_asset_n; i++)
        id[k++] = g->raw_asset[i].id;
    for (struct raw_chunk *c = g->chunk; c; c = c->next)
        for (uint32_t i = 0; i < c->n; i++)
            if (!k || id[k - 1] != c->link[i].asset)
                id[k++] = c->link[i].asset;
    if (k)
        qsort(id, k, sizeof *id, by_id);
    n = 0;
    for (size_t i = 0; i < k; i++)
        if (!n || id[n - 1] != id[i])
            id[n++] = id[i];
    if (n > GROUP_ASSETS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d servers", GROUP_ASSETS_MAX);
    g->id      = id;
    g->asset_n = (uint32_t)n;
    return true;
}

static bool number_keys(struct grouping *g, uint32_t **ret_of_raw, struct err *e)
{
    size_t        n = g->raw_key_n;
    struct gkey **p = TAKE(g->a, struct gkey *, n ? n : 1);
    uint32_t     *of_raw = TAKE(g->a, uint32_t, n ? n : 1);

    g->key = TAKE(g->a, struct gkey, n ? n : 1);
    if (!p || !of_raw || !g->key)
        return group_full(g, e);
    for (size_t i = 0; i < n; i++)
        p[i] = &g->raw_key[i];
    if (n)
        qsort(p, n, sizeof *p, by_key);
    for (size_t i = 0; i < n; i++) {
        struct gkey *k = &g->key[i];
        of_raw[p[i] - g->raw_key] = (uint32_t)i;
        *k = *p[i];
        k->scheme = (uint32_t)i;
        if (i && is_number(k->k.is) && k[-1].k.is == k->k.is && str_eq(org_key_scheme(k->k.is, k->k.value), org_key_scheme(k->k.is, k[-1].k.value)))
            k->scheme = k[-1].scheme;
    }
    g->key_n    = (uint32_t)n;
    *ret_of_raw = of_raw;
    return true;
}

static bool edges(struct grouping *g, const uint32_t *of_raw, struct err *e)
{
    struct edge *x = TAKE(g->a, struct edge, g->raw_n ? g->raw_n : 1);
    uint32_t     n = 0, k = 0;

    if (!x)
        return group_full(g, e);
    for (struct raw_chunk *c = g->chunk; c; c = c->next)
        for (uint32_t i = 0; i < c->n; i++) {
            const struct raw_link *l = &c->link[i];
            bool usable = l->confidence >= g->rules.confidence_min;
            x[n++] = (struct edge){ of_raw[l->key], asset_at(g, l->asset), l->source, org_kinds[l->kind].weight, l->confidence, l->kind, usable ? EDGE_USABLE : 0 };
        }
    if (n)
        qsort(x, n, sizeof *x, by_edge);
    for (uint32_t i = 0; i < n; i++)
        if (!k || x[k - 1].key != x[i].key || x[k - 1].asset != x[i].asset)
            x[k++] = x[i];
    g->edge   = x;
    g->edge_n = k;
    return true;
}

static bool index_edges(struct grouping *g, struct err *e)
{
    g->of_asset    = TAKE(g->a, uint32_t, g->edge_n ? g->edge_n : 1);
    g->asset_first = NEW(g->a, uint32_t, g->asset_n + 1);
    g->shared      = NEW(g->a, bool, g->asset_n ? g->asset_n : 1);
    uint32_t *at = TAKE(g->a, uint32_t, g->asset_n ? g->asset_n : 1);
    if (!g->of_asset || !g->asset_first || !g->shared || !at)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->edge_n; i++) {
        struct gkey *k = &g->key[g->edge[i].key];
        if (!k->n++)
            k->first = i;
        g->asset_first[g->edge[i].asset + 1]++;
    }
    for (uint32_t i = 0; i < g->asset_n; i++) {
        g->asset_first[i + 1] += g->asset_first[i];
        at[i] = g->asset_first[i];
    }
    for (uint32_t i = 0; i < g->edge_n; i++)
        g->of_asset[at[g->edge[i].asset]++] = i;
    return true;
}

/* Rule 5: who carries two numbers of one register carries none. Numbers of one scheme stand side by side. */
static bool tear(struct grouping *g, struct err *e)
{
    for (uint32_t i = 0; i < g->asset_n; i++) {
        const struct edge *last = NULL;
        for (uint32_t j = g->asset_first[i]; j < g->asset_first[i + 1]; j++) {
            struct edge *x = &g->edge[g->of_asset[j]];
            if (!is_number(g->key[x->key].k.is) || !(x->flags & EDGE_USABLE))
                continue;
            if (last && g->key[last->key].scheme == g->key[x->key].scheme) {
                if (!(last->flags & EDGE_TORN) && !group_ask(g, GROUP_ASK_TORN, last->key, last->key, x->key, i, 1, e))
                    return false;
                g->edge[last - g->edge].flags |= EDGE_TORN;
                x->flags |= EDGE_TORN;
            }
            last = x;
        }
    }
    return true;
}

bool group_graph(struct grouping *g, struct err *e)
{
    uint32_t *of_raw = NULL;

    if (!number_assets(g, e) || !number_keys(g, &of_raw, e) || !edges(g, of_raw, e) || !index_edges(g, e) || !tear(g, e))
        return false;
    for (uint32_t i = 0; i < g->key_n; i++)
        g->key[i].k.assets = g->key[i].n;
    g->counts.kept = g->edge_n;
    g->counts.keys = g->key_n;
    return true;
}
