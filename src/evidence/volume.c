/*
 * volume: a mounted volume, a folder with copies of drives, a loose folder, or one file.
 *
 * Roots    a folder that holds Windows, inetpub, Program Files ... is the root of a drive. Its letter is its own name when that names a
 *          drive ("C", "d:", "c%3A", "E_"), else C. A folder that is named like a drive and lies at most NAMED_DEPTH below PATH is one as well.
 *          What lies in no drive has the volume "?:", and its path begins with the name of the folder that was given.
 * Loops    links are not followed; a folder that contains itself (a bind mount) is noticed by device and inode.
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/winpath.h"

enum { NAMED_DEPTH = 4, PATH_MAX_WINDOWS = 32767 };

/* One open folder on the way down. */
struct level {
    const struct level *up;
    uint64_t            dev, ino;
    struct str          path;      /* Windows path */
    struct str          below;     /* native path below the source's root */
    struct str          name;      /* its own name, as stored */
    uint32_t            depth;
    bool                loose;     /* in no drive so far */
};

static int probe(const struct os_stat *st, struct str head)
{
    (void)head;
    return st->kind == OS_DIR ? 100 : st->kind == OS_FILE ? 50 : 0;
}

/* "C", "c:", "C%3A", "C_", "C$" (an administrative share): the letter in capitals, or 0. */
static uint8_t drive_letter(struct str name)
{
    static const struct str tail[] = { STR_INIT(""), STR_INIT(":"), STR_INIT("%3a"), STR_INIT("_"), STR_INIT("$") };

    if (name.n == 0 || !ch_alpha(name.p[0]))
        return 0;
    for (size_t i = 0; i < COUNT_OF(tail); i++)
        if (str_ieq(str_from(name, 1), tail[i]))
            return (uint8_t)(name.p[0] & ~0x20);
    return 0;
}

/* Folders that stand at the root of a drive and hardly anywhere else. */
static bool holds_drive(const struct os_entry *entry, size_t n)
{
    static const struct str mark[] = {
        STR_INIT("Windows"), STR_INIT("inetpub"), STR_INIT("Program Files"), STR_INIT("Program Files (x86)"), STR_INIT("ProgramData"),
        STR_INIT("ExchangeSetupLogs"), STR_INIT("System Volume Information"), STR_INIT("$Recycle.Bin"), STR_INIT("$Extend"),
    };
    bool marked = false, windows = false, drives = false;

    for (size_t i = 0; i < n; i++) {
        if (entry[i].st.kind != OS_DIR)
            continue;
        for (size_t k = 0; k < COUNT_OF(mark); k++)
            marked = marked || str_ieq(entry[i].name, mark[k]);
        windows = windows || str_ieq(entry[i].name, STR("Windows"));
        drives  = drives || drive_letter(entry[i].name) != 0;
    }
    /* "C", "D" and a loose "inetpub" side by side: somebody's collection, not a drive. */
    return marked && (windows || !drives);
}

static struct str last_name(struct str native)
{
    while (native.n > 1 && native.p[native.n - 1] == '/')
        native.n--;
    size_t at = str_rchr(native, '/');
    return at == STR_NONE ? native : str_from(native, at + 1);
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of files"); }

static struct str join(struct arena *a, struct str dir, uint8_t sep, struct str name)
{
    uint8_t *p = NEW(a, uint8_t, dir.n + name.n + 1);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < dir.n; i++)
        p[n++] = dir.p[i];
    if (dir.n)
        p[n++] = sep;
    for (size_t i = 0; i < name.n; i++)
        p[n++] = name.p[i];
    return (struct str){ p, n };
}

static bool is_loop(const struct level *l)
{
    for (const struct level *up = l->up; l->ino && up; up = up->up)
        if (up->dev == l->dev && up->ino == l->ino)
            return true;
    return false;
}

/* A link whose Windows path has another canonical spelling is a junction that every Windows has: its target is walked by itself. */
static bool note_link(struct ev_sink *k, uint16_t source, struct str path, struct str below, struct arena stack, struct err *e)
{
    struct ev  *v = k->v;
    struct err  why = { 0 };
    struct str  target = STR_EMPTY, canon = winpath_canon(&stack, path, path.p[0]);

    if (canon.p && !str_eq(canon, path))
        return true;
    if (!v->os->link || !v->os->link(v->os, v->source[source].root, below, &stack, &target, &why)) {
        ev_refuse(v, path, "link: not followed", "Its target could not be read. Collect the folder itself.");
        return true;
    }
    struct ev_alias *at = GROW(k->pile, k->link, k->link_n, &k->link_cap);
    if (!at)
        return no_room(e);
    at->from = str_dup(k->pile, path);
    at->to   = str_dup(k->pile, target);
    if (!at->from.p || !at->to.p)
        return no_room(e);
    k->link_n++;
    return true;
}

static const char *unsafe_name(struct str name)
{
    if (name.n > EV_NAME_MAX)
        return "name too long";
    return str_chr(name, '\\') != STR_NONE || str_chr(name, 0) != STR_NONE ? "unsafe name" : NULL;
}

