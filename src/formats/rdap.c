/* See rdap.h. */
#include "formats/rdap_inner.h"

#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "formats/jsontree.h"
#include "formats/mailaddr.h"

struct reading { const struct jt *t; struct arena *a; struct rdap *r; struct str seen[RDAP_CONTACTS_MAX * 4]; size_t seen_n, cap; };

static struct str text(struct reading *x, const struct jt_node *at) { return at && at->kind == JT_STRING ? str_trim(jt_str(at, x->a)) : STR_EMPTY; }
static struct str member(struct reading *x, const struct jt_node *o, const char *key) { return text(x, jt_get(x->t, o, key)); }

/* Words in place of data. */
bool rdap_taken_away(struct str s)
{
    static const char *const words[] = { "redacted", "not disclosed", "data protected", "gdpr masked", "withheld for privacy", "statutory masking" };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_ihas(s, str_c(words[i])))
            return true;
    return false;
}

/* --- jCard --- */

static bool registrys(struct str domain)
{
    static const char *const names[] = { "ripe.net", "arin.net", "apnic.net", "afrinic.net", "lacnic.net", "iana.org" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_ieq_c(domain, names[i]))
            return true;
    return false;
}

static bool role_mailbox(struct str local)
{
    static const char *const names[] = { "abuse", "noc", "security", "cert", "csirt", "hostmaster", "postmaster", "soc", "support", "info", "admin", "network" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_ihas(local, str_c(names[i])))
            return true;
    return false;
}

void rdap_email(struct rdap *r, struct rdap_contact *c, struct str value, int64_t pref, int64_t prefs[RDAP_EACH_MAX], struct arena *a)
{
    struct mailaddr m;
    const char     *why;

    if (str_istarts(value, STR("mailto:")))
        value = str_from(value, 7);
    if (value.n == 0 || rdap_taken_away(value)) {
        c->redacted |= value.n != 0;
        return;
    }
    if (!mailaddr_parse(value, a, &m, &why) || registrys(m.domain)) {
        r->refused++;
        return;
    }
    c->group |= role_mailbox(m.local);
    size_t at = c->email_n;
    for (size_t i = 0; i < c->email_n; i++)
        if (str_ieq(c->email[i], m.all))
            return;
    if (at == RDAP_EACH_MAX) {
        r->more = true;
        return;
    }
    while (at > 0 && prefs[at - 1] > pref) {
        c->email[at] = c->email[at - 1];
        prefs[at] = prefs[at - 1];
        at--;
    }
    c->email[at] = m.all;
    prefs[at] = pref;
    c->email_n++;
}

/* Of "tel:+999-555-0100;ext=1" and "+999 555 0100": '+' and digits. */
void rdap_phone(struct rdap *r, struct rdap_contact *c, struct str value, struct arena *a)
{
    size_t   n = 0, digits = 0;

    if (str_istarts(value, STR("tel:")))
        value = str_from(value, 4);
    value = str_sub(value, 0, str_chr(value, ';') == STR_NONE ? value.n : str_chr(value, ';'));
    uint8_t *p = NEW(a, uint8_t, value.n + 1);
    if (!p || rdap_taken_away(value)) {
        c->redacted |= value.n != 0;
        return;
    }
    for (size_t i = 0; i < value.n; i++) {
        bool plus = value.p[i] == '+' && n == 0;
        if (plus || ch_digit(value.p[i]))
            p[n++] = value.p[i];
        else if (!strchr(" -./()\t", value.p[i]))
            return;                                /* an extension in words, or no number at all */
        digits += ch_digit(value.p[i]);
    }
    if (digits < 5 || digits > 15)
        return;
    if (c->phone_n == RDAP_EACH_MAX) {
        r->more = true;
        return;
    }
    c->phone[c->phone_n++] = (struct str){ p, n };
}

/* A parameter that is a text or a list of them: does it say this? */
static bool says(struct reading *x, const struct jt_node *params, const char *key, const char *word)
{
    const struct jt_node *v = jt_get(x->t, params, key);

    if (v && v->kind == JT_ARRAY) {
        for (const struct jt_node *i = jt_child(x->t, v); i; i = jt_next(x->t, i))
            if (str_ieq_c(text(x, i), word))
                return true;
        return false;
    }
    return v && str_ieq_c(text(x, v), word);
}

static void line(struct reading *x, struct str *to, struct str more)
{
    if (more.n && !rdap_taken_away(more))
        *to = to->n ? str_fmt(x->a, "%.*s\n%.*s", STR_ARG(*to), STR_ARG(more)) : more;
}

static void address(struct reading *x, struct rdap_contact *c, const struct jt_node *params, const struct jt_node *value)
{
    struct str label = member(x, params, "label");

    if (c->post.n)
        return;
    if (label.n) {
        c->redacted |= rdap_taken_away(label);
        c->post = rdap_taken_away(label) ? STR_EMPTY : label;
        return;
    }
    for (const struct jt_node *p = jt_child(x->t, value); p; p = jt_next(x->t, p)) {
        if (p->kind == JT_ARRAY)
            for (const struct jt_node *q = jt_child(x->t, p); q; q = jt_next(x->t, q))
                line(x, &c->post, text(x, q));
        else
            line(x, &c->post, text(x, p));
    }
}

