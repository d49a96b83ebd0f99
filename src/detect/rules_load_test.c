#include "test.h"

#include "detect/rules_load.h"
#include "os/mem.h"

#define WEB "logsource: {category: webserver}\ndetection:\n  s: {cs-uri-query|contains: rarity}\n  condition: s\n"

static struct os_mem *disk(struct arena *a)
{
    struct os_mem *m = os_mem_open(a, 0);

    os_mem_add(m, "/r/a.yml", STR("title: web\nid: 1\nauthor: somebody\n" WEB));
    os_mem_add(m, "/r/b.yml", STR("title: process\nlogsource: {product: linux, category: process_creation}\ndetection:\n  s: {Image|expand: '%x%'}\n  condition: s\n"));
    os_mem_add(m, "/r/c.yml", STR("title: broken\nlogsource: {category: webserver}\ndetection:\n  s: {a|near: x}\n  condition: s\n"));
    os_mem_add(m, "/r/d.yml", STR("title: apache\nlogsource: {service: apache}\ndetection:\n  s: [x]\n  condition: s\n"));
    os_mem_add(m, "/r/e.yml", STR("title: both\ncorrelation: {type: temporal_ordered, rules: [a, nobody], timespan: 5m}\n"));
    os_mem_add(m, "/r/f.yml", STR("title: pair\nname: pair\ncorrelation: {type: temporal_ordered, rules: [a, '1'], timespan: 5m}\n"));
    os_mem_add(m, "/r/g.yml", STR("title: moves\nafterpatch: {sign: forged, axis: exploitation, state: attempted}\n" WEB));
    os_mem_add(m, "/r/h.yml", STR("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["));
    os_mem_add(m, "/r/i.yml", STR("title: for ever\nlogsource: {category: webserver}\ndetection:\n  s: {a|re: '^(a+)+$'}\n  condition: s\n"));
    return m;
}

static const struct sigma_refused *refused(const struct sigma *s, struct str file)
{
    for (size_t i = 0; i < s->refused_n; i++)
        if (str_eq(s->refused[i].file, file))
            return &s->refused[i];
    fail_msg("%.*s is not refused", STR_ARG(file));
    return NULL;
}

static void users(void **state)
{
    struct test_arena t = test_arena(16 << 20), world = test_arena(1 << 20), scratch = test_arena(8 << 20);
    struct os_mem    *m = disk(&world.a);
    struct rules_dir  d = { 0 };
    struct sigma      s = { 0 };
    struct err        e = { 0 };

    (void)state;
    CHECK(sigma_add(&s, &t.a, STR("rules/own.yml"), STR("title: own\n" WEB), true, &e));
    CHECK(rules_dir_add(&d, &t.a, &m->os, STR("/r"), &e));
    CHECK(rules_load_sigma(&s, &d, &m->os, &t.a, scratch.a, &e));
    CHECK(s.rule_n == 4 && s.refused_n == 6 && !s.unfit);
    CHECK(s.rule[0].own && !s.rule[1].own);
    CHECK_STR(s.rule[1].title, STR("web"));
    CHECK_STR(s.rule[1].author, STR("somebody"));
    CHECK(s.rule[1].axis == AXIS_NONE && s.rule[1].sign == SIGN_REVIEW);
    CHECK(s.rule[2].correlation);
    CHECK(s.rule[3].axis == AXIS_EXPLOITATION && s.rule[3].sign == SIGN_FORGED);
    CHECK(refused(&s, STR("b.yml"))->elsewhere && refused(&s, STR("d.yml"))->elsewhere && !refused(&s, STR("c.yml"))->elsewhere);
    CHECK_STR(refused(&s, STR("b.yml"))->title, STR("process"));
    CHECK_STR(refused(&s, STR("b.yml"))->why, STR("no log that is read here (product: linux, category: process_creation)"));
    CHECK(str_has(refused(&s, STR("e.yml"))->why, STR("\"nobody\", which is no rule here")));
    CHECK(str_has(refused(&s, STR("h.yml"))->why, STR("deeper")));
    CHECK(str_has(refused(&s, STR("i.yml"))->why, STR("for ever")));
    sigma_close(&s);
    test_arena_free(&t);
    test_arena_free(&world);
    test_arena_free(&scratch);
}

static void sources(void **state)
{
    static const struct { const char *why, *category, *product, *service; bool fits; } c[] = {
        { "any web server", "webserver", "", "", true },       { "a proxy", "proxy", "", "", true },
        { "IIS by its service", "", "windows", "iis", true },   { "by its product", "", "iis", "", true },
        { "one of our logs", "", "exchange", "exchange-ews", true }, { "anything", "", "", "", true },
        { "another server's log", "webserver", "apache", "", false }, { "an event log", "", "windows", "security", true },
        { "all event logs", "", "windows", "", true },          { "the event log of IIS", "", "windows", "iis-configuration", true },
        { "an event log by its category", "process_creation", "windows", "", true }, { "by the name of its channel", "", "windows", "Microsoft-Windows-WinRM/Operational", true },
        { "traced, not kept", "file_access", "windows", "", false }, { "no such service", "", "windows", "nothing", false },
        { "another system's processes", "process_creation", "linux", "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        char              why[SIGMA_WHY_MAX] = "";
        struct sigma_rule r = { .category = str_c(c[i].category), .product = str_c(c[i].product), .service = str_c(c[i].service) };
        CHECK_WHY(rules_unfit(&r, why) != c[i].fits, c[i].why);
        CHECK_WHY(c[i].fits || why[0], c[i].why);
    }
}

static bool load(struct arena *a, struct err *e)
{
    struct test_arena world = test_arena(1 << 20), scratch = test_arena(2 << 20);
    struct os_mem    *m = disk(&world.a);
    struct rules_dir  d = { 0 };
    struct sigma      s = { 0 };
    bool              ok = rules_dir_add(&d, a, &m->os, STR("/r"), e) && rules_load_sigma(&s, &d, &m->os, a, scratch.a, e);

    sigma_close(&s);
    test_arena_free(&world);
    test_arena_free(&scratch);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(load, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(users), cmocka_unit_test(sources), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
