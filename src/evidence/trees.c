#include "evidence/trees.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "evidence/inner.h"
#include "os/steps.h"

#include <stdio.h>

#define STACK_BYTES ((size_t)96 << 20)

/* The search of one path or of one container. */
struct search {
    struct trees *t;
    struct os    *os;
    struct str    base;          /* root of what is searched, in os */
    struct str    given;
    const char   *sep;           /* between given and what lies below: "/" or, in an archive, "!/" */
    uint32_t      container, path, nest;
    size_t        first;         /* trees found so far, before this search */
    struct str   *skip; size_t skip_n, skip_cap;
    uint32_t      loose;         /* files in searched folders that belong to no tree */
    uint32_t     *folders;       /* still to be looked into, of all searches */
};

struct ev_options ev_options_default(void) { return (struct ev_options){ .limits = ev_limits_default() }; }

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of sources"); }

static struct str join(struct arena *a, struct str dir, const char *sep, struct str name)
{
    if (!dir.n)
        return str_dup(a, name);
    return name.n ? str_fmt(a, "%.*s%s%.*s", STR_ARG(dir), sep, STR_ARG(name)) : str_dup(a, dir);
}

static struct tree *add_tree(struct search *s, struct str below, struct err *e)
{
    struct trees *t = s->t;

    if (t->tree_n == TREES_MAX) {
        trouble_add(t->trouble, s->container, s->given, "too large: more sources than this build keeps", "Hunt parts of them one by one.");
        return NULL;
    }
    struct tree *at = &t->tree[t->tree_n];
    *at = (struct tree){ .given = join(t->keep, s->given, s->sep, below), .os = s->os, .root = join(t->keep, s->base, "/", below), .container = s->container,
                         .kind = s->container == TROUBLE_ALL ? "volume" : "collection", .form = "plain", .path = s->path,
                         .plain = s->container == TROUBLE_ALL };
    /* The top of an archive has the empty path. */
    if (!at->given.p || (!at->root.p && (s->base.n || below.n))) {
        no_room(e);
        return NULL;
    }
    t->tree_n++;
    return at;
}

static bool add_skip(struct search *s, struct str below, struct err *e)
{
    struct str *at = GROW(s->t->keep, s->skip, s->skip_n, &s->skip_cap);

    if (!at || !(*at = str_dup(s->t->keep, below)).p)
        return no_room(e);
    s->skip_n++;
    return true;
}

/* Below a served folder an archive is loot or a finding, never evidence that somebody brought. */
static bool looks_served(struct str name, const struct os_entry *entry, size_t n)
{
    static const struct str served[] = { STR_INIT("wwwroot"), STR_INIT("inetpub"), STR_INIT("aspnet_client"), STR_INIT("FrontEnd"), STR_INIT("HttpProxy"),
                                         STR_INIT("ClientAccess"), STR_INIT("owa"), STR_INIT("ecp") };
    for (size_t i = 0; i < COUNT_OF(served); i++)
        if (str_ieq(name, served[i]))
            return true;
    for (size_t i = 0; i < n; i++)
        if (entry[i].st.kind == OS_FILE && winpath_is_page(entry[i].name))
            return true;
    return false;
}

static bool search_container(struct trees *t, uint32_t container, struct str base, uint32_t path, uint32_t nest, uint32_t *folders, struct arena stack, struct str name,
                             bool whole, bool *ret_any, struct err *e);

static void tell(void *ctx, struct str raw, const char *what, const char *hint)
{
    const struct ev_container *c = ctx;

    trouble_add(c->trees->trouble, (uint32_t)(c - c->trees->container), raw, what, hint);
}

/* What may become a node, a side file of a collector, or an archive to look into. */
static bool want(void *ctx, const struct member *m)
{
    const struct ev_container *c = ctx;
    uint8_t      block[16 << 10];
    struct arena a = { block, block + sizeof block, NULL };
    struct str   path = ev_guess_path(&a, m->name);

    (void)c;
    if (!path.p || path.p[0] == '?')
        return m->size_bytes <= (uint64_t)4 << 30 || str_iends(m->name, STR(".log"));
    struct str dir = winpath_dir(path), loose = str_cat(&a, STR("?"), str_from(dir, 1));
    /* "C" may also be just a folder of that name: then the rules for what lies loose hold. */
    return ev_rules_fit(ev_rules_of_dir(dir, a), dir, winpath_name(path), m->size_bytes, a).need != EV_DROP ||
           (loose.p && ev_rules_fit(ev_rules_of_dir(loose, a), loose, winpath_name(path), m->size_bytes, a).need != EV_DROP);
}

