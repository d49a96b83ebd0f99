/*
 * events: the records of Windows event logs as lines of JSON.
 *
 * Worker   files are read in a process without network and without any right to write (sandbox.h); a chunk that brings its reader down is left out, the rest
 *          of its file is read (guard.h).
 * Order    as stored: files as given, chunks and records by their place, whatever the number of threads. One thread reads BATCH chunks, all make lines of
 *          them, each in its turn hands them on.
 * Memory   a line goes out as soon as it is certain; at MARK_BYTES the worker waits for who reads it. So it hangs on the number of threads alone.
 * Said     what is damaged is told with the record; of a file, in one line on stderr; the sums in a last one.
 */
#include "cli/events_out.h"
#include "cli/setup.h"
#include "cli/verbs.h"

#include "base/num.h"
#include "os/guard.h"
#include "os/pool.h"
#include "os/sandbox.h"

#include <string.h>

enum {
    CHUNK_ARENA = 96 << 20, RECORD_ARENA = 96 << 20, SHEET_BYTES = 1 << 20, BATCH = 128, MARK_CHUNKS = 1024, MARK_BYTES = GUARD_AHEAD_BYTES, JOBS_MAX = 64,
    OPT_SYSTEM = 0, OPT_COUNT, OPT_JOBS,
};

static const struct opt opts[] = {
    { "system", NULL, "also every field of System, under \"system\"", NULL },
    { "count", NULL, "read everything, print only the counts", NULL },
    { "jobs", "N", "threads; without it one per core", NULL },
    { NULL, NULL, NULL, NULL },
};

struct counts { uint64_t records, damaged, slack, chunks, bad_chunks, cut_chunks, lost_places, barred; };

struct events;
/* What one thread has. Lines gather on its sheet; a sheet that is full waits for its turn. */
struct lane {
    struct events    *v;
    struct arena      chunk, record;
    uint8_t          *sheet;
    size_t            n;
    struct out        out;
    struct counts     here;
    size_t            i;
    uint32_t          slot;
    uint64_t          key;
    struct pool_turn *turn;
};

struct events {
    struct cli        *c;
    const struct args *args;
    struct guard      *g;
    struct os         *os;
    struct arena       whole, scratch;
    uint32_t           jobs;
    struct lane       *lane;
    uint8_t           *buf;              /* BATCH chunks */
    struct { struct str in; uint64_t off; } batch[BATCH];
    struct str         path;
    struct counts      all, here;
    uint64_t           chunks_since, bytes_since;
    bool               system, count;
};

struct place { struct os *os; struct os_file f; };

static bool read_at(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct place *p = ctx;
    return p->os->read_at(p->os, p->f, off, buf, cap, got, e);
}

/* --- one chunk, in any thread --- */

/* Not as an item of the guard: who waits for another does not hang. */
static void wait_turn(struct lane *l)
{
    guard_leave(l->v->g, l->slot);
    pool_wait(l->turn, l->i);
}

static bool hand_on(struct lane *l, struct err *e)
{
    struct events *v = l->v;

    out_str(v->c->out, (struct str){ l->sheet, l->n });
    v->bytes_since += l->n;
    l->n = 0;
    return !v->c->out->failed || err_set(e, ERR_IO, "nobody takes the output");
}

static bool on_sheet(void *ctx, struct str s, struct err *e)
{
    struct lane *l = ctx;

    while (s.n) {
        if (l->n == SHEET_BYTES) {
            wait_turn(l);
            bool ok = hand_on(l, e);
            guard_enter(l->v->g, l->slot, l->key, l->v->path);
            if (!ok)
                return false;
        }
        struct str some = str_sub(s, 0, SHEET_BYTES - l->n);
        memcpy(l->sheet + l->n, some.p, some.n);
        l->n += some.n;
        s = str_from(s, some.n);
    }
    return true;
}

