/* Side files: bytes within bounds, and rows of CSV. */
#include "evidence/layout_inner.h"

#include "base/utf.h"
#include "formats/csvrow.h"

#include <string.h>

enum { PIECE = 1 << 20 };

static bool is_missing(const struct err *why) { return why->kind == ERR_IO && str_ihas(str_c(why->what), STR("no such")); }

bool layout_slurp(struct layout *l, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    struct os_file f   = OS_FILE_NONE;
    struct err     why = { 0 };
    uint64_t       size, max = l->limits->side;
    bool           ok     = false;
    struct str     native = layout_join(a, l->top, '/', below);

    *ret = STR_EMPTY;
    if (!native.p)
        return err_set(e, ERR_MEMORY, "no room for the name of a side file");
    if (!l->os->open(l->os, l->root, native, &f, &size, &why)) {
        if (!is_missing(&why))
            layout_note_add(l, below, "side file that cannot be read", "The collection is read without it: paths, times or the server's name may be less exact.");
        return true;
    }
    if (size > arena_room(a) / 2) {
        layout_note_add(l, below, "side file that does not fit into memory", "Its rest is ignored. Hunt this collection by itself.");
        size = arena_room(a) / 2;
    }
    if (size > max) {
        layout_note_add(l, below, "limit side: a side file is larger than this", "Its rest is ignored. Raise it with --limits side=... and hunt again.");
        size = max;
    }
    size_t   got = 0, step;
    uint8_t *p   = size < SIZE_MAX ? TAKE(a, uint8_t, (size_t)size + 1) : NULL;
    if (!p) {
        err_set(e, ERR_MEMORY, "no room for %llu bytes of a side file", (unsigned long long)size);
        goto out;
    }
    while (got < size) {
        size_t want = size - got < PIECE ? (size_t)(size - got) : PIECE;
        if (!l->os->read_at(l->os, f, got, p + got, want, &step, &why)) {
            layout_note_add(l, below, "side file read in part", "It is damaged behind the part that was read. Compare with the original collection.");
            break;
        }
        got += step;
        if (step < want)
            break;
    }
    struct str     text = { p, got };
    size_t         skip = 0;
    enum utf_kind  kind = utf_guess(str_sub(text, 0, 4096), &skip);
    text = str_from(text, skip);
    if (kind == UTF_16LE || kind == UTF_16BE) {
        text = utf_to8(a, text, kind);
        if (!text.p) {
            err_set(e, ERR_MEMORY, "no room for the text of a side file");
            goto out;
        }
    }
    *ret = (struct str){ text.p ? text.p : p, text.n };
    ok   = true;
out:
    l->os->close(l->os, &f);
    return ok;
}

bool layout_row_more(struct layout *l, struct str file)
{
    if (arena_room(l->keep) < l->floor_bytes) {
        layout_note_add(l, file, "rows of side files do not fit into memory", "The rest of them is ignored. Hunt this collection by itself.");
        return false;
    }
    if (l->row_n < LAYOUT_ROWS_MAX) {
        l->row_n++;
        return true;
    }
    layout_note_add(l, file, "limit: more rows of side files than are read", "Rows beyond 500,000 are ignored: files they speak of are placed by their names alone.");
    return false;
}

/* ---- CSV ---- */

/* The quote that closes the cell whose quote stands at `open`; STR_NONE when there is none within LAYOUT_LINE_MAX bytes. */
static size_t closing(struct str s, size_t open)
{
    size_t max = s.n - open > LAYOUT_LINE_MAX ? open + LAYOUT_LINE_MAX : s.n;

    for (size_t k = open + 1; k < max; k++) {
        if (s.p[k] != '"')
            continue;
        if (k + 1 == s.n || s.p[k + 1] != '"')
            return k;
        k++;
    }
    return STR_NONE;
}

/* Where this row ends: at a line end outside quotes. A quote that nothing closes does not hold a row open. */
static size_t row_end(struct str s, bool *ret_damaged)
{
    bool start = true;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n')
            return i;
        if (start && s.p[i] == '"') {
            size_t close = closing(s, i);
            if (close == STR_NONE)
                *ret_damaged = true;
            else
                i = close;
            start = false;
            continue;
        }
        start = s.p[i] == ',';
    }
    return s.n;
}

static bool take_row(struct layout_csv *c, struct arena *a, struct str *cell, size_t *ret_n, bool *ret_damaged, struct err *e)
{
    size_t     end = row_end(c->rest, ret_damaged), n = 0;
    struct str row = str_sub(c->rest, 0, end);

    c->rest = end < c->rest.n ? str_from(c->rest, end + 1) : STR_EMPTY;
    *ret_n  = 0;
    if (row.n && row.p[row.n - 1] == '\r')
        row.n--;
    if (str_trim(row).n == 0)
        return true;
    if (row.n > LAYOUT_LINE_MAX) {
        *ret_damaged = true;
        return true;
    }
    while (row.p && n < LAYOUT_CELLS_MAX)
        if (!csvrow_cell(&row, a, &cell[n++], ret_damaged))
            return err_set(e, ERR_MEMORY, "no room for a cell of a side file");
    *ret_damaged = *ret_damaged || row.p;
    *ret_n       = n;
    return true;
}

bool layout_csv_open(struct layout_csv *ret, struct str file, struct str text, struct arena *a, struct err *e)
{
    bool damaged = false;

    memset(ret, 0, sizeof *ret);
    ret->file = file;
    ret->rest = text;
    while (ret->rest.n && ret->name_n == 0)
        if (!take_row(ret, a, ret->name, &ret->name_n, &damaged, e))
            return false;
    for (size_t i = 0; i < ret->name_n; i++)
        ret->name[i] = str_trim(ret->name[i]);
    return true;
}

bool layout_csv_next(struct layout *l, struct layout_csv *c, struct arena *row, struct err *e)
{
    while (c->rest.n && c->name_n) {
        bool damaged = false;
        if (!take_row(c, row, c->cell, &c->cell_n, &damaged, e))
            return false;
        if (c->cell_n == 0 && !damaged)
            continue;
        if (!layout_row_more(l, c->file)) {
            c->rest = STR_EMPTY;
            break;
        }
        c->bad += damaged || c->cell_n < c->name_n;
        if (c->cell_n == 0)
            continue;
        c->rows++;
        return true;
    }
    if (c->bad)
        layout_note_add(l, c->file, "rows of a side file are damaged", "What was whole is used. Compare with the original collection.");
    c->bad = 0;
    *e     = (struct err){ 0 };
    return false;
}

bool layout_csv_each(struct layout *l, struct str file, struct arena scratch, layout_csv_row *take, struct err *e)
{
    struct layout_csv csv;
    struct str        text;

    if (!layout_slurp(l, file, &scratch, &text, e))
        return false;
    if (!text.p)
        return true;
    if (!layout_csv_open(&csv, file, text, &scratch, e))
        return false;
    for (;;) {
        struct arena row = scratch;
        if (!layout_csv_next(l, &csv, &row, e))
            return e->kind == ERR_NONE;
        if (!take(l, &csv, row, e))
            return false;
    }
}

struct str layout_csv_get(const struct layout_csv *c, struct str name)
{
    for (size_t i = 0; i < c->name_n && i < c->cell_n; i++)
        if (str_ieq(c->name[i], name))
            return c->cell[i];
    return STR_EMPTY;
}
