/* outbox_inner: what the files of the outbox share. Only outbox*.c includes it. */
#ifndef NOTIFY_OUTBOX_INNER_H
#define NOTIFY_OUTBOX_INNER_H

#include "notify/outbox.h"
#include "store/bind.h"

/* A notice takes a step: its row, its line in notify_event, and the fact in its case. In the caller's transaction. */
struct step { enum notice_step to; uint32_t attempt; int code; struct str detail; int64_t at_us; };
bool outbox_step(struct ledger *l, int64_t notice, const struct step *x, struct err *e);
/* The same without moving the row: what came back, and something truer had come before. */
bool outbox_tell(struct ledger *l, int64_t notice, const struct step *x, struct err *e);

/* "SELECT <these> FROM notify_notice n ..." gives a notice by notice_read. */
#define NOTICE_COLUMNS "n.id, n.campaign, n.case_id, n.org, n.wave, n.contact_id, n.inherited_from, n.stage, n.channel, n.audience, n.finding, n.contact, n.language, n.subject, " \
                       "n.bucket, n.domain, n.content_rev, n.rev, n.minimal, n.override_, n.priority, n.date_us, n.not_before_us, n.give_up_us, n.message_id, n.token"
bool notice_read(struct store_stmt *st, struct arena *a, struct notice *ret, struct err *e);

/* Written to a folder for people (paper.h): no mail provider's pace holds it back, and what the desk has is not in doubt. */
static inline bool outbox_on_paper(enum contact_channel c) { return c == CONTACT_POST || c == CONTACT_PHONE; }
#define ON_PAPER "channel IN (1, 2)"         /* the same in a statement */
_Static_assert(CONTACT_PHONE == 1 && CONTACT_POST == 2, "ON_PAPER says so");

/* Three buckets of a notice: all, its MX provider, its domain. */
bool outbox_spend(struct ledger *l, const struct notice *n, const struct outbox_rates *r, int64_t now_us, struct err *e);
bool outbox_learn(struct ledger *l, const struct notice *n, const struct handed *h, struct err *e);
/* Its provider (or domain, where the provider is not known) hears nothing from us for an hour. */
bool outbox_rest(struct ledger *l, const struct notice *n, int64_t now_us, struct err *e);

#endif
