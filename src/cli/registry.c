/*
 * registry: the keys of a registry hive as lines of JSON.
 *
 * Worker   the hive is read in a process without network and without any right to write (sandbox.h).
 * Logs     FILE.LOG1, FILE.LOG2 and FILE.LOG beside it, in any case, are replayed in memory unless --stored is given.
 * Order    as stored: parents before children, in the order of the lists.
 */
#include "cli/verbs.h"

#include "base/num.h"
#include "base/utf.h"
#include "emit/json.h"
#include "formats/hive.h"
#include "os/guard.h"
#include "os/sandbox.h"

enum { ROOM = 384 << 20, OPT_STORED = 0, OPT_COUNT = 1, FILES = 3 };

static const struct opt opts[] = {
    { "stored", NULL, "the hive as it is stored, without its transaction logs", NULL },
    { "count", NULL, "read everything, print only the counts", NULL },
    { NULL, NULL, NULL, NULL },
};

struct place { struct os *os; struct os_file f; uint64_t size; };

struct registry {
    struct cli        *c;
    const struct args *args;
    struct arena       whole;
    struct place       at[FILES];        /* the hive, two logs */
    struct guard      *g;
    uint64_t           keys, values, damaged;
    bool               stored, count;
};

static bool read_at(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct place *p = ctx;
    return p->os->read_at(p->os, p->f, off, buf, cap, got, e);
}

static void hex(struct js *j, struct arena a, struct str data)
{
    char *to = NEW(&a, char, 2 * data.n + 1);

    if (!to) {
        js_null(j);
        return;
    }
    num_tohex(data.p, data.n, to);
    js_str(j, (struct str){ (const uint8_t *)to, 2 * data.n });
}

static void data_out(struct js *j, struct arena a, const struct hive_value *v, struct str data)
{
    uint64_t   n;
    struct str text = v->type == HIVE_MULTI_SZ ? STR_EMPTY : hive_text(&a, v->type, data);

    if (v->type == HIVE_MULTI_SZ) {
        /* Item by item: one of them may hold a line end. */
        js_array(j);
        for (size_t at = 0, from = 0; at + 1 < data.n || from < at; at += 2) {
            bool end = at + 1 >= data.n || (data.p[at] == 0 && data.p[at + 1] == 0);
            if (!end)
                continue;
            if (at == from)
                break;
            struct arena own = a;
            js_str(j, utf_to8(&own, str_sub(data, from, at), UTF_16LE));
            from = at + 2;
        }
        js_end(j);
    } else if (text.p) {
        js_str(j, text);
    } else if (v->type != HIVE_BINARY && hive_number(v->type, data, &n)) {
        js_u64(j, n);
    } else {
        hex(j, a, data);
    }
}

static bool one_key(void *ctx, struct hive *h, struct arena a, const struct hive_key *k, struct str path)
{
    struct registry   *v = ctx;
    struct hive_value *value;
    size_t             n;
    struct js          j;

    if ((v->keys++ & 0xff) == 0)
        guard_beat(v->g, 0);
    if (!hive_values(h, &a, k, &value, &n))
        return false;
    v->values += n;
    if (!v->count) {
        js_open(&j, v->c->out, true);
        js_object(&j);
        js_key(&j, "key");
        js_str(&j, path);
        js_key(&j, "written");
        js_time(&j, time_filetime(k->written));
        js_key(&j, "values");
        js_array(&j);
    }
    for (size_t i = 0; i < n; i++) {
        struct arena scratch = a;
        struct str   data = STR_EMPTY;
        bool         whole = hive_data(h, &scratch, &value[i], &data);
        if (h->why.kind != ERR_NONE)
            return false;
        v->damaged += !whole;
        if (v->count)
            continue;
        js_object(&j);
        js_key(&j, "name");
        js_str(&j, value[i].name);
        js_key(&j, "type");
        if (hive_type_name(value[i].type))
            js_c(&j, hive_type_name(value[i].type));
        else
            js_u64(&j, value[i].type);
        js_key(&j, "data");
        if (whole)
            data_out(&j, scratch, &value[i], data);
        else
            js_null(&j);
        if (!whole) {
            js_key(&j, "damaged");
            js_bool(&j, true);
        }
        js_end(&j);
    }
    if (!v->count) {
        js_end(&j);
        js_end(&j);
        out_c(v->c->out, "\n");
    }
    return !v->c->out->failed;
}

