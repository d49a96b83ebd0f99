#include "cli/infiles.h"

#include "os/sandbox.h"

enum { MEMORY_BYTES = 1 << 30, MARK_EVERY = 1 << 16 };

bool infile_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct infile *x = ctx;

    guard_beat(x->f->g, 0);
    return packed_fill(x->p, buf, cap, got, e);
}

struct str infile_name(struct str name)
{
    size_t slash = str_rchr(name, '/');

    return slash == STR_NONE ? name : str_from(name, slash + 1);
}

/* Without a store what is printed is all there is. */
bool infiles_printed(struct infiles *f, struct out *o, struct err *e)
{
    if (++f->since_mark < MARK_EVERY)
        return !o->failed || out_done(o, e);
    f->since_mark = 0;
    return out_done(o, e) && guard_mark(f->g, e);
}

/* ---- what came of a file ---- */

void infile_broken_json(struct out *o, uint64_t line, const char *why, struct str raw)
{
    struct js j;

    js_open(&j, o, true);
    js_object(&j);
    js_key(&j, "broken");
    js_c(&j, why);
    js_key(&j, "line");
    js_u64(&j, line);
    js_key(&j, "raw");
    js_str(&j, raw);
    js_end(&j);
    out_c(o, "\n");
}

void infile_sums_json(struct js *j, const struct import_result *r)
{
    js_key(j, "other");  js_u64(j, r->other);
    js_key(j, "broken"); js_u64(j, r->broken);
    js_key(j, "reasons");
    js_array(j);
    for (size_t i = 0; i < r->reason_n; i++) {
        js_object(j);
        js_key(j, "why");        js_c(j, r->reason[i].why);
        js_key(j, "rows");       js_u64(j, r->reason[i].n);
        js_key(j, "first_line"); js_u64(j, r->reason[i].first_line);
        js_end(j);
    }
    js_end(j);
    js_key(j, "notes");
    js_array(j);
    for (size_t i = 0; i < r->note_n; i++)
        js_str(j, r->note[i]);
    js_end(j);
    js_key(j, "breaks_off"); js_c(j, r->end.kind != ERR_NONE ? r->end.what : NULL);
}

