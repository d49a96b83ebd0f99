/*
 * fetch: the adapter of libcurl.
 *
 * Rule 1   a slot opens one socket in its life: OPENSOCKETFUNCTION counts, and asks rules.may each time.
 * Rule 2   the address is given (CURLOPT_CONNECT_TO): libcurl resolves nothing for an ask. Resolving is a transfer whose sockets are all refused.
 * Rule 3   a connection that nobody will use again is closed at once: by FORBID_REUSE where that is known in time, else by shutdown(2), after
 *          which libcurl finds it dead and drops it within a second.
 * Source   libcurl 7.88 and 8.5: CURLOPT_OPENSOCKETFUNCTION(3), CURLOPT_CONNECT_TO(3), CURLMOPT_SOCKETFUNCTION(3); multi.c multi_done reads
 *          reuse_forbid when a transfer ends.
 */
#include "os/fetch.h"

#include "base/net.h"
#include "base/num.h"

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SWEEP_US = 100000, EVENTS = 64, URL_BYTES = FETCH_HOST_MAX + FETCH_PATH_MAX + 32 };

struct bytes { uint8_t *p; size_t n, cap; };

struct real;
struct slot {
    struct real       *f;
    CURL              *easy;
    struct curl_slist *to;
    bool               busy, resolving, refused, late, cut, sent;
    enum fetch_end     late_as;
    int                fd;                     /* of its one connection; -1: none yet or closed */
    uint32_t           sockets;
    uint64_t           since, exchange_since, connect_since, tls_since;     /* 0: not yet */
    uint8_t            want[16], ip[FETCH_IPS_MAX][16];
    uint16_t           port;
    size_t             ip_n;
    int                status;
    struct bytes       head, body, cert;
    CURLcode           code;
    char               why[CURL_ERROR_SIZE];
};

struct real {
    struct fetch_rules rules;
    CURLM             *multi;
    struct curl_slist *headers;
    int                epoll, wake_fd;
    uint64_t           timer_at, swept_at;     /* timer_at 0: none */
    struct slot       *slot;
    uint32_t           late;                   /* slots that the sweep has ended, not yet told */
};

static uint64_t tick(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool keep(struct bytes *b, const void *p, size_t n)
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

static struct str view(const struct bytes *b) { return (struct str){ b->p, b->n }; }

/* ---- what libcurl calls ---- */

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

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct slot *s = ctx;
    uint8_t      ip[16];
    uint16_t     port;

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
    s->connect_since = tick();
    return s->fd < 0 ? CURL_SOCKET_BAD : s->fd;
}

static int on_close(void *ctx, curl_socket_t fd)
{
    struct slot *s = ctx;

    if (s->fd == fd)
        s->fd = -1;
    return close(fd);
}

/* The certificate as it was shown. Nothing is verified here (see TLS in the header). */
static int on_cert(X509_STORE_CTX *x, void *ctx)
{
    struct slot *s = ctx;
    uint8_t     *der = NULL;
    int          n = i2d_X509(X509_STORE_CTX_get0_cert(x), &der);

    s->cert.n = 0;
    if (n > 0 && n <= FETCH_CERT_MAX)
        (void)keep(&s->cert, der, (size_t)n);
    OPENSSL_free(der);
    return 1;
}

static CURLcode on_tls(CURL *easy, void *ssl_ctx, void *ctx)
{
    struct slot *s = ctx;

    (void)easy;
    s->tls_since = tick();
    SSL_CTX_set_cert_verify_callback(ssl_ctx, on_cert, s);
    SSL_CTX_set_options(ssl_ctx, SSL_OP_LEGACY_SERVER_CONNECT);
    return CURLE_OK;
}

