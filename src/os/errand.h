/*
 * errand: one piece of work on text that a stranger wrote, done by a process of its own that can do nothing else.
 *
 * Shape    errand_run forks; the child gives up network, programs and every file but those of `read` (sandbox.h), does work(ctx) and hands its result back as bytes.
 *          What it changed in memory is gone with it.
 * Steps    the work says errand_step before each part of it. Where the child dies, or a step takes more than `step_ms` of processor time, the
 *          errand ends, and `step` names the part that was under way: the caller may leave it out and run again.
 * Trust    the child may be under an attacker's control once it has read the text. Its result is only bytes, copied after every process of its
 *          group was ended, and never more than `result_max`; the caller checks them. Numbers and words it left are bounded.
 * Memory   memory_bytes: private memory that it may map beyond what this process has mapped already (Linux: RLIMIT_DATA; not under a sanitizer).
 * Time     processor time, so that a busy machine does not change the answer; a child that sleeps is ended after a long while of the clock.
 * Errors   false: there can be no process, no pipe, or no sandbox. How the work itself ended is `end`.
 * Owner    errand_drop gives the result back.
 * Threads  from a process that has one.
 * Not done Windows: use `off`, which does the work in this process, without a net.
 */
#ifndef OS_ERRAND_H
#define OS_ERRAND_H

#include "base/err.h"
#include "base/str.h"

enum errand_end {
    ERRAND_DONE,          /* work returned true */
    ERRAND_FAILED,        /* work returned false: why */
    ERRAND_DIED,          /* by a signal, or it left without a word */
    ERRAND_SLOW           /* the step, or all of it, took longer than it may */
};

struct errand_options {
    uint64_t memory_bytes, result_max;
    uint64_t step_ms, all_ms;            /* of processor time */
    bool     off, no_sandbox;
    const struct str *read; size_t read_n;   /* what it may read all the same; each must exist */
};
struct errand_result {
    enum errand_end end;
    uint64_t        step;                /* the last one said; 0: none */
    uint64_t        used_ms;             /* processor time of all of it */
    int             signal;              /* DIED; 0: it left */
    bool            all;                 /* SLOW: the limit for all of it */
    struct err      why;                 /* FAILED */
    struct str      bytes;               /* DONE */
};

struct errand;
typedef bool errand_work(void *ctx, struct errand *t, struct err *e);
bool errand_run(const struct errand_options *o, errand_work *work, void *ctx, struct errand_result *ret, struct err *e);
void errand_drop(struct errand_result *r);

/* ---- in the work ---- */
void errand_step(struct errand *t, uint64_t step);
bool errand_put(struct errand *t, struct str s, struct err *e);       /* adds to the result */

#endif
