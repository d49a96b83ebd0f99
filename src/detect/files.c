#include "detect/config.h"
#include "detect/spans.h"

#include "base/hash.h"
#include "os/guard.h"
#include "os/pool.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FILES_ANALYSE_ROOM = 48 << 20, FILES_SCRATCH = 96 << 20, FILES_PILE = 48 << 20, FILES_BODY_ROOM = FILES_BODY_MAX + (64 << 10) + FILES_ANALYSE_ROOM,
       FILES_SLICE = 512 << 20 };

/* files_ntfs stays last: it dates what the others found. */
const struct files_detector *const files_detectors[] = {
    &files_baseline, &files_pages, &files_webconfig, &files_loot, &files_tools, &files_leftovers, &files_config, &files_agents, &files_modules, &files_objects, &files_exposure, &files_avlogs, &files_defender, &files_tasks, &files_powershell, &files_wmi, &files_bits, &files_prefetch, &files_remote, &files_programs, &files_policy, &files_fetched, &files_ual, &files_registry, &files_states, &files_yara, &files_iocs, &files_ntfs, NULL,
};

/* An array doubles at powers of two: its room follows from its length alone. */
static size_t doubled(size_t n) { return n < 16 ? (n ? 16 : 0) : (size_t)1 << (64 - __builtin_clzll((unsigned long long)(n - 1))); }

struct file_fact *files_fact(struct files_context *c)
{
    struct detected *d = c->found;
    size_t cap = doubled(d->fact_n);

    if (d->fact_n >= FILE_FACTS_MAX) {
        d->fact_more++;
        return NULL;
    }
    struct file_fact *f = GROW(c->keep, d->fact, d->fact_n, &cap);
    if (!f) {
        d->fact_more++;
        return NULL;
    }
    *f = (struct file_fact){ .time_us = TIME_NONE, .created_us = TIME_NONE, .removed_us = TIME_NONE, .used_us = TIME_NONE, .cite = { .node = UINT32_MAX, .time_us = TIME_NONE } };
    d->fact_n++;
    return f;
}

void files_there(struct files_context *c, const char *what, struct str name, struct str path)
{
    struct detected *d = c->found;
    size_t cap = doubled(d->there_n);
    struct str kept_name = str_dup(c->keep, str_trim(name)), kept_path = str_dup(c->keep, path);

    if (d->there_n >= THERE_MAX || !kept_name.p || !kept_path.p || !GROW(c->keep, d->there, d->there_n, &cap)) {
        d->there_more++;
        return;
    }
    d->there[d->there_n++] = (struct there){ str_c(what), kept_name, kept_path };
}

