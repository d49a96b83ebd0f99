/* Figures against the plainest count of a made-up campaign: each day, stratum and unit, in any order, on both engines. */
#include "figures_world.h"
#include "pg_server.h"

static struct pg_server pg;
static bool has_pg;

static struct store *open_empty(const char *where)
{
    struct store *s = NULL;
    struct err    e = { 0 };

    if (!store_open(&s, str_c(where), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e) || !store_exec(s, "DELETE FROM case_figure", &e))
        fail_msg("%s: %s", e.where, e.what);
    return s;
}

static void written(struct world *w, struct store *s, bool back, bool cut)
{
    struct test_arena    t = test_arena(64 << 20);
    struct case_figures *f;
    struct err           e = { 0 };

    CHECK(case_figures_open(&f, &t.a, &e));
    world_take(w, f, back, cut);
    if (!store_begin(s, &e) || !case_figures_write(f, s, &e) || !store_commit(s, &e))
        fail_msg("%s: %s", e.where, e.what);
    test_arena_free(&t);
}

static void compare(const struct world *w, struct store *s, int64_t campaign, enum case_by by, const char *const *value, size_t values, struct arena a)
{
    for (size_t v = 0; v < values; v++)
        for (int unit = 0; unit < CASE_UNITS; unit++) {
            struct arena        mine = a;
            struct case_figure *f;
            size_t              n;
            struct err          e = { 0 };

            if (!case_figures_read(s, campaign, by, str_c(value[v]), (enum case_unit)unit, &mine, &f, &n, &e))
                fail_msg("%s", e.what);
            for (int d = -1; d < w->days; d++) {
                int64_t want[CASE_COUNTS];
                struct case_figure got = case_figures_on(f, n, WORLD_DAY + d);
                world_count(w, campaign, by, str_c(value[v]), (enum case_unit)unit, d, want);
                for (int k = 0; k < CASE_COUNTS; k++)
                    if (got.n[k] != want[k])
                        fail_msg("campaign %d by %s '%s', %s, day %d: %s %d, in truth %d", (int)campaign, case_by_name(by), value[v], case_unit_name((enum case_unit)unit), d,
                                 case_count_name((enum case_count)k), (int)got.n[k], (int)want[k]);
            }
            for (size_t i = 1; i < n; i++)
                CHECK_WHY(f[i].day > f[i - 1].day && memcmp(f[i].n, f[i - 1].n, sizeof f[i].n) != 0, "a row where nothing changes");
        }
}

static void compare_values(const struct world *w, struct store *s, int day, struct arena a)
{
    for (int by = 0; by < CASE_BYS; by++)
        for (int unit = 0; unit < CASE_UNITS; unit++) {
            struct arena         mine = a;
            struct case_stratum *v;
            size_t               n;
            struct err           e = { 0 };

            if (!case_figures_values(s, 1, (enum case_by)by, (enum case_unit)unit, WORLD_DAY + day, &mine, &v, &n, &e))
                fail_msg("%s", e.what);
            for (size_t i = 0; i < n; i++) {
                int64_t want[CASE_COUNTS];
                world_count(w, 1, (enum case_by)by, v[i].value, (enum case_unit)unit, day, want);
                CHECK(memcmp(want, v[i].now.n, sizeof want) == 0);
                CHECK(i == 0 || v[i].now.n[COUNT_VERIFIED] <= v[i - 1].now.n[COUNT_VERIFIED]);
            }
            CHECK(n > 0 || day < 5 || (unit == UNIT_NOTICES && (by == CASE_BY_ADDRESS_COUNTRY || by == CASE_BY_DETECTOR)));
        }
}

static void truth(void **state)
{
    struct test_arena t = test_arena(32 << 20);
    struct world      w;

    (void)state;
    world_make(&w, 36, 150, 7, 2);
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store *s = open_empty(engine ? pg.where : ":memory:");
        written(&w, s, false, false);
        for (int64_t campaign = 1; campaign <= 2; campaign++) {
            static const char *const all[] = { "" };
            compare(&w, s, campaign, CASE_BY_ALL, all, 1, t.a);
            compare(&w, s, campaign, CASE_BY_COUNTRY, world_countries, COUNT_OF(world_countries), t.a);
            compare(&w, s, campaign, CASE_BY_ADDRESS_COUNTRY, world_countries, COUNT_OF(world_countries), t.a);
            compare(&w, s, campaign, CASE_BY_SECTOR, world_sectors, COUNT_OF(world_sectors), t.a);
            compare(&w, s, campaign, CASE_BY_SIZE, world_sizes, COUNT_OF(world_sizes), t.a);
            compare(&w, s, campaign, CASE_BY_DETECTOR, world_detectors, COUNT_OF(world_detectors), t.a);
        }
        compare_values(&w, s, 3, t.a);
        compare_values(&w, s, 77, t.a);
        compare_values(&w, s, 149, t.a);
        store_close(s);
    }
    world_free(&w);
    test_arena_free(&t);
}

