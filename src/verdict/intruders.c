/*
 * intruders: who got in, and which requests belong to the same hands. Contract, intruders.
 *
 * Joined by   canary · request id · client address, unless shared · the same back door placed or used (reaching never joins) ·
 *             hand-over: within 10 minutes the same user agent and request stem go on, from wherever ·
 *             an act that the server's event logs tell, with the request it came from (host.c) ·
 *             a row that names no client (ECP server, back end): the forged request to the same path at the same time.
 * Never by    published keys, user agents alone, a shared address alone.
 */
#include "verdict/work.h"

#define HANDOVER_MAX (10 * TIME_MINUTE)
/* A guess, wide enough for clocks of one machine and slow answers: the log stamps are ends of requests. */
#define SAME_TIME_MAX (2 * TIME_MINUTE)

uint32_t group_of(struct work *w, uint32_t i)
{
    while (w->event[i].parent != i) {
        w->event[i].parent = w->event[w->event[i].parent].parent;
        i = w->event[i].parent;
    }
    return i;
}

/* The smaller index leads, so the result does not depend on the order of joins. */
void group_join(struct work *w, uint32_t x, uint32_t y)
{
    w->event[x].joined = w->event[y].joined = true;
    x = group_of(w, x);
    y = group_of(w, y);
    if (x < y)
        w->event[y].parent = x;
    else
        w->event[x].parent = y;
}

static bool took_loot(const struct event *ev) { return ev->h->sign == SIGN_LOOT && is_2xx(ev->h) && ev->fetched; }

bool event_got_in(const struct work *w, const struct event *ev)
{
    return ev->outcome == EXPL_SUCCEEDED || event_uses(ev) || took_loot(ev) || (ev->tied != NONE && event_is_act(w, ev));
}

/* What may belong to a visit by itself. Probes of pages, supports and edits of administrators may only follow (sessions.c). */
static bool is_core(const struct event *ev)
{
    return ev->outcome != EXPL_NONE_SEEN || ev->door != NONE || ev->h->sign == SIGN_PIVOT || took_loot(ev) || ev->tied != NONE;
}

static bool join_by(struct work *w, struct map *m, struct str key, uint32_t i)
{
    uint32_t other = key.n ? map_get(m, key) : MAP_NONE;

    if (!key.n)
        return true;
    if (other == MAP_NONE)
        return map_put(m, w->a, key, i) || work_full(w);
    group_join(w, other, i);
    return true;
}

static bool join_names(struct work *w)
{
    struct map canary = { 0 }, client = { 0 }, request = { .fold = true };

    for (uint32_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (!is_core(ev))
            continue;
        if (!join_by(w, &canary, ev->h->canary, i) || (!ev->shared && !join_by(w, &client, ev->client, i)))
            return false;
    }
    /* Folding keeps one request id of many; the hits have them all. */
    for (size_t i = 0; i < w->d->hit_n; i++)
        if (is_core(&w->event[w->event_of[i]]) && !join_by(w, &request, w->d->hit[i].request_id, w->event_of[i]))
            return false;
    return true;
}

/* Who placed a page: the write that names it, else the write to a file nearest to its creation. Contract: "placed or used". */
static bool find_placing(struct work *w)
{
    uint32_t *write = NEW(w->a, uint32_t, w->event_n);
    size_t    n     = 0;

    if (!write)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++)
        if (w->event[i].outcome == EXPL_SUCCEEDED && (w->event[i].h->sign == SIGN_RESET || w->event[i].h->sign == SIGN_OAB_DOWNLOAD))
            write[n++] = i;
    for (size_t d = 0; d < w->r->back_door_n; d++) {
        struct page *p = &w->page[w->door_page[d]];
        int64_t best = SAME_TIME_MAX + 1;

        for (size_t k = 0; k < n; k++) {
            const struct event *ev = &w->event[write[k]];
            bool named = ev->h->sign == SIGN_OAB_DOWNLOAD;
            if (named && !(p->path.n && str_ieq(ev->h->path, p->path)))
                continue;
            int64_t d_us = named ? -1 : time_apart(ev, p->placed_us);
            if (d_us < best) {
                best         = d_us;
                p->placed_by = write[k];
            }
        }
    }
    return true;
}