struct str files_text(struct files_context *c, const char *fmt, ...)
{
    char    buf[FILES_TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(buf, sizeof buf, fmt, ap);
    va_end(ap);
    if (n < 0)
        return STR_EMPTY;
    return str_dup(c->keep, (struct str){ (const uint8_t *)buf, (size_t)n < sizeof buf ? (size_t)n : sizeof buf - 1 });
}

struct str files_quote(struct files_context *c, struct str s) { return excerpt_of(c->keep, str_sub(s, 0, EXCERPT_MAX)); }

struct file_fact *files_fact_at(struct files_context *c, const struct ev_node *n, enum file_fact_kind kind, const char *detector, enum severity severity,
                                double confidence)
{
    /* Anybody who can write files can cause notes without end: a quarter of the list is kept for what says more. */
    bool         cheap = kind == FILE_FACT_NOTE || kind == FILE_FACT_PAGE_REVIEW;
    struct file_fact *f = cheap && c->found->fact_n >= FILE_FACTS_MAX / 4 * 3 ? NULL : files_fact(c);

    if (!f) {
        c->found->fact_more += cheap && c->found->fact_n < FILE_FACTS_MAX;
        return NULL;
    }
    f->kind       = kind;
    f->detector   = str_c(detector);
    f->severity   = severity;
    f->confidence = confidence;
    f->state      = THING_PRESENT;
    if (!n)
        return f;
    f->earlier    = n->shadow != 0;
    if (f->earlier)
        f->state = ev_has_pages_of(c->ev, winpath_dir(n->path)) ? THING_REMOVED : THING_UNKNOWN;
    f->path       = n->path;
    f->name       = winpath_name(n->path);
    f->bytes      = n->size_bytes;
    f->created_us = n->btime_us;
    f->cite.node  = n->id;
    if (files_served(c, c->keep, n->path, &f->url))
        f->reachable = f->state == THING_PRESENT ? REACH_YES : f->state == THING_REMOVED ? REACH_NO : REACH_UNKNOWN;
    if (n->hashed) {
        char hex[65];
        num_tohex(n->sha256, 32, hex);
        f->hash_hex = str_dup(c->keep, str_c(hex));
        memcpy(f->cite.raw_sha256, n->sha256, 32);
        f->cite.has_raw = true;
    }
    return f;
}

static bool is_host(struct str s)
{
    bool letter = false;

    for (size_t i = 0; i < s.n; i++) {
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
            return false;
        letter |= ch_alpha(s.p[i]);
    }
    return letter && s.n <= 253 && str_chr(s, '.') != STR_NONE;
}

void files_own_name(struct files_context *c, struct str name)
{
    struct server *s  = &c->found->server;
    struct str     low = is_host(name) ? str_lower(c->keep, name) : STR_EMPTY;
    size_t         at = 0;

    while (at < s->own_name_n && str_cmp(s->own_name[at], low) < 0)
        at++;
    if (!low.n || s->own_name_n == COUNT_OF(s->own_name) || (at < s->own_name_n && str_eq(s->own_name[at], low)))
        return;
    memmove(&s->own_name[at + 1], &s->own_name[at], (s->own_name_n - at) * sizeof low);
    s->own_name[at] = low;
    s->own_name_n++;
}

void files_attack(struct file_fact *f, const char *technique)
{
    if (f->attack_n < COUNT_OF(f->attack))
        f->attack[f->attack_n++] = str_c(technique);
}

void files_cve(struct file_fact *f, const char *cve)
{
    if (f->cve_n < COUNT_OF(f->cve))
        f->cve[f->cve_n++] = str_c(cve);
}

bool files_damage(struct files_context *c, enum family family, const struct ev_node *n, const char *what, uint64_t kept, struct err *e)
{
    struct seen *s    = &c->found->seen[family];
    struct str   text = s->damage_n < SEEN_DAMAGE_MAX ? files_text(c, "%s", what) : STR_EMPTY;

    return seen_damaged(s, c->keep, n->id, text, kept, e);
}

/* ---- reading: by several threads; looking: one node after the other, in order ---- */

struct job {
    struct files_context *c;
    const uint32_t       *node;       /* nodes that a detector wants, in order */
    const uint32_t       *want;       /* which detectors, a bit each */
    size_t                first;      /* of the slice that is under way */
    struct arena          body[FILES_JOBS_MAX];
};

static bool read_body(struct files_context *c, struct ev_node *n, struct arena *a, struct files_node *ret, struct err *e)
{
    if (n->size_bytes <= FILES_BODY_MAX) {
        if (ev_slurp(c->ev, n, FILES_BODY_MAX, a, &ret->body, e))
            return true;
        if (e->kind != ERR_LIMIT)
            return false;
        *e = (struct err){ 0 };             /* it has grown since it was listed */
    }
    uint8_t *buf = NEW(a, uint8_t, FILES_BODY_MAX);
    size_t   got = 0;
    if (!buf)
        return err_set(e, ERR_MEMORY, "no room for the first %d bytes of a file", FILES_BODY_MAX);
    if (!ev_read(c->ev, n, 0, buf, FILES_BODY_MAX, &got, e))
        return false;
    ret->body = (struct str){ buf, got };
    ret->cut  = true;
    return true;
}

static bool look_all(struct files_context *c, struct files_node *n, uint32_t want, struct err *e)
{
    struct seen *s = &c->found->seen[n->node->family];

    if (n->node->family != FAM_NONE && !family_table[n->node->family].log) {
        s->files++;
        s->bytes += n->node->size_bytes;
        s->records++;
    }
    for (size_t i = 0; files_detectors[i]; i++) {
        if (!(want >> i & 1))
            continue;
        n->scratch = c->work->scratch;
        if (files_detectors[i]->look(c, n, e))
            continue;
        if (e->kind == ERR_FORMAT || e->kind == ERR_LIMIT || (e->kind == ERR_MEMORY && arena_room(c->keep) > (1u << 20))) {
            if (!files_damage(c, n->node->family, n->node, e->what, 0, e))
                return false;
            *e = (struct err){ 0 };
            continue;
        }
        return false;
    }
    return true;
}

/* A back door among the facts that this file gave. */
static void tell_first(const struct files_context *c, size_t from)
{
    for (size_t i = from; c->opt->first && i < c->found->fact_n; i++)
        if (c->found->fact[i].kind == FILE_FACT_PAGE)
            c->opt->first(c->opt->first_ctx, &(struct hunt_first){ c->found->fact[i].title, c->found->fact[i].path, 0 });
}

static bool work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct job           *j = ctx;
    struct files_context *c = j->c;
    struct guard         *g = c->opt->guard;
    struct arena          a = j->body[worker];
    size_t                at = j->first + i;
    struct ev_node       *node = &c->ev->node[j->node[at]];
    struct files_node     n = { .node = node };
    struct err            trouble = { 0 };
    uint64_t              key = g ? ev_node_key(c->ev, node) : 0;
    bool                  barred = guard_barred(g, key), got = false, ok = true;

