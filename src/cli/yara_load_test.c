#include "test.h"

#include "cli/yara_load.h"
#include "os/mem.h"

/* The pack's rules and a user's folder make one set; what is no rule is refused beside them. */
static void both(void **state)
{
    struct test_arena t = test_arena(4 << 20), d = test_arena(1 << 20);
    struct os_mem    *m = os_mem_open(&d.a, 0);
    struct pack_file  file[] = { { STR("rules/a.yml"), STR("title: a") }, { STR("yara/p.yar"), STR("rule p { condition: true }") } };
    struct pack       pack = { .file = file, .file_n = 2 };
    struct rules_dir  user = { 0 };
    struct yara_loaded y = { .from_cache = false };
    struct yara_how   how = { .here = true };
    struct err        e = { 0 };

    (void)state;
    CHECK(os_mem_add(m, "/r/sub/good.yar", STR("rule u { condition: true }")) && os_mem_add(m, "/r/bad.yara", STR("rule")) && os_mem_add(m, "/r/s.yml", STR("title: s")));
    CHECK(rules_dir_add(&user, &t.a, &m->os, STR("/r"), &e));
    CHECK(yara_load(&m->os, &pack, &user, &how, &t.a, &y, &e));
    CHECK(y.set.rule_n == 2 && y.set.own_n == 1 && y.set.refused_n == 1 && str_eq(y.set.refused[0].file, STR("bad.yara")));
    yara_unload(&y);
    CHECK(yara_load(&m->os, &pack, NULL, &how, &t.a, &y, &e) && y.set.rule_n == 1 && y.set.own_n == 1);
    yara_unload(&y);
    test_arena_free(&t);
    test_arena_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(both) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
