#include "detect/hunt_inner.h"
#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "detect/spans.h"
#include "os/guard.h"
#include "os/pool.h"

#include <stdlib.h>
#include <string.h>

bool hunt_open(struct hunt **ret, struct os *os, struct ev *ev, const struct pack *pack, const struct sigma *sigma,
               const struct hunt_options *opt, struct arena *keep, struct detected *found, struct err *e)
{
    struct hunt *h = NEW(keep, struct hunt, 1);

    if (!h)
        return err_set(e, ERR_MEMORY, "no room to begin the hunt");
    *h = (struct hunt){ .os = os, .ev = ev, .pack = pack, .sigma = sigma, .opt = *opt, .keep = keep, .found = found };
    h->jobs = opt->jobs < 1 ? 1 : opt->jobs > JOBS_MAX ? JOBS_MAX : opt->jobs;
    h->hits = (struct hits){ .keep = keep, .max = HITS_MAX };
    h->learnt.user = pack->user;
    h->proxies.keep = keep;
    memset(found, 0, sizeof *found);
    found->ev    = ev;
    found->pack  = pack;
    found->sigma = sigma;
    found->baseline = opt->baseline;
    found->newest_us = TIME_NONE;
    found->server.installed_us = found->server.patched_us = found->server.build_at_us = TIME_NONE;
    found->server.um_role = -1;
    found->server.patched_cite.node = found->server.installed_cite.node = UINT32_MAX;
    for (size_t i = 0; i < FAM_COUNT; i++)
        found->seen[i].oldest_us = found->seen[i].newest_us = TIME_NONE;
    for (uint32_t i = 0; i < ev->node_n; i++) {
        enum family f = ev->node[i].family;
        if (!family_table[f].log || !family_table[f].service)
            continue;
        uint32_t *slot = GROW(keep, h->log, h->log_n, &h->log_cap);
        if (!slot)
            return err_set(e, ERR_MEMORY, "no room for the list of logs");
        *slot = i;
        h->log_n++;
    }
    for (uint32_t i = 0; i < h->jobs; i++)
        if (!os_arena_map(&h->scratch[i], HUNT_SCRATCH, e)) {
            hunt_close(h);
            return false;
        }
    *ret = h;
    return true;
}

void hunt_close(struct hunt *h)
{
    for (uint32_t i = 0; h && i < h->jobs; i++)
        os_arena_unmap(&h->scratch[i]);
}

uint64_t hunt_bytes_read(const struct hunt *h) { return h->bytes_read; }

/* A page that the product ships is requested all day; only one that is proven bad is worth watching under such a name. */
static bool clean_name(const struct hunt *h, struct str url, struct arena whole)
{
    for (size_t i = 0; i < h->pack->clean_n; i++) {
        struct arena scratch = whole;
        struct str path = h->pack->clean[i].path;
        uint8_t   *p    = NEW(&scratch, uint8_t, path.n + 1);
        if (!p)
            return false;
        p[0] = '/';
        for (size_t k = 0; k < path.n; k++)
            p[k + 1] = path.p[k] == '\\' ? '/' : path.p[k];
        if (str_ieq((struct str){ p, path.n + 1 }, url))
            return true;
    }
    return false;
}

/* Shorter ones stand in too many ordinary queries ("id=", "p="). */
/* Each term becomes several literals of the matcher; an intruder decides how many files there are. */
enum { KEY_MIN = 5, LEARNT_MAX = 10000 };

static bool learn(struct hunt *h, struct str **list, size_t *n, size_t *cap, struct map *known, struct str s, struct err *e)
{
    if (*n >= LEARNT_MAX || map_get(known, s) != MAP_NONE)
        return true;
    struct str *slot = (struct str *)arena_grow(h->keep, (void **)list, *n, cap, sizeof **list, _Alignof(struct str));
    if (!slot || !map_put(known, h->keep, s, 0))
        return err_set(e, ERR_MEMORY, "no room for what the files name");
    *slot = s;
    ++*n;
    return true;
}

