#include "test.h"
#include "base/num.h"

static void reads_numbers(void **state)
{
    (void)state;
    const struct { const char *s; bool dec, dec32, hex; uint64_t v, h; } t[] = {
        { "0", true, true, true, 0, 0 },
        { "0042", true, true, true, 42, 0x42 },
        { "4294967295", true, true, true, UINT32_MAX, 0x4294967295 },
        { "4294967296", true, false, true, UINT64_C(4294967296), 0x4294967296 },
        { "18446744073709551615", true, false, false, UINT64_MAX, 0 },
        { "18446744073709551616", false, false, false, 0, 0 },
        { "99999999999999999999999", false, false, false, 0, 0 },
        { "ffffffffffffffff", false, false, true, 0, UINT64_MAX },
        { "DeadBeef", false, false, true, 0, 0xdeadbeef },
        { "", false, false, false, 0, 0 },   { "+1", false, false, false, 0, 0 }, { "-1", false, false, false, 0, 0 },
        { " 1", false, false, false, 0, 0 }, { "1 ", false, false, false, 0, 0 }, { "0x1", false, false, false, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct str s = test_heap(t[i].s, strlen(t[i].s));
        uint64_t   v = 77, h = 77;
        uint32_t   w = 77;
        CHECK_WHY(num_u64(s, &v) == t[i].dec && v == (t[i].dec ? t[i].v : 77), t[i].s);
        CHECK_WHY(num_u32(s, &w) == t[i].dec32 && w == (t[i].dec32 ? t[i].v : 77), t[i].s);
        CHECK_WHY(num_hex(s, &h) == t[i].hex && h == (t[i].hex ? t[i].h : 77), t[i].s);
        test_free(s);
    }
}

static void bytes_and_hex(void **state)
{
    (void)state;
    uint8_t b[3] = { 9, 9, 9 };
    char    text[7];

    CHECK(num_unhex(STR("00aBfF"), b, 3) && b[0] == 0 && b[1] == 0xab && b[2] == 0xff);
    num_tohex(b, 3, text);
    assert_string_equal(text, "00abff");
    CHECK(!num_unhex(STR("00aB"), b, 3) && !num_unhex(STR("00aBf"), b, 2) && !num_unhex(STR("0g0000"), b, 3));
    CHECK(b[1] == 0xab && num_unhex(STR(""), b, 0));
}

static void does_not_wrap(void **state)
{
    (void)state;
    size_t r = 5;

    CHECK(num_add(2, 3, &r) && r == 5 && !num_add(SIZE_MAX, 1, &r));
    CHECK(num_mul(2, 3, &r) && r == 6 && !num_mul(SIZE_MAX / 2 + 1, 2, &r));
    CHECK(num_add_sat(UINT64_MAX, 1) == UINT64_MAX && num_add_sat(1, 2) == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(reads_numbers), cmocka_unit_test(bytes_and_hex), cmocka_unit_test(does_not_wrap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
