/* See daily.h. */
#include "survey/daily.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "os/pool.h"
#include "survey/daily_inner.h"
#include "survey/record.h"

/* Address space only; what is not written costs nothing. */
#define ARENA_BYTES ((size_t)1 << 33)
enum { MEMORY_BYTES = 64 << 20, PARTS_MAX = 256 };

const struct daily_rules daily_defaults = { .gone_runs = 3, .absent_days = 30, .hidden_days = 14, .mixed_days = 7, .hub_addresses = 32, .hub_identities = 64 };

bool daily_open(struct daily **ret, struct store *s, const struct daily_options *o, struct err *e)
{
    struct daily *d = calloc(1, sizeof *d);

    if (!d)
        return err_set(e, ERR_MEMORY, "no room for the survey's days");
    d->s = s;
    d->o = *o;
    const struct daily_rules none = { 0 };
    if (!memcmp(&d->o.rules, &none, sizeof none))
        d->o.rules = daily_defaults;
    bool ok = os_arena_map(&d->whole, ARENA_BYTES, e);
    d->a = d->whole;
    ok = ok && store_migrate(s, &record_layer, e) && daily_load(d, e) && daily_join(d, e);
    if (!ok) {
        daily_close(d);
        return false;
    }
    d->counts.servers = d->server_n;
    d->counts.nodes = d->node_n;
    d->counts.hubs = d->hubs;
    *ret = d;
    return true;
}

void daily_close(struct daily *d)
{
    if (!d)
        return;
    if (d->whole.beg)
        os_arena_unmap(&d->whole);
    free(d);
}

void daily_looks(struct daily *d, uint32_t groups) { d->looks = groups; }

bool daily_observation(const struct daily *d, int64_t id, int64_t target, int64_t observed_us, uint64_t *ret_server, int64_t *ret_us, int64_t *ret_recorded_us)
{
    size_t                at = SIZE_MAX;
    const struct d_batch *b = id <= d->last_observation ? daily_batch(d, id, &at) : NULL;
    uint32_t              t = b && !b->is_void ? places_get(&d->by_target, target) : NOBODY;

    if (t == NOBODY || d->target[t].online || d->server_of[t] == NOBODY)
        return false;
    observed_us = observed_us == TIME_NONE ? b->recorded_us : observed_us;
    if (!daily_time(d, observed_us, b))
        return false;
    *ret_server      = d->server[d->server_of[t] & ~PLACED_ONLINE].id;
    *ret_us          = observed_us;
    *ret_recorded_us = b->recorded_us;
    return true;
}

/* ---- spans ---- */

static bool give(const struct span_sink *sink, struct server_span *s, bool *open, int32_t to, struct err *e)
{
    if (!*open)
        return true;
    s->to = to;
    *open = false;
    return sink->take(sink->ctx, s, e);
}

static struct server_span span_at(const struct daily *d, uint32_t server, const struct period *p, uint32_t group)
{
    uint32_t bit = 1u << group;
    struct server_span s = {
        .server = d->server[server].id, .group = group, .from = p->day, .looked = p->looked, .verdict = (enum build_verdict)p->verdict[group], .state = p->state,
        .flags = p->flags | (p->by_claim & bit ? SPAN_BY_CLAIM : 0) | (p->mitigated & bit ? SPAN_MITIGATED : 0) | (p->compromised & bit ? SPAN_COMPROMISED : 0),
        .parts = p->parts, .reached = p->reached, .addresses = p->addresses, .nodes = p->nodes, .detector = p->detector, .asn = p->asn, .sector = p->sector,
        .seen_us = p->seen_us, .by = p->by,
    };

    if (p->seen_us != TIME_NONE) {
        s.told = p->look[group].told;
        s.told_by_four = p->look[group].told_by_four;
        s.told_mitigated = p->look[group].told_mitigated;
    }

    memcpy(s.build, p->build, sizeof s.build);
    memcpy(s.country, p->country, 2);
    return s;
}

