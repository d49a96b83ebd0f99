#include "test.h"

#include "base/num.h"
#include "base/winpath.h"

static const struct { const char *why, *raw, *want; } canon_cases[] = {
    { "plain",                          "C:\\inetpub\\wwwroot\\x.aspx",            "C:\\inetpub\\wwwroot\\x.aspx" },
    { "case is kept, the letter is not", "c:\\InetPub\\X.aspx",                    "C:\\InetPub\\X.aspx" },
    { "forward slashes",                "D:/Exch/V15/",                            "D:\\Exch\\V15" },
    { "doubled separators",             "C:\\\\a\\\\\\b",                          "C:\\a\\b" },
    { "a drive alone",                  "E:",                                      "E:\\" },
    { "relative to a drive",            "C:x\\y",                                  "C:\\x\\y" },
    { "long path prefix",               "\\\\?\\C:\\inetpub\\com1.aspx",           "C:\\inetpub\\com1.aspx" },
    { "NT prefix",                      "\\??\\C:\\Windows\\x.dll",                "C:\\Windows\\x.dll" },
    { "device prefix",                  "\\\\.\\C:\\ProgramData\\COM1\\x",         "C:\\ProgramData\\COM1\\x" },
    { "prefix with slashes",            "//?/C:/x",                                "C:\\x" },
    { "prefix twice",                   "\\\\?\\\\\\?\\C:\\x",                     "C:\\x" },
    { "dots",                           "C:\\a\\.\\b\\..\\c",                      "C:\\a\\c" },
    { "never above the drive",          "C:\\..\\..\\Windows",                     "C:\\Windows" },
    { "dots, relative",                 "a\\..\\..\\b",                            "b" },
    { "nothing",                        "",                                        "" },
    { "only dots",                      "..\\.",                                   "" },
    { "no drive",                       "\\inetpub\\wwwroot",                      "?:\\inetpub\\wwwroot" },
    { "unknown drive",                  "?:\\x\\..\\y",                            "?:\\y" },
    { "volume guid",                    "\\\\?\\Volume{0-1-2}\\Windows",           "?:\\Windows" },
    { "volume by device",               "\\Device\\HarddiskVolume3\\Windows\\a",   "?:\\Windows\\a" },
    { "volume under GLOBALROOT",        "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\x", "?:\\x" },
    { "a share",                        "\\\\srv\\share\\a\\..\\b",                "\\\\srv\\share\\b" },
    { "never above the share",          "\\\\srv\\share\\..\\..\\b",               "\\\\srv\\share\\b" },
    { "long path to a share",           "\\\\?\\UNC\\srv\\share\\b",               "\\\\srv\\share\\b" },
    { "SystemDrive",                    "%SystemDrive%\\inetpub\\wwwroot",         "D:\\inetpub\\wwwroot" },
    { "SystemRoot, any case",           "%SYSTEMROOT%\\debug",                     "D:\\Windows\\debug" },
    { "windir alone",                   "%windir%",                                "D:\\Windows" },
    { "ProgramFiles",                   "%ProgramFiles%\\Microsoft",               "D:\\Program Files\\Microsoft" },
    { "ProgramFiles(x86)",              "%ProgramFiles(x86)%\\a",                  "D:\\Program Files (x86)\\a" },
    { "ProgramData",                    "%ProgramData%\\x",                        "D:\\ProgramData\\x" },
    { "NT SystemRoot",                  "\\SystemRoot\\System32\\a.sys",           "D:\\Windows\\System32\\a.sys" },
    { "an unknown variable stays",      "%TEMP%\\msert",                           "%TEMP%\\msert" },
    { "a variable behind dots",         ".\\%windir%\\a",                          "D:\\Windows\\a" },
    { "a drive behind dots",            "x\\..\\C:..\\y",                          "C:\\y" },
    { "junction All Users",             "D:\\Users\\All Users\\x",                 "D:\\ProgramData\\x" },
    { "junction, old name",             "D:\\Documents and Settings\\bob\\x",      "D:\\Users\\bob\\x" },
    { "junctions chained",              "D:\\Documents and Settings\\All Users\\Application Data\\x", "D:\\ProgramData\\x" },
    { "junction, the folder itself",    "D:\\Users\\All Users",                    "D:\\ProgramData" },
    { "not a junction: longer name",    "D:\\Users\\All Users2\\x",                "D:\\Users\\All Users2\\x" },
    { "not a junction: other drive",    "E:\\Users\\All Users\\x",                 "E:\\Users\\All Users\\x" },
    { "junction on an unknown drive",   "\\Users\\All Users\\x",                   "?:\\ProgramData\\x" },
    { "a trailing dot is evidence",     "C:\\x\\y.aspx.",                          "C:\\x\\y.aspx." },
    { "a stream is kept",               "C:\\x\\y.aspx:s",                         "C:\\x\\y.aspx:s" },
    { "8.3 is the tree's matter",       "C:\\PROGRA~1\\x",                         "C:\\PROGRA~1\\x" },
};

