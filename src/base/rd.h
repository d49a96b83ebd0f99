/*
 * rd: the bounded reader. Nobody indexes evidence by hand.
 *
 * Rule 1   pos <= s.n, always.
 * Rule 2   a read that does not fit sets `bad` and gives zeros; `bad` sticks, so
 *          a whole header is read first and checked once.
 */
#ifndef BASE_RD_H
#define BASE_RD_H

#include "base/str.h"

struct rd {
    struct str s;
    size_t     pos;
    bool       bad;
};

bool       rd_has(struct rd *r, size_t n);        /* sets bad when fewer than n bytes are left */
uint8_t    rd_u8(struct rd *r);
uint16_t   rd_u16le(struct rd *r);
uint32_t   rd_u32le(struct rd *r);
uint64_t   rd_u64le(struct rd *r);
struct str rd_take(struct rd *r, size_t n);
void       rd_skip(struct rd *r, size_t n);
void       rd_seek(struct rd *r, size_t pos);     /* absolute; beyond the end sets bad */
static inline size_t rd_left(const struct rd *r) { return r->s.n - r->pos; }

#endif
