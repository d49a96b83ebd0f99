/*
 * The pass over event logs: after the files, before the text logs, because a page that an event names is a page to look for in them.
 */
#include "detect/hunt_inner.h"

#include "base/num.h"
#include "base/winpath.h"
#include "detect/files_inner.h"
#include "detect/spans.h"
#include "os/guard.h"
#include "os/pool.h"

#include <stdlib.h>
#include <string.h>

enum { RANGES_MAX = 4096, SAME_FACTS_MAX = 3, AUDIT_LEAST = 1000 };

struct events {
    struct hunt          *h;
    struct files_context  c;
    struct evt_plan       plan;
    struct map            told;                      /* facts: how often */
    /* Of the node whose pieces come in. */
    struct evt_range      range[RANGES_MAX]; size_t range_n;
    struct evt_outcome    sum;
    struct err            stopped;
    bool                  headless, bad_head, barred;
    uint64_t              lost_bytes, bad_sums;
    enum family           family;                    /* by the channel of its first record; FAM_NONE: none was read */
    /* Of all. */
    uint64_t              audited, processes, security_n;
    uint32_t              security;
    int64_t               audited_from_us, audited_to_us;
};

/* --- one piece --- */

struct task { struct events *v; size_t i; uint32_t worker; uint64_t key; struct ev_node *node; struct pool_turn *turn; };

static bool take(struct events *v, struct evt_outcome *o, struct err *e);

/* Not as an item of the guard: who waits for another does not hang. */
static void wait_turn(struct task *t)
{
    guard_leave(t->v->h->opt.guard, t->worker);
    pool_wait(t->turn, t->i);
}

static bool on_flush(void *ctx, struct evt_outcome *o, struct err *e)
{
    struct task *t = ctx;

    wait_turn(t);
    bool ok = take(t->v, o, e);
    guard_enter(t->v->h->opt.guard, t->worker, t->key, t->node->path);
    return ok;
}

static void on_met(void *ctx, uint32_t rule, uint64_t record)
{
    const struct task       *t = ctx;
    const struct hunt       *h = t->v->h;
    const struct sigma_rule *r = &h->sigma->rule[rule];

    if (r->about == ABOUT_PLANTED || r->axis == AXIS_BACK_DOOR || str_eq(r->state, STR("succeeded")) || str_eq(r->state, STR("used")))
        h->opt.first(h->opt.first_ctx, &(struct hunt_first){ r->title, t->node->path, record });
}

/* --- taking it over, one piece after the other --- */

/* Where a page or file that an event names stands today. */
static void place(struct events *v, struct file_fact *f)
{
    const struct ev *ev = v->h->ev;
    bool page = f->kind == FILE_FACT_PAGE_LEFT || f->kind == FILE_FACT_AV;

    if (!f->path.n || !page)
        return;
    bool there = ev_find(ev, f->path) != NULL;
    if (there) {
        f->state      = THING_PRESENT;
        f->removed_us = TIME_NONE;
    } else if (f->state == THING_UNKNOWN && ev_has_dir(ev, winpath_dir(f->path)) && ev_has_pages_of(ev, winpath_dir(f->path))) {
        f->state = THING_REMOVED;
    }
    if (files_served(&v->c, v->c.keep, f->path, &f->url))
        f->reachable = f->state == THING_PRESENT ? REACH_YES : f->state == THING_REMOVED ? REACH_NO : REACH_UNKNOWN;
}

