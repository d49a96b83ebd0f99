#include "test.h"

#include "base/num.h"
#include "evidence/ev.h"
#include "os/mem.h"

struct bench {
    struct test_arena t;
    struct os_mem    *m;
    struct ev         v;
    struct err        e;
};

static struct bench bench(void)
{
    struct bench b = { .t = test_arena(32 << 20) };
    return b;
}

/* Files are NULL-ended; the last may be a configuration. */
static void look(struct bench *b, const char *const *files, const char *config_at, struct str config)
{
    struct str given = STR("/case");

    b->m = os_mem_open(&b->t.a, 0);
    for (size_t i = 0; files[i]; i++)
        CHECK(os_mem_add(b->m, files[i], STR("x")));
    if (config_at)
        CHECK(os_mem_add(b->m, config_at, config));
    CHECK(ev_open(&b->v, &b->m->os, &b->t.a, &given, 1, &b->e));
}

static const struct ev_root *served(const struct bench *b, const char *path)
{
    for (size_t i = 0; i < b->v.served_n; i++)
        if (str_eq(b->v.served[i].path, str_c(path)))
            return &b->v.served[i];
    return NULL;
}

static bool url_is(struct bench *b, const char *path, const char *want)
{
    struct str url;
    bool       ok = ev_url_of(&b->v, &b->t.a, str_c(path), &url);
    return want ? ok && str_eq(url, str_c(want)) : !ok;
}

static bool path_is(struct bench *b, const char *url, const char *want)
{
    struct str path;
    bool       ok = ev_path_of(&b->v, &b->t.a, str_c(url), &path);
    return want ? ok && str_eq(path, str_c(want)) : !ok;
}

static void done(struct bench *b)
{
    ev_close(&b->v);
    test_arena_free(&b->t);
}

static void test_by_shape(void **state)
{
    static const char *const files[] = { "/case/C/inetpub/wwwroot/a.htm", "/case/F/Mail/V15/FrontEnd/HttpProxy/owa/auth/x.aspx",
                                         "/case/F/Mail/V15/FrontEnd/HttpProxy/sync/y.aspx", "/case/F/Mail/V15/ClientAccess/exchweb/EWS/z.asmx", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, NULL, STR_EMPTY);
    CHECK(b.v.install_n == 1 && b.v.install[0].found && b.v.install[0].named_by == UINT32_MAX);
    CHECK_STR(b.v.install[0].path, STR("F:\\Mail\\V15"));
    CHECK(served(&b, "F:\\Mail\\V15\\FrontEnd\\HttpProxy\\owa")->product && !served(&b, "C:\\inetpub\\wwwroot")->product);
    CHECK(!served(&b, "F:\\Mail\\V15\\FrontEnd\\HttpProxy\\rpc"));       /* the tree is here, that folder is not: it does not exist */
    CHECK(url_is(&b, "F:\\Mail\\V15\\FrontEnd\\HttpProxy\\sync\\y.aspx", "/microsoft-server-activesync/y.aspx"));
    CHECK(url_is(&b, "F:\\Mail\\V15\\ClientAccess\\exchweb\\EWS\\z.asmx", "/ews/z.asmx"));
    CHECK(path_is(&b, "/ews/z.asmx", "C:\\inetpub\\wwwroot\\ews\\z.asmx"));   /* the back end answers no client */
    CHECK(path_is(&b, "/OWA/auth/%78.aspx", "F:\\Mail\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx"));
    done(&b);
}

static void test_only_logs(void **state)
{
    static const char *const files[] = { "/case/D/Exch/V15/Logging/HttpProxy/Owa/HttpProxy_1.LOG", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, NULL, STR_EMPTY);
    CHECK_STR(b.v.install[0].path, STR("D:\\Exch\\V15"));
    const struct ev_root *r = served(&b, "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa");
    CHECK(r && !r->found);                                              /* the server has it; the evidence does not */
    CHECK(path_is(&b, "/owa/auth/x.aspx", "D:\\Exch\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\x.aspx"));
    CHECK(served(&b, "C:\\inetpub\\wwwroot") && !served(&b, "C:\\inetpub\\wwwroot")->found);
    done(&b);
}

static void test_2010(void **state)
{
    static const char *const files[] = { "/case/C/Program Files/Microsoft/Exchange Server/V14/ClientAccess/Owa/auth/x.aspx", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, NULL, STR_EMPTY);
    CHECK(b.v.install_n == 1);
    CHECK(path_is(&b, "/owa/auth/x.aspx", "C:\\Program Files\\Microsoft\\Exchange Server\\V14\\ClientAccess\\Owa\\auth\\x.aspx"));
    CHECK(!served(&b, "C:\\Program Files\\Microsoft\\Exchange Server\\V14\\FrontEnd\\HttpProxy\\owa"));
    done(&b);
}