static int on_request(void *ctx, char *ip_text, char *own_ip, int port, int own_port)
{
    struct slot *s = ctx;
    uint8_t      ip[16];

    (void)own_ip, (void)own_port;
    if (!net_ip_parse(str_c(ip_text), ip) || memcmp(ip, s->want, sizeof ip) != 0 || port != s->port ||
        (s->f->rules.may_ask && !s->f->rules.may_ask(s->f->rules.ctx, (uint32_t)(s - s->f->slot), view(&s->cert)))) {
        s->refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    s->sent = true;
    return CURL_PREREQFUNC_OK;
}

static size_t on_head(char *p, size_t size, size_t n, void *ctx)
{
    struct slot *s = ctx;
    struct str   line = { (const uint8_t *)p, size * n };
    long         status = 0;

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
        if (s->f->rules.last && s->f->rules.last(s->f->rules.ctx, (uint32_t)(s - s->f->slot), s->status, view(&s->head)))
            curl_easy_setopt(s->easy, CURLOPT_FORBID_REUSE, 1L);
    }
    return line.n;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct slot *s = ctx;
    size_t       room = s->f->rules.body_max - s->body.n, take = size * n < room ? size * n : room;

    if (!keep(&s->body, p, take))
        return 0;
    s->cut |= take < size * n;
    return take;                                  /* less than came: libcurl ends the transfer and closes the connection */
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct real       *f = ctx;
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

static int on_timer(CURLM *multi, long ms, void *ctx)
{
    struct real *f = ctx;

    (void)multi;
    f->timer_at = ms < 0 ? 0 : tick() + (uint64_t)ms * 1000 + 1;
    return 0;
}

/* ---- asking ---- */

#define SET(option, value) (ok = ok && curl_easy_setopt(s->easy, option, value) == CURLE_OK)

/* What every transfer has in common. */
static bool prepare(struct real *f, struct slot *s)
{
    bool ok = true;

    curl_easy_reset(s->easy);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_USERAGENT, f->rules.user_agent);
    SET(CURLOPT_HTTPHEADER, f->headers);
    SET(CURLOPT_SSL_VERIFYPEER, 0L);
    SET(CURLOPT_SSL_VERIFYHOST, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);         /* a resumed session shows no certificate */
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_0);
    SET(CURLOPT_SSL_CIPHER_LIST, "DEFAULT:@SECLEVEL=0");
    SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
    SET(CURLOPT_SSL_CTX_DATA, s);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_QUICK_EXIT, 1L);                  /* a resolver that hangs is left to itself: everybody else would wait for its thread */
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, s);
    SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
    SET(CURLOPT_CLOSESOCKETDATA, s);
    SET(CURLOPT_PREREQFUNCTION, on_request);
    SET(CURLOPT_PREREQDATA, s);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, s);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, s);
    SET(CURLOPT_ERRORBUFFER, s->why);
    SET(CURLOPT_PRIVATE, s);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)f->rules.connect_ms + (long)f->rules.tls_ms + 1000);     /* the sweep is sharper */
    return ok;
}

static bool start(struct real *f, struct slot *s, const char *url, struct err *e)
{
    s->head.n = s->body.n = 0;
    s->status = 0;
    s->busy = true;
    s->sent = s->refused = s->late = s->cut = false;
    s->why[0] = 0;
    s->since = tick();
    if (curl_easy_setopt(s->easy, CURLOPT_URL, url) != CURLE_OK || curl_multi_add_handle(f->multi, s->easy) != CURLM_OK) {
        s->busy = false;
        return err_set(e, ERR_MEMORY, "no room for a request");
    }
    return true;
}

static bool slot_ready(struct real *f, uint32_t at, struct slot **ret, struct err *e)
{
    if (at >= f->rules.slots || f->slot[at].busy)
        return err_set(e, ERR_USAGE, "slot %u is not free", at);
    struct slot *s = &f->slot[at];
    if (!s->easy && !(s->easy = curl_easy_init()))
        return err_set(e, ERR_MEMORY, "no room for a request");
    *ret = s;
    return true;
}

