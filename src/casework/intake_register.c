/*
 * Registers of businesses and constituency lists: who is behind a domain or a network, and how to reach them.
 *
 * Shape    one row, one organisation: for each of its numbers an entry for each domain, network and AS of it; and its contact points, of the first number.
 * Numbers  "vat", "lei", or a number of the register that `list` names (else who handed the file in); of a constituency the entry of the list, else the name.
 *          A LEI has its check digits; a VAT number begins with its country.
 * Source   notification sheet, 2.1 and 3; ISO 17442 (ISO 7064, mod 97-10).
 */
#include "casework/intake_inner.h"

#include "casework/contact_form.h"

#include <string.h>

enum {
    F_LIST, F_NUMBER, F_VAT, F_LEI, F_ENTRY, F_NAME, F_SECTOR, F_SIZE, F_COUNTRY, F_DOMAINS, F_CIDRS, F_ASNS, F_FIRST, F_LAST, F_FROM, F_UNTIL, F_EMAIL, F_PHONE, F_POST, F_ZIP, F_CITY,
    F_PORTAL, F_LANGUAGE, F_PGP, F_ROLE, F_PERSON, F_SEEN, F_FOREIGN
};

static const struct intake_column columns[] = {
    { "list", F_LIST }, { "register", F_LIST }, { "number", F_NUMBER }, { "registernumber", F_NUMBER }, { "registrationnumber", F_NUMBER }, { "companynumber", F_NUMBER },
    { "vat", F_VAT }, { "vatid", F_VAT }, { "vatnumber", F_VAT }, { "ustid", F_VAT }, { "uid", F_VAT }, { "lei", F_LEI },
    { "entry", F_ENTRY }, { "constituent", F_ENTRY }, { "constituency", F_ENTRY }, { "id", F_ENTRY },
    { "name", F_NAME }, { "organisation", F_NAME }, { "organization", F_NAME }, { "company", F_NAME }, { "org", F_NAME },
    { "sector", F_SECTOR }, { "sectors", F_SECTOR }, { "size", F_SIZE }, { "employees", F_SIZE }, { "staff", F_SIZE }, { "country", F_COUNTRY }, { "cc", F_COUNTRY }, { "countrycode", F_COUNTRY },
    { "domain", F_DOMAINS }, { "domains", F_DOMAINS }, { "website", F_DOMAINS }, { "web", F_DOMAINS },
    { "cidr", F_CIDRS }, { "cidrs", F_CIDRS }, { "network", F_CIDRS }, { "networks", F_CIDRS }, { "range", F_CIDRS }, { "ranges", F_CIDRS }, { "prefix", F_CIDRS },
    { "asn", F_ASNS }, { "asns", F_ASNS }, { "as", F_ASNS }, { "firstip", F_FIRST }, { "startip", F_FIRST }, { "lastip", F_LAST }, { "endip", F_LAST },
    { "validfrom", F_FROM }, { "from", F_FROM }, { "since", F_FROM }, { "validuntil", F_UNTIL }, { "validto", F_UNTIL }, { "until", F_UNTIL }, { "expires", F_UNTIL },
    { "email", F_EMAIL }, { "emails", F_EMAIL }, { "mail", F_EMAIL }, { "contactemail", F_EMAIL }, { "securitycontact", F_EMAIL }, { "abusecontact", F_EMAIL },
    { "phone", F_PHONE }, { "telephone", F_PHONE }, { "tel", F_PHONE }, { "post", F_POST }, { "street", F_POST }, { "address", F_POST }, { "postaladdress", F_POST },
    { "zip", F_ZIP }, { "postcode", F_ZIP }, { "postalcode", F_ZIP }, { "city", F_CITY }, { "town", F_CITY }, { "portal", F_PORTAL }, { "contacturl", F_PORTAL },
    { "language", F_LANGUAGE }, { "lang", F_LANGUAGE }, { "pgp", F_PGP }, { "fingerprint", F_PGP }, { "pgpfingerprint", F_PGP }, { "role", F_ROLE }, { "contact", F_PERSON }, { "contactname", F_PERSON },
    { "checked", F_SEEN }, { "lastchecked", F_SEEN }, { "verified", F_SEEN },
    /* Of scans and feeds: such a table is neither. */
    { "ip", F_FOREIGN }, { "ipaddress", F_FOREIGN }, { "port", F_FOREIGN }, { "hostname", F_FOREIGN }, { "timestamp", F_FOREIGN }, { "time", F_FOREIGN }, { "tag", F_FOREIGN }, { "build", F_FOREIGN },
    { "version", F_FOREIGN }, { "server", F_FOREIGN }, { NULL, 0 }
};

