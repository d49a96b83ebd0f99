#include "casework/key.h"

#include "base/net.h"
#include "base/num.h"

#include <string.h>

const struct org_kind org_kinds[ORG_KEYS] = {
    [ORG_REGISTER]      = { "register", "number of a business register, VAT, LEI", 100, ORG_IS_REGISTER },
    [ORG_CONSTITUENCY]  = { "constituency", "entry of a constituency list", 95, ORG_IS_ENTRY },
    [ORG_CERT_ORG]      = { "cert_org", "organisation in the subject of a vouched certificate", 80, ORG_IS_NAME },
    [ORG_CERT_DOMAIN]   = { "cert_domain", "domain in the names of the certificate", 80, ORG_IS_DOMAIN },
    [ORG_EXCHANGE_NAME] = { "exchange_name", "domain of the names that the server itself uses", 75, ORG_IS_DOMAIN },
    [ORG_MX]            = { "mx", "domain whose mail comes to the server", 75, ORG_IS_DOMAIN },
    [ORG_NETWORK]       = { "network", "most specific network with a customer of its own", 60, ORG_IS_NETWORK },
    [ORG_PTR]           = { "ptr", "domain of the reverse name", 30, ORG_IS_DOMAIN },
    [ORG_HOLDER]        = { "holder", "holder of the network: the way to the victim, not the victim", 5, ORG_IS_HOLDER },
    [ORG_INTERNAL]      = { "internal", "a name of the inside (.local): tells servers apart, not owners", 0, ORG_IS_INTERNAL },
};

const char *org_class_name(enum org_class c)
{
    static const char *const name[ORG_CLASSES] = { "register", "constituency", "organisation", "domain", "network", "holder", "internal" };

    return c < ORG_CLASSES ? name[c] : "";
}

bool org_kind_find(struct str name, enum org_key *ret)
{
    for (enum org_key k = 0; k < ORG_KEYS; k++)
        if (str_eq(name, str_c(org_kinds[k].name))) {
            *ret = k;
            return true;
        }
    return false;
}

/* What people leave standing when a dialogue asks for the name of their organisation. */
static const char *const placeholder[] = {
    "internet widgits pty ltd", "default company ltd", "someorganization", "some-organization", "my company", "my company name ltd.", "snake oil, ltd",
    "unknown", "none", "n/a", "na", "-", ".", "company", "organization", "organisation", "test", "example",
};

static bool clean_domain(uint8_t *buf, struct str v, size_t *ret_n, bool needs_dot)
{
    size_t n = 0;
    bool   dot = false;

    while (v.n && v.p[v.n - 1] == '.')
        v.n--;
    if (v.n > 2 && v.p[0] == '*' && v.p[1] == '.')
        v = str_from(v, 2);
    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i];
        if (c <= ' ' || c == 0x7f || (c == '.' && (i == 0 || v.p[i - 1] == '.')))
            return false;
        dot |= c == '.';
        buf[n++] = ch_lower(c);
    }
    *ret_n = n;
    return n && (dot || !needs_dot);
}

static bool clean_number(uint8_t *buf, struct str v, size_t *ret_n)
{
    struct str scheme, rest = v;
    size_t     n = 0;

    if (str_chr(v, ':') == STR_NONE || !str_cut(&rest, ':', &scheme))
        return false;
    scheme = str_trim(scheme);
    for (size_t i = 0; i < scheme.n; i++)
        buf[n++] = ch_lower(scheme.p[i]);
    buf[n++] = ':';
    size_t head = n;
    for (size_t i = 0; i < rest.n; i++) {
        uint8_t c = rest.p[i];
        if (ch_alnum(c) || c >= 0x80)
            buf[n++] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
    }
    *ret_n = n;
    return scheme.n && n > head;
}

static bool clean_entry(uint8_t *buf, struct str v, size_t *ret_n)
{
    size_t at = str_chr(v, ':');

    if (at == STR_NONE || !at || !str_trim(str_from(v, at + 1)).n)
        return false;
    memcpy(buf, v.p, v.n);
    *ret_n = v.n;
    return true;
}

static bool clean_name(uint8_t *buf, struct str v, const char *country, size_t *ret_n)
{
    size_t n = 0;

    for (size_t i = 0; i < v.n; i++) {
        uint8_t c = v.p[i] < ' ' || v.p[i] == 0x7f ? ' ' : ch_lower(v.p[i]);
        if (c == ' ' && (!n || buf[n - 1] == ' '))
            continue;
        buf[n++] = c;
    }
    while (n && (buf[n - 1] == ' '))
        n--;
    for (size_t i = 0; i < COUNT_OF(placeholder); i++)
        if (str_eq((struct str){ buf, n }, str_c(placeholder[i])))
            return false;
    if (!n)
        return false;
    if (country && country[0] && country[1]) {
        buf[n++] = 0;
        buf[n++] = ch_lower((uint8_t)country[0]);
        buf[n++] = ch_lower((uint8_t)country[1]);
    }
    *ret_n = n;
    return true;
}

