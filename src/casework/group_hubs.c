/* group_hubs: what belongs to a provider, and so to nobody below it. Rules 3 and 4. */
#include "casework/group_inner.h"

struct hubs {
    struct grouping *g;
    uint8_t  *domains;             /* of an asset: strong ones, at most 255 */
    uint32_t *parent;              /* among the members of one key */
    uint32_t *slot;                /* of a member: its class was counted */
    uint32_t *met, *count, *stamp; /* of a key: who had it first, how many members have it, in which turn that was counted */
    uint32_t  turn;
};

/* A domain that says whose the server is, rather than where it stands. */
static bool strong_domain(const struct grouping *g, const struct edge *x)
{
    return edge_usable(x) && g->key[x->key].k.is == ORG_IS_DOMAIN && x->weight >= g->rules.join_weight;
}

static bool relates(const struct hubs *h, const struct edge *x, uint32_t self)
{
    const struct grouping *g = h->g;

    return x->key != self && edge_usable(x) && (g->key[x->key].k.is == ORG_IS_REGISTER || strong_domain(g, x));
}

/* How many unrelated domains the assets touch that have key k with weight_min or more; and whether they are many for so many assets. */
static uint32_t unrelated(struct hubs *h, uint32_t k, uint8_t weight_min, bool *ret_many)
{
    struct grouping *g = h->g;
    uint32_t         members = 0, found = 0, have = 0, all = 0;

    h->turn++;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = g->key[k].first, m = 0; i < g->key[k].first + g->key[k].n; i++) {
            const struct edge *x = &g->edge[i];
            all += pass == 0 && edge_usable(x) && x->weight >= weight_min;
            if (!edge_usable(x) || x->weight < weight_min || h->domains[x->asset] > g->rules.provider_domains)
                continue;
            if (pass == 0)
                h->parent[members++] = m;
            for (uint32_t j = g->asset_first[x->asset]; j < g->asset_first[x->asset + 1]; j++) {
                const struct edge *y = &g->edge[g->of_asset[j]];
                if (!relates(h, y, k))
                    continue;
                if (pass == 0) {
                    if (h->stamp[y->key] != h->turn) {
                        h->stamp[y->key] = h->turn;
                        h->count[y->key] = 0;
                        h->met[y->key]   = GROUP_NONE;
                    }
                    h->count[y->key]++;
                } else if (h->count[y->key] * 2 <= members) {
                    if (h->met[y->key] == GROUP_NONE)
                        h->met[y->key] = m;
                    else
                        h->parent[group_root(h->parent, m)] = group_root(h->parent, h->met[y->key]);
                }
            }
            m++;
        }
    /* A class of related members counts when one of them has a domain besides the key, and besides those that reach as far and so say the same. */
    for (uint32_t i = 0; i < members; i++)
        h->slot[i] = 0;
    for (uint32_t i = g->key[k].first, m = 0; i < g->key[k].first + g->key[k].n; i++) {
        const struct edge *x = &g->edge[i];
        if (!edge_usable(x) || x->weight < weight_min || h->domains[x->asset] > g->rules.provider_domains)
            continue;
        bool other = false;
        for (uint32_t j = g->asset_first[x->asset]; !other && j < g->asset_first[x->asset + 1]; j++) {
            const struct edge *y = &g->edge[g->of_asset[j]];
            other = y->key != k && strong_domain(g, y) && h->count[y->key] * 2 <= members;
        }
        uint32_t root = group_root(h->parent, m++);
        have += other;
        if (other && !h->slot[root]) {
            h->slot[root] = 1;
            found++;
        }
    }
    /* A firm's own name stands on servers that have no other, and on several of each of its brands; a provider's customers have one or two servers each. */
    *ret_many = (uint64_t)have * 2 > all && (uint64_t)found * 4 > all;
    return found;
}

