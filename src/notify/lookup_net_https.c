/* See lookup_net.h: https, by libcurl. Source: CURLOPT_RESOLVE(3), CURLOPT_OPENSOCKETFUNCTION(3) of libcurl 7.88 and 8.5. */
#include "notify/lookup_net_inner.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

enum { CONNECT_MS = 5000 };

/* The question under way. */
struct getting {
    struct lookup_direct     *d;
    const struct lookup_ask  *q;
    struct lookup_got        *got;
    struct arena             *a;
    size_t head;
    bool   large, flood, encoded, no_room;
};

/* A name may be in any letters; a header is not. */
static struct str plain(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n + 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = s.p[i] < ' ' || s.p[i] > '~' ? '_' : s.p[i];
    return (struct str){ p, p ? s.n : 0 };
}

static struct str header(struct str line, const char *name)
{
    struct str n = str_c(name);

    return str_istarts(line, n) && line.n > n.n && line.p[n.n] == ':' ? str_trim(str_from(line, n.n + 1)) : STR_EMPTY;
}

static void take(struct getting *g, struct str v, struct str *to, size_t max)
{
    if (v.n == 0 || v.n > max || to->n)
        return;
    *to = str_dup(g->a, v);
    g->no_room |= to->p == NULL;
}

static size_t on_head(char *p, size_t size, size_t n, void *ctx)
{
    struct getting *g = ctx;
    struct str      line = { (const uint8_t *)p, size * n };
    uint32_t        s;

    g->head += line.n;
    if (g->head > LOOKUP_HEAD_MAX) {
        g->flood = true;
        return 0;
    }
    if (str_starts(line, STR("HTTP/"))) {              /* only the last answer counts, not a 103 */
        g->got->location = g->got->type = STR_EMPTY;
        g->got->retry_s = 0;
        g->encoded = false;
    }
    take(g, header(line, "Location"), &g->got->location, LOOKUP_PATH_MAX);
    take(g, header(line, "Content-Type"), &g->got->type, LOOKUP_TYPE_MAX);
    struct str retry = header(line, "Retry-After"), encoding = header(line, "Content-Encoding");
    if (retry.n && num_u32(retry, &s))
        g->got->retry_s = s;
    if (encoding.n && !str_ieq_c(encoding, "identity"))
        g->encoded = true;
    return g->no_room ? 0 : line.n;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct getting     *g = ctx;
    struct lookup_body *body = &g->d->body;
    size_t              all = size * n, room = g->q->bytes_max - body->n;

    if (g->encoded)
        return 0;
    if (!lookup_body_keep(body, p, all < room ? all : room)) {
        g->no_room = true;
        return 0;
    }
    g->large |= all > room;
    return all > room ? 0 : all;
}

/* The last word: it connects to an address that was judged, or to none. */
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    const struct lookup_direct *d = ctx;
    uint8_t                     ip[16];

    if (to->family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &to->addr, sizeof in);
        memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        memcpy(ip + 12, &in.sin_addr, 4);
    } else if (to->family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &to->addr, sizeof in6);
        memcpy(ip, &in6.sin6_addr, 16);
    } else
        return CURL_SOCKET_BAD;
    for (size_t i = 0; purpose == CURLSOCKTYPE_IPCXN && i < d->ip_n; i++)
        if (!memcmp(d->ip[i], ip, 16))
            return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    return CURL_SOCKET_BAD;
}

static enum lookup_end end_of(const struct getting *g, CURLcode code)
{
    if (g->large)
        return g->q->cut_ok ? LOOKUP_ANSWERED : LOOKUP_LARGE;
    if (g->flood)
        return LOOKUP_LARGE;
    if (g->encoded)
        return LOOKUP_BROKEN;
    switch (code) {
    case CURLE_OK: return LOOKUP_ANSWERED;
    case CURLE_COULDNT_CONNECT: return LOOKUP_NO_CONNECT;
    case CURLE_OPERATION_TIMEDOUT: return LOOKUP_LATE;
    case CURLE_FILESIZE_EXCEEDED: return LOOKUP_LARGE;
    case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_CONNECT_ERROR: case CURLE_SSL_CERTPROBLEM: case CURLE_SSL_ISSUER_ERROR: case CURLE_SSL_INVALIDCERTSTATUS: return LOOKUP_NO_TRUST;
    default: return LOOKUP_BROKEN;
    }
}

#define SET(option, value) (ok = ok && curl_easy_setopt(g->d->easy, option, value) == CURLE_OK)