/* The same thing again and again is told SAME_FACTS_MAX times: whoever can cause events must not fill the list. */
static bool often(struct events *v, const struct file_fact *f)
{
    struct arena mark = *v->c.keep;
    struct str   key = str_fmt(v->c.keep, "%.*s\n%.*s\n%.*s", STR_ARG(f->detector), STR_ARG(f->name), STR_ARG(f->path));
    uint32_t     n   = key.p ? map_get(&v->told, key) : MAP_NONE;

    if (n != MAP_NONE) {
        *v->c.keep = mark;
        key = STR_EMPTY;
    }
    if (n != MAP_NONE && n >= SAME_FACTS_MAX)
        return true;
    if (key.p)
        return !map_put(&v->told, v->c.keep, key, 1);
    struct arena scratch = *v->c.keep;
    key = str_fmt(&scratch, "%.*s\n%.*s\n%.*s", STR_ARG(f->detector), STR_ARG(f->name), STR_ARG(f->path));
    return !key.p || !map_put(&v->told, v->c.keep, key, n == MAP_NONE ? 1 : n + 1);
}

static bool copy(struct arena *a, struct str *s)
{
    if (s->n)
        *s = str_dup(a, *s);
    return !s->n || s->p;
}

static bool take_fact(struct events *v, const struct file_fact *from, struct err *e)
{
    const struct pack       *pack = v->h->pack;
    const struct sigma_rule *rule = &v->h->sigma->rule[from->bytes];      /* evtscan's own use of it */
    bool cheap = from->kind == FILE_FACT_NOTE;

    if (often(v, from))
        return true;
    struct file_fact *f = cheap && v->h->found->fact_n >= FILE_FACTS_MAX / 4 * 3 ? NULL : files_fact(&v->c);
    if (!f) {
        v->h->found->fact_more += cheap && v->h->found->fact_n < FILE_FACTS_MAX;
        return true;
    }
    *f = *from;
    f->bytes    = 0;
    f->detector = str_fmt(v->c.keep, "sigma:%.*s/%.*s", STR_ARG(rule->pack.n ? rule->pack : rule->own && pack->id.n ? pack->id : STR("user")), STR_ARG(from->detector));
    if (!f->detector.p || !copy(v->c.keep, &f->name) || !copy(v->c.keep, &f->path) || !copy(v->c.keep, &f->why) || !copy(v->c.keep, &f->cite.excerpt))
        return err_set(e, ERR_MEMORY, "no room for what event logs tell");
    place(v, f);
    return true;
}

static bool take(struct events *v, struct evt_outcome *o, struct err *e)
{
    for (size_t i = 0; i < o->hits.n; i++)
        if (!hits_push(&v->h->hits, &o->hits.item[i], e))
            return false;
    v->h->hits.more += o->hits.more;
    for (size_t i = 0; i < o->fact_n; i++)
        if (!take_fact(v, &o->fact[i], e))
            return false;
    return true;
}

static bool take_cover(struct events *v, const struct evt_outcome *o, struct err *e)
{
    for (size_t i = 0; i < EVT_FAMILIES; i++) {
        const struct evt_cover *c = &o->cover[i];
        struct seen            *s = &v->h->found->seen[FAM_EVTX_SECURITY + i];
        s->records += c->records;
        if (c->oldest_us == TIME_NONE)
            continue;
        if (s->oldest_us == TIME_NONE || c->oldest_us < s->oldest_us)
            s->oldest_us = c->oldest_us;
        if (s->newest_us == TIME_NONE || c->newest_us > s->newest_us)
            s->newest_us = c->newest_us;
        if (v->h->found->newest_us == TIME_NONE || c->newest_us > v->h->found->newest_us)
            v->h->found->newest_us = c->newest_us;
        for (size_t k = 0; k < c->span_n; k++)
            if (!spans_add(s, v->c.keep, c->span[k], e))
                return false;
    }
    return true;
}

static void take_sums(struct events *v, const struct evt_outcome *o)
{
    struct evt_outcome *s = &v->sum;

    for (size_t i = 0; i < o->range_n; i++) {
        struct evt_range *last = v->range_n ? &v->range[v->range_n - 1] : NULL;
        if (last && o->range[i].from == last->to + 1) {
            last->to    = o->range[i].to;
            last->to_us = o->range[i].to_us;
        } else if (v->range_n < RANGES_MAX) {
            v->range[v->range_n++] = o->range[i];
        } else {
            s->range_more++;
        }
    }
    s->range_more  += o->range_more;
    s->records     += o->records;
    s->damaged     += o->damaged;
    s->slack       += o->slack;
    s->chunks      += o->chunks;
    s->bad_chunks  += o->bad_chunks;
    s->cut_chunks  += o->cut_chunks;
    s->lost_places += o->lost_places;
    v->audited     += o->audited;
    v->processes   += o->processes;
}

