/* See whois.h: objects of a text, and answers of registries in RPSL. whois_forms.c reads those of ARIN and of domains. */
#include "formats/whois_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"

/* --- lines --- */

/* "key: value", with blanks in front taken off. False: none of these. */
bool whois_pair(struct str line, struct str *ret_key, struct str *ret_value)
{
    struct str s = str_trim(str_sub(line, 0, WHOIS_LINE_MAX));
    size_t     at = str_chr(s, ':');

    if (at == STR_NONE || at == 0 || at > WHOIS_KEY_MAX || strchr("%#*>", s.p[0]))
        return false;
    *ret_key = str_trim(str_sub(s, 0, at));
    *ret_value = str_trim(str_from(s, at + 1));
    return true;
}

static bool comment(struct str line) { return line.n && (line.p[0] == '%' || line.p[0] == '#'); }
static bool more_of_it(struct str line) { return line.n && (line.p[0] == ' ' || line.p[0] == '\t' || line.p[0] == '+'); }

bool whois_object_next(struct str *rest, struct whois_object *ret)
{
    struct str line, before = *rest;

    while (str_cut(rest, '\n', &line)) {
        struct whois_object o;
        if (comment(line) || !whois_pair(line, &o.kind, &o.name)) {
            before = *rest;
            continue;
        }
        struct str after = *rest;
        while (str_cut(rest, '\n', &line) && str_trim(line).n)
            after = *rest;
        o.text = str_sub(before, 0, (size_t)(after.p - before.p));
        if (after.p == NULL || after.n == 0)
            o.text = before;
        *ret = o;
        return true;
    }
    return false;
}

struct str whois_object_get(const struct whois_object *o, const char *key, size_t nth)
{
    struct str rest = o->text, line, k, v;

    while (str_cut(&rest, '\n', &line))
        if (!comment(line) && !more_of_it(line) && whois_pair(line, &k, &v) && str_ieq_c(k, key) && nth-- == 0)
            return v;
    return STR_EMPTY;
}

/* --- networks --- */

static bool short_network(struct str s, struct net *ret)
{
    char   text[NET_TEXT];
    size_t slash = str_chr(s, '/'), n, dots = 0;

    if (slash == STR_NONE || slash == 0 || s.n > 40)
        return false;
    for (size_t i = 0; i < slash; i++) {
        if (!ch_digit(s.p[i]) && s.p[i] != '.')
            return false;
        dots += s.p[i] == '.';
    }
    if (dots > 2)
        return false;
    memcpy(text, s.p, slash);
    for (n = slash; dots < 3; dots++, n += 2)
        memcpy(text + n, ".0", 2);
    memcpy(text + n, s.p + slash, s.n - slash);
    bool loose;
    return net_parse((struct str){ (const uint8_t *)text, n + s.n - slash }, ret, &loose);
}

