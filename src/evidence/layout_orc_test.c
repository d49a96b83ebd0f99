#include "layout_tree.h"

#define HEAD "\xEF\xBB\xBF" "ComputerName,VolumeID,ParentFRN,FRN,FullName,SampleName,SizeInBytes,MD5,SHA1,FindMatch,ContentType,SampleCollectionDate,CreationDate," \
             "LastModificationDate,LastAccessDate,LastAttrChangeDate,FileNameCreationDate,FileNameLastModificationDate,FileNameLastAccessDate," \
             "FileNameLastAttrModificationDate,AttrType,AttrName,AttrID,SnapshotID,SHA256,SSDeep,TLSH,YaraRules,RecordInUse\r\n"
#define D "2021-03-03 04:11:09.123"
#define NOSHOT "\"{00000000-0000-0000-0000-000000000000}\""
#define FULL(host, vol, path, sample, type, born, changed, fnborn, attr, stream, shot) \
    "\"" host "\"," vol ",0x0001,0x0002,\"" path "\",\"" sample "\",5,AA,BB,\"Name matches \"\"x\"\", or so\",\"" type "\"," D "," born "," changed "," D "," D "," \
    fnborn "," D "," D "," D "," attr ",\"" stream "\",3," shot ",CC,,,,Y\r\n"
#define ROW(vol, path, sample) FULL("EXCH01.example.test", vol, path, sample, "data", D, D, D, "$DATA", "", NOSHOT)
#define V1 "0x00000000DEADBEEF"
#define V2 "0x00000000CAFEF00D"
#define VOLSTATS "ComputerName,VolumeID,Location,Type,Parse,MountPoint,ShadowCopyId,FileInfo,i30Info,AttrInfo,Timeline,SecDescr\r\n"

static void probes(void **state)
{
    static const struct { const char *name, *put[3], *want, *why; } list[] = {
        { "DFIR-ORC_Server_EXCH01.example.test_General.7z", { "Event.7z", "SystemHives.7z" }, "orc", "the outer archive" },
        { "ORC_WorkStation_A_Little.7z", { "Event.7z" }, "orc", "the older name" },
        { "Event.7z", { "GetThis.csv", "evtx/a.data" }, "orc", "an inner archive" },
        { "x", { "general/Event/getthis.csv" }, "orc", "unpacked, folders around it" },
        { "NTFSInfo_detail.7z", { "NTFSInfo_00000000_DiskInterface.csv" }, "orc", "tables alone" },
        { "DFIR-ORC_Server_EXCH01_General.7z", { "a.txt" }, "none", "a name proves nothing" },
        { "all.7z", { "Event.7z" }, "none", "somebody's archives" },
        { "x", { "table.csv" }, "none", "somebody's table" },
        { "DFIR-ORC_Server_General.7z", { "Event.7z" }, "none", "no machine in the name" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 3 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], strstr(list[i].put[k], "NTFSInfo") ? "\xEF\xBB\xBF" "ComputerName,VolumeID,File\r\n\"EXCH01\",0x1,\"a\"\r\n" : "a,b\r\n");
        const struct layout *l = tree_open(t, list[i].name);
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        tree_free(t);
    }
}

static void outer(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "Event.7z", "");
    tree_put(t, "JobStatistics.csv", "");
    tree_is(t, "DFIR-ORC_Server_EXCH01.example.test_General.7z", "orc");
    CHECK(t->l->selective && t->l->note_n == 0 && t->l->server.by_name_only);
    CHECK_STR(t->l->server.name, STR("EXCH01"));
    CHECK_STR(t->l->server.fqdn, STR("EXCH01.example.test"));
    tree_at(t, "", true, LAYOUT_ENTER, NULL);
    tree_at(t, "Event.7z", false, LAYOUT_INNER, NULL);
    tree_at(t, "event.7Z", false, LAYOUT_INNER, NULL);
    tree_at(t, "JobStatistics.csv", false, LAYOUT_SKIP, NULL);
    tree_at(t, "other/Event.7z", false, LAYOUT_PLAIN, NULL);
    tree_at(t, "Event.7z", true, LAYOUT_PLAIN, NULL);
    tree_free(t);

    /* Tables alone say whose they are. */
    t = tree_new();
    tree_put(t, "USNInfo.csv", "ComputerName,USN,FRN\r\n\"EXCH09\",0x1,0x2\r\n");
    tree_is(t, "USNInfo.7z", "orc");
    CHECK_STR(t->l->server.name, STR("EXCH09"));
    CHECK(!t->l->server.by_name_only);
    tree_at(t, "USNInfo.csv", false, LAYOUT_SKIP, NULL);
    tree_free(t);
}