/* Collections come under these names. Of a file that cannot be opened, the name is all there is. */
static bool archive_named(struct str name)
{
    static const struct str end[] = { STR_INIT(".zip"), STR_INIT(".7z"), STR_INIT(".tar"), STR_INIT(".gz"), STR_INIT(".tgz"), STR_INIT(".bz2"), STR_INIT(".xz"), STR_INIT(".zst") };

    for (size_t i = 0; i < COUNT_OF(end); i++)
        if (str_iends(name, end[i]))
            return true;
    return false;
}

/* Of an archive as it was handed over, so that the report names what it speaks of. */
static void hash_container(struct search *s, struct str below, struct arena stack, struct ev_container *c)
{
    enum { BLOCK = 1 << 20 };
    struct os     *os = s->os;
    struct os_file f = OS_FILE_NONE;
    struct err     why = { 0 };
    uint8_t       *block = TAKE(&stack, uint8_t, BLOCK);
    struct hash   *h = block ? hash_open(HASH_SHA256) : NULL;
    uint64_t       size, at = 0;
    size_t         got = BLOCK;

    if (h && os->open(os, s->base, below, &f, &size, &why)) {
        while (got == BLOCK && os->read_at(os, f, at, block, BLOCK, &got, &why)) {
            hash_push(h, (struct str){ block, got });
            at += got;
        }
        c->hashed = why.kind == ERR_NONE && at == size;
        hash_done(h, c->sha256);
        os->close(os, &f);
    }
    hash_close(h);
}

static void tell_image(void *ctx, struct str path, const char *what, const char *hint)
{
    const struct ev_container *c = ctx;
    struct str name = path.n ? str_fmt(c->trees->keep, "%.*s, %.*s", STR_ARG(c->given), STR_ARG(path)) : c->given;

    trouble_add(c->trees->trouble, (uint32_t)(c - c->trees->container), name.p ? name : c->given, what, hint);
}

/* A disk image is one tree with a folder for each drive; one that a collector packed is searched as an archive is. */
static bool open_image(struct search *s, struct str below, const struct os_entry *x, uint64_t size, enum image_kind kind, const char *what, const char *hint, bool whole,
                       struct arena stack, bool *ret_used, struct err *e)
{
    struct trees *t = s->t;
    struct err    why = { 0 };
    struct str    given = x ? join(t->keep, s->given, s->sep, below) : s->given, kept = str_dup(t->keep, below);

    if (!given.p || !kept.p)
        return no_room(e);
    *ret_used = true;
    struct image_from from = { s->os, s->base, kept, given };
    if (kind == IMAGE_PIECE) {
        if (image_first_there(&from)) {
            if (!x)
                trouble_add(t->trouble, s->container, given, "a piece of a disk image", "Give the file that the image begins with; the others are found beside it.");
            return true;                      /* read with the one it belongs to */
        }
        if (!str_iends(kept, STR("-flat.vmdk"))) {
            if (str_iends(kept, STR(".vmdk")) || ch_alpha(kept.p[kept.n - 3]))
                trouble_add(t->trouble, s->container, given, "a piece of a disk image without its beginning", "Put all files of the image into one folder, under their own names, and hunt again.");
            *ret_used = false;
            return true;
        }
        kind = IMAGE_RAW;                     /* flat, without its descriptor: as good as raw */
    }
    if (kind == IMAGE_OTHER) {
        *ret_used = false;
        trouble_add(t->trouble, s->container, given, what, hint);
        return true;
    }
    uint64_t key = ev_key(given, STR("image"));
    if (t->container_n == TREES_CONTAINERS_MAX) {
        trouble_add(t->trouble, s->container, given, "too large: more archives than this build opens", "Hunt parts of them one by one.");
        return true;
    }
    if (guard_barred(t->opt.guard, key)) {
        trouble_add(t->trouble, s->container, given, "parser stopped", "The image brought its reader down twice. Mount it read-only elsewhere with care and hunt the mount point.");
        return true;
    }
    struct ev_container *c = &t->container[t->container_n++];
    *c = (struct ev_container){ .given = given, .parent = s->container, .bytes = size, .trees = t };
    guard_enter(t->opt.guard, 0, key, given);
    bool ok = (s->container == TROUBLE_ALL || image_spool(&from, t->spool, t->keep, &why)) && image_open(&c->image, &from, kind, tell_image, c, t->keep, &why);
    guard_leave(t->opt.guard, 0);
    if (!ok) {
        char text[sizeof why.what + 40];
        c->image = NULL;
        if (why.kind == ERR_MEMORY)
            return *e = why, false;
        snprintf(text, sizeof text, "unreadable image: %s", why.what);
        trouble_add(t->trouble, s->container, given, text, why.hint[0] ? why.hint : "Copy it again, or mount it read-only and hunt the mount point.");
        return true;
    }
    struct str root;
    if (!image_is_container(c->image, &root, e))
        return false;
    if (root.n)
        return search_container(t, (uint32_t)(c - t->container), root, s->path, s->nest + 1, s->folders, stack, x ? x->name : ev_last_name(below), whole, ret_used, e);
    struct search in = { .t = t, .os = image_os(c->image), .base = STR(""), .given = given, .sep = "!/", .container = (uint32_t)(c - t->container), .path = s->path };
    struct tree  *at = add_tree(&in, STR(""), e);
    if (!at)
        return e->kind == ERR_NONE;
    at->kind  = "image";
    at->form  = image_form(c->image);
    at->drive = true;
    return true;
}