static bool same(const struct server_span *a, const struct server_span *b)
{
    return a->verdict == b->verdict && a->state == b->state && a->flags == b->flags && a->parts == b->parts && a->reached == b->reached &&
           !memcmp(a->build, b->build, sizeof a->build) && a->detector == b->detector && a->asn == b->asn && a->sector == b->sector &&
           !memcmp(a->country, b->country, 2);
}

bool spans_of(const struct daily *d, uint32_t server, const struct period *p, size_t n, const struct span_sink *sink, struct err *e)
{
    struct server_span s = { 0 }, next;
    bool open = false;

    for (uint32_t g = 0; n && g < d->o.builds->group_n; g++) {
        for (size_t i = 0; i < n && (!d->looks || d->looks & 1u << g); i++) {
            next = span_at(d, server, &p[i], g);
            if (open && same(&s, &next) && !next.told && !next.told_mitigated) {
                s.looked = next.looked > s.looked ? next.looked : s.looked;
                s.addresses = next.addresses > s.addresses ? next.addresses : s.addresses;
                s.nodes = next.nodes > s.nodes ? next.nodes : s.nodes;
                continue;
            }
            if (!give(sink, &s, &open, next.from - 1, e))
                return false;
            s = next;
            open = true;
        }
        if (!give(sink, &s, &open, d->counts.last_day, e))
            return false;
    }
    return true;
}

/* ---- all servers, part by part ---- */

/* Spans of one part wait here for their turn; what does not fit goes on when it has come. */
enum { WAITING = 1 << 14 };
struct waiting { struct server_span *span; size_t n; };
struct folder {
    struct fold *fold;
    struct seen *seen, *sorted; size_t cap;
    uint32_t    *first; size_t first_cap;
    struct waiting w;
};
struct run {
    struct daily *d;
    struct spools *spools;
    uint32_t parts;
    struct folder *folder;
    const struct span_sink *sink;
    uint64_t spans;                      /* changed in turns only */
};
struct outlet { struct run *r; struct waiting *w; struct pool_turn *turn; size_t item; };

static bool out_now(struct outlet *o, struct err *e)
{
    pool_wait(o->turn, o->item);
    for (size_t i = 0; i < o->w->n; i++)
        if (!o->r->sink->take(o->r->sink->ctx, &o->w->span[i], e))
            return false;
    o->r->spans += o->w->n;
    o->w->n = 0;
    return true;
}

static bool wait_for_turn(void *ctx, const struct server_span *s, struct err *e)
{
    struct outlet *o = ctx;

    if (o->w->n == WAITING && !out_now(o, e))
        return false;
    o->w->span[o->w->n++] = *s;
    return true;
}

static bool room(struct folder *f, size_t n, size_t servers, struct err *e)
{
    if (n > f->cap) {
        free(f->seen);
        free(f->sorted);
        f->seen = malloc(n * sizeof *f->seen);
        f->sorted = malloc(n * sizeof *f->sorted);
        f->cap = f->seen && f->sorted ? n : 0;
    }
    if (servers + 1 > f->first_cap) {
        free(f->first);
        f->first = malloc((servers + 1) * sizeof *f->first);
        f->first_cap = f->first ? servers + 1 : 0;
    }
    return n <= f->cap && servers + 1 <= f->first_cap ? true : err_set(e, ERR_MEMORY, "no room to sort %zu observations", n);
}

static uint32_t server_of(const struct daily *d, const struct seen *s) { return d->server_of[s->target] & ~PLACED_ONLINE; }

/* Sorts a part by server, keeping the order of reading. */
static void by_server(const struct daily *d, struct folder *f, size_t n, uint32_t from, uint32_t to)
{
    memset(f->first, 0, (to - from + 1) * sizeof *f->first);
    for (size_t i = 0; i < n; i++)
        f->first[server_of(d, &f->seen[i]) - from + 1]++;
    for (uint32_t i = 0; i < to - from; i++)
        f->first[i + 1] += f->first[i];
    for (size_t i = 0; i < n; i++)
        f->sorted[f->first[server_of(d, &f->seen[i]) - from]++] = f->seen[i];
    memmove(f->first + 1, f->first, (to - from) * sizeof *f->first);
    f->first[0] = 0;
}

