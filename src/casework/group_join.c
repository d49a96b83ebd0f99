/* group_join: assets into groups. Rules 2, 5 and 6. */
#include "casework/group_inner.h"

struct join {
    struct grouping *g;
    uint32_t *member, *root;       /* assets under the key at hand; their distinct roots */
    uint32_t *root_stamp, *number_of, *scheme_stamp;
    uint32_t *size, *under;        /* of a root: its assets; those of them that have the key at hand */
    uint32_t  stamp;
    struct tie *tie; size_t tie_n;
};

/* One more number that excludes nothing of what the group has. */
static bool ident_put(struct grouping *g, uint32_t root, uint32_t key, struct err *e)
{
    for (const struct ident *p = g->ident[root]; p; p = p->next)
        if (p->key == key)
            return true;
    struct ident *d = NEW(g->a, struct ident, 1);
    if (!d)
        return group_full(g, e);
    *d = (struct ident){ key, g->ident[root] };
    g->ident[root] = d;
    return true;
}

static uint32_t number_in(const struct grouping *g, uint32_t root, uint32_t scheme)
{
    for (const struct ident *p = g->ident[root]; p; p = p->next)
        if (g->key[p->key].scheme == scheme)
            return p->key;
    return GROUP_NONE;
}

struct clash { uint32_t scheme, one, other; };

/* The first register (register numbers before lists) of which the groups of these assets carry two numbers. */
static bool clashes(struct join *j, const uint32_t *member, uint32_t n, struct clash *ret)
{
    struct grouping *g = j->g;
    bool             found = false;

    j->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = group_root(g->parent, member[i]);
        if (j->root_stamp[r] == j->stamp)
            continue;
        j->root_stamp[r] = j->stamp;
        for (const struct ident *p = g->ident[r]; p; p = p->next) {
            uint32_t s = g->key[p->key].scheme;
            if (j->scheme_stamp[s] != j->stamp) {
                j->scheme_stamp[s] = j->stamp;
                j->number_of[s]    = p->key;
            } else if (j->number_of[s] != p->key && (!found || s <= ret->scheme)) {
                uint32_t lo = j->number_of[s] < p->key ? j->number_of[s] : p->key, hi = j->number_of[s] < p->key ? p->key : j->number_of[s];
                if (!found || s < ret->scheme || lo < ret->one || (lo == ret->one && hi < ret->other))
                    *ret = (struct clash){ s, lo, hi };
                found = true;
            }
        }
    }
    return found;
}

static int by_u32(const void *x, const void *y) { return cmp_u32(*(const uint32_t *)x, *(const uint32_t *)y); }

/*
 * The number that clearly rules among the assets, or GROUP_NONE. Where the assets have domains of their own besides the key, those without a number may be
 * somebody else's; then it must be half of all.
 */
static uint32_t dominant(struct join *j, const uint32_t *member, uint32_t n, uint32_t scheme, bool own_domains)
{
    struct grouping *g = j->g;
    uint32_t         k = 0, best = GROUP_NONE, best_n = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint32_t number = number_in(g, group_root(g->parent, member[i]), scheme);
        if (number != GROUP_NONE)
            j->root[k++] = number;
    }
    qsort(j->root, k, sizeof *j->root, by_u32);
    for (uint32_t i = 0, from = 0; i < k; i++)
        if (i + 1 == k || j->root[i + 1] != j->root[i]) {
            if (i + 1 - from > best_n) {
                best_n = i + 1 - from;
                best   = j->root[i];
            }
            from = i + 1;
        }
    return best_n >= g->rules.dominant_min && (uint64_t)best_n * 100 >= (uint64_t)k * g->rules.dominant_percent && (!own_domains || (uint64_t)best_n * 2 >= n) ? best : GROUP_NONE;
}

static uint8_t product(uint32_t weight, uint32_t one, uint32_t other)
{
    uint32_t c = one < other ? one : other, v = (weight > 100 ? 100 : weight) * c / 100;

    return (uint8_t)v;
}