/* False: no memory. An archive that cannot be opened is told. */
static bool open_container(struct search *s, struct str below, const struct os_entry *x, bool whole, struct arena stack, bool *ret_used, struct err *e)
{
    struct trees *t = s->t;
    uint8_t       head[ARCHIVE_HEAD];
    size_t        got = 0;
    uint64_t      size = 0;
    struct os_file f = OS_FILE_NONE;
    struct err    why = { 0 };
    const char   *what = "", *hint = "";

    *ret_used = false;
    if (!s->os->open(s->os, s->base, below, &f, &size, &why)) {
        /* The walk will meet what is evidence by its own name, and say so; an archive is not. */
        char text[sizeof why.what + 40];
        snprintf(text, sizeof text, "unreadable archive: %s", why.what);
        struct str path = x ? join(t->keep, s->given, s->sep, below) : s->given;
        if (archive_named(x ? x->name : ev_last_name(below)) && path.p)
            trouble_add(t->trouble, s->container, path, text, "Hunt again as a user who may read it, or copy it again.");
        return true;
    }
    bool ok = s->os->read_at(s->os, f, 0, head, sizeof head, &got, &why);
    s->os->close(s->os, &f);
    if (!ok)
        return true;
    enum image_kind image = image_probe((struct str){ head, got }, x ? x->name : ev_last_name(below), size, &what, &hint);
    if (image != IMAGE_NONE)
        return open_image(s, below, x, size, image, what, hint, whole, stack, ret_used, e);
    enum archive_kind kind = archive_probe((struct str){ head, got }, x ? x->name : ev_last_name(below), &what, &hint);
    if (kind == ARCHIVE_NONE && layout_sealed(x ? x->name : ev_last_name(below), &what, &hint))
        kind = ARCHIVE_OTHER;
    if (kind == ARCHIVE_NONE)
        return true;
    struct str given = x ? join(t->keep, s->given, s->sep, below) : s->given;        /* an archive given by itself: as it was given */
    if (!given.p)
        return no_room(e);
    uint64_t key = ev_key(given, STR("archive"));
    if (kind == ARCHIVE_OTHER) {
        trouble_add(t->trouble, s->container, given, what, hint);
        return true;
    }
    if (s->nest >= t->opt.limits.depth || t->container_n == TREES_CONTAINERS_MAX) {
        trouble_add(t->trouble, s->container, given, s->nest >= t->opt.limits.depth ? "too large: archives nested deeper than the limit depth" : "too large: more archives than this build opens",
                    s->nest >= t->opt.limits.depth ? "Unpack the inner archive and hunt it by itself, or raise --limits depth." : "Hunt parts of them one by one.");
        return true;
    }
    if (guard_barred(t->opt.guard, key)) {
        trouble_add(t->trouble, s->container, given, "parser stopped", "The archive brought its reader down twice. Unpack it elsewhere with care and hunt the folder.");
        return true;
    }
    struct ev_container *c = &t->container[t->container_n];
    struct archive_from  from = { s->os, s->base, below, given, t->opt.password, t->stock };
    *c = (struct ev_container){ .given = given, .parent = s->container, .bytes = size, .trees = t };
    from.below = str_dup(t->keep, below);
    t->container_n++;
    guard_enter(t->opt.guard, 0, key, given);
    if (s->container == TROUBLE_ALL)
        hash_container(s, below, stack, c);
    ok = archive_open(&c->archive, &from, kind, &t->opt.limits, t->spool, want, tell, c, t->keep, &why);
    if (!ok) {
        char text[sizeof why.what + 40];
        guard_leave(t->opt.guard, 0);
        if (why.kind == ERR_MEMORY)
            return *e = why, false;
        snprintf(text, sizeof text, "unreadable archive: %s", why.what);
        trouble_add(t->trouble, s->container, given, text, why.hint[0] ? why.hint : "Copy it again, or unpack it elsewhere and hunt the folder.");
        c->archive = NULL;
        return true;
    }
    ok = search_container(t, (uint32_t)(c - t->container), STR(""), s->path, s->nest + 1, s->folders, stack, x ? x->name : ev_last_name(below), whole, ret_used, e);
    guard_leave(t->opt.guard, 0);
    return ok;
}

