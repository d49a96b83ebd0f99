#include "base/net.h"

#include "base/num.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

bool net_is4(const uint8_t ip[16]) { return memcmp(ip, mapped, sizeof mapped) == 0; }

/* ret_dotted: it was written as IPv4, so its prefix counts 32 bits. */
static bool address(struct str s, uint8_t ret[16], bool *ret_dotted)
{
    char    text[64];
    uint8_t raw[16];

    if (s.n == 0 || s.n >= sizeof text || str_chr(s, 0) != STR_NONE)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    if (inet_pton(AF_INET, text, raw) == 1) {
        memcpy(ret, mapped, sizeof mapped);
        memcpy(ret + 12, raw, 4);
        *ret_dotted = true;
        return true;
    }
    if (inet_pton(AF_INET6, text, raw) != 1)
        return false;
    memcpy(ret, raw, sizeof raw);
    *ret_dotted = false;
    return true;
}

bool net_ip_parse(struct str s, uint8_t ret[16])
{
    bool dotted;

    return address(s, ret, &dotted);
}

static void clear_from(uint8_t ip[16], uint8_t bits)
{
    for (int i = bits / 8; i < 16; i++)
        ip[i] &= (uint8_t)(i == bits / 8 ? 0xff00 >> bits % 8 : 0);
}

struct net net_around(const uint8_t ip[16], uint8_t bits)
{
    struct net n = { .bits = bits > 128 ? 128 : bits };

    memcpy(n.ip, ip, sizeof n.ip);
    clear_from(n.ip, n.bits);
    return n;
}

bool net_parse(struct str s, struct net *ret, bool *ret_loose)
{
    size_t   slash = str_chr(s, '/');
    uint8_t  ip[16];
    bool     dotted;
    uint32_t bits;

    if (!address(slash == STR_NONE ? s : str_sub(s, 0, slash), ip, &dotted))
        return false;
    uint32_t most = dotted ? 32 : 128;
    bits = most;
    if (slash != STR_NONE) {
        struct str digits = str_from(s, slash + 1);
        if (!num_u32(digits, &bits) || bits > most || (digits.n > 1 && digits.p[0] == '0'))
            return false;
    }
    *ret = net_around(ip, (uint8_t)(bits + 128 - most));
    if (ret_loose)
        *ret_loose = memcmp(ret->ip, ip, sizeof ip) != 0;
    return true;
}

void net_ip_text(const uint8_t ip[16], char ret[NET_TEXT])
{
    bool four = net_is4(ip);

    if (!inet_ntop(four ? AF_INET : AF_INET6, four ? ip + 12 : ip, ret, NET_TEXT))
        ret[0] = 0;
}

void net_text(const struct net *n, char ret[NET_TEXT])
{
    /* A network wider than all of IPv4 is written as IPv6 even if it begins there. */
    bool four = net_is4(n->ip) && n->bits >= NET_BITS_4;

    if (four)
        net_ip_text(n->ip, ret);
    else if (!inet_ntop(AF_INET6, n->ip, ret, NET_TEXT))
        ret[0] = 0;
    size_t at = strlen(ret);
    snprintf(ret + at, NET_TEXT - at, "/%d", four ? n->bits - NET_BITS_4 : n->bits);
}

bool net_has(const struct net *n, const uint8_t ip[16])
{
    int whole = n->bits / 8, rest = n->bits % 8;

    return memcmp(n->ip, ip, (size_t)whole) == 0 && (rest == 0 || ((n->ip[whole] ^ ip[whole]) & (0xff00 >> rest) & 0xff) == 0);
}

bool net_within(const struct net *inner, const struct net *outer) { return inner->bits >= outer->bits && net_has(outer, inner->ip); }

uint64_t net_count(const struct net *n) { return n->bits <= 64 ? UINT64_MAX : UINT64_C(1) << (128 - n->bits); }

void net_at(const struct net *n, uint64_t index, uint8_t ret[16])
{
    memcpy(ret, n->ip, 16);
    for (int i = 15; i >= 8; i--, index >>= 8)
        ret[i] = (uint8_t)(ret[i] | (index & 0xff));     /* the bits behind the prefix are zero */
}

/* ip + 1; false: it was the last there is. */
static bool step(uint8_t ip[16])
{
    for (int i = 15; i >= 0; i--)
        if (++ip[i])
            return true;
    return false;
}

bool net_range(uint8_t first[16], const uint8_t last[16], bool *done, struct net *ret)
{
    if (*done || memcmp(first, last, 16) > 0)
        return false;
    struct net best = net_around(first, 128);
    uint8_t    end[16];

    memcpy(end, first, 16);
    for (int bits = 127; bits >= 0; bits--) {
        struct net wider = net_around(first, (uint8_t)bits);
        uint8_t    top[16];
        if (memcmp(wider.ip, first, 16) != 0)
            break;
        memcpy(top, wider.ip, 16);
        for (int i = bits; i < 128; i++)
            top[i / 8] |= (uint8_t)(0x80 >> i % 8);
        if (memcmp(top, last, 16) > 0)
            break;
        best = wider;
        memcpy(end, top, 16);
    }
    *ret = best;
    memcpy(first, end, 16);
    *done = !step(first);
    return true;
}

static int by_place(const void *x, const void *y)
{
    const struct net_entry *a = x, *b = y;
    int c = memcmp(a->net.ip, b->net.ip, 16);

    if (c)
        return c;
    if (a->net.bits != b->net.bits)
        return a->net.bits < b->net.bits ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

void net_set_build(struct net_set *ret, struct net_entry *entry, size_t n)
{
    size_t   kept = 0;
    uint32_t open = NET_NONE;         /* the innermost entry that may still enclose the next one */

    if (n)
        qsort(entry, n, sizeof *entry, by_place);
    for (size_t i = 0; i < n; i++) {
        struct net_entry x = entry[i];
        if (kept && entry[kept - 1].net.bits == x.net.bits && memcmp(entry[kept - 1].net.ip, x.net.ip, 16) == 0)
            continue;
        while (open != NET_NONE && !net_within(&x.net, &entry[open].net))
            open = entry[open].parent;
        x.parent = open;
        entry[kept] = x;
        open = (uint32_t)kept++;
    }
    *ret = (struct net_set){ .entry = entry, .n = kept };
}

const struct net_entry *net_set_find(const struct net_set *s, const uint8_t ip[16])
{
    size_t lo = 0, hi = s->n;

    /* The last that begins at or before the address: it or one around it is the longest. */
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (memcmp(s->entry[mid].net.ip, ip, 16) <= 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0)
        return NULL;
    for (const struct net_entry *x = &s->entry[lo - 1]; x; x = net_set_around(s, x))
        if (net_has(&x->net, ip))
            return x;
    return NULL;
}
