#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_manifest_write);
}

static void rows(void **state)
{
    struct drawn d = draw(FIX_FULL, report_manifest_write);

    (void)state;
    CHECK(str_starts(d.text, STR("path,entry,bytes,sha256,modified,family\r\nC:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log,,41943040,"
                                 "1010101010101010101010101010101010101010101010101010101010101010,,iis_front\r\n")));
    CHECK(str_has(d.text, STR("\r\nC:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx,,2170,")));
    /* Read but damaged, so without a hash: listed. Not read by this version: not listed. */
    CHECK(str_has(d.text, STR("u_ex210305.log,,39000000,,2021-03-03T12:00:00Z,iis_front\r\n")));
    CHECK(family_table[FAM_EVTX_SECURITY].examined || !str_has(d.text, STR("Security.evtx")));
    drawn_free(&d);
}

static void no_formula(void **state)
{
    struct drawn d = draw(FIX_HOSTILE, report_manifest_write);

    (void)state;
    CHECK(!str_has(d.text, STR("\n=")) && !str_has(d.text, STR(",=")) && !str_has(d.text, STR(",\"=")));
    drawn_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moods), cmocka_unit_test(rows), cmocka_unit_test(no_formula) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
