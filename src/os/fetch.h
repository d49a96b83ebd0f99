/*
 * fetch: GET over TLS to one address, at most two of them on one connection, and nothing else. libcurl is behind it (fetch.c).
 *
 * Shape    a table of functions with slots 0..slots-1. A slot is one exchange: ask, its answer by `next`, perhaps a second ask on the same connection, its
 *          answer, end. Or resolve, and its addresses by `next`. Tests plug in a world of their own.
 * Cannot   post, follow a redirect, send a cookie, a login or a header of the caller's; use a proxy, a netrc or an environment variable; open a second
 *          connection in a slot: the second ask fails if the first one's connection is gone; connect anywhere but to the address given.
 * Guard    rules.may is asked with the very address and port right before each connect, after all DNS. false: no packet is sent (FETCH_FORBIDDEN).
 * TLS      certificates are taken as they are and not verified: whose server it is, the caller does not yet know. Old versions and weak ciphers are
 *          spoken, for those are the servers to be found; no secret of ours goes over it.
 * Times    connect, TLS and the whole exchange each have a limit. A GET has been sent from `sent` on.
 * Bounds   FETCH_HEAD_MAX bytes of headers (more: FETCH_BROKEN), rules.body_max of a body (more: cut, the connection is closed), FETCH_CERT_MAX of a
 *          certificate, FETCH_IPS_MAX addresses of a name.
 * Errors   an ask fails only for want of memory or a slot out of turn; what the network does is an answer.
 * Owner    views of an answer live until the next ask or end of their slot. Texts of an ask are copied.
 * Threads  one. (libcurl resolves names in threads of its own.)
 */
#ifndef OS_FETCH_H
#define OS_FETCH_H

#include "base/err.h"
#include "base/str.h"

enum { FETCH_HEAD_MAX = 64 << 10, FETCH_CERT_MAX = 64 << 10, FETCH_IPS_MAX = 8, FETCH_SLOTS_MAX = 1000, FETCH_HOST_MAX = 256, FETCH_PATH_MAX = 512 };

enum fetch_end {
    FETCH_ANSWERED,             /* a status line and headers came; see cut */
    FETCH_REFUSED,              /* reset, or the network said no */
    FETCH_NO_CONNECT, FETCH_NO_TLS, FETCH_NO_ANSWER,     /* too late: for the connection, for TLS, for headers */
    FETCH_TLS_FAILED,
    FETCH_BROKEN,               /* connected, and what came is no HTTP, or nothing */
    FETCH_FORBIDDEN,            /* rules.may said no, or a second connection would have been needed */
    FETCH_NO_NAME, FETCH_RESOLVED,
    FETCH_OURS                  /* no memory, no file descriptors: it says nothing of the server */
};

struct fetch_ask {
    const char *host;           /* of the Host line and of TLS; the text of ip when there is no name */
    bool        is_name;
    uint8_t     ip[16];
    uint16_t    port;
    const char *path;           /* "/owa/" */
};

struct fetch_answer {
    uint32_t       slot;
    enum fetch_end end;
    bool           sent;        /* the request went out */
    bool           open;        /* the connection stands: one more may be asked */
    bool           cut;         /* the body is not whole: too long, too slow, broken off */
    int            status;
    struct str     head;        /* status line and headers, as they came */
    struct str     body;
    struct str     cert;        /* DER of the leaf; empty: none */
    uint64_t       bytes;       /* of head and body, as received */
    uint64_t       taken_us;    /* since the ask */
    const uint8_t (*ip)[16]; size_t ip_n;      /* FETCH_RESOLVED */
    const char    *why;         /* libcurl's words for what is no answer; "" */
};

struct fetch_rules {
    const char *user_agent, *from;
    uint32_t    connect_ms, tls_ms, whole_ms, body_max, slots;
    bool      (*may)(void *ctx, uint32_t slot, const uint8_t ip[16], uint16_t port);
    /* The connection and TLS stand, nothing has been asked: may it be, of a server with this certificate? false: FETCH_FORBIDDEN. NULL: it may. */
    bool      (*may_ask)(void *ctx, uint32_t slot, struct str cert);
    /* Headers have come: can no second ask follow? Then the connection closes with this answer. NULL: one may always. */
    bool      (*last)(void *ctx, uint32_t slot, int status, struct str head);
    void       *ctx;
};

struct fetch {
    void *ctx;
    bool (*ask)(struct fetch *f, uint32_t slot, const struct fetch_ask *ask, struct err *e);
    bool (*resolve)(struct fetch *f, uint32_t slot, const char *name, uint16_t port, struct err *e);
    /* What has ended next. false: nothing within wait_us, or wake_fd became readable. */
    bool (*next)(struct fetch *f, uint64_t wait_us, struct fetch_answer *ret);
    void (*end)(struct fetch *f, uint32_t slot);              /* closes the slot's connection, at any time; the slot is free then */
    void (*close)(struct fetch *f);                           /* accepts one that was never opened */
};

/* wake_fd: a descriptor that ends the waiting, or -1. Texts of rules live as long as f. */
bool fetch_open(struct fetch *ret, const struct fetch_rules *rules, int wake_fd, struct err *e);
/* As many slots as the system has file descriptors for, up to want; raises the process's own limit if it may. */
uint32_t fetch_slots(uint32_t want);
const char *fetch_end_name(enum fetch_end end);               /* "answered" */

#endif
