#include "detect/rules_dir.h"

#include "base/num.h"

struct walk { struct rules_dir *d; struct arena *a; struct os *os; struct str root; struct err *e; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of rules"); }

static bool leave(struct walk *w, struct str file, struct str why)
{
    struct rules_left *l = GROW(w->a, w->d->left, w->d->left_n, &w->d->cap[1]);

    if (!l || !why.p)
        return no_room(w->e);
    *l = (struct rules_left){ file, why };
    w->d->left_n++;
    return true;
}

static bool kind_of(struct str name, enum rules_kind *ret)
{
    static const struct { const char *end; enum rules_kind kind; } ends[] = {
        { ".yml", RULES_SIGMA }, { ".yaml", RULES_SIGMA }, { ".yar", RULES_YARA }, { ".yara", RULES_YARA },
    };

    for (size_t i = 0; i < COUNT_OF(ends); i++)
        if (str_iends(name, str_c(ends[i].end))) {
            *ret = ends[i].kind;
            return true;
        }
    return false;
}

static bool take(struct walk *w, struct str file, uint64_t size_bytes, enum rules_kind kind)
{
    struct rules_dir *d = w->d;

    if (size_bytes > RULES_FILE_BYTES_MAX)
        return leave(w, file, str_fmt(w->a, "%llu bytes, at most %d are read", (unsigned long long)size_bytes, RULES_FILE_BYTES_MAX));
    if (size_bytes > RULES_ALL_BYTES_MAX - d->bytes)
        return leave(w, file, str_fmt(w->a, "more than %d bytes of rules in all", RULES_ALL_BYTES_MAX));
    if (d->file_n == RULES_FILES_MAX)
        return err_set(w->e, ERR_LIMIT, "more than %d rule files", RULES_FILES_MAX);
    struct rules_file *f = GROW(w->a, d->file, d->file_n, &d->cap[0]);
    if (!f)
        return no_room(w->e);
    *f = (struct rules_file){ .root = w->root, .file = file, .kind = kind, .size_bytes = size_bytes };
    d->file_n++;
    d->of_kind[kind]++;
    d->bytes += size_bytes;
    return true;
}

static bool folder(struct walk *w, struct str below, int depth)
{
    struct os_entry *item;
    size_t           n;
    struct err       why = { 0 };
    enum rules_kind  kind;

    if (depth > RULES_DEPTH_MAX)
        return leave(w, below, str_fmt(w->a, "folders deeper than %d levels", RULES_DEPTH_MAX));
    if (!w->os->list(w->os, w->root, below, w->a, &item, &n, &why)) {
        if (why.kind == ERR_MEMORY || below.n == 0) {
            *w->e = why;
            return false;
        }
        return leave(w, below, str_dup(w->a, str_c(why.what)));
    }
    w->d->entries += n;
    if (w->d->entries > RULES_ENTRIES_MAX)
        return err_set(w->e, ERR_LIMIT, "a folder of rules with more than %d entries", RULES_ENTRIES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (str_starts(item[i].name, STR(".")))
            continue;
        bool       rule = kind_of(item[i].name, &kind);
        struct str path = below.n ? str_fmt(w->a, "%.*s/%.*s", STR_ARG(below), STR_ARG(item[i].name)) : item[i].name;
        if (!path.p)
            return no_room(w->e);
        bool ok = true;
        if (item[i].st.kind == OS_DIR)
            ok = folder(w, path, depth + 1);
        else if (rule && item[i].st.kind == OS_FILE)
            ok = take(w, path, item[i].st.size_bytes, kind);
        else if (rule || item[i].st.kind == OS_LINK)
            ok = leave(w, path, item[i].st.kind == OS_LINK ? STR("a link, not followed") : STR("no plain file"));
        if (!ok)
            return false;
    }
    return true;
}

bool rules_dir_add(struct rules_dir *d, struct arena *a, struct os *os, struct str path, struct err *e)
{
    struct walk     w = { .d = d, .a = a, .os = os, .e = e };
    struct os_stat  st;
    enum rules_kind kind;

    if (!path.n)
        return err_set(e, ERR_USAGE, "the folder of rules has no name");
    if (!os->stat(os, path, &st, e))
        return err_hint(e, "Check the path and the permissions.");
    path = str_dup(a, path);
    if (!path.p)
        return no_room(e);
    if (st.kind == OS_DIR) {
        w.root = path;
        return folder(&w, STR(""), 0) || err_where(e, "%.*s", STR_ARG(path));
    }
    size_t     slash = str_rchr(path, '/');
    struct str name  = slash == STR_NONE ? path : str_from(path, slash + 1);
    w.root = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");
    if (st.kind != OS_FILE || !kind_of(name, &kind)) {
        err_set(e, ERR_USAGE, "\"%.*s\" is neither a folder nor a rule file", STR_ARG(path));
        return err_hint(e, "Sigma rules end in .yml or .yaml, YARA rules in .yar or .yara");
    }
    return take(&w, name, st.size_bytes, kind);
}

bool rules_file_read(const struct rules_file *f, struct os *os, struct arena *a, struct str *ret, struct err *e)
{
    return os_slurp(os, f->root, f->file, RULES_FILE_BYTES_MAX, a, ret, e);
}
