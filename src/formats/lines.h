/*
 * lines: bytes in, blocks of whole UTF-8 lines out.
 *
 * Shape    a pull reader over a fill function. Each block holds one or more whole lines (or, `dated`, whole rows: a line that
 *          does not start with "dddd-dd-dd", '#', or the bare header words "DateTime," "TimeStamp," "date-time," belongs to
 *          the row before it).
 * Text     gz is inflated, UTF-16 and Windows-1252 become UTF-8, a byte order mark goes. UTF-8 passes as it is, even invalid:
 *          the way out cleans it. NUL bytes are taken out and counted.
 * Bounds   LINES_ROW_MAX bytes a row: a longer one is cut there, the rest skipped, and counted in damage.
 *          An inflated size of more than LINES_RATIO_MAX times the input beyond the first 64 MiB ends the file with ERR_LIMIT.
 * Offsets  exact at the start of each block: a row that NUL bytes were taken out of is the last of its block. Encoding and gz
 *          are known after the first lines_next.
 * Errors   lines_next false with ERR_NONE: end. ERR_IO: the fill failed; blocks so far stand. ERR_FORMAT: the gz stream is
 *          damaged from here on; blocks so far stand. ERR_LIMIT as above.
 * Owner    the block lives until the next call. All memory from the arena given at open (about 4 * LINES_BLOCK).
 */
#ifndef FORMATS_LINES_H
#define FORMATS_LINES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/utf.h"

enum { LINES_BLOCK = 1 << 20, LINES_ROW_MAX = 1 << 20, LINES_RATIO_MAX = 1000 };

/* Fills buf; *ret_got == 0 means the end. */
typedef bool lines_fill(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);

struct lines_block {
    struct str text;            /* whole lines, '\n' between them; '\r' before '\n' is still there */
    uint64_t   offset;          /* of text, in bytes of the (inflated) file; exact for UTF-8, inside a block near for other encodings */
    uint64_t   line;            /* number of the first line, 1-based */
    uint64_t   records;         /* lines of it that start a record: with a digit when `dated`, else with anything but '#' */
};

struct lines_damage {
    uint64_t nul_bytes, long_rows, cut_last;   /* cut_last: the last line has no line end (1 or 0) */
    uint64_t first_offset;                     /* of the first damage; UINT64_MAX when there is none */
};

struct lines;
bool lines_open(struct lines **ret, struct arena *a, lines_fill *fill, void *ctx, bool dated, struct err *e);
bool lines_next(struct lines *l, struct lines_block *ret, struct err *e);
void lines_damage(const struct lines *l, struct lines_damage *ret);
enum utf_kind lines_encoding(const struct lines *l);
bool lines_was_gz(const struct lines *l);
void lines_close(struct lines *l);             /* releases zlib's state; accepts NULL */

/* Walks lines inside a block. False at the end. `ret` has no line end; *ret_at is its offset in text. */
bool lines_step(struct str text, size_t *pos, struct str *ret, size_t *ret_at);
/* The same by rows, as `dated` defines them: line ends inside a row stay, the last one goes. */
bool lines_row_step(struct str text, size_t *pos, struct str *ret, size_t *ret_at);
/* True when a line that begins with these bytes begins a row in a `dated` file. */
bool lines_row_starts(struct str line);
/* Line ends in a text. */
uint64_t lines_count(struct str text);
/* The same; *ret_records as in a block. The second is its portable code alone: tests compare the two. */
uint64_t lines_count_both(struct str text, bool dated, uint64_t *ret_records);
uint64_t lines_count_both_portable(struct str text, bool dated, uint64_t *ret_records);

#endif
