/*
 * update_groups: the links become organisations (group.h), which keep their numbers (follow.h), and each gets a case in every campaign in which it has a fact.
 *
 * Split    where an organisation falls apart, or two become one, a case inherits from the cases that its servers were in before: case_heir, which only grows.
 * Cases    of the survey: a campaign with a group in the build table has a case for each organisation with a server that the survey knows.
 * Order    servers are known to the grouping by their content and not by their numbers, so that an earlier update changes nothing in it.
 */
#include "casework/update_groups.h"

#include "base/num.h"
#include "casework/update_assets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the organisations"); }

/* ---- servers by content ---- */

static int by_content(const void *p, const void *q, void *ctx)
{
    const struct update_server *s = ctx;
    uint64_t a = s[*(const uint32_t *)p].content, b = s[*(const uint32_t *)q].content;

    return a < b ? -1 : a > b;
}

uint32_t update_server_of(const struct update *u, const uint32_t *order, uint64_t content)
{
    uint32_t lo = 0, hi = u->server_n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (u->server[order[mid]].content < content)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < u->server_n && u->server[order[lo]].content == content ? order[lo] : GROUP_NONE;
}

static void place_members(struct update *u, const uint32_t *order)
{
    for (uint32_t i = 0; i < u->groups.member_n; i++) {
        const struct group_member *m = &u->groups.member[i];
        uint32_t at = update_server_of(u, order, m->asset);

        if (at == GROUP_NONE)
            continue;
        u->server[at].group = m->group;
        u->server[at].shared = m->shared;
        u->server[at].confidence = m->confidence;
    }
}

/* From now on the groups speak of kept numbers. */
static void renumber(struct update *u, const uint32_t *order)
{
    struct groups *g = &u->groups;

    for (uint32_t i = 0; i < g->member_n; i++)
        g->member[i].asset = (uint64_t)u->server[update_server_of(u, order, g->member[i].asset)].asset;
    for (uint32_t i = 0; i < g->operated_n; i++)
        g->operated[i].asset = (uint64_t)u->server[update_server_of(u, order, g->operated[i].asset)].asset;
    for (uint32_t i = 0; i < g->review_n; i++)
        g->review[i].asset = (uint64_t)u->server[update_server_of(u, order, g->review[i].asset)].asset;
    for (uint32_t i = 0; i < g->group_n; i++)
        g->group[i].id = (uint64_t)u->server[update_server_of(u, order, g->group[i].id)].asset;
}

/* ---- numbers ---- */

static bool number(struct update *u, struct follow *ret, struct err *e)
{
    struct follow_item *item = TAKE(&u->keep, struct follow_item, u->was_n + 1);
    int64_t next;

    if (!item || !(u->org = TAKE(&u->keep, int64_t, (size_t)u->groups.group_n + 1)))
        return no_room(e);
    for (size_t i = 0; i < u->was_n; i++)
        item[i] = (struct follow_item){ (uint64_t)u->was[i].org, u->server[u->was[i].server].group };
    if (!update_next(u, "org", &next, false, e) || !follow(item, u->was_n, u->groups.group_n, (uint64_t)next, &u->keep, ret, e))
        return false;
    for (uint32_t i = 0; i < u->groups.group_n; i++)
        u->org[i] = (int64_t)ret->number[i];
    next = (int64_t)ret->next;
    return update_next(u, "org", &next, true, e);
}

/* ---- tables ---- */

typedef bool put_rows(struct update *u, struct store_bulk *b, struct err *e);

static bool rows(struct update *u, const char *table, const char *columns, put_rows *put, struct err *e)
{
    struct store_bulk *b;
    struct err         more = { 0 };

    if (!store_bulk_begin(u->s, table, columns, STORE_KEEP_OLD, &b, e))
        return false;
    bool ok = put(u, b, e);
    return store_bulk_end(b, NULL, ok ? e : &more) && ok;
}

