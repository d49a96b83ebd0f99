#include "detect/servers.h"

#include "base/num.h"
#include "detect/servers_marks.h"
#include "formats/lines.h"

#include <stdlib.h>

enum { NAMES_MAX = 32, ROWS_MAX = 400, ARENA_BYTES = 96 << 20 };

/* Names in the logs of one tree: which, how often, and in which folder. */
struct said { struct str name; uint64_t rows; };
struct names { struct said item[NAMES_MAX]; size_t n; };
struct piece { struct str top; struct names names; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the names of the servers"); }

/* The first label in capitals, when it can be a computer's name. */
static struct str label(struct arena *a, struct str s)
{
    size_t dot = str_chr(s, '.');

    s = str_sub(s, 0, dot == STR_NONE ? s.n : dot);
    if (s.n < 2 || s.n > 63)
        return STR_EMPTY;
    uint8_t *p = NEW(a, uint8_t, s.n);
    for (size_t i = 0; i < s.n && p; i++) {
        if (!ch_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] < 0x80)
            return STR_EMPTY;
        p[i] = s.p[i] >= 'a' && s.p[i] <= 'z' ? (uint8_t)(s.p[i] - 32) : s.p[i];
    }
    return p ? (struct str){ p, s.n } : STR_EMPTY;
}

static void add_name(struct names *t, struct str name, uint64_t rows)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_eq(t->item[i].name, name)) {
            t->item[i].rows += rows;
            return;
        }
    if (t->n < NAMES_MAX)
        t->item[t->n++] = (struct said){ name, rows };
}

static struct str most(const struct names *t)
{
    size_t best = 0;

    for (size_t i = 1; i < t->n; i++)
        if (t->item[i].rows > t->item[best].rows || (t->item[i].rows == t->item[best].rows && str_cmp(t->item[i].name, t->item[best].name) < 0))
            best = i;
    return t->n ? t->item[best].name : STR_EMPTY;
}

struct feed { struct ev_stream *stream; size_t left; };

static bool feed(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct feed *f = ctx;

    *ret_got = 0;
    cap = cap < f->left ? cap : f->left;
    if (!cap)
        return true;
    if (!ev_stream_fill(f->stream, buf, cap, ret_got, e))
        return false;
    f->left -= *ret_got;
    return true;
}

/* Rows at the head of one log. What cannot be read says nothing here; the hunt will tell. */
static void ask_log(struct ev *v, struct ev_node *node, struct arena a, struct arena *keep, struct names *ret)
{
    static const struct str column[] = { STR_INIT("ServerHostName"), STR_INIT("s-computername"), STR_INIT("ServerName") };
    struct log_state   state = { .kind = family_table[node->family].log };
    struct feed        in = { .left = SERVERS_HEAD };
    struct lines      *l = NULL;
    struct lines_block b;
    struct err         why = { 0 };
    uint8_t           *cols = NEW(&a, uint8_t, 256 << 10);
    int                rows = 0;

    if (!cols || !ev_node_enter(v, node))
        return;
    if (!ev_stream_open(&in.stream, v, node, false, &a, &why)) {
        ev_node_leave(v);
        return;
    }
    state.keep = (struct arena){ cols, cols + (256 << 10), NULL };
    if (lines_open(&l, &a, feed, &in, state.kind->dated, &why))
        while (rows < ROWS_MAX && lines_next(l, &b, &why)) {
            struct str line;
            for (size_t pos = 0, at; rows < ROWS_MAX && lines_row_step(b.text, &pos, &line, &at);) {
                struct arena  scratch = a;
                struct record r = { 0 };
                struct err    bad = { 0 };
                if (state.kind->header(&state, line) || !state.kind->parse(&state, &scratch, line, &r, &bad))
                    continue;
                rows++;
                for (size_t i = 0; i < COUNT_OF(column); i++) {
                    struct str value;
                    if (!record_get(&r, column[i], &value))
                        continue;
                    struct str name = label(keep, value);
                    if (name.n)
                        add_name(ret, name, 1);
                    break;
                }
            }
        }
    lines_close(l);
    ev_stream_close(in.stream);
    ev_node_leave(v);
}

/* What stands before the first separator after `skip` bytes of a native path; empty: a file of that folder itself. */
static struct str component(struct str below, size_t skip)
{
    struct str rest = str_from(below, skip);
    size_t     at   = str_chr(rest, '/');
    return at == STR_NONE ? STR_EMPTY : str_sub(rest, 0, at);
}

struct asked {
    struct str   name;           /* empty: the logs do not say */
    bool         any;            /* something of a server was recognised */
    struct marks marks;
    struct piece piece[SERVERS_SPLIT_MAX]; size_t piece_n;     /* of a loose tree whose folders speak of several servers */
    struct str   prefix;         /* native, with its separator: where the pieces lie */
};

