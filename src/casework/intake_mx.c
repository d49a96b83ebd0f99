/*
 * Tables of mail exchangers: domain, mx, ip, time. A cell may name several, with or without their preference ("10 mx1.example.org, 20 mx2.example.org").
 * A null MX (RFC 7505) is a domain without mail: nothing to keep.
 */
#include "casework/intake_inner.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

#include <string.h>

enum { F_ZONE, F_MX, F_MXIP, F_TIME };

static const struct intake_column columns[] = {
    { "domain", F_ZONE }, { "zone", F_ZONE }, { "name", F_ZONE }, { "mx", F_MX }, { "mxhost", F_MX }, { "mxs", F_MX }, { "exchanger", F_MX }, { "mailserver", F_MX }, { "ip", F_MXIP }, { "mxip", F_MXIP },
    { "ips", F_MXIP }, { "address", F_MXIP }, { "time", F_TIME }, { "seen", F_TIME }, { "timestamp", F_TIME }, { "date", F_TIME }, { "observed", F_TIME }, { NULL, 0 }
};

static const char no_host[] = "its mail exchanger is no host name";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_item base = { .mx = { .domain = intake_domain(m, get(r, F_ZONE)) } };
    struct str         hosts = get(r, F_MX), ips = get(r, F_MXIP), one;
    const char        *why;
    uint32_t           preference;
    size_t             n = 0;
    bool               null = false;

    if (!base.mx.domain.n)
        return intake_broken(m, intake_no_domain);
    if (!intake_time(m, get(r, F_TIME), &base.mx.observed_us, &why))
        return intake_broken(m, why);
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
    while (intake_next(&hosts, &one)) {
        struct intake_item x = base;
        if (n == INTAKE_LIST_MAX)
            return intake_part(m, intake_too_many);
        if (num_u32(one, &preference) || (null = str_eq(one, STR("."))))
            continue;
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
    .name = "mx", .about = "mail exchangers: domain, mx, ip, time", .column = columns, .all = HAS(F_ZONE) | HAS(F_MX), .sure = 60, .row = row,
};
