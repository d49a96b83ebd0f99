#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "compiled_page.h"
#include "detect/config.h"
#include "files_bench.h"
#include "make_pe.h"
#include "shape_text.h"

/* files_config, files_webconfig, files_history, files_modules, files_agents, files_tasks and files_objects, on small servers in memory. */
enum { DAY = 86400 };
static void add_at(struct bench *b, const char *path, struct str body, int64_t s)
{
    struct os_mem_node *n = os_mem_add(b->m, path, str_dup(&b->disk.a, body));
    CHECK(n != NULL);
    n->mtime_us = (INT64_C(1614758400) + s) * 1000000;
}
static void text(struct bench *b, const char *path, const char *body) { add_at(b, path, str_c(body), 0); }

static void hunt(struct bench *b)
{
    struct str          path = STR("/case");
    struct hunt_options opt = { .jobs = 2, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = &b->keep.a, .found = &b->found, .bytes_read = &b->bytes };

    if (!ev_open(&b->v, &b->m->os, &b->keep.a, &path, 1, &b->e))
        fail_msg("ev_open: %s", b->e.what);
    memset(&b->found, 0, sizeof b->found);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.domain = STR("bakery.example");
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    for (size_t i = 0; i < FAM_COUNT; i++)
        b->found.seen[i].oldest_us = b->found.seen[i].newest_us = TIME_NONE;
    if (!files_detect(&c, &b->e))
        fail_msg("files_detect: %s", b->e.what);
}

static const struct file_fact *find(const struct bench *b, enum file_fact_kind kind, const char *detector, const char *name)
{
    for (size_t i = 0; i < b->found.fact_n; i++) {
        const struct file_fact *f = &b->found.fact[i];
        if (f->kind == kind && str_eq(f->detector, str_c(detector)) && str_ieq(f->name, str_c(name)))
            return f;
    }
    return NULL;
}

static const struct file_fact *fact(const struct bench *b, enum file_fact_kind kind, const char *detector, const char *name)
{
    const struct file_fact *f = find(b, kind, detector, name);

    for (size_t i = 0; !f && i < b->found.fact_n; i++)
        print_message("  %d %.*s | %.*s | %.*s | %.*s\n", (int)b->found.fact[i].kind, STR_ARG(b->found.fact[i].detector), STR_ARG(b->found.fact[i].name), STR_ARG(b->found.fact[i].path), STR_ARG(b->found.fact[i].why));
    if (!f)
        fail_msg("no %s about %s", detector, name);
    return f;
}

static size_t count(const struct bench *b, enum file_fact_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < b->found.fact_n; i++)
        n += b->found.fact[i].kind == kind;
    return n;
}

#define INETSRV "/case/C/Windows/System32/inetsrv"
#define OWA "/case/C/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa"
#define SITES "<system.applicationHost><sites><site name=\"Default Web Site\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"C:\\inetpub\\wwwroot\"/></application>" \
              "<application path=\"/owa\"><virtualDirectory path=\"/\" physicalPath=\"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\"/></application></site></sites></system.applicationHost>"
#define MODULES(more) "<configuration>" SITES "<system.webServer><globalModules><add name=\"HttpLoggingModule\" image=\"%windir%\\System32\\inetsrv\\loghttp.dll\"/>" more "</globalModules></system.webServer></configuration>"

static void library(struct bench *b, const char *path, bool registers, bool versioned)
{
    static const char *const exports[] = { "RegisterModule", NULL };
    static const uint16_t version[4] = { 4, 2, 0, 0 };
    struct make_pe pe = { .version = versioned ? version : NULL, .product = versioned ? "Vendor Filter" : NULL, .exports = registers ? exports : NULL };
    uint8_t to[MAKE_PE_MAX];
    size_t  n = make_pe(to, &pe);

    add_at(b, path, (struct str){ to, n }, 0);
}

