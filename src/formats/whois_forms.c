/* See whois.h: answers that are forms, one line for each part of a contact: ARIN's, and those of registrars. */
#include "formats/whois_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

/* One contact in the making: a new name or handle of the same prefix begins another. */
struct making { struct arena *a; struct rdap *r; size_t cap; struct rdap_contact c; int64_t prefs[RDAP_EACH_MAX]; int kind; struct err *e; };

static bool finish(struct making *m)
{
    bool has = m->c.email_n || m->c.phone_n || m->c.org.n || m->c.name.n || m->c.form.n || m->c.redacted;
    bool ok = m->kind < 0 || !has || whois_push(m->r, &m->c, m->a, &m->cap, m->e) != NULL;

    m->kind = -1;
    m->c = (struct rdap_contact){ 0 };
    memset(m->prefs, 0, sizeof m->prefs);
    return ok;
}

static bool begin(struct making *m, int kind, uint32_t roles, bool group, bool registrars)
{
    if (m->kind == kind)
        return true;
    if (!finish(m))
        return false;
    m->kind = kind;
    m->c.roles = roles;
    m->c.group = group;
    m->c.registrars = registrars;
    return true;
}

static void text_to(struct making *m, struct str *to, struct str v)
{
    m->c.redacted |= rdap_taken_away(v);
    if (!to->n && !rdap_taken_away(v))
        *to = v;
}

/* --- ARIN --- */

static const struct { const char *prefix; uint32_t role; } arin[] = {
    { "RAbuse", RDAP_ABUSE }, { "RTech", RDAP_TECHNICAL }, { "RNOC", RDAP_NOC }, { "OrgAbuse", RDAP_ABUSE }, { "OrgTech", RDAP_TECHNICAL }, { "OrgNOC", RDAP_NOC }, { "OrgRouting", RDAP_TECHNICAL },
};

/* Of an organisation: its name, its address. 100: none of the prefixes. */
static bool arin_own(struct making *m, struct str k, struct str v)
{
    static const char *const post[] = { "Address", "City", "StateProv", "PostalCode", "Country" };

    if (str_ieq_c(k, "OrgName")) {
        if (!finish(m) || !begin(m, 100, RDAP_REGISTRANT, true, false))
            return false;
        text_to(m, &m->c.org, v);
        m->c.name = m->c.org;
        return true;
    }
    if (m->kind != 100)
        return true;
    if (str_ieq_c(k, "OrgId"))
        m->c.handle = v;
    for (size_t i = 0; i < COUNT_OF(post); i++)
        if (str_ieq_c(k, post[i]))
            whois_line(&m->c.post, v, m->a);
    if (str_ieq_c(k, "Country"))
        whois_country(m->r, v);
    return true;
}

static bool arin_line(struct making *m, struct str k, struct str v)
{
    for (size_t i = 0; i < COUNT_OF(arin); i++) {
        struct str prefix = str_c(arin[i].prefix);
        if (!str_istarts(k, prefix))
            continue;
        struct str what = str_from(k, prefix.n);
        if (str_ieq_c(what, "Handle") && !finish(m))
            return false;
        if (!begin(m, (int)i, arin[i].role, true, false))
            return false;
        if (str_ieq_c(what, "Handle"))
            m->c.handle = v;
        else if (str_ieq_c(what, "Name"))
            text_to(m, &m->c.name, v);
        else if (str_ieq_c(what, "Email"))
            rdap_email(m->r, &m->c, v, 1, m->prefs, m->a);
        else if (str_ieq_c(what, "Phone"))
            rdap_phone(m->r, &m->c, v, m->a);
        return true;
    }
    return arin_own(m, k, v);
}

/* Where the network or number that was asked for begins, and where the next one does. */
static struct str arin_part(struct str text, struct str asked, struct rdap *r, bool *ret_found)
{
    struct str rest = text, line, k, v, from = text;
    uint8_t    ip[16], first[16], last[16];
    uint32_t   asn = 0, a, b;
    bool       is_ip = net_ip_parse(asked, ip), inside = false;

    *ret_found = false;
    if (str_istarts(asked, STR("AS")))
        num_u32(str_from(asked, 2), &asn);
    for (struct str before = rest; str_cut(&rest, '\n', &line); before = rest) {
        if (line.n && (line.p[0] == '#' || line.p[0] == '%'))
            continue;
        if (!whois_pair(line, &k, &v))
            continue;
        bool range = str_ieq_c(k, "NetRange") && whois_range(v, first, last), number = str_ieq_c(k, "ASNumber");
        if (!range && !number)
            continue;
        if (inside)
            from.n = (size_t)(before.p - from.p);
        inside = false;
        if (range && !asn && (!is_ip || (memcmp(first, ip, 16) <= 0 && memcmp(last, ip, 16) >= 0)) && (is_ip || !*ret_found) && whois_closer(first, last, r)) {
            r->is = RDAP_NETWORK;
            r->has_range = true;
            memcpy(r->first, first, 16);
            memcpy(r->last, last, 16);
            from = before;
            inside = *ret_found = true;
        } else if (number && !is_ip && !*ret_found) {
            struct str high = v, low;
            if (!str_cut(&high, '-', &low) || !num_u32(str_trim(low), &a) || (str_trim(high).n && !num_u32(str_trim(high), &b)))
                continue;
            b = str_trim(high).n ? b : a;
            if (asn && (a > asn || b < asn))
                continue;
            r->is = RDAP_AUTNUM;
            r->asn_first = a;
            r->asn_last = b < a ? a : b;
            from = before;
            inside = *ret_found = true;
        }
    }
    return from;
}

