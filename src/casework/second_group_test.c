/* The statement about one case, on both engines, for both readers. */
#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "casework/second_group.h"
#include "casework/tables.h"
#include "pg_server.h"

static struct world { struct pg_server pg; bool has_pg; } w;

static const char filled[] =
    "INSERT INTO case_server (campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us,"
    " clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared)"
    " SELECT 1, a.asset, 1, CASE WHEN a.asset < 10 THEN 100 ELSE 200 END, '', NULL, 0, '', 0, '', '', 0, 0, NULL, 0, 0, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, NULL, NULL, 0, 0 FROM case_asset a;"
    "INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) VALUES (5, 1, 60, 41, 0, 0), (6, 1, 9, 3, 0, 0), (7, 1, 1, 1, 0, 0), (8, 1, 1, 1, 0, 0);"
    /* Server 1: groups 5 and 6; server 2: group 5 twice, and somebody alone. Server 11, of another case: group 5, and somebody alone. */
    "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) VALUES (1, 1, 301, 1, 5, 1614729600000000), (1, 1, 301, 2, 6, 1614902400000000), (1, 2, 302, 1, 5, 1614816000000000),"
    " (1, 2, 302, 2, 5, NULL), (1, 2, 302, 3, 7, 0), (1, 11, 311, 1, 5, 0), (1, 11, 311, 2, 8, 0);"
    "INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) VALUES (5, 0, 2, 'orange', 58, 40, 58), (5, 1, 5, '203.0.113.9', 9, 8, 9), (5, 2, 6, 'elsewhere', 9, 8, 9), (6, 0, 3, 'tool', 9, 3, 9);";

static void fill(struct store *s)
{
    static const struct { int file, subject, session, kind; const char *value; } f[] = {
        { 301, 1, 1, INTRUDER_KEY, "orange" }, { 301, 1, 1, INTRUDER_AGENT, "x" }, { 302, 2, 1, INTRUDER_KEY, "orange" }, { 302, 2, 1, INTRUDER_CLIENT, "203.0.113.9" },
        { 301, 1, 2, INTRUDER_TOOL, "tool" }, { 311, 11, 1, INTRUDER_PATH, "elsewhere" },
    };
    struct err e = { 0 };
    char       text[300];

    CHECK(store_exec(s, "INSERT INTO case_asset (subject, asset) VALUES (1, 1), (2, 2), (11, 11)", &e));
    if (!store_exec(s, filled, &e))
        fail_msg("%s", e.what);
    for (size_t i = 0; i < COUNT_OF(f); i++) {
        snprintf(text, sizeof text, "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) VALUES (%zu, %d, 1, %d, %d, %d, '%s', 0)", i + 1, f[i].file, f[i].subject,
                 f[i].session, f[i].kind, f[i].value);
        CHECK(store_exec(s, text, &e));
    }
}

