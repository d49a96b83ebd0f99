/*
 * term: what the operator sees while waiting, and whether colour is wanted.
 *
 * Colour   only on a terminal, and not when NO_COLOR is set (no-color.org) or TERM is "dumb".
 * Progress on stderr, at most four times a second, silent when stderr is no terminal or `quiet`. One line: what, bytes of
 *          bytes, rate, time left. Cleared when done.
 * Threads  term_progress_add may be called from any thread.
 */
#ifndef OS_TERM_H
#define OS_TERM_H

#include "os/os.h"

#include <stdatomic.h>
#include <stdio.h>

bool     term_is_tty(FILE *f);
bool     term_colour(FILE *f);
uint32_t term_width(FILE *f);          /* columns; 80 when unknown */

struct term_progress {
    bool             on;
    const char      *what;             /* "reading logs"; plain ASCII, ours */
    uint64_t         total_bytes, since_us;
    _Atomic uint64_t done_bytes, drawn_us;
    struct os       *os;
};

void term_progress_start(struct term_progress *p, struct os *os, bool quiet, const char *what, uint64_t total_bytes);
void term_progress_add(struct term_progress *p, uint64_t bytes);
void term_progress_end(struct term_progress *p);
/* The line that would be drawn, for tests: elapsed microseconds given. */
void term_progress_line(const struct term_progress *p, uint64_t elapsed_us, char *buf, size_t cap);

#endif
