/*
 * Tables of mail exchangers: domain, mx, ip, tls, time. A cell may name several, with or without their preference ("10 mx1.example.org, 20 mx2.example.org").
 * A null MX (RFC 7505) alone is a domain without mail, kept as host "."; of a name below the domain it says nothing of the domain. tls: SHA-256 of the certificate or key that the
 * host shows, where the row has one host.
 */
#include "casework/intake_inner.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

#include <string.h>

enum { F_ZONE, F_MX, F_MXIP, F_TIME, F_MXTLS };

static const struct intake_column columns[] = {
    { "domain", F_ZONE }, { "zone", F_ZONE }, { "name", F_ZONE }, { "mx", F_MX }, { "mxhost", F_MX }, { "mxs", F_MX }, { "exchanger", F_MX }, { "mailserver", F_MX }, { "ip", F_MXIP }, { "mxip", F_MXIP },
    { "ips", F_MXIP }, { "address", F_MXIP }, { "time", F_TIME }, { "seen", F_TIME }, { "timestamp", F_TIME }, { "date", F_TIME }, { "observed", F_TIME }, { "tls", F_MXTLS },
    { "mxtls", F_MXTLS }, { "certsha256", F_MXTLS }, { "spkisha256", F_MXTLS }, { NULL, 0 }
};

static const char no_host[] = "its mail exchanger is no host name", no_tls[] = "its certificate hash is not 64 hex digits";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

/* Is it the domain itself, and no name below it? */
static bool whole_domain(struct intake *m, struct str zone, struct str domain)
{
    struct str host;

    return idna_domain(zone, &m->a, &host) && str_eq(host, domain);
}

static size_t hosts_of(struct str hosts)
{
    struct str one;
    uint32_t   preference;
    size_t     n = 0;

    while (intake_next(&hosts, &one))
        n += !num_u32(one, &preference) && !str_eq(one, STR("."));
    return n;
}

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_item base = { .mx = { .domain = intake_domain(m, get(r, F_ZONE)) } };
    struct str         hosts = get(r, F_MX), ips = get(r, F_MXIP), tls = get(r, F_MXTLS), one;
    const char        *why;
    uint32_t           preference;
    size_t             n = 0;
    bool               null = false;

    if (!base.mx.domain.n)
        return intake_broken(m, intake_no_domain);
    if (!intake_time(m, get(r, F_TIME), &base.mx.observed_us, &why))
        return intake_broken(m, why);
    if (tls.n && !(base.mx.has_tls = tls.n == 64 && num_unhex(tls, base.mx.tls, 32)) && !intake_part(m, no_tls))
        return false;
    uint8_t ip[16];
    bool    has_ip = false;
    struct str rest = ips;
    size_t  ip_n = 0;
    while (intake_next(&rest, &one)) {
        if (!net_ip_parse(one, ip))
            return intake_broken(m, intake_no_ip);
        has_ip = true;
        ip_n++;
    }
    if (base.mx.has_tls && hosts_of(hosts) != 1)
        base.mx.has_tls = false;                        /* nobody says whose it is */
    while (intake_next(&hosts, &one)) {
        struct intake_item x = base;
        if (n == INTAKE_LIST_MAX)
            return intake_part(m, intake_too_many);
        if (num_u32(one, &preference))
            continue;
        if (str_eq(one, STR("."))) {
            null = true;
            continue;
        }
        n++;
        if (net_ip_parse(one, x.mx.ip)) {                   /* RFC 5321 forbids it; some do it */
            x.mx.has_ip = true;
        } else if (!idna_host(one, &m->a, &x.mx.host)) {
            if (!intake_part(m, no_host))
                return false;
            continue;
        }
        if (ip_n == 1 && !x.mx.has_ip) {
            memcpy(x.mx.ip, ip, 16);
            x.mx.has_ip = true;
        }
        if (!intake_give(m, &x, INTAKE_MX) && m->stopped)
            return false;
    }
    if (null && !n && !has_ip && whole_domain(m, get(r, F_ZONE), base.mx.domain)) {
        struct intake_item x = base;
        x.mx.host = STR(".");
        x.mx.has_tls = false;
        return intake_give(m, &x, INTAKE_MX) || !m->stopped;
    }
    /* Several addresses, or no name: each by itself. */
    for (rest = ips; has_ip && (ip_n > 1 || !n) && !null && intake_next(&rest, &one);) {
        struct intake_item x = base;
        x.mx.has_ip = net_ip_parse(one, x.mx.ip);
        if (!intake_give(m, &x, INTAKE_MX) && m->stopped)
            return false;
    }
    return true;
}

const struct intake_kind intake_mx = {
    .name = "mx", .about = "mail exchangers: domain, mx, ip, tls, time", .column = columns, .all = HAS(F_ZONE) | HAS(F_MX), .sure = 60, .row = row,
};
