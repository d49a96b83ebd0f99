/*
 * own_rules: what the report says of the operator's own rules, from what the loaders said.
 *
 * Order    files that were left out when listed, then Sigma, then YARA, each in the loader's order: the same folder gives the same list.
 * Bounds   OWN_RULES_MAX are listed, the others counted.
 * Owner    the arena; texts are the loaders'.
 */
#ifndef CLI_OWN_RULES_H
#define CLI_OWN_RULES_H

#include "detect/rules_dir.h"
#include "detect/sigma.h"
#include "detect/yara.h"
#include "verdict/report.h"

enum { OWN_RULES_MAX = 1000 };

/* from: how many refused Sigma rules are the pack's. NULL: no room. */
const struct own_rules *own_rules_tell(const struct rules_dir *d, const struct sigma *s, size_t from, const struct yara *y, struct arena *a);

#endif