static void modules(void **state)
{
    struct bench *b = *state;

    text(b, INETSRV "/config/applicationHost.config",
         MODULES("<add name=\"TeaModule\" image=\"%windir%\\System32\\inetsrv\\tea.dll\"/><add name=\"VendorModule\" image=\"%windir%\\System32\\inetsrv\\vendor.dll\"/>"
                 "<add name=\"HttpLogingModule\" image=\"C:\\Program Files\\x\\y.dll\"/><add name=\"Absent\" image=\"C:\\Program Files\\z\\z.dll\"/>"
                 "<add name=\"WSMan\" image=\"C:\\Windows\\system32\\wsmsvc.dll\"/><add name=\"RewriterModule\" image=\"%windir%\\System32\\inetsrv\\RewriterModule.dll\" preCondition=\"bitness64\"/><add name=\"UpData\" image=\"C:\\Windows\\System32\\system.dll\"/>"
                 "<add name=\"exppw\" image=\"c:\\Program Files\\Microsoft\\Exchange Server\\V15\\ClientAccess\\Owa\\auth\\exppw.dll\"/>"
                 "<add name=\"cafe_exppw\" image=\"c:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\bin\\exppw.dll\"/>"
                 "<add name=\"ManagedEngineV4.0_64bit\" image=\"%windir%\\Microsoft.NET\\Framework64\\v4.0.30319\\webengine4.dll\"/>"));
    library(b, INETSRV "/tea.dll", true, false);
    library(b, INETSRV "/vendor.dll", true, true);
    library(b, INETSRV "/loghttp.dll", true, true);
    library(b, "/case/C/ProgramData/spare.dll", true, false);
    library(b, "/case/C/ProgramData/Vendor/tool.dll", false, false);
    text(b, INETSRV "/w3wp.exe.config", "<configuration><runtime><appDomainManagerAssembly value=\"Tea, Version=1.0.0.0\"/></runtime></configuration>");
    text(b, OWA "/web.config", "<configuration><system.webServer><modules><add name=\"A\" type=\"Tea.Filter, TeaFilter\"/><add name=\"B\" type=\"Vendor.Filter, VendorFilter\"/>"
         "<add name=\"C\" type=\"Microsoft.Exchange.Clients.Filter, TeaOther\"/><add name=\"D\" type=\"Microsoft.Exchange.Clients.Filter, Microsoft.Exchange.Clients\"/></modules></system.webServer></configuration>");
    library(b, OWA "/bin/TeaFilter.dll", false, false);
    library(b, OWA "/bin/VendorFilter.dll", false, true);
    hunt(b);

    const struct file_fact *f = fact(b, FILE_FACT_WAY_BACK, "config/module", "TeaModule");
    CHECK(f->hash_hex.n == 64 && str_iends(f->path, STR("\\inetsrv\\tea.dll")));
    fact(b, FILE_FACT_NOTE, "config/module-unknown", "VendorModule");
    fact(b, FILE_FACT_WAY_BACK, "config/module", "HttpLogingModule");
    fact(b, FILE_FACT_WAY_BACK, "config/module", "RewriterModule");         /* one letter more than Windows' own */
    fact(b, FILE_FACT_NOTE, "config/module-unknown", "Absent");
    CHECK(fact(b, FILE_FACT_NOTE, "config/module-unknown", "UpData")->severity == SEV_MEDIUM);      /* as on a server of March 2021 */
    CHECK(!find(b, FILE_FACT_NOTE, "config/module-unknown", "WSMan") && !find(b, FILE_FACT_NOTE, "config/module-unknown", "exppw") && !find(b, FILE_FACT_NOTE, "config/module-unknown", "cafe_exppw") &&
          !find(b, FILE_FACT_NOTE, "config/module-unknown", "ManagedEngineV4.0_64bit"));
    fact(b, FILE_FACT_NOTE, "config/module-file", "spare.dll");
    fact(b, FILE_FACT_WAY_BACK, "config/appdomain-manager", "Tea, Version=1.0.0.0");
    fact(b, FILE_FACT_WAY_BACK, "config/module", "A");
    fact(b, FILE_FACT_NOTE, "files/config-module", "B");
    fact(b, FILE_FACT_NOTE, "files/config-module", "C");
    CHECK(!find(b, FILE_FACT_NOTE, "files/config-module", "D"));
    CHECK(count(b, FILE_FACT_WAY_BACK) == 5);
}

