/* See sip.h. */
#include "base/sip.h"

struct sip { uint64_t v0, v1, v2, v3; };

static uint64_t left(uint64_t x, int by) { return x << by | x >> (64 - by); }

static uint64_t le64(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)p[i] << 8 * i;
    return v;
}

static void rounds(struct sip *s, int n)
{
    while (n--) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = left(s->v1, 13) ^ s->v0;
        s->v3 = left(s->v3, 16) ^ s->v2;
        s->v0 = left(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = left(s->v1, 17) ^ s->v2;
        s->v3 = left(s->v3, 21) ^ s->v0;
        s->v2 = left(s->v2, 32);
    }
}

static void take(struct sip *s, uint64_t m)
{
    s->v3 ^= m;
    rounds(s, 2);
    s->v0 ^= m;
}

static uint64_t fold(const struct sip *s) { return s->v0 ^ s->v1 ^ s->v2 ^ s->v3; }

struct sip128 sip128(const uint8_t key[SIP_KEY_BYTES], struct str in)
{
    uint64_t   k0 = le64(key, 8), k1 = le64(key + 8, 8);
    struct sip s = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du ^ 0xee, k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };
    size_t     at = 0;

    for (; in.n - at >= 8; at += 8)
        take(&s, le64(in.p + at, 8));
    take(&s, (uint64_t)in.n << 56 | (in.n - at ? le64(in.p + at, in.n - at) : 0));
    s.v2 ^= 0xee;
    rounds(&s, 4);
    struct sip128 ret = { .lo = fold(&s) };
    s.v1 ^= 0xdd;
    rounds(&s, 4);
    ret.hi = fold(&s);
    return ret;
}
