#include "evidence/ev.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/winpath.h"
#include "evidence/inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES_MAX = 4096 };
/* Address space, not memory: only what a walk really needs is ever touched, and it is given back when ev_open ends. */
#define PILE_BYTES  ((size_t)128 << 20)
#define STACK_BYTES ((size_t)128 << 20)

const struct ev_kind ev_kinds[] = {
    { "volume", "a mounted volume, a folder with copies of its files, or one file" },
    { "collection", "what a collector took, as it wrote it: a zip, 7z or tar (gz, bz2, xz, zst), or the folder" },
    { "image", "an image of a disk or of a volume: raw (also in pieces), E01, VHD, VHDX, VMDK; NTFS is read, deleted files and shadow copies included" },
    { NULL, NULL },
};

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of files"); }

void ev_refuse(struct ev *v, struct str path, const char *what, const char *hint)
{
    size_t n = v->refused_n;

    if (n >= EV_REFUSED_MAX) {
        v->refused_more++;
        return;
    }
    /* Doubling without a field for the capacity: it is the next power of two. */
    size_t cap = n < 16 ? (n ? 16 : 0) : n;
    if (n >= 16 && (n & (n - 1)))
        for (cap = 16; cap < n;)
            cap *= 2;
    struct ev_refused *at = GROW(v->keep, v->refused, n, &cap);
    struct ev_refused  r  = { 0 };
    if (at)
        r = (struct ev_refused){ .path = str_dup(v->keep, path), .what = str_dup(v->keep, str_c(what)), .hint = str_dup(v->keep, str_c(hint)) };
    if (!at || !r.path.p || !r.what.p || !r.hint.p) {
        v->refused_more++;
        return;
    }
    *at = r;
    v->refused_n++;
}

void ev_refuse_err(struct ev *v, struct str path, const char *kind, const struct err *why)
{
    char        what[sizeof why->what + 40];
    const char *hint = why->hint;

    snprintf(what, sizeof what, "%s: %s", kind, why->what[0] ? why->what : err_kind_name(why->kind));
    if (!hint[0] && why->kind == ERR_IO)
        hint = str_ihas(str_c(why->what), STR("permission denied")) ? "Hunt again as a user who may read it."
             : str_ihas(str_c(why->what), STR("no such"))           ? "It went away during the hunt. Hunt again, on evidence that rests."
                                                                    : "Copy it again from the server, or from an image of its disk.";
    else if (!hint[0] && why->kind == ERR_LIMIT)
        hint = "Hunt it by itself, or look at it by hand.";
    else if (!hint[0] && why->kind == ERR_FORMAT)
        hint = "Copy it again from the server; if it is the same there, look at it by hand.";
    ev_refuse(v, path, what, hint);
}

/* ---- opening ---- */

static size_t parts_of(struct str native)
{
    size_t     n = 0;
    struct str part;

    while (str_cut(&native, '/', &part))
        n += part.n > 0 && !str_eq(part, STR("."));
    return n;
}

struct turn { uint16_t source; uint8_t last; size_t parts; };

/* Folders before single files, outer folders before inner ones: what lies in both is found in its place. */
static int by_turn(const void *a, const void *b)
{
    const struct turn *x = a, *y = b;

    if (x->last != y->last)
        return x->last < y->last ? -1 : 1;
    if (x->parts != y->parts)
        return x->parts < y->parts ? -1 : 1;
    return x->source < y->source ? -1 : x->source > y->source;
}