static bool put_members(struct update *u, struct store_bulk *b, struct err *e)
{
    for (uint32_t i = 0; i < u->server_n; i++) {
        store_bulk_int(b, u->server[i].asset);
        store_bulk_int(b, u->org[u->server[i].group]);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

static bool put_names(struct update *u, struct store_bulk *b, struct err *e)
{
    for (uint32_t i = 0; i < u->trait_n; i++) {
        const struct update_trait *t = &u->trait[i];

        if (t->kind > TRAIT_REVERSE && t->kind != TRAIT_COMPUTER)
            continue;
        store_bulk_int(b, u->server[t->server].asset);
        store_bulk_text(b, t->text);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

static bool put_orgs(struct update *u, struct store_bulk *b, struct err *e)
{
    const struct groups *g = &u->groups;
    struct arena a = u->scratch;
    bool *provider = NEW(&a, bool, (size_t)g->group_n + 1);

    if (!provider)
        return no_room(e);
    for (uint32_t i = 0; i < g->provider_n; i++)
        if (g->provider[i].own != GROUP_NONE && g->provider[i].how == GROUP_OPERATES)
            provider[g->provider[i].own] = true;
    for (uint32_t i = 0; i < g->group_n; i++) {
        const struct group *x = &g->group[i];

        store_bulk_int(b, u->org[i]);
        store_bulk_text(b, x->name);
        store_bulk_int(b, x->name_from);
        store_bulk_text(b, x->sector);
        store_bulk_int(b, x->sector.n && x->sector_source < u->given_n ? u->given[x->sector_source].source : 0);
        store_bulk_text(b, x->size);
        store_bulk_text(b, str_c(x->country));
        store_bulk_int(b, x->confidence);
        store_bulk_int(b, x->n);
        store_bulk_int(b, provider[i]);
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

/* ---- cases ---- */

struct wanted { int64_t campaign, org; uint32_t group; };
struct known { int64_t id, campaign, org; };
struct heir { int64_t case_, from; };
struct cases {
    struct update *u;
    struct arena  *a;
    struct wanted *want; size_t want_n, want_cap;
    struct known  *known; size_t known_n, known_cap;                /* by campaign, then organisation */
    struct heir   *heir; size_t heir_n, heir_cap;
};

static int by_wanted(const void *p, const void *q)
{
    const struct wanted *a = p, *b = q;

    if (a->campaign != b->campaign)
        return a->campaign < b->campaign ? -1 : 1;
    return a->org < b->org ? -1 : a->org > b->org;
}

static bool want(struct cases *c, int64_t campaign, uint32_t group, struct err *e)
{
    struct wanted *w = GROW(c->a, c->want, c->want_n, &c->want_cap);

    if (!w)
        return no_room(e);
    *w = (struct wanted){ campaign, c->u->org[group], group };
    c->want_n++;
    return true;
}

static bool take_fact(void *ctx, const struct store_value *v, struct err *e)
{
    struct cases *c = ctx;
    const struct update_subject *s = update_subject_find(c->u, v[1].i);

    for (; s && s < c->u->subject + c->u->subject_n && s->id == v[1].i; s++)
        if (!want(c, v[0].i, c->u->server[s->server].group, e))
            return false;
    return true;
}

static bool take_known(void *ctx, const struct store_value *v, struct err *e)
{
    struct cases *c = ctx;
    struct known *k = GROW(c->a, c->known, c->known_n, &c->known_cap);

    if (!k)
        return no_room(e);
    *k = (struct known){ v[0].i, v[1].i, v[2].i };
    c->known_n++;
    return true;
}

static const struct known *known_of(const struct cases *c, int64_t campaign, int64_t org)
{
    size_t from = 0, to = c->known_n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        const struct known *k = &c->known[mid];
        if (k->campaign < campaign || (k->campaign == campaign && k->org < org))
            from = mid + 1;
        else
            to = mid;
    }
    return from < c->known_n && c->known[from].campaign == campaign && c->known[from].org == org ? &c->known[from] : NULL;
}

struct numbered { int64_t org; uint32_t group; };

static int by_org(const void *p, const void *q)
{
    const struct numbered *a = p, *b = q;

    return a->org < b->org ? -1 : a->org > b->org;
}

/* A case that there was stays while its organisation does, facts or not: there may be notices. */
static bool want_known(struct cases *c, struct err *e)
{
    struct update   *u = c->u;
    struct numbered *by = TAKE(c->a, struct numbered, (size_t)u->groups.group_n + 1);

    if (!by)
        return no_room(e);
    for (uint32_t i = 0; i < u->groups.group_n; i++)
        by[i] = (struct numbered){ u->org[i], i };
    qsort(by, u->groups.group_n, sizeof *by, by_org);
    for (size_t i = 0; i < c->known_n; i++) {
        struct numbered key = { c->known[i].org, 0 };
        const struct numbered *hit = bsearch(&key, by, u->groups.group_n, sizeof *by, by_org);

        if (hit && !want(c, c->known[i].campaign, hit->group, e))
            return false;
    }
    return true;
}

static bool want_surveyed(struct cases *c, struct err *e)
{
    struct update *u = c->u;

    for (uint32_t k = 0; k < u->campaign_n; k++)
        for (uint32_t i = 0; u->campaign[k].group.n && i < u->server_n; i++)
            if (u->server[i].survey && !want(c, u->campaign[k].id, u->server[i].group, e))
                return false;
    return true;
}

static bool open_cases(struct cases *c, struct err *e)
{
    struct update *u = c->u;
    struct store_bulk *b;
    struct err     more = { 0 };
    int64_t        next, now = ledger_now(u->l);
    bool           ok = true;

    if (!update_next(u, "case", &next, false, e))
        return false;
    qsort(c->want, c->want_n, sizeof *c->want, by_wanted);
    u->cases = TAKE(&u->keep, struct update_case, c->want_n + 1);
    if (!u->cases)
        return no_room(e);
    for (size_t i = 0; i < c->known_n; i++)
        next = c->known[i].id >= next ? c->known[i].id + 1 : next;
    if (!store_bulk_begin(u->s, "case_case", "id, campaign, org, opened_us", STORE_FRESH, &b, e))
        return false;
    for (size_t i = 0; i < c->want_n && ok; i++) {
        const struct wanted *w = &c->want[i];
        if (i && by_wanted(w - 1, w) == 0)
            continue;
        const struct known *k = known_of(c, w->campaign, w->org);
        struct update_case *x = &u->cases[u->case_n++];
        *x = (struct update_case){ .id = k ? k->id : next, .campaign = w->campaign, .org = w->org, .group = w->group };
        if (k)
            continue;
        store_bulk_int(b, next++);
        store_bulk_int(b, w->campaign);
        store_bulk_int(b, w->org);
        store_bulk_int(b, now);
        ok = store_bulk_row(b, e);
    }
    u->n->cases = u->case_n;
    return store_bulk_end(b, NULL, ok ? e : &more) && ok && update_next(u, "case", &next, true, e);
}

/* ---- what a case inherits ---- */

static int by_heir(const void *p, const void *q)
{
    const struct heir *a = p, *b = q;

    if (a->case_ != b->case_)
        return a->case_ < b->case_ ? -1 : 1;
    return a->from < b->from ? -1 : a->from > b->from;
}

static bool add_heir(struct cases *c, int64_t case_, int64_t from, struct err *e)
{
    struct heir *h = GROW(c->a, c->heir, c->heir_n, &c->heir_cap);

    if (!h)
        return no_room(e);
    *h = (struct heir){ case_, from };
    c->heir_n++;
    return true;
}

static bool take_heir(void *ctx, const struct store_value *v, struct err *e) { return add_heir(ctx, v[0].i, v[1].i, e); }

static int64_t case_of(const struct update *u, int64_t campaign, int64_t org)
{
    uint32_t lo = 0, hi = u->case_n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        const struct update_case *x = &u->cases[mid];
        if (x->campaign < campaign || (x->campaign == campaign && x->org < org))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < u->case_n && u->cases[lo].campaign == campaign && u->cases[lo].org == org ? u->cases[lo].id : 0;
}

/* Who inherits from a case inherits what that one had inherited. */
static bool inherit(struct cases *c, const struct follow *f, struct err *e)
{
    struct update *u = c->u;
    struct store_bulk *b;
    struct err more = { 0 };
    bool   ok = true;

    if (!f->heir_n)
        return true;
    if (!store_scan(u->s, "SELECT case_id, from_case FROM case_heir ORDER BY case_id, from_case", 2, take_heir, c, e))
        return false;
    size_t old = c->heir_n;
    for (size_t i = 0; i < f->heir_n; i++)
        for (uint32_t k = 0; k < u->campaign_n; k++) {
            const struct known *from = known_of(c, u->campaign[k].id, (int64_t)f->heir[i].from);
            int64_t to = from ? case_of(u, from->campaign, u->org[f->heir[i].group]) : 0;

            if (!to || !add_heir(c, to, from->id, e))
                if (to)
                    return false;
        }
    for (size_t i = old, n = c->heir_n; i < n; i++) {
        size_t lo = 0, hi = old;
        int64_t from = c->heir[i].from, to = c->heir[i].case_;

        while (lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (c->heir[mid].case_ < from)
                lo = mid + 1;
            else
                hi = mid;
        }
        for (; lo < old && c->heir[lo].case_ == from; lo++)
            if (c->heir[lo].from != to && !add_heir(c, to, c->heir[lo].from, e))
                return false;
    }
    qsort(c->heir + old, c->heir_n - old, sizeof *c->heir, by_heir);
    if (!store_bulk_begin(u->s, "case_heir", "case_id, from_case", STORE_KEEP_OLD, &b, e))
        return false;
    for (size_t i = old; i < c->heir_n && ok; i++) {
        store_bulk_int(b, c->heir[i].case_);
        store_bulk_int(b, c->heir[i].from);
        ok = store_bulk_row(b, e);
    }
    return store_bulk_end(b, NULL, ok ? e : &more) && ok;
}

static bool cases(struct update *u, const struct follow *f, struct err *e)
{
    struct arena a = u->scratch;
    struct cases c = { .u = u, .a = &a };

    return store_scan(u->s, "SELECT id, campaign, org FROM case_case ORDER BY campaign, org", 3, take_known, &c, e) &&
        store_scan(u->s, "SELECT DISTINCT campaign, subject FROM case_fact WHERE of_case = 0", 2, take_fact, &c, e) &&
        store_scan(u->s, "SELECT DISTINCT campaign, subject FROM case_report", 2, take_fact, &c, e) &&
        store_scan(u->s, "SELECT DISTINCT campaign, subject FROM case_feature", 2, take_fact, &c, e) &&
        want_known(&c, e) && want_surveyed(&c, e) && (c.want_n == 0 || (open_cases(&c, e) && inherit(&c, f, e)));
}

/* ---- the step ---- */

bool update_groups(struct update *u, struct err *e)
{
    static const char *const own[] = { "case_member", "case_server_name", "case_org", "case_key", "case_edge", "case_tie", "case_join", "case_provider", "case_operates", "case_review" };
    uint32_t *order = TAKE(&u->keep, uint32_t, (size_t)u->server_n + 1);
    struct follow f;
    char sql[64];

    if (!order)
        return no_room(e);
    for (uint32_t i = 0; i < u->server_n; i++)
        order[i] = i;
    qsort_r(order, u->server_n, sizeof *order, by_content, u->server);
    if (!groups_make(u->grouping, &u->groups, e))
        return false;
    place_members(u, order);
    if (!number(u, &f, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        snprintf(sql, sizeof sql, "DELETE FROM %s", own[i]);
        if (!store_exec(u->s, sql, e))
            return false;
    }
    u->n->organisations = u->groups.group_n;
    u->n->providers = u->groups.provider_n;
    if (!rows(u, "case_member", "asset, org", put_members, e) || !rows(u, "case_server_name", "asset, name", put_names, e) ||
        !rows(u, "case_org", "org, name, name_from, sector, sector_source, size, country, confidence, servers, provider", put_orgs, e) ||
        !update_keys(u, order, e))
        return false;
    renumber(u, order);
    int64_t reviews = 0;                                /* two of the grouping's may be one question */
    if (!store_one_int(u->s, "SELECT count(*) FROM case_review", &reviews, e))
        return false;
    u->n->reviews = (uint64_t)reviews;
    return cases(u, &f, e) && update_countries(u, e);   /* once more when the survey's spans have told more */
}

/* ---- countries, when the survey's are known ---- */

struct lies { int64_t org; char country[3]; };

static int by_lies(const void *p, const void *q)
{
    const struct lies *a = p, *b = q;

    if (a->org != b->org)
        return a->org < b->org ? -1 : 1;
    return memcmp(a->country, b->country, sizeof a->country);
}

static bool put_countries(struct update *u, struct store_bulk *b, struct err *e)
{
    struct arena a = u->scratch;
    struct lies *l = TAKE(&a, struct lies, (size_t)u->server_n + 1);
    size_t n = 0;

    if (!l)
        return no_room(e);
    for (uint32_t i = 0; i < u->server_n; i++) {
        const struct update_server *s = &u->server[i];
        if (!s->country[0])
            continue;
        l[n] = (struct lies){ .org = u->org[s->group] };
        memcpy(l[n++].country, s->country, sizeof s->country);
    }
    qsort(l, n, sizeof *l, by_lies);
    for (size_t i = 0; i < n; i++) {
        if (i && by_lies(&l[i - 1], &l[i]) == 0)
            continue;
        store_bulk_int(b, l[i].org);
        store_bulk_text(b, str_c(l[i].country));
        if (!store_bulk_row(b, e))
            return false;
    }
    return true;
}

bool update_countries(struct update *u, struct err *e)
{
    return store_exec(u->s, "DELETE FROM case_org_country", e) && rows(u, "case_org_country", "org, country", put_countries, e);
}