static bool learn_terms(struct hunt *h, struct err *e)
{
    struct map     pages = { 0 }, loot = { 0 }, keys = { 0 };
    struct learnt *t = &h->learnt;

    /* Proven pages first: what is only unknown must not take their places. */
    for (size_t i = 0; i < h->found->fact_n; i++) {
        const struct file_fact *f = &h->found->fact[i];
        if (f->kind == FILE_FACT_PAGE && f->url.n && !learn(h, &t->page, &t->page_n, &t->page_cap, &pages, f->url, e))
            return false;
    }
    for (size_t i = 0; i < h->found->fact_n; i++) {
        const struct file_fact *f = &h->found->fact[i];
        bool page   = f->kind == FILE_FACT_PAGE || f->kind == FILE_FACT_PAGE_LEFT || f->kind == FILE_FACT_AV || f->kind == FILE_FACT_PAGE_REVIEW;
        bool staged = f->kind == FILE_FACT_LOOT || f->kind == FILE_FACT_SECRET;
        if (page && f->url.n && (f->kind == FILE_FACT_PAGE || !(f->product_page || clean_name(h, f->url, h->scratch[0]))) &&
            !learn(h, &t->page, &t->page_n, &t->page_cap, &pages, f->url, e))
            return false;
        if (staged && f->url.n && !learn(h, &t->loot, &t->loot_n, &t->loot_cap, &loot, f->url, e))
            return false;
        if (f->key.n >= KEY_MIN && !learn(h, &t->key, &t->key_n, &t->key_cap, &keys, f->key, e))
            return false;
    }
    if (t->page_n == LEARNT_MAX || t->loot_n == LEARNT_MAX)
        ev_refuse(h->ev, t->page_n == LEARNT_MAX ? t->page[LEARNT_MAX - 1] : t->loot[LEARNT_MAX - 1],
                  "too large: more pages and archives in web folders than this build looks for in the logs", "Hunt with only some of the web folders at a time.");
    return true;
}

/*
 * Statements may take half of what the files left of the memory; correlation, pivot and verdict live in the other half. The list is
 * taken at once where there is plenty: pages that are never written cost nothing, and doubling would throw away as much as it keeps.
 */
static void budget(struct hunt *h)
{
    size_t list = HITS_MAX * sizeof(struct hit);

    if (h->hits.reserve)
        return;
    h->hits.reserve = arena_room(h->keep) / 2;
    if (list < arena_room(h->keep) / 3 - (8u << 20) && (h->hits.item = TAKE(h->keep, struct hit, HITS_MAX)) != NULL)
        h->hits.cap = HITS_MAX;
}

bool hunt_files(struct hunt *h, struct err *e)
{
    struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };

    if (!files_detect(&c, e))
        return false;
    budget(h);
    return hunt_events(h, e) && learn_terms(h, e);
}

/* i: in its slice. */
struct task { struct hunt *h; size_t i; uint32_t worker; uint64_t key; struct ev_node *node; struct pool_turn *turn; };

static void on_step(void *ctx, uint64_t bytes)
{
    struct task *t = ctx;

    guard_beat(t->h->opt.guard, t->worker);
    t->h->bytes_read += bytes;
    if (t->h->opt.progress)
        term_progress_add(t->h->opt.progress, bytes);
}

static bool shared(const struct hunt *h, struct str client)
{
    uint32_t at = client.n ? map_get(&h->plan.client, client) : MAP_NONE;
    return at != MAP_NONE && h->found->client[at].authenticated >= SHARED_REQUESTS;
}

/* Not as an item of the guard: who waits for another does not hang. */
static void wait_turn(struct task *t)
{
    guard_leave(t->h->opt.guard, t->worker);
    pool_wait(t->turn, t->i);
}

static bool take_hits(void *ctx, struct hits *from, struct err *e)
{
    struct task *t = ctx;

    for (size_t i = 0; i < from->n; i++)
        if (!(from->item[i].rule == RULE_PIVOT && shared(t->h, from->item[i].client)) && !hits_push(&t->h->hits, &from->item[i], e))
            return false;
    t->h->hits.more += from->more;
    return true;
}

