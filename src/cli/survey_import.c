/*
 * survey import: other people's scans, mail headers and statements into the store.
 *
 * Worker   files are read in a process of its own that opens the store and then shuts everything else: no network, no programs, no file but those named, no writing
 *          but in the store's folder (sandbox.h). A file that brings its reader down twice is left out and told (guard.h); the store keeps what was committed, and
 *          the next worker goes on there (record.h). Of PostgreSQL only the connection that is open already can be used.
 * Order    as given. Each file is hashed first: one that the store knows is not read again.
 */
#include "cli/survey.h"

#include "emit/json.h"
#include "evidence/packed.h"
#include "os/guard.h"
#include "os/sandbox.h"
#include "survey/import.h"
#include "survey/observation_out.h"
#include "survey/record.h"

#include <stdio.h>
#include <string.h>

enum { STORE, FORMAT, MAP, BY, OBSERVED, AGAIN, DRY_RUN, JSON };
static const struct opt opts[] = {
    [STORE]    = { "store", "PATH", "the survey's store: a file, or postgresql://... (afterpatch.db)", NULL },
    [FORMAT]   = { "format", "NAME", "what the files are, where their content does not tell", "shadowserver shodan censys zgrab nmap masscan httpx binaryedge csv received healthchecker statement" },
    [MAP]      = { "map", "LIST", "columns of a table: ip=addr,build=ver,time=seen,name=host and so on", NULL },
    [BY]       = { "by", "DOMAINS", "of mail: hops of servers below these domains count, * for all", NULL },
    [OBSERVED] = { "observed", "DATE", "when it was seen, for rows that do not say", NULL },
    [AGAIN]    = { "again", NULL, "read files anew that are in the store: what they gave before no longer counts", NULL },
    [DRY_RUN]  = { "dry-run", NULL, "print the observations as lines of JSON, and record nothing", NULL },
    [JSON]     = { "json", NULL, "the sums of each file as a line of JSON", NULL },
    { NULL, NULL, NULL, NULL }
};

enum { BY_MAX = 64, MEMORY_BYTES = 1 << 30, MARK_EVERY = 1 << 16 };

struct work {
    struct cli           *c;
    const struct args    *args;
    struct import_options opt;
    struct str            by[BY_MAX];
    struct store         *store;
    struct record        *record;
    struct arena          room;
    struct guard         *g;
    uint64_t              since_mark;
    bool                  dry, bad;
};

/* ---- --dry-run ---- */

struct dry { struct work *w; struct out *o; };

/* Without a store what is printed is all there is: it is certain from time to time. */
static bool dry_mark(struct dry *d, struct err *e)
{
    if (++d->w->since_mark < MARK_EVERY)
        return !d->o->failed || out_done(d->o, e);
    d->w->since_mark = 0;
    return out_done(d->o, e) && guard_mark(d->w->g, e);
}

static bool dry_take(void *ctx, const struct observation *o, struct err *e)
{
    struct dry *d = ctx;
    struct js   j;

    js_open(&j, d->o, true);
    observation_json(&j, o);
    out_c(d->o, "\n");
    return dry_mark(d, e);
}

static bool dry_broken(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct dry *d = ctx;
    struct js   j;

    js_open(&j, d->o, true);
    js_object(&j);
    js_key(&j, "broken");
    js_c(&j, why);
    js_key(&j, "line");
    js_u64(&j, line);
    js_key(&j, "raw");
    js_str(&j, raw);
    js_end(&j);
    out_c(d->o, "\n");
    return dry_mark(d, e);
}

/* ---- what came of a file ---- */

struct outcome { struct str name; struct import_result r; enum record_state state; struct record_counts n; const uint8_t *sha256; bool read; };

