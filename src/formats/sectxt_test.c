#include "test.h"

#include "base/num.h"
#include "formats/sectxt.h"

enum { ROOM = 1 << 20 };
#define NOW INT64_C(1615536000000000)              /* 2021-03-12 */
#define LIVE "Expires: 2022-01-01T00:00:00Z\n"

static const struct { const char *text; enum sectxt_state state; size_t contacts; const char *first, *why; } cases[] = {
    { "Contact: mailto:security@bakery.example\n" LIVE, SECTXT_VALID, 1, "security@bakery.example", "the shortest that is whole" },
    { "contact : MAILTO:security@Bakery.Example?subject=x\r\nEXPIRES: 2022-01-01T00:00:00+01:00\r\n\r\n# note\r\nContact: https://bakery.example/report\r\nContact: tel:+999-555-0100\r\n", SECTXT_VALID, 3, "security@bakery.example", "case, CRLF, comments, three ways" },
    { "\xef\xbb\xbf" "Contact: mailto:a@b.example\n" LIVE, SECTXT_VALID, 1, "a@b.example", "a byte order mark" },
    { "Contact: a@b.example\n" LIVE, SECTXT_LOOSE, 1, "a@b.example", "an address without mailto:" },
    { "Contact: mailto:a@b.example\n", SECTXT_LOOSE, 1, "a@b.example", "no Expires" },
    { "Contact: mailto:a@b.example\n" LIVE LIVE, SECTXT_LOOSE, 1, "a@b.example", "two Expires" },
    { "Contact: mailto:a@b.example\nExpires: soon\n", SECTXT_LOOSE, 1, "a@b.example", "an Expires that is none" },
    { "Contact: mailto:a@b.example\nExpires: 2021-03-11T23:59:59Z\n", SECTXT_EXPIRED, 1, "a@b.example", "expired" },
    { LIVE "Policy: https://b.example/p\n", SECTXT_NONE, 0, NULL, "nobody" },
    { "Contact: javascript:alert(1)\nContact: http://b.example/\nContact: mailto:\n" LIVE, SECTXT_NONE, 0, NULL, "nothing of use" },
    { "<html><body>Contact: us</body></html>", SECTXT_NONE, 0, NULL, "a page" },
    { "", SECTXT_NONE, 0, NULL, "nothing" },
    { "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nContact: mailto:a@b.example\n- -- dashes\n" LIVE "-----BEGIN PGP SIGNATURE-----\nContact: mailto:evil@x.example\n", SECTXT_VALID, 1, "a@b.example", "signed: what stands in the signature is none of it" },
    { "-----BEGIN PGP SIGNED MESSAGE-----\nContact: mailto:evil@x.example\n\nContact: mailto:a@b.example\n" LIVE, SECTXT_VALID, 1, "a@b.example", "the frame's headers are none of it" },
    { "Contact: mailto:a@b.example\n" LIVE "Canonical: https://b.example/.well-known/security.txt\n", SECTXT_VALID, 1, "a@b.example", "canonical" },
    { "Contact: mailto:a@b.example\n" LIVE "Canonical: https://other.example/.well-known/security.txt\n", SECTXT_LOOSE, 1, "a@b.example", "another's, copied" },
};

static void table(void **state)
{
    uint8_t *room = malloc(ROOM);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena  a = { .beg = room, .end = room + ROOM };
        struct str    text = test_heap(cases[i].text, strlen(cases[i].text));
        struct sectxt r;

        CHECK_WHY(sectxt_read(text, STR("https://b.example/.well-known/security.txt"), NOW, &a, &r), cases[i].why);
        CHECK_WHY(r.state == cases[i].state && r.contact_n == cases[i].contacts, cases[i].why);
        CHECK_WHY((r.why == NULL) == (r.state == SECTXT_VALID), cases[i].why);
        if (cases[i].first)
            CHECK_STR(r.contact[0].value, str_c(cases[i].first));
        test_free(text);
    }
    free(room);
}

/* A server that never stops: cut, and what came before stands. */
static void endless(void **state)
{
    uint8_t      *room = malloc(ROOM), *text = malloc(1 << 20);
    struct arena  a = { .beg = room, .end = room + ROOM };
    struct sectxt r;
    int           n = snprintf((char *)text, 1000, "Contact: mailto:a@b.example\n" LIVE "Preferred-Languages: de, en,, fr\nEncryption: https://b.example/key\n");

    (void)state;
    memset(text + n, '#', (size_t)((1 << 20) - n));
    CHECK(sectxt_read((struct str){ text, 1 << 20 }, STR_EMPTY, NOW, &a, &r) && r.cut && r.state == SECTXT_LOOSE && r.contact_n == 1 && r.language_n == 3 && r.encryption_n == 1);
    for (int i = 0; i < 100; i++)
        memcpy(text + i * 29, "Contact: mailto:a@b.example \n", 29);
    CHECK(sectxt_read((struct str){ text, 2900 }, STR_EMPTY, NOW, &a, &r) && r.contact_n == SECTXT_CONTACTS_MAX);
    free(room);
    free(text);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(table), cmocka_unit_test(endless) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