static bool walk_all(struct ev *v, struct ev_sink *k, const uint32_t *which, size_t n, struct err *e)
{
    struct turn    *turn = NEW(k->pile, struct turn, n);
    struct os_stat *st   = NEW(k->pile, struct os_stat, n), *alone = NEW(k->pile, struct os_stat, n);
    size_t         *own  = NEW(k->pile, size_t, n);     /* of a file: its place in alone */
    struct layout **layout = NEW(k->pile, struct layout *, n);

    v->source    = NEW(v->keep, struct ev_source, n);
    k->alone_met = NEW(k->pile, bool, n);
    k->alone     = alone;
    if (!turn || !st || !alone || !own || !layout || !v->source || !k->alone_met)
        return no_room(e);
    for (size_t i = 0; i < n; i++) {
        const struct tree *t = &v->trees->tree[which[i]];
        v->source[i] = (struct ev_source){ .given = t->given, .kind = t->kind, .layout = t->form, .os = t->os, .root = t->root, .tree = t };
        v->source_n++;
        turn[i] = (struct turn){ (uint16_t)i, t->is_file, parts_of(t->root) };
        if (!t->is_file)
            continue;
        if (!t->os->stat(t->os, t->root, &st[i], e))
            return err_hint(e, "Check the path and the permissions.");
        own[i] = k->alone_n;
        alone[k->alone_n++] = st[i];
    }
    size_t layout_n = 0;
    for (size_t i = 0; i < n; i++)
        if (v->source[i].tree->layout)
            layout[layout_n++] = v->source[i].tree->layout;
    if (!layout_share(layout, layout_n, e))
        return false;
    qsort(turn, n, sizeof *turn, by_turn);
    for (size_t i = 0; i < n; i++) {
        size_t at = turn[i].source;
        bool   is_file = v->source[at].tree->is_file;
        if (is_file && k->alone_met[own[at]])
            continue;
        /* From here on the same file counts as met: given twice, it is read once. Its own walk must not look. */
        k->by_itself = is_file;
        if (!ev_walk(v, (uint16_t)at, k, e))
            return e->where[0] ? false : err_where(e, "%.*s", STR_ARG(v->source[at].given));
        for (size_t m = 0; is_file && m < k->alone_n; m++)
            if (st[at].ino && alone[m].ino == st[at].ino && alone[m].dev == st[at].dev)
                k->alone_met[m] = true;
    }
    return true;
}

static int by_path(const void *a, const void *b)
{
    const struct ev_node *x = &((const struct ev_candidate *)a)->node, *y = &((const struct ev_candidate *)b)->node;
    int c = str_icmp(x->path, y->path);

    if (c)
        return c;
    if (x->shadow != y->shadow)
        return x->shadow < y->shadow ? -1 : 1;
    if (x->source != y->source)
        return x->source < y->source ? -1 : 1;
    c = str_cmp(x->entry, y->entry);
    return c ? c : str_cmp(x->below, y->below);
}

/* Where a full volume has thousands of pages and certificates that belong to Windows and to programs. */
static bool in_vendor_folder(struct str path)
{
    struct str tail = str_from(path, 2);
    return str_istarts(tail, STR("\\Windows\\")) || str_istarts(tail, STR("\\Program Files"));
}

/* Exchange's own folders are not the rest of the vendors': a page anywhere in them is looked at. */
static bool in_install(const struct ev *v, struct str path)
{
    for (size_t i = 0; i < v->install_n; i++)
        if (winpath_below(path, v->install[i].path))
            return true;
    return false;
}

/* Every Exchange server has pages. A collection by patterns without a single one was not asked for pages. A guess, and a careful one. */
static bool pages_left_out(const struct ev *v)
{
    for (size_t i = 0; i < v->node_n; i++) {
        const struct layout *l = v->source[v->node[i].source].tree->layout;
        if (!l || !l->selective)
            return false;
        if (!v->node[i].shadow && winpath_is_page(v->node[i].path) && !str_iends(v->node[i].path, STR("\\global.asax")))
            return false;
    }
    return v->node_n > 0;
}

static size_t node_bytes(const struct ev_candidate *c) { return sizeof(struct ev_node) + c->node.path.n + c->node.below.n + c->node.entry.n; }

/* A shadow copy of a file that is there as it was: nothing new. Logs are compared by content later (twins.h). */
static bool in_front(const struct ev_sink *k, size_t i)
{
    const struct ev_node *n = &k->candidate[i].node;

    if (!n->shadow || family_table[n->family].log)
        return false;
    for (size_t b = i; b-- > 0 && ev_fold_cmp(k->candidate[b].node.path, n->path) == 0;)
        if (k->candidate[b].node.size_bytes == n->size_bytes)
            return true;
    return false;
}

