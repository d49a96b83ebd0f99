/*
 * intruder_common: what of an intruder's traces everybody can have, so that it joins nobody: published keys and user agents, public tools.
 *
 * Shape    three places: the campaign's own pack (iocs.csv: keys of web shells, user agents), common.csv of the pack `survey`, which is for every campaign, and a table of the
 *          operator's (the same columns: kind, value, description, source). kind is a word of intruders.h.
 * Values   as features have them: hashes in lower case.
 * Errors   ERR_FORMAT with the line: a kind that nobody knows, an empty value, a hash that is none.
 * Owner    strings in the arena.
 * Source   report contract: published keys and user agents never join. The rows name theirs.
 */
#ifndef CASEWORK_INTRUDER_COMMON_H
#define CASEWORK_INTRUDER_COMMON_H

#include "casework/intruders.h"

struct intruder_common { enum intruder_feature kind; struct str value, why; };
enum { INTRUDER_COMMON_MAX = 100000 };

/* slug: of the campaign; one without an embedded pack has common.csv alone. more: text of the operator's table, or empty. */
bool intruder_common_load(struct str slug, struct str more, struct arena *a, struct intruder_common **ret, size_t *ret_n, struct err *e);

#endif
