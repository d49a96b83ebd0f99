/*
 * events: repeats of one statement are folded, each request is judged for how far it came, and everything is ranked by
 * time, path and place. Contract: "count", "succeeded", "client", and the order of arrays.
 */
#include "verdict/work.h"

#include <string.h>

static int cmp_u64(uint64_t x, uint64_t y) { return x < y ? -1 : x > y; }

/* What makes two hits the same statement; times, counts and citations are not part of it. */
static int cmp_statement(const struct hit *x, const struct hit *y)
{
    int c;

    if ((c = cmp_u64(x->rule, y->rule)) || (c = cmp_u64(x->sign, y->sign)) || (c = cmp_u64(x->family, y->family)) ||
        (c = cmp_u64(x->status, y->status)) || (c = cmp_u64(x->active, y->active)) || (c = cmp_u64(x->no_referer, y->no_referer)))
        return c;
    if ((c = cmp_u64(x->ioc, y->ioc)) || (c = str_cmp(x->client, y->client)) || (c = str_cmp(x->url, y->url)) || (c = str_cmp(x->method, y->method)) ||
        (c = str_cmp(x->user_agent, y->user_agent)) || (c = str_cmp(x->account, y->account)) || (c = str_cmp(x->canary, y->canary)) ||
        (c = str_cmp(x->target_host, y->target_host)) || (c = str_cmp(x->target_path, y->target_path)) ||
        (c = str_cmp(x->mailbox, y->mailbox)) || (c = str_cmp(x->path, y->path)) || (c = str_cmp(x->key, y->key)))
        return c;
    return str_cmp(x->server, y->server);
}

static struct str path_of(const struct work *w, const struct cite *c)
{
    return w->d->ev && c->node < w->d->ev->node_n ? w->d->ev->node[c->node].path : STR_EMPTY;
}

static int cmp_cite(const struct work *w, const struct cite *x, const struct cite *y)
{
    int c;

    if ((c = str_icmp(path_of(w, x), path_of(w, y))) || (c = cmp_u64(x->node, y->node)) || (c = cmp_u64(x->line, y->line)) ||
        (c = cmp_u64(x->offset, y->offset)) || (c = cmp_u64(x->record, y->record)) || (c = time_cmp(x->time_us, y->time_us)) || (c = str_cmp(x->excerpt, y->excerpt)))
        return c;
    if ((c = cmp_u64(x->has_raw, y->has_raw)))
        return c;
    return memcmp(x->raw_sha256, y->raw_sha256, sizeof x->raw_sha256);
}

/* Statement, then time, then all the rest: a total order of content, so equal hits may stand in any order. */
static int cmp_hit(const void *ctx, uint32_t i, uint32_t j)
{
    const struct work *w = ctx;
    const struct hit  *x = &w->d->hit[i], *y = &w->d->hit[j];
    int c;

    if ((c = cmp_statement(x, y)) || (c = time_cmp(x->first_us, y->first_us)) || (c = cmp_cite(w, &x->first, &y->first)) ||
        (c = time_cmp(x->last_us, y->last_us)) || (c = cmp_cite(w, &x->last, &y->last)) || (c = cmp_u64(x->count, y->count)) ||
        (c = cmp_u64(x->response_bytes, y->response_bytes)) || (c = cmp_u64(x->response_max, y->response_max)) ||
        (c = str_cmp(x->query, y->query)))
        return c;
    return str_cmp(x->request_id, y->request_id);
}

/* Contract, client; rule 1: the back end logs the front end as its client, and an intruder has no loopback address here. */
static struct str client_of(const struct work *w, const struct hit *h)
{
    if (h->family == FAM_IIS_BACK || host_is_local(h->client) || str_eq(h->client, STR("-")))
        return STR_EMPTY;
    for (size_t i = 0; i < w->d->server.address_n; i++)
        if (str_ieq(h->client, w->d->server.address[i]))
            return STR_EMPTY;
    return h->client;
}

/* Contract, intruders: an address with ordinary authenticated traffic is a proxy, balancer or NAT. */
static bool shared_make(struct work *w)
{
    for (size_t i = 0; i < w->d->client_n; i++)
        if (w->d->client[i].authenticated && w->d->client[i].client.n && !map_put(&w->shared, w->a, w->d->client[i].client, 1))
            return work_full(w);
    return true;
}

static bool path_proves(struct str p)
{
    return str_istarts(p, STR("/ews/")) || str_istarts(p, STR("/mapi/")) || str_istarts(p, STR("/powershell")) || str_istarts(p, STR("/ecp/ddi/"));
}

static bool target_is_local(const struct hit *h)
{
    struct str host = h->target_host;
    size_t     at   = str_rchr(host, '@');       /* "a]@localhost:444" */

    if (at != STR_NONE)
        host = str_from(host, at + 1);
    return host_is_local(host);
}