static void test_canon(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(canon_cases); i++) {
        struct test_arena t   = test_arena(4096);
        struct str        raw = test_heap(canon_cases[i].raw, strlen(canon_cases[i].raw));
        struct str        got = winpath_canon(&t.a, raw, 'D'), again = winpath_canon(&t.a, got, 'd');
        if (!str_eq(got, str_c(canon_cases[i].want)))
            fail_msg("%s: got \"%.*s\"", canon_cases[i].why, STR_ARG(got));
        CHECK_WHY(str_eq(again, got), canon_cases[i].why);
        test_free(raw);
        test_arena_free(&t);
    }
}

static void test_canon_odd(void **state)
{
    struct test_arena t = test_arena(4096);

    (void)state;
    CHECK_STR(winpath_canon(&t.a, STR("%windir%"), '?'), STR("C:\\Windows"));      /* an unknown system drive is C */
    CHECK_STR(winpath_canon(&t.a, STR("C:\\a\0b\\\xff"), 'C'), STR("C:\\a\0b\\\xff"));
    struct arena empty = { 0 };
    CHECK(winpath_canon(&empty, STR("C:\\a"), 'C').p == NULL);
    test_arena_free(&t);
}

static void test_parts(void **state)
{
    (void)state;
    CHECK_STR(winpath_name(STR("C:\\a\\b.aspx")), STR("b.aspx"));
    CHECK_STR(winpath_name(STR("b.aspx")), STR("b.aspx"));
    CHECK_STR(winpath_name(STR("C:\\")), STR(""));
    CHECK_STR(winpath_dir(STR("C:\\a\\b.aspx")), STR("C:\\a"));
    CHECK_STR(winpath_dir(STR("C:\\x")), STR("C:"));
    CHECK_STR(winpath_dir(STR("x")), STR(""));
    CHECK_STR(winpath_ext(STR("C:\\a.b\\x")), STR(""));
    CHECK_STR(winpath_ext(STR("C:\\a\\x.y.ASPX")), STR(".ASPX"));
    CHECK_STR(winpath_ext(STR("C:\\a\\x.aspx:z.txt")), STR(".aspx"));
    CHECK_STR(winpath_ext(STR("C:\\a\\x.aspx::$DATA")), STR(".aspx"));
    CHECK_STR(winpath_ext(STR("C:\\a\\x.aspx. .")), STR(".aspx"));
    CHECK_STR(winpath_ext(STR(".config")), STR(".config"));
}

static void test_below(void **state)
{
    (void)state;
    CHECK(winpath_below(STR("C:\\a\\b"), STR("c:\\A")));
    CHECK(winpath_below(STR("C:\\a"), STR("C:\\a")));
    CHECK(winpath_below(STR("C:\\a"), STR("C:\\a\\")));
    CHECK(winpath_below(STR("C:\\a"), STR("C:\\")));
    CHECK(winpath_below(STR("C:\\a"), STR("C:")));
    CHECK(!winpath_below(STR("C:\\ab"), STR("C:\\a")));
    CHECK(!winpath_below(STR("C:\\a"), STR("C:\\a\\b")));
    CHECK(!winpath_below(STR("C:\\a"), STR("")));
    CHECK_STR(winpath_rest(STR("C:\\A\\b\\c"), STR("C:\\a")), STR("b\\c"));
    CHECK_STR(winpath_rest(STR("C:\\a"), STR("C:\\a")), STR(""));
    CHECK_STR(winpath_rest(STR("C:\\ab\\c"), STR("C:\\a")), STR(""));
    CHECK_STR(winpath_rest(STR("C:\\x"), STR("C:\\")), STR("x"));
}

