/*
 * events: the records of Windows event logs as lines of JSON.
 *
 * Worker   files are read in a process without network and without any right to write (sandbox.h); a chunk that brings its reader down is left out, the rest
 *          of its file is read (guard.h).
 * Order    as stored: files as given, chunks and records by their place.
 * Said     what is damaged is told with the record; of a file, in one line on stderr; the sums in a last one.
 */
#include "cli/events_out.h"
#include "cli/verbs.h"

#include "os/guard.h"
#include "os/sandbox.h"

enum { CHUNK_ARENA = 96 << 20, RECORD_ARENA = 96 << 20, MARK_CHUNKS = 256, OPT_SYSTEM = 0, OPT_COUNT = 1 };

static const struct opt opts[] = {
    { "system", NULL, "also every field of System, under \"system\"", NULL },
    { "count", NULL, "read everything, print only the counts", NULL },
    { NULL, NULL, NULL, NULL },
};

struct counts { uint64_t records, damaged, slack, chunks, bad_chunks, cut_chunks, lost_places; };

struct events {
    struct cli        *c;
    const struct args *args;
    struct guard      *g;
    struct os         *os;
    struct arena       whole, chunk, record;
    uint8_t           *buf;
    struct counts      all, here;
    uint64_t           since_mark, barred;
    bool               system, count;
};

struct place { struct os *os; struct os_file f; };

static bool read_at(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct place *p = ctx;
    return p->os->read_at(p->os, p->f, off, buf, cap, got, e);
}

static bool one_record(struct events *v, struct str path, struct evtx_chunk *c, const struct evtx_record *r, bool bad)
{
    struct arena      a = v->record;
    struct evtx_event ev = { 0 };
    struct err        why = { 0 };

    if (!evtx_event_read(c, r, &a, &ev, &why))
        ev = (struct evtx_event){ .damaged = "it needs more memory than a record gets" };
    struct events_said s = { path, r, &ev, v->system, bad };
    if (!v->count && !events_out_json(v->c->out, a, &s)) {
        ev = (struct evtx_event){ .damaged = "it needs more memory than a record gets" };
        (void)events_out_json(v->c->out, v->record, &s);
    }
    v->here.records++;
    v->here.damaged += ev.damaged != NULL;
    v->here.slack += r->slack;
    return !v->c->out->failed;
}

static bool one_chunk(struct events *v, struct str path, struct str in, uint64_t off)
{
    struct arena       a = v->chunk;
    struct evtx_chunk  c;
    struct evtx_record r;
    uint64_t           key = str_hash(path) ^ (off + 1) * UINT64_C(0x9E3779B97F4A7C15);
    bool               go = true;

    if (guard_barred(v->g, key)) {
        v->barred++;
        return true;
    }
    guard_enter(v->g, 0, key, path);
    evtx_chunk_open(&c, &a, in);
    bool bad = !evtx_chunk_whole(&c);
    while (go && evtx_chunk_next(&c, &r))
        go = one_record(v, path, &c, &r, bad);
    v->here.chunks++;
    v->here.bad_chunks += bad || c.header_crc_bad;
    v->here.cut_chunks += c.cut;
    v->here.lost_places += c.lost;
    guard_leave(v->g, 0);
    return go;
}

static void tell(struct events *v, struct str path, const struct evtx_file *f)
{
    const struct counts *n = &v->here;
    struct arena         a = v->record;
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

static bool one_file(struct events *v, struct str root, struct str below, struct str path, struct err *e)
{
    struct place     p = { v->os, OS_FILE_NONE };
    struct evtx_file f = { 0 };
    struct str       in;
    uint64_t         size, off;

    v->here = (struct counts){ 0 };
    bool ok = v->os->open(v->os, root, below, &p.f, &size, e) && evtx_file_open(&f, read_at, &p, v->buf, e);
    while (ok && evtx_file_next(&f, &in, &off, e)) {
        ok = one_chunk(v, path, in, off);
        if (ok && v->since_mark++ >= MARK_CHUNKS) {
            v->since_mark = 0;
            ok = out_done(v->c->out, e) && guard_mark(v->g, e);
        }
    }
    ok = ok && e->kind == ERR_NONE;
    v->os->close(v->os, &p.f);
    if (ok && !f.has_header && v->here.chunks == 0)
        ok = err_set(e, ERR_FORMAT, "this is no event log: neither a header nor a chunk");
    if (ok)
        tell(v, path, &f);
    v->all.records += v->here.records;
    v->all.damaged += v->here.damaged;
    v->all.slack += v->here.slack;
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

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct events *v = ctx;
    struct err     e = { 0 };
    const char    *sandbox = "none";
    int            code = CLI_DONE;
    struct sandbox_rules rules = { v->args->operand, v->args->operand_n, STR_EMPTY };
    bool           ok = (!v->c->guarded || sandbox_enter(&rules, &sandbox, &e)) && os_arena_map(&v->whole, EVTX_CHUNK_BYTES + CHUNK_ARENA + RECORD_ARENA, &e);

    v->g = g;
    if (g)
        out_open(v->c->out, guard_put, g);
    ok = ok && guard_mark(g, &e);
    if (ok) {
        v->buf    = v->whole.beg;
        v->chunk  = (struct arena){ v->buf + EVTX_CHUNK_BYTES, v->buf + EVTX_CHUNK_BYTES + CHUNK_ARENA, NULL };
        v->record = (struct arena){ v->chunk.end, v->chunk.end + RECORD_ARENA, NULL };
    }
    for (size_t i = 0; ok && i < v->args->operand_n && !v->c->out->failed; i++)
        if (!operand(v, v->args->operand[i], &e)) {
            code = cli_fail(v->c, "events", &e);
            e    = (struct err){ 0 };
        }
    if (!ok)
        code = cli_fail(v->c, "events", &e);
    if (v->barred)
        code = CLI_FAILED;
    if (ok && !v->c->out->failed)
        out_fmt(v->c->err, "%llu records, %llu damaged, %llu from slack%s\n", (unsigned long long)v->all.records, (unsigned long long)v->all.damaged,
                (unsigned long long)v->all.slack, v->barred ? "; chunks that brought their reader down were left out" : "");
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
    struct events        v = { .c = c, .args = args, .os = c->os, .system = args->given[OPT_SYSTEM], .count = args->given[OPT_COUNT] };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms, .died = on_death, .died_ctx = &v };

    if (args->operand_n == 0) {
        err_set(&e, ERR_USAGE, "no event log given");
        err_hint(&e, "name a file: afterpatch events Security.evtx");
        return cli_fail(c, verb->name, &e);
    }
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
    .name = "events", .about = "prints the records of Windows event logs as lines of JSON", .usage = "[--system] [--count] FILE...",
    .text = "One line a record, in the order of the file: number, time, channel, provider, id, level, computer, user, and the named values of EventData or "
            "UserData as text. Message texts are not made: they are in other files of the machine.\n\n"
            "What is damaged is told and the rest is kept: files that were cut or never closed, chunks whose checksum does not hold (\"checksum\": false), "
            "records of which a part is lost (\"damaged\": why), and what older records left behind the last one of a chunk (\"slack\": true). The last line "
            "on stderr has the sums. Exit code 1: a file could not be read at all.",
    .opt = opts, .example = examples, .run = run,
};
