/*
 * guard: work that may die is done by a worker process; what killed it is tried once more, then left out, and the work goes on behind it.
 *
 * Shape    guard_run forks the worker and stays behind as its supervisor: it parses nothing. The worker calls guard_mark at quiet points (no
 *          other thread): a copy of the process is kept asleep there (fork, copy on write; the newest only). When the worker dies, the copy wakes,
 *          first makes a new copy of itself, and does the same work again.
 * Items    a thread says guard_enter(slot, key) before it parses something and guard_leave after. A death by SIGSEGV, SIGBUS, SIGILL, SIGFPE,
 *          SIGABRT, SIGSYS or SIGTRAP, or a library that calls exit(), is the fault of the item of the thread that got the signal (its handler notes the slot); silence of all steps for `hang_ms` (guard_beat counts them)
 *          is the fault of the items that did not move: the supervisor ends the worker. Two faults, and guard_barred(key) is true from then on.
 *          A death by any other signal (SIGKILL, SIGTERM of somebody) is nobody's fault and only costs time, at most GUARD_RESTARTS_MAX times;
 *          an item under way in GUARD_KILLS_MAX of them without progress in between is barred as well: the kernel's own out-of-memory killer looks like that.
 * Nesting  items of one slot may hold items, GUARD_NEST deep (a zip in a zip): the innermost is the one that is blamed.
 * Files    open at a mark, they are shared with the copy: reads and writes at offsets go on as before, a position that moves does not.
 * Same     the result depends on which items are barred, never on when the worker died.
 * Output   what the worker prints through guard_put reaches the supervisor's stdout once, when the worker ended by itself. With `stream` what stands before
 *          a mark is printed as soon as the supervisor hears of it, since no copy goes back behind it; at the next marks the worker waits while more than
 *          GUARD_AHEAD_BYTES are on their way: memory stays flat however slow the reader is. A reader that goes away ends the work: code 0. Should somebody end
 *          the worker and its copy, the work begins anew, and as many bytes as were printed are left out.
 * Signals  SIGINT, SIGTERM and SIGHUP of the supervisor end the worker and its copies; the exit code is 128 + signal. With `hands_on` the first of SIGINT and SIGTERM is the worker's,
 *          in which both are blocked: it asks for them (stop.h) and ends by itself. A supervisor that dies takes all with it.
 * Errors   guard_run false: no process, no shared memory. A worker that cannot be kept alive: ERR_LIMIT "... died N times".
 * Trust    the worker may be under an attacker's control: the supervisor believes nothing in shared memory but bounded numbers, and ends only processes of the worker's own group.
 * Not done Windows: there guard_run calls work() in this process.
 */
#ifndef OS_GUARD_H
#define OS_GUARD_H

#include "base/err.h"
#include "base/str.h"

enum { GUARD_SLOTS = 256, GUARD_BARRED_MAX = 4096, GUARD_RESTARTS_MAX = 200, GUARD_KILLS_MAX = 8, GUARD_KEY_TEXT = 200, GUARD_NEST = 8, GUARD_AHEAD_BYTES = 8 << 20, GUARD_KEPT_BYTES = 256 };

struct guard;
struct guard_options {
    uint64_t hang_ms;            /* 0: default, 120 s without a single step of an item */
    bool     off;                /* work() in this process, without a net: for debuggers */
    bool     stream;             /* print what is certain while the work goes on */
    bool     hands_on;           /* see Signals */
    /* Told by the supervisor when a worker died and the work goes on. text: of the item that is blamed, or empty. NULL: nobody listens. */
    void   (*died)(void *ctx, const char *what, struct str text);
    void    *died_ctx;
};
typedef int guard_work(void *ctx, struct guard *g);

/* Runs work(ctx) in a worker. *ret_code: what work returned, or 128 + signal when the operator ended it. */
bool guard_run(const struct guard_options *o, guard_work *work, void *ctx, int *ret_code, struct err *e);

/* ---- in the worker. Each accepts g == NULL and does nothing then ---- */
bool guard_mark(struct guard *g, struct err *e);
/* slot: number of the thread. text: shown to the operator when the item dies; evidence, escaped by whoever prints it. */
void guard_enter(struct guard *g, uint32_t slot, uint64_t key, struct str text);
void guard_leave(struct guard *g, uint32_t slot);
/* slot GUARD_SLOTS: a step of whatever is under way, where the thread's number is not known. */
void guard_beat(struct guard *g, uint32_t slot);
bool guard_barred(const struct guard *g, uint64_t key);
uint32_t guard_restarts(const struct guard *g);
/* GUARD_KEPT_BYTES, zeroes at first, for a worker to say how far it is: one that begins anew finds them as they were left, and judges them. Nobody else reads them. */
void *guard_kept(struct guard *g);
/* A stream to the supervisor's stdout: an out_put (emit/out.h) whose ctx is the guard. Kept in a file in memory; dropped and written anew after a death. */
bool guard_put(void *g, struct str s, struct err *e);

#endif
