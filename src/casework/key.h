/*
 * key: what ties a server to its owner, and how much each kind of it is worth.
 *
 * Shape    a kind is the way in which somebody came to know it; its class says what the value is. Values of one class are compared whatever the
 *          kind: the domain of a certificate and the domain of a reverse name are one key when they are equal, with two weights.
 * Values   register, VAT, LEI: "scheme:number" ("vat:DE123456789"); two numbers contradict each other only within one scheme.
 *          constituency: "list:entry". Domains: registrable ones as A-labels; who gives them knows the public suffix list, this does not.
 *          cert_org: O of a certificate that a public authority vouched for (OV, EV), never of one that the server signed itself.
 * Units    weight 0..100. Two servers share a key by the lower of their two weights.
 * Source   notification sheet, 2.1: weights are its own. Placeholder names: defaults of OpenSSL's and mod_ssl's request dialogues.
 */
#ifndef CASEWORK_KEY_H
#define CASEWORK_KEY_H

#include "base/arena.h"
#include "base/str.h"

enum org_key {
    ORG_REGISTER, ORG_CONSTITUENCY, ORG_CERT_ORG, ORG_CERT_DOMAIN, ORG_EXCHANGE_NAME, ORG_MX, ORG_NETWORK, ORG_PTR, ORG_HOLDER, ORG_INTERNAL,
    ORG_KEYS
};
enum org_class { ORG_IS_REGISTER, ORG_IS_ENTRY, ORG_IS_NAME, ORG_IS_DOMAIN, ORG_IS_NETWORK, ORG_IS_HOLDER, ORG_IS_INTERNAL, ORG_CLASSES };

struct org_kind { const char *name, *about; uint8_t weight; enum org_class is; };
extern const struct org_kind org_kinds[ORG_KEYS];
const char *org_class_name(enum org_class c);          /* "register", "constituency", "organisation", "domain", ... */
bool org_kind_find(struct str name, enum org_key *ret); /* "cert_domain" */

/*
 * The form in which values are compared: domains and internal names in lower case without the last dot; numbers in capitals, letters and digits only behind
 * the scheme; names with single blanks, in lower case, and the country of the certificate behind a NUL, because two countries may each have
 * a "Stadtwerke". The value itself where it already has that form. False: nothing to compare by: empty, longer than ORG_VALUE_MAX, a number or an
 * entry without its scheme, a domain without a dot, a placeholder such as "Internet Widgits Pty Ltd". *ret is untouched then, and when the arena is full.
 */
enum { ORG_VALUE_MAX = 256 };
bool org_key_clean(enum org_key kind, struct str value, const char country[3], struct arena *a, struct str *ret);
/* "vat" of "vat:DE123456789", the list of an entry; empty for other classes. */
struct str org_key_scheme(enum org_class is, struct str clean);

/*
 * A reverse name that an access provider made up from the address, such as "host-192-0-2-7.isp.example": it tells nobody's name. True when the
 * labels before the registrable domain hold all octets of an IPv4 address (in either order, with or without zeros in front, or as
 * eight hex digits) or sixteen hex digits of an IPv6 one, or its last octet beside a word such as "dyn", "pool" or "dsl".
 */
bool org_ptr_default(struct str name, const uint8_t ip[16]);

#endif
