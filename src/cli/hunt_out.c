#include "cli/hunt_out.h"

#include "report/render.h"

/* Where render writes to when it is a file. */
struct file_sink {
    struct os     *os;
    struct os_file file;
};

static bool file_put(void *ctx, struct str s, struct err *e)
{
    struct file_sink *f = ctx;

    return f->os->write(f->os, f->file, s, e);
}

/* One form of the report, written but without its name. `o`: room for a sink. */
static bool file_write(struct cli *c, struct out *o, struct str dir, const struct render_kind *kind, const struct report *r, struct os_file *ret,
                       struct err *e)
{
    struct arena     scratch = c->scratch;
    struct file_sink f = { .os = c->os, .file = OS_FILE_NONE };
    struct str       path = str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), kind->file);

    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for a path");
    if (!c->os->create(c->os, path, &f.file, e))
        return false;
    *ret = f.file;
    out_open(o, file_put, &f);
    if (kind->write(o, r, scratch, e) && out_done(o, e))
        return true;
    if (!e->where[0])
        err_where(e, "%.*s", STR_ARG(path));
    return false;
}

/* The path up to and with the first folder that is not there; empty: all are. */
static struct str first_missing(struct os *os, struct str dir)
{
    struct os_stat st;
    struct err     why;

    for (size_t i = 1; i <= dir.n; i++)
        if ((i == dir.n || dir.p[i] == '/') && !os->stat(os, str_sub(dir, 0, i), &st, &why))
            return str_sub(dir, 0, i);
    return STR_EMPTY;
}

void hunt_out_unmake(struct cli *c, struct str dir, struct str made)
{
    struct err why;

    while (made.n && dir.n >= made.n && c->os->rmdir(c->os, dir, &why)) {
        size_t slash = str_rchr(dir, '/');
        if (slash == STR_NONE || slash == 0)
            return;
        dir = str_sub(dir, 0, slash);
    }
}

bool hunt_out_make(struct cli *c, struct str dir, struct str *ret_made, struct err *e)
{
    struct arena   scratch = c->scratch;
    struct os_file f = OS_FILE_NONE;
    struct str     path = str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), render_kinds[0]->file);

    while (dir.n > 1 && dir.p[dir.n - 1] == '/')
        dir.n--;
    *ret_made = first_missing(c->os, dir);
    if (!path.p)
        return err_set(e, ERR_MEMORY, "no room for a path");
    bool ok = c->os->mkdir(c->os, dir, e) && c->os->create(c->os, path, &f, e);
    c->os->close(c->os, &f);
    if (!ok)
        hunt_out_unmake(c, dir, *ret_made);
    return ok || err_hint(e, "give --out a folder that you may write to");
}

/* All forms are written before the first gets its name: a full disk leaves the old report whole, not half of each. */
bool hunt_out_report(struct cli *c, struct str dir, const struct report *r, struct err *e)
{
    enum { KINDS_MAX = 16, FORMS_NEEDED = 2 };      /* report.json and report.html come first */
    struct arena   keep = c->keep;
    struct out    *o = NEW(&keep, struct out, 1);
    struct os_file file[KINDS_MAX];
    size_t         n = 0;
    bool           ok = true;

    if (!o)
        return err_set(e, ERR_MEMORY, "no room for an output buffer");
    if (!c->os->mkdir(c->os, dir, e))
        return false;
    for (; ok && n < KINDS_MAX && render_kinds[n]; n++) {
        file[n] = OS_FILE_NONE;
        ok = file_write(c, o, dir, render_kinds[n], r, &file[n], e);
        if (ok || n < FORMS_NEEDED || (e->kind != ERR_MEMORY && e->kind != ERR_LIMIT))
            continue;
        /* The answer is more than any further form of it: a flood of findings may be too much for one, and the hunt took an hour. */
        cli_note(c, "a form of the report is not written, it would be too large", str_c(render_kinds[n]->file));
        c->os->close(c->os, &file[n]);
        *e = (struct err){ 0 };
        ok = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (ok && file[i].h >= 0 && !c->os->commit(c->os, &file[i], e)) {
            ok = false;
            if (!e->where[0])
                err_where(e, "%.*s/%s", STR_ARG(dir), render_kinds[i]->file);
        }
        c->os->close(c->os, &file[i]);
    }
    if (!ok && e->kind == ERR_IO && !e->hint[0])
        err_hint(e, "make room there or give --out another disk; what was in the folder before is as it was");
    return ok;
}

bool hunt_out_json(struct cli *c, const struct report *r, struct err *e)
{
    for (size_t i = 0; render_kinds[i]; i++)
        if (str_eq(str_c(render_kinds[i]->name), STR("json")))
            return render_kinds[i]->write(c->out, r, c->scratch, e) && out_done(c->out, e);
    return err_set(e, ERR_FORMAT, "this program has no JSON report");
}


typedef bool summary_write(struct out *o, const struct summary *s, struct arena scratch, struct err *e);

bool hunt_out_summary(struct cli *c, struct str dir, const struct summary *s, struct err *e)
{
    static const struct { const char *file; summary_write *write; } form[] = { { "summary.json", summary_json }, { "summary.html", summary_html }, { "summary.csv", summary_csv } };
    enum { FORMS = sizeof form / sizeof *form };
    struct arena   keep = c->keep;
    struct out    *o = NEW(&keep, struct out, 1);
    struct os_file file[FORMS];
    size_t         n = 0;
    bool           ok = o ? true : err_set(e, ERR_MEMORY, "no room for an output buffer");

    for (; ok && n < FORMS; n++) {
        struct arena     scratch = c->scratch;
        struct file_sink f = { .os = c->os, .file = OS_FILE_NONE };
        struct str       path = str_fmt(&scratch, "%.*s/%s", STR_ARG(dir), form[n].file);
        file[n] = OS_FILE_NONE;
        ok = path.p ? c->os->create(c->os, path, &f.file, e) : err_set(e, ERR_MEMORY, "no room for a path");
        if (!ok)
            break;
        file[n] = f.file;
        out_open(o, file_put, &f);
        ok = form[n].write(o, s, scratch, e) && out_done(o, e);
    }
    for (size_t i = 0; i < n; i++) {
        ok = ok && c->os->commit(c->os, &file[i], e);
        c->os->close(c->os, &file[i]);
    }
    return ok;
}
