/*
 * table: the CSV files of a pack, by RFC 4180.
 *
 * Shape    a header line, then rows; cells by column name. Cells with quotes are copied, others point into the text.
 * Bounds   TABLE_COLUMNS_MAX columns.
 * Errors   ERR_FORMAT with the line: a quote left open, a row with more or fewer cells than the header.
 * Not done other separators, evidence: this reads our own files and the operator's.
 */
#ifndef PACK_TABLE_H
#define PACK_TABLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { TABLE_COLUMNS_MAX = 32 };

struct table {
    struct str    rest;
    struct arena *a;
    struct str    name[TABLE_COLUMNS_MAX], cell[TABLE_COLUMNS_MAX];
    size_t        n;
    uint32_t      line, next_line;      /* of the current row, 1-based */
};

bool table_open(struct table *ret, struct arena *a, struct str text, struct err *e);
/* False with ERR_NONE: no more rows. */
bool table_next(struct table *t, struct err *e);
bool table_has(const struct table *t, const char *column);
struct str table_cell(const struct table *t, const char *column);     /* trimmed; empty when there is no such column */

#endif
