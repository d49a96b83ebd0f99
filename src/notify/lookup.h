/*
 * lookup: contacts looked up for the ladder: RDAP, WHOIS, DNS (MX, SOA), security.txt, role addresses; from the operator's bulk files or from the network, with a cache.
 *
 * Shape    lookup_case asks what the ladder lacks for one case: its registrable domains, its networks (most specific first), its AS. Each answer becomes rows of case_contact and case_mx with source "rdap:HOST",
 *          "whois:HOST", "security.txt:HOST", "dns", "rfc2142", the time, and the proof of life there is. Nothing is sent to a victim's mail server, ever: no RCPT is tried.
 * Never    a host that is a server of the campaign is not asked for a security.txt: by name and by address, at every redirect; nor is a host that resolves to one.
 * Trust    3.3 of the sheet: first of the two places wins; https with a valid certificate only; at most 5 redirects, recorded; another registrable domain: grade C (row with role
 *          "redirected"); expired: kept as until_us; a copy older than begun_us (in the cache or --archive) that differs is told.
 * RDAP     bootstrap files of IANA from the cache folder or fetched; 301/302 between registries; 404: nothing there; 429: Retry-After is obeyed, the host rests; answers are kept by the range they
 *          give, so that one serves it whole. A registrar's desk is rung 11.
 * WHOIS    only where RDAP gives nothing, and only when asked for (whois: true).
 * Cache    table notify_lookup (kind, key, first, last, at_us, until_us, status, bytes): a day for answers, an hour for failures.
 * Network  one place that connects (lookup_net.c, libcurl and c-ares); `online` false: files and cache only. User agent and From name the team. At most one request a second a host.
 * Bounds   LOOKUP_BYTES of an answer, 10 s each, LOOKUP_ASKS a case.
 * Errors   of the store; what the network does is a note, not an error.
 */
#ifndef NOTIFY_LOOKUP_H
#define NOTIFY_LOOKUP_H

#include "casework/ladder.h"
#include "os/os.h"
#include "os/stop.h"

enum { LOOKUP_BYTES = 4 << 20, LOOKUP_ASKS = 64, LOOKUP_REDIRECTS = 5 };
struct lookup_options {
    struct os *os; struct os_stop *stop;
    bool online, whois, again /* past the cache */;
    struct str user_agent, from;
    struct str bootstrap;          /* folder with ipv4.json, ipv6.json, asn.json, dns.json */
    struct str dns, ca;            /* tests: "127.0.0.1:5353"; a CA file. Empty: the system's */
    struct str rdap_base, whois_host;      /* tests and teams with a mirror: instead of the bootstrap */
    int64_t now_us;
    void (*note)(void *ctx, struct str what); void *note_ctx;
};
struct lookup_counts { uint64_t asked, cached, failed, contacts, mx; };
bool lookup_case(struct ledger *l, int64_t case_, const struct lookup_options *o, struct arena *a, struct lookup_counts *ret, struct err *e);
/* Of a bulk file (RDAP answers as JSON lines, RIPE-style split or WHOIS text): rows of contact for all networks in it that hold a server of the store. */
bool lookup_bulk(struct ledger *l, struct str name, struct str bytes, int64_t now_us, struct arena *a, struct lookup_counts *ret, struct err *e);

#endif
