#include "test.h"

#include "base/num.h"
#include "survey/probe_order.h"

static void permutes(void **state)
{
    (void)state;
    static const uint64_t sizes[] = { 1, 2, 3, 4, 5, 16, 17, 255, 256, 257, 1000, 65536, 65537, 200000 };

    for (size_t k = 0; k < COUNT_OF(sizes); k++)
        for (uint64_t seed = 0; seed < 3; seed++) {
            struct probe_order o;
            uint8_t           *seen = calloc(sizes[k], 1);
            probe_order_make(&o, sizes[k], seed);
            for (uint64_t i = 0; i < sizes[k]; i++) {
                uint64_t x = probe_order_at(&o, i);
                CHECK(x < sizes[k] && !seen[x]);
                seen[x] = 1;
            }
            free(seen);
        }
}

/* Any hundred in a row touch many networks; another seed gives another order; the same seed the same. */
static void spreads(void **state)
{
    (void)state;
    struct probe_order a, b, c;
    enum { N = 256 * 256 };
    uint32_t same = 0;

    probe_order_make(&a, N, 42);
    probe_order_make(&b, N, 42);
    probe_order_make(&c, N, 43);
    for (uint64_t i = 0; i < N; i++) {
        CHECK(probe_order_at(&a, i) == probe_order_at(&b, i));
        same += probe_order_at(&a, i) == probe_order_at(&c, i);
    }
    CHECK(same < 20);
    for (uint64_t from = 0; from + 256 <= N; from += 256) {
        uint8_t  hit[256] = { 0 }, most = 0;
        uint32_t nets = 0;
        for (uint64_t i = from; i < from + 256; i++) {
            uint8_t *h = &hit[probe_order_at(&a, i) >> 8];
            nets += !*h;
            if (++*h > most)
                most = *h;
        }
        CHECK(nets > 120 && most < 12);        /* by chance: about 162 networks, at most 6 or 7 in one */
    }
    /* Large domains stay inside, and are quick. */
    probe_order_make(&a, UINT64_C(1) << 62, 7);
    CHECK(probe_order_at(&a, 1) != probe_order_at(&a, 2));
    probe_order_make(&a, (1 << 24) + 1, 7);
    for (uint64_t i = 0; i < 100000; i++)
        CHECK(probe_order_at(&a, i) <= 1 << 24);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(permutes), cmocka_unit_test(spreads) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
