#include "base/net_special.h"

#include "base/num.h"

#define V4(a, b, c, d, bits, name) { { { [10] = 0xff, [11] = 0xff, [12] = a, b, c, d }, NET_BITS_4 + (bits) }, name }
#define V6(a, b, c, d, e, f, g, h, bits, name) \
    { { { (a) >> 8, (a) & 255, (b) >> 8, (b) & 255, (c) >> 8, (c) & 255, (d) >> 8, (d) & 255, (e) >> 8, (e) & 255, (f) >> 8, (f) & 255, (g) >> 8, (g) & 255, \
          (h) >> 8, (h) & 255 }, bits }, name }

static const struct net_special table[] = {
    V4(0, 0, 0, 0, 8, "this network, RFC 791"),
    V4(10, 0, 0, 0, 8, "private use, RFC 1918"),
    V4(100, 64, 0, 0, 10, "shared address space, RFC 6598"),
    V4(127, 0, 0, 0, 8, "loopback, RFC 1122"),
    V4(169, 254, 0, 0, 16, "link local, RFC 3927"),
    V4(172, 16, 0, 0, 12, "private use, RFC 1918"),
    V4(192, 0, 0, 0, 24, "IETF protocol assignments, RFC 6890"),
    V4(192, 0, 2, 0, 24, "documentation, RFC 5737"),
    V4(192, 31, 196, 0, 24, "AS112, RFC 7535"),
    V4(192, 52, 193, 0, 24, "AMT, RFC 7450"),
    V4(192, 88, 99, 0, 24, "6to4 relay anycast, RFC 7526"),
    V4(192, 168, 0, 0, 16, "private use, RFC 1918"),
    V4(192, 175, 48, 0, 24, "AS112, RFC 7534"),
    V4(198, 18, 0, 0, 15, "benchmarking, RFC 2544"),
    V4(198, 51, 100, 0, 24, "documentation, RFC 5737"),
    V4(203, 0, 113, 0, 24, "documentation, RFC 5737"),
    V4(224, 0, 0, 0, 4, "multicast, RFC 1112"),
    V4(240, 0, 0, 0, 4, "reserved, RFC 1112"),
    V4(255, 255, 255, 255, 32, "limited broadcast, RFC 8190"),

    V6(0, 0, 0, 0, 0, 0, 0, 0, 3, "not global unicast, RFC 4291"),
    V6(0, 0, 0, 0, 0, 0, 0, 0, 128, "unspecified, RFC 4291"),
    V6(0, 0, 0, 0, 0, 0, 0, 1, 128, "loopback, RFC 4291"),
    V6(0, 0, 0, 0, 0, 0, 0, 0, 96, "IPv4-compatible, RFC 4291"),
    V6(0x64, 0xff9b, 0, 0, 0, 0, 0, 0, 96, "IPv4-IPv6 translation, RFC 6052"),
    V6(0x64, 0xff9b, 1, 0, 0, 0, 0, 0, 48, "IPv4-IPv6 translation, RFC 8215"),
    V6(0x100, 0, 0, 0, 0, 0, 0, 0, 64, "discard only, RFC 6666"),
    V6(0x100, 0, 0, 1, 0, 0, 0, 0, 64, "dummy prefix, RFC 9780"),
    V6(0x2001, 0, 0, 0, 0, 0, 0, 0, 23, "IETF protocol assignments, RFC 2928"),
    V6(0x2001, 0, 0, 0, 0, 0, 0, 0, 32, "Teredo, RFC 4380"),
    V6(0x2001, 2, 0, 0, 0, 0, 0, 0, 48, "benchmarking, RFC 5180"),
    V6(0x2001, 0x20, 0, 0, 0, 0, 0, 0, 28, "ORCHIDv2, RFC 7343"),
    V6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0, 32, "documentation, RFC 3849"),
    V6(0x2002, 0, 0, 0, 0, 0, 0, 0, 16, "6to4, RFC 3056"),
    V6(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0, 48, "AS112, RFC 7534"),
    V6(0x3fff, 0, 0, 0, 0, 0, 0, 0, 20, "documentation, RFC 9637"),
    V6(0x4000, 0, 0, 0, 0, 0, 0, 0, 2, "not global unicast, RFC 4291"),
    V6(0x8000, 0, 0, 0, 0, 0, 0, 0, 1, "not global unicast, RFC 4291"),
    V6(0x5f00, 0, 0, 0, 0, 0, 0, 0, 16, "segment routing, RFC 9602"),
    V6(0xfc00, 0, 0, 0, 0, 0, 0, 0, 7, "unique local, RFC 4193"),
    V6(0xfe80, 0, 0, 0, 0, 0, 0, 0, 10, "link local, RFC 4291"),
    V6(0xfec0, 0, 0, 0, 0, 0, 0, 0, 10, "site local, RFC 3879"),
    V6(0xff00, 0, 0, 0, 0, 0, 0, 0, 8, "multicast, RFC 4291"),
};

/* ::/3 holds the IPv4-mapped addresses in this form, but means IPv6: the families are kept apart. */
static bool same_family(const struct net *a, const struct net *b) { return (net_is4(a->ip) && a->bits >= NET_BITS_4) == (net_is4(b->ip) && b->bits >= NET_BITS_4); }

const struct net_special *net_special_within(const struct net *n)
{
    const struct net_special *best = NULL;

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (same_family(n, &table[i].net) && net_within(n, &table[i].net) && (!best || table[i].net.bits > best->net.bits))
            best = &table[i];
    return best;
}

const struct net_special *net_special_find(const uint8_t ip[16])
{
    struct net n = net_around(ip, 128);

    return net_special_within(&n);
}

bool net_special_touches(const struct net *n)
{
    if (net_special_within(n))
        return true;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (net_within(&table[i].net, n))
            return true;
    return false;
}
