#include "test.h"

#include "evidence/layout_rows.h"

static void folded(void **state)
{
    struct test_arena  t = test_arena(1 << 20);
    struct err         e = { 0 };
    struct layout_row  one = { .path = STR("C:\\a"), .mtime_us = 1, .btime_us = TIME_NONE }, two = { .mtime_us = 2, .shadow = 3, .partial = true };
    struct layout_place p = layout_place_none();

    (void)state;
    for (int fold = 0; fold < 2; fold++) {
        struct layout_rows r = { .fold = fold };
        CHECK(layout_rows_get(&r, STR("C/a")) == NULL);
        CHECK(layout_rows_add(&r, &t.a, STR("C/b"), &two, &e) && layout_rows_add(&r, &t.a, STR("C/a"), &one, &e) &&
              layout_rows_add(&r, &t.a, STR("c/A"), &two, &e) && layout_rows_add(&r, &t.a, STR("C/a"), &two, &e));
        layout_rows_settle(&r);
        assert_int_equal(r.again, fold ? 2 : 1);
        CHECK(layout_rows_get(&r, STR("C/a"))->mtime_us == 1);       /* the first stands */
        CHECK(fold ? layout_rows_get(&r, STR("C/A"))->mtime_us == 1 : !layout_rows_get(&r, STR("C/A")));
        CHECK(!layout_rows_get(&r, STR("")) && !layout_rows_get(&r, STR("C/")) && !layout_rows_get(&r, STR("D")));
    }
    layout_rows_apply(NULL, &p);
    CHECK(p.mtime_us == TIME_NONE && !p.path.p);
    p.path = STR("X:\\");
    layout_rows_apply(&two, &p);
    CHECK(p.mtime_us == 2 && p.shadow == 3 && p.partial && str_eq(p.path, STR("X:\\")));
    test_arena_free(&t);
}

static void many(void **state)
{
    struct test_arena  t = test_arena(64 << 20);
    struct err         e = { 0 };
    struct layout_rows r = { .fold = true };
    char               key[32];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct layout_row one = { .mtime_us = i };
        snprintf(key, sizeof key, "C/%d", i * 7919 % 20000);
        CHECK(layout_rows_add(&r, &t.a, str_c(key), &one, &e));
    }
    layout_rows_settle(&r);
    for (int i = 0; i < 20000; i++) {
        snprintf(key, sizeof key, "c/%d", i * 7919 % 20000);
        CHECK(layout_rows_get(&r, str_c(key))->mtime_us == i);
    }
    test_arena_free(&t);
}

static void patterns(void **state)
{
    static const struct { const char *text, *pattern; size_t want; } list[] = {
        { "2021-03-12T1", "dddd-dd-ddT", 11 }, { "2021-03-1", "dddd-dd-dd", 0 }, { "2021.03-12", "dddd-dd-dd", 0 }, { "", "d", 0 }, { "x", "", 0 },
    };
    struct test_arena t = test_arena(64);

    (void)state;
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct str s = test_heap(list[i].text, strlen(list[i].text));
        assert_int_equal(layout_pattern(s, list[i].pattern), list[i].want);
        test_free(s);
    }
    CHECK_STR(layout_native(&t.a, STR("a\\b/c")), STR("a/b/c"));
    CHECK(layout_native(&t.a, STR("")).p != NULL);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(folded), cmocka_unit_test(many), cmocka_unit_test(patterns) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
