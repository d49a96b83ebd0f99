/*
 * lookup_inner: what the files of lookup.h share: lookup.c walks cases, lookup_web.c asks hosts and judges them, lookup_cache.c keeps answers, lookup_rows.c makes rows of what an answer
 * says, lookup_rdap.c, lookup_whois.c, lookup_sectxt.c and lookup_mail.c know one kind of question each, lookup_bulk.c reads files.
 */
#ifndef NOTIFY_LOOKUP_INNER_H
#define NOTIFY_LOOKUP_INNER_H

#include "formats/rdap.h"
#include "notify/lookup.h"
#include "notify/lookup_net.h"
#include "store/bind.h"

enum { LOOKUP_HOSTS = 512, LOOKUP_ROWS = 512, LOOKUP_MS = 10000, LOOKUP_SOURCE_TEXT = 300 };

#define LOOKUP_STALE_US (30 * TIME_DAY)     /* answers that nobody may use any more are gone after this; security.txt stays, to be compared with */

struct lookup_host { char name[256]; int64_t next_ms, rest_us; };
struct lookup_contact { struct case_contact c; struct str source; };

struct lookup {
    struct ledger *l; struct store *s;
    struct lookup_options o;
    struct lookup_net net;
    bool       stopped;
    struct lookup_host *host; size_t host_n;           /* the oldest give way */

    /* the case under way */
    struct arena  *a;
    struct lookup_counts *n;
    int64_t    case_, campaign, org, begun_us;
    struct str org_name;
    struct str domain[LOOKUP_DOMAINS]; size_t domain_n;
    uint8_t    ip[LOOKUP_NETWORKS][16]; size_t ip_n;
    uint32_t   asn[LOOKUP_NETWORKS]; size_t asn_n;
    uint32_t   asks;
    struct lookup_contact *contact; size_t contact_n, contact_cap;
    struct case_mx *mx; size_t mx_n, mx_cap;
    struct str *resolved; size_t resolved_n, resolved_cap;         /* mail domains whose MX rows are there */
};

bool lookup_no_room(struct err *e);
void lookup_note(struct lookup *k, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The case's own words: campaign, organisation, domains, addresses, AS numbers. False with ERR_USAGE: no such case. */
bool lookup_load(struct lookup *k, int64_t case_, struct err *e);
bool lookup_own_domain(const struct lookup *k, struct str name);       /* it, or its registrable domain, is the case's */

/* --- cache --- */
struct lookup_kept { bool there; int status; int64_t at_us; struct str host, body; };      /* in the arena of the case */
/* What is still valid. ip: of a network, else NULL and by key. */
bool lookup_kept(struct lookup *k, const char *kind, struct str key, const uint8_t ip[16], struct lookup_kept *ret, struct err *e);
/* first, last: NULL but for networks. */
bool lookup_keep(struct lookup *k, const char *kind, struct str key, const uint8_t first[16], const uint8_t last[16], int status, int64_t lives_us, struct str host, struct str body, struct err *e);

/* --- asking --- */
struct lookup_walk { enum lookup_end end; int status; struct str host, url, body, type, why; bool cut; unsigned hops; };    /* host, url: where the answer came from; body in the arena */
/* Waits for its turn, asks, follows redirects; each host is judged. */
bool lookup_walk(struct lookup *k, struct str url, struct str accept, uint32_t bytes_max, uint32_t ms, bool cut_ok, struct lookup_walk *ret, struct err *e);
uint16_t lookup_port(const struct lookup *k);           /* of https */
/* May one more question be asked, of this host? Waits for its turn. */
bool lookup_turn(struct lookup *k, struct str host);
bool lookup_may_ask(void *ctx, struct str host, const uint8_t (*ip)[16], size_t n, struct str *ret_why);
/* "https://HOST[:PORT]/PATH" taken apart, or a path relative to where it was said. */
bool lookup_url(struct lookup *k, struct str url, struct str said_by, struct str *ret_host, struct str *ret_path);

/* --- rows --- */
bool lookup_push(struct lookup *k, const struct case_contact *c, struct str source, struct err *e);
bool lookup_push_mx(struct lookup *k, const struct case_mx *x, struct err *e);
/* All contacts of an answer as rows; *ret_n: how many could be used. */
bool lookup_rows(struct lookup *k, const struct rdap *r, struct str source, int64_t at_us, size_t *ret_n, struct err *e);
bool lookup_write(struct lookup *k, struct err *e);    /* what was pushed, within a transaction that is open */
int64_t lookup_day(int64_t us);                        /* its beginning: one row a day */

/* --- questions --- */
bool lookup_rdap(struct lookup *k, enum rdap_class is, struct str asked, const uint8_t ip[16], size_t *ret_n, struct err *e);      /* ip: of a network */
bool lookup_whois(struct lookup *k, struct str asked, size_t *ret_n, struct err *e);
bool lookup_sectxt(struct lookup *k, struct str domain, struct err *e);
/* MX rows of a domain; roles: and rows of its role addresses, where it takes mail. */
bool lookup_mail(struct lookup *k, struct str domain, bool roles, struct err *e);
bool lookup_reverse(struct lookup *k, const uint8_t ip[16], struct err *e);    /* a note */

#endif