static void card(struct reading *x, struct rdap_contact *c, const struct jt_node *vcard)
{
    const struct jt_node *list = jt_next(x->t, jt_child(x->t, vcard));
    int64_t prefs[RDAP_EACH_MAX] = { 0 };

    for (const struct jt_node *p = jt_child(x->t, list); p; p = jt_next(x->t, p)) {
        const struct jt_node *what = jt_child(x->t, p), *params = jt_next(x->t, what), *value = jt_next(x->t, jt_next(x->t, params));
        struct str name = text(x, what), v = text(x, value);
        int64_t    pref = 100;

        if (!value)
            continue;
        if (str_ieq_c(name, "fn") && !c->name.n) {
            c->redacted |= rdap_taken_away(v);
            c->name = rdap_taken_away(v) ? STR_EMPTY : v;
        } else if (str_ieq_c(name, "kind"))
            c->group |= str_ieq_c(v, "group") || str_ieq_c(v, "org");
        else if (str_ieq_c(name, "org") && !c->org.n) {
            struct str org = v.n ? v : text(x, jt_child(x->t, value));
            c->org = rdap_taken_away(org) ? STR_EMPTY : org;
        } else if (str_ieq_c(name, "email")) {
            jt_num(jt_get(x->t, params, "pref"), &pref);
            rdap_email(x->r, c, v, pref, prefs, x->a);
        } else if (str_ieq_c(name, "tel") && !says(x, params, "type", "fax"))
            rdap_phone(x->r, c, v, x->a);
        else if (str_ieq_c(name, "adr"))
            address(x, c, params, value);
        else if (str_ieq_c(name, "lang") && !c->language.n && v.n <= 35)
            c->language = v;
        else if ((str_ieq_c(name, "contact-uri") || str_ieq_c(name, "url")) && str_istarts(v, STR("https://")) && !c->form.n)
            c->form = v;
    }
}

/* --- entities --- */

static const struct { const char *name; enum rdap_role role; } roles[] = {
    { "registrant", RDAP_REGISTRANT }, { "technical", RDAP_TECHNICAL }, { "administrative", RDAP_ADMINISTRATIVE }, { "abuse", RDAP_ABUSE }, { "noc", RDAP_NOC }, { "billing", RDAP_BILLING },
    { "registrar", RDAP_REGISTRAR }, { "reseller", RDAP_RESELLER }, { "sponsor", RDAP_SPONSOR }, { "proxy", RDAP_PROXY }, { "notifications", RDAP_NOTIFICATIONS },
};

static uint32_t roles_of(struct reading *x, const struct jt_node *entity)
{
    uint32_t all = 0;

    for (const struct jt_node *r = jt_child(x->t, jt_get(x->t, entity, "roles")); r; r = jt_next(x->t, r))
        for (size_t i = 0; i < COUNT_OF(roles); i++)
            if (str_ieq_c(text(x, r), roles[i].name))
                all |= roles[i].role;
    return all;
}

/* One handle in the same place twice is one; below a registrar it is another than outside. */
static bool seen(struct reading *x, struct str handle)
{
    if (handle.n == 0)
        return false;
    for (size_t i = 0; i < x->seen_n; i++)
        if (str_ieq(x->seen[i], handle))
            return true;
    if (x->seen_n < COUNT_OF(x->seen))
        x->seen[x->seen_n++] = handle;
    return false;
}

static bool entities(struct reading *x, const struct jt_node *object, bool registrars, int depth, struct err *e);

static bool entity(struct reading *x, const struct jt_node *o, bool registrars, int depth, struct err *e)
{
    struct rdap_contact c = { .handle = member(x, o, "handle"), .roles = roles_of(x, o), .registrars = registrars, .depth = (uint8_t)depth };

    c.registrars |= (c.roles & RDAP_REGISTRAR) != 0;
    if (!seen(x, c.handle)) {
        card(x, &c, jt_get(x->t, o, "vcardArray"));
        if (x->r->contact_n == RDAP_CONTACTS_MAX)
            x->r->more = true;
        else {
            struct rdap_contact *p = GROW(x->a, x->r->contact, x->r->contact_n, &x->cap);
            if (!p)
                return err_set(e, ERR_MEMORY, "no room for an RDAP answer");
            *p = c;
            x->r->contact_n++;
        }
    } else if (c.roles)                            /* the same one in another part: it answers for both */
        for (size_t i = 0; i < x->r->contact_n; i++)
            if (str_ieq(x->r->contact[i].handle, c.handle) && x->r->contact[i].registrars == c.registrars)
                x->r->contact[i].roles |= c.roles;
    return entities(x, o, c.registrars, depth + 1, e);
}

