/* Whose server it is, and of which sector. The order of precedence is where.h's; nothing here asks who holds the network. */
#include "survey/where_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <string.h>

const char *whose_by_name(enum whose_by b)
{
    static const char *const name[] = { "unknown", "register", "certificate", "rdap", "name", "ad_domain", "report", "domain_suffix", "word" };
    return (size_t)b < COUNT_OF(name) ? name[b] : "unknown";
}

/* Names that a provider gives to its addresses, "static-192-0-2-10.isp.example", and those of the product itself. */
static bool says_nothing(struct str name)
{
    static const char *const part[] = { "static", "dynamic", "dsl", "pool", "dhcp", "cust", "client", "broadband", "in-addr.arpa", "ip6.arpa" };
    size_t     digits = 0, numbers = 0;
    struct str host = str_sub(name, 0, str_chr(name, '.'));

    for (size_t i = 0; i < host.n; i++) {
        bool digit = ch_digit(host.p[i]);
        digits += digit;
        numbers += digit && (i == 0 || !ch_digit(host.p[i - 1]));
    }
    if (numbers >= 4 && digits >= 4)                  /* an address, written in a name */
        return true;
    for (size_t i = 0; i < COUNT_OF(part); i++)
        if (str_has(i < 8 ? host : name, str_c(part[i])) && (numbers || i >= 8))
            return true;
    return !str_has(name, STR(".")) || str_ends(name, STR(".local")) || str_ends(name, STR(".internal")) || str_ends(name, STR(".lan"));
}

/* O of a certificate that the product or a test authority wrote, or of who merely sold it. */
static bool no_organisation(struct str s)
{
    static const char *const known[] = { "microsoft exchange", "microsoft corporation", "default company ltd", "internet widgits pty ltd", "my company", "let's encrypt",
                                         "cloudflare, inc.", "some-organization", "unknown", "none", "" };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_ieq(str_trim(s), str_c(known[i])))
            return true;
    return false;
}

/* --- the register --- */

static const struct owner *by_network(const struct where *w, const struct nets *n, const struct whose_facts *f)
{
    for (size_t i = 0; i < f->ip_n; i++) {
        const struct net_entry *x = net_set_find(&n->set, f->ip[i]);
        if (x)
            return &w->owner[x->value];
    }
    return NULL;
}

/* The name itself or what it lies below: the longest that the register has. */
static const struct owner *by_domain(const struct where *w, const struct str *name, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (struct str s = name[i]; s.n;) {
            uint32_t had = map_get(&w->domains, s);
            size_t   dot = str_chr(s, '.');
            if (had != MAP_NONE)
                return &w->owner[had];
            s = dot == STR_NONE ? STR_EMPTY : str_from(s, dot + 1);
        }
    return NULL;
}

/* Networks first, then names; a number of an AS last: it may be a provider's, and who writes it into a register knows that it is not. */
static const struct owner *registered(const struct where *w, const struct whose_facts *f)
{
    const struct owner *o = by_network(w, &w->registered, f);
    char                key[16];

    if (!o)
        o = by_domain(w, f->name, f->name_n);
    if (!o)
        o = by_domain(w, f->domain, f->domain_n);
    if (!o && f->asn) {
        uint32_t had = map_get(&w->numbers, (struct str){ (const uint8_t *)key, (size_t)snprintf(key, sizeof key, "%u", f->asn) });
        o = had != MAP_NONE ? &w->owner[had] : NULL;
    }
    return o;
}

/* --- sector --- */

static bool say(struct whose *r, const struct where *w, uint32_t word, enum whose_by by)
{
    if (word == MAP_NONE || !w->word[word].sector.n)
        return false;
    r->sector = w->word[word].sector;
    r->confidence = w->word[word].confidence;
    r->sector_by = by;
    return true;
}

/* The longest beginning of the number that the table knows: 517311 is a carrier's before 51 is information. An empty sector there: of the network's holder. */
static bool by_naics(struct whose *r, const struct where *w, uint32_t naics)
{
    char key[16];

    for (int n = snprintf(key, sizeof key, "%u", naics); naics && n >= 2; n--) {
        uint32_t had = map_get(&w->naics, (struct str){ (const uint8_t *)key, (size_t)n });
        if (had != MAP_NONE)
            return say(r, w, had, WHOSE_REPORT);
    }
    return false;
}

static bool by_report(struct whose *r, const struct where *w, struct str low)
{
    return low.n && say(r, w, map_get(&w->reports, low), WHOSE_REPORT);
}

