#include "test.h"

#include "base/num.h"
#include "base/winpath.h"
#include "evidence/ev.h"
#include "os/mem.h"

#define TEXT(array) ((struct str){ (const uint8_t *)(array), sizeof(array) - 1 })

struct bench {
    struct test_arena disk, keep;
    struct os_mem    *m;
    struct ev         v;
    struct err        e;
};

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    b->disk = test_arena(64 << 20);
    b->keep = test_arena(64 << 20);
    b->m    = os_mem_open(&b->disk.a, INT64_C(1614758400000000));
    *state  = b;
    return b->m ? 0 : -1;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    ev_close(&b->v);
    assert_int_equal(b->m->open_now, 0);
    test_arena_free(&b->disk);
    test_arena_free(&b->keep);
    free(b);
    return 0;
}

static void add(struct bench *b, const char *path) { CHECK(os_mem_add(b->m, path, STR("x")) != NULL); }

static bool open_paths(struct bench *b, const char *one, const char *two)
{
    struct str p[2] = { str_c(one), str_c(two) };
    b->e = (struct err){ 0 };
    return ev_open(&b->v, &b->m->os, &b->keep.a, p, two ? 2 : 1, &b->e);
}

static const struct ev_node *find(struct bench *b, const char *path) { return ev_find(&b->v, str_c(path)); }

static enum family family(struct bench *b, const char *path)
{
    const struct ev_node *n = find(b, path);
    return n ? n->family : FAM_COUNT;
}

static bool refused(const struct bench *b, const char *path, const char *what)
{
    for (size_t i = 0; i < b->v.refused_n; i++)
        if (str_eq(b->v.refused[i].path, str_c(path)) && str_has(b->v.refused[i].what, str_c(what)))
            return true;
    return false;
}

static const char config[] =
    "<configuration><system.applicationHost><sites>"
    "<site name=\"Default Web Site\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"%SystemDrive%\\inetpub\\wwwroot\" /></application>"
    "<application path=\"/owa\"><virtualDirectory path=\"/\" physicalPath=\"D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\" /></application>"
    "<application path=\"/shop\"><virtualDirectory path=\"/\" physicalPath=\"E:\\shop\" /></application>"
    "<bindings><binding protocol=\"http\" bindingInformation=\"*:80:\" /></bindings></site>"
    "<site name=\"Exchange Back End\" id=\"7\"><application path=\"/ecp\"><virtualDirectory path=\"/\" physicalPath=\"D:\\Exch\\V15\\ClientAccess\\ecp\" /></application>"
    "<bindings><binding protocol=\"https\" bindingInformation=\"*:444:\" /></bindings></site>"
    "</sites></system.applicationHost></configuration>";

static void victim(struct bench *b)
{
    static const char *const files[] = {
        "/case/c/inetpub/wwwroot/iisstart.htm", "/case/c/inetpub/wwwroot/aspnet_client/x.aspx", "/case/c/inetpub/wwwroot/web.config",
        "/case/c/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", "/case/c/inetpub/logs/LogFiles/W3SVC7/u_ex210303.log",
        "/case/c/Windows/System32/LogFiles/HTTPERR/httperr1.log", "/case/c/Windows/System32/Tasks/Winnet",
        "/case/c/Windows/System32/config/SOFTWARE", "/case/c/Windows/System32/config/systemprofile/a.txt",
        "/case/c/Windows/System32/winevt/Logs/Security.evtx", "/case/c/Windows/System32/winevt/Logs/MSExchange Management.evtx",
        "/case/c/Windows/System32/kernel32.dll", "/case/c/Windows/debug/msert.log", "/case/c/Windows/Temp/xx.bat", "/case/c/Windows/Temp/a.tmp",
        "/case/c/Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/root/1/2/x.aspx.cdcab7d2.compiled",
        "/case/c/Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/root/1/2/App_Web_abc.dll",
        "/case/c/ProgramData/it.zip", "/case/c/ProgramData/Microsoft/x.txt", "/case/c/Users/Public/1.log", "/case/c/EOMTSummary.txt",
        "/case/c/ExchangeSetupLogs/ServiceControl.log", "/case/c/readme.txt", "/case/c/$MFT",
        "/case/D:/Exch/V15/Bin/ExSetup.exe", "/case/D:/Exch/V15/Bin/other.dll", "/case/D:/Exch/V15/FrontEnd/HttpProxy/owa/auth/logon.aspx",
        "/case/D:/Exch/V15/FrontEnd/HttpProxy/owa/auth/google.log", "/case/D:/Exch/V15/FrontEnd/HttpProxy/owa/web.config",
        "/case/D:/Exch/V15/FrontEnd/HttpProxy/ecp/auth/TimeoutLogout.aspx", "/case/D:/Exch/V15/ClientAccess/ecp/default.aspx",
        "/case/D:/Exch/V15/ClientAccess/ecp/style.css", "/case/D:/Exch/V15/Logging/HttpProxy/Autodiscover/HttpProxy_2021030300-1.LOG",
        "/case/D:/Exch/V15/Logging/ECP/Server/ECPServer20210303-1.LOG", "/case/D:/Exch/V15/Logging/ECP/Activity/ECPActivity_1_20210303-1.LOG",
        "/case/D:/Exch/V15/Logging/OABGeneratorLog/a.log", "/case/D:/Exch/V15/Logging/Ews/Ews_1.LOG", "/case/D:/Exch/V15/Logging/Autodiscover/a.LOG",
        "/case/D:/Exch/V15/Logging/CmdletInfra/Powershell-Proxy/Cmdlet/Rps_Cmdlet_1.LOG", "/case/D:/Exch/V15/TransportRoles/Shared/agents.config",
        "/case/e%3A/shop/page.ashx", "/case/e%3A/shop/page.htm", "/case/e%3A/other/page.ashx", "/case/e%3A/lsass.dmp",
    };
    for (size_t i = 0; i < COUNT_OF(files); i++)
        add(b, files[i]);
    CHECK(os_mem_add(b->m, "/case/c/Windows/System32/inetsrv/config/applicationHost.config", TEXT(config)));
}

