/* See lookup.h and lookup_inner.h: whom may be asked, when it is his turn, and where he sends us. */
#include "notify/lookup_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

/* --- never a server of a campaign --- */

static bool one(struct lookup *k, const char *sql, struct bound what, bool *ret)
{
    struct err e = { 0 };
    int64_t    n;

    *ret = bind_ask(k->s, sql, &what, 1, &n, 1, &e);
    return e.kind == ERR_NONE;
}

/* Where the store cannot say, nobody is asked. */
bool lookup_may_ask(void *ctx, struct str host, const uint8_t (*ip)[16], size_t n, struct str *ret_why)
{
    struct lookup *k = ctx;
    char           text[NET_TEXT];
    bool           is = false;

    *ret_why = STR("the store does not answer");
    if (!one(k, "SELECT 1 FROM case_server_name WHERE name = ?1 LIMIT 1", B_TEXT(host), &is))
        return false;
    if (is) {
        *ret_why = STR("it is a server of a campaign");
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!one(k, "SELECT 1 FROM case_server WHERE ip = ?1 LIMIT 1", B_BYTES(((struct str){ ip[i], 16 })), &is))
            return false;
        if (is) {
            net_ip_text(ip[i], text);
            *ret_why = str_fmt(k->a, "its address %s is a server of a campaign", text);
            return false;
        }
    }
    *ret_why = STR_EMPTY;
    return true;
}

/* --- turns --- */

static struct lookup_host *host_of(struct lookup *k, struct str host)
{
    size_t oldest = 0;

    for (size_t i = 0; i < k->host_n; i++) {
        if (str_ieq(str_c(k->host[i].name), host))
            return &k->host[i];
        if (k->host[i].next_ms < k->host[oldest].next_ms)
            oldest = i;
    }
    struct lookup_host *h = &k->host[k->host_n < LOOKUP_HOSTS ? k->host_n++ : oldest];
    *h = (struct lookup_host){ .rest_us = TIME_NONE };
    memcpy(h->name, host.p, host.n < sizeof h->name - 1 ? host.n : sizeof h->name - 1);
    return h;
}

bool lookup_stopped(struct lookup *k)
{
    k->stopped = k->stopped || (k->o.stop && os_stop_asked(k->o.stop));        /* asking takes the signal off */
    return k->stopped;
}

bool lookup_turn(struct lookup *k, struct str host)
{
    struct lookup_host *h = host_of(k, host);
    struct lookup_kept  rest;
    struct err          e = { 0 };

    if (k->asks >= LOOKUP_ASKS || lookup_stopped(k))
        return false;
    if (h->rest_us == TIME_NONE) {                     /* did it want to rest, in an earlier run? */
        bool again = k->o.again;
        uint64_t cached = k->n->cached;
        k->o.again = false;
        h->rest_us = lookup_kept(k, "rest", host, NULL, &rest, &e) && rest.there ? k->o.now_us + 1 : 0;
        k->o.again = again;
        k->n->cached = cached;
    }
    if (h->rest_us > k->o.now_us) {
        lookup_note(k, "%.*s is not asked: it wanted to be left alone for a while", STR_ARG(host));
        return false;
    }
    int64_t now = (int64_t)(k->o.os->tick_us(k->o.os) / 1000), pace = k->o.pace_ms ? k->o.pace_ms : 1000;
    if (h->next_ms > now && (k->stopped = os_stop_wait(k->o.stop, (uint32_t)(h->next_ms - now))))
        return false;
    h->next_ms = (h->next_ms > now ? h->next_ms : now) + pace;
    k->asks++;
    k->n->asked++;
    return true;
}

/* 429: for as long as it says, an hour where it does not, a day at most. */
static bool rests(struct lookup *k, struct str host, int64_t retry_s, struct err *e)
{
    int64_t for_us = retry_s <= 0 ? TIME_HOUR : retry_s > 86400 ? TIME_DAY : retry_s * TIME_SECOND;

    host_of(k, host)->rest_us = k->o.now_us + for_us;
    return lookup_keep(k, "rest", host, NULL, NULL, 429, for_us, host, STR_EMPTY, e);
}

/* --- addresses --- */

uint16_t lookup_port(const struct lookup *k) { return k->o.https_port ? k->o.https_port : 443; }

