#include "test.h"

#include "formats/mfttree.h"

#include "make_mft.h"

#define DAY (INT64_C(18689) * TIME_DAY)

static void put(struct mft_tree *t, uint64_t number, uint16_t seq, int in_use, int is_dir, uint64_t parent, uint16_t parent_seq, const char *name)
{
    static struct mft_record r;
    uint8_t    raw[MK_RECORD];
    struct err e = { 0 };

    mkf_file(raw, number, seq, in_use, is_dir, parent, parent_seq, name, DAY, DAY, is_dir ? NULL : "abc");
    CHECK(mft_record_parse(&r, raw, sizeof raw, number, &e));
    mft_tree_add(t, &r, false);
}

static void check_path(const struct mft_tree *t, uint32_t record, bool whole, const char *want)
{
    struct test_arena a = test_arena(8192);
    struct str        path;

    CHECK(record < t->record_n && t->of_record[record] != MFT_NOTHING);
    bool got = mft_tree_path(t, t->of_record[record], &a.a, &path);
    CHECK_STR(path, str_c(want));
    CHECK(got == whole);
    test_arena_free(&a);
}

static void paths(void **state)
{
    struct test_arena room = test_arena(1 << 20), a = test_arena(4096);
    struct mft_tree t;
    struct err e = { 0 };
    struct str path;

    (void)state;
    CHECK(mft_tree_open(&t, room.a, &e));
    put(&t, 5, 5, 1, 1, 5, 5, ".");
    put(&t, 30, 2, 1, 1, 5, 5, "inetpub");
    put(&t, 31, 2, 1, 0, 30, 2, "live.aspx");
    put(&t, 32, 4, 0, 0, 30, 2, "gone.aspx");
    put(&t, 33, 8, 0, 1, 30, 2, "old");              /* the folder went: its sequence is one more */
    put(&t, 34, 2, 0, 0, 33, 7, "inside.aspx");
    put(&t, 35, 2, 0, 0, 33, 3, "elsewhere.aspx");   /* its folder's record belongs to another folder now */
    put(&t, 40, 1, 1, 1, 41, 1, "a"), put(&t, 41, 1, 1, 1, 40, 1, "b");      /* within each other */
    put(&t, 42, 1, 1, 0, 41, 1, "loop.txt");
    put(&t, 43, 1, 1, 1, 43, 1, "self");
    mft_tree_settle(&t);
    check_path(&t, 31, true, "\\inetpub\\live.aspx");
    check_path(&t, 32, true, "\\inetpub\\gone.aspx");
    check_path(&t, 34, true, "\\inetpub\\old\\inside.aspx");
    check_path(&t, 35, false, "elsewhere.aspx");
    CHECK(!mft_tree_path(&t, t.of_record[42], &a.a, &path) && path.n > 200);
    CHECK(!mft_tree_path(&t, t.of_record[43], &a.a, &path));
    CHECK(mft_tree_folder(&t, (struct mft_ref){ 30, 2 }, &a.a, &path));
    CHECK_STR(path, STR("\\inetpub"));
    CHECK(!mft_tree_folder(&t, (struct mft_ref){ 30, 3 }, &a.a, &path));
    CHECK(t.files == 2 && t.deleted == 4 && t.left_out == 0);
    struct test_arena exact = test_arena(mft_tree_bytes(&t));
    CHECK(mft_tree_move(&t, exact.a));
    memset(room.block, 0xEE, room.n);
    check_path(&t, 34, true, "\\inetpub\\old\\inside.aspx");
    size_t n = 0;
    for (uint32_t i = t.in_folder[30]; i != MFT_NOTHING; i = t.entry[i].next_in_folder)
        n++;
    CHECK(n == 3);
    test_arena_free(&room), test_arena_free(&a), test_arena_free(&exact);
}

static void full(void **state)
{
    struct test_arena room = test_arena(64 << 10);
    struct mft_tree t;
    struct err e = { 0 };
    char name[32];

    (void)state;
    CHECK(mft_tree_open(&t, room.a, &e));
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "file-%u.txt", i);
        put(&t, 30 + i, 1, 1, 0, 5, 5, name);
    }
    mft_tree_settle(&t);
    CHECK(t.left_out > 0 && t.left_out < 2000 && t.entry_n + t.left_out == 2000);
    test_arena_free(&room);
    struct test_arena small = test_arena(1000);
    CHECK(!mft_tree_open(&t, small.a, &e) && e.kind == ERR_MEMORY);
    test_arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(paths), cmocka_unit_test(full) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
