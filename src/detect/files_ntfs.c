/*
 * ntfs: what a volume's file table ($MFT) and change journal ($UsnJrnl:$J) say of files, wherever they come from: an image or a collection.
 *
 * Order    for each drive: its table becomes a tree (formats/mfttree.h), from which paths are made; then its journal, which names folders by number. Without a
 *          table, folders are known as far as the journal itself names them.
 * Memory   the tree has a room of its own that is given back before the next drive. What is worth keeping goes to filetimes.
 * Rule 1   times alone accuse nobody. They date what others found, and raise questions.
 * Rule 2   a page that is in the evidence as a file is judged by its bytes, not here.
 * Source   ways back in, 1.5, 1.6, 8 and 9.
 */
#include "detect/files_ntfs.h"

#include "base/utf.h"
#include "detect/spans.h"
#include "formats/mfttree.h"
#include "formats/usn.h"
#include "os/os.h"

#include <string.h>

enum { TREE_ROOM = 256 << 20, TABLE_BLOCK = 1 << 20, WORK_ROOM = 64 << 20, CROWD = 3 };

static bool wants(const struct files_context *c, const struct ev_node *n)
{
    (void)c;
    return n->family == FAM_MFT || n->family == FAM_USN;
}

/* ---- one drive ---- */

struct drive {
    struct ntfs_gather *g;
    struct mft_tree     tree;
    bool                has_tree;
    uint32_t            mft, usn;          /* nodes; UINT32_MAX: none */
    struct str          letter;            /* "C:" or "?:" */
    struct arena        scratch;
};

static bool damage(struct files_context *c, enum family fam, uint32_t node, const char *what, uint64_t kept, struct err *e)
{
    return files_damage(c, fam, &c->ev->node[node], what, kept, e);
}

/* Of one that is damaged in many places: said once. */
struct table_look { uint64_t records, bad, torn; int64_t oldest, newest; };

static bool table_read(struct drive *d, struct arena room, struct err *e)
{
    struct files_context *c = d->g->c;
    struct ev_node       *n = &c->ev->node[d->mft];
    struct ev_stream     *s = NULL;
    struct table_look     t = { .oldest = TIME_NONE, .newest = TIME_NONE };
    struct arena          own = d->scratch;
    uint8_t              *block = TAKE(&own, uint8_t, TABLE_BLOCK);
    struct mft_record    *m = TAKE(&own, struct mft_record, 1);
    size_t                size = 0, got = 0;
    bool                  ok = false;

    if (!block || !m || !mft_tree_open(&d->tree, room, e))
        return err_set(e, ERR_MEMORY, "no room to read a file table");
    if (!ev_stream_open(&s, c->ev, n, false, &own, e))
        goto out;
    for (uint64_t at = 0;; at += got) {
        if (!ev_stream_fill(s, block, TABLE_BLOCK, &got, e))
            break;
        if (at == 0) {
            size = mft_record_size((struct str){ block, got });
            if (!size) {
                ok = err_set(e, ERR_FORMAT, "not a file table: its first record is none");
                goto out;
            }
        }
        for (size_t i = 0; i + size <= got; i += size) {
            struct err why = { 0 };
            if (!mft_record_parse(m, block + i, size, (at + i) / size, &why)) {
                t.bad += memcmp(block + i, "\0\0\0\0", 4) != 0;       /* records that were never used are zeros */
                continue;
            }
            t.records++;
            t.torn += m->damaged != NULL;
            mft_tree_add(&d->tree, m, false);
            for (size_t k = 0; k < m->name_n && k < 1; k++) {
                int64_t born = m->name[k].times.created_us;
                if (born != TIME_NONE && m->in_use && m->number > 23) {
                    t.oldest = t.oldest == TIME_NONE || born < t.oldest ? born : t.oldest;
                    t.newest = t.newest == TIME_NONE || born > t.newest ? born : t.newest;
                }
            }
        }
        if (got < TABLE_BLOCK)
            break;
    }
    mft_tree_settle(&d->tree);
    d->has_tree = true;
    struct seen *seen = &c->found->seen[FAM_MFT];
    seen->records += t.records;
    if (t.oldest != TIME_NONE) {
        seen->oldest_us = seen->oldest_us == TIME_NONE || t.oldest < seen->oldest_us ? t.oldest : seen->oldest_us;
        seen->newest_us = seen->newest_us == TIME_NONE || t.newest > seen->newest_us ? t.newest : seen->newest_us;
    }
    ok = true;
    if (e->kind != ERR_NONE) {
        /* What came before the break stands. */
        ok = damage(c, FAM_MFT, d->mft, e->what, t.records, e);
        *e = (struct err){ 0 };
    }
    if (ok && (t.bad || t.torn))
        ok = damage(c, FAM_MFT, d->mft, "records that are none, or torn: kept as far as they go", t.records, e);
    if (ok && d->tree.left_out)
        ok = damage(c, FAM_MFT, d->mft, "too large: more files than this build keeps", t.records, e);
out:
    ev_stream_close(s);
    return ok;
}