void infile_sums_text(struct out *o, const struct import_result *r)
{
    for (size_t i = 0; i < r->reason_n; i++) {
        out_fmt(o, "  broken: %llu: ", (unsigned long long)r->reason[i].n);
        out_term(o, str_c(r->reason[i].why), 0);
        out_fmt(o, " (first in line %llu)\n", (unsigned long long)r->reason[i].first_line);
    }
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

/* ---- the files ---- */

bool infiles_given(const struct args *a, const char *example, struct err *e)
{
    if (a->operand_n)
        return true;
    err_set(e, ERR_USAGE, "no file given");
    return err_hint(e, "name the files: %s", example);
}

bool infiles_check(struct cli *c, const struct args *a, struct err *e)
{
    for (size_t i = 0; i < a->operand_n; i++) {
        struct os_stat st;
        if (!c->os->stat(c->os, a->operand[i], &st, e))
            return err_hint(e, "check the path and the permissions");
        if (st.kind == OS_DIR) {
            err_set(e, ERR_USAGE, "this is a folder");
            err_where(e, "%.*s", STR_ARG(a->operand[i]));
            return err_hint(e, "name its files");
        }
    }
    return true;
}

static bool one_path(struct infiles *f, struct str path, struct err *e)
{
    struct ev_limits limits = ev_limits_default();
    struct packed   *p = NULL;
    struct arena     keep = f->c->keep;
    uint64_t         key = str_hash(path);

    if (guard_barred(f->g, key))
        return err_set(e, ERR_FORMAT, "the file brought its reader down twice and was left out");
    guard_enter(f->g, 0, key, path);
    bool ok = packed_open(&p, f->c->os, path, &limits, &keep, e);

    if (ok && packed_damage(p)) {
        cli_note(f->c, packed_damage(p), path);
        f->bad = true;
    }
    for (size_t i = 0; ok && i < packed_n(p); i++) {
        struct str inner, name = path;
        ok = packed_member(p, i, &inner, e);
        if (ok && inner.n)
            name = str_fmt(&keep, "%.*s!/%.*s", STR_ARG(path), STR_ARG(inner));
        ok = ok && f->one(f->ctx, p, i, name, e);
        if (!ok && e->kind == ERR_FORMAT && packed_n(p) > 1 && f->usable(f->ctx)) {       /* one of several: told, and on with the next */
            err_where(e, "%.*s", STR_ARG(name));
            cli_fail(f->c, f->verb, e);
            *e = (struct err){ 0 };
            f->bad = ok = true;
        }
    }
    packed_close(p);
    guard_leave(f->g, 0);
    return ok;
}

bool infiles_shut(struct cli *c, struct str store_path, struct store *store, const struct str *read, size_t n, uint64_t more_bytes, struct err *e)
{
    const char          *name;
    size_t               slash = str_rchr(store_path, '/');
    struct sandbox_rules rules = { read, n, STR_EMPTY };

    if (!c->guarded)
        return true;
    bool talk = store && store_is_postgresql(store);
    if (store && !talk)
        rules.write = slash == STR_NONE ? STR(".") : slash ? str_sub(store_path, 0, slash) : STR("/");
    return os_memory_limit(MEMORY_BYTES + more_bytes, e) && (talk ? sandbox_enter_talking : sandbox_enter)(&rules, &name, e);
}

/* The door to the store is open; now everything else is shut. */
static bool shut(struct infiles *f, struct store *store, struct err *e)
{
    struct arena keep = f->c->keep;
    size_t       n = f->path_n + f->also_n;
    struct str  *read = NEW(&keep, struct str, n + 1);

    if (!read)
        return err_set(e, ERR_MEMORY, "no room for %zu files", n);
    for (size_t i = 0; i < n; i++)
        read[i] = i < f->path_n ? f->path[i] : f->also[i - f->path_n];
    return infiles_shut(f->c, f->store, store, read, n, 0, e);
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct infiles *f = ctx;
    struct store   *store = NULL;
    struct arena    whole = { 0 };
    struct err      e = { 0 };
    int             code = CLI_DONE;

    f->g = g;
    if (g)
        out_open(f->c->out, guard_put, g);
    bool ok = f->open(f->ctx, &store, &e) && shut(f, store, &e) && os_arena_map(&whole, f->room_bytes, &e) && (store || guard_mark(g, &e));
    if (!ok)
        code = cli_fail(f->c, f->verb, &e);
    for (size_t i = 0; ok && i < f->path_n; i++) {
        f->room = whole;
        if (one_path(f, f->path[i], &e))
            continue;
        bool go_on = e.kind == ERR_FORMAT && f->usable(f->ctx);      /* this file, not the store or the machine */
        if (!e.where[0])
            err_where(&e, "%.*s", STR_ARG(f->path[i]));
        code = cli_fail(f->c, f->verb, &e);
        e    = (struct err){ 0 };
        ok   = go_on;
    }
    f->close(f->ctx);
    os_arena_unmap(&whole);
    if (!out_done(f->c->out, &e))
        code = cli_fail(f->c, f->verb, &e);
    out_done(f->c->err, &e);
    return code == CLI_DONE && f->bad ? CLI_FAILED : code;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct infiles *f = ctx;
    struct err      e = { 0 };

    cli_note(f->c, what, text);
    (void)out_done(f->c->err, &e);
}

int infiles_run(struct infiles *f)
{
    struct err           e = { 0 };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !f->c->guarded, .hang_ms = f->c->hang_ms, .stream = true, .died = on_death, .died_ctx = f };

    if (!out_done(f->c->out, &e) || !out_done(f->c->err, &e) || !guard_run(&opt, work, f, &code, &e))
        code = cli_fail(f->c, f->verb, &e);
    out_done(f->c->out, &e);
    return code;
}
