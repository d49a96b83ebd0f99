/* What the survey and the ledger say, as facts of cases: who says what with which grade, what is kept, whose it is, who inherits. */
#include "daily_fixture.h"

#include "cases_fixture.h"

/* ---- the survey ---- */

static struct cf f;

static int by_fact(const void *x, const void *y)
{
    const struct update_fact *p = x, *q = y;
    int64_t a = p->f.observed_us, b = q->f.observed_us;

    return a != b ? (a > b) - (a < b) : p->f.kind != q->f.kind ? (p->f.kind > q->f.kind) - (p->f.kind < q->f.kind) : p->f.value != q->f.value ? p->f.value - q->f.value
         : p->f.grade != q->f.grade ? (p->f.grade < q->f.grade) - (p->f.grade > q->f.grade)
         : p->f.source != q->f.source ? (p->f.source > q->f.source) - (p->f.source < q->f.source) : memcmp(p->f.hash, q->f.hash, 32);
}

static const char *source_name(uint64_t n)
{
    static const char *const known[] = { "own survey", "shadowserver", "shodan", "censys", "a table", "the operator", "a tip" };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (n == (str_ihash(str_c(known[i])) | 1))
            return known[i];
    return n ? "somebody" : "a person";
}

/* "5:vulnerable/B own survey!": day, exposure, grade, source; ! active. finding, removed, hunt; trap without a server. */
static void say_facts(struct cf_text *t, uint32_t case_at)
{
    static const char *const kinds[FACT_KINDS] = { [FACT_REMOVED] = "removed", [FACT_HUNT] = "hunt", [FACT_FINDING] = "finding", [FACT_NOT_MINE] = "not mine", [FACT_NOTICE] = "notice",
                                                   [FACT_TRAP] = "trap", [FACT_CONTACT] = "contact", [FACT_REPLY] = "reply", [FACT_FORCE] = "force" };
    const struct update_case *c = &f.u.cases[case_at];

    qsort(f.u.fact + c->first, c->n, sizeof *f.u.fact, by_fact);
    for (uint32_t i = c->first; i < c->first + c->n; i++) {
        const struct update_fact *x = &f.u.fact[i];

        CHECK(x->case_at == case_at && (x->server == GROUP_NONE || (int64_t)x->f.subject == f.u.server[x->server].asset));
        if (x->f.kind == FACT_GROUPED)
            continue;
        cf_say(t, "%s%d:%s", t->n ? "; " : "", (int)(x->f.observed_us / TIME_DAY) - DAY_0, x->f.kind == FACT_EXPOSURE ? server_exposure_name((enum exposure)x->f.value) : kinds[x->f.kind]);
        if (x->f.grade)
            cf_say(t, "/%s", grade_name(x->f.grade));
        if (x->server != GROUP_NONE)
            cf_say(t, " %s", source_name(x->f.source));
        if (x->server != GROUP_NONE && f.u.server_n > 1)
            cf_say(t, " #%d", (int)x->f.subject);
        if (x->f.flags & FACT_ACTIVE)
            cf_say(t, "!");
        if (x->f.flags & FACT_INHERITED)
            cf_say(t, " inherited");
        if (x->f.kind == FACT_FINDING && x->f.finding)
            cf_say(t, " known");
    }
}

static bool take_part(void *ctx, const struct daily_part *p, struct err *e)
{
    struct update *u = ctx;
    uint32_t       at = (uint32_t)p->ip[15] - 1;

    (void)e;
    if (!p->has_ip || at >= u->server_n)
        return true;
    for (uint32_t i = 0; i < u->survey_n; i++)
        if (u->survey[i].id == p->server && u->survey[i].server == at)
            return true;
    u->survey[u->survey_n++] = (struct update_survey){ p->server, at };
    return true;
}

static int by_survey(const void *x, const void *y)
{
    const struct update_survey *p = x, *q = y;

    return p->id != q->id ? (p->id > q->id) - (p->id < q->id) : (p->server > q->server) - (p->server < q->server);
}