static struct str full_path(struct drive *d, struct arena *a, struct str below, bool whole)
{
    return whole ? str_cat(a, d->letter, below) : str_fmt(a, "?:\\%.*s", STR_ARG(below));
}

/* Entries of files that came together: the same minute, in one folder, three and more. */
static bool in_crowd(const struct mft_tree *t, const struct mft_entry *x)
{
    uint32_t n = 0, looked = 0;

    if (x->flags & MFT_IS_ORPHAN || x->parent >= t->record_n)
        return false;
    for (uint32_t i = t->in_folder[x->parent]; i != MFT_NOTHING && looked < 5000 && n < CROWD; i = t->entry[i].next_in_folder, looked++) {
        int64_t apart = t->entry[i].born_us - x->born_us;
        n += &t->entry[i] != x && !(t->entry[i].flags & MFT_IS_STREAM) && t->entry[i].record != x->record && apart < TIME_MINUTE && apart > -TIME_MINUTE;
    }
    return n >= CROWD;
}

/*
 * Entries of the table that are free again keep their path until the same path comes anew: then there are two of it, and the journal speaks of the live one.
 * ret NULL: nothing worth keeping. False: no memory.
 */
enum of_what { OF_LIVE, OF_DELETED, OF_JOURNAL };
static bool item_of(struct drive *d, struct str path, enum filetime_kind kind, enum of_what what, struct filetime **ret, struct err *e)
{
    struct ntfs_gather *g = d->g;
    uint32_t            at = map_get(&g->by_path, path);
    bool                aside = at != MAP_NONE && what == OF_DELETED;

    *ret = NULL;
    if (at != MAP_NONE && what == OF_LIVE && g->times->item[at].in_mft && g->times->item[at].deleted)
        at = MAP_NONE;
    if (at != MAP_NONE && !aside) {
        *ret = &g->times->item[at];
        return true;
    }
    if (g->times->n >= FILETIMES_MAX) {
        g->times->more++;
        return true;
    }
    struct str       copy = str_dup(g->c->keep, path);
    struct filetime *x = copy.p ? filetimes_add(g->times, g->pile, copy) : NULL;
    if (!x || (!aside && !map_put(&g->by_path, g->pile, copy, (uint32_t)(g->times->n - 1))))
        return err_set(e, ERR_MEMORY, "no room for the times of files");
    x->kind = kind;
    *ret = x;
    return true;
}

/* What a name is worth, of an entry or a record. */
static enum filetime_kind worth(struct ntfs_gather *g, struct str name, bool stream)
{
    if (stream)
        return str_iends(name, STR(":Zone.Identifier")) ? FILETIME_DULL : FILETIME_STREAM;
    enum filetime_kind k = ntfs_name_kind(name);
    return k == FILETIME_DULL && map_get(&g->named, name) != MAP_NONE ? FILETIME_NAMED : k;
}

static bool table_take(struct drive *d, struct err *e)
{
    struct ntfs_gather *g = d->g;
    const struct mft_tree *t = &d->tree;

    for (uint32_t i = 0; i < t->entry_n; i++) {
        const struct mft_entry *x = &t->entry[i];
        struct arena            a = d->scratch;
        struct str              below, path;
        if (x->flags & MFT_IS_DIR)
            continue;
        enum filetime_kind kind = worth(g, mft_entry_name(t, x), x->flags & MFT_IS_STREAM);
        if (kind == FILETIME_DULL)
            continue;
        bool whole = mft_tree_path(t, i, &a, &below);
        path = full_path(d, &a, below, whole);
        if (!path.p)
            continue;
        if (map_get(&g->named_path, path) == MAP_NONE && (kind = ntfs_path_kind(g->c, a, path, kind)) == FILETIME_DULL)
            continue;
        struct filetime *f;
        if (!item_of(d, path, kind, x->flags & MFT_IS_DELETED ? OF_DELETED : OF_LIVE, &f, e))
            return false;
        if (!f)
            continue;
        f->mft_node       = d->mft;
        f->record         = x->record;
        f->size_bytes     = x->size_bytes;
        f->si_created_us  = x->created_us;
        f->si_modified_us = x->modified_us;
        f->born_us        = x->born_us;
        f->in_mft         = true;
        f->deleted        = x->flags & MFT_IS_DELETED;
        f->whole_seconds  = x->flags & MFT_IS_WHOLE_SECONDS;
        f->crowd          = in_crowd(t, x);
    }
    return true;
}