#define CONFIG(sites) STR("<configuration><system.applicationHost><sites>" sites "</sites></system.applicationHost></configuration>")
#define VDIR(app, path, physical) "<application path='" app "'><virtualDirectory path='" path "' physicalPath='" physical "'/></application>"

static void test_by_configuration(void **state)
{
    static const char *const files[] = { "/case/D/Windows/System32/x.dll", "/case/D/inetpub/wwwroot/old.aspx", "/case/E/web/new.aspx",
                                         "/case/D/ProgramData/COM1/hidden.aspx", "/case/D/x/W3SVC5/u_ex1.log", "/case/D/x/W3SVC2/u_ex1.log", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, "/case/D/Windows/System32/inetsrv/config/applicationHost.config",
         CONFIG("<site name='Default Web Site' id='1'>" VDIR("/", "/", "E:\\web\\") VDIR("/a", "/b", "\\\\?\\%SystemDrive%\\ProgramData\\COM1")
                "</site><site name='x' id='5'><bindings><binding protocol='https' bindingInformation='*:444:'/></bindings>"
                VDIR("/ecp", "/", "%ProgramFiles%\\Exch\\V15\\ClientAccess\\ecp") "</site>"));
    CHECK(b.v.system_drive == 'D');
    CHECK(url_is(&b, "E:\\web\\new.aspx", "/new.aspx"));
    CHECK(url_is(&b, "D:\\ProgramData\\COM1\\hidden.aspx", "/a/b/hidden.aspx"));
    CHECK(url_is(&b, "D:\\inetpub\\wwwroot\\old.aspx", NULL));           /* kept, but nobody is served there */
    CHECK(ev_find(&b.v, STR("D:\\inetpub\\wwwroot\\old.aspx")));
    CHECK(path_is(&b, "/old.aspx", "E:\\web\\old.aspx"));
    CHECK_STR(b.v.install[0].path, STR("D:\\Program Files\\Exch\\V15"));
    CHECK(!b.v.install[0].found);
    CHECK(ev_find(&b.v, STR("D:\\x\\W3SVC5\\u_ex1.log"))->family == FAM_IIS_BACK);
    CHECK(ev_find(&b.v, STR("D:\\x\\W3SVC2\\u_ex1.log"))->family == FAM_IIS_FRONT);
    CHECK_STR(b.v.node[served(&b, "E:\\web")->named_by].path, STR("D:\\Windows\\System32\\inetsrv\\config\\applicationHost.config"));
    done(&b);
}

static void test_loose_parts(void **state)
{
    static const char *const files[] = { "/case/wwwroot/aspnet_client/x.aspx", "/case/HttpProxy/owa/auth/y.aspx", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, "/case/applicationHost.config", CONFIG("<site name='Default Web Site' id='1'>" VDIR("/", "/", "C:\\inetpub\\wwwroot") "</site>"));
    CHECK(url_is(&b, "?:\\case\\wwwroot\\aspnet_client\\x.aspx", "/aspnet_client/x.aspx"));
    CHECK(url_is(&b, "?:\\case\\HttpProxy\\owa\\auth\\y.aspx", "/owa/auth/y.aspx"));
    CHECK(path_is(&b, "/aspnet_client/x.aspx", "?:\\case\\wwwroot\\aspnet_client\\x.aspx"));
    done(&b);
}

static void test_damaged_configuration(void **state)
{
    static const char *const files[] = { "/case/C/inetpub/wwwroot/x.aspx", NULL };
    struct bench b = bench();

    (void)state;
    look(&b, files, "/case/C/Windows/System32/inetsrv/config/applicationHost.config", STR("\0\0\0\0 nothing"));
    CHECK(b.v.refused_n == 1);
    CHECK(url_is(&b, "C:\\inetpub\\wwwroot\\x.aspx", "/x.aspx"));
    done(&b);
}

static void test_too_many(void **state)
{
    static const char *const files[] = { "/case/C/inetpub/wwwroot/x.aspx", NULL };
    struct bench b = bench();
    struct str   s = STR("<configuration><system.applicationHost><sites><site name='a' id='1'>");

    (void)state;
    for (int i = 0; i < 200; i++)
        s = str_cat(&b.t.a, s, str_fmt(&b.t.a, "<application path='/a%d'><virtualDirectory path='/' physicalPath='C:\\v\\%d'/></application>", i, i));
    s = str_cat(&b.t.a, s, STR("</site></sites></system.applicationHost></configuration>"));
    look(&b, files, "/case/C/Windows/System32/inetsrv/config/applicationHost.config", s);
    CHECK(b.v.served_n == EV_ROOTS_MAX && b.v.refused_n > 0);
    done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_shape), cmocka_unit_test(test_only_logs), cmocka_unit_test(test_2010), cmocka_unit_test(test_by_configuration),
        cmocka_unit_test(test_loose_parts), cmocka_unit_test(test_damaged_configuration), cmocka_unit_test(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