static void join_doors(struct work *w)
{
    for (size_t d = 0; d < w->r->back_door_n; d++) {
        const struct page *p = &w->page[w->door_page[d]];
        uint32_t first = p->placed_by;

        for (uint32_t i = p->first_event; i != NONE; i = w->event[i].next_on_door) {
            if (!event_uses(&w->event[i]))
                continue;
            if (first == NONE)
                first = i;
            else
                group_join(w, first, i);
        }
    }
}

static int cmp_stem(const void *ctx, uint32_t i, uint32_t j)
{
    const struct event *x = &((const struct work *)ctx)->event[i], *y = &((const struct work *)ctx)->event[j];
    int c;

    if ((c = str_cmp(x->h->user_agent, y->h->user_agent)) || (c = str_cmp(x->h->url, y->h->url)) || (c = time_cmp(x->h->first_us, y->h->first_us)))
        return c;
    return i < j ? -1 : i > j;
}

/* Reaching, failing and probing never join; a pivot's requests are already those of one address. */
static bool hands_over(const struct event *ev)
{
    return (ev->outcome != EXPL_NONE_SEEN ? !ev->probe : event_uses(ev) || took_loot(ev)) && ev->client.n && ev->h->user_agent.n && ev->h->url.n &&
           ev->h->first_us != TIME_NONE;
}

/* Behind one shared address two canaries are two hands: nothing else tells them apart. */
static bool two_hands(const struct event *x, const struct event *y)
{
    return x->shared && y->shared && str_eq(x->client, y->client) && x->h->canary.n && y->h->canary.n && !str_eq(x->h->canary, y->h->canary);
}

static bool join_handover(struct work *w)
{
    uint32_t *v = NEW(w->a, uint32_t, w->event_n);
    size_t    n = 0;

    if (!v)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++)
        if (hands_over(&w->event[i]))
            v[n++] = i;
    sort_u32(v, n, cmp_stem, w);
    for (size_t i = 1, late = 0; i < n; i++) {
        const struct event *x = &w->event[v[late]], *y = &w->event[v[i]];
        bool same = str_eq(x->h->user_agent, y->h->user_agent) && str_eq(x->h->url, y->h->url);

        if (same && y->h->first_us <= x->last_us + HANDOVER_MAX && !two_hands(x, y))
            group_join(w, v[late], v[i]);
        if (!same || y->last_us > x->last_us)
            late = i;
    }
    return true;
}

static bool same_place(struct str path, struct str url) { return url.n && path.n && str_istarts(path, url); }

/* The front end passes the user agent on and hands the back end's status out: with both equal and the same seconds it is one request. */
#define ECHO_MAX (5 * TIME_SECOND)

static bool echoes(const struct event *front, const struct event *back, int64_t d_us)
{
    return back->h->family == FAM_IIS_BACK && front->h->family == FAM_IIS_FRONT && d_us <= ECHO_MAX && back->h->status && front->h->status == back->h->status &&
           back->h->user_agent.n && str_eq(front->h->user_agent, back->h->user_agent);
}

static int64_t cost_of_place(const struct event *o, const struct event *ev)
{
    int64_t d_us = time_apart(o, ev->h->first_us);
    /* HttpProxy's row of a request that worked says so too: a failed one of somebody else at that time is not it. */
    bool place = o->outcome >= ev->outcome && (same_place(o->h->target_path, ev->h->url) || same_place(o->h->target_path, ev->h->target_path));

    return place || echoes(o, ev, d_us) ? d_us : INT64_MAX;
}

static bool names_client(const struct event *ev) { return ev->outcome != EXPL_NONE_SEEN && ev->client.n; }

/* Contract, session: "path and time". The back end and ECP log the same request without its client. */
static bool join_places(struct work *w)
{
    struct ends ends;

    if (!ends_make(w, names_client, &ends))
        return false;
    for (uint32_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->outcome == EXPL_NONE_SEEN || ev->client.n || ev->joined || ev->h->first_us == TIME_NONE)
            continue;
        uint32_t other = ends_nearest(w, &ends, ev, cost_of_place, SAME_TIME_MAX);
        if (other != NONE)
            group_join(w, other, i);
    }
    return true;
}

