#include "cli/probe_state.h"

#include "base/num.h"
#include "emit/json.h"
#include "os/lock.h"
#include "survey/observation_out.h"

#include <stdio.h>
#include <string.h>

enum { PIECE = 1 << 20, OPTOUT_ROOM = 256 << 20, STORE_CALLS = 200 };

static struct str below(struct probe_state *s, const char *name) { return str_fmt(s->a, "%.*s/%s", STR_ARG(s->dir), name); }

static void parts(struct str path, struct str *root, struct str *name)
{
    size_t slash = str_rchr(path, '/');

    *root = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");
    *name = slash == STR_NONE ? path : str_from(path, slash + 1);
}

bool probe_slurp(struct cli *c, struct str path, struct arena *a, struct str *ret, struct err *e)
{
    struct str root, name;

    parts(path, &root, &name);
    return os_slurp(c->os, root, name, PROBE_FILE_MAX, a, ret, e);
}

/* ---- the opt-out list, again whenever it changes ---- */

static bool optout_read(struct probe_state *s, struct err *e)
{
    struct arena        fresh;
    struct str          text;
    struct probe_optout list;

    if (!s->c->os->stat(s->c->os, s->optout_path, &s->optout_stat, e) || !os_arena_map(&fresh, OPTOUT_ROOM, e))
        return false;
    struct arena use = fresh;
    if (!probe_slurp(s->c, s->optout_path, &use, &text, e) || !probe_optout_read(&list, &use, text, e)) {
        os_arena_unmap(&fresh);
        if (!e->where[0] || strncmp(e->where, "line", 4) == 0)
            err_where(e, "%.*s: ", STR_ARG(s->optout_path));
        return false;
    }
    os_arena_unmap(&s->optout_room);
    s->optout_room = fresh;
    s->optout = list;
    return true;
}

static const struct probe_optout *on_optout(void *ctx)
{
    struct probe_state *s = ctx;
    struct os_stat      now;
    struct err          e = { 0 };

    if (s->optout_bad)
        return NULL;
    if (s->c->os->stat(s->c->os, s->optout_path, &now, &e) && now.mtime_us == s->optout_stat.mtime_us && now.size_bytes == s->optout_stat.size_bytes &&
        now.ino == s->optout_stat.ino && now.dev == s->optout_stat.dev)
        return &s->optout;
    if (e.kind != ERR_NONE || !optout_read(s, &e)) {
        s->optout_bad = true;
        cli_note(s->c, "the opt-out list cannot be read any more", str_c(e.what));
        return NULL;
    }
    cli_note(s->c, "the opt-out list was read anew", STR_EMPTY);
    return &s->optout;
}

/* ---- journal ---- */

static bool on_journal(void *ctx, struct str line, bool sync, struct err *e)
{
    struct probe_state *s = ctx;

    return os_append_write(&s->journal, line, e) && (!sync || os_append_sync(&s->journal, e));
}

static bool journal_read(struct probe_state *s, struct probe_journal *j, struct err *e)
{
    struct os     *os = s->c->os;
    struct os_file f = OS_FILE_NONE;
    struct os_stat st;
    struct err     none = { 0 };
    uint64_t       size, at = 0;
    size_t         got = PIECE;
    struct arena   scratch = s->c->scratch;
    uint8_t       *buf = TAKE(&scratch, uint8_t, PIECE);
    bool           ok = true;

    if (!buf)
        return err_set(e, ERR_MEMORY, "no room to read the journal");
    if (!os->stat(os, below(s, "journal"), &st, &none))
        return true;                            /* the first run */
    if (!os->open(os, s->dir, STR("journal"), &f, &size, e))
        return false;
    while (ok && got == PIECE) {
        ok = os->read_at(os, f, at, buf, PIECE, &got, e) && probe_journal_feed(j, (struct str){ buf, got }, e);
        at += got;
    }
    os->close(os, &f);
    return ok || err_where(e, "%.*s/journal: ", STR_ARG(s->dir));
}

