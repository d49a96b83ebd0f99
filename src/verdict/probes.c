/*
 * probes: who only looked. They are shown apart and accuse nobody; forged requests stay attempts all the same.
 * Source: evidence sheet, 3.1 (localhost probes), 7.2 (lists of shell names asked within seconds, all 302 or 404), 4.1 rule D, 12.
 */
#include "verdict/work.h"

enum { SEVERAL = 3 };     /* different names that an address asked in vain */

struct looker { uint32_t vain, answered, forged, local; struct str last; };

static bool vain(const struct hit *h) { return h->status >= 300 && h->status < 500; }

static bool is_page_sign(const struct event *ev) { return ev->h->sign == SIGN_PAGE || ev->h->sign == SIGN_PROBE; }

/* Events of one client and url are neighbours in the order of content, so comparing with the last url counts different ones. */
static void look(struct looker *k, const struct event *ev)
{
    if (ev->outcome != EXPL_NONE_SEEN && ev->h->sign == SIGN_SUPPORT) {
        return;                            /* the front end's view of a request that HttpProxy tells better */
    } else if (ev->outcome != EXPL_NONE_SEEN) {
        k->forged++;
        k->local += ev->local_target && ev->outcome == EXPL_ATTEMPTED;
    } else if (is_page_sign(ev) && vain(ev->h)) {
        /* detect folds an address that asks very many names: then its url is empty. */
        k->vain += !ev->h->url.n ? SEVERAL : !str_eq(k->last, ev->h->url);
        k->last = ev->h->url;
    } else if (is_page_sign(ev) && !vain(ev->h)) {
        k->answered++;
    }
}

static bool mark_loot(struct work *w)
{
    struct map staged = { .fold = true };

    for (size_t i = 0; i < w->thing_n; i++)
        if (w->thing[i].f->kind == FILE_FACT_LOOT && w->thing[i].f->url.n && !map_put(&staged, w->a, w->thing[i].f->url, 1))
            return work_full(w);
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        ev->fetched = is_2xx(ev->h) && ev->outcome == EXPL_NONE_SEEN && ev->h->family == FAM_IIS_FRONT && map_get(&staged, ev->h->url) != MAP_NONE;
    }
    return true;
}

bool probes_mark(struct work *w)
{
    struct map     client = { 0 };
    struct looker *list = NULL;
    size_t         n = 0, cap = 0;

    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        if (!ev->h->client.n)
            continue;
        uint32_t at = map_get(&client, ev->h->client);
        if (at == MAP_NONE) {
            if (!GROW(w->a, list, n, &cap) || !map_put(&client, w->a, ev->h->client, (uint32_t)n))
                return work_full(w);
            at         = (uint32_t)n;
            list[n++] = (struct looker){ 0 };
        }
        look(&list[at], ev);
    }
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        const struct looker *k = ev->h->client.n ? &list[map_get(&client, ev->h->client)] : NULL;

        ev->probe = ev->h->sign == SIGN_ADMIN || ev->h->sign == SIGN_COEXIST || ev->h->sign == SIGN_PROBE;
        if (k && is_page_sign(ev) && vain(ev->h))
            ev->probe |= k->vain >= SEVERAL && !k->answered && !ev->shared;
        if (k && ev->outcome == EXPL_ATTEMPTED)
            ev->probe |= k->forged && k->forged == k->local;
    }
    return mark_loot(w);
}