static void test_families(void **state)
{
    struct bench *b = *state;
    static const struct { const char *path; enum family want; } cases[] = {
        { "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx", FAM_WEB_ROOTS }, { "C:\\inetpub\\wwwroot\\web.config", FAM_WEB_ROOTS },
        { "C:\\inetpub\\wwwroot\\iisstart.htm", FAM_COUNT },
        { "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log", FAM_IIS_FRONT }, { "C:\\inetpub\\logs\\LogFiles\\W3SVC7\\u_ex210303.log", FAM_IIS_BACK },
        { "C:\\Windows\\System32\\LogFiles\\HTTPERR\\httperr1.log", FAM_HTTPERR }, { "C:\\Windows\\System32\\Tasks\\Winnet", FAM_TASKS },
        { "C:\\Windows\\System32\\config\\SOFTWARE", FAM_REGISTRY }, { "C:\\Windows\\System32\\winevt\\Logs\\Security.evtx", FAM_EVTX_SECURITY },
        { "C:\\Windows\\System32\\winevt\\Logs\\MSExchange Management.evtx", FAM_EVTX_MANAGEMENT }, { "C:\\Windows\\System32\\kernel32.dll", FAM_COUNT },
        { "C:\\Windows\\debug\\msert.log", FAM_AV_LOGS }, { "C:\\EOMTSummary.txt", FAM_AV_LOGS }, { "C:\\Windows\\Temp\\xx.bat", FAM_NONE },
        { "C:\\Windows\\Temp\\a.tmp", FAM_COUNT }, { "C:\\ProgramData\\it.zip", FAM_NONE }, { "C:\\ProgramData\\Microsoft\\x.txt", FAM_COUNT },
        { "C:\\Users\\Public\\1.log", FAM_NONE }, { "C:\\ExchangeSetupLogs\\ServiceControl.log", FAM_SETUP }, { "C:\\readme.txt", FAM_NONE },
        { "C:\\$MFT", FAM_MFT }, { "D:\\Exch\\V15\\Bin\\ExSetup.exe", FAM_NONE }, { "D:\\Exch\\V15\\Bin\\other.dll", FAM_COUNT },
        { "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", FAM_WEB_ROOTS }, { "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\google.log", FAM_NONE },
        { "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\web.config", FAM_WEB_ROOTS }, { "D:\\Exch\\V15\\ClientAccess\\ecp\\default.aspx", FAM_WEB_ROOTS },
        { "D:\\Exch\\V15\\ClientAccess\\ecp\\style.css", FAM_COUNT },
        { "D:\\Exch\\V15\\Logging\\HttpProxy\\Autodiscover\\HttpProxy_2021030300-1.LOG", FAM_HTTPPROXY },
        { "D:\\Exch\\V15\\Logging\\ECP\\Server\\ECPServer20210303-1.LOG", FAM_ECP_SERVER },
        { "D:\\Exch\\V15\\Logging\\ECP\\Activity\\ECPActivity_1_20210303-1.LOG", FAM_ECP_ACTIVITY },
        { "D:\\Exch\\V15\\Logging\\OABGeneratorLog\\a.log", FAM_OAB_GENERATOR }, { "D:\\Exch\\V15\\Logging\\Ews\\Ews_1.LOG", FAM_EWS },
        { "D:\\Exch\\V15\\Logging\\Autodiscover\\a.LOG", FAM_AUTODISCOVER },
        { "D:\\Exch\\V15\\Logging\\CmdletInfra\\Powershell-Proxy\\Cmdlet\\Rps_Cmdlet_1.LOG", FAM_CMDLET },
        { "D:\\Exch\\V15\\TransportRoles\\Shared\\agents.config", FAM_TRANSPORT_AGENTS },
        { "C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config", FAM_IIS_CONFIG },
        { "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\1\\2\\x.aspx.cdcab7d2.compiled", FAM_TEMP_ASPNET },
        { "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\1\\2\\App_Web_abc.dll", FAM_TEMP_ASPNET },
        { "E:\\shop\\page.ashx", FAM_WEB_ROOTS }, { "E:\\shop\\page.htm", FAM_COUNT }, { "E:\\other\\page.ashx", FAM_NONE }, { "E:\\lsass.dmp", FAM_NONE },
    };

    victim(b);
    CHECK(open_paths(b, "/case", NULL));
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (family(b, cases[i].path) != cases[i].want)
            fail_msg("%s: %d, want %d", cases[i].path, (int)family(b, cases[i].path), (int)cases[i].want);
    CHECK(ev_recognised(&b->v));
    CHECK(b->v.refused_n == 0);
    CHECK(b->v.system_drive == 'C');
    for (size_t i = 0; i < b->v.node_n; i++) {
        CHECK(b->v.node[i].id == i && b->v.node[i].source == 0);
        CHECK(i == 0 || str_icmp(b->v.node[i - 1].path, b->v.node[i].path) < 0);
    }
}