static bool judge_key(struct hubs *h, uint32_t i, struct err *e)
{
    struct grouping *g = h->g;
    struct gkey     *k = &g->key[i];
    bool exempt = k->k.is == ORG_IS_REGISTER || k->k.is == ORG_IS_INTERNAL || k->ruling == GROUP_OWNER;

    if (k->ruling == GROUP_PROVIDER)
        k->k.state = GROUP_KEY_PROVIDER;
    if (exempt || k->n <= g->rules.doubt_domains)
        return true;
    uint32_t strong = 0, weak = 0;
    bool     many = false, unused;
    for (uint32_t j = k->first; j < k->first + k->n; j++)
        if (edge_usable(&g->edge[j]))
            *(g->edge[j].weight >= g->rules.join_weight ? &strong : &weak) += 1;
    if (strong > g->rules.doubt_domains)
        k->k.domains = unrelated(h, i, g->rules.join_weight, &many);
    if (k->k.domains > g->rules.provider_domains) {
        k->k.state = GROUP_KEY_PROVIDER;
        if (k->k.is == ORG_IS_ENTRY)
            return group_ask(g, GROUP_ASK_WIDE_ENTRY, i, GROUP_NONE, GROUP_NONE, g->edge[k->first].asset, k->n, e);
        return true;
    }
    if (k->k.domains > g->rules.doubt_domains && many && k->k.is != ORG_IS_ENTRY && k->k.state != GROUP_KEY_PROVIDER) {
        k->k.state = GROUP_KEY_DOUBT;
        if (!group_ask(g, GROUP_ASK_PROVIDER, i, GROUP_NONE, GROUP_NONE, g->edge[k->first].asset, k->n, e))
            return false;
    }
    if (weak && strong + weak > g->rules.doubt_domains) {
        uint32_t all = unrelated(h, i, 0, &unused);
        k->weak_provider = all > g->rules.provider_domains;
        if (!strong)
            k->k.domains = all;
    }
    return true;
}

/* Rule 3: servers with no other domain than a provider's are its own. */
static void find_own(struct grouping *g)
{
    for (uint32_t i = 0; i < g->asset_n; i++) {
        struct edge *only = NULL;
        uint32_t     n = 0;
        for (uint32_t j = g->asset_first[i]; j < g->asset_first[i + 1]; j++)
            if (strong_domain(g, &g->edge[g->of_asset[j]])) {
                only = &g->edge[g->of_asset[j]];
                n++;
            }
        if (n == 1 && (g->key[only->key].k.state == GROUP_KEY_PROVIDER || g->key[only->key].k.state == GROUP_KEY_DOUBT))
            only->flags |= EDGE_OWN;
    }
}

/* Rule 4. Domains are related by assets that have few of them. */
static bool find_shared(struct hubs *h, struct err *e)
{
    struct grouping *g = h->g;
    uint32_t        *parent = TAKE(g->a, uint32_t, g->key_n ? g->key_n : 1);

    if (!parent)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->key_n; i++)
        parent[i] = i;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t i = 0; i < g->asset_n; i++) {
            bool     wide = h->domains[i] > g->rules.provider_domains;
            uint32_t first = GROUP_NONE, roots = 0;
            if (wide != (pass == 1))
                continue;
            for (uint32_t j = g->asset_first[i]; j < g->asset_first[i + 1]; j++) {
                const struct edge *x = &g->edge[g->of_asset[j]];
                if (!strong_domain(g, x) || g->key[x->key].k.state == GROUP_KEY_PROVIDER || g->key[x->key].k.state == GROUP_KEY_DOUBT)
                    continue;
                uint32_t r = group_root(parent, x->key);
                if (wide) {
                    roots += h->stamp[r] != i + 1;
                    h->stamp[r] = i + 1;
                } else if (first == GROUP_NONE)
                    first = r;
                else
                    parent[r] = first;
            }
            g->shared[i] = wide && roots > g->rules.provider_domains;
            g->counts.shared += g->shared[i];
        }
    return true;
}

bool group_hubs(struct grouping *g, struct err *e)
{
    struct hubs h = { .g = g };
    size_t      keys = g->key_n ? g->key_n : 1, most = g->asset_n ? g->asset_n : 1;

    h.domains = NEW(g->a, uint8_t, most);
    h.parent  = TAKE(g->a, uint32_t, most);
    h.slot    = TAKE(g->a, uint32_t, most);
    h.met     = TAKE(g->a, uint32_t, keys);
    h.count   = TAKE(g->a, uint32_t, keys);
    h.stamp   = NEW(g->a, uint32_t, keys);
    if (!h.domains || !h.parent || !h.slot || !h.met || !h.count || !h.stamp)
        return group_full(g, e);
    for (uint32_t i = 0; i < g->edge_n; i++)
        if (strong_domain(g, &g->edge[i]) && h.domains[g->edge[i].asset] < 255)
            h.domains[g->edge[i].asset]++;
    for (uint32_t i = 0; i < g->key_n; i++)
        if (!judge_key(&h, i, e))
            return false;
    find_own(g);
    memset(h.stamp, 0, keys * sizeof *h.stamp);
    return find_shared(&h, e);
}
