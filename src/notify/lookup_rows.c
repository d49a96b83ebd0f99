/* See lookup.h and lookup_inner.h: rows of what an answer says, and whose desk it is. */
#include "notify/lookup_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "casework/key.h"
#include "survey/where.h"

int64_t lookup_day(int64_t us) { return us == TIME_NONE ? us : us / TIME_DAY * TIME_DAY; }

bool lookup_push(struct lookup *k, const struct case_contact *c, struct str source, struct err *e)
{
    if (c->address.n == 0 || c->address.n > LEDGER_TEXT_MAX || k->contact_n == LOOKUP_ROWS)
        return true;
    for (size_t i = 0; i < k->contact_n; i++) {
        const struct case_contact *x = &k->contact[i].c;
        if (x->channel == c->channel && x->about == c->about && x->rung == c->rung && str_eq(x->address, c->address) && str_eq(x->about_value, c->about_value))
            return true;
    }
    struct lookup_contact *p = GROW(k->a, k->contact, k->contact_n, &k->contact_cap);
    if (!p)
        return lookup_no_room(e);
    *p = (struct lookup_contact){ *c, source };
    k->contact_n++;
    return true;
}

bool lookup_push_mx(struct lookup *k, const struct case_mx *x, struct err *e)
{
    if (k->mx_n == LOOKUP_ROWS)
        return true;
    struct case_mx *p = GROW(k->a, k->mx, k->mx_n, &k->mx_cap);
    if (!p)
        return lookup_no_room(e);
    *p = *x;
    k->mx_n++;
    return true;
}

bool lookup_write(struct lookup *k, struct err *e)
{
    struct ledger_from from = { 0 };
    struct str         last = STR_EMPTY;

    for (size_t i = 0; i < k->contact_n; i++) {
        const struct lookup_contact *x = &k->contact[i];
        if ((i == 0 || !str_eq(last, x->source)) && !ledger_source(k->l, &(struct case_source){ .name = x->source, .tlp = STR("CLEAR"), .releasable = true }, &from.source, e))
            return false;
        last = x->source;
        if (!ledger_contact(k->l, &x->c, &from, NULL, e))
            return false;
        k->n->contacts++;
    }
    if (k->mx_n && !ledger_source(k->l, &(struct case_source){ .name = STR("dns"), .tlp = STR("CLEAR"), .releasable = true }, &from.source, e))
        return false;
    for (size_t i = 0; i < k->mx_n; i++, k->n->mx++)
        if (!ledger_mx(k->l, &k->mx[i], &from, e))
            return false;
    return true;
}

/* --- whose it is --- */

static struct str mail_domain(struct str address)
{
    size_t at = str_rchr(address, '@');

    return at == STR_NONE ? STR_EMPTY : str_from(address, at + 1);
}

static bool same_name(struct lookup *k, struct str a, struct str b)
{
    static const char nowhere[3];
    struct str x, y;

    return a.n && b.n && org_key_clean(ORG_CERT_ORG, a, nowhere, k->a, &x) && org_key_clean(ORG_CERT_ORG, b, nowhere, k->a, &y) && str_eq(x, y);
}

static bool named(struct lookup *k, const struct rdap *r)
{
    for (size_t i = 0; i < r->contact_n; i++) {
        const struct rdap_contact *c = &r->contact[i];
        if (c->registrars)
            continue;
        if (c->roles & RDAP_REGISTRANT && (same_name(k, c->org, k->org_name) || same_name(k, c->name, k->org_name)))
            return true;
        for (size_t m = 0; m < c->email_n; m++)
            if (lookup_own_domain(k, mail_domain(c->email[m])))
                return true;
    }
    return false;
}

/* Is the holder the organisation of the case, and nobody else's server in the range? */
static bool holder(struct lookup *k, const struct rdap *r, bool *ret, struct err *e)
{
    int64_t others = 0;

    *ret = named(k, r);
    if (!*ret || !r->has_range)
        return true;
    struct err none = { 0 };
    bool got = bind_ask(k->s, "SELECT count(*) FROM (SELECT 1 FROM case_server WHERE ip >= ?1 AND ip <= ?2 AND org <> ?3 LIMIT 1) x",
                        BOUND(B_BYTES(((struct str){ r->first, 16 })), B_BYTES(((struct str){ r->last, 16 })), B_INT(k->org)), &others, 1, &none);
    if (!got && none.kind != ERR_NONE) {
        *e = none;
        return false;
    }
    *ret = others == 0;
    return true;
}

/* --- what each role is good for --- */

static const struct { uint32_t role; const char *name; } words[] = {
    { RDAP_ABUSE, "abuse" }, { RDAP_NOC, "noc" }, { RDAP_TECHNICAL, "technical" }, { RDAP_ADMINISTRATIVE, "administrative" }, { RDAP_REGISTRANT, "registrant" },
};

static struct str role_text(struct lookup *k, const struct rdap_contact *c, const char *of)
{
    struct str s = str_c(of);

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (c->roles & words[i].role)
            s = str_fmt(k->a, "%.*s%s%s", STR_ARG(s), s.n ? " " : "", words[i].name);
    return s;
}

