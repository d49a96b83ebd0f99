#include "test.h"

#include "cli/rules_try.h"
#include "os/mem.h"

#include <dlfcn.h>
#include <signal.h>
#include <yaml.h>

/* The library as it may be one day: a word in a file brings it down. This stands before the library's own. */
void yaml_parser_set_input_string(yaml_parser_t *p, const unsigned char *text, size_t n)
{
    void     (*real)(yaml_parser_t *, const unsigned char *, size_t);
    struct str s = { text, n };

    if (str_has(s, STR("do_segv")))
        raise(SIGSEGV);
    for (volatile uint64_t i = 0; str_has(s, STR("do_hang")); i++)
        ;
    *(void **)&real = dlsym(RTLD_NEXT, "yaml_parser_set_input_string");
    real(p, text, n);
}

static const char good[] = "title: good\nlogsource:\n  category: webserver\ndetection:\n  a:\n    cs-method: POST\n  condition: a\n";

static void put(struct os_mem *m, const char *path, const char *text) { CHECK(os_mem_add(m, path, str_c(text))); }

static void survives(void **state)
{
    struct test_arena t = test_arena(16 << 20), d = test_arena(1 << 20), scratch = test_arena(8 << 20);
    struct os_mem    *m = os_mem_open(&d.a, 0);
    struct rules_dir  dir = { .file_n = 0 };
    struct rules_how  how = { .step_ms = 600, .no_sandbox = true };       /* this disk is in memory: there is no such folder */
    struct sigma      s = { .rule_n = 0 };
    struct err        e = { 0 };

    (void)state;
    put(m, "/r/a.yml", good);
    put(m, "/r/b.yml", "title: do_segv\n");
    put(m, "/r/c.yml", good);
    put(m, "/r/d.yml", "title: do_hang\n");
    put(m, "/r/e.yar", "rule");
    put(m, "/r/f.yml", "title: x\nlevel: odd\n");
    CHECK(rules_dir_add(&dir, &t.a, &m->os, STR("/r"), &e));
    CHECK(rules_try(&dir, &how, &m->os, &t.a, scratch.a, &e));
    CHECK(!dir.file[0].refused.n && !dir.file[2].refused.n && !dir.file[4].refused.n && !dir.file[5].refused.n);
    CHECK_STR(dir.file[1].refused, STR("its reader died of it (signal 11)"));
    CHECK_STR(dir.file[3].refused, STR("took longer than 1 s to load"));
    CHECK(rules_load_sigma(&s, &dir, &m->os, &t.a, scratch.a, &e));
    CHECK(s.rule_n == 2 && s.refused_n == 3);
    CHECK_STR(s.refused[0].why, STR("its reader died of it (signal 11)"));
    sigma_close(&s);
    test_arena_free(&t);
    test_arena_free(&d);
    test_arena_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(survives) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