/* Every row as text, in one order. */
static struct str dump(struct store *s, struct arena *a)
{
    struct store_stmt *st = NULL;
    struct err         e = { 0 };
    struct str         all = STR("");
    char              *text = NEW(a, char, 8 << 20);
    size_t             n = 0;

    CHECK(text && store_prepare(s, "SELECT campaign, by_what, unit, what, day, n, value FROM case_figure", &st, &e));
    while (store_step(st, &e) == STORE_ROW)
        n += (size_t)snprintf(text + n, 200, "%d %d %d %d %d %d %.*s\n", (int)store_int(st, 0), (int)store_int(st, 1), (int)store_int(st, 2), (int)store_int(st, 3), (int)store_int(st, 4),
                              (int)store_int(st, 5), STR_ARG(store_text(st, 6)));
    store_finish(st);
    all = (struct str){ (const uint8_t *)text, n };
    return all;
}

static void any_order(void **state)
{
    struct test_arena t = test_arena(64 << 20);
    struct world      w;
    struct store     *s = open_empty(":memory:");

    (void)state;
    world_make(&w, 40, 80, 99, 1);
    written(&w, s, false, false);
    struct str once = dump(s, &t.a);
    written(&w, s, true, true);
    CHECK(once.n > 1000);
    CHECK_STR(dump(s, &t.a), once);
    store_close(s);
    world_free(&w);
    test_arena_free(&t);
}

static void detector_changes(void **state)
{
    struct test_arena    t = test_arena(4 << 20);
    struct store        *s = open_empty(":memory:");
    struct asset_state   x = { .asset = 1, .exposure = EXPOSURE_PATCHED };
    struct case_state    c = { .stage = CASE_VERIFIED, .derived = CASE_VERIFIED, .asset = &x, .asset_n = 1, .assets = 1, .notified_us = TIME_NONE, .acknowledged_us = TIME_NONE,
                               .delivered_us = TIME_NONE, .hunted_us = TIME_NONE, .clean_us = TIME_NONE };
    struct case_strata   of = { STR("at"), STR("  Retail "), STR("") };
    struct case_server_strata one = { STR("AT"), STR("banner 1"), false, false }, two = { STR("AT"), STR("probe 2"), false, false };
    struct case_figures *f;
    struct case_figure  *l;
    size_t               n;
    struct err           e = { 0 };

    (void)state;
    /* The curve of the vulnerable goes up on the day of a better test: the detector's own series say why. */
    CHECK(case_figures_open(&f, &t.a, &e) && case_figures_take(f, 5, 100, 109, &c, &of, &one, &e));
    x.exposure = EXPOSURE_VULNERABLE;
    CHECK(case_figures_take(f, 5, 110, 119, &c, &of, &two, &e) && case_figures_write(f, s, &e));
    CHECK(case_figures_read(s, 5, CASE_BY_DETECTOR, STR("banner 1"), UNIT_SERVERS, &t.a, &l, &n, &e) && n == 2 && l[0].day == 100 && l[0].n[COUNT_PATCHED] == 1 && l[1].day == 110 && l[1].n[COUNT_VERIFIED] == 0);
    CHECK(case_figures_read(s, 5, CASE_BY_DETECTOR, STR("probe 2"), UNIT_ORGANISATIONS, &t.a, &l, &n, &e) && n == 1 && l[0].day == 110 && l[0].n[COUNT_EXPOSED] == 1);
    CHECK(case_figures_read(s, 5, CASE_BY_SECTOR, STR("retail"), UNIT_SERVERS, &t.a, &l, &n, &e) && n == 2);
    CHECK(case_figures_read(s, 5, CASE_BY_COUNTRY, STR("AT"), UNIT_SERVERS, &t.a, &l, &n, &e) && n == 2);
    /* A span may come after a write, and a new write has it all. */
    CHECK(case_figures_take(f, 5, 120, 120, &c, &of, &one, &e) && case_figures_write(f, s, &e));
    CHECK(case_figures_read(s, 5, CASE_BY_DETECTOR, STR("banner 1"), UNIT_SERVERS, &t.a, &l, &n, &e) && n == 3 && l[2].day == 120 && l[2].n[COUNT_VERIFIED] == 1);
    CHECK(!case_figures_take(f, 5, 9, 8, &c, &of, &one, &e) && e.kind == ERR_USAGE);
    CHECK(!case_figures_take(f, 5, -1, 8, &c, &of, &one, &e) && !case_figures_take(f, 5, 1, INT32_MAX, &c, &of, &one, &e));
    store_close(s);
    test_arena_free(&t);
}