/* Server i is 192.0.2.(i + 1). */
static void surveyed(const struct step *step, size_t n, const char *where, uint32_t servers, int last_day)
{
    static const uint32_t one[8] = { 0 };
    size_t order[STEPS_MAX];
    struct err e = { 0 };

    for (size_t i = 0; i < n; i++)
        order[i] = (i * 7 + 3) % n;                /* any: the order of arrival is nothing (7 and n without a common factor) */
    for (size_t i = 0; i < n && n % 7 == 0; i++)
        order[i] = n - 1 - i;
    w.where = where;
    struct store *s = imported(step, order, n);
    cf_open(&f, NULL, s, 8 << 20);
    f.o.builds = &w.builds;
    cf_world(&f, one, servers, 1, 1);
    cf_cases(&f, 0);
    struct daily_options o = { .jobs = 1, .builds = &w.builds, .os = &w.os, .last_day = DAY_0 + last_day };
    CHECK(daily_open(&f.u.daily, s, &o, &e) && daily_parts(f.u.daily, take_part, &f.u, &e));
    qsort(f.u.survey, f.u.survey_n, sizeof *f.u.survey, by_survey);
}

static void done(void)
{
    struct store *s = f.s;

    cf_close(&f);
    store_close(s);
}

static const struct {
    const char *why; struct step step[10]; int last_day;
    bool tipped;                   /* somebody else spoke of the server: each look is kept */
    const char *want;
} seen[] = {
    { "four numbers of our own probe", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED } }, 4, false, "3:vulnerable/B own survey!" },
    { "four numbers in another's banner", { { 3, 60, OBS_SHODAN, .ip = 1, .build = UNPATCHED } }, 4, false, "3:vulnerable/C shodan" },
    { "who says so by himself, each for his own", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 3, 90, OBS_SHODAN, .ip = 1, .build = UNPATCHED } }, 4, false,
      "3:vulnerable/B own survey!; 3:vulnerable/C shodan" },
    { "a reporter's claim is his, and not four numbers", { { 3, 60, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" } }, 4, false,
      "3:vulnerable/C shadowserver" },
    { "the operator's own word", { { 3, 60, OBS_SHODAN, .ip = 1, .build = "15.1.2176" }, { 4, 60, OBS_STATEMENT, .ip = 1, .claim = CLAIM_PATCHED, .about = "ProxyLogon" } }, 4, false,
      "4:patched/D the operator" },
    { "three numbers after it are no word of their own", { { 4, 60, OBS_STATEMENT, .ip = 1, .build = "15.1.2176", .claim = CLAIM_PATCHED, .about = "ProxyLogon" }, { 6, 60, OBS_SHODAN, .ip = 1, .build = "15.1.2176" } },
      7, false, "4:patched/D the operator" },
    { "of equal looks the first and the last", { { 3, 60, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 4, 60, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 5, 60, OBS_SHODAN, .ip = 1, .build = PATCHED } }, 9, false,
      "3:patched/C shodan; 5:patched/C shodan" },
    { "of our own also the second negative check", { { 3, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 3, 90, OBS_PROBE, .ip = 1, .build = PATCHED }, { 4, 90, OBS_PROBE, .ip = 1, .build = PATCHED },
      { 5, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 6, 60, OBS_PROBE, .ip = 1, .build = PATCHED } }, 9, false, "3:patched/B own survey!; 4:patched/B own survey!; 6:patched/B own survey!" },
    { "each, when somebody else spoke of the server", { { 3, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 4, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 5, 60, OBS_PROBE, .ip = 1, .build = PATCHED } }, 9,
      true, "2:finding/C a tip; 3:patched/B own survey!; 4:patched/B own survey!; 5:patched/B own survey!" },
    { "it answers no more", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 4, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED }, { 5, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED },
                              { 6, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED } }, 7, false, "3:vulnerable/B own survey!; 6:offline/C own survey" },
    { "a mitigation is claimed, and the next look at the build has the last word", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED },
      { 4, 60, OBS_STATEMENT, .ip = 1, .claim = CLAIM_MITIGATED, .about = "ProxyLogon" }, { 5, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED } }, 6, false,
      "3:vulnerable/B own survey!; 4:mitigated/D the operator; 5:vulnerable/B own survey!" },
    { "a claim of a web shell is a finding", { { 3, 60, OBS_SHADOWSERVER, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "" } }, 4, false,
      "3:vulnerable/C shadowserver; 3:finding/C shadowserver" },
    { "by the operator a suspicion", { { 3, 60, OBS_STATEMENT, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "ProxyLogon" } }, 4, false,
      "3:vulnerable/D the operator; 3:finding/D the operator" },
    { "of another campaign", { { 3, 60, OBS_SHADOWSERVER, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "ProxyShell" } }, 4, false, "3:vulnerable/C shadowserver" },
    { "what never was Exchange says nothing", { { 3, 60, OBS_PROBE, .ip = 1, .flags = OBS_NOT_EXCHANGE } }, 4, false, "" },
    { "unless somebody accused it: a negative check", { { 3, 60, OBS_PROBE, .ip = 1, .flags = OBS_NOT_EXCHANGE }, { 5, 60, OBS_PROBE, .ip = 1, .flags = OBS_NOT_EXCHANGE } }, 6, true,
      "2:finding/C a tip; 3:not_affected/C own survey!; 5:not_affected/C own survey!" },
    { "nothing but a honeypot is accused", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED, .flags = OBS_ODD } }, 4, false, "3:vulnerable/B own survey!; 3:trap" },
};

