/* See lookup_net.h: the table, whose addresses are judged, and what a sandbox leaves open. */
#include "notify/lookup_net_inner.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/net.h"
#include "base/net_special.h"
#include "base/num.h"

enum { FIRST = 64 << 10 };

bool lookup_net_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a look-up"); }

int64_t lookup_tick_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *lookup_end_name(enum lookup_end end)
{
    static const char *const name[LOOKUP_ENDS] = { "answered", "no such name", "not asked", "no connection", "certificate not valid", "too late", "too large", "broken answer" };

    return (unsigned)end < LOOKUP_ENDS ? name[end] : "?";
}

/* --- bytes of an answer --- */

bool lookup_body_keep(struct lookup_body *b, const void *p, size_t n)
{
    if (n > b->cap - b->n) {
        size_t   cap = b->cap ? b->cap : FIRST;
        uint8_t *q;
        while (cap - b->n < n)
            cap *= 2;
        if (!(q = realloc(b->p, cap)))
            return false;
        b->p = q;
        b->cap = cap;
    }
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
    return true;
}

void lookup_body_drop(struct lookup_body *b)
{
    free(b->p);
    *b = (struct lookup_body){ 0 };
}

/* --- names, by whatever net --- */

bool lookup_net_dns(struct lookup_net *net, struct str name, enum dnsmsg_type type, struct arena *a, enum lookup_end *ret_end, struct dnsmsg *ret, struct err *e)
{
    struct lookup_ask q = { .way = LOOKUP_DNS, .host = name, .type = type, .bytes_max = DNSMSG_BYTES_MAX, .ms = LOOKUP_DNS_MS };
    struct lookup_got got;
    struct err        why = { 0 };

    *ret = (struct dnsmsg){ 0 };
    if (!net->ask(net->ctx, &q, a, &got, e))
        return false;
    *ret_end = got.end;
    if (got.end != LOOKUP_ANSWERED)
        return true;
    *ret_end = LOOKUP_BROKEN;
    if (!dnsmsg_read(got.body, name, type, a, ret, &why))
        return why.kind != ERR_MEMORY || lookup_net_no_room(e);
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

/* --- whom may be asked --- */

bool lookup_judged(struct lookup_direct *d, struct str host, struct arena *a, struct lookup_got *ret, struct err *e)
{
    struct str alias, why = STR_EMPTY;

    if (!lookup_net_addresses(&d->self, host, a, &ret->end, d->ip, &d->ip_n, &alias, e))
        return false;
    if (ret->end != LOOKUP_ANSWERED) {
        ret->why = str_c(lookup_end_name(ret->end));
        return false;
    }
    for (size_t i = 0; i < d->ip_n && !d->o.loopback; i++) {
        const struct net_special *special = net_special_find(d->ip[i]);
        if (special)
            why = str_fmt(a, "its address is special: %s", special->name);
    }
    if (!why.n && d->o.may && d->o.may(d->o.may_ctx, host, (const uint8_t (*)[16])d->ip, d->ip_n, &why) &&
        (!alias.n || d->o.may(d->o.may_ctx, alias, (const uint8_t (*)[16])d->ip, d->ip_n, &why)))
        return true;
    if (!why.n && !d->o.may)
        return true;
    ret->end = LOOKUP_FORBIDDEN;
    ret->why = why;
    return false;
}

/* --- open and close --- */

static bool ask(void *ctx, const struct lookup_ask *q, struct arena *a, struct lookup_got *ret, struct err *e)
{
    static bool (*const way[LOOKUP_WAYS])(struct lookup_direct *, const struct lookup_ask *, struct arena *, struct lookup_got *, struct err *) = {
        [LOOKUP_HTTPS] = lookup_https_ask, [LOOKUP_DNS] = lookup_ares_ask, [LOOKUP_WHOIS] = lookup_whois_ask };
    struct lookup_direct *d = ctx;

    *ret = (struct lookup_got){ .end = LOOKUP_BROKEN };
    d->body.n = 0;
    return way[q->way](d, q, a, ret, e);
}

static void shut(void *ctx)
{
    struct lookup_direct *d = ctx;

    lookup_ares_close(d);
    curl_easy_cleanup(d->easy);
    d->easy = NULL;
    lookup_body_drop(&d->body);
}

bool lookup_net_open(struct lookup_net *ret, const struct lookup_net_options *o, struct arena *a, struct err *e)
{
    struct lookup_direct *d = NEW(a, struct lookup_direct, 1);

    if (!d)
        return lookup_net_no_room(e);
    *d = (struct lookup_direct){ .o = *o, .ca = o->ca.n ? str_cstr(a, o->ca) : NULL, .self = { d, ask, shut } };
    if (o->ca.n && !d->ca)
        return lookup_net_no_room(e);
    if (!lookup_ares_open(d, a, e))
        return false;
    if (!(d->easy = curl_easy_init())) {
        shut(d);
        return err_set(e, ERR_IO, "no look-ups: libcurl does not start");
    }
    *ret = d->self;
    return true;
}

void lookup_net_close(struct lookup_net *net)
{
    if (net && net->close)
        net->close(net->ctx);
    if (net)
        *net = (struct lookup_net){ 0 };
}

uint16_t lookup_direct_port(const struct lookup_direct *d, enum lookup_way way)
{
    uint16_t port = way == LOOKUP_HTTPS ? d->o.https_port : d->o.whois_port;

    return port ? port : way == LOOKUP_HTTPS ? 443 : 43;
}

/* --- for a sandbox around it --- */

/* Where systems keep the authorities: Debian and Ubuntu, Fedora and its like, SUSE, Arch, Alpine. Links lead from one to the other. None holds a key. */
static const char *const authorities[] = {
    "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted",
    "/usr/share/pki", "/etc/ca-certificates/extracted", "/var/lib/ca-certificates",
};

size_t lookup_net_files(const struct lookup_net_options *o, struct str ret[LOOKUP_FILES_MAX])
{
    size_t n = 0;

    if (o->ca.n) {
        ret[n++] = o->ca;
        return n;
    }
    for (size_t i = 0; i < COUNT_OF(authorities) && n < LOOKUP_FILES_MAX; i++)
        if (access(authorities[i], R_OK) == 0)
            ret[n++] = str_c(authorities[i]);
    const char *const own[] = { curl_version_info(CURLVERSION_NOW)->cainfo, curl_version_info(CURLVERSION_NOW)->capath };
    for (size_t i = 0; i < 2 && n < LOOKUP_FILES_MAX; i++)
        if (own[i] && access(own[i], R_OK) == 0)
            ret[n++] = str_c(own[i]);
    return n;
}

size_t lookup_net_ports(const struct lookup_net *net, uint16_t ret[LOOKUP_PORTS_MAX])
{
    const struct lookup_direct *d = net->ctx;

    ret[0] = lookup_direct_port(d, LOOKUP_HTTPS);
    ret[1] = lookup_direct_port(d, LOOKUP_WHOIS);
    return 2 + lookup_ares_ports(d, ret + 2, LOOKUP_PORTS_MAX - 2);
}