static void tally_add(struct tally *t, struct arena *keep, const struct logscan_name *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < t->n && !str_ieq(t->item[k].name, list[i].name))
            k++;
        if (k == NAMES_MAX)
            continue;
        if (k == t->n) {
            struct str copy = str_dup(keep, list[i].name);
            if (!copy.p)
                return;
            t->item[t->n++] = (struct logscan_name){ copy, 0 };
        }
        t->item[k].rows += list[i].rows;
    }
}

static void versions_add(struct hunt *h, const struct logscan_result *r)
{
    for (size_t i = 0; i < r->version_n; i++) {
        const struct logscan_version *v = &r->version[i];
        size_t k = 0;
        while (k < h->version_n && memcmp(h->version[k].v, v->v, sizeof v->v) != 0)
            k++;
        if (k == LOGSCAN_VERSIONS)
            continue;
        if (k == h->version_n) {
            h->version[k] = *v;
            h->version[k].first.excerpt = str_dup(h->keep, v->first.excerpt);
            h->version_n++;
            continue;
        }
        if (v->first_us < h->version[k].first_us) {
            h->version[k].first_us = v->first_us;
            h->version[k].first    = v->first;
            h->version[k].first.excerpt = str_dup(h->keep, v->first.excerpt);
        }
        if (v->last_us > h->version[k].last_us)
            h->version[k].last_us = v->last_us;
    }
}

static bool note_damage(struct hunt *h, uint32_t node, const struct logscan_result *r, struct err *e)
{
    struct seen *s = &h->found->seen[h->ev->node[node].family];

    if (r->stopped.kind == ERR_IO && !r->bytes) {
        ev_refuse_err(h->ev, h->ev->node[node].path, "unreadable", &r->stopped);
        return true;
    }
    if (r->stopped.kind != ERR_NONE &&
        !seen_damaged(s, h->keep, node, str_fmt(h->keep, "reading stopped: %s", r->stopped.what), r->records, e))
        return false;
    if (r->damage.nul_bytes &&
        !seen_damaged(s, h->keep, node, str_fmt(h->keep, "%llu NUL bytes taken out", (unsigned long long)r->damage.nul_bytes), r->records, e))
        return false;
    if (r->damage.long_rows &&
        !seen_damaged(s, h->keep, node, str_fmt(h->keep, "%llu rows longer than %d bytes, cut there", (unsigned long long)r->damage.long_rows, LINES_ROW_MAX), r->records, e))
        return false;
    if (r->damaged_rows &&
        !seen_damaged(s, h->keep, node, str_fmt(h->keep, "%llu candidate rows incomplete, read as far as they go", (unsigned long long)r->damaged_rows), r->records, e))
        return false;
    if (r->headerless && r->headerless >= r->records &&
        !seen_damaged(s, h->keep, node, str_fmt(h->keep, "no header line: columns unknown"), 0, e))
        return false;
    return true;
}

static void proxies_add(struct hunt *h, const struct proxies *p)
{
    for (size_t i = 0; i < p->n; i++)
        event_client(p->ip[i], STR("-"), &h->proxies);
}

/*
 * Which addresses are proxies is known for sure only after the pass: an outer balancer may first show itself as a peer in a later file.
 * So the clients of forwarded requests are told once more, and what became equal is folded.
 */
static bool clients_again(struct hunt *h, struct err *e)
{
    /* Folding only makes the list shorter, so it is done in place, with the texts that are there. */
    struct hits again = { .keep = h->keep, .item = h->hits.item, .cap = h->hits.cap, .max = h->hits.max, .reserve = h->hits.reserve,
                          .more = h->hits.more, .text = h->hits.text };
    bool any = false;

    h->proxies.keep = NULL;                               /* nothing is learnt any more */
    for (size_t i = 0; i < h->hits.n && !any; i++) {
        const struct hit *one = &h->hits.item[i];
        any = one->forwarded.n && !str_eq(one->client, event_client(one->peer, one->forwarded, &h->proxies));
    }
    if (!any)
        return true;
    for (size_t i = 0; i < h->hits.n; i++) {
        struct hit one = h->hits.item[i];
        if (one.forwarded.n)
            one.client = event_client(one.peer, one.forwarded, &h->proxies);
        if (!hits_push(&again, &one, e))
            return false;
    }
    h->hits = again;
    return true;
}

