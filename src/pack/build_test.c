#include "test.h"

#include "base/num.h"
#include "os/os.h"
#include "pack/pack.h"

static void parsing(void **state)
{
    static const struct { const char *why, *in; bool ok; uint16_t v[4]; int parts; } c[] = {
        { "four parts", "15.1.2106.2", true, { 15, 1, 2106, 2 }, 4 },
        { "zero-padded, as setup writes", "15.01.2106.002", true, { 15, 1, 2106, 2 }, 4 },
        { "ten is ten, not one", "15.1.1913.10", true, { 15, 1, 1913, 10 }, 4 },
        { "three parts", "15.2.858", true, { 15, 2, 858, 0 }, 3 },
        { "two parts", "15.2", true, { 15, 2, 0, 0 }, 2 },
        { "blanks around", "  15.2.858.5 \r\n", true, { 15, 2, 858, 5 }, 4 },
        { "one part", "15", false, { 0 }, 0 },
        { "five parts", "15.1.2106.2.1", false, { 0 }, 0 },
        { "too large", "15.1.65536.0", false, { 0 }, 0 },
        { "text", "Version 15.1", false, { 0 }, 0 },
        { "comma", "15,1,2106,2", false, { 0 }, 0 },
        { "empty part", "15..2106", false, { 0 }, 0 },
        { "dot at the end", "15.1.", false, { 0 }, 0 },
        { "sign", "15.-1.2", false, { 0 }, 0 },
        { "nothing", "", false, { 0 }, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        uint16_t   v[4] = { 0 };
        int        parts = 0;
        struct str in = test_heap(c[i].in, strlen(c[i].in));
        CHECK_WHY(build_parse(in, v, &parts) == c[i].ok, c[i].why);
        CHECK_WHY(parts == c[i].parts && memcmp(v, c[i].v, sizeof v) == 0, c[i].why);
        test_free(in);
    }
}

/* The builds are everybody's, the token is the campaign's. */
static void campaign(struct pack *p)
{
    p->fix_token = STR("ProxyLogon");
    p->fix_token_2010 = STR("CVE-2021-26857");
}

static void judging(void **state)
{
    static const struct { const char *why, *build, *seen; int um; enum build_verdict want; } c[] = {
        { "below the fix", "15.1.2106.2", NULL, -1, BUILD_UNPATCHED },
        { "the fix itself", "15.1.2106.13", NULL, -1, BUILD_PATCHED },
        { "zero-padded fix", "15.01.2106.013", NULL, -1, BUILD_PATCHED },
        { "as numbers 10 is below 12", "15.1.1913.10", NULL, -1, BUILD_UNPATCHED },
        { "as numbers 12 is the fix", "15.1.1913.12", NULL, -1, BUILD_PATCHED },
        { "a later update of the line", "15.1.2176.14", NULL, -1, BUILD_PATCHED },
        { "update that no table has", "15.1.2176.999", NULL, -1, BUILD_PATCHED },
        { "three parts, line with a fix", "15.1.2176", NULL, -1, BUILD_CANNOT_TELL },
        { "three parts, line born patched", "15.1.2242", NULL, -1, BUILD_PATCHED },
        { "three parts, line never fixed", "15.1.1261", NULL, -1, BUILD_UNPATCHED },
        { "four parts, line never fixed", "15.1.1261.35", NULL, -1, BUILD_UNPATCHED },
        { "two parts", "15.1", NULL, -1, BUILD_CANNOT_TELL },
        { "seen before the fix, three parts", "15.1.2176", "2021-03-01", -1, BUILD_UNPATCHED },
        { "seen on the day of the fix", "15.1.2176", "2021-03-02", -1, BUILD_CANNOT_TELL },
        { "seen before the fix, four parts", "15.1.2176.2", "2021-02-01", -1, BUILD_UNPATCHED },
        { "a build that proves the fix wins over its date", "15.1.2176.9", "2021-02-01", -1, BUILD_PATCHED },
        { "2016 CU8: sources disagree on 8 and 9", "15.1.1415.8", NULL, -1, BUILD_CANNOT_TELL },
        { "2016 CU8: sources disagree on 8 and 9", "15.1.1415.9", NULL, -1, BUILD_CANNOT_TELL },
        { "2016 CU8: 7 is below both", "15.1.1415.7", NULL, -1, BUILD_UNPATCHED },
        { "2016 CU8: 10 is the fix in all", "15.1.1415.10", NULL, -1, BUILD_PATCHED },
        { "2016 CU9: 13 to 15", "15.1.1466.13", NULL, -1, BUILD_CANNOT_TELL },
        { "2016 CU9: 13 to 15", "15.1.1466.15", NULL, -1, BUILD_CANNOT_TELL },
        { "2016 CU9: 16", "15.1.1466.16", NULL, -1, BUILD_PATCHED },
        { "2016 CU9: 12", "15.1.1466.12", NULL, -1, BUILD_UNPATCHED },
        { "disputed, yet seen before any update", "15.1.1466.13", "2021-01-01", -1, BUILD_UNPATCHED },
        { "announced version lags: 858.2 of a line born patched", "15.2.858.2", NULL, -1, BUILD_PATCHED },
        { "revision below the first of its line", "15.2.858.1", NULL, -1, BUILD_PATCHED },
        { "revision below the first of an unfixed line", "15.1.1261.1", NULL, -1, BUILD_UNPATCHED },
        { "2013 CU23, fix", "15.0.1497.12", NULL, -1, BUILD_PATCHED },
        { "2013 SP1", "15.0.847.32", NULL, -1, BUILD_UNPATCHED },
        { "2019 RTM, fix", "15.2.221.18", NULL, -1, BUILD_PATCHED },
        { "Subscription Edition", "15.2.2562.17", NULL, -1, BUILD_PATCHED },
        { "Exchange Online", "15.20.3890.28", NULL, -1, BUILD_NOT_SELF_HOSTED },
        { "2003", "6.5.7638.1", NULL, -1, BUILD_NOT_AFFECTED },
        { "2007", "8.3.83.6", NULL, -1, BUILD_NOT_AFFECTED },
        { "IIS, not Exchange", "10.0.17763.1", NULL, -1, BUILD_NOT_EXCHANGE },
        { "newer than the table", "15.2.9999.1", NULL, -1, BUILD_CANNOT_TELL },
        { "newer product", "15.3.1.1", NULL, -1, BUILD_CANNOT_TELL },
        { "unknown line in the middle", "15.1.2107.1", NULL, -1, BUILD_CANNOT_TELL },
        { "2010, fix", "14.3.513.0", NULL, -1, BUILD_PATCHED },
        { "2010, fix, padded", "14.03.0513.000", NULL, -1, BUILD_PATCHED },
        { "2010, fix by three parts", "14.3.513", NULL, -1, BUILD_PATCHED },
        { "2010 below, role unknown", "14.3.496.0", NULL, -1, BUILD_CANNOT_TELL },
        { "2010 below, no such role", "14.3.496.0", NULL, 0, BUILD_NOT_AFFECTED },
        { "2010 below, with the role", "14.3.496.0", NULL, 1, BUILD_UNPATCHED },
        { "2010 older service pack, with the role", "14.2.247.5", NULL, 1, BUILD_UNPATCHED },
        { "2010, two parts, with the role", "14.3", NULL, 1, BUILD_CANNOT_TELL },
        { "2010, two parts, before the fix", "14.3", "2021-01-01", 1, BUILD_UNPATCHED },
        { "2010, unknown service pack", "14.9.1.1", NULL, 1, BUILD_CANNOT_TELL },
    };
    struct test_arena t = test_arena(4 << 20);
    struct os         os = os_posix();
    struct pack       p;
    struct err        e = { 0 };

    (void)state;
    if (!pack_load_dir(&p, &t.a, &os, STR(AP_SOURCE_DIR "/packs/survey"), &e))
        fail_msg("%s: %s", e.where, e.what);
    campaign(&p);
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct build_answer r;
        uint16_t            v[4];
        int                 parts;
        int64_t             seen = TIME_NONE;
        CHECK_WHY(build_parse(str_c(c[i].build), v, &parts), c[i].why);
        CHECK_WHY(!c[i].seen || time_parse(str_c(c[i].seen), &seen), c[i].why);
        CHECK_WHY(build_judge(&p, &t.a, v, parts, seen, c[i].um, &r, &e), c[i].why);
        if (r.verdict != c[i].want)
            fail_msg("%s: %s is %s (%.*s)", c[i].why, c[i].build, build_verdict_name(r.verdict), STR_ARG(r.why));
        CHECK_WHY(r.why.n > 10 && r.why.p[r.why.n - 1] == '.', c[i].why);
    }
    test_arena_free(&t);
}

