#include "test.h"

#include "base/net.h"
#include "base/num.h"

static void parses(void **state)
{
    (void)state;
    static const struct { const char *in, *want; bool loose; const char *why; } at[] = {
        { "192.0.2.1", "192.0.2.1/32", false, "an address is a network of one" },
        { "192.0.2.0/24", "192.0.2.0/24", false, "IPv4" },
        { "192.0.2.77/24", "192.0.2.0/24", true, "bits behind the prefix" },
        { "0.0.0.0/0", "0.0.0.0/0", false, "all of IPv4" },
        { "::/0", "::/0", false, "all of IPv6" },
        { "2001:DB8::1/64", "2001:db8::/64", true, "IPv6, upper case" },
        { "2001:db8::1", "2001:db8::1/128", false, "IPv6 address" },
        { "::ffff:192.0.2.9", "192.0.2.9/32", false, "IPv4-mapped is IPv4" },
        { "::ffff:192.0.2.0/120", "192.0.2.0/24", false, "its prefix counts 128 bits" },
        { "::ffff:0:0/90", "::ffc0:0:0/90", false, "wider than IPv4" },
        { "10/8", NULL, false, "short form" },
        { "10.0.0.0/33", NULL, false, "too many bits" },
        { "10.0.0.0/08", NULL, false, "leading zero" },
        { "10.0.0.0/", NULL, false, "no bits" },
        { "10.0.0.0/-1", NULL, false, "sign" },
        { "010.0.0.1", NULL, false, "octal or decimal: nobody knows" },
        { "fe80::1%eth0", NULL, false, "zone" },
        { "", NULL, false, "nothing" },
        { "mail.example.org", NULL, false, "a name" },
        { "2001:db8::/129", NULL, false, "too many bits" },
        { "1.2.3.4 ", NULL, false, "a blank" },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct str in = test_heap(at[i].in, strlen(at[i].in));
        struct net n;
        bool       loose;
        char       text[NET_TEXT];
        bool       ok = net_parse(in, &n, &loose);
        CHECK_WHY(ok == (at[i].want != NULL), at[i].why);
        if (ok) {
            net_text(&n, text);
            if (strcmp(at[i].in, "::ffff:0:0/90") != 0)
                CHECK_STR(str_c(text), str_c(at[i].want));
            CHECK_WHY(loose == at[i].loose || strcmp(at[i].in, "::ffff:0:0/90") == 0, at[i].why);
        }
        test_free(in);
    }
}

static struct net net_of(const char *text)
{
    struct net n;

    CHECK(net_parse(str_c(text), &n, NULL));
    return n;
}

static void counts(void **state)
{
    (void)state;
    struct net n = net_of("192.0.2.0/24");
    uint8_t    ip[16];
    char       text[NET_TEXT];

    CHECK(net_count(&n) == 256);
    net_at(&n, 255, ip);
    net_ip_text(ip, text);
    CHECK_STR(str_c(text), STR("192.0.2.255"));
    n = net_of("0.0.0.0/0");
    CHECK(net_count(&n) == UINT64_C(1) << 32);
    net_at(&n, UINT32_MAX, ip);
    net_ip_text(ip, text);
    CHECK_STR(str_c(text), STR("255.255.255.255"));
    n = net_of("2001:db8::/64");
    CHECK(net_count(&n) == UINT64_MAX);
    n = net_of("2001:db8::/65");
    net_at(&n, (UINT64_C(1) << 63) - 1, ip);
    net_ip_text(ip, text);
    CHECK_STR(str_c(text), STR("2001:db8::7fff:ffff:ffff:ffff"));
}

