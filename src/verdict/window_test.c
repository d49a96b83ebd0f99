#include "verdict/fixture.h"

/* The window, its coverage, exposure and door_open. Contract, window, covers_window, covered, door_open. */

#define H(h) ((int64_t)(h) * TIME_HOUR)

static void test_interval(void **state)
{
    static const struct { struct span span[3]; size_t n; int64_t from, to; enum covered want; const char *why; } c[] = {
        { { { 0, H(100) } }, 1, H(0), H(100), COVERED_FULL, "whole" },
        { { { H(36), H(100) } }, 1, H(0), H(100), COVERED_FULL, "exactly 36 h to the edge are no hole" },
        { { { H(36) + 1, H(100) } }, 1, H(0), H(100), COVERED_PARTLY, "a microsecond more is one" },
        { { { 0, H(64) } }, 1, H(0), H(100), COVERED_FULL, "36 h at the end" },
        { { { 0, H(64) - 1 } }, 1, H(0), H(100), COVERED_PARTLY, "more at the end" },
        { { { 0, H(10) }, { H(46), H(100) } }, 2, H(0), H(100), COVERED_FULL, "36 h between neighbours" },
        { { { 0, H(10) }, { H(46) + 1, H(100) } }, 2, H(0), H(100), COVERED_PARTLY, "more between neighbours" },
        { { { H(-50), H(-40) }, { H(30), H(100) } }, 2, H(0), H(100), COVERED_FULL, "only the part of a hole inside the window counts" },
        { { { H(-50), H(-40) } }, 1, H(0), H(100), COVERED_NO, "all records before" },
        { { { H(150), H(160) } }, 1, H(0), H(100), COVERED_NO, "all records after" },
        { { { H(50), H(50) } }, 1, H(0), H(100), COVERED_PARTLY, "one record" },
        { { { H(30), H(30) } }, 1, H(0), H(60), COVERED_FULL, "one record in the middle of a short window" },
        { { { 0, 0 } }, 0, H(0), H(20), COVERED_NO, "no records at all" },
        { { { 0, H(1) }, { H(2), H(3) }, { H(99), H(120) } }, 3, H(0), H(100), COVERED_PARTLY, "three spans" },
        { { { 0, H(100) } }, 1, H(100), H(0), COVERED_NO, "an end before its begin" },
        { { { H(900), H(910) } }, 1, H(0), H(20), COVERED_NO, "a short interval is not covered by records of another month" },
        { { { H(-1), H(30) } }, 1, H(5), H(5) + 1, COVERED_FULL, "a moment between records that lie close together" },
        { { { 0, H(100) } }, 1, TIME_NONE, H(0), COVERED_NO, "a begin that nobody knows" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct span *heap = malloc(c[i].n ? c[i].n * sizeof *heap : 1);
        memcpy(heap, c[i].span, c[i].n * sizeof *heap);
        struct report   r = { .since_us = TIME_NONE, .until_us = TIME_NONE };
        struct detected d = { .seen = { [FAM_IIS_FRONT] = { .span = heap, .span_n = c[i].n } } };
        struct work     w = { .r = &r, .d = &d };
        CHECK_WHY(cover_interval(&w, FAM_IIS_FRONT, c[i].from, c[i].to) == c[i].want, c[i].why);
        free(heap);
    }
}

/* --since and --until do not move the window, but what they leave out was not looked at and covers nothing. */
static void test_scope(void **state)
{
    static const struct { int64_t since, until; enum covered want; enum verdict_word word; const char *why; } c[] = {
        { TIME_NONE, TIME_NONE, COVERED_FULL, V_NO_TRACE, "all of it" },
        { FX_FROM - TIME_DAY, TIME_NONE, COVERED_FULL, V_NO_TRACE, "since before the window" },
        { FX_FROM + H(36), TIME_NONE, COVERED_FULL, V_NO_TRACE, "36 h later" },
        { FX_FROM + H(37), TIME_NONE, COVERED_PARTLY, V_NOT_COVERED, "37 h later" },
        { TIME_NONE, FX_FROM + H(48), COVERED_PARTLY, V_NOT_COVERED, "until long before the end" },
        { INT64_C(4102444800000000), TIME_NONE, COVERED_NO, V_NOT_COVERED, "since after everything" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        f->r.since_us = c[i].since;
        f->r.until_us = c[i].until;
        fx_judge(f);
        CHECK_WHY(f->r.campaign.window_from_us == FX_FROM && f->r.campaign.window_to_us == day(10), c[i].why);
        CHECK_WHY(f->r.campaign.exploitation.covered == c[i].want && f->r.campaign.verdict == c[i].word, c[i].why);
        fx_free(f);
    }
    struct fx *f = fx_new();                      /* a use that was not looked for is not "not seen" */
    fx_page(f, at(30));
    fx_judge(f);
    CHECK(f->r.back_door[0].use.state == USED_NOT_SEEN);
    f->r.since_us = day(5);
    fx_judge(f);
    CHECK(f->r.back_door[0].use.state == USED_NO_EVIDENCE);
    fx_free(f);
}

static const struct cover_row *row_of(const struct fx *f, enum family fam)
{
    for (size_t i = 0; i < f->r.cover_n; i++)
        if (f->r.cover[i].family == fam)
            return &f->r.cover[i];
    return NULL;
}

static void test_gaps(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    f->span[FAM_HTTPPROXY][0] = (struct span){ FX_FROM + H(40), FX_FROM + H(50) };
    f->span[FAM_HTTPPROXY][1] = (struct span){ FX_FROM + H(100), day(10) };
    f->d.seen[FAM_HTTPPROXY].span_n = 2;
    fx_judge(f);
    const struct cover_row *row = row_of(f, FAM_HTTPPROXY);
    CHECK(row->expected && row->covers_window == COVERED_PARTLY && row->gap_n == 2 && row->gap_more == 0);
    CHECK(row->gap[0].from_us == FX_FROM && row->gap[0].to_us == FX_FROM + H(40));
    CHECK(row->gap[1].from_us == FX_FROM + H(50) && row->gap[1].to_us == FX_FROM + H(100));
    CHECK(row->how_to_get.n > 0);
    CHECK(!row_of(f, FAM_EWS)->expected && row_of(f, FAM_EWS)->covers_window == COVERED_NO);
    CHECK(row_of(f, FAM_WEB_ROOTS)->covers_window == COVERED_FULL);
    CHECK(f->r.campaign.verdict == V_NO_TRACE && f->r.campaign.theft.covered == COVERED_PARTLY);   /* both IIS logs stand in for entry */
    fx_free(f);
}

static void test_window(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_judge(f);                                   /* unpatched: to the newest evidence */
    CHECK(f->r.campaign.window_from_us == FX_FROM && f->r.campaign.window_to_us == day(10) && !f->r.campaign.window_empty);
    f->r.since_us = day(3);                        /* the operator's limits never move it */
    f->r.until_us = day(4);
    fx_judge(f);
    CHECK(f->r.campaign.window_from_us == FX_FROM && f->r.campaign.window_to_us == day(10));
    fx_patched(f, day(5));                         /* patched: to the patch */
    fx_judge(f);
    CHECK(f->r.campaign.window_to_us == day(5) && f->r.campaign.patched_us == day(5));
    f->d.server.installed_us = day(2);             /* installed later than the campaign began */
    fx_judge(f);
    CHECK(f->r.campaign.window_from_us == day(2));
    f->d.server.installed_us = day(5);             /* installed when it was patched */
    fx_judge(f);
    CHECK(f->r.campaign.window_empty && row_of(f, FAM_EWS)->covers_window == COVERED_FULL);
    fx_free(f);

    f = fx_new();                                  /* patched at an unknown time: to the newest evidence */
    fx_patched(f, TIME_NONE);
    fx_judge(f);
    CHECK(f->r.campaign.exposure.state == EXP_PATCHED && f->r.campaign.window_to_us == day(10) && f->r.campaign.patched_us == TIME_NONE);
    CHECK(f->r.campaign.exposure.covered == COVERED_PARTLY);
    fx_free(f);
}

static void test_exposure(void **state)
{
    static const struct { uint16_t rev; int parts; int64_t patched, build_at; bool mitigated; enum exposure_state want; enum covered covered; const char *why; } c[] = {
        { 2, 4, 0, 0, false, EXP_UNPATCHED, COVERED_FULL, "an old build" },
        { 2, 4, 0, 0, true, EXP_MITIGATED, COVERED_FULL, "an old build behind rewrite rules" },
        { 13, 4, 0, 0, false, EXP_PATCHED, COVERED_PARTLY, "the fixed build, patch time unknown" },
        { 13, 4, 5, 0, false, EXP_PATCHED, COVERED_FULL, "the fixed build and its time" },
        { 13, 4, 5, 0, true, EXP_PATCHED, COVERED_FULL, "a mitigation left over" },
        { 2, 4, 5, 0, false, EXP_PATCHED, COVERED_FULL, "the registry knows the CU only; the update's log knows more" },
        { 2, 4, 5, 4, false, EXP_PATCHED, COVERED_FULL, "the old build was seen before the patch" },
        { 2, 4, 5, 6, false, EXP_UNPATCHED, COVERED_FULL, "the old build was seen after it: the update did not take" },
        { 0, 3, 0, 0, false, EXP_CANNOT_TELL, COVERED_PARTLY, "three parts cannot tell" },
        { 0, 3, 5, 0, false, EXP_PATCHED, COVERED_FULL, "three parts and patch evidence" },
        { 0, 3, 0, 0, true, EXP_MITIGATED, COVERED_PARTLY, "three parts and rewrite rules" },
        { 0, 0, 0, 0, false, EXP_CANNOT_TELL, COVERED_NO, "no build" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        f->d.server.product[0].v[3]  = c[i].rev;
        f->d.server.product[0].parts = c[i].parts;
        f->d.server.patched_us  = c[i].patched ? day((int)c[i].patched) : TIME_NONE;
        f->d.server.build_at_us = c[i].build_at ? day((int)c[i].build_at) : TIME_NONE;
        f->d.server.mitigated   = c[i].mitigated;
        fx_judge(f);
        if (f->r.campaign.exposure.state != c[i].want || f->r.campaign.exposure.covered != c[i].covered)
            fail_msg("%s: %s, %s", c[i].why, exposure_name(f->r.campaign.exposure.state), covered_name(f->r.campaign.exposure.covered));
        fx_free(f);
    }
}

/* --- door_open: each reason ----------------------------------------------------------------------------------- */

static void safe(struct fx *f)
{
    static const enum family files[] = { FAM_WEB_ROOTS, FAM_IIS_CONFIG, FAM_REGISTRY, FAM_TASKS, FAM_TRANSPORT_AGENTS };
    fx_patched(f, day(1));
    for (size_t i = 0; i < COUNT_OF(files); i++)
        fx_files(f, files[i]);
}
static void unpatched(struct fx *f) { safe(f); f->d.server.patched_us = TIME_NONE; f->d.server.product[0].v[3] = 2; }
static void mitigated(struct fx *f) { unpatched(f); f->d.server.mitigated = true; }
static void cannot_tell(struct fx *f) { unpatched(f); f->d.server.product_n = 0; }
static void no_patch_time(struct fx *f) { safe(f); f->d.server.patched_us = TIME_NONE; }
static void no_registry(struct fx *f) { safe(f); f->d.seen[FAM_REGISTRY].files = 0; }
static void half_roots(struct fx *f) { safe(f); f->d.seen[FAM_WEB_ROOTS].roots_missing = true; }
static void page(struct fx *f) { safe(f); fx_page(f, at(1)); }
static void page_unreachable(struct fx *f) { safe(f); fx_page(f, at(1))->reachable = REACH_NO; }
static void page_removed(struct fx *f) { safe(f); fx_page(f, at(1))->state = THING_REMOVED; }
static void page_unknown(struct fx *f) { safe(f); fx_fact(f, FILE_FACT_AV, "D:\\web\\q.aspx", "/aspnet_client/q.aspx"); }
static void way(struct fx *f, enum thing_state s) { safe(f); struct file_fact *x = fx_fact(f, FILE_FACT_WAY_BACK, "C:\\a.dll", ""); x->state = s; x->what = STR("iis_module"); }
static void way_present(struct fx *f) { way(f, THING_PRESENT); }
static void way_removed(struct fx *f) { way(f, THING_REMOVED); }
static void way_unknown(struct fx *f) { way(f, THING_UNKNOWN); }
static void way_unreachable(struct fx *f) { way(f, THING_PRESENT); f->fact[0].reachable = REACH_NO; }
static void secret(struct fx *f, enum thing_state s, const char *what) { safe(f); struct file_fact *x = fx_fact(f, FILE_FACT_SECRET, "C:\\a.dmp", ""); x->state = s; x->what = str_c(what); }
static void secret_exposed(struct fx *f) { secret(f, THING_PRESENT, ""); }
static void secret_gone(struct fx *f) { secret(f, THING_REMOVED, ""); }
static void secret_unproven(struct fx *f) { secret(f, THING_UNKNOWN, ""); }
static void secret_rotated(struct fx *f) { secret(f, THING_REMOVED, "rotated"); }

static const struct { void (*prep)(struct fx *); enum open_state want; bool because; enum door_state door; const char *why; } opens[] = {
    { safe, OPEN_NO, false, DOOR_NONE_SEEN, "patched, nothing there, all covered" },
    { unpatched, OPEN_YES, false, DOOR_NONE_SEEN, "unpatched" },
    { mitigated, OPEN_UNPROVEN, false, DOOR_NONE_SEEN, "mitigated" },
    { cannot_tell, OPEN_UNPROVEN, false, DOOR_NONE_SEEN, "cannot tell" },
    { no_patch_time, OPEN_UNPROVEN, false, DOOR_NONE_SEEN, "exposure is covered only with the patch time" },
    { no_registry, OPEN_UNPROVEN, false, DOOR_NONE_SEEN, "a family of the back_door axis is missing" },
    { half_roots, OPEN_UNPROVEN, false, DOOR_NONE_SEEN, "a web root is missing" },
    { page, OPEN_YES, true, DOOR_PRESENT, "a back door is present" },
    { page_unreachable, OPEN_UNPROVEN, true, DOOR_PRESENT, "present, but not reachable: neither yes nor no" },
    { page_removed, OPEN_NO, false, DOOR_REMOVED, "removed" },
    { page_unknown, OPEN_UNPROVEN, true, DOOR_UNKNOWN, "unknown" },
    { way_present, OPEN_YES, true, DOOR_PRESENT, "a way back is present" },
    { way_unreachable, OPEN_UNPROVEN, true, DOOR_PRESENT, "a way back that cannot be reached" },
    { way_unknown, OPEN_UNPROVEN, true, DOOR_UNKNOWN, "a way back in unknown state" },
    { way_removed, OPEN_NO, false, DOOR_REMOVED, "a way back was removed" },
    { secret_exposed, OPEN_YES, true, DOOR_PRESENT, "a secret is exposed" },
    { secret_gone, OPEN_YES, true, DOOR_PRESENT, "removing the dump does not take the secret back" },
    { secret_unproven, OPEN_UNPROVEN, true, DOOR_NONE_SEEN, "an unproven secret forbids no" },
    { secret_rotated, OPEN_NO, false, DOOR_REMOVED, "a rotated secret" },
};

static void test_door_open(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(opens); i++) {
        struct fx *f = fx_new();
        opens[i].prep(f);
        fx_judge(f);
        if (f->r.campaign.open != opens[i].want || f->r.campaign.back_door.state != opens[i].door)
            fail_msg("%s: %s, %s", opens[i].why, open_name(f->r.campaign.open), door_name(f->r.campaign.back_door.state));
        CHECK_WHY((f->r.campaign.open_because.n > 0) == opens[i].because, opens[i].why);
        fx_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval), cmocka_unit_test(test_scope), cmocka_unit_test(test_gaps), cmocka_unit_test(test_window), cmocka_unit_test(test_exposure),
        cmocka_unit_test(test_door_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
