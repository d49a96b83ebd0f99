#include "test.h"

#include "formats/minidump.h"
#include "make_minidump.h"

static const char *const lsass[] = { "C:\\Windows\\System32\\lsass.exe", "C:\\Windows\\System32\\ntdll.dll", "C:\\Windows\\System32\\LSASRV.dll", NULL };

static bool read_str(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct str *s = ctx;

    (void)e;
    *got = off >= s->n ? 0 : s->n - off < cap ? s->n - (size_t)off : cap;
    if (*got)
        memcpy(buf, s->p + off, *got);
    return true;
}

static void test_dumps(void **state)
{
    static const struct { size_t wipe; bool bent; const char *why; } cases[] = {
        { 0, false, "as it should be" }, { 4, true, "no signature" }, { 8, true, "neither signature nor version" }, { 12, true, "no number of streams" }, { 16, true, "nothing of the first half" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t           raw[MAKE_MINIDUMP_MAX];
        struct str        in = test_heap(raw, make_minidump(raw, lsass, 1614758400, cases[i].wipe));
        struct test_arena t = test_arena(1 << 16);
        struct minidump  *m = malloc(sizeof *m);
        struct err        e = { 0 };
        CHECK_WHY(minidump_open(m, &t.a, read_str, &in, &e), cases[i].why);
        CHECK_WHY(m->bent == cases[i].bent && m->module_n == 3 && m->has_memory && !m->damaged, cases[i].why);
        CHECK(minidump_has(m, STR("lsasrv.DLL")) && minidump_has(m, STR("lsass.exe")) && !minidump_has(m, STR("w3wp.exe")));
        CHECK(m->time_us == INT64_C(1614758400000000));
        free(m);
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_hostile(void **state)
{
    uint8_t raw[MAKE_MINIDUMP_MAX];
    size_t  n = make_minidump(raw, lsass, 1614758400, 0);

    (void)state;
    for (size_t i = 0; i < n && i < 700; i++)
        for (int how = 0; how < 2; how++) {
            struct str        in = test_heap(raw, how ? i : n);
            struct test_arena t = test_arena(1 << 18);
            struct minidump  *m = malloc(sizeof *m);
            struct err        e = { 0 };
            if (!how)
                ((uint8_t *)(uintptr_t)in.p)[i] = 0xff;
            CHECK(minidump_open(m, &t.a, read_str, &in, &e) ? m->module_n <= MINIDUMP_MODULES_MAX : e.kind == ERR_FORMAT);
            free(m);
            test_free(in);
            test_arena_free(&t);
        }
}

static bool work(struct arena *a, struct err *e)
{
    uint8_t          raw[MAKE_MINIDUMP_MAX];
    struct str       in = { raw, make_minidump(raw, lsass, 1, 0) };
    struct minidump *m = malloc(sizeof *m);
    bool             ok = minidump_open(m, a, read_str, &in, e);

    free(m);
    return ok;
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_dumps), cmocka_unit_test(test_hostile), cmocka_unit_test(test_fault) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
