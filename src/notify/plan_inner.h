/* plan_inner: what the files of the plan share. Only plan*.c includes it. */
#ifndef NOTIFY_PLAN_INNER_H
#define NOTIFY_PLAN_INNER_H

#include "casework/heirs.h"
#include "notify/plan.h"
#include "os/os.h"

enum { PLAN_BATCH = 256 /* notices of one transaction: few waits for the disk, and others wait seconds at most */, PLAN_ROWS_MAX = 100000 /* servers of a merged notice */ };

struct plan_case {
    int64_t    id, org, acknowledged_us, next_us;
    enum case_stage stage;
    uint32_t   servers, backdoored, vulnerable;
    struct str country, sector;
    struct contact *contact; bool *shared; size_t contact_n;
    enum unplanned why;
    bool       told;               /* a notice was decided in this run */
};
struct plan_said { int64_t case_; struct said said; };
/* A case, a stage and facts that a merged notice tells. */
struct plan_tell { struct plan_case *c; enum notice_stage stage; enum notice_finding finding; uint8_t rev[32]; };
struct plan_group {                /* of one contact: all that is to be told it */
    struct contact *to; enum notice_audience audience; enum notice_stage stage; enum notice_finding finding; bool minimal; int64_t not_before_us; int32_t priority; const char *why;
    struct plan_tell *tell; size_t tell_n, tell_cap;
};
struct plan_job {                  /* a notice on its way to be decided */
    struct plan_case *c; const struct contact *to; struct notice n; struct told t;
    const struct plan_tell *tell; size_t tell_n;       /* merged: all of its cases */
    struct str bytes, subject; bool written; struct err why;
};

struct plan {
    struct ledger *l;
    const struct plan_options *o;
    const struct plan_pen *pen; void *ctx;
    const struct told_set *set;    /* what is on record of the cases that are walked */
    struct arena  *a;              /* lives as long as the plan */
    struct arena   desks;          /* of the ladder: contacts that many cases share */
    struct arena   batch;          /* emptied with each batch */
    struct arena   worker[64];     /* of each thread: what it wrote in this batch */
    uint32_t       threads;
    struct plan_result *ret;
    struct plan_case *c; size_t n;
    struct plan_said *said; size_t said_n, said_cap;
    struct heirs   heirs;
    struct plan_group *group; size_t group_n, group_cap;
    struct plan_job *job; size_t job_n;
    int64_t        wave[NOTICE_STAGES];
    uint64_t       left;           /* recipients that fit in this plan */
    bool           stopped;
};

/* plan_load.c: cases by urgency, what was said to each, whom there is to tell. */
bool plan_load(struct plan *p, struct err *e);
/* All that was said of a case, its inherited notices too, oldest first. In the arena. */
bool plan_history(const struct plan *p, int64_t case_, struct arena *a, struct said **ret, size_t *ret_n, struct err *e);
bool plan_no_room(struct err *e);

/* plan_merge.c: one notice for many cases. */
bool plan_merge(struct plan *p, struct plan_case *c, const struct due *d, enum notice_finding finding, const uint8_t rev[32], struct err *e);
/* Is a group for this contact there already? */
bool plan_merged(const struct plan *p, const struct contact *to);
bool plan_groups(struct plan *p, struct err *e);

/* plan_decide.c */
bool plan_job_push(struct plan *p, const struct plan_job *j, struct err *e);       /* in the batch; runs it when it is full */
bool plan_batch(struct plan *p, struct err *e);        /* renders and decides what is in it */
struct notice plan_notice(const struct plan *p, const struct plan_case *c, const struct contact *to);
extern const struct plan_pen plan_pen_real;            /* plan_pen.c */

#endif
