/*
 * out_mem: a sink that keeps the text in an arena; for tests and for pieces that become one cell of something larger.
 *
 *     struct out_mem m = { .a = &scratch };
 *     out_open(&o, out_mem_put, &m);  ...  out_done(&o, e);  out_mem_str(&m)
 *
 * Bounds   the arena. Doubles as it grows, so up to three times the text is used.
 * Owner    the text lives in the arena.
 */
#ifndef EMIT_OUT_MEM_H
#define EMIT_OUT_MEM_H

#include "emit/out.h"

struct out_mem {
    struct arena *a;
    uint8_t      *p;
    size_t        n, cap;
};

bool out_mem_put(void *ctx, struct str s, struct err *e);
static inline struct str out_mem_str(const struct out_mem *m) { return (struct str){ m->p, m->n }; }

#endif
