#include "test.h"

#include "base/num.h"
#include "survey/figures_fit.h"

#include <math.h>

struct bench {
    struct test_arena t, work;
    struct builds     b;
    struct figures    f;
    struct err        e;
    uint64_t          server;
};

enum { D0 = 18687 };          /* 2021-03-01 */

static struct bench *bench_open(int32_t cohort)
{
    struct bench *x = calloc(1, sizeof *x);
    struct os     os = os_posix();

    if (!x)
        fail_msg("no memory");
    x->t = test_arena(8 << 20);
    x->work = test_arena(128 << 20);
    if (!builds_load(&x->b, &x->t.a, &os, STR_EMPTY, &x->e))
        fail_msg("%s", x->e.what);
    struct figures_options o = { .builds = &x->b, .cohort_day = cohort };
    CHECK(figures_open(&x->f, &x->work.a, &o, &x->e));
    return x;
}

static void bench_close(struct bench *x)
{
    test_arena_free(&x->t);
    test_arena_free(&x->work);
    free(x);
}

static struct server_span span(uint64_t server, int32_t from, int32_t to, const char *build)
{
    struct server_span s = { .server = server, .from = from, .to = to, .flags = SPAN_EXCHANGE, .reached = true, .addresses = 1, .nodes = 1 };
    int parts = 0;

    CHECK(!build[0] || build_parse(str_c(build), s.build, &parts));
    s.parts = (uint8_t)parts;
    return s;
}

/* The verdict as daily_spans would have it. */
static void take(struct bench *x, struct server_span s)
{
    if (s.verdict == BUILD_PATCHED)
        s.verdict = build_verdict(&x->b, s.group, s.build, s.parts, (s.to + 1) * TIME_DAY - 1, NULL);
    if (!figures_take(&x->f, &s, &x->e))
        fail_msg("%s", x->e.what);
}

