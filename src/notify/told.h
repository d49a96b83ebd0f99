/*
 * told: the facts of one notice, gathered from the board for compose.h.
 *
 * Shape    told_begin once a run (campaign, pack, settings), told_gather for each notice: the servers of its case that its audience may hear of, newest evidence first; the steps to take by
 *          finding; the nonce (only where the path is not the intruder's).
 * May tell only what its sources allow: RED and AMBER+STRICT without a release open a case but are not told (sheet, 10). The label of a notice is the strictest of what it tells.
 * Minimal  of a notice with `minimal` nothing of the servers is gathered at all: what is not there cannot leak.
 * Provider servers of all its customers that it operates, or whose line it holds; never one customer to another.
 * Rev      told_rev: SHA-256 over servers and classes of finding, sorted: the content_rev of the key. A new text is no new notice; a new server is.
 * Speed    20,000 notices a few seconds: statements are prepared once.
 * Owner    strings in the arena given to told_gather.
 * Errors   of the store.
 */
#ifndef NOTIFY_TOLD_H
#define NOTIFY_TOLD_H

#include "notify/compose.h"

struct told_run;
bool told_begin(struct told_run **ret, struct store *s, const struct case_campaign *campaign, const struct pack *p, struct arena *a, struct err *e);
void told_end(struct told_run *r);
/* n: case_, org, audience, finding, minimal, language, contact_id, stage are read. nonce: empty where the team gives none. */
bool told_gather(struct told_run *r, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e);
void told_rev(const struct told *t, struct arena scratch, uint8_t ret[32]);
/* What a case's servers amount to, worst first: FINDING_RELAPSED, FINDING_PATCHED_BACKDOORED ... */
bool told_finding(struct told_run *r, int64_t case_, enum notice_finding *ret, struct err *e);

#endif