/* ---- the journal ---- */

struct journal { struct files_context *c; const struct ev_node *n; };

static bool journal_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct journal *j = ctx;

    if (off >= j->n->size_bytes) {
        *ret_got = 0;
        return true;
    }
    return ev_read(j->c->ev, j->n, off, buf, cap, ret_got, e);
}

static uint64_t journal_data(void *ctx, uint64_t off)
{
    struct journal *j = ctx;
    return ev_next_data(j->c->ev, j->n, off);
}

/* Folders that the journal itself names, where no table says it. */
static bool journal_folders(struct drive *d, uint8_t *buf, struct arena room, struct err *e)
{
    struct journal     j = { d->g->c, &d->g->c->ev->node[d->usn] };
    struct usn         u;
    struct usn_record  r;
    struct arena       own = d->scratch;
    struct mft_record *m = NEW(&own, struct mft_record, 1);

    if (!m || !mft_tree_open(&d->tree, room, e))
        return err_set(e, ERR_MEMORY, "no room to read a change journal");
    usn_open(&u, journal_read, journal_data, &j, buf);
    while (usn_next(&u, &r, e)) {
        if (!(r.attributes & 0x10) || (r.reason & USN_RENAME_OLD) || mft_tree_folder_entry(&d->tree, r.file) != MFT_NOTHING)
            continue;
        *m = (struct mft_record){ .number = r.file.record, .sequence = r.file.sequence, .in_use = true, .is_dir = true,
                                  .standard = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, false }, .name_n = 1 };
        m->name[0] = (struct mft_name){ .parent = r.parent, .raw = r.raw, .space = MFT_WIN32, .times = { TIME_NONE, TIME_NONE, TIME_NONE, TIME_NONE, false } };
        mft_tree_add(&d->tree, m, false);
    }
    mft_tree_settle(&d->tree);
    d->has_tree = true;
    return true;                            /* trouble of the reader is told by the second pass */
}

static void journal_log(struct drive *d, const struct usn_record *r, struct str name, struct str path)
{
    enum ntfs_log     kind = ntfs_log_of(name, path);
    struct ntfs_gone *g = &d->g->gone[kind];

    if (kind == NTFS_LOG_NONE)
        return;
    if (g->n++ == 0) {
        *g = (struct ntfs_gone){ .n = 1, .first_us = r->time_us, .last_us = r->time_us, .some = str_dup(d->g->c->keep, path), .node = d->usn, .offset = r->offset };
        return;
    }
    g->first_us = r->time_us < g->first_us ? r->time_us : g->first_us;
    g->last_us  = r->time_us > g->last_us ? r->time_us : g->last_us;
}

static void journal_note(struct filetime *f, const struct usn_record *r, uint32_t node)
{
    uint32_t what = r->reason & ~USN_CLOSE;

    if (f->usn_first_us == TIME_NONE) {
        f->usn_first_us = r->time_us;
        f->usn_offset   = r->offset;
        f->usn_node     = node;
        if (!f->in_mft)
            f->record = r->file.record;
    }
    f->usn_last_us = r->time_us;
    if (what & (USN_CREATE | USN_RENAME_NEW)) {
        if (f->usn_created_us == TIME_NONE || f->usn_last_gone) {
            f->usn_created_us = r->time_us;
            f->usn_offset     = r->offset;
            f->usn_renamed_in = (what & USN_RENAME_NEW) != 0;
        }
        f->usn_last_gone = false;
    }
    if ((what & USN_BASIC_INFO) && !(what & (USN_CREATE | USN_EXTEND | USN_OVERWRITE)))
        f->usn_stamped_us = r->time_us;
    if (what & (USN_DELETE | USN_RENAME_OLD)) {
        f->usn_removed_us  = r->time_us;
        f->usn_renamed_out = (what & USN_RENAME_OLD) != 0;
        f->usn_last_gone   = true;
    }
}

