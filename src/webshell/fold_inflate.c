/* Compressed bytes that stand in a page. The one place of folding that knows zlib. */
#include "webshell/fold_inner.h"

#include <string.h>

#include <zlib.h>

/* zlib asks for its few tables here, so that nothing is taken from outside the arena. */
static voidpf give(voidpf a, uInt n, uInt size) { return arena_push(a, size, n, 16); }
static void take_back(voidpf a, voidpf p) { (void)a; (void)p; }

static bool inflate_all(struct fold_args *c, struct str in, int window, struct str *ret)
{
    struct arena scratch = *c->f->a;
    size_t       cap = in.n > VAL_TEXT_MAX / 32 ? VAL_TEXT_MAX : in.n * 32 + 256;
    uint8_t     *out = TAKE(&scratch, uint8_t, cap);
    z_stream     z = { .zalloc = give, .zfree = take_back, .opaque = &scratch, .next_in = (Bytef *)(uintptr_t)in.p, .avail_in = (uInt)in.n };

    if (!out) {
        c->full = true;
        return false;
    }
    if (in.n > VAL_TEXT_MAX || inflateInit2(&z, window) != Z_OK)
        return false;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    int r = inflate(&z, Z_SYNC_FLUSH);
    size_t n = cap - z.avail_out;
    inflateEnd(&z);
    /* A stream that is cut gives what it had. */
    if ((r != Z_STREAM_END && r != Z_OK && r != Z_BUF_ERROR) || !n || (r != Z_STREAM_END && z.avail_out == 0) || !fold_steps(c->f, n))
        return false;
    /* It stands where the arena goes on: the same bytes are taken for good. */
    uint8_t *p = TAKE(c->f->a, uint8_t, n);
    if (!p) {
        c->full = true;
        return false;
    }
    memmove(p, out, n);
    *ret = (struct str){ p, n };
    return true;
}

bool bytes_inflate(struct fold_args *c)
{
    struct str in, out;

    if (!c->n || !fold_as_bytes(c, c->v[0], &in) || in.n < 2)
        return false;
    if (!inflate_all(c, in, 15 + 32, &out) && (c->full || !inflate_all(c, in, -15, &out)))
        return false;
    return fold_give_bytes(c, out);
}