static bool ask(struct fetch *t, uint32_t at, const struct fetch_ask *a, struct err *e)
{
    struct real *f = t->ctx;
    struct slot *s = NULL;
    char         url[URL_BYTES], to[FETCH_HOST_MAX + NET_TEXT + 32], ip[NET_TEXT];
    bool         ok, six = !net_is4(a->ip);

    if (!slot_ready(f, at, &s, e))
        return false;
    if (strlen(a->host) >= FETCH_HOST_MAX || strlen(a->path) >= FETCH_PATH_MAX || a->path[0] != '/')
        return err_set(e, ERR_LIMIT, "a host name or path is too long");
    bool again = s->exchange_since != 0;          /* the second request of an exchange */
    ok = again || prepare(f, s);
    if (!again) {
        s->exchange_since = tick();
        s->connect_since = s->tls_since = 0;
        s->resolving = false;
        s->sockets = 0;
        s->cert.n = 0;
        memcpy(s->want, a->ip, sizeof s->want);
        s->port = a->port;
        net_ip_text(a->ip, ip);
        snprintf(to, sizeof to, "::%s%s%s:%u", six ? "[" : "", ip, six ? "]" : "", a->port);
        curl_slist_free_all(s->to);
        s->to = curl_slist_append(NULL, to);
        ok = ok && s->to;
        SET(CURLOPT_CONNECT_TO, s->to);
    } else {
        SET(CURLOPT_FORBID_REUSE, 1L);
    }
    bool brackets = !a->is_name && six;
    snprintf(url, sizeof url, "https://%s%s%s:%u%s", brackets ? "[" : "", a->host, brackets ? "]" : "", a->port, a->path);
    return ok ? start(f, s, url, e) : err_set(e, ERR_MEMORY, "no room for a request");
}

static bool resolve(struct fetch *t, uint32_t at, const char *name, uint16_t port, struct err *e)
{
    struct real *f = t->ctx;
    struct slot *s = NULL;
    char         url[URL_BYTES];

    if (!slot_ready(f, at, &s, e))
        return false;
    if (strlen(name) >= FETCH_HOST_MAX)
        return err_set(e, ERR_LIMIT, "a host name is too long");
    s->resolving = true;
    s->ip_n = 0;
    s->exchange_since = tick();
    s->connect_since = s->tls_since = 0;
    snprintf(url, sizeof url, "https://%s:%u/", name, port);
    return prepare(f, s) ? start(f, s, url, e) : err_set(e, ERR_MEMORY, "no room for a request");
}

/* ---- answers ---- */

static enum fetch_end end_of(const struct slot *s)
{
    long no = 0;

    if (s->resolving)
        return s->ip_n ? FETCH_RESOLVED : FETCH_NO_NAME;
    if (s->refused && !s->sent)
        return FETCH_FORBIDDEN;
    if (s->status)
        return FETCH_ANSWERED;
    if (s->late)
        return s->late_as;
    switch (s->code) {
    case CURLE_COULDNT_CONNECT:
        curl_easy_getinfo(s->easy, CURLINFO_OS_ERRNO, &no);
        if (s->fd < 0 && s->connect_since && (no == EMFILE || no == ENFILE || no == ENOMEM || no == ENOBUFS))
            return FETCH_OURS;
        return no == ETIMEDOUT ? FETCH_NO_CONNECT : FETCH_REFUSED;
    case CURLE_OPERATION_TIMEDOUT:
        return s->sent ? FETCH_NO_ANSWER : s->tls_since ? FETCH_NO_TLS : FETCH_NO_CONNECT;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
        return FETCH_OURS;
    default:
        return s->sent ? FETCH_BROKEN : s->tls_since ? FETCH_TLS_FAILED : FETCH_REFUSED;
    }
}

static void tell(struct real *f, struct slot *s, struct fetch_answer *ret)
{
    curl_multi_remove_handle(f->multi, s->easy);
    s->busy = false;
    *ret = (struct fetch_answer){
        .slot = (uint32_t)(s - f->slot), .end = end_of(s), .sent = s->sent, .status = s->status, .head = view(&s->head), .body = view(&s->body),
        .cert = view(&s->cert), .bytes = s->head.n + s->body.n, .taken_us = tick() - s->since, .ip = s->ip, .ip_n = s->resolving ? s->ip_n : 0,
        .open = s->code == CURLE_OK && !s->late && s->fd >= 0 && !s->resolving,
        .cut = s->status && (s->cut || s->late || s->code != CURLE_OK),
    };
    ret->why = ret->end == FETCH_ANSWERED || ret->end == FETCH_RESOLVED ? "" : s->why[0] ? s->why : s->late ? "too late" : curl_easy_strerror(s->code);
}

