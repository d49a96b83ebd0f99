#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "pack/builds.h"

static void table(struct builds *ret, struct arena *a)
{
    struct os  os = os_posix();
    struct err e = { 0 };

    if (!builds_load(ret, a, &os, STR_EMPTY, &e))
        fail_msg("%s %s", e.what, e.where);
}

/* What was got wrong by scripts that many people used, and every trap of the sheet. Source: survey sheet, sections 2, 3 and 6. */
static void traps(void **state)
{
    static const struct { const char *why, *group, *build, *seen; enum build_verdict want; uint32_t flags; } c[] = {
        { "HealthChecker read 1913.10 as 1913.1: as numbers 10 is above 7 and below 12", "ProxyLogon", "15.1.1913.12", NULL, BUILD_PATCHED, 0 },
        { "and is not 1913.1", "ProxyLogon", "15.1.1913.10", NULL, BUILD_UNPATCHED, 0 },
        { "EOMT called fresh 2019 CU9 vulnerable: its web part says .2 for .5", "ProxyLogon", "15.2.858.2", NULL, BUILD_PATCHED, 0 },
        { "a revision that no table has, below the first", "ProxyLogon", "15.2.858.1", NULL, BUILD_PATCHED, 0 },
        { "an update for an old line brings no older fix", "CVE-2020-0688", "15.2.221.18", NULL, BUILD_UNPATCHED, 0 },
        { "and such a line never gets the next one", "ProxyShell", "15.1.1979.8", NULL, BUILD_UNPATCHED, 0 },
        { "2016 CU8: sources say .8 and .10", "ProxyLogon", "15.1.1415.8", NULL, BUILD_CANNOT_TELL, 0 },
        { "2016 CU9: sources say .13 and .16", "ProxyLogon", "15.1.1466.15", NULL, BUILD_CANNOT_TELL, 0 },
        { "what is disputed for one fix is not for another", "CVE-2020-0688", "15.1.1466.15", NULL, BUILD_UNPATCHED, 0 },
        { "2010 SP2 RU5 is 14.2, not 14.3", "CVE-2020-0688", "14.2.328.5", NULL, BUILD_UNPATCHED, 0 },
        { "2010 SP3 RU11 has two builds", "CVE-2020-0688", "14.3.266.1", NULL, BUILD_UNPATCHED, 0 },
        { "September and October 2026 are there", "CVE-2026-42897", "15.2.1748.46", "2026-10-14", BUILD_PATCHED, BUILD_EOL },
        { "Exchange Online is nobody's own", "ProxyLogon", "15.20.4042.18", NULL, BUILD_NOT_SELF_HOSTED, 0 },
        { "2019 RTM is 221, CU1 is 330: a script took one for the other", "ProxyLogon", "15.2.221.18", NULL, BUILD_PATCHED, 0 },
        { "and called patched CU1 vulnerable", "ProxyLogon", "15.2.330.11", NULL, BUILD_PATCHED, 0 },
        { "2013 is more than CU23 (a test in Lua that was always true)", "ProxyLogon", "15.0.1473.6", NULL, BUILD_PATCHED, 0 },
        { "2013 CU20 never got it", "ProxyLogon", "15.0.1367.3", NULL, BUILD_UNPATCHED, 0 },
        { "an unknown revision is not rounded to a known one: above", "ProxyLogon", "15.1.2176.10", NULL, BUILD_PATCHED, 0 },
        { "below", "ProxyLogon", "15.1.2176.8", NULL, BUILD_UNPATCHED, 0 },
        { "Windows builds are no Exchange", "ProxyLogon", "10.0.17763.1", NULL, BUILD_NOT_EXCHANGE, 0 },
        { "2003", "ProxyLogon", "6.5.7638.1", NULL, BUILD_NOT_AFFECTED, BUILD_EOL },
        { "2007 before its end", "ProxyLogon", "8.3.83.6", "2016-01-01", BUILD_NOT_AFFECTED, 0 },
        { "2007 and a flaw that nobody looked for there", "CVE-2020-0688", "8.3.83.6", NULL, BUILD_CANNOT_TELL, BUILD_EOL },
        { "newer than the table", "ProxyLogon", "15.2.9999.1", NULL, BUILD_CANNOT_TELL, BUILD_NEWER },
        { "newer than the table, by three", "ProxyLogon", "15.2.9999", NULL, BUILD_CANNOT_TELL, BUILD_NEWER },
        { "no such line", "ProxyLogon", "15.1.2107.1", NULL, BUILD_CANNOT_TELL, BUILD_UNKNOWN },
        { "a product of tomorrow", "ProxyLogon", "15.3.1.1", NULL, BUILD_CANNOT_TELL, BUILD_NEWER },
        { "a number larger than any line of the table", "ProxyLogon", "65535.65535.65535.65535", NULL, BUILD_CANNOT_TELL, BUILD_NEWER },
        { "three numbers before the fix", "ProxyLogon", "15.2.792", "2021-03-01", BUILD_UNPATCHED, BUILD_BY_DATE },
        { "three numbers after it", "ProxyLogon", "15.2.792", "2021-03-20", BUILD_CANNOT_TELL, 0 },
        { "three numbers, born patched", "ProxyLogon", "15.2.858", NULL, BUILD_PATCHED, 0 },
        { "two numbers tell no line, whatever the date", "ProxyLogon", "15.1", "2020-01-01", BUILD_CANNOT_TELL, 0 },
        { "Subscription Edition has support", "ProxyShell", "15.2.2562.17", "2026-01-01", BUILD_PATCHED, 0 },
        { "2019 had it until October 2025", "ProxyShell", "15.2.1748.10", "2025-10-14", BUILD_PATCHED, 0 },
        { "and not after", "ProxyShell", "15.2.1748.10", "2025-10-15", BUILD_PATCHED, BUILD_EOL },
        { "the default came with CU14", "CVE-2024-21410-default", "15.2.1544.4", NULL, BUILD_PATCHED, 0 },
        { "before it a setting", "CVE-2024-21410-default", "15.2.1258.12", "2024-03-01", BUILD_CANNOT_TELL, 0 },
        { "hybrid: the build is needed", "CVE-2025-53786", "15.2.1544.24", "2025-08-01", BUILD_UNPATCHED, 0 },
        { "hybrid: and does not suffice", "CVE-2025-53786", "15.2.1544.25", "2025-08-01", BUILD_CANNOT_TELL, 0 },
        { "2010 only", "CVE-2020-17144", "15.1.2106.2", NULL, BUILD_NOT_AFFECTED, BUILD_EOL },
        { "2010, below", "CVE-2020-17144", "14.3.496.0", NULL, BUILD_UNPATCHED, BUILD_EOL },
        { "2010, at", "CVE-2020-17144", "14.3.509.0", NULL, BUILD_PATCHED, BUILD_EOL },
        { "2010 and one flaw of four, by its role", "ProxyLogon", "14.3.509.0", "2020-01-01", BUILD_CANNOT_TELL, 0 },
        { "2010, fixed whatever its role", "CVE-2021-26857", "14.3.513.0", NULL, BUILD_PATCHED, BUILD_EOL },
        { "2016 and 2019 only", "CVE-2021-42321", "15.0.1497.26", NULL, BUILD_NOT_AFFECTED, BUILD_EOL },
        { "first half of a chain", "CVE-2021-34473", "15.1.2176.12", NULL, BUILD_PATCHED, BUILD_EOL },
        { "is not the whole", "CVE-2021-31207", "15.1.2176.12", NULL, BUILD_UNPATCHED, BUILD_EOL },
    };
    struct test_arena t = test_arena(8 << 20);
    struct builds     b;

    (void)state;
    table(&b, &t.a);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        uint16_t v[4];
        int      parts, group = builds_group(&b, str_c(c[i].group));
        int64_t  seen = TIME_NONE;
        uint32_t flags, of = BUILD_NEWER | BUILD_UNKNOWN | BUILD_BY_DATE | (c[i].seen ? BUILD_EOL : 0u);
        struct build_reason r;
        struct err          e = { 0 };

        CHECK_WHY(group >= 0 && build_parse(str_c(c[i].build), v, &parts) && (!c[i].seen || time_parse(str_c(c[i].seen), &seen)), c[i].why);
        enum build_verdict got = build_verdict(&b, (size_t)group, v, parts, seen, &flags);
        if (got != c[i].want || ((flags ^ c[i].flags) & of))
            fail_msg("%s: %s is %s, flags %x", c[i].why, c[i].build, build_verdict_name(got), flags);
        CHECK_WHY(builds_answer(&b, &t.a, (size_t)group, v, parts, seen, -1, &r, &e), c[i].why);
        CHECK_WHY(r.answer.verdict == got && r.flags == flags && r.answer.why.n > 10 && str_ends(r.answer.why, STR(".")), c[i].why);
    }
    CHECK_STR(builds_product(&b, (uint16_t[4]){ 15, 2, 2562, 17 }, 4), STR("Exchange Server SE"));
    CHECK_STR(builds_product(&b, (uint16_t[4]){ 15, 2, 1748, 0 }, 3), STR("Exchange Server 2019"));
    CHECK_WHY(builds_product(&b, (uint16_t[4]){ 15, 2, 0, 0 }, 2).n == 0, "2019 and SE share 15.2");
    CHECK(builds_group(&b, STR("proxylogon")) == 0 && builds_group(&b, STR("")) == -1 && builds_group(&b, STR("CVE-1999-0001")) == -1);
    test_arena_free(&t);
}

