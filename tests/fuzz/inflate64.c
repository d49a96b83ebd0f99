/* inflate64: the same bytes come out however the packed ones come in, and however many are asked for at once. */
#include "formats/inflate64.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { OUT = 1 << 20 };

struct feed { struct str left; size_t piece; };

static bool more(void *ctx, struct str *ret, struct err *e)
{
    struct feed *f = ctx;
    (void)e;
    *ret    = str_sub(f->left, 0, f->piece);
    f->left = str_from(f->left, ret->n);
    return true;
}

static size_t unpack(struct str in, size_t piece, size_t step, uint8_t *buf, bool *ret_bad)
{
    struct inflate64 *z = malloc(sizeof *z);
    struct feed       f = { in, piece };
    struct err        e = { 0 };
    size_t            n = 0, got;

    MUST(z);
    inflate64_start(z, more, &f);
    do {
        size_t want = step < OUT - n ? step : OUT - n;
        MUST(inflate64_read(z, buf + n, want, &got, &e) && got <= want && (got == want || z->bad || z->done));
        n += got;
        MUST(z->total == n);
    } while (got);
    *ret_bad = z->bad;
    free(z);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t   *x = malloc(OUT), *y = malloc(OUT);
    struct str in = { data, n };
    bool       bad_x, bad_y;

    MUST(x && y);
    size_t nx = unpack(in, SIZE_MAX, SIZE_MAX, x, &bad_x), ny = unpack(in, 1, 1009, y, &bad_y);
    MUST(nx == ny && memcmp(x, y, nx) == 0 && (bad_x == bad_y || nx == OUT));
    free(x);
    free(y);
    return 0;
}
