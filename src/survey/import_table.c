/*
 * What the cells of a row say: of Shadowserver's reports (tags, states and categories are claims), of tables of one's own, of operators' statements.
 *
 * Source   survey sheet, 8.1; the columns of intelmq's parser configuration.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

/* What every table may say of a target. False: *ret_why. */
static bool common(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why)
{
    static const enum col used[] = { COL_TIME, COL_IP, COL_NAME, COL_PORT, COL_NODE, COL_ASN, COL_AS_NAME, COL_COUNTRY, COL_SECTOR, COL_NAICS, COL_CERT, COL_CERT_NAME, COL_CERT_ORG, COL_AD_DOMAIN };
    struct observation *o = &m->o;
    uint32_t            v;

    for (size_t i = 0; i < COUNT_OF(used); i++) {
        if (!(c->has & (UINT64_C(1) << used[i])) || c->f[used[i]].n == 0)
            continue;
        struct str s = str_trim(c->f[used[i]]);
        switch (used[i]) {
        case COL_TIME:
            if (!import_time(m, s)) {
                *ret_why = import_no_time;
                return false;
            }
            break;
        case COL_IP:
            if (s.n && !import_ip(m, s)) {
                *ret_why = import_no_ip;
                return false;
            }
            break;
        case COL_PORT:
            if (num_u32(s, &v) && v <= 65535)
                o->port = (uint16_t)v;
            break;
        case COL_NAME:
            o->naming = o->source == OBS_SHADOWSERVER ? OBS_NAME_REVERSE : OBS_NAME_SAID;      /* its "hostname" is the reverse name */
            announce_name(o, a, s);
            o->naming = OBS_NAME_SAID;
            break;
        case COL_NODE:       o->node = s; break;
        case COL_ASN:        import_as(m, s); break;
        case COL_AS_NAME:    o->as_name = s; break;
        case COL_COUNTRY:    import_country(m, s); break;
        case COL_SECTOR:     o->sector = s; break;
        case COL_NAICS:      (void)num_u32(s, &o->naics); break;
        case COL_CERT:       o->has_cert = s.n == 64 && num_unhex(s, o->cert, 32); break;
        case COL_CERT_NAME:
            o->cert_name = s;
            o->naming = OBS_NAME_OF_CERT;
            announce_name(o, a, s);
            o->naming = OBS_NAME_SAID;
            break;
        case COL_CERT_ORG:   o->cert_org = s; break;
        case COL_AD_DOMAIN:  o->ad_domain = str_lower(a, s); break;
        default: break;
        }
    }
    return true;
}

static struct str cell(const struct import_cells *c, enum col k) { return c->has & (UINT64_C(1) << k) ? str_trim(c->f[k]) : STR_EMPTY; }

/* The first text of several that is not empty. */
static struct str first_of(const struct import_cells *c, enum col x, enum col y, enum col z)
{
    struct str s = cell(c, x);
    if (!s.n)
        s = cell(c, y);
    return s.n ? s : cell(c, z);
}

struct tags { bool exchange, shell; struct str cve[8]; size_t cve_n; };

/* "exchange;cve-2021-26855", also with commas. "possible-cve-..." claims nothing. */
static struct tags tags_of(struct str text)
{
    struct tags t = { 0 };

    while (text.n) {
        size_t end = 0;
        while (end < text.n && text.p[end] != ';' && text.p[end] != ',' && text.p[end] != '|')
            end++;
        struct str one = str_trim(str_sub(text, 0, end));
        text = str_from(text, end + 1);
        if (str_eq(one, STR("exchange"))) {                 /* the one that most rows have */
            t.exchange = true;
        } else if (str_istarts(one, STR("cve-")) && one.n >= 12 && one.n <= 20) {
            if (t.cve_n < COUNT_OF(t.cve))
                t.cve[t.cve_n++] = one;
            t.exchange = t.exchange || import_exchange_word(one);
        } else {
            t.shell    |= str_ihas(one, STR("webshell")) || str_ihas(one, STR("web-shell"));
            t.exchange |= import_exchange_word(one);
        }
    }
    return t;
}

