/* See victims.h. */
#include "casework/victims.h"

#include "base/map.h"
#include "base/net.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 256, INSIDE_MAX = 64, TEXT_MAX = 2048 };

struct range { uint8_t first[16], last[16]; };
struct victims {
    struct arena *a;
    struct map    trade;
    struct map    word, inside;            /* of names: words; whole names and labels without what stands between their letters */
    uint64_t      lengths;                 /* bit n: `inside` has one of n bytes */
    struct map    address;
    struct range *range; size_t range_n, range_cap;
};

/* What stands in everybody's paths, agents and descriptions of pages. */
static const char *const trade[] = {
    "mozilla", "windows", "chrome", "safari", "applewebkit", "khtml", "gecko", "firefox", "edge", "opera", "trident", "msie", "compatible", "macintosh", "linux", "android", "iphone", "like",
    "win64", "x64", "wow64", "microsoft", "exchange", "server", "inetpub", "wwwroot", "aspnet", "client", "owa", "auth", "ecp", "ews", "oab", "mapi", "rpc", "frontend", "httpproxy", "program",
    "files", "system", "system32", "temp", "users", "public", "current", "themes", "resources", "scripts", "premium", "aspx", "ashx", "asmx", "mail", "email", "webmail", "smtp", "imap", "pop3",
    "www", "autodiscover", "outlook", "office", "remote", "gateway", "relay", "mx1", "mx2", "mx01", "mx02", "vpn", "com", "net", "org", "edu", "gov", "mil", "local", "intern", "internal",
    "lan", "corp", "host", "hosts", "example", "the", "and", "und", "der", "die", "das", "von", "gmbh", "ltd", "limited", "inc", "llc", "corporation", "company", "group", "bot", "bing", "google",
    "http", "https", "html", "php", "asp", "net4", "python", "requests", "curl", "wget", "java", "request", "code", "text", "runs", "taken", "from", "page", "program", "evaluator", "command",
    "file", "writes", "reads", "calls", "name", "value", "data", "web", "shell", "services", "service", "version", "mobile", "desktop", "client", "default", "admin", "test", "info", "site",
};

static bool full(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the names of victims"); }

/* --- letters --- */

static uint32_t put(uint8_t *p, uint32_t n, uint8_t c)
{
    if (n < TEXT_MAX)
        p[n++] = c;
    return n;
}

static const char base_letter[64] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy";       /* U+00C0 and on */

/*
 * Lower case; percent-decoded where `decode`; accents of Latin-1 letters dropped where `plain`. Letters, digits and bytes of other scripts stay, everything else becomes one blank.
 */
static struct str fold(struct str s, bool decode, bool plain, uint8_t *room)
{
    uint32_t n = 0;

    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i], hex;
        if (decode && c == '%' && s.n - i > 2 && num_unhex((struct str){ s.p + i + 1, 2 }, &hex, 1)) {
            c = hex;
            i += 2;
        }
        c = ch_lower(c);
        if (c == 0xc3 && i + 1 < s.n && (s.p[i + 1] & 0xc0) == 0x80) {
            uint8_t d = s.p[++i];
            if (plain)
                n = put(room, n, (uint8_t)base_letter[d & 0x3f]);
            else {
                n = put(room, n, c);
                n = put(room, n, d < 0x9f && d != 0x97 ? d + 0x20 : d);
            }
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)
            n = put(room, n, c);
        else if (n && room[n - 1] != ' ')
            n = put(room, n, ' ');
    }
    while (n && room[n - 1] == ' ')
        n--;
    return (struct str){ room, n };
}

static struct str squeezed(struct str folded, uint8_t *room)
{
    uint32_t n = 0;

    for (size_t i = 0; i < folded.n; i++)
        if (folded.p[i] != ' ')
            room[n++] = folded.p[i];
    return (struct str){ room, n };
}

static bool is_trade(const struct victims *v, struct str w) { return map_get(&v->trade, w) != MAP_NONE; }

static bool all_digits(struct str w)
{
    for (size_t i = 0; i < w.n; i++)
        if (w.p[i] < '0' || w.p[i] > '9')
            return false;
    return true;
}

