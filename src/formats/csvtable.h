/*
 * csvtable: a table with a header, of any size: the header once, then one row after the other.
 *
 * Rule 1   a row with more or fewer cells than the header is broken: its values may stand in the wrong columns. Empty cells beyond the header are no harm.
 * Rule 2   a cell with a line end in it goes on in the next line. Where that leads nowhere (no closing quote, bytes behind it), only the first line is
 *          broken, and the next is read as a row of its own.
 * Rule 3   empty lines, Excel's "sep=;" before the header, and the header once more (files put one behind the other) are passed over.
 * Bounds   CSV_TABLE_CELLS cells of a row; of a wider header only so many are looked at.
 * Owner    a row lives until the next call. The struct is large: on the heap or in an arena.
 */
#ifndef FORMATS_CSVTABLE_H
#define FORMATS_CSVTABLE_H

#include "formats/csvcells.h"
#include "formats/rows.h"

enum { CSV_TABLE_CELLS = 512 };

struct csv_table {
    struct rows     *rows;
    struct csv_cells cells;        /* of the present row, or of the header */
    struct csv_cell  cell[CSV_TABLE_CELLS];
    size_t           width;
    struct str       header;       /* a copy */
};

/* The header into ret; its cells are t->cells. False: there is none (the file is empty), its line is broken (ret->broken), or the arena is full (ret->broken NULL, text not empty). */
bool csv_table_open(struct csv_table *t, struct rows *rows, struct arena *a, struct rows_row *ret);
/* False: the end. *ret_why: NULL, or why the row is broken. */
bool csv_table_next(struct csv_table *t, struct rows_row *ret, const char **ret_why);
/* Of the present row; as csv_text. */
static inline struct str csv_table_text(const struct csv_table *t, const struct rows_row *row, size_t i, struct arena *a) { return csv_text(&t->cells, row->text, i, a); }

/* The name of a column as names are compared: letters and digits in lower case. False: longer than any that is known. */
enum { CSV_NAME_MAX = 32 };
bool csv_name_fold(struct str name, char ret[CSV_NAME_MAX], size_t *ret_n);
/* The next item of a map "ip=addr,build=ver". Without a '=' the column is empty. False: the end. */
bool csv_map_next(struct str *rest, struct str *ret_field, struct str *ret_column);

#endif
