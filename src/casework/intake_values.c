/* Text to value: what all kinds read alike. */
#include "casework/intake_inner.h"

#include "base/net.h"
#include "base/num.h"
#include "formats/idna.h"
#include "survey/where.h"

#include <string.h>

const char intake_no_time[]       = "its time cannot be read";
const char intake_future[]        = "its time lies in the future";
const char intake_past[]          = "its time lies before there was anything to see";
const char intake_no_ip[]         = "its address cannot be read";
const char intake_no_port[]       = "its port is no number from 1 to 65535";
const char intake_no_server[]     = "nothing tells which server is meant";
const char intake_no_number[]     = "a number of it cannot be read";
const char intake_no_country[]    = "its country is no two letters of ISO 3166";
const char intake_no_confidence[] = "its confidence is no number from 0 to 100";
const char intake_no_network[]    = "a network of it cannot be read";
const char intake_no_domain[]     = "a domain of it is none";
const char intake_no_pgp[]        = "its PGP fingerprint is none: 32, 40 or 64 hex digits";
const char intake_too_many[]      = "more values in one cell than are read";
static const char no_tls[]        = "its certificate hash is not 64 hex digits";
static const char no_target[]     = "its server is neither an address nor a host name";
static const char no_name[]       = "its host name is none";

/* ---- times ---- */

static bool zoned(struct str s)
{
    return s.p[s.n - 1] == 'Z' || (s.n > 16 && s.p[s.n - 3] == ':' && (s.p[s.n - 6] == '+' || s.p[s.n - 6] == '-'));
}

bool intake_date(struct intake *m, struct str s, int64_t *ret, const char **ret_why)
{
    uint64_t v;
    int64_t  us;

    s = str_trim(s);
    if (s.n > 4 && str_iends(s, STR(" UTC")))
        s = str_trim(str_sub(s, 0, s.n - 4));
    if (!s.n) {
        *ret = TIME_NONE;
        return true;
    }
    if (time_parse(s, &us)) {
        if (s.n > 10 && !zoned(s) && intake_once(m, NOTE_ZONE))
            intake_note(m, "times without a zone are taken as UTC");
        *ret = us;
        return true;
    }
    if (s.n >= 9 && num_u64(s, &v) && v <= UINT64_C(253402300799999)) {        /* seconds, or milliseconds, since 1970 */
        *ret = v > UINT64_C(100000000000) ? (int64_t)v * 1000 : (int64_t)v * TIME_SECOND;
        return true;
    }
    *ret_why = intake_no_time;
    return false;
}

bool intake_time(struct intake *m, struct str s, int64_t *ret, const char **ret_why)
{
    static const int64_t first_us = INT64_C(852076800) * TIME_SECOND;      /* 1997-01-01, as survey/import.h has it */
    int64_t us;

    if (!intake_date(m, s, &us, ret_why))
        return false;
    if (us != TIME_NONE && us < first_us) {
        *ret_why = intake_past;
        return false;
    }
    if (us != TIME_NONE && m->opt->now_us != TIME_NONE && us - TIME_DAY > m->opt->now_us) {
        *ret_why = intake_future;
        return false;
    }
    *ret = us;
    return true;
}

/* ---- words and numbers ---- */

bool intake_country(struct str s, char ret[3])
{
    if (s.n != 2 || !ch_alpha(s.p[0]) || !ch_alpha(s.p[1]))
        return false;
    ret[0] = (char)(ch_lower(s.p[0]) - 32);
    ret[1] = (char)(ch_lower(s.p[1]) - 32);
    ret[2] = '\0';
    return true;
}

bool intake_asn(struct str s, uint32_t *ret)
{
    s = str_trim(s);
    if (str_istarts(s, STR("AS")))
        s = str_trim(str_from(s, 2));
    return num_u32(s, ret);
}

