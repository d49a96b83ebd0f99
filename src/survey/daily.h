/*
 * daily: one verdict per server, campaign group and day, from all that was observed of it until then.
 *
 * Shape    a server is a set of nodes: (address, port, X-FEServer), joined where certificate, node name or AD domain say that they are one.
 *          Spans come server by server, each server's in order of time, without gaps between its first and last day; a span says the
 *          same verdict for days from..to.
 * Rules    survey sheet, section 3: the newest knowledge with four numbers wins over newer with three only where the line is the same and
 *          no later one was seen; a change of the line forgets the security update. Within a day: probe with four, mail hop with four, import with
 *          four, claim of a reporter, three numbers. A server is as weak as its weakest node. A build that goes down is SPAN_MIXED.
 * Units    days since 1970-01-01 UTC.
 * Source   survey sheet, sections 3, 5 and 10.
 */
#ifndef SURVEY_DAILY_H
#define SURVEY_DAILY_H

#include "base/err.h"
#include "base/str.h"
#include "pack/pack.h"

enum span_state {                   /* beside the verdict: what became of the server */
    SPAN_SEEN, SPAN_GONE,           /* did not answer for as many runs as the settings say */
    SPAN_MOVED                      /* its name is served by Exchange Online now */
};
enum {
    SPAN_MIXED = 1 << 0, SPAN_HIDDEN = 1 << 1, SPAN_EOL = 1 << 2, SPAN_MITIGATED = 1 << 3 /* claimed, never seen */, SPAN_COMPROMISED = 1 << 4,
    SPAN_BY_CLAIM = 1 << 5          /* the verdict is a reporter's, not the build table's */
};

struct server_span {
    uint64_t server;                /* stable while its identity is: the lowest id of its nodes */
    uint32_t group;                 /* index of the campaign group: daily_group_name */
    int32_t  from, to;              /* days, both included */
    enum build_verdict verdict;     /* BUILD_CANNOT_TELL for what did not answer at all: see reached */
    enum span_state state;
    uint32_t flags;
    uint8_t  parts;                 /* numbers of the build known: 0, 2, 3, 4 */
    bool     reached;               /* false: nothing but refusals and time-outs in the span ("unreachable") */
    uint16_t build[4];
    uint16_t addresses, nodes;      /* how many it had in the span */
    uint16_t detector;              /* index into the table of detectors */
    char     country[2];            /* of the address; zero: unknown */
    uint32_t asn;
    uint16_t sector;                /* index into the table of sectors, 0: unknown */
};

/* Takes one span after the other; false stops, with why. */
struct span_sink { void *ctx; bool (*take)(void *ctx, const struct server_span *s, struct err *e); };

#endif
