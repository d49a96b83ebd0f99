/* Reading and judging: what fits together, what does not, and how far a report covers. */
#include "test.h"

#include "base/num.h"
#include "casework/report_fixture.h"
#include "casework/report_proof.h"

#define NOW INT64_C(1617408000000000)          /* 2021-04-03 */
enum { ROOM = 8 << 20 };

struct judged { struct test_arena mem; struct hunt_report r; struct err e; bool read, sound; };

static struct judged judge(struct str s)
{
    struct judged j = { .mem = test_arena(ROOM) };

    j.read  = report_read(&j.r, &j.mem.a, s, &j.e);
    j.sound = j.read && report_sound(&j.r, NOW, j.mem.a, &j.e);
    return j;
}

static void real_reports_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(fixture_names); i++) {
        struct str    s = fixture_load(fixture_names[i]);
        struct judged j = judge(s);
        struct report_covered c;
        if (!j.sound)
            fail_msg("%s: %s: %s", fixture_names[i], j.e.where, j.e.what);
        /* What it says of itself holds when it is worked out anew. */
        report_covers(&j.r, 0, NOW - 90 * TIME_DAY, &c);
        CHECK_WHY(c.exposure == j.r.campaign[0].exposure.covered && c.entry == j.r.campaign[0].exploitation.covered && c.doors == j.r.campaign[0].back_door.covered &&
                  c.open == j.r.campaign[0].open, fixture_names[i]);
        CHECK_WHY(c.full == (c.entry == COVERED_FULL && c.doors == COVERED_FULL) && c.full == !c.why[0], fixture_names[i]);
        test_arena_free(&j.mem);
        test_free(s);
    }
}

static void reads_what_stands_there(void **state)
{
    struct str    s = fixture_load("two-groups");
    struct judged j = judge(s);
    const struct hunt_report *r = &j.r;

    (void)state;
    CHECK_STR(r->server.name, STR("MAIL-EDGE7"));
    CHECK_STR(r->server.fqdns.item[0], STR("mail.orchard.example"));
    CHECK_STR(r->tool, STR("afterpatch 0.1.0"));
    CHECK(str_starts(r->packs, STR("proxylogon ")) && r->campaign_n == 1 && r->campaign[0].verdict == V_BACK_DOOR_USED && r->campaign[0].use.re_entered);
    CHECK(r->door_n == 2 && r->door[0].state == DOOR_PRESENT && r->door[0].used == USED_USED && r->door[0].requests == 4 && r->door[0].intruder == 0 && r->door[1].intruder == 1);
    CHECK_STR(r->door[1].key, STR("barley"));
    CHECK(r->session_n == 3 && r->session[2].intruder == 0 && r->intruder_n == 2 && r->intruder[1].agents.n == 3 && r->door[0].of == 1);
    CHECK(r->door[0].created_us < r->door[0].first_us && r->door[0].removed_us == TIME_NONE);
    test_arena_free(&j.mem);
    test_free(s);
}