static int cmp_first(const void *ctx, uint32_t i, uint32_t j)
{
    const struct work *w = ctx;
    int c = time_cmp(w->event[i].h->first_us, w->event[j].h->first_us);
    return c ? c : i < j ? -1 : i > j;
}

/*
 * Rows that still stand alone, name neither client nor canary, and follow each other within minutes (a back end's log without HttpProxy, an
 * ECP log alone): one visit, "path and time". A guess, so only among themselves.
 */
static bool join_nameless(struct work *w)
{
    uint32_t *v = NEW(w->a, uint32_t, w->event_n);
    size_t    n = 0;
    int64_t   late = TIME_NONE;

    if (!v)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->outcome != EXPL_NONE_SEEN && !ev->client.n && !ev->h->canary.n && !ev->joined && ev->h->first_us != TIME_NONE)
            v[n++] = i;
    }
    sort_u32(v, n, cmp_first, w);
    for (size_t i = 0; i < n; i++) {
        const struct event *ev = &w->event[v[i]];
        if (i && ev->h->first_us <= late + HANDOVER_MAX)
            group_join(w, v[i - 1], v[i]);
        late = i ? time_max(late, ev->last_us) : ev->last_us;
    }
    return true;
}

static int cmp_group(const void *ctx, uint32_t i, uint32_t j)
{
    const struct intruder *x = &((const struct report *)ctx)->intruder[i], *y = &((const struct report *)ctx)->intruder[j];
    int c = time_cmp(x->first_us, y->first_us);

    return c ? c : i < j ? -1 : i > j;
}

struct joins { bool canary, door, shared; };

/* An address that somebody published in 2021 supports what the records prove; it accuses nobody, so it is only told of intruders. */
static void published_clients(struct work *w, struct text *t, struct str_list clients)
{
    const struct pack *p = w->d->pack;

    for (size_t i = 0; i < clients.n; i++)
        listed_client(w, t, clients.item[i]);
    for (size_t i = 0; i < clients.n; i++)
        for (size_t k = 0; p && k < p->ioc_n; k++)
            if (p->ioc[k].kind == IOC_IP && str_eq(p->ioc[k].value, clients.item[i])) {
                text_c(t, " ");
                text_clean(t, clients.item[i], 64);
                text_c(t, " was published (");
                text_clean(t, p->ioc[k].source, 200);
                text_c(t, "); addresses change hands, so this proves nothing alone.");
                break;
            }
}

static bool describe(struct work *w, struct intruder *in, struct joins by)
{
    struct text t = { .a = w->a };

    text_c(&t, "Joined by ");
    text_c(&t, by.canary ? "the canary of its session" : by.door ? "the back doors it placed or used" : "its requests");
    if (by.canary && by.door)
        text_c(&t, ", the back doors it placed or used");
    if (in->clients.n > 1)
        text_c(&t, ", its client addresses and what one handed over to the next");
    else if (in->clients.n == 1 && !by.shared)
        text_c(&t, ", its client address");
    text_c(&t, by.shared ? "; an address that others use as well joined nothing by itself." : ".");
    published_clients(w, &t, in->clients);
    in->why = text_done(&t);
    return !t.bad || work_full(w);
}

static bool take_event(struct work *w, struct intruder *in, struct joins *by, const struct event *ev)
{
    bool uses = event_uses(ev);

    in->last_us = time_max(in->last_us, ev->last_us);
    by->canary |= ev->h->canary.n > 0;
    by->door   |= uses;
    by->shared |= ev->shared;
    return strs_show(w, &in->clients, ev->client) && strs_show(w, &in->user_agents, ev->h->user_agent) && strs_show(w, &in->keys, ev->h->key) &&
           (!uses || strs_show(w, &in->keys, w->page[w->door_page[ev->door]].key));
}