static bool one_record(struct lane *l, struct evtx_chunk *c, const struct evtx_record *r, bool bad)
{
    const struct events *v = l->v;
    struct arena         a = l->record;
    struct evtx_event    ev = { 0 };
    struct err           why = { 0 };

    if (!evtx_event_read(c, r, &a, &ev, &why))
        ev = (struct evtx_event){ .damaged = "it needs more memory than a record gets" };
    struct events_said s = { v->path, r, &ev, v->system, bad };
    if (!v->count && !events_out_json(&l->out, a, &s)) {
        ev = (struct evtx_event){ .damaged = "it needs more memory than a record gets" };
        (void)events_out_json(&l->out, l->record, &s);
    }
    l->here.records++;
    l->here.damaged += ev.damaged != NULL;
    l->here.slack += r->slack;
    return !l->out.failed;
}

static void one_chunk(struct lane *l, struct str in)
{
    struct arena       a = l->chunk;
    struct evtx_chunk  c;
    struct evtx_record r;

    evtx_chunk_open(&c, &a, in);
    bool bad = !evtx_chunk_whole(&c);
    for (bool go = true; go && evtx_chunk_next(&c, &r);)
        go = one_record(l, &c, &r, bad);
    l->here.chunks++;
    l->here.bad_chunks += bad || c.header_crc_bad;
    l->here.cut_chunks += c.cut;
    l->here.lost_places += c.lost;
}

static void add(struct counts *to, const struct counts *n)
{
    to->records += n->records;
    to->damaged += n->damaged;
    to->slack += n->slack;
    to->chunks += n->chunks;
    to->bad_chunks += n->bad_chunks;
    to->cut_chunks += n->cut_chunks;
    to->lost_places += n->lost_places;
    to->barred += n->barred;
}

static bool in_lane(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct events *v = ctx;
    struct lane   *l = &v->lane[worker];

    l->here = (struct counts){ 0 };
    l->i    = i;
    l->slot = worker;
    l->turn = turn;
    l->key  = str_hash(v->path) ^ (v->batch[i].off + 1) * UINT64_C(0x9E3779B97F4A7C15);
    out_open(&l->out, on_sheet, l);
    if (guard_barred(v->g, l->key)) {
        l->here.barred++;
    } else {
        guard_enter(v->g, worker, l->key, v->path);
        one_chunk(l, v->batch[i].in);
        (void)out_done(&l->out, e);
    }
    wait_turn(l);
    bool ok = e->kind == ERR_NONE && hand_on(l, e);
    add(&v->here, &l->here);
    pool_next(turn, i);
    return ok;
}

/* --- files --- */

static void tell(struct events *v, struct str path, const struct evtx_file *f)
{
    const struct counts *n = &v->here;
    struct arena         a = v->scratch;
    struct str           s = STR("");

    if (!f->has_header)
        s = str_cat(&a, s, STR("; no header of an event log"));
    if (f->header_crc_bad)
        s = str_cat(&a, s, STR("; the checksum of its header does not hold"));
    if (f->dirty)
        s = str_cat(&a, s, STR("; it was not closed"));
    if (n->bad_chunks)
        s = str_cat(&a, s, str_fmt(&a, "; %llu of %llu chunks: checksum does not hold", (unsigned long long)n->bad_chunks, (unsigned long long)n->chunks));
    if (n->cut_chunks)
        s = str_cat(&a, s, str_fmt(&a, "; %llu chunks cut short", (unsigned long long)n->cut_chunks));
    if (n->lost_places)
        s = str_cat(&a, s, str_fmt(&a, "; %llu places without a record where one should be", (unsigned long long)n->lost_places));
    if (f->lost_bytes)
        s = str_cat(&a, s, str_fmt(&a, "; %llu bytes belong to no chunk", (unsigned long long)f->lost_bytes));
    if (n->damaged)
        s = str_cat(&a, s, str_fmt(&a, "; %llu records damaged", (unsigned long long)n->damaged));
    if (s.n)
        cli_note(v->c, str_cstr(&a, str_from(s, 2)), path);
}

