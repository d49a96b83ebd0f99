#include "webshell/cutter.h"

#include "base/utf.h"

#include <string.h>

/* How many bytes from `at` on are ASCII for certain, eight at a step. */
static size_t ascii_run(struct str s, size_t at)
{
    uint64_t v;
    size_t   i = at;

    while (s.n - i >= 8 && (memcpy(&v, s.p + i, 8), (v & 0x8080808080808080u) == 0))
        i += 8;
    return i - at;
}

bool decode_valid(struct str s)
{
    s = str_from(s, ascii_run(s, 0));
    while (s.n) {
        uint32_t cp;
        size_t   n = s.p[0] < 0x80 ? 1 : utf8_next(s, &cp);
        if (n == 0)
            return false;
        s = (struct str){ s.p + n, s.n - n };
    }
    return true;
}

static bool double_page(uint32_t codepage)
{
    return codepage == 936 || codepage == 950 || codepage == 949 || codepage == 932 || codepage == 54936 || codepage == 1361 || codepage == 20936;
}
static bool trail_byte(uint8_t c) { return c >= 0x40 && c != 0x7F && c != 0xFF; }

/* Bytes above ASCII that are no UTF-8: of pairs (code pages of East Asia) or single? Declared, or by what follows the first of two. */
enum bytes_kind decode_bytes_kind(struct str text, uint32_t codepage)
{
    size_t high = 0, low = 0;

    if (decode_valid(text))
        return BYTES_UTF8;
    if (double_page(codepage))
        return BYTES_DOUBLE;
    for (size_t i = ascii_run(text, 0); i + 1 < text.n; i++) {
        if (text.p[i] < 0x81) {
            i += ascii_run(text, i + 1);
            continue;
        }
        if (text.p[i + 1] >= 0x80)
            high++;
        else
            low++;
        i += trail_byte(text.p[i + 1]);
    }
    return high > low * 3 ? BYTES_DOUBLE : BYTES_SINGLE;
}

size_t decode_clean(uint8_t *to, struct str s, enum bytes_kind kind)
{
    size_t   n = 0;
    uint32_t cp;

    if (s.n == 0)
        return 0;
    if (kind == BYTES_UTF8 || decode_valid(s)) {
        memcpy(to, s.p, s.n);
        return s.n;
    }
    for (size_t i = 0, run; i < s.n;) {
        if ((run = ascii_run(s, i)) > 0) {
            memcpy(to + n, s.p + i, run);
            n += run;
            i += run;
            continue;
        }
        uint8_t b = s.p[i];
        size_t  len = b < 0x80 ? 1 : kind == BYTES_SINGLE ? utf8_next(str_from(s, i), &cp) : 0;
        if (len) {
            memcpy(to + n, s.p + i, len);
            n += len;
            i += len;
        } else if (kind == BYTES_DOUBLE && b > 0x80 && i + 1 < s.n && trail_byte(s.p[i + 1])) {
            /* One character of the last planes for the two: nothing in it can be taken for a mark, and two different ones stay different. */
            n += utf8_put(0xF0000u | (uint32_t)b << 8 | s.p[i + 1], to + n);
            i += 2;
        } else {
            n += utf8_put(b, to + n);
            i++;
        }
    }
    return n;
}