/*
 * Contract, succeeded. The rule claims; the definition caps the claim: answered 200 (proxyLogon.ecp: 241), in HttpProxy, or by a
 * machine account in the back end's IIS log; Autodiscover alone and localhost (without a 241 or a SetObject 200) are attempts.
 */
static enum exploit_state outcome_of(const struct work *w, const struct hit *h)
{
    const struct sigma_rule *rule = rule_of(w, h);

    if (!rule || rule->axis == AXIS_NONE)
        return EXPL_NONE_SEEN;
    switch (h->sign) {
    case SIGN_FORGED: case SIGN_MAIL_READ: case SIGN_SESSION: case SIGN_DROP: case SIGN_RESET: case SIGN_CLEAN_UP: case SIGN_OAB_DOWNLOAD:
        break;
    case SIGN_PROBE: case SIGN_SUPPORT:      /* I1 and I2 prove no success, but nobody sends them by accident: where the rule says so, an attempt */
        return rule->axis == AXIS_EXPLOITATION ? EXPL_ATTEMPTED : EXPL_NONE_SEEN;
    case SIGN_REVIEW: case SIGN_PAGE: case SIGN_LOOT: case SIGN_ADMIN: case SIGN_COEXIST: case SIGN_PIVOT:
        return EXPL_NONE_SEEN;
    case SIGN_HOST:      /* the server's own word: no status stands beside it */
        return rule->axis != AXIS_EXPLOITATION ? EXPL_NONE_SEEN : str_eq(rule->state, STR("succeeded")) ? EXPL_SUCCEEDED : EXPL_ATTEMPTED;
    }
    bool network = h->family == FAM_HTTPPROXY || h->family == FAM_IIS_BACK || h->family == FAM_IIS_FRONT;
    if (h->sign == SIGN_MAIL_READ && (h->family == FAM_IIS_FRONT || !network))
        return h->family == FAM_IIS_FRONT ? EXPL_ATTEMPTED : EXPL_NONE_SEEN;       /* not in the list of what proves; the rows support */
    bool claimed = h->sign == SIGN_MAIL_READ || str_eq(rule->state, STR("succeeded")) || rule->axis == AXIS_THEFT;
    if (!claimed)
        return EXPL_ATTEMPTED;
    if (!network || rule->correlation)
        return EXPL_SUCCEEDED;

    bool set_object = h->sign == SIGN_DROP || h->sign == SIGN_RESET || h->sign == SIGN_CLEAN_UP ||
                      str_ihas(h->target_path, STR("/setobject")) || str_ihas(h->url, STR("/setobject"));
    bool session    = h->status == 241;
    if (!session && h->status != 200)
        return EXPL_ATTEMPTED;
    if (h->family == FAM_IIS_FRONT)
        return EXPL_ATTEMPTED;
    if (h->family == FAM_IIS_BACK)
        return str_ends(h->account, STR("$")) ? EXPL_SUCCEEDED : EXPL_ATTEMPTED;
    if (session)
        return str_ihas(h->target_path, STR("proxylogon.ecp")) || h->sign == SIGN_SESSION ? EXPL_SUCCEEDED : EXPL_ATTEMPTED;
    if (target_is_local(h))
        return set_object ? EXPL_SUCCEEDED : EXPL_ATTEMPTED;
    return !h->target_path.n || path_proves(h->target_path) ? EXPL_SUCCEEDED : EXPL_ATTEMPTED;
}

static void event_open(struct work *w, struct event *ev, const struct hit *h)
{
    *ev = (struct event){ .h = h, .last = &h->last, .last_us = time_max(h->first_us, h->last_us), .count = h->count ? h->count : 1,
                          .bytes = h->response_bytes, .max_bytes = h->response_max, .door = NONE, .next_on_door = NONE, .tied = NONE,
                          .parent = (uint32_t)(ev - w->event), .intruder = NONE, .session = NONE };
    ev->client       = client_of(w, h);
    ev->shared       = ev->client.n && map_get(&w->shared, ev->client) != MAP_NONE;
    ev->local_target = h->target_host.n && target_is_local(h);
    ev->outcome      = outcome_of(w, h);
}

/* Contract, count: repeats of one statement, with less than HIT_GAP between neighbours. Undated ones: within one file. */
static bool event_takes(const struct event *ev, const struct hit *h)
{
    if (cmp_statement(ev->h, h) != 0)
        return false;
    if (ev->h->first_us == TIME_NONE || h->first_us == TIME_NONE)
        return ev->h->first_us == h->first_us && ev->h->first.node == h->first.node;
    return h->first_us - HIT_GAP < ev->last_us;
}