static bool merge(struct hunt *h, uint32_t node, const struct logscan_result *r, struct err *e)
{
    struct seen *s = &h->found->seen[h->ev->node[node].family];

    versions_add(h, r);
    proxies_add(h, &r->proxies);
    if (h->plan.pivot) {
        for (size_t i = 0; i < h->plan.client_n; i++) {
            struct client_seen *c = &h->found->client[i];
            c->requests      += r->client[i].requests;
            c->authenticated += r->client[i].authenticated;
            if (!c->some_user.n && r->client[i].some_user.n)
                c->some_user = str_dup(h->keep, r->client[i].some_user);
        }
        return true;
    }
    s->files++;
    s->bytes   += r->bytes;
    s->records += r->records;
    if (r->oldest_us != TIME_NONE && (s->oldest_us == TIME_NONE || r->oldest_us < s->oldest_us))
        s->oldest_us = r->oldest_us;
    if (r->newest_us != TIME_NONE && (s->newest_us == TIME_NONE || r->newest_us > s->newest_us))
        s->newest_us = r->newest_us;
    if (s->newest_us != TIME_NONE && (h->found->newest_us == TIME_NONE || s->newest_us > h->found->newest_us))
        h->found->newest_us = s->newest_us;
    for (size_t i = 0; i < r->span_n; i++)
        if (!spans_add(s, h->keep, r->span[i], e))
            return false;
    tally_add(&h->server, h->keep, r->server, r->server_n);
    tally_add(&h->host, h->keep, r->host, r->host_n);
    tally_add(&h->address, h->keep, r->address, r->address_n);
    return note_damage(h, node, r, e);
}

/* Taken over in the middle of a file, because they are many. */
static bool flush_hits(void *ctx, struct hits *from, struct err *e)
{
    struct task *t = ctx;

    wait_turn(t);
    bool ok = take_hits(t, from, e);
    guard_enter(t->h->opt.guard, t->worker, t->key, t->node->path);
    return ok;
}

/* Left out. What an earlier pass read of it stays; then it is the file that is damaged, not missing. */
static bool skip_one(struct task *t, struct err *e)
{
    struct hunt *h = t->h;
    bool         ok = true;

    pool_wait(t->turn, t->i);
    if (h->plan.pivot && !t->node->stopped)
        ok = seen_damaged(&h->found->seen[t->node->family], h->keep, t->node->id, STR("parser stopped while the intruders were followed"), 0, e);
    ev_node_stopped(h->ev, t->node);
    pool_next(t->turn, t->i);
    return ok;
}

/* What is worth telling before all is read: more than a try. */
static void on_met(void *ctx, uint32_t rule, uint64_t line)
{
    const struct task       *t = ctx;
    const struct sigma_rule *r = rule < t->h->sigma->rule_n ? &t->h->sigma->rule[rule] : NULL;

    if (r && (r->axis == AXIS_BACK_DOOR || str_eq(r->state, STR("succeeded")) || str_eq(r->state, STR("used")) || str_eq(r->state, STR("seen"))))
        t->h->opt.first(t->h->opt.first_ctx, &(struct hunt_first){ r->title, t->node->path, line });
}

/*
 * Where four logs of a family in five are cited, hashing on the way saves reading them again (hashing takes about four times as long as reading).
 * Which of the two was done no report tells.
 */
static bool wants_hash(const struct hunt *h, enum family f)
{
    return !h->plan.pivot && (!h->opt.cited_only || h->cited_n[f] * 5 > h->done_n[f] * 4);
}

