/* Tables: the header says which column is which field, by name; then millions of rows (formats/csvtable.h). */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

/* ---- names of columns ---- */

static const struct { const char *name; enum col col; } names[] = {
    { "timestamp", COL_TIME }, { "time", COL_TIME }, { "date", COL_TIME }, { "datetime", COL_TIME }, { "seen", COL_TIME }, { "observed", COL_TIME }, { "observedat", COL_TIME }, { "lastseen", COL_TIME },
    { "generationtime", COL_TIME }, { "scandate", COL_TIME }, { "datum", COL_TIME }, { "timesource", COL_TIME },
    { "ip", COL_IP }, { "ipaddress", COL_IP }, { "address", COL_IP }, { "addr", COL_IP }, { "ipstr", COL_IP }, { "ipaddr", COL_IP }, { "hostip", COL_IP }, { "sourceip", COL_IP },
    { "port", COL_PORT }, { "dstport", COL_PORT }, { "sourceport", COL_PORT },
    { "hostname", COL_NAME }, { "host", COL_NAME }, { "fqdn", COL_NAME }, { "name", COL_NAME }, { "domain", COL_NAME }, { "domainname", COL_NAME }, { "reversedns", COL_NAME },
    { "servername", COL_NODE }, { "node", COL_NODE }, { "feserver", COL_NODE }, { "xfeserver", COL_NODE }, { "computername", COL_NODE },
    { "version", COL_BUILD }, { "build", COL_BUILD }, { "buildnumber", COL_BUILD }, { "exchangebuild", COL_BUILD }, { "exchangeversion", COL_BUILD }, { "owaversion", COL_BUILD }, { "xowaversion", COL_BUILD },
    { "exchangebuildnumber", COL_BUILD }, { "admindisplayversion", COL_BUILD },
    { "tag", COL_TAG }, { "tags", COL_TAG },
    { "asn", COL_ASN }, { "asname", COL_AS_NAME }, { "asorganization", COL_AS_NAME },
    { "geo", COL_COUNTRY }, { "country", COL_COUNTRY }, { "countrycode", COL_COUNTRY }, { "cc", COL_COUNTRY },
    { "sector", COL_SECTOR }, { "naics", COL_NAICS },
    { "url", COL_URL }, { "httphost", COL_HTTP_HOST }, { "status", COL_STATUS }, { "detail", COL_DETAIL }, { "details", COL_DETAIL }, { "comment", COL_DETAIL },
    { "category", COL_CATEGORY }, { "family", COL_FAMILY }, { "application", COL_APPLICATION }, { "system", COL_SYSTEM }, { "server", COL_SERVER }, { "banner", COL_BANNER },
    { "httpcode", COL_HTTP_CODE }, { "statuscode", COL_HTTP_CODE }, { "setcookie", COL_COOKIE }, { "wwwauthenticate", COL_AUTH }, { "title", COL_TITLE }, { "httptitle", COL_TITLE },
    { "certsha256", COL_CERT }, { "sha256fingerprint", COL_CERT }, { "certname", COL_CERT_NAME }, { "subjectcommonname", COL_CERT_NAME }, { "certorg", COL_CERT_ORG }, { "subjectorganizationname", COL_CERT_ORG },
    { "patched", COL_PATCHED }, { "updated", COL_PATCHED }, { "mitigated", COL_MITIGATED }, { "mitigation", COL_MITIGATED }, { "compromised", COL_COMPROMISED }, { "webshell", COL_COMPROMISED },
    { "about", COL_ABOUT }, { "cve", COL_ABOUT }, { "group", COL_ABOUT }, { "vulnerability", COL_ABOUT }, { "campaign", COL_ABOUT }, { "addomain", COL_AD_DOMAIN },
    /* Of Shadowserver's reports, and not ours: known, so that nobody is warned of them. */
    { "region", COL_KNOWN }, { "city", COL_KNOWN }, { "sic", COL_KNOWN }, { "protocol", COL_KNOWN }, { "severity", COL_KNOWN }, { "hostnamesource", COL_KNOWN }, { "detectedsince", COL_KNOWN },
    { "redirecttarget", COL_KNOWN }, { "ccurl", COL_KNOWN }, { "publicsource", COL_KNOWN }, { "method", COL_KNOWN }, { "devicevendor", COL_KNOWN }, { "devicetype", COL_KNOWN }, { "devicemodel", COL_KNOWN },
    { "deviceversion", COL_KNOWN }, { "devicesector", COL_KNOWN }, { "http", COL_KNOWN }, { "httpreason", COL_KNOWN }, { "contenttype", COL_KNOWN }, { "connection", COL_KNOWN }, { "contentlength", COL_KNOWN },
    { "transferencoding", COL_KNOWN }, { "httpdate", COL_KNOWN }, { "builddate", COL_KNOWN }, { "accountsource", COL_KNOWN }, { "sampleurl", COL_KNOWN },
};

enum col import_col(struct str name)
{
    char   folded[CSV_NAME_MAX];
    size_t n;

