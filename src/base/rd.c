#include "base/rd.h"

bool rd_has(struct rd *r, size_t n)
{
    if (n > r->s.n - r->pos)
        r->bad = true;
    return !r->bad;
}

static uint64_t take_le(struct rd *r, size_t n)
{
    uint64_t v = 0;

    if (!rd_has(r, n))
        return 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)r->s.p[r->pos + i] << (8 * i);
    r->pos += n;
    return v;
}

uint8_t  rd_u8(struct rd *r)    { return (uint8_t)take_le(r, 1); }
uint16_t rd_u16le(struct rd *r) { return (uint16_t)take_le(r, 2); }
uint32_t rd_u32le(struct rd *r) { return (uint32_t)take_le(r, 4); }
uint64_t rd_u64le(struct rd *r) { return take_le(r, 8); }

struct str rd_take(struct rd *r, size_t n)
{
    if (!rd_has(r, n))
        return STR_EMPTY;
    struct str s = { r->s.p + r->pos, n };
    r->pos += n;
    return s;
}

void rd_skip(struct rd *r, size_t n)
{
    if (rd_has(r, n))
        r->pos += n;
}

void rd_seek(struct rd *r, size_t pos)
{
    if (pos > r->s.n)
        r->bad = true;
    else if (!r->bad)
        r->pos = pos;
}