static bool by_suffix(struct whose *r, const struct where *w, const struct str *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct str s = name[i];
        size_t     dot;

        while ((dot = str_chr(s, '.')) != STR_NONE) {
            s = str_from(s, dot + 1);
            if (say(r, w, map_get(&w->suffixes, s), WHOSE_SUFFIX))
                return true;
        }
    }
    return false;
}

static bool is_letter(uint8_t c) { return ch_alpha(c) || c >= 0x80; }

/* A whole word between what is no letter; a part anywhere. */
static bool stands_in(const struct word *x, struct str low)
{
    for (size_t from = 0, at; (at = str_find(str_from(low, from), x->text)) != STR_NONE; from = from + at + 1) {
        size_t begin = from + at, end = begin + x->text.n;
        if (x->part || ((begin == 0 || !is_letter(low.p[begin - 1])) && (end == low.n || !is_letter(low.p[end]))))
            return true;
    }
    return false;
}

/* The surest word of any name; of equals the longer, then the first. The public suffix says nothing: "bank.example", not "x.bank". */
static bool by_word(struct whose *r, const struct where *w, const struct str *low, size_t n)
{
    const struct word *best = NULL;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < w->word_n; k++) {
            const struct word *x = &w->word[k];
            if ((x->part || x->word) && (!best || x->confidence > best->confidence || (x->confidence == best->confidence && x->text.n > best->text.n)) && stands_in(x, low[i]))
                best = x;
        }
    return best && say(r, w, (uint32_t)(best - w->word), WHOSE_WORD);
}

static struct str cut_suffix(struct str name)
{
    struct str domain = where_registrable(name);
    size_t     dot = str_chr(domain, '.');

    return dot == STR_NONE ? name : str_sub(name, 0, name.n - (domain.n - dot));
}

bool where_whose(const struct where *w, struct arena *a, const struct whose_facts *f, struct whose *ret, struct err *e)
{
    struct whose        r = { .organisation_by = WHOSE_UNKNOWN };
    const struct owner *reg = registered(w, f), *small = by_network(w, &w->small, f);
    struct str          sector = f->sector.n ? str_lower(a, str_trim(f->sector)) : STR_EMPTY;
    struct str         *name = NEW(a, struct str, f->name_n + f->domain_n + f->org_n + 1), *plain;
    size_t              name_n = 0, org_n = 0, n = 0;

    plain = NEW(a, struct str, f->name_n + f->domain_n + f->org_n + 2);
    if (!name || !plain || (f->sector.n && !sector.p))
        return err_set(e, ERR_MEMORY, "no room for names");
    for (size_t i = 0; i < f->name_n; i++)
        if (!says_nothing(f->name[i]))
            name[name_n++] = f->name[i];
    for (size_t i = 0; i < name_n && !r.domain.n; i++)
        r.domain = where_registrable(name[i]);

    for (size_t i = 0; i < f->org_n; i++)
        if (!no_organisation(f->org[i]))
            name[name_n + org_n++] = f->org[i];
    if (reg && reg->organisation.n)
        r.organisation = reg->organisation, r.organisation_by = WHOSE_REGISTER;
    else if (org_n)
        r.organisation = name[name_n], r.organisation_by = WHOSE_CERTIFICATE;
    else if (small)
        r.organisation = small->organisation, r.organisation_by = WHOSE_RDAP;
    else if (r.domain.n)
        r.organisation = r.domain, r.organisation_by = WHOSE_NAME;
    else if (f->domain_n)
        r.organisation = f->domain[0], r.organisation_by = WHOSE_AD;

    for (size_t i = 0; i < name_n; i++)
        plain[n++] = cut_suffix(name[i]);
    for (size_t i = 0; i < f->domain_n; i++)
        plain[n++] = f->domain[i];
    for (size_t i = 0; i < org_n; i++)
        plain[n++] = name[name_n + i];
    if (small && r.organisation_by == WHOSE_RDAP)
        plain[n++] = small->organisation;
    for (size_t i = 0; i < n; i++)
        if (plain[i].n && !(plain[i] = str_lower(a, plain[i])).p)
            return err_set(e, ERR_MEMORY, "no room for names");
    if (reg && reg->sector.n)
        r.sector = reg->sector, r.sector_by = WHOSE_REGISTER, r.confidence = 100;
    else if (!by_naics(&r, w, f->naics) && !by_report(&r, w, sector) && !by_suffix(&r, w, name, name_n) && !by_suffix(&r, w, f->domain, f->domain_n))
        by_word(&r, w, plain, n);
    *ret = r;
    return true;
}