/* The code lies in bin: the page that names its class is the back door; a module that names it is one; alone it asks. A product's own is not asked. */
static void libraries(void **state)
{
    struct bench *b = *state;
    struct str    dll = compiled_page();

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    add_at(b, "/case/C/inetpub/wwwroot/app/bin/Tea.dll", dll, 0);
    text(b, "/case/C/inetpub/wwwroot/app/x.aspx", "<%@ Page Language=\"C#\" Inherits=\"ASP.probe_aspx\" %>");
    text(b, "/case/C/inetpub/wwwroot/app/y.aspx", "<%@ Page Language=\"C#\" Inherits=\"App.Other\" %>");
    text(b, "/case/C/inetpub/wwwroot/x.aspx", "<%@ Page Language=\"C#\" Inherits=\"ASP.probe_aspx\" %>");
    add_at(b, "/case/C/inetpub/wwwroot/shop/bin/Filter.dll", dll, 0);
    text(b, "/case/C/inetpub/wwwroot/shop/web.config", "<configuration><system.webServer><modules><add name=\"F\" type=\"ASP.probe_aspx, Filter\"/></modules></system.webServer></configuration>");
    add_at(b, "/case/C/inetpub/wwwroot/alone/bin/Alone.dll", dll, 0);
    hunt(b);
    const struct file_fact *f = fact(b, FILE_FACT_PAGE, "files/behind", "x.aspx");
    CHECK(str_ihas(f->path, STR("\\app\\x.aspx")) && str_eq(f->key, STR("cmd")));
    fact(b, FILE_FACT_WAY_BACK, "config/module", "F");
    fact(b, FILE_FACT_NOTE, "files/bin-library", "Alone.dll");
    CHECK(count(b, FILE_FACT_PAGE) == 1 && count(b, FILE_FACT_WAY_BACK) == 1);
    test_free(dll);
}

static void history(void **state)
{
    struct bench *b = *state;
    static const char quiet[] = MODULES(""), gone[] = MODULES("<add name=\"Gone\" image=\"C:\\ProgramData\\g.dll\"/>"), now[] = MODULES("<add name=\"Now\" image=\"C:\\ProgramData\\n.dll\"/>");

    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000007/applicationHost.config", str_c(quiet), -9 * DAY);
    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000008/applicationHost.config", str_c(gone), -5 * DAY);
    add_at(b, INETSRV "/backup/before/applicationHost.config", str_c(gone), -4 * DAY);
    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000009/applicationHost.config", str_c(now), -2 * DAY);
    add_at(b, INETSRV "/config/applicationHost.config", str_c(now), -2 * DAY);
    hunt(b);

    const struct file_fact *f = fact(b, FILE_FACT_WAY_BACK, "config/module", "Now");
    CHECK(f->state == THING_PRESENT && f->created_us == (INT64_C(1614758400) - 2 * DAY) * 1000000);
    f = fact(b, FILE_FACT_WAY_BACK, "config/module", "Gone");
    CHECK(f->state == THING_REMOVED && f->created_us == (INT64_C(1614758400) - 5 * DAY) * 1000000 && f->removed_us == (INT64_C(1614758400) - 2 * DAY) * 1000000);
    CHECK(count(b, FILE_FACT_WAY_BACK) == 2);
    size_t changes = 0;
    for (size_t i = 0; i < b->found.fact_n; i++)
        changes += str_eq(b->found.fact[i].detector, STR("config/history"));
    CHECK(changes == 2);
}

/* Without the living file nobody knows whether it is still there. */
static void history_alone(void **state)
{
    struct bench *b = *state;

    text(b, "/case/C/inetpub/history/CFGHISTORY_0000000003/applicationHost.config", MODULES("<add name=\"Tea\" image=\"C:\\ProgramData\\t.dll\"/>"));
    hunt(b);
    CHECK(fact(b, FILE_FACT_WAY_BACK, "config/module", "Tea")->state == THING_UNKNOWN);
    CHECK(b->found.seen[FAM_IIS_CONFIG].roots_missing);
}

