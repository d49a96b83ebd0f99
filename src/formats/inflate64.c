#include "formats/inflate64.h"

#include "base/num.h"

#include <string.h>

void inflate64_start(struct inflate64 *z, inflate64_more *more, void *ctx)
{
    memset(z, 0, sizeof *z);
    z->more = more;
    z->ctx  = ctx;
}

/* As many bits as there are, at least 48 while there is input. False: `more` failed. */
static bool fill(struct inflate64 *z, struct err *e)
{
    while (z->bit_n <= 56 && !z->in_end) {
        if (z->in.n == 0) {
            if (!z->more(z->ctx, &z->in, e))
                return false;
            z->in_end = z->in.n == 0;
            continue;
        }
        z->bits |= (uint64_t)z->in.p[0] << z->bit_n;
        z->bit_n += 8;
        z->in = str_from(z->in, 1);
    }
    return true;
}

/* After fill; beyond the end there are zeros, and the stream is bad. */
static uint32_t take(struct inflate64 *z, uint32_t n)
{
    uint32_t v = (uint32_t)(z->bits & ((UINT64_C(1) << n) - 1));

    if (n > z->bit_n) {
        z->bad = true;
        return 0;
    }
    z->bits >>= n;
    z->bit_n -= n;
    return v;
}

/* False: more codes than there is room for. An incomplete set is fine; a code that is not in it is damage when it comes. */
static bool build(struct inflate64_code *c, const uint8_t *length, uint32_t n)
{
    uint16_t next[INFLATE64_BITS + 1], place[INFLATE64_BITS + 1];
    int32_t  left = 1;

    memset(c, 0, sizeof *c);
    for (uint32_t i = 0; i < n; i++)
        c->count[length[i]]++;
    c->count[0] = 0;
    for (uint32_t b = 1; b <= INFLATE64_BITS; b++) {
        left = left * 2 - c->count[b];
        if (left < 0)
            return false;
    }
    next[1] = place[1] = 0;
    for (uint32_t b = 1; b < INFLATE64_BITS; b++) {
        place[b + 1] = (uint16_t)(place[b] + c->count[b]);
        next[b + 1]  = (uint16_t)((next[b] + c->count[b]) << 1);
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t b = length[i];
        if (b == 0)
            continue;
        c->symbol[place[b]++] = (uint16_t)i;
        uint32_t code = next[b]++, back = 0;
        if (b > INFLATE64_FAST)
            continue;
        for (uint32_t k = 0; k < b; k++)
            back |= (code >> k & 1) << (b - 1 - k);
        for (; back < 1 << INFLATE64_FAST; back += 1u << b)
            c->fast[back] = (uint16_t)(i << 4 | b);
    }
    return true;
}

/* After fill. A symbol, or 0 with bad set. */
static uint32_t decode(struct inflate64 *z, const struct inflate64_code *c)
{
    uint16_t fast = c->fast[z->bits & ((1 << INFLATE64_FAST) - 1)];
    uint32_t code = 0, first = 0, index = 0;

    if (fast && (fast & 15) <= z->bit_n) {
        take(z, fast & 15);
        return fast >> 4;
    }
    for (uint32_t b = 1; b <= INFLATE64_BITS && b <= z->bit_n; b++) {
        code |= (uint32_t)(z->bits >> (b - 1) & 1);
        if (code < first + c->count[b]) {
            take(z, b);
            return c->symbol[index + (code - first)];
        }
        index += c->count[b];
        first  = (first + c->count[b]) << 1;
        code <<= 1;
    }
    z->bad = true;
    return 0;
}

