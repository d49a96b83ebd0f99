/*
 * uses: of each back door, whether it was used, by whom, when it came and when it went.
 * Contract, requests, used, no_evidence_available, unknown, removed.
 */
#include "base/winpath.h"
#include "verdict/work.h"

/*
 * Several rules may speak of one line. Lines of one kind (client, status, method, active) are counted once: the rule that saw most of them
 * counts, and a request to a page that the files taught us is seen whole by one rule.
 */
static int cmp_kind(const struct event *x, const struct event *y)
{
    int c;

    if ((c = str_cmp(x->h->client, y->h->client)) || (c = str_cmp(x->h->method, y->h->method)))
        return c;
    if (x->h->status != y->h->status)
        return x->h->status < y->h->status ? -1 : 1;
    return (int)x->h->active - (int)y->h->active;
}

static int cmp_use(const void *ctx, uint32_t i, uint32_t j)
{
    const struct event *x = &((const struct work *)ctx)->event[i], *y = &((const struct work *)ctx)->event[j];
    int c = cmp_kind(x, y);

    if (c)
        return c;
    if (x->h->rule != y->h->rule)
        return x->h->rule < y->h->rule ? -1 : 1;
    return i < j ? -1 : i > j;
}

static bool counts(const struct work *w, const struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    return ev->h->family == FAM_IIS_FRONT && !(rule && rule->correlation);
}

static bool count_requests(struct work *w, const struct page *p, struct back_door *b)
{
    size_t n = 0, cap = 0;
    uint32_t *v = NULL;

    for (uint32_t k = p->first_event; k != NONE; k = w->event[k].next_on_door) {
        if (!counts(w, &w->event[k]))
            continue;
        if (!GROW(w->a, v, n, &cap))
            return work_full(w);
        v[n++] = k;
    }
    sort_u32(v, n, cmp_use, w);
    for (size_t i = 0; i < n;) {
        const struct event *head = &w->event[v[i]];
        uint64_t best = 0;

        while (i < n && cmp_kind(head, &w->event[v[i]]) == 0) {
            uint32_t rule = w->event[v[i]].h->rule;
            uint64_t sum  = 0;
            for (; i < n && w->event[v[i]].h->rule == rule && cmp_kind(head, &w->event[v[i]]) == 0; i++) {
                const struct event *ev = &w->event[v[i]];
                sum = num_add_sat(sum, ev->count);
                if (!is_2xx(ev->h))
                    continue;
                b->use.first_us = time_min(b->use.first_us, ev->h->first_us);
                b->use.last_us  = time_max(b->use.last_us, ev->last_us);
                if (ev->h->active)
                    b->use.state = USED_USED;
            }
            if (sum > best)
                best = sum;
        }
        /* Contract, requests: 2xx; 5xx count in errors; 3xx and 4xx never. Clients: addresses of those lines. */
        bool ok = is_2xx(head->h), failed = head->h->status >= 500 && head->h->status < 600;
        if (ok)
            b->use.requests = num_add_sat(b->use.requests, best);
        if (failed)
            b->use.errors = num_add_sat(b->use.errors, best);
        if (ok && !strs_show(w, &b->use.clients, head->h->client))
            return false;
    }
    b->use.reached = b->use.requests > 0;
    strs_finish(&b->use.clients);
    return true;
}

/* Served before, 302 or 404 after the last time it answered: gone since then. TIME_NONE: the logs do not show that. */
static int64_t gone_since(const struct work *w, const struct page *p)
{
    int64_t alive = TIME_NONE, gone = TIME_NONE;

    for (uint32_t k = p->first_event; k != NONE; k = w->event[k].next_on_door) {
        const struct hit *h = w->event[k].h;
        if (is_2xx(h) || (h->status >= 500 && h->status < 600))
            alive = time_max(alive, w->event[k].last_us);
    }
    if (alive == TIME_NONE)
        return TIME_NONE;
    for (uint32_t k = p->first_event; k != NONE; k = w->event[k].next_on_door) {
        const struct event *ev = &w->event[k];
        if ((ev->h->status != 302 && ev->h->status != 404) || ev->last_us == TIME_NONE || ev->last_us <= alive)
            continue;
        /* A fold may have begun before: then only its end is known to be after. */
        gone = time_min(gone, ev->h->first_us > alive ? ev->h->first_us : ev->last_us);
    }
    return gone;
}

/* Contract, unknown and removed. What a file says of itself goes before what logs say. */
static void settle_state(const struct work *w, const struct page *p, struct back_door *b)
{
    int64_t gone = gone_since(w, p);
    const struct ev *ev = w->d->ev;

    if (p->present)
        b->state = THING_PRESENT;
    else if (p->removed)
        b->state = THING_REMOVED;
    else if (ev && p->path.n && ev_find(ev, p->path))
        b->state = THING_PRESENT;
    else if ((ev && p->path.n && ev_has_pages_of(ev, winpath_dir(p->path))) || gone != TIME_NONE)
        b->state = THING_REMOVED;
    else
        b->state = THING_UNKNOWN;
    b->created_us = p->created_us;
    b->removed_us = b->state != THING_REMOVED ? TIME_NONE : p->removed_us != TIME_NONE ? p->removed_us : gone;
    b->reachable  = b->state == THING_REMOVED ? REACH_NO : p->reachable;
}

/* Contract, used: "or a child process tied to it": however the request looked. */
static void use_by_acts(struct work *w)
{
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        uint32_t door = event_is_act(w, ev) ? door_of(w, ev) : NONE;
        if (door == NONE)
            continue;
        struct back_door *b = &w->r->back_door[door];
        b->use.state    = USED_USED;
        b->use.reached  = true;
        b->use.first_us = time_min(b->use.first_us, ev->h->first_us);
        b->use.last_us  = time_max(b->use.last_us, ev->last_us);
    }
}

bool pages_use(struct work *w)
{
    const struct campaign *c = &w->r->campaign;

    for (size_t i = 0; i < w->r->back_door_n; i++) {
        struct back_door *b = &w->r->back_door[i];
        const struct page *p = &w->page[w->door_page[i]];

        *b = (struct back_door){ .path = p->path, .url = p->url, .kind = or_text(p->kind, "unknown"), .key = p->key, .sha256 = p->sha256,
                                 .intruder = NONE, .use = { .state = USED_NO_EVIDENCE, .first_us = TIME_NONE, .last_us = TIME_NONE } };
        if (!shown(w, p->path, &b->path) || !shown(w, p->url, &b->url) || !shown(w, b->kind, &b->kind) || !shown(w, p->key, &b->key))
            return false;
        settle_state(w, p, b);
        if (!count_requests(w, p, b))
            return false;
        if (b->use.state == USED_USED)
            continue;
        /* Contract, no_evidence_available: the IIS logs must cover the time in which the page existed, without a hole. */
        int64_t from = b->created_us != TIME_NONE ? b->created_us : c->window_from_us;
        int64_t to   = b->removed_us != TIME_NONE ? b->removed_us : w->d->newest_us;
        if (cover_interval(w, FAM_IIS_FRONT, from, to) == COVERED_FULL)
            b->use.state = USED_NOT_SEEN;
    }
    use_by_acts(w);
    return true;
}
