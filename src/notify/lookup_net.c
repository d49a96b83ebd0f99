/* See lookup_net.h. Source: CURLOPT_RESOLVE(3), CURLOPT_OPENSOCKETFUNCTION(3) of libcurl 7.88 and 8.5; ares_query(3), ares_getsock(3) of c-ares 1.18 and 1.27. */
#include "notify/lookup_net.h"

#include <ares.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/net.h"
#include "base/net_special.h"
#include "base/num.h"
#include "formats/idna.h"

enum { DNS_MS = 5000, DNS_TRY_MS = 1500, DNS_TRIES = 2, DNS_UDP = 1232 /* DNS flag day 2020 */, CONNECT_MS = 5000, FIRST = 64 << 10 };

struct lookup_net {
    struct lookup_net_options o;
    const char  *user_agent, *ca;
    CURL        *easy;
    ares_channel ares;
    bool         has_ares;
    uint8_t     *body; size_t n, cap;
    /* of the question under way */
    const struct lookup_get *ask;
    struct lookup_got *got;
    struct arena *a;
    uint8_t      ip[LOOKUP_IPS_MAX][16]; size_t ip_n;
    size_t       head;
    bool         large, flood, encoded, no_room;
};

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a look-up"); }

static int64_t tick_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *lookup_end_name(enum lookup_end end)
{
    static const char *const name[] = { "answered", "no such name", "not asked", "no connection", "certificate not valid", "too late", "too large", "broken answer" };

    return (unsigned)end < COUNT_OF(name) ? name[end] : "?";
}

/* --- open and close --- */

/* A name may be in any letters; a header is not. */
static struct str plain(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n + 1);

    for (size_t i = 0; p && i < s.n; i++)
        p[i] = s.p[i] < ' ' || s.p[i] > '~' ? '_' : s.p[i];
    return (struct str){ p, p ? s.n : 0 };
}

bool lookup_net_open(struct lookup_net **ret, const struct lookup_net_options *o, struct arena *a, struct err *e)
{
    struct ares_options how = { .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS, .timeout = DNS_TRY_MS, .tries = DNS_TRIES, .ednspsz = DNS_UDP };
    struct lookup_net  *net = NEW(a, struct lookup_net, 1);

    if (!net)
        return no_room(e);
    *net = (struct lookup_net){ .o = *o };
    net->o.from = plain(a, o->from);
    net->user_agent = str_cstr(a, o->user_agent.n ? plain(a, o->user_agent) : STR("afterpatch/" AP_VERSION));
    net->ca = o->ca.n ? str_cstr(a, o->ca) : NULL;
    if (!net->user_agent || (o->ca.n && !net->ca))
        return no_room(e);
    int code = ares_library_init(ARES_LIB_INIT_ALL);
    if (code == ARES_SUCCESS)
        code = ares_init_options(&net->ares, &how, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ);
    net->has_ares = code == ARES_SUCCESS;
    if (code == ARES_SUCCESS && o->dns.n) {
        const char *csv = str_cstr(a, o->dns);
        code = csv ? ares_set_servers_ports_csv(net->ares, csv) : ARES_ENOMEM;
    }
    net->easy = curl_easy_init();
    if (code != ARES_SUCCESS || !net->easy) {
        err_set(e, ERR_IO, "no look-ups: %s", code != ARES_SUCCESS ? ares_strerror(code) : "libcurl does not start");
        lookup_net_close(net);
        return false;
    }
    *ret = net;
    return true;
}

void lookup_net_close(struct lookup_net *net)
{
    if (!net)
        return;
    if (net->has_ares)
        ares_destroy(net->ares);
    ares_library_cleanup();
    curl_easy_cleanup(net->easy);
    free(net->body);
    net->body = NULL;
}

uint16_t lookup_net_port(const struct lookup_net *net) { return net->o.https_port ? net->o.https_port : 443; }

