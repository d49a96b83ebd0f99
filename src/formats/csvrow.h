/*
 * csvrow: rows of the Exchange CSV family, and its header lines. The layer that exchange.c and ecp.c share.
 *
 * Shape    cells parted by commas. A cell that begins with a double quote ends at the next single one; doubled quotes inside
 *          stand for one; commas and line breaks inside belong to the cell. A quote anywhere else is an ordinary byte.
 * Header   "#Fields: a,b, c", or the bare list of names: a line whose first cell is DateTime, TimeStamp or date-time, or that
 *          repeats the names in force. Either may come at any place and change the columns.
 * Bounds   RECORD_COLUMNS_MAX cells; what follows stays in one piece as the last cell, and the row is damaged.
 * Errors   as log_kind.parse. Damaged rows are records: an open quote (the cell runs to the end), bytes behind a closing
 *          quote (the cell is given as it stands), too few cells.
 * Owner    cells are views into the row; only a cell with doubled quotes is copied, to the scratch arena.
 * Source   RFC 4180; the evidence sheet's section 2 for what Exchange does to it.
 */
#ifndef FORMATS_CSVROW_H
#define FORMATS_CSVROW_H

#include "formats/record.h"

/* One cell off *rest (.p == NULL once the row is used up). Sets *damaged, never clears it. False: scratch is full. */
bool csvrow_cell(struct str *rest, struct arena *scratch, struct str *ret, bool *damaged);

bool csvrow_header(struct log_state *s, struct str line);
bool csvrow_parse(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e);
bool csvrow_time(const struct log_state *s, struct str line, int64_t *ret);

/* Is this the name of the column that holds a row's time? */
bool csvrow_time_name(struct str name);

extern const char *const csvrow_header_literal[];

#endif
