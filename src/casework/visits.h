/*
 * visits: two reports about one server speak of the same visits. One visit is one session, however many reports tell of it.
 *
 * Shape    in: the sessions of one server, from all reports. Out: the same ones in an order of their own, each with the number of its visit, 0..*ret_n-1; of each visit the
 *          session that stands for it, the one with the most features (then the lowest file and session).
 * Rules    1. Sessions of one report are never one visit.
 *          2. Two sessions that begin at the same moment are one visit. Where there are several such, the ones with most in common.
 *          3. A session is part of another report's when all its features are among the other's, it has some, and it begins at most VISIT_PART_US later and before that report's next
 *             session: what was left of the logs when the later hunt ran. A session of unknown beginning is part of the one that has all its features.
 * Order    of the input is nothing.
 * Bounds   each session is compared with the VISIT_LOOK_BACK visits before it; with VISIT_BETWEEN_MAX sessions in between at most; beyond that two may stay apart.
 * Errors   ERR_MEMORY.
 */
#ifndef CASEWORK_VISITS_H
#define CASEWORK_VISITS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/time.h"

enum { VISIT_LOOK_BACK = 256, VISIT_BETWEEN_MAX = 1024 };
#define VISIT_PART_US TIME_DAY

struct visit_session {
    int64_t         file;
    uint32_t        session;
    int64_t         first_us;      /* TIME_NONE: unknown */
    const uint32_t *feature; uint32_t feature_n;       /* sorted, distinct numbers */
    uint32_t        visit;
    bool            stands;        /* for its visit */
    void           *ctx;           /* the caller's */
};
bool visits_join(struct visit_session *s, uint32_t n, struct arena scratch, uint32_t *ret_n, struct err *e);

#endif
