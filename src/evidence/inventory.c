/*
 * inventory: from what a walk meets to candidates, and from candidates to nodes.
 */
#include "evidence/inner.h"

#include "base/num.h"
#include "base/winpath.h"

#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the list of files"); }

int ev_fold_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (n - i >= 8 && memcmp(a.p + i, b.p + i, 8) == 0)      /* paths that are sorted begin alike */
        i += 8;
    for (; i < n; i++) {
        int d = ch_lower(a.p[i]) - ch_lower(b.p[i]);
        if (d)
            return d;
    }
    return (a.n > b.n) - (a.n < b.n);
}

/*
 * The pile ends where the evidence has more to list than this build remembers: that is a bound like the others, not a failure.
 * Kept aside: what is needed to settle the lists that are there.
 */
static bool no_pile(const struct ev_sink *k, size_t more)
{
    enum { SPARE = 12 << 20 };
    size_t step = k->dir_n == k->dir_cap ? 2 * k->dir_cap * sizeof(struct str) : 0;

    return arena_room(k->pile) < SPARE + step + more;
}

bool ev_sink_dir(struct ev_sink *k, struct str path, struct err *e)
{
    /* Parts of Windows with a hundred thousand folders, none of which a detector asks about. */
    static const struct str bulk[] = { STR_INIT("\\Windows\\WinSxS\\"), STR_INIT("\\Windows\\servicing\\"), STR_INIT("\\Windows\\assembly\\"),
                                       STR_INIT("\\Windows\\System32\\DriverStore\\"), STR_INIT("\\Windows\\SoftwareDistribution\\") };
    for (size_t i = 0; i < COUNT_OF(bulk); i++)
        if (path.n > 2 && str_istarts(str_from(path, 2), bulk[i]))
            return true;
    if (k->dir_n >= EV_DIRS_MAX || no_pile(k, path.n + (16u << 20))) {
        if (!k->full)
            ev_refuse(k->v, path, "too large: more folders than this build keeps", "Hunt parts of the evidence one by one.");
        k->full = true;
        return true;
    }
    struct str *at   = GROW(k->pile, k->dir, k->dir_n, &k->dir_cap);
    struct str  copy = at ? str_dup(k->pile, path) : STR_EMPTY;
    if (!copy.p)
        return no_room(e);
    *at = copy;
    k->dir_n++;
    return true;
}

bool ev_sink_claim(struct ev_sink *k, uint16_t source, const struct os_stat *st)
{
    uint64_t   id[2] = { st->dev, st->ino };
    struct str key   = { (const uint8_t *)id, sizeof id };

    /* A file system without inode numbers tells nothing. */
    if (st->ino == 0)
        return true;
    uint32_t by = map_get(&k->walked, key);
    if (by != MAP_NONE)
        return by == source;
    /* Without room a nested PATH might be read twice: not worth failing for. */
    key = str_dup(k->pile, key);
    if (key.p)
        (void)map_put(&k->walked, k->pile, key, source);
    return true;
}

static bool keep_candidate(struct ev_sink *k, const struct ev_candidate *c, struct err *e)
{
    /* Once, and whole: pages that are never written cost nothing, and doubling would throw away as much as it keeps. */
    if (!k->candidate && (k->candidate = TAKE(k->pile, struct ev_candidate, EV_CANDIDATES_MAX)) != NULL)
        k->candidate_cap = EV_CANDIDATES_MAX;
    size_t less = ev_is_cheap(&c->node) ? 1 : 0;
    if (k->candidate_n >= EV_CANDIDATES_MAX - less * (EV_CANDIDATES_MAX / 4) || no_pile(k, c->node.path.n + c->node.below.n + c->node.entry.n + less * (24u << 20))) {
        if (!k->full)
            ev_refuse(k->v, c->node.path, "too large: more files of interest than this build keeps", "Hunt parts of the evidence one by one.");
        k->full = true;
        return true;
    }
    struct ev_candidate *at = GROW(k->pile, k->candidate, k->candidate_n, &k->candidate_cap);
    if (!at)
        return no_room(e);
    *at = *c;
    at->node.path  = str_dup(k->pile, c->node.path);
    at->node.below = str_dup(k->pile, c->node.below);
    at->node.entry = c->node.entry.n ? str_dup(k->pile, c->node.entry) : STR("");
    if (!at->node.path.p || !at->node.below.p || !at->node.entry.p)
        return no_room(e);
    k->candidate_n++;
    return true;
}

