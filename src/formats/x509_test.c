#include "test.h"

#include "base/b64.h"
#include "base/num.h"
#include "formats/x509.h"

/* openssl req -x509, P-256: /C=ZZ/O=Example Org/OU=IT/CN=mail.example.org, SAN: two names, an address, a node. Its key was thrown away. */
static const char whole[] =
    "MIICLzCCAdagAwIBAgIUEdlvpDZ1q7SKwkJKWjaVbn04YuQwCgYIKoZIzj0EAwIwSzELMAkGA1UEBhMCWloxFDASBgNVBAoMC0V4YW1wbGUgT3JnMQswCQYD"
    "VQQLDAJJVDEZMBcGA1UEAwwQbWFpbC5leGFtcGxlLm9yZzAeFw0yNjExMjMwNDM5NTZaFw0zNjExMjAwNDM5NTZaMEsxCzAJBgNVBAYTAlpaMRQwEgYDVQQK"
    "DAtFeGFtcGxlIE9yZzELMAkGA1UECwwCSVQxGTAXBgNVBAMMEG1haWwuZXhhbXBsZS5vcmcwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASxBmy+iBTFf5Kh"
    "UxG1xpgXtW/NOqaHKAQEC8icEJMXCtsDbfPBeRu5MWxoi7mIuIMoJOJqegdpx1RicaxsoyARo4GXMIGUMB0GA1UdDgQWBBQJlmpBHj2yQ9W2r747Iwdhfqz3"
    "oTAfBgNVHSMEGDAWgBQJlmpBHj2yQ9W2r747Iwdhfqz3oTAPBgNVHRMBAf8EBTADAQH/MEEGA1UdEQQ6MDiCEG1haWwuZXhhbXBsZS5vcmeCGGF1dG9kaXNj"
    "b3Zlci5leGFtcGxlLm9yZ4cEwAACAYIERVgwMTAKBggqhkjOPQQDAgNHADBEAiAX69xWU4NMzbIr/td+MXHLiCJhwdhw2q+6NIRG1uLuLAIgcoSWvL2ItSLD"
    "7LAecUjLBHqGhVD+oCC2TMdrAm0MLnk=";

static void reads(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    struct err        e = { 0 };
    struct x509       x;
    struct str        der;

    CHECK(b64_decode(&der, &t.a, str_c(whole), &e));
    der = test_heap(der.p, der.n);
    CHECK(x509_read(&x, &t.a, der, &e));
    CHECK_STR(x.org, STR("Example Org"));
    CHECK_STR(x.name, STR("mail.example.org"));
    CHECK(x.dns_n == 3 && x.own_issuer && !x.more);
    CHECK_STR(x.dns[0], STR("mail.example.org"));
    CHECK_STR(x.dns[1], STR("autodiscover.example.org"));
    CHECK_STR(x.dns[2], STR("EX01"));
    /* A sequence of the algorithm, which begins with its own sequence, and the bits: 91 bytes with P-256. */
    CHECK(x.key.n == 91 && x.key.p[0] == 0x30 && x.key.p[1] == 89 && x.key.p[2] == 0x30 && x.key.p > der.p && x.key.p + x.key.n < der.p + der.n);
    /* Cut anywhere: an error, and nothing is read beyond the end. */
    for (size_t n = 0; n < der.n; n++) {
        struct str cut = test_heap(der.p, n);
        e = (struct err){ 0 };
        CHECK(!x509_read(&x, &t.a, cut, &e) && e.kind == ERR_FORMAT);
        test_free(cut);
    }
    test_free(der);
    test_arena_free(&t);
}

static void odd(void **state)
{
    (void)state;
    /* version left out; serial, algorithm, issuer, validity, then the subject. */
#define BEFORE "\x02\x01\x01\x30\x00\x30\x00\x30\x00"
    static const struct { struct str der; bool ok; const char *org, *why; } at[] = {
        { STR_INIT("\x30\x0d\x30\x0b" BEFORE "\x30\x00"), true, "", "a holder without a name" },
        { STR_INIT("\x30\x1c\x30\x1a" BEFORE "\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x0a\x1e\x04\x00\x41\x00\x42"), true, "AB", "BMPString" },
        { STR_INIT("\x30\x80\x30\x00\x00\x00"), false, "", "indefinite length" },
        { STR_INIT("\x30\x85\x01\x00\x00\x00\x00"), false, "", "a length of five bytes" },
        { STR_INIT("\x30\x84\xff\xff\xff\xff"), false, "", "longer than there is" },
        { STR_INIT("\x30\x0d\x30\x0b\x02\x01\x01\x31\x00\x30\x00\x30\x00\x30\x00"), false, "", "a set in place of the algorithm" },
        { STR_INIT(""), false, "", "nothing" },
    };
    struct test_arena t = test_arena(4096);

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct str  in = test_heap(at[i].der.p, at[i].der.n);
        struct err  e = { 0 };
        struct x509 x;
        CHECK_WHY(x509_read(&x, &t.a, in, &e) == at[i].ok, at[i].why);
        if (at[i].ok)
            CHECK_STR(x.org, str_c(at[i].org));
        test_free(in);
    }
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(reads), cmocka_unit_test(odd) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
