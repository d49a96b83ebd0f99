/*
 * report_nonce: is a report the answer to one of our cases?
 *
 * Shape    the case that it names, or for which it was handed in, gave out its nonce before the hunt ran; the nonce holds now; and the server is not known as another
 *          organisation's than the case's: a victim has the nonce of his own case, and could say with it that a stranger's server is clean. Servers that several use, and
 *          those that nobody knows yet, are let be.
 * Answer   *ret_case: the case, 0 when it is none, and *ret_why says why, a constant text.
 * Errors   of the store; ERR_MEMORY.
 * Not done a server that becomes known as another's later: casework/update has to look again.
 */
#ifndef CASEWORK_REPORT_NONCE_H
#define CASEWORK_REPORT_NONCE_H

#include "casework/ledger.h"
#include "casework/report_read.h"

/* handed: the case for which it was handed in; 0: none was said. */
bool report_nonce(struct store *s, const struct hunt_report *r, int64_t handed, int64_t now_us, struct arena scratch, int64_t *ret_case, const char **ret_why, struct err *e);

#endif
