#include "test.h"

#include "base/num.h"
#include "emit/out_mem.h"
#include "report/plot.h"

static bool stairs(const void *ctx, int32_t day, double *low, double *high, double *line)
{
    const int32_t *hole = ctx;

    *low = day - 100;
    *high = *low + 20;
    *line = *low + 10;
    return day < hole[0] || day > hole[1];
}

static struct str drawn(struct arena *a, const struct plot *how, const int32_t hole[2], bool band)
{
    struct out_mem m = { .a = a };
    struct out    *o = calloc(1, sizeof *o);
    struct page    p = { .o = o };
    struct plot    t = *how;
    struct err     e = { 0 };

    t.p = &p;
    out_open(o, out_mem_put, &m);
    plot_begin(&t, "Title", "unit", "what it shows");
    plot_curve(&t, stairs, hole, band ? "band" : NULL, "curve");
    plot_bar(&t, 110, 50, "bars");
    plot_bar(&t, 99, 50, "bars");              /* outside, and nothing: not drawn */
    plot_bar(&t, 111, 0, "bars");
    plot_mark(&t, 120, "dated");
    plot_mark(&t, 500, "dated");
    plot_end(&t);
    CHECK(out_done(o, &e));
    free(o);
    return out_mem_str(&m);
}

static size_t times(struct str s, const char *what)
{
    size_t n = 0;

    for (size_t at = str_find(s, str_c(what)); at != STR_NONE; n++) {
        s = str_from(s, at + 1);
        at = str_find(s, str_c(what));
    }
    return n;
}

static void curves(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    const int32_t     none[2] = { 1, 0 }, hole[2] = { 130, 140 }, all[2] = { 0, 9999 };
    struct plot       how = { NULL, 100, 160, 100 };

    (void)state;
    struct str s = drawn(&t.a, &how, none, true);
    CHECK(times(s, "class=\"band\"") == 1 && times(s, "class=\"curve\"") == 1 && times(s, "<rect class=\"bars\"") == 1 && times(s, "class=\"dated\"") == 1);
    CHECK(str_has(s, STR("aria-label=\"what it shows\"")) && str_has(s, STR(">100</text>")) && str_has(s, STR(">0</text>")) && times(s, "<svg") == times(s, "</svg>"));
    s = drawn(&t.a, &how, hole, false);
    CHECK_WHY(times(s, "class=\"band\"") == 0 && times(s, "class=\"curve\"") == 2, "a hole parts the curve");
    s = drawn(&t.a, &how, all, true);
    CHECK(times(s, "class=\"curve\"") == 0);
    how.to = 100 + 10000;
    s = drawn(&t.a, &how, none, false);
    CHECK_WHY(times(s, ",") < PLOT_POINTS + 60, "a long curve is thinned");
    how.to = 100;                                  /* one day */
    how.top = 1;
    s = drawn(&t.a, &how, none, true);
    CHECK(str_has(s, STR(">100 %</text>")) && !str_has(s, STR("nan")) && !str_has(s, STR("inf")));
    test_arena_free(&t);
}

static void tops(void **state)
{
    static const struct { double most, top; } c[] = { { 0, 4 }, { 4, 4 }, { 5, 8 }, { 9, 12 }, { 13, 20 }, { 21, 40 }, { 41, 80 }, { 999, 1200 }, { 1201, 2000 }, { 61000, 80000 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++)
        if (plot_top(c[i].most) < c[i].top || plot_top(c[i].most) > c[i].top)
            fail_msg("%g: %g", c[i].most, plot_top(c[i].most));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(curves), cmocka_unit_test(tops) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
