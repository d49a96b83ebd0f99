#include "test.h"

#include "cli/verbs.h"

static void tables_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; verb_table[i]; i++) {
        const struct verb *v = verb_table[i];

        CHECK(v->name && v->about && v->usage && v->text && v->run);
        CHECK_WHY(verb_find(str_c(v->name)) == v, "names are unique");
        CHECK_WHY(!str_ends(str_c(v->about), STR(".")), "one line, no full stop");
        for (size_t k = 0; v->opt && v->opt[k].name; k++)
            CHECK_WHY(!str_ends(str_c(v->opt[k].about), STR(".")), v->opt[k].name);
    }
    CHECK(verb_find(STR("")) == NULL && verb_find(STR("Hunt")) == NULL);
}

/* Codes rise, and none is said twice: scripts compare them. */
static void codes_rise(void **state)
{
    (void)state;
    for (size_t i = 0; exit_codes[i].about; i++)
        CHECK(i == 0 ? exit_codes[i].code == 0 : exit_codes[i].code == exit_codes[i - 1].code + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tables_are_whole), cmocka_unit_test(codes_rise) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
