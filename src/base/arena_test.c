#include "test.h"
#include "base/num.h"

static void pushes_within_its_budget(void **state)
{
    (void)state;
    struct test_arena t = test_arena(64);

    memset(t.block, 0xAA, t.n);
    uint8_t  *b = NEW(&t.a, uint8_t, 3);
    uint64_t *w = NEW(&t.a, uint64_t, 2);
    CHECK(b && w && (uintptr_t)w % _Alignof(uint64_t) == 0 && b[0] == 0 && w[1] == 0);
    CHECK(!NEW(&t.a, uint8_t, 65) && !NEW(&t.a, uint64_t, SIZE_MAX) && !NEW(&t.a, uint64_t, SIZE_MAX / 8 + 2));
    size_t room = arena_room(&t.a);
    CHECK(NEW(&t.a, uint8_t, room) && arena_room(&t.a) == 0 && !NEW(&t.a, uint8_t, 1));
    CHECK(NEW(&t.a, uint8_t, 0) != NULL);               /* nothing fits even into nothing */
    test_arena_free(&t);

    struct arena empty = { NULL, NULL, NULL };
    CHECK(!NEW(&empty, uint8_t, 0) && !NEW(&empty, uint8_t, 1));
}

static void a_copy_is_scratch(void **state)
{
    (void)state;
    struct test_arena t = test_arena(64);
    struct arena      scratch = t.a;

    CHECK(NEW(&scratch, uint8_t, 60) && arena_room(&t.a) == 64);
    test_arena_free(&t);
}

static void grows(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    uint32_t         *list = NULL;
    size_t            cap = 0;

    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t *at = GROW(&t.a, list, i, &cap);
        CHECK(at == list + i && cap > i);
        *at = i;
        if (i % 100 == 50)
            CHECK(NEW(&t.a, uint8_t, 1) != NULL);       /* something else on top: the array has to move */
    }
    for (uint32_t i = 0; i < 1000; i++)
        CHECK(list[i] == i);
    t.a.end = t.a.beg;
    uint32_t *before = list;
    CHECK(!GROW(&t.a, list, cap, &cap) && list == before && list[999] == 999);
    test_arena_free(&t);
}

static void faults_once(void **state)
{
    (void)state;
    struct fault f = { .left = 2 };

    CHECK(!fault_now(&f) && fault_now(&f) && !fault_now(&f) && f.fired && !fault_now(NULL));
    f = (struct fault){ .left = 0 };
    CHECK(!fault_now(&f) && !f.fired);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(pushes_within_its_budget), cmocka_unit_test(a_copy_is_scratch),
                                        cmocka_unit_test(grows), cmocka_unit_test(faults_once) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
