#include "cli/apart.h"

static bool same(const struct os_stat *a, const struct os_stat *b)
{
    return a->ino != 0 && a->dev == b->dev && a->ino == b->ino;
}

/* What stands before the last part of a path: "a/b/" -> "a", "a" -> ".", "/a" -> "/". */
static struct str parent_text(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    size_t slash = str_rchr(path, '/');
    if (slash == STR_NONE)
        return STR(".");
    return str_sub(path, 0, slash ? slash : 1);
}

/* The nearest folder on the way up that is there; the path itself when it is a folder. */
static bool folder_of(struct os *os, struct str *path, struct os_stat *st, struct err *e)
{
    struct err first = { 0 };

    for (int i = 0; i < APART_DEPTH_MAX; i++) {
        struct err again = { 0 };

        if (os->stat(os, *path, st, &again) && st->kind == OS_DIR)
            return true;
        if (i == 0)
            first = again;
        struct str up = parent_text(*path);
        if (str_eq(up, *path))
            break;
        *path = up;
    }
    *e = first;
    return e->kind != ERR_NONE ? false : err_set(e, ERR_IO, "no folder leads to it");
}

/* Is `path` the folder `above`, or below it? */
static bool is_below(struct os *os, struct str path, const struct os_stat *above, struct arena scratch)
{
    struct os_stat at, up;
    struct err     e;

    for (int i = 0; i < APART_DEPTH_MAX; i++) {
        if (!os->stat(os, path, &at, &e))
            return false;
        if (same(&at, above))
            return true;
        /* The kernel's own "..": it knows where a link leads. Above the root there is the root. */
        path = str_cat(&scratch, path, STR("/.."));
        if (!path.p || !os->stat(os, path, &up, &e) || same(&at, &up))
            return false;
    }
    return false;
}

static bool inside(struct err *e, const char *what, struct str out, struct str evidence)
{
    err_set(e, ERR_USAGE, "%s", what);
    err_where(e, "--out %.*s, evidence %.*s", STR_ARG(str_sub(out, 0, 100)), STR_ARG(str_sub(evidence, 0, 100)));
    return err_hint(e, "evidence is never written to: give --out a folder elsewhere");
}

bool apart_check(struct os *os, struct str out, const struct str *evidence, size_t evidence_n, struct arena scratch, struct err *e)
{
    struct str     out_at = out;
    struct os_stat out_st, st, whole;

    if (!folder_of(os, &out_at, &out_st, e))
        return false;
    bool out_is_there = str_eq(out_at, out);

    for (size_t i = 0; i < evidence_n; i++) {
        struct str at = evidence[i];

        if (!os->stat(os, evidence[i], &whole, e) || !folder_of(os, &at, &st, e))
            return false;
        if (whole.kind == OS_DIR && is_below(os, out_at, &whole, scratch))
            return inside(e, "the output folder lies inside the evidence", out, evidence[i]);
        if (out_is_there && is_below(os, at, &out_st, scratch))
            return inside(e, "the evidence lies inside the output folder", out, evidence[i]);
    }
    return true;
}
