/*
 * daily: one verdict per server, campaign group and day, from all that was observed of it until then.
 *
 * Shape    daily_open reads who there is and joins nodes to servers; daily_spans reads every observation once and gives spans, server by server in
 *          the order of their ids, each server's by group and time, without gaps between its first and the last day; a span says the
 *          same for days from..to.
 * Server   nodes (address, port, X-FEServer) that one address and port, one certificate, one host name, or X-FEServer with AD domain join. What too many
 *          share joins nothing (a hoster's certificate, a wildcard's beside its node's name), and an address with too many identities (a
 *          CDN) is parted by them. An AD domain alone joins nothing: it is an organisation, not a server.
 * Rules    survey sheet, section 3: the newest knowledge with four numbers wins over newer with three only where the line is the same and
 *          no later one was seen; a change of the line forgets the security update. Within a day: probe with four, mail hop with four, import with
 *          four, claim of a reporter, three numbers. A server is as weak as its weakest living node. A build that goes down is SPAN_MIXED, and the
 *          lower one counts until it was not seen for mixed_days. What was seen without X-FEServer speaks for the one node that the address has, or for
 *          an unknown one of them until all of them were seen again. A claim decides where the table cannot, until the line changes.
 * Order    the order of arrival changes nothing. An observation counts once, however many files brought it.
 * Memory   grows with who is there, not with how often it was seen: about 1 KB a server of one address, certificate and two names. Observations are
 *          spooled and sorted in parts: `memory_bytes` for these; more only where one 256th of the servers has more than that.
 * Threads  `jobs`; with one reader of the store each, where `where` is given.
 * Units    days since 1970-01-01 UTC.
 * Source   survey sheet, sections 3, 5 and 10.
 */
#ifndef SURVEY_DAILY_H
#define SURVEY_DAILY_H

#include "base/err.h"
#include "base/str.h"
#include "os/os.h"
#include "pack/pack.h"
#include "store/store.h"

struct builds;                      /* pack/builds.h */

enum span_state {                   /* beside the verdict: what became of the server */
    SPAN_SEEN, SPAN_GONE,           /* did not answer for as many runs as the settings say */
    SPAN_MOVED                      /* its name is served by Exchange Online now */
};
enum {
    SPAN_MIXED = 1 << 0, SPAN_HIDDEN = 1 << 1, SPAN_EOL = 1 << 2, SPAN_MITIGATED = 1 << 3 /* claimed, never seen */, SPAN_COMPROMISED = 1 << 4,
    SPAN_BY_CLAIM = 1 << 5,         /* the verdict is a reporter's, not the build table's */
    SPAN_EXCHANGE = 1 << 6,         /* by that day something only Exchange says had been seen, or a build, or a claim: it counts as one */
    SPAN_ODD      = 1 << 7          /* a pair that never was: a honeypot? */
};

struct server_span {
    uint64_t server;                /* stable while its identity is: the lowest id of its nodes */
    uint32_t group;                 /* index of the campaign group: builds_group_name */
    int32_t  from, to;              /* days, both included */
    enum build_verdict verdict;     /* BUILD_CANNOT_TELL for what did not answer at all: see reached */
    enum span_state state;
    uint32_t flags;
    uint8_t  parts;                 /* numbers of the build known: 0, 2, 3, 4 */
    bool     reached;               /* false: it never answered until then ("unreachable") */
    uint16_t build[4];
    int32_t  looked;                /* the last day of the span on which somebody saw its build or claimed something; < from: on none of them; 0: not known */
    uint16_t addresses, nodes;      /* how many it had in the span */
    uint16_t detector;              /* daily_detector */
    char     country[2];            /* of the address; zero: unknown */
    uint32_t asn;
    uint16_t sector;                /* daily_sector; 0: unknown */
    /* With daily_looks only. Sources are bits, 1 << enum obs_source. */
    int64_t  seen_us;               /* when it was looked at last on the day `from`; TIME_NONE: nobody did, time alone made the span */
    uint16_t told;                  /* whose own word on that day is the verdict: by the numbers that he read, or by his claim */
    uint16_t told_by_four;          /* those of them that read four numbers */
    uint16_t told_mitigated;        /* who claimed on that day that it is mitigated */
    uint8_t  by;                    /* the source from which its build is known; OBS_SOURCES: none */
};

/* Takes one span after the other; false stops, with why. */
struct span_sink { void *ctx; bool (*take)(void *ctx, const struct server_span *s, struct err *e); };

