/*
 * spans: covered intervals of time, sorted, disjoint, joined when closer than SPAN_JOIN.
 *
 * Bounds   SEEN_SPANS_MAX intervals; one more joins its nearest neighbour (coverage then looks fuller than it is by one hole; that takes a
 *          server with thousands of holes, and such a one is `partly` all the same).
 */
#ifndef DETECT_SPANS_H
#define DETECT_SPANS_H

#include "detect/finding.h"

bool spans_add(struct seen *s, struct arena *keep, struct span one, struct err *e);

#endif
