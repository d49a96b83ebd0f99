#include "base/str.h"
#include "base/arena.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { SHORT_MAX = 8 };

int ch_hex(uint8_t c)
{
    if (ch_digit(c))
        return c - '0';
    c = ch_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct str str_c(const char *c)
{
    return (struct str){ (const uint8_t *)c, c ? strlen(c) : 0 };
}

bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_ieq(struct str a, struct str b)
{
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ch_lower(a.p[i]) != ch_lower(b.p[i]))
            return false;
    return true;
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int    c = n ? memcmp(a.p, b.p, n) : 0;

    return c ? c : (a.n > b.n) - (a.n < b.n);
}

/* Long paths are sorted by it, which begin alike: those bytes are passed over in steps. */
int str_icmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (n - i >= 8 && memcmp(a.p + i, b.p + i, 8) == 0)
        i += 8;
    for (; i < n; i++) {
        int d = ch_lower(a.p[i]) - ch_lower(b.p[i]);
        if (d)
            return d;
    }
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return str_cmp(a, b);
}

struct str str_sub(struct str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct str){ s.p ? s.p + from : NULL, to - from };
}

struct str str_from(struct str s, size_t from) { return str_sub(s, from, s.n); }

bool str_starts(struct str s, struct str h)  { return s.n >= h.n && str_eq(str_sub(s, 0, h.n), h); }
bool str_istarts(struct str s, struct str h) { return s.n >= h.n && str_ieq(str_sub(s, 0, h.n), h); }
bool str_ends(struct str s, struct str t)    { return s.n >= t.n && str_eq(str_from(s, s.n - t.n), t); }
bool str_iends(struct str s, struct str t)   { return s.n >= t.n && str_ieq(str_from(s, s.n - t.n), t); }

size_t str_find(struct str s, struct str part)
{
    if (part.n == 0)
        return 0;
    if (part.n > s.n)
        return STR_NONE;
#ifdef __SSE2__
    /* Short words: places where the first and the last byte fit, 16 at a step. memmem makes a table for each of them, and looks byte by byte for two. */
    if (part.n <= SHORT_MAX) {
        const __m128i one = _mm_set1_epi8((char)part.p[0]), end = _mm_set1_epi8((char)part.p[part.n - 1]);
        size_t        i = 0, places = s.n - part.n + 1;
        for (; places - i >= 16; i += 16) {
            __m128i  a = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
            __m128i  b = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + part.n - 1));
            unsigned both = (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, one), _mm_cmpeq_epi8(b, end)));
            for (; both; both &= both - 1)
                if (memcmp(s.p + i + (size_t)__builtin_ctz(both), part.p, part.n) == 0)
                    return i + (size_t)__builtin_ctz(both);
        }
        for (; i < places; i++)
            if (s.p[i] == part.p[0] && memcmp(s.p + i, part.p, part.n) == 0)
                return i;
        return STR_NONE;
    }
#endif
    const uint8_t *p = memmem(s.p, s.n, part.p, part.n);
    return p ? (size_t)(p - s.p) : STR_NONE;
}

static bool ifits(const uint8_t *p, struct str part)
{
    size_t k = 0;

    while (k < part.n && ch_lower(p[k]) == ch_lower(part.p[k]))
        k++;
    return k == part.n;
}

/* Where its first and its last byte stand at their distance, 16 places at a step, the whole is compared. */
size_t str_ifind(struct str s, struct str part)
{
    if (part.n == 0)
        return 0;
    if (part.n > s.n)
        return STR_NONE;
    size_t  i = 0, places = s.n - part.n + 1;
    uint8_t first = ch_lower(part.p[0]), last = ch_lower(part.p[part.n - 1]);
#ifdef __SSE2__
    const __m128i one = _mm_set1_epi8((char)first), end = _mm_set1_epi8((char)last);
    const __m128i fold_one = _mm_set1_epi8(ch_alpha(first) ? 0x20 : 0), fold_end = _mm_set1_epi8(ch_alpha(last) ? 0x20 : 0);
    for (; places - i >= 16; i += 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.p + i + part.n - 1));
        unsigned both = (unsigned)_mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(_mm_or_si128(a, fold_one), one), _mm_cmpeq_epi8(_mm_or_si128(b, fold_end), end)));
        for (; both; both &= both - 1)
            if (ifits(s.p + i + (size_t)__builtin_ctz(both), part))
                return i + (size_t)__builtin_ctz(both);
    }
