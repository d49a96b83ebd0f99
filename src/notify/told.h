/*
 * told: the facts of one notice, gathered from the board for compose.h.
 *
 * Shape    told_begin once a run (campaign, pack); told_read for the cases that are spoken of next; then told_gather for each notice: the servers of its case that may be told of, worst first, then newest
 *          evidence; the nonce that was given (an empty one where the path is the intruder's). A notice for many cases is gathered case by case; whoever merges keeps each server with its case's name.
 * May tell only what its sources allow: RED and AMBER+STRICT without a release open a case but are not told, and neither is what has an unknown label (sheet, 10). A server whose
 *          back door may not be told, but whose open flaw may, is told as vulnerable. What the survey saw is the team's own: AMBER. A server's label is the strictest of what it tells; the
 *          notice's is the strictest of its servers', AMBER at least.
 * Finding  of a server: relapsed; back door (there now) with or without its fix; open to the flaw; clean. Suspicions, removed back doors and mitigated servers are none of these.
 *          A closing notice (FINDING_CLEAN) tells the clean servers, every other one those that are not.
 * Minimal  of a notice with `minimal` nothing of the servers is gathered at all: what is not there cannot leak.
 * Provider no paths: they are for those whose server it is, and for CSIRTs. The steps of a hunt are for technicians alone.
 * Rev      told_rev: SHA-256 over servers and classes of finding, sorted: the content_rev of the key. A new text is no new notice; a new server is.
 * Sure     0..100 from the grade of the evidence (8.4): A 99, B 95, C 75, D 40. Our own judgement.
 * Speed    20,000 notices a second or two: a set of TOLD_SET cases costs as few statements as one case. (AP_TOLD=20000 of notify/told measures it.)
 * Owner    strings in the arenas of told_read and told_gather: what was gathered lives no longer than its set. The run lives in the arena of told_begin.
 * Bounds   100,000 servers of a case; what is beyond them is not told.
 * Errors   of the store.
 */
#ifndef NOTIFY_TOLD_H
#define NOTIFY_TOLD_H

#include "notify/compose.h"

struct told_run;
bool told_begin(struct told_run **ret, struct store *s, const struct case_campaign *campaign, const struct pack *p, struct arena *a, struct err *e);
/* Cases, and the contacts (contact_id) of notices about them. No contacts: for told_finding and told_rev alone. */
enum { TOLD_SET = 256 };
struct told_ask { const int64_t *case_; size_t case_n; const int64_t *contact; size_t contact_n; };
struct told_set;
bool told_read(struct told_run *r, const struct told_ask *ask, struct arena *a, const struct told_set **ret, struct err *e);
/* n: its case is in the set; case_, org, channel, contact, contact_id, audience, finding, minimal, message_id are read. Without a contact it is for told_rev only: servers, and no more. nonce: empty where
 * the team gives none. */
bool told_gather(struct told_run *r, const struct told_set *set, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e);
void told_rev(const struct told *t, struct arena scratch, uint8_t ret[32]);
/* What a case's servers amount to, as far as may be told, worst first: FINDING_RELAPSED, FINDING_PATCHED_BACKDOORED ... FINDING_VULNERABLE where nothing may be told; then told_gather gives no servers. */
enum notice_finding told_finding(const struct told_set *set, int64_t case_);
/* "TLP:AMBER": the strictest of the notice's and its servers'. */
struct str told_label(const struct told *t);

#endif
