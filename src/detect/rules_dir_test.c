#include "test.h"

#include "detect/rules_dir.h"
#include "os/mem.h"

static struct os_mem *disk(struct arena *a)
{
    struct os_mem *m = os_mem_open(a, 0);

    os_mem_add(m, "/r/b.yml", STR("b"));
    os_mem_add(m, "/r/a/deep/x.YAML", STR("x"));
    os_mem_add(m, "/r/a/y.yar", STR("yy"));
    os_mem_add(m, "/r/README.md", STR("no rule"));
    os_mem_add(m, "/r/.git/z.yml", STR("no rule either"));
    os_mem_kind(m, STR("/r/link.yml"), OS_LINK);
    os_mem_dir(m, "/r/closed")->unreadable = true;
    return m;
}

static void kinds(void **state)
{
    struct test_arena t = test_arena(8 << 20), world = test_arena(1 << 20);
    struct os_mem    *m = disk(&world.a);
    struct rules_dir  d = { 0 };
    struct err        e = { 0 };
    struct str        text;

    (void)state;
    CHECK(rules_dir_add(&d, &t.a, &m->os, STR("/r"), &e));
    CHECK(d.file_n == 3 && d.of_kind[RULES_SIGMA] == 2 && d.of_kind[RULES_YARA] == 1 && d.bytes == 4);
    CHECK_STR(d.file[0].file, STR("a/deep/x.YAML"));
    CHECK_STR(d.file[1].file, STR("a/y.yar"));
    CHECK_STR(d.file[2].file, STR("b.yml"));
    CHECK(d.left_n == 2);
    CHECK_STR(d.left[0].file, STR("closed"));
    CHECK_STR(d.left[1].file, STR("link.yml"));
    CHECK(rules_file_read(&d.file[1], &m->os, &t.a, &text, &e));
    CHECK_STR(text, STR("yy"));
    CHECK(rules_dir_add(&d, &t.a, &m->os, STR("/r/b.yml"), &e) && d.file_n == 4);
    CHECK(rules_file_read(&d.file[3], &m->os, &t.a, &text, &e));
    CHECK_STR(text, STR("b"));
    test_arena_free(&t);
    test_arena_free(&world);
}

static void bounds(void **state)
{
    struct test_arena t = test_arena(16 << 20), world = test_arena(1 << 20);
    struct os_mem    *m = disk(&world.a);
    struct rules_dir  d = { 0 };
    struct err        e = { 0 };
    char              deep[200] = "/r";
    size_t            large_n = RULES_FILE_BYTES_MAX + 1;
    uint8_t          *large = calloc(large_n, 1);

    (void)state;
    for (int i = 0; i < RULES_DEPTH_MAX + 2; i++)
        strcat(deep, "/d");
    strcat(deep, "/x.yml");
    os_mem_add(m, deep, STR("x"));
    os_mem_add(m, "/r/large.yml", (struct str){ large, large_n });
    CHECK(rules_dir_add(&d, &t.a, &m->os, STR("/r"), &e));
    CHECK(d.file_n == 3 && d.left_n == 4);
    CHECK(str_has(d.left[1].why, STR("deeper")) && str_has(d.left[2].why, STR("at most")));
    CHECK(!rules_dir_add(&d, &t.a, &m->os, STR("/r/README.md"), &e) && e.kind == ERR_USAGE);
    CHECK(!rules_dir_add(&d, &t.a, &m->os, STR("/nowhere"), &e));
    CHECK(!rules_dir_add(&d, &t.a, &m->os, STR(""), &e));
    free(large);
    test_arena_free(&t);
    test_arena_free(&world);
}

static bool found(struct arena *a, struct err *e)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem    *m = disk(&t.a);
    struct rules_dir  d = { 0 };
    bool              ok = rules_dir_add(&d, a, &m->os, STR("/r"), e);

    test_arena_free(&t);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(found, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(kinds), cmocka_unit_test(bounds), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
