#include "layout_tree.h"

#include "base/num.h"

#define VSS "uploads/ntfs_vss/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy"

static struct tree *plain(const char *rows)
{
    struct tree *t = tree_new();

    tree_put(t, "uploads.json", rows);
    tree_put(t, "uploads/auto/C%3A/Windows/x", "x");
    return t;
}

static void probes(void **state)
{
    static const struct { const char *put[4], *want, *top, *why; } list[] = {
        { { "uploads.json", "uploads/auto/C%3A/a" }, "velociraptor", "", "as it is written" },
        { { "uploads.json", "uploads/ntfs/%5C%5C.%5CC%3A/$MFT", "readme.txt" }, "velociraptor", "", "somebody added a file" },
        { { "export/uploads.json", "export/uploads/auto/C%3A/a" }, "velociraptor", "export", "packed with the folder around it" },
        { { "aa/bb/uploads.json", "aa/bb/uploads/auto/C%3A/a", "aa/.DS_Store", "__MACOSX/x" }, "velociraptor", "aa/bb", "two folders around it, and what a Mac adds" },
        { { "uploads/ntfs/%5C%5C.%5CC%3A/$MFT" }, "velociraptor", "", "uploads.json is lost" },
        { { "uploads/auto/C%3A/a" }, "velociraptor", "", "uploads.json is lost" },
        { { "uploads/photo.jpg", "index.html" }, "none", "", "a site's own folder of uploads" },
        { { "uploads/auto/bmw.jpg" }, "none", "", "cars" },
        { { "client_info.json", "collection_context.json", "results/x.json" }, "velociraptor", "", "nothing was uploaded" },
        { { "metadata.json", "data.zip" }, "velociraptor", "", "encrypted" },
        { { "case/metadata.json", "case/data.zip" }, "none", "", "encrypted, in a folder: that folder is opened by itself" },
        { { "metadata.json", "data.zip", "other.txt" }, "none", "", "any folder with a data.zip" },
        { { "C/uploads.json", "C/uploads/auto/C%3A/a" }, "none", "", "a drive is no folder around a collection" },
        { { "1/2/3/4/5/6/7/uploads.json", "1/2/3/4/5/6/7/uploads/x" }, "none", "", "too many folders around it" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = tree_new();
        for (size_t k = 0; k < 4 && list[i].put[k]; k++)
            tree_put(t, list[i].put[k], "");
        const struct layout *l = tree_open(t, "x.zip");
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || str_eq(l->top, str_c(list[i].top)), list[i].why);
        tree_free(t);
    }
}

