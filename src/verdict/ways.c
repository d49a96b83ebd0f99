/*
 * ways: what else lets somebody back in: modules, agents, accounts, tasks, services, stolen secrets. Contract, ways_back; ways back in, section 0.
 *
 * Joined   several sources speak of one thing: the log that saw a service made, the registry that still has it. Facts of one kind and one name are one
 *          way back (a task's leading '\' is no difference); without a name, of one path. Secrets stay apart, file by file.
 * State    1. what a source of today shows is present. 2. What was seen removed, after it was last seen made, is removed. 3. What only a log saw made is
 *             there, or gone, as the list of its kind tells, where that list was read whole (struct there). 4. Else unknown.
 * Used     by a request below its URL, or as its own source says (a task's last run, an account's last logon), not before it was made.
 *          not_seen_used: the log that would show it covers its whole life.
 */
#include "verdict/work.h"

struct joined {                            /* one way back while it grows */
    const struct file_fact *first, *now;        /* the earliest statement; the one that shows it present */
    bool    removed, rotated, known;       /* known: a secret whose source says more than "unknown" */
    int64_t created_us, removed_us, used_us;
};

static int cmp_way(const void *ctx, uint32_t i, uint32_t j)
{
    const struct file_fact *x = ((const struct work *)ctx)->thing[i].f, *y = ((const struct work *)ctx)->thing[j].f;
    int c;

    if ((c = time_cmp(x->time_us, y->time_us)) || (c = str_icmp(x->path, y->path)) || (c = str_cmp(x->what, y->what)) || (c = str_cmp(x->name, y->name)))
        return c;
    return i < j ? -1 : i > j;
}

static struct str kind_of(const struct file_fact *f) { return f->kind == FILE_FACT_SECRET ? STR("exposed_secret") : or_text(f->what, "unknown"); }

/* Of a thing by its kind and name. .p == NULL: memory. */
static struct str key_of(struct work *w, struct str kind, struct str name)
{
    struct text t = { .a = w->a };

    while (name.n && name.p[0] == '\\')
        name = str_from(name, 1);
    text_add(&t, kind);
    text_add(&t, (struct str){ (const uint8_t *)"", 1 });
    text_add(&t, name);
    return t.bad ? (struct str){ NULL, 0 } : text_done(&t);
}

static struct str fact_key(struct work *w, const struct file_fact *f)
{
    return key_of(w, kind_of(f), (f->kind == FILE_FACT_SECRET && f->path.n) || !f->name.n ? f->path : f->name);
}

static void join(struct joined *j, const struct file_fact *f)
{
    if (!j->first)
        *j = (struct joined){ .first = f, .created_us = TIME_NONE, .removed_us = TIME_NONE, .used_us = TIME_NONE };
    if (f->state == THING_PRESENT && !f->earlier && !j->now)
        j->now = f;
    j->removed |= f->state == THING_REMOVED;
    j->rotated |= str_eq(f->what, STR("rotated"));
    j->known   |= f->state != THING_UNKNOWN;
    j->created_us = time_max(j->created_us, f->created_us);          /* made again: the last time counts for what is there now */
    j->removed_us = time_max(j->removed_us, f->removed_us);
    j->used_us    = time_max(j->used_us, f->used_us);
}

/* --- what is there now ---------------------------------------------------------------------------------------- */

static bool there_make(struct work *w)
{
    w->there.fold = w->there_kind.fold = true;
    for (size_t i = 0; i < w->d->there_n; i++) {
        const struct there *t = &w->d->there[i];
        struct str key = key_of(w, t->what, t->name);
        if (!key.p || !map_put(&w->there, w->a, key, (uint32_t)i) || !map_put(&w->there_kind, w->a, t->what, 1))
            return work_full(w);
    }
    return true;
}

/* Rule 3. A list that did not fit proves nobody's absence. */
static bool settle_unknown(struct work *w, const struct joined *j, struct str *ret)
{
    struct str key = fact_key(w, j->first);

    if (!key.p)
        return work_full(w);
    if (map_get(&w->there, key) != MAP_NONE)
        *ret = STR("present");
    else if (map_get(&w->there_kind, kind_of(j->first)) != MAP_NONE && !w->d->there_more && j->first->name.n)
        *ret = STR("removed");
    else
        *ret = STR("unknown");
    return true;
}

/*
 * exposed_secret: exposed | rotated | unproven. A dump that was removed stays exposed: only a new secret ends that, which a detector says
 * by naming the fact "rotated".
 */
static bool state_of(struct work *w, const struct joined *j, struct str *ret)
{
    if (j->first->kind == FILE_FACT_SECRET)
        *ret = j->rotated ? STR("rotated") : j->known ? STR("exposed") : STR("unproven");
    else if (j->now)
        *ret = STR("present");
    else if (j->removed && (j->created_us == TIME_NONE || j->removed_us == TIME_NONE || j->removed_us >= j->created_us))
        *ret = STR("removed");
    else
        return settle_unknown(w, j, ret);
    return true;
}