static bool scan_one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct hunt          *h    = ctx;
    uint32_t              id   = h->log[h->first + i];
    struct task           task = { h, i, worker, 0, &h->ev->node[id], turn };
    struct arena          work = h->scratch[worker];
    struct logscan_sink   sink = { &task, on_step, flush_hits, h->opt.first ? on_met : NULL, h->memory[worker] };
    struct logscan_result *r   = NEW(&work, struct logscan_result, 1);

    if (!r)
        return err_set(e, ERR_MEMORY, "no room to read a log");
    r->hits.max = HITS_MAX;
    task.key = h->opt.guard ? ev_node_key(h->ev, task.node) : 0;
    if (guard_barred(h->opt.guard, task.key))
        return skip_one(&task, e);
    guard_enter(h->opt.guard, worker, task.key, task.node->path);
    bool ok = logscan_run(&h->plan, h->ev, task.node, wants_hash(h, task.node->family), &work, &sink, r, e);
    wait_turn(&task);
    h->done_n[task.node->family]++;
    h->cited_n[task.node->family] += r->hits.n > 0;
    ok = ok && take_hits(&task, &r->hits, e) && merge(h, id, r, e);
    pool_next(turn, i);
    return ok;
}

enum { SLICE_BYTES = 1 << 30, HASH_READ = 256 << 10 };

/* In slices with a mark between them: a reader that dies costs the work of one slice. The results are those of one run. */
static bool scan_all(struct hunt *h, struct err *e)
{
    bool ok = true;

    h->first = 0;
    for (size_t end = 0; ok && end < h->log_n; h->first = end) {
        uint64_t bytes = 0;
        for (end = h->first; end < h->log_n && bytes < SLICE_BYTES; end++)
            bytes = num_add_sat(bytes, h->ev->node[h->log[end]].size_bytes);
        ok = (h->first == 0 || guard_mark(h->opt.guard, e)) && pool_run(h->jobs, end - h->first, scan_one, h, e);
    }
    return ok;
}

static bool run_pass(struct hunt *h, struct err *e)
{
    uint64_t total = 0;
    bool     ok;

    for (uint32_t i = 0; i < h->jobs && !h->memory[i]; i++)
        h->memory[i] = logscan_memory(h->keep);
    budget(h);
    h->plan.proxies  = h->plan.pivot ? &h->proxies : NULL;
    h->plan.since_us = h->opt.since_us;
    h->plan.until_us = h->opt.until_us;
    for (size_t i = 0; i < h->log_n; i++)
        total += h->ev->node[h->log[i]].size_bytes;
    if (h->opt.progress)
        term_progress_start(h->opt.progress, h->os, !h->opt.progress->on, h->plan.pivot ? "following the intruders" : "reading logs", total);
    ok = scan_all(h, e);
    if (h->opt.progress)
        term_progress_end(h->opt.progress);
    h->found->hit      = h->hits.item;
    h->found->hit_n    = h->hits.n;
    h->found->hit_more = h->hits.more;
    return ok;
}

bool hunt_logs(struct hunt *h, struct err *e)
{
    hunt_remarks(h);
    if (!hunt_leave_out_twins(h, e))
        return false;
    if (!plan_make(&h->plan, h->ev, h->sigma, &h->learnt, h->keep, e) || !run_pass(h, e) ||
        !clients_again(h, e) || !correlate(&h->hits, h->sigma, e))
        return false;
    h->found->hit   = h->hits.item;
    h->found->hit_n = h->hits.n;
    struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };
    files_refused(&c, h->scratch[0]);
    return hunt_describe_server(h, e);
}