static bool fold_hits(struct work *w)
{
    size_t    n     = w->d->hit_n;
    uint32_t *order = NEW(w->a, uint32_t, n);

    w->event    = NEW(w->a, struct event, n);
    w->event_of = NEW(w->a, uint32_t, n);
    if (!order || !w->event || !w->event_of)
        return work_full(w);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    sort_u32(order, n, cmp_hit, w);
    for (size_t i = 0; i < n; i++) {
        const struct hit *h  = &w->d->hit[order[i]];
        struct event     *ev = w->event_n ? &w->event[w->event_n - 1] : NULL;

        if (ev && event_takes(ev, h)) {
            if (time_cmp(h->last_us, ev->last_us) >= 0 || ev->last_us == TIME_NONE) {
                ev->last    = &h->last;
                ev->last_us = time_max(ev->last_us, h->last_us);
            }
            ev->count = num_add_sat(ev->count, h->count ? h->count : 1);
            ev->bytes = num_add_sat(ev->bytes, h->response_bytes);
            if (h->response_max > ev->max_bytes)
                ev->max_bytes = h->response_max;
        } else {
            ev = &w->event[w->event_n++];
            event_open(w, ev, h);
        }
        w->event_of[order[i]] = (uint32_t)(ev - w->event);
    }
    return true;
}

static int cmp_fact_statement(const struct file_fact *x, const struct file_fact *y)
{
    int c;

    if ((c = cmp_u64(x->kind, y->kind)) || (c = str_cmp(x->detector, y->detector)) || (c = str_icmp(x->path, y->path)) ||
        (c = str_cmp(x->url, y->url)) || (c = str_cmp(x->title, y->title)) || (c = str_cmp(x->name, y->name)) ||
        (c = str_cmp(x->what, y->what)) || (c = str_cmp(x->hash_hex, y->hash_hex)) || (c = str_cmp(x->why, y->why)) ||
        (c = cmp_u64(x->state, y->state)) || (c = cmp_u64(x->severity, y->severity)) || (c = str_cmp(x->key, y->key)) ||
        (c = cmp_u64(x->reachable, y->reachable)) || (c = time_cmp(x->created_us, y->created_us)) ||
        (c = time_cmp(x->removed_us, y->removed_us)) || (c = cmp_u64(x->bytes, y->bytes)))
        return c;
    return time_cmp(x->time_us, y->time_us);
}

static int cmp_fact(const void *ctx, uint32_t i, uint32_t j)
{
    const struct work *w = ctx;
    const struct file_fact *x = &w->d->fact[i], *y = &w->d->fact[j];
    int c = cmp_fact_statement(x, y);

    if (c || (c = cmp_cite(w, &x->cite, &y->cite)))
        return c;
    return x->confidence < y->confidence ? -1 : x->confidence > y->confidence;
}

static bool fold_facts(struct work *w)
{
    size_t    n     = w->d->fact_n;
    uint32_t *order = NEW(w->a, uint32_t, n);

    w->thing = NEW(w->a, struct thing, n);
    if (!order || !w->thing)
        return work_full(w);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    sort_u32(order, n, cmp_fact, w);
    for (size_t i = 0; i < n; i++) {
        const struct file_fact *f = &w->d->fact[order[i]];
        struct thing           *t = w->thing_n ? &w->thing[w->thing_n - 1] : NULL;

        if (t && cmp_fact_statement(t->f, f) == 0) {
            t->count++;
            t->last = &f->cite;
        } else {
            w->thing[w->thing_n++] = (struct thing){ .f = f, .last = &f->cite, .count = 1, .door = NONE, .way = NONE };
        }
    }
    return true;
}

struct place { const struct cite *cite; int64_t time_us; };

static struct place place_of(const struct work *w, uint32_t i)
{
    if (i < w->event_n)
        return (struct place){ &w->event[i].h->first, w->event[i].h->first_us };
    const struct file_fact *f = w->thing[i - w->event_n].f;
    return (struct place){ &f->cite, f->time_us };
}

/* Time (undated last), path, place; then the order of content, which the indices already have. */
static int cmp_rank(const void *ctx, uint32_t i, uint32_t j)
{
    const struct work *w = ctx;
    struct place x = place_of(w, i), y = place_of(w, j);
    int c;

    if ((c = time_cmp(x.time_us, y.time_us)) || (c = str_icmp(path_of(w, x.cite), path_of(w, y.cite))) ||
        (c = cmp_u64(x.cite->line, y.cite->line)) || (c = cmp_u64(x.cite->offset, y.cite->offset)))
        return c;
    return i < j ? -1 : i > j;
}

bool events_make(struct work *w)
{
    if (!shared_make(w) || !fold_hits(w) || !fold_facts(w))
        return false;
    size_t    n     = w->event_n + w->thing_n;
    uint32_t *order = NEW(w->a, uint32_t, n);
    if (!order)
        return work_full(w);
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    sort_u32(order, n, cmp_rank, w);
    for (size_t i = 0; i < n; i++)
        if (order[i] < w->event_n)
            w->event[order[i]].rank = (uint32_t)i;
        else
            w->thing[order[i] - w->event_n].rank = (uint32_t)i;
    return true;
}
