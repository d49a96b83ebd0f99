/*
 * evtscan: chunks of an event log against the rules of evtplan.
 *
 * Shape    evt_scan_open once a thread; evt_scan_chunk for each chunk; what was found gathers in the outcome until the caller takes it.
 * Order    records as they are stored, of each the rules in order: what comes out hangs on the bytes alone.
 * Steps    of each record: 1 channel, provider and id from the slots of its template, time from its head: coverage. 2 its values are searched for the literals
 *          of the rules of its channel and id. 3 if it holds a rule's literals (or rules have none) it is read, and those rules are asked.
 * Memory   EVT_SCRATCH bytes of the arena; statements grow behind them. When less than EVT_ROOM is left the caller's `flush` takes them.
 * Damage   a record that cannot be read is counted; what older records left behind the last one of a chunk is read, and marked in what it proves.
 */
#ifndef DETECT_EVTSCAN_H
#define DETECT_EVTSCAN_H

#include "detect/evtplan.h"
#include "detect/hits.h"

enum { EVT_SCRATCH = 7 << 20, EVT_ROOM = 1 << 20, EVT_SPANS = 64, EVT_RANGES = 512, EVT_FAMILIES = FAM_EVTX_OTHER - FAM_EVTX_SECURITY + 1, EVT_NAMES = 4 };

struct evt_cover { uint64_t records; int64_t oldest_us, newest_us; struct span span[EVT_SPANS]; size_t span_n; };
/* Records without a hole between their numbers. */
struct evt_range { uint64_t from, to; int64_t from_us, to_us; };
struct evt_name { struct str name; uint64_t records; };

struct evt_outcome {
    struct hits      hits;
    struct file_fact *fact; size_t fact_n, fact_cap;        /* detector: the rule's own name; url and reach are not known yet */
    struct evt_cover cover[EVT_FAMILIES];
    struct evt_range range[EVT_RANGES]; size_t range_n; uint64_t range_more;
    uint64_t         records, damaged, slack, chunks, bad_chunks, cut_chunks, lost_places;
    uint64_t         tried, asked, matched;                /* records that were read for rules; rules that were asked; records with a match. For measuring */
    uint64_t         audited, processes, command_lines;    /* of Security: all, 4688, and those with a command line */
    uint64_t         limits;                               /* records that needed more memory than there is */
    struct evt_name  computer[EVT_NAMES]; size_t computer_n;
    struct str       channel;                              /* of the first record */
};

struct evt_sink {
    void *ctx;
    bool (*flush)(void *ctx, struct evt_outcome *o, struct err *e);   /* take hits and facts, in order; they are dropped after */
    void (*met)(void *ctx, uint32_t rule, uint64_t record);           /* NULL: nobody waits */
    void (*asked)(void *ctx, uint32_t rule);                          /* for measuring. NULL */
};

struct evt_scan;
/* since, until: TIME_NONE is open; records outside are covered, not matched. */
bool evt_scan_open(struct evt_scan **ret, const struct evt_plan *plan, uint8_t system_drive, int64_t since_us, int64_t until_us, struct arena *work, struct err *e);
/* Begins an outcome; statements grow in what is left of `work`. */
void evt_scan_begin(struct evt_scan *s, struct evt_outcome *o, const struct evt_sink *sink);
/* node, offset: of the chunk, for citations. False: memory for statements, or flush. */
bool evt_scan_chunk(struct evt_scan *s, uint32_t node, struct str chunk, uint64_t offset, struct err *e);
uint8_t *evt_scan_buffer(struct evt_scan *s);              /* EVTX_CHUNK_BYTES, for the reader */

#endif
