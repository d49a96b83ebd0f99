/*
 * The worker's side of the guard.
 *
 * How a handler knows its item, without a global: guard_enter gives the thread the alternate signal stack of its slot, and at the bottom of
 * that stack stands whose it is. The thread's own is put back by guard_leave, since whoever made it may want to take it away.
 */
#include "os/guard_inner.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The sizes of the house: nobody else's stack has just this one. */
enum { STACK_ROOM = 1 << 16, STACK_BYTES = STACK_ROOM - 4096 - 48 };
static const uint64_t stack_magic = 0x6472617567667061;

struct stack_head {
    uint64_t             magic;
    struct guard_shared *shared;
    int32_t              slot;
    bool                 entered;
    stack_t              before;              /* what the thread had */
    uint32_t             depth;               /* items entered and not left */
    struct outer { uint64_t key; uint32_t text_n; char text[GUARD_KEY_TEXT]; } outer[GUARD_NEST];
};
_Static_assert(sizeof(struct stack_head) < 4096, "the head leaves most of its page to the stack");

/* One more than slots: the first thread's own, for what it does between items. */
size_t guard_stacks_bytes(void) { return (size_t)(GUARD_SLOTS + 1) * STACK_ROOM; }

static struct stack_head *head_of(const struct guard *g, uint32_t slot) { return (struct stack_head *)(g->stacks + (size_t)slot * STACK_ROOM); }

/* ---- items ---- */

static void begin_item(struct guard_slot *s, uint64_t key, const void *text, size_t n)
{
    n = n < GUARD_KEY_TEXT ? n : GUARD_KEY_TEXT;
    if (n)
        memcpy(s->text, text, n);
    s->text_n = (uint32_t)n;
    s->key    = key;
    s->beats  = 0;
    s->busy   = 1;
    s->steps++;
}

void guard_enter(struct guard *g, uint32_t slot, uint64_t key, struct str text)
{
    if (!g || slot >= GUARD_SLOTS)
        return;
    struct guard_slot *s = &g->shared->slot[slot];
    struct stack_head *h = head_of(g, slot);

    if (h->depth++ == 0) {
        stack_t ours = { .ss_sp = h, .ss_size = STACK_BYTES };
        h->magic   = stack_magic;
        h->shared  = g->shared;
        h->slot    = (int32_t)slot;
        h->entered = sigaltstack(&ours, &h->before) == 0;
    } else if (h->depth - 2 < GUARD_NEST) {
        struct outer *o = &h->outer[h->depth - 2];
        o->key    = s->key;
        o->text_n = s->text_n;
        memcpy(o->text, s->text, sizeof o->text);
    }
    begin_item(s, key, text.p, text.n);
}

void guard_leave(struct guard *g, uint32_t slot)
{
    if (!g || slot >= GUARD_SLOTS)
        return;
    struct guard_slot *s = &g->shared->slot[slot];
    struct stack_head *h = head_of(g, slot);

    if (h->depth == 0)
        return;
    if (--h->depth > 0) {
        const struct outer *o = &h->outer[h->depth - 1 < GUARD_NEST ? h->depth - 1 : GUARD_NEST - 1];
        begin_item(s, o->key, o->text, o->text_n);
        return;
    }
    s->busy = 0;
    s->steps++;
    if (h->entered)
        (void)sigaltstack(&h->before, NULL);
    h->entered = false;
}

void guard_beat(struct guard *g, uint32_t slot)
{
    if (g && slot >= GUARD_SLOTS)
        atomic_fetch_add_explicit(&g->shared->steps, 1, memory_order_relaxed);
    if (!g || slot >= GUARD_SLOTS)
        return;
    atomic_fetch_add_explicit(&g->shared->slot[slot].beats, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&g->shared->slot[slot].steps, 1, memory_order_relaxed);
}

bool guard_barred(const struct guard *g, uint64_t key)
{
    if (!g)
        return false;
    const struct guard_shared *s = g->shared;
    uint32_t lo = 0, hi = s->barred_n;

    hi = hi < GUARD_BARRED_MAX ? hi : GUARD_BARRED_MAX;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->barred[mid] < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < GUARD_BARRED_MAX && lo < s->barred_n && s->barred[lo] == key;
}

void *guard_kept(struct guard *g) { return g ? g->shared->kept : NULL; }

uint32_t guard_restarts(const struct guard *g) { return g ? g->shared->restarts : 0; }

/* ---- the last words ---- */

/* Safe in a handler. The first thread to fall is the one that counts. `shared` is known only through a stack of ours. */
static void note_fault(bool foreign)
{
    stack_t now;

    if (sigaltstack(NULL, &now) != 0 || now.ss_size != STACK_BYTES || !now.ss_sp)
        return;
    const struct stack_head *h = now.ss_sp;
    int32_t unseen = FAULT_UNSEEN;
    if (h->magic == stack_magic)
        atomic_compare_exchange_strong(&h->shared->fault, &unseen, foreign ? FAULT_FOREIGN : h->slot >= 0 ? h->slot : FAULT_NO_ITEM);
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
    (void)context;
    bool sent = info->si_code <= 0;           /* by a process, perhaps this one: abort() */
    note_fault(sent && info->si_pid != getpid());
    /* The default is back (SA_RESETHAND). An instruction that faults will fault again; a signal that was sent must be sent again. */
    if (sent)
        (void)raise(sig);
}