/* --- what a whole log says of itself --- */

static int by_first(const void *x, const void *y)
{
    const struct evt_range *a = x, *b = y;
    return (a->from > b->from) - (a->from < b->from);
}

/* Numbers go up by one; a log that is full drops its oldest. A hole between two that are there means that records were taken out, or a part of the file is gone. */
static void gaps(struct events *v, const struct ev_node *n)
{
    uint64_t missing = 0, holes = 0;
    struct evt_range first = { 0 };

    if (v->sum.range_more || v->range_n < 2)
        return;
    qsort(v->range, v->range_n, sizeof *v->range, by_first);
    for (size_t i = 1, top = 0; i < v->range_n; i++) {
        if (v->range[i].from > v->range[top].to + 1) {
            if (!holes++)
                first = (struct evt_range){ v->range[top].to + 1, v->range[i].from - 1, v->range[top].to_us, v->range[i].from_us };
            missing += v->range[i].from - v->range[top].to - 1;
        }
        if (v->range[i].to > v->range[top].to)
            top = i;
    }
    struct file_fact *f = holes ? files_fact_at(&v->c, n, FILE_FACT_NOTE, "events/gap", SEV_LOW, 0.6) : NULL;
    if (!f)
        return;
    char from[TIME_TEXT] = "an unknown time", to[TIME_TEXT] = "an unknown time";
    if (first.from_us != TIME_NONE)
        time_text(first.from_us, from);
    if (first.to_us != TIME_NONE)
        time_text(first.to_us, to);
    f->url     = STR_EMPTY;
    f->time_us = first.from_us;
    f->title   = STR("Records are missing in an event log");
    f->why     = files_text(&v->c, "Record numbers rise by one. %llu numbers are missing in %llu place%s, the first %llu to %llu, between %s and %s: records were taken out, the log was exported in "
                            "part, or a part of the file is damaged.", (unsigned long long)missing, (unsigned long long)holes, holes == 1 ? "" : "s",
                            (unsigned long long)first.from, (unsigned long long)first.to, from, to);
    f->cite.excerpt = files_text(&v->c, "record numbers %llu to %llu are missing", (unsigned long long)first.from, (unsigned long long)first.to);
    files_attack(f, "T1070.001");
}

static bool damage(struct events *v, const struct ev_node *n, enum family family, struct err *e)
{
    struct arena *a = v->c.keep;
    struct seen  *s = &v->h->found->seen[family];
    const struct { uint64_t n; const char *what; } list[] = {
        { v->sum.damaged, "%llu records damaged, read as far as they go" }, { v->bad_sums, "%llu chunks whose checksum does not hold" },
        { v->sum.cut_chunks, "%llu chunks cut short" }, { v->sum.lost_places, "%llu places without a record where one should be" },
        { v->lost_bytes, "%llu bytes belong to no chunk" },
    };
    bool ok = true;

    if (v->stopped.kind == ERR_IO && !v->sum.records) {
        ev_refuse_err(v->h->ev, n->path, "unreadable", &v->stopped);
        return true;
    }
    if (v->stopped.kind != ERR_NONE)
        ok = seen_damaged(s, a, n->id, str_fmt(a, "reading stopped: %s", v->stopped.what), v->sum.records, e);
    if (ok && v->headless)
        ok = seen_damaged(s, a, n->id, STR("no header of an event log"), v->sum.records, e);
    if (ok && v->bad_head)
        ok = seen_damaged(s, a, n->id, STR("the checksum of its header does not hold"), v->sum.records, e);
    for (size_t i = 0; ok && i < COUNT_OF(list); i++) {
        char text[120];
        if (!list[i].n)
            continue;
        snprintf(text, sizeof text, list[i].what, (unsigned long long)list[i].n);
        ok = seen_damaged(s, a, n->id, str_dup(a, str_c(text)), v->sum.records, e);
    }
    return ok;
}