static const char no_number[] = "no number, entry or name that could be its own", bad_lei[] = "its LEI is none: 20 letters and digits with their check digits",
                  bad_vat[] = "its VAT number is none: a country and 2 to 13 letters and digits", backwards[] = "it is valid until before it is valid",
                  bad_phone[] = "its telephone number is none", bad_portal[] = "its portal is no https address", bad_asn[] = "its AS number is none";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool lei_ok(struct str s)
{
    uint32_t rest = 0;

    if (s.n != 20)
        return false;
    for (size_t i = 0; i < 20; i++) {
        uint8_t c = ch_lower(s.p[i]);
        if (!ch_alnum(c))
            return false;
        rest = ch_digit(c) ? (rest * 10 + (uint32_t)(c - '0')) % 97 : (rest * 100 + (uint32_t)(c - 'a' + 10)) % 97;
    }
    return rest == 1;
}

static bool vat_ok(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ' || s.p[i] == '.' || s.p[i] == '-')
            continue;
        if (!ch_alnum(s.p[i]) || (n < 2 && !ch_alpha(s.p[i])))
            return false;
        n++;
    }
    return n >= 4 && n <= 15;
}

/* What an organisation of a row is known by. */
enum { NUMBERS_MAX = 4 };
struct number { struct str list, number, both; };

static bool add_number(struct intake *m, struct number *n, size_t *count, bool registered, struct str list, struct str number)
{
    struct str clean;

    if (!number.n || *count == NUMBERS_MAX)
        return true;
    struct str both = str_cat(&m->a, str_cat(&m->a, str_sub(list, 0, 60), STR(":")), number);
    if (!org_key_clean(registered ? ORG_REGISTER : ORG_CONSTITUENCY, both, NULL, &m->a, &clean))
        return false;
    size_t colon = str_chr(clean, ':');
    n[(*count)++] = (struct number){ str_sub(clean, 0, colon), str_from(clean, colon + 1), clean };
    return true;
}

/* ':' parts a list from its number. */
static struct str list_name(struct intake *m, struct str said, struct str otherwise)
{
    struct str s = str_trim(said.n ? said : m->opt->source.n ? m->opt->source : otherwise), t = str_dup(&m->a, s);

    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] == ':')
            ((uint8_t *)(uintptr_t)t.p)[i] = '-';
    return t;
}

static bool contact(struct intake *m, const struct case_contact *base, enum contact_channel channel, struct str address)
{
    struct intake_item x = { .contact = *base };

    x.contact.channel = channel;
    x.contact.address = address;
    return intake_give(m, &x, INTAKE_CONTACT) || !m->stopped;
}

