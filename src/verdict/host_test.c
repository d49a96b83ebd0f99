#include "verdict/fixture.h"

/* Acts that event logs tell, and the requests they came from. Contract, used, session, beyond_server, other_servers. */

static struct hit *child(struct fx *f, double minutes)
{
    struct hit *h = fx_event(f, R_CHILD, FAM_EVTX_SECURITY, at(minutes));
    h->path = STR("C:\\Windows\\System32\\cmd.exe");
    return h;
}
static void page_and_get(struct fx *f) { fx_page(f, at(0)); fx_request(f, RULE_LEARNT, "198.51.100.7", "GET", FX_URL, 200, at(30)); }

static void in_time(struct fx *f) { page_and_get(f); child(f, 29.9); }
static void late_clock(struct fx *f) { page_and_get(f); child(f, 30.05); }
static void too_late(struct fx *f) { page_and_get(f); child(f, 31); }
static void too_early(struct fx *f) { page_and_get(f); child(f, 20); }
static void not_answered(struct fx *f) { fx_page(f, at(0)); fx_request(f, RULE_LEARNT, "198.51.100.7", "GET", FX_URL, 404, at(30)); child(f, 29.9); }
static void no_child(struct fx *f) { page_and_get(f); }

static const struct { void (*prep)(struct fx *); enum use_word used; enum verdict_word word; size_t intruders; const char *why; } ties[] = {
    { in_time, USED_USED, V_BACK_DOOR_USED, 1, "a child while the page was answering: used, though the request was a plain GET" },
    { late_clock, USED_USED, V_BACK_DOOR_USED, 1, "two clocks, rounded" },
    { too_late, USED_NOT_SEEN, V_BACK_DOOR_USED, 0, "a child after the request had ended came from somewhere else; somebody acted all the same" },
    { too_early, USED_NOT_SEEN, V_BACK_DOOR_USED, 0, "no request takes ten minutes" },
    { not_answered, USED_NOT_SEEN, V_BACK_DOOR_USED, 0, "a page that was not there has no children" },
    { no_child, USED_NOT_SEEN, V_BACK_DOOR, 0, "reached is not used" },
};

static void children_are_tied(void **s)
{
    (void)s;
    for (size_t i = 0; i < COUNT_OF(ties); i++) {
        struct fx *f = fx_new();
        ties[i].prep(f);
        fx_judge(f);
        if (f->r.back_door_n != 1 || f->r.back_door[0].use.state != ties[i].used || f->r.campaign.verdict != ties[i].word || f->r.intruder_n != ties[i].intruders)
            fail_msg("%s: %s, %s, %zu intruders", ties[i].why, use_word_name(f->r.back_door[0].use.state), verdict_name(f->r.campaign.verdict), f->r.intruder_n);
        fx_free(f);
    }
}

static void one_visit(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    in_time(f);
    fx_judge(f);
    assert_int_equal(f->r.session_n, 1);
    assert_int_equal(f->r.session[0].findings.n, 2);
    assert_int_equal(f->r.back_door[0].findings.n, 3);            /* the page, the request, the process */
    assert_int_equal(f->r.campaign.use.findings.n, 1);
    assert_true(f->r.campaign.use.findings.item[0] < f->r.finding_n);
    CHECK_STR(f->r.finding[f->r.campaign.use.findings.item[0]].axis_state, STR("used"));
    fx_free(f);
}

static void act_without_page(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    child(f, 5);
    fx_judge(f);
    assert_int_equal(f->r.campaign.use.state, USE_USED);
    assert_int_equal(f->r.campaign.back_door.state, DOOR_UNKNOWN);
    assert_int_equal(f->r.back_door_n, 0);
    assert_int_equal(f->r.intruder_n, 0);
    assert_true(f->r.campaign.open != OPEN_NO);
    fx_free(f);
}

static void crash_alone(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    fx_event(f, R_CRASH, FAM_EVTX_APPLICATION, at(5));
    fx_judge(f);
    assert_int_equal(f->r.campaign.exploitation.state, EXPL_ATTEMPTED);
    assert_int_equal(f->r.campaign.use.state, USE_NONE_SEEN);
    fx_free(f);
}

static void writes_meet(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    fx_forged(f, R_DROP, "198.51.100.7", "/ecp/DDI/DDIService.svc/SetObject", 200, at(10));
    fx_event(f, R_DROP, FAM_EVTX_MANAGEMENT, at(10.1));
    fx_event(f, R_DROP, FAM_EVTX_MANAGEMENT, at(200));     /* another time: another visit of nobody */
    fx_judge(f);
    assert_int_equal(f->r.intruder_n, 2);
    assert_int_equal(f->r.session_n, 2);
    assert_int_equal(f->r.session[0].findings.n, 2);
    fx_free(f);
}

static void beyond(void **s)
{
    struct fx *f = fx_new();
    struct hit *h = fx_event(f, R_LOGON, FAM_EVTX_SECURITY, at(40));

    (void)s;
    h->target_host = STR("DC01.bakery.example");
    h = fx_event(f, R_LOGON, FAM_EVTX_SECURITY, at(41));
    h->target_host = STR("exch01");                         /* this server itself */
    fx_forged(f, R_FORGED_OK, "198.51.100.7", "/ews/exchange.asmx", 200, at(10))->target_host = STR("exch02.bakery.example");
    fx_judge(f);
    assert_int_equal(f->r.campaign.verdict, V_BEYOND_SERVER);
    assert_int_equal(f->r.other_n, 2);
    CHECK_STR(f->r.other[0].name, STR("dc01.bakery.example"));
    CHECK_STR(f->r.other[0].why, STR("an action of the intruder there was recorded here"));
    CHECK_STR(f->r.other[1].name, STR("exch02.bakery.example"));
    CHECK_STR(f->r.other[1].why, STR("named in a forged request"));
    fx_free(f);
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(children_are_tied), cmocka_unit_test(one_visit), cmocka_unit_test(act_without_page), cmocka_unit_test(crash_alone),
        cmocka_unit_test(writes_meet), cmocka_unit_test(beyond),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
