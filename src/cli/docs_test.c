/* Documents that repeat a table are compared with it, so that they cannot drift apart. */
#include "test.h"

#include "cli/setup.h"
#include "cli/verbs.h"
#include "detect/event.h"
#include "os/os.h"
#include "report/render.h"
#include "survey/figures.h"

static struct str doc(struct arena *a, const char *name)
{
    struct os  os = os_posix();
    struct str s = STR_EMPTY;
    struct err e = { 0 };

    if (!os_slurp(&os, STR(AP_SOURCE_DIR), str_c(name), 1 << 20, a, &s, &e))
        fail_msg("%s: %s", name, e.what);
    return s;
}

static void rules_page(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct str        s = doc(&t.a, "docs/sigma.md");

    (void)state;
    for (size_t i = 0; event_field_names[i]; i++) {
        struct str word = str_fmt(&t.a, "`%s`", event_field_names[i]);
        CHECK_WHY(str_has(s, word), event_field_names[i]);
    }
    for (size_t i = 0; i < FAM_COUNT; i++)
        if (family_table[i].service) {
            struct str word = str_fmt(&t.a, "`%s`", family_table[i].service);
            CHECK_WHY(str_has(s, word), family_table[i].service);
        }
    test_arena_free(&t);
}

static void guide(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct str        s = doc(&t.a, "docs/guide.md"), readme = doc(&t.a, "README.md");

    (void)state;
    for (size_t i = 0; i < HUNT_OPTS; i++) {
        struct str word = str_fmt(&t.a, "`--%s", hunt_opts[i].name);
        CHECK_WHY(str_has(s, word), hunt_opts[i].name);
    }
    for (enum verdict_word v = V_NO_TRACE; v <= V_BEYOND_SERVER; v++) {
        struct str row = str_fmt(&t.a, "| `%s` | %d |", verdict_name(v), verdict_exit_code(v));
        CHECK_WHY(str_has(s, row), verdict_name(v));
    }
    for (size_t i = 0; render_kinds[i]; i++)
        CHECK_WHY(str_has(readme, str_c(render_kinds[i]->file)), render_kinds[i]->file);
    test_arena_free(&t);
}

static void exit_codes_of_the_verdicts(void **state)
{
    (void)state;
    for (enum verdict_word v = V_NO_TRACE; v <= V_BEYOND_SERVER; v++) {
        bool found = false;
        for (size_t i = 0; exit_codes[i].about; i++)
            found = found || exit_codes[i].code == verdict_exit_code(v);
        CHECK_WHY(found, verdict_name(v));
    }
}

/* Every campaign group and verdict that the survey knows, and every stratum of its figures. */
static void survey(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct str        s = doc(&t.a, "docs/survey.md");
    struct os         os = os_posix();
    struct builds     b;
    struct err        e = { 0 };

    (void)state;
    CHECK(builds_load(&b, &t.a, &os, STR_EMPTY, &e));
    for (size_t i = 0; i < b.group_n; i++)
        CHECK_WHY(str_has(s, b.group[i].name), (const char *)str_cstr(&t.a, b.group[i].name));
    for (int v = 0; v < BUILD_VERDICTS; v++) {
        struct str word = str_fmt(&t.a, "| `%s` |", build_verdict_name((enum build_verdict)v));
        CHECK_WHY(str_has(s, word), build_verdict_name((enum build_verdict)v));
    }
    for (int by = BY_COUNTRY; by <= BY_DETECTOR; by++)
        CHECK_WHY(str_has(s, str_c(figure_by_name((enum figure_by)by))), figure_by_name((enum figure_by)by));
    for (size_t i = 0; figure_definitions[i].name; i++) {
        struct str row = str_fmt(&t.a, "| %s | %s |", figure_definitions[i].name, figure_definitions[i].unit);
        CHECK_WHY(str_has(s, row), figure_definitions[i].name);
    }
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rules_page), cmocka_unit_test(guide), cmocka_unit_test(exit_codes_of_the_verdicts), cmocka_unit_test(survey) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
