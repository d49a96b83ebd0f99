/* update_keys: what the grouping found of each key, as rows that casework/why.h reads: keys, who has them and by what, joins, providers, and what a person has to decide. */
#include "casework/update_groups.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the keys"); }

/* A bulk, and which of the grouping's numbers are which of the store's. */
struct out {
    struct update *u;
    const uint32_t *order;
    int64_t       *number;         /* of each key, as stored */
    struct arena   a;
};
typedef bool put_rows(struct out *o, struct store_bulk *b, struct err *e);

static bool rows(struct out *o, const char *table, const char *columns, put_rows *put, struct err *e)
{
    struct store_bulk *b;
    struct err         more = { 0 };

    if (!store_bulk_begin(o->u->s, table, columns, STORE_KEEP_OLD, &b, e))
        return false;
    bool ok = put(o, b, e);
    return store_bulk_end(b, NULL, ok ? e : &more) && ok;
}

static int64_t asset_of(const struct out *o, uint64_t content)
{
    uint32_t at = update_server_of(o->u, o->order, content);

    return at == GROUP_NONE ? 0 : o->u->server[at].asset;
}

static const struct update_given *given(const struct out *o, uint32_t source)
{
    static const struct update_given none = { .confidence = 0 };

    return source < o->u->given_n ? &o->u->given[source] : &none;
}

/* ---- keys ---- */

struct numbered { int64_t id; uint32_t key; };

static int by_number(const void *p, const void *q)
{
    const struct numbered *a = p, *b = q;

    return a->id < b->id ? -1 : a->id > b->id;
}