/* The longest folder that holds all nodes that have a name. */
static size_t common(const struct ev *v, const uint32_t *node, size_t n)
{
    struct str first = v->node[node[0]].below;
    size_t     at = first.n;

    for (size_t i = 1; i < n; i++) {
        struct str b = v->node[node[i]].below;
        size_t     k = 0;
        while (k < at && k < b.n && b.p[k] == first.p[k])
            k++;
        at = k;
    }
    size_t slash = str_rchr(str_sub(first, 0, at), '/');
    return slash == STR_NONE ? 0 : slash + 1;
}

static bool ask_tree(struct trees *t, uint32_t tree, struct arena *keep, struct asked *ret, struct err *e)
{
    struct arena  whole = { 0 };
    struct ev     v = { 0 };
    struct names  all = { 0 }, *each = NULL;
    uint32_t     *node = NULL;
    size_t        n = 0, per_family[FAM_COUNT] = { 0 };
    bool          loose = true;

    if (!os_arena_map(&whole, ARENA_BYTES, e))
        return false;
    struct arena a = whole;
    bool ok = ev_open_trees(&v, &a, t, &tree, 1, e);
    if (ok) {
        ret->any = ev_recognised(&v);
        node = NEW(&a, uint32_t, SERVERS_LOGS);
        each = NEW(&a, struct names, SERVERS_LOGS);
        ok = node && each ? true : no_room(e);
    }
    /* Spread over the list: the folders of several servers lie one after the other. */
    size_t logs = 0;
    for (uint32_t i = 0; ok && i < v.node_n; i++)
        logs += family_table[v.node[i].family].log && family_table[v.node[i].family].service;
    size_t step = logs / SERVERS_LOGS + 1, at = 0;
    for (uint32_t i = 0; ok && i < v.node_n && n < SERVERS_LOGS; i++) {
        const struct family_info *f = &family_table[v.node[i].family];
        if (!f->log || !f->service)
            continue;
        bool rare = per_family[v.node[i].family]++ == 0;
        if (at++ % step && !rare)
            continue;
        ask_log(&v, &v.node[i], a, keep, &each[n]);
        struct str name = most(&each[n]);
        if (!name.n)
            continue;
        add_name(&all, name, 1);
        loose = loose && v.node[i].path.p[0] == '?';
        node[n++] = i;
    }
    ret->name = most(&all);
    if (ok && t->tree_n > 1)
        servers_marks(&v, a, &ret->marks);
    if (ok && all.n > 1 && loose && !t->tree[tree].layout) {
        size_t from = common(&v, node, n);
        bool   pure = true;
        ret->prefix = str_dup(keep, str_sub(v.node[node[0]].below, 0, from));
        for (size_t i = 0; i < n && pure; i++) {
            struct str top = component(v.node[node[i]].below, from), name = most(&each[i]);
            size_t     k = 0;
            while (k < ret->piece_n && !str_eq(ret->piece[k].top, top))
                k++;
            pure = top.n > 0 && k < SERVERS_SPLIT_MAX;
            if (pure && k == ret->piece_n)
                ret->piece[ret->piece_n++] = (struct piece){ .top = str_dup(keep, top) };
            if (pure)
                add_name(&ret->piece[k].names, name, 1);
            pure = pure && ret->piece[k].top.p && ret->piece[k].names.n == 1;
        }
        if (!pure)
            ret->piece_n = 0;
    }
    ev_close(&v);
    os_arena_unmap(&whole);
    return ok;
}

struct named { struct str name; bool any; struct marks marks; };

static struct str below_of(struct arena *a, struct str dir, struct str rest)
{
    return dir.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(rest)) : str_dup(a, rest);
}

/* One tree for each folder that speaks of one server; the tree itself keeps the rest. */
static bool split(struct trees *t, uint32_t tree, const struct asked *q, struct named *named, struct err *e)
{
    struct arena *keep = t->keep;
    struct str   *skip = NEW(keep, struct str, t->tree[tree].skip_n + q->piece_n);

    if (!skip)
        return no_room(e);
    for (size_t i = 0; i < t->tree[tree].skip_n; i++)
        skip[i] = t->tree[tree].skip[i];
    size_t n = t->tree[tree].skip_n;
    for (size_t i = 0; i < q->piece_n && t->tree_n < TREES_MAX; i++) {
        struct str   below = str_cat(keep, q->prefix, q->piece[i].top);
        struct tree *one   = &t->tree[t->tree_n];
        *one       = t->tree[tree];
        one->root  = below_of(keep, t->tree[tree].root, below);
        one->given = below_of(keep, t->tree[tree].given, below);
        one->skip_n = 0;
        skip[n] = below;
        if (!below.p || !one->root.p || !one->given.p)
            return no_room(e);
        named[t->tree_n++] = (struct named){ .name = most(&q->piece[i].names), .any = true };
        n++;
    }
    t->tree[tree].skip   = skip;
    t->tree[tree].skip_n = n;
    named[tree].name = STR_EMPTY;
    named[tree].any  = false;        /* what is left over there is nobody's, and joins nobody */
    return true;
}