static void places(void **state)
{
    static const struct { const char *below; bool dir; enum layout_what what; const char *path, *why; } list[] = {
        { "", true, LAYOUT_ENTER, NULL, "the top" },
        { "uploads", true, LAYOUT_ENTER, NULL, "above the drives" },
        { "uploads/auto", true, LAYOUT_ENTER, NULL, "above the drives" },
        { "uploads/auto/C%3A", true, LAYOUT_PLACE, "C:", "a drive" },
        { "uploads/auto/c%3a/inetpub", true, LAYOUT_PLACE, "C:\\inetpub", "the letter in capitals" },
        { "uploads/file/D%3A/x", false, LAYOUT_PLACE, "D:\\x", "another accessor" },
        { "uploads/lazy_ntfs/%5C%5C.%5CC%3A/a b", false, LAYOUT_PLACE, "C:\\a b", "a device" },
        { "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J", false, LAYOUT_PLACE, "C:\\$Extend\\$UsnJrnl:$J", "a stream" },
        { "uploads/auto/C%3A/Users/%2ENET v4.5/a%25b.txt", false, LAYOUT_PLACE, "C:\\Users\\.NET v4.5\\a%b.txt", "the fact sheet's example" },
        { "uploads/auto/C%3A/X%254Admin.evtx", false, LAYOUT_PLACE, "C:\\X%4Admin.evtx", "decoded once, not twice" },
        { "uploads/auto/C%3A/a%2525", false, LAYOUT_PLACE, "C:\\a%25", "decoded once, not twice" },
        { "uploads/auto/C%3A/foo%2", false, LAYOUT_PLACE, "C:\\foo2", "a percent sign without two characters goes" },
        { "uploads/auto/C%3A/foo.%", false, LAYOUT_PLACE, "C:\\foo.", "a percent sign without two characters goes" },
        { "uploads/auto/C%3A/a%4Operational", false, LAYOUT_PLACE, "C:\\a%4Operational", "no escape: somebody else wrote it" },
        { "uploads/auto/C%3A/%C3%84.txt", false, LAYOUT_PLACE, "C:\\\xC3\x84.txt", "older collections escape every byte" },
        { "uploads/auto/C%3A/\xC3\x84.txt", false, LAYOUT_PLACE, "C:\\\xC3\x84.txt", "newer ones do not" },
        { "uploads/auto/C%3A/foo.%2E", false, LAYOUT_PLACE, "C:\\foo.", "a last dot is written twice" },
        { "uploads/auto/C%3A/foo%2E", false, LAYOUT_PLACE, "C:\\foo.", "or once" },
        { "uploads/auto/C%3A/a_", false, LAYOUT_PLACE, "C:\\a_", "no padding in a zip" },
        { VSS "3/Windows/x", false, LAYOUT_PLACE, "C:\\Windows\\x", "one drive was collected: the copy is one of it" },
        { "uploads/auto/%5C%5C%3F%5CVolume{1}/x", false, LAYOUT_PLACE, "?:\\x", "a volume without a letter" },
        { "uploads/auto/%5C%5Cserver%5Cshare/x", false, LAYOUT_REFUSE, NULL, "no volume, and separators in a name" },
        { "uploads/auto/C%3A/..", true, LAYOUT_REFUSE, NULL, "leaves" },
        { "uploads/auto/C%3A/%2E%2E/x", false, LAYOUT_REFUSE, NULL, "leaves, escaped" },
        { "uploads/auto/C%3A/a%2Fb", false, LAYOUT_REFUSE, NULL, "hides a separator" },
        { "uploads/auto/C%3A/a%5Cb", false, LAYOUT_REFUSE, NULL, "hides a separator" },
        { "uploads/auto/C%3A/a%00b", false, LAYOUT_REFUSE, NULL, "hides NUL" },
        { "uploads/auto/C%3A/D%3A/b", false, LAYOUT_REFUSE, NULL, "a drive inside a path" },
        { "uploads/auto/C%3A/%/b", false, LAYOUT_REFUSE, NULL, "nothing is left of a component" },
        { "uploads/auto/name/b", false, LAYOUT_PLACE, "?:\\name\\b", "an unknown volume" },
        { "uploads/scope/made.csv", false, LAYOUT_SKIP, NULL, "what an artifact made" },
        { "uploads/scope/C%3A/x", false, LAYOUT_PLACE, "C:\\x", "an accessor nobody heard of, with a drive" },
        { "uploads/x", false, LAYOUT_SKIP, NULL, "no accessor" },
        { "uploads.json", false, LAYOUT_SKIP, NULL, "its own" },
        { "results/a%2Fb.json", false, LAYOUT_SKIP, NULL, "its own" },
        { "results", true, LAYOUT_SKIP, NULL, "its own" },
        { "client_info.json", false, LAYOUT_SKIP, NULL, "its own" },
        { "C/inetpub/x", false, LAYOUT_PLAIN, NULL, "somebody put it there" },
        { "Report.html", false, LAYOUT_PLAIN, NULL, "somebody put it there" },
    };
    struct tree *t = plain("");

    (void)state;
    tree_is(t, "x", "velociraptor");
    CHECK(t->l->selective && !t->l->encrypted);
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct layout_place p = tree_map(t, list[i].below, list[i].dir);
        if (p.what != list[i].what || (list[i].path && !str_eq(p.path, str_c(list[i].path))))
            fail_msg("%s (%s): %d \"%.*s\"", list[i].below, list[i].why, (int)p.what, STR_ARG(p.path));
        CHECK_WHY(p.what != LAYOUT_REFUSE || (p.refused && p.hint), list[i].why);
        CHECK_WHY(p.what != LAYOUT_PLACE || p.shadow == (strstr(list[i].below, "Copy3") ? 3 : 0), list[i].why);
    }
    tree_free(t);
}

static void shadows(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "uploads.json", "");
    tree_put(t, "uploads/auto/C%3A/x", "");
    tree_put(t, "uploads/ntfs/%5C%5C.%5CD%3A/x", "");
    tree_put(t, VSS "2/x", "");
    tree_is(t, "x", "velociraptor");
    tree_at(t, VSS "2/x", false, LAYOUT_PLACE, "?:\\x");
    tree_at(t, VSS "2", true, LAYOUT_PLACE, "?:");
    CHECK(tree_map(t, VSS "2/x", false).shadow == 2 && tree_map(t, VSS "4000/x", false).shadow == 255);
    CHECK(tree_map(t, VSS "0/x", false).shadow == 0 && tree_map(t, VSS "x/x", false).shadow == 0);
    tree_free(t);
}

