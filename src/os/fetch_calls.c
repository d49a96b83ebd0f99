/* fetch_calls: what libcurl calls while a transfer runs. */
#include "os/fetch_inner.h"

#include "base/net.h"

#include <openssl/ssl.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool keep(struct fetch_bytes *b, const void *p, size_t n)
{
    if (n > b->cap - b->n) {
        size_t   cap = b->cap ? b->cap : 4096;
        uint8_t *q;
        while (cap - b->n < n)
            cap *= 2;
        if (!(q = realloc(b->p, cap)))
            return false;
        b->p = q;
        b->cap = cap;
    }
    memcpy(b->p + b->n, p, n);
    b->n += n;
    return true;
}

static bool address_of(const struct curl_sockaddr *a, uint8_t ret[16], uint16_t *ret_port)
{
    if (a->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &a->addr, sizeof in);
        memcpy(ret, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        memcpy(ret + 12, &in.sin_addr, 4);
        *ret_port = ntohs(in.sin_port);
        return true;
    }
    if (a->family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &a->addr, sizeof in6);
        memcpy(ret, &in6.sin6_addr, 16);
        *ret_port = ntohs(in6.sin6_port);
        return true;
    }
    return false;
}

curl_socket_t fetch_on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct fetch_slot *s = ctx;
    uint8_t            ip[16];
    uint16_t           port;

    if (purpose != CURLSOCKTYPE_IPCXN || !address_of(a, ip, &port))
        return CURL_SOCKET_BAD;
    if (s->resolving) {
        if (s->ip_n < FETCH_IPS_MAX)
            memcpy(s->ip[s->ip_n++], ip, sizeof ip);
        return CURL_SOCKET_BAD;
    }
    if (s->sockets || memcmp(ip, s->want, sizeof ip) != 0 || port != s->port || !s->f->rules.may(s->f->rules.ctx, (uint32_t)(s - s->f->slot), ip, port)) {
        s->refused = true;
        return CURL_SOCKET_BAD;
    }
    s->sockets++;
    s->fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
    s->connect_since = fetch_tick();
    return s->fd < 0 ? CURL_SOCKET_BAD : s->fd;
}

int fetch_on_close(void *ctx, curl_socket_t fd)
{
    struct fetch_slot *s = ctx;

    if (s->fd == fd)
        s->fd = -1;
    return close(fd);
}

/* The certificate as it was shown. Nothing is verified here (see TLS in the header). */
static int on_cert(X509_STORE_CTX *x, void *ctx)
{
    struct fetch_slot *s = ctx;
    uint8_t           *der = NULL;
    int                n = i2d_X509(X509_STORE_CTX_get0_cert(x), &der);

    s->cert.n = 0;
    if (n > 0 && n <= FETCH_CERT_MAX)
        (void)keep(&s->cert, der, (size_t)n);
    OPENSSL_free(der);
    return 1;
}

CURLcode fetch_on_tls(CURL *easy, void *ssl_ctx, void *ctx)
{
    struct fetch_slot *s = ctx;

    (void)easy;
    s->tls_since = fetch_tick();
    SSL_CTX_set_cert_verify_callback(ssl_ctx, on_cert, s);
    SSL_CTX_set_options(ssl_ctx, SSL_OP_LEGACY_SERVER_CONNECT);
    return CURLE_OK;
}

int fetch_on_request(void *ctx, char *ip_text, char *own_ip, int port, int own_port)
{
    struct fetch_slot *s = ctx;
    uint8_t            ip[16];

    (void)own_ip, (void)own_port;
    if (!net_ip_parse(str_c(ip_text), ip) || memcmp(ip, s->want, sizeof ip) != 0 || port != s->port ||
        (s->f->rules.may_ask && !s->f->rules.may_ask(s->f->rules.ctx, (uint32_t)(s - s->f->slot), fetch_view(&s->cert)))) {
        s->refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    s->sent = true;
    return CURL_PREREQFUNC_OK;
}

size_t fetch_on_head(char *p, size_t size, size_t n, void *ctx)
{
    struct fetch_slot *s = ctx;
    struct str         line = { (const uint8_t *)p, size * n };
    long               status = 0;

    if (str_starts(line, STR("HTTP/"))) {         /* also after a 103: only the last answer counts */
        s->head.n = 0;
        s->status = 0;
    }
    if (line.n > FETCH_HEAD_MAX - s->head.n || !keep(&s->head, line.p, line.n))
        return 0;
    if (str_trim(line).n == 0) {
        curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
        if (status < 200)
            return line.n;
        s->status = (int)status;
        if (s->f->rules.last && s->f->rules.last(s->f->rules.ctx, (uint32_t)(s - s->f->slot), s->status, fetch_view(&s->head)))
            curl_easy_setopt(s->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    return line.n;
}

size_t fetch_on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct fetch_slot *s = ctx;
    size_t             room = s->f->rules.body_max - s->body.n, take = size * n < room ? size * n : room;

    if (!keep(&s->body, p, take))
        return 0;
    s->cut |= take < size * n;
    return take;                                  /* less than came: libcurl ends the transfer and closes the connection */
}

int fetch_on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct fetch_real *f = ctx;
    struct epoll_event ev = { .events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0), .data.fd = fd };

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        (void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if (epoll_ctl(f->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev) != 0)
        (void)epoll_ctl(f->epoll, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &ev);
    curl_multi_assign(f->multi, fd, f);
    return 0;
}

int fetch_on_timer(CURLM *multi, long ms, void *ctx)
{
    struct fetch_real *f = ctx;

    (void)multi;
    f->timer_at = ms < 0 ? 0 : fetch_tick() + (uint64_t)ms * 1000 + 1;
    return 0;
}