/* Ends what has had its time: connect, TLS and the whole each have their own. */
static void sweep(struct real *f, uint64_t now)
{
    f->swept_at = now;
    for (uint32_t i = 0; i < f->rules.slots; i++) {
        struct slot *s = &f->slot[i];
        if (!s->busy || s->late)
            continue;
        if (now - s->exchange_since > (uint64_t)f->rules.whole_ms * 1000)
            s->late_as = s->sent ? FETCH_NO_ANSWER : s->tls_since ? FETCH_NO_TLS : FETCH_NO_CONNECT;
        else if (!s->sent && s->tls_since && now - s->tls_since > (uint64_t)f->rules.tls_ms * 1000)
            s->late_as = FETCH_NO_TLS;
        else if (!s->sent && !s->tls_since && s->connect_since && now - s->connect_since > (uint64_t)f->rules.connect_ms * 1000)
            s->late_as = FETCH_NO_CONNECT;
        else
            continue;
        s->late = true;
        f->late++;
    }
}

static bool finished(struct real *f, struct fetch_answer *ret)
{
    for (uint32_t i = 0; f->late && i < f->rules.slots; i++)
        if (f->slot[i].busy && f->slot[i].late) {
            f->late--;
            f->slot[i].code = CURLE_OPERATION_TIMEDOUT;
            tell(f, &f->slot[i], ret);
            return true;
        }
    for (;;) {
        int      left;
        char    *private = NULL;
        CURLMsg *m = curl_multi_info_read(f->multi, &left);
        if (!m)
            return false;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
        struct slot *s = (struct slot *)(void *)private;
        if (s->late)
            f->late--;
        s->late = false;
        s->code = m->data.result;
        tell(f, s, ret);
        return true;
    }
}