    if (!csv_name_fold(name, folded, &n))
        return COL_NONE;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strlen(names[i].name) == n && memcmp(names[i].name, folded, n) == 0)
            return names[i].col;
    return COL_NONE;
}

/* ---- --map ---- */

static const struct { const char *field; enum col col; } fields[] = {
    { "time", COL_TIME }, { "ip", COL_IP }, { "port", COL_PORT }, { "name", COL_NAME }, { "node", COL_NODE }, { "build", COL_BUILD }, { "tag", COL_TAG }, { "asn", COL_ASN }, { "as_name", COL_AS_NAME },
    { "country", COL_COUNTRY }, { "sector", COL_SECTOR }, { "naics", COL_NAICS }, { "url", COL_URL }, { "status", COL_HTTP_CODE }, { "title", COL_TITLE }, { "server", COL_SERVER }, { "cert", COL_CERT },
    { "cert_name", COL_CERT_NAME }, { "cert_org", COL_CERT_ORG }, { "patched", COL_PATCHED }, { "mitigated", COL_MITIGATED }, { "compromised", COL_COMPROMISED }, { "about", COL_ABOUT },
    { "detail", COL_DETAIL }, { "ad_domain", COL_AD_DOMAIN },
};

static enum col map_field(struct str field)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (str_ieq(field, str_c(fields[i].field)))
            return fields[i].col;
    return COL_NONE;
}

bool import_map_check(struct str map, struct err *e)
{
    struct str field, column;

    while (csv_map_next(&map, &field, &column)) {
        if (map_field(field) == COL_NONE) {
            err_set(e, ERR_USAGE, "--map: %.*s is no field", STR_ARG(str_sub(field, 0, 60)));
            return err_hint(e, "fields: time ip port name node build asn as_name country sector naics url status title server cert patched mitigated compromised about detail");
        }
        if (!column.n)
            return err_set(e, ERR_USAGE, "--map: %.*s has no column: write %.*s=COLUMN", STR_ARG(str_sub(field, 0, 40)), STR_ARG(str_sub(field, 0, 40)));
    }
    return true;
}

/* ---- the header ---- */

struct table {
    struct csv_table t;
    struct { uint32_t at; enum col col; } use[COLS];   /* columns that are a field of ours */
    size_t   use_n;
    uint64_t has;                  /* bits of COL_... */
    bool   (*row)(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why);
};

static bool has(const struct table *t, enum col c) { return t->has & (UINT64_C(1) << c); }

/* "2021-03-15-scan_exchange-cert-austria.csv.gz": the type, without folders. */
static struct str report_of(struct str file)
{
    size_t slash = str_rchr(file, '/');

    if (slash != STR_NONE)
        file = str_from(file, slash + 1);
    if (file.n > 11 && ch_digit(file.p[0]) && file.p[4] == '-' && file.p[7] == '-' && file.p[10] == '-')
        file = str_from(file, 11);
    size_t end = 0;
    while (end < file.n && (ch_alnum(file.p[end]) || file.p[end] == '_'))
        end++;
    return str_sub(file, 0, end);
}

static const struct { const char *report; enum col all[3]; const char *word; } reports[] = {
    /* By name, or by columns that only this type has; the word is such a column where several share theirs. */
    { "scan6_exchange", { COL_NONE }, NULL }, { "scan_exchange", { COL_NODE, COL_BUILD, COL_TAG }, NULL },
    { "compromised_website", { COL_CATEGORY, COL_HTTP_HOST, COL_SYSTEM }, NULL },
    { "scan_http_vulnerable", { COL_HTTP_CODE, COL_COOKIE, COL_BUILD }, NULL }, { "scan6_http_vulnerable", { COL_NONE }, NULL },
    { "scan6_http", { COL_NONE }, NULL }, { "scan_http", { COL_HTTP_CODE, COL_COOKIE, COL_SERVER }, NULL },
    { "scan_smtp_vulnerable", { COL_BANNER, COL_TAG, COL_IP }, NULL }, { "scan6_smtp_vulnerable", { COL_NONE }, NULL },
    { "special", { COL_STATUS, COL_TAG, COL_IP }, NULL },
};

static void name_report(struct import *m, const struct table *t)
{
    struct str file = report_of(m->opt->file_name);

    m->ret->report = STR("shadowserver");
    for (size_t i = 0; i < COUNT_OF(reports); i++)
        if (str_eq(file, str_c(reports[i].report))) {
            m->ret->report = str_c(reports[i].report);
            return;
        }
    for (size_t i = 0; i < COUNT_OF(reports); i++) {
        bool all = reports[i].all[0] != COL_NONE;
        for (size_t k = 0; k < 3; k++)
            all = all && has(t, reports[i].all[k]);
        if (all) {
            m->ret->report = str_c(reports[i].report);
            return;
        }
    }
}

