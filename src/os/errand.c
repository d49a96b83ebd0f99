#include "os/errand.h"

#include "os/os.h"
#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* CLOCK_TIMES: a child may sleep, or wait for a busy machine, for so many times what it may use. */
enum { TICK_MS = 20, CLOCK_TIMES = 20 };

/* How the child's own words end: what it left in shared memory is read once, and bounded. */
enum { SAID_NOTHING, SAID_DONE, SAID_FAILED, SAID_NO_SANDBOX };
struct shared {
    _Atomic uint64_t step, begun_ms;      /* begun_ms: processor time when the step began */
    _Atomic uint32_t said;
    struct err       why;
};
struct errand {
    struct shared *s;
    int            out;                   /* a file in memory */
    uint64_t       put_n;
};

static bool fail(struct err *e, const char *what) { return err_set(e, errno == ENOMEM ? ERR_MEMORY : ERR_IO, "%s: %s", what, strerror(errno)); }

static uint64_t clock_ms(clockid_t id)
{
    struct timespec t = { 0 };

    (void)clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void errand_step(struct errand *t, uint64_t step)
{
    t->s->begun_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    t->s->step     = step;
}

bool errand_put(struct errand *t, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = pwrite(t->out, s.p, s.n, (off_t)t->put_n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(e, "hand back a result");
        t->put_n += (uint64_t)n;
        s = str_from(s, (size_t)n);
    }
    return true;
}

/* ---- the child ---- */

static bool confine(const struct errand_options *o, struct err *e)
{
    const struct rlimit none = { 0, 0 }, seconds = { o->all_ms / 1000 + 2, o->all_ms / 1000 + 3 };
    const char         *name;

    (void)setrlimit(RLIMIT_CORE, &none);
    (void)setrlimit(RLIMIT_CPU, &seconds);
    if (o->memory_bytes && !os_memory_more(o->memory_bytes, e))
        return false;
    return o->no_sandbox || sandbox_enter(&(struct sandbox_rules){ .read = o->read, .read_n = o->read_n }, &name, e);
}

_Noreturn static void child(const struct errand_options *o, errand_work *work, void *ctx, struct errand *t, pid_t parent)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
    struct err e = { 0 };

    /* A handler that this process has, it has for itself. */
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        (void)signal(fatal[i], SIG_DFL);
    (void)setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    uint32_t said = !confine(o, &e) ? SAID_NO_SANDBOX : work(ctx, t, &e) ? SAID_DONE : SAID_FAILED;
    t->s->why  = e;
    t->s->said = said;
    _exit(0);
}

/* ---- the parent ---- */

