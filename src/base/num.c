#include "base/num.h"

bool num_u64(struct str s, uint64_t *ret)
{
    uint64_t v = 0;

    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!ch_digit(s.p[i]) || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    *ret = v;
    return true;
}

bool num_u32(struct str s, uint32_t *ret)
{
    uint64_t v;

    if (!num_u64(s, &v) || v > UINT32_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

bool num_hex(struct str s, uint64_t *ret)
{
    uint64_t v = 0;

    if (s.n == 0 || s.n > 16)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        int h = ch_hex(s.p[i]);
        if (h < 0)
            return false;
        v = v << 4 | (uint64_t)h;
    }
    *ret = v;
    return true;
}

bool num_unhex(struct str s, uint8_t *ret, size_t n)
{
    if (s.n / 2 != n || s.n % 2)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (ch_hex(s.p[i]) < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        ret[i] = (uint8_t)(ch_hex(s.p[2 * i]) << 4 | ch_hex(s.p[2 * i + 1]));
    return true;
}

void num_tohex(const uint8_t *p, size_t n, char *ret)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        ret[2 * i]     = digit[p[i] >> 4];
        ret[2 * i + 1] = digit[p[i] & 15];
    }
    ret[2 * n] = '\0';
}
