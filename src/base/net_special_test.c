#include "test.h"

#include "base/net_special.h"
#include "base/num.h"

static void addresses(void **state)
{
    (void)state;
    static const struct { const char *ip, *want; } at[] = {
        { "10.1.2.3", "private use, RFC 1918" }, { "172.15.255.255", NULL }, { "172.16.0.0", "private use, RFC 1918" }, { "172.31.255.255", "private use, RFC 1918" },
        { "172.32.0.0", NULL }, { "127.0.0.1", "loopback, RFC 1122" }, { "100.63.255.255", NULL }, { "100.64.0.0", "shared address space, RFC 6598" },
        { "169.254.169.254", "link local, RFC 3927" }, { "192.0.2.1", "documentation, RFC 5737" }, { "192.0.1.1", NULL }, { "8.8.8.8", NULL },
        { "224.0.0.1", "multicast, RFC 1112" }, { "255.255.255.255", "limited broadcast, RFC 8190" }, { "255.255.255.254", "reserved, RFC 1112" },
        { "223.255.255.255", NULL }, { "0.0.0.0", "this network, RFC 791" }, { "198.20.0.0", NULL }, { "198.19.255.255", "benchmarking, RFC 2544" },
        { "::ffff:10.0.0.1", "private use, RFC 1918" }, { "::ffff:8.8.8.8", NULL },
        { "::1", "loopback, RFC 4291" }, { "::", "unspecified, RFC 4291" }, { "::8.8.8.8", "IPv4-compatible, RFC 4291" },
        { "64:ff9b::808:808", "IPv4-IPv6 translation, RFC 6052" }, { "2001:db8::1", "documentation, RFC 3849" }, { "2001::1", "Teredo, RFC 4380" },
        { "2001:4860::1", NULL }, { "2002:808:808::", "6to4, RFC 3056" }, { "2a00::1", NULL }, { "fd00::1", "unique local, RFC 4193" },
        { "fe80::1", "link local, RFC 4291" }, { "ff02::1", "multicast, RFC 4291" }, { "4000::", "not global unicast, RFC 4291" }, { "3fff:fff::1", "documentation, RFC 9637" },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        uint8_t ip[16];
        CHECK(net_ip_parse(str_c(at[i].ip), ip));
        const struct net_special *s = net_special_find(ip);
        CHECK_WHY((s == NULL) == (at[i].want == NULL), at[i].ip);
        if (s)
            CHECK_STR(str_c(s->name), str_c(at[i].want));
    }
}

static void networks(void **state)
{
    (void)state;
    static const struct { const char *net; bool within, touches; } at[] = {
        { "127.1.0.0/16", true, true }, { "126.0.0.0/7", false, true }, { "8.0.0.0/8", false, false }, { "0.0.0.0/0", false, true }, { "192.0.0.0/16", false, true },
        { "2a00::/16", false, false }, { "2001:db8:1::/48", true, true }, { "2000::/3", false, true }, { "::/0", false, true },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct net n;
        CHECK(net_parse(str_c(at[i].net), &n, NULL));
        CHECK_WHY((net_special_within(&n) != NULL) == at[i].within, at[i].net);
        CHECK_WHY(net_special_touches(&n) == at[i].touches, at[i].net);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(addresses), cmocka_unit_test(networks) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
