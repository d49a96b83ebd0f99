/*
 * Values of indicators: which kind they are, and the one form they are looked for in.
 *
 * Rule 1   hashes and addresses have one spelling (lower-case hex; inet_ntop).
 * Rule 2   paths lose their drive: evidence may not know it. What is left begins with a backslash and holds at least one folder.
 * Rule 3   a URL is a host and a path, without scheme, port, query and fragment; without a path it is a host.
 * Rule 4   what would fit nearly everything (a path of two letters, a network of a continent) is refused.
 */
#include "pack/ioc_parts.h"

#include "base/num.h"
#include "base/winpath.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { DOMAIN_MAX = 253, PREFIX4_MIN = 8, PREFIX6_MIN = 19, AGENT_MIN = 8, PATH_MIN = 4, URI_MIN = 4 };

static const struct { const char *type; enum ioc_kind kind; } known[] = {
    { "sha256", IOC_SHA256 }, { "sha1", IOC_SHA1 }, { "md5", IOC_MD5 }, { "filehashsha256", IOC_SHA256 }, { "filehashsha1", IOC_SHA1 }, { "filehashmd5", IOC_MD5 },
    { "ip", IOC_IP }, { "ipv4", IOC_IP }, { "ipv6", IOC_IP }, { "ipaddr", IOC_IP }, { "ipv4addr", IOC_IP }, { "ipv6addr", IOC_IP }, { "ipaddress", IOC_IP },
    { "ipsrc", IOC_IP }, { "ipdst", IOC_IP }, { "cidr", IOC_IP }, { "network", IOC_IP },
    { "domain", IOC_DOMAIN }, { "domainname", IOC_DOMAIN }, { "hostname", IOC_DOMAIN }, { "fqdn", IOC_DOMAIN }, { "host", IOC_DOMAIN },
    { "url", IOC_URL }, { "uri", IOC_URI }, { "useragent", IOC_USER_AGENT },
    { "filename", IOC_FILE_NAME }, { "file", IOC_FILE_NAME }, { "name", IOC_FILE_NAME }, { "pathsuffix", IOC_PATH_SUFFIX }, { "path", IOC_PATH_SUFFIX },
    { "filepath", IOC_PATH_SUFFIX }, { "fullpath", IOC_PATH_SUFFIX },
};
/* Known, and not for here. */
static const struct { const char *type, *why; } elsewhere[] = {
    { "yara", "a YARA rule: give it with --rules" }, { "sigma", "a Sigma rule: give it with --rules" },
    { "regkey", "the registry is not read for indicators" }, { "regkey|value", "the registry is not read for indicators" },
    { "pathpart", "parts of paths belong in a pack" }, { "filenameregex", "patterns of names belong in a pack" }, { "extension", "extensions belong in a pack" },
    { "filemarker", "first bytes of files belong in a pack" }, { "chopperkey", "keys of web shells belong in a pack" }, { "taskname", "names of tasks belong in a pack" },
    { "servicename", "names of services belong in a pack" }, { "uripost", "methods of requests belong in a pack: write uri" },
    { "sha512", "of hashes, SHA-256, SHA-1 and MD5 are compared" }, { "imphash", "of hashes, SHA-256, SHA-1 and MD5 are compared" },
    { "ssdeep", "of hashes, SHA-256, SHA-1 and MD5 are compared" }, { "vulnerability", "a name, nothing to look for" }, { "text", "text, nothing to look for" },
    { "comment", "text, nothing to look for" }, { "link", "a reference, nothing to look for" },
};

bool ioc_kind_of(struct str type, enum ioc_kind *ret, const char **why)
{
    char       flat[32];
    size_t     n = 0;

    for (size_t i = 0; i < type.n && n < sizeof flat; i++)
        if (type.p[i] != '-' && type.p[i] != '_' && type.p[i] != ' ')
            flat[n++] = (char)ch_lower(type.p[i]);
    struct str t = { (const uint8_t *)flat, n };
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(t, str_c(known[i].type))) {
            *ret = known[i].kind;
            return true;
        }
    *why = "a type that is not looked for";
    for (size_t i = 0; i < COUNT_OF(elsewhere); i++)
        if (str_eq(t, str_c(elsewhere[i].type)))
            *why = elsewhere[i].why;
    return false;
}

