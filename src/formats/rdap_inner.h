/* rdap_inner: what the readers of RDAP and WHOIS share: when a text is data at all, and what an address or a number is. */
#ifndef FORMATS_RDAP_INNER_H
#define FORMATS_RDAP_INNER_H

#include "formats/rdap.h"

/* Words in place of data: "REDACTED FOR PRIVACY". */
bool rdap_taken_away(struct str s);
/* Kept in the contact when it is an address: by pref (lowest first), then as it came; prefs: those of the ones that are there. Else counted in `refused`, or marked as redacted. */
void rdap_email(struct rdap *r, struct rdap_contact *c, struct str value, int64_t pref, int64_t prefs[RDAP_EACH_MAX], struct arena *a);
/* "tel:+999-555-0100;ext=1", "+999 555 0100": '+' and digits. */
void rdap_phone(struct rdap *r, struct rdap_contact *c, struct str value, struct arena *a);

#endif