static struct str upper(struct arena *a, struct str s)
{
    struct str t = str_dup(a, s);
    for (size_t i = 0; i < t.n; i++)
        if (ch_alpha(t.p[i]))
            ((uint8_t *)(uintptr_t)t.p)[i] = (uint8_t)(ch_lower(t.p[i]) - 32);
    return t.p ? t : s;
}

static void claim_tags(struct import *m, struct arena *a, const struct tags *t)
{
    for (size_t i = 0; i < t->cve_n; i++)
        import_claim(m, CLAIM_UNPATCHED, upper(a, t->cve[i]), STR_EMPTY);
}

bool import_shadowserver(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why)
{
    struct observation *o = &m->o;
    struct str          report = m->ret->report, tag = cell(c, COL_TAG), url = cell(c, COL_URL);

    if (!common(m, a, c, ret_why))
        return false;
    o->detector = STR("shadowserver");
    struct tags t = tags_of(tag);
    bool        exchange = t.exchange || str_ends(report, STR("_exchange"));

    if (str_ends(report, STR("_exchange"))) {
        o->flags |= OBS_EXCHANGE;
        o->reach  = OBS_ANSWERED;
        claim_tags(m, a, &t);
        if (t.shell)
            import_claim(m, CLAIM_COMPROMISED, STR_EMPTY, url);
        if (!announce_build(o, OBS_REPORTED, cell(c, COL_BUILD)))
            o->flags |= OBS_VERSION_HIDDEN;
        return true;
    }
    if (str_eq(report, STR("compromised_website")) || str_eq(report, STR("special"))) {
        static const enum col word[] = { COL_APPLICATION, COL_CATEGORY, COL_FAMILY, COL_DETAIL, COL_STATUS, COL_TAG };
        for (size_t i = 0; i < COUNT_OF(word); i++)
            exchange |= import_exchange_word(cell(c, word[i]));
        if (cell(c, COL_HTTP_HOST).n)
            announce_name(o, a, cell(c, COL_HTTP_HOST));
        o->server_header = cell(c, COL_SERVER);
        if (!exchange)
            return true;
        o->flags |= OBS_EXCHANGE | OBS_VERSION_HIDDEN;
        bool hit = t.shell || str_eq(report, STR("compromised_website")) || str_ihas(cell(c, COL_STATUS), STR("compromised")) || str_ihas(cell(c, COL_DETAIL), STR("compromised"));
        if (hit)
            import_claim(m, CLAIM_COMPROMISED, t.cve_n ? upper(a, t.cve[0]) : STR_EMPTY, url.n ? url : first_of(c, COL_DETAIL, COL_CATEGORY, COL_STATUS));
        else
            claim_tags(m, a, &t);
        return true;
    }
    if (cell(c, COL_BANNER).n) {
        announce_banner(o, a, cell(c, COL_BANNER));
        if (o->flags & OBS_EXCHANGE || exchange)
            claim_tags(m, a, &t);
        return true;
    }
    /* Pages: the columns are headers. */
    struct http_header h[3] = { { STR("server"), cell(c, COL_SERVER) }, { STR("set-cookie"), cell(c, COL_COOKIE) }, { STR("www-authenticate"), cell(c, COL_AUTH) } };
    uint32_t           status = 0;
    (void)num_u32(cell(c, COL_HTTP_CODE), &status);
    announce_read(o, a, &(struct announced){ .status = status < 1000 ? (int)status : 0, .h = h, .n = 3, .title = cell(c, COL_TITLE) });
    if (exchange) {
        o->flags |= OBS_EXCHANGE;
        if (!announce_build(o, OBS_REPORTED, cell(c, COL_BUILD)) && o->parts < 3)
            o->flags |= OBS_VERSION_HIDDEN;
        claim_tags(m, a, &t);
        if (t.shell)
            import_claim(m, CLAIM_COMPROMISED, STR_EMPTY, url);
    }
    return true;
}

/* "Version 15.1 (Build 2176.2)", as Get-ExchangeServer writes it, to "15.1.2176.2". */
static struct str build_text(struct arena *a, struct str s)
{
    size_t at = str_find(s, STR("(Build "));

