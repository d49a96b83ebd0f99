#include "test.h"

#include "base/num.h"
#include "casework/follow.h"

static void numbers_follow_their_items(void **state)
{
    static const struct { struct follow_item item[8]; size_t n; uint32_t groups; uint64_t number[3]; struct follow_heir heir[3]; size_t heirs; const char *why; } t[] = {
        { { { 7, 0 }, { 7, 0 }, { 8, 1 } }, 3, 2, { 7, 8 }, { { 0 } }, 0, "nothing changed" },
        { { { 0, 0 }, { 0, 1 } }, 2, 2, { 100, 101 }, { { 0 } }, 0, "all are new" },
        { { { 7, 0 }, { 7, 0 }, { 7, 1 } }, 3, 2, { 7, 100 }, { { 1, 7 } }, 1, "a split: the larger side keeps the number, the other inherits its notices" },
        { { { 7, 0 }, { 7, 1 } }, 2, 2, { 7, 100 }, { { 1, 7 } }, 1, "an even split: the first group keeps it" },
        { { { 7, 0 }, { 8, 0 }, { 8, 0 } }, 3, 1, { 8 }, { { 0, 7 } }, 1, "a merger: the larger side's number, and the other's notices" },
        { { { 7, 0 }, { 7, 0 }, { 7, 0 }, { 7, 1 }, { 7, 1 }, { 8, 1 }, { 8, 2 } }, 7, 3, { 7, 8, 100 }, { { 1, 7 }, { 2, 8 } }, 2, "a server moved over: each keeps what is mostly its own" },
        { { { 7, 0 }, { 0, 0 } }, 2, 1, { 7 }, { { 0 } }, 0, "a new server changes no number" },
        { { { 0 } }, 0, 2, { 100, 101 }, { { 0 } }, 0, "groups without items" },
        { { { 200, 0 }, { 0, 1 } }, 2, 2, { 200, 201 }, { { 0 } }, 0, "no number is used twice, even when the caller counted wrongly" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++)
        for (int back = 0; back < 2; back++) {
            struct test_arena  m = test_arena(1 << 14);
            struct follow_item item[8];
            struct follow      r;
            struct err         e;
            for (size_t k = 0; k < t[i].n; k++)
                item[k] = t[i].item[back ? t[i].n - 1 - k : k];
            CHECK(follow(item, t[i].n, t[i].groups, 100, &m.a, &r, &e));
            CHECK_WHY(!memcmp(r.number, t[i].number, t[i].groups * sizeof *r.number), t[i].why);
            CHECK_WHY(r.heir_n == t[i].heirs, t[i].why);
            for (size_t k = 0; k < r.heir_n; k++)
                CHECK_WHY(r.heir[k].group == t[i].heir[k].group && r.heir[k].from == t[i].heir[k].from, t[i].why);
            for (uint32_t k = 0; k < t[i].groups; k++)
                CHECK(r.number[k] && r.number[k] < r.next);
            test_arena_free(&m);
        }
}

static bool work(struct arena *a, struct err *e)
{
    static const struct follow_item item[] = { { 7, 0 }, { 8, 1 } };
    struct follow r;

    return follow(item, 2, 2, 1, a, &r, e);
}

static void what_is_refused(void **state)
{
    static const struct follow_item beyond[] = { { 7, 2 } };
    struct test_arena m = test_arena(1 << 12);
    struct follow     r;
    struct err        e;

    (void)state;
    CHECK(!follow(beyond, 1, 2, 1, &m.a, &r, &e) && e.kind == ERR_USAGE);
    test_arena_free(&m);
    fault_sweep(work, 1 << 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(numbers_follow_their_items), cmocka_unit_test(what_is_refused) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
