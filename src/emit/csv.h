/*
 * csv: rows of text for spreadsheets and importers; one of the doors for evidence.
 *
 * Shape    RFC 4180: CRLF rows, a cell is quoted when it holds a quote, comma, CR, LF or blank at an edge.
 * Text     valid UTF-8; bad bytes and control characters other than TAB, CR, LF become U+FFFD (NUL stops many readers).
 * Safe     with `safe`, a cell that begins with = + - @ TAB or CR gets an apostrophe before it, so that a spreadsheet takes it as
 *          text and not as a formula (OWASP, "CSV injection"); so do the full-width signs and LF. Characters that change the direction
 *          of text or cannot be seen are spelled out ("\u202E"), as on the terminal. Numbers written by csv_i64 stay numbers.
 * Errors   those of the sink.
 */
#ifndef EMIT_CSV_H
#define EMIT_CSV_H

#include "emit/out.h"

struct csv {
    struct out *o;
    bool        safe;
    bool        filled;                /* the row has a cell already */
};

void csv_open(struct csv *c, struct out *o, bool safe);
void csv_cell(struct csv *c, struct str s);
void csv_u64(struct csv *c, uint64_t v);
void csv_i64(struct csv *c, int64_t v);
void csv_end(struct csv *c);           /* of the row */

#endif
