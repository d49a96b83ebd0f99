#include "os/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t both(void)
{
    sigset_t s;

    sigemptyset(&s);
    sigaddset(&s, SIGINT);
    sigaddset(&s, SIGTERM);
    return s;
}

bool os_stop_open(struct os_stop *ret, struct err *e)
{
    sigset_t s = both();

    if (sigprocmask(SIG_BLOCK, &s, NULL) != 0)
        return err_set(e, ERR_IO, "block signals: %s", strerror(errno));
    int fd = signalfd(-1, &s, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0) {
        err_set(e, ERR_IO, "signalfd: %s", strerror(errno));
        (void)sigprocmask(SIG_UNBLOCK, &s, NULL);
        return false;
    }
    ret->fd = fd;
    return true;
}

bool os_stop_asked(struct os_stop *s)
{
    struct signalfd_siginfo got;
    bool any = false;

    while (s->fd >= 0 && read(s->fd, &got, sizeof got) == (ssize_t)sizeof got)
        any = true;
    return any;
}

bool os_stop_wait(struct os_stop *s, uint32_t ms)
{
    struct pollfd p = { .fd = s ? s->fd : -1, .events = POLLIN };

    (void)poll(&p, 1, ms > INT32_MAX ? INT32_MAX : (int)ms);
    return s && os_stop_asked(s);
}

void os_stop_close(struct os_stop *s)
{
    sigset_t set = both();

    if (s->fd < 0)
        return;
    (void)os_stop_asked(s);
    close(s->fd);
    s->fd = -1;
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}