static void days_and_strata(void **state)
{
    struct bench      *x = bench_open(D0);
    struct server_span s;
    size_t             n;

    (void)state;
    s = span(1, D0, D0 + 4, "15.1.2176.8");   memcpy(s.country, "AT", 2); s.asn = 64496; s.sector = 3; take(x, s);
    s = span(1, D0 + 5, D0 + 9, "15.1.2176.9"); memcpy(s.country, "AT", 2); s.asn = 64496; s.sector = 3; take(x, s);
    s = span(2, D0 + 2, D0 + 9, "15.2.792");  memcpy(s.country, "DE", 2); take(x, s);
    s = span(3, D0, D0 + 1, "15.2.792.3");    take(x, s);
    s = span(3, D0 + 2, D0 + 9, "15.2.792.3"); s.state = SPAN_GONE; take(x, s);
    s = span(4, D0, D0 + 9, ""); s.reached = false; s.flags = 0; take(x, s);
    s = span(5, D0, D0 + 3, "15.2.792.3"); take(x, s);
    s = span(5, D0 + 4, D0 + 9, "15.2.792.3"); s.state = SPAN_MOVED; s.verdict = BUILD_NOT_SELF_HOSTED; take(x, s);
    s = span(6, D0, D0 + 9, "8.3.83.6"); s.state = SPAN_MOVED; s.verdict = BUILD_NOT_SELF_HOSTED; take(x, s);
    CHECK(figures_done(&x->f, &x->e) && x->f.first_day == D0 && x->f.last_day == D0 + 9);

    static const struct { int32_t day, n[FIG_COUNTS]; } want[] = {
        /*        P U C gone moved new other unreached */
        { D0,     { 0, 3, 0, 0, 0, 3, 1, 1 } },
        { D0 + 1, { 0, 3, 0, 0, 0, 0, 1, 1 } },
        { D0 + 2, { 0, 2, 1, 1, 0, 1, 1, 1 } },
        { D0 + 3, { 0, 2, 1, 1, 0, 0, 1, 1 } },
        { D0 + 4, { 0, 1, 1, 1, 1, 0, 1, 1 } },
        { D0 + 5, { 1, 0, 1, 1, 1, 0, 1, 1 } },
        { D0 + 9, { 1, 0, 1, 1, 1, 0, 1, 1 } },
        { D0 + 10, { 0 } },
        { D0 - 1, { 0 } },
    };
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        struct figure g = figures_on(&x->f, 0, BY_ALL, 0, want[i].day);
        for (int k = 0; k <= FIG_UNREACHED; k++)
            if (g.n[k] != want[i].n[k])
                fail_msg("day %d: %s is %d, not %d", want[i].day - D0, figure_count_name((enum figure_count)k), g.n[k], want[i].n[k]);
    }
    struct figure at = figures_on(&x->f, 0, BY_COUNTRY, 'A' << 8 | 'T', D0 + 5);
    CHECK(at.n[FIG_PATCHED] == 1 && figure_population(&at) == 1);
    uint64_t v = 0;
    CHECK(figures_next_value(&x->f, 0, BY_COUNTRY, &v) && v == 0 && (v++, figures_next_value(&x->f, 0, BY_COUNTRY, &v)) && v == ('A' << 8 | 'T'));
    CHECK((v++, figures_next_value(&x->f, 0, BY_COUNTRY, &v)) && v == ('D' << 8 | 'E') && (v++, !figures_next_value(&x->f, 0, BY_COUNTRY, &v)));
    CHECK(figures_on(&x->f, 0, BY_ASN, 64496, D0).n[FIG_UNPATCHED] == 1 && figures_on(&x->f, 0, BY_SECTOR, 3, D0 + 9).n[FIG_PATCHED] == 1);
    CHECK(figures_on(&x->f, 0, BY_PRODUCT, BUILD_2019, D0).n[FIG_UNPATCHED] == 2);
    CHECK_WHY(figures_series(&x->f, 1, BY_ALL, 0, &n) && n == 0, "another group");
    uint16_t line[4];
    CHECK(figures_on(&x->f, 0, BY_LINE, figure_line((uint16_t[4]){ 15, 2, 792, 3 }, 3), D0).n[FIG_UNPATCHED] == 2 && figure_line((uint16_t[4]){ 15, 2 }, 2) == 0);
    figure_line_numbers(figure_line((uint16_t[4]){ 14, 3, 513, 0 }, 4), line);
    CHECK(line[0] == 14 && line[1] == 3 && line[2] == 0);

    /* The cohort is who was there on the first day: not the server that came on the third. */
    struct figure c = figures_on(&x->f, 0, BY_COHORT, 0, D0 + 9);
    CHECK(c.n[FIG_PATCHED] == 1 && c.n[FIG_GONE] == 1 && c.n[FIG_MOVED] == 1 && c.n[FIG_CANNOT_TELL] == 0 && c.n[FIG_NEW] == 0);
    struct share sh = figure_share(&at);
    CHECK(sh.known && sh.low == 1 && sh.high == 1 && sh.decided == 1);
    at = figures_on(&x->f, 0, BY_ALL, 0, D0 + 5);
    sh = figure_share(&at);
    CHECK_WHY(sh.low == 0.5 && sh.high == 1 && sh.decided == 0.5 && sh.point == 1, "what cannot be told is the interval");
    bench_close(x);
}

/*
 * One truth, three published numbers of the week of 2021-03-22: 92 %, about half, 82 %. 1,000 servers, of which half have the patch; these stand behind two
 * addresses each. Of the others 180 run a line that never got it and 320 lack it; 380 of them have a mitigation.
 */
static void one_truth_three_numbers(void **state)
{
    struct bench *x = bench_open(D0 + 21);

    (void)state;
    for (uint64_t i = 0; i < 1000; i++) {
        const char *build = i < 500 ? "15.1.2176.9" : i < 680 ? "15.1.1261.35" : "15.2.792.3";
        struct server_span s = span(i, D0 + 21, D0 + 27, build);

        if (i >= 500 && i < 880)
            s.flags |= SPAN_MITIGATED;
        s.addresses = i < 500 ? 2 : 1;
        take(x, s);
    }
    CHECK(figures_done(&x->f, &x->e));
    struct figure g = figures_on(&x->f, 0, BY_ALL, 0, D0 + 22);
    double        got[3];

    for (int i = 0; i < 3; i++) {
        struct share s = figure_definitions[i].share(&g);
        CHECK(s.known && s.low == s.high && figure_definitions[i].unit[0]);
        got[i] = s.low;
    }
    CHECK(!figure_definitions[3].name);
    assert_float_equal(got[0], 0.50, 1e-9);
    assert_float_equal(got[1], 0.92, 1e-9);
    assert_float_equal(got[2], 0.82, 1e-9);
    bench_close(x);
}

