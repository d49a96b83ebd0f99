#include "base/utf.h"

#include <string.h>

size_t utf8_next(struct str s, uint32_t *ret_cp)
{
    if (s.n == 0)
        return 0;
    uint8_t  c = s.p[0];
    size_t   n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    uint32_t cp;

    if (n == 0 || n > s.n)
        return 0;
    cp = n == 1 ? c : c & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s.p[i] & 0xC0) != 0x80)
            return 0;
        cp = cp << 6 | (s.p[i] & 0x3Fu);
    }
    if ((n == 3 && (cp < 0x800 || (cp >= 0xD800 && cp < 0xE000))) || (n == 4 && (cp < 0x10000 || cp > 0x10FFFF)))
        return 0;
    *ret_cp = cp;
    return n;
}

size_t utf8_put(uint32_t cp, uint8_t ret[4])
{
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp < 0xE000))
        cp = 0xFFFD;
    if (cp < 0x80) {
        ret[0] = (uint8_t)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, cp >>= 6)
        ret[i] = (uint8_t)(0x80 | (cp & 0x3F));
    ret[0] = (uint8_t)((0xF00u >> n & 0xFF) | cp);
    return n;
}

bool utf8_valid(struct str s)
{
    uint32_t cp;

    while (s.n) {
        size_t n = s.p[0] < 0x80 ? 1 : utf8_next(s, &cp);
        if (n == 0)
            return false;
        s = str_from(s, n);
    }
    return true;
}

struct str utf8_clean(struct arena *a, struct str s)
{
    size_t   bad = 0;
    uint32_t cp;

    for (struct str r = s; r.n;) {
        size_t n = utf8_next(r, &cp);
        bad += n == 0;
        r = str_from(r, n ? n : 1);
    }
    if (!bad)
        return s.p ? s : STR("");
    if (bad > (SIZE_MAX - s.n) / 2)
        return STR_EMPTY;
    uint8_t *out = NEW(a, uint8_t, s.n + 2 * bad);
    if (!out)
        return STR_EMPTY;
    size_t w = 0;
    while (s.n) {
        size_t n = utf8_next(s, &cp);
        if (n) {
            memcpy(out + w, s.p, n);
            w += n;
        } else {
            w += utf8_put(0xFFFD, out + w);
            n = 1;
        }
        s = str_from(s, n);
    }
    return (struct str){ out, w };
}

/* Bytes 0x80 to 0x9F; the rest of Windows-1252 is Latin-1. */
static const uint16_t cp1252[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

/* Length of the beginning of a sequence that s ends with, 0 to 3. */
static size_t cut_sequence(struct str s)
{
    for (size_t n = 1; n < 4 && n <= s.n; n++) {
        uint8_t c = s.p[s.n - n];
        if ((c & 0xC0) != 0x80)
            return n < (c >= 0xF0 ? 4u : c >= 0xE0 ? 3u : c >= 0xC2 ? 2u : 1u) ? n : 0;
    }
    return 0;
}

enum utf_kind utf_guess(struct str head, size_t *ret_skip)
{
    *ret_skip = 0;
    if (str_starts(head, STR("\xEF\xBB\xBF"))) {
        *ret_skip = 3;
        return UTF_8;
    }
    if (str_starts(head, STR("\xFF\xFE"))) {
        *ret_skip = 2;
        return UTF_16LE;
    }
    if (str_starts(head, STR("\xFE\xFF"))) {
        *ret_skip = 2;
        return UTF_16BE;
    }
    head = str_sub(head, 0, 512);
    size_t zero[2] = { 0, 0 };
    for (size_t i = 0; i < head.n; i++)
        zero[i & 1] += head.p[i] == 0;
    size_t half = head.n / 2;
    if (half >= 2 && zero[1] > half / 10 * 7 && zero[0] < half / 10 + 1)
        return UTF_16LE;
    if (half >= 2 && zero[0] > half / 10 * 7 && zero[1] < half / 10 + 1)
        return UTF_16BE;
    return utf8_valid(str_sub(head, 0, head.n - cut_sequence(head))) ? UTF_8 : UTF_1252;
}

/* ASCII in UTF-16LE, eight characters at a time; how many bytes of `s` were taken. Most of what Windows writes is that. */
static size_t ascii16(uint8_t *out, struct str s)
{
    typedef uint16_t units __attribute__((vector_size(16)));
    typedef uint8_t  bytes __attribute__((vector_size(8)));
    size_t i = 0;

    for (; s.n - i >= sizeof(units); i += sizeof(units)) {
        units    u;
        uint64_t half[2];
        memcpy(&u, s.p + i, sizeof u);
        memcpy(half, &u, sizeof half);
        if ((half[0] | half[1]) & UINT64_C(0xFF80FF80FF80FF80))
            break;
        bytes b = __builtin_convertvector(u, bytes);
        memcpy(out + i / 2, &b, sizeof b);
    }
    return i;
}

static struct str from16(struct arena *a, struct str s, bool big)
{
    if (s.n > (SIZE_MAX - 3) / 3 * 2)
        return STR_EMPTY;
    uint8_t *out = TAKE(a, uint8_t, s.n / 2 * 3 + 3);
    size_t   w = 0, i = 0;

    if (!out)
        return STR_EMPTY;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (!big) {
        i = ascii16(out, s);
        w = i / 2;
    }
#endif
    while (s.n - i >= 2) {
        uint32_t u = big ? (uint32_t)s.p[i] << 8 | s.p[i + 1] : (uint32_t)s.p[i + 1] << 8 | s.p[i];
        i += 2;
        if (u >= 0xD800 && u < 0xDC00 && s.n - i >= 2) {
            uint32_t lo = big ? (uint32_t)s.p[i] << 8 | s.p[i + 1] : (uint32_t)s.p[i + 1] << 8 | s.p[i];
            if (lo >= 0xDC00 && lo < 0xE000) {
                u = 0x10000 + ((u - 0xD800) << 10) + (lo - 0xDC00);
                i += 2;
            }
        }
        w += utf8_put(u, out + w);
    }
    if (i < s.n)
        w += utf8_put(0xFFFD, out + w);
    if (a->beg == out + s.n / 2 * 3 + 3)                        /* what was not needed goes back */
        a->beg = out + w;
    return (struct str){ out, w };
}

static struct str from1252(struct arena *a, struct str s)
{
    if (s.n > SIZE_MAX / 3 - 1)
        return STR_EMPTY;
    uint8_t *out = NEW(a, uint8_t, s.n * 3 + 1);
    size_t   w = 0;

    if (!out)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        w += utf8_put(s.p[i] >= 0x80 && s.p[i] < 0xA0 ? cp1252[s.p[i] - 0x80] : s.p[i], out + w);
    return (struct str){ out, w };
}

struct str utf_to8(struct arena *a, struct str s, enum utf_kind kind)
{
    switch (kind) {
    case UTF_16LE: return from16(a, s, false);
    case UTF_16BE: return from16(a, s, true);
    case UTF_1252: return from1252(a, s);
    default:       return utf8_clean(a, s);
    }
}
