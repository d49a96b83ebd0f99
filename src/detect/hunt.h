/*
 * hunt: files first, then logs, then the pivot. Fills `detected`.
 *
 * Order    inventory is the caller's (ev_open). hunt_files reads pages, leftovers, configuration and event logs and learns terms; hunt_logs scans every
 *          text log once with rules, indicators and learnt terms; hunt_pivot scans once more for the clients and canaries given.
 * Threads  `jobs` threads; the result does not depend on their number.
 * Memory   per thread a scratch of HUNT_SCRATCH bytes; results in `keep`.
 */
#ifndef DETECT_HUNT_H
#define DETECT_HUNT_H

#include "detect/finding.h"
#include "os/term.h"
#include "pack/baseline.h"

enum { HUNT_SCRATCH = 12 << 20 };

/* One thing that tells somebody who waits which way the hunt goes. */
struct hunt_first { struct str title, path; uint64_t line; };      /* line 0: the file itself */

struct hunt_options {
    uint32_t jobs;
    int64_t  since_us, until_us;          /* TIME_NONE: open; records outside are not matched (coverage still counts them) */
    struct term_progress *progress;       /* NULL: none */
    const struct baseline *baseline;      /* known-good files to compare with; NULL: none */
    struct guard *guard;                  /* NULL: none */
    const struct yara *yara;              /* compiled rules for files; NULL: none */
    /* A back door was found, or a record that proves one or shows success: told at once, by any thread, before it is folded and judged. NULL: nobody waits. */
    void (*first)(void *ctx, const struct hunt_first *f);
    void *first_ctx;
    bool cited_only;                      /* nobody asks for the SHA-256 of a log that no statement cites: it costs more than to search it */
};

struct hunt;
bool hunt_open(struct hunt **ret, struct os *os, struct ev *ev, const struct pack *pack, const struct sigma *sigma,
               const struct hunt_options *opt, struct arena *keep, struct detected *found, struct err *e);
bool hunt_files(struct hunt *h, struct err *e);
bool hunt_logs(struct hunt *h, struct err *e);
/* For text logs only hits of these; also fills found->client. */
bool hunt_pivot(struct hunt *h, const struct str *client, size_t client_n, const struct str *canary, size_t canary_n, struct err *e);
uint64_t hunt_bytes_read(const struct hunt *h);
void hunt_close(struct hunt *h);          /* accepts NULL */

#endif
