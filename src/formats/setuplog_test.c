#include "test.h"

#include "base/num.h"
#include "formats/setuplog.h"

static void read_all(struct setuplog *s, struct arena *a, const char *in, size_t step)
{
    struct err e = { 0 };
    size_t     n = strlen(in);

    setuplog_open(s, a);
    for (size_t i = 0; i < n; i += step)
        CHECK(setuplog_push(s, str_sub(str_c(in), i, i + step), &e));
    CHECK(setuplog_done(s, &e));
}

static bool is(int64_t us, const char *want)
{
    char got[TIME_TEXT];
    time_text(us, got);
    if (strcmp(got, want) != 0)
        print_message("got %s, want %s\n", got, want);
    return strcmp(got, want) == 0;
}

/* After the layout of a public ExchangeSetup.log of 15.2.1118.7; names and values are our own. */
static const char setup_log[] =
    "\xEF\xBB\xBF[11.04.2020 17:13:08.0074] [0] **********************************************\r\n"
    "[11.04.2020 17:13:08.0074] [0] Starting Microsoft Exchange Server 2016 Setup\r\n"
    "[11.04.2020 17:13:08.0074] [0] **********************************************\r\n"
    "[11.04.2020 17:13:08.0078] [0] Local time zone: (UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna.\r\n"
    "[11.04.2020 17:13:08.0081] [0] Setup version: 15.1.2106.2.\r\n"
    "[11.04.2020 17:13:08.0121] [0] Command Line Parameter Name='mode', Value='Install'.\r\n"
    "[11.04.2020 17:14:00.0000] [1] Exchange Server Installation Directory : 'D:\\Exch\\V15'.\r\n"
    "[11.04.2020 17:14:01.0000] [0] Evaluated [Setting:ComputerNameNetBIOS] [HasException:False] [Value:\"EXCH01\"]\r\n"
    "   at a stack trace line\r\n"
    "[11.04.2020 18:02:11.0500] [0] The Exchange Server setup operation completed successfully.\r\n"
    "[03.13.2021 08:00:00.0001] [0] **********************************************\r\n"
    "[03.13.2021 08:00:00.0002] [0] Starting Microsoft Exchange Server 2016 Setup\r\n"
    "[03.13.2021 08:00:00.0003] [0] Setup version: 15.1.2176.2.\r\n"
    "[03.13.2021 08:00:01.0000] [0] The locally installed version is 15.1.2106.2.\r\n"
    "[03.13.2021 08:00:01.0000] [0] Command Line Parameter Name='mode', Value='Upgrade'.";

static void test_setup(void **state)
{
    (void)state;
    for (size_t step = 1; step < 4000; step += 3998) {
        struct test_arena t = test_arena(1 << 20);
        struct setuplog   s;

        read_all(&s, &t.a, setup_log, step);
        CHECK(s.n == 2 && s.strange == 1);
        CHECK(is(s.session[0].start_us, "2020-11-04T17:13:08.007400Z") && is(s.session[0].end_us, "2020-11-04T18:02:11.050Z"));
        CHECK_STR(s.session[0].version, STR("15.1.2106.2"));
        CHECK_STR(s.session[0].mode, STR("Install"));
        CHECK(s.session[0].completed && !s.session[0].local && s.session[0].kind == SETUP_RUN);
        CHECK_STR(s.session[1].before, STR("15.1.2106.2"));
        CHECK(!s.session[1].completed && s.session[1].line == 12);
        CHECK(str_starts(str_from(str_c(setup_log), (size_t)s.session[1].offset), s.session[1].raw));      /* a citation finds its line */
        CHECK(s.has_zone && s.zone_minutes == 60);
        CHECK_STR(s.install_dir, STR("D:\\Exch\\V15"));
        CHECK_STR(s.computer, STR("EXCH01"));
        test_arena_free(&t);
    }
}

static const char services_log[] =
    "[23:50:54] -----------------------------------------------\r\n"
    "[23:50:54] * ServiceControl.ps1: 05/03/2021 23:50:54\r\n"
    "[23:50:54] Performing service control with options:\r\n"
    "[23:50:56] Saving service and registry data\r\n"
    "[00:31:20] * ServiceControl.ps1: 06/03/2021 00:31:20\r\n"
    "[00:31:21] Restoring service state\r\n"
    "[00:41:00] Starting services\r\n"
    "[10:00:00] * ServiceControl.ps1: 13/04/2021 10:00:00\r\n";

static void test_services(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct setuplog   s;

    (void)state;
    read_all(&s, &t.a, services_log, 7);
    CHECK(s.n == 3 && s.session[0].kind == SETUP_SERVICES && s.session[0].local);
    CHECK(s.session[0].before_patch && !s.session[0].after_patch && s.session[1].after_patch);
    /* 13/04 says day first, so 05/03 is the fifth of March. */
    CHECK(is(s.session[0].start_us, "2021-03-05T23:50:54Z") && !s.session[0].unsure);
    CHECK(is(s.session[1].end_us, "2021-03-06T00:41:00Z"));
    read_all(&s, &t.a, "[01:02:03] * ServiceControl.ps1: 03/04/2021 01:02:03\n", 1000);
    CHECK(s.n == 1 && s.session[0].unsure && is(s.session[0].start_us, "2021-03-04T01:02:03Z"));
    test_arena_free(&t);
}

struct culture { const char *in, *want; bool alt; };
static const struct culture cultures[] = {
    { "3/8/2021 9:15:02 AM", "2021-03-08T09:15:02Z", false }, { "3/8/2021 9:15:02 PM", "2021-03-08T21:15:02Z", false },
    { "21/11/2022 00:50:54", "2022-11-21T00:50:54Z", false }, { "08.03.2021 09:15:02", "2021-03-08T09:15:02Z", true },
    { "2021-03-08 09:15:02", "2021-03-08T09:15:02Z", false }, { "03-08-2021 09:15:02.1234", "2021-03-08T09:15:02.123400Z", true },
    { "8. 3. 2021 9:15:02", "2021-03-08T09:15:02Z", true },   { "12/12/2021 12:00:00 AM", "2021-12-12T00:00:00Z", false },
    { "31/31/2021 1:00:00", NULL, false }, { "no date", NULL, false }, { "3/8/2021", NULL, false }, { "3/8/2021 25:00:00", NULL, false },
    { "3/8/2021 13:00:00 PM", NULL, false }, { "", NULL, false },
};

static void test_cultures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cultures); i++) {
        int64_t    at, alt = TIME_NONE;
        struct str in = test_heap(cultures[i].in, strlen(cultures[i].in));
        bool       ok = setuplog_culture_time(in, &at, &alt);
        CHECK_WHY(ok == (cultures[i].want != NULL), cultures[i].in);
        if (ok)
            CHECK_WHY(is(at, cultures[i].want) && (alt != TIME_NONE) == cultures[i].alt, cultures[i].in);
        test_free(in);
    }
}

static bool sweep(struct arena *a, struct err *e)
{
    struct setuplog s;
    setuplog_open(&s, a);
    return setuplog_push(&s, str_c(setup_log), e) && setuplog_push(&s, str_c(services_log), e) && setuplog_done(&s, e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_setup), cmocka_unit_test(test_services), cmocka_unit_test(test_cultures), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