static void tell(struct registry *v, const struct hive *h, struct str path)
{
    struct arena a = v->c->scratch;

    for (int i = 0; i < 2; i++)
        if (h->said[i].what)
            cli_note(v->c, str_cstr(&a, str_fmt(&a, "a transaction log was not applied: %s", h->said[i].what)), path);
    if (h->pages)
        cli_note(v->c, str_cstr(&a, str_fmt(&a, "it was not closed: %u pages were taken from its transaction logs", h->pages)), path);
    if (hive_stale(h))
        cli_note(v->c, "it was not closed, and no transaction log that fits is here: the last changes are missing", path);
    if (h->header_bad)
        cli_note(v->c, "the checksum of its header does not hold", path);
    if (h->bad)
        cli_note(v->c, str_cstr(&a, str_fmt(&a, "%u damaged places, the first: %s", h->bad, h->bad_what)), path);
}

static bool hive_out(struct registry *v, struct err *e)
{
    struct arena       a = v->whole;
    struct str         path = v->args->operand[0];
    struct hive_source in = { read_at, &v->at[0], v->at[0].size }, logs[2] = { { 0 } };
    struct hive_key    root, from;
    struct hive        h;

    for (int i = 1; i < FILES && !v->stored; i++)
        if (v->at[i].f.h >= 0)
            logs[i - 1] = (struct hive_source){ read_at, &v->at[i], v->at[i].size };
    if (!hive_open(&h, &a, &in, logs, 2, e))
        return false;
    struct str key = v->args->operand_n > 1 ? v->args->operand[1] : STR("");
    bool ok = hive_root(&h, &a, &root);
    if (!ok && h.why.kind == ERR_NONE)
        return err_set(e, ERR_FORMAT, "the hive has no root key that can be read");
    if (ok && !hive_find(&h, &a, &root, key, &from) && h.why.kind == ERR_NONE) {
        err_set(e, ERR_USAGE, "there is no key of this name in the hive");
        return err_where(e, "%.*s", STR_ARG(key));
    }
    ok = ok && h.why.kind == ERR_NONE && hive_walk(&h, a, &from, key, one_key, v);
    tell(v, &h, path);
    if (!ok && h.why.kind != ERR_NONE)
        *e = h.why;
    return ok || v->c->out->failed;
}

/* In the worker. */
static int work(void *ctx, struct guard *g)
{
    struct registry *v = ctx;
    struct err       e = { 0 };
    const char      *sandbox = "none";
    int              code = CLI_DONE;
    struct sandbox_rules rules = { v->args->operand, 1, STR_EMPTY };
    bool             ok = (!v->c->guarded || sandbox_enter(&rules, &sandbox, &e)) && os_arena_map(&v->whole, ROOM, &e);

    v->g = g;
    if (g)
        out_open(v->c->out, guard_put, g);
    v->keys = v->values = v->damaged = 0;
    ok = ok && guard_mark(g, &e);
    guard_enter(g, 0, 1, v->args->operand[0]);
    ok = ok && (guard_barred(g, 1) ? err_set(&e, ERR_LIMIT, "reading this hive brought its reader down twice") : hive_out(v, &e));
    guard_leave(g, 0);
    if (!ok)
        code = cli_fail(v->c, "registry", &e);
    else if (!v->c->out->failed)
        out_fmt(v->c->err, "%llu keys, %llu values, %llu damaged\n", (unsigned long long)v->keys, (unsigned long long)v->values, (unsigned long long)v->damaged);
    if (!out_done(v->c->out, &e))
        code = cli_fail(v->c, "registry", &e);
    out_done(v->c->err, &e);
    os_arena_unmap(&v->whole);
    return code;
}

static void on_death(void *ctx, const char *what, struct str text)
{
    struct registry *v = ctx;
    struct err       e = { 0 };

    cli_note(v->c, what, text);
    (void)out_done(v->c->err, &e);
}

