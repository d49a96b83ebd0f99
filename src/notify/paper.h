/*
 * paper: letters and phone calls out of the same outbox: claimed, written to a folder once, and settled by what a person did with them.
 *
 * Shape    paper_write takes what is due of a channel (outbox_claim, as any sender), writes its stored bytes under `dir` as NAME (case, stage, notice: "2021-000123-first-17.pdf",
 *          ".txt" for phone sheets) with an index.csv, and leaves it handing over: a printed letter is not a posted one. The same notice is written to one folder once; written again only by
 *          `again`, with a line of audit.
 * States   letter: posted (accepted; with the registered number), returned (bounced_hard), acknowledged. Call: reached_technical (acknowledged), reached_other (delivered), voicemail (accepted), no_answer
 *          (queued again, at most PAPER_CALLS), wrong_number (bounced_hard), refused (declined).
 * Lease    a day: the desk has it. Not settled by then: it is listed as open, and nobody else gets it (never a second letter by itself).
 * Writes   into the folder given only, through os/ (no symbolic links followed), names made by us.
 * Source   notification sheet, 5.3.
 */
#ifndef NOTIFY_PAPER_H
#define NOTIFY_PAPER_H

#include "notify/outbox.h"

enum { PAPER_CALLS = 4 };
enum paper_outcome { PAPER_POSTED, PAPER_RETURNED, PAPER_ACKNOWLEDGED, PAPER_REACHED_TECHNICAL, PAPER_REACHED_OTHER, PAPER_VOICEMAIL, PAPER_NO_ANSWER, PAPER_WRONG_NUMBER, PAPER_REFUSED, PAPER_OUTCOMES };
const char *paper_outcome_name(enum paper_outcome o);  /* "reached-technical" */
struct paper_options { struct os *os; struct str owner, dir; enum contact_channel channel; uint64_t most; bool again; struct str only_to; };
bool paper_write(struct ledger *l, const struct paper_options *o, int64_t now_us, uint64_t *ret_written, struct err *e);
/* at_us: when it was done, TIME_NONE: now. detail: a registered number, who was spoken to. ERR_USAGE: the outcome is none of the notice's channel, or it is not under way. */
bool paper_settle(struct ledger *l, int64_t notice, enum paper_outcome what, struct str detail, int64_t at_us, struct err *e);

#endif
