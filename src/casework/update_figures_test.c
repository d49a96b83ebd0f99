#include "figures_world.h"
#include "pg_server.h"

#include "casework/update_inner.h"
#include "casework/wave.h"

static struct pg_server pg;
static bool has_pg;

static int64_t number(struct store *s, const char *sql)
{
    int64_t    v = -1;
    struct err e = { 0 };

    if (!store_one_int(s, sql, &v, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return v;
}

static void updated(struct store *s, struct case_figures *f, int64_t known_us)
{
    struct update_options o = { .known_us = known_us };
    struct test_arena     t = test_arena(8 << 20);
    struct update         u = { .s = s, .o = &o, .figures = f, .scratch = t.a };
    struct err            e = { 0 };

    if (!store_begin(s, &e) || !update_figures(&u, &e) || !store_commit(s, &e))
        fail_msg("%s: %s", e.where, e.what);
    test_arena_free(&t);
}

/* Two subjects are one server; a report of grade D, one recorded later, one of a clock before 1970. */
static void first_days(void **state)
{
    (void)state;
    for (int engine = 0; engine < 1 + has_pg; engine++) {
        struct test_arena    t = test_arena(4 << 20);
        struct case_figures *f;
        struct store        *s = NULL;
        struct err           e = { 0 };

        if (!store_open(&s, engine ? str_c(pg.where) : STR(":memory:"), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e) ||
            !store_exec(s, "INSERT INTO case_asset (subject, asset) VALUES (11, 1), (12, 1), (13, 2), (14, 3), (15, 4);"
                           "INSERT INTO case_report (file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, placed_us, used_us, entered_us, re_entered, beyond, nonce_ok, back_doors,"
                           " ways_back, mail_bytes, recorded_us) VALUES"
                           " (1, 7, 11, '', '', '', '', '', 3, '', 1615000000000000, NULL, 1614500000000000, 0, 0, 0, 0, 0, 0, 100),"
                           " (2, 7, 12, '', '', '', '', '', 2, '', 1614600000000000, 1615900000000000, 1614600000000000, 0, 0, 0, 0, 0, 0, 100),"
                           " (3, 7, 13, '', '', '', '', '', 1, '', 1614600000000000, 1615900000000000, NULL, 0, 0, 0, 0, 0, 0, 100),"
                           " (4, 7, 14, '', '', '', '', '', 4, '', 1614700000000000, NULL, NULL, 0, 0, 0, 0, 0, 0, 200),"
                           " (5, 7, 15, '', '', '', '', '', 4, '', -5, NULL, NULL, 0, 0, 0, 0, 0, 0, 100),"
                           " (6, 8, 11, '', '', '', '', '', 4, '', 1614700000000000, NULL, NULL, 0, 0, 0, 0, 0, 0, 100)", &e))
            fail_msg("%s: %s", e.where, e.what);
        CHECK(case_figures_open(&f, &t.a, &e));
        updated(s, f, TIME_NONE);
        CHECK(number(s, "SELECT count(*) FROM case_first") == 5);
        CHECK(number(s, "SELECT day FROM case_first WHERE campaign = 7 AND what = 0 AND asset = 1") == 1614600000 / 86400);
        CHECK(number(s, "SELECT day FROM case_first WHERE campaign = 7 AND what = 1 AND asset = 1") == 1615900000 / 86400);
        CHECK(number(s, "SELECT day FROM case_first WHERE campaign = 7 AND what = 2 AND asset = 1") == 1614500000 / 86400);
        CHECK(number(s, "SELECT count(*) FROM case_first WHERE asset = 2 OR asset = 4") == 0);
        updated(s, f, 150);                                /* as it was known then; and what was there is replaced */
        CHECK(number(s, "SELECT count(*) FROM case_first") == 4 && number(s, "SELECT count(*) FROM case_first WHERE asset = 3") == 0);
        updated(s, NULL, TIME_NONE);
        CHECK(number(s, "SELECT count(*) FROM case_figure") == 0);
        store_close(s);
        test_arena_free(&t);
    }
}

PG_GROUP_OF(pg, has_pg)

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(first_days) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
