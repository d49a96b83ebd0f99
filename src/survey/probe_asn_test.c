#include "test.h"

#include "survey/probe_asn.h"

static void reads(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    struct net_set    s;
    struct err        e = { 0 };
    uint8_t           ip[16];

    CHECK(probe_asn_read(&s, &t.a, STR("network,asn,name\r\n# a comment\r\n192.0.2.0/24,AS64500,Example\r\n\"198.51.100.0/24\",\"64501\"\r\n2001:db8::/32,64502\n192.0.2.128/25,64503"), &e));
    CHECK(s.n == 4);
    CHECK(net_ip_parse(STR("192.0.2.1"), ip) && net_set_find(&s, ip)->value == 64500);
    CHECK(net_ip_parse(STR("192.0.2.200"), ip) && net_set_find(&s, ip)->value == 64503);
    CHECK(net_ip_parse(STR("198.51.100.9"), ip) && net_set_find(&s, ip)->value == 64501);
    CHECK(net_ip_parse(STR("2001:db8:1::"), ip) && net_set_find(&s, ip)->value == 64502);
    CHECK(net_ip_parse(STR("203.0.113.1"), ip) && !net_set_find(&s, ip));
    CHECK(probe_asn_read(&s, &t.a, STR(""), &e) && s.n == 0);
    CHECK(!probe_asn_read(&s, &t.a, STR("192.0.2.0/24,64500\nnonsense\n"), &e) && e.kind == ERR_FORMAT);
    CHECK(!probe_asn_read(&s, &t.a, STR("192.0.2.0/24,64500\n192.0.3.0/24,\n"), &e));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(reads) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