bool whois_range(struct str s, uint8_t ret_first[16], uint8_t ret_last[16])
{
    struct str rest = s, first;
    struct net n;
    bool       loose;
    uint8_t    from[16], to[16];

    if (str_cut(&rest, '-', &first) && net_ip_parse(str_trim(first), from) && net_ip_parse(str_trim(rest), to)) {
        if (memcmp(from, to, 16) > 0 || net_is4(from) != net_is4(to))
            return false;
    } else if (str_chr(s, '/') != STR_NONE && (net_parse(s, &n, &loose) || short_network(s, &n))) {
        memcpy(from, n.ip, 16);
        memcpy(to, n.ip, 16);
        for (unsigned bit = n.bits; bit < 128; bit++)
            to[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    } else
        return false;
    memcpy(ret_first, from, 16);
    memcpy(ret_last, to, 16);
    return true;
}

/* Is one..last no larger than other..? Both hold the same address. */
bool whois_closer(const uint8_t first[16], const uint8_t last[16], const struct rdap *than)
{
    if (!than->has_range)
        return true;
    return memcmp(first, than->first, 16) >= 0 && memcmp(last, than->last, 16) <= 0;
}

void whois_country(struct rdap *r, struct str s)
{
    if (s.n == 2 && ch_alpha(s.p[0]) && ch_alpha(s.p[1]))
        for (int i = 0; i < 2; i++)
            r->country[i] = (char)(ch_lower(s.p[i]) - 32);
}

void whois_line(struct str *to, struct str more, struct arena *a)
{
    if (more.n && !rdap_taken_away(more) && to->n < WHOIS_LINE_MAX)
        *to = to->n ? str_fmt(a, "%.*s\n%.*s", STR_ARG(*to), STR_ARG(more)) : more;
}

struct rdap_contact *whois_push(struct rdap *r, const struct rdap_contact *c, struct arena *a, size_t *cap, struct err *e)
{
    if (r->contact_n == RDAP_CONTACTS_MAX) {
        r->more = true;
        return &r->contact[RDAP_CONTACTS_MAX - 1];
    }
    struct rdap_contact *p = GROW(a, r->contact, r->contact_n, cap);
    if (!p) {
        err_set(e, ERR_MEMORY, "no room for a WHOIS answer");
        return NULL;
    }
    *p = *c;
    r->contact_n++;
    return p;
}

/* --- contacts --- */

bool whois_object_contact(const struct whois_object *o, struct arena *a, struct rdap *counts, struct rdap_contact *ret)
{
    struct rdap_contact c = { 0 };
    int64_t    prefs[RDAP_EACH_MAX] = { 0 };
    struct str rest = o->text, line, k, v;
    bool       address = false;

    bool role = str_ieq_c(o->kind, "role") || str_ieq_c(o->kind, "irt"), organisation = str_ieq_c(o->kind, "organisation");
    if (!role && !organisation && !str_ieq_c(o->kind, "person") && !str_ieq_c(o->kind, "nic-hdl"))
        return false;
    c.group = role || organisation;
    c.handle = organisation || str_ieq_c(o->kind, "irt") || str_ieq_c(o->kind, "nic-hdl") ? o->name : whois_object_get(o, "nic-hdl", 0);
    if (!organisation && !str_ieq_c(o->kind, "nic-hdl") && !rdap_taken_away(o->name))
        c.name = o->name;
    while (str_cut(&rest, '\n', &line)) {
        if (comment(line) || (line.n && line.p[0] == '+'))
            continue;
        if (more_of_it(line)) {
            if (address)
                whois_line(&c.post, str_trim(line), a);
            continue;
        }
        if (!whois_pair(line, &k, &v))
            continue;
        address = str_ieq_c(k, "address");
        if (address)
            whois_line(&c.post, v, a);
        else if (str_ieq_c(k, "abuse-mailbox"))
            rdap_email(counts, &c, v, 1, prefs, a);
        else if (str_ieq_c(k, "e-mail"))
            rdap_email(counts, &c, v, 2, prefs, a);
        else if (str_ieq_c(k, "phone"))
            rdap_phone(counts, &c, v, a);
        else if (str_ieq_c(k, "org-name") && !rdap_taken_away(v))
            c.org = v;
        else if ((str_ieq_c(k, "person") || str_ieq_c(k, "role")) && !c.name.n && !rdap_taken_away(v))
            c.name = v;                                    /* LACNIC begins with the handle */
        else if (str_ieq_c(k, "language") && !c.language.n && v.n == 2)
            c.language = v;
    }
    *ret = c;
    return true;
}

/* --- an answer in RPSL --- */

struct reading {
    struct arena *a; struct err *e;
    struct rdap   r; size_t cap;
    struct whois_object object[WHOIS_BLOCKS_MAX]; size_t n;
    struct str    mailbox;                                 /* of the comment of RIPE's */
};

static bool handle_is(const struct whois_object *o, struct str handle)
{
    if (str_ieq_c(o->kind, "organisation") || str_ieq_c(o->kind, "irt") || str_ieq_c(o->kind, "nic-hdl"))
        return str_ieq(o->name, handle);
    return (str_ieq_c(o->kind, "role") || str_ieq_c(o->kind, "person")) && str_ieq(whois_object_get(o, "nic-hdl", 0), handle);
}

static bool refer(struct reading *x, const struct whois_object *from, int depth);

/* The object of this handle has this role. One that stands there already has it as well. */
static bool take(struct reading *x, struct str handle, uint32_t role, int depth)
{
    struct rdap_contact c;

    for (size_t i = 0; i < x->r.contact_n; i++)
        if (str_ieq(x->r.contact[i].handle, handle)) {
            x->r.contact[i].roles |= role;
            return true;
        }
    for (size_t i = 0; i < x->n; i++)
        if (handle_is(&x->object[i], handle) && whois_object_contact(&x->object[i], x->a, &x->r, &c)) {
            c.roles = role;
            c.depth = (uint8_t)depth;
            return whois_push(&x->r, &c, x->a, &x->cap, x->e) && (!str_ieq_c(x->object[i].kind, "organisation") || refer(x, &x->object[i], depth + 1));
        }
    return true;
}

static const struct { const char *key; uint32_t role; } references[] = {
    { "abuse-c", RDAP_ABUSE }, { "mnt-irt", RDAP_ABUSE }, { "org", RDAP_REGISTRANT }, { "owner-c", RDAP_REGISTRANT }, { "tech-c", RDAP_TECHNICAL }, { "zone-c", RDAP_TECHNICAL },
    { "admin-c", RDAP_ADMINISTRATIVE },
};

static bool refer(struct reading *x, const struct whois_object *from, int depth)
{
    if (depth >= RDAP_DEPTH_MAX)
        return true;
    for (size_t i = 0; i < COUNT_OF(references); i++) {
        if (depth > 0 && references[i].role != RDAP_ABUSE) /* an organisation's own people are not its network's */
            continue;
        for (size_t nth = 0; nth < RDAP_EACH_MAX; nth++) {
            struct str handle = whois_object_get(from, references[i].key, nth);
            if (!handle.n)
                break;
            if (!take(x, handle, references[i].role, depth))
                return false;
        }
    }
    return true;
}

/* "% Abuse contact for '192.0.2.0 - 192.0.2.255' is 'abuse@example.org'" */
static struct str said_mailbox(struct str text)
{
    struct str rest = text, line, part, value;

    while (str_cut(&rest, '\n', &line)) {
        if (!comment(line) || !str_ihas(str_sub(line, 0, WHOIS_LINE_MAX), STR("abuse contact for '")))
            continue;
        size_t at = str_ifind(line, STR("' is '"));
        if (at == STR_NONE)
            continue;
        part = str_from(line, at + 6);
        if (str_cut(&part, '\'', &value))
            return value;
    }
    return STR_EMPTY;
}

static void describe(struct reading *x, const struct whois_object *o)
{
    struct rdap *r = &x->r;

    r->name = whois_object_get(o, str_ieq_c(o->kind, "aut-num") ? "as-name" : "netname", 0);
    r->handle = str_ieq_c(o->kind, "aut-num") ? o->name : r->name;
    r->type = whois_object_get(o, "status", 0);
    r->changed = whois_object_get(o, "last-modified", 0);
    if (!r->changed.n)
        r->changed = whois_object_get(o, "changed", 0);
    whois_country(r, whois_object_get(o, "country", 0));
}

static uint32_t as_number(struct str s)
{
    uint32_t n = 0;

    return str_istarts(s, STR("AS")) && num_u32(str_from(s, 2), &n) ? n : 0;
}

/* The object that was asked for; NULL: there is none. */
static const struct whois_object *subject(struct reading *x, struct str asked)
{
    const struct whois_object *best = NULL;
    uint8_t  ip[16], first[16], last[16];
    bool     is_ip = net_ip_parse(asked, ip);
    uint32_t asn = as_number(asked);

    for (size_t i = 0; i < x->n; i++) {
        const struct whois_object *o = &x->object[i];
        if (str_ieq_c(o->kind, "inetnum") || str_ieq_c(o->kind, "inet6num")) {
            if (asn || !whois_range(o->name, first, last) || (is_ip && (memcmp(first, ip, 16) > 0 || memcmp(last, ip, 16) < 0)) || (best && !whois_closer(first, last, &x->r)))
                continue;
            x->r.is = RDAP_NETWORK;
            x->r.has_range = true;
            memcpy(x->r.first, first, 16);
            memcpy(x->r.last, last, 16);
            best = o;
        } else if (!best && !is_ip && (str_ieq_c(o->kind, "aut-num") || str_ieq_c(o->kind, "domain"))) {
            bool as = str_ieq_c(o->kind, "aut-num");
            if (asked.n && (as ? as_number(o->name) != asn : !str_ieq(o->name, asked)))
                continue;
            x->r.is = as ? RDAP_AUTNUM : RDAP_DOMAIN;
            x->r.asn_first = x->r.asn_last = as ? as_number(o->name) : 0;
            x->r.ldh = as ? STR_EMPTY : str_lower(x->a, o->name);
            best = o;
        }
    }
    return best;
}

/* LACNIC's network says itself who owns it. */
static bool owner(struct reading *x, const struct whois_object *o)
{
    struct rdap_contact c = { .org = whois_object_get(o, "owner", 0), .handle = whois_object_get(o, "ownerid", 0), .roles = RDAP_REGISTRANT, .group = true };

    if (!c.org.n || rdap_taken_away(c.org))
        return true;
    for (size_t i = 0; i < RDAP_EACH_MAX; i++)
        whois_line(&c.post, whois_object_get(o, "address", i), x->a);
    rdap_phone(&x->r, &c, whois_object_get(o, "phone", 0), x->a);
    return whois_push(&x->r, &c, x->a, &x->cap, x->e) != NULL;
}

static bool own_mailbox(struct reading *x, struct str value)
{
    struct rdap_contact c = { .roles = RDAP_ABUSE, .group = true };
    int64_t             prefs[RDAP_EACH_MAX] = { 0 };

    if (!value.n)
        return true;
    rdap_email(&x->r, &c, value, 1, prefs, x->a);
    for (size_t i = 0; c.email_n && i < x->r.contact_n; i++)
        for (size_t k = 0; k < x->r.contact[i].email_n; k++)
            if (x->r.contact[i].roles & RDAP_ABUSE && str_ieq(x->r.contact[i].email[k], c.email[0]))
                return true;
    return !c.email_n || whois_push(&x->r, &c, x->a, &x->cap, x->e) != NULL;
}

static bool rpsl(struct str text, struct str asked, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e)
{
    struct reading *x = NEW(a, struct reading, 1);
    struct str      rest = text;

    if (!x)
        return err_set(e, ERR_MEMORY, "no room for a WHOIS answer");
    x->a = a;
    x->e = e;
    while (x->n < WHOIS_BLOCKS_MAX && whois_object_next(&rest, &x->object[x->n]))
        x->n++;
    x->r.more = x->n == WHOIS_BLOCKS_MAX;
    const struct whois_object *o = subject(x, asked);
    struct str said = said_mailbox(text);
    if (!o && !said.n) {
        *ret_says = WHOIS_NOTHING;
        return true;
    }
    if (o)
        describe(x, o);
    if (o && (!refer(x, o, 0) || !owner(x, o)))
        return false;
    if ((o && !own_mailbox(x, whois_object_get(o, "abuse-mailbox", 0))) || !own_mailbox(x, said))
        return false;
    *ret_says = WHOIS_FOUND;
    *ret = x->r;
    return true;
}

/* --- which --- */

static enum whois_says first_words(struct str text)
{
    static const struct { const char *words; enum whois_says says; } known[] = {
        { "query rate limit exceeded", WHOIS_BUSY }, { "access denied", WHOIS_BUSY }, { "%error:201", WHOIS_BUSY }, { "quota exceeded", WHOIS_BUSY }, { "try again later", WHOIS_BUSY },
        { "no entries found", WHOIS_NOTHING }, { "no match", WHOIS_NOTHING }, { "not found", WHOIS_NOTHING }, { "no data found", WHOIS_NOTHING }, { "no object found", WHOIS_NOTHING },
        { "%error:101", WHOIS_NOTHING }, { "unallocated and unassigned", WHOIS_NOTHING }, { "not registered", WHOIS_NOTHING },
    };
    struct str rest = text, line, k, v;

    /* Only where no object begins: somebody may be called so. */
    for (int i = 0; i < 200 && str_cut(&rest, '\n', &line); i++) {
        struct str s = str_trim(str_sub(line, 0, WHOIS_LINE_MAX));
        if (s.n && !strchr("%#", s.p[0]) && whois_pair(s, &k, &v) && v.n && !str_istarts(k, STR("no match")) && !str_istarts(k, STR("error")))
            return WHOIS_FOUND;
        for (size_t w = 0; w < COUNT_OF(known); w++)
            if (str_ihas(s, str_c(known[w].words)))
                return known[w].says;
    }
    return WHOIS_FOUND;
}

bool whois_read(struct str text, struct str asked, struct arena *a, enum whois_says *ret_says, struct rdap *ret, struct err *e)
{
    struct str rest = text, line, k, v;

    if (text.n > WHOIS_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "a WHOIS answer of %zu bytes; %d are read", text.n, WHOIS_BYTES_MAX);
    *ret_says = first_words(text);
    if (*ret_says != WHOIS_FOUND)
        return true;
    while (str_cut(&rest, '\n', &line)) {
        if (comment(line) || !whois_pair(line, &k, &v)) {
            if (str_ihas(str_sub(line, 0, WHOIS_LINE_MAX), STR("abuse contact for '")))
                return rpsl(text, asked, a, ret_says, ret, e);
            continue;
        }
        if (str_ieq_c(k, "NetRange") || str_ieq_c(k, "ASNumber") || str_ieq_c(k, "OrgName"))
            return whois_arin(text, asked, a, ret_says, ret, e);
        if (str_ieq_c(k, "Domain Name"))
            return whois_domain(text, a, ret_says, ret, e);
        if (str_ieq_c(k, "inetnum") || str_ieq_c(k, "inet6num") || str_ieq_c(k, "aut-num") || str_ieq_c(k, "domain"))
            return rpsl(text, asked, a, ret_says, ret, e);
    }
    return err_set(e, ERR_FORMAT, "no WHOIS answer: neither a network nor an AS number nor a domain is in it");
}

struct str whois_referral(struct str text, struct arena *a)
{
    static const char *const keys[] = { "refer", "ReferralServer", "Registrar WHOIS Server" };
    struct str rest = str_sub(text, 0, WHOIS_BYTES_MAX), line, k, v, host;

    while (str_cut(&rest, '\n', &line)) {
        if (comment(line) || !whois_pair(line, &k, &v))
            continue;
        for (size_t i = 0; i < COUNT_OF(keys); i++)
            if (str_ieq_c(k, keys[i]) && v.n) {
                if (str_istarts(v, STR("whois://")))
                    v = str_from(v, 8);
                v = str_sub(v, 0, str_chr(v, '/') == STR_NONE ? v.n : str_chr(v, '/'));
                if (str_iends(v, STR(":43")))
                    v.n -= 3;
                return idna_domain(v, a, &host) ? host : STR_EMPTY;
            }
    }
    return STR_EMPTY;
}