    if (!barred) {
        guard_enter(g, worker, key, node->path);
        got = read_body(c, node, &a, &n, &trouble);
        for (size_t k = 0; got && files_detectors[k]; k++)
            if ((j->want[at] >> k & 1) && files_detectors[k]->ahead)
                files_detectors[k]->ahead(c, worker, &n, &a);
        guard_leave(g, worker);
    }
    if (got) {
        *c->bytes_read += n.body.n;
        if (c->opt->progress)
            term_progress_add(c->opt->progress, n.body.n);
    }
    /* Not as an item of the guard: who waits for another does not hang. */
    pool_wait(turn, i);
    if (barred) {
        ev_node_stopped(c->ev, node);
    } else if (got) {
        size_t told = c->found->fact_n;
        guard_enter(g, worker, key, node->path);
        ok = look_all(c, &n, j->want[at], e);
        tell_first(c, told);
        guard_leave(g, worker);
    } else {
        /* Vanished, locked or unreadable: said, and the hunt goes on. */
        ok = files_damage(c, node->family, node, trouble.what, 0, e);
        ev_refuse_err(c->ev, node->path, "unreadable", &trouble);
    }
    pool_next(turn, i);
    return ok;
}

/* In slices with a mark between them: a reader that dies costs the work of one slice. The results are those of one run. */
static bool read_all(struct job *j, uint32_t jobs, size_t n, struct err *e)
{
    bool ok = true;

    for (size_t end = 0; ok && end < n; j->first = end) {
        uint64_t bytes = 0;
        for (end = j->first; end < n && bytes < FILES_SLICE; end++)
            bytes += j->c->ev->node[j->node[end]].size_bytes < FILES_BODY_MAX ? j->c->ev->node[j->node[end]].size_bytes : FILES_BODY_MAX;
        ok = (j->first == 0 || guard_mark(j->c->opt->guard, e)) && pool_run(jobs, end - j->first, work, j, e);
    }
    return ok;
}

static void missing_roots(struct files_context *c);

bool files_detect(struct files_context *c, struct err *e)
{
    struct ev        *v = c->ev;
    struct files_work w = { 0 };
    struct job        j = { .c = c };
    uint32_t          jobs = c->opt->jobs < 1 ? 1 : c->opt->jobs > FILES_JOBS_MAX ? FILES_JOBS_MAX : c->opt->jobs;
    struct arena      whole = { 0 }, pile = { 0 }, body[FILES_JOBS_MAX] = { { 0 } };
    bool              ok = os_arena_map(&whole, FILES_SCRATCH, e) && os_arena_map(&pile, FILES_PILE, e);

    for (uint32_t i = 0; i < jobs && ok; i++) {
        ok = os_arena_map(&body[i], FILES_BODY_ROOM, e);
        j.body[i] = body[i];
    }
    w.scratch = whole;
    w.pile    = pile;
    c->work   = &w;
    ok = ok && files_patterns_open(c, e);
    size_t n = 0;
    if (ok && v->node_n) {
        uint32_t *node = NEW(&w.pile, uint32_t, v->node_n), *want = NEW(&w.pile, uint32_t, v->node_n);
        uint64_t  total = 0;
        ok = node && want ? true : err_set(e, ERR_MEMORY, "no room for the list of files");
        for (uint32_t i = 0; ok && i < v->node_n; i++) {
            uint32_t bits = 0;
            for (size_t k = 0; files_detectors[k]; k++)
                bits |= (uint32_t)files_detectors[k]->wants(c, &v->node[i]) << k;
            if (!bits)
                continue;
            node[n] = i;
            want[n++] = bits;
            total += v->node[i].size_bytes < FILES_BODY_MAX ? v->node[i].size_bytes : FILES_BODY_MAX;
        }
        j.node = node;
        j.want = want;
        if (c->opt->progress)
            term_progress_start(c->opt->progress, v->os, !c->opt->progress->on, "reading files", total);
        ok = ok && read_all(&j, jobs, n, e);
        if (c->opt->progress)
            term_progress_end(c->opt->progress);
    }
    for (size_t k = 0; ok && files_detectors[k]; k++) {
        if (!files_detectors[k]->done)
            continue;
        struct arena saved = w.scratch;
        ok = files_detectors[k]->done(c, e);
        w.scratch = saved;
    }
    if (ok)
        missing_roots(c);
    files_patterns_close(c);
    files_yara_close(c);
    c->work = NULL;
    for (uint32_t i = 0; i < jobs; i++)
        os_arena_unmap(&body[i]);
    os_arena_unmap(&pile);
    os_arena_unmap(&whole);
    return ok;
}

