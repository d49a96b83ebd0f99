/*
 * mailaddr: the shape of a mail address, as strictly as a machine must see it that will write to it.
 *
 * Shape    LOCAL@DOMAIN. LOCAL: a dot-string, or a quoted string, of ASCII. DOMAIN: two labels or more; A-labels in lower case come out, whatever went in.
 * Bounds   local 64, domain 253, all 254 octets.
 * Refused  each with its reason: address literals ("user@[192.0.2.1]"), comments, source routes, letters beyond ASCII before the '@' (RFC 6531: not every
 *          server takes them), display names ("Name <a@b.example>"; mailaddr_next takes these off).
 * Owner    views of the text, or texts in the arena.
 * Not done whether anybody is there.
 * Source   RFC 5321, 4.1.2 and 4.5.3.1; errata 1690 (254).
 */
#ifndef FORMATS_MAILADDR_H
#define FORMATS_MAILADDR_H

#include "base/arena.h"
#include "base/str.h"

enum { MAILADDR_MAX = 254, MAILADDR_LOCAL_MAX = 64 };

struct mailaddr { struct str all, local, domain; };   /* all: local@domain, the domain as it is compared */

/* False: *ret_why is a constant text. */
bool mailaddr_parse(struct str s, struct arena *a, struct mailaddr *ret, const char **ret_why);

/*
 * The next of several in one text, parted by ',', ';' or blanks, each perhaps with "mailto:", angle brackets or a display name before these. False: nothing is left.
 * *ret is what stands there, to be parsed; it may be no address.
 */
bool mailaddr_next(struct str *rest, struct str *ret);

#endif
