/* See lookup.h. */
#include "notify/lookup_inner.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/net_special.h"
#include "casework/group.h"
#include "formats/idna.h"
#include "notify/lookup_courier.h"
#include "survey/where.h"

bool lookup_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a look-up"); }

void lookup_note(struct lookup *k, const char *fmt, ...)
{
    char    text[600];
    va_list ap;

    if (!k->o.note)
        return;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    k->o.note(k->o.note_ctx, (struct str){ (const uint8_t *)text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
}

/* --- what a case is known by --- */

static bool add_domain(struct lookup *k, struct str value, struct err *e)
{
    struct str name, whole;

    if (k->domain_n == LOOKUP_DOMAINS || !idna_domain(value, k->a, &name))
        return true;
    whole = where_registrable(name);
    if (!str_eq(whole, name) || lookup_own_domain(k, name))
        return true;
    k->domain[k->domain_n] = str_dup(k->a, name);
    return k->domain[k->domain_n++].p || lookup_no_room(e);
}

static bool domains(struct lookup *k, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got = STORE_DONE;
    bool               ok = true;

    if (!bind_open(k->s, "SELECT k.value, max(d.weight) FROM case_server v JOIN case_edge d ON d.asset = v.asset JOIN case_key k ON k.id = d.key LEFT JOIN case_provider p ON p.key = k.id"
                         " WHERE v.case_id = ?1 AND v.shared = 0 AND k.class = ?2 AND ((k.state <> ?3 AND k.state <> ?4) OR p.org = v.org) AND d.weight >= ?5 AND d.sure >= ?6"
                         " GROUP BY k.value ORDER BY max(d.weight) DESC, k.value LIMIT 32",
                   BOUND(B_INT(k->case_), B_INT(ORG_IS_DOMAIN), B_INT(GROUP_KEY_PROVIDER), B_INT(GROUP_KEY_DOUBT), B_INT(group_defaults.join_weight), B_INT(group_defaults.confidence_min)), &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = add_domain(k, store_text(st, 0), e);
    store_finish(st);
    return ok && got == STORE_DONE;
}

static bool networks(struct lookup *k, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got;

    if (!bind_open(k->s, "SELECT ip, asn FROM case_server WHERE case_id = ?1 ORDER BY ip LIMIT 5000", BOUND(B_INT(k->case_)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct str ip = store_bytes(st, 0);
        int64_t    asn = store_int(st, 1);
        bool       known = ip.n != 16 || k->ip_n == LOOKUP_NETWORKS;
        for (size_t i = 0; i < k->ip_n && !known; i++)
            known = !memcmp(k->ip[i], ip.p, 16);
        if (!known)
            memcpy(k->ip[k->ip_n++], ip.p, 16);
        known = asn <= 0 || asn > UINT32_MAX || k->asn_n == LOOKUP_NETWORKS;
        for (size_t i = 0; i < k->asn_n && !known; i++)
            known = k->asn[i] == asn;
        if (!known)
            k->asn[k->asn_n++] = (uint32_t)asn;
    }
    store_finish(st);
    return got == STORE_DONE;
}

bool lookup_load(struct lookup *k, int64_t case_, struct err *e)
{
    struct store_stmt *st;

    k->case_ = case_;
    k->domain_n = k->ip_n = k->asn_n = 0;
    if (!bind_open(k->s, "SELECT c.campaign, c.org, coalesce(o.name, ''), coalesce(g.begun_us, g.report_us) FROM case_case c LEFT JOIN case_org o ON o.org = c.org"
                         " LEFT JOIN case_campaign g ON g.id = c.campaign WHERE c.id = ?1", BOUND(B_INT(case_)), &st, e))
        return false;
    enum store_got got = store_step(st, e);
    bool           ok = true;
    if (got == STORE_ROW) {
        k->campaign = store_int(st, 0);
        k->org = store_int(st, 1);
        k->org_name = str_dup(k->a, store_text(st, 2));
        k->begun_us = store_time(st, 3);
        ok = k->org_name.p || !store_text(st, 2).n || lookup_no_room(e);
    }
    store_finish(st);
    if (got == STORE_DONE)
        return err_set(e, ERR_USAGE, "there is no case %lld", (long long)case_);
    return ok && got == STORE_ROW && domains(k, e) && networks(k, e);
}

bool lookup_own_domain(const struct lookup *k, struct str name)
{
    struct str whole = where_registrable(name);

    for (size_t i = 0; i < k->domain_n; i++)
        if (str_eq(k->domain[i], name) || (whole.n && str_eq(k->domain[i], whole)))
            return true;
    return false;
}

/* --- one case --- */

static bool by_rdap_or_whois(struct lookup *k, enum rdap_class is, struct str asked, const uint8_t ip[16], size_t *ret_n, struct err *e)
{
    *ret_n = 0;
    if (!asked.p)
        return lookup_no_room(e);
    const struct net_special *special = ip && !k->o.loopback ? net_special_find(ip) : NULL;
    if (special && k->o.online) {
        lookup_note(k, "no registry is asked for %.*s: %s", STR_ARG(asked), special->name);
        return true;
    }
    if (!lookup_rdap(k, is, asked, ip, ret_n, e))
        return false;
    return *ret_n || lookup_whois(k, asked, ret_n, e);
}

static bool of_networks(struct lookup *k, struct err *e)
{
    size_t all = 0, n;
    char   text[NET_TEXT];

    for (size_t i = 0; i < k->ip_n; i++) {
        net_ip_text(k->ip[i], text);
        if (!by_rdap_or_whois(k, RDAP_NETWORK, str_fmt(k->a, "%s", text), k->ip[i], &n, e))
            return false;
        all += n;
    }
    for (size_t i = 0; i < k->asn_n && !all; i++)
        if (!by_rdap_or_whois(k, RDAP_AUTNUM, str_fmt(k->a, "AS%u", k->asn[i]), NULL, &n, e))
            return false;
    return true;
}

/* Where mail to this address goes. */
static bool way_to(struct lookup *k, enum contact_channel channel, struct str address, struct err *e)
{
    return channel != CONTACT_EMAIL || lookup_mail(k, str_from(address, str_rchr(address, '@') + 1), false, e);
}

/* And to those that the ladder has from elsewhere: registers, providers, national teams. */
static bool known(struct lookup *k, struct err *e)
{
    struct contact *c;
    size_t          n;

    if (!k->o.online)
        return true;
    if (!ladder_climb(k->s, k->case_, k->o.now_us, k->a, &c, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (c[i].path == PATH_UNKNOWN && !way_to(k, c[i].channel, c[i].address, e))
            return false;
    return true;
}

static bool ask_all(struct lookup *k, struct err *e)
{
    size_t n;

    for (size_t i = 0; i < k->domain_n; i++)
        if (!lookup_sectxt(k, k->domain[i], e) || !lookup_mail(k, k->domain[i], true, e) || !by_rdap_or_whois(k, RDAP_DOMAIN, k->domain[i], NULL, &n, e))
            return false;
    for (size_t i = 0; i < k->ip_n && !k->domain_n && i < 4; i++)
        if (!lookup_reverse(k, k->ip[i], e))
            return false;
    if (!of_networks(k, e))
        return false;
    for (size_t i = 0, end = k->contact_n; i < end; i++)
        if (!way_to(k, k->contact[i].c.channel, k->contact[i].c.address, e))
            return false;
    return known(k, e);
}

static bool open_net(struct lookup *k, struct arena *a, struct err *e)
{
    const struct lookup_options  *o = &k->o;
    struct lookup_courier_options by = { .courier = o->courier, .may = lookup_may_ask, .may_ctx = k, .note = o->note, .note_ctx = o->note_ctx, .beat = o->beat, .beat_ctx = o->beat_ctx };
    struct lookup_net_options     how = { .dns = o->dns, .ca = o->ca, .https_port = o->https_port, .whois_port = o->whois_port, .loopback = o->loopback, .may = lookup_may_ask, .may_ctx = k };

    return o->courier ? lookup_courier_open(&k->net, &by, a, e) : lookup_net_open(&k->net, &how, a, e);
}

bool lookup_open(struct lookup **ret, struct ledger *l, const struct lookup_options *o, struct arena *a, struct err *e)
{
    struct lookup *k = NEW(a, struct lookup, 1);
    struct lookup_host *host = NEW(a, struct lookup_host, LOOKUP_HOSTS);

    if (!k || !host)
        return lookup_no_room(e);
    *k = (struct lookup){ .l = l, .s = ledger_store(l), .o = *o, .host = host };
    if (!bind_run(k->s, "DELETE FROM notify_lookup WHERE until_us < ?1 AND kind <> 'sectxt' AND kind <> 'sectxt-before'", BOUND(B_INT(o->now_us - LOOKUP_STALE_US)), e) ||
        (o->online && !open_net(k, a, e)))
        return false;
    *ret = k;
    return true;
}

void lookup_close(struct lookup *k)
{
    if (k)
        lookup_net_close(&k->net);
}

bool lookup_next(struct lookup *k, int64_t case_, struct arena *a, struct lookup_counts *counts, struct err *e)
{
    struct arena scratch = *a;

    k->a = &scratch;
    k->n = counts;
    k->contact_n = k->contact_cap = k->mx_n = k->mx_cap = k->resolved_n = k->resolved_cap = 0;
    k->contact = NULL;
    k->mx = NULL;
    k->resolved = NULL;
    k->asks = 0;
    if (!lookup_load(k, case_, e) || !ask_all(k, e))
        return false;
    if (!k->contact_n && !k->mx_n)
        return true;
    if (!ledger_begin(k->l, e))
        return false;
    if (lookup_write(k, e) && ledger_commit(k->l, e))
        return true;
    ledger_rollback(k->l);
    return false;
}

bool lookup_case(struct ledger *l, int64_t case_, const struct lookup_options *o, struct arena *a, struct lookup_counts *ret, struct err *e)
{
    struct lookup *k = NULL;

    *ret = (struct lookup_counts){ 0 };
    bool ok = lookup_open(&k, l, o, a, e) && lookup_next(k, case_, a, ret, e);
    lookup_close(k);
    return ok;
}