static bool journal_take(struct drive *d, uint8_t *buf, struct err *e)
{
    struct ntfs_gather *g = d->g;
    struct journal      j = { g->c, &g->c->ev->node[d->usn] };
    struct usn          u;
    struct usn_record   r;
    int64_t             oldest = TIME_NONE, newest = TIME_NONE;
    struct err          why = { 0 };

    usn_open(&u, journal_read, journal_data, &j, buf);
    while (usn_next(&u, &r, &why)) {
        struct arena a = d->scratch;
        if (r.time_us == TIME_NONE)
            continue;
        oldest = oldest == TIME_NONE || r.time_us < oldest ? r.time_us : oldest;
        newest = newest == TIME_NONE || r.time_us > newest ? r.time_us : newest;
        if (r.attributes & 0x10)
            continue;
        struct str         name = utf_to8(&a, r.raw, UTF_16LE), below, path;
        enum filetime_kind kind = name.p ? worth(g, name, false) : FILETIME_DULL;
        bool               log  = (r.reason & USN_DELETE) && ntfs_log_name(name);
        if (kind == FILETIME_DULL && !log)
            continue;
        bool whole = mft_tree_folder(&d->tree, r.parent, &a, &below);
        path = whole ? str_fmt(&a, "%.*s%.*s\\%.*s", STR_ARG(d->letter), STR_ARG(below), STR_ARG(name))
             : below.n ? str_fmt(&a, "?:\\%.*s\\%.*s", STR_ARG(below), STR_ARG(name)) : str_fmt(&a, "?:\\%.*s", STR_ARG(name));
        if (!path.p)
            continue;
        if (log)
            journal_log(d, &r, name, path);
        if (kind == FILETIME_DULL || (map_get(&g->named_path, path) == MAP_NONE && (kind = ntfs_path_kind(g->c, a, path, kind)) == FILETIME_DULL))
            continue;
        struct filetime *f;
        if (!item_of(d, path, kind, OF_JOURNAL, &f, e))
            return false;
        if (f)
            journal_note(f, &r, d->usn);
    }
    struct seen *seen = &g->c->found->seen[FAM_USN];
    seen->records += u.records;
    if (oldest != TIME_NONE) {
        seen->oldest_us = seen->oldest_us == TIME_NONE || oldest < seen->oldest_us ? oldest : seen->oldest_us;
        seen->newest_us = seen->newest_us == TIME_NONE || newest > seen->newest_us ? newest : seen->newest_us;
        if (!spans_add(seen, g->c->keep, (struct span){ oldest, newest }, e))
            return false;
    }
    if (why.kind != ERR_NONE)
        return damage(g->c, FAM_USN, d->usn, why.what, u.records, e);
    if (u.lost)
        return damage(g->c, FAM_USN, d->usn, "bytes between records that are neither records nor zeros", u.records, e);
    return true;
}

/* ---- all drives ---- */

static bool drive_take(struct drive *d, struct arena room, uint8_t *buf, struct err *e)
{
    struct files_context *c = d->g->c;
    struct err            why = { 0 };

    if (d->mft != UINT32_MAX && ev_node_enter(c->ev, &c->ev->node[d->mft])) {
        bool ok = table_read(d, room, &why) && table_take(d, &why);
        ev_node_leave(c->ev);
        if (!ok && why.kind == ERR_MEMORY)
            return *e = why, false;
        if (!ok && !damage(c, FAM_MFT, d->mft, why.what, 0, e))
            return false;
    }
    if (d->usn != UINT32_MAX && ev_node_enter(c->ev, &c->ev->node[d->usn])) {
        bool ok = (d->has_tree || journal_folders(d, buf, room, e)) && journal_take(d, buf, e);
        ev_node_leave(c->ev);
        return ok;
    }
    return true;
}

static struct str letter_of(struct str path) { return path.n > 2 && path.p[1] == ':' ? str_sub(path, 0, 2) : STR("?:"); }

/* The journal of the same drive and source; of the same source, where both have no drive. */
static uint32_t journal_of(const struct ev *v, uint32_t mft, const bool *used)
{
    for (uint32_t i = 0; i < v->node_n; i++)
        if (v->node[i].family == FAM_USN && !used[i] && v->node[i].source == v->node[mft].source && v->node[i].shadow == v->node[mft].shadow &&
            str_ieq(letter_of(v->node[i].path), letter_of(v->node[mft].path)))
            return i;
    return UINT32_MAX;
}

