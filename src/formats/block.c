#include "formats/block.h"

static bool part_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct block_range *r = ctx;
    return r->of.read(r->of.ctx, r->off + off, buf, cap, ret_got, e);
}

struct blocks block_part(struct block_range *self, struct blocks of, uint64_t off, uint64_t size_bytes)
{
    *self = (struct block_range){ of, off < of.size_bytes ? off : of.size_bytes };
    return (struct blocks){ part_read, self, size_bytes < of.size_bytes - self->off ? size_bytes : of.size_bytes - self->off };
}

bool block_whole(const struct blocks *b, uint64_t off, uint8_t *buf, size_t n, struct err *e)
{
    size_t got = 0;

    if (off > b->size_bytes || n > b->size_bytes - off)
        return err_set(e, ERR_FORMAT, "%zu bytes at %llu lie beyond the end at %llu", n, (unsigned long long)off, (unsigned long long)b->size_bytes);
    if (!b->read(b->ctx, off, buf, n, &got, e))
        return false;
    return got == n || err_set(e, ERR_FORMAT, "ends at %llu, where %llu bytes were promised", (unsigned long long)(off + got), (unsigned long long)b->size_bytes);
}
