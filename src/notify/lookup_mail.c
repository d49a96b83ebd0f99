/* See lookup.h: where mail of a domain goes, and its role addresses. The DNS is asked, and never a mail server. */
#include "notify/lookup_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "casework/key.h"
#include "formats/idna.h"
#include "formats/mailaddr.h"

enum { MX_HOSTS = 8 };

/* Kept as lines: "mx HOST ADDRESS", "null", "soa MAILBOX". */
struct lines { struct str s; bool failed; };

static bool line(struct lookup *k, struct lines *x, const char *what, struct str a, const uint8_t ip[16], struct err *e)
{
    char text[NET_TEXT] = "";

    if (ip)
        net_ip_text(ip, text);
    x->s = str_fmt(k->a, "%.*s%s %.*s %s\n", STR_ARG(x->s), what, STR_ARG(a), text);
    return x->s.p || lookup_no_room(e);
}

/* implied: the domain itself, RFC 5321, 5.1: without an address it takes no mail. */
static bool host_lines(struct lookup *k, struct lines *x, struct str host, bool implied, struct err *e)
{
    uint8_t         ip[LOOKUP_IPS_MAX][16];
    size_t          n;
    struct str      alias;
    enum lookup_end end;

    if (k->asks >= LOOKUP_ASKS)
        return implied || line(k, x, "mx", host, NULL, e);
    k->asks++;
    k->n->asked++;
    if (!lookup_net_addresses(&k->net, host, k->a, &end, ip, &n, &alias, e))
        return false;
    x->failed |= implied && end != LOOKUP_ANSWERED && end != LOOKUP_NO_NAME;
    if (n == 0 && !implied && !line(k, x, "mx", host, NULL, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!line(k, x, "mx", host, ip[i], e) || (alias.n && !line(k, x, "mx", alias, ip[i], e)))
            return false;
    return true;
}

static bool ask(struct lookup *k, struct str domain, struct lines *x, struct err *e)
{
    struct dnsmsg   mx, soa;
    enum lookup_end end;

    if (k->asks >= LOOKUP_ASKS) {
        x->failed = true;
        return true;
    }
    k->asks++;
    k->n->asked++;
    if (!lookup_net_dns(&k->net, domain, DNSMSG_MX, k->a, &end, &mx, e))
        return false;
    if (end != LOOKUP_ANSWERED && end != LOOKUP_NO_NAME) {
        lookup_note(k, "the MX of %.*s cannot be told: %s", STR_ARG(domain), lookup_end_name(end));
        x->failed = true;
        return true;
    }
    if (mx.null_mx && !mx.record_n && !line(k, x, "null", STR("."), NULL, e))
        return false;
    for (size_t i = 0; i < mx.record_n && i < MX_HOSTS; i++)
        if (!host_lines(k, x, mx.record[i].host, false, e))
            return false;
    if (!mx.null_mx && !mx.record_n && !mx.refused && !host_lines(k, x, domain, true, e))
        return false;
    if (!lookup_net_dns(&k->net, domain, DNSMSG_SOA, k->a, &end, &soa, e))
        return false;
    return end != LOOKUP_ANSWERED || !soa.record_n || line(k, x, "soa", soa.record[0].host, NULL, e);
}

static bool answer(struct lookup *k, struct str domain, struct lookup_kept *ret, struct err *e)
{
    struct lines x = { 0 };

    if (!lookup_kept(k, "dns", domain, NULL, ret, e))
        return false;
    if (ret->there || !k->o.online || lookup_stopped(k))
        return true;
    if (!ask(k, domain, &x, e))
        return false;
    *ret = (struct lookup_kept){ .there = true, .status = x.failed ? -1 : 200, .at_us = k->o.now_us, .body = x.s };
    k->n->failed += x.failed;
    return lookup_keep(k, "dns", domain, NULL, NULL, ret->status, x.failed ? TIME_HOUR : TIME_DAY, STR("dns"), x.s, e);
}

/* --- role addresses --- */

static bool role_row(struct lookup *k, struct str domain, struct str address, const char *role, int64_t at_us, struct str source, struct err *e)
{
    struct case_contact c = { .channel = CONTACT_EMAIL, .address = address, .about = ABOUT_DOMAIN, .about_value = domain, .rung = 9, .role = str_c(role), .observed_us = lookup_day(at_us), .until_us = TIME_NONE };

    return address.p ? lookup_push(k, &c, source, e) : lookup_no_room(e);
}

/* The keeper of the zone, where he is of the domain: elsewhere he is whoever runs its DNS. */
static bool keeper(struct lookup *k, struct str domain, struct str mailbox, int64_t at_us, struct err *e)
{
    struct mailaddr m;
    const char     *why;

    if (!mailaddr_parse(mailbox, k->a, &m, &why) || !str_eq(m.domain, domain))
        return true;
    return role_row(k, domain, m.all, "hostmaster", at_us, STR("dns"), e);
}

static bool roles_of(struct lookup *k, struct str domain, int64_t at_us, struct err *e)
{
    static const char *const names[] = { "security", "abuse", "noc", "postmaster", "hostmaster" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (!role_row(k, domain, str_fmt(k->a, "%s@%.*s", names[i], STR_ARG(domain)), names[i], at_us, STR("rfc2142"), e))
            return false;
    return true;
}

bool lookup_mail(struct lookup *k, struct str domain, bool roles, struct err *e)
{
    struct lookup_kept kept;
    struct str         rest, text, what, host;
    bool               takes = false;

    for (size_t i = 0; i < k->resolved_n && !roles; i++)
        if (str_eq(k->resolved[i], domain))
            return true;
    if (!answer(k, domain, &kept, e))
        return false;
    if (!kept.there || kept.status != 200)
        return true;
    struct str *p = GROW(k->a, k->resolved, k->resolved_n, &k->resolved_cap);
    if (!p)
        return lookup_no_room(e);
    *p = domain;
    k->resolved_n++;
    for (rest = kept.body; str_cut(&rest, '\n', &text);) {
        struct case_mx x = { .domain = domain, .observed_us = lookup_day(kept.at_us) };
        if (!str_cut(&text, ' ', &what) || !str_cut(&text, ' ', &host))
            continue;
        if (str_eq(what, STR("soa"))) {
            if (roles && takes && !keeper(k, domain, host, kept.at_us, e))
                return false;
            continue;
        }
        x.host = host;
        x.has_ip = net_ip_parse(text, x.ip);
        takes |= str_eq(what, STR("mx"));
        if (!lookup_push_mx(k, &x, e))
            return false;
    }
    if (!takes)
        lookup_note(k, "%.*s takes no mail", STR_ARG(domain));
    return !takes || !roles || roles_of(k, domain, kept.at_us, e);
}

/* --- reverse names --- */

static struct str reverse(struct lookup *k, const uint8_t ip[16])
{
    struct str s = STR("ip6.arpa");

    if (net_is4(ip))
        return str_fmt(k->a, "%u.%u.%u.%u.in-addr.arpa", ip[15], ip[14], ip[13], ip[12]);
    for (int i = 0; s.p && i < 16; i++)
        s = str_fmt(k->a, "%x.%x.%.*s", ip[i] & 15u, ip[i] >> 4u, STR_ARG(s));
    return s;
}

/* The name that an address has, and that has this address; empty: none. */
static bool confirmed(struct lookup *k, struct str name, const uint8_t ip[16], struct str *ret, struct err *e)
{
    uint8_t         back[LOOKUP_IPS_MAX][16];
    struct dnsmsg   m;
    enum lookup_end end;
    struct str      alias, host;
    size_t          n;

    *ret = STR_EMPTY;
    k->asks++;
    k->n->asked++;
    if (!lookup_net_dns(&k->net, name, DNSMSG_PTR, k->a, &end, &m, e))
        return false;
    if (end != LOOKUP_ANSWERED || !m.record_n || org_ptr_default(m.record[0].host, ip))
        return true;
    host = m.record[0].host;
    if (!lookup_net_addresses(&k->net, host, k->a, &end, back, &n, &alias, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!memcmp(back[i], ip, 16))
            *ret = host;
    return true;
}

/* Whose it is, a person says: nothing is recorded. */
bool lookup_reverse(struct lookup *k, const uint8_t ip[16], struct err *e)
{
    struct lookup_kept kept;
    char               text[NET_TEXT];
    struct str         name = reverse(k, ip);

    if (!name.p)
        return lookup_no_room(e);
    if (!lookup_kept(k, "ptr", name, NULL, &kept, e))
        return false;
    if (!kept.there) {
        if (!k->o.online || k->asks >= LOOKUP_ASKS || lookup_stopped(k))
            return true;
        if (!confirmed(k, name, ip, &kept.body, e) || !lookup_keep(k, "ptr", name, NULL, NULL, kept.body.n ? 200 : 404, TIME_DAY, STR("dns"), kept.body, e))
            return false;
    }
    net_ip_text(ip, text);
    if (kept.body.n)
        lookup_note(k, "no domain is known of it; the DNS calls %s %.*s: if that is theirs, afterpatch case import --kind link ties it", text, STR_ARG(kept.body));
    return true;
}
