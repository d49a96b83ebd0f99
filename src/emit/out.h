/*
 * out: where text goes, and the doors through which it goes escaped.
 *
 * A sink buffers and remembers its first error: write a whole document, then check once with out_done.
 * Doors    json.h, csv.h, html.h, out_term below. Nothing else writes text from evidence.
 */
#ifndef EMIT_OUT_H
#define EMIT_OUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { OUT_BUFFER = 1 << 16 };

/* Takes the bytes somewhere: a file, a terminal, memory. */
typedef bool out_put(void *ctx, struct str s, struct err *e);

struct out {
    out_put   *put;
    void      *ctx;
    uint64_t   written;
    bool       failed;
    struct err err;               /* the first failure */
    size_t     n;
    uint8_t    buf[OUT_BUFFER];
};

void out_open(struct out *o, out_put *put, void *ctx);
void out_str(struct out *o, struct str s);                 /* raw bytes: our own constant text only */
void out_c(struct out *o, const char *c);
void out_fmt(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));  /* numbers and our own words only */
/* Evidence text for a terminal: valid UTF-8 without control and direction-changing characters (shown as \xNN, \uNNNN), at most max columns, "..." when cut; max 0: no limit. */
void out_term(struct out *o, struct str s, size_t max);
bool out_done(struct out *o, struct err *e);               /* flushes */

#endif
