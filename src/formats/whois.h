/*
 * whois: who answers for a network, an AS number or a domain, from the text that a WHOIS server gives; in the same shape as rdap.h.
 *
 * Shape    whois_read takes one answer, and what was asked. Of several networks in it the smallest that holds the address counts. Contacts are those that it refers to, with the roles they have
 *          there; nothing is chosen here.
 * Styles   RPSL (RIPE, also brief by -b; APNIC with irt; AFRINIC): blocks; abuse-c, org, tech-c, admin-c and mnt-irt refer to role, organisation, person and irt; of these abuse-mailbox comes before
 *          e-mail, and an organisation's own abuse-c is its network's. "% Abuse contact for 'RANGE' is 'ADDRESS'" counts.
 *          LACNIC: the same, with owner, owner-c, and short networks (192.0.2/24).
 *          ARIN: OrgAbuse..., OrgTech..., OrgNOC..., OrgRouting..., and RAbuse..., RTech..., RNOC... of the network itself; OrgName and its address are the registrant's.
 *          Domain:  "Registrar Abuse Contact Email" is the registrar's desk (`registrars`); Registrant, Admin and Tech are the owner's.
 * Roles    role and irt objects are groups; a person is none.
 * Redacted words such as "REDACTED FOR PRIVACY" are never data.
 * Says     WHOIS_NOTHING: the server knows of none; WHOIS_BUSY: it refuses for now; else ERR_FORMAT.
 * Objects  whois_object_next gives the blocks of a registry's split file one by one, whois_object_get what stands in one: for bulk data, in which whois_read does not look.
 * Bounds   WHOIS_BYTES_MAX an answer, WHOIS_BLOCKS_MAX blocks, WHOIS_LINE_MAX bytes of a line (the rest of it is left out), RDAP_CONTACTS_MAX contacts.
 * Owner    texts in the arena or views of the text.
 * Source   RFC 3912; RIPE Database documentation (abuse-c, brief form); APNIC (irt); ARIN "n +"; ICANN RAA 2013, registration data directory, 1.4.2. Samples in the test are made by us.
 */
#ifndef FORMATS_WHOIS_H
#define FORMATS_WHOIS_H

#include "formats/rdap.h"

enum { WHOIS_BYTES_MAX = 1 << 20, WHOIS_BLOCKS_MAX = 512, WHOIS_LINE_MAX = 1024 };
enum whois_says { WHOIS_FOUND, WHOIS_NOTHING, WHOIS_BUSY };

/* asked: an address, "AS64500", or a domain; empty: the first object. False: ERR_FORMAT, ERR_LIMIT, ERR_MEMORY. *ret is whole only with WHOIS_FOUND. */
bool whois_read(struct str text, struct str asked, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e);

/* Whose server to ask next: "refer:" of IANA's, "ReferralServer:", "Registrar WHOIS Server:". Empty: nobody. A host name by idna.h. */
struct str whois_referral(struct str text, struct arena *a);

struct whois_object { struct str kind, name /* of its first line */, text; };
bool whois_object_next(struct str *rest, struct whois_object *ret);
/* The nth value of an attribute, from 0; continued lines are left out. Empty: there is none. */
struct str whois_object_get(const struct whois_object *o, const char *key, size_t nth);
/* "192.0.2.0 - 192.0.2.255", "192.0.2.0/24", "192.0.2/24". */
bool whois_range(struct str s, uint8_t ret_first[16], uint8_t ret_last[16]);
/* What a role, organisation, person or irt object says of itself. */
bool whois_object_contact(const struct whois_object *o, struct arena *a, struct rdap *counts, struct rdap_contact *ret);

#endif