bool intake_percent(struct str s, uint8_t *ret)
{
    static const struct { const char *word; uint8_t value; } words[] = { { "high", 90 }, { "medium", 60 }, { "low", 30 }, { "certain", 100 }, { "none", 0 } };
    struct str whole, rest = s;
    uint32_t   v;

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_ieq_c(s, words[i].word)) {
            *ret = words[i].value;
            return true;
        }
    if (s.n && s.p[s.n - 1] == '%')
        rest = s = str_trim(str_sub(s, 0, s.n - 1));
    if (!str_cut(&rest, '.', &whole) || !num_u32(whole, &v) || v > 100)
        return false;
    bool fraction = whole.n < s.n;
    for (size_t i = 0; i < rest.n; i++)
        if (!ch_digit(rest.p[i]))
            return false;
    if (fraction && v <= 1 && whole.n == 1) {               /* "0.95", "1.0": a share */
        uint32_t hundredths = v * 100;
        for (size_t i = 0; i < 2 && i < rest.n; i++)
            hundredths += (uint32_t)(rest.p[i] - '0') * (i ? 1 : 10);
        v = hundredths > 100 ? 100 : hundredths;
    }
    *ret = (uint8_t)v;
    return true;
}

int intake_yes(struct str s)
{
    static const char *const yes[] = { "yes", "y", "true", "1", "ja", "j", "oui", "x" }, *const no[] = { "no", "n", "false", "0", "nein", "non", "none", "-" };

    for (size_t i = 0; i < COUNT_OF(yes); i++)
        if (str_ieq_c(s, yes[i]))
            return 1;
    for (size_t i = 0; i < COUNT_OF(no); i++)
        if (str_ieq_c(s, no[i]))
            return 0;
    return -1;
}

static bool parts(uint8_t c) { return ch_space(c) || c == ';' || c == ',' || c == '|'; }

bool intake_next(struct str *rest, struct str *ret)
{
    size_t from = 0, to;

    while (from < rest->n && parts(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !parts(rest->p[to]);)
        to++;
    *ret  = str_sub(*rest, from, to);
    *rest = str_from(*rest, to);
    return ret->n > 0;
}

struct str intake_language(struct str s)
{
    size_t n = 0;

    while (n < s.n && ch_alpha(s.p[n]))
        n++;
    return (n == 2 || n == 3) && (n == s.n || s.p[n] == '-' || s.p[n] == '_' || parts(s.p[n])) ? str_sub(s, 0, n) : STR_EMPTY;
}

bool intake_pgp(struct intake *m, struct str s, struct str *ret)
{
    uint8_t *p = TAKE(&m->a, uint8_t, s.n);
    size_t   n = 0;

    if (str_istarts(s, STR("0x")))
        s = str_from(s, 2);
    for (size_t i = 0; p && i < s.n; i++) {
        if (s.p[i] == ' ' || s.p[i] == ':')
            continue;
        if (ch_hex(s.p[i]) < 0)
            return false;
        p[n++] = s.p[i] >= 'a' ? (uint8_t)(s.p[i] - 32) : s.p[i];
    }
    *ret = (struct str){ p, n };
    return p && (n == 32 || n == 40 || n == 64);
}

bool intake_tlp(struct str s, struct str *ret)
{
    static const struct { const char *word; struct str tlp; } words[] = {
        { "clear", STR_INIT("CLEAR") }, { "white", STR_INIT("CLEAR") }, { "green", STR_INIT("GREEN") }, { "amber", STR_INIT("AMBER") }, { "amber+strict", STR_INIT("AMBER+STRICT") },
        { "amberstrict", STR_INIT("AMBER+STRICT") }, { "red", STR_INIT("RED") },
    };

    s = str_trim(s);
    if (str_istarts(s, STR("tlp:")))
        s = str_trim(str_from(s, 4));
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_ieq_c(s, words[i].word)) {
            *ret = words[i].tlp;
            return true;
        }
    return false;
}

/* Letters and digits, others as '-'. */
static bool same_word(struct str s, const char *word)
{
    size_t i = 0;

    for (; i < s.n && word[i]; i++) {
        uint8_t c = s.p[i] == '_' || s.p[i] == ' ' ? '-' : ch_lower(s.p[i]);
        if (c != (uint8_t)word[i])
            return false;
    }
    return i == s.n && !word[i];
}

