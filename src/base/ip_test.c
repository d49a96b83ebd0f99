#include "test.h"

#include "base/ip.h"

#include <arpa/inet.h>

static void forms(void **state)
{
    static const struct { const char *why, *in, *out; } cases[] = {
        { "IPv4", "192.0.2.10", "192.0.2.10" },
        { "its ends", "0.0.0.0", "0.0.0.0" },
        { "its other end", "255.255.255.255", "255.255.255.255" },
        { "IPv6", "2001:DB8::7", "2001:db8::7" },
        { "in brackets", "[2001:db8::7]", "2001:db8::7" },
        { "all zeros", "::", "::" },
        { "one", "::1", "::1" },
        { "zeros at the end", "fe80::", "fe80::" },
        { "no zeros", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
        { "a single zero is not cut", "1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8" },
        { "the longest run is cut", "1:0:0:4:0:0:0:8", "1:0:0:4::8" },
        { "IPv4 in IPv6", "::ffff:192.0.2.1", "192.0.2.1" },
        { "IPv4 behind a prefix", "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
        { "a number too large", "192.0.2.256", NULL },
        { "three numbers", "192.0.2", NULL },
        { "five", "192.0.2.1.2", NULL },
        { "octal?", "192.0.2.010", NULL },
        { "a port", "192.0.2.1:443", NULL },
        { "a prefix", "192.0.2.0/24", NULL },
        { "a zone", "fe80::1%eth0", NULL },
        { "two gaps", "1::2::3", NULL },
        { "too many groups", "1:2:3:4:5:6:7:8:9", NULL },
        { "eight and a gap", "1:2:3:4::5:6:7:8", NULL },
        { "too few", "1:2:3", NULL },
        { "a colon at the end", "1:2:3:4:5:6:7:", NULL },
        { "three colons", ":::", NULL },
        { "five digits", "12345::", NULL },
        { "brackets around IPv4", "[192.0.2.1]", NULL },
        { "a name", "mail.example.org", NULL },
        { "nothing", "", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str in = test_heap(cases[i].in, strlen(cases[i].in));
        uint8_t    ip[IP_BYTES];
        char       text[IP_TEXT];
        bool       ok = ip_parse(in, ip);
        CHECK_WHY(ok == (cases[i].out != NULL), cases[i].why);
        if (ok) {
            CHECK_WHY(ip_text(ip, text) == strlen(cases[i].out), cases[i].why);
            CHECK_WHY(strcmp(text, cases[i].out) == 0, cases[i].why);
        }
        test_free(in);
    }
}

/* The C library's own functions agree, on addresses of every shape. */
static void same_as_libc(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint8_t ip[IP_BYTES], back[IP_BYTES], theirs[IP_BYTES];
        char    mine[IP_TEXT], other[INET6_ADDRSTRLEN];
        for (int k = 0; k < IP_BYTES; k++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            ip[k] = (uint8_t)(x & (1u << (k / 2 + 8)) ? 0 : x >> 32);
        }
        if (i % 4 == 0)
            ip_from4((uint32_t)x, ip);
        ip_text(ip, mine);
        CHECK(ip_parse(str_c(mine), back) && memcmp(ip, back, IP_BYTES) == 0);
        CHECK(inet_ntop(AF_INET6, ip, other, sizeof other) && ip_parse(str_c(other), back) && memcmp(ip, back, IP_BYTES) == 0);
        if (!ip_is4(ip))
            CHECK(inet_pton(AF_INET6, mine, theirs) == 1 && memcmp(ip, theirs, IP_BYTES) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(same_as_libc) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
