/*
 * The supervisor's side of the guard. It waits: for signals, for messages, for the worker's end. See guard_inner.h for the rules.
 */
#include "os/guard_inner.h"

#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HANG_DEFAULT_MS = 120000, TICK_MIN_MS = 10, TICK_MAX_MS = 500, HEAR_MAX = 65536 / sizeof(struct guard_message) };

struct watch {
    struct guard         g;              /* what each new worker begins with */
    struct guard_shared *s;
    struct judge        *judge;
    void               (*died)(void *ctx, const char *what, struct str text);
    void                *died_ctx;
    guard_work          *work;
    void                *ctx;
    int                  life_w, control_r, signals;
    sigset_t             mask_before;
    struct sigaction     child_before;
    int                  reaper_before;
    pid_t                group, active;  /* 0: none */
    uint64_t             kept;           /* number of the newest copy; 0: none */
    pid_t                kept_pid;
    uint64_t             hang_ms, tick_ms, silent_ms, looked_ms, steps, oom;
    bool                 stopped, hung, done, hands_on, asked;        /* asked: to end */
    int32_t              code;
    struct printing      out;
};

static bool fail(struct err *e, const char *what)
{
    return err_set(e, errno == ENOMEM ? ERR_MEMORY : ERR_IO, "%s: %s", what, strerror(errno));
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* How often the kernel ended a process for want of memory: "oom_kill N" of /proc/vmstat. UINT64_MAX: it does not tell. */
static uint64_t oom_kills(void)
{
    char buf[16384];
    int  fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return UINT64_MAX;
    size_t  n = 0;
    ssize_t got;
    while (n < sizeof buf && (got = read(fd, buf + n, sizeof buf - n)) > 0)
        n += (size_t)got;
    close(fd);
    struct str all = { (const uint8_t *)buf, n }, line;
    uint64_t   value;
    while (str_cut(&all, '\n', &line))
        if (str_starts(line, STR("oom_kill ")) && num_u64(str_from(line, sizeof "oom_kill " - 1), &value))
            return value;
    return UINT64_MAX;
}

/* ---- what S decrees ---- */

static void decree(struct watch *w, bool wake)
{
    w->s->decree = (uint64_t)w->g.epoch << (GUARD_NUMBER_BITS + 1) | w->kept << 1 | wake;
    w->s->bell++;
    (void)syscall(SYS_futex, &w->s->bell, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Is there a process of this number that is our own child, and of the worker's group? A number from a message is only a number. */
static bool own_child(const struct watch *w, pid_t pid)
{
    siginfo_t info = { 0 };

    return pid > 0 && getpgid(pid) == w->group && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

static void clear_for_next(struct watch *w)
{
    for (size_t i = 0; i < GUARD_SLOTS; i++)
        w->s->slot[i].busy = 0;
    memcpy(w->s->barred, w->judge->barred, sizeof w->judge->barred);
    w->s->barred_n = w->judge->barred_n;
    w->s->restarts = w->judge->deaths;
    w->s->fault    = FAULT_UNSEEN;
    w->stopped = w->hung = false;
    w->silent_ms = 0;
    w->looked_ms = now_ms();
}

/* While one of the group is our child, the group's number cannot be anybody else's. */
static void end_all(struct watch *w)
{
    siginfo_t info;

    while (w->group > 0 && waitid(P_PGID, (id_t)w->group, &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
        kill(-w->group, SIGKILL);
        while (waitpid(-w->group, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    w->group = w->active = 0;
    w->kept  = 0;
}

static void undo_signals(const struct watch *w)
{
    (void)sigaction(SIGCHLD, &w->child_before, NULL);
    (void)sigprocmask(SIG_SETMASK, &w->mask_before, NULL);
}

/* In the worker: what the operator's wish to end comes as is not taken before it is asked for. There is no moment at which it would end the worker. */
static void undo_signals_but(const struct watch *w)
{
    sigset_t mask = w->mask_before;

    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    (void)sigaction(SIGCHLD, &w->child_before, NULL);
    (void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

static void ask_to_end(struct watch *w, int sig)
{
    w->asked = true;
    if (w->active > 0)
        kill(w->active, sig);                 /* our own child, not yet reaped */
}

static bool begin(struct watch *w, struct err *e)
{
    end_all(w);
    clear_for_next(w);
    decree(w, false);
    pid_t pid = fork();
    if (pid < 0)
        return fail(e, "no process for the worker");
    if (pid == 0) {
        (void)setpgid(0, 0);
        close(w->life_w);
        close(w->control_r);
        close(w->signals);
        (w->hands_on ? undo_signals_but : undo_signals)(w);
        guard_work_in_child(&w->g, w->work, w->ctx);
    }
    (void)setpgid(pid, pid);
    w->group = w->active = pid;
    if (w->asked)
        ask_to_end(w, SIGINT);
    return true;
}

static bool again(struct watch *w, struct err *e)
{
    pid_t next = w->kept_pid;

    w->g.epoch++;
    w->active = 0;
    if (!w->kept || !own_child(w, next))
        return begin(w, e);
    clear_for_next(w);
    decree(w, true);
    w->active = next;
    w->kept   = 0;
    return true;
}

/* ---- what S hears ---- */

/* A pipe full at a time: a worker that talks without end must not keep S from what else it waits for. */
static void hear(struct watch *w)
{
    struct guard_message m;

    for (int i = 0; i < HEAR_MAX && read(w->control_r, &m, sizeof m) == (ssize_t)sizeof m; i++) {
        if (m.what == GUARD_DONE) {
            w->done  = true;
            w->code  = m.value;
            w->out.until = m.out_n > w->out.at ? m.out_n : w->out.at;
        }
        if (m.what == GUARD_COPY && m.value > 0 && m.number > w->kept && m.number >> GUARD_MARK_BITS == w->g.epoch) {
            w->kept     = m.number;
            w->kept_pid = m.value;
            if (w->g.stream && m.out_n > w->out.until)
                w->out.until = m.out_n;
            decree(w, false);
        }
    }
}

static bool was_killed(int status)
{
    if (!WIFSIGNALED(status))
        return false;                         /* it left without a word: a library's exit(), a sanitizer's */
    switch (WTERMSIG(status)) {
    case SIGSEGV: case SIGBUS: case SIGILL: case SIGFPE: case SIGABRT: case SIGSYS: case SIGTRAP:
        return false;
    default:
        return true;
    }
}

static bool on_death(struct watch *w, int status, struct err *e)
{
    uint64_t   oom    = oom_kills();
    bool       memory = oom == UINT64_MAX || oom != w->oom;
    enum death how    = w->hung ? DEATH_HANG : was_killed(status) ? DEATH_KILLED : DEATH_FAULT;

    w->oom = oom;
    if (!judge_death(w->judge, w->s, how, memory, e) || !again(w, e))
        return false;
    if (w->died)
        w->died(w->died_ctx, w->judge->what, (struct str){ (const uint8_t *)w->judge->text, w->judge->blamed ? w->judge->text_n : 0 });
    return true;
}

/* False: a worker died and that was one too many. */
static bool reap(struct watch *w, struct err *e)
{
    pid_t pid;
    int   status;

    while (w->group > 0 && (pid = waitpid(-w->group, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        if (pid != w->active)
            continue;                         /* a copy; what it was worth shows when it is needed */
        if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
            w->stopped = WIFSTOPPED(status);
            continue;
        }
        w->active = 0;
        hear(w);
        if (w->done)
            return true;
        if (!on_death(w, status, e))
            return false;
    }
    return true;
}

/* A supervisor that was stopped itself saw nothing in that time, so each look counts for no more than two ticks. */
static void look_for_silence(struct watch *w)
{
    uint64_t steps = w->s->steps, now = now_ms(), past = now - w->looked_ms;
    bool     busy = false;

    if (past < w->tick_ms)
        return;
    w->looked_ms = now;
    for (size_t i = 0; i < GUARD_SLOTS; i++) {
        steps += w->s->slot[i].steps;
        busy   = busy || w->s->slot[i].busy;
    }
    if (steps != w->steps || !busy || w->stopped || w->active <= 0)
        w->silent_ms = 0;
    else
        w->silent_ms += past < 2 * w->tick_ms ? past : 2 * w->tick_ms;
    w->steps = steps;
    if (w->silent_ms >= w->hang_ms && !w->hung) {
        w->hung = true;
        kill(w->active, SIGKILL);             /* our own child, not yet reaped */
    }
}

/* Until the worker is done or nobody reads it (true), the operator ends it (true, *ret_signal), or it cannot go on. */
static bool watch(struct watch *w, int *ret_signal, struct err *e)
{
    struct signalfd_siginfo info;

    for (;;) {
        struct pollfd p[3] = { { .fd = w->signals, .events = POLLIN }, { .fd = w->control_r, .events = POLLIN },
                               { .fd = w->out.at < w->out.until ? STDOUT_FILENO : -1, .events = POLLOUT } };
        (void)poll(p, 3, (int)w->tick_ms);
        hear(w);
        while (read(w->signals, &info, sizeof info) == (ssize_t)sizeof info)
            if (w->hands_on && !w->asked && (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM))
                ask_to_end(w, (int)info.ssi_signo);
            else if (info.ssi_signo != SIGCHLD) {
                *ret_signal = (int)info.ssi_signo;
                return true;
            }
        if (!reap(w, e))
            return false;
        if (w->done && w->active == 0)
            return true;
        if (p[2].revents && !guard_print_some(&w->out, w->g.out, w->s, e))
            return false;
        if (w->out.deaf)
            return true;
        look_for_silence(w);
    }
}

/* ---- before and after ---- */

static bool take_signals(struct watch *w, struct err *e)
{
    static const int ending[] = { SIGINT, SIGTERM, SIGHUP };
    struct sigaction plain = { .sa_handler = SIG_DFL }, is;
    sigset_t         set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        if (sigaction(ending[i], NULL, &is) == 0 && is.sa_handler != SIG_IGN)       /* nohup and the like stay as they are */
            sigaddset(&set, ending[i]);
    /* A parent that ignores SIGCHLD hands that down; then nobody's end could be waited for. */
    (void)sigaction(SIGCHLD, &plain, &w->child_before);
    (void)sigprocmask(SIG_BLOCK, &set, &w->mask_before);
    (void)prctl(PR_GET_CHILD_SUBREAPER, &w->reaper_before);
    w->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w->signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return fail(e, "signals of the worker");
    return true;
}

static bool open_pipes(struct watch *w, struct err *e)
{
    int life[2], control[2];

    if (pipe2(life, O_CLOEXEC) != 0)
        return fail(e, "pipe");
    w->g.life = life[0];
    w->life_w = life[1];
    if (pipe2(control, O_CLOEXEC) != 0)
        return fail(e, "pipe");
    w->control_r = control[0];
    w->g.control = control[1];
    if (fcntl(w->control_r, F_SETFL, O_NONBLOCK) != 0)
        return fail(e, "pipe");
    w->g.out = memfd_create("output", MFD_CLOEXEC);
    return w->g.out >= 0 ? true : fail(e, "a file in memory");
}

static void *pages(size_t n, int how, struct err *e)
{
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p != MAP_FAILED)
        return p;
    fail(e, "memory for the worker");
    return NULL;
}

static bool supervise(struct watch *w, int *ret_code, struct err *e)
{
    int  sig = 0;
    bool ok  = begin(w, e) && watch(w, &sig, e);

    end_all(w);
    if (!ok)
        return false;
    if (sig) {
        *ret_code = 128 + sig;
        return true;
    }
    if (w->out.deaf) {
        *ret_code = 0;
        return true;
    }
    if (!guard_print_all(&w->out, w->g.out, e))
        return false;
    *ret_code = w->code;
    return true;
}

static void shut(int fd)
{
    if (fd >= 0)
        close(fd);
}

bool guard_run(const struct guard_options *o, guard_work *work, void *ctx, int *ret_code, struct err *e)
{
    struct watch w = { .work = work, .ctx = ctx, .died = o->died, .died_ctx = o->died_ctx, .life_w = -1, .control_r = -1, .signals = -1, .hands_on = o->hands_on,
                       .g = { .life = -1, .control = -1, .out = -1, .supervisor = getpid(), .epoch = 1, .stream = o->stream } };
    bool         ok = false;

    if (o->off) {
        *ret_code = work(ctx, NULL);
        return true;
    }
    w.hang_ms = o->hang_ms ? o->hang_ms : HANG_DEFAULT_MS;
    w.tick_ms = w.hang_ms / 8;
    w.tick_ms = w.tick_ms < TICK_MIN_MS ? TICK_MIN_MS : w.tick_ms > TICK_MAX_MS ? TICK_MAX_MS : w.tick_ms;
    w.oom     = oom_kills();
    w.s       = pages(sizeof *w.s, MAP_SHARED, e);
    w.judge   = w.s ? pages(sizeof *w.judge, MAP_PRIVATE, e) : NULL;
    w.g.shared = w.s;
    w.g.stacks = w.judge ? pages(guard_stacks_bytes(), MAP_PRIVATE, e) : NULL;
    if (w.g.stacks && open_pipes(&w, e)) {
        ok = take_signals(&w, e) && supervise(&w, ret_code, e);
        (void)prctl(PR_SET_CHILD_SUBREAPER, w.reaper_before);
        undo_signals(&w);
    }
    shut(w.life_w);
    shut(w.g.life);
    shut(w.control_r);
    shut(w.g.control);
    shut(w.g.out);
    shut(w.signals);
    if (w.s)
        munmap(w.s, sizeof *w.s);
    if (w.judge)
        munmap(w.judge, sizeof *w.judge);
    if (w.g.stacks)
        munmap(w.g.stacks, guard_stacks_bytes());
    return ok;
}
