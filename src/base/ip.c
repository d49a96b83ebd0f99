#include "base/ip.h"

#include <stdio.h>
#include <string.h>

void ip_from4(uint32_t v, uint8_t ret[IP_BYTES])
{
    memset(ret, 0, 10);
    ret[10] = ret[11] = 0xFF;
    for (int i = 0; i < 4; i++)
        ret[12 + i] = (uint8_t)(v >> (24 - 8 * i));
}

uint32_t ip_to4(const uint8_t ip[IP_BYTES])
{
    return (uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 | (uint32_t)ip[15];
}

bool ip_is4(const uint8_t ip[IP_BYTES])
{
    static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
    return memcmp(ip, mapped, sizeof mapped) == 0;
}

static bool parse4(struct str s, uint32_t *ret)
{
    uint32_t out = 0;
    size_t   i = 0;

    for (int part = 0; part < 4; part++) {
        uint32_t v = 0;
        size_t   from = i;
        if (part && (i >= s.n || s.p[i++] != '.'))
            return false;
        from = i;
        while (i < s.n && ch_digit(s.p[i]) && i - from < 3)
            v = v * 10 + (uint32_t)(s.p[i++] - '0');
        if (i == from || v > 255 || (i - from > 1 && s.p[from] == '0'))
            return false;
        out = out << 8 | v;
    }
    *ret = out;
    return i == s.n;
}

static bool parse6(struct str s, uint8_t ret[IP_BYTES])
{
    uint16_t g[8] = { 0 };
    int      n = 0, gap = -1;
    size_t   i = 0;

    if (s.n >= 2 && s.p[0] == ':' && s.p[1] == ':') {
        gap = 0;
        i   = 2;
    }
    while (i < s.n) {
        uint32_t v = 0, v4;
        size_t   from = i;
        int      h;
        if (n == 8)
            return false;
        while (i < s.n && i - from < 4 && (h = ch_hex(s.p[i])) >= 0) {
            v = v << 4 | (uint32_t)h;
            i++;
        }
        if (i == from)
            return false;
        if (i < s.n && s.p[i] == '.') {                      /* the last 32 bits as IPv4 */
            if (n > 6 || !parse4(str_from(s, from), &v4))
                return false;
            g[n++] = (uint16_t)(v4 >> 16);
            g[n++] = (uint16_t)v4;
            i = s.n;
            break;
        }
        g[n++] = (uint16_t)v;
        if (i == s.n)
            break;
        if (s.p[i++] != ':' || i == s.n)
            return false;
        if (s.p[i] == ':') {
            if (gap >= 0)
                return false;
            gap = n;
            i++;
        }
    }
    if (gap < 0 ? n != 8 : n > 7)
        return false;
    memset(ret, 0, IP_BYTES);
    for (int k = 0; k < n; k++) {
        int to = gap >= 0 && k >= gap ? 8 - n + k : k;
        ret[2 * to]     = (uint8_t)(g[k] >> 8);
        ret[2 * to + 1] = (uint8_t)g[k];
    }
    return true;
}

bool ip_parse(struct str s, uint8_t ret[IP_BYTES])
{
    uint8_t  out[IP_BYTES];
    uint32_t v4;

    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
        s = str_sub(s, 1, s.n - 1);
        if (str_chr(s, ':') == STR_NONE)
            return false;
    }
    if (s.n < 2 || s.n > 45)
        return false;
    if (parse4(s, &v4))
        ip_from4(v4, out);
    else if (!parse6(s, out))
        return false;
    memcpy(ret, out, sizeof out);
    return true;
}

size_t ip_text(const uint8_t ip[IP_BYTES], char ret[IP_TEXT])
{
    int n = 0, at = -1, best = 1;

    if (ip_is4(ip))
        return (size_t)snprintf(ret, IP_TEXT, "%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
    for (int i = 0, run = 0; i < 8; i++) {
        run = ip[2 * i] || ip[2 * i + 1] ? 0 : run + 1;
        if (run > best) {
            best = run;
            at   = i - run + 1;
        }
    }
    ret[0] = '\0';
    for (int i = 0; i < 8; i++) {
        if (i == at) {
            n += snprintf(ret + n, IP_TEXT - (size_t)n, "::");
            i += best - 1;
            continue;
        }
        n += snprintf(ret + n, IP_TEXT - (size_t)n, "%s%x", i && (at < 0 || i != at + best) ? ":" : "", (unsigned)ip[2 * i] << 8 | ip[2 * i + 1]);
    }
    return (size_t)n;
}
