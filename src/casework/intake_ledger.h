/*
 * intake_ledger: where the items of an intake go: into the ledger, in batches.
 *
 * Shape    intake_ledger_open for one file whose row ledger_file_begin has made; its sink for intake_read; intake_ledger_close. A transaction is under way from
 *          the first to the last: the caller's ledger_begin before, ledger_commit after; in between it is committed every INTAKE_BATCH items, so that a file that is cut
 *          off (kill -9) has kept what was whole, and reading it once more completes it and doubles nothing.
 * Source   of each item; the TLP of a source is the strictest that was ever said of it: a feed does not become public because one row forgot to say so. Likewise it is
 *          releasable only when every row of it said so.
 * Cases    a statement of a case is one of each server that the case had at the last update; of a case that does not exist it is refused.
 * Errors   of the ledger. ERR_USAGE: this row is refused, the rest goes on.
 */
#ifndef CASEWORK_INTAKE_LEDGER_H
#define CASEWORK_INTAKE_LEDGER_H

#include "casework/intake.h"

enum { INTAKE_BATCH = 500000, INTAKE_SOURCES = 256, INTAKE_SEEN_BYTES = 48 << 20 };

struct intake_ledger;
/* source: of rows that name none; its tlp for rows that say none. The arena lives as long; at least INTAKE_SEEN_BYTES and some more. */
bool intake_ledger_open(struct intake_ledger **ret, struct arena *a, struct ledger *l, int64_t campaign, int64_t file, const struct case_source *source, struct err *e);
struct intake_sink intake_ledger_sink(struct intake_ledger *i);

/* 0 CLEAR .. 4 RED; -1: none of them. */
int intake_tlp_rank(struct str tlp);

#endif
