/*
 * sectxt: security.txt, whom a site wants told of security problems.
 *
 * Shape    sectxt_read takes the bytes of the file and judges them as RFC 9116 does; what is wrong is named, not hidden. Contacts come in the file's order of preference.
 * Signed   an OpenPGP cleartext frame is taken off first, dash escapes undone; the signature is not checked here, and a key that the file names proves nothing.
 * State    SECTXT_VALID; SECTXT_EXPIRED: not to be used by a machine; SECTXT_LOOSE: no Expires, two of them, or contacts that are no URIs: to be used with less trust. SECTXT_NONE: no contact.
 * Bounds   SECTXT_BYTES_MAX bytes: longer ones are read so far and `cut`. SECTXT_CONTACTS_MAX contacts, SECTXT_LIST_MAX other fields each.
 * Not done fetching, and what the host is worth: a compromised host can serve a forged file.
 * Owner    views of the text, or in the arena.
 * Source   RFC 9116; RFC 9580, 7 (cleartext).
 */
#ifndef FORMATS_SECTXT_H
#define FORMATS_SECTXT_H

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum { SECTXT_BYTES_MAX = 32 << 10, SECTXT_CONTACTS_MAX = 32, SECTXT_LIST_MAX = 16 };
enum sectxt_state { SECTXT_NONE, SECTXT_LOOSE, SECTXT_EXPIRED, SECTXT_VALID };
enum sectxt_way { SECTXT_MAIL, SECTXT_PHONE, SECTXT_WEB };

struct sectxt_contact { enum sectxt_way way; struct str value /* address, number or https URL */; bool loose; /* no URI as the standard wants it */ };
struct sectxt {
    enum sectxt_state state;
    const char *why;                   /* the first thing that is wrong; NULL: nothing */
    struct sectxt_contact contact[SECTXT_CONTACTS_MAX]; size_t contact_n;
    int64_t    expires_us;             /* TIME_NONE: not said, or twice */
    struct str language[SECTXT_LIST_MAX]; size_t language_n;       /* RFC 5646 tags; their order says nothing */
    struct str encryption[SECTXT_LIST_MAX]; size_t encryption_n;   /* URIs: https:, dns:, openpgp4fpr: */
    struct str canonical[SECTXT_LIST_MAX]; size_t canonical_n;
    struct str policy;
    bool       is_signed, cut;
};
/* False: no memory. fetched: the URL it came from, for Canonical; empty: not known. */
bool sectxt_read(struct str text, struct str fetched, int64_t now_us, struct arena *a, struct sectxt *ret);

#endif