struct str intake_sector(struct str word)
{
    static const char *const sectors[] = {
        "agriculture", "aerospace", "automotive", "chemical", "commercial", "communications", "construction", "defense", "education", "energy", "entertainment", "financial-services",
        "government", "government-local", "government-national", "government-regional", "government-public-services", "emergency-services", "healthcare", "hospitality-leisure",
        "infrastructure", "dams", "nuclear", "water", "insurance", "manufacturing", "mining", "non-profit", "pharmaceuticals", "retail", "technology", "telecommunications", "transportation",
        "utilities",
    };

    word = str_trim(word);
    for (size_t i = 0; i < COUNT_OF(sectors); i++)
        if (same_word(word, sectors[i]))
            return str_c(sectors[i]);
    return STR_EMPTY;
}

struct str intake_size(struct str word)
{
    static const char *const sizes[] = { "micro", "small", "medium", "large" };
    uint32_t people;

    word = str_trim(word);
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        if (str_ieq_c(word, sizes[i]))
            return str_c(sizes[i]);
    if (!num_u32(word, &people))
        return STR_EMPTY;
    return str_c(sizes[people < 10 ? 0 : people < 50 ? 1 : people < 250 ? 2 : 3]);      /* Recommendation 2003/361/EC, by staff alone */
}

struct str intake_sector_or_note(struct intake *m, struct str word)
{
    struct str s = intake_sector(word);

    if (!s.n && str_trim(word).n && intake_once(m, NOTE_SECTOR))
        intake_note(m, "sectors that are not of the closed list are left out, such as in line %llu: %.*s", (unsigned long long)m->line, STR_ARG(str_sub(word, 0, 60)));
    return s;
}

struct str intake_size_or_note(struct intake *m, struct str word)
{
    struct str s = intake_size(word);

    if (!s.n && str_trim(word).n && intake_once(m, NOTE_SIZE))
        intake_note(m, "sizes that are none of micro, small, medium, large or a number of people are left out, such as in line %llu: %.*s", (unsigned long long)m->line, STR_ARG(str_sub(word, 0, 60)));
    return s;
}

/* ---- names and networks ---- */

struct str intake_domain(struct intake *m, struct str s)
{
    struct str host;
    size_t     at = str_rchr(s, '@');

    if (at != STR_NONE)
        s = str_from(s, at + 1);
    return idna_domain(s, &m->a, &host) ? where_registrable(host) : STR_EMPTY;
}

bool intake_network(struct str s, uint8_t first[16], uint8_t last[16])
{
    struct net n;
    size_t     dash = str_chr(s, '-');

    if (dash != STR_NONE)
        return net_ip_parse(str_trim(str_sub(s, 0, dash)), first) && net_ip_parse(str_trim(str_from(s, dash + 1)), last) && net_is4(first) == net_is4(last) && memcmp(first, last, 16) <= 0;
    if (!net_parse(s, &n, NULL))
        return false;
    memcpy(first, n.ip, 16);
    for (size_t i = 0; i < 16; i++) {
        int host = (int)(8 * (i + 1)) - n.bits;             /* bits of this byte that are behind the prefix */
        last[i] = (uint8_t)(n.ip[i] | (host <= 0 ? 0 : host >= 8 ? 0xFF : (1 << host) - 1));
    }
    return true;
}

/* ---- servers ---- */

void intake_server(struct intake_server *x)
{
    *x = (struct intake_server){ .s = { .name = NULL } };
    x->s.name = x->name;
}

bool intake_has_server(const struct intake_server *x) { return x->s.has_ip || x->s.name_n || x->s.has_tls || x->s.node.n; }

bool intake_name(struct intake *m, struct intake_server *x, struct str name)
{
    struct str host;

    if (!idna_host(name, &m->a, &host))
        return false;
    for (size_t i = 0; i < x->s.name_n; i++)
        if (str_eq(x->name[i], host))
            return true;
    if (x->s.name_n < LEDGER_NAMES_MAX)
        x->name[x->s.name_n++] = host;
    return true;
}

static bool port_of(struct str s, uint16_t *ret)
{
    uint32_t v;

    if (!num_u32(s, &v) || v == 0 || v > 65535)
        return false;
    *ret = (uint16_t)v;
    return true;
}

