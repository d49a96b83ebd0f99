/*
 * ways: what else lets somebody back in: modules, agents, accounts, tasks, stolen secrets. Contract, ways_back.
 */
#include "verdict/work.h"

static int cmp_way(const void *ctx, uint32_t i, uint32_t j)
{
    const struct fact *x = ((const struct work *)ctx)->thing[i].f, *y = ((const struct work *)ctx)->thing[j].f;
    int c;

    if ((c = time_cmp(x->time_us, y->time_us)) || (c = str_icmp(x->path, y->path)) || (c = str_cmp(x->what, y->what)) || (c = str_cmp(x->name, y->name)))
        return c;
    return i < j ? -1 : i > j;
}

/*
 * exposed_secret: exposed | rotated | unproven. A dump that was removed stays exposed: only a new secret ends that, which a detector says
 * by naming the fact "rotated".
 */
static struct str state_of(const struct fact *f)
{
    if (f->kind != FACT_SECRET)
        return str_c(thing_name(f->state));
    if (str_eq(f->what, STR("rotated")))
        return STR("rotated");
    return f->state == THING_UNKNOWN ? STR("unproven") : STR("exposed");
}

/* A virtual directory or handler with a URL of its own is used when a request below it was: contract, used. */
static bool used_of(struct work *w, const struct fact *f, struct way_back *b)
{
    b->used = USED_NO_EVIDENCE;        /* text logs do not show what a module or an agent does */
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

bool ways_make(struct work *w)
{
    struct report *r = w->r;
    uint32_t *v = NEW(w->a, uint32_t, w->thing_n);
    size_t    n = 0;

    if (!v)
        return work_full(w);
    for (size_t i = 0; i < w->thing_n; i++)
        if (w->thing[i].f->kind == FACT_WAY_BACK || w->thing[i].f->kind == FACT_SECRET)
            v[n++] = (uint32_t)i;
    sort_u32(v, n, cmp_way, w);
    if (n > CAP_WAYS)
        n = CAP_WAYS;
    r->way_back = NEW(w->a, struct way_back, n);
    if (!r->way_back)
        return work_full(w);
    for (size_t i = 0; i < n; i++) {
        struct thing      *t = &w->thing[v[i]];
        const struct fact *f = t->f;
        t->way = (uint32_t)i;
        r->way_back[i] = (struct way_back){ .kind = f->kind == FACT_SECRET ? STR("exposed_secret") : or_text(f->what, "unknown"), .name = f->name,
                                            .path = f->path, .state = state_of(f), .reachable = f->reachable };
        if (!shown(w, f->name, &r->way_back[i].name) || !shown(w, f->path, &r->way_back[i].path) || !ids_push(w, &r->way_back[i].findings, t->rank) || !used_of(w, f, &r->way_back[i]))
            return false;
        ids_finish(&r->way_back[i].findings);
        r->way_back_n++;
    }
    return true;
}