/* The pipe tells it sooner, unless the child has made others that hold it. */
static bool ended(pid_t pid)
{
    siginfo_t info = { 0 };

    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

/* Until the child ends (the pipe does) or has used more than it may. */
static void wait_for(const struct errand_options *o, const struct shared *s, pid_t pid, int life, struct errand_result *r)
{
    const uint64_t from = clock_ms(CLOCK_MONOTONIC);
    struct pollfd  p = { .fd = life };
    clockid_t      its;
    bool           has = clock_getcpuclockid(pid, &its) == 0;

    while (poll(&p, 1, TICK_MS) <= 0 && !ended(pid)) {
        uint64_t used = has ? clock_ms(its) : 0, begun = s->begun_ms;
        if (used)
            r->used_ms = used;
        bool step = used > begun && used - begun > o->step_ms;
        r->all = used > o->all_ms || clock_ms(CLOCK_MONOTONIC) - from > o->all_ms * CLOCK_TIMES;
        if (step || r->all) {
            r->end = ERRAND_SLOW;
            return;
        }
    }
}

static bool take(struct errand *t, uint64_t max, struct errand_result *r, struct err *e)
{
    off_t end = lseek(t->out, 0, SEEK_END);

    if (end < 0)
        return fail(e, "take a result");
    if ((uint64_t)end > max) {
        r->end = ERRAND_FAILED;
        err_set(&r->why, ERR_LIMIT, "a result of %llu bytes, at most %llu are taken", (unsigned long long)end, (unsigned long long)max);
        return true;
    }
    size_t n = (size_t)end, got = 0;
    if (!n)
        return true;
    uint8_t *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return fail(e, "take a result");
    while (got < n) {
        ssize_t m = pread(t->out, p + got, n - got, (off_t)got);
        if (m < 0 && errno == EINTR)
            continue;
        if (m <= 0) {
            munmap(p, n);
            return fail(e, "take a result");
        }
        got += (size_t)m;
    }
    r->bytes = (struct str){ p, n };
    return true;
}

/* Its words, once, and ended with a NUL each. */
static void hear(const struct shared *s, struct errand_result *r)
{
    r->why = s->why;
    r->why.what[sizeof r->why.what - 1] = r->why.where[sizeof r->why.where - 1] = r->why.hint[sizeof r->why.hint - 1] = 0;
    if (r->why.kind < ERR_NONE || r->why.kind > ERR_USAGE)
        r->why.kind = ERR_LIMIT;
}

static bool judge(struct errand *t, const struct errand_options *o, int status, struct errand_result *r, struct err *e)
{
    uint32_t said = t->s->said;

    r->step = t->s->step;
    if (r->end == ERRAND_SLOW)
        return true;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) {
        r->end = ERRAND_SLOW;
        r->all = true;
        return true;
    }
    if (!WIFEXITED(status) || said < SAID_DONE || said > SAID_NO_SANDBOX) {
        r->end = ERRAND_DIED;
        r->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        return true;
    }
    if (said != SAID_DONE)
        hear(t->s, r);
    if (said == SAID_NO_SANDBOX) {
        *e = r->why;
        return err_hint(e, "--sandbox off goes on without it, less safe");
    }
    r->end = said == SAID_DONE ? ERRAND_DONE : ERRAND_FAILED;
    return r->end != ERRAND_DONE || take(t, o->result_max, r, e);
}

static bool apart(const struct errand_options *o, errand_work *work, void *ctx, struct errand *t, struct errand_result *r, struct err *e)
{
    struct sigaction plain = { .sa_handler = SIG_DFL }, before;
    pid_t            me = getpid();
    int              life[2], status = 0;

    if (pipe2(life, O_CLOEXEC) != 0)
        return fail(e, "pipe");
    /* A parent that ignores SIGCHLD hands that down; then nobody's end could be waited for. */
    (void)sigaction(SIGCHLD, &plain, &before);
    pid_t pid = fork();
    if (pid == 0) {
        close(life[0]);
        child(o, work, ctx, t, me);
    }
    close(life[1]);
    bool ok = pid > 0 ? true : fail(e, "no process to read rules");
    if (ok) {
        (void)setpgid(pid, pid);
        wait_for(o, t->s, pid, life[0], r);
        /* Not yet waited for, so the group's number is nobody else's. A child that has made others takes them along. */
        siginfo_t info;
        if (r->end == ERRAND_SLOW)
            kill(-pid, SIGKILL);
        while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
            ;
        kill(-pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        ok = judge(t, o, status, r, e);
    }
    close(life[0]);
    (void)sigaction(SIGCHLD, &before, NULL);
    return ok;
}

bool errand_run(const struct errand_options *o, errand_work *work, void *ctx, struct errand_result *ret, struct err *e)
{
    struct errand_result r = { 0 };
    struct errand        t = { .out = memfd_create("result", MFD_CLOEXEC) };
    bool                 ok;

    if (t.out < 0)
        return fail(e, "a file in memory");
    t.s = mmap(NULL, sizeof *t.s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (t.s == MAP_FAILED) {
        fail(e, "shared memory");
        close(t.out);
        return false;
    }
    if (o->off) {
        r.end  = work(ctx, &t, &r.why) ? ERRAND_DONE : ERRAND_FAILED;
        r.step = t.s->step;
        ok = r.end != ERRAND_DONE || take(&t, o->result_max, &r, e);
    } else {
        ok = apart(o, work, ctx, &t, &r, e);
    }
    munmap(t.s, sizeof *t.s);
    close(t.out);
    if (ok)
        *ret = r;
    return ok;
}

void errand_drop(struct errand_result *r)
{
    if (r->bytes.n)
        munmap((void *)(uintptr_t)r->bytes.p, r->bytes.n);
    r->bytes = STR_EMPTY;
}