static void on_exit_unasked(void) { note_fault(false); }

/* A sanitizer that found something writes its report and exits, without a signal. Absent in a plain build. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void catch_the_fatal(const struct guard *g)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
    struct sigaction a = { .sa_sigaction = on_fatal, .sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND) };

    sigemptyset(&a.sa_mask);
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        (void)sigaction(fatal[i], &a, NULL);
    (void)atexit(on_exit_unasked);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(on_exit_unasked);
    struct stack_head *h = head_of(g, GUARD_SLOTS);
    *h = (struct stack_head){ .magic = stack_magic, .shared = g->shared, .slot = FAULT_NO_ITEM };
    (void)sigaltstack(&(stack_t){ .ss_sp = h, .ss_size = STACK_BYTES }, NULL);
}

/* ---- marks ---- */

/* S can always take a message: it reads them as they come. If it is gone, so are we. */
static void tell(const struct guard *g, enum guard_what what, int32_t value, uint64_t number)
{
    const struct guard_message m = { .what = what, .value = value, .number = number, .out_n = g->out_n };
    ssize_t n;

    do
        n = write(g->control, &m, sizeof m);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof m)
        _exit(1);
}

static bool supervisor_gone(const struct guard *g)
{
    struct pollfd p = { .fd = g->life };

    return poll(&p, 1, 0) > 0;                /* nothing is ever written there: an end, or an error */
}

/* Until it is this copy's turn. A copy that is no longer needed does not come back. */
static void sleep_as_copy(struct guard *g, uint64_t number)
{
    const struct timespec second = { .tv_sec = 1 };

    for (;;) {
        uint32_t bell   = g->shared->bell;
        uint64_t decree = g->shared->decree, kept = decree >> 1 & (((uint64_t)1 << GUARD_NUMBER_BITS) - 1);
        uint32_t epoch  = (uint32_t)(decree >> (GUARD_NUMBER_BITS + 1));

        if (supervisor_gone(g))
            _exit(0);
        if (number == kept && decree & 1) {
            g->epoch = epoch;
            break;
        }
        if (number != kept && (number < kept || number >> GUARD_MARK_BITS < epoch))
            _exit(0);
        (void)syscall(SYS_futex, &g->shared->bell, FUTEX_WAIT, bell, &second, NULL, 0);
    }
    /* Its parent is S now: S wakes nobody before the last worker is gone. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || supervisor_gone(g) || getppid() != g->supervisor)
        _exit(1);
}

/* S prints up to the mark that it has just been told. A reader that is slow makes the work slow, not its memory large. */
static void wait_for_reader(const struct guard *g)
{
    const struct timespec second = { .tv_sec = 1 };

    for (;;) {
        uint32_t bell    = g->shared->printed_bell;
        uint64_t printed = g->shared->printed;
        if (printed >= g->out_n || g->out_n - printed <= GUARD_AHEAD_BYTES)
            return;
        if (supervisor_gone(g))
            _exit(0);
        (void)syscall(SYS_futex, &g->shared->printed_bell, FUTEX_WAIT, bell, &second, NULL, 0);
    }
}

bool guard_mark(struct guard *g, struct err *e)
{
    (void)e;
    if (!g)
        return true;
    for (;;) {
        /* Copies that were let go. */
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        uint64_t number = guard_number(g->epoch, ++g->mark);
        pid_t    pid    = fork();
        if (pid != 0) {
            /* Without room for a copy the work goes on; a death then costs more time. */
            if (pid > 0)
                tell(g, GUARD_COPY, pid, number);
            if (pid > 0 && g->stream)
                wait_for_reader(g);
            return true;
        }
        sleep_as_copy(g, number);
    }
}

/* ---- output ---- */

bool guard_put(void *ctx, struct str s, struct err *e)
{
    struct guard *g = ctx;

    /* Begun anew: that much was printed already. */
    if (g && g->stream && s.n <= g->shared->printed && g->out_n <= g->shared->printed - s.n) {
        g->out_n += s.n;
        return true;
    }
    while (s.n) {
        ssize_t n = g ? pwrite(g->out, s.p, s.n, (off_t)g->out_n) : write(STDOUT_FILENO, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "write: %s", strerror(errno));
        if (g)
            g->out_n += (uint64_t)n;
        s = str_from(s, (size_t)n);
    }
    return true;
}

_Noreturn void guard_work_in_child(struct guard *g, guard_work *work, void *ctx)
{
    const struct rlimit none = { 0, 0 };

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != g->supervisor)
        _exit(1);
    /* A crash is told by the report; a file of the size of the memory helps nobody. Another group than the terminal's may still write to it. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(SIGTTOU, SIG_IGN);
    catch_the_fatal(g);
    int code = work(ctx, g);
    tell(g, GUARD_DONE, code, 0);
    _exit(code & 0xff);
}
