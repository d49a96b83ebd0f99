/*
 * case_pack: a campaign of casework from a campaign of the program: title, dates and build group come from its pack.
 */
#ifndef CLI_CASE_PACK_H
#define CLI_CASE_PACK_H

#include "cli/case_data.h"

/* What the pack of this name says. *ret_there false: the program has none. Strings in the run's arena. */
bool case_pack_read(struct cli *c, struct str slug, struct case_campaign *ret, bool *ret_there, struct err *e);
/* The embedded pack `slug` as a campaign of the ledger, in a transaction of its own, with a line of audit; again: title and dates are brought up to date. ERR_USAGE: no such pack. */
bool case_pack_add(struct case_data *d, struct str slug, struct case_campaign *ret, struct err *e);
/* The campaign that is meant. slug empty: the only one there is; where there is none at all, the program's own is added. Strings in the run's arena. */
bool case_pack_need(struct case_data *d, struct str slug, struct case_campaign *ret, struct err *e);

#endif