/* From candidates to nodes, now that the roots are known. */
static bool settle(struct ev *v, struct ev_sink *k, struct err *e)
{
    /* The list takes at most a third of the memory of the hunt, however long the names are: the rest is for what is found. */
    size_t    n = 0, bytes = 0, budget = arena_room(v->keep) / 3;
    uint32_t *id = NEW(k->pile, uint32_t, k->candidate_n + 1);

    if (!id)
        return no_room(e);
    for (size_t i = 0; i < k->candidate_n; i++) {
        const struct ev_candidate *c = &k->candidate[i];
        if (in_front(k, i)) {
            id[i] = UINT32_MAX;
            continue;
        }
        bool served = c->need == EV_IF_SERVED && ev_is_served(v, c->node.path);
        bool keep   = c->need == EV_KEEP || served;
        if (!keep && winpath_is_page(c->node.path) && (!in_vendor_folder(c->node.path) || in_install(v, c->node.path))) {
            /* Nothing serves it as far as we know; an indicator may name it all the same, and then it must not count as gone. */
            k->candidate[i].node.family = FAM_NONE;
            keep = true;
        }
        bytes += keep ? node_bytes(c) : 0;
        bool   cheap = ev_is_cheap(&c->node);
        if (keep && (n >= EV_NODES_MAX - (cheap ? EV_NODES_MAX / 4 : 0) || bytes > budget - (cheap ? budget / 4 : 0))) {
            bytes -= node_bytes(c);
            if (!k->full)
                ev_refuse(v, c->node.path, "too large: more files of interest than this build keeps", "Hunt parts of the evidence one by one.");
            k->full = true;
            keep    = false;
        }
        id[i] = keep ? (uint32_t)n++ : UINT32_MAX;
    }
    v->node = NEW(v->keep, struct ev_node, n + 1);
    if (!v->node)
        return no_room(e);
    for (size_t i = 0; i < k->candidate_n; i++) {
        if (id[i] == UINT32_MAX)
            continue;
        struct ev_node *to = &v->node[v->node_n];
        *to       = k->candidate[i].node;
        to->id    = (uint32_t)v->node_n;
        to->path  = str_dup(v->keep, to->path);
        to->below = str_dup(v->keep, to->below);
        to->entry = to->entry.n ? str_dup(v->keep, to->entry) : STR("");
        if (!to->path.p || !to->below.p || !to->entry.p)
            return no_room(e);
        if (to->partial)
            ev_refuse(v, to->path, "read in part: the collector took only a part of it", "Collect it again, with a higher limit for the size of files.");
        uint32_t site = ev_site_of_log(to->path);
        if (to->family == FAM_IIS_FRONT && site && ev_is_back_site(v, site))
            to->family = FAM_IIS_BACK;
        v->node_n++;
    }
    v->pages_left_out = pages_left_out(v);
    for (size_t i = 0; i < v->install_n; i++)
        if (v->install[i].named_by != UINT32_MAX)
            v->install[i].named_by = id[v->install[i].named_by];
    for (size_t i = 0; i < v->served_n; i++)
        if (v->served[i].named_by != UINT32_MAX)
            v->served[i].named_by = id[v->served[i].named_by];
    return true;
}

bool ev_open_trees(struct ev *ret, struct arena *keep, struct trees *trees, const uint32_t *which, size_t which_n, struct err *e)
{
    struct ev    *v = ret;
    struct arena  pile_whole = { 0 }, stack_whole = { 0 };
    bool          ok = false;

    *v = (struct ev){ .os = trees->os, .keep = keep, .trees = trees, .guard = trees->opt.guard, .system_drive = 'C' };
    if (which_n == 0 || which_n > SOURCES_MAX)
        return err_set(e, ERR_USAGE, "%zu sources, 1 to %d accepted", which_n, SOURCES_MAX);
    if (!os_arena_map(&pile_whole, PILE_BYTES, e) || !os_arena_map(&stack_whole, STACK_BYTES, e))
        goto out;
    struct arena   pile = pile_whole;
    struct ev_sink k    = { .v = v, .pile = &pile, .stack = stack_whole };
    if (!walk_all(v, &k, which, which_n, e))
        goto out;
    if (k.candidate_n)
        qsort(k.candidate, k.candidate_n, sizeof *k.candidate, by_path);
    ok = ev_dirs_settle(v, &k, e) && ev_roots_find(v, &k, k.stack, e) && settle(v, &k, e);
out:
    os_arena_unmap(&pile_whole);
    os_arena_unmap(&stack_whole);
    if (!ok)
        ev_close(v);
    return ok;
}