/* One lie at a time. */
static void forged(void **state)
{
    static const struct { const char *report, *was, *is; unsigned nth; const char *where, *what; } cases[] = {
        /* rule 1 */
        { "bakery", "\"verdict\": \"back_door_used\"", "\"verdict\": \"no_trace\"", 1, "campaigns[0].verdict", "its axes make it back_door_used" },
        { "bakery", "\"verdict\": \"back_door_used\"", "\"verdict\": \"beyond_server\"", 1, "campaigns[0].verdict", "its axes make it back_door_used" },
        { "untouched", "\"verdict\": \"no_trace\"", "\"verdict\": \"attempted\"", 1, "campaigns[0].verdict", "its axes make it no_trace" },
        { "clean", "\"state\": \"no\"", "\"state\": \"yes\"", 1, "campaigns[0].door_open.state", "makes it no" },
        { "bakery", "\"door_open\": {\n    \"state\": \"yes\"", "\"door_open\": {\n    \"state\": \"no\"", 1, "campaigns[0].door_open.state", "makes it yes" },
        { "untouched", "\"state\": \"unproven\"", "\"state\": \"no\"", 1, "campaigns[0].door_open.state", "makes it unproven" },
        { "exchange-2010", "\"verdict\": \"not_covered\"", "\"verdict\": \"no_trace\"", 1, "campaigns[0].verdict", "its axes make it not_covered" },
        /* rule 2 */
        { "two-groups", "\"re_entered\": true", "\"re_entered\": false, \"x\": 0", 1, NULL, NULL },      /* what no other part of a report can contradict is believed */
        { "clean", "\"back_doors\": []", "\"back_doors\": [{\"path\": \"C:\\\\a.aspx\", \"state\": \"present\", \"reachable\": \"no\", \"kind\": \"evaluator\", \"sha256\": null, \"key\": null, "
          "\"created\": null, \"removed\": null, \"use\": {\"state\": \"not_seen_used\", \"reached\": false, \"first\": null, \"last\": null, \"requests\": 0, \"errors\": 0, \"clients\": []}, "
          "\"intruder\": null, \"findings\": []}]", 1, "campaigns[0].back_door.state", "none_seen, but the lists tell of one that is present" },
        { "shell-removed", "\"state\": \"removed\"", "\"state\": \"present\"", 2, NULL, "the lists tell of one that is present" },
        { "shell-removed", "\"state\": \"removed\"", "\"state\": \"none_seen\"", 1, "campaigns[0].back_door.state", "the lists tell of one that is removed" },
        { "clean", "\"back_door\": {\n    \"state\": \"none_seen\"", "\"back_door\": {\n    \"state\": \"removed\"", 1, NULL, NULL },
        { "task-left", "\"use\": {\n    \"state\": \"used\"", "\"use\": {\n    \"state\": \"none_seen\"", 1, NULL, NULL },
        { "mail-theft", "\"state\": \"seen\"", "\"state\": \"none_seen\"", 1, NULL, NULL },
        { "mail-theft", "\"state\": \"succeeded\"", "\"state\": \"attempted\"", 1, NULL, NULL },
        /* rule 4 */
        { "clean", "\"to\": \"2021-03-03T19:24:10.078Z\"", "\"to\": \"2021-01-04T00:00:00Z\"", 1, "campaigns[0].window.to", "neither with the patch" },
        { "clean", "\"to\": \"2021-03-03T19:24:10.078Z\"", "\"to\": null", 1, "campaigns[0].window.to", "neither with the patch" },
        { "untouched", "\"empty\": false", "\"empty\": true", 1, "campaigns[0].window.empty", "said to be empty" },
        { "born-patched", "\"empty\": true", "\"empty\": false", 1, "campaigns[0].window.empty", "the window is empty" },
        { "untouched", "\"from\": \"2021-01-03T00:00:00Z\"", "\"from\": \"2021-03-04T00:00:00Z\"", 1, "campaigns[0].window.empty", "the window is empty" },
        /* rule 5 */
        { "clean", "2021-04-02T09:00:00Z", "2031-04-02T09:00:00Z", 1, "run.started", "later than now" },
        { "clean", "2021-04-02T09:00:00Z", "2021-04-05T09:00:00Z", 1, "run.started", "later than now" },
        { "clean", "\"since\": null,\n  \"until\": null", "\"since\": \"2021-03-03T00:00:00Z\", \"until\": \"2021-03-01T00:00:00Z\"", 1, "scope.since", "later than scope.until" },
        { "two-groups", "\"first\": \"2021-03-05T15:00:00Z\"", "\"first\": \"2021-03-06T15:00:00Z\"", 1, "sessions[1].first", "later than the last" },
        { "two-groups", "\"first\": \"2021-03-05T15:00:00Z\"", "\"first\": \"2021-03-06T15:00:00Z\"", 2, "intruders[1].first", "later than the last" },
        { "two-groups", "\"first\": \"2021-03-05T15:03:00Z\"", "\"first\": \"2021-03-06T15:00:00Z\"", 1, "back_doors[1].use.first", "later than the last" },
        { "clean", "\"oldest\": \"2021-01", "\"oldest\": \"2022-01", 1, NULL, "later than the newest" },
        /* rule 6 */
        { "clean", "\"key\": \"8", "\"key\": \"9", 1, "findings[0].key", "not that of its detector" },
        { "clean", "\"detector\": \"files/installed\"", "\"detector\": \"files/patched\"", 1, "findings[0].key", "not that of its detector" },
        /* references */
        { "clean", "\"id\": \"F0001\"", "\"id\": \"F9999\"", 1, NULL, "no finding of the report has this id" },
        { "clean", "\"id\": \"F0007\"", "\"id\": \"F0001\"", 1, "findings[1].id", "two findings" },
        { "two-groups", "\"id\": \"S2\"", "\"id\": \"S1\"", 1, "sessions[1].id", "not in order" },
        { "two-groups", "\"intruder\": \"I2\"", "\"intruder\": \"I7\"", 1, NULL, "nothing in the report has this id" },
        { "two-groups", "\"session\": \"S3\"", "\"session\": \"S4\"", 1, NULL, "nothing in the report has this id" },
        { "clean", "\"family\": \"iis_back\"", "\"family\": \"iis_front\"", 1, NULL, "stands there twice" },
        { "ways-config", "\"kind\": \"iis_module\"", "\"kind\": \"exposed_secret\"", 1, NULL, "not one of exposed" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str    s = fixture_change(fixture_load(cases[i].report), cases[i].was, cases[i].is, cases[i].nth);
        struct judged j;
        bool believed = strstr(cases[i].is, "\"x\": 0") != NULL;
        j = judge(s);
        if (believed ? !j.sound : (j.sound || j.e.kind != ERR_FORMAT))
            fail_msg("%s with %s: %s %s", cases[i].report, cases[i].is, j.e.where, j.e.what);
        if (cases[i].where && strcmp(j.e.where, cases[i].where) != 0)
            fail_msg("%s: at \"%s\" (%s)", cases[i].is, j.e.where, j.e.what);
        if (cases[i].what && !strstr(j.e.what, cases[i].what))
            fail_msg("%s: \"%s\" at %s", cases[i].is, j.e.what, j.e.where);
        test_arena_free(&j.mem);
        test_free(s);
    }
}

/* Its word for how much it covers, against its own rows. Each is sound: only the claim to be complete falls. */
static void covers_less_than_it_says(void **state)
{
    static const struct { const char *was, *is; unsigned nth; bool full; enum open_state open; const char *why; } cases[] = {
        { "\"id\": \"proxylogon\"", "\"id\": \"proxylogon\"", 1, true, OPEN_NO, "" },
        { "\"family\": \"tasks\"", "\"family\": \"tasks_of_another\"", 1, false, OPEN_UNPROVEN, "tasks: it says nothing" },
        { "\"family\": \"web_roots\"", "\"family\": \"web_roots_x\"", 1, false, OPEN_UNPROVEN, "web_roots: it says nothing" },
        { "\"since\": null", "\"since\": \"2021-03-01T00:00:00Z\"", 1, false, OPEN_NO, "begin later than the window" },
        { "\"until\": null", "\"until\": \"2021-02-01T00:00:00Z\"", 1, false, OPEN_NO, "end before the window" },
        { "\"until\": null", "\"until\": \"2020-02-01T00:00:00Z\"", 1, false, OPEN_NO, "outside the window" },
        { "\"started\": \"2021-04-02T09:00:00Z\"", "\"started\": \"2021-02-02T09:00:00Z\"", 1, false, OPEN_NO, "ends later than the hunt ran" },
        { "\"missing\": null", "\"missing\": \"C:\\\\inetpub\"", 0, false, OPEN_UNPROVEN, "what is missing" },
        { "\"records\": ", "\"records\": 0, \"was\": ", 0, false, OPEN_NO, "no records" },
        { "\"files\": ", "\"files\": 0, \"was\": ", 0, false, OPEN_UNPROVEN, "no file was read" },
        { "\"build\": \"15.1.2106.13\"", "\"build\": null", 1, true, OPEN_UNPROVEN, "" },
        { "\"gaps\": []", "\"gaps\": [{\"from\": \"2021-02-01T00:00:00Z\", \"to\": \"2021-02-20T00:00:00Z\"}]", 0, false, OPEN_NO, "tells of holes" },
        { "\"from\": \"2021-01-03T00:00:00Z\"", "\"from\": \"2021-02-20T15:10:00Z\"", 1, false, OPEN_NO, "begins later than the campaign" },
        { "\"from\": \"2021-01-03T00:00:00Z\"", "\"from\": null", 1, false, OPEN_NO, "window: its beginning" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str    s = fixture_change(fixture_load("clean"), cases[i].was, cases[i].is, cases[i].nth);
        struct judged j = judge(s);
        struct report_covered c;
        if (!j.sound)
            fail_msg("%s: %s: %s", cases[i].is, j.e.where, j.e.what);
        report_covers(&j.r, 0, NOW - 90 * TIME_DAY, &c);
        if (c.full != cases[i].full || c.open != cases[i].open || !strstr(c.why, cases[i].why))
            fail_msg("%s: full %d open %d \"%s\"", cases[i].is, c.full, (int)c.open, c.why);
        test_arena_free(&j.mem);
        test_free(s);
    }
}

static void refuses_what_is_no_report(void **state)
{
    static const struct { const char *text, *what; } cases[] = {
        { "", "not JSON" }, { "{}", "missing" }, { "[]", "not an object" }, { "null", "not an object" }, { "{\"schema\":\"afterpatch-report/1\"}", "missing" },
        { "{\"schema\":\"afterpatch-report/1\"", "not JSON" }, { "{\"a\":\"\xff\"}", "not UTF-8" }, { "{\"a\":\"\xed\xa0\x80\"}", "not UTF-8" }, { "\xef\xbb\xbf{}", "not JSON" },
        { "{\"a\":NaN}", "not JSON" }, { "{} {}", "not JSON" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str    s = test_heap(cases[i].text, strlen(cases[i].text));
        struct judged j = judge(s);
        if (j.read || j.e.kind != ERR_FORMAT || !strstr(j.e.what, cases[i].what))
            fail_msg("%s: %s", cases[i].text, j.e.what);
        test_arena_free(&j.mem);
        test_free(s);
    }
    /* Deep, wide, long: refused, and neither slow nor at the end of the stack. */
    size_t   n = 4 << 20;
    uint8_t *p = malloc(n);
    memset(p, '[', n);
    struct judged j = judge((struct str){ p, n });
    CHECK(!j.read && strstr(j.e.what, "nested deeper"));
    test_arena_free(&j.mem);
    memset(p, 'x', n);
    p[0] = '{';
    p[1] = p[n - 2] = '"';
    p[n - 1] = ':';
    j = judge((struct str){ p, n });
    CHECK(!j.read && j.e.kind == ERR_FORMAT);
    test_arena_free(&j.mem);
    free(p);
}

/* Cut anywhere, it is refused: half a report is none. */
static void cut(void **state)
{
    struct str whole = fixture_load("clean");

    (void)state;
    for (size_t n = 0; n + 3 < whole.n; n += n < 200 ? 1 : 97) {
        struct str    s = test_heap(whole.p, n);
        struct judged j = judge(s);
        CHECK(!j.read && j.e.kind == ERR_FORMAT && j.e.what[0]);
        test_arena_free(&j.mem);
        test_free(s);
    }
    test_free(whole);
}

static struct str swept;
static bool sweep(struct arena *a, struct err *e)
{
    struct hunt_report r;

    return report_read(&r, a, swept, e) && report_sound(&r, NOW, *a, e);
}

static void no_memory(void **state)
{
    (void)state;
    swept = fixture_load("mail-theft");
    fault_sweep(sweep, ROOM);
    test_free(swept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_reports_are_sound), cmocka_unit_test(reads_what_stands_there), cmocka_unit_test(forged), cmocka_unit_test(covers_less_than_it_says),
        cmocka_unit_test(refuses_what_is_no_report), cmocka_unit_test(cut), cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
