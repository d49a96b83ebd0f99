#include "test.h"

#include "formats/xpress.h"

/* MS-XCA, 3.2: the letters of the alphabet, and "abc" a hundred times. */
static struct str sample(uint8_t to[300], const uint8_t (*set)[2], size_t n, const char *tail, size_t tail_n)
{
    memset(to, 0, 256);
    for (size_t i = 0; i < n; i++)
        to[set[i][0]] = set[i][1];
    memcpy(to + 256, tail, tail_n);
    return (struct str){ to, 256 + tail_n };
}

static struct str alphabet(uint8_t to[300])
{
    static const uint8_t set[][2] = { { 48, 0x50 }, { 49, 0x55 }, { 50, 0x55 }, { 51, 0x55 }, { 52, 0x55 }, { 53, 0x55 }, { 54, 0x55 }, { 55, 0x55 }, { 56, 0x55 },
                                      { 57, 0x55 }, { 58, 0x55 }, { 59, 0x45 }, { 60, 0x44 }, { 61, 0x04 }, { 128, 0x04 } };
    return sample(to, set, sizeof set / sizeof *set, "\xD8\x52\x3E\xD7\x94\x11\x5B\xE9\x19\x5F\xF9\xD6\x7C\xDF\x8D\x04\0\0\0\0", 20);
}

static struct str hundred(uint8_t to[300])
{
    static const uint8_t set[][2] = { { 48, 0x30 }, { 49, 0x23 }, { 128, 0x02 }, { 143, 0x20 } };
    return sample(to, set, sizeof set / sizeof *set, "\xA8\xDC\0\0\xFF\x26\x01", 7);
}

static bool run(struct str in, uint8_t *out, size_t n, size_t *got)
{
    uint16_t  *table = malloc(XPRESS_TABLE * sizeof *table);
    struct err e = { 0 };
    bool       ok = xpress_huffman(out, n, in, table, got, &e);

    CHECK(ok == (e.kind == ERR_NONE) && *got <= n);
    free(table);
    return ok;
}

static void test_samples(void **state)
{
    uint8_t raw[300], *out = malloc(300);
    size_t  got;

    (void)state;
    CHECK(run(alphabet(raw), out, 26, &got) && got == 26 && memcmp(out, "abcdefghijklmnopqrstuvwxyz", 26) == 0);
    CHECK(run(hundred(raw), out, 300, &got) && got == 300);
    for (size_t i = 0; i < 300; i++)
        CHECK(out[i] == "abc"[i % 3]);
    free(out);
}

/* Cut anywhere, or with any byte changed: what is whole stays, nothing is read or written beyond. */
static void test_hostile(void **state)
{
    uint8_t raw[300], *out = malloc(300);
    size_t  got;

    (void)state;
    struct str whole = alphabet(raw);
    for (size_t n = 0; n < whole.n; n++) {
        struct str in = test_heap(whole.p, n);
        (void)run(in, out, 26, &got);
        CHECK(n >= 256 + 16 || n < 260 || got <= 26);
        test_free(in);
    }
    whole = hundred(raw);
    for (size_t i = 0; i < whole.n; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct str in = test_heap(whole.p, whole.n);
            ((uint8_t *)(uintptr_t)in.p)[i] ^= (uint8_t)(1 << bit);
            (void)run(in, out, 300, &got);
            test_free(in);
        }
    CHECK(!run(STR(""), out, 10, &got) && got == 0);
    CHECK(run(STR(""), out, 0, &got));
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_samples), cmocka_unit_test(test_hostile) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
