/*
 * heirs: what a case inherits from cases that it was a part of, or that became a part of it (case_heir).
 *
 * Rules    1. From a case that still is: its notices, as far as they were recorded before the heir became a case of its own; so a split after a notice does not send it
 *             twice. What was said to the other half since then is not said to this one.
 *          2. From a case that is no more: notices, contacts, answers and escalations, at any time. Never what a person decided of it: a part is not the whole.
 *          3. The same through several cases, one from the other: the earliest parting on the way holds.
 * Errors   of the store; ERR_MEMORY.
 * Source   notification sheet, 2.2; rules 2 and 3 are ours.
 */
#ifndef CASEWORK_HEIRS_H
#define CASEWORK_HEIRS_H

#include "casework/state.h"
#include "store/store.h"

struct heirs_case { int64_t id, opened_us; bool is; };         /* is: still a case */
struct heirs_pair { uint32_t case_, from; };                   /* indices of cases; sorted */
struct heirs { struct heirs_case *cases; size_t case_n; struct heirs_pair *pair; size_t pair_n; };
/* Without any `is`. */
bool heirs_load(struct heirs *ret, struct store *s, struct arena *a, struct err *e);
/* NULL: no such case. */
struct heirs_case *heirs_find(const struct heirs *h, int64_t id);

struct heirs_from { int64_t from; bool part; int64_t until_us; };      /* part: rule 1, until then */
/* All that a case inherits from, near and far. In the arena. */
bool heirs_of(const struct heirs *h, const struct heirs_case *heir, struct arena *a, struct heirs_from **ret, size_t *ret_n, struct err *e);
/* Does a fact of that case (not of its servers) go to the heir? */
bool heirs_get(const struct heirs_from *x, const struct fact *f);

#endif
