#include "test.h"

#include "base/num.h"
#include "casework/contact_form.h"

static const struct { const char *in; enum contact_channel as; const char *want; } cases[] = {
    { "it@Bakery.Example", CONTACT_EMAIL, "it@bakery.example" },
    { "  mailto:it@bakery.example ", CONTACT_EMAIL, "it@bakery.example" },
    { "it@b\xc3\xa4" "ckerei.example", CONTACT_EMAIL, "it@xn--bckerei-5wa.example" },
    { "it@bakery.example\r\nBcc: x@y.example", CONTACT_EMAIL, NULL },
    { "it@bakery.example\0x", CONTACT_EMAIL, "it@bakery.example" },
    { "Ada <it@bakery.example>", CONTACT_EMAIL, NULL },
    { "cert@cert.example", CONTACT_CSIRT, "cert@cert.example" },
    { "+43 (1) 555-01/00", CONTACT_PHONE, "+4315550100" },
    { "tel:+4315550100", CONTACT_PHONE, "+4315550100" },
    { "0800 FLOWERS", CONTACT_PHONE, NULL },
    { "12 3", CONTACT_PHONE, NULL },
    { "1234567890123456", CONTACT_PHONE, NULL },
    { "555+1234", CONTACT_PHONE, NULL },
    { "https://www.bakery.example/report?x=1", CONTACT_PORTAL, "https://www.bakery.example/report?x=1" },
    { "http://www.bakery.example/", CONTACT_PORTAL, NULL },
    { "https://x.example/\"><script>", CONTACT_PORTAL, NULL },
    { "https://x.example/ y", CONTACT_PORTAL, NULL },
    { "javascript:alert(1)", CONTACT_PORTAL, NULL },
    { " Bakery Ltd \n\n 1 Sample Road\r\n1010 Town", CONTACT_POST, "Bakery Ltd\n1 Sample Road\n1010 Town" },
    { "Bakery Ltd", CONTACT_POST, NULL },
    { "Bakery\n1 \x1b[31mRoad", CONTACT_POST, NULL },
    { "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11", CONTACT_POST, NULL },
    { "", CONTACT_EMAIL, NULL }, { "", CONTACT_PHONE, NULL }, { "", CONTACT_PORTAL, NULL }, { "", CONTACT_POST, NULL },
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(4096);
        const char       *why = NULL;
        struct str        got;
        bool              ok = contact_form(str_c(cases[i].in), cases[i].as, &t.a, &got, &why);

        if (ok != (cases[i].want != NULL) || (ok && !str_eq(got, str_c(cases[i].want))) || (!ok && (!why || !why[0])))
            fail_msg("\"%s\": %d %.*s", cases[i].in, ok, ok ? (int)got.n : 0, ok ? (const char *)got.p : "");
        test_arena_free(&t);
    }
}

static void guesses(void **state)
{
    static const struct { const char *in; int as; } g[] = {
        { "it@bakery.example", CONTACT_EMAIL }, { "+43 1 555 0100", CONTACT_PHONE }, { "https://x.example/a@b", CONTACT_PORTAL }, { "http://x.example/", CONTACT_PORTAL },
        { "1 Sample Road, 1010 Town, Austria", -1 }, { "", -1 }, { "word", -1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(g); i++) {
        enum contact_channel c = CONTACT_EMAIL;
        CHECK_WHY(contact_form_guess(str_c(g[i].in), &c) == (g[i].as >= 0) && (g[i].as < 0 || (int)c == g[i].as), g[i].in);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(forms), cmocka_unit_test(guesses) };

    return cmocka_run_group_tests(t, NULL, NULL);
}
