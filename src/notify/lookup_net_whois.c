/* See lookup_net.h: a line to port 43 (RFC 3912), and what comes back until the other side closes. */
#include "notify/lookup_net_inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/net.h"

static bool ready(int fd, short events, int64_t until)
{
    struct pollfd p = { .fd = fd, .events = events };
    int64_t       left = until - lookup_tick_ms();

    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static int connected(const uint8_t ip[16], uint16_t port, int64_t until)
{
    struct sockaddr_in  in = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    bool four = net_is4(ip);
    int  failed = 0;
    socklen_t n = sizeof failed;

    memcpy(&in.sin_addr, ip + 12, 4);
    memcpy(&in6.sin6_addr, ip, 16);
    int fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int code = connect(fd, four ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6, four ? sizeof in : sizeof in6);
    if ((code == 0 || errno == EINPROGRESS) && ready(fd, POLLOUT, until) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n) == 0 && !failed)
        return fd;
    close(fd);
    return -1;
}

static bool sayable(struct str line)
{
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' || line.p[i] > '~')
            return false;
    return true;
}

/* Until the other side closes. False: no room. */
static bool hear(int fd, struct lookup_body *body, uint32_t bytes_max, int64_t until, enum lookup_end *ret)
{
    uint8_t buf[8192];
    ssize_t n = -1;

    while (ready(fd, POLLIN, until)) {
        n = recv(fd, buf, sizeof buf, 0);
        if (n <= 0 || body->n + (size_t)n > bytes_max) {
            *ret = n == 0 ? LOOKUP_ANSWERED : n < 0 ? LOOKUP_BROKEN : LOOKUP_LARGE;
            return true;
        }
        if (!lookup_body_keep(body, buf, (size_t)n))
            return false;
    }
    *ret = LOOKUP_LATE;
    return true;
}

bool lookup_whois_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct err none = { 0 };
    int64_t    until = lookup_tick_ms() + q->ms;
    int        fd = -1;
    bool       room = true;

    if (!sayable(q->line)) {
        *ret = (struct lookup_got){ .end = LOOKUP_FORBIDDEN, .why = STR("a question that cannot be asked") };
        return true;
    }
    if (!lookup_judged(d, q->host, a, ret, &none))
        return none.kind == ERR_NONE || lookup_net_no_room(e);
    struct str question = str_fmt(a, "%.*s\r\n", STR_ARG(q->line));
    if (!question.p)
        return lookup_net_no_room(e);
    for (size_t i = 0; i < d->ip_n && fd < 0; i++)
        fd = connected(d->ip[i], lookup_direct_port(d, LOOKUP_WHOIS), until);
    d->body.n = 0;
    ret->end = LOOKUP_NO_CONNECT;
    if (fd >= 0 && ready(fd, POLLOUT, until) && send(fd, question.p, question.n, MSG_NOSIGNAL) == (ssize_t)question.n)
        room = hear(fd, &d->body, q->bytes_max, until, &ret->end);
    if (fd >= 0)
        close(fd);
    ret->body = (struct str){ d->body.p, d->body.n };
    ret->why = ret->end == LOOKUP_ANSWERED ? STR_EMPTY : str_c(lookup_end_name(ret->end));
    return room || lookup_net_no_room(e);
}
