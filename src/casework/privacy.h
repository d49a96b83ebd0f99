/*
 * privacy: the only ones who take something out of the ledger: erasure of one organisation, and retention.
 *
 * Erasure  of an organisation of the last update: the names, addresses and certificates of its servers, links, contacts, entries of lists that speak of it alone, reports' bytes and texts, nonces,
 *          reasons. Each server stays as a number, under a name of no domain ("s1.erased-17-0a1b2c3d.invalid"), with grades, times and country, so that the campaign's figures do not change
 *          when somebody leaves them; so do its cases. The survey's places of these servers get that name, too; words that nobody else has go.
 *          case_erased has a line for it, and the audit one, without a name. The board is blank of it at once; the next update works it out anew.
 * Stays    files of others that named it, outside this store; what the survey's own rows say beside names (times, builds, the number of the network's operator); the figures that were
 *          published. A record that comes in later names it anew: whom not to write to is suppress.h.
 * Also     layers above keep rows of organisations, too: what they take out goes in the same transaction (notify/privacy.h).
 * Hold     an organisation under legal hold is neither erased nor touched by retention.
 * Retain   contacts 12 months after the last proof of life; organisations all whose cases are closed, 12 months after (erased); rows that were refused, as they came, 180 days; the
 *          bytes of evidence 90 days, of which the hash stays.
 * Commits  one transaction each: it is done whole, or not at all. dry: everything is done and undone, so that its figures are true.
 * Errors   of the store; ERR_USAGE with the reason: a hold, no such organisation, no reason.
 * Source   notification sheet, 10. The periods are defaults of ours there, not of a law.
 */
#ifndef CASEWORK_PRIVACY_H
#define CASEWORK_PRIVACY_H

#include "casework/ledger.h"

/* `rows` counts up. NULL functions: nothing of theirs. */
struct privacy_also {
    bool (*erase)(struct ledger *l, int64_t org, uint64_t *rows, struct err *e);
    bool (*retain)(struct ledger *l, uint64_t *rows, struct err *e);
};
struct privacy_erased { uint64_t servers, cases, rows, contacts, links, bytes, mentions; };
/* also: may be NULL. */
bool privacy_erase(struct ledger *l, int64_t org, struct str why, const struct privacy_also *also, struct arena scratch, struct privacy_erased *ret, struct err *e);

bool privacy_held(struct store *s, int64_t org, bool *ret, struct err *e);
bool privacy_hold(struct ledger *l, int64_t org, struct str why, struct err *e);
bool privacy_release(struct ledger *l, int64_t org, struct str why, struct err *e);

enum { PRIVACY_CONTACT_DAYS = 365, PRIVACY_CLOSED_DAYS = 365, PRIVACY_RAW_DAYS = 180, PRIVACY_BYTES_DAYS = 90 };
struct privacy_retained { uint64_t contacts, organisations, raw, bytes, held /* organisations that would have gone */, also; };
bool privacy_retain(struct ledger *l, bool dry, const struct privacy_also *also, struct arena scratch, struct privacy_retained *ret, struct err *e);

#endif