/* False: it could not be read, or the budget of this rule is spent; both are said. */
static bool magic_at(struct ev_sink *k, struct ev_node *n, uint8_t rule, bool *ret)
{
    uint8_t    head[EV_MAGIC_HEAD];
    size_t     got = 0;
    struct err why = { 0 };

    if (k->heads[rule] > EV_MAGIC_MAX)
        return false;
    if (++k->heads[rule] > EV_MAGIC_MAX) {
        ev_refuse(k->v, n->path, "too large: more files in such a place than this build looks into", "Hunt that folder by itself as well.");
        return false;
    }
    if (!ev_node_enter(k->v, n))
        return false;
    bool ok = ev_read(k->v, n, 0, head, sizeof head, &got, &why);
    ev_node_leave(k->v);
    if (!ok) {
        ev_refuse_err(k->v, n->path, "unreadable", &why);
        return false;
    }
    struct str first = { head, got };
    *ret = ev_is_magic(first) || ev_is_hidden_program(n->path, first);
    return true;
}

/*
 * Of a deleted file: is there anything left? Its clusters are free, but they may have been emptied, or written over and freed again; what a log or a page is must
 * still begin like text or like something. Binary evidence that was deleted is left to those who carve.
 */
static bool still_there(struct ev_sink *k, struct ev_node *n)
{
    uint8_t    head[512];
    size_t     got = 0, zeros = 0;
    struct err why = { 0 };

    if ((n->family >= FAM_REGISTRY && !family_table[n->family].log) || !ev_node_enter(k->v, n))
        return false;
    bool ok = ev_read(k->v, n, 0, head, sizeof head, &got, &why);
    ev_node_leave(k->v);
    for (size_t i = 0; i < got; i++)
        zeros += head[i] == 0;
    return ok && got > 0 && zeros < got && (!family_table[n->family].log || zeros * 2 <= got);
}

bool ev_sink_file(struct ev_sink *k, uint16_t source, uint64_t rules, const struct ev_met *m, struct arena scratch, struct err *e)
{
    struct ev *v     = k->v;
    bool       alone = k->by_itself;
    struct str dir = m->dir, name = m->name;
    const struct os_stat *st = &m->st;

    for (size_t i = 0; !alone && i < k->alone_n; i++)
        if (st->ino && k->alone[i].ino == st->ino && k->alone[i].dev == st->dev)
            k->alone_met[i] = true;
    v->seen_n++;
    v->seen_bytes = num_add_sat(v->seen_bytes, st->size_bytes);
    v->source[source].bytes = num_add_sat(v->source[source].bytes, st->size_bytes);

    struct ev_fit       fit = ev_rules_fit(rules, dir, name, st->size_bytes, scratch);
    struct ev_candidate c   = { .need = fit.need };
    if (fit.need == EV_DROP && !alone)
        return true;
    c.node = (struct ev_node){ .source = source, .family = fit.family, .below = m->below, .entry = m->entry, .size_bytes = st->size_bytes,
                               .mtime_us = st->mtime_us, .btime_us = st->btime_us, .sparse = m->sparse, .shadow = m->shadow, .partial = m->partial };
    c.node.path = str_cat(&scratch, str_cat(&scratch, dir, STR("\\")), name);
    if (!c.node.path.p)
        return no_room(e);
    if (m->shadow == OS_DELETED && !still_there(k, &c.node))
        return true;
    if (fit.need == EV_MAGIC && !alone) {
        bool is;
        if (!magic_at(k, &c.node, fit.rule, &is))
            return true;
        c.need = !is ? EV_DROP : fit.or_served ? EV_IF_SERVED : EV_KEEP;
        return !is || keep_candidate(k, &c, e);
    }
    if (fit.need == EV_SNIFF || (alone && fit.family == FAM_NONE && !winpath_is_page(name))) {
        struct err why = { 0 };
        if (!alone && ++k->sniffed > EV_SNIFF_MAX) {
            if (k->sniffed == EV_SNIFF_MAX + 1)
                ev_refuse(v, c.node.path, "too large: more unknown text files than this build looks into", "Hunt the folder with the logs by itself.");
            return true;
        }
        if (!ev_node_enter(v, &c.node))
            return true;
        bool ok = ev_sniff(v, &c.node, scratch, &c.node.family, &why);
        ev_node_leave(v);
        if (!ok) {
            ev_refuse_err(v, c.node.path, "unreadable", &why);
            return !alone || keep_candidate(k, &c, e);
        }
        fit.by_port = c.node.family == FAM_IIS_FRONT;
        if (c.node.family == FAM_NONE && !alone) {
            bool is = false;
            c.need = EV_IF_SERVED;
            if (st->size_bytes >= EV_MAGIC_SIZE_MIN && !fit.or_served && !magic_at(k, &c.node, fit.rule, &is))
                return true;
            return !(fit.or_served || is) || keep_candidate(k, &c, e);
        }
    }
    c.need = alone || fit.need == EV_SNIFF ? EV_KEEP : fit.need;
    if (c.node.family == FAM_IIS_FRONT && fit.by_port && ev_node_enter(v, &c.node)) {
        if (ev_is_back_end(v, &c.node, scratch))
            c.node.family = FAM_IIS_BACK;
        ev_node_leave(v);
    }
    return keep_candidate(k, &c, e);
}