static bool part_work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct run *r = ctx;
    struct daily *d = r->d;
    struct folder *f = &r->folder[worker];
    struct outlet o = { r, &f->w, turn, i };
    struct span_sink sink = { &o, wait_for_turn };
    /* The servers of which i is the part: server * parts / server_n == i. */
    uint32_t from = (uint32_t)((i * d->server_n + r->parts - 1) / r->parts), to = (uint32_t)(((i + 1) * d->server_n + r->parts - 1) / r->parts);
    size_t n = (size_t)spools_count(r->spools, (uint32_t)i);

    if (n > UINT32_MAX)
        return err_set(e, ERR_LIMIT, "%zu observations of one part", n);
    if ((!f->fold && !fold_open(&f->fold, d, e)) || !room(f, n, to - from, e) || !spools_get(r->spools, (uint32_t)i, f->seen, e))
        return false;
    by_server(d, f, n, from, to);
    for (uint32_t s = from; s < to; s++) {
        const struct period *p;
        size_t p_n;
        uint32_t at = f->first[s - from], end = s + 1 < to ? f->first[s - from + 1] : (uint32_t)n;

        if (!fold_server(f->fold, s, f->sorted + at, end - at, &p, &p_n, e) || !spans_of(d, s, p, p_n, &sink, e))
            return false;
    }
    return out_now(&o, e);
}

bool daily_spans(struct daily *d, const struct span_sink *sink, struct daily_counts *ret, struct err *e)
{
    size_t memory = d->o.memory_bytes ? d->o.memory_bytes : MEMORY_BYTES;
    uint32_t jobs = d->o.jobs ? d->o.jobs : os_cores(), readers = d->o.where.n ? jobs : 1;
    /* Two copies of a part for each of the jobs; half as much again, because parts are not equal. */
    uint64_t parts = (uint64_t)d->last_observation * sizeof(struct seen) * 3 * jobs / memory + 1;
    struct run r = { .d = d, .sink = sink, .parts = (uint32_t)(parts > PARTS_MAX ? PARTS_MAX : parts) };

    if (!daily_read(d, readers, r.parts, &r.spools, e))
        return false;
    bool ok = (r.folder = calloc(jobs, sizeof *r.folder)) != NULL;
    for (uint32_t i = 0; i < jobs && ok; i++)
        ok = (r.folder[i].w.span = malloc(WAITING * sizeof *r.folder[i].w.span)) != NULL;
    if (!ok)
        err_set(e, ERR_MEMORY, "no room for the survey's days");
    ok = ok && (!d->server_n || pool_run(jobs, r.parts, part_work, &r, e));
    for (uint32_t i = 0; i < jobs && r.folder; i++) {
        fold_close(r.folder[i].fold);
        free(r.folder[i].seen);
        free(r.folder[i].sorted);
        free(r.folder[i].first);
        free(r.folder[i].w.span);
    }
    free(r.folder);
    spools_close(r.spools);
    d->counts.spans = r.spans;
    if (ok && ret)
        *ret = d->counts;
    return ok;
}

/* ---- words and servers ---- */

static struct str text_at(const struct daily *d, uint32_t word) { return word == NOBODY ? STR_EMPTY : d->word[word].text; }
size_t daily_detectors(const struct daily *d) { return d->detector_n; }
struct str daily_detector(const struct daily *d, size_t i) { return i < d->detector_n ? text_at(d, d->detector[i]) : STR_EMPTY; }
size_t daily_sectors(const struct daily *d) { return d->sector_n; }
struct str daily_sector(const struct daily *d, size_t i) { return i < d->sector_n ? text_at(d, d->sector[i]) : STR_EMPTY; }

static int cmp_str(const void *x, const void *y) { return str_cmp(*(const struct str *)x, *(const struct str *)y); }
static int cmp_ip(const void *x, const void *y) { return memcmp(x, y, 16); }

struct gathered { struct str *s; size_t n; };

