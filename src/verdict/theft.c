/*
 * theft: mail read through forged requests, and files staged or fetched. Contract, theft.
 *
 * A request is counted once: per family the rows are summed, rules that speak of the same row counted once, and the family that
 * measured most stands for all (HttpProxy and the back end's IIS log describe the same answers).
 */
#include "verdict/work.h"

static bool reads_mail(const struct event *ev) { return ev->h->sign == SIGN_MAIL_READ && ev->outcome == EXPL_SUCCEEDED; }

static int cmp_mail(const void *ctx, uint32_t i, uint32_t j)
{
    const struct event *x = &((const struct work *)ctx)->event[i], *y = &((const struct work *)ctx)->event[j];
    int c;

    if (x->h->family != y->h->family)
        return x->h->family < y->h->family ? -1 : 1;
    if ((c = str_icmp(x->h->mailbox, y->h->mailbox)))
        return c;
    if (x->h->first.node != y->h->first.node)
        return x->h->first.node < y->h->first.node ? -1 : 1;
    if (x->h->first.offset != y->h->first.offset)
        return x->h->first.offset < y->h->first.offset ? -1 : 1;
    if (x->bytes != y->bytes)
        return x->bytes > y->bytes ? -1 : 1;
    return i < j ? -1 : i > j;
}

static bool item_push(struct work *w, size_t *cap, struct str what, struct str name, uint64_t bytes)
{
    struct campaign *c = &w->r->campaign;

    if (!GROW(w->a, c->theft.item, c->theft.item_n, cap))
        return work_full(w);
    c->theft.item[c->theft.item_n] = (struct stolen){ what, name, bytes };
    return shown(w, name, &c->theft.item[c->theft.item_n++].name);
}

static bool mail_make(struct work *w, size_t *cap)
{
    struct campaign *c = &w->r->campaign;
    uint32_t *v = NEW(w->a, uint32_t, w->event_n);
    size_t    n = 0, m = 0, from = 0, to = 0;
    uint64_t  best = 0;

    if (!v)
        return work_full(w);
    for (uint32_t i = 0; i < w->event_n; i++)
        if (reads_mail(&w->event[i]))
            v[n++] = i;
    sort_u32(v, n, cmp_mail, w);
    for (size_t i = 0; i < n; i++) {             /* one row, one count */
        const struct event *ev = &w->event[v[i]], *prev = m ? &w->event[v[m - 1]] : NULL;
        if (!prev || prev->h->family != ev->h->family || prev->h->first.node != ev->h->first.node || prev->h->first.offset != ev->h->first.offset)
            v[m++] = v[i];
    }
    for (size_t i = 0; i < m;) {                 /* the family that measured most */
        size_t   head = i;
        uint64_t sum  = 0;
        for (; i < m && w->event[v[i]].h->family == w->event[v[head]].h->family; i++)
            sum = num_add_sat(sum, w->event[v[i]].bytes);
        if (to == from || sum > best) {
            best = sum;
            from = head;
            to   = i;
        }
    }
    for (size_t i = from; i < to;) {
        struct str name = w->event[v[i]].h->mailbox;
        uint64_t   sum  = 0;
        for (; i < to && str_ieq(w->event[v[i]].h->mailbox, name); i++)
            sum = num_add_sat(sum, w->event[v[i]].bytes);
        if (!item_push(w, cap, STR("mailbox"), or_text(name, "not named in the logs"), sum))
            return false;
    }
    /* Contract, theft seen: 1,000,000 bytes or more in sum; less is suspected. */
    if (n)
        c->theft.state = best >= MAIL_SEEN_BYTES ? THEFT_SEEN : THEFT_SUSPECTED;
    for (uint32_t i = 0; i < w->event_n; i++)
        if (reads_mail(&w->event[i])) {
            w->event[i].axis  = AXIS_THEFT;
            w->event[i].state = str_c(theft_name(c->theft.state));
            if (!ids_push(w, &c->theft.findings, w->event[i].rank))
                return false;
        }
    return true;
}

/* Contract: credential dumps are exposed_secret, not theft. */
static bool dumps_make(struct work *w, struct map *ret)
{
    ret->fold = true;
    for (size_t i = 0; i < w->thing_n; i++)
        if (w->thing[i].f->kind == FILE_FACT_SECRET && w->thing[i].f->url.n && !map_put(ret, w->a, w->thing[i].f->url, 1))
            return work_full(w);
    return true;
}

static bool loot_make(struct work *w, size_t *cap)
{
    struct campaign *c = &w->r->campaign;
    struct map dump = { 0 };

    if (!dumps_make(w, &dump))
        return false;
    for (size_t i = 0; i < w->thing_n; i++) {
        const struct file_fact *f = w->thing[i].f;
        if (f->kind != FILE_FACT_LOOT)
            continue;
        if (c->theft.state < THEFT_SUSPECTED)
            c->theft.state = THEFT_SUSPECTED;
        if (!item_push(w, cap, or_text(f->what, "archive"), f->path.n ? f->path : f->name, f->bytes) || !ids_push(w, &c->theft.findings, w->thing[i].rank))
            return false;
    }
    for (size_t i = 0; i < w->event_n; i++) {
        struct event *ev = &w->event[i];
        const struct sigma_rule *rule = rule_of(w, ev->h);
        bool ours = ev->h->sign == SIGN_LOOT && is_2xx(ev->h) && ev->door == NONE;

        if (!(ours || ev->fetched) || map_get(&dump, ev->h->url) != MAP_NONE || str_iends(ev->h->url, STR(".dmp")))
            continue;
        /* Fetched: what was staged, or what an intruder took. Otherwise a download from a web folder is ordinary, unless somebody got in. */
        bool seen = ev->fetched || ev->intruder != NONE;
        if (!seen && !(w->r->intruder_n && rule && rule->axis == AXIS_THEFT))
            continue;
        enum theft_state s = seen ? THEFT_SEEN : THEFT_SUSPECTED;
        if (s > c->theft.state)
            c->theft.state = s;
        ev->axis  = AXIS_THEFT;
        ev->state = str_c(theft_name(s));
        if (!ids_push(w, &c->theft.findings, ev->rank) || (seen && !item_push(w, cap, STR("download"), ev->h->url, ev->bytes)))
            return false;
    }
    return true;
}

/*
 * An export that was ordered is staged mail, as far as a log can say: suspected. Administrators order exports too, so only where somebody
 * got in; the rule must name the axis.
 */
static bool order_make(struct work *w, size_t *cap)
{
    struct campaign *c = &w->r->campaign;

    for (size_t i = 0; i < w->event_n && w->r->intruder_n; i++) {
        struct event *ev = &w->event[i];
        const struct sigma_rule *rule = rule_of(w, ev->h);
        if (!rule || rule->axis != AXIS_THEFT || ev->h->sign != SIGN_SUPPORT || ev->axis != AXIS_NONE)
            continue;
        if (c->theft.state < THEFT_SUSPECTED)
            c->theft.state = THEFT_SUSPECTED;
        ev->axis  = AXIS_THEFT;
        ev->state = STR("suspected");
        if (!ids_push(w, &c->theft.findings, ev->rank) ||
            !item_push(w, cap, STR("export"), ev->h->mailbox.n ? ev->h->mailbox : or_text(ev->h->path, "not named in the logs"), ev->bytes))
            return false;
    }
    return true;
}

bool theft_make(struct work *w)
{
    size_t cap = 0;

    if (!mail_make(w, &cap) || !loot_make(w, &cap) || !order_make(w, &cap))
        return false;
    ids_finish(&w->r->campaign.theft.findings);
    return true;
}