/* --- defanging --- */

struct str ioc_refang(struct arena *a, struct str s)
{
    static const struct { const char *is; uint8_t meant; } spelt[] = {
        { "[.]", '.' }, { "(.)", '.' }, { "{.}", '.' }, { "[dot]", '.' }, { "(dot)", '.' }, { "{dot}", '.' }, { " dot ", '.' }, { "[:]", ':' }, { "[/]", '/' }, { "\\.", '.' },
    };
    bool odd = str_istarts(s, STR("hxxp")) || str_istarts(s, STR("hxtp")) || str_istarts(s, STR("htxp")), dots = str_chr(s, '[') != STR_NONE || str_chr(s, '(') != STR_NONE ||
               str_chr(s, '{') != STR_NONE || str_ihas(s, STR(" dot "));

    if (!odd && !dots)
        return s;
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);
    size_t   n = 0;
    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n;) {
        struct str rest = str_from(s, i);
        size_t     k = 0;
        if (str_istarts(rest, STR("[://]"))) {
            memcpy(p + n, "://", 3);
            n += 3;
            i += 5;
            continue;
        }
        while (k + 1 < COUNT_OF(spelt) && !str_istarts(rest, str_c(spelt[k].is)))
            k++;
        if (k + 1 < COUNT_OF(spelt)) {                     /* the last one, a regex's escape, is for no list */
            p[n++] = spelt[k].meant;
            i += str_c(spelt[k].is).n;
        } else {
            p[n++] = s.p[i++];
        }
    }
    if (odd && n >= 4)
        memcpy(p, "http", 4);
    a->beg = p + n > a->beg ? a->beg : p + (n ? n : 1);    /* what was not needed goes back */
    return (struct str){ p, n };
}

/* --- one form --- */

static bool copied(struct ioc_reader *r, const char *text, struct str *ret)
{
    *ret = str_dup(r->a, str_c(text));
    return ret->p != NULL;
}

/* An address, or a network. */
static bool normal_ip(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    char     text[INET6_ADDRSTRLEN + 8];
    uint8_t  raw[16];
    size_t   slash = str_chr(v, '/');
    struct str host = str_sub(v, 0, slash);
    uint32_t prefix = 0;

    *why = "no address";
    if (host.n == 0 || host.n > INET6_ADDRSTRLEN)
        return false;
    memcpy(text, host.p, host.n);
    text[host.n] = 0;
    int family = inet_pton(AF_INET, text, raw) == 1 ? AF_INET : inet_pton(AF_INET6, text, raw) == 1 ? AF_INET6 : 0;
    uint32_t bits = family == AF_INET ? 32 : 128;
    if (!family || (slash != STR_NONE && (!num_u32(str_from(v, slash + 1), &prefix) || prefix > bits)))
        return false;
    if (slash != STR_NONE && prefix < (family == AF_INET ? PREFIX4_MIN : PREFIX6_MIN)) {
        *why = "a network so large that nearly everybody is in it";
        return false;
    }
    if (slash != STR_NONE)
        for (uint32_t i = prefix; i < bits; i++)
            raw[i / 8] &= (uint8_t)~(0x80u >> (i % 8));
    bool network = slash != STR_NONE && prefix < bits;
    inet_ntop(family, raw, text, INET6_ADDRSTRLEN);
    if (network)
        snprintf(text + strlen(text), 5, "/%u", prefix % 200);
    ret->kind = network ? IOC_NETWORK : IOC_IP;
    *why = NULL;
    return copied(r, text, &ret->value);
}

static bool is_domain(struct str s)
{
    size_t label = 0, dots = 0;
    bool   letter = false;

    if (s.n < 4 || s.n > DOMAIN_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (c == '.') {
            if (!label)
                return false;
            dots++;
            label  = 0;
            letter = false;
        } else if (ch_alnum(c) || c == '-' || c == '_' || c >= 0x80) {
            letter = letter || !ch_digit(c);
            if (++label > 63)
                return false;
        } else {
            return false;
        }
    }
    return dots && label >= 2 && letter;
}