static bool entities(struct reading *x, const struct jt_node *object, bool registrars, int depth, struct err *e)
{
    const struct jt_node *list = jt_get(x->t, object, "entities");

    if (depth >= RDAP_DEPTH_MAX) {
        x->r->more |= list && list->filled;
        return true;
    }
    for (const struct jt_node *o = jt_child(x->t, list); o; o = jt_next(x->t, o))
        if (o->kind == JT_OBJECT && !entity(x, o, registrars, depth, e))
            return false;
    return true;
}

/* --- what was taken away --- */

/* RFC 9537: what stands in place of data is no data of theirs. A path names the role: "$.entities[?(@.roles[0]=='registrant')].vcardArray...". */
static void replaced(struct reading *x, const struct jt_node *o)
{
    static const char *const paths[] = { "prePath", "postPath", "replacementPath" };

    for (const struct jt_node *q = jt_child(x->t, jt_get(x->t, o, "redacted")); q; q = jt_next(x->t, q)) {
        uint32_t of = 0;
        if (!str_ieq_c(member(x, q, "method"), "replacementValue"))
            continue;
        for (size_t p = 0; p < COUNT_OF(paths); p++)
            for (size_t i = 0; i < COUNT_OF(roles); i++) {
                struct str path = member(x, q, paths[p]);
                size_t     at = str_ifind(path, str_c(roles[i].name)), n = strlen(roles[i].name);
                if (at != STR_NONE && at > 0 && at + n < path.n && strchr("'\"", path.p[at - 1]) && strchr("'\"", path.p[at + n]))
                    of |= roles[i].role;
            }
        for (size_t i = 0; i < x->r->contact_n; i++)
            x->r->contact[i].redacted |= (x->r->contact[i].roles & of) != 0;
    }
}

/* --- the answer --- */

static bool class_of(struct str s, enum rdap_class *ret)
{
    static const char *const names[] = { [RDAP_NETWORK] = "ip network", [RDAP_AUTNUM] = "autnum", [RDAP_DOMAIN] = "domain", [RDAP_ENTITY] = "entity" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_ieq_c(s, names[i])) {
            *ret = (enum rdap_class)i;
            return true;
        }
    return false;
}

static void about(struct reading *x, const struct jt_node *o)
{
    struct rdap *r = x->r;
    struct str   country = member(x, o, "country");
    int64_t      n;

    r->handle = member(x, o, "handle");
    r->name = member(x, o, "name");
    r->parent = member(x, o, "parentHandle");
    r->type = member(x, o, "type");
    r->port43 = member(x, o, "port43");
    r->ldh = str_lower(x->a, member(x, o, "ldhName"));
    r->has_range = net_ip_parse(member(x, o, "startAddress"), r->first) && net_ip_parse(member(x, o, "endAddress"), r->last) && memcmp(r->first, r->last, 16) <= 0;
    if (jt_num(jt_get(x->t, o, "startAutnum"), &n) && n >= 0 && n <= UINT32_MAX)
        r->asn_first = (uint32_t)n;
    if (jt_num(jt_get(x->t, o, "endAutnum"), &n) && n >= r->asn_first && n <= UINT32_MAX)
        r->asn_last = (uint32_t)n;
    if (country.n == 2 && ch_alpha(country.p[0]) && ch_alpha(country.p[1]))
        for (int i = 0; i < 2; i++)
            r->country[i] = (char)(ch_lower(country.p[i]) - 32);
    for (const struct jt_node *v = jt_child(x->t, jt_get(x->t, o, "events")); v; v = jt_next(x->t, v))
        if (str_ieq_c(member(x, v, "eventAction"), "last changed"))
            r->changed = member(x, v, "eventDate");
}

bool rdap_read(struct str answer, struct arena *a, struct rdap *ret, struct err *e)
{
    struct jt      t;
    struct rdap    r = { 0 };
    struct reading x = { .t = &t, .a = a, .r = &r };
    const char    *why = "";

    if (answer.n > RDAP_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "an RDAP answer of %zu bytes; %d are read", answer.n, RDAP_BYTES_MAX);
    if (!jt_parse(&t, a, answer, &why))
        return err_set(e, ERR_FORMAT, "no RDAP answer: %s", why);
    const struct jt_node *o = jt_root(&t);
    struct str title = member(&x, o, "title");
    if (jt_get(&t, o, "errorCode"))
        return err_set(e, ERR_FORMAT, "RDAP says: %.*s", STR_ARG(str_sub(title, 0, 100)));
    if (!class_of(member(&x, o, "objectClassName"), &r.is))
        return err_set(e, ERR_FORMAT, "no RDAP answer: its objectClassName is none of network, autnum, domain or entity");
    about(&x, o);
    if (!(r.is == RDAP_ENTITY ? entity(&x, o, false, 0, e) : entities(&x, o, false, 0, e)))
        return false;
    replaced(&x, o);
    *ret = r;
    return true;
}