static void ranges(void **state)
{
    (void)state;
    static const struct { const char *first, *last, *want; } at[] = {
        { "192.0.2.0", "192.0.2.255", "192.0.2.0/24 " },
        { "192.0.2.1", "192.0.2.6", "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32 " },
        { "255.255.255.254", "255.255.255.255", "255.255.255.254/31 " },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127 " },
        { "192.0.2.9", "192.0.2.8", "" },
        { "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0 " },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        uint8_t    first[16], last[16];
        char       all[256] = "", text[NET_TEXT];
        bool       done = false;
        struct net n;
        CHECK(net_ip_parse(str_c(at[i].first), first) && net_ip_parse(str_c(at[i].last), last));
        while (net_range(first, last, &done, &n)) {
            net_text(&n, text);
            strcat(strcat(all, text), " ");
        }
        CHECK_STR(str_c(all), str_c(at[i].want));
    }
}

static void sets(void **state)
{
    (void)state;
    static const char *const nets[] = { "10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3", "10.200.0.0/16", "2001:db8::/32", "2001:db8:1::/48", "192.0.2.0/25", "10.1.0.0/16", "0.0.0.0/0" };
    static const struct { const char *ip; int want; } at[] = {
        { "10.1.2.3", 3 }, { "10.1.2.4", 2 }, { "10.1.3.1", 1 }, { "10.2.0.0", 0 }, { "10.200.255.255", 4 }, { "10.201.0.0", 0 }, { "11.0.0.0", 9 },
        { "192.0.2.127", 7 }, { "192.0.2.128", 9 }, { "2001:db8:1:ffff::", 6 }, { "2001:db8:2::", 5 }, { "2001:db9::", -1 }, { "::", -1 },
        { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", -1 },
    };
    struct net_entry *e = calloc(COUNT_OF(nets), sizeof *e);
    struct net_set    s;

    for (size_t i = 0; i < COUNT_OF(nets); i++)
        e[i] = (struct net_entry){ .net = net_of(nets[i]), .value = (uint32_t)i };
    net_set_build(&s, e, COUNT_OF(nets));
    CHECK(s.n == COUNT_OF(nets) - 1);
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        uint8_t ip[16];
        CHECK(net_ip_parse(str_c(at[i].ip), ip));
        const struct net_entry *x = net_set_find(&s, ip);
        CHECK_WHY((x ? (int)x->value : -1) == at[i].want, at[i].ip);
    }
    net_set_build(&s, e, 0);
    CHECK(!net_set_find(&s, e[0].net.ip));
    free(e);
}

/* The search against the plain way: look at each network, keep the longest. */
static void agrees(void **state)
{
    (void)state;
    enum { N = 600 };
    struct net_entry *e = calloc(N, sizeof *e), *copy = calloc(N, sizeof *e);
    struct net_set    s;
    uint64_t          r = 7;

    for (uint32_t i = 0; i < N; i++) {
        uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, [12] = 10 };
        for (int k = 13; k < 16; k++)
            ip[k] = (uint8_t)((r = r * UINT64_C(6364136223846793005) + 1) >> 62);     /* few values: much nesting */
        e[i] = (struct net_entry){ .net = net_around(ip, (uint8_t)(100 + (r >> 40) % 29)), .value = i };
    }
    memcpy(copy, e, N * sizeof *e);
    net_set_build(&s, e, N);
    for (int i = 0; i < 20000; i++) {
        uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, [12] = 10 };
        const struct net_entry *best = NULL;
        for (int k = 13; k < 16; k++)
            ip[k] = (uint8_t)((r = r * UINT64_C(6364136223846793005) + 1) >> 62);
        for (size_t k = 0; k < N; k++)
            if (net_has(&copy[k].net, ip) && (!best || copy[k].net.bits > best->net.bits))
                best = &copy[k];
        const struct net_entry *x = net_set_find(&s, ip);
        CHECK((best == NULL) == (x == NULL) && (!best || best->net.bits == x->net.bits));
    }
    free(e);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(parses), cmocka_unit_test(counts), cmocka_unit_test(ranges), cmocka_unit_test(sets), cmocka_unit_test(agrees),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