/* The next word of folded text. */
static bool next_word(struct str *rest, struct str *ret)
{
    size_t n = 0;

    while (rest->n && rest->p[0] == ' ')
        *rest = str_from(*rest, 1);
    while (n < rest->n && rest->p[n] != ' ')
        n++;
    *ret  = str_sub(*rest, 0, n);
    *rest = str_from(*rest, n);
    return n > 0;
}

static bool keep(struct victims *v, struct map *m, struct str s, struct err *e)
{
    if (map_get(m, s) != MAP_NONE)
        return true;
    struct str copy = str_dup(v->a, s);
    return (copy.p && map_put(m, v->a, copy, 1)) || full(e);
}

static bool keep_inside(struct victims *v, struct str s, struct err *e)
{
    s = str_sub(s, 0, INSIDE_MAX - 1);
    if (s.n < VICTIM_INSIDE || is_trade(v, s) || all_digits(s))
        return true;
    v->lengths |= UINT64_C(1) << s.n;
    return keep(v, &v->inside, s, e);
}

bool victims_add_name(struct victims *v, struct str name, struct err *e)
{
    uint8_t room[TEXT_MAX], tight[TEXT_MAX];

    name = str_sub(name, 0, NAME_MAX_BYTES);
    for (int plain = 0; plain < 2; plain++) {
        struct str folded = fold(name, false, plain, room), rest = folded, w;
        bool       telling = false;
        while (next_word(&rest, &w)) {
            if (w.n < VICTIM_WORD || is_trade(v, w) || all_digits(w))
                continue;
            telling = true;
            if (!keep(v, &v->word, w, e) || !keep_inside(v, w, e))
                return false;
        }
        /* "Office Group" alone would be in everything; with one word of its own, the whole name counts. */
        if (telling && !keep_inside(v, squeezed(folded, tight), e))
            return false;
    }
    return true;
}

bool victims_empty(struct victims **ret, struct arena *a, struct err *e)
{
    struct victims *v = NEW(a, struct victims, 1);

    if (!v)
        return full(e);
    v->a = a;
    for (size_t i = 0; i < COUNT_OF(trade); i++)
        if (!map_put(&v->trade, a, str_c(trade[i]), 1))
            return full(e);
    *ret = v;
    return true;
}

/* --- out of the store --- */

static bool take_name(void *ctx, const struct store_value *c, struct err *e) { return c[0].null || victims_add_name(ctx, c[0].s, e); }

static bool take_address(void *ctx, const struct store_value *c, struct err *e)
{
    struct victims *v = ctx;

    return c[0].null || c[0].s.n != 16 || keep(v, &v->address, c[0].s, e);
}

static bool take_range(void *ctx, const struct store_value *c, struct err *e)
{
    struct victims *v = ctx;

    if (c[0].null || c[1].null || c[0].s.n != 16 || c[1].s.n != 16)
        return true;
    struct range *r = GROW(v->a, v->range, v->range_n, &v->range_cap);
    if (!r)
        return full(e);
    memcpy(r->first, c[0].s.p, 16);
    memcpy(r->last, c[1].s.p, 16);
    v->range_n++;
    return true;
}

/* The part of a mail address behind the @; everything before it is a person's. */
static bool take_contact(void *ctx, const struct store_value *c, struct err *e)
{
    struct str s = c[0].s;

    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '@')
            return victims_add_name(ctx, str_from(s, i + 1), e);
    return true;
}

