/* fetch_ask: a GET to one address, or the addresses of a name. */
#include "os/fetch_inner.h"

#include "base/net.h"

#include <stdio.h>
#include <string.h>

enum { URL_BYTES = FETCH_HOST_MAX + FETCH_PATH_MAX + 32 };

#define SET(option, value) (ok = ok && curl_easy_setopt(s->easy, option, value) == CURLE_OK)

/* What every transfer has in common. */
static bool prepare(struct fetch_real *f, struct fetch_slot *s)
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
    SET(CURLOPT_SSL_CTX_FUNCTION, fetch_on_tls);
    SET(CURLOPT_SSL_CTX_DATA, s);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_QUICK_EXIT, 1L);                  /* a resolver that hangs is left to itself: everybody else would wait for its thread */
    SET(CURLOPT_OPENSOCKETFUNCTION, fetch_on_open);
    SET(CURLOPT_OPENSOCKETDATA, s);
    SET(CURLOPT_CLOSESOCKETFUNCTION, fetch_on_close);
    SET(CURLOPT_CLOSESOCKETDATA, s);
    SET(CURLOPT_PREREQFUNCTION, fetch_on_request);
    SET(CURLOPT_PREREQDATA, s);
    SET(CURLOPT_HEADERFUNCTION, fetch_on_head);
    SET(CURLOPT_HEADERDATA, s);
    SET(CURLOPT_WRITEFUNCTION, fetch_on_body);
    SET(CURLOPT_WRITEDATA, s);
    SET(CURLOPT_ERRORBUFFER, s->why);
    SET(CURLOPT_PRIVATE, s);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)f->rules.connect_ms + (long)f->rules.tls_ms + 1000);     /* the sweep is sharper */
    return ok;
}

static bool start(struct fetch_real *f, struct fetch_slot *s, const char *url, struct err *e)
{
    s->head.n = s->body.n = 0;
    s->status = 0;
    s->busy = true;
    s->sent = s->refused = s->late = s->cut = false;
    s->why[0] = 0;
    s->since = fetch_tick();
    if (curl_easy_setopt(s->easy, CURLOPT_URL, url) != CURLE_OK || curl_multi_add_handle(f->multi, s->easy) != CURLM_OK) {
        s->busy = false;
        return err_set(e, ERR_MEMORY, "no room for a request");
    }
    return true;
}

static bool slot_ready(struct fetch_real *f, uint32_t at, struct fetch_slot **ret, struct err *e)
{
    if (at >= f->rules.slots || f->slot[at].busy)
        return err_set(e, ERR_USAGE, "slot %u is not free", at);
    struct fetch_slot *s = &f->slot[at];
    if (!s->easy && !(s->easy = curl_easy_init()))
        return err_set(e, ERR_MEMORY, "no room for a request");
    *ret = s;
    return true;
}

bool fetch_ask(struct fetch *t, uint32_t at, const struct fetch_ask *a, struct err *e)
{
    struct fetch_real *f = t->ctx;
    struct fetch_slot *s = NULL;
    char               url[URL_BYTES], to[FETCH_HOST_MAX + NET_TEXT + 32], ip[NET_TEXT];
    bool               ok, six = !net_is4(a->ip);

    if (!slot_ready(f, at, &s, e))
        return false;
    if (strlen(a->host) >= FETCH_HOST_MAX || strlen(a->path) >= FETCH_PATH_MAX || a->path[0] != '/')
        return err_set(e, ERR_LIMIT, "a host name or path is too long");
    bool again = s->exchange_since != 0;          /* the second request of an exchange */
    ok = again || prepare(f, s);
    if (!again) {
        s->exchange_since = fetch_tick();
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

bool fetch_resolve(struct fetch *t, uint32_t at, const char *name, uint16_t port, struct err *e)
{
    struct fetch_real *f = t->ctx;
    struct fetch_slot *s = NULL;
    char               url[URL_BYTES];

    if (!slot_ready(f, at, &s, e))
        return false;
    if (strlen(name) >= FETCH_HOST_MAX)
        return err_set(e, ERR_LIMIT, "a host name is too long");
    s->resolving = true;
    s->ip_n = 0;
    s->exchange_since = fetch_tick();
    s->connect_since = s->tls_since = 0;
    snprintf(url, sizeof url, "https://%s:%u/", name, port);
    return prepare(f, s) ? start(f, s, url, e) : err_set(e, ERR_MEMORY, "no room for a request");
}