bool whois_arin(struct str text, struct str asked, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e)
{
    struct rdap   r = { 0 };
    struct making m = { .a = a, .r = &r, .kind = -1, .e = e };
    struct str    line, k, v;
    bool          found;
    struct str    rest = arin_part(text, asked, &r, &found);

    if (!found) {
        *ret_says = WHOIS_NOTHING;
        return true;
    }
    while (str_cut(&rest, '\n', &line)) {
        if ((line.n && (line.p[0] == '#' || line.p[0] == '%')) || !whois_pair(line, &k, &v) || !v.n)
            continue;
        if (str_ieq_c(k, "NetName") || str_ieq_c(k, "ASName"))
            r.name = v;
        else if (str_ieq_c(k, "NetHandle") || str_ieq_c(k, "ASHandle"))
            r.handle = v;
        else if (str_ieq_c(k, "NetType"))
            r.type = v;
        else if (str_ieq_c(k, "Parent"))
            r.parent = v;
        else if (str_ieq_c(k, "Updated") && m.kind < 0)
            r.changed = v;
        else if (!arin_line(&m, k, v))
            return false;
    }
    if (!finish(&m))
        return false;
    *ret_says = WHOIS_FOUND;
    *ret = r;
    return true;
}

/* --- domains --- */

static const struct { const char *prefix; uint32_t roles; bool registrars; } domain[] = {
    { "Registrar Abuse Contact ", RDAP_ABUSE | RDAP_REGISTRAR, true }, { "Registrant ", RDAP_REGISTRANT, false }, { "Admin ", RDAP_ADMINISTRATIVE, false }, { "Tech ", RDAP_TECHNICAL, false },
};

static bool domain_line(struct making *m, struct str k, struct str v)
{
    static const char *const post[] = { "Street", "City", "State/Province", "Postal Code", "Country" };

    for (size_t i = 0; i < COUNT_OF(domain); i++) {
        struct str prefix = str_c(domain[i].prefix);
        if (!str_istarts(k, prefix))
            continue;
        struct str what = str_from(k, prefix.n);
        if (!begin(m, (int)i, domain[i].roles, domain[i].registrars, domain[i].registrars))
            return false;
        if (str_ieq_c(what, "Name"))
            text_to(m, &m->c.name, v);
        else if (str_ieq_c(what, "Organization"))
            text_to(m, &m->c.org, v);
        else if (str_ieq_c(what, "Email") && str_istarts(v, STR("https://")))
            text_to(m, &m->c.form, v);                     /* a form in place of an address */
        else if (str_ieq_c(what, "Email"))
            rdap_email(m->r, &m->c, v, 1, m->prefs, m->a);
        else if (str_ieq_c(what, "Phone"))
            rdap_phone(m->r, &m->c, v, m->a);
        for (size_t p = 0; p < COUNT_OF(post); p++)
            if (str_ieq_c(what, post[p]))
                whois_line(&m->c.post, v, m->a);
        if (str_ieq_c(what, "Country") && domain[i].roles == RDAP_REGISTRANT)
            whois_country(m->r, v);
        return true;
    }
    return true;
}

bool whois_domain(struct str text, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e)
{
    struct rdap   r = { .is = RDAP_DOMAIN };
    struct making m = { .a = a, .r = &r, .kind = -1, .e = e };
    struct str    rest = text, line, k, v, registrar = STR_EMPTY;

    while (str_cut(&rest, '\n', &line)) {
        if ((line.n && (line.p[0] == '#' || line.p[0] == '%')) || !whois_pair(line, &k, &v) || !v.n)
            continue;
        if (str_ieq_c(k, "Domain Name") && !r.ldh.n)
            idna_domain(v, a, &r.ldh);
        else if (str_ieq_c(k, "Registry Domain ID") && !r.handle.n)
            r.handle = v;
        else if (str_ieq_c(k, "Updated Date") && !r.changed.n)
            r.changed = v;
        else if (str_ieq_c(k, "Registrar") && !registrar.n && !rdap_taken_away(v))
            registrar = v;
        else if (!domain_line(&m, k, v))
            return false;
    }
    if (!finish(&m))
        return false;
    for (size_t i = 0; i < r.contact_n; i++)
        if (r.contact[i].registrars)
            r.contact[i].org = registrar;
    *ret_says = WHOIS_FOUND;
    *ret = r;
    return true;
}
