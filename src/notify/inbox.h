/*
 * inbox: what comes back, told apart and moved to where it belongs.
 *
 * Shape    inbox_read takes the bytes of one message and says what it is; nothing is stored. inbox_take does that, and moves notice, contact and case in one transaction; the same
 *          message twice changes nothing (SHA-256 of its bytes).
 * Kinds    sheet, 5.4. Tried in this order: DSN, MDN, ARF, backscatter (a token that fails its HMAC), auto-reply, ticket robot, bounce without DSN, human.
 * Truth    notice_truth of state.h: human reply > complaint > failed DSN > delivered DSN > auto-reply > SMTP 250. Whatever comes first, the end is the same: each word is recorded, the row
 *          moves to the truest. What a person of the team decided (wrong recipient, declined) no message undoes.
 * Contact  no such user or domain: dead, for all campaigns. Any other failure but policy: it rests (LADDER_RESTS). Policy (5.7.x) is our own fault first: the notice is bounced_soft, its
 *          provider hears nothing more from us for an hour after three, or when it is more than one in a hundred of the wave: inbox_alarms tells which. Complaint: suppressed.
 *          An answer of any kind is proof of life: the contact is stated anew, as of now, where its last proof is older than INBOX_PROOF_US.
 * Minimal  a reply to a notice whose mail path may be the intruder's proves that somebody reads there, and no more: delivered, and a case worker calls back by another path.
 * Report   a report.json in a message that is about a notice goes the way of `case import`, for that notice's case: graded by its nonce. Not when nobody knows whose it is.
 * Person   what a case worker must look at is open in notify_inbox (inbox_done closes it): human replies, bounces in words, mails
 *          with a report, and what a person writes that names a case ("2021-000123") without anything that ties it to a notice. "Wrong recipient" and "declined" are
 *          decided by a person only: inbox_decide.
 * Bounds   those of mail_parts.h; INBOX_RECIPIENTS_MAX recipients of a DSN; more is cut, and told.
 * Hostile  nothing of a message reaches a terminal or a page unescaped; attachments are stored by hash at most, never opened.
 * Memory   a message with a report: REPORT_ROOM (report_in.h) beside its own bytes; without, about three times its bytes.
 * Source   RFC 3464, 3463, 6522, 6533, 5965, 3834, 8098; notification sheet, 5.4. The hour, one in a hundred and three are the sheet's.
 */
#ifndef NOTIFY_INBOX_H
#define NOTIFY_INBOX_H

#include "notify/outbox.h"

enum { INBOX_RECIPIENTS_MAX = 64, INBOX_TOKENS_MAX = 8, INBOX_EXCERPT = 600, INBOX_TICKET = 60, INBOX_WHY = 320 };
#define INBOX_PROOF_US (30 * TIME_DAY)
enum inbox_kind { INBOX_DSN, INBOX_MDN, INBOX_COMPLAINT, INBOX_AUTO_REPLY, INBOX_TICKET_ROBOT, INBOX_BOUNCE_UNPARSED, INBOX_BACKSCATTER, INBOX_HUMAN, INBOX_FOREIGN /* not about us */, INBOX_KINDS };
const char *inbox_kind_name(enum inbox_kind k);

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_DELIVERED, DSN_RELAYED, DSN_EXPANDED };
/* status: as stated; where that is no more than "5.0.0", the one that the diagnostic holds. */
struct dsn_recipient { struct str final, original, diagnostic, remote_mta; enum dsn_action action; uint16_t status[3]; int64_t last_attempt_us, retry_until_us; };
struct inbox_mail {
    enum inbox_kind kind;
    struct str sender, subject, message_id, excerpt, ticket, envelope_id, reporting_mta;
    int64_t    date_us;
    struct str token[INBOX_TOKENS_MAX]; size_t token_n;            /* of addresses it came to: nobody has checked them yet */
    struct str answers;                                /* In-Reply-To, else the last of References; without <> */
    struct str returned_id;                            /* Message-ID of the message that came back */
    struct dsn_recipient *rcpt; size_t rcpt_n;
    struct str feedback_type, original_rcpt;           /* ARF */
    struct str report;                                 /* bytes of an attached report.json; empty: none */
    bool       cut;
};
bool inbox_read(struct str bytes, struct arena *a, struct inbox_mail *ret, struct err *e);

struct inbox_done {
    enum inbox_kind kind;
    int64_t notice, case_;         /* 0: about none */
    struct str what;               /* in words */
    bool    known, open;           /* seen before; a person must look at it */
    bool    has_report; char report_refused[INBOX_WHY];      /* empty: taken, now or before */
};
bool inbox_take(struct ledger *l, struct str bytes, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e);
/* Asks only: was a message of these bytes taken, and must a person still look at it? */
bool inbox_known(struct store *s, struct str bytes, bool *ret_known, bool *ret_open, struct err *e);

/* A person looked at it. In a transaction of its own, with a line of audit. ERR_USAGE: no such message, or done already. */
bool inbox_close(struct ledger *l, int64_t id, struct str why, struct err *e);
/* A person's word about a notice that was sent: NOTICE_ACKNOWLEDGED, NOTICE_WRONG_RECIPIENT (its contact is not this organisation's) or NOTICE_DECLINED. A transaction of its own. */
bool inbox_decide(struct ledger *l, int64_t notice, enum notice_step what, struct str why, struct err *e);

/* Waves of which more than one in a hundred came back for policy (5.7.x): our own fault first. Newest first, at most `cap`. */
struct inbox_alarm { int64_t wave, campaign, policy, notices; struct str last; };
bool inbox_alarms(struct store *s, struct arena *a, struct inbox_alarm *ret, size_t cap, size_t *ret_n, struct err *e);
/* The number that the robot of this contact point gave this case, for the subject of what follows; empty: none. In the arena. */
bool inbox_ticket(struct store *s, int64_t case_, struct str contact, struct arena *a, struct str *ret, struct err *e);

#endif
