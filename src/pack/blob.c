/*
 * What tools/packbin made: all files of a pack, deflated, then masked with a byte stream so that antivirus, which knows indicators and
 * unpacks archives, leaves the program alone. It hides nothing from people: the key stands here.
 *
 * Layout before deflate, numbers little endian: { u32 name length, u32 text length, name, text } for each file.
 * Mask: xorshift32 from 0x9E3779B9 xor the raw size, its low byte for each byte.
 */
#include "pack/parts.h"

#include "base/rd.h"

#include <string.h>
#include <zlib.h>

enum { RAW_MAX = 64 << 20 };

static void *take(void *ctx, unsigned n, unsigned size) { return arena_push(ctx, size, n, 16); }
static void  give(void *ctx, void *p) { (void)ctx, (void)p; }

/* scratch by value: what zlib took returns by itself. */
static bool inflate_into(uint8_t *raw, size_t raw_n, const uint8_t *packed, size_t n, struct arena scratch)
{
    z_stream z = { .zalloc = take, .zfree = give, .opaque = &scratch };

    if (inflateInit(&z) != Z_OK)
        return false;
    z.next_in   = (Bytef *)(uintptr_t)packed;
    z.avail_in  = (uInt)n;
    z.next_out  = raw;
    z.avail_out = (uInt)raw_n;
    int rc = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return rc == Z_STREAM_END && z.avail_out == 0;
}

bool pack_blob_files(const struct pack_blob *blob, struct arena *a, struct pack_file **ret, size_t *ret_n, struct err *e)
{
    if (blob->raw_n > RAW_MAX || blob->n > RAW_MAX)
        return err_set(e, ERR_LIMIT, "an embedded pack of %zu bytes", blob->raw_n);
    uint8_t *raw = NEW(a, uint8_t, blob->raw_n + 1);
    if (!raw)
        return err_set(e, ERR_MEMORY, "no room for the pack");

    struct arena scratch = *a;
    uint8_t     *clear   = NEW(&scratch, uint8_t, blob->n + 1);
    uint32_t     x       = 0x9E3779B9u ^ (uint32_t)blob->raw_n;
    if (!clear)
        return err_set(e, ERR_MEMORY, "no room for the pack");
    for (size_t i = 0; i < blob->n; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        clear[i] = blob->p[i] ^ (uint8_t)x;
    }
    if (arena_room(&scratch) < 64 << 10)
        return err_set(e, ERR_MEMORY, "no room for the pack");
    if (!inflate_into(raw, blob->raw_n, clear, blob->n, scratch))
        return a->fault && a->fault->fired ? err_set(e, ERR_MEMORY, "no room for the pack")
                                           : err_set(e, ERR_FORMAT, "the embedded pack \"%s\" is damaged", blob->id);

    struct rd         r = { .s = { raw, blob->raw_n } };
    struct pack_file *file = NULL;
    size_t            n = 0, cap = 0;
    while (rd_left(&r)) {
        uint32_t          name_n = rd_u32le(&r), text_n = rd_u32le(&r);
        struct pack_file  f = { .name = rd_take(&r, name_n) };
        struct pack_file *at;
        f.text = rd_take(&r, text_n);
        if (r.bad || n >= PACK_FILES_MAX)
            return err_set(e, ERR_FORMAT, "the embedded pack \"%s\" is damaged", blob->id);
        if (!(at = GROW(a, file, n, &cap)))
            return err_set(e, ERR_MEMORY, "no room for the pack");
        *at = f;
        n++;
    }
    *ret   = file;
    *ret_n = n;
    return true;
}