/* A rule that leads to a back door is part of it; the same rule to an ordinary page is a note. */
static void routes(void **state)
{
    struct bench *b = *state;
    char   page[4096];
    size_t n = shape_text(page, sizeof page, "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"x\"],\"{u}\");{c}");

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    add_at(b, "/case/C/inetpub/wwwroot/aspnet_client/tea.aspx", (struct str){ (const uint8_t *)page, n }, 0);
    text(b, "/case/C/inetpub/wwwroot/news.aspx", "<%@ Page %><html></html>");
    text(b, "/case/C/inetpub/wwwroot/web.config", "<configuration><system.webServer><rewrite><rules><rule name=\"a\"><match url=\"^x$\"/><action type=\"Rewrite\" url=\"/aspnet_client/tea.aspx?y={R:0}\"/></rule>"
         "<rule name=\"b\"><match url=\"^n$\"/><action type=\"Rewrite\" url=\"news.aspx\"/></rule></rules></rewrite></system.webServer></configuration>");
    hunt(b);
    fact(b, FILE_FACT_NOTE, "files/rewrite", "b");
    fact(b, FILE_FACT_WAY_BACK, "config/route", "a");
    CHECK(count(b, FILE_FACT_PAGE) == 1 && count(b, FILE_FACT_WAY_BACK) == 1);
}

static void keys(void **state)
{
    struct bench *b = *state;
    uint8_t raw[32];
    char    hex[65];
    struct ioc published = { IOC_SHA256, IOC_SUPPORTS, STR_EMPTY, STR("sample key of a manual"), STR("a manual") };

    /* A published key: by the hash of its text alone. */
    CHECK(hash_sha256(STR("AABB01"), raw));
    num_tohex(raw, 32, hex);
    published.value = str_dup(&b->keep.a, str_c(hex));
    struct ioc *list = NEW(&b->keep.a, struct ioc, b->pack.ioc_n + 1);
    memcpy(list, b->pack.ioc, b->pack.ioc_n * sizeof *list);
    list[b->pack.ioc_n] = published;
    b->pack.ioc = list;
    CHECK(map_put(&b->pack.ioc_hash, &b->keep.a, published.value, (uint32_t)b->pack.ioc_n));
    b->pack.ioc_n++;
    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    text(b, OWA "/web.config", "<configuration><system.web><machineKey validationKey=\"aabb01\" decryptionKey=\"00\"/></system.web></configuration>");
    text(b, "/case/C/inetpub/wwwroot/web.config", "<configuration><system.web><machineKey validationKey=\"FF01\"/></system.web></configuration>");
    text(b, "/case/C/inetpub/wwwroot/app/web.config", "<configuration><system.web><machineKey validationKey=\"ff01,IsolateApps\"/></system.web></configuration>");
    hunt(b);
    const struct file_fact *f = fact(b, FILE_FACT_SECRET, "config/machine-key", "web.config");
    CHECK(f->state == THING_UNKNOWN && str_ihas(f->path, STR("\\owa\\")));
    f = fact(b, FILE_FACT_NOTE, "config/machine-key", "web.config");
    CHECK(str_has(f->why, STR("2 configurations")));
    CHECK(count(b, FILE_FACT_SECRET) == 1 && !str_ihas(f->cite.excerpt, STR("ff01,")));
}

/* Of an earlier day: a published key that is another now was rotated, any other one is told. */
static void keys_changed(void **state)
{
    struct bench *b = *state;
    uint8_t raw[32];
    char    hex[65];

    CHECK(hash_sha256(STR("AABB01"), raw));
    num_tohex(raw, 32, hex);
    struct ioc published = { IOC_SHA256, IOC_SUPPORTS, str_dup(&b->keep.a, str_c(hex)), STR("sample key of a manual"), STR("a manual") };
    struct ioc *list = NEW(&b->keep.a, struct ioc, b->pack.ioc_n + 1);
    memcpy(list, b->pack.ioc, b->pack.ioc_n * sizeof *list);
    list[b->pack.ioc_n] = published;
    b->pack.ioc = list;
    CHECK(map_put(&b->pack.ioc_hash, &b->keep.a, published.value, (uint32_t)b->pack.ioc_n));
    b->pack.ioc_n++;
#define KEYS(one, two) "<configuration><location path=\"a\"><system.web><machineKey validationKey=\"" one "\"/></system.web></location><location path=\"b\"><system.web><machineKey validationKey=\"" two "\"/></system.web></location></configuration>"
    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000003/applicationHost.config", str_c(KEYS("aabb01", "0102")), -9 * DAY);
    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000004/applicationHost.config", str_c(KEYS("0301", "0102")), -5 * DAY);
    add_at(b, "/case/C/inetpub/history/CFGHISTORY_0000000005/applicationHost.config", str_c(KEYS("0301", "0102")), -4 * DAY);
    text(b, INETSRV "/config/applicationHost.config", KEYS("0301", "0202"));
    hunt(b);
    const struct file_fact *f = fact(b, FILE_FACT_SECRET, "config/machine-key-changed", "applicationHost.config");
    CHECK(str_eq(f->what, STR("rotated")) && str_ihas(f->why, STR("0003")));
    f = fact(b, FILE_FACT_NOTE, "config/machine-key-changed", "applicationHost.config");
    CHECK(str_ihas(f->why, STR("0005")));
    CHECK(count(b, FILE_FACT_SECRET) == 1);
}

