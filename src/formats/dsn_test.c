/* What real mail systems write, in our own words and with invented names. */
#include "test.h"

#include "base/num.h"
#include "formats/dsn.h"

static const char postfix[] =
    "Reporting-MTA: dns; mta.cert.example\r\nOriginal-Envelope-Id: 222022710239643620\r\nX-Postfix-Queue-ID: 7A111D7ECD1\r\n"
    "Arrival-Date: Mon, 23 Nov 2026 08:19:08 +0000 (UTC)\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nOriginal-Recipient: rfc822;it@bakery.example\r\nAction: failed\r\n"
    "Status: 5.1.1\r\nRemote-MTA: dns; mx.bakery.example\r\nDiagnostic-Code: smtp; 550 5.1.1 <it@bakery.example>: Recipient address\r\n    rejected: User unknown in\r\n\tvirtual table\r\n\r\n\r\n"
    "final-recipient : RFC822; <two@bakery.example>\r\nACTION: delayed\r\nStatus: 4.4.1 (no answer)\r\n";

enum { ROOM = 1 << 16 };
static struct arena room(void)
{
    uint8_t *p = malloc(ROOM);
    return (struct arena){ .beg = p, .end = p + ROOM };
}

static void blocks(void **state)
{
    struct arena a = room();
    uint8_t     *all = a.beg;
    struct str   rest = str_c(postfix), b;

    (void)state;
    CHECK(dsn_block(&rest, &b));
    CHECK_STR(dsn_value(dsn_field(b, "Reporting-MTA", &a), NULL), STR("mta.cert.example"));
    CHECK_STR(dsn_field(b, "original-envelope-id", &a), STR("222022710239643620"));
    CHECK_STR(dsn_field(b, "Original-Envelope", &a), STR_EMPTY);
    CHECK(dsn_block(&rest, &b));
    CHECK_STR(dsn_address(dsn_field(b, "Final-Recipient", &a), &a), STR("it@bakery.example"));
    CHECK_STR(dsn_value(dsn_field(b, "Diagnostic-Code", &a), NULL), STR("550 5.1.1 <it@bakery.example>: Recipient address rejected: User unknown in virtual table"));
    CHECK(dsn_block(&rest, &b));
    CHECK_STR(dsn_address(dsn_field(b, "Final-Recipient", &a), &a), STR("two@bakery.example"));
    CHECK_STR(dsn_field(b, "Action", &a), STR("delayed"));
    CHECK(!dsn_block(&rest, &b));
    free(all);
}

static void statuses(void **state)
{
    static const struct { const char *text; bool ok; uint16_t want[3]; } c[] = {
        { "5.1.1", true, { 5, 1, 1 } }, { " 4.4.1 (no answer)", true, { 4, 4, 1 } }, { "2.0.0", true, { 2, 0, 0 } }, { "5.7.26", true, { 5, 7, 26 } },
        { "5.1", false, { 0 } }, { "5.1.", false, { 0 } }, { "3.1.1", false, { 0 } }, { "5.1.1x", false, { 0 } }, { "5.1.1234", false, { 0 } }, { "", false, { 0 } }, { "5..1", false, { 0 } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        uint16_t got[3] = { 0 };
        CHECK_WHY(dsn_status(str_c(c[i].text), got) == c[i].ok && !memcmp(got, c[i].want, sizeof got), c[i].text);
    }
}

static void addresses(void **state)
{
    static const struct { const char *field, *want; } c[] = {
        { "rfc822;it@bakery.example", "it@bakery.example" }, { "rfc822; <it@bakery.example>", "it@bakery.example" }, { "it@bakery.example", "it@bakery.example" },
        { "utf-8; b\\x{E4}cker@bakery.example", "b\xc3\xa4" "cker@bakery.example" }, { "utf-8; a\\x{D800}b", "a\\x{D800}b" }, { "utf-8; a\\x{", "a\\x{" }, { "", "" }, { ";", "" }, { "rfc822; <", "<" },
    };
    struct arena a = room();
    uint8_t     *all = a.beg;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        CHECK_STR(dsn_address(str_c(c[i].field), &a), str_c(c[i].want));
    free(all);
}

static void long_and_odd(void **state)
{
    struct arena a = room();
    uint8_t     *all = a.beg, big[9000];
    struct str   f, rest = STR("\n\n \n:\n\nno fields here\n\nA: 1"), b;

    (void)state;
    memset(big, 'x', sizeof big);
    memcpy(big, "Status: ", 8);
    f = dsn_field((struct str){ big, sizeof big }, "Status", &a);
    CHECK(f.n == DSN_FIELD_MAX);
    CHECK(dsn_block(&rest, &b) && dsn_block(&rest, &b));
    CHECK_STR(dsn_field(b, "A", &a), STR("1"));
    CHECK(!dsn_block(&rest, &b));
    free(all);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(blocks), cmocka_unit_test(statuses), cmocka_unit_test(addresses), cmocka_unit_test(long_and_odd) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
