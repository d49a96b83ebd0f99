/*
 * csvcells: the cells of a CSV row with any one-byte separator, for rows of millions.
 *
 * Shape    offsets into the row, so that the row may be lengthened and moved while it is parsed: a quoted cell that is open at the line end goes on in the
 *          next line (formats/rows.h: rows_extend). A cell that begins with a quote ends at the next single one; doubled ones inside stand for one.
 *          A quote anywhere else is an ordinary byte. Bytes between a closing quote and the separator make the row odd: the cell is given as it stands.
 * Bounds   cells beyond `cap` are counted in n, not kept; rows of 4 GiB.
 * Owner    csv_text gives a view of the row; only a cell with doubled quotes is copied, to the arena (.p == NULL: it is full).
 * Source   RFC 4180.
 */
#ifndef FORMATS_CSVCELLS_H
#define FORMATS_CSVCELLS_H

#include "base/arena.h"
#include "base/str.h"

struct csv_cell { uint32_t from, to; };      /* to: with CSV_DOUBLED when quotes in it are doubled */
#define CSV_DOUBLED UINT32_C(0x80000000)

struct csv_cells {
    struct csv_cell *cell;
    size_t  cap, n;
    uint8_t sep;
    bool    odd;
    /* Inner: where parsing goes on. */
    size_t  at, scan;
    bool    open, doubled;
};

/* cell: room for `cap`. */
void csv_begin(struct csv_cells *c, struct csv_cell *cell, size_t cap, uint8_t sep);
/* row: as before, or longer. False: a quoted cell is open at its end. `last`: nothing follows; the cell then runs to the end, and the row is odd. */
bool csv_parse(struct csv_cells *c, struct str row, bool last);
struct str csv_text(const struct csv_cells *c, struct str row, size_t i, struct arena *a);
/* The separator that a header line was written with: of ",;\t|" the one that stands in it most often outside quotes; ',' when there is none. */
uint8_t csv_separator(struct str header);

#endif
