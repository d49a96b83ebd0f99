/*
 * guard_inner: what the supervisor (guard.c), its judgement (guard_judge.c), its printing (guard_print.c) and the worker (guard_worker.c) share.
 *
 * Processes  S, the supervisor; its child, the worker that is active; copies of it, made at marks, asleep until S decrees that one wakes.
 * Numbers    a copy's number is epoch << GUARD_MARK_BITS | mark. The epoch counts workers: S gives it, so a copy that S never heard of has
 *            an older epoch than the worker that came after it, and ends itself.
 * Rule 1     S keeps what it decides by in its own memory. Shared memory is the worker's to spoil; S reads bounded numbers from it.
 * Rule 2     S changes slots, barred keys and the noted fault only while no worker is active.
 * Rule 3     every copy is a child of the active worker, or, when that died, of S (PR_SET_CHILD_SUBREAPER).
 */
#ifndef OS_GUARD_INNER_H
#define OS_GUARD_INNER_H

#include "os/guard.h"

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

enum { GUARD_MARK_BITS = 31, GUARD_NUMBER_BITS = 47, GUARD_EPOCH_MAX = 60000 };

/* What guard_shared.fault says beside the number of a slot. */
enum { FAULT_UNSEEN = -1, FAULT_FOREIGN = -2, FAULT_NO_ITEM = -3 };

struct guard_slot {
    _Alignas(64) _Atomic uint64_t steps;      /* entered, left or beaten: never goes back */
    _Atomic uint64_t key, beats;              /* beats: since it was entered */
    _Atomic uint32_t busy, text_n;
    char             text[GUARD_KEY_TEXT];
};

struct guard_shared {
    _Atomic uint64_t  decree;                 /* epoch << 48 | number of the copy that is kept << 1 | 1 when it shall wake */
    _Atomic uint32_t  bell;                   /* a futex: moves with every decree */
    _Atomic int32_t   fault;                  /* noted by the thread that got a fatal signal */
    _Atomic uint32_t  restarts, barred_n;
    _Atomic uint64_t  steps;                  /* of no item in particular */
    _Atomic uint64_t  printed;                /* bytes of the output that reached stdout */
    _Atomic uint32_t  printed_bell;           /* a futex: moves with it */
    _Alignas(16) uint8_t kept[GUARD_KEPT_BYTES];
    uint64_t          barred[GUARD_BARRED_MAX];        /* sorted */
    struct guard_slot slot[GUARD_SLOTS];
};

/* A process's own view. The one a work function gets. */
struct guard {
    struct guard_shared *shared;
    uint8_t  *stacks;                         /* GUARD_SLOTS alternate signal stacks of this process */
    int       life, control, out;             /* a pipe that ends when S does; messages to S; the file in memory */
    pid_t     supervisor;
    uint64_t  out_n;                          /* bytes printed so far */
    uint32_t  epoch, mark;
    bool      stream;
};

enum guard_what { GUARD_COPY = 1, GUARD_DONE };
struct guard_message {
    uint32_t what;
    int32_t  value;                           /* GUARD_COPY: its process; GUARD_DONE: what work returned */
    uint64_t number;                          /* GUARD_COPY: its number                              */
    uint64_t out_n;                           /* bytes printed so far: nobody goes back behind them  */
};

static inline uint64_t guard_number(uint32_t epoch, uint32_t mark) { return (uint64_t)epoch << GUARD_MARK_BITS | mark; }

/* Runs in the forked process, never returns. */
_Noreturn void guard_work_in_child(struct guard *g, guard_work *work, void *ctx);
size_t guard_stacks_bytes(void);

/* ---- printing: what is in the file in memory goes to stdout, and out of memory ---- */

struct printing { uint64_t at, until; bool deaf; };   /* printed; certain; the reader is gone */

/* As much as stdout takes without waiting, PRINT_TURN bytes at most. False: it failed; a reader that is gone is no failure. */
bool guard_print_some(struct printing *p, int file, struct guard_shared *s, struct err *e);
/* All of it. */
bool guard_print_all(struct printing *p, int file, struct err *e);

/* ---- judgement: whose fault a death was, and what follows. No system calls: see guard_test.c ---- */

enum { STRIKES_MAX = 2 * GUARD_BARRED_MAX, STRANGE_MAX = 3 };

struct strike {
    uint64_t key, beats;      /* beats: how far it was when it was last killed */
    uint32_t faults, kills;
};

struct judge {
    struct strike strike[STRIKES_MAX];
    size_t        n;
    uint64_t      barred[GUARD_BARRED_MAX];
    uint32_t      barred_n;
    uint32_t      deaths, killed, strange;    /* strange: a fault while nothing was under way */
    const char   *what;                       /* what the last death means, for the operator */
    bool          blamed;                     /* ... and somebody is to blame for it */
    char          text[GUARD_KEY_TEXT];       /* of the item that was blamed last */
    size_t        text_n;
};

enum death { DEATH_FAULT, DEATH_HANG, DEATH_KILLED };

/*
 * A worker died. `memory`: the kernel had to end processes for want of memory since the last time, or does not tell.
 * False: it cannot be kept alive, and *e says so.
 */
bool judge_death(struct judge *j, const struct guard_shared *s, enum death how, bool memory, struct err *e);

#endif
