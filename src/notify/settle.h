/*
 * settle: what became of a message that nobody can know of, from the MTA's own log.
 *
 * Shape    settle_open with the Message-IDs in doubt; settle_file for each log, oldest first; settle_answer for each of them.
 * Taken    a message counts as taken when its queue id is seen in the queue (Postfix: qmgr's "from=<" or "removed", a delivery's "status="); the id alone is written while the data still comes, and
 *          proves nothing. Exim: "<=" with "id=". OpenSMTPD: "smtp message" with "msgid=" is not written by default and cannot be settled so.
 * Absent   only when the log reaches from before the attempt to OUTBOX_ABSENT_US after it, without the id as taken. Else SETTLE_UNSEEN: a person decides.
 * Times    RFC 3339, or "Mar  6 14:02:11" without year and zone: the year that makes it fall before now; zone_s as given, with an hour to spare for summer time.
 * Bounds   lines by lines.h; SETTLE_MAX ids; SETTLE_QUEUE_MAX queue ids remembered, then SETTLE_UNSEEN for what is not found.
 * Hostile  log lines hold what senders wrote: only whole fields at their places count, and a Message-ID is compared in full.
 */
#ifndef NOTIFY_SETTLE_H
#define NOTIFY_SETTLE_H

#include "formats/lines.h"
#include "notify/outbox.h"

enum { SETTLE_MAX = 1 << 16, SETTLE_QUEUE_MAX = 1 << 18 };
struct doubt { int64_t notice; struct str message_id; int64_t dot_us; };
enum settle_word { SETTLE_UNSEEN, SETTLE_TAKEN, SETTLE_ABSENT };

/* absent_us: OUTBOX_ABSENT_US; spare_us: what a log without zones may be off by, TIME_HOUR; zone_s: its seconds east of UTC. */
struct settle_rules { int64_t now_us, absent_us, spare_us; int32_t zone_s; };

struct settle;
bool settle_open(struct settle **ret, struct arena *a, const struct doubt *d, size_t n, const struct settle_rules *rules, struct err *e);
/* room: another one than the arena of settle_open, about 8 MiB; free again afterwards. */
bool settle_file(struct settle *s, lines_fill *fill, void *ctx, struct arena room, struct err *e);
enum settle_word settle_answer(const struct settle *s, size_t i, struct str *ret_queue_id);

/* The notices in doubt, from the store; then the answers into it, in one transaction each. */
bool settle_doubts(struct store *s, struct arena *a, struct doubt **ret, size_t *ret_n, struct err *e);
struct settled { uint64_t taken, absent, unseen; };
bool settle_apply(struct ledger *l, const struct settle *s, const struct doubt *d, size_t n, int64_t now_us, struct settled *ret, struct err *e);

#endif
