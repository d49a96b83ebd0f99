#include "test.h"

#include "base/num.h"
#include "formats/iisconfig.h"

#define APPHOST \
    "<configuration>\n" \
    "<system.applicationHost><applicationPools><add name=\"p\"><processModel identityType=\"LocalSystem\"/></add></applicationPools><sites>\n" \
    " <siteDefaults><logFile logFormat=\"W3C\" directory=\"%SystemDrive%\\inetpub\\logs\\LogFiles\"/></siteDefaults>\n" \
    " <site name=\"Default Web Site\" id=\"1\">\n" \
    "  <application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"%SystemDrive%\\inetpub\\wwwroot\"/></application>\n" \
    "  <application path=\"/owa\" applicationPool=\"MSExchangeOWAAppPool\"><virtualDirectory path=\"/\" physicalPath=\"D:\\Ex\\V15\\FrontEnd\\HttpProxy\\owa\"/>\n" \
    "   <virtualDirectory path=\"/x\" physicalPath=\"C:\\ProgramData\\COM1\" userName=\"u\"/></application>\n" \
    "  <bindings><binding protocol=\"https\" bindingInformation=\"*:443:\"/></bindings>\n" \
    "  <logFile directory=\"E:\\logs\" localTimeRollover=\"true\"/>\n" \
    " </site>\n" \
    " <site name=\"Exchange Back End\" id=\"2\"/>\n" \
    "</sites></system.applicationHost>\n" \
    "<system.webServer>\n" \
    " <globalModules><add name=\"HttpLoggingModule\" image=\"%windir%\\System32\\inetsrv\\loghttp.dll\"/></globalModules>\n" \
    " <isapiFilters><filter name=\"f\" path=\"C:\\x.dll\"/></isapiFilters>\n" \
    " <httpLogging dontLog=\"true\"/>\n" \
    "</system.webServer>\n" \
    "<location path=\"Default Web Site/ecp\"><system.webServer><modules><add name=\"m\" type=\"N.C, N\"/><remove name=\"r\"/></modules></system.webServer></location>\n" \
    "<connectionStrings configProtectionProvider=\"P\"/><appSettings configSource=\"app.config\"/>\n" \
    "</configuration>"

static const struct iis_item *of(const struct iis_config *c, enum iis_kind kind)
{
    for (size_t i = 0; i < c->item_n; i++)
        if (c->item[i].kind == kind)
            return &c->item[i];
    fail_msg("no %s", iis_kind_name(kind));
    return NULL;
}

static void test_apphost(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct iis_config c;
    struct err        e = { 0 };
    struct str        in = TEST_HEAP(APPHOST);

    (void)state;
    CHECK(iisconfig_parse(&c, &t.a, in, &e));
    CHECK(!c.damaged && c.site_n == 2 && c.vdir_n == 3 && c.pool_n == 1);
    CHECK_STR(c.pool[0].identity, STR("LocalSystem"));
    CHECK_STR(c.default_log_directory, STR("%SystemDrive%\\inetpub\\logs\\LogFiles"));
    CHECK_STR(c.site[0].binding[0], STR("https *:443:"));
    CHECK(c.site[0].id == 1 && c.site[0].log_local_time && c.site[1].id == 2);
    CHECK_STR(c.site[0].log_directory, STR("E:\\logs"));
    CHECK_STR(c.vdir[1].app_path, STR("/owa"));
    CHECK_STR(c.vdir[1].physical_path, STR("D:\\Ex\\V15\\FrontEnd\\HttpProxy\\owa"));
    CHECK(c.vdir[2].has_user && c.vdir[2].site_id == 1 && c.vdir[2].line == 7);
    CHECK_STR(of(&c, IIS_GLOBAL_MODULE)->target, STR("%windir%\\System32\\inetsrv\\loghttp.dll"));
    CHECK_STR(of(&c, IIS_MODULE)->location, STR("Default Web Site/ecp"));
    CHECK_STR(of(&c, IIS_REMOVED)->name, STR("r"));
    CHECK_STR(of(&c, IIS_ISAPI_FILTER)->target, STR("C:\\x.dll"));
    CHECK_STR(of(&c, IIS_ENCRYPTED)->name, STR("connectionStrings"));
    CHECK_STR(of(&c, IIS_ELSEWHERE)->target, STR("app.config"));
    CHECK(of(&c, IIS_LOG_OFF)->location.n == 0);
    test_free(in);
    test_arena_free(&t);
}

