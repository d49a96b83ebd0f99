#include "test.h"
#include "base/map.h"

static void puts_and_gets(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 20);
    struct map        m = { .fold = false };
    char              key[1000][8];

    CHECK(map_get(&m, STR("x")) == MAP_NONE);
    for (uint32_t i = 0; i < 1000; i++) {
        int n = snprintf(key[i], sizeof key[i], "k%u", i);
        CHECK(map_put(&m, &t.a, (struct str){ (uint8_t *)key[i], (size_t)n }, i) && m.n == i + 1);
    }
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(map_get(&m, str_c(key[i])) == i);
    CHECK(map_put(&m, &t.a, STR("k7"), 99) && m.n == 1000 && map_get(&m, STR("k7")) == 99);
    CHECK(map_get(&m, STR("K7")) == MAP_NONE && map_get(&m, STR("k1000")) == MAP_NONE);
    CHECK(map_put(&m, &t.a, STR_EMPTY, 5) && map_get(&m, STR("")) == 5);
    CHECK(m.n * 10 <= m.cap * 8);                       /* there is always a free slot, so that a search ends */
    test_arena_free(&t);
}

static void folds_case(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    struct map        m = { .fold = true };

    CHECK(map_put(&m, &t.a, STR("C:\\Windows"), 1) && map_put(&m, &t.a, STR("c:\\WINDOWS"), 2) && m.n == 1);
    CHECK(map_get(&m, STR("c:\\windows")) == 2);
    test_arena_free(&t);
}

static void interns(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    struct map        m = { .fold = false };
    struct str        in = TEST_HEAP("text"), one = map_intern(&m, &t.a, in), two;

    CHECK(one.p && one.p != in.p && str_eq(one, in));
    test_free(in);
    two = map_intern(&m, &t.a, STR("text"));
    CHECK(two.p == one.p);
    CHECK(map_intern(&m, &t.a, STR("other")).p != one.p && m.n == 2);
    CHECK(map_intern(&m, &t.a, STR_EMPTY).p != NULL);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct map m = { .fold = false };
    char       key[200][8];

    for (uint32_t i = 0; i < 200; i++) {
        int n = snprintf(key[i], sizeof key[i], "%u", i);
        if (!map_put(&m, a, (struct str){ (uint8_t *)key[i], (size_t)n }, i)) {
            for (uint32_t k = 0; k < i; k++)            /* what was there before is still there */
                CHECK(map_get(&m, str_c(key[k])) == k);
            return err_set(e, ERR_MEMORY, "map is full");
        }
    }
    return map_intern(&m, a, STR("x")).p != NULL || err_set(e, ERR_MEMORY, "no room");
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(puts_and_gets), cmocka_unit_test(folds_case), cmocka_unit_test(interns),
                                        cmocka_unit_test(survives_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
