#include "test.h"

#include "formats/prefetch.h"
#include "make_prefetch.h"

static const char *const loaded[] = { "\\VOLUME{01d6f0}\\WINDOWS\\SYSTEM32\\NTDLL.DLL", "\\VOLUME{01d6f0}\\PROGRAMDATA\\PROCDUMP64.EXE", NULL };
static const int64_t     when = INT64_C(1614758400000000);

static void check_one(struct str in)
{
    struct test_arena t = test_arena(1 << 20);
    struct prefetch   p;
    struct err        e = { 0 };

    CHECK(prefetch_parse(&p, &t.a, in, &e));
    CHECK(!p.damaged && p.version == 30 && p.count == 7 && p.run_n == 1 && p.run_us[0] == when && p.file_n == 2 && p.hash == 0x4a81b364);
    CHECK_STR(p.name, STR("PROCDUMP64.EXE"));
    CHECK_STR(p.path, STR("\\VOLUME{01d6f0}\\PROGRAMDATA\\PROCDUMP64.EXE"));
    CHECK_STR(prefetch_below_drive(p.path), STR("\\PROGRAMDATA\\PROCDUMP64.EXE"));
    test_arena_free(&t);
}

static void test_plain_and_packed(void **state)
{
    uint8_t    raw[MAKE_PREFETCH_MAX], *packed = malloc(2 * MAKE_PREFETCH_MAX);
    size_t     n = make_prefetch(raw, "PROCDUMP64.EXE", 7, when, loaded);
    struct str plain = test_heap(raw, n), other = test_heap(packed, make_packed(packed, raw, n));

    (void)state;
    check_one(plain);
    check_one(other);
    test_free(plain);
    test_free(other);
    free(packed);
}

static void test_drives(void **state)
{
    (void)state;
    CHECK_STR(prefetch_below_drive(STR("\\DEVICE\\HARDDISKVOLUME12\\X\\Y.EXE")), STR("\\X\\Y.EXE"));
    CHECK_STR(prefetch_below_drive(STR("\\DEVICE\\MUP\\SERVER\\X.EXE")), STR("\\DEVICE\\MUP\\SERVER\\X.EXE"));
    CHECK_STR(prefetch_below_drive(STR("\\VOLUME{")), STR("\\VOLUME{"));
    CHECK_STR(prefetch_below_drive(STR("")), STR(""));
}

static void test_hostile(void **state)
{
    uint8_t raw[MAKE_PREFETCH_MAX];
    size_t  n = make_prefetch(raw, "PROCDUMP64.EXE", 7, when, loaded);

    (void)state;
    for (size_t cut = 0; cut <= n; cut++) {
        struct test_arena t = test_arena(1 << 20);
        struct str        in = test_heap(raw, cut);
        struct prefetch   p;
        struct err        e = { 0 };
        bool              ok = prefetch_parse(&p, &t.a, in, &e);
        CHECK(ok == (e.kind == ERR_NONE) && (cut == n || !ok || p.damaged || p.file_n <= 2));
        test_free(in);
        test_arena_free(&t);
    }
    struct test_arena t = test_arena(1 << 20);
    struct prefetch   p;
    struct err        e = { 0 };
    uint8_t           big[8] = { 'M', 'A', 'M', 4, 0, 0, 0, 0x7f };
    CHECK(!prefetch_parse(&p, &t.a, (struct str){ big, 8 }, &e) && e.kind == ERR_LIMIT);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    static const char *const few[] = { "\\VOLUME{1}\\A.EXE", NULL };
    uint8_t         raw[MAKE_PREFETCH_MAX], packed[MAKE_PREFETCH_MAX];
    size_t          n = make_prefetch(raw, "A.EXE", 1, when, few);
    struct prefetch p;

    return prefetch_parse(&p, a, (struct str){ packed, make_packed(packed, raw, n) }, e);
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_plain_and_packed), cmocka_unit_test(test_drives), cmocka_unit_test(test_hostile), cmocka_unit_test(test_fault) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
