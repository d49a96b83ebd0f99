#include "layout_tree.h"

static void probes(void **state)
{
    static const struct { const char *name, *put[4], *want, *host, *why; } list[] = {
        { "EXCH01.zip", { "C/$MFT", "C/Windows/a" }, "cylr", "EXCH01", "as CyLR writes it" },
        { "exch01.example.test.ZIP", { "C/$LogFile", "D/inetpub/a" }, "cylr", "exch01.example.test", "two drives" },
        { "evidence", { "C/$MFT" }, "cylr", "", "unpacked: the folder may be called anything" },
        { "C.zip", { "C/$MFT" }, "cylr", "", "a drive's letter is no machine" },
        { "<b>.zip", { "C/$MFT" }, "cylr", "", "no name of a machine" },
        { "EXCH01.zip", { "C/Windows/a", "C/inetpub/b" }, "none", "", "a drive somebody packed" },
        { "EXCH01.zip", { "C/$MFT", "readme.txt" }, "none", "", "CyLR writes nothing beside the drives" },
        { "EXCH01.zip", { "C/$MFT", "logs/a" }, "none", "", "a folder beside the drives" },
        { "EXCH01.zip", { "C:/$MFT" }, "acquire", "", "CyLR takes the colon out" },
        { "EXCH01.zip", { "C/$Extend/$J", "C/$MFT" }, "kape", "", "KAPE's name of a stream" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 4 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || str_eq(l->server.name, str_c(list[i].host)), list[i].why);
        CHECK_WHY(!l || l->server.by_name_only == (list[i].host[0] != 0), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path; } list[] = {
        { "", true, LAYOUT_ENTER, NULL },
        { "C", true, LAYOUT_PLACE, "C:" },
        { "c/inetpub/logs/LogFiles/W3SVC1/u_ex210303.log", false, LAYOUT_PLACE, "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log" },
        { "C/Windows/System32/winevt/Logs/X%4Admin.evtx", false, LAYOUT_PLACE, "C:\\Windows\\System32\\winevt\\Logs\\X%4Admin.evtx" },
        { "C/$Extend/$UsnJrnl$J", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$J" },
        { "C/$Extend/$UsnJrnl$J", true, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl$J" },
        { "C/..", true, LAYOUT_REFUSE, NULL },
        { "C/a\\..\\b", false, LAYOUT_REFUSE, NULL },
        { "D", false, LAYOUT_PLAIN, NULL },
    };
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "C/$MFT", "");
    tree_is(t, "EXCH01.zip", "cylr");
    CHECK(t->l->selective && t->l->note_n == 0);
    for (size_t i = 0; i < sizeof list / sizeof *list; i++)
        tree_at(t, list[i].below, list[i].dir, list[i].what, list[i].path);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/C/$MFT", STR("x"));
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