/* Side files of collectors are parsed here. Where they bring the parser down twice, the folder is one like any other. */
static bool open_layout(struct search *s, struct layout **ret, struct str root, struct str below, struct str name, struct arena stack, struct err *e)
{
    struct trees *t = s->t;
    struct str    given = below.n ? join(t->keep, s->given, s->sep, below) : s->given;
    uint64_t      key = ev_key(given, STR("layout"));

    if (guard_barred(t->opt.guard, key)) {
        trouble_add(t->trouble, s->container, given, "parser stopped", "The collector's own files in it brought their reader down twice. Without them the folder is read as it is.");
        return true;
    }
    guard_enter(t->opt.guard, 0, key, given);
    bool ok = layout_open(ret, s->os, root, name, &t->opt.limits, t->keep, stack, e);
    guard_leave(t->opt.guard, 0);
    return ok;
}

/* Archives of a layout that hold more of the same server. They lie at its top. */
static bool open_inner(struct search *s, const struct layout *l, struct str root, struct str below, struct arena stack, struct err *e)
{
    struct os_entry *entry = NULL;
    size_t           n = 0;
    struct err       why = { 0 };

    if (!s->os->list(s->os, root, l->top, &stack, &entry, &n, &why))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct arena        here = stack;
        struct layout_place p = { 0 };
        struct str          name = entry[i].key.n ? entry[i].key : entry[i].name, path = join(&here, l->top, "/", name);
        bool                used;
        if (!path.p || entry[i].st.kind != OS_FILE)
            continue;
        layout_map(l, path, false, &here, &p);
        if (p.what == LAYOUT_INNER && !open_container(s, join(&here, below, "/", path), &entry[i], true, here, &used, e))
            return false;
    }
    return true;
}

/* One folder that is in no drive. `below`: native, below the base. */
static bool look_into(struct search *s, struct str below, struct str name, uint32_t depth, struct arena stack, struct err *e)
{
    struct trees    *t = s->t;
    struct os_entry *entry = NULL;
    size_t           n = 0;
    struct err       why = { 0 };
    struct layout   *layout = NULL;

    if (*s->folders == 0)
        return true;
    --*s->folders;
    struct str root = join(t->keep, s->base, "/", below);
    if (!root.p && (s->base.n || below.n))
        return no_room(e);
    if (!s->os->list(s->os, root, STR(""), &stack, &entry, &n, &why))
        return true;                                    /* the walk will say so */
    if (!open_layout(s, &layout, root, below, name, stack, e))
        return false;
    if (layout) {
        struct tree *at = add_tree(s, below, e);
        if (!at)
            return e->kind == ERR_NONE;
        at->layout = layout;
        at->kind   = "collection";
        at->form   = layout->kind->name;
        at->plain  = false;
        if (below.n && !add_skip(s, below, e))
            return false;
        return open_inner(s, layout, root, below, stack, e);
    }
    uint8_t letter = ev_drive_letter(name);
    bool    holds = ev_holds_drive(entry, n), drives = letter && (below.n || name.n > 1 || name.p[0] < 'a');
    for (size_t i = 0; i < n && !holds; i++)
        drives = drives || (entry[i].st.kind == OS_DIR && ev_drive_letter(entry[i].name));
    bool served = looks_served(name, entry, n);
    if (holds || drives || served) {
        struct tree *at = holds || drives ? add_tree(s, below, e) : NULL;
        if (!at && (holds || drives))
            return e->kind == ERR_NONE;
        if (at)
            at->drive = true;
        if ((holds || drives) && below.n && !add_skip(s, below, e))
            return false;
        s->loose += served;
        if (holds || letter || served)
            return true;
    }
    for (size_t i = 0; i < n; i++) {
        struct arena here = stack;
        struct str   path = join(&here, below, "/", entry[i].key.n ? entry[i].key : entry[i].name);
        if (!path.p)
            return no_room(e);
        /* Beside folders named like drives, "EXCH02" may still be another server's. */
        if (entry[i].st.kind == OS_DIR && !(drives && ev_drive_letter(entry[i].name)) && depth < TREES_DEPTH) {
            if (!look_into(s, path, entry[i].name, depth + 1, here, e))
                return false;
        } else if (entry[i].st.kind == OS_FILE) {
            bool used = false;
            if (!open_container(s, path, &entry[i], depth <= 1, here, &used, e) || (used && !add_skip(s, path, e)))
                return false;
            s->loose += !used;
        }
    }
    return true;
}

