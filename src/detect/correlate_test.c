#include "test.h"

#include "detect/correlate.h"

static struct hit at(uint32_t rule, int64_t t, const char *server)
{
    struct hit h = { .rule = rule, .first_us = t, .last_us = t, .count = 1, .server = str_c(server) };
    h.first.line = (uint64_t)t / TIME_SECOND + 1;
    return h;
}

static void finds_chains(void **state)
{
    struct sigma_rule rule[] = {
        { .name = STR_INIT("remove") }, { .name = STR_INIT("new") },
        { .name = STR_INIT("reset"), .correlation = true, .of = { STR_INIT("remove"), STR_INIT("new") }, .of_n = 2, .within_us = TIME_MINUTE,
          .group_by = { STR_INIT("Server") }, .group_by_n = 1, .sign = SIGN_REVIEW },
    };
    static const struct { const char *why; int64_t remove, new; const char *a, *b; bool found; } t[] = {
        { "in order, in time", 0, 5 * TIME_SECOND, "EXCH01", "exch01", true },
        { "exactly the span", 0, TIME_MINUTE, "EXCH01", "EXCH01", true },
        { "too late", 0, TIME_MINUTE + 1, "EXCH01", "EXCH01", false },
        { "in the wrong order", 5 * TIME_SECOND, 0, "EXCH01", "EXCH01", false },
        { "on two servers", 0, 5 * TIME_SECOND, "EXCH01", "EXCH02", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct test_arena a = test_arena(1 << 20);
        struct sigma      s = { .rule = rule, .rule_n = 3 };
        struct hits       h = { .keep = &a.a, .max = 100 };
        struct err        e = { 0 };
        struct hit        one = at(0, t[i].remove, t[i].a), two = at(1, t[i].new, t[i].b);
        CHECK(hits_push(&h, &one, &e) && hits_push(&h, &two, &e) && correlate(&h, &s, &e));
        CHECK_WHY((h.n == 3) == t[i].found, t[i].why);
        if (t[i].found)
            CHECK_WHY(h.item[2].rule == 2 && h.item[2].first_us == t[i].remove && h.item[2].last_us == t[i].new, t[i].why);
        test_arena_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(finds_chains) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