static bool contacts(struct intake *m, const struct intake_row *r, struct case_contact *base)
{
    struct str post = get(r, F_POST), pgp = get(r, F_PGP), phone;
    size_t     n = 0;

    base->role     = get(r, F_ROLE);
    base->name     = get(r, F_PERSON);
    base->language = intake_language(get(r, F_LANGUAGE));
    if (pgp.n && !intake_pgp(m, pgp, &base->pgp)) {
        base->pgp = STR_EMPTY;
        if (!intake_part(m, intake_no_pgp))
            return false;
    }
    if (!intake_mails(m, get(r, F_EMAIL), base, &n))
        return false;
    base->pgp = STR_EMPTY;                                  /* a key is for mail */
    if (get(r, F_PHONE).n && !(contact_phone(get(r, F_PHONE), &m->a, &phone) ? contact(m, base, CONTACT_PHONE, phone) : intake_part(m, bad_phone)))
        return false;
    if (post.n) {
        struct str city = str_trim(str_fmt(&m->a, "%.*s %.*s", STR_ARG(get(r, F_ZIP)), STR_ARG(get(r, F_CITY))));
        post = str_fmt(&m->a, "%.*s\n%.*s%s%.*s%s%.*s", STR_ARG(get(r, F_NAME)), STR_ARG(post), city.n ? "\n" : "", STR_ARG(city), get(r, F_COUNTRY).n ? "\n" : "", STR_ARG(get(r, F_COUNTRY)));
        if (!contact(m, base, CONTACT_POST, str_trim(post)))
            return false;
    }
    return !get(r, F_PORTAL).n || (contact_portal(get(r, F_PORTAL)) ? contact(m, base, CONTACT_PORTAL, get(r, F_PORTAL)) : intake_part(m, bad_portal));
}

/* A value that is none: told once, not for each number of the organisation. */
static bool none(struct intake *m, const char *why, bool again) { return again || intake_part(m, why); }

/* An entry for each domain, network and AS; one with the name alone where there is none of them. */
static bool entries(struct intake *m, const struct intake_row *r, const struct case_entry *base, bool again)
{
    struct str domains = get(r, F_DOMAINS), nets = get(r, F_CIDRS), asns = get(r, F_ASNS), one;
    size_t     n = 0;

    while (intake_next(&domains, &one)) {
        struct intake_item x = { .entry = *base };
        if (n++ == INTAKE_LIST_MAX)
            return none(m, intake_too_many, again);
        size_t at = str_find(one, STR("://"));
        if (at != STR_NONE) {                               /* a website */
            one = str_from(one, at + 3);
            at  = str_chr(one, '/');
            one = str_sub(one, 0, at == STR_NONE ? one.n : at);
        }
        x.entry.domain = intake_domain(m, one);
        if (x.entry.domain.n ? !intake_give(m, &x, INTAKE_ENTRY) && m->stopped : !none(m, intake_no_domain, again))
            return false;
    }
    if (get(r, F_FIRST).n || get(r, F_LAST).n)
        nets = str_fmt(&m->a, "%.*s-%.*s", STR_ARG(get(r, F_FIRST)), STR_ARG(get(r, F_LAST)));
    while (intake_next(&nets, &one)) {
        struct intake_item x = { .entry = *base };
        if (n++ >= INTAKE_LIST_MAX)
            return none(m, intake_too_many, again);
        x.entry.has_network = intake_network(one, x.entry.first, x.entry.last);
        if (x.entry.has_network ? !intake_give(m, &x, INTAKE_ENTRY) && m->stopped : !none(m, intake_no_network, again))
            return false;
    }
    while (intake_next(&asns, &one)) {
        struct intake_item x = { .entry = *base };
        if (n++ >= INTAKE_LIST_MAX)
            return none(m, intake_too_many, again);
        bool ok = intake_asn(one, &x.entry.asn);
        if (ok && !x.entry.asn)                             /* 0: not known */
            continue;
        if (ok ? !intake_give(m, &x, INTAKE_ENTRY) && m->stopped : !none(m, bad_asn, again))
            return false;
    }
    if (n)
        return true;
    struct intake_item x = { .entry = *base };
    return intake_give(m, &x, INTAKE_ENTRY) || !m->stopped;
}