/* What was searched and is no tree of its own: the rest of it, or all of it. */
static bool leftover(struct search *s, bool whole, bool *ret_any, struct err *e)
{
    struct trees *t = s->t;
    bool          any = t->tree_n > s->first, top = false;

    for (size_t i = s->first; i < t->tree_n; i++)
        top = top || (t->tree[i].container == s->container && str_eq(t->tree[i].root, s->base));
    if ((!any && whole) || (any && !top && s->loose)) {
        struct tree *at = add_tree(s, STR(""), e);
        if (!at && e->kind != ERR_NONE)
            return false;
        any = true;
    }
    /* A tree at the top leaves out what was opened beside its drives. */
    for (size_t i = s->first; i < t->tree_n; i++)
        if (t->tree[i].container == s->container && str_eq(t->tree[i].root, s->base)) {
            t->tree[i].skip   = s->skip;
            t->tree[i].skip_n = s->skip_n;
        }
    *ret_any = any;
    return true;
}

static bool search_container(struct trees *t, uint32_t container, struct str base, uint32_t path, uint32_t nest, uint32_t *folders, struct arena stack, struct str name,
                             bool whole, bool *ret_any, struct err *e)
{
    const struct ev_container *c = &t->container[container];
    struct search s = { .t = t, .os = c->image ? image_os(c->image) : archive_os(c->archive), .base = base, .given = c->given, .sep = "!/", .container = container, .path = path, .nest = nest,
                        .first = t->tree_n, .folders = folders };

    return look_into(&s, STR(""), name, 0, stack, e) && leftover(&s, whole, ret_any, e);
}

static bool search_path(struct trees *t, uint32_t at, uint32_t *folders, struct arena stack, struct err *e)
{
    struct str     path = t->path[at];
    struct os_stat st;
    bool           any;

    if (path.n == 0)
        return err_set(e, ERR_USAGE, "a path is empty");
    if (!t->os->stat(t->os, path, &st, e)) {
        err_hint(e, "Check the path and the permissions.");
        return false;
    }
    if (st.kind != OS_DIR && st.kind != OS_FILE) {
        err_set(e, ERR_USAGE, "neither a folder nor a plain file");
        return err_where(e, "%.*s", STR_ARG(path));
    }
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    struct search s = { .t = t, .os = t->os, .base = path, .given = path, .sep = "/", .container = TROUBLE_ALL, .path = at, .first = t->tree_n, .folders = folders };
    if (st.kind == OS_DIR)
        return look_into(&s, STR(""), ev_last_name(path), 0, stack, e) && leftover(&s, true, &any, e);

    struct str name = ev_last_name(path), dir = str_sub(path, 0, path.n - name.n);
    bool       used = false;
    s.base  = dir.n ? dir : STR(".");
    s.given = dir;
    size_t containers = t->container_n;
    struct search in = s;
    in.given = path;
    if (!open_container(&in, name, NULL, true, stack, &used, e))
        return false;
    if (used || t->container_n > containers)
        return true;
    struct tree *one = add_tree(&s, STR(""), e);
    if (!one)
        return e->kind == ERR_NONE;
    one->given   = path;
    one->root    = path;
    one->is_file = true;
    one->plain   = false;
    return true;
}