static void samples(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "GetThis.csv", HEAD
        FULL("EXCH01.example.test", V1, "\\Windows\\System32\\winevt\\Logs\\Security.evtx", "evtx\\DEADBEEF_1_2_3_Security.evtx_{0}.data", "data",
             "2021-01-01 00:00:00.500", "2021-03-01 00:00:00.250", D, "$DATA", "", NOSHOT)
        ROW(V1, "\\Windows\\System32\\winevt\\Logs\\X%4Admin.evtx", "evtx/X%4Admin.data")
        ROW(V2, "\\Exch\\V15\\Logging\\HttpProxy\\Ecp\\a.LOG", "\\logs\\0001")
        FULL("EXCH01", V1, "\\inetpub\\a.aspx", "s\\1", "data", D, D, D, "$DATA", "hidden", NOSHOT)
        FULL("EXCH01", V1, "\\inetpub\\b.aspx", "s\\2", "strings", D, D, D, "$EA", "", NOSHOT)
        FULL("EXCH01", V1, "\\inetpub\\c.log", "s\\3", "data", D, D, D, "$DATA", "", "{11111111-0000-0000-0000-000000000000}")
        FULL("EXCH01", V1, "\\inetpub\\d.log", "s\\4", "data", D, D, D, "$DATA", "", "{22222222-0000-0000-0000-000000000000}")
        ROW(V1, "\\inetpub\\second name.log", "s\\4")
        ROW(V1, "\\inetpub\\..\\up", "s\\5")
        ROW(V1, "", "s\\6")
        ROW("what", "\\x\\y", "s\\7")
        ROW(V1, "C:\\stated\\z", "s\\8"));
    tree_put(t, "evtx/x", "");
    tree_is(t, "Event.7z", "orc");
    CHECK_STR(t->l->server.name, STR("EXCH01"));
    CHECK_STR(t->l->server.fqdn, STR("EXCH01.example.test"));
    CHECK(!t->l->server.by_name_only && strcmp(t->l->server.stated_by, "GetThis.csv") == 0);

    struct layout_place p = tree_map(t, "EVTX/DEADBEEF_1_2_3_Security.evtx_{0}.data", false);
    CHECK(p.what == LAYOUT_PLACE && p.btime_us == tree_time("2021-01-01T00:00:00.5Z") && p.mtime_us == tree_time("2021-03-01T00:00:00.25Z") && !p.partial);
    CHECK_STR(p.path, STR("C:\\Windows\\System32\\winevt\\Logs\\Security.evtx"));
    tree_at(t, "evtx/X%4Admin.data", false, LAYOUT_PLACE, "C:\\Windows\\System32\\winevt\\Logs\\X%4Admin.evtx");
    tree_at(t, "logs/0001", false, LAYOUT_PLACE, "?:\\Volume{00000000CAFEF00D}\\Exch\\V15\\Logging\\HttpProxy\\Ecp\\a.LOG");
    tree_at(t, "s/1", false, LAYOUT_PLACE, "C:\\inetpub\\a.aspx:hidden");
    tree_at(t, "s/2", false, LAYOUT_PLACE, "C:\\inetpub\\b.aspx::$EA");
    CHECK(tree_map(t, "s/2", false).partial);
    CHECK(tree_map(t, "s/3", false).shadow == 1 && tree_map(t, "s/4", false).shadow == 2 && tree_map(t, "s/1", false).shadow == 0);
    tree_at(t, "s/4", false, LAYOUT_PLACE, "C:\\inetpub\\d.log");            /* the first of two names */
    tree_at(t, "s/5", false, LAYOUT_PLAIN, NULL);
    tree_at(t, "s/6", false, LAYOUT_PLAIN, NULL);
    tree_at(t, "s/7", false, LAYOUT_PLACE, "?:\\x\\y");
    tree_at(t, "s/8", false, LAYOUT_PLACE, "C:\\stated\\z");
    tree_at(t, "s/nobody", false, LAYOUT_PLAIN, NULL);
    tree_at(t, "evtx", true, LAYOUT_ENTER, NULL);
    tree_at(t, "GetThis.csv", false, LAYOUT_SKIP, NULL);
    tree_at(t, "GetThis.log", false, LAYOUT_SKIP, NULL);
    CHECK_STR(tree_note(t, "1 rows state no usable path")->path, STR("\\inetpub\\..\\up"));
    tree_free(t);
}