static void tell_json(struct out *o, const struct outcome *x, bool dry)
{
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "file");         js_str(&j, x->name);
    js_key(&j, "sha256");       js_hex(&j, x->sha256, 32);
    js_key(&j, "state");        js_c(&j, x->state == RECORD_WHOLE ? "known" : x->state == RECORD_CONTINUES ? "continued" : "new");
    if (x->read) {
        js_key(&j, "format");       js_c(&j, x->r.format < OBS_SOURCES ? obs_source_name(x->r.format) : NULL);
        js_key(&j, "report");       js_str_or_null(&j, x->r.report);
        js_key(&j, "rows");         js_u64(&j, x->r.rows);
        js_key(&j, "observations"); js_u64(&j, x->r.taken);
        if (!dry) {
            js_key(&j, "new");          js_u64(&j, x->n.observations);
            js_key(&j, "already_known"); js_u64(&j, x->n.passed_over);
        }
        js_key(&j, "other");        js_u64(&j, x->r.other);
        js_key(&j, "broken");       js_u64(&j, x->r.broken);
        js_key(&j, "reasons");
        js_array(&j);
        for (size_t i = 0; i < x->r.reason_n; i++) {
            js_object(&j);
            js_key(&j, "why");        js_c(&j, x->r.reason[i].why);
            js_key(&j, "rows");       js_u64(&j, x->r.reason[i].n);
            js_key(&j, "first_line"); js_u64(&j, x->r.reason[i].first_line);
            js_end(&j);
        }
        js_end(&j);
        js_key(&j, "notes");
        js_array(&j);
        for (size_t i = 0; i < x->r.note_n; i++)
            js_str(&j, x->r.note[i]);
        js_end(&j);
        js_key(&j, "breaks_off");   js_c(&j, x->r.end.kind != ERR_NONE ? x->r.end.what : NULL);
    }
    js_end(&j);
    out_c(o, "\n");
}

static void tell_text(struct out *o, const struct outcome *x, bool dry)
{
    const struct import_result *r = &x->r;

    out_term(o, x->name, 200);
    if (!x->read) {
        out_c(o, ": already known, nothing new\n");
        return;
    }
    out_c(o, ": ");
    out_term(o, r->report, 60);
    out_fmt(o, ": %llu rows: %llu observations", (unsigned long long)r->rows, (unsigned long long)r->taken);
    if (!dry)
        out_fmt(o, " (%llu new, %llu already known)", (unsigned long long)x->n.observations, (unsigned long long)x->n.passed_over);
    out_fmt(o, ", %llu about something else, %llu broken\n", (unsigned long long)r->other, (unsigned long long)r->broken);
    for (size_t i = 0; i < r->reason_n; i++)
        out_fmt(o, "  broken: %llu: %s (first in line %llu)\n", (unsigned long long)r->reason[i].n, r->reason[i].why, (unsigned long long)r->reason[i].first_line);
    for (size_t i = 0; i < r->note_n; i++) {
        out_c(o, "  note: ");
        out_term(o, r->note[i], 0);
        out_c(o, "\n");
    }
    if (r->end.kind != ERR_NONE) {
        out_c(o, "  it breaks off: ");
        out_term(o, str_c(r->end.what), 0);
        out_c(o, "; what came before was taken\n");
    }
}

static void tell(struct work *w, const struct outcome *x)
{
    /* With --dry-run stdout belongs to the observations. */
    struct out *o = w->dry ? w->c->err : w->c->out;

    if (w->args->given[JSON])
        tell_json(o, x, w->dry);
    else if (!w->dry || !w->c->silent)
        tell_text(o, x, w->dry);
    w->bad |= x->r.end.kind != ERR_NONE;
}

/* ---- one file ---- */

/* The reader, its version, and what it was told: half a file that was read otherwise is read anew (record.h). */
static struct str reader(const struct work *w, struct arena *a)
{
    const struct args *x = w->args;
    return str_fmt(a, "import 1 %.*s %.*s %.*s %.*s", STR_ARG(x->value[FORMAT]), STR_ARG(x->value[MAP]), STR_ARG(x->value[BY]), STR_ARG(x->value[OBSERVED]));
}

/* A file that came to nothing is given up, for it may be read with other options: what the recorder has of it is not flushed. */
static bool give_up(struct work *w, struct err *e)
{
    struct err also = { 0 };

    if (w->dry)
        return false;
    record_close(w->record);
    w->record = NULL;
    if (!record_open(&w->record, w->store, w->c->os, &also))
        *e = also;
    return false;
}

/* A step for the watch over silence. */
struct fill { struct work *w; struct packed *p; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct fill *f = ctx;
    guard_beat(f->w->g, 0);
    return packed_fill(f->p, buf, cap, got, e);
}

