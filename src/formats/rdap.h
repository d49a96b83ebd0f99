/*
 * rdap: who answers for a network, an AS number or a domain, from an RDAP answer.
 *
 * Shape    rdap_read takes one JSON answer: what it is about, and every contact in it: an entity, nested ones too, with its roles and what its jCard says. Nothing is chosen here.
 * Nested   entities inside entities, RDAP_DEPTH_MAX levels; an entity is visited once by its handle. A contact below an entity of the role "registrar" is the registrar's desk: `registrars`.
 *          Roles of an entity without roles are those of none: RDAP_NO_ROLE.
 * jCard    fn, kind, org (text or list), email, tel (text or uri; "tel:" and ";ext=" taken off; fax left out), adr (the label, else its seven parts as lines), lang; several emails each,
 *          by `pref`, then as they come.
 * Redacted RFC 9537: names and addresses that are put in place of what was taken away ("replacementValue") set `redacted`; words such as "REDACTED FOR PRIVACY" are never data. A contact
 *          form's address is kept as `form`.
 * Strict   mail addresses by mailaddr.h; those that are none are counted in `refused`. Addresses in a registry's own domain (ripe.net and so on) are none.
 * Bounds   RDAP_BYTES_MAX an answer, RDAP_CONTACTS_MAX contacts, RDAP_EACH_MAX emails and phones each.
 * Errors   ERR_FORMAT: no RDAP answer, with the reason; ERR_LIMIT: too large; ERR_MEMORY. An error answer of RFC 9083, 6 (errorCode) is ERR_FORMAT with its title.
 * Owner    texts in the arena or views of the answer.
 * Source   RFC 9083, 7095, 9537; ICANN's response profile (abuse of a domain is the registrar's).
 */
#ifndef FORMATS_RDAP_H
#define FORMATS_RDAP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { RDAP_BYTES_MAX = 4 << 20, RDAP_CONTACTS_MAX = 64, RDAP_EACH_MAX = 8, RDAP_DEPTH_MAX = 4 };

enum rdap_class { RDAP_NETWORK, RDAP_AUTNUM, RDAP_DOMAIN, RDAP_ENTITY };
enum rdap_role {
    RDAP_REGISTRANT = 1 << 0, RDAP_TECHNICAL = 1 << 1, RDAP_ADMINISTRATIVE = 1 << 2, RDAP_ABUSE = 1 << 3, RDAP_NOC = 1 << 4, RDAP_BILLING = 1 << 5, RDAP_REGISTRAR = 1 << 6,
    RDAP_RESELLER = 1 << 7, RDAP_SPONSOR = 1 << 8, RDAP_PROXY = 1 << 9, RDAP_NOTIFICATIONS = 1 << 10
};

struct rdap_contact {
    struct str handle, name, org, post, form, language;            /* post: lines of an address */
    struct str email[RDAP_EACH_MAX]; size_t email_n;               /* best first */
    struct str phone[RDAP_EACH_MAX]; size_t phone_n;               /* "+9995550100" */
    uint32_t   roles;              /* enum rdap_role */
    bool       group;              /* kind group or org, or a mailbox that is a role's: no person */
    bool       registrars;         /* below a registrar: never the owner's */
    bool       redacted;
    uint8_t    depth;
};
struct rdap {
    enum rdap_class is;
    struct str handle, name, parent, type, port43;
    uint8_t    first[16], last[16]; bool has_range;                /* of a network */
    uint32_t   asn_first, asn_last;
    struct str ldh;                                                /* of a domain, in lower case */
    char       country[3];
    struct str changed;                                            /* the date of "last changed", as it is written */
    struct rdap_contact *contact; size_t contact_n;
    size_t     refused;            /* addresses that are none */
    bool       more;               /* more than fits */
};
bool rdap_read(struct str answer, struct arena *a, struct rdap *ret, struct err *e);

/* Whose server to ask: an IANA bootstrap file (RFC 9224). kind: "ipv4", "ipv6", "asn", "dns". False with ERR_NONE: nobody. *ret_url ends with '/', https if there is one. */
bool rdap_bootstrap(struct str file, struct str asked, struct arena *a, struct str *ret_url, struct err *e);

#endif
