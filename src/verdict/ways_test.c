#include "verdict/fixture.h"

/* What several sources say of one way back in: what joins, what state it is in, and whether it was used. Contract, ways_back. */

static struct file_fact *way(struct fx *f, const char *kind, const char *name, const char *path, enum thing_state state)
{
    struct file_fact *x = fx_fact(f, FILE_FACT_WAY_BACK, path, "");

    x->what  = str_c(kind);
    x->name  = str_c(name);
    x->state = state;
    return x;
}

static void is_there(struct fx *f, const char *kind, const char *name)
{
    static struct there list[FX_FACTS];

    f->d.there = list;
    list[f->d.there_n++] = (struct there){ str_c(kind), str_c(name), STR_EMPTY };
}

static struct file_fact *made(struct fx *f)                       /* what a log saw made */
{
    struct file_fact *x = way(f, "service", "Updater", "C:\\ProgramData\\u.exe", THING_UNKNOWN);
    x->created_us = x->time_us = at(10);
    return x;
}

static void log_alone(struct fx *f) { made(f); }
static void still_listed(struct fx *f) { made(f); is_there(f, "service", "W32Time"); is_there(f, "service", "UPDATER"); }
static void not_listed(struct fx *f) { made(f); is_there(f, "service", "W32Time"); }
static void other_list(struct fx *f) { made(f); is_there(f, "account", "Administrator"); }
static void list_cut(struct fx *f) { not_listed(f); f->d.there_more = 1; }
static void deleted(struct fx *f) { made(f); struct file_fact *x = way(f, "service", "updater", "", THING_REMOVED); x->removed_us = x->time_us = at(20); }
static void made_again(struct fx *f) { deleted(f); made(f)->created_us = at(30); is_there(f, "service", "Updater"); }
static void seen_now(struct fx *f) { made(f); way(f, "service", "Updater", "C:\\ProgramData\\v.exe", THING_PRESENT); }
static void seen_earlier(struct fx *f) { made(f); way(f, "service", "Updater", "C:\\ProgramData\\v.exe", THING_PRESENT)->earlier = true; }
static void nameless(struct fx *f)
{
    made(f)->name = STR_EMPTY;
    is_there(f, "service", "W32Time");
}

static const struct { void (*prep)(struct fx *); const char *state; const char *why; } states[] = {
    { log_alone, "unknown", "a log saw it made; nobody looked whether it is there" },
    { still_listed, "present", "the list of its kind has it, in other letters" },
    { not_listed, "removed", "the list of its kind was read, and does not have it" },
    { other_list, "unknown", "only another kind was read" },
    { list_cut, "unknown", "the list did not fit" },
    { deleted, "removed", "a log saw it go" },
    { made_again, "present", "gone, and made again" },
    { seen_now, "present", "a source of today shows it" },
    { seen_earlier, "unknown", "a shadow copy shows what was" },
    { nameless, "unknown", "without a name no list can be asked" },
};

static void states_are_joined(void **s)
{
    (void)s;
    for (size_t i = 0; i < COUNT_OF(states); i++) {
        struct fx *f = fx_new();
        states[i].prep(f);
        fx_judge(f);
        if (f->r.way_back_n != 1 || !str_eq(f->r.way_back[0].state, str_c(states[i].state)))
            fail_msg("%s: %zu ways, want one %s", states[i].why, f->r.way_back_n, states[i].state);
        fx_free(f);
    }
}

static void what_is_one_thing(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    way(f, "scheduled_task", "\\Winnet", "C:\\a.bat", THING_UNKNOWN);
    way(f, "scheduled_task", "WINNET", "C:\\a.bat", THING_PRESENT);
    way(f, "service", "Winnet", "C:\\a.bat", THING_PRESENT);            /* another kind */
    way(f, "iis_module", "", "C:\\m.dll", THING_PRESENT);
    way(f, "iis_module", "", "c:\\M.DLL", THING_PRESENT);
    way(f, "iis_module", "", "C:\\n.dll", THING_PRESENT);
    fx_fact(f, FILE_FACT_SECRET, "C:\\l.dmp", "")->state = THING_PRESENT;
    fx_fact(f, FILE_FACT_SECRET, "C:\\k.dmp", "")->state = THING_PRESENT;
    fx_judge(f);
    assert_int_equal(f->r.way_back_n, 6);
    for (size_t i = 0; i < f->r.way_back_n; i++)
        if (str_eq(f->r.way_back[i].kind, STR("scheduled_task"))) {
            assert_int_equal(f->r.way_back[i].findings.n, 2);
            CHECK_STR(f->r.way_back[i].state, STR("present"));
        }
    fx_free(f);
}

static void now_says_what_it_runs(void **s)
{
    struct fx *f = fx_new();

    (void)s;
    seen_now(f);
    f->fact[1].reachable = REACH_YES;
    fx_judge(f);
    CHECK_STR(f->r.way_back[0].path, STR("C:\\ProgramData\\v.exe"));
    assert_int_equal(f->r.way_back[0].reachable, REACH_YES);
    fx_free(f);
}

static void ran(struct fx *f) { made(f)->used_us = at(15); }
static void ran_before(struct fx *f) { made(f)->used_us = at(5); }
static void covered(struct fx *f) { made(f); fx_cover(f, FAM_EVTX_SYSTEM, day(-1), day(10)); }
static void covered_late(struct fx *f) { made(f); fx_cover(f, FAM_EVTX_SYSTEM, day(5), day(10)); }
static void covered_other(struct fx *f) { made(f)->what = STR("run_key"); fx_cover(f, FAM_EVTX_SYSTEM, day(-1), day(10)); }

static const struct { void (*prep)(struct fx *); enum use_word used; enum use_state use; const char *why; } uses[] = {
    { log_alone, USED_NO_EVIDENCE, USE_NONE_SEEN, "nothing would show it" },
    { ran, USED_USED, USE_USED, "its source says when it last ran" },
    { ran_before, USED_NO_EVIDENCE, USE_NONE_SEEN, "it ran before it was made anew: another thing of that name" },
    { covered, USED_NOT_SEEN, USE_NONE_SEEN, "the log that would show it covers its life" },
    { covered_late, USED_NO_EVIDENCE, USE_NONE_SEEN, "the log covers only the end of it" },
    { covered_other, USED_NO_EVIDENCE, USE_NONE_SEEN, "no log shows this kind" },
};

static void use_is_told(void **s)
{
    (void)s;
    for (size_t i = 0; i < COUNT_OF(uses); i++) {
        struct fx *f = fx_new();
        uses[i].prep(f);
        fx_judge(f);
        if (f->r.way_back_n != 1 || f->r.way_back[0].used != uses[i].used || f->r.campaign.use.state != uses[i].use)
            fail_msg("%s: %s, use %s", uses[i].why, f->r.way_back_n ? use_word_name(f->r.way_back[0].used) : "no way", use_name(f->r.campaign.use.state));
        fx_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = {
        cmocka_unit_test(states_are_joined), cmocka_unit_test(what_is_one_thing), cmocka_unit_test(now_says_what_it_runs), cmocka_unit_test(use_is_told),
    };
    return cmocka_run_group_tests(t, NULL, NULL);
}
