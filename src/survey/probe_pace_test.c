#include "test.h"

#include "base/num.h"
#include "survey/probe_pace.h"

static void ip4(uint8_t ret[16], uint32_t v)
{
    memset(ret, 0, 16);
    ret[10] = ret[11] = 0xff;
    for (int i = 0; i < 4; i++)
        ret[12 + i] = (uint8_t)(v >> (24 - 8 * i));
}

static void limits(void **state)
{
    (void)state;
    static const struct { struct probe_rates r; bool ok; } at[] = {
        { { 20, 1, 5 }, true }, { { 200, 2, 20 }, true }, { { 0.1, 0.01, 0.5 }, true }, { { 200.001, 1, 5 }, false }, { { 20, 2.5, 5 }, false }, { { 20, 1, 21 }, false },
        { { 0, 1, 5 }, false }, { { -1, 1, 5 }, false }, { { 20, 0, 5 }, false }, { { 20, 1, 0 }, false }, { { 0.0 / 0.0, 1, 5 }, false }, { { 1.0 / 0.0, 1, 5 }, false },
    };

    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct err e = { 0 };
        CHECK(probe_rates_check(&at[i].r, &e) == at[i].ok && (at[i].ok || e.kind == ERR_USAGE));
    }
}

/* A virtual hour: targets of few networks and ASs, a clock that jumps; every window of a second is looked at afterwards. */
static void holds(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const struct probe_rates rates[] = { { 20, 1, 5 }, { 200, 2, 20 }, { 3, 0.5, 2.5 } };

    for (size_t k = 0; k < COUNT_OF(rates); k++) {
        struct test_arena t = test_arena(8 << 20);
        struct probe_pace p;
        struct err        e = { 0 };
        struct { uint64_t at; uint32_t v, asn; bool gone; } *x = calloc(N, sizeof *x);
        uint64_t *went = calloc(N, sizeof *went), r = 99, now = 1000000;
        uint32_t *order = calloc(N, sizeof *order), n = 0;
        uint8_t   ip[16];

        probe_pace_open(&p, &t.a, &rates[k]);
        for (uint32_t i = 0; i < N; i++) {
            r = r * UINT64_C(6364136223846793005) + 1;
            x[i].v = 0x08000000 + (uint32_t)((r >> 33) % 80 << 8) + i % 256;
            x[i].asn = (uint32_t)((r >> 33) % 80 / 7) % 10;           /* AS 0: unknown */
            ip4(ip, x[i].v);
            CHECK(probe_pace_reserve(&p, ip, x[i].asn, now, &x[i].at, &e));
        }
        while (n < N) {
            uint64_t next = UINT64_MAX;
            for (uint32_t i = 0; i < N; i++) {
                if (x[i].gone)
                    continue;
                if (x[i].at <= now) {
                    ip4(ip, x[i].v);
                    enum pace_answer got = probe_pace_take(&p, ip, x[i].asn, now, &x[i].at);
                    CHECK(got != PACE_LEAVE && (got == PACE_GO || x[i].at > now));
                    if (got == PACE_GO) {
                        x[i].gone = true;
                        went[n] = now;
                        order[n++] = i;
                        continue;
                    }
                }
                next = x[i].at < next ? x[i].at : next;
            }
            r = r * UINT64_C(6364136223846793005) + 1;
            now = (next == UINT64_MAX ? now : next) + (r >> 60 == 0 ? (r >> 40) % 3000000 : (r >> 40) % 700);
        }
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = i + 1; j < n && went[j] - went[i] < 2500000; j++) {
                uint64_t gap = went[j] - went[i];
                CHECK((double)gap >= 1e6 / rates[k].all);
                CHECK(x[order[i]].v >> 8 != x[order[j]].v >> 8 || (double)gap >= 1e6 / rates[k].net);
                CHECK(!x[order[i]].asn || x[order[i]].asn != x[order[j]].asn || (double)gap >= 1e6 / rates[k].asn);
            }
        free(x);
        free(went);
        free(order);
        test_arena_free(&t);
    }
}

static void enough(void **state)
{
    (void)state;
    struct test_arena        t = test_arena(1 << 20);
    struct probe_pace        p;
    struct probe_rates       r = { 20, 1, 5 };
    struct err               e = { 0 };
    uint8_t                  ip[16], other[16];
    uint64_t                 at, now = 5000000;

    probe_pace_open(&p, &t.a, &r);
    ip4(ip, 0x08080801);
    ip4(other, 0x08080901);
    CHECK(probe_pace_take(&p, ip, 7, now, &at) == PACE_LEAVE);               /* never reserved */
    CHECK(probe_pace_reserve(&p, ip, 7, now, &at, &e) && at == now && probe_pace_reserve(&p, other, 7, now, &at, &e) && at == now + 200000);
    for (int i = 0; i < PACE_NET_SAMPLE; i++)                               /* 3 of 10 is not yet too much */
        CHECK(!probe_pace_told(&p, ip, 7, now, i < 3));
    for (int round = 1; round <= PACE_RESTS; round++) {
        for (int i = 0; i < PACE_NET_SAMPLE; i++)
            CHECK(probe_pace_told(&p, ip, 7, now, i < 4) == (i == PACE_NET_SAMPLE - 1));
        enum pace_answer got = probe_pace_take(&p, ip, 7, now, &at);
        if (round < PACE_RESTS) {
            CHECK(got == PACE_WAIT && at == now + PACE_REST_US);
            CHECK(probe_pace_take(&p, other, 7, now, &at) == PACE_GO);       /* the neighbour goes on */
            now = now + PACE_REST_US;
            CHECK(probe_pace_take(&p, ip, 7, now, &at) == PACE_GO);
            now += 1000000;
        } else
            CHECK(got == PACE_LEAVE);
    }
    test_arena_free(&t);
}

static void recalls(void **state)
{
    (void)state;
    struct test_arena  t = test_arena(1 << 20);
    struct probe_pace  p;
    struct probe_rates r = { 20, 1, 5 };
    struct err         e = { 0 };
    uint8_t            ip[16], other[16];
    uint64_t           at, now = 5000000;

    probe_pace_open(&p, &t.a, &r);
    ip4(ip, 0x08080801);
    ip4(other, 0x08080901);
    for (int i = 0; i < 20; i++)
        CHECK(probe_pace_recall(&p, ip, 0, i % 3 == 0, &e) && probe_pace_recall(&p, other, 0, i % 4 == 0, &e));
    probe_pace_settle(&p, now);
    probe_pace_hold(&p, now + 700);
    CHECK(probe_pace_take(&p, ip, 0, now, &at) == PACE_WAIT && at == now + PACE_REST_US);     /* 7 of 20 */
    CHECK(probe_pace_take(&p, other, 0, now, &at) == PACE_WAIT && at == now + 700);           /* 5 of 20 */
    CHECK(probe_pace_take(&p, other, 0, now + 700, &at) == PACE_GO);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct probe_pace  p;
    struct probe_rates r = { 20, 1, 5 };
    uint8_t            ip[16];
    uint64_t           at;

    probe_pace_open(&p, a, &r);
    for (uint32_t i = 0; i < 300; i++) {
        ip4(ip, i << 8);
        if (!probe_pace_reserve(&p, ip, i + 1, 0, &at, e))
            return false;
    }
    return true;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(work, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(limits), cmocka_unit_test(holds), cmocka_unit_test(enough), cmocka_unit_test(recalls), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
