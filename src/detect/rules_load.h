/*
 * rules_load: a user's Sigma rules, compiled beside the pack's.
 *
 * Shape    every Sigma file of a rules_dir is read and added to `s` with own = false. A rule says in its custom field `afterpatch` what a match
 *          means; without it a match is for review.
 * Elsewhere  a rule for logs that no Exchange server writes as text costs nothing and is `refused` with `elsewhere`.
 * Refused  what Sigma or the bounds refuse, in words; also a correlation that names no rule here, and an expression that could take for ever.
 * Bounds   RULES_KEEP_MAX bytes of compiled rules, RULES_FAMILY_MAX rules for one kind of log, SIGMA_* and RULES_*.
 * Errors   false: a file cannot be read any more, memory, or more rules than SIGMA_RULES_MAX.
 * Owner    `keep`; expressions until sigma_close. `scratch` must hold one file and its tree.
 */
#ifndef DETECT_RULES_LOAD_H
#define DETECT_RULES_LOAD_H

#include "detect/rules_dir.h"
#include "detect/sigma.h"

enum { RULES_KEEP_MAX = 96 << 20, RULES_FAMILY_MAX = 8000 };

bool rules_load_sigma(struct sigma *s, const struct rules_dir *d, struct os *os, struct arena *keep, struct arena scratch, struct err *e);

/* Does the rule try a regular expression? Then matching it runs under the limits of pattern.h. */
bool rules_has_pattern(const struct sigma_rule *r);

/* Is there no text log of ours that the rule speaks of, and why? For sigma.unfit. */
bool rules_unfit(const struct sigma_rule *r, char why[SIGMA_WHY_MAX]);

#endif