static void test_roots(void **state)
{
    struct bench *b = *state;
    struct str    s;

    victim(b);
    CHECK(open_paths(b, "/case/", NULL));
    CHECK(b->v.install_n == 1);
    CHECK_STR(b->v.install[0].path, STR("D:\\Exch\\V15"));
    CHECK(b->v.install[0].found && b->v.install[0].named_by != UINT32_MAX);
    CHECK_STR(b->v.node[b->v.install[0].named_by].path, STR("C:\\Windows\\System32\\inetsrv\\config\\applicationHost.config"));
    CHECK(b->v.back_site_n == 1 && b->v.back_site[0] == 7);

    static const struct { const char *path, *url; } urls[] = {
        { "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx", "/aspnet_client/x.aspx" }, { "c:\\INETPUB\\wwwroot\\A\\B.aspx", "/a/b.aspx" },
        { "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx", "/owa/auth/logon.aspx" },
        { "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\ecp\\auth\\TimeoutLogout.aspx", "/ecp/auth/timeoutlogout.aspx" },
        { "D:\\Exch\\V15\\ClientAccess\\ecp\\default.aspx", "/ecp/default.aspx" }, { "E:\\shop\\page.ashx", "/shop/page.ashx" },
        { "E:\\shop", "/shop" }, { "E:\\other\\page.ashx", NULL }, { "C:\\inetpub\\wwwroot", "/" },
    };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        bool ok = ev_url_of(&b->v, &b->keep.a, str_c(urls[i].path), &s);
        CHECK_WHY(ok == (urls[i].url != NULL), urls[i].path);
        if (ok)
            CHECK_STR(s, str_c(urls[i].url));
    }
    static const struct { const char *url, *path; } paths[] = {
        { "/aspnet_client/X.aspx", "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx" }, { "/owa/auth/gone.aspx", "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\gone.aspx" },
        { "/ecp/auth/timeoutlogout.aspx", "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\ecp\\auth\\TimeoutLogout.aspx" },
        { "/shop", "E:\\shop" }, { "/owax/y.aspx", "C:\\inetpub\\wwwroot\\owax\\y.aspx" },
    };
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        CHECK_WHY(ev_path_of(&b->v, &b->keep.a, str_c(paths[i].url), &s), paths[i].url);
        CHECK_STR(s, str_c(paths[i].path));
    }
    CHECK(ev_has_dir(&b->v, STR("c:\\INETPUB\\wwwroot\\aspnet_client\\")));
    CHECK(ev_has_dir(&b->v, STR("C:\\")));
    CHECK(!ev_has_dir(&b->v, STR("C:\\inetpub\\wwwroot\\gone")));
    CHECK(!ev_has_dir(&b->v, STR("C:\\readme.txt")));
}