static const struct { const char *sql; int columns; store_take *take; bool of_survey; } asked[] = {
    { "SELECT name FROM case_server", 1, take_name, false },
    { "SELECT name FROM case_server_name", 1, take_name, false },
    { "SELECT name FROM case_org", 1, take_name, false },
    { "SELECT node FROM case_subject", 1, take_name, false },
    { "SELECT domain FROM case_subject", 1, take_name, false },
    { "SELECT name FROM case_subject_name", 1, take_name, false },
    { "SELECT name FROM case_link", 1, take_name, false },
    { "SELECT value FROM case_link", 1, take_name, false },
    { "SELECT name FROM case_entry", 1, take_name, false },
    { "SELECT domain FROM case_entry", 1, take_name, false },
    { "SELECT domain FROM case_mx", 1, take_name, false },
    { "SELECT host FROM case_mx", 1, take_name, false },
    { "SELECT name FROM case_contact", 1, take_name, false },
    { "SELECT address FROM case_contact WHERE channel = 0", 1, take_contact, false },
    { "SELECT ip FROM case_server", 1, take_address, false },
    { "SELECT ip FROM case_subject", 1, take_address, false },
    { "SELECT ip FROM case_mx", 1, take_address, false },
    { "SELECT first_ip, last_ip FROM case_entry", 2, take_range, false },
    { "SELECT ip FROM survey_node", 1, take_address, true },
    { "SELECT w.text FROM survey_word w JOIN (SELECT name AS id FROM survey_name UNION SELECT name FROM survey_node UNION SELECT cert_name FROM survey_identity UNION SELECT cert_org"
      " FROM survey_identity UNION SELECT ad_domain FROM survey_identity) x ON x.id = w.id", 1, take_name, true },
};

bool victims_open(struct victims **ret, struct store *s, struct arena *a, struct err *e)
{
    struct victims *v = NULL;
    int64_t         survey = 0;

    if (!victims_empty(&v, a, e) || !store_one_int(s, "SELECT count(*) FROM store_layer WHERE name = 'survey'", &survey, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(asked); i++)
        if ((survey || !asked[i].of_survey) && !store_scan(s, asked[i].sql, asked[i].columns, asked[i].take, v, e))
            return false;
    *ret = v;
    return true;
}

/* --- asked --- */

static bool is_theirs(const struct victims *v, const uint8_t ip[16])
{
    if (map_get(&v->address, (struct str){ ip, 16 }) != MAP_NONE)
        return true;
    for (size_t i = 0; i < v->range_n; i++)
        if (memcmp(ip, v->range[i].first, 16) >= 0 && memcmp(ip, v->range[i].last, 16) <= 0)
            return true;
    return false;
}

/* An address that stands in a text: whole, between bytes that are no part of one. */
static bool text_has_address(const struct victims *v, struct str s)
{
    uint8_t ip[16];

    for (int six = 0; six < 2; six++)
        for (size_t i = 0, n; i < s.n; i += n + 1) {
            for (n = 0; i + n < s.n && (ch_digit(s.p[i + n]) || s.p[i + n] == '.' || (six && (s.p[i + n] == ':' || (ch_lower(s.p[i + n]) >= 'a' && ch_lower(s.p[i + n]) <= 'f')))); n++)
                ;
            size_t end = n;
            while (end && (s.p[i + end - 1] == '.' || s.p[i + end - 1] == ':'))
                end--;
            if (end > 2 && net_ip_parse(str_sub(s, i, i + end), ip) && is_theirs(v, ip))
                return true;
        }
    return false;
}

static bool text_names(const struct victims *v, struct str value)
{
    uint8_t room[TEXT_MAX], tight[TEXT_MAX];

    for (int way = 0; way < 4; way++) {
        struct str folded = fold(value, way & 1, way & 2, room), rest = folded, w;
        while (next_word(&rest, &w))
            if (w.n >= VICTIM_WORD && map_get(&v->word, w) != MAP_NONE)
                return true;
        struct str s = squeezed(folded, tight);
        for (size_t at = 0; at < s.n; at++)
            for (size_t n = VICTIM_INSIDE; n < INSIDE_MAX && n <= s.n - at; n++)
                if (v->lengths >> n & 1 && map_get(&v->inside, str_sub(s, at, at + n)) != MAP_NONE)
                    return true;
    }
    return false;
}

bool victims_named(void *ctx, enum intruder_feature kind, struct str value)
{
    const struct victims *v = ctx;
    uint8_t               hash[32], ip[16];

    if (kind == INTRUDER_PAGE || kind == INTRUDER_COMPILED || kind == INTRUDER_TOOL)
        return !num_unhex(value, hash, sizeof hash);
    if (kind == INTRUDER_CLIENT)
        return !net_ip_parse(value, ip) || is_theirs(v, ip);
    return text_has_address(v, value) || text_names(v, value);
}