struct daily_rules {
    int32_t gone_runs;              /* so many days of refusals and time-outs one after the other, without an answer: gone */
    int32_t absent_days;            /* not in any source for so long: gone as well */
    int32_t hidden_days;            /* so long after its build was last seen a server that hides it now cannot be told */
    int32_t mixed_days;
    uint32_t hub_addresses;         /* more addresses than this behind one certificate, name or node name: it joins nothing */
    uint32_t hub_identities;        /* more certificates or nodes than this on one address: parted by them */
};
extern const struct daily_rules daily_defaults;        /* 3, 30, 14, 7, 32, 64 */

struct daily_options {
    const struct builds *builds;
    struct os  *os;
    struct str  where;              /* the store's address once more, for further readers; empty: one thread reads */
    struct str  spool_dir;          /* empty: "/tmp" */
    uint32_t    jobs;               /* 0: as many as cores */
    size_t      memory_bytes;       /* 0: 64 MiB */
    struct daily_rules rules;       /* all zero: daily_defaults */
    int32_t     last_day;           /* spans end here; 0: the last day of any observation */
    /* Where an address is, when the operator's databases know better than the sources; NULL: the sources' word. False: it does not know. */
    bool (*locate)(void *ctx, const uint8_t ip[16], char ret_country[3], uint32_t *ret_asn);
    void *locate_ctx;
};

struct daily_counts {
    uint64_t observations, counted;
    uint64_t no_time;               /* taken for the day they were recorded */
    uint64_t wrong_time;            /* before Exchange was, or later than they were recorded: left out */
    uint64_t nobody;                /* neither address nor name: left out */
    uint64_t online;                /* of Exchange Online: they only say who moved */
    uint64_t servers, nodes, spans, hubs;
    int32_t  first_day, last_day;
};

struct daily;
/* s: any mode; it stays the caller's and open as long as the daily is. */
bool daily_open(struct daily **ret, struct store *s, const struct daily_options *o, struct err *e);
/* Once. */
bool daily_spans(struct daily *d, const struct span_sink *sink, struct daily_counts *ret, struct err *e);
void daily_close(struct daily *d);                     /* NULL is allowed */

/*
 * For who wants each look as a fact (casework): before daily_spans. Spans are given of these groups only (bits, 1 << group), and another begins on each
 * day on which a source says the verdict, or a mitigation, by itself, also when it says the same as before.
 */
void daily_looks(struct daily *d, uint32_t groups);
/*
 * One observation of the store: does it count, and of which server, when and when recorded? False: it is of a file that is void, has a time that cannot be, or
 * speaks of nobody. observed_us TIME_NONE: the row has none.
 */
bool daily_observation(const struct daily *d, int64_t id, int64_t target, int64_t observed_us, uint64_t *ret_server, int64_t *ret_us, int64_t *ret_recorded_us);

/* Sorted by their bytes. Views live as long as the daily. */
size_t daily_detectors(const struct daily *d);
struct str daily_detector(const struct daily *d, size_t i);
size_t daily_sectors(const struct daily *d);           /* 0 is "" */
struct str daily_sector(const struct daily *d, size_t i);

/* What is known of a server beside its spans. Lists are sorted; at most DAILY_LIST_MAX each, `more`: there were more. */
enum { DAILY_LIST_MAX = 64 };
struct daily_server {
    uint64_t   id;
    const uint8_t (*ip)[16]; size_t ip_n;
    struct str *name;        size_t name_n;            /* host names */
    struct str *node;        size_t node_n;            /* X-FEServer */
    struct str *domain;      size_t domain_n;          /* AD */
    struct str *org;         size_t org_n;             /* O of certificates */
    bool       more;
};
/* False with ERR_NONE: no such server. Lists in the arena. */
bool daily_server(const struct daily *d, uint64_t id, struct arena *a, struct daily_server *ret, struct err *e);

/* What servers are made of: each place where one answered, with what it showed there. A server has one part for each that differs. */
struct daily_part {
    uint64_t   server;
    int64_t    target;             /* number of survey_target: the same in every run, whatever became known since */
    uint8_t    ip[16]; bool has_ip; uint16_t port;
    struct str computer, domain;   /* X-FEServer, AD */
    uint64_t   cert;               /* the first 8 bytes of the certificate's SHA-256, big endian */
    bool       has_cert, wild;     /* wild: a wildcard certificate */
    struct str org, cert_name;     /* O and CN of the certificate */
    const struct str *name; size_t name_n;             /* host names */
    const uint8_t *name_from;      /* enum obs_naming of each */
};
/* All parts, by server, then number; strings live as long as the daily, lists until the next part. take: false stops, with why. Names beyond OBS_NAMES_MAX are left out. */
bool daily_parts(const struct daily *d, bool (*take)(void *ctx, const struct daily_part *p, struct err *e), void *ctx, struct err *e);
size_t daily_parts_count(const struct daily *d);       /* at most so many */

#endif