static bool name_tree(struct trees *t, uint32_t i, struct named *named, struct arena *keep, struct err *e)
{
    const struct layout *l = t->tree[i].layout;
    struct asked        *q;

    if (l && l->server.name.n && !l->server.by_name_only) {
        named[i] = (struct named){ .name = label(keep, l->server.name), .any = true };
        if (named[i].name.n)
            return true;
    }
    struct arena whole = { 0 };
    if (!os_arena_map(&whole, sizeof *q + 4096, e))
        return false;
    struct arena a = whole;
    q = NEW(&a, struct asked, 1);
    bool ok = q ? ask_tree(t, i, keep, q, e) : no_room(e);
    if (ok) {
        named[i].any  = q->any;
        named[i].name = q->name;
        named[i].marks = q->marks;
        if (!q->name.n && l && l->server.name.n)
            named[i].name = label(keep, l->server.name);
        if (q->piece_n > 1)
            ok = split(t, i, q, named, e);
    }
    os_arena_unmap(&whole);
    return ok;
}

static int by_name(const void *a, const void *b)
{
    const struct server_group *x = a, *y = b;
    int c = str_cmp(x->name, y->name);

    return c ? c : x->tree[0] < y->tree[0] ? -1 : x->tree[0] > y->tree[0];
}

static bool put(struct server_group *g, struct trees *t, uint32_t tree, struct arena *keep, struct err *e)
{
    if (!g->tree && !(g->tree = NEW(keep, uint32_t, t->tree_n)))
        return no_room(e);
    g->tree[g->n++] = tree;
    const struct layout *l = t->tree[tree].layout;
    if (l && !g->stated && (l->server.name.n || l->server.os.n || l->server.time_zone.n))
        g->stated = &l->server;
    return true;
}

static bool everything(struct trees *t, struct str name, struct server_group *g, struct arena *keep, struct err *e)
{
    trees_join(t);
    g->name = label(keep, name);
    for (uint32_t i = 0; i < t->tree_n; i++)
        if (!put(g, t, i, keep, e))
            return false;
    return true;
}

/* How many components of their ways here two trees share. */
static size_t shared(struct str a, struct str b)
{
    size_t     n = 0;
    struct str x, y;

    while (str_cut(&a, '/', &x) && str_cut(&b, '/', &y) && str_eq(x, y))
        n++;
    return n;
}

/* Full names that collectors state, of two domains: two computers of one short name. */
static bool other_domain(const struct tree *a, const struct tree *b)
{
    struct str x = a->layout ? a->layout->server.fqdn : STR_EMPTY, y = b->layout ? b->layout->server.fqdn : STR_EMPTY;

    return str_chr(x, '.') != STR_NONE && str_chr(y, '.') != STR_NONE && !str_ieq(x, y);
}

/* Is something in the group that cannot be of the tree's server? */
static bool apart(const struct trees *t, const struct named *named, const struct server_group *g, uint32_t tree)
{
    for (size_t k = 0; k < g->n; k++)
        if (servers_marks_apart(&named[tree].marks, &named[g->tree[k]].marks) || other_domain(&t->tree[tree], &t->tree[g->tree[k]]))
            return true;
    return false;
}

/* "EXCH01" of "/case/EXCH01.zip" and of "/case/EXCH01". */
static bool called_after(const struct tree *t, struct str name, struct arena scratch)
{
    struct str given = t->given;
    size_t     bang = str_find(given, STR("!/"));

    given = str_sub(given, 0, bang == STR_NONE ? given.n : bang);
    size_t slash = str_rchr(given, '/');
    return str_eq(label(&scratch, slash == STR_NONE ? given : str_from(given, slash + 1)), name);
}

/* Where each named source is called after its server, one without a name that is called otherwise is not the last one's rest. */
static bool called_otherwise(const struct trees *t, const struct server_group *g, uint32_t tree, struct arena scratch)
{
    for (size_t k = 0; k < g->n; k++)
        if (!called_after(&t->tree[g->tree[k]], g->name, scratch))
            return false;
    return t->tree[tree].container != TROUBLE_ALL && !called_after(&t->tree[tree], g->name, scratch);
}

