/* fetch_answer: what ended, how, and what has had its time. */
#include "os/fetch_inner.h"

#include <errno.h>
#include <sys/epoll.h>

enum { SWEEP_US = 100000, EVENTS = 64 };

static enum fetch_end end_of(const struct fetch_slot *s)
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

static void tell(struct fetch_real *f, struct fetch_slot *s, struct fetch_answer *ret)
{
    curl_multi_remove_handle(f->multi, s->easy);
    s->busy = false;
    *ret = (struct fetch_answer){
        .slot = (uint32_t)(s - f->slot), .end = end_of(s), .sent = s->sent, .status = s->status, .head = fetch_view(&s->head), .body = fetch_view(&s->body),
        .cert = fetch_view(&s->cert), .bytes = s->head.n + s->body.n, .taken_us = fetch_tick() - s->since, .ip = s->ip, .ip_n = s->resolving ? s->ip_n : 0,
        .open = s->code == CURLE_OK && !s->late && s->fd >= 0 && !s->resolving,
        .cut = s->status && (s->cut || s->late || s->code != CURLE_OK),
    };
    ret->why = ret->end == FETCH_ANSWERED || ret->end == FETCH_RESOLVED ? "" : s->why[0] ? s->why : s->late ? "too late" : curl_easy_strerror(s->code);
}

/* Ends what has had its time: connect, TLS and the whole each have their own. */
static void sweep(struct fetch_real *f, uint64_t now)
{
    f->swept_at = now;
    for (uint32_t i = 0; i < f->rules.slots; i++) {
        struct fetch_slot *s = &f->slot[i];
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

static bool finished(struct fetch_real *f, struct fetch_answer *ret)
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
        struct fetch_slot *s = (struct fetch_slot *)(void *)private;
        if (s->late)
            f->late--;
        s->late = false;
        s->code = m->data.result;
        tell(f, s, ret);
        return true;
    }
}

bool fetch_next(struct fetch *t, uint64_t wait_us, struct fetch_answer *ret)
{
    struct fetch_real *f = t->ctx;
    struct epoll_event ev[EVENTS];
    uint64_t           now = fetch_tick(), until = now + wait_us;
    int                running;

    for (;;) {
        if (finished(f, ret))
            return true;
        now = fetch_tick();
        if (f->timer_at && now >= f->timer_at) {
            f->timer_at = 0;
            curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
            if (finished(f, ret))
                return true;
            now = fetch_tick();
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