/* The fast form and the one for a pack's own campaign are the same rules. */
static void both_forms(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct builds     b;
    struct pack       p;
    struct err        e = { 0 };

    (void)state;
    table(&b, &t.a);
    CHECK(pack_load_embedded(&p, &t.a, STR("survey"), &e));
    p.fix_token = STR("ProxyLogon");
    p.fix_token_2010 = STR("CVE-2021-26857");
    for (size_t i = 0; i < b.row_n; i++)
        for (int parts = 2; parts <= 4; parts++)
            for (int when = 0; when < 2; when++) {
                struct arena        a = t.a;
                struct build_answer slow;
                int64_t             at = when ? 18600 * TIME_DAY : TIME_NONE;

                CHECK(build_judge(&p, &a, b.row[i].v, parts, at, -1, &slow, &e));
                CHECK(build_verdict(&b, 0, b.row[i].v, parts, at, NULL) == slow.verdict);
            }
    test_arena_free(&t);
}

/* A newer table: other dates, and a campaign of tomorrow. */
static void other_table(void **state)
{
    static const char csv[] = "product,cumulative_update,security_update,release_date,build_short,kb,fixes,available_from\n"
                              "Exchange Server SE,RTM,,2025-07-01,15.2.2562.17,,ProxyLogon,\n"
                              "Exchange Server SE,RTM,May28SU,2028-05-09,15.2.2562.90,KB1,CVE-2028-0001,2028-05-12\n"
                              "Exchange Server SE,CU3,,2028-06-01,15.2.3000.5,,CVE-2028-0001,\n";
    struct test_arena t = test_arena(16 << 20);
    struct os_mem    *m = os_mem_open(&t.a, 0);
    struct builds     b;
    struct err        e = { 0 };
    int64_t           day;
    uint16_t          v[4] = { 15, 2, 2562, 0 };
    int               g;

    (void)state;
    CHECK(m && os_mem_add(m, "/b.csv", str_c(csv)) && os_mem_add(m, "/bad.csv", STR("product\nx\n")));
    if (!builds_load(&b, &t.a, &m->os, STR("/b.csv"), &e))
        fail_msg("%s %s", e.what, e.where);
    CHECK(b.row_n == 3 && b.group_n == 14 && (g = builds_group(&b, STR("CVE-2028-0001"))) == 13);
    CHECK(build_verdict(&b, (size_t)g, v, 3, TIME_NONE, NULL) == BUILD_CANNOT_TELL);
    CHECK(time_parse(STR("2028-05-11"), &day));
    CHECK_WHY(build_verdict(&b, (size_t)g, v, 3, day, NULL) == BUILD_UNPATCHED, "for this line it came three days later");
    CHECK(build_verdict(&b, (size_t)g, (uint16_t[4]){ 15, 2, 3000, 0 }, 3, TIME_NONE, NULL) == BUILD_PATCHED);
    CHECK(build_verdict(&b, (size_t)g, (uint16_t[4]){ 14, 3, 1, 0 }, 4, TIME_NONE, NULL) == BUILD_CANNOT_TELL);
    CHECK(!builds_load(&b, &t.a, &m->os, STR("/bad.csv"), &e) && e.kind == ERR_FORMAT && str_has(str_c(e.where), STR("/bad.csv")));
    CHECK(!builds_load(&b, &t.a, &m->os, STR("/none.csv"), &e) && e.kind == ERR_IO);
    test_arena_free(&t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct os     os = os_posix();
    struct builds b;
    return builds_load(&b, a, &os, STR_EMPTY, e);
}

static void memory_fails(void **state)
{
    (void)state;
    fault_sweep(sweep, 8 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(traps), cmocka_unit_test(both_forms), cmocka_unit_test(other_table), cmocka_unit_test(memory_fails) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