/* The hive and the logs beside it; opened before the sandbox, which lets nothing but the hive be opened. */
static bool open_all(struct registry *v, struct err *e)
{
    struct os       *os = v->c->os;
    struct arena     a = v->c->scratch;
    struct str       path = v->args->operand[0];
    size_t           slash = str_rchr(path, '/'), n = 0, logs = 0;
    struct str       dir = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/"), name = slash == STR_NONE ? path : str_from(path, slash + 1);
    struct os_entry *entry;
    struct err       quiet = { 0 };

    for (int i = 0; i < FILES; i++)
        v->at[i] = (struct place){ os, OS_FILE_NONE, 0 };
    if (!os->open(os, dir, name, &v->at[0].f, &v->at[0].size, e))
        return err_hint(e, "check the path and the permissions");
    if (v->stored || !os->list(os, dir, STR(""), &a, &entry, &n, &quiet))
        return true;
    for (size_t i = 0; i < n && logs < 2; i++) {
        struct str end = str_istarts(entry[i].name, name) ? str_from(entry[i].name, name.n) : STR("");
        struct place *p = &v->at[1 + logs];
        if ((str_ieq(end, STR(".LOG1")) || str_ieq(end, STR(".LOG2")) || str_ieq(end, STR(".LOG"))) && entry[i].st.size_bytes > 0)
            logs += os->open(os, dir, entry[i].name, &p->f, &p->size, &quiet);
    }
    return true;
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct err           e = { 0 };
    struct registry      v = { .c = c, .args = args, .stored = args->given[OPT_STORED], .count = args->given[OPT_COUNT] };
    int                  code = CLI_FAILED;
    struct guard_options opt = { .off = !c->guarded, .hang_ms = c->hang_ms, .died = on_death, .died_ctx = &v };
    struct os_stat       st;

    if (args->operand_n < 1 || args->operand_n > 2) {
        err_set(&e, ERR_USAGE, args->operand_n ? "more than a hive and a key given" : "no registry hive given");
        err_hint(&e, "name a file, and a key in it if you like: afterpatch registry SYSTEM Select");
        return cli_fail(c, verb->name, &e);
    }
    if (!c->os->stat(c->os, args->operand[0], &st, &e) || st.kind == OS_DIR) {
        if (e.kind == ERR_NONE)
            err_set(&e, ERR_USAGE, "this is a folder"), err_where(&e, "%.*s", STR_ARG(args->operand[0]));
        err_hint(&e, "name a hive, for example Windows/System32/config/SYSTEM");
        return cli_fail(c, verb->name, &e);
    }
    if (!open_all(&v, &e))
        return cli_fail(c, verb->name, &e);
    if (!out_done(c->out, &e) || !out_done(c->err, &e) || !guard_run(&opt, work, &v, &code, &e))
        code = cli_fail(c, verb->name, &e);
    for (int i = 0; i < FILES; i++)
        c->os->close(c->os, &v.at[i].f);
    out_done(c->out, &e);
    return code;
}

static const struct example examples[] = {
    { "afterpatch registry SYSTEM 'ControlSet001\\Services\\W3SVC'", "One key and all below it" },
    { "afterpatch registry --stored NTUSER.DAT", "What the hive holds without its transaction logs" },
    { NULL, NULL },
};

const struct verb verb_registry = {
    .name = "registry", .about = "prints the keys of a registry hive as lines of JSON", .usage = "[--stored] [--count] FILE [KEY]",
    .text = "One line a key, parents before children: its path in the hive, when it was last written, and its values with name, type and data. Texts are given "
            "up to their end, lists of texts as arrays, numbers as numbers, everything else in hex.\n\n"
            "A hive that was not closed is completed in memory from its transaction logs, when they lie beside it (FILE.LOG1, FILE.LOG2, FILE.LOG); which "
            "were applied, and what is damaged, is told on stderr. Deleted keys are not looked for. Exit code 1: the hive could not be read.",
    .opt = opts, .example = examples, .run = run,
};
