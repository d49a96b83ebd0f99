/*
 * suppress: whom not to write to. Kept as SHA-256 only, so that the list itself names nobody.
 *
 * Value    a mail address in lower case throughout, with its domain as A-labels; or a domain: then everybody below it. Case before the '@' is folded on
 *          purpose: better to spare one too many.
 * Scope    "all", or a word such as a campaign's name or "reminders": the sender asks for the scopes that concern it; "all" always does.
 * Hash     SHA-256 over "afterpatch-suppress", a NUL and the value.
 * Source   notification sheet, 10.
 */
#ifndef CASEWORK_SUPPRESS_H
#define CASEWORK_SUPPRESS_H

#include "casework/ledger.h"

/* False: neither an address nor a domain. */
bool suppress_hash(struct str value, uint8_t ret[32]);
/* In a transaction of the ledger; written to the audit with the hash. Known already: nothing. *ret_new may be NULL. */
bool suppress_add(struct ledger *l, struct str value, struct str scope, struct str why, bool *ret_new, struct err *e);
/* Is this address, or a domain that it is below, on the list for this scope or for all? *ret_why: in the arena; may be NULL. */
bool suppress_has(struct store *s, struct str address, struct str scope, struct arena *a, bool *ret, struct str *ret_why, struct err *e);

/* The same for many addresses: the list as it stands, in memory. */
struct suppress_row { uint8_t hash[32]; struct str scope; };
struct suppress_list { struct suppress_row *row; size_t n; };
bool suppress_load(struct store *s, struct arena *a, struct suppress_list *ret, struct err *e);
bool suppress_listed(const struct suppress_list *l, struct str address, struct str scope);

#endif
