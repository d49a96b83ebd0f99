#include "survey/probe_order.h"

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

void probe_order_make(struct probe_order *ret, uint64_t n, uint64_t seed)
{
    struct probe_order o = { .n = n, .half = 1 };

    while (o.half < 31 && UINT64_C(1) << 2 * o.half < n)
        o.half++;
    o.mask = (UINT64_C(1) << o.half) - 1;
    for (int i = 0; i < PROBE_ORDER_ROUNDS; i++)
        o.key[i] = mix(seed += UINT64_C(0x9e3779b97f4a7c15));
    *ret = o;
}

uint64_t probe_order_at(const struct probe_order *o, uint64_t i)
{
    do {
        uint64_t left = i >> o->half, right = i & o->mask;
        for (int r = 0; r < PROBE_ORDER_ROUNDS; r++) {
            uint64_t next = left ^ (mix(right + o->key[r]) & o->mask);
            left = right;
            right = next;
        }
        i = left << o->half | right;
    } while (i >= o->n);               /* ends: i is on a cycle of the whole domain, and began inside */
    return i;
}