/* 0: not to be kept. desk: nobody of the role abuse is there, so that the next best stands for it. */
static uint8_t rung_of(const struct rdap *r, const struct rdap_contact *c, bool ours, bool desk)
{
    const uint32_t people = RDAP_NOC | RDAP_TECHNICAL | RDAP_ADMINISTRATIVE | RDAP_REGISTRANT;

    if (c->registrars)
        return c->roles & RDAP_ABUSE ? 11 : 0;
    if (r->is == RDAP_DOMAIN)
        return c->redacted || c->roles & RDAP_PROXY ? 11 : c->roles & (people | RDAP_ABUSE) ? 6 : 0;
    if (ours)
        return c->roles & RDAP_ABUSE ? 5 : c->roles & people ? 6 : 0;
    return c->roles & RDAP_ABUSE || (desk && c->roles & (RDAP_NOC | RDAP_TECHNICAL)) ? 10 : 0;
}

/* A group answers for every role that this person has. */
static bool spared(const struct rdap *r, const struct rdap_contact *c)
{
    uint32_t groups = 0;

    for (size_t i = 0; i < r->contact_n; i++)
        if (r->contact[i].group && r->contact[i].email_n && r->contact[i].registrars == c->registrars)
            groups |= r->contact[i].roles;
    return !c->group && !(c->roles & ~groups);
}

static bool contact_rows(struct lookup *k, const struct rdap_contact *c, uint8_t rung, struct case_contact base, struct str source, bool post, size_t *n, struct err *e)
{
    struct str role = role_text(k, c, rung == 11 && c->registrars ? "registrar" : "");

    base.rung = rung;
    base.role = role;
    base.name = c->group && c->name.n ? c->name : c->org.n ? c->org : c->name;
    base.language = c->language;
    for (size_t i = 0; i < c->email_n; i++, ++*n) {
        base.channel = CONTACT_EMAIL;
        base.address = c->email[i];
        if (!lookup_push(k, &base, source, e))
            return false;
    }
    for (size_t i = 0; i < c->phone_n; i++, ++*n) {
        base.channel = CONTACT_PHONE;
        base.address = c->phone[i];
        if (!lookup_push(k, &base, source, e))
            return false;
    }
    if (c->form.n && rung == 11) {
        base.channel = CONTACT_PORTAL;
        base.address = c->form;
        ++*n;
        if (!lookup_push(k, &base, source, e))
            return false;
    }
    if (post && c->post.n && c->roles & RDAP_REGISTRANT && rung == 6 && base.name.n) {
        base.channel = CONTACT_POST;
        base.address = str_has(c->post, base.name) ? c->post : str_fmt(k->a, "%.*s\n%.*s", STR_ARG(base.name), STR_ARG(c->post));
        return base.address.p ? lookup_push(k, &base, source, e) : lookup_no_room(e);
    }
    return true;
}

static bool about(struct lookup *k, const struct rdap *r, struct case_contact *ret, struct err *e)
{
    char first[NET_TEXT], last[NET_TEXT];

    if (r->is == RDAP_NETWORK && r->has_range) {
        net_ip_text(r->first, first);
        net_ip_text(r->last, last);
        ret->about = ABOUT_NETWORK;
        ret->about_value = str_fmt(k->a, "%s-%s", first, last);
    } else if (r->is == RDAP_AUTNUM) {
        ret->about = ABOUT_ASN;
        ret->about_value = str_fmt(k->a, "%u", r->asn_first);
    } else {
        ret->about = ABOUT_DOMAIN;
        ret->about_value = r->ldh;
    }
    return ret->about_value.n || lookup_no_room(e);
}

bool lookup_rows(struct lookup *k, const struct rdap *r, struct str source, int64_t at_us, size_t *ret_n, struct err *e)
{
    struct case_contact base = { .observed_us = lookup_day(at_us), .until_us = TIME_NONE };
    bool ours, desk = true;

    *ret_n = 0;
    if (!about(k, r, &base, e) || !holder(k, r, &ours, e))
        return false;
    for (size_t i = 0; i < r->contact_n; i++)
        desk &= !(r->contact[i].roles & RDAP_ABUSE && (r->contact[i].email_n || r->contact[i].phone_n));
    for (size_t i = 0; i < r->contact_n; i++) {
        const struct rdap_contact *c = &r->contact[i];
        uint8_t rung = rung_of(r, c, ours, desk);
        if (rung && !spared(r, c) && !contact_rows(k, c, rung, base, source, ours || r->is == RDAP_DOMAIN, ret_n, e))
            return false;
        /* A form in place of a redacted address, and a person's role that is none of the desk's. */
        if (ours && rung == 5 && c->post.n && !contact_rows(k, &(struct rdap_contact){ .post = c->post, .name = c->name, .org = c->org, .group = c->group, .roles = c->roles }, 6, base, source, true, ret_n, e))
            return false;
    }
    return true;
}
