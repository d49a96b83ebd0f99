/*
 * verdict: from what was found to what it means. Pure decisions: no I/O, no clock, no printing.
 *
 * Definitions are those of the report's contract (docs/report-contract.md); each rule in the code names its paragraph.
 * Errors   ERR_MEMORY, ERR_LIMIT only: any evidence gives a verdict.
 */
#ifndef VERDICT_VERDICT_H
#define VERDICT_VERDICT_H

#include "verdict/report.h"

/* In: found, and the fields "known before the verdict". Out: everything else but the run part. */
bool verdict_make(struct report *r, const struct detected *found, struct arena *a, struct err *e);

/*
 * Between the two log passes: the clients, canaries and accounts that proven hits name and that deserve a pivot,
 * sorted and distinct. An address is only proposed; whether it is shared is decided after the pivot has counted its ordinary traffic.
 */
struct pivot { struct str_list clients, canaries; };
bool verdict_pivot(const struct detected *found, struct arena *a, struct pivot *ret, struct err *e);

#endif