static void statement(void **state)
{
    (void)state;
    for (int engine = 0; engine <= w.has_pg; engine++) {
        struct test_arena   m = test_arena(1 << 20);
        struct store       *s;
        struct second_group g;
        struct str          text;
        struct err          e = { 0 };

        if (!store_open(&s, str_c(engine ? w.pg.where : ":memory:"), STORE_WRITE, &e) || !store_migrate(s, &casework_layer, &e))
            fail_msg("%s", e.what);
        fill(s);
        if (!second_group_read(s, 100, &m.a, &g, &e))
            fail_msg("%s", e.what);
        CHECK(g.suspected && g.group_n == 2 && g.alone == 1 && g.shared_servers == 1 && g.more == 0);
        CHECK(g.group[0].intruder == 5 && g.group[0].visits == 3 && g.group[0].servers == 2 && g.group[0].all_visits == 60 && g.group[0].all_servers == 41);
        CHECK(g.group[0].first_us == INT64_C(1614729600000000) && g.group[0].last_us == INT64_C(1614816000000000));
        /* Only what these servers showed; how it is elsewhere is nothing to this case. */
        CHECK(g.group[0].mark_n == 2 && g.group[0].mark[0].kind == INTRUDER_KEY && g.group[0].mark[0].here == 2 && g.group[0].mark[1].here == 1);
        CHECK(g.group[1].intruder == 6 && g.group[1].mark_n == 1 && g.group[1].mark[0].servers == 3);
        CHECK(second_group_text(&g, SECOND_TEAM, &m.a, &text, &e));
        CHECK_STR(text, STR("Two groups were here by their traces: a second group may be involved.\n"
                            "Two or more of them were on the same server: 1 of the servers.\n"
                            "Group 5: 3 visits to 2 servers here, 2021-03-03 to 2021-03-04; 60 visits to 41 servers in all. What ties them: the same word opens the web shell: \"orange\" (2 of 58);"
                            " the same address: \"203.0.113.9\" (1 of 9).\n"
                            "Group 6: 1 visit to 1 server here, 2021-03-05; 9 visits to 3 servers in all. What ties them: the same program was brought: \"tool\" (1 of 9).\n"
                            "1 more visit belongs to no known group."));
        CHECK(second_group_text(&g, SECOND_VICTIM, &m.a, &text, &e));
        CHECK_STR(text, STR("The traces on your servers fall into 2 sets that differ in tools and habits: a second group of intruders may be involved. Look for the back doors of each.\n"
                            "One of them was on 2 of your servers, first on 2021-03-03; what ties its visits: the same word opens the web shell, the same address;"
                            " the same traces are known from 39 other servers.\n"
                            "Another of them was on 1 of your servers, first on 2021-03-05; what ties its visits: the same program was brought."));
        /* One group and somebody alone are no second group; and of a case without visits nothing is said. */
        CHECK(second_group_read(s, 200, &m.a, &g, &e) && !g.suspected && g.group_n == 1 && g.alone == 1);
        CHECK(second_group_text(&g, SECOND_VICTIM, &m.a, &text, &e) && text.n == 0);
        CHECK(second_group_read(s, 999, &m.a, &g, &e) && !g.suspected && g.group_n == 0 && g.alone == 0);
        store_close(s);
        test_arena_free(&m);
    }
}

/* Values are anybody's: one line, cut, whole letters; and no value at all for a victim. */
static void hostile_values(void **state)
{
    static const char value[] = "x\n2 more groups\r\x1b[2J\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac %n%s";
    struct second_on    on[3] = { { .intruder = 1, .visits = 1, .servers = 1, .first_us = TIME_NONE, .last_us = TIME_NONE, .mark_n = SECOND_MARKS_MAX } };
    struct second_group g = { .group = on, .group_n = 3, .suspected = true };
    struct test_arena   m = test_arena(1 << 20);
    struct str          text;
    struct err          e = { 0 };

    (void)state;
    for (int i = 0; i < SECOND_MARKS_MAX; i++)
        on[0].mark[i] = (struct second_mark){ INTRUDER_KEY, { (const uint8_t *)value, sizeof value - 1 - (size_t)i }, 1, 1, 1 };
    on[1] = on[2] = on[0];
    CHECK(second_group_text(&g, SECOND_TEAM, &m.a, &text, &e));
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++) {
        lines += text.p[i] == '\n';
        CHECK(text.p[i] >= ' ' || text.p[i] == '\n');
    }
    CHECK(lines == 4 && !str_has(text, STR("\xe2\x82\"")) && !str_has(text, STR("\xe2\"")));
    CHECK(second_group_text(&g, SECOND_VICTIM, &m.a, &text, &e) && !str_has(text, STR("more groups")));
    test_arena_free(&m);
}

static bool work(struct arena *a, struct err *e)
{
    struct second_on    on[2] = { { .intruder = 1, .first_us = TIME_NONE }, { .intruder = 2, .first_us = TIME_NONE } };
    struct second_group g = { .group = on, .group_n = 2, .suspected = true };
    struct str          text;

    return second_group_text(&g, SECOND_TEAM, a, &text, e);
}

static void room_that_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 16);
}

static int start(void **state)
{
    (void)state;
    w.has_pg = pg_server_or_say(&w.pg);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (w.has_pg)
        pg_server_stop(&w.pg);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(statement), cmocka_unit_test(hostile_values), cmocka_unit_test(room_that_runs_out) };

    return cmocka_run_group_tests(tests, start, stop);
}