/* The one server whose evidence lies nearest to the tree's: in the same folder, the same archive. SIZE_MAX: none, or several. */
static size_t neighbour(const struct trees *t, const struct named *named, const struct server_group *group, size_t n, uint32_t tree)
{
    size_t best = 0, at = SIZE_MAX;

    for (size_t g = 0; g < n; g++)
        for (size_t k = 0; k < group[g].n && !apart(t, named, &group[g], tree); k++) {
            size_t near = shared(t->tree[tree].given, t->tree[group[g].tree[k]].given);
            if (near > best) {
                best = near;
                at   = g;
            } else if (near == best && at != g) {
                at = SIZE_MAX;
            }
        }
    return at;
}

static bool too_many(struct err *e) { return err_set(e, ERR_LIMIT, "more than %d servers", SERVERS_MAX); }

static int by_index(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Trees with a name: one group for each name, more where two computers share it. */
static bool group_named(struct trees *t, const struct named *named, struct server_group *group, size_t *io_n, struct arena *keep, struct err *e)
{
    for (int marked = 1; marked >= 0; marked--)          /* those that tell computers apart go first */
        for (uint32_t i = 0; i < t->tree_n; i++) {
            size_t g = 0;
            if (!named[i].name.n || (named[i].marks.n > 0) != marked)
                continue;
            while (g < *io_n && (!str_eq(group[g].name, named[i].name) || apart(t, named, &group[g], i)))
                g++;
            if (g == SERVERS_MAX)
                return too_many(e);
            if (g == *io_n)
                group[(*io_n)++].name = named[i].name;
            if (!put(&group[g], t, i, keep, e))
                return false;
        }
    for (size_t g = 0; g < *io_n; g++)
        qsort(group[g].tree, group[g].n, sizeof *group[g].tree, by_index);
    return true;
}

/* Trees without a name: with their nearest neighbour, or with what lies in the same path, or by themselves. */
static bool group_nameless(struct trees *t, const struct named *named, struct server_group *group, size_t *io_n, struct arena *keep, struct err *e)
{
    size_t known = *io_n;

    for (uint32_t i = 0; i < t->tree_n; i++) {
        if (named[i].name.n || !named[i].any)
            continue;
        size_t g = known;
        /* Another disk of a server whose registry names it. */
        for (size_t k = 0; t->tree[i].belongs && k < known; k++)
            for (size_t j = 0; j < group[k].n && g == known; j++)
                g = group[k].tree[j] + 1 == t->tree[i].belongs ? k : known;
        if (g < known) {
            if (!put(&group[g], t, i, keep, e))
                return false;
            continue;
        }
        if (known == 1 && !apart(t, named, &group[0], i) && !called_otherwise(t, &group[0], i, *keep))
            g = 0;
        else if (known > 1)
            g = neighbour(t, named, group, known, i);
        g = g == SIZE_MAX ? known : g;
        while (g >= known && g < *io_n && ((known && t->tree[group[g].tree[0]].path != t->tree[i].path) || apart(t, named, &group[g], i)))
            g++;
        if (g == SERVERS_MAX)
            return too_many(e);
        if (g == *io_n && !(group[(*io_n)++].name = str_fmt(keep, "unnamed-%zu", g - known + 1)).p)
            return err_set(e, ERR_MEMORY, "no room for the names of the servers");
        if (!put(&group[g], t, i, keep, e))
            return false;
    }
    return true;
}

bool servers_group(struct trees *t, struct str name, struct arena *keep, struct server_group **ret, size_t *ret_n, struct err *e)
{
    struct server_group *group = NEW(keep, struct server_group, SERVERS_MAX);
    struct named        *named = NEW(keep, struct named, TREES_MAX);
    size_t               n = 0, known, first = t->tree_n;

    if (!group || !named)
        return no_room(e);
    *ret = group;
    if (name.n) {
        *ret_n = 1;
        return everything(t, name, group, keep, e);
    }
    /* One set of drives is one server; its logs are read soon enough. */
    for (uint32_t i = 0; i < first && !(first == 1 && t->tree[0].drive); i++)
        if (!name_tree(t, i, named, keep, e))
            return false;
    if (!group_named(t, named, group, &n, keep, e))
        return false;
    qsort(group, n, sizeof *group, by_name);
    known = n;
    if (!group_nameless(t, named, group, &n, keep, e))
        return false;
    if (n <= 1) {
        struct str one = known ? group[0].name : STR_EMPTY;
        group[0] = (struct server_group){ 0 };
        *ret_n = 1;
        return everything(t, one, &group[0], keep, e);
    }
    *ret_n = n;
    return true;
}