static const struct edge *edge_of(const struct grouping *g, uint32_t asset, uint32_t key)
{
    uint32_t lo = g->asset_first[asset], hi = g->asset_first[asset + 1];

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct edge *x = &g->edge[g->of_asset[mid]];
        if (x->key == key)
            return x;
        if (x->key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

/* Joins the groups of these assets, which are sorted, around the first of them. */
static bool unite(struct join *j, const uint32_t *member, uint32_t n, uint32_t key, uint32_t also, struct err *e)
{
    struct grouping   *g = j->g;
    const struct edge *a1 = n ? edge_of(g, member[0], key) : NULL, *a2 = n && also != GROUP_NONE ? edge_of(g, member[0], also) : NULL;

    for (uint32_t i = 1; i < n; i++) {
        uint32_t x = group_root(g->parent, member[0]), y = group_root(g->parent, member[i]);
        if (x == y)
            continue;
        const struct edge *b1 = edge_of(g, member[i], key), *b2 = a2 ? edge_of(g, member[i], also) : NULL;
        uint32_t weight = a1->weight < b1->weight ? a1->weight : b1->weight;
        uint8_t  sure = product(weight, a1->confidence, b1->confidence);
        if (a2) {
            uint32_t w2 = a2->weight < b2->weight ? a2->weight : b2->weight, s = sure + (uint32_t)product(w2, a2->confidence, b2->confidence);
            weight += w2;
            sure = (uint8_t)(s > 100 ? 100 : s);
        }
        j->tie[j->tie_n++] = (struct tie){ member[0], member[i], key, also, (uint8_t)(weight > 255 ? 255 : weight), sure };
        j->tie[j->tie_n++] = (struct tie){ member[i], member[0], key, also, (uint8_t)(weight > 255 ? 255 : weight), sure };
        uint32_t lead = x < y ? x : y, rest = x < y ? y : x;
        g->parent[rest] = lead;
        j->size[lead] += j->size[rest];
        for (const struct ident *p = g->ident[rest]; p; p = p->next)
            if (!ident_put(g, lead, p->key, e))
                return false;
    }
    return true;
}

/* Rule 9: leaves out groups that one asset alone would join to others. Returns how many members are left. */
static uint32_t without_bridges(struct join *j, uint32_t *member, uint32_t n, uint32_t *ret_left_out)
{
    struct grouping *g = j->g;
    uint64_t         total = 0;
    uint32_t         kept = 0, least = g->rules.bridge_min;

    j->stamp++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = group_root(g->parent, member[i]);
        if (j->root_stamp[r] != j->stamp) {
            j->root_stamp[r] = j->stamp;
            j->under[r]      = 0;
            total += j->size[r];
        }
        j->under[r]++;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t r = group_root(g->parent, member[i]);
        if (j->under[r] == 1 && j->size[r] >= least && total - j->size[r] >= least)
            *ret_left_out = member[i];
        else
            member[kept++] = member[i];
    }
    return kept;
}

static bool bridge_or_unite(struct join *j, uint32_t *member, uint32_t n, uint32_t key, uint32_t also, bool *ret_refused, struct err *e)
{
    uint32_t bridge = 0, kept = without_bridges(j, member, n, &bridge);

    if (kept < n && !group_ask(j->g, GROUP_ASK_BRIDGE, key, GROUP_NONE, GROUP_NONE, bridge, n - kept, e))
        return false;
    *ret_refused = kept < n && kept < 2;
    return unite(j, member, kept, key, also, e);
}

/* Rules 5 and 9 around unite. member is sorted, and may be shortened. *ret_refused tells that nothing was joined. */
static bool unite_or_ask(struct join *j, uint32_t *member, uint32_t n, uint32_t key, uint32_t also, bool *ret_refused, struct err *e)
{
    struct grouping *g = j->g;
    struct clash     c;
    uint32_t         kept = 0, first = n ? member[0] : 0;

    *ret_refused = false;
    if (n < 2)
        return true;
    if (!clashes(j, member, n, &c))
        return bridge_or_unite(j, member, n, key, also, ret_refused, e);
    struct clash first_clash = c;
    uint32_t     all = n;
    do {
        uint32_t rules = dominant(j, member, n, c.scheme, g->key[key].k.domains > 1);
        kept = 0;
        for (uint32_t i = 0; rules != GROUP_NONE && i < n; i++) {
            uint32_t number = number_in(g, group_root(g->parent, member[i]), c.scheme);
            if (number == GROUP_NONE || number == rules)
                member[kept++] = member[i];
        }
        n = kept;
    } while (kept && clashes(j, member, kept, &c));
    *ret_refused = !kept;
    return group_ask(g, GROUP_ASK_TWO_NUMBERS, key, first_clash.one, first_clash.other, first, all - kept, e) && (!kept || bridge_or_unite(j, member, kept, key, also, ret_refused, e));
}

/* ---- one key ---- */


static int by_turn(const void *x, const void *y)
{
    const struct gkey *p = *(const struct gkey *const *)x, *q = *(const struct gkey *const *)y;
    int                c = cmp_u32(q->second, p->second);

    c = c ? c : cmp_u32(q->strong, p->strong);
    return c ? c : (p > q) - (p < q);
}

static bool join_by_one(struct join *j, struct err *e)
{
    struct grouping    *g = j->g;
    const struct gkey **turn = TAKE(g->a, const struct gkey *, g->key_n ? g->key_n : 1);
    uint32_t            n = 0;

    if (!turn)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->key_n; i++) {
        struct gkey *k = &g->key[i];
        uint8_t      best = 0;
        for (uint32_t x = k->first; x < k->first + k->n; x++) {
            uint8_t w = g->edge[x].weight;
            k->has_weak |= edge_usable(&g->edge[x]) && w < g->rules.join_weight && w > 0;
            if (w < g->rules.join_weight || !edge_joins(g, &g->edge[x]))
                continue;
            k->strong++;
            if (w > best) {
                k->second = best;
                best = w;
            } else if (w > k->second)
                k->second = w;
        }
        if (k->strong > 1)
            turn[n++] = k;
        if (k->k.state == GROUP_KEY_LONE && k->n > 1)
            k->k.state = GROUP_KEY_WEAK;
    }
    qsort(turn, n, sizeof *turn, by_turn);
    for (uint32_t t = 0; t < n; t++) {
        uint32_t key = (uint32_t)(turn[t] - g->key), k = 0;
        bool     refused;
        for (uint32_t x = turn[t]->first; x < turn[t]->first + turn[t]->n; x++)
            if (g->edge[x].weight >= g->rules.join_weight && edge_joins(g, &g->edge[x]))
                j->member[k++] = g->edge[x].asset;
        if (!unite_or_ask(j, j->member, k, key, GROUP_NONE, &refused, e))
            return false;
        if (g->key[key].k.state == GROUP_KEY_WEAK)
            g->key[key].k.state = refused ? GROUP_KEY_REFUSED : GROUP_KEY_JOINS;
    }
    return true;
}

