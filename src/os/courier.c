#include "os/courier.h"

#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FD = 3, FDS_MAX = 64 };

extern char **environ;

struct courier {
    _Atomic uint32_t *taken;              /* shared by all that were forked behind us: how many have been begun */
    int   ours[COURIERS_MAX], theirs[COURIERS_MAX];
    int   life;                           /* a pipe that ends with whoever opened it */
    pid_t keeper;
    int   fd;
};

static bool fail(struct err *e, const char *what) { return err_set(e, errno == ENOMEM ? ERR_MEMORY : ERR_IO, "%s: %s", what, strerror(errno)); }

static void shut(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- messages ---- */

bool courier_say(int fd, struct str message)
{
    ssize_t n;

    if (message.n == 0 || message.n > COURIER_MESSAGE_MAX)
        return false;
    do
        n = write(fd, message.p, message.n);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)message.n;
}

static int64_t tick_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum courier_heard courier_hear(int fd, uint8_t *buf, int64_t ms, struct str *ret)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    int64_t       until = tick_ms() + ms;

    for (;;) {
        int64_t left = ms < 0 ? -1 : until - tick_ms();
        if (ms >= 0 && left <= 0)
            return COURIER_LATE;
        int     n_ready = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        ssize_t n = n_ready > 0 ? read(fd, buf, COURIER_MESSAGE_MAX + 1) : 0;
        if (n_ready == 0 || (n_ready < 0 && errno == EINTR) || (n < 0 && (errno == EINTR || errno == EAGAIN)))
            continue;
        if (n <= 0)
            return COURIER_GONE;
        *ret = (struct str){ buf, (size_t)n };
        return COURIER_MESSAGE;
    }
}

/* ---- the courier ---- */

bool courier_shut(const struct sandbox_rules *r, const uint16_t *port, size_t port_n, struct err *e)
{
    const struct rlimit none = { 0, 0 }, few = { FDS_MAX, FDS_MAX };
    const char *name;

    if (setrlimit(RLIMIT_CORE, &none) != 0 || setrlimit(RLIMIT_FSIZE, &none) != 0 || setrlimit(RLIMIT_NOFILE, &few) != 0)
        return fail(e, "limits of a courier");
    return os_memory_more(COURIER_MEMORY, e) && sandbox_enter_out(r, port, port_n, &name, e);
}

/* Nothing is open but its end, under the number FD. */
static bool tidy(int fd)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int i = 0; i < FD; i++)
        if (null < 0 || dup2(null, i) < 0)
            return false;
    if (dup2(fd, FD) < 0)
        return false;
    closefrom(FD + 1);
    return true;
}

_Noreturn static void go(courier_work *work, void *ctx, int fd, pid_t keeper)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != keeper || !tidy(fd))
        _exit(1);
    (void)prctl(PR_SET_NAME, "courier");
    work(ctx, FD);
    _exit(0);
}

/* ---- the keeper ---- */

static void end(pid_t *pid)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);                  /* not yet waited for, so the number is nobody else's */
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *pid = 0;
}

/* The newest that somebody has spoken to; those before it are left. -1: whoever opened us is gone. */
static int next_asked(struct courier *c)
{
    for (;;) {
        struct pollfd p[COURIERS_MAX + 1];
        int           newest = -1;

        for (int i = 0; i < COURIERS_MAX; i++)
            p[i] = (struct pollfd){ .fd = c->theirs[i], .events = POLLIN };
        p[COURIERS_MAX] = (struct pollfd){ .fd = c->life };
        if (poll(p, COURIERS_MAX + 1, -1) < 0 && errno != EINTR)
            return -1;
        if (p[COURIERS_MAX].revents)
            return -1;
        for (int i = 0; i < COURIERS_MAX; i++) {
            if (p[i].revents & POLLIN)
                newest = i;
            else if (p[i].revents)
                shut(&c->theirs[i]);
        }
        for (int i = 0; i < newest; i++)
            shut(&c->theirs[i]);
        if (newest >= 0)
            return newest;
    }
}

