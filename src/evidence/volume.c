/*
 * volume: the walk through one source: a mounted volume, a folder with copies of drives, a loose folder, one file, or a collection.
 *
 * Layout    where the source has one, it says what each entry is (layout.h); what it leaves to "the volume's own rules" goes by these:
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
    bool                above;     /* above the drives, by its layout: not a folder of the server */
    bool                placed;    /* its layout gave the path */
    bool                plain;     /* the layout has left it, and all below, to the volume's rules */
    uint8_t             shadow;
};

uint8_t ev_drive_letter(struct str name)
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
bool ev_holds_drive(const struct os_entry *entry, size_t n)
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
        drives  = drives || ev_drive_letter(entry[i].name) != 0;
    }
    /* "C", "D" and a loose "inetpub" side by side: somebody's collection, not a drive. */
    return marked && (windows || !drives);
}

struct str ev_last_name(struct str native)
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
    struct os  *os = v->source[source].os;
    struct err  why = { 0 };
    struct str  target = STR_EMPTY, canon = winpath_canon(&stack, path, path.p[0]);

    if (canon.p && !str_eq(canon, path))
        return true;
    if (!os->link || !os->link(os, v->source[source].root, below, &stack, &target, &why)) {
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

/* Trees and archives that are sources of their own. */
static bool is_skipped(const struct tree *t, struct str below)
{
    for (size_t i = 0; i < t->skip_n; i++)
        if (str_eq(t->skip[i], below))
            return true;
    return false;
}

/* A folder or file where its layout places it. `dir`: the last folder told to the sink, so that each is told once in a row. */
static bool place_file(struct ev_sink *k, uint16_t source, const struct os_entry *x, struct str below, const struct layout_place *p, struct str *dir,
                       uint64_t *rules, struct arena here, struct err *e)
{
    struct ev_met m = { .dir = winpath_dir(p->path), .name = winpath_name(p->path), .below = below, .entry = x->raw, .st = x->st, .sparse = p->sparse,
                        .shadow = p->shadow, .partial = p->partial };

    if (p->shadow) {
        /* What a shadow copy holds says nothing of the live folder. */
        *rules = ev_rules_of_dir(m.dir, here);
        *dir   = STR_EMPTY;
    } else if (!str_eq(*dir, m.dir)) {
        /* The folder may be known from nothing but its files, and so may those above it, up to one that holds the last file as well. */
        for (struct str up = m.dir; up.n > 2 && !winpath_below(*dir, up); up = winpath_dir(up))
            if (!ev_sink_dir(k, up, e))
                return false;
        *rules = ev_rules_of_dir(m.dir, here);
        *dir   = m.dir;
    }
    if (p->mtime_us != TIME_NONE)
        m.st.mtime_us = p->mtime_us;
    if (p->btime_us != TIME_NONE)
        m.st.btime_us = p->btime_us;
    if (p->sparse)
        m.st.size_bytes = p->sparse->size_bytes;
    return ev_sink_file(k, source, *rules, &m, here, e);
}

/* The same bytes at further places: a node for each, on the live volume, at times that nobody wrote down. */
static bool place_also(struct ev_sink *k, uint16_t source, const struct os_entry *x, struct str below, const struct layout_place *p, struct str *dir,
                       uint64_t *rules, struct arena here, struct err *e)
{
    struct os_entry same = *x;

    same.st.mtime_us = same.st.btime_us = TIME_NONE;
    for (size_t i = 0; i < p->also_n; i++) {
        struct layout_place other = { .what = LAYOUT_PLACE, .path = p->also[i], .mtime_us = TIME_NONE, .btime_us = TIME_NONE, .partial = p->partial };
        if (x->st.size_bytes > LAYOUT_ALSO_BYTES)
            ev_refuse(k->v, other.path, "not copied: the same content as another file", "It was there. Its bytes were collected under another path and are read there.");
        else if (!place_file(k, source, &same, below, &other, dir, rules, here, e))
            return false;
    }
    return true;
}

static bool walk(struct ev_sink *k, uint16_t source, struct level l, struct arena stack, struct err *e)
{
    struct ev       *v = k->v;
    const struct ev_source *s = &v->source[source];
    struct os_entry *entry = NULL;
    size_t           n = 0;
    struct err       why = { 0 };

    if (is_loop(&l)) {
        ev_refuse(v, l.path, "folder contains itself: not entered again", "Nothing is lost: it is read where it was met first.");
        return true;
    }
    if (!s->os->list(s->os, s->root, l.below, &stack, &entry, &n, &why)) {
        if (why.kind == ERR_MEMORY)
            ev_refuse(v, l.path, "too large: too many names in one folder", "Hunt parts of this folder one by one.");
        else
            ev_refuse_err(v, l.path, "unreadable folder", &why);
        return true;
    }
    if (l.loose && !l.placed) {
        uint8_t letter = ev_drive_letter(l.name);
        bool    holds  = ev_holds_drive(entry, n);
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
    if (!l.above && !l.shadow && !ev_sink_dir(k, l.path, e))
        return false;
    uint64_t   rules = ev_rules_of_dir(l.path, stack), placed_rules = rules;
    struct str placed_dir = l.path;

    for (size_t i = 0; i < n; i++) {
        struct arena here = stack;
        const struct os_entry *x = &entry[i];
        struct str  path = join(&here, l.path, '\\', x->name), below = join(&here, l.below, '/', x->key.n ? x->key : x->name);
        if (!path.p || !below.p)
            return no_room(e);
        if (l.loose && is_skipped(s->tree, below))
            continue;
        struct layout_place p = { .what = LAYOUT_PLAIN, .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
        if (s->tree->layout && !l.plain)
            layout_map(s->tree->layout, below, x->st.kind == OS_DIR, &here, &p);
        if (p.what == LAYOUT_SKIP || p.what == LAYOUT_INNER)
            continue;
        if (p.what == LAYOUT_REFUSE) {
            v->seen_n += x->st.kind == OS_FILE;
            ev_refuse(v, path, p.refused ? p.refused : "unsafe name", p.hint ? p.hint : "");
            continue;
        }
        const char *bad = unsafe_name(x->name);
        if (p.what == LAYOUT_PLACE)
            path = p.path;
        if (!bad && path.n > PATH_MAX_WINDOWS)
            bad = "path too long";
        if (bad) {
            v->seen_n += x->st.kind == OS_FILE;
            ev_refuse(v, path, bad, "Rename it in a copy of the evidence and hunt again.");
            continue;
        }
        switch (x->st.kind) {
        case OS_FILE:
            if (p.what == LAYOUT_PLACE) {
                /* Its folder's path lives in `here`: it is told anew when the next file lies in another. */
                struct str dir = placed_dir;
                if (!place_file(k, source, x, below, &p, &dir, &placed_rules, here, e))
                    return false;
                if (!place_also(k, source, x, below, &p, &dir, &placed_rules, here, e))
                    return false;
                if (!str_eq(dir, placed_dir) && !(placed_dir = str_dup(&stack, dir)).p && dir.n)
                    return no_room(e);
            } else {
                struct ev_met m = { .dir = l.path, .name = x->name, .below = below, .entry = x->raw, .st = x->st, .shadow = l.shadow ? l.shadow : x->st.earlier };
                if (!ev_sink_file(k, source, rules, &m, here, e))
                    return false;
            }
            break;
        case OS_DIR:
            if (l.depth >= EV_DEPTH_MAX) {
                ev_refuse(v, path, "too deep", "Give the inner folder as a path of its own.");
            } else if (ev_sink_claim(k, source, &x->st)) {
                struct level down = { .up = &l, .dev = x->st.dev, .ino = x->st.ino, .path = path, .below = below, .name = x->name,
                                      .depth = l.depth + 1, .loose = l.loose };
                down.above  = p.what == LAYOUT_ENTER;
                down.placed = p.what == LAYOUT_PLACE || (l.placed && p.what != LAYOUT_PLAIN);
                down.plain  = s->tree->layout && p.what == LAYOUT_PLAIN;
                down.shadow = p.shadow ? p.shadow : l.shadow ? l.shadow : x->st.earlier;
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

bool ev_walk(struct ev *v, uint16_t source, struct ev_sink *k, struct err *e)
{
    struct ev_source *s = &v->source[source];
    struct os_stat    st;
    struct str        name = ev_last_name(s->root.n ? s->root : s->given);

    if (s->tree->is_file) {
        /* One file by itself: its folder is the root, its name the path. */
        struct str dir = str_sub(s->root, 0, s->root.n - name.n);
        if (!s->os->stat(s->os, s->root, &st, e))
            return err_hint(e, "Check the path and the permissions.");
        s->root = dir.n ? dir : STR(".");
        if (unsafe_name(name))
            return err_set(e, ERR_USAGE, "the name of the file cannot be a Windows name");
        struct ev_met m = { .dir = STR("?:"), .name = name, .below = name, .st = st };
        return ev_sink_file(k, source, ev_rules_of_dir(STR("?:"), k->stack), &m, k->stack, e);
    }
    if (!s->os->stat(s->os, s->root, &st, e))
        return err_hint(e, "Check the path and the permissions.");
    if (!ev_sink_claim(k, source, &st))
        return true;
    struct arena stack = k->stack;
    bool         plain = name.n && !unsafe_name(name) && !str_eq(name, STR(".")) && !str_eq(name, STR("..")) && !str_eq(name, STR("/"));
    struct str   path  = plain ? join(&stack, STR("?:"), '\\', name) : STR("?:");
    struct level top   = { .dev = st.dev, .ino = st.ino, .path = path, .name = name, .loose = true, .above = s->tree->layout != NULL };
    if (!path.p)
        return no_room(e);
    return walk(k, source, top, stack, e);
}

struct str ev_guess_path(struct arena *a, struct str native)
{
    struct str rest = native, part, drive = STR("?:");
    uint8_t    name[2] = { 0, ':' };

    for (struct str from = native; str_cut(&from, '/', &part) && from.n;) {
        name[0] = ev_drive_letter(part);
        if (str_ieq(part, STR("sysvol")))
            name[0] = 'C';
        if (!name[0])
            continue;
        drive = (struct str){ name, 2 };
        rest  = from;
        break;
    }
    uint8_t *p = NEW(a, uint8_t, rest.n + 3);
    if (!p)
        return STR_EMPTY;
    p[0] = drive.p[0];
    p[1] = ':';
    p[2] = '\\';
    for (size_t i = 0; i < rest.n; i++)
        p[3 + i] = rest.p[i] == '/' ? '\\' : rest.p[i];
    return (struct str){ p, rest.n + 3 };
}
