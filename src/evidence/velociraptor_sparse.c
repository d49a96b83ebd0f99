/*
 * Maps of sparse files: "X.idx" says which ranges of the original lie where in X. Two spellings: {"ranges":[{...},...]}, and one range a line;
 * zero values may be missing. In both a range is an object without objects inside, so one reader serves.
 *
 * Holes    more of them than HOLES_FREE bytes and than there is content are no part of a log or page, but a way to keep a reader busy for ever: such
 *          a file is read without its holes, and that is told. The change journal is the one file that is mostly holes; nobody reads it front to back.
 * Lies     ranges that overlap, wrap, or point behind the end of what is stored are dropped, and told.
 */
#include "evidence/layout_velociraptor.h"

#include "base/num.h"
#include "evidence/ev.h"

#include <stdlib.h>
#include <string.h>

enum { HOLES_FREE = 64 << 20 };

struct gather {
    struct arena         scratch;
    struct layout_range *range; size_t n, cap;
    uint64_t             size_bytes;      /* of the original, as far as the ranges tell */
    uint64_t             stored;          /* bytes of X */
    bool                 damaged, full;
};

static bool take_range(void *ctx, struct json_object *o, struct err *e)
{
    struct gather *g = ctx;
    uint64_t       original = 0, off = 0, length = 0, stored = 0, end;

    layout_json_u64(o, "original_offset", &original);
    layout_json_u64(o, "file_offset", &off);
    layout_json_u64(o, "length", &length);
    layout_json_u64(o, "file_length", &stored);
    if (length == 0)
        return true;
    if (__builtin_add_overflow(original, length, &end) || end > INT64_MAX) {
        g->damaged = true;
        return true;
    }
    if (end > g->size_bytes)
        g->size_bytes = end;
    uint64_t bytes = stored < length ? stored : length;
    if (bytes == 0)
        return true;                       /* a hole */
    if (off >= g->stored || bytes > g->stored - off) {
        g->damaged = true;
        bytes      = off >= g->stored ? 0 : g->stored - off;
    }
    if (bytes == 0)
        return true;
    if (g->n == LAYOUT_RANGES_MAX) {
        g->full = true;
        return false;
    }
    struct layout_range *at = GROW(&g->scratch, g->range, g->n, &g->cap);
    if (!at)
        return err_set(e, ERR_MEMORY, "no room for the ranges of a sparse file");
    *at = (struct layout_range){ original, off, bytes };
    g->n++;
    return true;
}

static int by_original(const void *x, const void *y)
{
    const struct layout_range *a = x, *b = y;

    if (a->original_off != b->original_off)
        return a->original_off < b->original_off ? -1 : 1;
    return a->file_off < b->file_off ? -1 : a->file_off > b->file_off;
}

/* In order, without overlaps, and no byte that is stored twice over: what comes first stands. */
static void settle(struct gather *g)
{
    size_t   kept = 0;
    uint64_t end  = 0, left = g->stored;

    if (g->n)
        qsort(g->range, g->n, sizeof *g->range, by_original);
    for (size_t i = 0; i < g->n; i++) {
        if (g->range[i].original_off < end || g->range[i].bytes > left) {
            g->damaged = true;
            continue;
        }
        left -= g->range[i].bytes;
        g->range[kept++] = g->range[i];
        end              = g->range[i].original_off + g->range[i].bytes;
    }
    g->n = kept;
}

static bool is_journal(struct str key) { return str_iends(key, STR("/$Extend/$UsnJrnl:$J")) || str_iends(key, STR("/$Extend/$UsnJrnl$J")); }

/* All that is stored, one behind the other. */
static void close_holes(struct gather *g)
{
    uint64_t at = 0;

    for (size_t i = 0; i < g->n; i++) {
        g->range[i].original_off = at;
        at += g->range[i].bytes;
    }
    g->size_bytes = at;
}

static uint64_t content(const struct gather *g)
{
    uint64_t n = 0;

    for (size_t i = 0; i < g->n; i++)
        n = num_add_sat(n, g->range[i].bytes);
    return n;
}

