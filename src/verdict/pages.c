/*
 * pages: which pages are back doors, what state they are in, and whether they were used.
 *
 * Contract, back_doors: proven by decisive shape, indicator or analyser (FILE_FACT_PAGE), by an antivirus log, by a leftover whose detector
 * is sure, or, for an unknown script in a clean tree, by use of an intruder. Unknown alone stays a review finding.
 */
#include "base/winpath.h"
#include "detect/filetimes.h"
#include "verdict/work.h"

static struct str url_name(struct str url)
{
    size_t slash = str_rchr(url, '/');
    return slash == STR_NONE ? url : str_from(url, slash + 1);
}

/* Is "/owa/auth/logon.aspx" one of the product's own pages ("owa\auth\logon.aspx" in the pack)? */
static bool is_clean(const struct pack *p, struct str url)
{
    for (size_t i = 0; p && i < p->clean_n; i++) {
        struct str c = p->clean[i].path, u = str_from(url, 1);
        size_t k = 0;
        if (c.n != u.n)
            continue;
        while (k < c.n && (c.p[k] == '\\' ? '/' : ch_lower(c.p[k])) == ch_lower(u.p[k]))
            k++;
        if (k == c.n)
            return true;
    }
    return false;
}

/* Source: evidence sheet, 7.2 rules W1 to W3 and 8.1: where clean trees hold no script, or only named ones. */
bool page_place(const struct work *w, struct str url)
{
    struct str ext = winpath_ext(url_name(url));

    if (!winpath_is_page(url_name(url)))
        return false;
    if (str_istarts(url, STR("/aspnet_client/")))
        return true;
    if (str_istarts(url, STR("/owa/auth/")) || str_istarts(url, STR("/ecp/auth/")))
        return !is_clean(w->d->pack, url);
    if (!str_ieq(ext, STR(".aspx")))
        return false;
    return str_istarts(url, STR("/oab/")) || str_istarts(url, STR("/ews/")) || str_istarts(url, STR("/rpc/")) || str_istarts(url, STR("/autodiscover/"));
}

/*
 * ev's look-ups give false for "not served" and for "no memory" alike, and the verdict must not depend on that: the room that they can
 * need is made sure of before, and no fault is injected into what cannot tell of it.
 */
enum { LOOKUP_ROOM = 16 << 10 };

static bool url_of(struct work *w, struct str path, struct str *ret)
{
    struct arena a = { w->a->beg, w->a->end, NULL };

    *ret = STR_EMPTY;
    if (arena_room(&a) < LOOKUP_ROOM + 4 * path.n)
        return work_full(w);
    if (w->d->ev && path.n && !ev_url_of(w->d->ev, &a, path, ret))
        *ret = STR_EMPTY;
    w->a->beg = a.beg;
    return true;
}

static bool path_of(struct work *w, struct str url, struct str *ret)
{
    struct arena a = { w->a->beg, w->a->end, NULL };

    *ret = STR_EMPTY;
    if (arena_room(&a) < LOOKUP_ROOM + 4 * url.n)
        return work_full(w);
    if (w->d->ev && url.n && !ev_path_of(w->d->ev, &a, url, ret))
        *ret = STR_EMPTY;
    w->a->beg = a.beg;
    return true;
}

static struct page *page_find(const struct work *w, struct str url, struct str path)
{
    uint32_t i = url.n ? map_get(&w->page_url, url) : MAP_NONE;

    if (i == MAP_NONE && path.n)
        i = map_get(&w->page_path, path);
    return i == MAP_NONE ? NULL : &w->page[i];
}

/* NULL: memory. */
static struct page *page_open(struct work *w, struct str url, struct str path)
{
    struct page *p = page_find(w, url, path);

    if (!p) {
        if (!GROW(w->a, w->page, w->page_n, &w->page_cap))
            return NULL;
        p  = &w->page[w->page_n++];
        *p = (struct page){ .url = url, .path = path, .created_us = TIME_NONE, .removed_us = TIME_NONE, .placed_us = TIME_NONE,
                            .door = NONE, .first_event = NONE, .last_event = NONE, .placed_by = NONE };
    }
    if (!p->url.n)
        p->url = url;
    if (!p->path.n)
        p->path = path;
    uint32_t i = (uint32_t)(p - w->page);
    if ((url.n && map_get(&w->page_url, url) == MAP_NONE && !map_put(&w->page_url, w->a, url, i)) ||
        (path.n && map_get(&w->page_path, path) == MAP_NONE && !map_put(&w->page_path, w->a, path, i)))
        return NULL;
    return p;
}

static bool is_page_fact(const struct file_fact *f)
{
    switch (f->kind) {
    case FILE_FACT_PAGE: case FILE_FACT_PAGE_REVIEW: case FILE_FACT_PAGE_LEFT:
        return true;
    case FILE_FACT_AV:                        /* an antivirus log names tools as well */
        return f->url.n || winpath_is_page(winpath_name(f->path));
    default:
        return false;
    }
}

