/*
 * pattern_paths: may an expression take one text in so many ways that giving up takes for ever?
 *
 * Shape    MANY: somewhere in a repetition the same bytes lead back to the same place in two ways: "(a|a)+", "(.*x)+", "(\w|\d)*!". Each round
 *          doubles the ways, and a text that does not fit at its end makes all of them tried.
 * How      each byte or class is a position; the positions that may follow each other make a graph (Glushkov), and two walks through it that begin
 *          together, part, and meet again where they began are looked for (exponential ambiguity).
 * Not done "(a+)+" is one position to this graph: pattern_cost knows it. Loops of less than PATHS_LOOP rounds count as none; what ^, $, \b
 *          and look-around forbid is taken as allowed, back-references as anything.
 * Bounds   PATHS_POSITIONS, PATHS_STEPS. Beyond them, and with recursion, conditions or \Q: UNKNOWN. The match limits of pattern.h hold in any case.
 * Source   Weber and Seidl, "On the degree of ambiguity of finite automata", 1991, criterion EDA; Glushkov, 1961.
 */
#ifndef DETECT_PATTERN_PATHS_H
#define DETECT_PATTERN_PATHS_H

#include "base/str.h"

enum { PATHS_POSITIONS = 512, PATHS_STEPS = 20000000, PATHS_DEPTH = 64, PATHS_LOOP = 16 };

enum pattern_paths { PATHS_FEW, PATHS_MANY, PATHS_UNKNOWN };
enum pattern_paths pattern_paths(struct str text, bool fold, bool dot_all);

#endif
