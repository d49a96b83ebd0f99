#include "test.h"

#include "cli/campaign.h"
#include "base/num.h"
#include "detect/evtplan.h"

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

/* Records that a busy server writes by the million are tried only when a word of a rule stands in them. */
static void frequent_records_are_searched(void **state)
{
    static const struct { const char *channel; uint32_t id; } often[] = {
        { "Security", 4624 }, { "Security", 4634 }, { "Security", 4648 }, { "Security", 4656 }, { "Security", 4663 }, { "Security", 4672 }, { "Security", 4688 }, { "Security", 4703 },
        { "Security", 5145 }, { "Security", 5156 }, { "System", 7036 }, { "MSExchange Management", 1 }, { "Microsoft-Windows-PowerShell/Operational", 4104 }, { "Windows PowerShell", 800 },
        { "Microsoft-Windows-Sysmon/Operational", 1 }, { "Microsoft-Windows-Sysmon/Operational", 3 }, { "Microsoft-Windows-Sysmon/Operational", 7 },
        { "Microsoft-Windows-Sysmon/Operational", 10 }, { "Microsoft-Windows-Sysmon/Operational", 11 }, { "Microsoft-Windows-Sysmon/Operational", 13 },
        { "Microsoft-Windows-TaskScheduler/Operational", 200 }, { "Microsoft-Windows-TaskScheduler/Operational", 201 },
    };
    struct test_arena t = test_arena(128 << 20);
    struct os       os = os_posix();
    struct pack     pack;
    struct sigma    sigma;
    struct evt_plan plan;
    struct err      e = { 0 };

    (void)state;
    if (!campaign_load(&os, STR("proxylogon"), STR_EMPTY, &t.a, &pack, &sigma, &e) || !evt_plan_make(&plan, &sigma, &t.a, &e))
        fail_msg("%s %s", e.what, e.where);
    for (size_t i = 0; i < COUNT_OF(often); i++) {
        const struct evt_channel *c = evt_plan_channel(&plan, str_c(often[i].channel));
        const struct evt_bucket  *b = evt_channel_bucket(c, often[i].id);
        for (size_t k = 0; k < b->always_n; k++) {
            struct str name = sigma.rule[c->rule[b->always[k]].index].name;
            print_message("%s %u: %.*s has no word to search for\n", often[i].channel, often[i].id, STR_ARG(name));
        }
        CHECK_WHY(b->always_n == 0, often[i].channel);
    }
    sigma_close(&sigma);
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_rule_of_ours_is_used), cmocka_unit_test(frequent_records_are_searched), cmocka_unit_test(missing) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
