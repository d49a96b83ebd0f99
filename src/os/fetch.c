/* fetch: the adapter of libcurl, its beginning and its end. Rules: fetch_inner.h. */
#include "os/fetch_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static void end(struct fetch *t, uint32_t at)
{
    struct fetch_real *f = t->ctx;
    struct fetch_slot *s = &f->slot[at];

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
        s->body = (struct fetch_bytes){ NULL, 0, 0 };
    }
}

static void close_all(struct fetch *t)
{
    struct fetch_real *f = t->ctx;

    if (!f)
        return;
    for (uint32_t i = 0; f->slot && i < f->rules.slots; i++) {
        struct fetch_slot *s = &f->slot[i];
        if (s->busy)
            curl_multi_remove_handle(f->multi, s->easy);
    }
    if (f->multi)
        curl_multi_cleanup(f->multi);             /* closes connections: their slots are still there */
    for (uint32_t i = 0; f->slot && i < f->rules.slots; i++) {
        struct fetch_slot *s = &f->slot[i];
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
    struct fetch       t = { .ask = fetch_ask, .resolve = fetch_resolve, .next = fetch_next, .end = end, .close = close_all };
    struct fetch_real *f = calloc(1, sizeof *f);
    char               from[512];

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
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, fetch_on_socket);
    curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
    curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, fetch_on_timer);
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