/* False with ERR_NONE: nobody takes the output. */
static bool one_batch(struct events *v, size_t n, struct err *e)
{
    struct err why = { 0 };

    if (n == 0)
        return true;
    if (!pool_run(v->jobs, n, in_lane, v, &why)) {
        if (!v->c->out->failed)
            *e = why;
        return false;
    }
    v->chunks_since += n;
    if (v->chunks_since < MARK_CHUNKS && v->bytes_since < MARK_BYTES)
        return true;
    v->chunks_since = v->bytes_since = 0;
    return out_done(v->c->out, e) && guard_mark(v->g, e);
}

static bool one_file(struct events *v, struct str root, struct str below, struct str path, struct err *e)
{
    struct place     p = { v->os, OS_FILE_NONE };
    struct evtx_file f = { 0 };
    uint64_t         size;
    size_t           n = 0;

    v->here = (struct counts){ 0 };
    v->path = path;
    bool ok = v->os->open(v->os, root, below, &p.f, &size, e) && evtx_file_open(&f, read_at, &p, v->buf, e);
    while (ok && evtx_file_next(&f, &v->batch[n].in, &v->batch[n].off, e)) {
        if (++n == BATCH) {
            ok = one_batch(v, n, e);
            n  = 0;
        }
        f.buf = v->buf + n * EVTX_CHUNK_BYTES;
    }
    /* What came before a place that cannot be read is told. */
    struct err stopped = *e;
    *e = (struct err){ 0 };
    ok = ok && one_batch(v, n, e) && stopped.kind == ERR_NONE;
    if (e->kind == ERR_NONE)
        *e = stopped;
    v->os->close(v->os, &p.f);
    if (ok && !f.has_header && v->here.chunks == 0)
        ok = err_set(e, ERR_FORMAT, "this is no event log: neither a header nor a chunk");
    if (ok)
        tell(v, path, &f);
    add(&v->all, &v->here);
    if (!ok && e->kind != ERR_NONE && !e->where[0])
        err_where(e, "%.*s", STR_ARG(path));
    return ok || (e->kind == ERR_NONE && v->c->out->failed);
}

static bool operand(struct events *v, struct str path, struct err *e)
{
    size_t     slash = str_rchr(path, '/');
    struct str dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");

    return one_file(v, dir, slash == STR_NONE ? path : str_from(path, slash + 1), path, e);
}