static int dir_cmp(const void *a, const void *b) { return str_icmp(*(const struct str *)a, *(const struct str *)b); }

size_t ev_dir_at(const struct ev *v, struct str path)
{
    size_t lo = 0, hi = v->dir_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (ev_fold_cmp(v->dir[mid], path) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Where a link leads, as a Windows path: "D:\x" as Windows wrote it, "../x" from its own folder, or a native path below a source's root. */
static struct str link_target(const struct ev *v, struct arena *a, const struct ev_alias *l)
{
    struct str to = l->to;

    if (to.n >= 2 && (to.p[1] == ':' || to.p[0] == '\\'))
        return winpath_canon(a, to, v->system_drive);
    if (to.n && to.p[0] == '/') {
        /* Mount programs write the absolute native path of the target. */
        for (size_t i = 0; i < v->source_n; i++) {
            struct str root = v->source[i].root;
            while (root.n > 1 && root.p[root.n - 1] == '/')
                root.n--;
            if (root.n > 1 && str_starts(to, root) && to.n > root.n && to.p[root.n] == '/') {
                struct str drive = str_sub(l->from, 0, 2);
                return winpath_canon(a, str_cat(a, drive, str_from(to, root.n)), v->system_drive);
            }
        }
        return STR_EMPTY;
    }
    struct str from = str_cat(a, winpath_dir(l->from), STR("\\"));
    return from.p ? winpath_canon(a, str_cat(a, from, to), v->system_drive) : STR_EMPTY;
}

bool ev_dirs_settle(struct ev *v, struct ev_sink *k, struct err *e)
{
    if (k->dir_n)
        qsort(k->dir, k->dir_n, sizeof *k->dir, dir_cmp);
    struct str *dir = NEW(v->keep, struct str, k->dir_n + 1);
    if (!dir)
        return no_room(e);
    for (size_t i = 0; i < k->dir_n; i++) {
        if (v->dir_n && str_eq(dir[v->dir_n - 1], k->dir[i]))
            continue;
        struct str copy = str_dup(v->keep, k->dir[i]);
        if (!copy.p)
            return no_room(e);
        dir[v->dir_n++] = copy;
    }
    v->dir = dir;

    /* The drive with Windows on it; C where several or none have one. */
    uint8_t system = 0;
    for (uint8_t d = 'A'; d <= 'Z'; d++) {
        uint8_t text[] = { d, ':', '\\', 'W', 'i', 'n', 'd', 'o', 'w', 's' };
        if (ev_has_dir(v, (struct str){ text, sizeof text }))
            system = system || d == 'C' ? 'C' : d;
    }
    v->system_drive = system ? system : 'C';

    v->alias = NEW(v->keep, struct ev_alias, k->link_n + 1);
    if (!v->alias)
        return no_room(e);
    for (size_t i = 0; i < k->link_n; i++) {
        struct arena scratch = k->stack;
        struct str   to = link_target(v, &scratch, &k->link[i]);
        if (!to.p || !ev_has_dir(v, to)) {
            ev_refuse(v, k->link[i].from, "link: not followed", "It leads out of the evidence, or to a file. Collect the target itself.");
            continue;
        }
        struct ev_alias *at = &v->alias[v->alias_n];
        *at = (struct ev_alias){ str_dup(v->keep, k->link[i].from), str_dup(v->keep, to) };
        if (!at->from.p || !at->to.p)
            return no_room(e);
        v->alias_n++;
    }
    return true;
}