/* Nothing is under way: what is too old to matter goes. */
static bool journal_renew(struct probe_state *s, struct probe_journal *j, struct err *e)
{
    struct os     *os = s->c->os;
    struct os_file f = OS_FILE_NONE;
    int64_t        now = os->now_us(os);
    struct arena   scratch = s->c->scratch;
    uint8_t       *buf = TAKE(&scratch, uint8_t, PIECE);
    size_t         n = 0;
    char           line[JOURNAL_LINE_MAX];
    bool           ok = true;

    if (!buf || !os->create(os, below(s, "journal"), &f, e))
        return buf ? false : err_set(e, ERR_MEMORY, "no room to write the journal");
    for (size_t i = 0; ok && i < j->book.cap; i++) {
        const struct probe_asked *x = &j->book.slot[i];
        if (!x->used || (now - x->at_us > PROBE_KEEP_DAYS * TIME_DAY && x->until_us < now))
            continue;
        size_t part = probe_journal_got(line, x->at_us, x->ip, 0, 0, x->until_us);
        if (n + part > PIECE) {
            ok = os->write(os, f, (struct str){ buf, n }, e);
            n = 0;
        }
        memcpy(buf + n, line, part);
        n += part;
    }
    ok = ok && os->write(os, f, (struct str){ buf, n }, e) && os->commit(os, &f, e);
    os->close(os, &f);
    return ok;
}

/* ---- the log ---- */

static bool put(void *ctx, struct str s, struct err *e) { return os_append_write(ctx, s, e); }

static void on_log(void *ctx, const struct probe_line *x)
{
    struct probe_state *s = ctx;
    struct js           j;
    char                text[NET_TEXT], build[24];

    net_ip_text(x->ip, text);
    observation_build(x->o, build);
    js_open(&j, s->log, true);
    js_object(&j);
    js_key(&j, "time");    js_time(&j, x->time_us);
    js_key(&j, "ip");      js_c(&j, text);
    js_key(&j, "port");    js_u64(&j, x->port);
    if (x->name.n) {
        js_key(&j, "name");
        js_str(&j, x->name);
    }
    js_key(&j, "path");    js_c(&j, x->path);
    js_key(&j, "status");  js_i64(&j, x->status);
    js_key(&j, "bytes");   js_u64(&j, x->bytes);
    js_key(&j, "came");    js_c(&j, x->came);
    js_key(&j, "verdict"); js_c(&j, x->verdict[0] ? x->verdict : NULL);
    if (build[0]) {
        js_key(&j, "build");
        js_c(&j, build);
    }
    js_end(&j);
    out_c(s->log, "\n");
    (void)out_done(s->log, &(struct err){ 0 });      /* at once: a kill must not take it; a failure stays in it and is told at the end */
}

/* ---- observations ---- */

static bool on_take(void *ctx, const struct observation *o, struct err *e)
{
    struct probe_state *s = ctx;
    struct js           j;

    if (s->record) {
        struct obs_sink sink = record_sink(s->record);
        return sink.take(sink.ctx, o, e);
    }
    js_open(&j, s->out, true);
    observation_json(&j, o);
    out_c(s->out, "\n");
    return out_done(s->out, e);                  /* at once: the journal says that this one was asked, and a kill must not take what it said */
}

static const char note[] =
    "Pages of servers whose version could not be told, as they were sent to anybody who asks, named by their SHA-256.\n"
    "They may hold names of organisations and of internal hosts: TLP:AMBER. They serve to improve the reading of pages and nothing else.\n"
    "Delete them when that is done, at the latest 30 days after the date of each file.\n";

static void sample_write(struct probe_state *s, const char *name, struct str text)
{
    struct os     *os = s->c->os;
    struct os_file f = OS_FILE_NONE;
    struct err     e = { 0 };
    struct arena   scratch = s->c->scratch;

    if (os->create(os, str_fmt(&scratch, "%.*s/samples/%s", STR_ARG(s->dir), name), &f, &e) && os->write(os, f, text, &e))
        (void)os->commit(os, &f, &e);
    os->close(os, &f);                          /* a sample that is not kept is no loss */
}

static void on_sample(void *ctx, const uint8_t sha256[32], struct str body)
{
    struct probe_state *s = ctx;
    char                name[2 * HASH_SHA256_BYTES + 8];
    struct err          e = { 0 };

    num_tohex(sha256, HASH_SHA256_BYTES, name);
    if (s->samples >= PROBE_SAMPLES_MAX || map_get(&s->sampled, str_c(name)) != MAP_NONE)
        return;
    struct str key = str_dup(s->a, str_c(name));
    if (!key.p || !map_put(&s->sampled, s->a, key, 1))
        return;
    if (s->samples++ == 0) {
        if (!s->c->os->mkdir(s->c->os, below(s, "samples"), &e))
            return;
        sample_write(s, "README", str_c(note));
    }
    memcpy(name + 2 * HASH_SHA256_BYTES, ".html", 6);
    sample_write(s, name, body);
}

/* ---- once a second ---- */

