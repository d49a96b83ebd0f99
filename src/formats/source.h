/*
 * source: the bytes of a text file as UTF-8: inflated when they are gz, decoded when they are UTF-16 or Windows-1252.
 *
 * Shape    source_start once, for the head and what it tells; then source_read until *ret_ended.
 * Text     UTF-8 passes as it is, even invalid, and so do NUL bytes: lines.h deals with them.
 * Bounds   LINES_RATIO_MAX (lines.h). Both calls want room for SOURCE_ROOM bytes.
 * Errors   source_why after the end: ERR_NONE when the file simply ended; ERR_IO, ERR_FORMAT (gz), ERR_LIMIT (gz ratio).
 *          What was read before it stands.
 * Owner    all memory from the arena at open, zlib's too; source_close ends zlib's state.
 * Source   RFC 1952 (gz: members may follow one another; padding with zeros is common).
 */
#ifndef FORMATS_SOURCE_H
#define FORMATS_SOURCE_H

#include "formats/lines.h"

enum { SOURCE_ROOM = 128 << 10 };

struct source;
bool source_open(struct source **ret, struct arena *a, lines_fill *fill, void *ctx, struct err *e);
/* Puts the head of the text into buf. *ret_offset: where in the inflated file the text begins, behind a byte order mark. */
size_t source_start(struct source *s, uint8_t *buf, uint64_t *ret_offset, bool *ret_ended);
/* Zero bytes only at the end. */
size_t source_read(struct source *s, uint8_t *buf, size_t cap, bool *ret_ended);
enum utf_kind source_kind(const struct source *s);
bool source_gz(const struct source *s);
const struct err *source_why(const struct source *s);
void source_close(struct source *s);
/* Does a gz stream that gave `out` bytes for `in` look like a bomb? */
bool source_over_ratio(uint64_t in, uint64_t out);

#endif
