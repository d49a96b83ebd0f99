/* See lookup.h: RDAP: whose server to ask, its answer, and for how much it is kept. */
#include "notify/lookup_inner.h"

#include <string.h>

#include "base/net.h"

static const char *const kinds[] = { [RDAP_NETWORK] = "rdap-ip", [RDAP_AUTNUM] = "rdap-as", [RDAP_DOMAIN] = "rdap-domain" };

/* --- whose server --- */

static bool boot_file(struct lookup *k, const char *name, struct str *ret, struct err *e)
{
    struct lookup_kept kept;
    struct lookup_walk w;
    struct str         key = str_c(name);

    *ret = STR_EMPTY;
    if (k->o.bootstrap.n) {
        struct err why = { 0 };
        if (!os_slurp_path(k->o.os, str_fmt(k->a, "%.*s/%s.json", STR_ARG(k->o.bootstrap), name), RDAP_BYTES_MAX, k->a, ret, &why)) {
            *ret = STR_EMPTY;
            lookup_note(k, "no bootstrap file: %s (%s)", why.what, why.where);
        }
        return true;
    }
    if (!lookup_kept(k, "boot", key, NULL, &kept, e))
        return false;
    if (kept.there) {
        *ret = kept.status == 200 ? kept.body : STR_EMPTY;
        return true;
    }
    if (!lookup_walk(k, str_fmt(k->a, "https://data.iana.org/rdap/%s.json", name), STR("application/json"), RDAP_BYTES_MAX, LOOKUP_MS, false, &w, e))
        return false;
    bool good = w.end == LOOKUP_ANSWERED && w.status == 200;
    if (!good)
        lookup_note(k, "IANA's %s.json is not to be had (%.*s): --bootstrap names a folder with it", name, STR_ARG(w.why));
    *ret = good ? w.body : STR_EMPTY;
    if (w.end == LOOKUP_FORBIDDEN)
        return true;                                   /* nobody was asked: there is nothing to keep */
    return lookup_keep(k, "boot", key, NULL, NULL, good ? 200 : w.status, good ? TIME_DAY : TIME_HOUR, w.host, *ret, e);
}

static bool base_of(struct lookup *k, enum rdap_class is, struct str asked, const uint8_t ip[16], struct str *ret, struct err *e)
{
    const char *name = is == RDAP_DOMAIN ? "dns" : is == RDAP_AUTNUM ? "asn" : net_is4(ip) ? "ipv4" : "ipv6";
    struct str  file;
    struct err  why = { 0 };

    *ret = k->o.rdap_base;
    if (ret->n)
        return true;
    if (!boot_file(k, name, &file, e))
        return false;
    if (file.n && !rdap_bootstrap(file, asked, k->a, ret, &why)) {
        *ret = STR_EMPTY;
        if (why.kind == ERR_MEMORY)
            return lookup_no_room(e);
        lookup_note(k, "nobody answers for %.*s by RDAP%s%s", STR_ARG(asked), why.what[0] ? ": " : "", why.what);
    }
    return true;
}

/* --- its answer --- */

static bool fits(struct rdap *r, enum rdap_class is, struct str asked, const uint8_t ip[16])
{
    uint64_t n = 0;

    if (r->is != is)
        return false;
    if (is == RDAP_NETWORK)
        return r->has_range && memcmp(r->first, ip, 16) <= 0 && memcmp(ip, r->last, 16) <= 0 && net_is4(r->first) == net_is4(r->last);
    if (is == RDAP_DOMAIN)
        return str_eq(r->ldh, asked);
    for (size_t i = 2; i < asked.n; i++)
        n = n * 10 + (uint64_t)(asked.p[i] - '0');
    uint32_t last = r->asn_last ? r->asn_last : r->asn_first;
    bool     within = r->asn_first <= n && n <= last;
    r->asn_first = r->asn_last = (uint32_t)n;          /* rows are about the very number */
    return within;
}