bool ev_open(struct ev *ret, struct os *os, struct arena *keep, const struct str *path, size_t path_n, struct err *e)
{
    struct trees     *t   = NEW(keep, struct trees, 1);
    struct ev_options opt = ev_options_default();

    *ret = (struct ev){ 0 };
    if (!t)
        return no_room(e);
    if (!trees_find(t, os, keep, path, path_n, &opt, e))
        return false;
    trees_join(t);
    uint32_t *which = NEW(keep, uint32_t, t->tree_n + 1);
    for (size_t i = 0; which && i < t->tree_n; i++)
        which[i] = (uint32_t)i;
    if (!which || !ev_open_trees(ret, keep, t, which, t->tree_n, e)) {
        trees_close(t);
        return which ? false : no_room(e);
    }
    ret->own = t;
    return true;
}

void ev_close(struct ev *v)
{
    v->source_n = 0;
    if (v->own)
        trees_close(v->own);
    v->own = NULL;
}

/* ---- trouble of the archives ---- */

/* Is this archive one that the evidence was read from, or one around it? */
static bool uses(const struct ev *v, uint32_t container)
{
    for (size_t i = 0; i < v->source_n; i++)
        for (uint32_t c = v->source[i].tree->container; c != TROUBLE_ALL; c = v->trees->container[c].parent)
            if (c == container)
                return true;
    return container == TROUBLE_ALL;
}

/* Did the trouble cost members that nobody can name? Of the archive itself, or of one that lies beside this server's own files in it. */
static bool costs_unknown(const struct ev *v, const struct trouble *t)
{
    static const struct str kind[] = { STR_INIT("truncated"), STR_INIT("too many"), STR_INIT("too large"), STR_INIT("unreadable"), STR_INIT("encrypted"), STR_INIT("parser stopped"),
                                       STR_INIT("damaged: entries"), STR_INIT("damaged directory: "), STR_INIT("unsafe name: an entry") };
    bool own = false, costs = false;

    /* Read in sequence, an archive that breaks off within an entry loses all that followed as well. */
    bool last = str_starts(t->what, STR("truncated: the archive breaks off"));
    if (t->container == TROUBLE_ALL || (t->path.n && !last && !str_starts(t->path, v->trees->container[t->container].given)))
        return false;
    for (size_t i = 0; i < v->source_n; i++)
        own = own || v->source[i].tree->container == t->container;
    for (size_t i = 0; i < COUNT_OF(kind); i++)
        costs = costs || str_starts(t->what, kind[i]);
    return own && costs && !str_starts(t->what, STR("damaged directory: it is not"));
}

static bool is_drive_path(struct str path)
{
    return path.n > 3 && path.p[0] != '?' && !str_has(path, STR("\\..")) && str_chr(path, 0) == STR_NONE && str_chr(path, ':') == 1 &&
           !str_has(str_from(path, 2), STR(":"));
}