/* What only uploads.json can tell. */
static void rows(void **state)
{
    static const char body[] =
        "{\"vfs_path\":\"C:\\\\a.db\",\"_Components\":[\"clients\",\"C.1\",\"collections\",\"F.1\",\"uploads\",\"auto\",\"C:\",\"a.db\"],\"file_size\":9,\"uploaded_size\":9,\"Timestamp\":1615543205}\n"
        "{\"vfs_path\":\"C:\\\\b_\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"b_\"],\"file_size\":9,\"uploaded_size\":4}\n"
        "{\"vfs_path\":\"C:\\\\c_\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"c__\"],\"file_size\":\"9\",\"uploaded_size\":\"9\"}\n"
        "{\"vfs_path\":\"E:\\\\d\",\"_Components\":[\"uploads\",\"auto\",\"HarddiskVolume9\",\"d\"],\"file_size\":1,\"uploaded_size\":1}\n"
        "{\"vfs_path\":\"E:\\\\..\\\\d\",\"_Components\":[\"uploads\",\"auto\",\"HarddiskVolume9\",\"e\"]}\n"
        "{\"vfs_path\":\"D:\\\\other\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"f\"],\"file_size\":10,\"uploaded_size\":1}\n"
        "{\"vfs_path\":\"c:\\\\OLD\\\\g\",\"file_size\":10,\"uploaded_size\":1}\n";
    struct tree *t = plain(body);

    (void)state;
    tree_put(t, "uploads.json.index", "");
    tree_is(t, "x", "velociraptor");
    CHECK(t->l->note_n == 0 && t->l->row_n == 7);
    tree_at(t, "uploads/auto/C%3A/a.db_", false, LAYOUT_PLACE, "C:\\a.db");
    tree_at(t, "uploads/auto/C%3A/b__", false, LAYOUT_PLACE, "C:\\b_");
    CHECK(tree_map(t, "uploads/auto/C%3A/b__", false).partial && !tree_map(t, "uploads/auto/C%3A/a.db_", false).partial);
    tree_at(t, "uploads/auto/C%3A/c__", false, LAYOUT_PLACE, "C:\\c__");       /* listed so: not padding */
    tree_at(t, "uploads/auto/C%3A/z__", false, LAYOUT_PLACE, "C:\\z_");        /* not listed: padding */
    tree_at(t, "uploads/auto/HarddiskVolume9/d", false, LAYOUT_PLACE, "E:\\d");
    tree_at(t, "uploads/auto/HarddiskVolume9/e", false, LAYOUT_PLACE, "?:\\HarddiskVolume9\\e");
    tree_at(t, "uploads/auto/C%3A/f", false, LAYOUT_PLACE, "C:\\f");           /* the entry's own drive is the better word */
    CHECK(tree_map(t, "uploads/auto/C%3A/f", false).partial);
    CHECK(tree_map(t, "uploads/auto/C%3A/Old/g", false).partial);
    tree_free(t);
}

static void times(void **state)
{
    struct tree *t = plain("");

    (void)state;
    tree_put(t, "results/Windows.KapeFiles.Targets%2FAll File Metadata.json",
             "{\"SourceFile\":\"C:\\\\Windows\\\\X\",\"Created\":\"2021-03-01T01:02:03.1234567Z\",\"Modified\":\"2021-03-03 04:15:33 +0000 UTC\"}\n"
             "{\"SourceFile\":\"\\\\\\\\.\\\\C:\\\\$MFT\",\"Modified\":\"2019-01-01T00:00:00+01:00\",\"Created\":\"0001-01-01T00:00:00Z\"}\n"
             "{\"SourceFile\":\"\\\\\\\\?\\\\GLOBALROOT\\\\Device\\\\HarddiskVolumeShadowCopy1\\\\Windows\\\\x\",\"Modified\":\"2020-01-01T00:00:00Z\"}\n"
             "{\"SourceFile\":\"..\\\\x\",\"Modified\":\"2020-01-01T00:00:00Z\"}\n{\"SourceFile\":7}\n[1]\nbroken\n");
    tree_put(t, "results/Windows.KapeFiles.Targets/All Matches Metadata.json", "{\"SourceFile\":\"D:\\\\y\",\"Modified\":\"2018-01-01T00:00:00Z\"}\n");
    tree_put(t, "results/Other.json", "{\"SourceFile\":\"C:\\\\Windows\\\\x\",\"Modified\":\"2030-01-01T00:00:00Z\"}\n");
    tree_is(t, "x", "velociraptor");
    struct layout_place p = tree_map(t, "uploads/auto/C%3A/Windows/x", false);
    CHECK(p.mtime_us == tree_time("2021-03-03 04:15:33") && p.btime_us == tree_time("2021-03-01T01:02:03.123456"));
    p = tree_map(t, "uploads/ntfs/%5C%5C.%5CC%3A/$MFT", false);
    CHECK(p.mtime_us == tree_time("2018-12-31 23:00:00") && p.btime_us == TIME_NONE);
    CHECK(tree_map(t, VSS "1/Windows/x", false).mtime_us == tree_time("2020-01-01"));
    CHECK(tree_map(t, VSS "2/Windows/x", false).mtime_us == TIME_NONE);
    CHECK(tree_map(t, "uploads/auto/D%3A/y", false).mtime_us == tree_time("2018-01-01"));
    CHECK(tree_note(t, "state no usable path") && tree_note(t, "damaged"));
    tree_free(t);
}