/* Rule 4: shared servers are one provider's when several of them have a domain in common. */
static bool join_shared(struct join *j, struct err *e)
{
    struct grouping *g = j->g;

    for (uint32_t i = 0; g->counts.shared && i < g->key_n; i++) {
        struct gkey *k = &g->key[i];
        uint32_t     n = 0;
        bool         refused;
        for (uint32_t x = k->first; k->k.is == ORG_IS_DOMAIN && k->k.state != GROUP_KEY_PROVIDER && k->k.state != GROUP_KEY_DOUBT && x < k->first + k->n; x++)
            if (edge_usable(&g->edge[x]) && g->edge[x].weight >= g->rules.join_weight && g->shared[g->edge[x].asset])
                j->member[n++] = g->edge[x].asset;
        if (n < g->rules.shared_min)
            continue;
        if (!unite_or_ask(j, j->member, n, i, GROUP_NONE, &refused, e))
            return false;
        if (k->k.state == GROUP_KEY_WEAK)
            k->k.state = refused ? GROUP_KEY_REFUSED : GROUP_KEY_JOINS;
    }
    return true;
}

/* ---- two keys ---- */

struct pair { uint32_t one, other, asset; uint8_t w1, w2; };

static int by_pair(const void *x, const void *y)
{
    const struct pair *p = x, *q = y;
    int                c = cmp_u32(p->one, q->one);

    c = c ? c : cmp_u32(p->other, q->other);
    return c ? c : cmp_u32(p->asset, q->asset);
}

/* Pairs of one asset; counts only when ret is NULL. What joins alone has joined: a pair needs a weak link on both sides to add anything. */
static size_t pairs_of(const struct grouping *g, uint32_t asset, struct pair *ret)
{
    size_t n = 0;

    for (uint32_t x = g->asset_first[asset]; x < g->asset_first[asset + 1]; x++) {
        const struct edge *p = &g->edge[g->of_asset[x]];
        if (!g->key[p->key].has_weak || !p->weight || !edge_joins(g, p) || g->key[p->key].n < 2)
            continue;
        for (uint32_t y = x + 1; y < g->asset_first[asset + 1]; y++) {
            const struct edge *q = &g->edge[g->of_asset[y]];
            if (!g->key[q->key].has_weak || !q->weight || !edge_joins(g, q) || g->key[q->key].n < 2 || g->key[q->key].k.is == g->key[p->key].k.is ||
                p->weight + q->weight < g->rules.pair_weight)
                continue;
            if (ret)
                ret[n] = (struct pair){ p->key, q->key, asset, p->weight, q->weight };
            n++;
        }
    }
    return n;
}