bool intake_target(struct intake *m, struct intake_server *x, struct str text)
{
    struct str s = str_trim(text);
    size_t     scheme = str_find(str_sub(s, 0, 16), STR("://"));
    uint16_t   port = 0;
    uint8_t    ip[16];

    if (scheme != STR_NONE) {
        port = str_istarts(s, STR("https:")) ? 443 : str_istarts(s, STR("http:")) ? 80 : 0;
        s = str_from(s, scheme + 3);
        size_t end = 0;
        while (end < s.n && s.p[end] != '/' && s.p[end] != '?' && s.p[end] != '#')
            end++;
        s = str_sub(s, 0, end);
        size_t at = str_rchr(s, '@');
        if (at != STR_NONE)
            s = str_from(s, at + 1);
    }
    size_t colon = str_rchr(s, ':'), close = str_rchr(s, ']');
    if (colon != STR_NONE && (close == STR_NONE ? str_chr(s, ':') == colon : colon > close)) {
        if (!port_of(str_from(s, colon + 1), &port))
            return false;
        s = str_sub(s, 0, colon);
    }
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
        s = str_sub(s, 1, s.n - 1);
    if (net_ip_parse(s, ip)) {
        if (x->s.has_ip && memcmp(x->s.ip, ip, 16) != 0)    /* one server is at one address here */
            return false;
        memcpy(x->s.ip, ip, 16);
        x->s.has_ip = true;
    } else if (!intake_name(m, x, s)) {
        return false;
    }
    if (!x->s.port)
        x->s.port = port;
    return true;
}

bool intake_row_server(struct intake *m, const struct intake_row *r, struct intake_server *x, const char **ret_why)
{
    struct str rest = r->f[F_HOST], one;
    struct str port = r->has & HAS(F_PORT) ? r->f[F_PORT] : STR_EMPTY;

    intake_server(x);
    *ret_why = NULL;
    if (r->has & HAS(F_IP) && r->f[F_IP].n) {
        if (!net_ip_parse(r->f[F_IP], x->s.ip))
            *ret_why = intake_no_ip;
        x->s.has_ip = true;
    }
    if (port.n && !str_eq(port, STR("0")) && !port_of(port, &x->s.port))
        *ret_why = intake_no_port;
    while (r->has & HAS(F_HOST) && intake_next(&rest, &one))
        if (!intake_target(m, x, one))
            *ret_why = no_name;
    if (r->has & HAS(F_SERVER) && r->f[F_SERVER].n && !intake_target(m, x, r->f[F_SERVER]))
        *ret_why = no_target;
    if (r->has & HAS(F_TLS) && r->f[F_TLS].n) {
        struct str tls = str_istarts(r->f[F_TLS], STR("sha256:")) ? str_from(r->f[F_TLS], 7) : r->f[F_TLS];
        x->s.has_tls = tls.n == 64 && num_unhex(tls, x->s.tls, 32);
        if (!x->s.has_tls)
            *ret_why = no_tls;
    }
    if (r->has & HAS(F_NODE))
        x->s.node = r->f[F_NODE];
    if (r->has & HAS(F_ADDOMAIN))
        x->s.domain = r->f[F_ADDOMAIN];
    return !*ret_why;
}

/* ---- whose words, which campaign ---- */

int intake_campaign_word(const struct intake *m, struct str word)
{
    word = str_trim(word);
    if (!word.n)
        return -1;
    return (m->opt->slug.n && str_ieq(word, m->opt->slug)) || (m->opt->group.n && str_ieq(word, m->opt->group));
}

bool intake_mails(struct intake *m, struct str list, const struct case_contact *base, size_t *ret_n)
{
    struct str      one;
    struct mailaddr mail;
    const char     *why;
    size_t          n = 0, looked = 0;

    while (mailaddr_next(&list, &one)) {
        if (looked++ == INTAKE_LIST_MAX)
            return intake_part(m, intake_too_many);
        if (!mailaddr_parse(one, &m->a, &mail, &why)) {
            if (!intake_part(m, why))
                return false;
            continue;
        }
        struct intake_item x = { .contact = *base };
        x.contact.address = mail.all;
        if (intake_give(m, &x, INTAKE_CONTACT))
            n++;
        else if (m->stopped)
            return false;
    }
    *ret_n += n;
    return true;
}