/* Hostile words are values like others; more of them than can be shown add up, and nothing is lost. */
static void values(void **state)
{
    struct test_arena    t = test_arena(32 << 20);
    struct asset_state   x = { .asset = 1, .exposure = EXPOSURE_PATCHED };
    struct case_state    c = { .stage = CASE_VERIFIED, .derived = CASE_VERIFIED, .asset = &x, .asset_n = 1, .assets = 1, .notified_us = TIME_NONE, .acknowledged_us = TIME_NONE,
                               .delivered_us = TIME_NONE, .hunted_us = TIME_NONE, .clean_us = TIME_NONE };
    struct case_server_strata one = { STR("A<"), STR("d"), false, false };

    (void)state;
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct store        *s = open_empty(engine ? pg.where : ":memory:");
        struct arena         a = t.a;
        struct case_figures *f;
        struct case_stratum *v;
        size_t               n;
        int64_t              sum = 0;
        struct err           e = { 0 };

        CHECK(case_figures_open(&f, &a, &e));
        for (int i = 0; i < 900; i++) {
            char text[200];
            /* NUL and broken bytes are one replaced character each: two texts that the store would take for one are one here. */
            snprintf(text, sizeof text, "%s %d", i % 3 ? "\xff" : world_hostile[i % 6], i / 2);
            struct case_strata of = { STR("XXL"), { (const uint8_t *)text, strlen(text) }, { (const uint8_t *)(i % 2 ? "big\0x" : "big\xffx"), 5 } };
            CHECK(case_figures_take(f, 1, 10, 20, &c, &of, &one, &e));
        }
        struct case_strata largest = { STR("AT"), STR("Retail"), STR("") };
        for (int i = 0; i < 3; i++)
            CHECK(case_figures_take(f, 1, 10, 20, &c, &largest, &one, &e));
        if (!store_begin(s, &e) || !case_figures_write(f, s, &e) || !store_commit(s, &e))
            fail_msg("%s", e.what);
        for (int unit = 0; unit <= UNIT_ORGANISATIONS; unit++) {
            CHECK(case_figures_values(s, 1, CASE_BY_SECTOR, (enum case_unit)unit, 15, &a, &v, &n, &e) && n == CASE_VALUES_MAX + 1);
            CHECK_STR(v[0].value, STR(CASE_VALUE_OTHER));
            CHECK_STR(v[1].value, STR("retail"));
            sum = 0;
            for (size_t i = 0; i < n; i++) {
                CHECK(v[i].value.n <= CASE_VALUE_MAX);
                sum += v[i].now.n[COUNT_VERIFIED];
            }
            CHECK(sum == 903);
        }
        CHECK(case_figures_values(s, 1, CASE_BY_SIZE, UNIT_SERVERS, 15, &a, &v, &n, &e) && n == 2 && v[0].now.n[COUNT_VERIFIED] == 900);
        CHECK(case_figures_values(s, 1, CASE_BY_ADDRESS_COUNTRY, UNIT_SERVERS, 15, &a, &v, &n, &e) && n == 1 && v[0].value.n == 0);
        CHECK(case_figures_values(s, 1, CASE_BY_COUNTRY, UNIT_SERVERS, 15, &a, &v, &n, &e) && n == 2 && v[0].value.n == 0);
        CHECK(case_figures_values(s, 2, CASE_BY_COUNTRY, UNIT_SERVERS, 15, &a, &v, &n, &e) && n == 0);
        store_close(s);
    }
    test_arena_free(&t);
}

static void shares(void **state)
{
    (void)state;
    for (size_t i = 0; case_shares[i].name; i++)
        CHECK(case_shares[i].units && case_shares[i].of[0]);
    for (int i = 0; i < CASE_COUNTS; i++)
        CHECK(case_count_name((enum case_count)i) && strcmp(case_count_name((enum case_count)i), "?") != 0);
    CHECK_STR(str_c(case_count_name(CASE_COUNTS)), STR("?"));
}

static struct world faulty;
static bool work(struct arena *a, struct err *e)
{
    struct case_figures *f;
    struct world_now     now;
    struct case_stratum *v;
    struct case_figure  *l;
    size_t               n;
    struct store        *s = open_empty(":memory:");
    bool                 ok = case_figures_open(&f, a, e);

    for (size_t i = 0; ok && i < faulty.n; i++) {
        world_on(&faulty, &faulty.c[i], 20, &now);
        ok = case_figures_take(f, 1, 20, 30, &now.s, &now.of, now.at, e);
    }
    ok = ok && case_figures_write(f, s, e) && case_figures_values(s, 1, CASE_BY_COUNTRY, UNIT_SERVERS, 20, a, &v, &n, e) &&
         case_figures_read(s, 1, CASE_BY_ALL, STR(""), UNIT_SERVERS, a, &l, &n, e);
    store_close(s);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    world_make(&faulty, 5, 21, 3, 1);
    fault_sweep(work, 4 << 20);
    world_free(&faulty);
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(truth), cmocka_unit_test(any_order), cmocka_unit_test(detector_changes), cmocka_unit_test(values), cmocka_unit_test(shares), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
