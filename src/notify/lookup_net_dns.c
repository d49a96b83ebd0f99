/* See lookup_net.h: the DNS, by c-ares; the message is given back as it came. Source: ares_query(3), ares_getsock(3) of c-ares 1.18 and 1.27. */
#include "notify/lookup_net_inner.h"

#include <poll.h>

enum { TRY_MS = 1500, TRIES = 2, UDP = 1232 /* DNS flag day 2020 */ };

bool lookup_ares_open(struct lookup_direct *d, struct arena *a, struct err *e)
{
    struct ares_options how = { .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS, .timeout = TRY_MS, .tries = TRIES, .ednspsz = UDP };
    int                 code = ares_library_init(ARES_LIB_INIT_ALL);

    if (code == ARES_SUCCESS)
        code = ares_init_options(&d->ares, &how, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
    d->has_ares = code == ARES_SUCCESS;
    if (code == ARES_SUCCESS && d->o.dns.n) {
        const char *csv = str_cstr(a, d->o.dns);
        code = csv ? ares_set_servers_ports_csv(d->ares, csv) : ARES_ENOMEM;
    }
    if (code == ARES_SUCCESS)
        return true;
    lookup_ares_close(d);
    return err_set(e, ERR_IO, "no look-ups: %s", ares_strerror(code));
}

void lookup_ares_close(struct lookup_direct *d)
{
    if (d->has_ares)
        ares_destroy(d->ares);
    d->has_ares = false;
    ares_library_cleanup();
}

size_t lookup_ares_ports(const struct lookup_direct *d, uint16_t *ret, size_t max)
{
    struct ares_addr_port_node *all = NULL;
    size_t n = 0;

    if (ares_get_servers_ports(d->ares, &all) != ARES_SUCCESS)
        return 0;
    for (const struct ares_addr_port_node *s = all; s && n < max; s = s->next)
        ret[n++] = s->tcp_port > 0 ? (uint16_t)s->tcp_port : 53;
    ares_free_data(all);
    return n;
}

struct asked { struct lookup_direct *d; bool done; int status; };

static void on_answer(void *ctx, int status, int timeouts, unsigned char *p, int n)
{
    struct asked *x = ctx;

    (void)timeouts;
    x->done = true;
    x->status = status;
    x->d->body.n = 0;
    if (p && n > 0 && !lookup_body_keep(&x->d->body, p, (size_t)n))
        x->status = ARES_ENOMEM;
}

static void wait_for(struct lookup_direct *d, struct asked *x)
{
    int64_t until = lookup_tick_ms() + LOOKUP_DNS_MS;

    while (!x->done) {
        ares_socket_t s[ARES_GETSOCK_MAXNUM];
        struct pollfd fd[ARES_GETSOCK_MAXNUM];
        unsigned      bits = (unsigned)ares_getsock(d->ares, s, ARES_GETSOCK_MAXNUM);
        nfds_t        n = 0;
        int64_t       left = until - lookup_tick_ms();
        struct timeval most = { .tv_sec = 0, .tv_usec = 500000 }, t;

        if (left <= 0) {
            ares_cancel(d->ares);
            return;
        }
        for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {           /* ARES_GETSOCK_WRITABLE shifts into the sign */
            bool in = bits >> i & 1, out = bits >> (i + ARES_GETSOCK_MAXNUM) & 1;
            if (in || out)
                fd[n++] = (struct pollfd){ .fd = s[i], .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0)) };
        }
        struct timeval *next = ares_timeout(d->ares, &most, &t);
        int64_t ms = next->tv_sec * 1000 + next->tv_usec / 1000 + 1;
        if (poll(fd, n, (int)(ms < left ? ms : left)) <= 0)
            ares_process_fd(d->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        for (nfds_t i = 0; i < n; i++)
            if (fd[i].revents)
                ares_process_fd(d->ares, fd[i].revents & (POLLIN | POLLHUP | POLLERR) ? fd[i].fd : ARES_SOCKET_BAD, fd[i].revents & POLLOUT ? fd[i].fd : ARES_SOCKET_BAD);
    }
}

bool lookup_ares_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct asked x = { .d = d };
    const char  *c = str_cstr(a, q->host);

    if (!c)
        return lookup_net_no_room(e);
    ares_query(d->ares, c, 1, (int)q->type, on_answer, &x);
    wait_for(d, &x);
    if (x.status == ARES_ENOMEM)
        return lookup_net_no_room(e);
    ret->end = x.status == ARES_SUCCESS ? LOOKUP_ANSWERED : x.status == ARES_ENOTFOUND || x.status == ARES_ENODATA ? LOOKUP_NO_NAME :
               x.status == ARES_ETIMEOUT || x.status == ARES_ECANCELLED ? LOOKUP_LATE : LOOKUP_BROKEN;
    ret->body = (struct str){ d->body.p, d->body.n };
    ret->why = ret->end == LOOKUP_ANSWERED ? STR_EMPTY : str_c(lookup_end_name(ret->end));
    return true;
}
