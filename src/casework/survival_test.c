#include "test.h"

#include "base/num.h"
#include "casework/survival.h"

#include <math.h>

static bool near(double x, double y) { return (isinf(x) && isinf(y)) || fabs(x - y) < 1e-3; }

/* The textbook's: 6-mercaptopurine, 21 patients (Freireich 1963; Kalbfleisch and Prentice, table 1.2): median 23, interval from 13 on, without an end. */
static void textbook(void **state)
{
    struct wait w[] = { { 6, 1 }, { 6, 1 }, { 6, 1 }, { 6, 0 }, { 7, 1 }, { 9, 0 }, { 10, 1 }, { 10, 0 }, { 11, 0 }, { 13, 1 }, { 16, 1 },
                        { 17, 0 }, { 19, 0 }, { 20, 0 }, { 22, 1 }, { 23, 1 }, { 25, 0 }, { 32, 0 }, { 32, 0 }, { 34, 0 }, { 35, 0 } };
    struct limit_step s[32];
    size_t n;

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct product_limit r = product_limit(w, COUNT_OF(w));
        CHECK(r.n == 21 && r.arrived == 9 && r.known && r.interval && near(r.median, 23) && near(r.low, 13) && isinf(r.high));
        for (size_t i = 0; i < COUNT_OF(w) / 2; i++) {          /* any order */
            struct wait x = w[i];
            w[i] = w[COUNT_OF(w) - 1 - i];
            w[COUNT_OF(w) - 1 - i] = x;
        }
    }
    product_limit_curve(w, COUNT_OF(w), s, COUNT_OF(s), &n);
    CHECK(n == 7 && near(s[0].hours, 6) && near(s[0].left, 0.857) && near(s[3].left, 0.690) && near(s[6].left, 0.448));
    CHECK(near(s[0].low, 0.620) && near(s[0].high, 0.952) && near(s[6].low, 0.188) && near(s[6].high, 0.680));
    product_limit_curve(w, COUNT_OF(w), s, 3, &n);
    CHECK(n == 3 && near(s[2].left, 0.448));
    product_limit_curve(w, COUNT_OF(w), s, 0, &n);
    CHECK(n == 0);
}

static void edges(void **state)
{
    static const struct { const char *why; struct wait w[6]; size_t n; bool known; double median; } c[] = {
        { "nobody", { { 0, 0 } }, 0, false, INFINITY },
        { "nobody is there yet", { { 4, 0 }, { 9, 0 } }, 2, false, INFINITY },
        { "one of two: half of them", { { 4, 1 }, { 9, 0 } }, 2, true, 4 },
        { "the early one stopped being watched: nothing is known of half", { { 4, 0 }, { 9, 0 }, { 2, 1 }, { 9, 0 } }, 4, false, INFINITY },
        { "all at once", { { 3, 1 }, { 3, 1 }, { 3, 1 } }, 3, true, 3 },
        { "below 0 and no number are 0", { { -5, 1 }, { NAN, 1 }, { 7, 0 } }, 3, true, 0 },
        { "one who stops at the same instant was there", { { 5, 0 }, { 5, 1 }, { 6, 0 }, { 6, 1 } }, 4, true, 6 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct wait w[6];
        memcpy(w, c[i].w, sizeof w);
        struct product_limit r = product_limit(w, c[i].n);
        CHECK_WHY(r.known == c[i].known && near(r.median, c[i].median) && !r.interval, c[i].why);
    }
}

/* A thousand waits of rate 1/40 an hour, watched for 0 to 100 hours: the median is 40 log 2, and its interval holds it. Closed ones alone would say much less. */
static void open_ones(void **state)
{
    enum { N = 4000 };
    struct wait *w = calloc(N, sizeof *w), *closed = calloc(N, sizeof *w);
    size_t   m = 0;
    uint32_t r = 12345;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        r = r * 1664525 + 1013904223;
        double takes = -40 * log((r >> 8) / 16777216.0 + 1e-9);
        r = r * 1664525 + 1013904223;
        double watched = (r >> 8) / 16777216.0 * 100;
        w[i] = (struct wait){ takes < watched ? takes : watched, takes < watched };
        if (w[i].arrived)
            closed[m++] = w[i];
    }
    struct product_limit all = product_limit(w, N), some = product_limit(closed, m);
    double truth = 40 * log(2);
    CHECK(all.low <= truth && truth <= all.high && fabs(all.median - truth) < 2 && all.high - all.low < 5);
    CHECK(some.median < 0.85 * truth);
    free(w);
    free(closed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(textbook), cmocka_unit_test(edges), cmocka_unit_test(open_ones) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