static void what_is_seen(void **state)
{
    (void)state;
    for (int engine = 0; engine < 1 + w.has_pg; engine++)
        for (size_t i = 0; i < COUNT_OF(seen); i++) {
            struct cf_text t = { 0 };

            if (engine && i % 4)           /* a cluster's schema takes longer than all the rest; the rules are not the engine's */
                continue;
            surveyed(seen[i].step, steps_in(seen[i].step), engine ? w.pg.where : ":memory:", 1, seen[i].last_day);
            cf_exec(f.s, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (9, 'x', 'A tip', '', 0)");
            struct fact tip = { .kind = FACT_FINDING, .grade = GRADE_C, .subject = 1001, .own_us = TIME_NONE, .observed_us = (int64_t)(DAY_0 + 2) * TIME_DAY, .recorded_us = (int64_t)(DAY_0 + 2) * TIME_DAY };
            if (seen[i].tipped)
                cf_fact(&f, CF_CAMPAIGN, 0, &tip, 9);
            cf_run(&f);
            cf_say(&t, "%s", "");
            say_facts(&t, 0);
            if (strcmp(t.p, seen[i].want))
                fail_msg("%s:\n  %s\n  %s", seen[i].why, t.p, seen[i].want);
            free(t.p);
            done();
        }
}

/* A server that was hunted is clean by two rescans of our own probe, and never by banners or words. */
static void clean_by_rescans(void **state)
{
    static const struct { const char *why; enum obs_source source; const char *build; enum case_stage want; } cases[] = {
        { "our own probe, four numbers", OBS_PROBE, PATCHED, CASE_CLEAN }, { "a banner in somebody's scan", OBS_SHODAN, PATCHED, CASE_HUNTED }, { "three numbers", OBS_PROBE, "15.1.2176", CASE_HUNTED },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct step step[] = { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 5, 60, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 7, 60, cases[i].source, .ip = 1, .build = cases[i].build },
                               { 9, 60, cases[i].source, .ip = 1, .build = cases[i].build }, { 11, 60, cases[i].source, .ip = 1, .build = cases[i].build } };
        struct fact hunt = { .kind = FACT_HUNT, .value = DOOR_NO, .flags = FACT_COMPLETE, .grade = GRADE_B, .subject = 1001, .own_us = TIME_NONE, .observed_us = (int64_t)(DAY_0 + 6) * TIME_DAY,
                             .recorded_us = (int64_t)(DAY_0 + 6) * TIME_DAY };

        surveyed(step, COUNT_OF(step), ":memory:", 1, 20);
        cf_fact(&f, CF_CAMPAIGN, 0, &hunt, 1);
        f.o.now_us = (int64_t)(DAY_0 + 20) * TIME_DAY;
        cf_run(&f);
        int64_t got = cf_one(&f, "SELECT stage FROM case_state");
        if (got != (int64_t)cases[i].want)
            fail_msg("%s: %s, not %s", cases[i].why, case_stage_name((enum case_stage)got), case_stage_name(cases[i].want));
        CHECK(cf_one(&f, "SELECT count(*) FROM case_server WHERE build LIKE '15.1.2176%' AND product = 'Exchange Server 2016' AND last_seen_us IS NOT NULL") == 1);
        done();
    }
}

