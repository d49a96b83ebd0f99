#include "layout_tree.h"

#include "base/num.h"

static void probes(void **state)
{
    static const struct { const char *name, *put[3], *want, *host, *why; } list[] = {
        { "EXCH01_20210312100000.tar", { "fs/C:/Windows/x", "fs/$metadata$/a" }, "acquire", "EXCH01", "as it is written" },
        { "EXCH01_20210312100000.tar.gz", { "fs/c:/windows/x" }, "acquire", "EXCH01", "lower case" },
        { "EX_CH.example.test_20210312100000.zip", { "fs/C:/x" }, "acquire", "EX_CH", "a full name" },
        { "evidence.tar", { "fs/$fs$/fs0/x" }, "acquire", "", "a volume without a letter" },
        { "EXCH01_20210312100000.tar", { "fs/sysvol/windows/x" }, "acquire", "EXCH01", "before 3.12" },
        { "EXCH01_20210312100000.tar", { "sysvol/windows/x" }, "acquire", "EXCH01", "older still" },
        { "evidence.tar", { "sysvol/windows/x" }, "acquire", "", "its folder tells" },
        { "evidence.tar", { "sysvol/domain/Policies/x" }, "none", "", "a share of every domain controller" },
        { "evidence.tar", { "C:/Windows/x" }, "acquire", "", "without fs/" },
        { "EXCH01_20210312100000", { "fs/C_/Windows/x" }, "acquire", "EXCH01", "unpacked where ':' is not allowed" },
        { "x", { "EXCH01_20210312100000/fs/C:/x" }, "acquire", "EXCH01", "the folder around it has the name" },
        { "site.zip", { "fs/C/x" }, "none", "", "any folder called fs" },
        { "EXCH01_20210312100000.tar", { "fs/etc/x" }, "none", "", "a Unix machine" },
        { "EXCH01_2021031210000.tar", { "fs/C:/x" }, "acquire", "", "no time in its name" },
        { "<b>_20210312100000.tar", { "fs/C:/x" }, "acquire", "", "no name of a machine" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 3 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || str_eq(l->server.name, str_c(list[i].host)), list[i].why);
        CHECK_WHY(!l || (l->server.by_name_only == (list[i].host[0] != 0) && l->selective && l->note_n == 0), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path, *why; } list[] = {
        { "fs", true, LAYOUT_ENTER, NULL, "above the drives" },
        { "fs/C:", true, LAYOUT_PLACE, "C:", "a drive" },
        { "fs/C:/Windows/System32/winevt/Logs/X%4Admin.evtx", false, LAYOUT_PLACE, "C:\\Windows\\System32\\winevt\\Logs\\X%4Admin.evtx", "nothing is decoded" },
        { "fs/C:/a%5Cb%2e%2e", false, LAYOUT_PLACE, "C:\\a%5Cb%2e%2e", "nothing is decoded" },
        { "fs/d:/inetpub/x", false, LAYOUT_PLACE, "D:\\inetpub\\x", "lower case" },
        { "fs/C:/$Extend/$Usnjrnl:$J", false, LAYOUT_PLACE, "C:\\$Extend\\$Usnjrnl:$J", "a stream" },
        { "fs/C/x", false, LAYOUT_PLACE, "C:\\x", "a letter alone" },
        { "fs/sysvol/windows/x", false, LAYOUT_PLACE, "C:\\windows\\x", "the drive of Windows" },
        { "sysvol/windows/x", false, LAYOUT_PLACE, "C:\\windows\\x", "the drive of Windows" },
        { "C:/x", false, LAYOUT_PLACE, "C:\\x", "without fs/" },
        { "fs/$fs$", true, LAYOUT_ENTER, NULL, "above a volume" },
        { "fs/$fs$/fs0", true, LAYOUT_ENTER, NULL, "above a volume" },
        { "fs/$fs$/fs0/a/b", false, LAYOUT_PLACE, "?:\\a\\b", "a volume without a letter" },
        { "fs/$fs$/fs0", false, LAYOUT_SKIP, NULL, "a file where a volume should be" },
        { "fs/$metadata$/command-output/x", false, LAYOUT_SKIP, NULL, "its own" },
        { "$metadata$", true, LAYOUT_SKIP, NULL, "its own" },
        { "fs/C:/../x", false, LAYOUT_REFUSE, NULL, "leaves" },
        { "fs/C:/a\\..\\b", false, LAYOUT_REFUSE, NULL, "a separator in a name" },
        { "fs/C:/D:/x", false, LAYOUT_REFUSE, NULL, "a drive inside a path" },
        { "fs/C:", false, LAYOUT_PLAIN, NULL, "a file that is named like a drive" },
        { "other/x", false, LAYOUT_PLAIN, NULL, "somebody put it there" },
        { "fs/other/x", false, LAYOUT_PLAIN, NULL, "somebody put it there" },
        { "C/x", false, LAYOUT_PLAIN, NULL, "a letter alone means nothing outside fs/" },
    };
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "fs/C:/x", "");
    tree_is(t, "EXCH01_20210312100000.tar", "acquire");
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct layout_place p = tree_map(t, list[i].below, list[i].dir);
        if (p.what != list[i].what || (list[i].path && !str_eq(p.path, str_c(list[i].path))))
            fail_msg("%s (%s): %d \"%.*s\"", list[i].below, list[i].why, (int)p.what, STR_ARG(p.path));
        CHECK_WHY(p.mtime_us == TIME_NONE && p.btime_us == TIME_NONE && !p.partial && !p.sparse, list[i].why);
    }
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/EXCH01_20210312100000/fs/C:/x", STR("x"));
    bool ok = tree_sweep(m, a, e);
    test_arena_free(&disk);
    return ok;
}

static void memory(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(probes), cmocka_unit_test(places), cmocka_unit_test(memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