static bool node_done(struct events *v, struct ev_node *n, struct err *e)
{
    enum family  family = v->family != FAM_NONE ? v->family : n->family;
    struct seen *s;

    n->family = family;
    s = &v->h->found->seen[family];
    s->files++;
    s->bytes += n->size_bytes;
    if (family == FAM_EVTX_SECURITY) {
        v->security = n->id;
        v->security_n++;
    }
    gaps(v, n);
    bool ok = damage(v, n, family, e);
    v->range_n = 0;
    v->sum     = (struct evt_outcome){ 0 };
    v->stopped = (struct err){ 0 };
    v->headless = v->bad_head = v->barred = false;
    v->lost_bytes = v->bad_sums = 0;
    v->family     = FAM_NONE;
    return ok;
}

static void name_add(struct hunt *h, struct tally *t, struct str name)
{
    size_t k = 0;

    while (k < t->n && !str_ieq(t->item[k].name, name))
        k++;
    if (k == NAMES_MAX)
        return;
    if (k == t->n) {
        struct str copied = str_dup(h->keep, name);
        if (!copied.p)
            return;
        t->item[t->n++] = (struct logscan_name){ copied, 0 };
    }
    t->item[k].rows++;
}

/* "EXCH01.bakery.example": as text logs have it, name and full name. */
static void computer(struct events *v, const struct evt_outcome *o)
{
    for (size_t i = 0; i < o->computer_n; i++) {
        struct str s = o->computer[i].name;
        size_t     dot = str_chr(s, '.');
        name_add(v->h, &v->h->server, str_sub(s, 0, dot));
        if (dot != STR_NONE) {
            name_add(v->h, &v->h->host, s);
            name_add(v->h, &v->h->computer, s);
        }
    }
}

static bool scan_one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct events      *v = ctx;
    struct hunt        *h = v->h;
    const struct evt_piece *p = &h->events.item[i];
    struct task         task = { v, i, worker, 0, &h->ev->node[p->node], turn };
    struct arena        work = h->scratch[worker];
    struct evt_sink     sink = { &task, on_flush, h->opt.first ? on_met : NULL, NULL };
    struct evt_outcome *o    = NEW(&work, struct evt_outcome, 1);
    struct evt_scan    *scan = NULL;
    struct evt_read     got  = { 0 };
    bool                ok   = true;

    task.key = h->opt.guard ? ev_node_key(h->ev, task.node) ^ (p->from + 1) * UINT64_C(0x9E3779B97F4A7C15) : 0;
    if (!o)
        return err_set(e, ERR_MEMORY, "no room to read an event log");
    if (guard_barred(h->opt.guard, task.key)) {
        pool_wait(turn, i);
        if (!v->barred)
            ev_node_stopped(h->ev, task.node);
        v->barred = true;
        ok = !p->last || node_done(v, task.node, e);
        pool_next(turn, i);
        return ok;
    }
    struct arena io;
    if (!evt_read_room(&work, &io, e) || !evt_scan_open(&scan, &v->plan, h->ev->system_drive, h->opt.since_us, h->opt.until_us, &work, e))
        return false;
    o->hits.max = HITS_MAX;
    evt_scan_begin(scan, o, &sink);
    guard_enter(h->opt.guard, worker, task.key, task.node->path);
    ok = evt_piece_read(h, p, worker, scan, &io, false, &got, e);
    wait_turn(&task);
    ok = ok && take(v, o, e) && take_cover(v, o, e);
    take_sums(v, o);
    computer(v, o);
    if (v->family == FAM_NONE && o->channel.n)
        v->family = evt_family(o->channel);
    v->lost_bytes += got.lost_bytes;
    v->bad_sums   += got.bad_sums;
    if (p->from == 0) {
        v->headless = got.headless;
        v->bad_head = got.bad_head;
    }
    if (v->stopped.kind == ERR_NONE)
        v->stopped = got.stopped;
    if (ok && p->last)
        ok = node_done(v, task.node, e);
    pool_next(turn, i);
    return ok;
}