static bool keep(struct lookup_net *net, const void *p, size_t n)
{
    if (n > net->cap - net->n) {
        size_t   cap = net->cap ? net->cap : FIRST;
        uint8_t *q;
        while (cap - net->n < n)
            cap *= 2;
        if (!(q = realloc(net->body, cap)))
            return false;
        net->body = q;
        net->cap = cap;
    }
    if (n)
        memcpy(net->body + net->n, p, n);
    net->n += n;
    return true;
}

/* --- DNS --- */

struct asked { struct lookup_net *net; bool done; int status; };

static void on_answer(void *ctx, int status, int timeouts, unsigned char *p, int n)
{
    struct asked *x = ctx;

    (void)timeouts;
    x->done = true;
    x->status = status;
    x->net->n = 0;
    if (p && n > 0 && !keep(x->net, p, (size_t)n))
        x->status = ARES_ENOMEM;
}

static void wait_for(struct lookup_net *net, struct asked *x)
{
    int64_t until = tick_ms() + DNS_MS;

    while (!x->done) {
        ares_socket_t s[ARES_GETSOCK_MAXNUM];
        struct pollfd fd[ARES_GETSOCK_MAXNUM];
        unsigned      bits = (unsigned)ares_getsock(net->ares, s, ARES_GETSOCK_MAXNUM);
        nfds_t        n = 0;
        int64_t       left = until - tick_ms();
        struct timeval most = { .tv_sec = 0, .tv_usec = 500000 }, t;

        if (left <= 0) {
            ares_cancel(net->ares);
            return;
        }
        for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {           /* ARES_GETSOCK_WRITABLE shifts into the sign */
            bool in = bits >> i & 1, out = bits >> (i + ARES_GETSOCK_MAXNUM) & 1;
            if (in || out)
                fd[n++] = (struct pollfd){ .fd = s[i], .events = (short)((in ? POLLIN : 0) | (out ? POLLOUT : 0)) };
        }
        struct timeval *next = ares_timeout(net->ares, &most, &t);
        int64_t ms = next->tv_sec * 1000 + next->tv_usec / 1000 + 1;
        if (poll(fd, n, (int)(ms < left ? ms : left)) <= 0)
            ares_process_fd(net->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        for (nfds_t i = 0; i < n; i++)
            if (fd[i].revents)
                ares_process_fd(net->ares, fd[i].revents & (POLLIN | POLLHUP | POLLERR) ? fd[i].fd : ARES_SOCKET_BAD, fd[i].revents & POLLOUT ? fd[i].fd : ARES_SOCKET_BAD);
    }
}

bool lookup_net_dns(struct lookup_net *net, struct str name, enum dnsmsg_type type, struct arena *a, enum lookup_end *ret_end, struct dnsmsg *ret, struct err *e)
{
    struct asked x = { .net = net };
    struct err   why = { 0 };
    const char  *c = str_cstr(a, name);

    *ret = (struct dnsmsg){ 0 };
    if (!c)
        return no_room(e);
    net->n = 0;
    ares_query(net->ares, c, 1, (int)type, on_answer, &x);
    wait_for(net, &x);
    if (x.status == ARES_ENOMEM)
        return no_room(e);
    *ret_end = x.status == ARES_ENOTFOUND || x.status == ARES_ENODATA ? LOOKUP_NO_NAME : x.status == ARES_ETIMEOUT || x.status == ARES_ECANCELLED ? LOOKUP_LATE : LOOKUP_BROKEN;
    if (x.status != ARES_SUCCESS)
        return true;
    if (!dnsmsg_read((struct str){ net->body, net->n }, name, type, a, ret, &why))
        return why.kind != ERR_MEMORY || no_room(e);
    *ret_end = ret->record_n || ret->null_mx || ret->alias.n ? LOOKUP_ANSWERED : LOOKUP_NO_NAME;
    return true;
}

bool lookup_net_addresses(struct lookup_net *net, struct str host, struct arena *a, enum lookup_end *ret_end, uint8_t ret[LOOKUP_IPS_MAX][16], size_t *ret_n, struct str *ret_alias, struct err *e)
{
    static const enum dnsmsg_type both[] = { DNSMSG_A, DNSMSG_AAAA };
    enum lookup_end end[2];
    struct dnsmsg   m;

    *ret_n = 0;
    *ret_alias = STR_EMPTY;
    if (net_ip_parse(host, ret[0])) {
        *ret_n = 1;
        *ret_end = LOOKUP_ANSWERED;
        return true;
    }
    for (size_t t = 0; t < 2; t++) {
        if (!lookup_net_dns(net, host, both[t], a, &end[t], &m, e))
            return false;
        if (m.alias.n)
            *ret_alias = m.alias;
        for (size_t i = 0; i < m.record_n; i++) {
            if (*ret_n == LOOKUP_IPS_MAX) {
                m.more = true;
                break;
            }
            memcpy(ret[(*ret_n)++], m.record[i].ip, 16);
        }
        if (m.more) {                              /* not all of them can be judged */
            *ret_n = 0;
            *ret_end = LOOKUP_LARGE;
            return true;
        }
        if (end[t] != LOOKUP_ANSWERED && end[t] != LOOKUP_NO_NAME) {
            *ret_n = 0;
            *ret_end = end[t];
            return true;
        }
    }
    *ret_end = *ret_n ? LOOKUP_ANSWERED : LOOKUP_NO_NAME;
    return true;
}

/* Resolves and judges. False: ret->end says why nobody is asked, or e for want of memory. */
static bool judged(struct lookup_net *net, struct str host, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct str alias, why = STR_EMPTY;

    if (!lookup_net_addresses(net, host, a, &ret->end, net->ip, &net->ip_n, &alias, e))
        return false;
    if (ret->end != LOOKUP_ANSWERED) {
        ret->why = str_c(lookup_end_name(ret->end));
        return false;
    }
    for (size_t i = 0; i < net->ip_n && !net->o.loopback; i++) {
        const struct net_special *special = net_special_find(net->ip[i]);
        if (special)
            why = str_fmt(a, "its address is special: %s", special->name);
    }
    if (!why.n && net->o.may && net->o.may(net->o.may_ctx, host, (const uint8_t (*)[16])net->ip, net->ip_n, &why) &&
        (!alias.n || net->o.may(net->o.may_ctx, alias, (const uint8_t (*)[16])net->ip, net->ip_n, &why)))
        return true;
    if (!why.n && !net->o.may)
        return true;
    ret->end = LOOKUP_FORBIDDEN;
    ret->why = why;
    return false;
}

/* --- https --- */

static struct str header(struct str line, const char *name)
{
    struct str n = str_c(name);

    return str_istarts(line, n) && line.n > n.n && line.p[n.n] == ':' ? str_trim(str_from(line, n.n + 1)) : STR_EMPTY;
}

static void take(struct lookup_net *net, struct str v, struct str *to, size_t max)
{
    if (v.n == 0 || v.n > max || to->n)
        return;
    *to = str_dup(net->a, v);
    net->no_room |= to->p == NULL;
}

static size_t on_head(char *p, size_t size, size_t n, void *ctx)
{
    struct lookup_net *net = ctx;
    struct str         line = { (const uint8_t *)p, size * n };
    uint32_t           s;

    net->head += line.n;
    if (net->head > LOOKUP_HEAD_MAX) {
        net->flood = true;
        return 0;
    }
    if (str_starts(line, STR("HTTP/"))) {              /* only the last answer counts, not a 103 */
        net->got->location = net->got->type = STR_EMPTY;
        net->got->retry_s = 0;
        net->encoded = false;
    }
    take(net, header(line, "Location"), &net->got->location, LOOKUP_PATH_MAX);
    take(net, header(line, "Content-Type"), &net->got->type, 200);
    struct str retry = header(line, "Retry-After"), encoding = header(line, "Content-Encoding");
    if (retry.n && num_u32(retry, &s))
        net->got->retry_s = s;
    if (encoding.n && !str_ieq_c(encoding, "identity"))
        net->encoded = true;
    return net->no_room ? 0 : line.n;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
    struct lookup_net *net = ctx;
    size_t             all = size * n, room = net->ask->bytes_max - net->n;

    if (net->encoded)
        return 0;
    if (!keep(net, p, all < room ? all : room)) {
        net->no_room = true;
        return 0;
    }
    net->large |= all > room;
    return all > room ? 0 : all;
}

/* The last word: it connects to an address that was judged, or to none. */
static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct lookup_net *net = ctx;
    uint8_t            ip[16];

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
    for (size_t i = 0; purpose == CURLSOCKTYPE_IPCXN && i < net->ip_n; i++)
        if (!memcmp(net->ip[i], ip, 16))
            return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
    return CURL_SOCKET_BAD;
}