static bool lanes(struct events *v, struct err *e)
{
    size_t each = sizeof(struct lane) + CHUNK_ARENA + RECORD_ARENA + SHEET_BYTES + 256, fixed = (size_t)BATCH * EVTX_CHUNK_BYTES + (1 << 20);

    if (!os_arena_map(&v->whole, fixed + v->jobs * each, e))
        return false;
    struct arena a = v->whole;
    v->buf  = TAKE(&a, uint8_t, (size_t)BATCH * EVTX_CHUNK_BYTES);
    v->lane = NEW(&a, struct lane, v->jobs);
    for (uint32_t i = 0; v->lane && i < v->jobs; i++) {
        struct lane *l = &v->lane[i];
        uint8_t *chunk = TAKE(&a, uint8_t, CHUNK_ARENA), *record = TAKE(&a, uint8_t, RECORD_ARENA);
        l->v      = v;
        l->sheet  = TAKE(&a, uint8_t, SHEET_BYTES);
        if (!chunk || !record || !l->sheet)
            break;
        l->chunk  = (struct arena){ chunk, chunk + CHUNK_ARENA, NULL };
        l->record = (struct arena){ record, record + RECORD_ARENA, NULL };
    }
    v->scratch = a;
    return (v->buf && v->lane && v->lane[v->jobs - 1].sheet) || err_set(e, ERR_MEMORY, "no room to read event logs");
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct events *v = ctx;
    struct err     e = { 0 };
    const char    *sandbox = "none";
    int            code = CLI_DONE;
    struct sandbox_rules rules = { v->args->operand, v->args->operand_n, STR_EMPTY };
    bool           ok = (!v->c->guarded || sandbox_enter(&rules, &sandbox, &e)) && lanes(v, &e);

    v->g = g;
    if (g)
        out_open(v->c->out, guard_put, g);
    ok = ok && guard_mark(g, &e);
    for (size_t i = 0; ok && i < v->args->operand_n && !v->c->out->failed; i++)
        if (!operand(v, v->args->operand[i], &e)) {
            code = cli_fail(v->c, "events", &e);
            e    = (struct err){ 0 };
        }
    if (!ok)
        code = cli_fail(v->c, "events", &e);
    if (v->all.barred)
        code = CLI_FAILED;
    if (ok && !v->c->out->failed)
        out_fmt(v->c->err, "%llu records, %llu damaged, %llu from slack%s\n", (unsigned long long)v->all.records, (unsigned long long)v->all.damaged,
                (unsigned long long)v->all.slack, v->all.barred ? "; chunks that brought their reader down were left out" : "");
    if (!out_done(v->c->out, &e))
        code = cli_fail(v->c, "events", &e);
    out_done(v->c->err, &e);
    os_arena_unmap(&v->whole);
    return code;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct events *v = ctx;
    struct err     e = { 0 };

    cli_note(v->c, what, text);
    (void)out_done(v->c->err, &e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct err           e = { 0 };
    struct events        v = { .c = c, .args = args, .os = c->os, .system = args->given[OPT_SYSTEM], .count = args->given[OPT_COUNT],
                                 .jobs = os_cores() };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !c->guarded, .stream = true, .hang_ms = c->hang_ms, .died = on_death, .died_ctx = &v };

    if (args->operand_n == 0) {
        err_set(&e, ERR_USAGE, "no event log given");
        err_hint(&e, "name a file: afterpatch events Security.evtx");
        return cli_fail(c, verb->name, &e);
    }
    if (args->given[OPT_JOBS] && (!num_u32(args->value[OPT_JOBS], &v.jobs) || !v.jobs || v.jobs > SETUP_JOBS_MAX)) {
        err_set(&e, ERR_USAGE, "--jobs cannot be \"%.*s\": a number from 1 to %d", STR_ARG(str_sub(args->value[OPT_JOBS], 0, 40)), SETUP_JOBS_MAX);
        return cli_fail(c, verb->name, &e);
    }
    v.jobs = v.jobs < 1 ? 1 : v.jobs > JOBS_MAX ? JOBS_MAX : v.jobs;
    for (size_t i = 0; i < args->operand_n; i++) {
        struct os_stat st;
        bool           is = c->os->stat(c->os, args->operand[i], &st, &e);
        if (!is || st.kind == OS_DIR) {
            if (is)
                err_set(&e, ERR_USAGE, "this is a folder"), err_where(&e, "%.*s", STR_ARG(args->operand[i]));
            err_hint(&e, is ? "name its files: afterpatch events FOLDER/*.evtx" : "check the path and the permissions");
            return cli_fail(c, verb->name, &e);
        }
    }
    if (!out_done(c->out, &e) || !out_done(c->err, &e) || !guard_run(&opt, work, &v, &code, &e))
        code = cli_fail(c, verb->name, &e);
    out_done(c->out, &e);
    return code;
}

static const struct example examples[] = {
    { "afterpatch events Security.evtx | jq 'select(.event_id == 4720)'", "Accounts that were made" },
    { "afterpatch events --count Logs/*.evtx", "Is everything readable, and how much is there?" },
    { NULL, NULL },
};

const struct verb verb_events = {
    .name = "events", .about = "prints the records of Windows event logs as lines of JSON", .usage = "[--system] [--count] [--jobs N] FILE...",
    .text = "One line a record, in the order of the file: number, time, channel, provider, id, level, computer, user, and the named values of EventData or "
            "UserData as text. Message texts are not made: they are in other files of the machine.\n\n"
            "What is damaged is told and the rest is kept: files that were cut or never closed, chunks whose checksum does not hold (\"checksum\": false), "
            "records of which a part is lost (\"damaged\": why), and what older records left behind the last one of a chunk (\"slack\": true). The last line "
            "on stderr has the sums. Exit code 1: a file could not be read at all.\n\n"
            "Lines come as they are made, in the same order with any number of threads; memory does not grow with the file.",
    .opt = opts, .example = examples, .run = run,
};