static void sparse(void **state)
{
    static const struct { const char *idx, *why; uint64_t size; size_t n; bool partial; } list[] = {
        { "{\"ranges\":[{\"length\":100},{\"original_offset\":100,\"file_length\":4,\"length\":4},{\"original_offset\":104,\"length\":6,\"file_offset\":4,\"file_length\":6}]}",
          "one text, zero values left out", 110, 2, false },
        { "{\"ranges\":[{\"length\":9301852160},{\"original_offset\":9301852160,\"file_length\":10,\"length\":10}]}", "a journal: a hole of gigabytes", 9301852170, 1, false },
        { "{\n \"ranges\": [\n  {\n   \"file_length\": 5,\n   \"length\": 5\n  },\n  {\n   \"file_offset\": 5,\n   \"original_offset\": 5,\n   \"length\": 5\n  },\n  {\n"
          "   \"file_offset\": 5,\n   \"original_offset\": 10,\n   \"file_length\": 5,\n   \"length\": 5\n  }\n ]\n}", "as a server keeps it", 15, 2, false },
        { "[{\"file_offset\":0,\"original_offset\":0,\"file_length\":0,\"length\":100},{\"file_offset\":0,\"original_offset\":100,\"file_length\":4,\"length\":4}]", "a list", 104, 1, false },
        { "{\"file_offset\":0,\"original_offset\":0,\"file_length\":0,\"length\":100}\n{\"file_offset\":0,\"original_offset\":100,\"file_length\":4,\"length\":4}\n"
          "{\"file_offset\":4,\"original_offset\":104,\"file_length\":6,\"length\":6}\n", "one range a line", 110, 2, false },
        { "{\"ranges\":[\n  {\n    \"length\": 100\n  },\n {\"original_offset\":104,\"length\":6,\"file_offset\":4,\"file_length\":6},{\"original_offset\":100,\"file_length\":4,\"length\":4}]}",
          "indented, out of order", 110, 2, false },
        { "{\"ranges\":[{\"file_length\":4,\"length\":100}]}", "less is stored than its length", 100, 1, false },
        { "{\"ranges\":[{\"file_length\":4,\"length\":4},{\"original_offset\":2,\"file_length\":4,\"length\":4}]}", "overlap", 6, 1, true },
        { "{\"ranges\":[{\"file_offset\":8,\"file_length\":4,\"length\":4}]}", "behind the end of what is stored", 4, 1, true },
        { "{\"ranges\":[{\"file_length\":9,\"length\":9},{\"original_offset\":9,\"file_length\":9,\"length\":9},{\"original_offset\":18,\"file_offset\":9,\"file_length\":1,\"length\":1}]}",
          "the same bytes again and again", 19, 2, true },
        { "{\"ranges\":[{\"file_offset\":18446744073709551615,\"file_length\":4,\"length\":4}]}", "wraps", 4, 0, true },
        { "{\"ranges\":[{\"original_offset\":9223372036854775807,\"file_length\":4,\"length\":4}]}", "wraps", 0, 0, true },
        { "{\"ranges\":[{\"file_length\":4,\"length\":4},{\"original_of", "breaks off", 4, 1, true },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = plain("");
        tree_put(t, "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J", "0123456789");
        tree_put(t, "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J.idx", list[i].idx);
        tree_is(t, "x", "velociraptor");
        struct layout_place p = tree_map(t, "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J", false);
        CHECK_WHY(p.what == LAYOUT_PLACE && p.sparse && p.sparse->size_bytes == list[i].size && p.sparse->n == list[i].n, list[i].why);
        CHECK_WHY(p.partial == list[i].partial && p.partial == (t->l->note_n != 0), list[i].why);
        tree_at(t, "uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J.idx", false, LAYOUT_SKIP, NULL);
        tree_free(t);
    }
}

