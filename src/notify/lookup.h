/*
 * lookup: contacts looked up for the ladder: RDAP, WHOIS, DNS (MX, SOA), security.txt, role addresses; from the operator's bulk files or from the network, with a cache.
 *
 * Shape    lookup_next asks what the ladder lacks for one case: its registrable domains (not those that are a provider's, or that a reverse name alone gives), its networks, and its AS where these
 *          gave nobody. Each answer becomes rows of case_contact and case_mx with source "rdap:HOST", "whois:HOST", "security.txt:HOST", "dns", "rfc2142", and the day of the answer as proof of
 *          life. lookup_case is one case by itself. Nothing is sent to a victim's mail server, ever: no RCPT is tried.
 * Rungs    3: security.txt. 5: abuse desk of a network whose holder is the organisation: by its name, or because one of its addresses lies in a domain of the case; and all of the store's
 *          servers in that network are this organisation's. 6: its other roles, and the owner's of a domain. 9: role addresses (RFC 2142), where the domain takes mail: MX or address, no null MX;
 *          hostmaster also by the SOA; business names never. 10: the desk of any other network or AS. 11: a registrar's desk, and what stands in place of a redacted address.
 *          Where a group answers for a role, no person's address is kept (data minimisation).
 * Never    a server of any campaign in the store is not asked for anything: by its names and its address, and so for every address that a name resolves to, at every redirect. A kept security.txt does not count either, once its host turns out to be one;
 *          rows that were made before stay.
 * Trust    3.3 of the sheet: first of the two places wins, text/plain only; https with a valid certificate only; at most 5 redirects; another registrable domain: role "redirected" (grade C);
 *          not as the standard wants it: role "bare" (grade C); expired: kept as until_us. A copy that was fetched before the campaign began is kept for good: what it does not say gets the role
 *          "changed", and no until_us, which makes it grade C, and a note.
 * RDAP     bootstrap files of IANA from a folder or fetched; redirects between registries; 404: nothing there; 429: Retry-After is obeyed, the host rests, in the next run too.
 * WHOIS    only where RDAP gives nothing, and only when asked for (whois: true). The server is IANA's referral.
 * MX       of each domain of the case and of each domain that a contact found is in: its hosts with all their addresses, aliases too; "." where it takes no mail (ledger.h).
 * PTR      where no domain ties a server: a reverse name that leads back to its address, and that no provider made up, as a note for a person. Nothing is recorded of it.
 * Cache    table notify_lookup: a day for answers, an hour for failures. An RDAP answer of a network serves the range it gives; of one larger than /24 (IPv6: /48) only that much around the
 *          address that was asked: a customer's smaller network may lie elsewhere in it.
 * Network  lookup_net.h alone connects, in a process of its own where there is a courier (lookup_courier.h); `online` false: files and cache only. User agent and From name the team. At most one request a second a host, over all cases of a lookup.
 * Bounds   LOOKUP_BYTES of an answer, 10 s each, LOOKUP_ASKS questions a case, LOOKUP_DOMAINS and LOOKUP_NETWORKS of a case.
 * Commits  each answer's cache row, and all rows of a case, are transactions of their own: there is none open.
 * Errors   of the store; of a courier that there is none any more. What the network does is a note, not an error.
 * Source   notification sheet, 3.1 to 3.4.
 */
#ifndef NOTIFY_LOOKUP_H
#define NOTIFY_LOOKUP_H

#include "casework/ladder.h"
#include "os/os.h"
#include "os/stop.h"

struct courier;
enum { LOOKUP_BYTES = 4 << 20, LOOKUP_ASKS = 64, LOOKUP_REDIRECTS = 5, LOOKUP_DOMAINS = 8, LOOKUP_NETWORKS = 16 };
struct lookup_options {
    struct os *os; struct os_stop *stop;
    bool online, whois, again /* past the cache */;
    struct str user_agent, from;
    struct str bootstrap;          /* folder with ipv4.json, ipv6.json, asn.json, dns.json */
    struct str dns, ca;            /* tests: "127.0.0.1:5353"; a CA file. Empty: the system's */
    struct str rdap_base, whois_host;      /* tests and teams with a mirror: instead of the bootstrap, "https://rdap.example/" */
    uint16_t https_port, whois_port; bool loopback;    /* tests: 0 443 and 43; addresses that are special may be asked */
    uint32_t pace_ms;              /* between two requests to one host; 0: 1000 */
    int64_t now_us;
    void (*note)(void *ctx, struct str what); void *note_ctx;      /* hostile text may be in it */
    struct courier *courier;       /* that asks, by lookup_courier_work; the caller's. NULL: this process asks itself */
    void (*beat)(void *ctx); void *beat_ctx;           /* the courier was heard: this process does not hang. NULL: none */
};
struct lookup_counts { uint64_t asked, cached, failed, contacts, mx; };

struct lookup;
bool lookup_open(struct lookup **ret, struct ledger *l, const struct lookup_options *o, struct arena *a, struct err *e);
/* One case, added to *counts. a: scratch; nothing of it is kept. ERR_USAGE: no such case. */
bool lookup_next(struct lookup *k, int64_t case_, struct arena *a, struct lookup_counts *counts, struct err *e);
bool lookup_stopped(struct lookup *k);                 /* `stop` was asked: no question is asked any more */
void lookup_close(struct lookup *k);                   /* NULL is allowed */

bool lookup_case(struct ledger *l, int64_t case_, const struct lookup_options *o, struct arena *a, struct lookup_counts *ret, struct err *e);
/*
 * Of a bulk file (RDAP answers as JSON lines, a registry's split file, or one WHOIS answer): rows of contact for all networks, AS numbers and domains in it that a case of the store has;
 * of a split file the smallest network of each server. name: of the file, for the source "bulk:NAME". asked: objects in it, contacts: rows. In a transaction of its own.
 */
bool lookup_bulk(struct ledger *l, struct str name, struct str bytes, int64_t now_us, struct arena *a, struct lookup_counts *ret, struct err *e);

#endif