static bool row(struct intake *m, const struct intake_row *r, bool registered)
{
    struct number       n[NUMBERS_MAX];
    struct case_entry   x = { .registered = registered, .name = get(r, F_NAME), .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct case_contact c = { .about = ABOUT_ENTRY, .rung = registered ? 7 : 1, .observed_us = TIME_NONE, .until_us = TIME_NONE };
    struct str          own, list = list_name(m, get(r, F_LIST), registered ? STR("register") : STR("constituency"));
    size_t              count = 0;
    const char         *why;

    if (!intake_date(m, get(r, F_FROM), &x.since_us, &why) || !intake_date(m, get(r, F_UNTIL), &x.until_us, &why) || !intake_time(m, get(r, F_SEEN), &c.observed_us, &why))
        return intake_broken(m, why);
    if (x.since_us != TIME_NONE && x.until_us != TIME_NONE && x.until_us < x.since_us)
        return intake_broken(m, backwards);
    if (get(r, F_COUNTRY).n && !intake_country(get(r, F_COUNTRY), x.country))
        return intake_broken(m, intake_no_country);
    if (registered) {
        if (get(r, F_VAT).n && !vat_ok(get(r, F_VAT)))
            return intake_broken(m, bad_vat);
        if (get(r, F_LEI).n && !lei_ok(get(r, F_LEI)))
            return intake_broken(m, bad_lei);
        if (!add_number(m, n, &count, true, list, get(r, F_NUMBER)) || !add_number(m, n, &count, true, STR("vat"), get(r, F_VAT)) || !add_number(m, n, &count, true, STR("lei"), get(r, F_LEI)))
            return intake_broken(m, no_number);
    } else {
        struct str domains = get(r, F_DOMAINS), nets = get(r, F_CIDRS);
        own = get(r, F_ENTRY);
        if (!own.n)
            own = get(r, F_NAME);
        if (!own.n && !intake_next(&domains, &own))
            (void)intake_next(&nets, &own);
        (void)add_number(m, n, &count, false, list, own);
    }
    if (!count)
        return intake_broken(m, no_number);
    x.sector = intake_sector_or_note(m, get(r, F_SECTOR));
    x.size   = intake_size_or_note(m, get(r, F_SIZE));
    c.about_value = n[0].both;
    c.until_us    = x.until_us;
    bool go = true;
    for (size_t i = 0; go && i < count; i++) {
        x.list   = n[i].list;
        x.number = n[i].number;
        go = entries(m, r, &x, i > 0);
    }
    return go && contacts(m, r, &c);
}

static bool register_row(struct intake *m, const struct intake_row *r)     { return row(m, r, true); }
static bool constituency_row(struct intake *m, const struct intake_row *r) { return row(m, r, false); }

static bool register_mine(uint64_t has) { return !(has & HAS(F_FOREIGN)); }

/* A table of networks or AS numbers with names beside them is a directory of holders, and nobody's constituency: something must say that it is a list. */
static bool constituency_mine(uint64_t has)
{
    return !(has & HAS(F_FOREIGN)) && has & (HAS(F_ENTRY) | HAS(F_LIST) | HAS(F_DOMAINS) | HAS(F_EMAIL) | HAS(F_PHONE) | HAS(F_SECTOR) | HAS(F_FROM) | HAS(F_UNTIL));
}

const struct intake_kind intake_register = {
    .name = "register", .about = "a register of businesses: number, vat or lei; name, sector, size, country, domains, networks, contacts", .column = columns,
    .any = HAS(F_NUMBER) | HAS(F_VAT) | HAS(F_LEI), .any2 = HAS(F_NAME) | HAS(F_DOMAINS) | HAS(F_CIDRS), .sure = 70, .mine = register_mine, .row = register_row,
};
const struct intake_kind intake_constituency = {
    .name = "constituency", .about = "a team's list of whom it serves: entry, name, domains, networks, AS numbers, contacts", .column = columns,
    .any = HAS(F_ENTRY) | HAS(F_NAME) | HAS(F_LIST), .any2 = HAS(F_DOMAINS) | HAS(F_CIDRS) | HAS(F_ASNS) | HAS(F_FIRST), .sure = 50, .mine = constituency_mine, .row = constituency_row,
};
