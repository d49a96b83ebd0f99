#include "test.h"

#include "base/num.h"
#include "formats/bits.h"

/* '|' begins a text, which ends in a zero; four bytes of length stand before each. */
static size_t store(uint8_t *to, const char *plan)
{
    size_t n = 0;

    for (const char *p = plan; *p; p++) {
        if (*p == '|') {
            memcpy(to + n, "\0\0\x1f\0\0\0", 6);
            n += 6;
        } else {
            to[n++] = (uint8_t)*p;
            to[n++] = 0;
        }
    }
    memcpy(to + n, "\0\0\0\0", 4);
    return n + 4;
}

static const char job[] = "|Windows Update Job|a description|C:\\ProgramData\\x.exe|C:\\ProgramData\\x.exe -k 1|S-1-5-18"
                          "|C:\\ProgramData\\y.dll|http://198.51.100.7/y.dll|C:\\ProgramData\\BIT1A2B.tmp|C:\\";

static void test_job(void **state)
{
    uint8_t           raw[2048];
    struct test_arena t = test_arena(1 << 20), s = test_arena(1 << 20);
    struct str        in = test_heap(raw, store(raw, job));
    struct bits       b;
    struct err        e = { 0 };

    (void)state;
    bits_open(&b, &t.a);
    CHECK(bits_scan(&b, in, 0, true, s.a, &e) && b.n == 2);
    CHECK(b.item[0].command && !b.item[1].command);
    CHECK_STR(b.item[0].line, STR("C:\\ProgramData\\x.exe -k 1"));
    CHECK_STR(b.item[0].owner, STR("S-1-5-18"));
    CHECK_STR(b.item[0].name, STR("Windows Update Job"));
    CHECK_STR(b.item[1].url, STR("http://198.51.100.7/y.dll"));
    CHECK_STR(b.item[1].local, STR("C:\\ProgramData\\y.dll"));
    CHECK(bits_scan(&b, in, 0, true, s.a, &e) && b.n == 2);
    test_free(in);
    test_arena_free(&t);
    test_arena_free(&s);
}

/* Without description and arguments. */
static void test_short(void **state)
{
    uint8_t           raw[2048];
    struct test_arena t = test_arena(1 << 20), s = test_arena(1 << 20);
    struct bits       b;
    struct err        e = { 0 };

    (void)state;
    bits_open(&b, &t.a);
    CHECK(bits_scan(&b, (struct str){ raw, store(raw, "|J0b|C:\\x.exe|S-1-5-21-1-2-3-1001") }, 0, true, s.a, &e) && b.n == 1);
    CHECK_STR(b.item[0].line, STR("C:\\x.exe"));
    CHECK_STR(b.item[0].name, STR("J0b"));
    CHECK(bits_scan(&b, (struct str){ raw, store(raw, "|C:\\y.exe|S-1-5-18") }, 0, true, s.a, &e) && b.n == 2 && b.item[1].name.n == 0);
    test_arena_free(&t);
    test_arena_free(&s);
}

/* Wherever a border of windows falls, the same comes out. */
static void test_windows(void **state)
{
    size_t   n = 4 * BITS_OVERLAP, at[] = { 0, BITS_OVERLAP / 2 - 40, BITS_OVERLAP / 2 + 1, BITS_OVERLAP - 100, 2 * BITS_OVERLAP - 300, n - 600 };
    uint8_t *p = malloc(n), raw[2048];
    size_t   len = store(raw, job);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(at); i++) {
        struct test_arena t = test_arena(1 << 20), s = test_arena(1 << 20);
        struct bits       b;
        struct err        e = { 0 };
        memset(p, 0x01, n);
        memcpy(p + at[i], raw, len);
        bits_open(&b, &t.a);
        for (size_t off = 0;; off += BITS_OVERLAP) {
            bool last = off + 2 * BITS_OVERLAP >= n;
            CHECK(bits_scan(&b, (struct str){ p + off, last ? n - off : 2 * BITS_OVERLAP }, off, last, s.a, &e));
            if (last)
                break;
        }
        CHECK_WHY(b.n == 2 && b.item[0].name.n && b.item[1].local.n, "a border");
        test_arena_free(&t);
        test_arena_free(&s);
    }
    free(p);
}

static bool work(struct arena *a, struct err *e)
{
    uint8_t      raw[2048];
    struct bits  b;
    struct arena scratch = *a, keep = *a;

    keep.end = scratch.beg = a->beg + arena_room(a) / 2;
    bits_open(&b, &keep);
    return bits_scan(&b, (struct str){ raw, store(raw, job) }, 0, true, scratch, e);
}
static void test_fault(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_job), cmocka_unit_test(test_short), cmocka_unit_test(test_windows), cmocka_unit_test(test_fault) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
