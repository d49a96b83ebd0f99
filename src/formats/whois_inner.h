/* whois_inner: what the parts of whois.h know of each other. whois.c reads objects and RPSL, whois_forms.c ARIN's answers and those of domains. */
#ifndef FORMATS_WHOIS_INNER_H
#define FORMATS_WHOIS_INNER_H

#include "formats/rdap_inner.h"
#include "formats/whois.h"

enum { WHOIS_KEY_MAX = 64 };
bool whois_pair(struct str line, struct str *ret_key, struct str *ret_value);
/* first..last lies within what is there, or nothing is. */
bool whois_closer(const uint8_t first[16], const uint8_t last[16], const struct rdap *than);
void whois_country(struct rdap *r, struct str s);
/* One more line of an address. */
void whois_line(struct str *to, struct str more, struct arena *a);
/* NULL: no memory. One too many gives the last. */
struct rdap_contact *whois_push(struct rdap *r, const struct rdap_contact *c, struct arena *a, size_t *cap, struct err *e);

bool whois_arin(struct str text, struct str asked, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e);
bool whois_domain(struct str text, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e);

#endif
