/* What all kinds share: paths, texts, the top of a tree, sparse maps. layout_side_test.c has the side files. */
#include "layout_tree.h"

#include "base/num.h"
#include "evidence/layout_inner.h"

static void paths(void **state)
{
    static const struct { const char *in, *want, *why; } list[] = {
        { "C:\\Windows\\x", "C:\\Windows\\x", "as it should be" },
        { "c:/windows//x/", "C:\\windows\\x", "slashes, doubled, at the end" },
        { "C:", "C:", "the drive" },
        { "C:\\", "C:", "the drive" },
        { "\\\\?\\C:\\x", "C:\\x", "the prefix for long paths" },
        { "\\\\.\\d:\\x", "D:\\x", "the prefix of a device" },
        { "\\??\\C:\\x", "C:\\x", "the prefix of the kernel" },
        { "//?/C:/x", "C:\\x", "the same with slashes" },
        { "C:\\$Extend\\$UsnJrnl:$J", "C:\\$Extend\\$UsnJrnl:$J", "a stream" },
        { "C:x", NULL, "of the current folder" },
        { "\\Windows", NULL, "no drive" },
        { "\\\\server\\share\\x", NULL, "another machine" },
        { "\\\\?\\UNC\\server\\x", NULL, "another machine" },
        { "\\\\?\\Volume{1}\\x", NULL, "no drive" },
        { "C:\\a\\..\\b", NULL, "leaves its folder" },
        { "C:\\.\\b", NULL, "not canonical" },
        { "C:\\D:\\b", NULL, "a drive inside" },
        { "1:\\b", NULL, "no letter" },
        { "", NULL, "nothing" },
        { "C", NULL, "a letter" },
    };
    struct test_arena t = test_arena(1 << 20);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct str  in = test_heap(list[i].in, strlen(list[i].in)), got = STR_EMPTY;
        const char *wrong = NULL;
        bool        ok = layout_path_take(in, &t.a, &got, &wrong);
        CHECK_WHY(ok == (list[i].want != NULL) && (ok || wrong), list[i].why);
        CHECK_WHY(!ok || str_eq(got, str_c(list[i].want)), list[i].why);
        test_free(in);
    }
    uint8_t     deep[2 + 2 * 200] = "C:";
    struct str  got;
    const char *wrong = NULL;
    for (size_t i = 0; i < 200; i++)
        deep[2 + 2 * i] = '\\', deep[3 + 2 * i] = 'a';
    CHECK(!layout_path_take((struct str){ deep, sizeof deep }, &t.a, &got, &wrong) && strcmp(wrong, "too deep") == 0);
    CHECK(!layout_path_take((struct str){ (const uint8_t *)"C:\\a\0b", 6 }, &t.a, &got, &wrong) && strstr(wrong, "NUL"));
    struct arena none = { 0 };
    CHECK(!layout_path_take(STR("C:\\a"), &none, &got, &wrong) && strstr(wrong, "no room"));
    test_arena_free(&t);
}

static void words(void **state)
{
    static const struct { const char *in, *want; } host[] = {
        { " EXCH01. ", "EXCH01" }, { "ex-01_a.example.test", "ex-01_a.example.test" }, { "\xC3\x84X", "\xC3\x84X" }, { "\xC4", "" },
        { "a b", "" }, { "a/b", "" }, { "<b>", "" }, { "a\x1b[0m", "" }, { "..", "" }, { ".a", "" }, { "", "" },
    };
    static const struct { const char *in, *want; } time[] = {
        { "2021-03-03T04:15:33Z", "2021-03-03 04:15:33" }, { "2021-03-03 04:15:33.1234567", "2021-03-03 04:15:33.123456" }, { "2021-03-03 04:15:33 +0000 UTC", "2021-03-03 04:15:33" },
        { "2021-03-03 04:15:33 UTC", "2021-03-03 04:15:33" }, { "2021-03-03T04:15:33+0100", "2021-03-03 03:15:33" }, { "2021-03-03 04:15:33 -01:00", "2021-03-03 05:15:33" },
        { "2021-03-03", "2021-03-03" },
    };
    static const char *const no_time[] = { "", "0001-01-01T00:00:00Z", "yesterday", "2021-03-03 04:15:33 +0000 UTC and what follows", "2021-13-03", "03/04/2021 04:15" };
    static const struct { const char *in, *want; } stem[] = { { "a.tar.gz", "a" }, { "a.b.ZIP", "a.b" }, { ".zip", ".zip" }, { "a.txt", "a.txt" }, { "a.tar", "a" } };
    struct test_arena t = test_arena(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(host); i++)
        CHECK_STR(layout_host_take(str_c(host[i].in), &t.a), str_c(host[i].want));
    for (size_t i = 0; i < COUNT_OF(time); i++)
        CHECK_WHY(layout_time_take(str_c(time[i].in)) == tree_time(time[i].want), time[i].in);
    for (size_t i = 0; i < COUNT_OF(no_time); i++)
        CHECK_WHY(layout_time_take(str_c(no_time[i])) == TIME_NONE, no_time[i]);
    for (size_t i = 0; i < COUNT_OF(stem); i++)
        CHECK_STR(layout_stem(str_c(stem[i].in)), str_c(stem[i].want));
    for (uint8_t c = 'A'; c <= 'Z'; c++)
        CHECK(layout_drive(layout_volume(c)) == c);
    CHECK(layout_drive(STR("c")) == 'C' && !layout_drive(STR("CC")) && !layout_drive(STR("?:")) && !layout_drive(STR("")) && !layout_drive(STR("C_")));
    CHECK_STR(layout_volume(0), STR("?:"));
    test_arena_free(&t);
}