static bool one(struct work *w, struct packed *p, struct str name, struct err *e)
{
    struct outcome        x = { .name = name, .state = RECORD_NEW };
    struct arena          keep = w->c->scratch;
    struct import_options opt = w->opt;
    struct record_file    file = { .format = reader(w, &keep), .again = w->args->given[AGAIN] };
    struct dry            d = { w, w->c->out };
    struct fill           f = { w, p };
    struct obs_sink       sink = { &d, dry_take, dry_broken };
    size_t                slash = str_rchr(name, '/');

    file.name     = slash == STR_NONE ? name : str_from(name, slash + 1);
    opt.file_name = file.name;
    x.sha256      = file.sha256;
    if (!packed_hash(p, file.sha256, &file.size_bytes, e))
        return false;
    if (!w->dry) {
        if (!record_file_begin(w->record, &file, &x.state, e))
            return false;
        sink = record_sink(w->record);
    }
    x.read = x.state != RECORD_WHOLE;
    if (x.read) {
        if (!import_read(&x.r, &keep, w->room, &opt, fill, &f, &sink, e))
            return give_up(w, e);
        if (!w->dry && !record_file_end(w->record, &x.n, e))
            return false;
    }
    tell(w, &x);
    return true;
}

static bool one_path(struct work *w, struct str path, struct err *e)
{
    struct ev_limits limits = ev_limits_default();
    struct packed   *p = NULL;
    struct arena     keep = w->c->keep;
    uint64_t         key = str_hash(path);

    if (guard_barred(w->g, key))
        return err_set(e, ERR_FORMAT, "the file brought its reader down twice and was left out");
    guard_enter(w->g, 0, key, path);
    bool ok = packed_open(&p, w->c->os, path, &limits, &keep, e);

    if (ok && packed_damage(p)) {
        cli_note(w->c, packed_damage(p), path);
        w->bad = true;
    }
    for (size_t i = 0; ok && i < packed_n(p); i++) {
        struct str inner, name = path;
        ok = packed_member(p, i, &inner, e);
        if (ok && inner.n)
            name = str_fmt(&keep, "%.*s!/%.*s", STR_ARG(path), STR_ARG(inner));
        ok = ok && one(w, p, name, e);
        if (!ok && e->kind == ERR_FORMAT && packed_n(p) > 1 && (w->dry || w->record)) {          /* one of several: told, and on with the next */
            err_where(e, "%.*s", STR_ARG(name));
            cli_fail(w->c, "survey import", e);
            *e = (struct err){ 0 };
            w->bad = ok = true;
        }
    }
    packed_close(p);
    guard_leave(w->g, 0);
    return ok;
}

/* ---- the verb ---- */

static bool options(struct work *w, struct err *e)
{
    const struct args *a = w->args;
    struct str         by = a->value[BY], one_by;

    w->opt = (struct import_options){ .format = OBS_SOURCES, .map = a->value[MAP], .by = w->by, .now_us = w->c->os->now_us(w->c->os), .at_us = TIME_NONE };
    w->dry = a->given[DRY_RUN];
    if (a->operand_n == 0) {
        err_set(e, ERR_USAGE, "no file given");
        return err_hint(e, "name the files: afterpatch survey import 2021-03-15-scan_exchange-*.csv");
    }
    if (a->given[FORMAT] && !import_format_find(a->value[FORMAT], &w->opt.format)) {
        err_set(e, ERR_USAGE, "no format \"%.*s\"", STR_ARG(str_sub(a->value[FORMAT], 0, 60)));
        return err_hint(e, "%s", opts[FORMAT].words);
    }
    if (a->given[MAP] && !import_map_check(a->value[MAP], e))
        return false;
    if (a->given[OBSERVED] && !time_parse(a->value[OBSERVED], &w->opt.at_us)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is no date", STR_ARG(str_sub(a->value[OBSERVED], 0, 60)));
        return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
    }
    while (str_cut(&by, ',', &one_by)) {
        one_by = str_trim(one_by);
        if (one_by.n && w->opt.by_n == BY_MAX)
            return err_set(e, ERR_USAGE, "more than %d domains", BY_MAX);
        if (one_by.n)
            w->by[w->opt.by_n++] = one_by;
    }
    for (size_t i = 0; i < a->operand_n; i++) {
        struct os_stat st;
        if (!w->c->os->stat(w->c->os, a->operand[i], &st, e))
            return err_hint(e, "check the path and the permissions");
        if (st.kind == OS_DIR) {
            err_set(e, ERR_USAGE, "this is a folder");
            err_where(e, "%.*s", STR_ARG(a->operand[i]));
            return err_hint(e, "name its files");
        }
    }
    return true;
}