static enum lookup_end end_of(const struct lookup_net *net, CURLcode code)
{
    if (net->large)
        return net->ask->cut_ok ? LOOKUP_ANSWERED : LOOKUP_LARGE;
    if (net->flood)
        return LOOKUP_LARGE;
    if (net->encoded)
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

#define SET(option, value) (ok = ok && curl_easy_setopt(net->easy, option, value) == CURLE_OK)

static bool prepare(struct lookup_net *net, const char *url, struct curl_slist *to, struct curl_slist *headers, char why[CURL_ERROR_SIZE])
{
    bool ok = true;

    curl_easy_reset(net->easy);
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
    SET(CURLOPT_USERAGENT, net->user_agent);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_RESOLVE, to);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_FORBID_REUSE, 1L);
    SET(CURLOPT_FRESH_CONNECT, 1L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (net->ca) {
        SET(CURLOPT_CAINFO, net->ca);
        SET(CURLOPT_CAPATH, NULL);
    }
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)net->ask->ms);
    if (!net->ask->cut_ok)
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)net->ask->bytes_max);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, net);
    SET(CURLOPT_HEADERFUNCTION, on_head);
    SET(CURLOPT_HEADERDATA, net);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, net);
    SET(CURLOPT_ERRORBUFFER, why);
    return ok;
}