static void elsewhere(void **state)
{
    struct bench *b = *state;

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    text(b, INETSRV "/config/redirection.config", "<configuration><configurationRedirection enabled=\"true\" path=\"\\\\files01\\config\"/></configuration>");
    hunt(b);
    CHECK(b->found.seen[FAM_IIS_CONFIG].roots_missing && str_has(b->found.seen[FAM_IIS_CONFIG].missing, STR("files01")));
    CHECK(count(b, FILE_FACT_WAY_BACK) == 0);
}

/* The planted address, assembled here; and lists that honest administrators print. */
static void lists(void **state)
{
    struct bench *b = *state;
    char to[4096];

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    size_t n = shape_settings(to, sizeof to, "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"x\"],\"{u}\");}</{s}>");
    add_at(b, "/case/C/case/oab-virtualdirectory.txt", (struct str){ (const uint8_t *)to, n }, 0);
    snprintf(to, sizeof to, "Name : OAB (Default Web Site)\r\nIdentity : EXCH01\\OAB (Default Web Site)\r\nExternalUrl : http://f/%cscript language=x%c\r\n", '<', '>');
    text(b, "/case/C/case/get-oabvirtualdirectory.txt", to);
    text(b, "/case/C/case/vdirs.json", "[{\"Identity\":\"EXCH01\\\\owa\",\"ExternalUrl\":{\"AbsoluteUri\":\"https://mail.bakery.example/owa\"}},{\"Identity\":\"EXCH01\\\\ecp\",\"ExternalUrl\":null},"
         "{\"Identity\":\"EXCH01\\\\ews\",\"InternalUrl\":\"see the wiki\"}]");
    text(b, "/case/C/case/directory.ldif", "dn: CN=EWS (Default Web Site),CN=HTTP\nobjectClass: msExchWebServicesVirtualDirectory\nmsExchExternalHostName: https://mail.bakery.example/EWS/Exchange.asmx\n");
    text(b, "/case/C/case/roleassignments.csv", "\"Name\",\"Role\",\"RoleAssigneeName\",\"RoleAssigneeType\",\"RoleAssignmentDelegationType\"\r\n"
         "\"a\",\"ApplicationImpersonation\",\"svc-backup\",\"User\",\"Regular\"\r\n\"b\",\"ApplicationImpersonation\",\"Organization Management\",\"RoleGroup\",\"DelegatingOrgWide\"\r\n");
    text(b, "/case/C/case/inboxrules.csv", "Name,MailboxOwnerId,ForwardTo,DeleteMessage\r\n.,anna@bakery.example,box@mail.example.net,True\r\nTo my deputy,anna@bakery.example,ben@bakery.example,False\r\n");
    text(b, "/case/C/case/folderpermissions.csv", "FolderName,User,AccessRights\r\nInbox,Default,Reviewer\r\nCalendar,Default,AvailabilityOnly\r\nInbox,Default,None\r\n");
    hunt(b);
    fact(b, FILE_FACT_WAY_BACK, "config/directory-script", "EXCH01\\OAB (Default Web Site)");
    CHECK(count(b, FILE_FACT_WAY_BACK) == 2);
    fact(b, FILE_FACT_NOTE, "config/directory-text", "EXCH01\\ews");
    fact(b, FILE_FACT_NOTE, "config/role", "a");
    const struct file_fact *f = fact(b, FILE_FACT_NOTE, "config/forwarding", ".");
    CHECK(f->severity == SEV_HIGH);
    size_t notes = 0;
    for (size_t i = 0; i < b->found.fact_n; i++)
        notes += b->found.fact[i].kind == FILE_FACT_NOTE && str_starts(b->found.fact[i].detector, STR("config/")) && str_has(b->found.fact[i].cite.excerpt, STR("Default"));
    CHECK(notes == 1);
    for (size_t i = 0; i < b->found.fact_n; i++)
        CHECK(!str_has(b->found.fact[i].cite.excerpt, STR("<")));
}

