/* group: takes assets and links, and calls the steps one after the other. */
#include "casework/group_inner.h"

const struct group_rules group_defaults = { 50, 75, 90, 20, 4, 3, 75, 3, 5 };

const char *group_state_name(enum group_state s)
{
    static const char *const name[] = { "one server has it", "too weak alone", "joins", "a provider's", "a provider's or an owner's: to be ruled", "refused" };

    return s <= GROUP_KEY_REFUSED ? name[s] : "";
}

bool group_full(const struct grouping *g, struct err *e)
{
    return err_set(e, ERR_MEMORY, "no room left to group %llu links of %u servers", (unsigned long long)g->raw_n, g->asset_n);
}

uint32_t group_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

bool grouping_open(struct grouping **ret, struct arena *a, const struct group_rules *rules, struct err *e)
{
    struct grouping *g = NEW(a, struct grouping, 1);

    if (!g)
        return err_set(e, ERR_MEMORY, "no room for a grouping");
    g->a     = a;
    g->rules = rules ? *rules : group_defaults;
    *ret = g;
    return true;
}

bool grouping_asset(struct grouping *g, uint64_t id, const char *country, struct err *e)
{
    if (g->raw_asset_n >= GROUP_ASSETS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d servers", GROUP_ASSETS_MAX);
    struct raw_asset *r = GROW(g->a, g->raw_asset, g->raw_asset_n, &g->raw_asset_cap);
    if (!r)
        return group_full(g, e);
    *r = (struct raw_asset){ .id = id };
    if (country && country[0] && country[1])
        memcpy(r->country, country, 2);
    g->raw_asset_n++;
    return true;
}

/* The raw number of a key. False: no room, or (with ERR_NONE) nothing to compare by. */
static bool key_of(struct grouping *g, enum org_key kind, struct str value, const char *country, uint32_t *ret, struct err *e)
{
    uint8_t      room[ORG_VALUE_MAX + 8], text[ORG_VALUE_MAX + 8];
    struct arena scratch = { room, room + sizeof room, NULL };
    struct str   clean;

    e->kind = ERR_NONE;
    if (!org_key_clean(kind, value, country, &scratch, &clean))
        return false;
    text[0] = (uint8_t)org_kinds[kind].is;
    memcpy(text + 1, clean.p, clean.n);
    struct str full = { text, clean.n + 1 };
    uint32_t   at = map_get(&g->index, full);
    if (at == MAP_NONE) {
        if (g->raw_key_n >= GROUP_KEYS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d keys", GROUP_KEYS_MAX);
        full = str_dup(g->a, full);
        struct gkey *k = full.p ? GROW(g->a, g->raw_key, g->raw_key_n, &g->raw_key_cap) : NULL;
        at = (uint32_t)g->raw_key_n;
        if (!k || !map_put(&g->index, g->a, full, at))
            return group_full(g, e);
        *k = (struct gkey){ .k = { .is = org_kinds[kind].is, .value = str_from(full, 1) } };
        g->raw_key_n++;
    }
    *ret = at;
    return true;
}

/* False: no room. A field changes only for the better, so the order of rows is nothing to it. */
static bool improve(struct grouping *g, struct str *field, uint8_t *sure, uint32_t *source, struct str v, uint8_t confidence, uint32_t from)
{
    v = str_sub(str_trim(v), 0, GROUP_TEXT_MAX);
    if (!v.n)
        return true;
    int order = field->n ? str_cmp(v, *field) : -1;
    if (confidence < *sure || (confidence == *sure && order > 0))
        return true;
    if (source && (confidence > *sure || order < 0 || from < *source))
        *source = from;
    *sure = confidence;
    if (order == 0)
        return true;
    struct str copy = str_dup(g->a, v);
    *field = copy;
    return copy.p != NULL;
}

static bool attr_take(struct grouping *g, struct gkey *k, const struct group_link *l, struct err *e)
{
    bool name_only = l->kind == ORG_CERT_ORG, said = l->name.n || l->sector.n || l->size.n || l->country[0];

    if (!name_only && (!is_number(k->k.is) || !said))
        return true;
    if (!k->attr && !(k->attr = NEW(g->a, struct attr, 1)))
        return group_full(g, e);
    struct attr *t = k->attr;
    if (l->country[0] && l->country[1] &&
        (l->confidence > t->country_confidence || !t->country[0] || (l->confidence == t->country_confidence && memcmp(l->country, t->country, 2) < 0))) {
        memcpy(t->country, l->country, 2);
        t->country_confidence = l->confidence;
    }
    if (!improve(g, &t->name, &t->name_confidence, NULL, name_only ? l->value : l->name, l->confidence, 0))
        return group_full(g, e);
    if (name_only)
        return true;
    if (!improve(g, &t->sector, &t->sector_confidence, &t->sector_source, l->sector, l->confidence, l->source) ||
        !improve(g, &t->size, &t->size_confidence, &t->size_source, l->size, l->confidence, l->source))
        return group_full(g, e);
    return true;
}

bool grouping_link(struct grouping *g, const struct group_link *l, struct err *e)
{
    uint32_t key;

    if (g->raw_n >= GROUP_LINKS_MAX)
        return err_set(e, ERR_LIMIT, "more than %d links", GROUP_LINKS_MAX);
    g->counts.links++;
    if (l->revoked) {
        g->counts.revoked++;
        return grouping_asset(g, l->asset, NULL, e);
    }
    if (!key_of(g, l->kind, l->value, l->country, &key, e)) {
        if (e->kind != ERR_NONE)
            return false;
        g->counts.unusable++;
        return grouping_asset(g, l->asset, NULL, e);
    }
    uint8_t confidence = l->confidence > 100 ? 100 : l->confidence;
    if (confidence < g->rules.confidence_min)
        g->counts.faint++;
    else if (!attr_take(g, &g->raw_key[key], l, e))
        return false;
    if (!g->last || g->last->n == RAW_CHUNK) {
        struct raw_chunk *c = TAKE(g->a, struct raw_chunk, 1);
        if (!c)
            return group_full(g, e);
        c->next = NULL;
        c->n    = 0;
        *(g->last ? &g->last->next : &g->chunk) = c;
        g->last = c;
    }
    g->last->link[g->last->n++] = (struct raw_link){ l->asset, key, l->source, (uint8_t)l->kind, confidence };
    g->raw_n++;
    return true;
}

bool grouping_rule(struct grouping *g, enum org_key kind, struct str value, const char *country, enum group_ruling what, int64_t when_us, struct err *e)
{
    uint32_t key;

    if (!key_of(g, kind, value, country, &key, e))
        return e->kind == ERR_NONE ? err_set(e, ERR_USAGE, "\"%.*s\" is no value of %s", STR_ARG(str_sub(value, 0, 60)), kind < ORG_KEYS ? org_kinds[kind].name : "?") : false;
    struct gkey *k = &g->raw_key[key];
    if (!k->ruling || when_us > k->ruling_us || (when_us == k->ruling_us && what > k->ruling)) {
        k->ruling    = (uint8_t)what;
        k->ruling_us = when_us;
    }
    return true;
}

bool group_ask(struct grouping *g, enum group_ask what, uint32_t key, uint32_t one, uint32_t other, uint32_t asset, uint32_t assets, struct err *e)
{
    struct group_review *r = GROW(g->a, g->review, g->review_n, &g->review_cap);

    if (!r)
        return group_full(g, e);
    *r = (struct group_review){ what, key, one < other ? one : other, one < other ? other : one, g->id[asset], assets };
    g->review_n++;
    return true;
}

bool groups_make(struct grouping *g, struct groups *ret, struct err *e)
{
    if (g->made)
        return err_set(e, ERR_USAGE, "a grouping gives its groups once");
    g->made = true;
    return group_graph(g, e) && group_hubs(g, e) && group_join_all(g, e) && group_tell(g, ret, e);
}
