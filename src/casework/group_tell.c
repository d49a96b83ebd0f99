/* group_tell: groups get their members, names and owners' data; providers get what they operate. Rules 7 and 8. */
#include "casework/group_inner.h"

struct tell {
    struct grouping *g;
    struct groups   *ret;
    uint32_t *count, *stamp, *touched;   /* of a key, within one group */
};

static int by_country(const void *x, const void *y)
{
    const struct raw_asset *p = x, *q = y;
    int                     c = cmp_u64(p->id, q->id);

    return c ? c : memcmp(p->country, q->country, sizeof p->country);
}

static bool members(struct tell *t, struct err *e)
{
    struct grouping *g = t->g;
    struct groups   *r = t->ret;
    uint32_t         n = 0;

    g->group_of = TAKE(g->a, uint32_t, g->asset_n ? g->asset_n : 1);
    g->slot     = TAKE(g->a, uint32_t, g->asset_n ? g->asset_n : 1);
    if (!g->group_of || !g->slot)
        return group_full(g, e);
    /* A root is the lowest of its group, so it comes first. */
    for (uint32_t i = 0; i < g->asset_n; i++) {
        uint32_t root = group_root(g->parent, i);
        g->group_of[i] = root == i ? n++ : g->group_of[root];
    }
    r->group  = NEW(g->a, struct group, n ? n : 1);
    r->member = NEW(g->a, struct group_member, g->asset_n ? g->asset_n : 1);
    if (!r->group || !r->member)
        return group_full(g, e);
    r->group_n  = n;
    r->member_n = g->asset_n;
    for (uint32_t i = 0; i < g->asset_n; i++)
        r->group[g->group_of[i]].n++;
    for (uint32_t i = 1; i < n; i++)
        r->group[i].first = r->group[i - 1].first + r->group[i - 1].n;
    for (uint32_t i = 0; i < n; i++)
        r->group[i].n = 0;
    for (uint32_t i = 0; i < g->asset_n; i++) {
        struct group *w = &r->group[g->group_of[i]];
        if (!w->n) {
            w->id = g->id[i];
            w->confidence = 100;
        }
        g->slot[i] = w->first + w->n++;
        struct group_member m = { .asset = g->id[i], .group = g->group_of[i], .shared = g->shared[i], .key = GROUP_NONE, .source = GROUP_NONE };
        uint32_t best = 0;
        for (uint32_t j = g->asset_first[i]; j < g->asset_first[i + 1]; j++) {
            const struct edge *x = &g->edge[g->of_asset[j]];
            uint32_t value = (uint32_t)x->weight * x->confidence / 100 + 1;
            if (edge_joins(g, x) && x->weight && value > best) {
                best     = value;
                m.key    = x->key;
                m.source = x->source;
            }
        }
        m.confidence = best ? (uint8_t)(best - 1) : 0;
        for (uint32_t j = g->tie_first[i]; j < g->tie_first[i + 1]; j++) {
            uint8_t c = g->tie[j].confidence;
            m.confidence = j == g->tie_first[i] || c > m.confidence ? c : m.confidence;
            w->confidence = c < w->confidence ? c : w->confidence;
        }
        if (g->tie_first[i] == g->tie_first[i + 1])
            w->confidence = m.confidence;
        r->member[g->slot[i]] = m;
    }
    return true;
}

/* Is `one` the better name of its kind? */
static bool better(const struct tell *t, uint32_t one, struct str a, uint32_t other, struct str b)
{
    const struct grouping *g = t->g;

    if (g->key[one].k.is == ORG_IS_DOMAIN && (g->key[one].strong > 0) != (g->key[other].strong > 0))
        return g->key[one].strong > 0;
    if (t->count[one] != t->count[other])
        return t->count[one] > t->count[other];
    if (a.n != b.n)
        return a.n < b.n;
    int c = str_cmp(a, b);
    return c ? c < 0 : one < other;
}

/* The best key of a class that says something in the field at `off` of its attributes; for domains, of itself. */
static uint32_t best_of(const struct tell *t, uint32_t n, enum org_class is, size_t off, struct str *ret)
{
    uint32_t best = GROUP_NONE;

    for (uint32_t i = 0; i < n; i++) {
        const struct gkey *k = &t->g->key[t->touched[i]];
        struct str         v = k->k.value;
        if (k->k.is != is)
            continue;
        if (is != ORG_IS_DOMAIN) {
            if (!k->attr)
                continue;
            if (off == offsetof(struct attr, country))
                v = str_c(k->attr->country);
            else
                memcpy(&v, (const uint8_t *)k->attr + off, sizeof v);
        }
        if (v.n && (best == GROUP_NONE || better(t, t->touched[i], v, best, *ret))) {
            best = t->touched[i];
            *ret = v;
        }
    }
    return best;
}