static bool walk(struct ev_sink *k, uint16_t source, struct level l, struct arena stack, struct err *e)
{
    struct ev       *v = k->v;
    struct os_entry *entry = NULL;
    size_t           n = 0;
    struct err       why = { 0 };

    if (is_loop(&l)) {
        ev_refuse(v, l.path, "folder contains itself: not entered again", "Nothing is lost: it is read where it was met first.");
        return true;
    }
    if (!v->os->list(v->os, v->source[source].root, l.below, &stack, &entry, &n, &why)) {
        if (why.kind == ERR_MEMORY)
            ev_refuse(v, l.path, "too large: too many names in one folder", "Hunt parts of this folder one by one.");
        else
            ev_refuse_err(v, l.path, "unreadable folder", &why);
        return true;
    }
    if (l.loose) {
        uint8_t letter = drive_letter(l.name);
        bool    holds  = holds_drive(entry, n);
        /* PATH itself: "D" or "d:" is a drive, but "/x" may be any folder of the analyst's. */
        bool    named  = letter && (l.up ? l.depth <= NAMED_DEPTH : l.name.n > 1 || l.name.p[0] < 'a');
        if (holds || named) {
            uint8_t drive[2] = { letter ? letter : 'C', ':' };
            l.path  = str_dup(&stack, (struct str){ drive, 2 });
            l.loose = false;
            if (!l.path.p)
                return no_room(e);
        }
    }
    if (!ev_sink_dir(k, l.path, e))
        return false;
    uint64_t rules = ev_rules_of_dir(l.path, stack);

    for (size_t i = 0; i < n; i++) {
        struct arena here = stack;
        const struct os_entry *x = &entry[i];
        struct str  path = join(&here, l.path, '\\', x->name), below = join(&here, l.below, '/', x->name);
        const char *bad  = unsafe_name(x->name);
        if (!path.p || !below.p)
            return no_room(e);
        if (!bad && path.n > PATH_MAX_WINDOWS)
            bad = "path too long";
        if (bad) {
            v->seen_n += x->st.kind == OS_FILE;
            ev_refuse(v, path, bad, "Rename it in a copy of the evidence and hunt again.");
            continue;
        }
        switch (x->st.kind) {
        case OS_FILE:
            if (!ev_sink_file(k, source, rules, l.path, x->name, below, &x->st, here, e))
                return false;
            break;
        case OS_DIR:
            if (l.depth >= EV_DEPTH_MAX) {
                ev_refuse(v, path, "too deep", "Give the inner folder as a path of its own.");
            } else if (ev_sink_claim(k, source, &x->st)) {
                struct level down = { .up = &l, .dev = x->st.dev, .ino = x->st.ino, .path = path, .below = below, .name = x->name,
                                      .depth = l.depth + 1, .loose = l.loose };
                if (!walk(k, source, down, here, e))
                    return false;
            }
            break;
        case OS_LINK:
            if (!note_link(k, source, path, below, here, e))
                return false;
            break;
        case OS_OTHER:
            ev_refuse(v, path, "not a plain file: not opened", "A pipe, device or socket does not come from Windows. Look at how this copy was made.");
            break;
        }
    }
    return true;
}

static bool volume_walk(struct ev *v, uint16_t source, struct ev_sink *k, struct err *e)
{
    struct ev_source *s = &v->source[source];
    struct os_stat    st;
    struct str        name = last_name(s->given);

    if (!v->os->stat(v->os, s->given, &st, e))
        return err_hint(e, "Check the path and the permissions.");
    if (st.kind == OS_FILE) {
        /* One file by itself: its folder is the root, its name the path. */
        struct str dir = str_sub(s->given, 0, s->given.n - name.n);
        s->root = dir.n ? dir : STR(".");
        if (unsafe_name(name))
            return err_set(e, ERR_USAGE, "the name of the file cannot be a Windows name");
        return ev_sink_file(k, source, ev_rules_of_dir(STR("?:"), k->stack), STR("?:"), name, name, &st, k->stack, e);
    }
    if (st.kind != OS_DIR)
        return err_set(e, ERR_USAGE, "neither a folder nor a plain file");
    s->root = s->given;
    if (!ev_sink_claim(k, source, &st))
        return true;
    struct arena stack = k->stack;
    bool         plain = name.n && !unsafe_name(name) && !str_eq(name, STR(".")) && !str_eq(name, STR("..")) && !str_eq(name, STR("/"));
    struct str   path  = plain ? join(&stack, STR("?:"), '\\', name) : STR("?:");
    struct level top   = { .dev = st.dev, .ino = st.ino, .path = path, .name = name, .loose = true };
    if (!path.p)
        return no_room(e);
    return walk(k, source, top, stack, e);
}

static bool volume_read(struct ev *v, const struct ev_node *n, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os_file f = OS_FILE_NONE;
    uint64_t       size;

    if (!v->os->open(v->os, v->source[n->source].root, n->below, &f, &size, e))
        return false;
    bool ok = v->os->read_at(v->os, f, off, buf, cap, ret_got, e);
    v->os->close(v->os, &f);
    return ok;
}

static void volume_close(struct ev *v, uint16_t source)
{
    (void)v;
    (void)source;
}

const struct ev_ops ev_volume = {
    .name = "volume", .about = "a mounted volume, a folder with copies of its files, or one file",
    .probe = probe, .walk = volume_walk, .read = volume_read, .close = volume_close,
};