static bool normal_domain(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    if (str_starts(v, STR("*.")))
        v = str_from(v, 2);
    while (str_ends(v, STR(".")))
        v.n--;
    *why = "no domain name";
    if (!is_domain(v))
        return false;
    *why = NULL;
    ret->kind  = IOC_DOMAIN;
    ret->value = str_lower(r->a, v);
    return ret->value.p != NULL;
}

static bool normal_uri(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    struct str c = urlpath_canon(r->a, str_sub(v, 0, str_chr(v, '?')));

    if (!c.p)
        return false;
    *why = "a path that every site has";
    if (c.n < URI_MIN || c.p[0] != '/')
        return false;
    *why = NULL;
    ret->kind  = IOC_URI;
    ret->value = c;
    return true;
}

/* Rule 3. */
static bool normal_url(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    size_t at = str_find(v, STR("://"));

    if (str_starts(v, STR("/")))
        return normal_uri(r, v, ret, why);
    v = at == STR_NONE ? v : str_from(v, at + 3);
    size_t     slash = 0;
    while (slash < v.n && v.p[slash] != '/' && v.p[slash] != '?' && v.p[slash] != '#')
        slash++;
    struct str host = str_sub(v, 0, slash), path = str_from(v, slash);
    size_t     user = str_rchr(host, '@'), colon;
    if (user != STR_NONE)
        host = str_from(host, user + 1);
    if (str_starts(host, STR("["))) {
        host = str_sub(host, 1, str_chr(host, ']'));
    } else if ((colon = str_chr(host, ':')) != STR_NONE) {
        host = str_sub(host, 0, colon);
    }
    struct ioc_term h;
    if (!normal_ip(r, host, &h, why) && (*why == NULL || !normal_domain(r, host, &h, why))) {
        if (*why)
            *why = "no URL with a host";
        return false;
    }
    path = str_sub(path, 0, str_chr(path, '?'));
    path = str_sub(path, 0, str_chr(path, '#'));
    *ret = h;
    if (path.n <= 1)
        return true;
    struct str canon = urlpath_canon(r->a, path);
    if (!canon.p)
        return false;
    if (canon.n <= 1)
        return true;
    ret->kind  = IOC_URL;
    ret->value = str_cat(r->a, h.value, canon);
    return ret->value.p != NULL;
}

static bool normal_path(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    struct str c = winpath_canon(r->a, v, 'C');

    if (!c.p)
        return false;
    c = str_lower(r->a, c);
    if (!c.p)
        return false;
    size_t colon = str_chr(c, ':');
    if (colon == 1)
        c = str_from(c, 2);
    *why = "no path with a folder and a name";
    if (c.n < PATH_MIN || c.p[0] != '\\' || str_rchr(c, '\\') == 0 || str_ends(c, STR("\\")))
        return false;
    *why = NULL;
    ret->kind  = IOC_PATH_SUFFIX;
    ret->value = c;
    return true;
}

static bool normal_name(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    if (str_chr(v, '\\') != STR_NONE || str_chr(v, '/') != STR_NONE)
        return normal_path(r, v, ret, why);
    *why = "a pattern; write the whole name";
    if (str_chr(v, '*') != STR_NONE || str_chr(v, '?') != STR_NONE)
        return false;
    *why = "a name too short to mean anything";
    if (v.n < 3)
        return false;
    *why = NULL;
    ret->kind  = IOC_FILE_NAME;
    ret->value = str_lower(r->a, v);
    return ret->value.p != NULL;
}

struct str ioc_agent_fold(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);
    size_t   n = 0;

    for (size_t i = 0; p && i < s.n; i++) {
        uint8_t c = s.p[i] == '+' || s.p[i] == ',' ? ' ' : ch_lower(s.p[i]);
        if (c != ' ' || (n && p[n - 1] != ' '))
            p[n++] = c;
    }
    while (p && n && p[n - 1] == ' ')
        n--;
    return p ? (struct str){ p, n } : STR_EMPTY;
}

static bool normal_agent(struct ioc_reader *r, struct str v, struct ioc_term *ret, const char **why)
{
    *why = "a user agent too short to mean anything";
    if (v.n < AGENT_MIN)
        return false;
    *why = NULL;
    ret->kind  = IOC_USER_AGENT;
    ret->value = ioc_agent_fold(r->a, v);
    return ret->value.p != NULL;
}

