/*
 * rows: bytes in, one record after the other out, of any size of file, in bounded memory: lines, or the objects of a JSON array.
 *
 * Shape    a window over formats/source (gz inflated, UTF-16 and Windows-1252 decoded, byte order mark gone). A row is a view of the window.
 * Kinds    ROWS_LINES: up to the line end, which is taken off ("\r\n" as well). rows_extend adds the next line to the row (a CSV cell with a line end in
 *          it), rows_back gives all but its first line back.
 *          ROWS_OBJECTS: each {...} of "[{...},{...}]", of objects one behind the other, or laid out over lines. What stands between them but white
 *          space, ',', '[', ']' is a broken row up to the line end. A line end inside a string cannot be: the object ends there, broken.
 * Bounds   row_max bytes a row: a longer one is given as broken with its head, and the reader goes on at the next line. ROWS_DEPTH levels of an object.
 * Broken   row.broken says why, constant texts; row.text is then the head of it.
 * Lines    row.line is where the row begins, from 1.
 * Errors   rows_why after the end: as source_why. What was whole before it was given; a row that the break cut is broken.
 * Owner    the row lives until the next call. Memory: row_max + 1 MiB of address space from the arena, touched as far as rows are long.
 */
#ifndef FORMATS_ROWS_H
#define FORMATS_ROWS_H

#include "formats/lines.h"

enum { ROWS_HEAD = 64 << 10, ROWS_DEPTH = 128, ROWS_EXTEND_MAX = 1000 };
enum rows_kind { ROWS_LINES, ROWS_OBJECTS };

struct rows_row {
    struct str  text;
    uint64_t    line;
    const char *broken;            /* NULL: whole */
};

extern const char rows_too_long[], rows_cut[], rows_no_object[], rows_line_in_string[], rows_too_deep[];

struct rows;
bool rows_open(struct rows **ret, struct arena *a, size_t row_max, lines_fill *fill, void *ctx, struct err *e);
/* What the text begins with: ROWS_HEAD bytes, or all of a shorter one. Before the first row. */
struct str rows_head(struct rows *r);
bool rows_next(struct rows *r, enum rows_kind kind, struct rows_row *ret);     /* false: the end */
bool rows_extend(struct rows *r, struct rows_row *row);    /* false: no further line, or too long; the row stays */
void rows_back(struct rows *r, struct rows_row *row);
/* The next bytes as they come, whatever kind: for a parser that takes pieces (XML). At most cap. Empty: the end. */
struct str rows_piece(struct rows *r, size_t cap);
const struct err *rows_why(const struct rows *r);
bool rows_was_gz(const struct rows *r);
void rows_close(struct rows *r);                           /* accepts NULL */

#endif
