/*
 * hits: where matched records become statements: folded, bounded, in order.
 *
 * Rule 1   two records are one statement when everything a reader would be told is equal (rule, family, client, page, outcome ...)
 *          and less than HIT_GAP lies between them.
 * Rule 2   an address that asks for many different pages and gets nothing (3xx, 4xx) is one statement after HITS_PAGES_MAX pages:
 *          its url becomes empty. What was answered 2xx or 5xx is never folded that way.
 * Rule 3   `max` statements, and none that would leave less than `reserve` bytes in `keep`: what comes later needs room as well, and
 *          an intruder decides how many different requests there are. Beyond either they are counted in `more`.
 * Rule 4   an indicator of the operator's that fits much is told HITS_PAGES_MAX times; what follows is one statement, of nobody in particular.
 * Owner    texts are interned in `keep`.
 */
#ifndef DETECT_HITS_H
#define DETECT_HITS_H

#include "base/map.h"
#include "detect/finding.h"

enum { HITS_PAGES_MAX = 24 };

struct hits {
    struct arena *keep;
    struct hit   *item;
    size_t        n, cap, max;
    size_t        reserve;      /* bytes of `keep` that are not ours */
    uint64_t      more;
    struct map    text;         /* interned strings */
    struct map    open;         /* folding key -> newest statement of that key */
    struct map    pages;        /* client -> number of different pages it asked in vain */
};

/* Adds one record's statement (count 1) or one folded elsewhere. False: memory. */
bool hits_push(struct hits *h, const struct hit *one, struct err *e);

#endif