void ev_trouble_take(struct ev *v, struct arena scratch)
{
    size_t                n = 0;
    uint64_t              more = 0;
    const struct trouble *t = v->trees ? trouble_list(v->trees->trouble, &n, &more) : NULL;
    struct map            node = { 0 }, said = { 0 };

    /* Whoever opened such a member said so already: "unreadable: encrypted". */
    for (uint32_t i = 0; n && i < v->refused_n; i++)
        if (str_starts(v->refused[i].what, STR("unreadable: ")))
            (void)map_put(&said, &scratch, v->refused[i].path, i);
    for (uint32_t i = 0; n && i < v->node_n; i++)
        if (v->node[i].entry.n)
            (void)map_put(&node, &scratch, v->node[i].entry, i);
    for (size_t i = 0; i < n; i++) {
        struct arena here = scratch;
        char         what[200], hint[300];
        if (!uses(v, t[i].container))
            continue;
        struct str path = t[i].path;
        if (t[i].container != TROUBLE_ALL) {
            /* As Windows knew it, where that can be told: so it counts for the family that it belongs to. */
            uint32_t   at = map_get(&node, path);
            bool       up = str_has(path, STR("../")) || str_has(path, STR("..\\"));
            struct str guess = at != MAP_NONE ? v->node[at].path : up ? STR_EMPTY : ev_guess_path(&here, path);
            struct str in = v->trees->container[t[i].container].given;
            if (is_drive_path(guess))
                path = guess;
            else if (!str_starts(path, in))
                path = str_fmt(&here, "%.*s!/%.*s", STR_ARG(in), STR_ARG(path));
        }
        uint32_t twin = map_get(&said, path);
        if (twin != MAP_NONE && str_ends(v->refused[twin].what, t[i].what))
            continue;
        snprintf(what, sizeof what, "%.*s", STR_ARG(str_sub(t[i].what, 0, sizeof what - 1)));
        snprintf(hint, sizeof hint, "%.*s", STR_ARG(str_sub(t[i].hint, 0, sizeof hint - 1)));
        size_t before = v->refused_n;
        ev_refuse(v, path.p ? path : t[i].path, what, hint);
        if (v->refused_n > before)
            v->refused[before].unknown = costs_unknown(v, &t[i]);
    }
    v->refused_more += (size_t)more;
    for (size_t i = 0; i < v->source_n; i++) {
        const struct layout *l = v->source[i].tree->layout;
        for (size_t k = 0; l && k < l->note_n; k++)
            if (!l->note[k].remark) {
                struct arena here = scratch;
                struct str   path = l->note[k].path, given = v->source[i].given;
                if (path.n < 2 || path.p[1] != ':')
                    path = str_fmt(&here, "%.*s%s%.*s", STR_ARG(given), v->source[i].tree->container == TROUBLE_ALL ? "/" : "!/", STR_ARG(path));
                ev_refuse(v, path, l->note[k].what, l->note[k].hint ? l->note[k].hint : "");
            }
    }
}

bool ev_recognised(const struct ev *v)
{
    for (size_t i = 0; i < v->node_n; i++)
        if (v->node[i].family != FAM_NONE || winpath_is_page(v->node[i].path))
            return true;
    return false;
}

/* ---- reading ---- */

static bool opened(struct ev *v, const struct ev_node *n, struct os_file *f, struct err *e)
{
    const struct ev_source *s = &v->source[n->source];
    uint64_t size;

    return s->os->open(s->os, s->root, n->below, f, &size, e);
}

/* From a file with holes: a hole is zeros, as many as are asked for, and never more. */
static bool read_node(struct ev *v, const struct ev_node *n, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os *os  = v->source[n->source].os;
    size_t     all = 0;

    if (!n->sparse)
        return os->read_at(os, f, off, buf, cap, ret_got, e);
    while (all < cap) {
        bool     hole;
        uint64_t at = 0, there = layout_sparse_at(n->sparse, off + all, &hole, &at);
        size_t   want = there < cap - all ? (size_t)there : cap - all, got = want;
        if (!want)
            break;
        if (hole)
            memset(buf + all, 0, want);
        else if (!os->read_at(os, f, at, buf + all, want, &got, e))
            return false;
        all += got;
        if (got < want)
            break;
    }
    *ret_got = all;
    return true;
}

bool ev_read(struct ev *v, const struct ev_node *n, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os_file f = OS_FILE_NONE;
    bool           ok = opened(v, n, &f, e);

    if (ok) {
        ok = read_node(v, n, f, off, buf, cap, ret_got, e);
        v->source[n->source].os->close(v->source[n->source].os, &f);
    }
    if (ok)
        return true;
    /* The path of the operator's copy says less than the one that the report uses. */
    e->where[0] = 0;
    return err_where(e, "%.*s", STR_ARG(n->path));
}

uint64_t ev_next_data(struct ev *v, const struct ev_node *n, uint64_t off)
{
    struct os     *os = v->source[n->source].os;
    struct os_file f  = OS_FILE_NONE;
    struct err     why = { 0 };
    uint64_t       to = off;

    if (n->sparse) {
        bool     hole = true;
        uint64_t at, there;
        while (hole && (there = layout_sparse_at(n->sparse, to, &hole, &at)) > 0)
            to += hole ? there : 0;
        return to;
    }
    if (os->next_data && opened(v, n, &f, &why)) {
        to = os->next_data(os, f, off);
        os->close(os, &f);
    }
    return to;
}

