/*
 * sessions: visits. A session ends after one hour of silence (contract, session); intruders' visits and failed ones alike.
 */
#include "verdict/work.h"

/* What belongs to a visit of somebody who got in, though it proves nothing by itself: an intruder's own address, unless shared. */
static bool follow(struct work *w)
{
    struct map client = { 0 };

    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (ev->intruder != NONE && ev->client.n && !ev->shared && !map_put(&client, w->a, ev->client, ev->intruder))
            return work_full(w);
    }
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        bool mine = ev->h->sign == SIGN_SUPPORT || ev->h->sign == SIGN_PAGE || ev->h->sign == SIGN_PROBE || ev->h->sign == SIGN_LOOT;
        if (ev->intruder != NONE || !mine || !ev->client.n || ev->shared)
            continue;
        uint32_t who = map_get(&client, ev->client);
        if (who != MAP_NONE)
            ev->intruder = who;
    }
    return true;
}

/* Visits of those who did not get in: attempts and looks at a back door, kept together by address, shared or not. */
static bool is_visit(const struct event *ev)
{
    return ev->h->first_us != TIME_NONE && (ev->intruder != NONE || ev->outcome != EXPL_NONE_SEEN || ev->door != NONE);
}

static bool join_failed(struct work *w)
{
    struct map client = { 0 };

    for (uint32_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (!is_visit(ev) || ev->intruder != NONE || !ev->client.n)
            continue;
        uint32_t other = map_get(&client, ev->client);
        if (other != MAP_NONE)
            group_join(w, other, i);
        else if (!map_put(&client, w->a, ev->client, i))
            return work_full(w);
    }
    return true;
}

static uint32_t owner_of(struct work *w, uint32_t i)
{
    return w->event[i].intruder != NONE ? w->event[i].intruder : group_of(w, i);
}

static int cmp_visit(const void *ctx, uint32_t i, uint32_t j)
{
    /* Groups do not change any more; following them only shortens chains. */
    struct work *w = (struct work *)(uintptr_t)ctx;
    const struct event *x = &w->event[i], *y = &w->event[j];
    uint32_t a, b;
    int c;

    if ((x->intruder == NONE) != (y->intruder == NONE))
        return x->intruder == NONE ? 1 : -1;
    a = owner_of(w, i);
    b = owner_of(w, j);
    if (a != b)
        return a < b ? -1 : 1;
    c = time_cmp(x->h->first_us, y->h->first_us);
    return c ? c : i < j ? -1 : i > j;
}

static int cmp_session(const void *ctx, uint32_t i, uint32_t j)
{
    const struct session *x = &((const struct session *)ctx)[i], *y = &((const struct session *)ctx)[j];
    int c = time_cmp(x->first_us, y->first_us);

    if (c || (c = time_cmp(x->last_us, y->last_us)))
        return c;
    return i < j ? -1 : i > j;
}

static int cmp_session_weight(const void *ctx, uint32_t i, uint32_t j)
{
    const struct session *x = &((const struct session *)ctx)[i], *y = &((const struct session *)ctx)[j];

    if ((x->intruder == NONE) != (y->intruder == NONE))
        return x->intruder == NONE ? 1 : -1;
    if (x->succeeded != y->succeeded)
        return x->succeeded ? -1 : 1;
    return cmp_session(ctx, i, j);
}

static bool session_take(struct work *w, struct session *s, struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);

    s->last_us = time_max(s->last_us, ev->last_us);
    s->succeeded |= event_got_in(w, ev);
    if (!ids_push(w, &s->findings, ev->rank) || !strs_show(w, &s->clients, ev->client))
        return false;
    for (size_t i = 0; rule && ev->outcome != EXPL_NONE_SEEN && i < rule->cve_n && i < COUNT_OF(rule->cve); i++)
        if (!strs_push(w, &s->cve, rule->cve[i]))
            return false;
    return true;
}

static bool order_sessions(struct work *w, struct session *list, size_t n)
{
    struct report *r = w->r;
    uint32_t *order = NEW(w->a, uint32_t, n), *place = NEW(w->a, uint32_t, n);

    if (!order || !place)
        return work_full(w);
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
        place[i] = NONE;
    }
    r->session_n = n;
    if (n > CAP_SESSIONS) {
        sort_u32(order, n, cmp_session_weight, list);
        r->omitted.sessions = n - CAP_SESSIONS;
        r->session_n        = CAP_SESSIONS;
    }
    sort_u32(order, r->session_n, cmp_session, list);
    r->session = NEW(w->a, struct session, r->session_n);
    if (!r->session)
        return work_full(w);
    for (size_t i = 0; i < r->session_n; i++) {
        r->session[i]   = list[order[i]];
        place[order[i]] = (uint32_t)i;
    }
    for (size_t i = 0; i < w->event_n; i++)
        if (w->event[i].session != NONE)
            w->event[i].session = place[w->event[i].session];
    return true;
}

bool sessions_make(struct work *w)
{
    uint32_t *v = NEW(w->a, uint32_t, w->event_n);
    size_t    n = 0, list_n = 0, cap = 0;
    struct session *list = NULL;

    if (!v)
        return work_full(w);
    if (!follow(w) || !join_failed(w))
        return false;
    for (uint32_t i = 0; i < w->event_n; i++)
        if (is_visit(&w->event[i]))
            v[n++] = i;
    sort_u32(v, n, cmp_visit, w);
    for (size_t i = 0; i < n; i++) {
        struct event   *ev = &w->event[v[i]];
        struct session *s  = list_n ? &list[list_n - 1] : NULL;
        bool same = s && w->event[v[i - 1]].intruder == ev->intruder && owner_of(w, v[i - 1]) == owner_of(w, v[i]);

        if (!same || ev->h->first_us - s->last_us >= TIME_HOUR) {
            if (!GROW(w->a, list, list_n, &cap))
                return work_full(w);
            s  = &list[list_n++];
            *s = (struct session){ .intruder = ev->intruder, .first_us = ev->h->first_us, .last_us = ev->last_us };
        }
        ev->session = (uint32_t)(list_n - 1);
        if (!session_take(w, s, ev))
            return false;
    }
    for (size_t i = 0; i < list_n; i++) {
        ids_finish(&list[i].findings);
        strs_finish(&list[i].clients);
        strs_finish(&list[i].cve);
    }
    return order_sessions(w, list, list_n);
}
