/*
 * inbox: what comes back, told apart and moved to where it belongs.
 *
 * Shape    inbox_read takes the bytes of one message and says what it is; nothing is stored. inbox_take does that, and moves notice, contact and case in one transaction; the same
 *          message twice changes nothing (SHA-256 of its bytes).
 * Kinds    sheet, 5.4. Tried in this order: DSN, MDN, ARF, backscatter (a token that fails its HMAC), auto-reply, ticket robot, bounce without DSN, human.
 * Truth    human reply > failed DSN > delivered DSN > auto-reply > SMTP 250; state.h folds it so.
 * Bounds   those of mail_parts.h; INBOX_RECIPIENTS_MAX recipients of a DSN; more is cut, and told.
 * Hostile  nothing of a message reaches a terminal or a page unescaped; attachments are stored by hash at most, never opened; a report.json in it goes the way of `case import`.
 * Source   RFC 3464, 3463, 6522, 6533, 5965, 3834, 8098.
 */
#ifndef NOTIFY_INBOX_H
#define NOTIFY_INBOX_H

#include "notify/outbox.h"

enum { INBOX_RECIPIENTS_MAX = 64, INBOX_TOKENS_MAX = 8, INBOX_EXCERPT = 600 };
enum inbox_kind { INBOX_DSN, INBOX_MDN, INBOX_COMPLAINT, INBOX_AUTO_REPLY, INBOX_TICKET, INBOX_BOUNCE_UNPARSED, INBOX_BACKSCATTER, INBOX_HUMAN, INBOX_FOREIGN /* not about us */, INBOX_KINDS };
const char *inbox_kind_name(enum inbox_kind k);

enum dsn_action { DSN_FAILED, DSN_DELAYED, DSN_DELIVERED, DSN_RELAYED, DSN_EXPANDED };
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

struct inbox_done { enum inbox_kind kind; int64_t notice, case_; struct str what; bool known; };
bool inbox_take(struct ledger *l, struct str bytes, int64_t now_us, struct arena *a, struct inbox_done *ret, struct err *e);

#endif
