/*
 * Links that somebody worked out: this server, this key (key.h), and how sure. Domains are reduced to registrable ones; a number or an entry needs its scheme
 * ("vat:DE123456789"); a reverse name that an access provider made up tells nobody's name, and is refused.
 */
#include "casework/intake_inner.h"

enum { F_KIND = F_FREE, F_VALUE, F_CONFIDENCE, F_NAME, F_SECTOR, F_SIZE, F_COUNTRY, F_TIME };

static const struct intake_column columns[] = {
    INTAKE_SERVER_COLUMNS, { "kind", F_KIND }, { "key", F_KIND }, { "keykind", F_KIND }, { "value", F_VALUE }, { "confidence", F_CONFIDENCE }, { "name", F_NAME }, { "organisation", F_NAME },
    { "organization", F_NAME }, { "sector", F_SECTOR }, { "size", F_SIZE }, { "country", F_COUNTRY }, { "cc", F_COUNTRY }, { "time", F_TIME }, { "seen", F_TIME }, { "date", F_TIME },
    { "observed", F_TIME }, { NULL, 0 }
};

static const char no_kind[] = "its kind of key is none that is known", no_value[] = "its value is none of this kind of key", made_up[] = "a reverse name that an access provider made up: it names nobody";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_server s;
    struct intake_item   x = { .subject = &s.s, .link = { .confidence = 100, .name = get(r, F_NAME), .observed_us = TIME_NONE } };
    const char          *why;

    if (!intake_row_server(m, r, &s, &why))
        return intake_broken(m, why);
    if (!intake_has_server(&s))
        return intake_broken(m, intake_no_server);
    if (!org_kind_find(get(r, F_KIND), &x.link.kind))
        return intake_broken(m, no_kind);
    if (get(r, F_CONFIDENCE).n && !intake_percent(get(r, F_CONFIDENCE), &x.link.confidence))
        return intake_broken(m, intake_no_confidence);
    if (get(r, F_COUNTRY).n && !intake_country(get(r, F_COUNTRY), x.link.country))
        return intake_broken(m, intake_no_country);
    if (!intake_time(m, get(r, F_TIME), &x.link.observed_us, &why))
        return intake_broken(m, why);
    struct str value = get(r, F_VALUE);
    if (x.link.kind == ORG_PTR && s.s.has_ip && org_ptr_default(value, s.s.ip))
        return intake_broken(m, made_up);
    if (org_kinds[x.link.kind].is == ORG_IS_DOMAIN)
        value = intake_domain(m, value);
    if (!org_key_clean(x.link.kind, value, x.link.country, &m->a, &value))
        return intake_broken(m, no_value);
    /* The clean form of a certificate's organisation ends with its country, which stands by itself in the ledger. */
    x.link.value  = x.link.kind == ORG_CERT_ORG ? get(r, F_VALUE) : value;
    x.link.sector = intake_sector_or_note(m, get(r, F_SECTOR));
    x.link.size   = intake_size_or_note(m, get(r, F_SIZE));
    return intake_give(m, &x, INTAKE_LINK) || !m->stopped;
}

const struct intake_kind intake_link = {
    .name = "link", .about = "links: ip, host or certificate; kind of key, value, confidence, name", .column = columns,
    .all = HAS(F_KIND) | HAS(F_VALUE), .any = HAS(F_SERVER) | HAS(F_IP) | HAS(F_HOST) | HAS(F_TLS) | HAS(F_NODE), .sure = 90, .row = row,
};
