#include "test.h"

#include "base/num.h"
#include "formats/mplog.h"

static const char *const lines[] = {
    "2021-03-12T04:31:20.120Z ProcessImageName: w3wp.exe, Pid: 7836, TotalTime: 6070, Count: 24, MaxTime: 828, MaxTimeFile: \\Device\\HarddiskVolume1\\x.aspx, EstimatedImpact: 100%",
    "2021-03-12T04:31:21.000Z DETECTION_ADD#2 Backdoor:ASP/Chopper.F!dha file:C:\\inetpub\\wwwroot\\aspnet_client\\x y.aspx PropBag [length: 0, data: (null)]",
    "2021-03-12T04:31:21.500Z DETECTIONEVENT MPSOURCE_REALTIME Backdoor:ASP/Chopper.F!dha file:C:\\inetpub\\wwwroot\\aspnet_client\\x y.aspx;process:pid:17;",
    "2021-03-12T04:32:00.000Z DETECTION_CLEANEVENT MPSOURCE_REALTIME MP_THREAT_ACTION_QUARANTINE 0x00000000 Backdoor:ASP/Chopper.F!dha file:C:\\inetpub\\wwwroot\\aspnet_client\\x y.aspx;",
    "2021-03-12T04:32:01.000Z DETECTION_CLEANEVENT MPSOURCE_REALTIME MP_THREAT_ACTION_QUARANTINE 0x80508033 HackTool:MSIL/Mimikatz!MSR file:C:\\x.exe;file:\\\\?\\D:\\y.exe->(UTF-8);",
    "2021-03-12T04:33:00.000Z Engine:command line reported as lowfi: C:\\Windows\\System32\\reg.exe(reg add HKLM\\x /f (1))",
    "Begin Resource Scan", "Start Time:12-15-2022 11:24:33", "Resource Path:C:\\before.exe", "Threat Name:Trojan:Win32/Wacatac.B!ml", "Resource Path:C:\\after.exe", "End Scan",
    "Resource Path:C:\\outside.exe",
    ("2021-03-12T04:33:30.000Z SDN:Issuing SDN query for \\Device\\HarddiskVolume4\\inetpub\\wwwroot\\file.asp (\\Device\\HarddiskVolume4\\inetpub\\wwwroot\\file.asp) "
        "(sha1=0123456789012345678901234567890123456789, sha2=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff)"),
    "2021-03-12T04:33:31.000Z SDN:Issuing SDN query for C:\\x.exe (C:\\x.exe) (sha1=0, sha2=0)",
    "2021-03-12T04:33:40.000Z DETECTION Backdoor:ASP/Webshell!MSR file:C:\\inetpub\\wwwroot\\m.asp PidTid: 5208",
    "2021-03-12T04:33:50.000Z DETECTION_CLEANEVENT MPSOURCE_REALTIME MP_THREAT_ACTION_QUARANTINE 0 Backdoor:ASP/Webshell!MSR file:C:\\inetpub\\wwwroot\\m.asp;",
    "2021-03-12T04:34:00.000Z DETECTION_ADD Behavior:Win32/Powerwarp.A behavior:pid:123:456",
};

static bool feed(struct mplog *m, struct arena *a, struct err *e)
{
    mplog_open(m, a);
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!mplog_line(m, str_c(lines[i]), i + 1, e))
            return false;
    return true;
}

static void test_log(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct mplog      m;
    struct err        e = { 0 };
    int64_t           us;

    (void)state;
    CHECK(feed(&m, &t.a, &e) && m.n == 7 && m.command_n == 1 && m.more == 0);
    CHECK_STR(m.item[0].threat, STR("Backdoor:ASP/Chopper.F!dha"));
    CHECK_STR(m.item[0].path, STR("C:\\inetpub\\wwwroot\\aspnet_client\\x y.aspx"));
    CHECK(m.item[0].count == 3 && m.item[0].removed && m.item[0].line == 2);
    CHECK(time_parse(STR("2021-03-12T04:31:21Z"), &us) && m.item[0].first_us == us);
    CHECK(time_parse(STR("2021-03-12T04:32:00Z"), &us) && m.item[0].removed_us == us);
    CHECK_STR(m.item[1].path, STR("C:\\x.exe"));
    CHECK_STR(m.item[2].path, STR("D:\\y.exe"));
    CHECK(!m.item[1].removed);
    CHECK_STR(m.item[3].path, STR("C:\\after.exe"));
    CHECK(m.item[4].asked && m.item[4].threat.n == 0 && m.item[4].sha256[1] == 0x11 && m.item[4].sha256[31] == 0xff && !m.item[0].asked);
    CHECK_STR(m.item[4].path, STR("?:\\inetpub\\wwwroot\\file.asp"));
    CHECK_STR(m.item[5].path, STR("C:\\inetpub\\wwwroot\\m.asp"));
    CHECK(m.item[5].removed && m.item[5].count == 2);
    CHECK_STR(m.item[6].threat, STR("Behavior:Win32/Powerwarp.A"));
    CHECK(m.item[6].path.n == 0);
    CHECK_STR(m.command[0].image, STR("C:\\Windows\\System32\\reg.exe"));
    CHECK_STR(m.command[0].line, STR("reg add HKLM\\x /f (1)"));
    CHECK(!m.command[0].threat && time_parse(STR("2021-03-12T04:31:20.12Z"), &us) && m.oldest_us == us);
    test_arena_free(&t);
}

static void test_names(void **state)
{
    static const struct { const char *s; bool is; } cases[] = {
        { "Backdoor:ASP/Chopper.F!dha", true }, { "HackTool:MSIL/Mimikatz!MSR", true }, { "file:C:/x", false }, { "C:\\x", false }, { "", false }, { "Ab:c/", false },
        { "Backdoor:ASP", false }, { "backdoor:ASP/x", false }, { "Trojan:Win32/a b", false }, { "http://x/y", false }, { "Trojan:Win32/x\\y", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_WHY(mplog_is_threat(str_c(cases[i].s)) == cases[i].is, cases[i].s);
    CHECK(mplog_path(STR("x")).n == 0 && mplog_path(STR("")).n == 0);
    CHECK_STR(mplog_path(STR("_C:\\a")), STR("C:\\a"));
}

static void test_many(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    struct mplog      m;
    struct err        e = { 0 };
    char              text[200];

    (void)state;
    mplog_open(&m, &t.a);
    for (int i = 0; i < MPLOG_ITEMS_MAX + 10; i++) {
        snprintf(text, sizeof text, "2021-03-12T04:31:21.000Z DETECTION_ADD Trojan:Win32/X file:C:\\%d;", i);
        CHECK(mplog_line(&m, str_c(text), 1, &e));
    }
    CHECK(m.n == MPLOG_ITEMS_MAX && m.more == 10);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct mplog m;
    return feed(&m, a, e);
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_log), cmocka_unit_test(test_names), cmocka_unit_test(test_many), cmocka_unit_test(test_fault) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