static void agents(void **state)
{
    struct bench *b = *state;

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    text(b, "/case/C/Program Files/Microsoft/Exchange Server/V15/TransportRoles/Shared/fetagents.config",
         "<configuration><mexRuntime><agentList><agent name=\"Own\" classFactory=\"Microsoft.Exchange.X\" assemblyPath=\"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\agents\\Hygiene\\h.dll\"/>"
         "<agent name=\"Inside\" classFactory=\"Tea.Factory\" assemblyPath=\"C:\\Program Files\\Microsoft\\Exchange Server\\V15\\TransportRoles\\agents\\Hygiene\\tea.dll\"/>"
         "<agent name=\"Apps\" classFactory=\"Apps.Factory\" assemblyPath=\"D:\\Apps\\Signature\\s.dll\"/>"
         "<agent name=\"Odd\" classFactory=\"Odd.Factory\" assemblyPath=\"C:\\PerfLogs\\o.dll\"/></agentList></mexRuntime></configuration>");
    library(b, "/case/C/Program Files/Microsoft/Exchange Server/V15/TransportRoles/agents/Hygiene/tea.dll", false, false);
    hunt(b);
    fact(b, FILE_FACT_WAY_BACK, "config/agent", "Inside");
    fact(b, FILE_FACT_NOTE, "config/agent-other", "Apps");
    fact(b, FILE_FACT_WAY_BACK, "config/agent", "Odd");
    CHECK(count(b, FILE_FACT_WAY_BACK) == 2);
}

