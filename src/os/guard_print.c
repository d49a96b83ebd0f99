/*
 * How the supervisor prints what the worker wrote into the file in memory. The size that the worker claims is only a number: no more is printed than there is.
 */
#include "os/guard_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* PIPE_BUF bytes go into a pipe that is writable without waiting. Source: pipe(7). */
enum { PRINT_BUFFER = 1 << 16, PRINT_TURN = 4 << 20 };

static uint64_t size_of(int file)
{
    struct stat st;
    return fstat(file, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

static bool is_plain(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool takes_more(void)
{
    struct pollfd p = { .fd = STDOUT_FILENO, .events = POLLOUT };
    return poll(&p, 1, 0) > 0;
}

/* wait: also where stdout is not ready. *ret_all: the buffer went out. */
static bool print(struct printing *p, struct str s, size_t step, bool wait, bool *ret_all, struct err *e)
{
    *ret_all = false;
    while (s.n) {
        if (!wait && !takes_more())
            return true;
        errno = 0;
        struct str some = str_sub(s, 0, step);
        if (!guard_put(NULL, some, e)) {
            p->deaf = errno == EPIPE;
            if (p->deaf)
                *e = (struct err){ 0 };
            return p->deaf;
        }
        p->at += some.n;
        s = str_from(s, some.n);
    }
    *ret_all = true;
    return true;
}

static bool print_until(struct printing *p, int file, uint64_t until, bool wait, struct err *e)
{
    uint8_t  buf[PRINT_BUFFER];
    uint64_t size = size_of(file);
    size_t   step = wait || is_plain(STDOUT_FILENO) ? sizeof buf : PIPE_BUF;
    bool     all  = true;

    until = until < size ? until : size;
    while (all && !p->deaf && p->at < until) {
        size_t  want = until - p->at < sizeof buf ? (size_t)(until - p->at) : sizeof buf;
        ssize_t n = pread(file, buf, want, (off_t)p->at);
        if (n < 0)
            return err_set(e, ERR_IO, "read back what the worker printed");
        if (n == 0)
            break;
        if (!print(p, (struct str){ buf, (size_t)n }, step, wait, &all, e))
            return false;
    }
    return true;
}

bool guard_print_some(struct printing *p, int file, struct guard_shared *s, struct err *e)
{
    uint64_t from = p->at, until = p->until - p->at < PRINT_TURN ? p->until : p->at + PRINT_TURN;
    bool     ok   = print_until(p, file, until, false, e);

    if (p->at == from)
        return ok;
    /* Gone from memory; where the file system cannot do that, it only costs memory. */
    (void)fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)p->at);
    s->printed = p->at;
    s->printed_bell++;
    (void)syscall(SYS_futex, &s->printed_bell, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    return ok;
}

bool guard_print_all(struct printing *p, int file, struct err *e)
{
    return print_until(p, file, p->until, true, e);
}
