/*
 * dnsmsg: an answer of the DNS: what it says of the very name and type that were asked, and nothing else.
 *
 * Shape    dnsmsg_read takes the bytes of one answer. Aliases (CNAME) are followed within it from the name that was asked; records of any other name, and those of the other sections, are
 *          not looked at, whatever they say. Records come in the answer's order; mail exchangers by preference.
 * Names    host names by idna.h, in lower case. A record whose name is none (control characters, blanks, quotes) is counted in `refused`, and not kept. "." as a mail exchanger is the null MX.
 * SOA      the mailbox of the zone's keeper, RNAME, as an address: the first dot that no backslash precedes is the '@' (RFC 1035, 8). It may be no valid address: mailaddr.h judges.
 * Bounds   DNSMSG_RECORDS_MAX records kept (`more`), DNSMSG_HOPS aliases, DNSMSG_POINTERS steps of compression a name.
 * Errors   ERR_FORMAT: no answer to this question. ERR_MEMORY.
 * Owner    texts in the arena.
 * Not done asking; DNSSEC.
 * Source   RFC 1035, 4; RFC 3596; RFC 7505.
 */
#ifndef FORMATS_DNSMSG_H
#define FORMATS_DNSMSG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { DNSMSG_RECORDS_MAX = 32, DNSMSG_HOPS = 8, DNSMSG_POINTERS = 64, DNSMSG_BYTES_MAX = 65535 };
enum dnsmsg_type { DNSMSG_A = 1, DNSMSG_CNAME = 5, DNSMSG_SOA = 6, DNSMSG_PTR = 12, DNSMSG_MX = 15, DNSMSG_AAAA = 28 };

struct dnsmsg_record { struct str host /* of MX and PTR; of SOA the mailbox */; uint8_t ip[16] /* of A and AAAA */; uint16_t preference; };
struct dnsmsg {
    uint8_t    code;               /* RCODE: 0 fine, 3 no such name */
    struct str alias;              /* the last name that aliases led to; empty: there were none */
    struct dnsmsg_record record[DNSMSG_RECORDS_MAX]; size_t record_n;
    bool       null_mx, more;
    size_t     refused;
};
/* name: as it was asked, a host name by idna.h ("7.2.0.192.in-addr.arpa" of PTR). */
bool dnsmsg_read(struct str answer, struct str name, enum dnsmsg_type type, struct arena *a, struct dnsmsg *ret, struct err *e);

#endif