/* What the survey takes for one server may be two computers, and the other way round. */
static void several_computers(void **state)
{
    static const struct step step[] = { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 3, 60, OBS_PROBE, .ip = 2, .build = PATCHED }, { 4, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED },
                                        { 5, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED } };
    struct cf_text t = { 0 };

    (void)state;
    surveyed(step, COUNT_OF(step), ":memory:", 2, 6);
    for (uint32_t i = 0; i < f.u.survey_n; i++)
        f.u.survey[i].server = 0;              /* both are the first */
    cf_run(&f);
    say_facts(&t, 0);
    if (strcmp(t.p, "3:vulnerable/B own survey #1!; 3:patched/B own survey #1!; 4:vulnerable/B own survey #1!; 5:vulnerable/B own survey #1!"))
        fail_msg("%s", t.p);
    free(t.p);
    done();
}

static unsigned rnd(unsigned *seed, unsigned n) { return ((*seed = *seed * 1103515245u + 12345u) >> 16) % n; }
#define RANDOM(n) rnd(&seed, (unsigned)(n))

/* What is left out changes nothing: with every look kept, the board and each day's figures are the same. */
static void what_is_kept_is_enough(void **state)
{
    static const enum obs_source sources[] = { OBS_PROBE, OBS_PROBE, OBS_SHODAN, OBS_SHADOWSERVER, OBS_STATEMENT };
    static const char *const builds[] = { UNPATCHED, PATCHED, PATCHED, "15.1.2176", "15.1.2308.8" };
    unsigned seed = 7;
    size_t   kept = 0, all = 0;

    (void)state;
    for (int round = 0; round < 12; round++) {
        struct step    step[24] = { { 0 } };
        struct cf_text text[2] = { { 0 } };
        int            day = 2;

        for (size_t i = 0; i < COUNT_OF(step); i++) {
            struct step *x = &step[i];
            day += (int)RANDOM(3);
            day += RANDOM(12) == 0 ? 20 : 0;
            *x = (struct step){ .day = day, .ip = 1 };
            x->minute = (int)RANDOM(1400);
            x->source = sources[RANDOM(COUNT_OF(sources))];
            if (x->source == OBS_STATEMENT || RANDOM(8) == 0) {
                x->claim = RANDOM(3) == 0 ? CLAIM_MITIGATED : RANDOM(2) ? CLAIM_PATCHED : CLAIM_UNPATCHED;
                x->about = "ProxyLogon";
            } else if (RANDOM(8) == 0)
                x->reach = OBS_REFUSED;
            if (x->source != OBS_STATEMENT && !x->reach && RANDOM(10))
                x->build = builds[round % 3 ? RANDOM(COUNT_OF(builds)) : i > 8];
        }
        for (int every = 0; every < 2; every++) {
            struct case_figure *row;
            struct err          e = { 0 };
            size_t              n;

            surveyed(step, COUNT_OF(step), ":memory:", 1, day + 3);
            if (every)             /* two servers of the survey are one here: then nothing is left out */
                f.u.survey[f.u.survey_n++] = (struct update_survey){ UINT64_MAX, 0 };
            f.o.now_us = (int64_t)(DAY_0 + day + 3) * TIME_DAY;
            cf_run(&f);
            *(every ? &all : &kept) += f.u.fact_n;
            text[every] = cf_board(&f);
            CHECK(store_begin(f.s, &e) && case_figures_write(f.u.figures, f.s, &e) && store_commit(f.s, &e));
            CHECK(case_figures_read(f.s, CF_CAMPAIGN, CASE_BY_ALL, STR_EMPTY, UNIT_SERVERS, &f.own.a, &row, &n, &e));
            for (int d = 0; d < day + 4; d++) {
                struct case_figure x = case_figures_on(row, n, DAY_0 + d);
                cf_say(&text[every], "%d:", d);
                for (size_t k = 0; k < CASE_COUNTS; k++)
                    cf_say(&text[every], " %d", (int)x.n[k]);
                cf_say(&text[every], "\n");
            }
            done();
        }
        size_t at = 0;
        while (text[0].p[at] && text[0].p[at] == text[1].p[at])
            at++;
        if (text[0].p[at] || text[1].p[at])
            fail_msg("round %d, from %zu:\n%.200s\n%.200s", round, at, text[0].p + (at > 60 ? at - 60 : 0), text[1].p + (at > 60 ? at - 60 : 0));
        free(text[0].p);
        free(text[1].p);
    }
    CHECK(kept < all);
}