static bool next(struct fetch *t, uint64_t wait_us, struct fetch_answer *ret)
{
    struct real       *f = t->ctx;
    struct epoll_event ev[EVENTS];
    uint64_t           now = tick(), until = now + wait_us;
    int                running;

    for (;;) {
        if (finished(f, ret))
            return true;
        now = tick();
        if (f->timer_at && now >= f->timer_at) {
            f->timer_at = 0;
            curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
            if (finished(f, ret))
                return true;
            now = tick();
        }
        if (now - f->swept_at >= SWEEP_US) {
            sweep(f, now);
            if (f->late)
                continue;
        }
        if (now >= until)
            return false;
        uint64_t to = until;
        if (f->timer_at && f->timer_at < to)
            to = f->timer_at;
        if (f->swept_at + SWEEP_US < to)
            to = f->swept_at + SWEEP_US;
        int n = epoll_wait(f->epoll, ev, EVENTS, to <= now ? 0 : (int)((to - now + 999) / 1000));
        for (int i = 0; i < n; i++) {
            if (ev[i].data.fd == f->wake_fd)
                return finished(f, ret);
            uint32_t got = ev[i].events;
            curl_multi_socket_action(f->multi, ev[i].data.fd, (got & EPOLLIN ? CURL_CSELECT_IN : 0) | (got & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                                     (got & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0), &running);
        }
    }
}

static void end(struct fetch *t, uint32_t at)
{
    struct real *f = t->ctx;
    struct slot *s = &f->slot[at];

    if (s->busy) {
        if (s->late)
            f->late--;
        curl_multi_remove_handle(f->multi, s->easy);
    }
    if (s->fd >= 0)
        (void)shutdown(s->fd, SHUT_RDWR);         /* rule 3 */
    s->fd = -1;
    s->busy = s->late = false;
    s->exchange_since = 0;
    if (s->body.cap > 1 << 16) {                  /* large ones are rare: their memory goes back */
        free(s->body.p);
        s->body = (struct bytes){ NULL, 0, 0 };
    }
}

static void close_all(struct fetch *t)
{
    struct real *f = t->ctx;

    if (!f)
        return;
    for (uint32_t i = 0; f->slot && i < f->rules.slots; i++) {
        struct slot *s = &f->slot[i];
        if (s->busy)
            curl_multi_remove_handle(f->multi, s->easy);
    }
    if (f->multi)
        curl_multi_cleanup(f->multi);             /* closes connections: their slots are still there */
    for (uint32_t i = 0; f->slot && i < f->rules.slots; i++) {
        struct slot *s = &f->slot[i];
        if (s->easy)
            curl_easy_cleanup(s->easy);
        curl_slist_free_all(s->to);
        free(s->head.p);
        free(s->body.p);
        free(s->cert.p);
    }
    curl_slist_free_all(f->headers);
    if (f->epoll >= 0)
        close(f->epoll);
    free(f->slot);
    free(f);
    t->ctx = NULL;
    curl_global_cleanup();
}

bool fetch_open(struct fetch *ret, const struct fetch_rules *rules, int wake_fd, struct err *e)
{
    struct fetch t = { .ask = ask, .resolve = resolve, .next = next, .end = end, .close = close_all };
    struct real *f = calloc(1, sizeof *f);
    char         from[512];

    if (!f || rules->slots == 0 || rules->slots > FETCH_SLOTS_MAX || snprintf(from, sizeof from, "From: %s", rules->from) >= (int)sizeof from) {
        free(f);
        return err_set(e, f ? ERR_USAGE : ERR_MEMORY, f ? "rules of the fetcher" : "no room for the fetcher");
    }
    f->rules = *rules;
    f->wake_fd = wake_fd;
    f->epoll = -1;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(f);
        return err_set(e, ERR_MEMORY, "libcurl does not start");
    }
    t.ctx = f;
    f->slot = calloc(rules->slots, sizeof *f->slot);
    f->multi = curl_multi_init();
    f->headers = curl_slist_append(NULL, from);
    f->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ev = { .events = EPOLLIN, .data.fd = wake_fd };
    if (!f->slot || !f->multi || !f->headers || f->epoll < 0 || (wake_fd >= 0 && epoll_ctl(f->epoll, EPOLL_CTL_ADD, wake_fd, &ev) != 0)) {
        close_all(&t);
        return err_set(e, ERR_MEMORY, "no room for the fetcher");
    }
    for (uint32_t i = 0; i < rules->slots; i++) {
        f->slot[i].f = f;
        f->slot[i].fd = -1;
    }
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    *ret = t;
    return true;
}

uint32_t fetch_slots(uint32_t want)
{
    enum { OTHERS = 200 };                        /* files, the resolver's threads, connections that libcurl has not dropped yet */
    struct rlimit l;

    if (want > FETCH_SLOTS_MAX)
        want = FETCH_SLOTS_MAX;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0)
        return want < 16 ? want : 16;
    if (l.rlim_cur < 2 * (rlim_t)want + OTHERS) {
        l.rlim_cur = l.rlim_max < 2 * (rlim_t)want + OTHERS ? l.rlim_max : 2 * (rlim_t)want + OTHERS;
        (void)setrlimit(RLIMIT_NOFILE, &l);
        (void)getrlimit(RLIMIT_NOFILE, &l);
    }
    rlim_t room = l.rlim_cur > OTHERS + 2 ? (l.rlim_cur - OTHERS) / 2 : 1;
    return room < want ? (uint32_t)room : want;
}

const char *fetch_end_name(enum fetch_end at)
{
    static const char *const name[] = {
        [FETCH_ANSWERED] = "answered", [FETCH_REFUSED] = "refused", [FETCH_NO_CONNECT] = "no connection in time", [FETCH_NO_TLS] = "no TLS in time",
        [FETCH_NO_ANSWER] = "no answer in time", [FETCH_TLS_FAILED] = "TLS failed", [FETCH_BROKEN] = "broken answer", [FETCH_FORBIDDEN] = "not asked",
        [FETCH_NO_NAME] = "no such name", [FETCH_RESOLVED] = "resolved", [FETCH_OURS] = "our own failure",
    };

    return name[at];
}
