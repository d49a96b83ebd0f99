#include "layout_tree.h"

#define COPY_HEAD "\xEF\xBB\xBF" "CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n"
#define SKIP_HEAD "\xEF\xBB\xBF" "SourceFile,SourceFileSha1,Reason\r\n"
#define T "2021-03-12 10:00:01.1234567"
#define ROW(from, to, sha, born, changed) T "," from "," to ",5," sha ",False," born "," changed "," T ",00:00:00.01\r\n"

static void probes(void **state)
{
    static const struct { const char *name, *put[4], *want, *why; } list[] = {
        { "x", { "2021-03-12T10_00_00_1234567_CopyLog.csv", "C/a.txt" }, "kape", "a copy log beside a drive" },
        { "x", { "2021-03-12T10_00_00_1234567_SkipLog.csv.csv", "c/a.txt" }, "kape", "the name KAPE 1.3 gives its skip log; a drive in lower case" },
        { "x", { "2022-05-28T024344_ConsoleLog.txt", "D/a.txt" }, "kape", "only the console log is left" },
        { "x", { "VSS1/Windows/a", "C/a.txt" }, "kape", "shadow copies" },
        { "x", { "LongFileNames/a", "C/a.txt" }, "kape", "paths that were too long" },
        { "x", { "C/$Extend/$J" }, "kape", "a stream under KAPE's name" },
        { "x", { "C/$Secure_$SDS" }, "kape", "another stream" },
        { "2021-03-12T100000_Exchange_EXCH01.zip", { "C/a.txt" }, "kape", "the name of the container" },
        { "x", { "out/tdest/2021_CopyLog.csv", "out/tdest/C/a" }, "kape", "somebody packed the folder around it" },
        { "x", { "C/a.txt", "D/b.txt" }, "none", "drives somebody copied" },
        { "x", { "VSS1/a.txt" }, "none", "one folder of any name" },
        { "x", { "VSS999/a", "VSS0/a", "VSSx/a", "C/a" }, "none", "no shadow copies" },
        { "x", { "C/$Extend/$J/a" }, "none", "a folder of that name" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 4 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path; } list[] = {
        { "", true, LAYOUT_ENTER, NULL },
        { "C", true, LAYOUT_PLACE, "C:" },
        { "d/Exch", true, LAYOUT_PLACE, "D:\\Exch" },
        { "C/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", false, LAYOUT_PLACE, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log" },
        { "C/Windows/System32/winevt/Logs/Microsoft-Windows-TaskScheduler%4Admin.evtx", false, LAYOUT_PLACE,
          "C:\\Windows\\System32\\winevt\\Logs\\Microsoft-Windows-TaskScheduler%4Admin.evtx" },
        { "C/$Extend/$J", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$J" },
        { "C/$Extend/$Max", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$Max" },
        { "C/$Secure_$SDS", false, LAYOUT_PLACE, "C:\\$Secure:$SDS" },
        { "C/x/$Secure_$SDS", false, LAYOUT_PLACE, "C:\\x\\$Secure_$SDS" },
        { "VSS1", true, LAYOUT_PLACE, "C:" },
        { "vss12/Windows/a.log", false, LAYOUT_PLACE, "C:\\Windows\\a.log" },
        { "C/a\\b", false, LAYOUT_REFUSE, NULL },
        { "C/../b", false, LAYOUT_REFUSE, NULL },
        { "1_CopyLog.csv", false, LAYOUT_SKIP, NULL },
        { "1_SkipLog.csv.csv", false, LAYOUT_SKIP, NULL },
        { "1_ConsoleLog.txt", false, LAYOUT_SKIP, NULL },
        { "C/1_CopyLog.csv", false, LAYOUT_PLACE, "C:\\1_CopyLog.csv" },
        { "2021-03-12T100000_X_EXCH01.vhdx", false, LAYOUT_INNER, NULL },
        { "2021-03-12T100000_X_EXCH01.zip", false, LAYOUT_INNER, NULL },
        { "backup.zip", false, LAYOUT_PLAIN, NULL },
        { "C", false, LAYOUT_PLAIN, NULL },
        { "notes/a.txt", false, LAYOUT_PLAIN, NULL },
        { "LongFileNames", true, LAYOUT_ENTER, NULL },
        { "LongFileNames/x", false, LAYOUT_PLACE, "?:\\LongFileNames\\x" },
    };
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "1_CopyLog.csv", COPY_HEAD);
    tree_put(t, "C/a", "");
    tree_is(t, "x", "kape");
    CHECK(t->l->selective && t->l->note_n == 0 && t->l->server.name.n == 0);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        tree_at(t, list[i].below, list[i].dir, list[i].what, list[i].path);
    CHECK(tree_map(t, "vss12/Windows/a.log", false).shadow == 12);
    CHECK(tree_map(t, "C/a", false).shadow == 0);
    tree_free(t);
}

static void copylog(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "2021_CopyLog.csv", COPY_HEAD
        ROW("C:\\inetpub\\a.log", "E:\\k\\C\\out\\C\\inetpub\\a.log", "AA", "2021-03-03 04:11:09.5000000", "2021-03-05 00:00:00.0000000")
        ROW("C:\\$Extend\\$UsnJrnl:$J", "E:\\k\\C\\out\\C\\$Extend\\$J", "BB", "2020-01-01 00:00:00", "2020-01-02 00:00:00")
        ROW("d:\\x\\Real Name.aspx", "E:\\k\\C\\out\\d\\x\\saved", "CC", T, T)
        ROW("E:\\vss1\\Exch\\Logging\\b.log", "E:\\k\\C\\out\\VSS1\\Exch\\Logging\\b.log", "DD", "2021-02-01 00:00:00", "")
        ROW("C:\\very\\long\\one.log", "E:\\k\\C\\out\\LongFileNames\\1.log", "EE", T, T)
        "\"" T "\",\"C:\\q,\"\"x.log\",\"E:\\o\\C\\q,\"\"x.log\",5,FF,False,\"2021-03-03 01:00:00\",nonsense,,\r\n"
        ROW("C:\\Windows\\Temp\\hidden.txt", "E:\\k\\C\\out\\C\\inetpub\\wwwroot\\page.aspx", "GG", T, T)
        ROW("..\\up", "E:\\k\\C\\out\\C\\up", "HH", T, T)
        ROW("C:\\a\\..\\up", "E:\\k\\C\\out\\C\\up", "HH", T, T)
        ROW("\\\\?\\C:\\inetpub\\dev.log", "E:\\k\\C\\out\\C\\inetpub\\dev.log", "", "2021-03-04 00:00:00", T)
        "cut,C:\\in");
    tree_put(t, "C/a", "");
    tree_is(t, "x", "kape");

    struct layout_place p = tree_map(t, "C/inetpub/A.LOG", false);
    CHECK(p.what == LAYOUT_PLACE && p.btime_us == tree_time("2021-03-03T04:11:09.5Z") && p.mtime_us == tree_time("2021-03-05"));
    CHECK_STR(p.path, STR("C:\\inetpub\\a.log"));
    p = tree_map(t, "C/$Extend/$J", false);
    CHECK(p.btime_us == tree_time("2020-01-01"));
    CHECK_STR(p.path, STR("C:\\$Extend\\$UsnJrnl:$J"));
    tree_at(t, "D/x/saved", false, LAYOUT_PLACE, "D:\\x\\Real Name.aspx");
    p = tree_map(t, "VSS1/Exch/Logging/b.log", false);
    CHECK(p.shadow == 1 && p.btime_us == tree_time("2021-02-01") && p.mtime_us == TIME_NONE);
    CHECK_STR(p.path, STR("E:\\Exch\\Logging\\b.log"));
    tree_at(t, "VSS1/Exch/other.log", false, LAYOUT_PLACE, "E:\\Exch\\other.log");
    tree_at(t, "VSS2/Exch/other.log", false, LAYOUT_PLACE, "C:\\Exch\\other.log");
    tree_at(t, "LongFileNames/1.log", false, LAYOUT_PLACE, "C:\\very\\long\\one.log");
    p = tree_map(t, "C/q,\"x.log", false);
    CHECK(p.btime_us == tree_time("2021-03-03T01:00:00Z") && p.mtime_us == TIME_NONE);

    /* A list that says another folder is not believed: the page stays where it lies. */
    tree_at(t, "C/inetpub/wwwroot/page.aspx", false, LAYOUT_PLACE, "C:\\inetpub\\wwwroot\\page.aspx");
    CHECK(tree_map(t, "C/inetpub/wwwroot/page.aspx", false).btime_us == TIME_NONE);
    CHECK(tree_map(t, "C/inetpub/dev.log", false).btime_us == tree_time("2021-03-04"));
    CHECK(tree_note(t, "1 rows of the copy log do not fit"));
    CHECK(tree_note(t, "2 rows of the copy log state no usable path"));
    CHECK_STR(tree_note(t, "no usable path")->path, STR("..\\up"));
    tree_free(t);
}

static void skiplog(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "a_CopyLog.csv", COPY_HEAD
        ROW("C:\\inetpub\\wwwroot\\a.aspx", "E:\\o\\C\\inetpub\\wwwroot\\a.aspx", "3FE93030A4F1BEDE41F7EB82499E43D89C24EF17", T, T));
    tree_put(t, "a_SkipLog.csv.csv", SKIP_HEAD
        "C:\\Users\\x\\b.log,1111111111111111111111111111111111111111,Deduped\r\n"
        "C:\\inetpub\\wwwroot\\b.aspx,3fe93030a4f1bede41f7eb82499e43d89c24ef17,Deduped\r\n"
        "C:\\empty.aspx,DA39A3EE5E6B4B0D3255BFEF95601890AFD80709,Deduped\r\n"
        "C:\\Windows\\notepad.exe,22,Excluded\r\n"
        "C:\\pagefile.sys,,File in use\r\n"
        "C:\\___vssMount\\vss001\\inetpub\\wwwroot\\a.aspx,3FE93030A4F1BEDE41F7EB82499E43D89C24EF17,Deduped\r\n"
        "..\\x,33,Deduped\r\n");
    tree_put(t, "C/inetpub/wwwroot/a.aspx", "x");
    tree_is(t, "x", "kape");
    assert_int_equal(t->l->note_n, 4);
    CHECK_STR(t->l->note[0].path, STR("C:\\Users\\x\\b.log"));
    CHECK(strstr(t->l->note[0].what, "which is not in this collection either"));
    CHECK(tree_note(t, "1 more not copied") && tree_note(t, "1 not copied: their hashes") && tree_note(t, "1 not copied"));
    struct layout_place p = tree_map(t, "C/inetpub/wwwroot/a.aspx", false);
    assert_int_equal(p.also_n, 1);
    CHECK_STR(p.also[0], STR("C:\\inetpub\\wwwroot\\b.aspx"));
    CHECK(tree_map(t, "C/inetpub/wwwroot/other.aspx", false).also_n == 0);
    tree_free(t);
}

/* A list that lies cannot make one file into any number. */
static void skiplog_lies(void **state)
{
    struct tree *t = tree_new();
    size_t       n = 4 << 20, at = 0;
    char        *text = malloc(n);

    (void)state;
    at += (size_t)snprintf(text, n, "%s", SKIP_HEAD);
    for (unsigned i = 0; at + 200 < n; i++)
        at += (size_t)snprintf(text + at, n - at, "C:\\inetpub\\%u.aspx,3FE93030A4F1BEDE41F7EB82499E43D89C24EF17,Deduped\n", i);
    tree_put(t, "a_SkipLog.csv", text);
    tree_put(t, "a_CopyLog.csv", COPY_HEAD ROW("C:\\inetpub\\a.aspx", "E:\\o\\C\\inetpub\\a.aspx", "3FE93030A4F1BEDE41F7EB82499E43D89C24EF17", T, T));
    tree_put(t, "C/inetpub/a.aspx", "x");
    tree_is(t, "x", "kape");
    struct layout_place p = tree_map(t, "C/inetpub/a.aspx", false);
    assert_int_equal(p.also_n, 1024);
    CHECK(tree_note(t, "more not copied: the same content"));
    free(text);
    tree_free(t);
}

static void console(void **state)
{
    static const struct { const char *text, *archive, *host, *os; bool by_name; } list[] = {
        { "[x | INF] Command line:   --tsource C: --tdest D:\\o --target !SANS_Triage\n"
          "[x | INF] System info: Machine name: EXCH01, 64-bit: true, User: a OS: Windows10 (10.0.14393)\r\nmore", "x", "EXCH01", "Windows10 (10.0.14393)", false },
        { "Command line: --tsource F: --tdest D:\\o\nSystem info: Machine name: ANALYST, 64-bit: true, User: a OS: x\n", "x", "", "", false },
        { "Command line: --tsource C: --tdest D:\\o\nSystem info: Machine name: <b>x, 64-bit: true\n", "x", "", "", false },
        { "Command line: --tsource C: --tdest D:\\o\nSystem info: Machine name: cut", "x", "", "", false },
        { "", "2021-03-12T100000_Exchange_EXCH02.zip", "EXCH02", "", true },
        { "", "2021-03-12T10_00_00_1234567_!SANS_Triage_EXCH03.zip", "EXCH03", "", true },
        { "", "2021-03-12T100000_Exchange.zip", "", "", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        tree_put(t, "2021_ConsoleLog.txt", list[i].text);
        tree_put(t, "C/a", "");
        tree_is(t, list[i].archive, "kape");
        CHECK_STR(t->l->server.name, str_c(list[i].host));
        CHECK_STR(t->l->server.os, str_c(list[i].os));
        CHECK(t->l->server.by_name_only == list[i].by_name && !t->l->server.stated_by == !list[i].host[0]);
        tree_free(t);
    }
}

static void long_names(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "1_CopyLog.csv", COPY_HEAD ROW("C:\\deep\\er\\one.log", "E:\\o\\LongFileNames\\one.log", "AA", T, "2021-03-05"));
    tree_put(t, "C/a", "");
    tree_put(t, "LongFileNames/one.log", "x");
    tree_put(t, "LongFileNames/one.log.txt", "C:\\deep\\er\\one.log\r\n");
    tree_put(t, "LongFileNames/two.aspx", "x");
    tree_put(t, "LongFileNames/two.txt", "D:\\deep\\two.aspx");
    tree_put(t, "LongFileNames/three.log", "x");
    tree_put(t, "LongFileNames/three.log.txt", "..\\..\\three.log");
    tree_put(t, "LongFileNames/four.txt", "C:\\alone.txt");
    tree_is(t, "x", "kape");
    tree_at(t, "LongFileNames/one.log", false, LAYOUT_PLACE, "C:\\deep\\er\\one.log");
    CHECK(tree_map(t, "LongFileNames/one.log", false).mtime_us == tree_time("2021-03-05") && t->l->note_n == 0);
    tree_at(t, "LongFileNames/one.log.txt", false, LAYOUT_SKIP, NULL);
    tree_at(t, "LongFileNames/two.aspx", false, LAYOUT_PLACE, "D:\\deep\\two.aspx");
    tree_at(t, "LongFileNames/two.txt", false, LAYOUT_SKIP, NULL);
    tree_at(t, "LongFileNames/three.log", false, LAYOUT_PLACE, "?:\\LongFileNames\\three.log");
    tree_at(t, "LongFileNames/three.log.txt", false, LAYOUT_PLACE, "?:\\LongFileNames\\three.log.txt");
    tree_at(t, "LongFileNames/four.txt", false, LAYOUT_PLACE, "?:\\LongFileNames\\four.txt");
    tree_free(t);
}

/* What costs more the longer a list is would show here: long rows, many rows, one key again and again. */
static void hostile(void **state)
{
    struct tree *t = tree_new();
    size_t      n = 4 << 20, at = 0;
    char       *text = malloc(n + 1);

    (void)state;
    at += (size_t)snprintf(text, n, "%s", COPY_HEAD);
    while (at + 200 < n / 2)
        at += (size_t)snprintf(text + at, n - at, "t,C:\\a\\x.log,E:\\VSS1\\VSS1\\VSS1\\VSS1\\VSS1\\VSS1\\VSS1\\VSS1\\C\\a\\x.log,1,A,F,,,,\n");
    at += (size_t)snprintf(text + at, n - at, "t,C:");
    for (size_t i = 0; at + 200 < n; i++)
        at += (size_t)snprintf(text + at, n - at, "%s", "\\VSS1");
    text[at] = 0;
    tree_put(t, "1_CopyLog.csv", text);
    tree_put(t, "2_CopyLog.csv", "no header at all");
    tree_put(t, "3_CopyLog.csv", "");
    tree_put(t, "4_CopyLog.csv", "\"open");
    tree_put(t, "C/a/x.log", "");
    tree_is(t, "x", "kape");
    tree_at(t, "C/a/x.log", false, LAYOUT_PLACE, "C:\\a\\x.log");
    CHECK(tree_note(t, "do not fit"));
    free(text);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/1_CopyLog.csv", STR(COPY_HEAD ROW("C:\\a\\b", "E:\\o\\C\\a\\b", "AA", T, T)));
    os_mem_add(m, "/c/1_SkipLog.csv", STR(SKIP_HEAD "C:\\a\\c,AA,Deduped\r\n"));
    os_mem_add(m, "/c/1_ConsoleLog.txt", STR("--tsource C:\nSystem info: Machine name: A, OS: x\n"));
    os_mem_add(m, "/c/LongFileNames/x", STR("x"));
    os_mem_add(m, "/c/LongFileNames/x.txt", STR("C:\\long\\x"));
    os_mem_add(m, "/c/C/a/b", STR("x"));
    bool ok = tree_sweep(m, a, e);
    test_arena_free(&disk);
    return ok;
}
static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes), cmocka_unit_test(places), cmocka_unit_test(copylog), cmocka_unit_test(skiplog), cmocka_unit_test(skiplog_lies), cmocka_unit_test(console),
        cmocka_unit_test(long_names), cmocka_unit_test(hostile), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