static bool surveyed_with_faults(struct arena *a, struct err *e)
{
    struct daily_options o = { .jobs = 1, .builds = &w.builds, .os = &w.os, .last_day = DAY_0 + 9 };
    struct arena         keep = f.keep.a, scratch = f.scratch.a;

    daily_close(f.u.daily);
    CHECK(daily_open(&f.u.daily, f.s, &o, e));     /* of which spans are asked once */
    f.keep.a = f.scratch.a = *a;
    f.keep.a.end = f.scratch.a.beg = a->beg + arena_room(a) / 32 * 16;
    bool ok = cf_steps(&f, e);
    f.keep.a = keep;
    f.scratch.a = scratch;
    return ok;
}

static void room_that_runs_out(void **state)
{
    static const struct step step[] = { { 3, 60, OBS_SHADOWSERVER, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "" }, { 4, 60, OBS_PROBE, .ip = 1, .build = PATCHED } };

    (void)state;
    surveyed(step, COUNT_OF(step), ":memory:", 1, 9);
    fault_sweep(surveyed_with_faults, 4 << 20);
    /* A store that fails is told, and nothing of the board is half new. */
    struct err e = { 0 };
    cf_exec(f.s, "DROP TABLE case_look");
    CHECK(!surveyed_with_faults(&f.own.a, &e) && e.kind == ERR_IO && strstr(e.what, "case_look"));
    done();
}

/* ---- the ledger ---- */

static struct fact fact_at(enum fact_kind kind, int value, enum grade g, uint64_t subject, double day)
{
    return (struct fact){ .kind = kind, .value = value, .grade = g, .subject = subject, .attempt = 1, .own_us = TIME_NONE, .observed_us = cf_day(day), .recorded_us = cf_day(day),
                          .reason = kind == FACT_FORCE ? STR("it was looked at") : STR_EMPTY, .who = kind == FACT_FORCE ? STR("somebody") : STR_EMPTY };
}

static void begin(uint32_t campaigns)
{
    static const uint32_t org[] = { 0, 0, 1, 2 };

    cf_open(&f, ":memory:", NULL, 8 << 20);
    cf_world(&f, org, 4, 3, campaigns);
}

static void want_facts(uint32_t case_at, const char *want, const char *why)
{
    struct cf_text t = { 0 };

    cf_say(&t, "%s", "");
    say_facts(&t, case_at);
    if (strcmp(t.p, want))
        fail_msg("%s:\n  %s\n  %s", why, t.p, want);
    free(t.p);
}

static void whose_it_is(void **state)
{
    (void)state;
    begin(2);
    struct fact any = fact_at(FACT_FINDING, 0, GRADE_C, 1003, 2), one = fact_at(FACT_EXPOSURE, EXPOSURE_VULNERABLE, GRADE_C, 1001, 3), all = fact_at(FACT_EXPOSURE, EXPOSURE_PATCHED, GRADE_D, 0, 4),
                nobody = fact_at(FACT_FINDING, 0, GRADE_C, 9999, 2), odd = fact_at((enum fact_kind)77, 0, GRADE_C, 1001, 2);
    cf_fact(&f, 0, 0, &any, 0);
    cf_fact(&f, CF_CAMPAIGN, 0, &one, 0);
    cf_fact(&f, CF_CAMPAIGN, 1, &all, 0);
    cf_fact(&f, CF_CAMPAIGN, 0, &nobody, 0);
    cf_fact(&f, CF_CAMPAIGN, 0, &odd, 0);
    cf_fact(&f, CF_CAMPAIGN, 777, &all, 0);        /* of a case that is not there */
    cf_run(&f);
    want_facts(0, "4:vulnerable/C a person #1; 5:patched/D a person #1; 5:patched/D a person #2", "of a server, and of all servers of a case");
    want_facts(1, "3:finding/C a person #3", "of any campaign: in the first");
    want_facts(4, "3:finding/C a person #3", "and in the second");
    want_facts(3, "", "nothing of another campaign's");
    CHECK(cf_one(&f, "SELECT count(*) FROM case_server") == 8 && cf_one(&f, "SELECT count(*) FROM case_state") == 6);
    CHECK(cf_one(&f, "SELECT servers FROM case_state WHERE case_id = 1") == 2 && cf_one(&f, "SELECT count(*) FROM case_server WHERE exposure = 0 AND first_seen_us IS NULL") == 4);
    cf_close(&f);
}