/* The counts of the survey sheet, section 1, from the table itself; the two previews of 2019 are left out there as well. */
static void lines_by_three_parts(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    struct os         os = os_posix();
    struct pack       p;
    struct err        e = { 0 };
    size_t            count[3] = { 0 };

    (void)state;
    CHECK(pack_load_dir(&p, &t.a, &os, STR(AP_SOURCE_DIR "/packs/survey"), &e));
    CHECK(p.build_n == 397);
    campaign(&p);
    for (size_t i = 0; i < p.build_n; i++) {
        const struct build_row *r = &p.build[i];
        struct build_answer     got;
        if (r->v[0] != 15 || (r->v[1] == 2 && r->v[2] < 221) || (i && memcmp(p.build[i - 1].v, r->v, 3 * sizeof *r->v) == 0))
            continue;
        CHECK(build_judge(&p, &t.a, r->v, 3, TIME_NONE, -1, &got, &e));
        CHECK(got.verdict <= BUILD_CANNOT_TELL);
        count[got.verdict]++;
    }
    CHECK(count[BUILD_PATCHED] == 12 && count[BUILD_UNPATCHED] == 28 && count[BUILD_CANNOT_TELL] == 25);
    test_arena_free(&t);
}

static void answers_name_the_fix(void **state)
{
    struct test_arena   t = test_arena(4 << 20);
    struct os           os = os_posix();
    struct pack         p;
    struct err          e = { 0 };
    struct build_answer r;

    (void)state;
    CHECK(pack_load_dir(&p, &t.a, &os, STR(AP_SOURCE_DIR "/packs/survey"), &e));
    campaign(&p);
    CHECK(build_judge(&p, &t.a, (uint16_t[4]){ 15, 1, 2106, 2 }, 4, TIME_NONE, -1, &r, &e));
    CHECK_STR(r.product, STR("Exchange Server 2016"));
    CHECK(r.fixed_by && r.fixed_by->v[3] == 13);
    CHECK_STR(r.fixed_by->kb, STR("KB5000871"));
    CHECK(build_judge(&p, &t.a, (uint16_t[4]){ 15, 2, 2562, 17 }, 4, TIME_NONE, -1, &r, &e));
    CHECK_STR(r.product, STR("Exchange Server SE"));
    struct arena none = { NULL, NULL, NULL };
    CHECK(!build_judge(&p, &none, (uint16_t[4]){ 15, 1, 2106, 2 }, 4, TIME_NONE, -1, &r, &e) && e.kind == ERR_MEMORY);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parsing), cmocka_unit_test(judging), cmocka_unit_test(lines_by_three_parts), cmocka_unit_test(answers_name_the_fix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