struct web { const char *in; enum iis_kind kind; const char *name, *target; bool only_redirect; const char *why; };
static const struct web webs[] = {
    { "<configuration><system.webServer><httpRedirect enabled=\"true\" destination=\"/owa\"/></system.webServer></configuration>",
      IIS_REDIRECT, "", "/owa", true, "what a clean aspnet_client holds" },
    { "<configuration><system.webServer><handlers><add name=\"h\" path=\"*.gif\" verb=\"*\" type=\"System.Web.UI.PageHandlerFactory\"/></handlers></system.webServer></configuration>",
      IIS_HANDLER, "h", "System.Web.UI.PageHandlerFactory", false, "a picture that runs as a page" },
    { "<configuration><system.webServer><rewrite><rules><rule name=\"X-BEResource Abort - inbound\"><match url=\".*\"/><action type=\"AbortRequest\"/></rule></rules></rewrite></system.webServer></configuration>",
      IIS_REWRITE, "X-BEResource Abort - inbound", "AbortRequest", false, "Microsoft's mitigation" },
    { "<configuration><system.web><machineKey validationKey=\"AB\" decryptionKey=\"CD\"/></system.web></configuration>",
      IIS_MACHINE_KEY, "", "fixed", false, "the key itself is not kept" },
    { "<configuration><system.web><pages enableViewStateMac=\"false\"/></system.web></configuration>",
      IIS_VIEWSTATE_OPEN, "enableViewStateMac", "", false, "view state without a signature" },
    { "<configuration><SharePoint><SafeMode><PageParserPaths><PageParserPath VirtualPath=\"/x/*\" CompilationMode=\"Always\" AllowServerSideScript=\"true\"/></PageParserPaths></SafeMode></SharePoint></configuration>",
      IIS_PAGE_PARSER, "/x/*", "Always", false, "pages of a database run script" },
    { "<configuration><runtime><appDomainManagerAssembly value=\"A, Version=1.0.0.0\"/></runtime></configuration>", IIS_DOMAIN_MANAGER, "A, Version=1.0.0.0", "", false, "loaded before anything" },
    { "<configuration><configurationRedirection enabled=\"true\" path=\"\\\\f\\c\"/></configuration>", IIS_OTHER_PLACE, "", "\\\\f\\c", false, "the configuration is elsewhere" },
    { "<configuration><system.web><customErrors><error statusCode=\"404\" redirect=\"/x.aspx\"/></customErrors></system.web></configuration>", IIS_ERROR_PAGE, "404", "/x.aspx", false, "an error page" },
    { "<configuration><x><![CDATA[<%@ server side %>]]></x></configuration>", IIS_CODE, "x", "", false, "script inside a configuration" },
    { "<configuration><system.web><httpModules><add name=\"m\" type=\"A.B\"/></httpModules></system.web><broken", IIS_HTTP_MODULE, "m", "A.B", false, "cut" },
};

static void test_web(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(webs); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct iis_config c;
        struct err        e = { 0 };
        struct str        in = test_heap(webs[i].in, strlen(webs[i].in));
        CHECK_WHY(iisconfig_parse(&c, &t.a, in, &e), webs[i].why);
        const struct iis_item *it = of(&c, webs[i].kind);
        CHECK_STR(it->name, str_c(webs[i].name));
        CHECK_STR(it->target, str_c(webs[i].target));
        CHECK_WHY(c.only_redirect == webs[i].only_redirect, webs[i].why);
        CHECK_WHY(iisconfig_is_mitigation(it) == (it->kind == IIS_REWRITE), webs[i].why);
        test_free(in);
        test_arena_free(&t);
    }
}

/* One key in two spellings has one hash, and the key is nowhere in what is given. */
static void test_keys(void **state)
{
    static const char *const in[] = {
        "<configuration><system.web><machineKey validationKey=\"AB12CD\"/></system.web></configuration>",
        "<configuration><system.web><machineKey validationKey=\" ab12cd,IsolateApps\"/></system.web></configuration>",
    };
    struct test_arena t = test_arena(1 << 20);
    struct iis_config c[2];
    struct err        e = { 0 };
    (void)state;
    for (size_t i = 0; i < 2; i++)
        CHECK(iisconfig_parse(&c[i], &t.a, str_c(in[i]), &e));
    CHECK(of(&c[0], IIS_MACHINE_KEY)->extra.n == 64);
    CHECK_STR(of(&c[0], IIS_MACHINE_KEY)->extra, of(&c[1], IIS_MACHINE_KEY)->extra);
    test_arena_free(&t);
}

static void test_not_one(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct iis_config c;
    struct err        e = { 0 };
    (void)state;
    CHECK(!iisconfig_parse(&c, &t.a, STR("<preserve/>"), &e) && e.kind == ERR_FORMAT);
    for (int k = 0; k < IIS_KINDS; k++)
        CHECK(strcmp(iis_kind_name((enum iis_kind)k), "entry") != 0);
    test_arena_free(&t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct iis_config c;
    return iisconfig_parse(&c, a, STR(APPHOST), e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apphost), cmocka_unit_test(test_web), cmocka_unit_test(test_keys), cmocka_unit_test(test_not_one), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
