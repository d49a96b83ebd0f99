/* See greet.h. */
#include "os/greet.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/num.h"

static bool ready(int s, short what, uint32_t ms)
{
    struct pollfd p = { .fd = s, .events = what };

    return poll(&p, 1, ms > INT32_MAX ? INT32_MAX : (int)ms) == 1 && (p.revents & what);
}

static bool joined(int s, const struct addrinfo *a, uint32_t ms)
{
    int       why = 0;
    socklen_t n = sizeof why;

    if (connect(s, a->ai_addr, a->ai_addrlen) == 0)
        return true;
    return errno == EINPROGRESS && ready(s, POLLOUT, ms) && getsockopt(s, SOL_SOCKET, SO_ERROR, &why, &n) == 0 && (errno = why) == 0;
}

static bool greeted(int s, uint32_t ms)
{
    char    text[512];
    ssize_t n = ready(s, POLLIN, ms) ? recv(s, text, sizeof text, 0) : -1;

    if (n < 3 || text[0] != '2')
        return false;
    (void)send(s, "QUIT\r\n", 6, MSG_NOSIGNAL);
    return true;
}

bool os_greet(const char *host_port, uint32_t timeout_ms, struct err *e)
{
    char             host[256], port[8];
    const char      *colon = strrchr(host_port, ':');
    size_t           n = colon ? (size_t)(colon - host_port) : 0;
    struct addrinfo *all = NULL, how = { .ai_socktype = SOCK_STREAM };
    uint64_t         number;

    if (n == 0 || n >= sizeof host || !num_u64(str_c(colon + 1), &number) || number == 0 || number > 65535)
        return err_set(e, ERR_USAGE, "\"%.60s\" is no host and port", host_port);
    memcpy(host, host_port, n);
    host[n] = 0;
    if (host[0] == '[' && host[n - 1] == ']') {
        memmove(host, host + 1, n - 2);
        host[n - 2] = 0;
    }
    snprintf(port, sizeof port, "%u", (unsigned)number);
    int why = getaddrinfo(host, port, &how, &all);
    if (why != 0) {
        err_set(e, ERR_IO, "%s", gai_strerror(why));
        return err_where(e, "%s", host_port);
    }
    bool ok = false;
    errno = 0;
    for (const struct addrinfo *a = all; a && !ok; a = a->ai_next) {
        int s = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (s < 0)
            continue;
        ok = joined(s, a, timeout_ms) && greeted(s, timeout_ms);
        close(s);
    }
    freeaddrinfo(all);
    if (!ok) {
        err_set(e, ERR_IO, "no greeting: %s", errno ? strerror(errno) : "it did not answer as a mail server does");
        err_where(e, "%s", host_port);
    }
    return ok;
}