static bool add(struct gathered *g, struct str s)
{
    for (size_t i = 0; i < g->n; i++)
        if (str_eq(g->s[i], s))
            return true;
    if (s.n && g->n < DAILY_LIST_MAX)
        g->s[g->n++] = s;
    return g->n < DAILY_LIST_MAX;
}

bool daily_server(const struct daily *d, uint64_t id, struct arena *a, struct daily_server *ret, struct err *e)
{
    size_t from = 0, to = d->server_n;
    struct gathered list[4];
    uint8_t (*ip)[16] = arena_push(a, 16, DAILY_LIST_MAX, 1);
    struct daily_server x = { .id = id };

    while (from < to) {
        size_t mid = from + (to - from) / 2;

        if (d->server[mid].id < id)
            from = mid + 1;
        else
            to = mid;
    }
    if (from == d->server_n || d->server[from].id != id)
        return false;
    for (size_t i = 0; i < COUNT_OF(list); i++)
        if (!(list[i] = (struct gathered){ NEW(a, struct str, DAILY_LIST_MAX), 0 }).s || !ip)
            return err_set(e, ERR_MEMORY, "no room for a server");
    for (uint32_t i = 0; i < d->server[from].target_n; i++) {
        const struct d_target *t = &d->target[d->of_server[d->server[from].target_first + i]];
        const struct d_node *n = &d->node[t->node];
        const struct d_identity *v = &d->identity[t->identity];
        size_t k = 0;

        if (t->online)
            continue;
        while (n->has_ip && k < x.ip_n && memcmp(ip[k], n->ip, 16))
            k++;
        x.more |= n->has_ip && k == DAILY_LIST_MAX;
        if (n->has_ip && k == x.ip_n && k < DAILY_LIST_MAX)
            memcpy(ip[x.ip_n++], n->ip, 16);
        for (uint32_t w = 0; w < v->name_n; w++)
            x.more |= !add(&list[0], text_at(d, d->name[v->name_first + w]));
        x.more |= n->named && !add(&list[1], text_at(d, n->word));
        x.more |= !add(&list[2], text_at(d, v->domain));
        x.more |= !add(&list[3], text_at(d, v->org));
    }
    for (size_t i = 0; i < COUNT_OF(list); i++)
        qsort(list[i].s, list[i].n, sizeof *list[i].s, cmp_str);
    qsort(ip, x.ip_n, 16, cmp_ip);
    x.ip = (const uint8_t (*)[16])ip;
    x.name = list[0].s, x.name_n = list[0].n;
    x.node = list[1].s, x.node_n = list[1].n;
    x.domain = list[2].s, x.domain_n = list[2].n;
    x.org = list[3].s, x.org_n = list[3].n;
    *ret = x;
    return true;
}

size_t daily_parts_count(const struct daily *d) { return d->target_n; }

bool daily_parts(const struct daily *d, bool (*take)(void *ctx, const struct daily_part *p, struct err *e), void *ctx, struct err *e)
{
    struct str name[OBS_NAMES_MAX];

    for (size_t s = 0; s < d->server_n; s++)
        for (uint32_t i = 0; i < d->server[s].target_n; i++) {
            const struct d_target *t = &d->target[d->of_server[d->server[s].target_first + i]];
            const struct d_node *n = &d->node[t->node];
            const struct d_identity *v = &d->identity[t->identity];
            struct daily_part p = {
                .server = d->server[s].id, .target = t->id, .has_ip = n->has_ip, .port = n->port, .computer = n->named ? text_at(d, n->word) : STR_EMPTY,
                .domain = text_at(d, v->domain), .cert = v->cert, .has_cert = v->has_cert, .wild = v->wild, .org = text_at(d, v->org),
                .cert_name = text_at(d, v->cert_name), .name = name, .name_from = d->name_from + v->name_first,
            };

            if (t->online)
                continue;
            memcpy(p.ip, n->ip, sizeof p.ip);
            for (; p.name_n < v->name_n && p.name_n < OBS_NAMES_MAX; p.name_n++)
                name[p.name_n] = text_at(d, d->name[v->name_first + p.name_n]);
            if (!take(ctx, &p, e))
                return false;
        }
    return true;
}