static void drives(void **state)
{
    static const struct { const char *table, *volumes, *want; bool told; const char *why; } list[] = {
        { HEAD ROW(V1, "\\Exch\\a", "s"), NULL, "C:\\Exch\\a", true, "the only volume" },
        { HEAD ROW(V1, "\\Exch\\a", "s") ROW(V1, "\\Windows\\b", "t"), NULL, "C:\\Exch\\a", false, "the one with Windows" },
        { HEAD ROW(V1, "\\Exch\\a", "s") ROW(V2, "\\Windows\\b", "t"), NULL, "?:\\Volume{00000000DEADBEEF}\\Exch\\a", false, "another one has Windows" },
        { HEAD ROW(V1, "\\Windows\\a", "s") ROW(V2, "\\Windows\\b", "t"), NULL, "?:\\Volume{00000000DEADBEEF}\\Windows\\a", false, "two have" },
        { HEAD ROW(V1, "\\Exch\\a", "s"), VOLSTATS "A," V1 ",\"\\\\.\\HarddiskVolume3\",NTFS,Y,\"\\\\?\\Volume{9}\\;D:\\\",x,,,,,\r\n", "D:\\Exch\\a", false, "volstats says D" },
        { HEAD ROW(V1, "\\Exch\\a", "s"), VOLSTATS "A," V1 ",x,NTFS,Y,\"C:\\mount\\\",x,,,,,\r\n", "C:\\Exch\\a", true, "mounted in a folder only" },
        { HEAD ROW(V1, "\\Windows\\a", "s"), VOLSTATS "A," V2 ",x,NTFS,Y,C:\\,x,,,,,\r\n", "?:\\Volume{00000000DEADBEEF}\\Windows\\a", false, "C is taken" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct tree *t = tree_new();
        tree_put(t, "GetThis.csv", list[i].table);
        if (list[i].volumes)
            tree_put(t, "volstats.csv", list[i].volumes);
        tree_is(t, "Event.7z", "orc");
        struct layout_place p = tree_map(t, "s", false);
        CHECK_WHY(p.what == LAYOUT_PLACE && str_eq(p.path, str_c(list[i].want)), list[i].why);
        CHECK_WHY((tree_note(t, "drive letter is not stated") != NULL) == list[i].told, list[i].why);
        tree_free(t);
    }
}

/* volstats.csv lies in an archive of its own: the trees of one server tell one another. */
static void shared(void **state)
{
    struct tree   *t[3];
    struct layout *all[3];
    struct err     e = { 0 };

    (void)state;
    for (int i = 0; i < 3; i++)
        t[i] = tree_new();
    tree_put(t[0], "GetThis.csv", HEAD ROW(V1, "\\Exch\\a", "s") ROW(V1, "\\Exch\\big.log", ""));
    tree_put(t[1], "volstats.csv", VOLSTATS "A," V1 ",x,NTFS,Y,D:\\,x,,,,,\r\n" "A," V2 ",x,NTFS,Y,,x,,,,,\r\n");
    tree_put(t[2], "GetThis.csv", HEAD ROW(V2, "\\Windows\\b", "s"));
    for (int i = 0; i < 3; i++) {
        tree_is(t[i], "Event.7z", "orc");
        all[i] = t[i]->l;
    }
    tree_at(t[0], "s", false, LAYOUT_PLACE, "C:\\Exch\\a");
    CHECK(tree_note(t[0], "drive letter is not stated"));
    for (int twice = 0; twice < 2; twice++) {
        CHECK(layout_share(all, 3, &e));
        tree_at(t[0], "s", false, LAYOUT_PLACE, "D:\\Exch\\a");
        tree_at(t[2], "s", false, LAYOUT_PLACE, "C:\\Windows\\b");
        CHECK(!tree_note(t[0], "drive letter is not stated") && t[0]->l->note_n == 1);
        CHECK_STR(t[0]->l->note[0].path, STR("D:\\Exch\\big.log"));
    }
    CHECK(layout_share(all, 1, &e) && layout_share(NULL, 0, &e));
    tree_at(t[0], "s", false, LAYOUT_PLACE, "D:\\Exch\\a");
    for (int i = 0; i < 3; i++)
        tree_free(t[i]);
}

static void notes(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "GetThis.csv", HEAD
        FULL("A", V1, "\\Windows\\a.log", "s\\1", "data", "2014-01-01 00:00:00.000", D, D, "$DATA", "", NOSHOT)
        FULL("A", V1, "\\inetpub\\b.aspx", "s\\2", "data", "2014-01-01 00:00:00.000", D, D, "$DATA", "", NOSHOT)
        FULL("A", V1, "\\inetpub\\c.aspx", "s\\3", "data", "2014-01-01 00:00:00.001", D, D, "$DATA", "", NOSHOT)
        FULL("A", V1, "\\inetpub\\d.aspx", "s\\4", "data", "2021-03-03 04:11:09.000", D, "2021-03-03 04:11:09.900", "$DATA", "", NOSHOT)
        FULL("A", V1, "\\inetpub\\e.aspx", "s\\5", "data", "2021-03-03 04:11:09.000", D, "2020-01-01 00:00:00.000", "$DATA", "", NOSHOT)
        ROW(V1, "\\pagefile.sys", ""));
    tree_is(t, "Event.7z", "orc");
    const struct layout_note *n = tree_note(t, "2 files whose creation time may have been set by hand");
    CHECK(n != NULL);
    CHECK_STR(n->path, STR("C:\\inetpub\\b.aspx"));
    CHECK(strstr(n->hint, "Also: C:\\Windows\\a.log"));
    n = tree_note(t, "not copied: beyond the limits");
    CHECK(n != NULL);
    CHECK_STR(n->path, STR("C:\\pagefile.sys"));
    assert_int_equal(t->l->note_n, 2);
    tree_free(t);
}

