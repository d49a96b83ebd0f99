#include "test.h"

#include "cli/campaign.h"

static void every_rule_of_ours_is_used(void **state)
{
    struct test_arena t = test_arena(64 << 20);
    struct os    os = os_posix();
    struct pack  pack;
    struct sigma sigma;
    struct err   e = { 0 };
    size_t       rules = 0;

    (void)state;
    if (!campaign_load(&os, STR("proxylogon"), STR_EMPTY, &t.a, &pack, &sigma, &e))
        fail_msg("%s %s", e.what, e.where);
    CHECK(pack.with_n == 1 && str_eq(pack.with[0]->id, STR("windows")));
    for (size_t k = 0; k <= pack.with_n; k++)
        for (size_t i = 0; i < (k ? pack.with[k - 1] : &pack)->file_n; i++)
            rules += str_starts((k ? pack.with[k - 1] : &pack)->file[i].name, STR("rules/"));
    for (size_t i = 0; i < sigma.refused_n; i++)
        print_message("%.*s: %.*s\n", STR_ARG(sigma.refused[i].file), STR_ARG(sigma.refused[i].why));
    CHECK(rules > 0 && sigma.refused_n == 0 && sigma.rule_n >= rules);
    for (size_t i = 0; i < sigma.rule_n; i++)
        CHECK(sigma.rule[i].own);
    sigma_close(&sigma);

    /* The folder and the embedded copy are the same pack. */
    struct pack  dir;
    struct sigma dir_sigma;
    if (!campaign_load(&os, STR_EMPTY, STR(AP_SOURCE_DIR "/packs/proxylogon"), &t.a, &dir, &dir_sigma, &e))
        fail_msg("%s %s", e.what, e.where);
    assert_memory_equal(dir.sha256, pack.sha256, sizeof pack.sha256);
    CHECK(dir_sigma.rule_n == sigma.rule_n);
    sigma_close(&dir_sigma);
    test_arena_free(&t);
}

static void missing(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os    os = os_posix();
    struct pack  pack;
    struct sigma sigma;
    struct err   e = { 0 };

    (void)state;
    CHECK(!campaign_load(&os, STR("nonesuch"), STR_EMPTY, &t.a, &pack, &sigma, &e) && e.kind != ERR_NONE);
    CHECK(!campaign_load(&os, STR_EMPTY, STR("/nonexistent"), &t.a, &pack, &sigma, &e) && e.kind != ERR_NONE);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_rule_of_ours_is_used), cmocka_unit_test(missing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