static void page_learn(struct page *p, const struct file_fact *f)
{
    p->from_file |= f->kind != FILE_FACT_PAGE_LEFT;
    p->left      |= f->kind == FILE_FACT_PAGE_LEFT;
    p->product |= f->product_page;
    if (!p->kind.n && !str_eq(f->what, STR("unknown")))
        p->kind = f->what;
    if (!p->key.n)
        p->key = f->key;
    if (!p->sha256.n)
        p->sha256 = f->hash_hex;
    /* FILE_FACT_PAGE and FILE_FACT_PAGE_REVIEW read the page's own bytes: it is there unless they say otherwise, or are of an earlier day. */
    bool own = f->kind == FILE_FACT_PAGE || f->kind == FILE_FACT_PAGE_REVIEW;
    p->present |= f->state == THING_PRESENT || (own && f->state == THING_UNKNOWN && !f->earlier);
    p->removed |= f->state == THING_REMOVED;
    if (f->reachable > p->reachable)
        p->reachable = f->reachable;
    p->created_us = time_min(p->created_us, f->created_us);
    p->removed_us = time_max(p->removed_us, f->removed_us);
    p->placed_us  = p->created_us != TIME_NONE ? p->created_us : time_min(p->placed_us, f->time_us);
    /* A leftover proves that a page was there, not that it was hostile: then its detector must be sure. Contract, back_doors. */
    p->proven |= f->kind == FILE_FACT_PAGE || f->kind == FILE_FACT_AV || (f->kind == FILE_FACT_PAGE_LEFT && f->severity >= SEV_HIGH);
}

/* Facts come in the order of their kinds, so what a page's own bytes say is learnt first. */
static bool learn_facts(struct work *w)
{
    for (size_t i = 0; i < w->thing_n; i++) {
        const struct file_fact *f = w->thing[i].f;
        struct str url = f->url;

        if (!is_page_fact(f))
            continue;
        if (!url.n && !url_of(w, f->path, &url))
            return false;
        struct page *p = page_open(w, url, f->path);
        if (!p)
            return work_full(w);
        page_learn(p, f);
    }
    return true;
}

static bool is_front(const struct event *ev) { return ev->h->family == FAM_IIS_FRONT || ev->h->family == FAM_HTTPPROXY; }

/* May this request speak of a page? Forged requests name what they forge in url, which is no page of theirs. */
static bool is_page_event(const struct event *ev)
{
    return is_front(ev) && ev->outcome == EXPL_NONE_SEEN && ev->h->url.n && ev->h->sign != SIGN_LOOT;
}

/* Pages that logs alone show: served where clean trees have none. A file that is in the evidence was judged by the file detectors. */
static bool learn_logs(struct work *w)
{
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        struct str path = STR_EMPTY;

        if (!is_page_event(ev) || !is_2xx(ev->h) || (ev->h->sign != SIGN_PAGE && ev->h->sign != SIGN_PIVOT) || !page_place(w, ev->h->url))
            continue;
        if (!page_find(w, ev->h->url, STR_EMPTY) && w->d->ev) {
            if (!path_of(w, ev->h->url, &path))
                return false;
            if (path.n && !page_find(w, STR_EMPTY, path) && ev_find(w->d->ev, path))
                continue;
        }
        struct page *p = page_open(w, ev->h->url, path);
        if (!p)
            return work_full(w);
        if (!p->key.n)
            p->key = ev->h->key;
        /* Unmistakable: a POST answered 200 by a script where there is none, and no bytes of it to say otherwise. That it is gone speaks for it. */
        if (!p->from_file && ev->h->status == 200 && ev->h->active && str_ieq(ev->h->method, STR("POST")) &&
            (str_istarts(ev->h->url, STR("/aspnet_client/")) || str_istarts(ev->h->url, STR("/owa/auth/")) || str_istarts(ev->h->url, STR("/ecp/auth/"))))
            p->proven = true;
        /* The key of a script that was found elsewhere opens this page as well. */
        if (!p->from_file && ev->h->status == 200 && ev->h->key.n && ev->h->rule == RULE_LEARNT)
            p->proven = true;
        /* An indicator: the published place of a web shell, and something answers there. A clean server says 302 or 404. */
        if (!p->from_file && ev->h->status == 200 && w->d->pack && pack_page_published(w->d->pack, ev->h->url))
            p->proven = true;
    }
    return true;
}

static bool chain_events(struct work *w)
{
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        struct page  *p  = is_page_event(ev) ? page_find(w, ev->h->url, STR_EMPTY) : NULL;

        if (!p)
            continue;
        if (p->first_event == NONE)
            p->first_event = (uint32_t)i;
        else
            w->event[p->last_event].next_on_door = (uint32_t)i;
        p->last_event = (uint32_t)i;
    }
    return true;
}

static bool note_client(struct work *w, struct map *in, const struct event *ev)
{
    return !ev->client.n || ev->shared || map_get(in, ev->client) != MAP_NONE || map_put(in, w->a, ev->client, 1);
}

