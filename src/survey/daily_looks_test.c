/* Each look as a span of its own: who said the verdict, when, and by how many numbers. */
#include "daily_fixture.h"

struct looks { struct outcome out; uint32_t group; };

static void bits(struct outcome *o, const char *what, uint16_t told)
{
    bool first = true;

    for (int i = 0; i < OBS_SOURCES; i++)
        if (told & 1u << i) {
            say(o, "%s%s", first ? what : ",", obs_source_name((enum obs_source)i));
            first = false;
        }
}

static bool tell_look(void *ctx, const struct server_span *s, struct err *e)
{
    struct looks *l = ctx;

    (void)e;
    CHECK(s->group == l->group);                           /* no other was asked for */
    say(&l->out, "%s%d-%d:%s", l->out.n ? " " : "", s->from - DAY_0, s->to - DAY_0, build_verdict_name(s->verdict));
    if (s->state != SPAN_SEEN)
        say(&l->out, "/%s", s->state == SPAN_GONE ? "gone" : "moved");
    if (s->seen_us != TIME_NONE)
        say(&l->out, "@%d", (int)((s->seen_us - (int64_t)s->from * TIME_DAY) / TIME_MINUTE));
    CHECK(!(s->told_by_four & ~s->told) && ((s->told | s->told_mitigated) == 0 || s->seen_us != TIME_NONE));
    bits(&l->out, "=", s->told);
    bits(&l->out, "4", s->told_by_four);
    bits(&l->out, "~", s->told_mitigated);
    if (!s->told && s->by < OBS_SOURCES)
        say(&l->out, "<%s", obs_source_name((enum obs_source)s->by));
    return true;
}

/* day-day:verdict@minute=who4who by four numbers~who claims a mitigation; <: from whom its build is known when nobody said it on that day */
static const struct { const char *why; struct step step[8]; int last_day; const char *want; } looks[] = {
    { "the same word on each day is a span each", { { 3, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 4, 60, OBS_PROBE, .ip = 1, .build = PATCHED } }, 6,
      "3-3:patched@60=probe4probe 4-6:patched@60=probe4probe" },
    { "the last look of a day counts, and all who say it", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 3, 90, OBS_SHODAN, .ip = 1, .build = UNPATCHED } }, 3,
      "3-3:unpatched@90=probe,shodan4probe,shodan" },
    { "who saw something else does not say the verdict", { { 3, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 3, 90, OBS_SHODAN, .ip = 1, .build = UNPATCHED } }, 3,
      "3-3:patched@60=probe4probe" },
    { "three numbers confirm nothing by themselves", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 5, 60, OBS_SHODAN, .ip = 1, .build = "15.1.2176" } }, 6,
      "3-6:unpatched@60=probe4probe" },
    { "a claim is a word, not four numbers", { { 3, 60, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" },
                                               { 4, 60, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176" } }, 5, "3-5:unpatched@60=shadowserver" },
    { "a mitigation is told beside the verdict", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 4, 60, OBS_STATEMENT, .ip = 1, .claim = CLAIM_MITIGATED, .about = "ProxyLogon" } }, 5,
      "3-3:unpatched@60=probe4probe 4-5:unpatched@60~statement<probe" },
    { "time alone", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 4, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED }, { 5, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED },
                      { 6, 1, OBS_PROBE, .ip = 1, .reach = OBS_REFUSED } }, 7, "3-5:unpatched@60=probe4probe 6-7:unpatched/gone<probe" },
    { "it is no Exchange any more", { { 3, 60, OBS_PROBE, .ip = 1, .build = UNPATCHED }, { 4, 60, OBS_PROBE, .ip = 1, .flags = OBS_NOT_EXCHANGE } }, 4,
      "3-3:unpatched@60=probe4probe 4-4:not_exchange@60=probe" },
};

static void each_look(void **state)
{
    (void)state;
    for (int engine = 0; engine < 1 + w.has_pg; engine++)
        for (size_t i = 0; i < COUNT_OF(looks); i++) {
            struct looks l = { .group = (uint32_t)builds_group(&w.builds, STR("ProxyLogon")) };
            struct span_sink sink = { &l, tell_look };
            size_t order[STEPS_MAX], n = steps_in(looks[i].step);
            struct err e = { 0 };
            struct daily *d;

            for (size_t k = 0; k < n; k++)
                order[k] = n - 1 - k;                        /* the order of arrival is nothing */
            w.where = engine ? w.pg.where : ":memory:";
            struct store *s = imported(looks[i].step, order, n);
            struct daily_options o = { .jobs = 1, .builds = &w.builds, .os = &w.os, .last_day = DAY_0 + looks[i].last_day };
            CHECK(daily_open(&d, s, &o, &e));
            daily_looks(d, 1u << l.group);
            if (!daily_spans(d, &sink, NULL, &e))
                fail_msg("%s", e.what);
            if (strcmp(l.out.text, looks[i].want))
                fail_msg("%s:\n  %s\n  %s", looks[i].why, l.out.text, looks[i].want);
            daily_close(d);
            store_close(s);
        }
}

struct row { int64_t id, target, us; bool has; };
static bool take_row(void *ctx, const struct store_value *v, struct err *e)
{
    struct row **r = ctx;

    (void)e;
    *(*r)++ = (struct row){ v[0].i, v[1].i, v[2].null ? TIME_NONE : v[2].i, true };
    return true;
}

static void one_observation(void **state)
{
    static const struct step step[] = { { 3, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 4, 60, OBS_PROBE, .ip = 2, .build = PATCHED, .no_time = true },
                                        { 4000, 60, OBS_PROBE, .ip = 1, .build = PATCHED }, { 3, 60, OBS_PROBE, .ip = 0 } };
    static const size_t order[] = { 0, 1, 2, 3 };
    struct row row[4] = { { 0 } }, *end = row;
    struct err e = { 0 };
    struct daily *d;
    uint64_t server[4] = { 0 };
    int64_t us[4], recorded[4];
    bool counts[4];

    (void)state;
    w.where = ":memory:";
    struct store *s = imported(step, order, 4);
    struct daily_options o = { .jobs = 1, .builds = &w.builds, .os = &w.os };
    CHECK(daily_open(&d, s, &o, &e) && store_scan(s, "SELECT id, target, observed_us FROM survey_observation ORDER BY line, id", 3, take_row, &end, &e) && end - row == 4);
    for (int i = 0; i < 4; i++)
        counts[i] = daily_observation(d, row[i].id, row[i].target, row[i].us, &server[i], &us[i], &recorded[i]);
    CHECK(counts[0] && counts[1] && !counts[2] && !counts[3] && server[0] != server[1]);       /* of later than it was recorded; of nobody */
    CHECK(us[0] == (int64_t)(DAY_0 + 3) * TIME_DAY + TIME_HOUR && us[1] == recorded[1] && recorded[0] == (int64_t)RECORDED * TIME_DAY);
    CHECK(!daily_observation(d, row[3].id + 1, row[0].target, 0, &server[0], &us[0], &recorded[0]));
    daily_close(d);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_look), cmocka_unit_test(one_observation) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