static void forget_all(const struct str *forget, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (forget[i].n)
            memset((void *)(uintptr_t)forget[i].p, 0, forget[i].n);
    for (char **v = environ; v && *v; v++)
        memset(*v, 0, strlen(*v));
    if (environ)
        *environ = NULL;
}

_Noreturn static void keep(struct courier *c, courier_work *work, void *ctx, pid_t parent)
{
    static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP, SIGINT, SIGTERM, SIGHUP, SIGCHLD };
    const pid_t      me = getpid();
    pid_t            out = 0;
    sigset_t         none;
    int              at;

    /* A handler that the parent has, it has for itself. */
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        (void)signal(fatal[i], SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(1);
    for (int i = 0; i < COURIERS_MAX; i++)
        shut(&c->ours[i]);
    while ((at = next_asked(c)) >= 0) {
        end(&out);
        out = fork();
        if (out == 0)
            go(work, ctx, c->theirs[at], me);
        shut(&c->theirs[at]);             /* only the courier holds it now: its death is heard */
    }
    end(&out);
    _exit(0);
}

/* ---- whoever asks ---- */

static bool open_pairs(struct courier *c, int life[2], struct err *e)
{
    for (int i = 0; i < COURIERS_MAX; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
            return fail(e, "sockets for a courier");
        c->ours[i] = pair[0];
        c->theirs[i] = pair[1];
        if (fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0)          /* a courier that does not read keeps nobody */
            return fail(e, "sockets for a courier");
    }
    return pipe2(life, O_CLOEXEC) == 0 || fail(e, "pipe");
}

bool courier_open(struct courier **ret, courier_work *work, void *ctx, const struct str *forget, size_t forget_n, struct arena *a, struct err *e)
{
    struct courier *c = NEW(a, struct courier, 1);
    int             life[2] = { -1, -1 };
    pid_t           me = getpid();

    if (!c)
        return err_set(e, ERR_MEMORY, "no room for a courier");
    *c = (struct courier){ .life = -1, .fd = -1 };
    for (int i = 0; i < COURIERS_MAX; i++)
        c->ours[i] = c->theirs[i] = -1;
    c->taken = mmap(NULL, sizeof *c->taken, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (c->taken == MAP_FAILED) {
        c->taken = NULL;
        return fail(e, "shared memory");
    }
    bool ok = open_pairs(c, life, e);
    if (ok && (c->keeper = fork()) < 0)
        ok = fail(e, "no process for a courier");
    if (ok && c->keeper == 0) {
        close(life[1]);
        c->life = life[0];
        forget_all(forget, forget_n);
        keep(c, work, ctx, me);
    }
    shut(&life[0]);
    c->life = life[1];
    for (int i = 0; i < COURIERS_MAX; i++)
        shut(&c->theirs[i]);
    if (ok)
        *ret = c;
    else
        courier_close(c);
    return ok;
}

void courier_close(struct courier *c)
{
    if (!c)
        return;
    for (int i = 0; i < COURIERS_MAX; i++) {
        shut(&c->ours[i]);
        shut(&c->theirs[i]);
    }
    shut(&c->life);
    while (c->keeper > 0 && waitpid(c->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    c->keeper = 0;
    if (c->taken)
        munmap(c->taken, sizeof *c->taken);
    c->taken = NULL;
}

bool courier_next(struct courier *c)
{
    uint32_t at = atomic_fetch_add(c->taken, 1);

    c->fd = -1;
    if (at >= COURIERS_MAX) {
        *c->taken = COURIERS_MAX;
        return false;
    }
    c->fd = c->ours[at];
    return true;
}

void courier_leave(struct courier *c) { c->fd = -1; }

int courier_fd(const struct courier *c) { return c->fd; }