/* Tasks as Windows Server and its tools make them, and common products: nothing to tell. Then each reason on its own. */
static void tasks(void **state)
{
    static const struct { const char *name, *author, *user, *command, *arguments; } quiet[] = {
        { "Microsoft/Windows/Defrag/ScheduledDefrag", "$(@%systemroot%\\system32\\defragsvc.dll,-800)", "S-1-5-18", "%windir%\\system32\\defrag.exe", "-c -h -k -g -$" },
        { "Microsoft/Windows/PLA/System/Counters", "BAKERY\\admin", "S-1-5-18", "%systemroot%\\system32\\rundll32.exe", "%systemroot%\\system32\\pla.dll,PlaHost &quot;System\\Counters&quot; &quot;$(Arg0)&quot;" },
        { "Microsoft/Windows/Backup/Microsoft-Windows-WindowsBackup", "BAKERY\\admin", "S-1-5-18", "%windir%\\System32\\wbadmin.exe", "start backup -templateId:{f11eb3ae-0000-4000-8000-000000000001} -quiet" },
        { "Microsoft/Windows/Application Experience/StartupAppTask", "$(@%SystemRoot%\\system32\\Startupscan.dll,-701)", "", "%windir%\\system32\\rundll32.exe", "%windir%\\system32\\Startupscan.dll,SusRunTask" },
        { "Microsoft/Windows/Time Synchronization/SynchronizeTime", "$(@%systemroot%\\system32\\w32time.dll,-202)", "S-1-5-19", "%windir%\\system32\\sc.exe", "start w32time task_started" },
        { "Microsoft/Windows/Windows Defender/Windows Defender Scheduled Scan", "", "S-1-5-18", "C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.2102.4-0\\MpCmdRun.exe", "Scan -ScheduleJob" },
        { "Microsoft/Windows/CertificateServicesClient/AikCertEnrollTask", "Microsoft Corporation", "", "%windir%\\system32\\BthUdTask.exe", "$(Arg0)" },
        { "Microsoft/Office/OfficeTelemetryAgentLogOn2016", "", "", "C:\\Program Files\\Microsoft Office\\root\\Office16\\msoia.exe", "scan upload" },
        { "GoogleUpdateTaskMachineCore{11111111-0000-4000-8000-000000000000}", "", "SYSTEM", "C:\\Program Files (x86)\\Google\\Update\\GoogleUpdate.exe", "/c" },
        { "Optimize Start Menu Cache Files-S-1-5-21-1-2-3-500", "", "", "explorer.exe", "" },
        { "User_Feed_Synchronization-{22222222-0000-4000-8000-000000000000}", "BAKERY\\admin", "", "C:\\Windows\\system32\\msfeedssync.exe", "sync" },
        { "CreateExplorerShellUnelevatedTask", "ExplorerShellUnelevated", "", "C:\\Windows\\Explorer.EXE", "/NOUACCHECK" },
    };
    struct bench *b = *state;
    char   to[2048], path[512];

    text(b, INETSRV "/config/applicationHost.config", MODULES(""));
    for (size_t i = 0; i < COUNT_OF(quiet); i++) {
        snprintf(path, sizeof path, "/case/C/Windows/System32/Tasks/%s", quiet[i].name);
        snprintf(to, sizeof to, "<Task><RegistrationInfo><Author>%s</Author></RegistrationInfo><Principals><Principal><UserId>%s</UserId></Principal></Principals><Actions><Exec><Command>%s</Command>"
                 "<Arguments>%s</Arguments></Exec></Actions></Task>", quiet[i].author, quiet[i].user, quiet[i].command, quiet[i].arguments);
        text(b, path, to);
    }
    text(b, "/case/C/Windows/SysWOW64/Tasks/Com", "<Task><Actions><ComHandler><ClassId>{0F87369F-A4E5-4CFC-BD3E-73E6154572DD}</ClassId></ComHandler></Actions></Task>");
    text(b, "/case/C/Windows/Tasks/SCHEDLGU.TXT", "a log of the scheduler");
    text(b, "/case/C/Windows/System32/Tasks/Broken", "not a task");
    text(b, "/case/C/Windows/System32/Tasks/Odd", "<Task><Actions><Exec><Command>C:\\ProgramData\\Vendor\\a.exe</Command></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/Microsoft/Windows/Tea/Kettle", "<Task><RegistrationInfo><Author>BAKERY\\admin</Author></RegistrationInfo><Actions><Exec><Command>D:\\Tools\\kettle.exe</Command></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/qzxvbrtk", "<Task><Principals><Principal><UserId>S-1-5-18</UserId></Principal></Principals><Actions><Exec><Command>C:\\ProgramData\\Vendor\\b.exe</Command></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/Three", "<Task><Actions><Exec><Command>%windir%\\system32\\defrag.exe</Command></Exec><Exec><Command>C:\\PerfLogs\\a.exe</Command></Exec>"
         "<Exec><Command>C:\\Users\\Public\\b.exe</Command></Exec></Actions></Task>");
    hunt(b);
    size_t three = 0;
    for (size_t i = 0; i < b->found.fact_n; i++) {
        const struct file_fact *f = &b->found.fact[i];
        three += f->kind == FILE_FACT_WAY_BACK && str_eq(f->name, STR("Three"));
        bool known = str_eq(f->name, STR("Odd")) || str_eq(f->name, STR("Three")) || str_eq(f->name, STR("qzxvbrtk")) || str_ihas(f->name, STR("Kettle"));
        if (str_starts(f->detector, STR("files/task")) && !known)
            fail_msg("%.*s: %.*s", STR_ARG(f->name), STR_ARG(f->why));
    }
    CHECK(three == 2);                        /* each of its programs that accuses */
    fact(b, FILE_FACT_NOTE, "files/task-odd", "Odd");
    fact(b, FILE_FACT_NOTE, "files/task-odd", "Microsoft\\Windows\\Tea\\Kettle");
    fact(b, FILE_FACT_WAY_BACK, "files/task", "qzxvbrtk");
    CHECK(b->found.seen[FAM_TASKS].damage_n == 1 && b->found.there_n >= COUNT_OF(quiet));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modules, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(libraries, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(history, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(history_alone, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(routes, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(keys, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(keys_changed, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(elsewhere, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(lists, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(agents, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(tasks, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
