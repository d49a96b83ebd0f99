/*
 * spans: what was read of a family: covered intervals of time, sorted, disjoint, joined when closer than SPAN_JOIN.
 *
 * Bounds   SEEN_SPANS_MAX intervals; one more joins its nearest neighbour (coverage then looks fuller than it is by one hole; that takes a
 *          server with thousands of holes, and such a one is `partly` all the same).
 */
#ifndef DETECT_SPANS_H
#define DETECT_SPANS_H

#include "detect/finding.h"

bool spans_add(struct seen *s, struct arena *keep, struct span one, struct err *e);

/* One more damaged file of a family, for logs and files alike; beyond SEEN_DAMAGE_MAX it is counted. `what` lives as long as `keep`. */
bool seen_damaged(struct seen *s, struct arena *keep, uint32_t node, struct str what, uint64_t kept, struct err *e);

#endif