/* A whole answer, or what of a large network lies around the address. */
static void served(const struct rdap *r, const uint8_t ip[16], uint8_t first[16], uint8_t last[16])
{
    struct net around = net_around(ip, net_is4(ip) ? 120 : 48);
    uint8_t    low[16], high[16];

    memcpy(low, around.ip, 16);
    memcpy(high, around.ip, 16);
    for (unsigned bit = around.bits; bit < 128; bit++)
        high[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    memcpy(first, memcmp(r->first, low, 16) > 0 ? r->first : low, 16);
    memcpy(last, memcmp(r->last, high, 16) < 0 ? r->last : high, 16);
}

static bool say(struct lookup *k, struct str asked, const struct lookup_kept *x, enum rdap_class is, const uint8_t ip[16], size_t *ret_n, struct rdap *ret, bool *ret_good, struct err *e)
{
    struct err why = { 0 };

    *ret_good = false;
    if (!rdap_read(x->body, k->a, ret, &why)) {
        lookup_note(k, "%.*s of %.*s: %s", STR_ARG(asked), STR_ARG(x->host), why.what);
        return why.kind != ERR_MEMORY || lookup_no_room(e);
    }
    if (!fits(ret, is, asked, ip)) {
        lookup_note(k, "%.*s answers of something else than %.*s", STR_ARG(x->host), STR_ARG(asked));
        return true;
    }
    *ret_good = true;
    struct str source = str_fmt(k->a, "rdap:%.*s", STR_ARG(x->host));
    return source.p ? lookup_rows(k, ret, source, x->at_us, ret_n, e) : lookup_no_room(e);
}

static bool fetch(struct lookup *k, enum rdap_class is, struct str asked, const uint8_t ip[16], size_t *ret_n, struct err *e)
{
    static const char *const paths[] = { [RDAP_NETWORK] = "ip/", [RDAP_AUTNUM] = "autnum/", [RDAP_DOMAIN] = "domain/" };
    struct lookup_walk w;
    struct rdap        r;
    uint8_t            first[16], last[16];
    struct str         base, key = asked;
    bool               good = false;

    if (!base_of(k, is, asked, ip, &base, e))
        return false;
    if (!base.n)
        return true;
    struct str url = str_fmt(k->a, "%.*s%s%s%.*s", STR_ARG(base), base.p[base.n - 1] == '/' ? "" : "/", paths[is], STR_ARG(is == RDAP_AUTNUM ? str_from(asked, 2) : asked));
    if (!lookup_walk(k, url, STR("application/rdap+json"), LOOKUP_BYTES, LOOKUP_MS, false, &w, e))
        return false;
    if (w.end == LOOKUP_ANSWERED && w.status == 404) {
        lookup_note(k, "%.*s knows nothing of %.*s", STR_ARG(w.host), STR_ARG(asked));
        return lookup_keep(k, kinds[is], asked, ip, ip, 404, TIME_DAY, w.host, STR_EMPTY, e);
    }
    if (w.end == LOOKUP_ANSWERED && w.status == 200) {
        struct lookup_kept x = { .there = true, .status = 200, .at_us = k->o.now_us, .host = w.host, .body = w.body };
        if (!say(k, asked, &x, is, ip, ret_n, &r, &good, e))
            return false;
    } else
        lookup_note(k, "%.*s does not answer for %.*s: %.*s", STR_ARG(w.host), STR_ARG(asked), STR_ARG(w.why.n ? w.why : str_fmt(k->a, "status %d", w.status)));
    if (good && is == RDAP_NETWORK) {
        char a[NET_TEXT], b[NET_TEXT];
        served(&r, ip, first, last);
        net_ip_text(first, a);
        net_ip_text(last, b);
        key = str_fmt(k->a, "%s-%s", a, b);
    } else if (ip) {
        memcpy(first, ip, 16);
        memcpy(last, ip, 16);
    }
    k->n->failed += !good;
    if (!good && (w.end == LOOKUP_FORBIDDEN || w.status == 429))
        return true;                                   /* it was not asked, or rests as a host */
    return key.p ? lookup_keep(k, kinds[is], key, ip ? first : NULL, ip ? last : NULL, good ? 200 : w.status == 200 ? -1 : w.status, good ? TIME_DAY : TIME_HOUR, w.host, good ? w.body : STR_EMPTY, e)
                 : lookup_no_room(e);
}

bool lookup_rdap(struct lookup *k, enum rdap_class is, struct str asked, const uint8_t ip[16], size_t *ret_n, struct err *e)
{
    struct lookup_kept kept;
    struct rdap        r;
    bool               good;

    *ret_n = 0;
    if (!lookup_kept(k, kinds[is], asked, ip, &kept, e))
        return false;
    if (kept.there)
        return kept.status == 200 ? say(k, asked, &kept, is, ip, ret_n, &r, &good, e) : true;
    if (!k->o.online) {
        lookup_note(k, "%.*s is not in the cache", STR_ARG(asked));
        return true;
    }
    return fetch(k, is, asked, ip, ret_n, e);
}