static bool put_keys(struct out *o, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &o->u->groups;
    struct arena a = o->a;
    struct numbered *n = TAKE(&a, struct numbered, (size_t)g->key_n + 1);

    if (!n)
        return no_room(e);
    for (uint32_t i = 0; i < g->key_n; i++)
        n[i] = (struct numbered){ o->number[i], i };
    qsort(n, g->key_n, sizeof *n, by_number);
    for (uint32_t i = 0; i < g->key_n; i++) {
        const struct group_key *k = &g->key[n[i].key];
        char country[3];

        store_bulk_int(b, n[i].id);
        store_bulk_int(b, k->is);
        store_bulk_text(b, why_key_value(k->is, k->value, country));
        store_bulk_text(b, str_c(country));
        store_bulk_int(b, k->state);
        store_bulk_int(b, k->assets);
        store_bulk_int(b, k->domains);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

/* ---- who has them ---- */

static int by_key(const void *p, const void *q, void *ctx)
{
    const int64_t *number = ctx;
    int64_t a = number[((const struct group_step *)p)->key], b = number[((const struct group_step *)q)->key];

    return a < b ? -1 : a > b;
}

static bool put_edges(struct out *o, struct store_bulk *b, struct err *e)
{
    for (uint32_t i = 0; i < o->u->server_n; i++) {
        const struct update_server *s = &o->u->server[i];
        struct arena a = o->a;
        struct group_why w;

        if (!groups_keys(&o->u->groups, s->content, &a, &w, e)) {
            if (e->kind != ERR_NONE)
                return false;
            continue;
        }
        if (w.step_n)
            qsort_r(w.step, w.step_n, sizeof *w.step, by_key, o->number);
        for (uint32_t k = 0; k < w.step_n; k++) {
            const struct group_step *x = &w.step[k];
            const struct update_given *g = given(o, x->source);

            store_bulk_int(b, s->asset);
            store_bulk_int(b, o->number[x->key]);
            store_bulk_int(b, g->by);
            store_bulk_int(b, g->kind);
            store_bulk_int(b, x->weight);
            store_bulk_int(b, x->confidence);
            store_bulk_int(b, g->confidence);
            store_bulk_int(b, g->source);
            store_bulk_int(b, g->row);
            store_bulk_text(b, g->detail);
            if (!store_bulk_row(b, e))
                return false;
        }
    }
    return true;
}

/* ---- joins ---- */

struct tied { int64_t other; const struct group_step *step; };

static int by_other(const void *p, const void *q)
{
    const struct tied *a = p, *b = q;

    return a->other < b->other ? -1 : a->other > b->other;
}

static bool put_ties(struct out *o, struct store_bulk *b, struct err *e)
{
    for (uint32_t i = 0; i < o->u->server_n; i++) {
        const struct update_server *s = &o->u->server[i];
        struct arena a = o->a;
        struct group_why w;

        if (!groups_joins(&o->u->groups, s->content, &a, &w, e)) {
            if (e->kind != ERR_NONE)
                return false;
            continue;
        }
        struct tied *t = TAKE(&a, struct tied, (size_t)w.step_n + 1);
        if (!t)
            return no_room(e);
        for (uint32_t k = 0; k < w.step_n; k++)
            t[k] = (struct tied){ asset_of(o, w.step[k].to), &w.step[k] };
        qsort(t, w.step_n, sizeof *t, by_other);
        for (uint32_t k = 0; k < w.step_n; k++) {
            const struct group_step *x = t[k].step;

            store_bulk_int(b, s->asset);
            store_bulk_int(b, t[k].other);
            store_bulk_int(b, o->number[x->key]);
            store_bulk_int(b, x->also == GROUP_NONE ? 0 : o->number[x->also]);
            store_bulk_int(b, x->weight);
            store_bulk_int(b, x->confidence);
            if (!store_bulk_row(b, e))
                return false;
        }
    }
    return true;
}

/* The strongest join of each server; where it stands alone, its best key. */
static bool put_joins(struct out *o, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &o->u->groups;

    for (uint32_t i = 0; i < o->u->server_n; i++) {
        const struct update_server *s = &o->u->server[i];
        const struct group_member *m = groups_find(g, s->content);
        struct arena a = o->a;
        struct group_why w;
        struct group_step best = { .key = GROUP_NONE, .also = GROUP_NONE };

        if (!m || !groups_joins(g, s->content, &a, &w, e)) {
            if (m && e->kind != ERR_NONE)
                return false;
            continue;
        }
        for (uint32_t k = 0; k < w.step_n; k++)
            if (best.key == GROUP_NONE || w.step[k].confidence > best.confidence ||
                (w.step[k].confidence == best.confidence && o->number[w.step[k].key] < o->number[best.key]))
                best = w.step[k];
        if (best.key == GROUP_NONE && m->key != GROUP_NONE)
            best = (struct group_step){ .key = m->key, .also = GROUP_NONE, .confidence = m->confidence, .source = m->source,
                                        .weight = org_kinds[given(o, m->source)->kind].weight };
        if (best.key == GROUP_NONE)
            continue;
        store_bulk_int(b, s->asset);
        store_bulk_int(b, o->number[best.key]);
        store_bulk_int(b, best.also == GROUP_NONE ? 0 : o->number[best.also]);
        store_bulk_int(b, best.weight);
        store_bulk_int(b, best.confidence);
        store_bulk_int(b, given(o, best.source)->source);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

/* ---- providers ---- */

static bool put_providers(struct out *o, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &o->u->groups;

    for (uint32_t i = 0; i < g->provider_n; i++) {
        const struct group_provider *p = &g->provider[i];
        char country[3];
        struct str name = p->own != GROUP_NONE && g->group[p->own].name.n ? g->group[p->own].name : why_key_value(g->key[p->key].is, g->key[p->key].value, country);

        store_bulk_int(b, o->number[p->key]);
        store_bulk_int(b, p->own == GROUP_NONE ? 0 : o->u->org[p->own]);
        store_bulk_int(b, p->how);
        store_bulk_text(b, name);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

static bool put_operated(struct out *o, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &o->u->groups;

    for (uint32_t i = 0; i < g->provider_n; i++)
        for (uint32_t k = g->provider[i].first; g->provider[i].how != GROUP_CARRIES && k < g->provider[i].first + g->provider[i].n; k++) {
            store_bulk_int(b, o->number[g->provider[i].key]);
            store_bulk_int(b, asset_of(o, g->operated[k].asset));
            store_bulk_int(b, o->u->org[g->operated[k].group]);
            if (!store_bulk_row(b, e))
                return false;
        }
    return true;
}

/* ---- reviews ---- */

static struct str key_text(struct out *o, uint32_t key, struct arena *a)
{
    return key == GROUP_NONE ? STR_EMPTY : why_key_words(o->u->groups.key[key].is, o->u->groups.key[key].value, a);
}

static struct str key_value(const struct out *o, uint32_t key)
{
    char country[3];

    return key == GROUP_NONE ? STR_EMPTY : why_key_value(o->u->groups.key[key].is, o->u->groups.key[key].value, country);
}

static struct str servers(uint32_t n, struct arena *a) { return n == 1 ? STR("one server") : str_fmt(a, "%u servers", n); }

static struct str review_words(struct out *o, const struct group_review *r, struct arena *a)
{
    struct str key = key_text(o, r->key, a), one = key_text(o, r->one, a), other = key_text(o, r->other, a), n = servers(r->assets, a);
    const struct group_key *k = &o->u->groups.key[r->key];

    switch (r->what) {
    case GROUP_ASK_TWO_NUMBERS:
        return str_fmt(a, "%.*s would make one organisation of %.*s and %.*s, so it joins nothing (%.*s). Is one of the two numbers wrong, or is it a provider's?",
                       STR_ARG(key), STR_ARG(one), STR_ARG(other), STR_ARG(n));
    case GROUP_ASK_TORN:
        return str_fmt(a, "one server carries both %.*s and %.*s, and counts with neither. Revoke the wrong one.", STR_ARG(one), STR_ARG(other));
    case GROUP_ASK_PROVIDER:
        return str_fmt(a, "%.*s touches %u unrelated domains on %.*s. A provider's, or one owner's? Until somebody rules, it joins nothing.", STR_ARG(key), k->domains, STR_ARG(n));
    case GROUP_ASK_BRIDGE:
        return str_fmt(a, "one server alone would join two larger organisations by %.*s, so it does not. An old certificate, or a mistyped row?", STR_ARG(key));
    case GROUP_ASK_WIDE_ENTRY:
        return str_fmt(a, "%.*s touches %u unrelated domains on %.*s, so it joins nothing. Is its range stale, or a provider's?", STR_ARG(key), k->domains, STR_ARG(n));
    }
    return STR_EMPTY;
}

static int64_t review_number(const struct out *o, const struct group_review *r)
{
    char what[4], asset[24], is[4];
    bool of_server = r->what == GROUP_ASK_TORN || r->what == GROUP_ASK_BRIDGE;
    struct str part[] = {
        STR("review"), { (const uint8_t *)what, (size_t)snprintf(what, sizeof what, "%d", (int)r->what) }, { (const uint8_t *)is, (size_t)snprintf(is, sizeof is, "%d", (int)o->u->groups.key[r->key].is) },
        o->u->groups.key[r->key].value, r->one == GROUP_NONE ? STR_EMPTY : o->u->groups.key[r->one].value, r->other == GROUP_NONE ? STR_EMPTY : o->u->groups.key[r->other].value,
        { (const uint8_t *)asset, of_server ? (size_t)snprintf(asset, sizeof asset, "%lld", (long long)asset_of(o, r->asset)) : 0 },
    };

    return ledger_number(part, COUNT_OF(part));
}

/* A kind of the class, so that a person can rule on the key by it. */
static enum org_key kind_of(enum org_class is)
{
    enum org_key k = 0;

    while (k + 1 < ORG_KEYS && org_kinds[k].is != is)
        k++;
    return k;
}

static bool put_reviews(struct out *o, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &o->u->groups;

    for (uint32_t i = 0; i < g->review_n; i++) {
        const struct group_review *r = &g->review[i];
        struct arena a = o->a;
        struct str why = review_words(o, r, &a);

        if (!why.p)
            return no_room(e);
        store_bulk_int(b, review_number(o, r));
        store_bulk_int(b, 0);
        store_bulk_int(b, r->what);
        store_bulk_int(b, kind_of(g->key[r->key].is));
        store_bulk_text(b, key_value(o, r->key));
        store_bulk_text(b, key_value(o, r->one));
        store_bulk_text(b, key_value(o, r->other));
        store_bulk_int(b, asset_of(o, r->asset));
        store_bulk_int(b, r->assets);
        store_bulk_text(b, why);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

bool update_keys(struct update *u, const uint32_t *by_content, struct err *e)
{
    struct out o = { .u = u, .order = by_content, .a = u->scratch };
    const struct groups *g = &u->groups;

    if (!(o.number = TAKE(&o.a, int64_t, (size_t)g->key_n + 1)))
        return no_room(e);
    for (uint32_t i = 0; i < g->key_n; i++)
        o.number[i] = why_key_number(g->key[i].is, g->key[i].value);
    return rows(&o, "case_key", "id, class, value, country, state, assets, domains", put_keys, e) &&
        rows(&o, "case_edge", "asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail", put_edges, e) &&
        rows(&o, "case_tie", "asset, other, key, also, weight, confidence", put_ties, e) &&
        rows(&o, "case_join", "asset, key, also, weight, confidence, source", put_joins, e) &&
        rows(&o, "case_provider", "key, org, how, name", put_providers, e) &&
        rows(&o, "case_operates", "key, asset, org", put_operated, e) &&
        rows(&o, "case_review", "id, campaign, what, key_kind, key_value, one, other, asset, assets, why", put_reviews, e);
}