/* Pages anywhere in Exchange's own folders; those of other programs belong to their vendors. */
static void test_product_pages(void **state)
{
    struct bench *b = *state;

    add(b, "/c/Program Files/Microsoft/Exchange Server/V15/ClientAccess/Owa/web.config");
    add(b, "/c/Program Files/Microsoft/Exchange Server/V15/TransportRoles/data/x.aspx");
    add(b, "/c/Program Files/Other/y.aspx");
    CHECK(open_paths(b, "/c", NULL));
    CHECK(find(b, "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\data\\x.aspx"));
    CHECK(!find(b, "C:\\Program Files\\Other\\y.aspx"));
}

static void test_odd_spellings(void **state)
{
    struct bench *b = *state;

    add(b, "/c/Program Files/a/lsass.dmp");
    add(b, "/c/Program Files (x86)/b/lsass2.dmp");
    add(b, "/c/ProgramData/VSPerfMon/x.exe");
    add(b, "/c/inetpub/wwwroot/aspnet_client/long name.aspx");
    add(b, "/c/inetpub/wwwroot/aspnet_client/COM1.aspx");
    add(b, "/c/inetpub/wwwroot/aspnet_client/dot.aspx.");
    add(b, "/c/inetpub/wwwroot/aspnet_client/A.aspx");
    add(b, "/c/inetpub/wwwroot/aspnet_client/a.aspx");
    CHECK(os_mem_kind(b->m, STR("/c/inetpub/wwwroot/aspnet_client/b\xff.aspx"), OS_FILE));
    CHECK(open_paths(b, "/c", NULL));
    CHECK(find(b, "C:\\PROGRA~1\\A\\LSASS.DMP"));
    CHECK(find(b, "C:\\PROGRA~2\\b\\lsass2.dmp"));
    CHECK(find(b, "C:\\PROGRA~1\\b\\lsass2.dmp"));          /* the number is a guess, the rest decides */
    CHECK(!find(b, "C:\\PROGRA~1\\c\\lsass2.dmp"));
    CHECK(find(b, "C:\\inetpub\\wwwroot\\ASPNET~1\\LONGNA~1.ASP"));
    CHECK(find(b, "\\\\?\\C:\\inetpub\\wwwroot\\aspnet_client\\com1.aspx"));
    CHECK(find(b, "\\\\.\\c:/inetpub/wwwroot/aspnet_client/dot.aspx."));
    CHECK(find(b, "C:\\Users\\All Users\\VSPerfMon\\x.exe"));
    CHECK(find(b, "%ProgramData%\\VSPerfMon\\x.exe"));
    CHECK(find(b, "C:\\inetpub\\wwwroot\\aspnet_client\\b\xff.aspx"));
    CHECK(ev_has_dir(&b->v, STR("C:\\PROGRA~1\\a")));
    CHECK(find(b, "C:\\inetpub\\wwwroot\\aspnet_client\\A.ASPX"));
    size_t both = 0;
    for (size_t i = 0; i < b->v.node_n; i++)
        both += str_ieq(winpath_name(b->v.node[i].path), STR("a.aspx"));
    CHECK(both == 2);
}

