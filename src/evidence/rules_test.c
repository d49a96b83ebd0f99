#include "test.h"

#include "base/num.h"
#include "evidence/inner.h"

static void test_rules(void **state)
{
    static const struct { const char *dir, *name; enum ev_need need; enum family family; const char *why; } cases[] = {
        { "D:\\x\\Logging\\HttpProxy\\Ews", "HttpProxy_1.LOG", EV_KEEP, FAM_HTTPPROXY, "a protocol folder is not its own family" },
        { "D:\\x\\Logging\\HttpProxy\\Ews", "HttpProxy_1.LOG.gz", EV_KEEP, FAM_HTTPPROXY, "compressed" },
        { "D:\\x\\Logging\\HttpProxy\\Ews", "HttpProxy_1.LOG.tmp", EV_DROP, FAM_NONE, "not a log" },
        { "E:\\moved", "HttpProxy_2021030300-1.LOG", EV_KEEP, FAM_HTTPPROXY, "by name in any folder" },
        { "E:\\moved\\ECP\\server", "x.log", EV_KEEP, FAM_ECP_SERVER, "folders without case" },
        { "C:\\inetpub\\logs\\LogFiles\\W3SVC12", "u_ex.log", EV_KEEP, FAM_IIS_FRONT, "front until the sites are known" },
        { "C:\\inetpub\\logs\\FailedReqLogFiles\\W3SVC1", "fr000001.xml", EV_DROP, FAM_NONE, "traces of failed requests" },
        { "C:\\inetpub\\logs\\W3SVCold", "x.log", EV_SNIFF, FAM_NONE, "no site id" },
        { "E:\\backup", "u_ex210303.log", EV_KEEP, FAM_IIS_FRONT, "an IIS name" },
        { "E:\\backup", "notes.txt", EV_SNIFF, FAM_NONE, "its bytes decide" },
        { "C:\\Windows\\System32", "setup.log", EV_DROP, FAM_NONE, "not sniffed below Windows" },
        { "D:\\Exch\\V15\\Logging\\OWA", "x.LOG", EV_DROP, FAM_NONE, "Exchange's own logs need no sniffing" },
        { "?:\\case", "x.log", EV_SNIFF, FAM_NONE, "loose" },
        { "C:\\Windows\\System32\\config", "SYSTEM", EV_KEEP, FAM_REGISTRY, "a hive" },
        { "C:\\Windows\\System32\\config", "SYSTEM.LOG1", EV_KEEP, FAM_REGISTRY, "its log" },
        { "C:\\Games", "SYSTEM", EV_DROP, FAM_NONE, "only a name" },
        { "C:\\Users\\bob", "ntuser.DAT", EV_KEEP, FAM_REGISTRY, "a profile" },
        { "C:\\Windows\\System32\\winevt\\Logs", "Microsoft-Windows-PowerShell%4Operational.evtx", EV_KEEP, FAM_EVTX_POWERSHELL, "channel" },
        { "C:\\$Extend", "$UsnJrnl$J", EV_KEEP, FAM_USN, "as collectors name it" },
        { "C:\\inetpub\\wwwroot\\aspnet_client\\system_web", "anything", EV_KEEP, FAM_WEB_ROOTS, "any file at all" },
        { "D:\\x\\FrontEnd\\HttpProxy\\owa\\auth\\15.1.2106\\themes", "x.gif", EV_KEEP, FAM_NONE, "staged in a theme" },
        { "D:\\x\\FrontEnd\\HttpProxy\\owa\\auth", "x.ASPX", EV_KEEP, FAM_WEB_ROOTS, "a page" },
        { "D:\\shop", "x.ashx", EV_IF_SERVED, FAM_WEB_ROOTS, "a page somewhere" },
        { "D:\\shop", "x.config", EV_IF_SERVED, FAM_NONE, "some configuration" },
        { "D:\\shop", "web.config", EV_IF_SERVED, FAM_WEB_ROOTS, "configuration that IIS reads" },
        { "?:\\pages", "x.ashx", EV_KEEP, FAM_WEB_ROOTS, "a page that somebody collected" },
        { "?:\\pages", "x.dll", EV_IF_SERVED, FAM_NONE, "a library that somebody collected" },
        { "C:\\ProgramData", "it.zip", EV_KEEP, FAM_NONE, "staging" },
        { "C:\\Users\\Public\\Opera", "x", EV_KEEP, FAM_NONE, "everything below Public" },
        { "C:", "x.exe", EV_KEEP, FAM_NONE, "the root of a drive" },
        { "C:", "pagefile.sys", EV_DROP, FAM_NONE, "but not the page file" },
        { "C:\\Users\\bob\\Desktop", "ReadMe.txt", EV_KEEP, FAM_NONE, "a ransom note" },
        { "C:\\a\\b", "decrypt_file.TxT", EV_KEEP, FAM_NONE, "another" },
        { "C:\\Windows\\System32\\Tasks\\Microsoft", "Winnet", EV_KEEP, FAM_TASKS, "a task has no extension" },
        { "C:\\Windows\\System32\\inetsrv\\backup\\x", "applicationHost.config", EV_KEEP, FAM_IIS_CONFIG, "backup" },
        { "D:\\x\\TransportRoles\\Shared", "fe.agents.config", EV_KEEP, FAM_TRANSPORT_AGENTS, "front-end agents" },
        { "C:\\Users\\bob\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine", "ConsoleHost_history.txt", EV_KEEP, FAM_POWERSHELL, "what was typed" },
        { "E:\\handed-in", "consolehost_history.txt", EV_KEEP, FAM_POWERSHELL, "wherever it lies" },
        { "C:\\Windows\\System32\\WindowsPowerShell\\v1.0", "profile.ps1", EV_KEEP, FAM_POWERSHELL, "for all users" },
        { "C:\\Windows\\System32\\wbem\\Repository", "OBJECTS.DATA", EV_KEEP, FAM_WMI, "subscriptions" },
        { "C:\\Windows\\System32\\wbem\\Repository", "INDEX.BTR", EV_DROP, FAM_NONE, "its index is not needed" },
        { "C:\\ProgramData\\Microsoft\\Network\\Downloader", "qmgr0.dat", EV_KEEP, FAM_BITS, "transfer jobs" },
        { "C:\\Windows\\Prefetch", "CMD.EXE-4A81B364.pf", EV_KEEP, FAM_PREFETCH, "programs that ran" },
        { "C:\\ProgramData\\Microsoft\\Windows Defender\\Support", "MPLog-20210312-101010.log", EV_KEEP, FAM_AV_LOGS, "months of history" },
        { "C:\\ProgramData\\Microsoft\\Windows Defender\\Scans\\History\\Service\\DetectionHistory\\03", "9A3F", EV_KEEP, FAM_AV_LOGS, "a detection" },
        { "C:\\Windows\\System32\\drivers\\etc", "hosts", EV_KEEP, FAM_NONE, "names by hand" },
        { "C:\\Windows\\System32\\drivers\\etc", "services", EV_DROP, FAM_NONE, "but not the rest" },
        { "C:\\tools\\net", "frpc.toml", EV_KEEP, FAM_NONE, "a tunnel's settings" },
        { "C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp", "x.lnk", EV_KEEP, FAM_NONE, "runs at each logon" },
        { "C:\\Users\\adm\\AppData\\Local\\Temp\\msert", "EOMT.log", EV_KEEP, FAM_AV_LOGS, "in any folder" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t    = test_arena(4096);
        struct str        dir  = str_c(cases[i].dir);
        uint64_t          mask = ev_rules_of_dir(dir, t.a);
        struct ev_fit     fit  = ev_rules_fit(mask, dir, str_c(cases[i].name), 1, t.a);
        if (fit.need != cases[i].need || fit.family != cases[i].family)
            fail_msg("%s: need %d, family %d", cases[i].why, (int)fit.need, (int)fit.family);
        test_arena_free(&t);
    }
    /* An empty file has nothing to sniff; without memory nothing is promised and nothing breaks. */
    struct test_arena t = test_arena(4096);
    struct arena      none = { 0 };
    CHECK(ev_rules_fit(ev_rules_of_dir(STR("E:\\x"), t.a), STR("E:\\x"), STR("a.log"), 0, t.a).need == EV_DROP);
    CHECK(ev_rules_of_dir(STR("E:\\x"), none) == 0);
    CHECK(ev_rules_fit(UINT64_MAX, STR("E:\\x"), STR("a.log"), 1, none).need == EV_DROP);
    test_arena_free(&t);
}

static void test_site(void **state)
{
    (void)state;
    CHECK(ev_site_of_log(STR("C:\\LogFiles\\W3SVC2\\u_ex.log")) == 2);
    CHECK(ev_site_of_log(STR("C:\\LogFiles\\w3svc17")) == 17);
    CHECK(ev_site_of_log(STR("C:\\W3SVC\\W3SVC3\\x")) == 3);
    CHECK(ev_site_of_log(STR("C:\\W3SVC1x\\x")) == 0);
    CHECK(ev_site_of_log(STR("C:\\W3SVC99999999999\\x")) == 0);
    CHECK(ev_site_of_log(STR("C:\\logs\\x")) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rules), cmocka_unit_test(test_site) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
