/*
 * privacy: what notices take out when an organisation is erased, and when time has passed. In the transaction of casework/privacy.h.
 *
 * Erasure  of the notices of its cases: contact, subject, mail provider and domain, answers, bytes, events' words; of its mail: sender, subject, excerpt, ticket. What was not sent yet is cancelled,
 *          also a merged notice that tells of it. Numbers, steps, times and Message-IDs stay, so that the figures do not change, and nothing is sent twice. The cache of look-ups goes whole.
 * Files    letters and call sheets in the desk's folders are marked in the transaction, and go after it: paper_erase.h.
 * Retain   bytes of messages by their own date (kept_until_us: 90 days), the hash stays; words of mail 365 days after it came; look-ups 30 days after they were good. Not of an organisation under
 *          legal hold.
 * Needs    notify_layer's tables: the verb brings them up to date before.
 * Source   notification sheet, 10.
 */
#ifndef NOTIFY_PRIVACY_H
#define NOTIFY_PRIVACY_H

#include "casework/privacy.h"

enum { NOTIFY_MAIL_DAYS = 365, NOTIFY_LOOKUP_DAYS = 30 };
extern const struct privacy_also notify_privacy;

/* What left the store, or came from outside, of an organisation: copies lie where this program does not reach. Numbers, also after its erasure. */
struct privacy_elsewhere { uint64_t mails, letters, calls, answers; };
bool notify_privacy_elsewhere(struct store *s, int64_t org, struct privacy_elsewhere *ret, struct err *e);

#endif