/* Austria, 2021: 839 unpatched servers became 254 in eight days; half-life 4.6 days, factor 0.861 a day. */
static void austria(void **state)
{
    struct bench    *x = bench_open(D0 + 8);
    struct half_life h;
    struct survival  s;

    (void)state;
    for (uint64_t i = 0; i < 839; i++) {
        int32_t until = 99;                        /* the day on which this one is patched */
        if (i >= 254) {
            /* The 585 others in the order in which a constant rate takes them, none on a round number. */
            double left = 839 - (double)(i - 254) - 0.5;
            until = (int32_t)ceil(log(left / 839) / log(254.0 / 839) * 8);
        }
        if (until > 8) {
            take(x, span(i, D0 + 8, D0 + 16, "15.1.2176.8"));
            continue;
        }
        take(x, span(i, D0 + 8, D0 + 7 + until, "15.1.2176.8"));
        take(x, span(i, D0 + 8 + until, D0 + 16, "15.1.2176.9"));
    }
    CHECK(figures_done(&x->f, &x->e));
    CHECK(figures_on(&x->f, 0, BY_COHORT, 0, D0 + 8).n[FIG_UNPATCHED] == 839 && figures_on(&x->f, 0, BY_COHORT, 0, D0 + 16).n[FIG_UNPATCHED] == 254);
    CHECK(half_life_of(&x->f, x->t.a, 0, 0, D0 + 16, &h, &x->e) && h.known && h.begin == 839 && h.end == 254);
    if (!(h.low < 4.6 && 4.6 < h.high && fabs(h.days - 4.6) < 0.1 && fabs(h.per_day - 0.861) < 0.003 && h.high - h.low < 1.5))
        fail_msg("half-life %.3f, %.3f to %.3f, factor %.4f", h.days, h.low, h.high, h.per_day);
    CHECK(survival_of(&x->f, &x->t.a, 0, &s, &x->e) && s.servers == 839 && s.patched == 585 && s.unknown_when == 0);
    assert_float_equal(s.left[8], 254.0 / 839, 1e-4);
    CHECK_WHY(fabs(s.median - 4.6) < 0.1 && fabs(s.median_soon - s.median) < 0.01 && fabs(s.median_late - s.median) < 0.01, "each day was looked at");
    bench_close(x);
}

/* Looks that are days apart: nobody knows when between them it was. The estimate stays between the bounds. */
static void intervals(void **state)
{
    struct bench   *x = bench_open(D0);
    struct survival s;

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        int32_t a = (int32_t)(i % 5), b = a + 6 + (int32_t)(i % 3);
        take(x, span(i, D0, D0 + a, "15.1.2176.8"));
        struct server_span between = span(i, D0 + a + 1, D0 + b - 1, "15.1.2176");
        between.verdict = BUILD_CANNOT_TELL;
        take(x, between);
        take(x, span(i, D0 + b, D0 + 20, "15.1.2176.9"));
    }
    take(x, span(100, D0, D0 + 20, "15.1.2176.9"));          /* patched before the first look */
    take(x, span(101, D0, D0 + 20, "15.1.2176"));            /* says nothing */
    take(x, span(102, D0, D0 + 3, "15.1.2176.8"));
    struct server_span gone = span(102, D0 + 4, D0 + 20, "15.1.2176.8");
    gone.state = SPAN_GONE;
    take(x, gone);                                           /* left unpatched */
    CHECK(figures_done(&x->f, &x->e) && survival_of(&x->f, &x->t.a, 0, &s, &x->e));
    CHECK(s.servers == 102 && s.patched == 101 && s.unknown_when == 101 && s.n == 21);
    for (size_t i = 0; i < s.n; i++) {
        CHECK_WHY(s.soon[i] <= s.left[i] + 1e-6 && s.left[i] <= s.late[i] + 1e-6, "between the bounds");
        CHECK_WHY(i == 0 || s.left[i] <= s.left[i - 1] + 1e-9, "and never rising");
    }
    CHECK(s.median_soon > 0 && s.median_soon < s.median_late && s.median >= s.median_soon && s.median <= s.median_late);
    bench_close(x);
}

