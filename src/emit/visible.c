#include "emit/visible.h"
#include "base/num.h"
#include "base/utf.h"

#include <stdio.h>
#include <string.h>

struct range { uint32_t from, to; };

/* Sorted. Direction marks, zero-width and other default-ignorable characters, line and paragraph separators, tags. */
static const struct range hidden[] = {
    { 0x0000, 0x001F }, { 0x007F, 0x009F }, { 0x00AD, 0x00AD }, { 0x034F, 0x034F }, { 0x061C, 0x061C }, { 0x115F, 0x1160 },
    { 0x17B4, 0x17B5 }, { 0x180B, 0x180F }, { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0x3164, 0x3164 },
    { 0xFDD0, 0xFDEF }, { 0xFE00, 0xFE0F }, { 0xFEFF, 0xFEFF }, { 0xFFA0, 0xFFA0 }, { 0xFFF0, 0xFFFB }, { 0xFFFE, 0xFFFF },
    { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
};

/* Sorted. Generous on purpose: a column too many leaves a gap, one too few breaks the screen. */
static const struct range wide[] = {
    { 0x1100, 0x115F }, { 0x231A, 0x231B }, { 0x2329, 0x232A }, { 0x23E9, 0x23F3 }, { 0x25FD, 0x25FE }, { 0x2600, 0x27BF },
    { 0x2B1B, 0x2B55 }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xA960, 0xA97F }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
    { 0xFE10, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x16FE0, 0x18DFF }, { 0x1AFF0, 0x1B2FF }, { 0x1F000, 0x1FBFF },
    { 0x20000, 0x3FFFD },
};

static bool in_ranges(const struct range *r, size_t n, uint32_t cp)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (cp > r[mid].to)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < n && cp >= r[lo].from;
}

bool visible_hidden(uint32_t cp)
{
    return in_ranges(hidden, COUNT_OF(hidden), cp) || (cp & 0xFFFE) == 0xFFFE || cp > 0x10FFFF;
}

bool visible_step(struct str s, struct visible *ret)
{
    if (s.n == 0)
        return false;
    if (s.p[0] >= 0x20 && s.p[0] < 0x7F) {             /* the common case */
        ret->take = ret->columns = 1;
        ret->cp = s.p[0];
        ret->as_is = true;
        ret->text[0] = '\0';
        return true;
    }
    uint32_t cp = 0;
    size_t   n = utf8_next(s, &cp);
    int      len = 0;

    ret->take = n ? n : 1;
    ret->cp = cp;
    ret->as_is = n && !visible_hidden(cp);
    ret->text[0] = '\0';
    if (ret->as_is) {
        ret->columns = in_ranges(wide, COUNT_OF(wide), cp) ? 2 : 1;
        return true;
    }
    if (n == 0)
        len = snprintf(ret->text, sizeof ret->text, "\\x%02X", s.p[0]);
    else if (cp < 0x80)
        len = snprintf(ret->text, sizeof ret->text, "\\x%02X", (unsigned)cp);
    else if (cp <= 0xFFFF)
        len = snprintf(ret->text, sizeof ret->text, "\\u%04X", (unsigned)cp);
    else
        len = snprintf(ret->text, sizeof ret->text, "\\u{%X}", (unsigned)cp);
    ret->columns = (size_t)len;
    return true;
}

size_t visible_columns(struct str s)
{
    struct visible v;
    size_t         sum = 0;

    for (; visible_step(s, &v); s = str_from(s, v.take))
        sum += v.columns;
    return sum;
}