    if (!str_istarts(s, STR("Version ")) || at == STR_NONE || s.n < at + 8)
        return s;
    struct str head = str_trim(str_sub(s, 8, at)), tail = str_from(s, at + 7);
    size_t     close = str_chr(tail, ')');
    return str_fmt(a, "%.*s.%.*s", STR_ARG(head), STR_ARG(str_sub(tail, 0, close == STR_NONE ? tail.n : close)));
}

static bool table_row(struct import *m, struct arena *a, const struct import_cells *c, enum obs_means means, const char **ret_why)
{
    static const char no_build[] = "its build cannot be read";
    struct observation *o = &m->o;
    struct str          build = build_text(a, cell(c, COL_BUILD)), server = cell(c, COL_SERVER);

    if (!common(m, a, c, ret_why))
        return false;
    if (cell(c, COL_URL).n)
        (void)import_target(m, a, cell(c, COL_URL));
    if (cell(c, COL_HTTP_HOST).n)
        announce_name(o, a, cell(c, COL_HTTP_HOST));
    if (str_has(server, STR("/")) || str_has(server, STR(" ")) || (!server.n && !o->name_n && o->node.n)) {
        o->server_header = server;
        if (!o->name_n)
            announce_name(o, a, o->node);
    } else if (server.n) {
        announce_name(o, a, server);
        if (!o->node.n)
            o->node = str_sub(server, 0, str_chr(server, '.') == STR_NONE ? server.n : str_chr(server, '.'));
    }
    if (build.n && !announce_build(o, means, build) && !announce_server_version(o, build)) {
        *ret_why = no_build;
        return false;
    }
    if (o->parts)
        o->flags |= OBS_EXCHANGE;
    if (cell(c, COL_TITLE).n || cell(c, COL_HTTP_CODE).n) {
        uint32_t status = 0;
        (void)num_u32(cell(c, COL_HTTP_CODE), &status);
        announce_read(o, a, &(struct announced){ .status = status < 1000 ? (int)status : 0, .title = cell(c, COL_TITLE) });
    }
    if (o->parts >= 2 && o->build[0] == 15 && o->build[1] == 20)
        o->flags |= OBS_ONLINE;
    return true;
}

bool import_plain(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why)
{
    if (!table_row(m, a, c, OBS_REPORTED, ret_why))
        return false;
    struct tags t = tags_of(cell(c, COL_TAG));
    if (t.exchange || ((m->o.flags & OBS_EXCHANGE) && t.cve_n)) {
        m->o.flags |= OBS_EXCHANGE | (m->o.parts < 3 ? OBS_VERSION_HIDDEN : 0);
        claim_tags(m, a, &t);
    }
    if (t.shell)
        import_claim(m, CLAIM_COMPROMISED, STR_EMPTY, cell(c, COL_URL));
    return true;
}

int import_yes(struct str s)
{
    static const char *const yes[] = { "yes", "y", "true", "1", "ja", "j", "oui", "x", "done", "applied", "installed" }, *const no[] = { "no", "n", "false", "0", "nein", "non", "none", "not" };

    s = str_trim(s);
    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (str_ieq(s, str_c(yes[i])))
            return 1;
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (str_ieq(s, str_c(no[i])))
            return 0;
    return -1;
}

/* What an operator says of his own server: claims, and a build as he reports it. */
bool import_statement(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why)
{
    struct str about = cell(c, COL_ABOUT), detail = cell(c, COL_DETAIL), mitigated = cell(c, COL_MITIGATED), compromised = cell(c, COL_COMPROMISED);

    if (!table_row(m, a, c, OBS_SELF_REPORT, ret_why))
        return false;
    m->o.flags |= OBS_EXCHANGE;
    int patched = import_yes(cell(c, COL_PATCHED));
    if (patched >= 0)
        import_claim(m, patched ? CLAIM_PATCHED : CLAIM_UNPATCHED, about, detail);
    if (mitigated.n && import_yes(mitigated) != 0)          /* "EOMT" says more than "yes" */
        import_claim(m, CLAIM_MITIGATED, about, import_yes(mitigated) < 0 ? mitigated : detail);
    if (compromised.n && import_yes(compromised) != 0)
        import_claim(m, CLAIM_COMPROMISED, about, import_yes(compromised) < 0 ? compromised : detail);
    if (!m->o.parts && !m->o.claim_n)
        m->o.flags |= OBS_VERSION_HIDDEN;
    return true;
}
