/*
 * lookup_net: one question to the network: an https GET, a DNS query, or a line to port 43.
 *
 * Shape    a table of one function. lookup_net_open is the network itself: libcurl (lookup_net_https.c), c-ares (lookup_net_dns.c) and port 43 (lookup_net_whois.c), in this very process;
 *          nothing else of look-ups connects. lookup_courier.h asks a process that has it. What is asked, and what comes back, is the same.
 * Judged   a host's addresses are resolved first, all of them, and `may` says whether it may be asked at all; then one connection is made, to one of the very addresses that were judged.
 *          No redirect is followed here: `location` is given back. Special-purpose addresses (private, loopback, ...) are never asked, but with `loopback`.
 * Cannot   send a cookie, a login, a body; use a proxy, a netrc or an environment variable; speak plain http; accept an encoding (an answer that has one is refused unread).
 * TLS      certificate and name are verified, always.
 * Bounds   LOOKUP_HEAD_MAX bytes of headers, `bytes_max` of a body (more: LOOKUP_LARGE, or cut where that is wanted), `ms` for the whole, LOOKUP_IPS_MAX addresses of a host.
 * Errors   only for want of memory, and where there is no network to ask any more (lookup_courier.h); what the network does is an answer.
 * Owner    texts of an answer in the arena, but body: until the next question.
 * Threads  one.
 */
#ifndef NOTIFY_LOOKUP_NET_H
#define NOTIFY_LOOKUP_NET_H

#include "formats/dnsmsg.h"

enum { LOOKUP_HEAD_MAX = 32 << 10, LOOKUP_IPS_MAX = 16, LOOKUP_PATH_MAX = 1024, LOOKUP_TYPE_MAX = 200, LOOKUP_DNS_MS = 5000 };

enum lookup_end {
    LOOKUP_ANSWERED,               /* a status line and headers came; of DNS: a message, perhaps without records */
    LOOKUP_NO_NAME,                /* no such name, or none of its records */
    LOOKUP_FORBIDDEN,              /* `may` said no, or a special-purpose address: nothing was sent */
    LOOKUP_NO_CONNECT, LOOKUP_NO_TRUST /* its certificate is not valid for it */, LOOKUP_LATE, LOOKUP_LARGE, LOOKUP_BROKEN,
    LOOKUP_ENDS
};
const char *lookup_end_name(enum lookup_end end);      /* "certificate not valid" */

/* May this host, with these addresses, be asked? false: *ret_why in words. */
typedef bool lookup_may(void *ctx, struct str host, const uint8_t (*ip)[16], size_t n, struct str *ret_why);

enum lookup_way { LOOKUP_HTTPS, LOOKUP_DNS, LOOKUP_WHOIS, LOOKUP_WAYS };
struct lookup_ask {
    enum lookup_way way;
    struct str host;               /* by idna.h, or the text of an address; of DNS the name */
    uint32_t   bytes_max, ms;      /* of the body; for the whole. Of DNS DNSMSG_BYTES_MAX and LOOKUP_DNS_MS */
    struct str path, accept, user_agent, from; bool cut_ok;        /* HTTPS. path: with '/' in front */
    enum dnsmsg_type type;         /* DNS */
    struct str line;               /* WHOIS */
};
struct lookup_got {
    enum lookup_end end;
    int        status;
    struct str body, location, type;                   /* body of DNS: the message */
    bool       cut;
    int64_t    retry_s;            /* Retry-After in seconds; 0: not said. A date in it is given as 0 */
    struct str why;                /* of what is no answer */
};

struct lookup_net {
    void *ctx;
    bool (*ask)(void *ctx, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e);
    void (*close)(void *ctx);
};
void lookup_net_close(struct lookup_net *net);         /* NULL and one that was never opened are allowed */
bool lookup_net_dns(struct lookup_net *net, struct str name, enum dnsmsg_type type, struct arena *a, enum lookup_end *ret_end, struct dnsmsg *ret, struct err *e);
/* All addresses of a host, aliases followed; *ret_alias: the last of them. */
bool lookup_net_addresses(struct lookup_net *net, struct str host, struct arena *a, enum lookup_end *ret_end, uint8_t ret[LOOKUP_IPS_MAX][16], size_t *ret_n, struct str *ret_alias, struct err *e);

struct lookup_net_options {
    struct str dns, ca;            /* "127.0.0.1:5353", a file of authorities; empty: the system's */
    uint16_t   https_port, whois_port;                 /* 0: 443, 43 */
    bool       loopback;           /* tests */
    lookup_may *may; void *may_ctx;
};
/* What it needs of files is read here, but for authorities: lookup_net_files. */
bool lookup_net_open(struct lookup_net *ret, const struct lookup_net_options *o, struct arena *a, struct err *e);
/* What a sandbox around it leaves open: files and folders that are there, and ports of TCP. */
enum { LOOKUP_FILES_MAX = 12, LOOKUP_PORTS_MAX = 8 };
size_t lookup_net_files(const struct lookup_net_options *o, struct str ret[LOOKUP_FILES_MAX]);
size_t lookup_net_ports(const struct lookup_net *net, uint16_t ret[LOOKUP_PORTS_MAX]);     /* of one that is open here */

#endif
