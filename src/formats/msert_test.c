#include "test.h"

#include "formats/msert.h"

/* After the layout of a public log of February 2024; names and paths are our own. */
static const char log_text[] =
    "---------------------------------------\r\nMicrosoft Safety Scanner v1.333, (build 1.333.600.0)\r\nStarted On Tue Mar  9 10:05:22 2021\r\n\r\n"
    "Quick Scan Results:\r\n----------------\r\n"
    "Threat Detected: Backdoor:ASP/Example.A!dha and Removed!\r\n  Action: Remove, Result: 0x00000000\r\n"
    "    file://C:\\inetpub\\wwwroot\\aspnet_client\\example.aspx\r\n        SigSeq: 0x00000555DC2DDDB0\r\n"
    "Threat Detected: Virus:DOS/Example_Test_File, not removed.\r\n  Action: NoAction, Result: 0x00000000\r\n"
    "    containerfile://C:\\Temp\\a.zip\r\n    file://C:\\Temp\\a.zip->x.com\r\n"
    "Threat Detected: Exploit:Win32/Nameless, not removed.\r\n"
    "Results Summary:\r\n----------------\r\nFound Virus:DOS/Example_Test_File, not removed.\r\n"
    "Microsoft Safety Scanner Finished On Tue Mar  9 10:35:58 2021\r\n\r\nReturn code: 6 (0x6)\r\n";

static void check_log(struct str in)
{
    struct test_arena t = test_arena(1 << 20);
    struct msert      m;
    struct err        e = { 0 };
    char              at[TIME_TEXT];

    CHECK(msert_parse(&m, &t.a, in, &e));
    CHECK(m.n == 4 && m.runs == 1);
    CHECK_STR(m.item[0].threat, STR("Backdoor:ASP/Example.A!dha"));
    CHECK_STR(m.item[0].path, STR("C:\\inetpub\\wwwroot\\aspnet_client\\example.aspx"));
    CHECK(m.item[0].removed && !m.item[1].removed && m.item[1].container && !m.item[2].container);
    CHECK_STR(m.item[2].threat, STR("Virus:DOS/Example_Test_File"));
    CHECK(m.item[3].path.n == 0);
    time_text(m.item[0].run_us, at);
    CHECK(strcmp(at, "2021-03-09T10:05:22Z") == 0);
    test_arena_free(&t);
}

static void test_log(void **state)
{
    uint8_t    wide[2 * sizeof log_text];
    size_t     n = 0;
    struct str in = test_heap(log_text, sizeof log_text - 1);

    (void)state;
    check_log(in);
    test_free(in);
    wide[n++] = 0xFF, wide[n++] = 0xFE;
    for (size_t i = 0; log_text[i]; i++)
        wide[n++] = (uint8_t)log_text[i], wide[n++] = 0;
    in = test_heap(wide, n);
    check_log(in);
    test_free(in);
}

static void test_time(void **state)
{
    static const char *const bad[] = { "", "Tue Mar 2021", "Tue Foo  9 10:05:22 2021", "Tue arm  9 10:05:22 2021", "Tue Mar 32 10:05:22 2021", "Tue Mar 9 10:05 2021", "Tue Mar 9 99:05:22 2021" };
    int64_t at;

    (void)state;
    CHECK(msert_time(STR(" Tue Mar  9 10:05:22 2021\r"), &at));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK_WHY(!msert_time(str_c(bad[i]), &at), bad[i]);
    CHECK(msert_is_eomt(STR("EOMT mitigation summary\r\n")) && !msert_is_eomt(STR("something else")));
}

static bool sweep(struct arena *a, struct err *e)
{
    struct msert m;
    return msert_parse(&m, a, str_c(log_text), e);
}
static void test_faults(void **state)
{
    struct msert m;
    struct err   e = { 0 };

    (void)state;
    struct test_arena t = test_arena(1 << 16);
    CHECK(msert_parse(&m, &t.a, STR_EMPTY, &e) && m.n == 0);
    test_arena_free(&t);
    fault_sweep(sweep, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_log), cmocka_unit_test(test_time), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