/* --- used ------------------------------------------------------------------------------------------------------ */

/* Source: ways back in, 5, 6.1, 6.2 and 10: the log in which its use would stand. */
static enum family log_of(struct str kind)
{
    static const struct { const char *kind; enum family log; } table[] = {
        { "account", FAM_EVTX_SECURITY }, { "scheduled_task", FAM_EVTX_TASKS }, { "service", FAM_EVTX_SYSTEM }, { "virtual_directory", FAM_IIS_FRONT },
        { "handler", FAM_IIS_FRONT },
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq(kind, str_c(table[i].kind)))
            return table[i].log;
    return FAM_NONE;
}

static bool covered_life(const struct work *w, const struct joined *j)
{
    enum family log = log_of(kind_of(j->first));
    int64_t from = j->created_us != TIME_NONE ? j->created_us : w->r->campaign.window_from_us;
    int64_t to   = j->removed_us != TIME_NONE ? j->removed_us : w->d->newest_us;

    return log != FAM_NONE && cover_interval(w, log, from, to) == COVERED_FULL;
}

/* A virtual directory or handler with a URL of its own is used when a request below it was: contract, used. */
static bool used_by_requests(struct work *w, const struct file_fact *f, struct way_back *b)
{
    for (size_t i = 0; f->url.n && i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        if (ev->h->family != FAM_IIS_FRONT || !is_2xx(ev->h) || !ev->h->active || ev->outcome != EXPL_NONE_SEEN || !str_istarts(ev->h->url, f->url) ||
            (ev->h->url.n != f->url.n && ev->h->url.p[f->url.n] != '/'))
            continue;
        b->used      = USED_USED;
        ev->uses_way = true;
        if (!ids_push(w, &b->findings, ev->rank))
            return false;
    }
    return true;
}

/* --- the list --------------------------------------------------------------------------------------------------- */

static bool way_open(struct work *w, struct way_back *b, const struct file_fact *f)
{
    *b = (struct way_back){ .kind = kind_of(f), .name = f->name, .path = f->path, .reachable = f->reachable, .used = USED_NO_EVIDENCE };
    return shown(w, f->name, &b->name) && shown(w, f->path, &b->path);
}

static bool way_close(struct work *w, struct way_back *b, const struct joined *j)
{
    if (!state_of(w, j, &b->state))
        return false;
    if (j->now) {                                     /* what is there now says best what it runs, and whether it can be reached */
        b->reachable = j->now->reachable;
        if (j->now->path.n && !shown(w, j->now->path, &b->path))
            return false;
    }
    if (j->used_us != TIME_NONE && (j->created_us == TIME_NONE || j->used_us >= j->created_us))
        b->used = USED_USED;
    else if (b->used != USED_USED && covered_life(w, j))
        b->used = USED_NOT_SEEN;
    ids_finish(&b->findings);
    return true;
}

bool ways_make(struct work *w)
{
    struct report *r = w->r;
    uint32_t      *v = NEW(w->a, uint32_t, w->thing_n);
    struct map     at = { .fold = true };
    size_t         n = 0;

    if (!v)
        return work_full(w);
    for (size_t i = 0; i < w->thing_n; i++)
        if (w->thing[i].f->kind == FILE_FACT_WAY_BACK || w->thing[i].f->kind == FILE_FACT_SECRET)
            v[n++] = (uint32_t)i;
    sort_u32(v, n, cmp_way, w);
    size_t cap = n < CAP_WAYS ? n : CAP_WAYS;
    struct joined *j = NEW(w->a, struct joined, cap);
    r->way_back = NEW(w->a, struct way_back, cap);
    if (!j || !r->way_back || !there_make(w))
        return work_full(w);
    for (size_t i = 0; i < n; i++) {
        struct thing *t   = &w->thing[v[i]];
        struct str    key = fact_key(w, t->f);
        uint32_t      k   = key.p ? map_get(&at, key) : MAP_NONE;
        if (!key.p)
            return work_full(w);
        if (k == MAP_NONE && r->way_back_n == cap)
            continue;
        if (k == MAP_NONE) {
            k = (uint32_t)r->way_back_n++;
            if (!way_open(w, &r->way_back[k], t->f))
                return false;
            if (!map_put(&at, w->a, key, k))
                return work_full(w);
        }
        t->way = k;
        join(&j[k], t->f);
        if (!ids_push(w, &r->way_back[k].findings, t->rank) || !used_by_requests(w, t->f, &r->way_back[k]))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n; i++)
        if (!way_close(w, &r->way_back[i], &j[i]))
            return false;
    return true;
}