/* Two assets join when the lower of their first weights and the lower of their second sum to enough: so, for each first weight, all that have it and the rest. */
static bool join_bucket(struct join *j, const struct pair *p, size_t n, struct err *e)
{
    struct grouping *g = j->g;

    for (int w = 255; w > 0; w--) {
        uint32_t k = 0;
        bool     has = false, refused;
        for (size_t i = 0; i < n; i++) {
            has |= p[i].w1 == w;
            if (p[i].w1 >= w && w + p[i].w2 >= g->rules.pair_weight)
                j->member[k++] = p[i].asset;
        }
        if (has && k > 1) {
            if (!unite_or_ask(j, j->member, k, p->one, p->other, &refused, e))
                return false;
            for (int s = 0; s < 2; s++) {
                struct group_key *key = &g->key[s ? p->other : p->one].k;
                if (!refused)
                    key->state = GROUP_KEY_JOINS;
                else if (key->state == GROUP_KEY_WEAK)
                    key->state = GROUP_KEY_REFUSED;
            }
        }
    }
    return true;
}

static bool join_by_two(struct join *j, struct err *e)
{
    struct grouping *g = j->g;
    struct pair     *p;
    size_t           n = 0, k = 0;

    for (uint32_t i = 0; i < g->asset_n; i++)
        n += pairs_of(g, i, NULL);
    p = TAKE(g->a, struct pair, n ? n : 1);
    if (!p)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->asset_n; i++)
        k += pairs_of(g, i, p + k);
    if (n)
        qsort(p, n, sizeof *p, by_pair);
    for (size_t i = 0, from = 0; i < n; i++)
        if (i + 1 == n || p[i + 1].one != p[from].one || p[i + 1].other != p[from].other) {
            if (i > from && !join_bucket(j, p + from, i + 1 - from, e))
                return false;
            from = i + 1;
        }
    return true;
}

static int by_tie(const void *x, const void *y)
{
    const struct tie *p = x, *q = y;
    int               c = cmp_u32(p->at, q->at);

    return c ? c : cmp_u32(p->to, q->to);
}

bool group_join_all(struct grouping *g, struct err *e)
{
    struct join j = { .g = g };
    size_t      n = g->asset_n ? g->asset_n : 1, keys = g->key_n ? g->key_n : 1;

    g->parent      = TAKE(g->a, uint32_t, n);
    g->ident       = NEW(g->a, struct ident *, n);
    g->tie_first   = NEW(g->a, uint32_t, n + 1);
    j.member       = TAKE(g->a, uint32_t, n);
    j.root         = TAKE(g->a, uint32_t, n);
    j.root_stamp   = NEW(g->a, uint32_t, n);
    j.size         = TAKE(g->a, uint32_t, n);
    j.under        = TAKE(g->a, uint32_t, n);
    j.number_of    = TAKE(g->a, uint32_t, keys);
    j.scheme_stamp = NEW(g->a, uint32_t, keys);
    j.tie          = TAKE(g->a, struct tie, 2 * n);
    if (!g->parent || !g->ident || !g->tie_first || !j.member || !j.root || !j.root_stamp || !j.size || !j.under || !j.number_of || !j.scheme_stamp || !j.tie)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->asset_n; i++) {
        g->parent[i] = i;
        j.size[i]    = 1;
    }
    for (uint32_t i = 0; i < g->edge_n; i++) {
        const struct edge *x = &g->edge[i];
        if (edge_usable(x) && is_number(g->key[x->key].k.is) && g->key[x->key].k.state != GROUP_KEY_PROVIDER && !ident_put(g, x->asset, x->key, e))
            return false;
    }
    if (!join_by_one(&j, e) || !join_shared(&j, e) || !join_by_two(&j, e))
        return false;
    if (j.tie_n)
        qsort(j.tie, j.tie_n, sizeof *j.tie, by_tie);
    g->tie   = j.tie;
    g->tie_n = (uint32_t)j.tie_n;
    for (uint32_t i = 0; i < g->tie_n; i++)
        g->tie_first[j.tie[i].at + 1]++;
    for (uint32_t i = 0; i < g->asset_n; i++)
        g->tie_first[i + 1] += g->tie_first[i];
    return true;
}