/* The door to the store is open; now everything else is shut. */
static bool shut(struct work *w, struct str store, struct err *e)
{
    const char          *name;
    size_t               slash = str_rchr(store, '/');
    struct sandbox_rules rules = { w->args->operand, w->args->operand_n, STR_EMPTY };

    if (!w->c->guarded)
        return true;
    bool talk = !w->dry && store_is_postgresql(w->store);
    if (!w->dry && !talk)
        rules.write = slash == STR_NONE ? STR(".") : slash ? str_sub(store, 0, slash) : STR("/");
    return os_memory_limit(MEMORY_BYTES, e) && (talk ? sandbox_enter_talking : sandbox_enter)(&rules, &name, e);
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct work      *w = ctx;
    struct cli       *c = w->c;
    const struct args *args = w->args;
    struct str        store = args->given[STORE] ? args->value[STORE] : SURVEY_STORE;
    struct err        e = { 0 };
    int               code = CLI_DONE;
    bool              ok = true;

    w->g = g;
    if (g)
        out_open(c->out, guard_put, g);
    if (!w->dry)
        ok = store_open(&w->store, store, STORE_WRITE, &e) && record_open(&w->record, w->store, c->os, &e);
    ok = ok && shut(w, store, &e) && os_arena_map(&w->room, IMPORT_ROOM, &e) && (!w->dry || guard_mark(g, &e));
    if (!ok)
        code = cli_fail(c, "survey import", &e);
    for (size_t i = 0; ok && i < args->operand_n; i++) {
        if (one_path(w, args->operand[i], &e))
            continue;
        bool go_on = e.kind == ERR_FORMAT && (w->dry || w->record);      /* this file, not the store or the machine */
        if (!e.where[0])
            err_where(&e, "%.*s", STR_ARG(args->operand[i]));
        code = cli_fail(c, "survey import", &e);
        e    = (struct err){ 0 };
        ok   = go_on;
    }
    record_close(w->record);
    store_close(w->store);
    os_arena_unmap(&w->room);
    if (!out_done(c->out, &e))
        code = cli_fail(c, "survey import", &e);
    out_done(c->err, &e);
    return code == CLI_DONE && w->bad ? CLI_FAILED : code;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct work *w = ctx;
    struct err   e = { 0 };

    cli_note(w->c, what, text);
    (void)out_done(w->c->err, &e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct work          w = { .c = c, .args = args };
    struct err           e = { 0 };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms, .stream = true, .died = on_death, .died_ctx = &w };

    if (!options(&w, &e))
        return cli_fail(c, verb->name, &e);
    if (!out_done(c->out, &e) || !out_done(c->err, &e) || !guard_run(&opt, work, &w, &code, &e))
        code = cli_fail(c, verb->name, &e);
    out_done(c->out, &e);
    return code;
}

static const struct example examples[] = {
    { "afterpatch survey import 2021-03-*-scan_exchange-*.csv.gz", "Daily reports, into afterpatch.db" },
    { "afterpatch survey import --map ip=addr,build=ver,time=seen,name=host own-scan.csv", "A table of one's own" },
    { "afterpatch survey import --by example.org team.mbox", "Builds that mail went through" },
    { "afterpatch survey import --dry-run banners.json.zst | jq -r .build", "What would be taken" },
    { NULL, NULL },
};

const struct verb verb_survey_import = {
    .name = "survey import", .about = "takes scans, mail headers and statements into the store", .usage = "[OPTION]... FILE...",
    .text = "Reads Shadowserver's CSV reports, Shodan, Censys (both generations), zgrab2, httpx and BinaryEdge as JSON lines, masscan's JSON (also of a run that was "
            "killed), nmap's XML, any table with columns named or mapped, Received lines of mail, HealthChecker's output and feedback forms. The content tells which it is. Files "
            "may be packed (gz, zst, xz, bz2, zip with one or several members) and of any size.\n\n"
            "What cannot be used is counted by reason, kept with its line, and ends nothing. A row whose time lies in the future or before 1997 is broken: no verdict can "
            "stand on it. Rows about something else than Exchange are counted and left. A file that the store knows by its SHA-256 is not read again; one that was cut "
            "short, by a kill or a full disk, goes on where it was.\n\n"
            "What operators say (patched, mitigated, compromised) and what reporters say (vulnerable) is kept as a claim, apart from builds.\n\n"
            "Exit code 1: a file could not be read, or not to its end.",
    .opt = opts, .example = examples, .run = run,
};