/* A hole of an exbibyte keeps nobody busy. */
static void holes(void **state)
{
    static const char idx[] = "{\"ranges\":[{\"file_length\":4,\"length\":4},{\"original_offset\":4,\"length\":1152921504606846976},"
                              "{\"original_offset\":1152921504606846980,\"file_offset\":4,\"file_length\":6,\"length\":6}]}";
    struct tree *t = plain("");

    (void)state;
    tree_put(t, "uploads/auto/C%3A/a.log", "0123456789");
    tree_put(t, "uploads/auto/C%3A/a.log.idx", idx);
    tree_put(t, "uploads/auto/C%3A/b.log", "0123456789");
    tree_put(t, "uploads/auto/C%3A/b.log.idx", "{\"ranges\":[{\"file_length\":10,\"length\":10},{\"original_offset\":10,\"length\":67108864}]}");
    tree_is(t, "x", "velociraptor");
    struct layout_place p = tree_map(t, "uploads/auto/C%3A/a.log", false);
    CHECK(p.sparse && p.sparse->size_bytes == 10 && p.sparse->n == 2 && !p.partial && p.sparse->range[1].original_off == 4 && p.sparse->range[1].file_off == 4);
    CHECK(t->l->note_n == 1 && tree_note(t, "more holes"));
    p = tree_map(t, "uploads/auto/C%3A/b.log", false);
    CHECK(p.sparse && p.sparse->size_bytes == 67108874);
    tree_free(t);
}

/* Which .idx is a map? */
static void indexes(void **state)
{
    struct tree *t = plain("{\"vfs_path\":\"C:\\\\Windows\\\\x.idx\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"Windows\",\"x.idx\"],\"Type\":\"\"}\n"
                           "{\"vfs_path\":\"C:\\\\Windows\\\\y\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"Windows\",\"y\"],\"file_size\":100,\"uploaded_size\":2,\"Type\":\"sparse\"}\n"
                           "{\"vfs_path\":\"C:\\\\Windows\\\\y.idx\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"Windows\",\"y\"],\"Type\":\"idx\"}\n");

    (void)state;
    tree_put(t, "uploads/auto/C%3A/Windows/x.idx", "a file of the server");
    tree_put(t, "uploads/auto/C%3A/Windows/y", "ab");
    tree_put(t, "uploads/auto/C%3A/Windows/y.idx", "{\"ranges\":[{\"file_length\":2,\"length\":100}]}");
    tree_put(t, "uploads/auto/C%3A/Windows/alone.idx", "{\"length\":5}");
    tree_put(t, "uploads/auto/C%3A/Windows/both", "x");
    tree_put(t, "uploads/auto/C%3A/Windows/both.idx", "{\"ranges\":[{\"file_length\":\"x\",\"length\":[]}]}");
    tree_is(t, "x", "velociraptor");
    tree_at(t, "uploads/auto/C%3A/Windows/x.idx", false, LAYOUT_PLACE, "C:\\Windows\\x.idx");
    tree_at(t, "uploads/auto/C%3A/Windows/alone.idx", false, LAYOUT_PLACE, "C:\\Windows\\alone.idx");
    tree_at(t, "uploads/auto/C%3A/Windows/both.idx", false, LAYOUT_PLACE, "C:\\Windows\\both.idx");
    tree_at(t, "uploads/auto/C%3A/Windows/y.idx", false, LAYOUT_SKIP, NULL);
    struct layout_place p = tree_map(t, "uploads/auto/C%3A/Windows/y", false);
    CHECK(p.sparse && p.sparse->size_bytes == 100 && !p.partial);
    CHECK(!tree_map(t, "uploads/auto/C%3A/Windows/x", false).sparse);
    tree_free(t);
}

