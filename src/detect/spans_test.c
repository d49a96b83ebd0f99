#include "test.h"

#include "detect/spans.h"

#define H TIME_HOUR

static void joins_and_sorts(void **state)
{
    static const struct {
        const char *why;
        struct span in[4]; size_t n;
        struct span out[4]; size_t want;
    } t[] = {
        { "two files side by side are one interval", { { 0, 10 * H }, { 12 * H, 20 * H } }, 2, { { 0, 20 * H } }, 1 },
        { "exactly 36 h of silence is no hole", { { 0, H }, { 37 * H, 40 * H } }, 2, { { 0, 40 * H } }, 1 },
        { "one microsecond more is", { { 0, H }, { 37 * H + 1, 40 * H } }, 2, { { 0, H }, { 37 * H + 1, 40 * H } }, 2 },
        { "files may come in any order", { { 200 * H, 210 * H }, { 0, H }, { 100 * H, 101 * H } }, 3,
          { { 0, H }, { 100 * H, 101 * H }, { 200 * H, 210 * H } }, 3 },
        { "a late file closes a hole", { { 0, H }, { 60 * H, 61 * H }, { 30 * H, 31 * H } }, 3, { { 0, 61 * H } }, 1 },
        { "one inside another changes nothing", { { 0, 100 * H }, { 5 * H, 6 * H } }, 2, { { 0, 100 * H } }, 1 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 20);
        struct seen       s = { 0 };
        struct err        e = { 0 };
        for (size_t k = 0; k < t[i].n; k++)
            CHECK_WHY(spans_add(&s, &a.a, t[i].in[k], &e), t[i].why);
        CHECK_WHY(s.span_n == t[i].want, t[i].why);
        for (size_t k = 0; k < t[i].want; k++)
            CHECK_WHY(s.span[k].from_us == t[i].out[k].from_us && s.span[k].to_us == t[i].out[k].to_us, t[i].why);
        test_arena_free(&a);
    }
}

static void stays_bounded(void **state)
{
    struct test_arena a = test_arena(1 << 20);
    struct seen       s = { 0 };
    struct err        e = { 0 };

    (void)state;
    for (int64_t i = 0; i < SEEN_SPANS_MAX + 100; i++)
        CHECK(spans_add(&s, &a.a, (struct span){ i * 100 * H, i * 100 * H + H }, &e));
    CHECK(s.span_n == SEEN_SPANS_MAX);
    CHECK(s.span[s.span_n - 1].to_us == (SEEN_SPANS_MAX + 99) * 100 * H + H);
    for (size_t i = 1; i < s.span_n; i++)
        CHECK(s.span[i].from_us > s.span[i - 1].to_us);
    test_arena_free(&a);
}

static bool one(struct arena *a, struct err *e)
{
    struct seen s = { 0 };
    return spans_add(&s, a, (struct span){ 1, 2 }, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(one, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(joins_and_sorts), cmocka_unit_test(stays_bounded), cmocka_unit_test(survives_faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
