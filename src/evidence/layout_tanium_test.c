#include "layout_tree.h"

static void probes(void **state)
{
    static const struct { const char *name, *put[3], *want, *host, *why; } list[] = {
        { "20210312T100000Z-EXCH01", { "file/C/Windows/a", "collector/processes.txt" }, "tanium", "EXCH01", "files and results" },
        { "x.zip", { "2021-03-12T10-00-00Z-EXCH-01/file/C/$Extend/$UsnJrnl_$J" }, "tanium", "EXCH-01", "one folder inside an archive, and the journal's name" },
        { "2021-03-12_10.00.00-EXCH01.zip", { "file/D/a", "collector/a.txt" }, "tanium", "EXCH01", "another way to write the time" },
        { "EXCH01", { "file/C/a", "collector/a.txt" }, "tanium", "", "no time: no name to trust" },
        { "2021-03-12", { "file/C/a", "collector/a.txt" }, "tanium", "", "a time alone" },
        { "x", { "file/C/Windows/a" }, "none", "", "a folder called file" },
        { "x", { "file/data/a", "collector/a.txt" }, "none", "", "no drive" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 3 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || (str_eq(l->server.name, str_c(list[i].host)) && l->server.by_name_only == (list[i].host[0] != 0)), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path; } list[] = {
        { "", true, LAYOUT_ENTER, NULL },
        { "20210312-A", true, LAYOUT_ENTER, NULL },
        { "20210312-A/file", true, LAYOUT_ENTER, NULL },
        { "20210312-A/file/c", true, LAYOUT_PLACE, "C:" },
        { "20210312-A/file/D/Exch/x%4A.log", false, LAYOUT_PLACE, "D:\\Exch\\x%4A.log" },
        { "20210312-A/file/C/$Extend/$UsnJrnl_$J", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$J" },
        { "20210312-A/file/C/$Secure_$SDS", false, LAYOUT_PLACE, "C:\\$Secure:$SDS" },
        { "20210312-A/file/C", false, LAYOUT_PLAIN, NULL },
        { "20210312-A/file/other", true, LAYOUT_PLAIN, NULL },
        { "20210312-A/file/C/..", true, LAYOUT_REFUSE, NULL },
        { "20210312-A/collector", true, LAYOUT_SKIP, NULL },
        { "20210312-A/collector/a.txt", false, LAYOUT_SKIP, NULL },
        { "20210312-A/readme.txt", false, LAYOUT_PLAIN, NULL },
    };
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "20210312-A/file/C/a", "");
    tree_put(t, "20210312-A/collector/a.txt", "");
    tree_is(t, "x.zip", "tanium");
    CHECK(t->l->selective && t->l->note_n == 0);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        tree_at(t, list[i].below, list[i].dir, list[i].what, list[i].path);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/20210312-A/file/C/$Extend/$UsnJrnl_$J", STR("x"));
    bool ok = tree_sweep(m, a, e);
    test_arena_free(&disk);
    return ok;
}
static void faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(probes), cmocka_unit_test(places), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