static void test_drive_by_name_or_shape(void **state)
{
    static const struct { const char *file, *given, *want, *why; } cases[] = {
        { "/mnt/Windows/Temp/x.bat", "/mnt", "C:\\Windows\\Temp\\x.bat", "a root with Windows is C" },
        { "/E/Windows/Temp/x.bat", "/E", "E:\\Windows\\Temp\\x.bat", "unless its name is a letter" },
        { "/case/F/Exch/V15/Bin/ExSetup.exe", "/case", "F:\\Exch\\V15\\Bin\\ExSetup.exe", "a folder named like a drive" },
        { "/case/HOST/C$/PerfLogs/x.exe", "/case", "C:\\PerfLogs\\x.exe", "an administrative share, one deeper" },
        { "/case/img/inetpub/wwwroot/x.aspx", "/case", "C:\\inetpub\\wwwroot\\x.aspx", "by what it holds, deeper" },
        { "/case/D/Exch/V15/Bin/ExSetup.exe", "/case/D", "D:\\Exch\\V15\\Bin\\ExSetup.exe", "a drive given by itself" },
        { "/x/Exch/V15/Bin/ExSetup.exe", "/x", "?:\\x\\Exch\\V15\\Bin\\ExSetup.exe", "a small letter is any folder" },
        { "/LogFiles/W3SVC2/u_ex1.log", "/LogFiles", "?:\\LogFiles\\W3SVC2\\u_ex1.log", "a loose folder" },
        { "/x/aspnet_client/x.aspx", "/x/aspnet_client", "?:\\aspnet_client\\x.aspx", "a loose web folder" },
        { "/x/shell.aspx", "/x/shell.aspx", "?:\\shell.aspx", "one file" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *s;
        assert_int_equal(setup(&s), 0);
        struct bench *b = s;
        add(b, cases[i].file);
        CHECK_WHY(open_paths(b, cases[i].given, NULL), cases[i].why);
        CHECK_WHY(b->v.node_n == 1, cases[i].why);
        CHECK_STR(b->v.node[0].path, str_c(cases[i].want));
        CHECK_WHY(b->v.node[0].below.n && !b->v.refused_n, cases[i].why);
        teardown(&s);
    }
}

static void test_loose(void **state)
{
    struct bench *b = *state;
    struct str    s;

    add(b, "/x/aspnet_client/x.aspx");
    add(b, "/x/LogFiles/W3SVC2/u_ex1.log");
    CHECK(open_paths(b, "/x", NULL));
    CHECK(family(b, "?:\\x\\LogFiles\\W3SVC2\\u_ex1.log") == FAM_IIS_BACK);
    CHECK(ev_url_of(&b->v, &b->keep.a, STR("?:\\x\\aspnet_client\\x.aspx"), &s));
    CHECK_STR(s, STR("/aspnet_client/x.aspx"));
    CHECK(ev_path_of(&b->v, &b->keep.a, STR("/aspnet_client/x.aspx"), &s));
    CHECK_STR(s, STR("?:\\x\\aspnet_client\\x.aspx"));
    CHECK(ev_path_of(&b->v, &b->keep.a, STR("/y.aspx"), &s));      /* the site root that every IIS has, not collected */
    CHECK_STR(s, STR("C:\\inetpub\\wwwroot\\y.aspx"));
    CHECK(!ev_path_of(&b->v, &b->keep.a, STR("/owa/auth/y.aspx"), &s) || str_starts(s, STR("C:\\inetpub\\wwwroot")));
}

static const char w3c[] = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem s-port sc-status\r\n2021-03-03 06:59:20 10.0.0.1 GET /ecp/ 444 200\r\n";

static void test_sniff(void **state)
{
    struct bench *b = *state;

    CHECK(os_mem_add(b->m, "/x/renamed.txt", TEXT(w3c)));
    CHECK(os_mem_add(b->m, "/x/u_ex210303.log", STR("#Fields: date s-port\n2021-03-03 443\n")));
    CHECK(os_mem_add(b->m, "/x/notes.txt", STR("nothing of interest")));
    CHECK(os_mem_add(b->m, "/x/utf16.log", STR("\xff\xfe#\0n\0")));
    uint8_t wide[2 * sizeof w3c];
    wide[0] = 0xff, wide[1] = 0xfe;
    for (size_t i = 0; i < sizeof w3c - 1; i++)
        wide[2 + 2 * i] = (uint8_t)w3c[i], wide[3 + 2 * i] = 0;
    CHECK(os_mem_add(b->m, "/x/wide.log", (struct str){ wide, sizeof wide }));
    struct os_mem_node *n = os_mem_add(b->m, "/x/closed.log", STR("#"));
    n->unreadable = true;
    CHECK(open_paths(b, "/x", NULL));
    CHECK(family(b, "?:\\x\\renamed.txt") == FAM_IIS_BACK);
    CHECK(family(b, "?:\\x\\wide.log") == FAM_IIS_BACK);
    CHECK(family(b, "?:\\x\\u_ex210303.log") == FAM_IIS_FRONT);
    CHECK(family(b, "?:\\x\\notes.txt") == FAM_COUNT);
    CHECK(refused(b, "?:\\x\\closed.log", "unreadable"));
    CHECK(b->v.seen_n == 6);
}

static void test_links(void **state)
{
    struct bench *b = *state;

    add(b, "/mnt/Windows/Temp/x.bat");
    add(b, "/mnt/real/lsass.dmp");
    os_mem_kind(b->m, STR("/mnt/Documents and Settings"), OS_LINK)->body = STR("/mnt/Users");
    os_mem_kind(b->m, STR("/mnt/Windows/up"), OS_LINK)->body = STR("../real");
    os_mem_kind(b->m, STR("/mnt/native"), OS_LINK)->body = STR("/mnt/real");
    os_mem_kind(b->m, STR("/mnt/win"), OS_LINK)->body = STR("\\??\\C:\\real");
    os_mem_kind(b->m, STR("/mnt/out"), OS_LINK)->body = STR("/etc");
    os_mem_kind(b->m, STR("/mnt/loop"), OS_LINK)->body = STR("loop");
    os_mem_kind(b->m, STR("/mnt/pipe"), OS_OTHER);
    CHECK(open_paths(b, "/mnt", NULL));
    CHECK(find(b, "C:\\Windows\\up\\lsass.dmp"));
    CHECK(find(b, "C:\\native\\lsass.dmp"));
    CHECK(find(b, "C:\\win\\lsass.dmp"));
    CHECK(ev_has_dir(&b->v, STR("C:\\win")));
    CHECK(!find(b, "C:\\loop\\lsass.dmp"));
    CHECK(refused(b, "C:\\out", "link: not followed") && refused(b, "C:\\loop", "link: not followed"));
    CHECK(refused(b, "C:\\pipe", "not a plain file"));
    CHECK(b->v.refused_n == 3);
}

static void test_each_file_once(void **state)
{
    static const struct { const char *one, *two; size_t nodes; const char *want; } cases[] = {
        { "/mnt", "/mnt", 2, "C:\\inetpub\\wwwroot\\x.aspx" }, { "/mnt/inetpub", "/mnt", 2, "C:\\inetpub\\wwwroot\\x.aspx" },
        { "/mnt/inetpub/wwwroot/x.aspx", "/mnt", 2, "C:\\inetpub\\wwwroot\\x.aspx" },
        { "/mnt/inetpub/wwwroot/x.aspx", "/mnt/inetpub/wwwroot/x.aspx", 1, "?:\\x.aspx" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        void *s;
        assert_int_equal(setup(&s), 0);
        struct bench *b = s;
        add(b, "/mnt/inetpub/wwwroot/x.aspx");
        add(b, "/mnt/inetpub/wwwroot/aspnet_client/y.aspx");
        CHECK(open_paths(b, cases[i].one, cases[i].two));
        CHECK(b->v.node_n == cases[i].nodes && b->v.source_n == 2);
        CHECK(find(b, cases[i].want));
        teardown(&s);
    }
}

static void test_reading(void **state)
{
    struct bench *b = *state;
    struct str    s;
    uint8_t       buf[4];
    size_t        got;

    CHECK(os_mem_add(b->m, "/mnt/inetpub/wwwroot/x.aspx", STR("abc")));
    CHECK(os_mem_add(b->m, "/mnt/inetpub/wwwroot/empty.aspx", STR("")));
    CHECK(open_paths(b, "/mnt", NULL));
    struct ev_node *n = &b->v.node[find(b, "C:\\inetpub\\wwwroot\\x.aspx")->id];
    CHECK(ev_read(&b->v, n, 1, buf, 4, &got, &b->e) && got == 2 && buf[0] == 'b');
    CHECK(!ev_slurp(&b->v, n, 2, &b->keep.a, &s, &b->e) && b->e.kind == ERR_LIMIT);
    CHECK(ev_slurp(&b->v, n, 3, &b->keep.a, &s, &b->e));
    CHECK_STR(s, STR("abc"));
    char hex[65];
    CHECK(n->hashed);
    num_tohex(n->sha256, 32, hex);
    CHECK_STR(str_c(hex), STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    n = &b->v.node[find(b, "C:\\inetpub\\wwwroot\\empty.aspx")->id];
    CHECK(ev_slurp(&b->v, n, 0, &b->keep.a, &s, &b->e) && s.n == 0 && n->hashed);

    n = &b->v.node[find(b, "C:\\inetpub\\wwwroot\\x.aspx")->id];
    memset(n->sha256, 0, 32);
    n->hashed = false;
    struct ev_stream *st;
    CHECK(ev_stream_open(&st, &b->v, n, true, &b->keep.a, &b->e));
    CHECK(ev_stream_fill(st, buf, 3, &got, &b->e) && got == 3 && !n->hashed);
    CHECK(ev_stream_fill(st, buf, 3, &got, &b->e) && got == 0 && n->hashed);
    CHECK(ev_stream_fill(st, buf, 3, &got, &b->e) && got == 0);
    CHECK(ev_stream_close(st) == 3);
    CHECK(ev_stream_close(NULL) == 0);
    os_mem_find(b->m, STR("/mnt/inetpub/wwwroot/x.aspx"))->vanished = true;
    CHECK(!ev_slurp(&b->v, n, 3, &b->keep.a, &s, &b->e));
    CHECK_STR(str_c(b->e.where), STR("C:\\inetpub\\wwwroot\\x.aspx"));
    os_mem_find(b->m, STR("/mnt/inetpub/wwwroot/x.aspx"))->vanished = false;
    os_mem_find(b->m, STR("/mnt/inetpub/wwwroot/x.aspx"))->body = STR("abcd");
    CHECK(!ev_slurp(&b->v, n, 9, &b->keep.a, &s, &b->e) && b->e.kind == ERR_LIMIT);
}

static void test_hostile(void **state)
{
    struct bench *b = *state;
    struct str    deep = STR("/mnt/Windows");

    add(b, "/mnt/Windows/Temp/x.bat");
    CHECK(os_mem_kind(b->m, STR("/mnt/a\\b.aspx"), OS_FILE));
    for (int i = 0; i < 200; i++)
        deep = str_cat(&b->disk.a, deep, STR("/d"));
    CHECK(os_mem_kind(b->m, str_cat(&b->disk.a, deep, STR("/lsass.dmp")), OS_FILE));
    os_mem_dir(b->m, "/mnt/closed")->unreadable = true;
    CHECK(open_paths(b, "/mnt", NULL));
    CHECK(refused(b, "C:\\a\\b.aspx", "unsafe name"));
    CHECK(refused(b, "C:\\closed", "unreadable folder"));
    CHECK(b->v.refused_n == 3);
    CHECK(b->v.node_n == 1);

    struct ev v2;
    CHECK(!ev_open(&v2, &b->m->os, &b->keep.a, &(struct str){ (const uint8_t *)"/gone", 5 }, 1, &b->e) && b->e.kind == ERR_IO && b->e.hint[0]);
    CHECK(!ev_open(&v2, &b->m->os, &b->keep.a, NULL, 0, &b->e) && b->e.kind == ERR_USAGE);
}

static void test_refused_is_bounded(void **state)
{
    struct bench *b = *state;

    add(b, "/mnt/x.txt");
    CHECK(open_paths(b, "/mnt", NULL));
    CHECK(!ev_recognised(&b->v));
    for (size_t i = 0; i < EV_REFUSED_MAX + 5; i++)
        ev_refuse(&b->v, STR("C:\\x"), "y", "z");
    CHECK(b->v.refused_n == EV_REFUSED_MAX && b->v.refused_more == 5);
    CHECK_STR(b->v.refused[EV_REFUSED_MAX - 1].what, STR("y"));
}

/* Every disk call fails once: the evidence stays usable, and says what is missing. */
static void test_disk_faults(void **state)
{
    (void)state;
    for (uint32_t left = 1;; left++) {
        void *s;
        assert_int_equal(setup(&s), 0);
        struct bench *b = s;
        victim(b);
        CHECK(os_mem_add(b->m, "/case/e%3A/odd/renamed.txt", TEXT(w3c)));
        os_mem_kind(b->m, STR("/case/c/out"), OS_LINK)->body = STR("../x");
        b->m->fault = (struct fault){ .left = left };
        bool ok = open_paths(b, "/case", NULL), fired = b->m->fault.fired;
        if (ok && fired)
            CHECK(b->v.refused_n >= 1);
        else if (!ok)
            CHECK(b->e.kind == ERR_IO && b->e.where[0]);
        if (ok && b->v.node_n) {
            struct str body;
            b->m->fault = (struct fault){ 0 };
            CHECK(ev_slurp(&b->v, &b->v.node[0], 1 << 20, &b->keep.a, &body, &b->e));
        }
        teardown(&s);
        if (!fired) {
            CHECK(ok);
            return;
        }
    }
}

static struct os_mem *sweep_disk;
static void test_magic(void **state)
{
    static const struct { const char *path; struct str head; bool kept; const char *why; } t[] = {
        { "C:\\Windows\\Temp\\a.txt", STR_INIT("MDMP"), true, "a dump called text" },
        { "C:\\Windows\\Temp\\a.log", STR_INIT("regf"), true, "a hive called log" },
        { "C:\\Windows\\Temp\\deep\\a", STR_INIT("7z\xBC\xAF\x27\x1C"), true, "no extension" },
        { "C:\\Windows\\Temp\\b.txt", STR_INIT("hello"), false, "text" },
        { "C:\\PerfLogs\\a.png", STR_INIT("Rar!\x1A\x07"), true, "an archive called picture" },
        { "C:\\ProgramData\\a.gif", STR_INIT("PK\x03\x04"), true, "another" },
        { "C:\\ProgramData\\x\\y\\a.tmp", STR_INIT("1234\xEF\xCD\xAB\x89"), true, "an ESE database" },
        { "C:\\pagefile.sys", STR_INIT("MDM"), false, "the root of the drive" },
        { "C:\\a.dat1", STR_INIT("!BDN"), true, "a mailbox file there" },
        { "C:\\inetpub\\wwwroot\\images\\logo.png", STR_INIT("MSCF"), true, "a cabinet in a web folder" },
        { "C:\\inetpub\\wwwroot\\images\\icon.png", STR_INIT("\x89PNG"), false, "a picture" },
        { "C:\\Windows\\System32\\a.bin", STR_INIT("MDMP"), false, "no staging place" },
        { "E:\\old\\a.log", STR_INIT("MDMP"), false, "neither served nor a log" },
    };
    struct bench *b = *state;

    CHECK(os_mem_add(b->m, "/s/C/Windows/System32/inetsrv/config/applicationHost.config", TEXT(config)));
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        char    native[200];
        uint8_t body[128] = { 0 };
        int     n = snprintf(native, sizeof native, "/s/%s", t[i].path);
        memcpy(body, t[i].head.p, t[i].head.n);
        for (int k = 0; k < n; k++)
            native[k] = native[k] == '\\' ? '/' : native[k];
        memmove(native + 4, native + 5, strlen(native + 5) + 1);      /* "C:" is the folder "C" */
        CHECK(os_mem_add(b->m, native, str_dup(&b->disk.a, (struct str){ body, sizeof body })));
    }
    CHECK(open_paths(b, "/s", NULL));
    for (size_t i = 0; i < COUNT_OF(t); i++)
        if ((find(b, t[i].path) != NULL) != t[i].kept)
            fail_msg("%s: %s", t[i].path, t[i].why);
}

static void test_family_of(void **state)
{
    static const struct { const char *path; enum family family; const char *why; } t[] = {
        { "C:\\inetpub\\wwwroot\\aspnet_client", FAM_WEB_ROOTS, "a folder of pages" },
        { "C:\\inetpub\\wwwroot\\aspnet_client\\system_web\\x.aspx", FAM_WEB_ROOTS, "a page" },
        { "C:\\inetpub\\wwwroot\\shop", FAM_WEB_ROOTS, "below a served root" },
        { "C:\\inetpub\\logs\\LogFiles\\W3SVC1", FAM_IIS_FRONT, "a folder of logs" },
        { "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log", FAM_IIS_FRONT, "a log" },
        { "D:\\x\\V15\\Logging\\HttpProxy\\Ecp", FAM_HTTPPROXY, "one protocol of several" },
        { "C:\\Windows\\System32\\Tasks", FAM_TASKS, "tasks" },
        { "C:\\Users\\bob\\notes.txt", FAM_NONE, "nothing that a verdict rests on" },
        { "C:\\Windows\\Temp\\x.exe", FAM_NONE, "a tool is of no family" },
    };
    struct bench     *b = *state;
    struct test_arena scratch = test_arena(1 << 16);

    CHECK(os_mem_add(b->m, "/s/C/Windows/System32/inetsrv/config/applicationHost.config", TEXT(config)));
    add(b, "/s/C/inetpub/wwwroot/x.aspx");
    CHECK(open_paths(b, "/s", NULL));
    for (size_t i = 0; i < COUNT_OF(t); i++)
        if (ev_family_of(&b->v, str_c(t[i].path), scratch.a) != t[i].family)
            fail_msg("%s: %s", t[i].path, t[i].why);
    test_arena_free(&scratch);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct ev     v;
    struct str    p = STR("/case"), url;
    struct arena  more = *a;

    if (!ev_open(&v, &sweep_disk->os, &more, &p, 1, e))
        return false;
    bool ok = ev_url_of(&v, &more, STR("C:\\inetpub\\wwwroot\\x.aspx"), &url) || err_set(e, ERR_MEMORY, "url");
    if (ok && v.refused_more)
        ok = err_set(e, ERR_MEMORY, "%zu refused files could not be kept", v.refused_more);
    ev_close(&v);
    return ok;
}

static void test_memory_faults(void **state)
{
    struct bench *b = *state;

    add(b, "/case/c/inetpub/wwwroot/aspnet_client/x.aspx");
    add(b, "/case/c/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log");
    add(b, "/case/D:/Exch/V15/FrontEnd/HttpProxy/owa/auth/logon.aspx");
    os_mem_kind(b->m, STR("/case/c/out"), OS_LINK)->body = STR("/x");
    sweep_disk = b->m;
    fault_sweep(sweep, 1 << 20);
    b->v = (struct ev){ 0 };
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_families), T(test_roots), T(test_product_pages), T(test_odd_spellings), cmocka_unit_test(test_drive_by_name_or_shape), T(test_loose), T(test_sniff), T(test_links),
        cmocka_unit_test(test_each_file_once), T(test_reading), T(test_hostile), T(test_refused_is_bounded), cmocka_unit_test(test_disk_faults),
        T(test_memory_faults), T(test_magic), T(test_family_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