/* "host:443:192.0.2.7,[2001:db8::1]" */
static struct str resolved(struct lookup_net *net, struct str host, struct arena *a)
{
    struct str s = str_fmt(a, "%.*s:%u:", STR_ARG(host), lookup_net_port(net));

    for (size_t i = 0; s.p && i < net->ip_n; i++) {
        char text[NET_TEXT];
        net_ip_text(net->ip[i], text);
        bool six = !net_is4(net->ip[i]);
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

bool lookup_net_get(struct lookup_net *net, const struct lookup_get *g, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct curl_slist *to = NULL, *headers = NULL;
    char               why[CURL_ERROR_SIZE] = "";
    uint8_t            literal[16];
    long               status = 0;
    CURLcode           code = CURLE_FAILED_INIT;
    bool               is_ip = net_ip_parse(g->host, literal);

    *ret = (struct lookup_got){ .end = LOOKUP_BROKEN };
    if (g->path.n == 0 || g->path.n > LOOKUP_PATH_MAX || g->path.p[0] != '/' || (!is_ip && g->host.n > IDNA_NAME_MAX)) {
        ret->why = STR("an address that cannot be asked");
        return true;
    }
    struct err none = { 0 };
    if (!judged(net, g->host, a, ret, &none))
        return none.kind == ERR_NONE || no_room(e);
    bool six = is_ip && !net_is4(literal);
    struct str url = str_fmt(a, "https://%s%.*s%s:%u%.*s", six ? "[" : "", STR_ARG(g->host), six ? "]" : "", lookup_net_port(net), STR_ARG(g->path));
    const char *c = url.p ? str_cstr(a, url) : NULL;
    net->ask = g;
    net->got = ret;
    net->a = a;
    net->n = net->head = 0;
    net->large = net->flood = net->encoded = net->no_room = false;
    bool ok = c && (is_ip || add(&to, a, resolved(net, g->host, a))) && add(&headers, a, str_fmt(a, "Accept: %.*s", STR_ARG(g->accept)));
    if (ok && net->o.from.n)
        ok = add(&headers, a, str_fmt(a, "From: %.*s", STR_ARG(net->o.from)));
    ok = ok && prepare(net, c, to, headers, why);
    if (ok)
        code = curl_easy_perform(net->easy);
    if (code == CURLE_OUT_OF_MEMORY || net->no_room)
        ok = false;
    if (ok) {
        curl_easy_getinfo(net->easy, CURLINFO_RESPONSE_CODE, &status);
        ret->status = (int)status;
        ret->end = end_of(net, code);
        ret->cut = net->large;
        ret->body = (struct str){ net->body, net->n };
        ret->why = ret->end == LOOKUP_ANSWERED ? STR_EMPTY : net->encoded ? STR("it has an encoding that was not asked for") : net->flood ? STR("too many headers") :
                   str_fmt(a, "%s%s%s", lookup_end_name(ret->end), why[0] && !net->large ? ": " : "", net->large ? "" : why);
    }
    curl_easy_reset(net->easy);
    curl_slist_free_all(to);
    curl_slist_free_all(headers);
    return ok || no_room(e);
}

/* --- port 43 --- */

static bool ready(int fd, short events, int64_t until)
{
    struct pollfd p = { .fd = fd, .events = events };
    int64_t       left = until - tick_ms();

    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static int connected(const uint8_t ip[16], uint16_t port, int64_t until)
{
    struct sockaddr_in  in = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    bool four = net_is4(ip);
    int  failed = 0;
    socklen_t n = sizeof failed;

    memcpy(&in.sin_addr, ip + 12, 4);
    memcpy(&in6.sin6_addr, ip, 16);
    int fd = socket(four ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int code = connect(fd, four ? (const struct sockaddr *)&in : (const struct sockaddr *)&in6, four ? sizeof in : sizeof in6);
    if ((code == 0 || errno == EINPROGRESS) && ready(fd, POLLOUT, until) && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n) == 0 && !failed)
        return fd;
    close(fd);
    return -1;
}

bool lookup_net_whois(struct lookup_net *net, struct str host, struct str line, uint32_t bytes_max, uint32_t ms, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct err none = { 0 };
    int64_t    until = tick_ms() + ms;
    uint8_t    buf[8192];
    ssize_t    n = -1;
    int        fd = -1;

    *ret = (struct lookup_got){ .end = LOOKUP_NO_CONNECT };
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] < ' ' || line.p[i] > '~') {
            ret->end = LOOKUP_FORBIDDEN;
            ret->why = STR("a question that cannot be asked");
            return true;
        }
    if (!judged(net, host, a, ret, &none))
        return none.kind == ERR_NONE || no_room(e);
    struct str question = str_fmt(a, "%.*s\r\n", STR_ARG(line));
    if (!question.p)
        return no_room(e);
    for (size_t i = 0; i < net->ip_n && fd < 0; i++)
        fd = connected(net->ip[i], net->o.whois_port ? net->o.whois_port : 43, until);
    net->n = 0;
    ret->end = LOOKUP_NO_CONNECT;
    if (fd >= 0 && ready(fd, POLLOUT, until) && send(fd, question.p, question.n, MSG_NOSIGNAL) == (ssize_t)question.n) {
        ret->end = LOOKUP_LATE;
        while (ready(fd, POLLIN, until) && (n = recv(fd, buf, sizeof buf, 0)) > 0 && net->n + (size_t)n <= bytes_max)
            if (!keep(net, buf, (size_t)n)) {
                close(fd);
                return no_room(e);
            }
        ret->end = n == 0 ? LOOKUP_ANSWERED : n > 0 && net->n + (size_t)n > bytes_max ? LOOKUP_LARGE : n < 0 ? LOOKUP_BROKEN : LOOKUP_LATE;
    }
    if (fd >= 0)
        close(fd);
    ret->body = (struct str){ net->body, net->n };
    ret->why = ret->end == LOOKUP_ANSWERED ? STR_EMPTY : str_c(lookup_end_name(ret->end));
    return true;
}