bool lookup_url(struct lookup *k, struct str url, struct str said_by, struct str *ret_host, struct str *ret_path)
{
    struct str rest, authority, host = STR_EMPTY, port = STR_EMPTY;
    uint32_t   n = lookup_port(k);
    uint8_t    ip[16];

    for (size_t i = 0; i < url.n; i++)
        if (url.p[i] <= ' ' || url.p[i] > '~')
            return false;
    size_t fragment = str_chr(url, '#');
    url = str_sub(url, 0, fragment == STR_NONE ? url.n : fragment);
    if (str_starts(url, STR("/")) && !str_starts(url, STR("//")) && said_by.n) {
        *ret_host = said_by;
        *ret_path = url;
        return url.n <= LOOKUP_PATH_MAX;
    }
    if (!str_istarts(url, STR("https://")))
        return false;
    rest = str_from(url, 8);
    size_t end = 0;
    while (end < rest.n && rest.p[end] != '/' && rest.p[end] != '?')
        end++;
    authority = str_sub(rest, 0, end);
    rest = str_from(rest, end);
    if (str_chr(authority, '@') != STR_NONE)
        return false;
    if (str_starts(authority, STR("["))) {
        size_t close = str_chr(authority, ']');
        if (close == STR_NONE)
            return false;
        host = str_sub(authority, 1, close);
        port = str_from(authority, close + 1);
    } else {
        size_t colon = str_chr(authority, ':');
        host = str_sub(authority, 0, colon == STR_NONE ? authority.n : colon);
        port = str_from(authority, host.n);
    }
    if (port.n && (!num_u32(str_from(port, 1), &n) || n != lookup_port(k)))
        return false;                                  /* no other port is asked */
    if (!net_ip_parse(host, ip) && !idna_domain(host, k->a, &host))
        return false;
    *ret_host = host;
    *ret_path = !rest.n ? STR("/") : rest.p[0] == '/' ? rest : str_cat(k->a, STR("/"), rest);
    return ret_path->p && ret_path->n <= LOOKUP_PATH_MAX;
}

bool lookup_walk(struct lookup *k, struct str url, struct str accept, uint32_t bytes_max, uint32_t ms, bool cut_ok, struct lookup_walk *ret, struct err *e)
{
    struct str host = STR_EMPTY, path, next = url;

    *ret = (struct lookup_walk){ .end = LOOKUP_BROKEN };
    for (unsigned hop = 0; hop <= LOOKUP_REDIRECTS; hop++) {
        struct lookup_got got;
        if (!lookup_url(k, next, host, &host, &path)) {
            ret->end = hop ? LOOKUP_BROKEN : LOOKUP_FORBIDDEN;
            ret->why = hop ? STR("it redirects to what cannot be asked") : STR("an address that cannot be asked");
            return true;
        }
        ret->hops = hop;
        ret->host = host;
        if (!lookup_turn(k, host)) {
            ret->end = LOOKUP_FORBIDDEN;
            ret->why = STR("no more questions");
            return true;
        }
        struct lookup_ask q = { .way = LOOKUP_HTTPS, .host = host, .path = path, .accept = accept, .user_agent = k->o.user_agent, .from = k->o.from, .bytes_max = bytes_max, .ms = ms,
                                .cut_ok = cut_ok };
        if (!k->net.ask(k->net.ctx, &q, k->a, &got, e))
            return false;
        ret->end = got.end;
        ret->status = got.status;
        ret->why = got.why;
        if (got.end != LOOKUP_ANSWERED)
            return true;
        if (got.status == 429 || got.status == 503) {
            ret->why = STR("it asks us to come later");
            return got.status == 503 && !got.retry_s ? true : rests(k, host, got.retry_s, e);
        }
        bool moved = got.status == 301 || got.status == 302 || got.status == 303 || got.status == 307 || got.status == 308;
        if (!moved || !got.location.n) {
            ret->url = str_fmt(k->a, "https://%.*s%.*s", STR_ARG(host), STR_ARG(path));
            ret->type = got.type;
            ret->cut = got.cut;
            ret->body = str_dup(k->a, got.body);
            return (ret->url.p && (ret->body.p || !got.body.n)) || lookup_no_room(e);
        }
        next = got.location;
    }
    ret->end = LOOKUP_BROKEN;
    ret->why = STR("too many redirects");
    return true;
}
