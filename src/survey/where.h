/*
 * where: in which country and network an address lies, and whose server it is: organisation and sector, each with the source that says so.
 *
 * Files    the operator's, any number, recognised by content: MaxMind databases (country, ASN); networks as CSV ("CIDR,cc" or "start,end,cc" with or
 *          without a header, ASN beside it); delegated files of the RIRs; the constituency's register as CSV (columns cidr, domain, asn,
 *          organisation, sector); RDAP answers of the type "ip network" as JSON. For each question the first file that knows the answer gives it.
 *          None is bundled; without any, names and the sources' own words are what is left.
 * Whose    strongest first: the register; O of a certificate (only certificates with O that a CA checked have one worth reading); the registrant of a small
 *          network (RDAP); the registrable domain of a host name; the AD domain. Names that an access provider gives to addresses say nothing.
 * Sector   the register; then NAICS or the sector that the source gives, but those of carriers and hosters; then the suffix of the domain; then words in
 *          names (packs/survey/sectors.csv); then unknown. Never that of the network's holder: it is the provider's.
 * Country  of the address. That is not the country of the organisation.
 * Bounds   WHERE_ROWS_MAX rows of all files, WHERE_FILE_MAX bytes each (databases are mapped). Memory: 28 bytes a network.
 * Errors   where_add: ERR_FORMAT with the line, ERR_LIMIT. Rows that cannot be used are counted, not fatal: *ret_bad.
 * Owner    everything in the arena, but database handles: where_close. Answers are views that live as long, or constants, or in the arena of the call.
 * Threads  after the last where_add any number may ask.
 * Not done the network is never asked. PTR names are taken as they are: nobody confirms them.
 * Source   survey sheet, section 9; RFC 9083; RIR statistics exchange format; MaxMind DB 2.0.
 */
#ifndef SURVEY_WHERE_H
#define SURVEY_WHERE_H

#include "base/map.h"
#include "base/net.h"
#include "os/os.h"
#include "pack/pack.h"

enum { WHERE_ROWS_MAX = 8 << 20, WHERE_FILE_MAX = 1 << 30, WHERE_FILES_MAX = 16 };

enum where_kind { WHERE_MMDB, WHERE_NETWORKS, WHERE_DELEGATED, WHERE_REGISTER, WHERE_RDAP };
const char *where_kind_name(enum where_kind k);

struct where;
/* pack: the one with sectors.csv (kind: survey). a: stays the caller's to keep, and is grown into. */
bool where_open(struct where **ret, struct arena *a, const struct pack *pack, struct err *e);
bool where_add(struct where *w, struct os *os, struct str path, enum where_kind *ret_kind, uint64_t *ret_rows, uint64_t *ret_bad, struct err *e);
/* The same from bytes; no databases. */
bool where_add_text(struct where *w, struct str text, enum where_kind *ret_kind, uint64_t *ret_rows, uint64_t *ret_bad, struct err *e);
/* After the last file, before the first question. */
bool where_ready(struct where *w, struct err *e);
void where_close(struct where *w);                     /* NULL is allowed */

/* ret_country: "AT", or empty; *ret_asn: 0: unknown. False: neither is known. The form of daily_options.locate. */
bool where_locate(void *w, const uint8_t ip[16], char ret_country[3], uint32_t *ret_asn);

/* What is known of one server. */
struct whose_facts {
    const uint8_t (*ip)[16]; size_t ip_n;
    const struct str *name;   size_t name_n;           /* host names, lower case */
    const struct str *domain; size_t domain_n;         /* AD */
    const struct str *org;    size_t org_n;            /* O of certificates */
    uint32_t   asn;
    struct str sector;                                 /* the source's word */
    uint32_t   naics;
};
enum whose_by { WHOSE_UNKNOWN, WHOSE_REGISTER, WHOSE_CERTIFICATE, WHOSE_RDAP, WHOSE_NAME, WHOSE_AD, WHOSE_REPORT, WHOSE_SUFFIX, WHOSE_WORD };
const char *whose_by_name(enum whose_by b);            /* "register" */
struct whose {
    struct str    organisation; enum whose_by organisation_by;
    struct str    sector;       enum whose_by sector_by;       /* a word of sectors.csv; empty: unknown */
    int           confidence;                                  /* of the sector, 0..100 */
    struct str    domain;                                      /* registrable; empty: none */
};
bool where_whose(const struct where *w, struct arena *a, const struct whose_facts *f, struct whose *ret, struct err *e);

/* "example.co.uk" of "mail.example.co.uk"; empty: a public suffix itself, or no host name. By the list that libpsl brings. A view of the name. */
struct str where_registrable(struct str name);

#endif