#endif
    for (; i < places; i++)
        if (ch_lower(s.p[i]) == first && ifits(s.p + i, part))
            return i;
    return STR_NONE;
}

size_t str_chr(struct str s, uint8_t c)
{
    const uint8_t *p = s.n ? memchr(s.p, c, s.n) : NULL;
    return p ? (size_t)(p - s.p) : STR_NONE;
}

size_t str_rchr(struct str s, uint8_t c)
{
    const uint8_t *p = s.n ? memrchr(s.p, c, s.n) : NULL;
    return p ? (size_t)(p - s.p) : STR_NONE;
}

struct str str_trim(struct str s)
{
    while (s.n && ch_space(s.p[0]))
        s = str_from(s, 1);
    while (s.n && ch_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

bool str_cut(struct str *rest, uint8_t sep, struct str *ret)
{
    if (!rest->p)
        return false;
    size_t at = str_chr(*rest, sep);
    if (at == STR_NONE) {
        *ret  = *rest;
        *rest = STR_EMPTY;
    } else {
        *ret  = str_sub(*rest, 0, at);
        *rest = str_from(*rest, at + 1);
    }
    return true;
}

struct str str_dup(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);
    if (!p)
        return STR_EMPTY;
    if (s.n)
        memcpy(p, s.p, s.n);
    return (struct str){ p, s.n };
}

struct str str_lower(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n ? s.n : 1);
    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        p[i] = ch_lower(s.p[i]);
    return (struct str){ p, s.n };
}

struct str str_cat(struct arena *a, struct str x, struct str y)
{
    size_t n;
    if (__builtin_add_overflow(x.n, y.n, &n))
        return STR_EMPTY;
    uint8_t *p = NEW(a, uint8_t, n ? n : 1);
    if (!p)
        return STR_EMPTY;
    if (x.n)
        memcpy(p, x.p, x.n);
    if (y.n)
        memcpy(p + x.n, y.p, y.n);
    return (struct str){ p, n };
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
    size_t  room = !a->beg ? 0 : arena_room(a) < INT_MAX ? arena_room(a) : INT_MAX;
    va_list ap;

    /* Written where it will lie: what is free of an arena is nobody's yet. */
    va_start(ap, fmt);
    int n = vsnprintf((char *)a->beg, room, fmt, ap);
    va_end(ap);
    if (n < 0)
        return STR_EMPTY;
    char *p = TAKE(a, char, (size_t)n + 1);
    return p ? (struct str){ (const uint8_t *)p, (size_t)n } : STR_EMPTY;
}

const char *str_cstr(struct arena *a, struct str s)
{
    if (str_chr(s, 0) != STR_NONE || s.n == SIZE_MAX)
        return NULL;
    char *p = NEW(a, char, s.n + 1);
    if (p && s.n)
        memcpy(p, s.p, s.n);
    return p;
}

struct str str_unpercent(struct arena *a, struct str s)
{
    if (str_chr(s, '%') == STR_NONE)
        return s;
    uint8_t *p = NEW(a, uint8_t, s.n);
    if (!p)
        return STR_EMPTY;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        int hi = -1, lo = -1;
        if (s.p[i] == '%' && s.n - i > 2) {
            hi = ch_hex(s.p[i + 1]);
            lo = ch_hex(s.p[i + 2]);
        }
        if (hi >= 0 && lo >= 0) {
            p[n++] = (uint8_t)(hi << 4 | lo);
            i += 2;
        } else {
            p[n++] = s.p[i];
        }
    }
    return (struct str){ p, n };
}

static uint64_t hash_step(uint64_t h, uint8_t c) { return (h ^ c) * 0x100000001b3u; }

uint64_t str_hash(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = hash_step(h, s.p[i]);
    return h ^ h >> 29;
}

uint64_t str_ihash(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.n; i++)
        h = hash_step(h, ch_lower(s.p[i]));
    return h ^ h >> 29;
}
