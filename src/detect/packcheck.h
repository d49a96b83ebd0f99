/*
 * packcheck: everything that is wrong with a pack folder, for `pack check DIR`.
 *
 * Shape    one problem for each file that cannot be used (by the pack's own readers) and one for each rule that cannot be evaluated, for each YARA file that does not compile, for
 *          correlations that name no rule, for two rules of one name or id, for indicator patterns that are no expressions, and for
 *          expected evidence that no family has.
 *          Sorted by file, then in the order of the file.
 * Errors   false: the folder cannot be read, or memory is full. Problems are no error.
 * Owner    everything lives in the arena.
 */
#ifndef DETECT_PACKCHECK_H
#define DETECT_PACKCHECK_H

#include "detect/sigma.h"
#include "pack/pack.h"

struct packcheck {
    struct pack          pack;        /* as far as it could be read */
    size_t               rules;       /* usable ones */
    size_t               yara_rules;  /* the same of YARA's */
    struct pack_problem *problem;
    size_t               problem_n;
};

bool packcheck_dir(struct packcheck *ret, struct arena *a, struct os *os, struct str dir, struct err *e);

#endif