/* ---- coverage: which folders of the server the evidence does not hold ---- */

static void miss(struct files_context *c, enum family family, struct str path, struct str why)
{
    struct seen *s = &c->found->seen[family];

    s->roots_missing = true;
    if (s->missing.n > 300)
        return;
    struct str more = str_fmt(c->keep, "%s%.*s (%.*s)", s->missing.n ? "; " : "", STR_ARG(str_sub(path, 0, 200)), STR_ARG(why));
    struct str all = str_cat(c->keep, s->missing, more);
    if (all.p)
        s->missing = all;
}

void files_refused(struct files_context *c, struct arena scratch)
{
    const struct ev *v = c->ev;

    ev_trouble_take(c->ev, scratch);
    for (size_t i = 0; i < v->refused_n; i++) {
        /* What an archive lost unnamed may have been of any family. */
        for (size_t k = FAM_NONE + 1; k < FAM_COUNT && v->refused[i].unknown; k++)
            if (family_table[k].examined)
                miss(c, (enum family)k, v->refused[i].path, v->refused[i].what);
        if (v->refused[i].unknown)
            continue;
        /* One that was listed and then could not be read has a family already; its site may say more than its path. */
        const struct ev_node *n = ev_find(v, v->refused[i].path);
        enum family f = n && n->family != FAM_NONE ? n->family : ev_family_of(v, v->refused[i].path, scratch);
        if (f != FAM_NONE)
            miss(c, f, v->refused[i].path, v->refused[i].what);
    }
}

static bool any_of(const struct files_context *c, enum family f)
{
    for (size_t i = 0; i < c->ev->node_n; i++)
        if (c->ev->node[i].family == f)
            return true;
    return false;
}

static void missing_roots(struct files_context *c)
{
    const struct ev *v = c->ev;
    bool site_root = false;

    for (size_t i = 0; i < v->served_n; i++) {
        site_root = site_root || (v->served[i].found && (v->served[i].url.n == 0 || str_eq(v->served[i].url, STR("/"))));
        if (!v->served[i].found)
            miss(c, FAM_WEB_ROOTS, v->served[i].path, STR("named by the configuration, not in the evidence"));
    }
    if (!site_root && !any_of(c, FAM_WEB_ROOTS))
        miss(c, FAM_WEB_ROOTS, STR("inetpub\\wwwroot"), STR("the web site's own folder is not in the evidence"));
    if (v->pages_left_out)
        miss(c, FAM_WEB_ROOTS, STR("pages"), STR("the collection took other files from web folders, but no page"));
    if (v->install_n == 0)
        miss(c, FAM_WEB_ROOTS, STR("the Exchange folder"), STR("FrontEnd and ClientAccess are not in the evidence"));
    for (size_t i = 0; i < v->install_n; i++) {
        struct arena *a = &c->work->scratch;
        struct str front = str_cat(a, v->install[i].path, STR("\\FrontEnd\\HttpProxy")), client = str_cat(a, v->install[i].path, STR("\\ClientAccess"));
        bool v14 = str_iends(v->install[i].path, STR("\\V14"));
        if (!v14 && front.p && !ev_has_dir(v, front))
            miss(c, FAM_WEB_ROOTS, front, STR("not in the evidence"));
        if (client.p && !ev_has_dir(v, client))
            miss(c, FAM_WEB_ROOTS, client, STR("not in the evidence"));
    }
    if (!c->work->app_host)
        miss(c, FAM_IIS_CONFIG, STR("Windows\\System32\\inetsrv\\config\\applicationHost.config"), STR("not in the evidence"));
}