static void test_names(void **state)
{
    static const struct { const char *name; bool reserved, hidden; } cases[] = {
        { "CON", true, true }, { "con.aspx", true, true }, { "COM1", true, true }, { "Lpt9.x.y", true, true }, { "COM0", false, false },
        { "COM10", false, false }, { "COM\xc2\xb9", true, true }, { "COM\xc2\xbc", false, false }, { "NUL ", true, true }, { "AUX:x", true, true },
        { "CONIN$", true, true }, { "console", false, false }, { "COM", false, false }, { "x.aspx.", false, true }, { "x ", false, true },
        { "x", false, false }, { "", false, false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CHECK_WHY(winpath_reserved(str_c(cases[i].name)) == cases[i].reserved, cases[i].name);
        CHECK_WHY(winpath_hidden_name(str_c(cases[i].name)) == cases[i].hidden, cases[i].name);
    }
}

static void test_short(void **state)
{
    static const struct { const char *s, *l; bool fits; const char *why; } cases[] = {
        { "PROGRA~1", "Program Files", true, "blank dropped" },
        { "progra~2", "Program Files (x86)", true, "any number, any case" },
        { "MICROS~1.NET", "Microsoft.NET", true, "extension" },
        { "MICROS~1", "Microsoft.NET", false, "extension missing" },
        { "DEFAUL~1.ASP", "default_long.aspx", true, "extension cut at three" },
        { "ABC~1", "a.b.c", false, "c is an extension here" },
        { "AB~1.C", "a.b.c", true, "inner dots are dropped" },
        { "AB~1", "ab", true, "a short base that needs no cut" },
        { "AB~1", "abc", false, "cut sooner than eight characters ask" },
        { "PROGR~10", "Program Files", true, "two digits, five letters" },
        { "PR1A2F~1", "Program Files", true, "checksum form" },
        { "PRxA2F~1", "Program Files", false, "not hex" },
        { "WEBSER~1", "web server extensions", true, "as in the wild" },
        { "CONFIG~1", ".config", true, "leading dot is no extension" },
        { "A_B~1", "a+b", true, "characters that FAT does not know" },
        { "PROGRA~", "Program Files", false, "no number" },
        { "~1", "x", false, "no letters" },
        { "PROGRAM", "Program Files", false, "no tilde" },
        { "", "", false, "empty" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK_WHY(winpath_short_fits(str_c(cases[i].s), str_c(cases[i].l)) == cases[i].fits, cases[i].why);
}

static void test_page(void **state)
{
    (void)state;
    CHECK(winpath_is_page(STR("C:\\x\\y.aspx")));
    CHECK(winpath_is_page(STR("C:\\x\\y.ASHX:s")));
    CHECK(winpath_is_page(STR("C:\\x\\y.asp ")));
    CHECK(!winpath_is_page(STR("C:\\x.aspx\\y.txt")));
    CHECK(!winpath_is_page(STR("C:\\x\\aspx")));
}

static void test_url(void **state)
{
    static const struct { const char *why, *raw, *want; } cases[] = {
        { "plain",                 "/owa/auth/X.aspx",               "/owa/auth/x.aspx" },
        { "decoded",               "/aspnet%5fclient/a%2Easpx",      "/aspnet_client/a.aspx" },
        { "decoded only once",     "/a%2561",                        "/a%61" },
        { "slashes and dots",      "//owa/./auth//../x.aspx",        "/owa/x.aspx" },
        { "never above the root",  "/../../x",                       "/x" },
        { "path info",             "/ecp/x.aspx/a/b",                "/ecp/x.aspx" },
        { "service method",        "/ecp/DDI/DDIService.svc/SetObject", "/ecp/ddi/ddiservice.svc" },
        { "query",                 "/x.aspx?a=/b",                   "/x.aspx" },
        { "trailing slash",        "/owa/",                          "/owa" },
        { "root",                  "/",                              "/" },
        { "empty",                 "",                               "/" },
        { "no slash",              "owa/x",                          "/owa/x" },
        { "backslash",             "/owa\\auth\\x.aspx",             "/owa/auth/x.aspx" },
        { "whole address",         "https://mail.example.com/OWA/x", "/owa/x" },
        { "host alone",            "https://mail.example.com",       "/" },
        { "cookieless segment",    "/owa/(S(abc))/x.aspx",           "/owa/x.aspx" },
        { "a stream of the page",  "/owa/auth/x.aspx::$DATA",        "/owa/auth/x.aspx" },
        { "a blank at its end",    "/owa/auth/x.aspx%20",            "/owa/auth/x.aspx" },
        { "the blank as IIS logs it", "/owa/auth/x.aspx+",           "/owa/auth/x.aspx" },
        { "a dot at its end",      "/owa/auth/x.aspx.",              "/owa/auth/x.aspx" },
        { "a parameter",           "/ASPNET_CLIENT/X.ASPX;.js",      "/aspnet_client/x.aspx" },
        { "a semicolon in the name", "/owa/auth/a;b.aspx/c",         "/owa/auth/a;b.aspx" },
        { "no page, no cut",       "/owa/a;b.js+",                   "/owa/a;b.js+" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t   = test_arena(4096);
        struct str        raw = test_heap(cases[i].raw, strlen(cases[i].raw));
        struct str        got = urlpath_canon(&t.a, raw);
        if (!str_eq(got, str_c(cases[i].want)))
            fail_msg("%s: %.*s", cases[i].why, STR_ARG(got));
        test_free(raw);
        test_arena_free(&t);
    }
    struct arena empty = { 0 };
    CHECK(urlpath_canon(&empty, STR("/x")).p == NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canon), cmocka_unit_test(test_canon_odd), cmocka_unit_test(test_parts), cmocka_unit_test(test_below),
        cmocka_unit_test(test_names), cmocka_unit_test(test_short), cmocka_unit_test(test_page), cmocka_unit_test(test_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
