/*
 * pattern_cost: expressions that take time without end on a text that does not fit.
 *
 * Shape    true for a group that is repeated without bound while all it holds may be repeated or left out: "(a+)+", "([a-z]*\s?)*". Each way
 *          to share the text among the rounds is tried, twice as many for each byte.
 * Not done other shapes, as "(a|a)+" or "(.*x)+": pattern_paths.h.
 */
#ifndef DETECT_PATTERN_COST_H
#define DETECT_PATTERN_COST_H

#include "base/str.h"

enum { PATTERN_COST_DEPTH = 64 };

bool pattern_runs_away(struct str text);

#endif
