/* What Velociraptor's collector wrote in 2021. */
#include "layout_tree.h"

#include "base/num.h"

#define TARGETS "Windows.KapeFiles.Targets/"
#define ROW(path, times) "{\"SourceFile\":\"" path "\",\"Size\":9" times "}\n"

static void probes(void **state)
{
    static const struct { const char *name, *put[3], *want, *host, *why; } list[] = {
        { "Collection-EXCH01-2021-03-12T10_00_00Z.zip", { "C/inetpub/x", TARGETS "All File Metadata.json" }, "velociraptor", "EXCH01", "drives and results" },
        { "x", { "D/x", TARGETS "Uploads.json", TARGETS "Uploads.csv" }, "velociraptor", "", "with tables" },
        { "x", { "auto/C/x", "Generic.Client.Info/BasicInformation.json" }, "velociraptor", "EXCH09", "the server says its name" },
        { "x", { "GLOBALROOT/Device/HarddiskVolumeShadowCopy1/x", TARGETS "All File Metadata.json" }, "velociraptor", "", "only a shadow copy" },
        { "x", { "C/inetpub/x", "C/Windows/y" }, "none", "", "a drive somebody packed" },
        { "x", { "C/inetpub/x", "my.folder/readme.txt" }, "none", "", "a folder with a dot" },
        { "x", { TARGETS "All File Metadata.json" }, "none", "", "no files of the server" },
        { "x", { "Windows.System.Pslist.json" }, "none", "", "no files of the server" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 3 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], strstr(list[i].put[k], "Basic") ? "{\"Name\":\"velociraptor\",\"Hostname\":\"EXCH09\",\"OS\":\"windows\",\"Fqdn\":\"EXCH09.example.test\"}" : "");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || str_eq(l->server.name, str_c(list[i].host)), list[i].why);
        CHECK_WHY(!l || (l->note_n == 0 && l->selective), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path, *why; } list[] = {
        { "C", true, LAYOUT_PLACE, "C:", "a drive" },
        { "C/inetpub/logs/u_ex210303.log", false, LAYOUT_PLACE, "C:\\inetpub\\logs\\u_ex210303.log", "a file" },
        { "C/Windows/X%4Admin.evtx", false, LAYOUT_PLACE, "C:\\Windows\\X%4Admin.evtx", "nothing is encoded" },
        { "C/Windows/X%254Admin.evtx", false, LAYOUT_PLACE, "C:\\Windows\\X%254Admin.evtx", "nothing is encoded" },
        { "C/$Extend/$UsnJrnl$J", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$J", "the results know the stream" },
        { "C/$Extend/$UsnJrnl$Max", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl$Max", "they do not know this one" },
        { "auto/C/x", false, LAYOUT_PLACE, "C:\\x", "an accessor before it" },
        { "auto", true, LAYOUT_ENTER, NULL, "an accessor" },
        { "GLOBALROOT", true, LAYOUT_ENTER, NULL, "above a copy" },
        { "GLOBALROOT/Device", true, LAYOUT_ENTER, NULL, "above a copy" },
        { "GLOBALROOT/Device/HarddiskVolumeShadowCopy2", true, LAYOUT_PLACE, "C:", "a copy of the only drive" },
        { "GLOBALROOT/Device/HarddiskVolumeShadowCopy2/Windows/x", false, LAYOUT_PLACE, "C:\\Windows\\x", "a copy of the only drive" },
        { "ntfs/GLOBALROOT/Device/HarddiskVolumeShadowCopy2/Windows/x", false, LAYOUT_PLACE, "C:\\Windows\\x", "an accessor before it" },
        { "C/sparse.log.idx", false, LAYOUT_SKIP, NULL, "a map" },
        { "C/catalogue.idx", false, LAYOUT_PLACE, "C:\\catalogue.idx", "no map, though its file is there" },
        { TARGETS "All File Metadata.json", false, LAYOUT_SKIP, NULL, "its own" },
        { "Windows.KapeFiles.Targets", true, LAYOUT_ENTER, NULL, "its own" },
        { "Windows.System.Pslist.json", false, LAYOUT_SKIP, NULL, "its own" },
        { TARGETS "x.aspx", false, LAYOUT_PLAIN, NULL, "nothing it wrote" },
        { "inetpub/x", false, LAYOUT_PLAIN, NULL, "nothing it wrote" },
        { "C", false, LAYOUT_PLAIN, NULL, "a file" },
        { "C/../x", false, LAYOUT_REFUSE, NULL, "leaves" },
        { "C/a\\b", false, LAYOUT_REFUSE, NULL, "a separator in a name" },
        { "C/D:/x", false, LAYOUT_REFUSE, NULL, "a drive inside a path" },
    };
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, TARGETS "All File Metadata.json",
             ROW("\\\\\\\\.\\\\C:\\\\$Extend\\\\$UsnJrnl:$J", ",\"Modified\":\"2021-03-01T00:00:00Z\"") ROW("C:\\\\inetpub\\\\logs\\\\U_ex210303.log", ",\"Modified\":\"2021-03-03T00:00:00Z\"")
             ROW("\\\\\\\\?\\\\GLOBALROOT\\\\Device\\\\HarddiskVolumeShadowCopy2\\\\Windows\\\\x", ",\"Created\":\"2021-02-01T00:00:00Z\"") ROW("C:\\\\..\\\\x", ""));
    tree_put(t, "C/sparse.log", "0123");
    tree_put(t, "C/sparse.log.idx", "{\"file_offset\":0,\"original_offset\":0,\"file_length\":4,\"length\":4}\n{\"file_offset\":4,\"original_offset\":4,\"file_length\":0,\"length\":60}\n");
    tree_put(t, "C/catalogue", "x");
    tree_put(t, "C/catalogue.idx", "binary");
    tree_is(t, "x", "velociraptor");
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct layout_place p = tree_map(t, list[i].below, list[i].dir);
        if (p.what != list[i].what || (list[i].path && !str_eq(p.path, str_c(list[i].path))))
            fail_msg("%s (%s): %d \"%.*s\"", list[i].below, list[i].why, (int)p.what, STR_ARG(p.path));
        CHECK_WHY(p.what != LAYOUT_PLACE || p.shadow == (strstr(list[i].below, "Copy2") ? 2 : 0), list[i].why);
    }
    CHECK(tree_map(t, "C/$Extend/$UsnJrnl$J", false).mtime_us == tree_time("2021-03-01"));
    CHECK(tree_map(t, "C/inetpub/logs/u_ex210303.log", false).mtime_us == tree_time("2021-03-03"));
    CHECK(tree_map(t, "GLOBALROOT/Device/HarddiskVolumeShadowCopy2/Windows/x", false).btime_us == tree_time("2021-02-01"));
    struct layout_place p = tree_map(t, "C/sparse.log", false);
    CHECK(p.sparse && p.sparse->size_bytes == 64 && p.sparse->n == 1 && !p.partial);
    CHECK(tree_note(t, "no usable path") && t->l->note_n == 1);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/" TARGETS "All File Metadata.json", STR(ROW("C:\\\\a:b", ",\"Modified\":\"2021-03-01T00:00:00Z\"")));
    os_mem_add(m, "/c/C/ab", STR("x"));
    os_mem_add(m, "/c/C/ab.idx", STR("{\"file_length\":1,\"length\":4}"));
    bool ok = tree_sweep(m, a, e);
    CHECK(m->open_now == 0);
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