static bool add_map(struct layout *l, struct str native, struct str idx_key, struct str key, uint64_t stored, struct arena scratch, struct err *e)
{
    struct layout_work *w = l->work;
    struct layout_row   row = { .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    struct str          body;
    uint64_t            bad;

    if (!layout_slurp(l, native, &scratch, &body, e))
        return false;
    struct gather g = { .scratch = scratch, .stored = stored };
    w->map_bytes += body.n;
    if (!layout_json_leaves(l, native, body, take_range, &g, &bad, e))
        return false;
    settle(&g);
    /* No range at all: a file of the server that is called so, like the index of a catalogue. */
    if (g.size_bytes == 0 && !g.damaged)
        return true;
    if (g.damaged)
        layout_note_add(l, native, "sparse map that does not fit its file", "Ranges that overlap or lie behind the end of what is stored are read as zeros.");
    if (g.full)
        layout_note_add(l, native, "sparse map with more ranges than are read", "What lies behind them is read as zeros.");
    uint64_t held = content(&g), holes = g.size_bytes - held;
    if (holes > HOLES_FREE && holes > held && !is_journal(key)) {
        layout_note_add(l, native, "sparse file with more holes than content: read without its holes", "Nothing that was collected is missing. Look at its .idx by hand.");
        close_holes(&g);
    }
    row.partial = g.damaged || g.full || bad;
    struct layout_sparse *at = GROW(l->keep, w->map, w->map_n, &w->map_cap);
    if (!at)
        return err_set(e, ERR_MEMORY, "no room for a sparse map");
    *at = (struct layout_sparse){ NEW(l->keep, struct layout_range, g.n ? g.n : 1), g.n, g.size_bytes };
    if (!at->range)
        return err_set(e, ERR_MEMORY, "no room for %zu ranges of a sparse file", g.n);
    if (g.n)
        memcpy(at->range, g.range, g.n * sizeof *g.range);
    w->map_n++;
    return layout_rows_add(&w->sparse, l->keep, key, &row, e) && layout_rows_add(&w->maps, l->keep, idx_key, &row, e);
}

/* By its name, in a listing that is sorted by bytes. */
static const struct os_entry *file_of(const struct os_entry *list, size_t n, struct str name)
{
    size_t from = 0, to = n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (str_cmp(list[mid].name, name) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    for (; from < n && str_eq(list[from].name, name); from++)
        if (list[from].st.kind == OS_FILE)
            return &list[from];
    return NULL;
}

struct look { uint64_t entries; bool full; };

static bool one_idx(struct layout *l, struct str dir, const struct os_entry *list, size_t n, const struct os_entry *x, struct look *k,
                    struct arena scratch, struct err *e)
{
    struct layout_work *w = l->work;
    struct layout_row   row = { .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    struct str          native = layout_join(&scratch, dir, '/', x->name), key, other;
    const char         *wrong;

    if (!native.p)
        return err_set(e, ERR_MEMORY, "no room for a name below uploads");
    const struct os_entry *of = file_of(list, n, str_sub(x->name, 0, x->name.n - 4));
    struct str below = str_from(native, w->early ? 0 : 8);             /* behind "uploads/" */
    if (!of || !velociraptor_key(l, below, false, &scratch, &key, &wrong))
        return true;
    /* A file of the server that happens to be called so: the list has it, and not as a map. */
    if (layout_rows_get(&w->up, key))
        return true;
    if (!layout_row_more(l, native)) {
        k->entries = LAYOUT_ROWS_MAX;                     /* no room for more of them */
        return true;
    }
    if (w->map_bytes >= l->limits->side) {
        if (!k->full)
            layout_note_add(l, native, "limit side: sparse maps are larger than this", "Files whose maps were not read are read as they are stored.");
        k->full = true;
        return layout_rows_add(&w->maps, l->keep, key, &row, e);
    }
    if (!velociraptor_key(l, str_sub(below, 0, below.n - 4), true, &scratch, &other, &wrong))
        other = str_sub(key, 0, key.n - 4);
    if (!layout_rows_get(&w->up, other))
        other = str_sub(key, 0, key.n - 4);
    return add_map(l, native, key, other, of->st.size_bytes, scratch, e);
}

static bool walk(struct layout *l, struct str dir, unsigned depth, struct look *k, struct arena scratch, struct err *e)
{
    struct os_entry *list = NULL;
    size_t           n    = 0;

    if (!layout_list(l, dir, &scratch, &list, &n))
        return true;                                   /* the hunt's own walk says so */
    for (size_t i = 0; i < n && k->entries < LAYOUT_ROWS_MAX; i++, k->entries++) {
        struct arena here = scratch;
        if (list[i].st.kind == OS_FILE && list[i].name.n > 4 && str_ends(list[i].name, STR(".idx")) && depth > 1 &&
            !one_idx(l, dir, list, n, &list[i], k, here, e))
            return false;
        if (list[i].st.kind != OS_DIR || depth > EV_DEPTH_MAX)
            continue;
        struct str down = layout_join(&here, dir, '/', list[i].name);
        if (!down.p)
            return err_set(e, ERR_MEMORY, "no room for a name below uploads");
        if (!walk(l, down, depth + 1, k, here, e))
            return false;
    }
    return true;
}

/* Which drives were collected? A shadow copy belongs to one of them, and it says so only when there is one. */
static void count_drives(struct layout *l, struct arena scratch)
{
    struct os_entry *accessor = NULL, *list = NULL;
    size_t           n = 0, m = 0;
    uint32_t         seen = 0;

    if (!layout_list(l, STR("uploads"), &scratch, &accessor, &n))
        return;
    for (size_t i = 0; i < n && i < 64; i++) {
        struct arena here = scratch;
        struct str   dir  = layout_join(&here, STR("uploads"), '/', accessor[i].name);
        if (accessor[i].st.kind != OS_DIR || !dir.p || !layout_list(l, dir, &here, &list, &m))
            continue;
        for (size_t k = 0; k < m && k < 4096; k++) {
            struct arena               one = here;
            struct velociraptor_volume v;
            struct str                 name, rest;
            const char                *wrong;
            if (list[k].st.kind == OS_DIR && velociraptor_key(l, list[k].name, false, &one, &name, &wrong) &&
                velociraptor_stated(name, &v, &rest) && !rest.n && v.letter)
                seen |= UINT32_C(1) << (v.letter - 'A');
        }
    }
    if (seen && (seen & (seen - 1)) == 0)
        l->work->only_letter = (uint8_t)('A' + __builtin_ctz(seen));
}

/* Early collections have no list that says which .idx is a map: every one beside its file is. */
static bool walk_early(struct layout *l, struct look *k, struct arena scratch, struct err *e)
{
    struct os_entry *top = NULL;
    size_t           n   = 0;
    bool             accessor;

    if (!layout_list(l, STR_EMPTY, &scratch, &top, &n))
        return true;
    for (size_t i = 0; i < n; i++)
        if (top[i].st.kind == OS_DIR && velociraptor_early_root(top[i].name, &accessor) && !walk(l, top[i].name, 2, k, scratch, e))
            return false;
    return true;
}

bool velociraptor_maps(struct layout *l, struct arena scratch, struct err *e)
{
    struct look k = { 0 };

    if (!l->work->early)
        count_drives(l, scratch);
    if (l->work->early && !walk_early(l, &k, scratch, e))
        return false;
    if (l->work->look && !walk(l, STR("uploads"), 0, &k, scratch, e))
        return false;
    if (k.entries >= LAYOUT_ROWS_MAX)
        layout_note_add(l, STR("uploads"), "limit: more entries than are searched for sparse maps", "Sparse files beyond are read as they are stored.");
    layout_rows_settle(&l->work->maps);
    layout_rows_settle(&l->work->sparse);
    return true;
}