static void sealed(void **state)
{
    const char *what = NULL, *hint = NULL;

    (void)state;
    CHECK(layout_sealed(STR("EXCH01_20210312100000.tar.enc"), &what, &hint) && strstr(what, "acquire") && strstr(hint, "ecrypt"));
    CHECK(layout_sealed(STR("EXCH01_20210312100000.tar.gz.enc"), &what, &hint));
    CHECK(layout_sealed(STR("DFIR-ORC_Server_EXCH01_General.7z.p7b"), &what, &hint) && strstr(what, "ORC"));
    CHECK(!layout_sealed(STR("secret.enc"), &what, &hint) && !layout_sealed(STR("chain.p7b"), &what, &hint) && !layout_sealed(STR(""), &what, &hint));
    CHECK(!layout_sealed(STR("EXCH01_20210312100000.tar"), &what, &hint));
}

static void tops(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "out/EXCH01_20210312100000/fs/C:/x", "");
    tree_is(t, "x", "acquire");
    CHECK_STR(t->l->top, STR("out/EXCH01_20210312100000"));
    tree_at(t, "", true, LAYOUT_ENTER, NULL);
    tree_at(t, "out", true, LAYOUT_ENTER, NULL);
    tree_at(t, "out", false, LAYOUT_PLAIN, NULL);
    tree_at(t, "ou", true, LAYOUT_PLAIN, NULL);
    tree_at(t, "out/EXCH01_20210312100000", true, LAYOUT_ENTER, NULL);
    tree_at(t, "out/EXCH01_202103121000001", true, LAYOUT_PLAIN, NULL);
    tree_at(t, "out/EXCH01_20210312100000/fs/C:/x", false, LAYOUT_PLACE, "C:\\x");
    tree_at(t, "fs/C:/x", false, LAYOUT_PLAIN, NULL);
    /* The second of two entries of one name, below the second of two folders of one name. */
    struct layout_place p;
    layout_map(t->l, STR("out/EXCH01_20210312100000/fs/C:\0" "1/a/x\0" "12"), false, &t->keep.a, &p);
    CHECK(p.what == LAYOUT_PLACE);
    CHECK_STR(p.path, STR("C:\\a\\x"));
    tree_free(t);

    t = tree_new();
    CHECK(!tree_open(t, "x"));
    tree_put(t, "readme.txt", "");
    CHECK(!tree_open(t, "x"));
    os_mem_find(t->m, STR("/c"))->unreadable = true;
    CHECK(!tree_open(t, "x"));
    tree_free(t);
}

static void notes(void **state)
{
    struct tree *t = tree_new();

    (void)state;
    tree_put(t, "top/fs/C:/x", "");
    tree_is(t, "x", "acquire");
    layout_note_add(t->l, STR("a/b"), "b", "c");
    CHECK_STR(t->l->note[0].path, STR("top/a/b"));
    layout_note_add(t->l, STR("C:\\a"), "b", "c");
    CHECK_STR(t->l->note[1].path, STR("C:\\a"));
    for (int i = 0; i < LAYOUT_NOTES_MAX + 5; i++)
        layout_note_add(t->l, STR("a"), "b", "c");
    CHECK(t->l->note_n == LAYOUT_NOTES_MAX && strstr(t->l->note[LAYOUT_NOTES_MAX - 1].what, "more notes"));
    tree_free(t);
}

static void table(void **state)
{
    static const char *const order[] = { "velociraptor", "acquire", "uac", "tanium", "orc", "kape", "cylr" };
    size_t n = 0;

    (void)state;
    for (; layout_table[n]; n++)
        CHECK(n < COUNT_OF(order) && strcmp(layout_table[n]->name, order[n]) == 0 && layout_table[n]->about[0] && layout_table[n]->probe && layout_table[n]->open &&
              layout_table[n]->map);
    CHECK(n == COUNT_OF(order));
}

static void sparse(void **state)
{
    struct layout_range  r[] = { { 10, 0, 5 }, { 15, 100, 5 }, { 30, 50, 10 } };
    struct layout_sparse s   = { r, 3, 35 };            /* the last range goes beyond the end */
    static const struct { uint64_t off, n; bool hole; uint64_t at; } list[] = {
        { 0, 10, true, 0 }, { 9, 1, true, 0 }, { 10, 5, false, 0 }, { 14, 1, false, 4 }, { 15, 5, false, 100 }, { 20, 10, true, 0 }, { 30, 5, false, 50 }, { 34, 1, false, 54 },
        { 35, 0, true, 0 }, { UINT64_MAX, 0, true, 0 },
    };
    bool     hole;
    uint64_t at;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        uint64_t n = layout_sparse_at(&s, list[i].off, &hole, &at);
        CHECK(n == list[i].n && (n == 0 || (hole == list[i].hole && at == list[i].at)));
    }
    struct layout_sparse all = { NULL, 0, UINT64_C(1) << 40 };
    CHECK(layout_sparse_at(&all, 5, &hole, &at) == (UINT64_C(1) << 40) - 5 && hole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths), cmocka_unit_test(words), cmocka_unit_test(sealed), cmocka_unit_test(tops), cmocka_unit_test(notes), cmocka_unit_test(table),
        cmocka_unit_test(sparse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
