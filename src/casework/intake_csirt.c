/*
 * The national teams: country, name, email, pgp, format wanted, rows of a mail at most, language. What they want stands in the contact's role:
 * "csirt format=csv max_rows=500" (either word may be missing).
 */
#include "casework/intake_inner.h"

#include "base/num.h"

enum { F_COUNTRY, F_NAME, F_EMAIL, F_PGP, F_FORMAT, F_MAX, F_LANGUAGE, F_SEEN };

static const struct intake_column columns[] = {
    { "country", F_COUNTRY }, { "cc", F_COUNTRY }, { "countrycode", F_COUNTRY }, { "csirt", F_NAME }, { "name", F_NAME }, { "team", F_NAME }, { "email", F_EMAIL }, { "mail", F_EMAIL },
    { "pgp", F_PGP }, { "fingerprint", F_PGP }, { "pgpfingerprint", F_PGP }, { "format", F_FORMAT }, { "maxrows", F_MAX }, { "rows", F_MAX }, { "language", F_LANGUAGE }, { "lang", F_LANGUAGE },
    { "checked", F_SEEN }, { "verified", F_SEEN }, { "lastchecked", F_SEEN }, { NULL, 0 }
};

static const char no_format[] = "its format is none of csv, idf, xarf, stix, misp, portal";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool row(struct intake *m, const struct intake_row *r)
{
    static const char *const formats[] = { "csv", "idf", "xarf", "stix", "misp", "portal" };
    struct case_contact      c = { .channel = CONTACT_CSIRT, .about = ABOUT_COUNTRY, .rung = 12, .name = get(r, F_NAME), .language = intake_language(get(r, F_LANGUAGE)),
                                   .observed_us = TIME_NONE, .until_us = TIME_NONE };
    struct str  format = get(r, F_FORMAT);
    const char *why, *word = NULL;
    uint32_t    rows = 0;
    size_t      n = 0;
    char        country[3];

    if (!intake_country(get(r, F_COUNTRY), country))
        return intake_broken(m, intake_no_country);
    if (!intake_time(m, get(r, F_SEEN), &c.observed_us, &why))
        return intake_broken(m, why);
    for (size_t i = 0; i < COUNT_OF(formats); i++)
        if (str_ieq_c(format, formats[i]))
            word = formats[i];
    if (format.n && !word)
        return intake_broken(m, no_format);
    if (get(r, F_MAX).n && !num_u32(get(r, F_MAX), &rows))
        return intake_broken(m, intake_no_number);
    if (get(r, F_PGP).n && !intake_pgp(m, get(r, F_PGP), &c.pgp) && !intake_part(m, intake_no_pgp))
        return false;
    c.about_value = (struct str){ (const uint8_t *)country, 2 };
    c.role = str_fmt(&m->a, "csirt%s%s", word ? " format=" : "", word ? word : "");
    if (rows)
        c.role = str_fmt(&m->a, "%.*s max_rows=%u", STR_ARG(c.role), rows);
    return intake_mails(m, get(r, F_EMAIL), &c, &n);
}

const struct intake_kind intake_csirt = {
    .name = "csirt", .about = "national teams: country, name, email, pgp, format, max_rows, language", .column = columns,
    .all = HAS(F_COUNTRY) | HAS(F_EMAIL), .any = HAS(F_FORMAT) | HAS(F_MAX), .sure = 90, .row = row,
};