static bool prepare(struct getting *g, const char *url, const char *user_agent, struct curl_slist *to, struct curl_slist *headers, char why[CURL_ERROR_SIZE])
{
    bool ok = true;

    curl_easy_reset(g->d->easy);
    SET(CURLOPT_URL, url);
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTPGET, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_USERAGENT, user_agent);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_RESOLVE, to);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (g->d->ca) {
        SET(CURLOPT_CAINFO, g->d->ca);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)g->q->ms);
    if (!g->q->cut_ok)
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)g->q->bytes_max);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, g->d);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, g);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, g);
    SET(CURLOPT_ERRORBUFFER, why);
    return ok;
}

/* "host:443:192.0.2.7,[2001:db8::1]" */
static struct str resolved(const struct lookup_direct *d, struct str host, struct arena *a)
{
    struct str s = str_fmt(a, "%.*s:%u:", STR_ARG(host), lookup_direct_port(d, LOOKUP_HTTPS));

    for (size_t i = 0; s.p && i < d->ip_n; i++) {
        char text[NET_TEXT];
        net_ip_text(d->ip[i], text);
        bool six = !net_is4(d->ip[i]);
        s = str_fmt(a, "%.*s%s%s%s%s", STR_ARG(s), i ? "," : "", six ? "[" : "", text, six ? "]" : "");
    }
    return s;
}

static bool add(struct curl_slist **list, struct arena *a, struct str s)
{
    const char        *c = s.p ? str_cstr(a, s) : NULL;
    struct curl_slist *l = c ? curl_slist_append(*list, c) : NULL;

    if (l)
        *list = l;
    return l != NULL;
}

static bool headers_of(struct curl_slist **list, const struct lookup_ask *q, struct arena *a)
{
    struct str from = plain(a, q->from);

    return from.p && add(list, a, str_fmt(a, "Accept: %.*s", STR_ARG(plain(a, q->accept)))) && (!from.n || add(list, a, str_fmt(a, "From: %.*s", STR_ARG(from))));
}

static void answer(struct getting *g, CURLcode code, const char *why)
{
    struct lookup_got *got = g->got;
    long               status = 0;

    curl_easy_getinfo(g->d->easy, CURLINFO_RESPONSE_CODE, &status);
    got->status = (int)status;
    got->end = end_of(g, code);
    got->cut = g->large;
    got->body = (struct str){ g->d->body.p, g->d->body.n };
    got->why = got->end == LOOKUP_ANSWERED ? STR_EMPTY : g->encoded ? STR("it has an encoding that was not asked for") : g->flood ? STR("too many headers") :
               str_fmt(g->a, "%s%s%s", lookup_end_name(got->end), why[0] && !g->large ? ": " : "", g->large ? "" : why);
}

bool lookup_https_ask(struct lookup_direct *d, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct getting     g = { .d = d, .q = q, .got = ret, .a = a };
    struct curl_slist *to = NULL, *headers = NULL;
    char               why[CURL_ERROR_SIZE] = "";
    uint8_t            literal[16];
    CURLcode           code = CURLE_FAILED_INIT;
    struct err         none = { 0 };
    bool               is_ip = net_ip_parse(q->host, literal), six = is_ip && !net_is4(literal);

    if (q->path.n == 0 || q->path.n > LOOKUP_PATH_MAX || q->path.p[0] != '/' || (!is_ip && q->host.n > IDNA_NAME_MAX)) {
        ret->why = STR("an address that cannot be asked");
        return true;
    }
    if (!lookup_judged(d, q->host, a, ret, &none))
        return none.kind == ERR_NONE || lookup_net_no_room(e);
    struct str  url = str_fmt(a, "https://%s%.*s%s:%u%.*s", six ? "[" : "", STR_ARG(q->host), six ? "]" : "", lookup_direct_port(d, LOOKUP_HTTPS), STR_ARG(q->path));
    const char *c = url.p ? str_cstr(a, url) : NULL, *agent = str_cstr(a, q->user_agent.n ? plain(a, q->user_agent) : STR("afterpatch/" AP_VERSION));
    d->body.n = 0;
    bool ok = c && agent && (is_ip || add(&to, a, resolved(d, q->host, a))) && headers_of(&headers, q, a) && prepare(&g, c, agent, to, headers, why);
    if (ok)
        code = curl_easy_perform(d->easy);
    if (code == CURLE_OUT_OF_MEMORY || g.no_room)
        ok = false;
    if (ok)
        answer(&g, code, why);
    curl_easy_reset(d->easy);
    curl_slist_free_all(to);
    curl_slist_free_all(headers);
    return ok || lookup_net_no_room(e);
}
