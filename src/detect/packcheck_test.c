#include "test.h"

#include "base/num.h"
#include "detect/packcheck.h"
#include "os/mem.h"

static const struct { const char *path, *text; } files[] = {
    { "/p/pack.yaml", "id: small\nversion: 1\ntitle: t\nexpected: [iis_front, tea_leaves]\n" },
    { "/p/iocs.csv", "type,value\nfilename_regex,^[a-z\nfilename_regex,^[a-z]$\n" },
    { "/p/clean/x.csv", "sha256\nnone\n" },
    { "/p/rules/a.yml", "title: a\nid: 1-1\ndetection: {s: {m|re: 'a+'}, condition: s}\n" },
    { "/p/rules/b.yml", "title: b\nid: 1-1\ndetection: {s: {m|near: a}, condition: s}\n---\ntitle: b2\nid: 1-1\ndetection: {s: {m: a}, condition: s}\n" },
    { "/p/rules/c.yml", "title: c\ncorrelation: {type: temporal_ordered, rules: [a, missing], timespan: 5s}\n" },
    { "/p/rules/d.yml", "title: [\n" },
    { "/p/yara/a.yar", "rule good { condition: true }\nrule odd { meta: axis = \"use\" state = \"used\" condition: true }\n" },
    { "/p/yara/b.yar", "\nrule bad { condition: }\n" },
};

static void problems(void **state)
{
    static const struct { const char *file, *why; } want[] = {
        { "clean/x.csv", "64 hex" },           { "iocs.csv", "filename_regex \"^[a-z\"" }, { "pack.yaml", "tea_leaves" }, { "rules/b.yml", "id \"1-1\" is also that of rules/a.yml" },
        { "rules/b.yml", "modifier \"near\"" }, { "rules/c.yml", "\"missing\"" },           { "rules/d.yml", "line" },
        { "yara/a.yar", "rule odd" },          { "yara/b.yar", "line 2: " },
    };
    struct test_arena t = test_arena(4 << 20), d = test_arena(1 << 20);
    struct os_mem    *m = os_mem_open(&d.a, 0);
    struct packcheck  c;
    struct err        e = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        CHECK(os_mem_add(m, files[i].path, str_c(files[i].text)));
    if (!packcheck_dir(&c, &t.a, &m->os, STR("/p"), &e))
        fail_msg("%s", e.what);
    CHECK(c.rules == 3 && c.yara_rules == 2);
    for (size_t i = 0; i < c.problem_n; i++)
        if (i >= COUNT_OF(want) || !str_eq(c.problem[i].file, str_c(want[i].file)) || !str_has(c.problem[i].why, str_c(want[i].why)))
            fail_msg("%zu: %.*s: %.*s", i, STR_ARG(c.problem[i].file), STR_ARG(c.problem[i].why));
    CHECK(c.problem_n == COUNT_OF(want));
    CHECK(!packcheck_dir(&c, &t.a, &m->os, STR("/none"), &e));
    test_arena_free(&t);
    test_arena_free(&d);
}

/* Our own pack has none. */
static void own_pack(void **state)
{
    struct test_arena t = test_arena(16 << 20);
    struct os         os = os_posix();
    struct packcheck  c;
    struct err        e = { 0 };

    (void)state;
    if (!packcheck_dir(&c, &t.a, &os, STR(AP_SOURCE_DIR "/packs/proxylogon"), &e))
        fail_msg("%s", e.what);
    for (size_t i = 0; i < c.problem_n; i++)
        print_message("%.*s: %.*s\n", STR_ARG(c.problem[i].file), STR_ARG(c.problem[i].why));
    CHECK(c.problem_n == 0 && c.yara_rules == 1);
    test_arena_free(&t);
}

static bool check(struct arena *a, struct err *e)
{
    struct test_arena d = test_arena(1 << 20);
    struct os_mem    *m = os_mem_open(&d.a, 0);
    struct packcheck  c;

    for (size_t i = 0; i < COUNT_OF(files); i++)
        os_mem_add(m, files[i].path, str_c(files[i].text));
    bool ok = packcheck_dir(&c, a, &m->os, STR("/p"), e);
    test_arena_free(&d);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(check, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(problems), cmocka_unit_test(own_pack), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