static bool fill_intruders(struct work *w)
{
    struct report *r  = w->r;
    struct joins  *by = NEW(w->a, struct joins, r->intruder_n);

    if (!by)
        return work_full(w);
    for (uint32_t i = 0; i < r->intruder_n; i++)
        r->intruder[i].first_us = r->intruder[i].last_us = TIME_NONE;
    for (uint32_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->intruder == NONE)
            continue;
        struct intruder *in = &r->intruder[ev->intruder];
        in->first_us = time_min(in->first_us, ev->h->first_us);
        if (!take_event(w, in, &by[ev->intruder], ev))
            return false;
    }
    for (size_t d = 0; d < r->back_door_n; d++) {
        const struct page *p = &w->page[w->door_page[d]];
        uint32_t who = p->placed_by != NONE ? w->event[p->placed_by].intruder : NONE;
        if (who == NONE)
            continue;
        by[who].door = true;
        if (!strs_show(w, &r->intruder[who].keys, p->key))
            return false;
    }
    for (uint32_t i = 0; i < r->intruder_n; i++) {
        struct intruder *in = &r->intruder[i];
        strs_finish(&in->clients);
        strs_finish(&in->user_agents);
        strs_finish(&in->keys);
        if (!describe(w, in, by[i]))
            return false;
    }
    return true;
}

/* Contract, intruders: only those who got in. Numbered by their first request. */
static bool number(struct work *w)
{
    struct report *r = w->r;
    uint32_t *id = NEW(w->a, uint32_t, w->event_n), *order;
    bool     *in = NEW(w->a, bool, w->event_n);

    if (!id || !in)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++)
        if (is_core(&w->event[i]) && event_got_in(w, &w->event[i]))
            in[group_of(w, i)] = true;
    for (uint32_t i = 0; i < w->event_n; i++)
        if (in[i])
            id[i] = (uint32_t)r->intruder_n++;
    r->intruder = NEW(w->a, struct intruder, r->intruder_n);
    order       = NEW(w->a, uint32_t, r->intruder_n * 2);
    if (!r->intruder || !order)
        return work_full(w);
    for (uint32_t i = 0; i < r->intruder_n; i++) {
        order[i] = i;
        r->intruder[i].first_us = TIME_NONE;
    }
    for (uint32_t i = 0; i < w->event_n; i++)
        if (is_core(&w->event[i]) && in[group_of(w, i)]) {
            struct intruder *g = &r->intruder[id[group_of(w, i)]];
            g->first_us = time_min(g->first_us, w->event[i].h->first_us);
        }
    sort_u32(order, r->intruder_n, cmp_group, r);
    uint32_t *place = order + r->intruder_n;
    for (uint32_t i = 0; i < r->intruder_n; i++)
        place[order[i]] = i;
    for (uint32_t i = 0; i < w->event_n; i++)
        if (is_core(&w->event[i]) && in[group_of(w, i)])
            w->event[i].intruder = place[id[group_of(w, i)]];
    return true;
}

/*
 * A page that only the logs show has no time of creation. Its maker's own write, at most an hour before the page first answered that maker,
 * is the placing: contract, re_entered ("the one that placed it"). It joins nobody; both already are one.
 */
static void place_by_first_answer(struct work *w)
{
    for (size_t d = 0; d < w->r->back_door_n; d++) {
        struct page *p = &w->page[w->door_page[d]];
        const struct event *first = NULL;

        for (uint32_t i = p->placed_by == NONE && p->placed_us == TIME_NONE ? p->first_event : NONE; i != NONE; i = w->event[i].next_on_door) {
            const struct event *ev = &w->event[i];
            bool answered = is_2xx(ev->h) || (ev->h->status >= 500 && ev->h->status < 600);
            if (answered && ev->h->first_us != TIME_NONE && (!first || ev->h->first_us < first->h->first_us))
                first = ev;
        }
        for (uint32_t i = 0; first && first->intruder != NONE && i < w->event_n; i++) {
            const struct event *ev = &w->event[i];
            bool writes = ev->outcome == EXPL_SUCCEEDED && ev->h->sign == SIGN_RESET && ev->intruder == first->intruder && ev->h->first_us != TIME_NONE;
            if (writes && ev->h->first_us <= first->h->first_us && first->h->first_us - ev->h->first_us <= TIME_HOUR &&
                (p->placed_by == NONE || ev->h->first_us > w->event[p->placed_by].h->first_us))
                p->placed_by = i;
        }
    }
}

bool intruders_find(struct work *w)
{
    if (!find_placing(w) || !join_names(w) || !join_handover(w))
        return false;
    join_doors(w);
    host_join(w);
    if (!join_places(w) || !join_nameless(w) || !number(w))
        return false;
    place_by_first_answer(w);
    return fill_intruders(w);
}
