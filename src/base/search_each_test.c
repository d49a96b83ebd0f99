#include "test.h"

#include "base/num.h"
#include "base/search_each.h"

enum { SETS = 12, LITERALS = 40, TEXTS = 300 };

static void on_hit(void *ctx, uint32_t literal) { ((uint8_t *)ctx)[literal] = 1; }

static struct str made(struct arena *a, uint64_t *r, size_t least, size_t most)
{
    size_t   n = least + (*r >> 33) % (most - least + 1);
    uint8_t *p = TAKE(a, uint8_t, n + 1);

    for (size_t i = 0; i < n; i++) {
        *r = *r * UINT64_C(6364136223846793005) + 1442695040888963407;
        p[i] = (uint8_t)"abcABC.\\\0\xff"[(*r >> 40) % 10];
    }
    return (struct str){ p, n };
}

/* One room for many sets; what a text holds is told, and nothing else. */
static void the_same(void **state)
{
    struct test_arena          t = test_arena(64 << 20);
    const struct search_each  *set[SETS];
    struct str                 lit[SETS][LITERALS];
    size_t                     n[SETS], told = 0;
    struct search_each_room   *room;
    struct err                 e = { 0 };
    uint64_t                   r = 7;

    (void)state;
    for (size_t k = 0; k < SETS; k++) {
        n[k] = 0;
        for (size_t i = 0; i < (k == 3 ? 0u : k == 4 ? 1u : (size_t)LITERALS); i++) {
            struct str one = made(&t.a, &r, 1, i % 3 ? 4 : 9);
            bool       had = false;
            for (size_t j = 0; j < n[k]; j++)
                had |= str_ieq(lit[k][j], one);
            if (!had)
                lit[k][n[k]++] = one;
        }
        CHECK(search_each_build(&set[k], &t.a, lit[k], n[k], &e));
    }
    CHECK(search_each_room(&room, &t.a, set, SETS, &e));
    for (size_t i = 0; i < TEXTS; i++) {
        struct arena a = t.a;
        struct str   some = made(&a, &r, 0, i % 7 ? 20 : 400), in = test_heap(some.p, some.n);
        for (size_t k = 0; k < SETS; k++) {
            uint8_t met[LITERALS] = { 0 };
            search_each_run(set[k], room, in, on_hit, met);
            for (size_t j = 0; j < n[k]; j++) {
                CHECK(met[j] == str_ihas(in, lit[k][j]));
                told += met[j];
            }
        }
        test_free(in);
    }
    CHECK(told > TEXTS);
    test_arena_free(&t);
}

static bool build(struct arena *a, struct err *e)
{
    static const struct str    text[] = { STR_INIT("alpha"), STR_INIT("beta.exe"), STR_INIT("x") };
    const struct search_each  *s = NULL;
    struct search_each_room   *room = NULL;
    uint8_t                    met[COUNT_OF(text)] = { 0 };

    if (!search_each_build(&s, a, text, COUNT_OF(text), e) || !search_each_room(&room, a, &s, 1, e))
        return false;
    search_each_run(s, room, STR("BETA.exe"), on_hit, met);
    CHECK(met[1]);                                        /* also where the library got no room, which is no failure */
    return true;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(build, 16 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_same), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