static void settle_format(struct import *m, struct table *t)
{
    bool shadow = has(t, COL_TIME) && has(t, COL_IP) && has(t, COL_ASN) && has(t, COL_COUNTRY) && has(t, COL_TAG) && !m->opt->map.n;
    bool statement = has(t, COL_PATCHED) || has(t, COL_MITIGATED) || has(t, COL_COMPROMISED);

    if (m->ret->format == OBS_SOURCES)
        m->ret->format = shadow ? OBS_SHADOWSERVER : statement ? OBS_STATEMENT : OBS_CSV;
    switch (m->ret->format) {
    case OBS_SHADOWSERVER:
        name_report(m, t);
        t->row = import_shadowserver;
        break;
    case OBS_STATEMENT:
        m->ret->report = STR("statement");
        t->row = import_statement;
        break;
    case OBS_HEALTHCHECKER:
        m->ret->report = STR("healthchecker");
        t->row = import_statement;
        break;
    default:
        m->ret->report = STR("csv");
        t->row = import_plain;
        break;
    }
}

static bool use_column(struct table *t, size_t at, enum col c)
{
    if (c <= COL_KNOWN || has(t, c))                       /* the first of a name wins */
        return false;
    t->has |= UINT64_C(1) << c;
    t->use[t->use_n].at    = (uint32_t)at;
    t->use[t->use_n++].col = c;
    return true;
}

static struct str mapped(struct str map, struct str column, enum col *ret)
{
    struct str field, name;

    while (csv_map_next(&map, &field, &name))
        if (str_ieq(name, column)) {
            *ret = map_field(field);
            return name;
        }
    *ret = COL_NONE;
    return STR_EMPTY;
}

/* False: no column of it is ours. */
static bool take_header(struct import *m, struct table *t, const struct rows_row *row)
{
    struct arena a = m->row;
    char         odd[300] = "";
    size_t       odd_n = 0, odd_len = 0;
    struct str   map = m->opt->map, field, column;

    /* What was said by --map goes before what names say. */
    for (size_t i = 0; map.n && i < t->t.width; i++) {
        enum col c;
        if (mapped(map, str_trim(csv_table_text(&t->t, row, i, &a)), &c).n)
            use_column(t, i, c);
    }
    for (size_t i = 0; i < t->t.width; i++) {
        struct str name = str_trim(csv_table_text(&t->t, row, i, &a));
        enum col   c, taken;
        if (mapped(map, name, &taken).n)
            continue;
        c = import_col(name);
        use_column(t, i, c);
        if (c == COL_NONE && name.n) {
            if (odd_n++ < 8 && odd_len < sizeof odd - 64)
                for (size_t k = 0, first = odd_len; k <= name.n && k < 40; k++)
                    odd[odd_len++] = k ? (name.p[k - 1] < 0x20 || name.p[k - 1] > 0x7E ? '?' : (char)name.p[k - 1]) : first ? ' ' : ':';
        }
    }
    odd[odd_len] = '\0';
    if (t->use_n == 0)
        return false;
    settle_format(m, t);
    for (map = m->opt->map; csv_map_next(&map, &field, &column);) {
        bool found = false;
        for (size_t i = 0; i < t->t.width; i++)
            found |= str_ieq(str_trim(csv_table_text(&t->t, row, i, &a)), column);
        if (!found)
            import_note(m, "--map names a column that the file does not have: %.*s", STR_ARG(str_sub(column, 0, 60)));
    }
    if (odd_n && m->ret->format == OBS_SHADOWSERVER)
        import_note(m, "%zu columns that reports of this kind did not have, left out%s%s", odd_n, odd, odd_n > 8 ? " ..." : "");
    if (!has(t, COL_IP) && !has(t, COL_NAME) && !has(t, COL_NODE) && !has(t, COL_URL) && !has(t, COL_SERVER))
        import_note(m, "no column is an address or a name: no row can be used");
    return true;
}

/* ---- rows ---- */

static bool one_row(struct import *m, struct table *t, const struct rows_row *r, const char *broken)
{
    struct import_row   row = { r->line, r->text };
    struct import_cells c;
    struct arena        a = m->row;
    const char         *why = NULL;

    if (broken)
        return import_broken(m, &row, broken);
    c.has = t->has;
    for (size_t i = 0; i < t->use_n; i++)
        c.f[t->use[i].col] = csv_table_text(&t->t, r, t->use[i].at, &a);
    import_begin(m, &row);
    return t->row(m, &a, &c, &why) ? import_take(m, &row) : import_broken(m, &row, why);
}

bool import_csv(struct import *m, struct str head)
{
    struct table   *t = NEW(&m->file, struct table, 1);
    struct rows_row r;
    const char     *broken;

    (void)head;
    if (!t)
        return err_set(m->e, ERR_MEMORY, "no room for a table");
    if (!csv_table_open(&t->t, m->rows, &m->file, &r)) {
        if (!r.text.n && !r.broken)                         /* nothing but empty lines */
            return true;
        if (!r.broken)
            return err_set(m->e, ERR_MEMORY, "no room for a table");
    }
    if (r.broken || !take_header(m, t, &r)) {
        err_set(m->e, ERR_FORMAT, "no column of its first line is known");
        return err_hint(m->e, "name them with --map ip=COLUMN,build=COLUMN,time=COLUMN");
    }
    while (!m->stopped && csv_table_next(&t->t, &r, &broken)) {
        m->ret->rows++;
        (void)one_row(m, t, &r, broken);
    }
    return true;
}