/* --- all of them --- */

/* What a Security log that has thousands of records does not have at all was not asked for. */
static void audit(struct events *v)
{
    const struct ev_node *n = v->security_n ? &v->h->ev->node[v->security] : NULL;
    struct file_fact *f;

    if (!n || v->audited < AUDIT_LEAST || v->processes)
        return;
    if (!(f = files_fact_at(&v->c, n, FILE_FACT_NOTE, "events/audit", SEV_INFO, 0.9)))
        return;
    f->url   = STR_EMPTY;
    f->title = STR("Starts of processes were not recorded");
    f->why   = files_text(&v->c, "The Security log has %llu records and not one of event 4688: auditing of process creation was off. What an intruder started, this log cannot show.",
                          (unsigned long long)v->audited);
}

/*
 * Logs that most servers do not write, and that would have shown what no other log shows: their silence proves nothing. Told once, where there are event logs
 * at all. Source: ways back in, 0 ("the default is silence"), 2.1 and 10.
 */
static void unseen(struct events *v)
{
    static const struct { enum family family; const char *name, *what; } log[] = {
        { FAM_EVTX_SYSMON, "Sysmon", "which program wrote a file, opened LSASS, loaded a library or connected out" },
        { FAM_EVTX_IIS, "the IIS configuration", "who changed modules, handlers and virtual directories, and when" },
    };
    const struct ev_node *n = &v->h->ev->node[v->security_n ? v->security : v->h->events.item[0].node];
    struct str            why = STR("");
    struct file_fact     *f;

    for (size_t i = 0; i < COUNT_OF(log) && why.p; i++) {
        const struct seen *s = &v->h->found->seen[log[i].family];
        if (!s->records)
            why = str_cat(v->c.keep, why, str_fmt(v->c.keep, "%sThe event log of %s %s: it cannot show %s.", why.n ? " " : "", log[i].name,
                                                  s->files ? "is empty, so it was not switched on" : "is not in the evidence, and Windows writes none unless told to", log[i].what));
    }
    if (!why.n || !(f = files_fact_at(&v->c, n, FILE_FACT_NOTE, "events/unseen", SEV_INFO, 0.9)))
        return;
    f->url   = STR_EMPTY;
    f->title = STR("What the event logs cannot show");
    f->why   = why;
}

bool hunt_events(struct hunt *h, struct err *e)
{
    struct events *v = NEW(h->keep, struct events, 1);
    uint64_t       total = 0;

    if (!v)
        return err_set(e, ERR_MEMORY, "no room to read event logs");
    v->h = h;
    v->c = (struct files_context){ .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };
    if (!evt_pieces_make(&h->events, h, e) || h->events.n == 0)
        return e->kind == ERR_NONE;
    if (!evt_plan_make(&v->plan, h->sigma, h->keep, e) || !evt_plan_listed(&v->plan, h->pack->user, EVT_LISTED_LEAST, h->keep, e) || !guard_mark(h->opt.guard, e))
        return false;
    for (size_t i = 0; i < h->events.n; i++)
        total += h->events.item[i].from == 0 ? h->ev->node[h->events.item[i].node].size_bytes : 0;
    if (h->opt.progress)
        term_progress_start(h->opt.progress, h->os, !h->opt.progress->on, "reading event logs", total);
    bool ok = pool_run(h->jobs, h->events.n, scan_one, v, e);
    if (h->opt.progress)
        term_progress_end(h->opt.progress);
    if (ok) {
        audit(v);
        unseen(v);
    }
    h->found->hit   = h->hits.item;
    h->found->hit_n = h->hits.n;
    return ok;
}
