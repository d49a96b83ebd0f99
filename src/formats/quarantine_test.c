#include "test.h"

#include "formats/quarantine.h"
#include "make_quarantine.h"

static const int64_t when = INT64_C(1615523460000000);
#define THREAT "Backdoor:ASP/Chopper.F!dha"
#define PAGE   "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx"

static void test_entry(void **state)
{
    uint8_t           raw[MAKE_QUARANTINE_MAX];
    struct str        in = test_heap(raw, make_quarantine(raw, THREAT, PAGE, when));
    struct test_arena t = test_arena(1 << 16);
    struct quarantine q;
    struct err        e = { 0 };

    (void)state;
    CHECK(quarantine_entry(&q, &t.a, in, &e) && !q.damaged && q.path_n == 1 && q.time_us == when);
    CHECK_STR(q.threat, STR(THREAT));
    CHECK_STR(q.path[0], STR(PAGE));
    test_free(in);
    test_arena_free(&t);
}

static void test_history(void **state)
{
    uint8_t           raw[MAKE_QUARANTINE_MAX];
    struct str        in = test_heap(raw, make_history(raw, THREAT, PAGE));
    struct test_arena t = test_arena(1 << 16);
    struct quarantine q;
    struct err        e = { 0 };

    (void)state;
    CHECK(quarantine_history(&q, &t.a, in, &e) && q.path_n == 1 && q.time_us == TIME_NONE);
    CHECK_STR(q.threat, STR(THREAT));
    CHECK_STR(q.path[0], STR(PAGE));
    CHECK(!quarantine_history(&q, &t.a, STR("nothing"), &e) && e.kind == ERR_FORMAT);
    test_free(in);
    test_arena_free(&t);
}

static void test_hostile(void **state)
{
    uint8_t raw[MAKE_QUARANTINE_MAX];
    size_t  n = make_quarantine(raw, THREAT, PAGE, when);

    (void)state;
    for (size_t i = 0; i <= n; i++)
        for (int flip = 0; flip < 2; flip++) {
            struct test_arena t = test_arena(1 << 16);
            struct str        in = test_heap(raw, flip ? n : i);
            struct quarantine q;
            struct err        e = { 0 };
            if (flip && i < n)
                ((uint8_t *)(uintptr_t)in.p)[i] ^= 0x55;
            CHECK(quarantine_entry(&q, &t.a, in, &e) ? q.path_n <= QUARANTINE_PATHS_MAX : e.kind == ERR_FORMAT);
            test_free(in);
            test_arena_free(&t);
        }
}

static bool work(struct arena *a, struct err *e)
{
    uint8_t           raw[MAKE_QUARANTINE_MAX];
    struct quarantine q;

    return quarantine_entry(&q, a, (struct str){ raw, make_quarantine(raw, THREAT, PAGE, when) }, e) &&
           quarantine_history(&q, a, (struct str){ raw, make_history(raw, THREAT, PAGE) }, e);
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_entry), cmocka_unit_test(test_history), cmocka_unit_test(test_hostile), cmocka_unit_test(test_fault) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
