/*
 * correlate: Sigma's temporal_ordered correlation over the statements of single rules.
 *
 * A chain holds when each rule's statement follows the one before it within the rule's time span and the group-by fields agree.
 * Works on folded statements: either end of one counts as its time.
 */
#ifndef DETECT_CORRELATE_H
#define DETECT_CORRELATE_H

#include "detect/hits.h"

bool correlate(struct hits *h, const struct sigma *sigma, struct err *e);

#endif
