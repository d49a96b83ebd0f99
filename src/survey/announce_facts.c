/* Builds and names that were read, and which of them is kept. */
#include "survey/announce_inner.h"

#include "base/num.h"
#include "pack/pack.h"

#include <string.h>

/* ---- builds ---- */

static int build_cmp(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* A claim of three numbers does not outdo a header of four, whatever the order of means says of their honesty. */
static bool better(const struct observation *o, enum obs_means means, int parts)
{
    bool have4 = o->parts == 4, is4 = parts == 4;
    return have4 != is4 ? is4 : o->means == means ? parts > o->parts : means < o->means;
}

void announce_take(struct observation *o, enum obs_means means, const uint16_t v[4], int parts)
{
    if (o->parts) {
        int common = parts < o->parts ? parts : o->parts;
        int c = build_cmp(v, o->build, common);
        if (c && common >= 3)
            o->flags |= OBS_TWO_BUILDS;
        bool lower = c < 0 && means == o->means && parts == o->parts;
        if (!lower && !better(o, means, parts))
            return;
    }
    memcpy(o->build, v, sizeof o->build);
    o->parts = parts;
    o->means = means;
}

bool announce_build(struct observation *o, enum obs_means means, struct str text)
{
    uint16_t v[4];
    int      parts;

    if (!build_parse(text, v, &parts))
        return false;
    announce_take(o, means, v, parts);
    return true;
}

bool announce_number(struct str s, size_t *at, uint16_t *ret)
{
    uint32_t v = 0;
    size_t   i = *at;

    while (i < s.n && ch_digit(s.p[i]) && i - *at < 10) {
        v = v * 10 + (uint32_t)(s.p[i++] - '0');
        if (v > 65535)
            return false;
    }
    if (i == *at)
        return false;
    *at  = i;
    *ret = (uint16_t)v;
    return true;
}

bool announce_path_next(struct str text, size_t *pos, uint16_t ret[4], int *ret_parts)
{
    static const struct str owa = STR_INIT("/owa/"), auth = STR_INIT("auth/");

    while (*pos < text.n) {
        size_t hit = str_find(str_from(text, *pos), owa);
        if (hit == STR_NONE)
            break;
        size_t   at = *pos + hit + owa.n;
        uint16_t v[4] = { 0 };
        int      n = 0;
        *pos = at - 1;                                       /* its last '/' may begin the next */
        if (str_starts(str_from(text, at), auth))
            at += auth.n;
        while (n < 4 && announce_number(text, &at, &v[n])) {
            n++;
            if (at >= text.n || text.p[at] != '.')
                break;
            at++;
        }
        if (n >= 3 && at < text.n && text.p[at] == '/' && ch_digit(text.p[at - 1])) {
            memcpy(ret, v, sizeof v);
            *ret_parts = n;
            *pos = at;
            return true;
        }
    }
    *pos = text.n;
    return false;
}

bool announce_server_version(struct observation *o, struct str hex)
{
    uint64_t x;

    if (hex.n != 8 || !num_hex(hex, &x))
        return false;
    uint16_t v[4] = { (uint16_t)(x >> 22 & 63), (uint16_t)(x >> 16 & 63), (uint16_t)(x & 0x7FFF), 0 };
    if (v[0] < 8 || v[0] > 15)                              /* no Exchange with this interface */
        return false;
    announce_take(o, OBS_AUTODISCOVER, v, 3);
    return true;
}

/* ---- names ---- */

bool announce_is_host(struct str s)
{
    bool letter = false;

    if (str_starts(s, STR("*.")))
        s = str_from(s, 2);
    if (s.n == 0 || s.n > 253 || s.p[0] == '.')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (!ch_alnum(c) && c != '-' && c != '_' && (c != '.' || s.p[i - 1] == '.'))
            return false;
        letter |= ch_alpha(c);
    }
    return letter;
}

/* The best first. */
static int naming_rank(enum obs_naming n) { return n == OBS_NAME_OF_CERT ? 0 : n == OBS_NAME_SAID ? 1 : 2; }

void announce_name(struct observation *o, struct arena *a, struct str name)
{
    bool upper = false;

    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    if (!announce_is_host(name))
        return;
    for (size_t i = 0; i < name.n; i++)
        upper |= name.p[i] >= 'A' && name.p[i] <= 'Z';
    for (size_t i = 0; i < o->name_n; i++)
        if (upper ? str_ieq(o->name[i], name) : str_eq(o->name[i], name)) {
            if (naming_rank(o->naming) < naming_rank((enum obs_naming)o->name_from[i]))
                o->name_from[i] = (uint8_t)o->naming;
            return;
        }
    if (upper)
        name = str_lower(a, name);
    if (o->name_n == OBS_NAMES_MAX || !name.p)
        o->flags |= OBS_MORE;
    else {
        o->name_from[o->name_n] = (uint8_t)o->naming;
        o->name[o->name_n++] = name;
    }
}

bool announce_is_online(struct str host)
{
    static const struct str zone[] = {
        STR_INIT("outlook.com"), STR_INIT("office365.com"), STR_INIT("office.com"), STR_INIT("office365.us"), STR_INIT("cloud.microsoft"), STR_INIT("partner.outlook.cn"),
    };
    for (size_t i = 0; i < COUNT_OF(zone); i++)
        if (str_iends(host, zone[i]) && (host.n == zone[i].n || host.p[host.n - zone[i].n - 1] == '.'))
            return true;
    return false;
}

void announce_domain(struct observation *o, struct arena *a, struct str fqdn)
{
    size_t dot;

    fqdn = str_trim(fqdn);
    if (fqdn.n && fqdn.p[fqdn.n - 1] == '.')
        fqdn.n--;
    dot = str_chr(fqdn, '.');
    if (o->ad_domain.n || dot == STR_NONE || dot == 0 || !announce_is_host(fqdn))
        return;
    o->ad_domain = str_lower(a, str_from(fqdn, dot + 1));
    if (!o->ad_domain.p)
        o->flags |= OBS_MORE;
}