/* A span says what is known until something else is: when somebody last looked stands beside it. */
static void looks(void **state)
{
    struct bench      *x = bench_open(D0);
    struct server_span s = span(1, D0, D0 + 5, "15.1.2176.8");

    (void)state;
    s.looked = D0 + 2;
    take(x, s);
    take(x, span(1, D0 + 6, D0 + 9, "15.1.2176.9"));
    s = span(2, D0, D0 + 2, "15.1.2176.8");
    s.looked = D0 + 1;
    take(x, s);
    s = span(2, D0 + 3, D0 + 9, "15.1.2176.8");              /* its network changed, and nobody looked */
    s.asn = 5;
    s.looked = -1;
    take(x, s);
    CHECK(figures_done(&x->f, &x->e) && x->f.when_n == 2);
    CHECK(x->f.when[0].after == D0 + 1 && x->f.when[0].by == PATCHED_NEVER && x->f.when[1].after == D0 + 2 && x->f.when[1].by == D0 + 6);
    bench_close(x);
}

/* Unpatched again: only the last time counts. And what has no line at all has no half-life. */
static void back_again(void **state)
{
    struct bench    *x = bench_open(D0 + 10);
    struct survival  s;
    struct half_life h;

    (void)state;
    take(x, span(1, D0 + 2, D0 + 11, "15.1.2176.8"));
    take(x, span(1, D0 + 12, D0 + 13, "15.1.2176.9"));
    take(x, span(1, D0 + 14, D0 + 14, "15.1.2176.8"));
    take(x, span(1, D0 + 15, D0 + 20, "15.1.2176.9"));
    CHECK(figures_done(&x->f, &x->e) && x->f.when_n == 1 && x->f.when[0].after == D0 + 14 && x->f.when[0].by == D0 + 15);
    CHECK(survival_of(&x->f, &x->t.a, 0, &s, &x->e) && s.left[4] == 1 && s.left[5] < 1e-6);
    CHECK_WHY(survival_of(&x->f, &x->t.a, 5, &s, &x->e) && s.n == 0, "a group without servers");
    CHECK(half_life_of(&x->f, x->t.a, 5, 0, D0 + 20, &h, &x->e) && !h.known);
    h = half_life_fit((double[]){ 5, 5, 5, 5 }, (double[]){ 0, 0, 0, 0 }, 4, D0);
    CHECK_WHY(!h.known, "nothing declines");
    h = half_life_fit((double[]){ 4, 0, 3 }, (double[]){ 0, 4, 1 }, 3, D0);
    CHECK_WHY(!h.known, "nobody is left on the second day");
    h = half_life_fit((double[]){ 8, 4 }, (double[]){ 0, 4 }, 2, D0);
    CHECK(h.known && fabs(h.days - 1) < 1e-9 && h.low < 1 && h.high > 1);
    h = half_life_fit((double[]){ 80, 40, 30 }, (double[]){ 20, 10, 7.5 }, 3, D0);
    CHECK_WHY(!h.known, "servers that are gone were not patched");
    bench_close(x);
}

static void refused(void **state)
{
    struct bench      *x = bench_open(D0);
    struct server_span s = span(1, D0, D0 - 1, "15.1.2176.8");

    (void)state;
    CHECK(!figures_take(&x->f, &s, &x->e) && x->e.kind == ERR_FORMAT);
    s = span(1, 5, D0, "15.1.2176.8");
    CHECK(!figures_take(&x->f, &s, &x->e));
    s = span(1, D0, D0, "15.1.2176.8");
    s.group = 64;
    CHECK(!figures_take(&x->f, &s, &x->e));
    bench_close(x);
}

static struct bench *shared;
static bool sweep(struct arena *a, struct err *e)
{
    struct figures         f;
    struct figures_options o = { .builds = &shared->b, .cohort_day = D0 };
    struct survival        s;
    struct half_life       h;

    if (!figures_open(&f, a, &o, e))
        return false;
    for (uint64_t i = 0; i < 700; i++) {
        struct server_span one = span(i, D0, D0 + (int32_t)(i % 50), "15.1.2176.8");
        one.verdict = BUILD_UNPATCHED;
        one.asn = (uint32_t)i;
        if (!figures_take(&f, &one, e))
            return false;
    }
    return figures_done(&f, e) && survival_of(&f, a, 0, &s, e) && half_life_of(&f, *a, 0, 0, D0 + 50, &h, e);
}

static void memory_fails(void **state)
{
    (void)state;
    shared = bench_open(D0);
    fault_sweep(sweep, 32 << 20);
    bench_close(shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_strata), cmocka_unit_test(one_truth_three_numbers), cmocka_unit_test(austria), cmocka_unit_test(intervals),
        cmocka_unit_test(looks), cmocka_unit_test(back_again), cmocka_unit_test(refused), cmocka_unit_test(memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