static void name_group(struct tell *t, struct group *w)
{
    static const struct { enum org_class is; enum group_naming from; } name_by[] = {
        { ORG_IS_REGISTER, GROUP_NAME_REGISTER }, { ORG_IS_NAME, GROUP_NAME_CERT }, { ORG_IS_ENTRY, GROUP_NAME_LIST }, { ORG_IS_DOMAIN, GROUP_NAME_DOMAIN },
    };
    static const enum org_class data_by[] = { ORG_IS_REGISTER, ORG_IS_ENTRY, ORG_IS_NAME };
    struct grouping *g = t->g;
    uint32_t         n = 0, mark = (uint32_t)(w - t->ret->group) + 1;

    for (uint32_t m = w->first; m < w->first + w->n; m++) {
        const struct group_member *o = &t->ret->member[m];
        uint32_t lo = 0, hi = g->asset_n;
        while (lo + 1 < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            *(g->id[mid] <= o->asset ? &lo : &hi) = mid;
        }
        for (uint32_t j = g->asset_first[lo]; j < g->asset_first[lo + 1]; j++) {
            const struct edge *x = &g->edge[g->of_asset[j]];
            if (!edge_joins(g, x))
                continue;
            if (t->stamp[x->key] != mark) {
                t->stamp[x->key] = mark;
                t->count[x->key] = 0;
                t->touched[n++]  = x->key;
            }
            t->count[x->key]++;
        }
    }
    for (size_t i = 0; i < sizeof name_by / sizeof *name_by && !w->name_from; i++)
        if (best_of(t, n, name_by[i].is, offsetof(struct attr, name), &w->name) != GROUP_NONE)
            w->name_from = name_by[i].from;
    for (size_t i = 0; i < sizeof data_by / sizeof *data_by; i++) {
        struct str country;
        uint32_t   k;
        if (!w->country[0] && best_of(t, n, data_by[i], offsetof(struct attr, country), &country) != GROUP_NONE)
            memcpy(w->country, country.p, 2);
        if (data_by[i] == ORG_IS_NAME)
            continue;
        if (!w->sector.n && (k = best_of(t, n, data_by[i], offsetof(struct attr, sector), &w->sector)) != GROUP_NONE)
            w->sector_source = g->key[k].attr->sector_source;
        if (!w->size.n && (k = best_of(t, n, data_by[i], offsetof(struct attr, size), &w->size)) != GROUP_NONE)
            w->size_source = g->key[k].attr->size_source;
    }
}

static void address_countries(struct tell *t)
{
    struct grouping *g = t->g;

    if (g->raw_asset_n)
        qsort(g->raw_asset, g->raw_asset_n, sizeof *g->raw_asset, by_country);
    for (size_t i = 0, at = 0; i < g->raw_asset_n; i++) {
        const struct raw_asset *x = &g->raw_asset[i];
        while (g->id[at] < x->id)
            at++;
        struct group *w = &t->ret->group[g->group_of[at]];
        uint32_t      k = 0;
        if (!x->country[0])
            continue;
        while (k < w->address_countries && memcmp(w->address_country[k], x->country, 2) < 0)
            k++;
        if (k == GROUP_COUNTRIES_MAX || (k < w->address_countries && !memcmp(w->address_country[k], x->country, 2)))
            continue;
        if (w->address_countries < GROUP_COUNTRIES_MAX)
            w->address_countries++;
        memmove(w->address_country[k + 1 < GROUP_COUNTRIES_MAX ? k + 1 : k], w->address_country[k],
                (w->address_countries - k - 1) * sizeof w->address_country[0]);
        memcpy(w->address_country[k], x->country, sizeof x->country);
    }
}

/* ---- providers ---- */