struct ev_stream {
    struct ev      *v;
    struct ev_node *n;
    struct os_file  f;
    bool            ended;
    uint64_t        at;
    struct hash    *hash;
};

bool ev_stream_open(struct ev_stream **ret, struct ev *v, struct ev_node *n, bool hash, struct arena *a, struct err *e)
{
    struct ev_stream *s = NEW(a, struct ev_stream, 1);

    if (!s)
        return err_set(e, ERR_MEMORY, "no room to read a file");
    *s = (struct ev_stream){ .v = v, .n = n, .f = OS_FILE_NONE };
    if (!opened(v, n, &s->f, e)) {
        e->where[0] = 0;
        return err_where(e, "%.*s", STR_ARG(n->path));
    }
    if (hash && !(s->hash = hash_open(HASH_SHA256))) {
        v->source[n->source].os->close(v->source[n->source].os, &s->f);
        return err_set(e, ERR_MEMORY, "no room for a SHA-256");
    }
    *ret = s;
    return true;
}

bool ev_stream_fill(void *stream, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct ev_stream *s = stream;
    size_t            got = 0;

    if (s->ended) {
        *ret_got = 0;
        return true;
    }
    if (!read_node(s->v, s->n, s->f, s->at, buf, cap, &got, e)) {
        /* What was read is not the file: its hash would name something that never existed. */
        s->ended = true;
        hash_close(s->hash);
        s->hash     = NULL;
        e->where[0] = 0;
        return err_where(e, "%.*s@0x%llx", STR_ARG(s->n->path), (unsigned long long)s->at);
    }
    if (s->hash && got)
        hash_push(s->hash, (struct str){ buf, got });
    s->at += got;
    s->ended = cap > 0 && got < cap;
    if (s->ended && s->hash) {
        hash_done(s->hash, s->n->sha256);
        s->n->hashed = true;
    }
    *ret_got = got;
    return true;
}

bool ev_stream_read_at(struct ev_stream *s, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    if (read_node(s->v, s->n, s->f, off, buf, cap, ret_got, e))
        return true;
    e->where[0] = 0;
    return err_where(e, "%.*s@0x%llx", STR_ARG(s->n->path), (unsigned long long)off);
}

uint64_t ev_stream_close(struct ev_stream *s)
{
    if (!s)
        return 0;
    struct os *os = s->v->source[s->n->source].os;
    os->close(os, &s->f);
    hash_close(s->hash);
    s->hash = NULL;
    return s->at;
}

bool ev_slurp(struct ev *v, struct ev_node *n, size_t max, struct arena *a, struct str *ret, struct err *e)
{
    struct ev_stream *s = NULL;
    size_t            got = 0, tail = 0;
    uint8_t           more[1];

    if (n->size_bytes > max) {
        err_set(e, ERR_LIMIT, "%llu bytes, at most %zu accepted", (unsigned long long)n->size_bytes, max);
        return err_where(e, "%.*s", STR_ARG(n->path));
    }
    if (!ev_stream_open(&s, v, n, true, a, e))
        return false;
    size_t   cap = (size_t)n->size_bytes;
    uint8_t *p   = NEW(a, uint8_t, cap + 1);
    bool     ok  = p || err_set(e, ERR_MEMORY, "no room for %zu bytes", cap);
    if (ok && cap)
        ok = ev_stream_fill(s, p, cap, &got, e);
    /* The end has to be seen for the hash to count. A file that has grown since the walk is not whole. */
    if (ok && got == cap)
        ok = ev_stream_fill(s, more, 1, &tail, e);
    if (ok && tail) {
        err_set(e, ERR_LIMIT, "grew while it was read: %zu bytes and more", cap);
        ok = err_where(e, "%.*s", STR_ARG(n->path));
    }
    ev_stream_close(s);
    if (ok)
        *ret = (struct str){ p, got };
    return ok;
}
