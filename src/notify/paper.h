/*
 * paper: letters and phone calls out of the same outbox: claimed, written to a folder once, and settled by what a person did with them.
 *
 * Shape    paper_write takes what is due of a channel (outbox_claim, as any sender), writes its stored bytes under `dir` as NAME (case, stage, notice: "2021-000123-first-17.pdf",
 *          ".txt" for phone sheets) with an index.csv, and leaves it handing over: a printed letter is not a posted one.
 * Once     1. The bytes go to NAME.part.  2. That the desk has it is committed (outbox_dot).  3. NAME.part becomes NAME, in one step of the kernel that refuses a name in use.
 *          Who dies before 2 leaves a part that nobody prints, and the notice is claimed again; who dies after it leaves a part that the next run into this folder gives its name. A file
 *          that was taken out of the folder is not written again. By a person's word it is (`again`): another name (NAME-copy-2), with a line of audit.
 * States   letter: posted (accepted; with the registered number), returned (bounced_hard), acknowledged. Call: reached_technical (acknowledged), reached_other (delivered), voicemail (accepted), no_answer
 *          (queued again, at most PAPER_CALLS), wrong_number (bounced_hard), refused (declined).
 * Lease    PAPER_LEASE_US while it is written. Then a day: the desk has it. Not settled by then: it is overdue in paper_under_way, and nobody else gets it (never a second letter by itself).
 * Test     on a test instance (only_to) names begin with "TEST-": its letters go to nobody.
 * Writes   into the folder given only, through os/ (no symbolic links followed), names made by us.
 * Commits  its own, several a notice. Stopped at any moment it goes on where it was.
 * Tables   notify_paper: where each was written last, and how often. notify_file: each place that it ever had, by the folder's own path (paper_erase.h).
 * Source   notification sheet, 5.3, 6.3.
 */
#ifndef NOTIFY_PAPER_H
#define NOTIFY_PAPER_H

#include "notify/outbox.h"

enum { PAPER_CALLS = 4 };
#define PAPER_LEASE_US (2 * TIME_MINUTE)
#define PAPER_DESK_US  TIME_DAY
enum paper_outcome { PAPER_POSTED, PAPER_RETURNED, PAPER_ACKNOWLEDGED, PAPER_REACHED_TECHNICAL, PAPER_REACHED_OTHER, PAPER_VOICEMAIL, PAPER_NO_ANSWER, PAPER_WRONG_NUMBER, PAPER_REFUSED, PAPER_OUTCOMES };
const char *paper_outcome_name(enum paper_outcome o);  /* "reached-technical" */
bool paper_outcome_find(struct str word, enum paper_outcome *ret);

struct paper_options {
    struct os *os;
    struct str owner, dir;
    enum contact_channel channel;  /* CONTACT_POST or CONTACT_PHONE */
    uint64_t   most;               /* 0: all that are due */
    int64_t    again;              /* this one once more, and no other; 0: none */
    struct str only_to;            /* of a test instance */
    void     (*step)(void *ctx, const char *what); void *step_ctx;     /* tests: called between the steps. NULL: nobody */
};
/* *ret_written: files that got their name, those of a run that died too. False: what was written until then stays, and is in *ret_written. */
bool paper_write(struct ledger *l, const struct paper_options *o, int64_t now_us, uint64_t *ret_written, struct err *e);
/*
 * at_us: when it was done, TIME_NONE: now. detail: a registered number, who was spoken to. In a transaction of its own, with a line of audit.
 * ERR_USAGE: the outcome is none of the notice's channel, it is not under way, or the time is before it was decided or in the future.
 */
bool paper_settle(struct ledger *l, int64_t notice, enum paper_outcome what, struct str detail, int64_t at_us, struct err *e);

/* What the desk has, oldest first: written, and nobody said yet what became of it. */
struct paper_row { int64_t notice, case_, since_us; enum contact_channel channel; struct str folder, name; bool overdue; };
bool paper_under_way(struct store *s, int64_t now_us, struct arena *a, struct paper_row **ret, size_t *ret_n, struct err *e);

#endif