static bool on_stop(void *ctx)
{
    struct probe_state *s = ctx;
    struct os_stat      st;
    struct err          e = { 0 };

    if (s->record && !record_flush(s->record, &e))
        cli_note(s->c, "the store does not take what was observed", str_c(e.what));
    s->stop_file |= s->c->os->stat(s->c->os, s->stop_path, &st, &(struct err){ 0 });
    s->stopped |= os_stop_asked(&s->signals);
    return s->stopped || s->stop_file || e.kind != ERR_NONE;
}

void probe_state_world(struct probe_state *s, struct probe_world *w)
{
    w->ctx = s;
    w->wake_fd = s->signals.fd;
    w->journal = on_journal;
    w->log = on_log;
    w->stop = on_stop;
    w->optout = on_optout;
    w->sample = on_sample;
    w->sink = (struct obs_sink){ s, on_take, NULL };
}

/* ---- opening and closing ---- */

bool probe_state_open(struct probe_state *ret, struct cli *c, struct arena *a, struct str dir, struct str stop_path, struct str optout_path, struct probe_journal *j,
                      struct err *e)
{
    struct probe_state *s = ret;
    bool                busy;

    *s = (struct probe_state){ .c = c, .a = a, .dir = dir, .optout_path = optout_path, .lock = OS_FILE_NONE, .journal = { -1 }, .log_file = { -1 }, .out_file = { -1 },
                               .signals = { -1 } };
    s->stop_path = stop_path.n ? stop_path : below(s, "stop");
    s->log = NEW(a, struct out, 1);
    if (!s->log || !s->stop_path.p)
        return err_set(e, ERR_MEMORY, "no room for the probe");
    if (!optout_read(s, e) || !c->os->mkdir(c->os, dir, e))
        return false;
    if (!os_lock(below(s, "lock"), &s->lock, &busy, e)) {
        if (busy)
            err_set(e, ERR_IO, "another probe uses the folder %.*s", STR_ARG(str_sub(dir, 0, 80)));
        return false;
    }
    if (!journal_read(s, j, e))
        return false;
    if (j->any && j->ended && probe_journal_torn(j) == 0 && !journal_renew(s, j, e))
        return false;
    if (!os_append_open(&s->journal, below(s, "journal"), e) || !os_append_open(&s->log_file, below(s, "log.jsonl"), e))
        return false;
    if (probe_journal_torn(j) && !os_append_cut(&s->journal, probe_journal_torn(j), e))
        return false;
    out_open(s->log, put, &s->log_file);
    return os_stop_open(&s->signals, e);
}

bool probe_state_out(struct probe_state *s, struct str path, struct err *e)
{
    s->out = NEW(s->a, struct out, 1);
    if (!s->out)
        return err_set(e, ERR_MEMORY, "no room for the probe");
    out_open(s->out, put, &s->out_file);
    return os_append_open(&s->out_file, path, e);
}

bool probe_state_store(struct probe_state *s, struct str where, const struct probe_setup *setup, const struct probe_journal *j, struct err *e)
{
    const struct probe_scope *scope = setup->scope;
    struct record_file  f = { .name = STR("survey probe"), .format = STR("probe 1"), .live = true };
    enum record_state  state;
    char               text[JOURNAL_LINE_MAX];
    bool               goes_on = j->any && !j->ended && memcmp(j->hash, scope->hash, sizeof j->hash) == 0;
    size_t             n = probe_journal_run(text, goes_on ? j->began_us : setup->begin_us, goes_on ? j->seed : setup->seed, scope->hash, scope->addresses + scope->name_n);

    if (!hash_sha256((struct str){ (const uint8_t *)text, n }, f.sha256))
        return err_set(e, ERR_MEMORY, "no room for the probe");
    if (!store_open(&s->store, where, STORE_WRITE, e) || !record_open(&s->record, s->store, s->c->os, e))
        return false;
    record_batch(s->record, STORE_CALLS);
    if (!record_file_begin(s->record, &f, &state, e))
        return false;
    return state != RECORD_WHOLE || err_set(e, ERR_IO, "the store says that this run is through already");
}

bool probe_state_finish(struct probe_state *s, bool whole, struct err *e)
{
    struct record_counts n;
    struct err           log = { 0 };

    if (!out_done(s->log, &log))
        cli_note(s->c, "the log is not whole", str_c(log.what));
    if (s->out)
        return out_done(s->out, e) && os_append_sync(&s->out_file, e);
    return whole ? record_file_end(s->record, &n, e) : record_flush(s->record, e);
}

void probe_state_close(struct probe_state *s)
{
    record_close(s->record);
    store_close(s->store);
    os_append_close(&s->journal);
    os_append_close(&s->log_file);
    os_append_close(&s->out_file);
    os_stop_close(&s->signals);
    os_unlock(&s->lock);
    os_arena_unmap(&s->optout_room);
}
