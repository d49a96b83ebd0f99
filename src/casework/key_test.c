#include "test.h"

#include "base/net.h"
#include "base/num.h"
#include "casework/key.h"

static void values_come_to_one_form(void **state)
{
    static const struct { enum org_key kind; const char *in, *country, *want, *why; } t[] = {
        { ORG_CERT_DOMAIN, "Bakery.Example.", NULL, "bakery.example", "names have no case, and the last dot says nothing" },
        { ORG_CERT_DOMAIN, "*.bakery.example", NULL, "bakery.example", "a wildcard speaks for its domain" },
        { ORG_MX, " bakery.example\t", NULL, "bakery.example", "blanks of a table are not part of the name" },
        { ORG_MX, "localhost", NULL, NULL, "one label is nobody's registrable domain" },
        { ORG_MX, "a..b", NULL, NULL, "an empty label is no name" },
        { ORG_MX, "a b.example", NULL, NULL, "a blank within is no name" },
        { ORG_INTERNAL, "EXCH01", NULL, "exch01", "a name of the inside needs no dot" },
        { ORG_REGISTER, "VAT: de 123.456-789", NULL, "vat:DE123456789", "registers write one number in several ways" },
        { ORG_REGISTER, "hrb:12/34", NULL, "hrb:1234", "the same with a stroke" },
        { ORG_REGISTER, "123456", NULL, NULL, "a number without its register says nothing" },
        { ORG_REGISTER, "vat: -", NULL, NULL, "a dash is not a number" },
        { ORG_REGISTER, ":12", NULL, NULL, "a register without a name is none" },
        { ORG_CONSTITUENCY, "national:Town of X", NULL, "national:Town of X", "entries are the list's own words" },
        { ORG_CONSTITUENCY, "national: ", NULL, NULL, "a list without an entry names nobody" },
        { ORG_CERT_ORG, "  Example \t Bakery ", NULL, "example bakery", "blanks and case do not make another firm" },
        { ORG_CERT_ORG, "Internet Widgits Pty Ltd", NULL, NULL, "what a dialogue proposes is nobody's name" },
        { ORG_CERT_ORG, "Default Company Ltd", "XX", NULL, "the same with a country" },
        { ORG_NETWORK, "NET-192-0-2-0", "DE", "net-192-0-2-0", "a country stands behind names of certificates only" },
        { ORG_NETWORK, "", NULL, NULL, "nothing is nothing" },
    };
    struct test_arena m = test_arena(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct str in = test_heap(t[i].in, strlen(t[i].in)), got = STR_EMPTY;
        bool       ok = org_key_clean(t[i].kind, in, t[i].country, &m.a, &got);
        CHECK_WHY(ok == (t[i].want != NULL), t[i].why);
        if (ok)
            CHECK_WHY(str_eq(got, str_c(t[i].want)), t[i].why);
        test_free(in);
    }
    struct str de, at, none, again;
    CHECK(org_key_clean(ORG_CERT_ORG, STR("Stadtwerke GmbH"), "DE", &m.a, &de) && org_key_clean(ORG_CERT_ORG, STR("Stadtwerke GmbH"), "AT", &m.a, &at));
    CHECK(org_key_clean(ORG_CERT_ORG, STR("Stadtwerke GmbH"), NULL, &m.a, &none));
    CHECK(!str_eq(de, at) && !str_eq(de, none));
    CHECK(org_key_clean(ORG_CERT_DOMAIN, STR("a.example"), NULL, &m.a, &again) && again.n == 9);
    uint8_t    text[ORG_VALUE_MAX + 1];
    memset(text, 'a', sizeof text);
    text[1] = '.';
    CHECK(org_key_clean(ORG_MX, (struct str){ text, ORG_VALUE_MAX }, NULL, &m.a, &again));
    CHECK(!org_key_clean(ORG_MX, (struct str){ text, ORG_VALUE_MAX + 1 }, NULL, &m.a, &again));
    struct arena none_left = { m.a.beg, m.a.beg, NULL };
    CHECK(!org_key_clean(ORG_MX, STR("A.example"), NULL, &none_left, &again));
    CHECK_STR(org_key_scheme(ORG_IS_REGISTER, STR("vat:DE1")), STR("vat"));
    CHECK_STR(org_key_scheme(ORG_IS_DOMAIN, STR("a:b")), STR(""));
    test_arena_free(&m);
}

static void reverse_names_made_from_the_address(void **state)
{
    static const struct { const char *ip, *name; bool want; const char *why; } t[] = {
        { "192.0.2.7", "host-192-0-2-7.isp.example", true, "the address with dashes" },
        { "192.0.2.7", "7.2.0.192.dsl.isp.example", true, "the address backwards" },
        { "192.0.2.7", "192-000-002-007.isp.example", true, "zeros in front" },
        { "192.0.2.7", "c0000207.isp.example", true, "eight hex digits" },
        { "192.0.2.7", "ip192000002007.isp.example", true, "twelve digits in a row" },
        { "192.0.2.7", "pool-7.north.isp.example", true, "a word of pools and the last octet" },
        { "192.0.2.7", "mail.bakery.example", false, "a name that somebody chose" },
        { "192.0.2.7", "mail7.bakery.example", false, "a number alone is no pool" },
        { "192.0.2.7", "carpool.example", false, "a word within a word" },
        { "192.0.2.9", "host-192-0-2-7.isp.example", false, "another server's address: stale, and not made from this one" },
        { "2001:db8::7", "2001-0db8-0000-0000-0000-0000-0000-0007.isp.example", true, "IPv6 in full" },
        { "2001:db8::7", "mail.bakery.example", false, "a chosen name on IPv6" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        uint8_t ip[16];
        CHECK(net_ip_parse(str_c(t[i].ip), ip));
        struct str name = test_heap(t[i].name, strlen(t[i].name));
        CHECK_WHY(org_ptr_default(name, ip) == t[i].want, t[i].why);
        test_free(name);
    }
}

static void kinds_have_words(void **state)
{
    (void)state;
    for (enum org_key k = 0; k < ORG_KEYS; k++) {
        enum org_key got = ORG_KEYS;
        CHECK(org_kinds[k].name && org_kinds[k].about && org_kinds[k].is < ORG_CLASSES);
        CHECK(org_kind_find(str_c(org_kinds[k].name), &got) && got == k);
        CHECK(*org_class_name(org_kinds[k].is));
        /* Sorted by weight: the sheet's own order. */
        CHECK(k == 0 || org_kinds[k].weight <= org_kinds[k - 1].weight);
    }
    enum org_key got;
    CHECK(!org_kind_find(STR("geoip"), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_to_one_form),
        cmocka_unit_test(reverse_names_made_from_the_address),
        cmocka_unit_test(kinds_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
