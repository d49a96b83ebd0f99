#include "test.h"

#include "cli/own_rules.h"

static void tells(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    struct rules_left    left = { STR("link.yml"), STR("a link, not followed") };
    struct sigma_rule    rule[] = { { .own = true }, { .own = false }, { .own = false } };
    struct sigma_refused no[] = { { STR("pack.yml"), STR("p"), STR("the pack's"), false }, { STR("a.yml"), STR("A"), STR("no field"), false },
                                  { STR("b.yml"), STR("B"), STR("no text log"), true } };
    struct yara_refused  odd[] = { { STR("x.yar"), STR("line 1"), false, 0 }, { STR("y.yar"), STR("moves nothing"), true, 1 } };
    struct rules_dir     d = { .left = &left, .left_n = 1 };
    struct sigma         s = { .rule = rule, .rule_n = 3, .refused = no, .refused_n = 3 };
    struct yara          y = { .rule_n = 5, .own_n = 1, .refused = odd, .refused_n = 2 };

    (void)state;
    const struct own_rules *o = own_rules_tell(&d, &s, 1, &y, &t.a);
    CHECK(o && o->sigma_n == 2 && o->yara_n == 4 && o->elsewhere_n == 1 && o->refused_n == 3 && !o->refused_more);
    CHECK_STR(o->refused[0].file, STR("link.yml"));
    CHECK_STR(o->refused[1].title, STR("A"));
    CHECK_STR(o->refused[2].why, STR("line 1"));
    test_arena_free(&t);
}

static void bounded(void **state)
{
    struct test_arena   t = test_arena(1 << 20), none = test_arena(16);
    struct yara_refused odd[OWN_RULES_MAX + 7];
    struct rules_dir    d = { .left_n = 0 };
    struct sigma        s = { .rule_n = 0 };
    struct yara         y = { .refused = odd, .refused_n = OWN_RULES_MAX + 7 };

    (void)state;
    for (size_t i = 0; i < y.refused_n; i++)
        odd[i] = (struct yara_refused){ STR("x.yar"), STR("no"), false, 0 };
    const struct own_rules *o = own_rules_tell(&d, &s, 0, &y, &t.a);
    CHECK(o && o->refused_n == OWN_RULES_MAX && o->refused_more == 7);
    CHECK(!own_rules_tell(&d, &s, 0, &y, &none.a));
    test_arena_free(&t);
    test_arena_free(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells), cmocka_unit_test(bounded) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