static bool fixed_codes(struct inflate64 *z)
{
    uint8_t length[288];

    for (uint32_t i = 0; i < 288; i++)
        length[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    bool ok = build(&z->lit, length, 288);
    memset(length, 5, 32);
    return ok && build(&z->far, length, 32);
}

static bool stored_codes(struct inflate64 *z, struct err *e)
{
    static const uint8_t order[19] = { 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15 };
    uint8_t  length[288 + 32] = { 0 };

    if (!fill(z, e))
        return false;
    uint32_t lit_n = take(z, 5) + 257, far_n = take(z, 5) + 1, n = take(z, 4) + 4;
    for (uint32_t i = 0; i < n; i++) {
        if (!fill(z, e))
            return false;
        length[order[i]] = (uint8_t)take(z, 3);
    }
    z->bad = z->bad || lit_n > 286 || !build(&z->lit, length, 19);
    memset(length, 0, sizeof length);
    for (uint32_t i = 0; i < lit_n + far_n && !z->bad;) {
        if (!fill(z, e))
            return false;
        uint32_t s = decode(z, &z->lit), repeat = 1;
        uint8_t  what = (uint8_t)s;
        if (s >= 16) {
            repeat = s == 16 ? 3 + take(z, 2) : s == 17 ? 3 + take(z, 3) : 11 + take(z, 7);
            what   = 0;
            if (s == 16 && i == 0)
                z->bad = true;
            else if (s == 16)
                what = length[i - 1];
        }
        if (repeat > lit_n + far_n - i)
            z->bad = true;
        for (; repeat && !z->bad; repeat--)
            length[i++] = what;
    }
    z->bad = z->bad || length[256] == 0 || !build(&z->lit, length, lit_n) || !build(&z->far, length + lit_n, far_n);
    return true;
}

static bool head(struct inflate64 *z, struct err *e)
{
    if (!fill(z, e))
        return false;
    z->last = take(z, 1);
    uint32_t type = take(z, 2);
    z->left = 0;
    if (type == 0) {
        take(z, z->bit_n & 7);
        if (!fill(z, e))
            return false;
        uint32_t n = take(z, 16), not_n = take(z, 16);
        z->bad   = z->bad || n != (~not_n & 0xffff);
        z->left  = n;
        z->state = INFLATE64_STORED;
        return true;
    }
    z->state = INFLATE64_CODES;
    if (type == 2)
        return stored_codes(z, e);
    z->bad = z->bad || type != 1 || !fixed_codes(z);
    return true;
}

static void match(struct inflate64 *z, uint32_t s)
{
    static const uint8_t  more_len[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16 };
    static const uint8_t  len[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 3 };
    static const uint16_t far[32] = { 1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
                                      16385, 24577, 32769, 49153 };

    if (s - 257 >= COUNT_OF(len)) {
        z->bad = true;
        return;
    }
    z->left = len[s - 257] + take(z, more_len[s - 257]);
    uint32_t d = decode(z, &z->far);
    if (z->bad || d >= COUNT_OF(far)) {
        z->bad = true;
        return;
    }
    z->dist = far[d] + take(z, d < 4 ? 0 : d / 2 - 1);
    z->bad  = z->bad || z->dist > z->total;
}

bool inflate64_read(struct inflate64 *z, uint8_t *buf, size_t n, size_t *ret_got, struct err *e)
{
    size_t got = 0;

    while (got < n && !z->bad && !z->done) {
        uint8_t b;
        if (z->state == INFLATE64_HEAD) {
            if (!head(z, e))
                return false;
            continue;
        }
        if (z->state == INFLATE64_STORED && z->left == 0) {
            z->state = INFLATE64_HEAD;
            z->done  = z->last;
            continue;
        }
        if (z->state == INFLATE64_STORED) {
            if (!fill(z, e))
                return false;
            b = (uint8_t)take(z, 8);
            z->left--;
        } else if (z->left) {
            b = z->window[(z->total - z->dist) % INFLATE64_WINDOW];
            z->left--;
        } else {
            if (!fill(z, e))
                return false;
            /* 15 bits of a length, 16 more, 15 of a distance, 14 more: 60 at most, of the 57 to 64 that fill gave; so once more between. */
            uint32_t s = decode(z, &z->lit);
            if (z->bad || s == 256) {
                z->state = INFLATE64_HEAD;
                z->done  = s == 256 && z->last;
                continue;
            }
            if (s > 256) {
                if (!fill(z, e))
                    return false;
                match(z, s);
                continue;
            }
            b = (uint8_t)s;
        }
        if (z->bad)
            break;
        z->window[z->total++ % INFLATE64_WINDOW] = b;
        buf[got++] = b;
    }
    *ret_got = got;
    return true;
}
