#include "test.h"

#include "base/num.h"
#include "formats/inflate64.h"

#include <zlib.h>

struct feed { struct str left; size_t piece; bool fail; };

static bool more(void *ctx, struct str *ret, struct err *e)
{
    struct feed *f = ctx;
    if (f->fail && f->left.n < 4)
        return err_set(e, ERR_IO, "as asked");
    *ret    = str_sub(f->left, 0, f->piece);
    f->left = str_from(f->left, ret->n);
    return true;
}

static size_t unpack(struct str in, size_t piece, size_t step, uint8_t *buf, size_t cap, bool *ret_bad)
{
    struct inflate64 *z = malloc(sizeof *z);
    struct feed       f = { .left = in, .piece = piece };
    struct err        e = { 0 };
    size_t            n = 0, got;

    inflate64_start(z, more, &f);
    do {
        CHECK(inflate64_read(z, buf + n, step < cap - n ? step : cap - n, &got, &e));
        n += got;
    } while (got);
    *ret_bad = z->bad || !z->done;
    free(z);
    return n;
}

/* Deflate without a match of 258 bytes is Deflate64: whatever zlib packs so is given back, whole and byte by byte. */
static void test_like_deflate(void **state)
{
    enum { N = 100000 };
    static uint8_t body[N], packed[2 * N], out[N + 1];
    static const struct { int level, strategy; } c[] = {
        { 0, Z_DEFAULT_STRATEGY }, { 1, Z_DEFAULT_STRATEGY }, { 9, Z_DEFAULT_STRATEGY }, { 9, Z_FIXED }, { 6, Z_HUFFMAN_ONLY },
    };
    uint32_t seed = 1;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        seed = seed * 1664525 + 1013904223;
        body[i] = i > 40000 && seed >> 31 ? body[i - 30001] : (uint8_t)("abcdefgh 0123\n"[(seed >> 27) % 14]);
    }
    for (size_t i = 0; i < COUNT_OF(c); i++)
        for (size_t n = 0; n <= N; n = n * 9 + 1) {
            z_stream z = { .next_in = body, .avail_in = (uInt)n, .next_out = packed, .avail_out = sizeof packed };
            CHECK(deflateInit2(&z, c[i].level, Z_DEFLATED, -15, 9, c[i].strategy) == Z_OK && deflate(&z, Z_FINISH) == Z_STREAM_END);
            struct str in = test_heap(packed, sizeof packed - z.avail_out);
            deflateEnd(&z);
            bool bad;
            CHECK(unpack(in, SIZE_MAX, SIZE_MAX, out, sizeof out, &bad) == n && !bad && memcmp(out, body, n) == 0);
            CHECK(unpack(in, 1, 1000, out, sizeof out, &bad) == n && !bad && memcmp(out, body, n) == 0);
            /* Cut: what was whole, and no more. */
            for (size_t cut = 0; cut < in.n; cut += in.n / 5 + 1) {
                struct str part = test_heap(in.p, cut);
                size_t     got = unpack(part, SIZE_MAX, 77, out, sizeof out, &bad);
                CHECK(bad && got <= n && memcmp(out, body, got) == 0);
                test_free(part);
            }
            test_free(in);
        }
}

static void test_damage(void **state)
{
    static const struct { const char *why; struct str in; size_t n; } c[] = {
        { "nothing",                               STR_INIT(""), 0 },
        { "block type 3",                          STR_INIT("\x07"), 0 },
        { "stored, its length is not confirmed",   STR_INIT("\x01\x05\x00\x00\x00hello"), 0 },
        { "stored, cut",                           STR_INIT("\x01\x05\x00\xfa\xffhel"), 3 },
        { "a match before the first byte",         STR_INIT("\x03\x02\x00"), 0 },
        { "codes beyond their room",               STR_INIT("\x05\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 0 },
    };
    uint8_t out[100];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str in = test_heap(c[i].in.p, c[i].in.n);
        bool       bad;
        CHECK_WHY(unpack(in, SIZE_MAX, 100, out, sizeof out, &bad) == c[i].n && bad, c[i].why);
        test_free(in);
    }
}

/* The input fails: an error, not the end. */
static void test_input_fails(void **state)
{
    struct inflate64 *z = malloc(sizeof *z);
    struct feed       f = { .left = STR("\x01\x05\x00\xfa\xffhello"), .piece = 1, .fail = true };
    struct err        e = { 0 };
    uint8_t           out[10];
    size_t            got;

    (void)state;
    inflate64_start(z, more, &f);
    CHECK(!inflate64_read(z, out, sizeof out, &got, &e) && e.kind == ERR_IO);
    free(z);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_like_deflate), cmocka_unit_test(test_damage), cmocka_unit_test(test_input_fails) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
