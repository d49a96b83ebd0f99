/*
 * fetch_inner: what the files of the adapter of libcurl share: fetch.c opens and closes, fetch_ask.c asks, fetch_calls.c is what libcurl calls, fetch_answer.c tells what came of it.
 * Only they include it.
 *
 * Rule 1   a slot opens one socket in its life: OPENSOCKETFUNCTION counts, and asks rules.may each time.
 * Rule 2   the address is given (CURLOPT_CONNECT_TO): libcurl resolves nothing for an ask. Resolving is a transfer whose sockets are all refused.
 * Rule 3   a connection that nobody will use again is closed at once: by FORBID_REUSE where that is known in time, else by shutdown(2), after
 *          which libcurl finds it dead and drops it within a second.
 * Source   libcurl 7.88 and 8.5: CURLOPT_OPENSOCKETFUNCTION(3), CURLOPT_CONNECT_TO(3), CURLMOPT_SOCKETFUNCTION(3); multi.c multi_done reads
 *          reuse_forbid when a transfer ends.
 */
#ifndef OS_FETCH_INNER_H
#define OS_FETCH_INNER_H

#include "os/fetch.h"

#include <curl/curl.h>

#include <time.h>

struct fetch_bytes { uint8_t *p; size_t n, cap; };

struct fetch_real;
struct fetch_slot {
    struct fetch_real *f;
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
    struct fetch_bytes head, body, cert;
    CURLcode           code;
    char               why[CURL_ERROR_SIZE];
};

/* Behind fetch.ctx. */
struct fetch_real {
    struct fetch_rules rules;
    CURLM             *multi;
    struct curl_slist *headers;
    int                epoll, wake_fd;
    uint64_t           timer_at, swept_at;     /* timer_at 0: none */
    struct fetch_slot *slot;
    uint32_t           late;                   /* slots that the sweep has ended, not yet told */
};

static inline uint64_t fetch_tick(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static inline struct str fetch_view(const struct fetch_bytes *b) { return (struct str){ b->p, b->n }; }

/* The functions of the table. */
bool fetch_ask(struct fetch *t, uint32_t at, const struct fetch_ask *a, struct err *e);
bool fetch_resolve(struct fetch *t, uint32_t at, const char *name, uint16_t port, struct err *e);
bool fetch_next(struct fetch *t, uint64_t wait_us, struct fetch_answer *ret);

/* What libcurl calls; ctx: the slot, of fetch_on_socket and fetch_on_timer the whole. */
curl_socket_t fetch_on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a);
int      fetch_on_close(void *ctx, curl_socket_t fd);
CURLcode fetch_on_tls(CURL *easy, void *ssl_ctx, void *ctx);
int      fetch_on_request(void *ctx, char *ip_text, char *own_ip, int port, int own_port);
size_t   fetch_on_head(char *p, size_t size, size_t n, void *ctx);
size_t   fetch_on_body(char *p, size_t size, size_t n, void *ctx);
int      fetch_on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known);
int      fetch_on_timer(CURLM *multi, long ms, void *ctx);

#endif