bool ioc_normal(struct ioc_reader *r, enum ioc_kind kind, struct str v, struct ioc_term *ret, const char **why)
{
    uint8_t  raw[32];
    size_t   digits = kind == IOC_SHA256 ? 64 : kind == IOC_SHA1 ? 40 : 32;

    v = str_trim(v);
    *why = "no value, or one that is too long";
    if (!v.n || v.n > IOCS_VALUE_MAX)
        return false;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < ' ') {
            *why = "a value with control characters";
            return false;
        }
    *why = NULL;
    switch (kind) {
    case IOC_SHA256: case IOC_SHA1: case IOC_MD5:
        if (v.n != digits || !num_unhex(v, raw, digits / 2)) {
            *why = "not the hex digits of such a hash";
            return false;
        }
        ret->kind  = kind;
        ret->value = str_lower(r->a, v);
        return ret->value.p != NULL;
    case IOC_IP: case IOC_NETWORK:
        return normal_ip(r, v, ret, why);
    case IOC_DOMAIN:
        return normal_domain(r, v, ret, why);
    case IOC_URL:
        return normal_url(r, v, ret, why);
    case IOC_URI:
        return str_has(v, STR("://")) ? normal_url(r, v, ret, why) : normal_uri(r, v, ret, why);
    case IOC_USER_AGENT:
        return normal_agent(r, v, ret, why);
    case IOC_FILE_NAME:
        return normal_name(r, v, ret, why);
    case IOC_PATH_SUFFIX:
        return normal_path(r, v, ret, why);
    default:
        *why = "a type that is not looked for";
        return false;
    }
}

/* --- what a bare value is --- */

/* Endings of files that are no top-level domain, or hardly met as one on such lists. */
static const char *const endings[] = {
    ".aspx", ".asp", ".ashx", ".asmx", ".asax", ".ascx", ".svc", ".php", ".jsp", ".exe", ".dll", ".sys", ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".js", ".hta", ".msi", ".txt", ".log",
    ".zip", ".7z", ".rar", ".cab", ".dmp", ".xml", ".config", ".compiled", ".tmp", ".dat", ".bin", ".lnk", ".doc", ".docx", ".xls", ".xlsx", ".pdf", ".htm", ".html", ".png", ".jpg", ".gif",
    ".pst", ".ost", ".edb", ".nupkg", ".cer", ".pfx", ".py", ".sh",
};

bool ioc_kind_guess(struct str v, enum ioc_kind *ret)
{
    struct ioc_reader none = { 0 };
    struct arena      scratch;
    uint8_t           room[512];
    struct ioc_term   t;
    const char       *why = NULL;
    bool              hex = v.n > 0;

    for (size_t i = 0; i < v.n; i++)
        hex = hex && ch_hex(v.p[i]) >= 0;
    scratch = (struct arena){ room, room + sizeof room, NULL };
    none.a  = &scratch;
    if (hex && (v.n == 64 || v.n == 40 || v.n == 32))
        *ret = v.n == 64 ? IOC_SHA256 : v.n == 40 ? IOC_SHA1 : IOC_MD5;
    else if (normal_ip(&none, v, &t, &why) || (str_chr(v, '/') != STR_NONE && why && !str_eq(str_c(why), STR("no address"))))
        *ret = IOC_IP;
    else if (str_has(v, STR("://")))
        *ret = IOC_URL;
    else if (str_chr(v, '\\') != STR_NONE)
        *ret = IOC_PATH_SUFFIX;
    else if (str_starts(v, STR("/")))
        *ret = IOC_URI;
    else if (str_chr(v, '/') != STR_NONE)
        *ret = IOC_URL;
    else {
        for (size_t i = 0; i < COUNT_OF(endings); i++)
            if (str_iends(v, str_c(endings[i]))) {
                *ret = IOC_FILE_NAME;
                return true;
            }
        if (str_ends(v, STR(".")))
            v.n--;
        if (!is_domain(str_starts(v, STR("*.")) ? str_from(v, 2) : v))
            return false;
        *ret = IOC_DOMAIN;
    }
    return true;
}
