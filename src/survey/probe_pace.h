/*
 * probe_pace: when may the next connection go out, and which networks have had enough.
 *
 * Shape    a place is a /24 (IPv6: a /48) or an autonomous system. Each place, and all together, have a least time between two connections; nothing is made up
 *          for afterwards: who was late does not hurry.
 * Reserve  when a target is taken from the order it gets a time at which its places should be free; before it goes out, take asks again with what really happened.
 * Enough   more than 30 % refusals (resets, "too many", "unavailable") among the last PACE_NET_SAMPLE of a network or PACE_ASN_SAMPLE of an AS: the place rests for
 *          PACE_REST_US; after the PACE_RESTS-th time it is left alone for the rest of the run.
 * Units    microseconds of a clock that never goes back.
 * Bounds   the hard limits below are compiled in: probe_rates_check refuses what goes beyond.
 * Errors   ERR_MEMORY: the arena is full.
 * Source   survey sheet, section 7.
 */
#ifndef SURVEY_PROBE_PACE_H
#define SURVEY_PROBE_PACE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/net.h"

enum {
    PACE_ALL = 20, PACE_ALL_MAX = 200,          /* new connections a second, in all */
    PACE_NET = 1, PACE_NET_MAX = 2,             /* of a /24 or /48 */
    PACE_ASN = 5, PACE_ASN_MAX = 20,
    PACE_NET_SAMPLE = 10, PACE_ASN_SAMPLE = 50, PACE_REFUSED_PERCENT = 30, PACE_RESTS = 3, PACE_REST_US = 600 * 1000000
};

struct probe_rates { double all, net, asn; };   /* connections a second */
bool probe_rates_check(const struct probe_rates *r, struct err *e);

struct pace_place;
struct probe_pace {
    struct arena      *a;
    struct pace_place *slot;
    size_t             cap, n;
    uint64_t           all_us, net_us, asn_us, all_next;
};

void probe_pace_open(struct probe_pace *ret, struct arena *a, const struct probe_rates *r);     /* rates that were checked */

bool probe_pace_reserve(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, uint64_t *ret_at, struct err *e);

enum pace_answer { PACE_GO, PACE_WAIT, PACE_LEAVE };
/* GO: it goes out now, and is counted so. WAIT: not before *ret_again. LEAVE: its network or AS has had enough for this run. asn 0: unknown, no limit of its own. */
enum pace_answer probe_pace_take(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, uint64_t *ret_again);

/* The connection is opened now: what comes after keeps its distance from this, and not from when it was decided (a disk may have been slow in between). */
void probe_pace_went(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now);
/* Nothing goes out before this time: an earlier run may have asked somebody just now. */
void probe_pace_hold(struct probe_pace *p, uint64_t until);
/* What became of somebody in an earlier part of this run, in any order; then once settle: places that had enough by then rest from now on. */
bool probe_pace_recall(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, bool refused, struct err *e);
void probe_pace_settle(struct probe_pace *p, uint64_t now);

/* What became of it. Gives true when a place begins to rest or is left by this. */
bool probe_pace_told(struct probe_pace *p, const uint8_t ip[16], uint32_t asn, uint64_t now, bool refused);

#endif
