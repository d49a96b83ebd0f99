/*
 * search_few: a few short texts found with vector shuffles. Private to search.c.
 *
 * Each text lies in one of eight buckets and is looked for by a window of at most three of its bytes: two table look-ups a byte
 * (low and high nibble) give the buckets whose windows fit there, 32 places at a time. What is left is compared whole by the caller.
 * Source   the "Teddy" scheme of Hyperscan (Wang et al., NSDI 2019, section on shift-or matching).
 */
#ifndef BASE_SEARCH_FEW_H
#define BASE_SEARCH_FEW_H

#include "base/str.h"

enum { FEW_MAX = 48, FEW_BUCKETS = 8, FEW_WINDOW = 3 };

struct search_few {
    size_t  n;                                  /* 0: none */
    uint8_t lo[FEW_WINDOW][16], hi[FEW_WINDOW][16];
    struct { int32_t text; uint8_t bucket, off; } at[FEW_MAX];
};

/* off: where in the text the window starts; a text shorter than the window has 0. Text is folded. */
void search_few_add(struct search_few *f, int32_t text, struct str s, size_t off);
/* Whether this processor can run it. */
bool search_few_able(void);
/* Calls `maybe` with each place in [from, to) where windows of `buckets` fit; places up to 31 after `to` may come as well. */
typedef void search_few_maybe(void *ctx, size_t place, uint8_t buckets);
void search_few_run(const struct search_few *f, struct str in, size_t from, size_t to, search_few_maybe *maybe, void *ctx);

#endif