static void hostile(void **state)
{
    struct tree *t = tree_new();
    size_t       n = 8 << 20, at = 0;
    char        *text = malloc(n + 1);

    (void)state;
    at += (size_t)snprintf(text, n, "%s", HEAD);
    for (unsigned i = 0; at + 600 < n; i++)
        at += (size_t)snprintf(text + at, n - at, "h%u,0x%X,1,2,\\a\\%u.aspx,%s,1,,,,data,,2014-01-01 00:00:00.000,,,,2021-01-01 00:00:00.000,,,,$DATA,,0,{%u},,,,,Y\n",
                               i, i, i, i % 2 ? "s" : "", i);
    text[at] = 0;
    tree_put(t, "GetThis.csv", text);
    tree_put(t, "volstats.csv", "\"");
    tree_is(t, "Event.7z", "orc");
    CHECK_STR(t->l->server.name, STR("h0"));
    CHECK(t->l->note_n < LAYOUT_NOTES_MAX);
    CHECK(tree_map(t, "s", false).what == LAYOUT_PLACE);
    free(text);
    tree_free(t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/GetThis.csv", STR(HEAD ROW(V1, "\\Windows\\a.log", "s\\1") ROW(V2, "\\b.log", "")
                                        FULL("A", V1, "\\d.log", "s\\4", "data", "2014-01-01 00:00:00", D, D, "$DATA", "x", "{22222222-0000-0000-0000-000000000000}")));
    os_mem_add(m, "/c/volstats.csv", STR(VOLSTATS "A," V1 ",x,NTFS,Y,C:\\,x,,,,,\r\n"));
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
        cmocka_unit_test(probes), cmocka_unit_test(outer), cmocka_unit_test(samples), cmocka_unit_test(drives), cmocka_unit_test(shared), cmocka_unit_test(notes),
        cmocka_unit_test(hostile), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
