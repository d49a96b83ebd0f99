#include "test.h"

#include "cli/verbs.h"

static void whole(const struct verb *v)
{
    CHECK(v->name && v->about && v->usage && v->text && !v->run == !!v->sub);
    CHECK_WHY(!str_ends(str_c(v->about), STR(".")), "one line, no full stop");
    for (size_t k = 0; v->opt && v->opt[k].name; k++)
        CHECK_WHY(!str_ends(str_c(v->opt[k].about), STR(".")), v->opt[k].name);
}

static void tables_are_whole(void **state)
{
    (void)state;
    for (size_t i = 0; verb_table[i]; i++) {
        const struct verb *v = verb_table[i];

        whole(v);
        CHECK_WHY(verb_find(str_c(v->name)) == v, "names are unique");
        for (size_t k = 0; v->sub && v->sub[k]; k++) {
            whole(v->sub[k]);
            CHECK_WHY(verb_sub(v, str_c(verb_word(v->sub[k]))) == v->sub[k], "names are unique");
            CHECK_WHY(str_starts(str_c(v->sub[k]->name), str_c(v->name)) && !v->sub[k]->sub, "a sub-verb has both words, and no sub-verbs");
        }
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