static bool provides(const struct gkey *k, enum group_provides *ret)
{
    switch (k->k.is) {
    case ORG_IS_HOLDER: *ret = GROUP_CARRIES; return true;
    case ORG_IS_NETWORK: *ret = GROUP_HOSTS; return k->weak_provider || k->k.state == GROUP_KEY_PROVIDER;
    case ORG_IS_DOMAIN: case ORG_IS_NAME:
        *ret = k->k.state == GROUP_KEY_PROVIDER ? GROUP_OPERATES : GROUP_CARRIES;
        return k->k.state == GROUP_KEY_PROVIDER || k->weak_provider;
    default: return false;
    }
}

/* Does the provider's relation rest on this edge? */
static bool provided(const struct grouping *g, const struct edge *x, enum group_provides how)
{
    return edge_usable(x) && (how != GROUP_OPERATES || x->weight >= g->rules.join_weight);
}

static uint32_t own_group(const struct grouping *g, uint32_t key)
{
    uint32_t own = GROUP_NONE;

    for (uint32_t i = g->key[key].first; g->key[key].k.is == ORG_IS_DOMAIN && i < g->key[key].first + g->key[key].n; i++) {
        const struct edge *x = &g->edge[i];
        bool other = !edge_usable(x) || x->weight < g->rules.join_weight;
        for (uint32_t j = g->asset_first[x->asset]; !other && j < g->asset_first[x->asset + 1]; j++) {
            const struct edge *y = &g->edge[g->of_asset[j]];
            other = y->key != key && edge_usable(y) && y->weight >= g->rules.join_weight && g->key[y->key].k.is == ORG_IS_DOMAIN;
        }
        if (other)
            continue;
        if (own != GROUP_NONE && own != g->group_of[x->asset])
            return GROUP_NONE;
        own = g->group_of[x->asset];
    }
    return own;
}

static bool providers(struct tell *t, struct err *e)
{
    struct grouping *g = t->g;
    struct groups   *r = t->ret;
    uint32_t         n = 0, links = 0;
    enum group_provides how;

    for (uint32_t i = 0; i < g->key_n; i++)
        if (provides(&g->key[i], &how)) {
            n++;
            links += g->key[i].n;
        }
    r->provider = NEW(g->a, struct group_provider, n ? n : 1);
    r->operated = TAKE(g->a, struct group_operated, links ? links : 1);
    if (!r->provider || !r->operated)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->key_n; i++) {
        if (!provides(&g->key[i], &how))
            continue;
        struct group_provider *p = &r->provider[r->provider_n++];
        *p = (struct group_provider){ i, how, own_group(g, i), r->operated_n, 0 };
        for (uint32_t j = g->key[i].first; j < g->key[i].first + g->key[i].n; j++)
            if (provided(g, &g->edge[j], how) && g->group_of[g->edge[j].asset] != p->own)
                r->operated[r->operated_n++] = (struct group_operated){ g->id[g->edge[j].asset], g->group_of[g->edge[j].asset] };
        p->n = r->operated_n - p->first;
    }
    return true;
}

static int by_need(const void *x, const void *y)
{
    const struct group_review *p = x, *q = y;
    int c = cmp_u32(q->assets, p->assets);

    c = c ? c : cmp_u32(p->what, q->what);
    c = c ? c : cmp_u32(p->key, q->key);
    c = c ? c : cmp_u64(p->asset, q->asset);
    c = c ? c : cmp_u32(p->one, q->one);
    return c ? c : cmp_u32(p->other, q->other);
}

bool group_tell(struct grouping *g, struct groups *ret, struct err *e)
{
    struct groups out = { .from = g };
    struct tell   t = { .g = g, .ret = &out };
    size_t        keys = g->key_n ? g->key_n : 1;

    t.count   = TAKE(g->a, uint32_t, keys);
    t.stamp   = NEW(g->a, uint32_t, keys);
    t.touched = TAKE(g->a, uint32_t, keys);
    out.key   = TAKE(g->a, struct group_key, keys);
    if (!t.count || !t.stamp || !t.touched || !out.key)
        return group_full(g, e);
    if (!members(&t, e))
        return false;
    for (uint32_t i = 0; i < out.group_n; i++)
        name_group(&t, &out.group[i]);
    address_countries(&t);
    if (!providers(&t, e))
        return false;
    for (uint32_t i = 0; i < g->key_n; i++)
        out.key[i] = g->key[i].k;
    out.key_n = g->key_n;
    if (g->review_n)
        qsort(g->review, g->review_n, sizeof *g->review, by_need);
    out.review   = g->review;
    out.review_n = (uint32_t)g->review_n;
    out.counts   = g->counts;
    *ret = out;
    return true;
}
