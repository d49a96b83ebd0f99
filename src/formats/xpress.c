#include "formats/xpress.h"

#include <string.h>

enum { SYMBOLS = 512, LENGTHS = SYMBOLS / 2, BLOCK = 65536, BITS = 15 };

static bool bad(struct err *e, const char *what, size_t at) { return err_set(e, ERR_FORMAT, "packed data: %s at %zu", what, at); }

/* An entry is symbol << 4 | length. False: the lengths are not those of a complete code. */
static bool build(uint16_t table[XPRESS_TABLE], const uint8_t *packed)
{
    size_t at = 0;

    for (uint32_t len = 1; len <= BITS; len++)
        for (uint32_t s = 0; s < SYMBOLS; s++) {
            if ((packed[s / 2] >> (s % 2 * 4) & 15) != len)
                continue;
            size_t n = (size_t)1 << (BITS - len);
            if (n > XPRESS_TABLE - at)
                return false;
            for (size_t i = 0; i < n; i++)
                table[at++] = (uint16_t)(s << 4 | len);
        }
    return at == XPRESS_TABLE;
}

struct bits { struct str in; size_t pos; uint32_t next; int extra; };

/* Beyond the end zeros are read: the last symbols of a stream are decoded with bits that are not there. */
static uint32_t word(struct bits *b)
{
    uint32_t v = b->pos < b->in.n ? b->in.p[b->pos] : 0;

    v |= b->pos + 1 < b->in.n ? (uint32_t)b->in.p[b->pos + 1] << 8 : 0;
    b->pos += 2;
    return v;
}

static void skip(struct bits *b, uint32_t n)
{
    b->next = n < 32 ? b->next << n : 0;
    b->extra -= (int)n;
    if (b->extra < 0) {
        b->next |= word(b) << -b->extra;
        b->extra += 16;
    }
}

static uint32_t byte(struct bits *b) { return b->pos < b->in.n ? b->in.p[b->pos++] : (b->pos++, 0u); }

/* Lengths of 18 and more stand between the bits as whole bytes. */
static bool long_match(struct bits *b, size_t *len)
{
    size_t v = byte(b);

    if (v == 255) {
        v = byte(b);
        v |= (size_t)byte(b) << 8;
        if (v == 0) {
            for (int i = 0; i < 4; i++)
                v |= (size_t)byte(b) << (8 * i);
        }
        if (v < 15)
            return false;
        *len = v;
        return true;
    }
    *len = v + 15;
    return true;
}

bool xpress_huffman(uint8_t *out, size_t n, struct str in, uint16_t table[XPRESS_TABLE], size_t *ret_n, struct err *e)
{
    struct bits b = { .in = in };
    size_t      to = 0;

    *ret_n = 0;
    while (to < n) {
        size_t end = n - to > BLOCK ? to + BLOCK : n;
        if (b.pos > in.n || in.n - b.pos < LENGTHS + 4)
            return bad(e, "cut", b.pos);
        if (!build(table, in.p + b.pos))
            return bad(e, "no code", b.pos);
        b.pos += LENGTHS;
        b.next = word(&b) << 16;
        b.next |= word(&b);
        b.extra = 16;
        while (to < end) {
            uint32_t entry = table[b.next >> (32 - BITS)], sym = entry >> 4;
            if (b.pos > in.n + 4)
                return bad(e, "cut", in.n);
            skip(&b, entry & 15);
            if (sym < 256) {
                out[to++] = (uint8_t)sym;
                *ret_n = to;
                continue;
            }
            size_t   len = sym & 15;
            uint32_t width = (sym - 256) >> 4;
            if (len == 15 && !long_match(&b, &len))
                return bad(e, "a length", b.pos);
            len += 3;
            size_t back = ((size_t)1 << width) + (width ? b.next >> (32 - width) : 0);
            skip(&b, width);
            if (back > to)
                return bad(e, "a match before the beginning", b.pos);
            /* A match may run over the block's end; the next block goes on behind it. */
            for (; len && to < n; len--, to++)
                out[to] = out[to - back];
            *ret_n = to;
        }
    }
    return true;
}