static bool hash_one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct hunt      *h = ctx;
    struct ev_node   *n = &h->ev->node[h->unhashed[i]];
    struct arena      work = h->scratch[worker];
    struct ev_stream *in = NULL;
    uint8_t          *buf = TAKE(&work, uint8_t, HASH_READ);
    struct err        io = { 0 };
    size_t            got = 0;
    uint64_t          key = h->opt.guard ? ev_node_key(h->ev, n) : 0;

    (void)turn;
    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read a log");
    if (guard_barred(h->opt.guard, key))
        return true;
    guard_enter(h->opt.guard, worker, key, n->path);
    /* What cannot be read was told when it was searched. */
    for (bool more = ev_stream_open(&in, h->ev, n, true, &work, &io); more; more = got > 0) {
        if (!ev_stream_fill(in, buf, HASH_READ, &got, &io))
            break;
        guard_beat(h->opt.guard, worker);                   /* not counted as read: that would tell which logs were hashed on the way */
    }
    ev_stream_close(in);
    guard_leave(h->opt.guard, worker);
    return true;
}

static bool is_log(enum family f) { return family_table[f].log || family_is_event_log(f); }

static bool unhashed_add(struct hunt *h, uint32_t node, size_t *cap, struct err *e)
{
    if (node >= h->ev->node_n || h->ev->node[node].hashed || !is_log(h->ev->node[node].family))
        return true;
    for (size_t i = 0; i < 2 && i < h->unhashed_n; i++)   /* statements of one log stand together, mostly */
        if (h->unhashed[h->unhashed_n - 1 - i] == node)
            return true;
    uint32_t *slot = GROW(h->keep, h->unhashed, h->unhashed_n, cap);
    if (!slot)
        return err_set(e, ERR_MEMORY, "no room for the list of cited logs");
    *slot = node;
    h->unhashed_n++;
    return true;
}

static int by_number(const void *x, const void *y)
{
    const uint32_t *a = x, *b = y;
    return (*a > *b) - (*a < *b);
}

/* The logs that a statement cites, and one that is the whole of its source. */
static bool hash_cited(struct hunt *h, struct err *e)
{
    size_t cap = 0, n = 0;

    h->unhashed   = NULL;
    h->unhashed_n = 0;
    for (size_t i = 0; i < h->hits.n; i++)
        if (!unhashed_add(h, h->hits.item[i].first.node, &cap, e) || !unhashed_add(h, h->hits.item[i].last.node, &cap, e))
            return false;
    for (size_t i = 0; i < h->found->fact_n; i++)
        if (!unhashed_add(h, h->found->fact[i].cite.node, &cap, e))
            return false;
    for (size_t i = 0; i < h->version_n; i++)
        if (!unhashed_add(h, h->version[i].first.node, &cap, e))
            return false;
    for (size_t i = 0; h->ev->source_n == h->ev->node_n && i < h->log_n; i++)
        if (!unhashed_add(h, h->log[i], &cap, e))
            return false;
    if (h->unhashed_n)
        qsort(h->unhashed, h->unhashed_n, sizeof *h->unhashed, by_number);
    for (size_t i = 0; i < h->unhashed_n; i++)
        if (i == 0 || h->unhashed[i] != h->unhashed[i - 1])
            h->unhashed[n++] = h->unhashed[i];
    h->unhashed_n = n;
    return n == 0 || (guard_mark(h->opt.guard, e) && pool_run(h->jobs, n, hash_one, h, e));
}

bool hunt_pivot(struct hunt *h, const struct str *client, size_t client_n, const struct str *canary, size_t canary_n, struct err *e)
{
    if (!client_n && !canary_n)
        return hunt_events_pivot(h, NULL, 0, e) && hash_cited(h, e);
    h->found->client = NEW(h->keep, struct client_seen, client_n ? client_n : 1);
    if (!h->found->client)
        return err_set(e, ERR_MEMORY, "no room for %zu clients", client_n);
    for (size_t i = 0; i < client_n; i++)
        h->found->client[i].client = client[i];
    h->found->client_n = client_n;
    h->proxies.keep    = h->keep;                         /* a follower may turn out to be a balancer whose own lines were of no interest before */
    if (!plan_make_pivot(&h->plan, h->ev, h->sigma, client, client_n, canary, canary_n, h->keep, e) || !run_pass(h, e) || !clients_again(h, e))
        return false;
    h->found->hit   = h->hits.item;
    h->found->hit_n = h->hits.n;
    return hunt_events_pivot(h, client, client_n, e) && hash_cited(h, e);
}