uint64_t ev_key(struct str a, struct str b)
{
    uint8_t      sum[HASH_SHA256_BYTES], block[4096];
    struct arena scratch = { block, block + sizeof block, NULL };
    struct str   both = str_fmt(&scratch, "%zu %.*s %.*s", a.n, STR_ARG(str_sub(a, 0, 1800)), STR_ARG(str_sub(b, 0, 1800)));
    uint64_t     key = 0;

    /* No digest, no memory: nothing is ever barred under this key. */
    if (!both.p || !hash_sha256(both, sum))
        return 0;
    for (int i = 0; i < 8; i++)
        key = key << 8 | sum[i];
    return key;
}

/* Not one of the paths could be read: the first reason is the answer. */
static bool nothing_found(struct trees *t, struct err *e)
{
    size_t                n;
    uint64_t              more;
    const struct trouble *first = trouble_list(t->trouble, &n, &more);

    while (n > 1 && !str_starts(first->what, STR("unreadable")))
        first++, n--;
    err_set(e, ERR_FORMAT, "%.*s", STR_ARG(n ? first->what : STR("nothing that can be read")));
    if (n)
        err_where(e, "%.*s", STR_ARG(first->path));
    return err_hint(e, "%.*s", STR_ARG(n && first->hint.n ? first->hint : STR("Check the path and the permissions.")));
}

bool trees_find(struct trees *ret, struct os *os, struct arena *keep, const struct str *path, size_t path_n, const struct ev_options *opt, struct err *e)
{
    struct trees *t = ret;
    struct arena  stack = { 0 };
    uint32_t      folders = TREES_FOLDERS_MAX;
    bool          ok = false;

    os = os_steps(os, opt->guard, keep);
    *t = (struct trees){ .os = os, .keep = keep, .opt = *opt, .path = path, .path_n = path_n };
    if (!os)
        return no_room(e);
    if (path_n == 0 || path_n > TREES_MAX)
        return err_set(e, ERR_USAGE, "%zu paths, 1 to %d accepted", path_n, TREES_MAX);
    t->tree      = NEW(keep, struct tree, TREES_MAX);
    t->container = NEW(keep, struct ev_container, TREES_CONTAINERS_MAX);
    if (!t->tree || !t->container)
        return no_room(e);
    if (!trouble_open(&t->trouble, e) || !os_arena_map(&stack, STACK_BYTES, e) || !spool_open(&t->spool, os, opt->spool_dir, &t->opt.limits, keep, e) ||
        !archive_stock_open(&t->stock, e))
        goto out;
    ok = true;
    for (size_t i = 0; ok && i < path_n; i++)
        ok = search_path(t, (uint32_t)i, &folders, stack, e) || (e->where[0] ? false : err_where(e, "%.*s", STR_ARG(path[i])));
    if (ok && t->tree_n == 0)
        ok = nothing_found(t, e);
    ok = ok && trees_name_drives(t, stack, e);
    if (ok && folders == 0)
        trouble_add(t->trouble, TROUBLE_ALL, path[0], "too large: more loose folders than this build searches for collections", "Give the folders of the servers one by one.");
out:
    os_arena_unmap(&stack);
    if (!ok)
        trees_close(t);
    return ok;
}

void trees_join(struct trees *t)
{
    size_t n = 0;

    for (size_t i = 0; i < t->tree_n;) {
        size_t to = i;
        bool   plain = true;
        for (; to < t->tree_n && t->tree[to].path == t->tree[i].path; to++)
            plain = plain && t->tree[to].plain;
        if (plain && to - i > 0) {
            struct tree whole = t->tree[i];
            whole.given = whole.root = t->path[whole.path];
            whole.skip_n = 0;
            t->tree[n++] = whole;
        } else {
            for (size_t k = i; k < to; k++)
                t->tree[n++] = t->tree[k];
        }
        i = to;
    }
    t->tree_n = n;
}

void trees_close(struct trees *t)
{
    for (size_t i = t->container_n; i > 0; i--) {       /* inner ones first */
        archive_close(t->container[i - 1].archive);
        image_close(t->container[i - 1].image);
    }
    t->container_n = 0;
    spool_close(t->spool);
    archive_stock_close(t->stock);
    trouble_close(t->trouble);
    t->stock   = NULL;
    t->spool   = NULL;
    t->trouble = NULL;
    t->tree_n  = 0;
}