static void servers(void **state)
{
    static const struct { const char *info, *archive, *name, *fqdn, *os, *zone; bool by_name; int offset; const char *why; } list[] = {
        { "{\"Hostname\":\"EXCH01\",\"Fqdn\":\"EXCH01.example.test\",\"OS\":\"windows\",\"Platform\":\"Microsoft Windows Server 2016 Standard\",\"PlatformVersion\":\"10.0.14393\",\"LocalTZ\":\"CET\",\"LocalTZOffset\":3600}",
          "x.zip", "EXCH01", "EXCH01.example.test", "Microsoft Windows Server 2016 Standard 10.0.14393", "CET", false, 60, "as the collector writes it" },
        { "[{\"Hostname\":\"exch01.example.test\",\"OS\":\"windows\",\"LocalTZOffset\":-25200}]", "x.zip", "exch01", "exch01.example.test", "windows", "", false, -420, "a list, a full name" },
        { "{\n  \"client_id\": \"C.1\",\n  \"os_info\": {\"system\": \"windows\", \"hostname\": \"EXCH02\", \"fqdn\": \"EXCH02.example.test\"}\n}", "x.zip", "EXCH02", "EXCH02.example.test", "windows", "", false, 0,
          "a server's record" },
        { "{\"hostname\":\"EXCH02\",\"release\":\"Windows 2019\",\"system\":\"windows\",\"os_info\":{\"fqdn\":\"EXCH02.example.test\"}}", "x.zip", "EXCH02", "EXCH02.example.test", "Windows 2019", "", false, 0,
          "a server's record, parted" },
        { "{\"Hostname\":\"EXCH01\",\"LocalTZOffset\":60}", "x.zip", "EXCH01", "", "", "", false, 60, "minutes" },
        { "{\"Hostname\":\"EXCH01\",\"LocalTZOffset\":99999999}", "x.zip", "EXCH01", "", "", "", false, 0, "no offset of this world" },
        { "{\"Hostname\":\"<img src=x>\"}", "Collection-EXCH01-2021-03-12T10_00_00Z.zip", "EXCH01", "", "", "", true, 0, "no name of a machine" },
        { "{\"Hostname\":7", "Collection-EXCH01_example_test-2021-03-12T10_00_00Z.zip", "EXCH01", "EXCH01.example.test", "", "", true, 0, "damaged" },
        { "", "Collection-EX-CH_01-2021-03-12T10_00_00+01_00.zip", "EX-CH_01", "", "", "", true, 0, "one underscore may be part of the name" },
        { "", "EXCH01.example.test-C.1bfa6928675831f5-F.CBAKERY0001.zip", "EXCH01", "EXCH01.example.test", "", "", true, 0, "an export" },
        { "", "evidence.zip", "", "", "", "", false, 0, "nothing says it" },
        { "", "Collection-.zip", "", "", "", "", false, 0, "nothing says it" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = plain("");
        if (list[i].info[0])
            tree_put(t, "client_info.json", list[i].info);
        tree_is(t, list[i].archive, "velociraptor");
        const struct layout_server *s = &t->l->server;
        if (!str_eq(s->name, str_c(list[i].name)) || !str_eq(s->fqdn, str_c(list[i].fqdn)))
            fail_msg("%s: \"%.*s\" \"%.*s\"", list[i].why, STR_ARG(s->name), STR_ARG(s->fqdn));
        CHECK_WHY(str_eq(s->os, str_c(list[i].os)) && str_eq(s->time_zone, str_c(list[i].zone)), list[i].why);
        CHECK_WHY(s->by_name_only == list[i].by_name && s->offset_minutes == list[i].offset && !s->stated_by == !s->name.n, list[i].why);
        tree_free(t);
    }
}

static void sealed(void **state)
{
    static const struct { const char *meta, *what, *why; } list[] = {
        { "{\"Scheme\":\"X509\",\"EncryptedPass\":\"QUJD\"}", "encrypted container (scheme X509, with EncryptedPass)", "sealed with a certificate" },
        { "[{\"EncryptedPass\":\"QUJD\",\"Scheme\":\"x509\",\"PublicKey\":\"k\"}]", "encrypted container (scheme X509, with EncryptedPass)", "a list" },
        { "{\"Scheme\":\"Password\"}", "encrypted container", "a password" },
        { "nonsense", "encrypted container", "damaged" },
        { "", "encrypted container", "empty" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = tree_new();
        tree_put(t, "metadata.json", list[i].meta);
        tree_put(t, "data.zip", "PK");
        tree_is(t, "Collection-EXCH01-2021-03-12T10_00_00Z.zip", "velociraptor");
        CHECK_WHY(t->l->encrypted && t->l->note_n == 1 && strcmp(t->l->note[0].what, list[i].what) == 0, list[i].why);
        CHECK_STR(t->l->note[0].path, STR("data.zip"));
        CHECK_STR(t->l->server.name, STR("EXCH01"));
        tree_at(t, "data.zip", false, LAYOUT_INNER, NULL);
        tree_at(t, "metadata.json", false, LAYOUT_SKIP, NULL);
        tree_free(t);
    }
}

/* data.zip alone, and data.zip that a password has opened. */
static void sealed_alone(void **state)
{
    static const struct { const char *body; size_t n; const char *meta, *want; bool encrypted; const char *why; } list[] = {
        { "PK\3\4\24\0\1\0", 8, NULL, "velociraptor", true, "its entries are encrypted" },
        { "PK\3\4\24\0\0\0", 8, NULL, "none", false, "a zip in a zip" },
        { "PK\3\4", 4, NULL, "none", false, "cut" },
        { "PK\3\4\24\0\1\0", 8, "{}", "velociraptor", true, "its entries are encrypted" },
        { "PK\3\4\24\0\0\0", 8, "{}", "velociraptor", false, "a password has opened it" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = tree_new();
        CHECK(os_mem_add(t->m, "/c/data.zip", (struct str){ (const uint8_t *)list[i].body, list[i].n }));
        if (list[i].meta)
            tree_put(t, "metadata.json", list[i].meta);
        const struct layout *l = tree_open(t, "x.zip");
        CHECK_WHY(strcmp(l ? l->kind->name : "none", list[i].want) == 0, list[i].why);
        CHECK_WHY(!l || (l->encrypted == list[i].encrypted && (l->note_n != 0) == list[i].encrypted), list[i].why);
        if (l)
            tree_at(t, "data.zip", false, LAYOUT_INNER, NULL);
        tree_free(t);
    }
}

/* Side files that lie, or are too large. Whatever they say, the entries are placed. */
static void hostile(void **state)
{
    static const char *const rows[] = {
        "{\"_Components\":7}", "{\"_Components\":[]}", "{\"_Components\":[\"uploads\"]}", "{\"_Components\":[\"uploads\",\"auto\",\"C:\",\"..\",\"x\"],\"vfs_path\":\"C:\\\\..\\\\x\"}",
        "{\"_Components\":[\"uploads\",\"auto\",\"C:\",\"a/b\"]}", "{\"_Components\":[\"uploads\",\"auto\",\"C:\",\"a\\u0000b\"]}", "{\"_Components\":[\"uploads\",1,2]}",
        "{\"vfs_path\":null}", "{\"vfs_path\":\"\\\\\\\\server\\\\share\\\\x\"}", "{\"vfs_path\":\"C:\\\\a\\\\..\\\\..\\\\b\"}", "[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]",
        "{\"file_size\":1e400,\"uploaded_size\":-5,\"_Components\":[\"uploads\",\"auto\",\"C:\",\"Windows\",\"x\"]}", "{\"a\":", "\xFF\xFE", "{}{}", "null",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct tree *t = plain(rows[i]);
        tree_is(t, "x", "velociraptor");
        tree_at(t, "uploads/auto/C%3A/Windows/x", false, LAYOUT_PLACE, "C:\\Windows\\x");
        CHECK(!tree_map(t, "uploads/auto/C%3A/Windows/x", false).partial);
        tree_free(t);
    }
}

static void limits(void **state)
{
    struct tree *t = tree_new();
    const size_t n = LAYOUT_ROWS_MAX + 10;
    uint8_t     *p = malloc(n * 3);

    (void)state;
    CHECK(p);
    for (size_t i = 0; i < n; i++)
        memcpy(p + 3 * i, "{}\n", 3);
    tree_put(t, "uploads/auto/C%3A/x", "x");
    CHECK(os_mem_add(t->m, "/c/uploads.json", (struct str){ p, 3 * n }));
    tree_is(t, "x", "velociraptor");
    CHECK(t->l->row_n == LAYOUT_ROWS_MAX && tree_note(t, "more rows"));
    t->limits.side = 100;
    tree_is(t, "x", "velociraptor");
    CHECK(tree_note(t, "limit side") && t->l->row_n == 34);
    tree_free(t);
    free(p);
}

/* More rows than keep can hold: what fits is read, the rest is told, and the hunt goes on. */
static void little_memory(void **state)
{
    struct tree *t = tree_new();
    const char   row[] = "{\"vfs_path\":\"C:\\\\x\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"x\"],\"file_size\":2,\"uploaded_size\":1}\n";
    const size_t one = sizeof row - 1, n = 3000;
    uint8_t     *p = malloc(n * one);

    (void)state;
    CHECK(p);
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * one, row, one);
    CHECK(os_mem_add(t->m, "/c/uploads.json", (struct str){ p, n * one }));
    tree_put(t, "uploads/auto/C%3A/x", "x");
    for (int i = 0; i < 300; i++) {
        tree_put(t, (const char *)str_fmt(&t->disk.a, "uploads/auto/C%%3A/d%d", i).p, "x");
        tree_put(t, (const char *)str_fmt(&t->disk.a, "uploads/auto/C%%3A/d%d.idx", i).p, "{\"length\":5}");
    }
    for (size_t room = 8 << 10; room <= 1 << 20; room *= 2) {
        struct test_arena own  = test_arena(room);
        struct arena      keep = own.a;
        if (!layout_open(&t->l, &t->m->os, STR("/c"), STR("x"), &t->limits, &keep, t->scratch.a, &t->e))
            fail_msg("%zu bytes: %s", room, t->e.what);
        CHECK((room < 1 << 20) == (tree_note(t, "fit into memory") != NULL));
        CHECK(tree_map(t, "uploads/auto/C%3A/x", false).partial);
        test_arena_free(&own);
    }
    tree_free(t);
    free(p);
}

/* Every call of the disk fails once: no crash, no handle left open; what cannot be read is missing or noted. */
static void faults(void **state)
{
    (void)state;
    for (uint32_t n = 1; n < 200; n++) {
        struct tree *t = plain("{\"vfs_path\":\"C:\\\\Windows\\\\x.idx\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"Windows\",\"x\"],\"Type\":\"idx\"}\n");
        tree_put(t, "uploads/auto/C%3A/Windows/x.idx", "{\"ranges\":[{\"file_length\":1,\"length\":100}]}");
        tree_put(t, "client_info.json", "{\"Hostname\":\"EXCH01\"}");
        t->m->fault = (struct fault){ .left = n };
        const struct layout *l = tree_open(t, "x");
        bool fired = t->m->fault.fired;
        t->m->fault = (struct fault){ 0 };
        if (l)
            tree_at(t, "uploads/auto/C%3A/Windows/x", false, LAYOUT_PLACE, "C:\\Windows\\x");
        tree_free(t);
        if (!fired)
            return;
    }
    fail_msg("the sweep does not end");
}

static bool sweep(struct arena *a, struct err *e)
{
    struct test_arena disk = test_arena(1 << 20);
    struct os_mem    *m    = os_mem_open(&disk.a, 0);

    os_mem_add(m, "/c/uploads.json", STR("{\"vfs_path\":\"C:\\\\a.idx\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"a\"],\"Type\":\"idx\"}\n"
                                         "{\"vfs_path\":\"C:\\\\a\",\"_Components\":[\"uploads\",\"auto\",\"C:\",\"a\"],\"file_size\":100,\"uploaded_size\":1}\n{\"vfs_path\":\"C:\\\\b\"}\n"));
    os_mem_add(m, "/c/uploads/auto/C%3A/a", STR("x"));
    os_mem_add(m, "/c/uploads/auto/C%3A/a.idx", STR("{\"ranges\":[{\"file_length\":1,\"length\":100}]}"));
    os_mem_add(m, "/c/client_info.json", STR("{\"Hostname\":\"EXCH01\",\"Platform\":\"p\",\"PlatformVersion\":\"v\"}"));
    os_mem_add(m, "/c/results/All File Metadata.json", STR("{\"SourceFile\":\"C:\\\\a\",\"Modified\":\"2020-01-01T00:00:00Z\"}"));
    bool ok = tree_sweep(m, a, e);
    CHECK(m->open_now == 0);
    test_arena_free(&disk);
    return ok;
}

static void memory(void **state)
{
    (void)state;
    fault_sweep(sweep, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes), cmocka_unit_test(places), cmocka_unit_test(shadows), cmocka_unit_test(rows), cmocka_unit_test(times), cmocka_unit_test(sparse),
        cmocka_unit_test(holes), cmocka_unit_test(indexes), cmocka_unit_test(servers), cmocka_unit_test(sealed), cmocka_unit_test(sealed_alone), cmocka_unit_test(hostile), cmocka_unit_test(limits), cmocka_unit_test(faults), cmocka_unit_test(little_memory),
        cmocka_unit_test(memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