bool org_key_clean(enum org_key kind, struct str value, const char country[3], struct arena *a, struct str *ret)
{
    uint8_t buf[ORG_VALUE_MAX + 4];
    size_t  n = 0;
    bool    ok;

    value = str_trim(value);
    if (kind >= ORG_KEYS || !value.n || value.n > ORG_VALUE_MAX)
        return false;
    switch (org_kinds[kind].is) {
    case ORG_IS_REGISTER: ok = clean_number(buf, value, &n); break;
    case ORG_IS_ENTRY:    ok = clean_entry(buf, value, &n); break;
    case ORG_IS_DOMAIN:   ok = clean_domain(buf, value, &n, true); break;
    case ORG_IS_INTERNAL: ok = clean_domain(buf, value, &n, false); break;
    default:              ok = clean_name(buf, value, kind == ORG_CERT_ORG ? country : NULL, &n); break;
    }
    if (!ok)
        return false;
    if (n == value.n && !memcmp(buf, value.p, n)) {
        *ret = value;
        return true;
    }
    struct str copy = str_dup(a, (struct str){ buf, n });
    if (!copy.p)
        return false;
    *ret = copy;
    return true;
}

struct str org_key_scheme(enum org_class is, struct str clean)
{
    size_t at = is == ORG_IS_REGISTER || is == ORG_IS_ENTRY ? str_chr(clean, ':') : STR_NONE;

    return at == STR_NONE ? STR_EMPTY : str_sub(clean, 0, at);
}

/* Numbers in the order they stand in the text, at most cap. */
static size_t numbers(struct str s, uint32_t *ret, size_t cap)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n && n < cap;) {
        uint32_t v = 0;
        size_t   from = i;
        while (i < s.n && ch_digit(s.p[i]) && i - from < 4)
            v = v * 10 + (uint32_t)(s.p[i++] - '0');
        if (i == from)
            i++;
        else
            ret[n++] = v;
    }
    return n;
}

static bool has_word(struct str s, const char *word)
{
    struct str w = str_c(word);

    for (size_t at = 0, hit; (hit = str_ifind(str_from(s, at), w)) != STR_NONE; at += hit + 1) {
        size_t from = at + hit, to = from + w.n;
        if ((from == 0 || !ch_alpha(s.p[from - 1])) && (to == s.n || !ch_alpha(s.p[to])))
            return true;
    }
    return false;
}

static bool ptr_default4(struct str name, const uint8_t *q)
{
    static const char *const word[] = { "dyn", "dynamic", "dynip", "pool", "dhcp", "dsl", "adsl", "vdsl", "cable", "cust", "customer", "client", "host",
                                        "ppp", "static", "ip", "broadband", "fiber", "ftth", "unassigned" };
    char     text[16];
    uint32_t v[16];
    size_t   n = numbers(name, v, COUNT_OF(v));
    bool     last = false;

    for (size_t i = 0; i < n; i++) {
        last |= v[i] == q[3];
        if (i + 4 <= n && ((v[i] == q[0] && v[i + 1] == q[1] && v[i + 2] == q[2] && v[i + 3] == q[3]) ||
                           (v[i] == q[3] && v[i + 1] == q[2] && v[i + 2] == q[1] && v[i + 3] == q[0])))
            return true;
    }
    num_tohex(q, 4, text);
    if (str_ifind(name, str_c(text)) != STR_NONE)
        return true;
    /* Twelve digits in a row: "192000002007". */
    for (int i = 0, at = 0; i < 4; i++, at += 3) {
        text[at]     = (char)('0' + q[i] / 100);
        text[at + 1] = (char)('0' + q[i] / 10 % 10);
        text[at + 2] = (char)('0' + q[i] % 10);
    }
    if (str_find(name, (struct str){ (const uint8_t *)text, 12 }) != STR_NONE)
        return true;
    for (size_t i = 0; last && i < COUNT_OF(word); i++)
        if (has_word(name, word[i]))
            return true;
    return false;
}

bool org_ptr_default(struct str name, const uint8_t ip[16])
{
    char   hex[33], squeezed[256];
    size_t n = 0;

    if (net_is4(ip))
        return ptr_default4(str_sub(name, 0, 253), ip + 12);
    for (size_t i = 0; i < name.n && n < sizeof squeezed; i++)
        if (name.p[i] != '-' && name.p[i] != '.' && name.p[i] != ':')
            squeezed[n++] = (char)ch_lower(name.p[i]);
    num_tohex(ip, 16, hex);
    struct str all = { (const uint8_t *)squeezed, n };
    for (size_t at = 0; at + 16 <= 32; at += 4)
        if (str_find(all, (struct str){ (const uint8_t *)hex + at, 16 }) != STR_NONE)
            return true;
    /* "b.a.9.8. ...": the digits of ip6.arpa, last one first. */
    char back[32];
    for (size_t i = 0; i < 32; i++)
        back[i] = hex[31 - i];
    return str_find(all, (struct str){ (const uint8_t *)back, 16 }) != STR_NONE;
}