/* Case 2 parted from case 1 on day 10; case 9 became part of case 3; case 8 of case 9 before. */
static void inheritance(void **state)
{
    (void)state;
    begin(1);
    cf_cases(&f, 0);
    cf_exec(f.s, "UPDATE case_case SET opened_us = 1615420800000000 WHERE id = 2; INSERT INTO case_case (id, campaign, org, opened_us) VALUES (8, 7, 900, 0), (9, 7, 901, 0);"
                 "INSERT INTO case_heir (case_id, from_case) VALUES (2, 1), (3, 9), (9, 8), (1, 1), (3, 555), (8, 9)");
    struct fact before = fact_at(FACT_NOTICE, NOTICE_ACCEPTED, GRADE_NONE, 40, 5), after = fact_at(FACT_NOTICE, NOTICE_ACCEPTED, GRADE_NONE, 41, 12), reply = fact_at(FACT_REPLY, 1, GRADE_NONE, 0, 6),
                force = fact_at(FACT_FORCE, CASE_DISMISSED, GRADE_NONE, 0, 7), contact = fact_at(FACT_CONTACT, 1, GRADE_C, 60, 3), old = fact_at(FACT_NOTICE, NOTICE_DELIVERED, GRADE_NONE, 42, 2);
    cf_fact(&f, CF_CAMPAIGN, 1, &before, 0);
    cf_fact(&f, CF_CAMPAIGN, 1, &after, 0);
    cf_fact(&f, CF_CAMPAIGN, 1, &reply, 0);
    cf_fact(&f, CF_CAMPAIGN, 9, &reply, 0);
    cf_fact(&f, CF_CAMPAIGN, 9, &force, 0);
    cf_fact(&f, CF_CAMPAIGN, 9, &contact, 0);
    cf_fact(&f, CF_CAMPAIGN, 8, &old, 0);
    cf_run(&f);
    want_facts(0, "6:notice; 7:reply; 13:notice", "the case itself");
    want_facts(1, "6:notice inherited", "what parted from it has the notices of before, and no answers");
    want_facts(2, "3:notice inherited; 4:contact/C inherited; 7:reply inherited", "what a case that is no more had, near and far, but no decision");
    cf_close(&f);
}

static void own_ranges_are_no_victims(void **state)
{
    static const uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 77 };
    struct store_stmt *st;
    struct err e = { 0 };

    (void)state;
    for (int outside = 0; outside < 2; outside++) {
        begin(1);
        memcpy(f.u.server[0].ip, ip, 16);
        f.u.server[0].has_ip = true;
        CHECK(store_prepare(f.s, "INSERT INTO case_entry (id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, source, file, line, recorded_us)"
                                 " VALUES (1, 'honeypots', '1', 0, '', '', '', '', ?1, ?1, 0, '', 0, 0, 0, 1614556800000000)", &st, &e));
        store_bind_bytes(st, 1, (struct str){ ip, 16 });
        CHECK(store_run(st, &e));
        store_finish(st);
        struct fact in = fact_at(FACT_EXPOSURE, EXPOSURE_VULNERABLE, GRADE_B, 1001, 3), out = fact_at(FACT_EXPOSURE, EXPOSURE_VULNERABLE, GRADE_B, 1002, 3);
        in.flags = out.flags = FACT_ACTIVE;
        cf_fact(&f, CF_CAMPAIGN, 0, outside ? &out : &in, 0);
        if (outside)
            cf_fact(&f, CF_CAMPAIGN, 0, &in, 0);
        cf_run(&f);
        /* A case that has a victim as well is a case. */
        CHECK(cf_one(&f, "SELECT stage FROM case_state WHERE case_id = 1") == (outside ? CASE_VERIFIED : CASE_CANDIDATE));
        cf_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_seen),      cmocka_unit_test(clean_by_rescans), cmocka_unit_test(several_computers),
        cmocka_unit_test(what_is_kept_is_enough),
        cmocka_unit_test(room_that_runs_out),
        cmocka_unit_test(whose_it_is),       cmocka_unit_test(inheritance),      cmocka_unit_test(own_ranges_are_no_victims),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