static bool note_users(struct work *w, struct map *in, const struct page *p)
{
    for (uint32_t i = p->first_event; i != NONE; i = w->event[i].next_on_door)
        if (is_2xx(w->event[i].h) && w->event[i].h->active && !note_client(w, in, &w->event[i]))
            return false;
    return true;
}

/* A chain of unknown pages and new addresses this long is not an intruder's but a trap for us; most end after one round. */
enum { ROUNDS_MAX = 64 };

/* Use by an intruder proves an unknown script; whoever uses a proven one is an intruder; until nothing changes. */
static bool prove_by_use(struct work *w)
{
    struct map in = { 0 };

    for (size_t i = 0; i < w->event_n; i++)
        if (w->event[i].outcome == EXPL_SUCCEEDED && !note_client(w, &in, &w->event[i]))
            return work_full(w);
    for (size_t i = 0; i < w->page_n; i++)
        if (w->page[i].proven && !note_users(w, &in, &w->page[i]))
            return work_full(w);
    bool more = true;
    for (int round = 0; more && round < ROUNDS_MAX; round++) {
        more = false;
        for (size_t i = 0; i < w->page_n; i++) {
            struct page *p = &w->page[i];
            for (uint32_t k = p->proven || p->product ? NONE : p->first_event; k != NONE && !p->proven; k = w->event[k].next_on_door) {
                const struct event *ev = &w->event[k];
                p->proven = is_2xx(ev->h) && ev->h->active && ev->client.n && !ev->shared && map_get(&in, ev->client) != MAP_NONE;
            }
            if (p->proven && p->first_event != NONE && p->door == NONE) {
                p->door = 0;                 /* only a mark here: its users are known */
                more    = true;
                if (!note_users(w, &in, p))
                    return work_full(w);
            }
        }
    }
    return true;
}

static int cmp_page(const void *ctx, uint32_t i, uint32_t j)
{
    const struct page *x = &((const struct work *)ctx)->page[i], *y = &((const struct work *)ctx)->page[j];
    int c;

    if ((c = time_cmp(x->created_us, y->created_us)) || (c = str_icmp(x->path, y->path)) || (c = str_icmp(x->url, y->url)))
        return c;
    return i < j ? -1 : i > j;
}

static int cmp_page_weight(const void *ctx, uint32_t i, uint32_t j)
{
    const struct page *x = &((const struct work *)ctx)->page[i], *y = &((const struct work *)ctx)->page[j];

    if (x->present != y->present)
        return x->present ? -1 : 1;
    return cmp_page(ctx, i, j);
}

/* Pages that logs alone show have no times of their own; the file system may have written them down. */
static void date_pages(struct work *w)
{
    for (size_t i = 0; w->d->times && i < w->page_n; i++) {
        struct page           *p = &w->page[i];
        const struct filetime *t = p->from_file || p->left || !p->path.n ? NULL : filetimes_find(w->d->times, p->path);
        if (!t)
            continue;
        p->created_us = filetime_came_us(t);
        p->removed_us = t->usn_last_gone ? t->usn_removed_us : TIME_NONE;
        p->removed   |= t->usn_last_gone || (t->in_mft && t->deleted);
        p->placed_us  = p->created_us;
    }
}

bool pages_make(struct work *w)
{
    struct report *r = w->r;

    w->page_url.fold = w->page_path.fold = true;
    if (!learn_facts(w) || !learn_logs(w) || !chain_events(w) || !prove_by_use(w))
        return false;
    date_pages(w);
    w->door_page = NEW(w->a, uint32_t, w->page_n);
    if (!w->door_page)
        return work_full(w);
    for (size_t i = 0; i < w->page_n; i++) {
        w->page[i].door = NONE;
        if (w->page[i].proven)
            w->door_page[r->back_door_n++] = (uint32_t)i;
    }
    if (r->back_door_n > CAP_BACK_DOORS) {
        sort_u32(w->door_page, r->back_door_n, cmp_page_weight, w);
        r->omitted.back_doors = r->back_door_n - CAP_BACK_DOORS;
        r->back_door_n        = CAP_BACK_DOORS;
    }
    sort_u32(w->door_page, r->back_door_n, cmp_page, w);
    r->back_door = NEW(w->a, struct back_door, r->back_door_n);
    if (!r->back_door)
        return work_full(w);
    for (size_t i = 0; i < r->back_door_n; i++) {
        struct page *p = &w->page[w->door_page[i]];
        p->door = (uint32_t)i;
        for (uint32_t k = p->first_event; k != NONE; k = w->event[k].next_on_door)
            w->event[k].door = (uint32_t)i;
    }
    for (size_t i = 0; i < w->thing_n; i++) {
        const struct page *p = is_page_fact(w->thing[i].f) ? page_find(w, w->thing[i].f->url, w->thing[i].f->path) : NULL;
        if (p)
            w->thing[i].door = p->door;
    }
    return true;
}

bool event_uses(const struct event *ev) { return ev->door != NONE && is_front(ev) && is_2xx(ev->h) && ev->h->active; }
