#include "formats/idna.h"

#include "test.h"

static void names(void **state)
{
    static const struct { const char *why, *in, *out; bool domain; } c[] = {
        { "as it is", "mail.example.org", "mail.example.org", true },
        { "lower case, no last dot", "Mail.Example.ORG.", "mail.example.org", true },
        { "a wildcard names its domain", "*.example.org", "example.org", true },
        { "letters beyond ASCII", "B\xC3\xA4" "ckerei.example", "xn--bckerei-5wa.example", true },
        { "the same in capitals, which UTS 46 folds", "B\xC3\x84" "CKEREI.Example", "xn--bckerei-5wa.example", true },
        { "a sharp s stays one: IDNA2008", "stra\xC3\x9F" "e.example", "xn--strae-oqa.example", true },
        { "a full-width dot parts labels", "mail\xE3\x80\x82" "example.org", "mail.example.org", true },
        { "an underscore, as people name servers", "ex_01.corp.example", "ex_01.corp.example", true },
        { "one label is a host, and no domain", "EX01", "ex01", false },
        { "an address is no name", "192.0.2.1", NULL, false },
        { "nor is a version", "15.1.2106.2", NULL, false },
        { "empty", "", NULL, false },
        { "a dot alone", ".", NULL, false },
        { "an empty label", "mail..example.org", NULL, false },
        { "a blank in it", "mail example.org", NULL, false },
        { "a hyphen at an end", "-mail.example.org", NULL, false },
        { "broken UTF-8", "m\xFFil.example.org", NULL, false },
        { "a right-to-left mark is not allowed in a name", "ma\xE2\x80\x8Fil.example.org", NULL, false },
        { "markup", "<b>.example.org", NULL, false },
    };
    struct test_arena t = test_arena(64 << 10);

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct str in = test_heap(c[i].in, strlen(c[i].in)), out = STR_EMPTY;
        bool       ok = idna_host(in, &t.a, &out);
        CHECK_WHY(ok == (c[i].out != NULL), c[i].why);
        if (ok)
            CHECK_WHY(str_eq(out, str_c(c[i].out)), c[i].why);
        CHECK_WHY(idna_domain(in, &t.a, &out) == (ok && c[i].domain), c[i].why);
        test_free(in);
    }
    test_arena_free(&t);
}

static void bounds(void **state)
{
    struct test_arena t = test_arena(64 << 10);
    char              s[300];
    struct str        out;

    (void)state;
    memset(s, 'a', sizeof s);
    s[63] = '.';
    CHECK(idna_host((struct str){ (const uint8_t *)s, 70 }, &t.a, &out));
    CHECK(!idna_host((struct str){ (const uint8_t *)s, 64 + 64 }, &t.a, &out));         /* the second label is too long */
    for (size_t i = 1; i < sizeof s; i += 2)
        s[i] = '.';
    CHECK(idna_host((struct str){ (const uint8_t *)s, 253 }, &t.a, &out));
    CHECK(!idna_host((struct str){ (const uint8_t *)s, 255 }, &t.a, &out));
    CHECK(!idna_host((struct str){ (const uint8_t *)"a\0b.example", 11 }, &t.a, &out));
    /* A full arena: not usable, and nothing written. */
    struct arena none = { t.a.beg, t.a.beg, NULL };
    out = STR_EMPTY;
    CHECK(!idna_host(STR("MAIL.example.org"), &none, &out) && !out.p);
    CHECK(!idna_host(STR("b\xC3\xA4.example.org"), &none, &out) && !out.p);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(names), cmocka_unit_test(bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
