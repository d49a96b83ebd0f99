/*
 * probe: asks the servers of a scope, politely, for what they announce. Decisions only: the network, the clock, files and signals come in as functions.
 *
 * Rule 1   an address is asked only if the scope names it or a name of the scope leads to it, it is not opted out, and no special-purpose rule forbids it. All
 *          of this is looked at when its turn comes, when it goes out, and by the connection itself right before connect(2), after DNS. A certificate
 *          that names somebody who opted out ends the matter before anything is asked.
 * Rule 2   an address gets one connection at a time, two requests in a run at most, a retry included, and none again before `again_us` is over.
 * Rule 3   the journal has an address, on the disk, before its connection is opened.
 * Rule 4   rates and rests as probe_pace.h has them; paths as probe_plan.h has them.
 * Retry    once after a time-out, when a request is left, PROBE_RETRY_US later. Nothing else is tried again.
 * Out      one observation for each address that was asked (and each name without an address), whatever came of it; not for those it was found out of on the
 *          way that they opted out. One log line for each request.
 * Ends     when all is done; early when stop says so, the scope is no longer valid, the opt-out list cannot be read any more: then what is under way
 *          is brought to its end, and nothing new begins.
 * Errors   false: the journal, the sink or memory failed. What was under way is dropped; the journal knows it.
 * Source   survey sheet, sections 4 and 7.
 */
#ifndef SURVEY_PROBE_H
#define SURVEY_PROBE_H

#include "os/fetch.h"
#include "os/os.h"
#include "survey/observation.h"
#include "survey/probe_journal.h"
#include "survey/probe_pace.h"
#include "survey/probe_scope.h"

enum {
    PROBE_CONNECT_MS = 5000, PROBE_TLS_MS = 5000, PROBE_WHOLE_MS = 15000, PROBE_BODY_MAX = 256 << 10, PROBE_PORT = 443,
    PROBE_WAITING_MAX = 4096, PROBE_RESOLVING_MAX = 16, PROBE_ADDRESSES_MAX = 4 /* of one name */, PROBE_AGAIN_HOURS = 24, PROBE_AGAIN_HOURS_MIN = 6,
    PROBE_RESUME_DAYS = 7
};
#define PROBE_RETRY_US (600 * TIME_SECOND)

struct probe_line {                  /* one request, or one connection that came to none */
    int64_t     time_us;
    const uint8_t *ip;
    uint16_t    port;
    struct str  name;                /* empty: asked by address */
    const char *path;                /* NULL: no request went out */
    int         status;
    uint64_t    bytes;
    const char *came;                /* "answered", "refused" ... */
    const char *verdict;             /* "build", "part of a build", "version hidden", "not Exchange", "nothing known", "" */
    const struct observation *o;     /* as far as it is known */
};

struct probe_counts {
    uint64_t targets, considered, asked, requests, retries;
    uint64_t answered, refused, timed_out, tls_failed, broken, no_name, ours;
    uint64_t opted_out, special, too_soon, known /* asked in this run already, by another name */, left /* its network had enough */, busy /* 429, 503 */;
};

struct probe_world {
    struct os  *os;                                       /* its clocks */
    void       *ctx;
    bool      (*open)(struct fetch *ret, const struct fetch_rules *rules, int wake_fd, struct err *e);      /* fetch_open */
    int         wake_fd;
    bool      (*journal)(void *ctx, struct str line, bool sync, struct err *e);
    void      (*log)(void *ctx, const struct probe_line *x);
    bool      (*stop)(void *ctx);                         /* asked once a second */
    const struct probe_optout *(*optout)(void *ctx);      /* likewise: the list as it is now; NULL: it cannot be read */
    void      (*sample)(void *ctx, const uint8_t sha256[32], struct str body);     /* of one that could not be told; NULL: not kept */
    struct obs_sink sink;
};

struct probe_setup {
    const struct probe_scope *scope;
    const struct net_set *asn;                            /* value: the AS number; NULL: none known */
    struct probe_rates rates;
    uint64_t    seed;
    int64_t     begin_us;                                 /* of a new run, for the journal: now */
    int64_t     again_us;
    uint16_t    port;                                     /* other than PROBE_PORT: special-purpose addresses only */
    const char *user_agent, *from, *detector;
    uint32_t    slots;
};

enum probe_ended { PROBE_DONE, PROBE_STOPPED, PROBE_EXPIRED, PROBE_NO_OPTOUT };

/* Does a run with this setup carry on the last one of the journal? The same scope, not ended, begun within PROBE_RESUME_DAYS. */
bool probe_resumes(const struct probe_setup *s, const struct probe_journal *j, int64_t now_us);

/* a: lives as long as the run, grows with it. j: what an earlier run left; read, and carried on. */
bool probe_run(const struct probe_setup *s, const struct probe_world *w, struct probe_journal *j, struct arena *a, struct probe_counts *ret,
               enum probe_ended *ret_ended, struct err *e);

#endif
