/*
 * hunt_inner: what the files of the hunt share and nobody else needs. hunt.c runs the passes, hunt_about.c says what they tell of the server
 * and of the collection itself.
 */
#ifndef DETECT_HUNT_INNER_H
#define DETECT_HUNT_INNER_H

#include "detect/correlate.h"
#include "detect/evtread.h"
#include "detect/hunt.h"
#include "detect/logscan.h"

/* A client with this many ordinary authenticated requests is shared (proxy, balancer, NAT): its other requests are counted, not kept. */
enum { SHARED_REQUESTS = 50, JOBS_MAX = 16, NAMES_MAX = 64, TWINS_SCRATCH = 64 << 20 };

struct tally { struct logscan_name item[NAMES_MAX]; size_t n; };

struct hunt {
    struct os           *os;
    struct ev           *ev;
    const struct pack   *pack;
    const struct sigma  *sigma;
    struct hunt_options  opt;
    struct arena        *keep;
    struct detected     *found;
    struct hits          hits;
    _Atomic uint64_t     bytes_read;
    struct learnt        learnt;
    uint32_t            *log;  size_t log_n, log_cap;       /* nodes with a text log, in order */
    _Atomic uint64_t     done_n[FAM_COUNT], cited_n[FAM_COUNT];   /* logs that were searched; logs with a statement */
    uint32_t            *unhashed; size_t unhashed_n;       /* nodes that are cited and not hashed */
    struct tally         server, host, address;
    struct tally         computer;                          /* full names of the computer, as event logs state them */
    struct proxies       proxies;
    struct logscan_version version[LOGSCAN_VERSIONS]; size_t version_n;
    /* One pass over the logs. */
    struct plan          plan;
    struct logscan_memory *memory[JOBS_MAX];                /* NULL: none */
    struct evt_pieces    events;
    size_t               first;                             /* of `log`: of the slice that is under way */
    struct arena         scratch[JOBS_MAX];                 /* whole; each task takes a copy */
    uint32_t             jobs;
};

/* The event logs: facts, hits, coverage. After the files. */
bool hunt_events(struct hunt *h, struct err *e);
/* Once more, for these addresses of intruders, and for accounts that were planted. Those that turn out to be shared are counted in found->client and left out. */
bool hunt_events_pivot(struct hunt *h, const struct str *client, size_t client_n, struct err *e);
/* Leaves logs out that the evidence holds twice: each is read once. */
bool hunt_leave_out_twins(struct hunt *h, struct err *e);
/* What a collector's own lists say of files that were read. */
void hunt_remarks(struct hunt *h);
/* What the logs say of the server itself: its name, and which build wrote them until when. */
bool hunt_describe_server(struct hunt *h, struct err *e);

#endif
