/*
 * runs: stretches of text in bytes of any kind, ASCII and UTF-16LE, in order.
 *
 * Shape    a run is `min` or more printable characters in a row; TAB, CR and LF count, since scripts have them. A UTF-16 run begins with an
 *          ASCII character and goes on with any other character but controls and surrogates: names are not all Latin.
 * Units    offsets and lengths are bytes of the input.
 * Bounds   work is linear in the input; a run is cut at RUNS_TEXT_MAX bytes, the rest of it is another run.
 * Errors   none: any bytes give some runs or none.
 * Owner    views into the input. Nothing here allocates but runs_text.
 * Not done big-endian UTF-16, UTF-8 beyond ASCII.
 */
#ifndef FORMATS_RUNS_H
#define FORMATS_RUNS_H

#include "base/arena.h"
#include "base/str.h"

enum { RUNS_TEXT_MAX = 32 << 10 };

struct run { size_t off, n; bool wide; };

/* The next run at or behind *pos, which moves behind it. False: there is no more. */
bool runs_next(struct str in, size_t *pos, size_t min, struct run *ret);
/* Its text as UTF-8: the bytes themselves, or a copy in the arena. .p == NULL: arena full. */
struct str runs_text(struct arena *a, struct str in, struct run r);

#endif
