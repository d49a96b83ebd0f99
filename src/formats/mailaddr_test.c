#include "formats/mailaddr.h"

#include "test.h"

static void shapes(void **state)
{
    static const struct { const char *why, *in, *all, *no; } c[] = {
        { "the usual", "abuse@bakery.example", "abuse@bakery.example", NULL },
        { "a domain is compared in lower case, what stands before it is not touched", "Abuse.Desk@Bakery.EXAMPLE", "Abuse.Desk@bakery.example", NULL },
        { "all that atoms may hold", "a!#$%&'*+-/=?^_`{|}~9@b.example", "a!#$%&'*+-/=?^_`{|}~9@b.example", NULL },
        { "a quoted string", "\"a b\\\"c\"@b.example", "\"a b\\\"c\"@b.example", NULL },
        { "an @ within quotes", "\"a@c\"@b.example", "\"a@c\"@b.example", NULL },
        { "a domain in other letters", "info@b\xC3\xA4" "cker.example", "info@xn--bcker-gra.example", NULL },
        { "no @", "abuse.bakery.example", NULL, "no @" },
        { "nothing before", "@bakery.example", NULL, "nothing" },
        { "nothing behind", "abuse@", NULL, "no domain" },
        { "one label", "root@localhost", NULL, "no domain" },
        { "an address literal", "root@[192.0.2.1]", NULL, "literal" },
        { "an address", "root@192.0.2.1", NULL, "no domain" },
        { "two dots", "a..b@c.example", NULL, "that no address has" },
        { "a dot at an end", "a.@c.example", NULL, "that no address has" },
        { "a blank", "a b@c.example", NULL, "that no address has" },
        { "a line end: a second header", "a\r\nBcc: x@c.example", NULL, "that no address has" },
        { "a line end in quotes", "\"a\r\nb\"@c.example", NULL, "control" },
        { "an open quote", "\"a@c.example", NULL, "open quote" },
        { "a quote alone", "\"@c.example", NULL, "open quote" },
        { "a route", "@relay.example:user@c.example", NULL, "that no address has" },
        { "brackets", "<a@c.example>", NULL, "that no address has" },
        { "letters beyond ASCII before the @", "m\xC3\xBCller@c.example", NULL, "beyond ASCII" },
        { "a wildcard is no domain of an address", "a@*.c.example", NULL, "no domain" },
        { "a blank behind", "a@c.example ", NULL, "no domain" },
        { "a dot behind", "a@c.example.", NULL, "no domain" },
    };
    struct test_arena t = test_arena(64 << 10);

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct str      in = test_heap(c[i].in, strlen(c[i].in));
        struct mailaddr m = { 0 };
        const char     *why = NULL;
        bool            ok = mailaddr_parse(in, &t.a, &m, &why);
        CHECK_WHY(ok == (c[i].all != NULL), c[i].why);
        if (ok)
            CHECK_WHY(str_eq(m.all, str_c(c[i].all)) && m.local.n + 1 + m.domain.n == m.all.n, c[i].why);
        else
            CHECK_WHY(why && strstr(why, c[i].no), c[i].why);
        test_free(in);
    }
    test_arena_free(&t);
}

static void lengths(void **state)
{
    struct test_arena t = test_arena(64 << 10);
    struct mailaddr   m;
    const char       *why = NULL;
    char              s[600];

    (void)state;
    memset(s, 'a', sizeof s);
    s[64] = '@';
    memcpy(s + 65, "b.example", 9);
    CHECK(mailaddr_parse((struct str){ (const uint8_t *)s, 74 }, &t.a, &m, &why));
    s[64] = 'a', s[65] = '@';
    CHECK(!mailaddr_parse((struct str){ (const uint8_t *)s, 74 }, &t.a, &m, &why) && strstr(why, "64"));
    s[0] = 'x', s[1] = '@';
    for (size_t i = 2; i < sizeof s; i++)
        s[i] = i % 2 ? '.' : 'a';
    CHECK(mailaddr_parse((struct str){ (const uint8_t *)s, 253 }, &t.a, &m, &why));
    CHECK(!mailaddr_parse((struct str){ (const uint8_t *)s, 257 }, &t.a, &m, &why));
    test_arena_free(&t);
}

static void lists(void **state)
{
    static const struct { const char *why, *in, *out; } c[] = {
        { "IntelMQ's comma list", "abuse@a.example,noc@b.example", "abuse@a.example|noc@b.example|" },
        { "mixed separators", " a@a.example ; b@b.example\tc@c.example,, ", "a@a.example|b@b.example|c@c.example|" },
        { "display names and brackets", "Abuse Desk <a@a.example>, \"Desk, Two\" <b@b.example>; <c@c.example>", "a@a.example|b@b.example|c@c.example|" },
        { "mailto", "mailto:a@a.example", "a@a.example|" },
        { "what is none is given as well", "nobody, a@a.example", "nobody|a@a.example|" },
        { "a bracket that is never closed", "<a@a.example", "a@a.example|" },
        { "a quoted local part with a blank", "\"a b\"@c.example d@e.example", "\"a b\"@c.example|d@e.example|" },
        { "nothing", " ,; ", "" },
    };
    struct test_arena t = test_arena(64 << 10);

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct str in = test_heap(c[i].in, strlen(c[i].in)), rest = in, one, all = STR("");
        while (mailaddr_next(&rest, &one))
            all = str_fmt(&t.a, "%.*s%.*s|", STR_ARG(all), STR_ARG(one));
        CHECK_WHY(str_eq(all, str_c(c[i].out)), c[i].why);
        test_free(in);
    }
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(lengths), cmocka_unit_test(lists) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