/* "$MFT" names $MFTMirr's neighbour and what a tool made of it, as text, as well. */
static bool is_binary(struct files_context *c, uint32_t node)
{
    const struct ev_node *n = &c->ev->node[node];
    return !n->shadow && !n->stopped && n->size_bytes > 0 && !str_iends(n->path, STR(".csv")) && !str_iends(n->path, STR(".json")) && !str_iends(n->path, STR("$Max"));
}

/* What other detectors found has a path: its times are wanted whatever it is. */
static bool learn_names(struct ntfs_gather *g, struct err *e)
{
    const struct detected *d = g->c->found;

    g->by_path.fold = g->named.fold = g->named_path.fold = true;
    for (size_t i = 0; i < d->fact_n; i++) {
        struct str path = d->fact[i].path;
        if (path.n < 4 || path.p[1] != ':' || map_get(&g->named_path, path) != MAP_NONE)
            continue;
        if (!map_put(&g->named_path, g->pile, path, 1) || !map_put(&g->named, g->pile, winpath_name(path), 1))
            return err_set(e, ERR_MEMORY, "no room for the names of what was found");
    }
    return true;
}

/* All is done at the end, from beginning to end: the table comes before the journal, and both after what others found. */
static bool look(struct files_context *c, struct files_node *n, struct err *e)
{
    (void)e;
    c->found->seen[n->node->family].records--;      /* they are counted one by one, not by the file */
    return true;
}

static bool done(struct files_context *c, struct err *e)
{
    struct arena       room = { 0 }, work = { 0 };
    struct ntfs_gather g = { .c = c };
    bool               any = false, ok = true;

    for (size_t i = 0; i < c->ev->node_n; i++)
        any = any || ((c->ev->node[i].family == FAM_MFT || c->ev->node[i].family == FAM_USN) && is_binary(c, (uint32_t)i));
    if (!any)
        return true;
    if (!os_arena_map(&room, TREE_ROOM, e) || !os_arena_map(&work, WORK_ROOM, e)) {
        os_arena_unmap(&room);
        return false;
    }
    struct arena pile = work;
    uint8_t     *buf  = TAKE(&pile, uint8_t, USN_BUFFER);
    bool        *used = NEW(&pile, bool, c->ev->node_n);
    g.times = NEW(c->keep, struct filetimes, 1);
    g.pile  = &pile;
    ok = g.times && buf && used ? learn_names(&g, e) : err_set(e, ERR_MEMORY, "no room to read a file table");
    for (int turn = 0; ok && turn < 2; turn++)                    /* tables first, then journals that have none */
        for (uint32_t i = 0; ok && i < c->ev->node_n; i++) {
            if (c->ev->node[i].family != (turn ? FAM_USN : FAM_MFT) || used[i] || !is_binary(c, i))
                continue;
            struct drive d = { .g = &g, .mft = turn ? UINT32_MAX : i, .usn = turn ? i : journal_of(c->ev, i, used), .letter = letter_of(c->ev->node[i].path),
                               .scratch = c->work->scratch };
            if (d.usn != UINT32_MAX && !is_binary(c, d.usn))
                d.usn = UINT32_MAX;
            used[i] = true;
            if (d.usn != UINT32_MAX)
                used[d.usn] = true;
            ok = drive_take(&d, room, buf, e);
        }
    ok = ok && ntfs_tell(&g, e);
    if (ok) {
        /* The list itself lives as long as the findings. */
        struct filetime *kept = NEW(c->keep, struct filetime, g.times->n + 1);
        if (!kept)
            ok = err_set(e, ERR_MEMORY, "no room for the times of files");
        else if (g.times->n)
            memcpy(kept, g.times->item, g.times->n * sizeof *kept);
        g.times->item = kept;
        g.times->cap  = g.times->n;
        if (ok)
            c->found->times = g.times;
    }
    os_arena_unmap(&work);
    os_arena_unmap(&room);
    return ok;
}

const struct files_detector files_ntfs = {
    .name = "ntfs", .about = "the file table and the change journal: when files came and went, pages that are gone, times that were set back, streams in web folders, deleted logs",
    .wants = wants, .look = look, .done = done,
};
