#include "webshell/cutter.h"

#include "base/num.h"
#include "base/utf.h"

#include <string.h>

/* Code page 37 (EBCDIC of IBM mainframes, USA) to Unicode. Source: IBM code page 37; the same bytes as Microsoft's table for it. */
static const uint8_t page37[256] = {
    0x00, 0x01, 0x02, 0x03, 0x9C, 0x09, 0x86, 0x7F, 0x97, 0x8D, 0x8E, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F,
    0x10, 0x11, 0x12, 0x13, 0x9D, 0x85, 0x08, 0x87, 0x18, 0x19, 0x92, 0x8F, 0x1C, 0x1D, 0x1E, 0x1F,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x0A, 0x17, 0x1B, 0x88, 0x89, 0x8A, 0x8B, 0x8C, 0x05, 0x06, 0x07,
    0x90, 0x91, 0x16, 0x93, 0x94, 0x95, 0x96, 0x04, 0x98, 0x99, 0x9A, 0x9B, 0x14, 0x15, 0x9E, 0x1A,
    0x20, 0xA0, 0xE2, 0xE4, 0xE0, 0xE1, 0xE3, 0xE5, 0xE7, 0xF1, 0xA2, 0x2E, 0x3C, 0x28, 0x2B, 0x7C,
    0x26, 0xE9, 0xEA, 0xEB, 0xE8, 0xED, 0xEE, 0xEF, 0xEC, 0xDF, 0x21, 0x24, 0x2A, 0x29, 0x3B, 0xAC,
    0x2D, 0x2F, 0xC2, 0xC4, 0xC0, 0xC1, 0xC3, 0xC5, 0xC7, 0xD1, 0xA6, 0x2C, 0x25, 0x5F, 0x3E, 0x3F,
    0xF8, 0xC9, 0xCA, 0xCB, 0xC8, 0xCD, 0xCE, 0xCF, 0xCC, 0x60, 0x3A, 0x23, 0x40, 0x27, 0x3D, 0x22,
    0xD8, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0xAB, 0xBB, 0xF0, 0xFD, 0xFE, 0xB1,
    0xB0, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70, 0x71, 0x72, 0xAA, 0xBA, 0xE6, 0xB8, 0xC6, 0xA4,
    0xB5, 0x7E, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0xA1, 0xBF, 0xD0, 0xDD, 0xDE, 0xAE,
    0x5E, 0xA3, 0xA5, 0xB7, 0xA9, 0xA7, 0xB6, 0xBC, 0xBD, 0xBE, 0x5B, 0x5D, 0xAF, 0xA8, 0xB4, 0xD7,
    0x7B, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0xAD, 0xF4, 0xF6, 0xF2, 0xF3, 0xF5,
    0x7D, 0x4A, 0x4B, 0x4C, 0x4D, 0x4E, 0x4F, 0x50, 0x51, 0x52, 0xB9, 0xFB, 0xFC, 0xF9, 0xFA, 0xFF,
    0x5C, 0xF7, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0xB2, 0xD4, 0xD6, 0xD2, 0xD3, 0xD5,
    0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0xB3, 0xDB, 0xDC, 0xD9, 0xDA, 0x9F,
};

/* Text of code page 37? Its marks of code, and nearly all of its head plain text when read that way, but not as ASCII. */
static bool is_ebcdic(struct str s)
{
    struct str head = str_sub(s, 0, 2048);
    size_t     plain = 0, ascii = 0;

    if (!str_has(s, STR("\x4C\x6C")) || !str_has(s, STR("\x6C\x6E")))
        return false;
    for (size_t i = 0; i < head.n; i++) {
        uint8_t c = page37[head.p[i]];
        plain += (c >= 32 && c < 127) || (c >= 9 && c <= 13) || c == 0x85;
        ascii += (head.p[i] >= 32 && head.p[i] < 127) || (head.p[i] >= 9 && head.p[i] <= 13);
    }
    return plain > head.n - head.n / 16 && ascii < head.n - head.n / 4;
}

static struct str from_ebcdic(struct arena *a, struct str s)
{
    uint8_t *to = TAKE(a, uint8_t, s.n * 2 + 1);
    size_t   n = 0;

    if (!to)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        n += utf8_put(page37[s.p[i]] == 0x85 ? '\n' : page37[s.p[i]], to + n);
    return (struct str){ to, n };
}

static int digit64(uint8_t c)
{
    if (ch_digit(c))
        return c - '0' + 52;
    if (ch_alpha(c))
        return c <= 'Z' ? c - 'A' : c - 'a' + 26;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* UTF-7, RFC 2152: '+' begins units of UTF-16 in base 64, anything else ends them, '-' is taken away with them; "+-" is a plus sign. */
static struct str from_utf7(struct arena *a, struct str s)
{
    uint8_t *to = TAKE(a, uint8_t, s.n * 2 + 4);
    size_t   n = 0;

    if (!to)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] != '+') {
            to[n++] = s.p[i++];
            continue;
        }
        if (++i < s.n && s.p[i] == '-') {
            to[n++] = '+';
            i++;
            continue;
        }
        uint32_t bits = 0, have = 0, high = 0;
        for (int d; i < s.n && (d = digit64(s.p[i])) >= 0; i++) {
            bits = bits << 6 | (uint32_t)d;
            have += 6;
            if (have < 16)
                continue;
            have -= 16;
            uint32_t u = bits >> have & 0xFFFF;
            bits &= (1u << have) - 1;
            if (u >= 0xD800 && u < 0xDC00) {
                high = u;
                continue;
            }
            n += utf8_put(high && u >= 0xDC00 && u < 0xE000 ? 0x10000 + ((high - 0xD800) << 10) + (u - 0xDC00) : u, to + n);
            high = 0;
        }
        i += i < s.n && s.p[i] == '-';
    }
    return (struct str){ to, n };
}

/* UTF-32, which the reader of ASP.NET knows by its mark. */
static struct str from_utf32(struct arena *a, struct str s, bool big)
{
    uint8_t *to = TAKE(a, uint8_t, s.n + 4);
    size_t   n = 0;

    if (!to)
        return STR_EMPTY;
    for (size_t i = 0; i + 4 <= s.n; i += 4) {
        const uint8_t *p = s.p + i;
        n += utf8_put(big ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0],
                      to + n);
    }
    return (struct str){ to, n };
}

/* Every second byte of the head a NUL: UTF-16 without its mark. */
static enum utf_kind unmarked_utf16(struct str s)
{
    size_t even = 0, odd = 0, n = s.n < 256 ? s.n : 256;

    for (size_t i = 0; i < n; i++)
        if (s.p[i] == 0)
            *(i & 1 ? &odd : &even) += 1;
    if (n >= 8 && odd * 5 > n * 2 && even == 0)
        return UTF_16LE;
    return n >= 8 && even * 5 > n * 2 && odd == 0 ? UTF_16BE : UTF_8;
}

/* The code page that a directive at the page's head declares; 0: none. */
static uint32_t declared_page(struct str t)
{
    for (size_t at = 0, seen = 0; seen < 16; seen++) {
        size_t p = str_find(str_from(t, at), STR("<%"));
        if (p == STR_NONE)
            return 0;
        for (p += at + 2; p < t.n && ch_space(t.p[p]);)
            p++;
        if (p >= t.n || t.p[p] != '@')
            return 0;
        struct str text = str_sub(t, p + 1, p + 1 + 4096), v;
        size_t     end = str_find(text, STR("%>"));
        text = end == STR_NONE ? text : str_sub(text, 0, end);
        uint32_t n = 0;
        if (container_attribute(text, STR("codepage"), &v) && num_u32(v, &n))
            return n;
        at = p + 1;
    }
    return 0;
}

static bool decoded(struct container *c, struct str text, enum page_text kind)
{
    c->text      = text;
    c->text_kind = kind;
    return text.p != NULL;
}

bool decode_page(struct container *c, struct arena *a, struct str bytes)
{
    if (str_starts(bytes, STR("\xEF\xBB\xBF")))
        bytes = str_from(bytes, 3);
    else if (str_starts(bytes, STR("\xFF\xFE\0\0")) || str_starts(bytes, STR("\0\0\xFE\xFF")))
        return decoded(c, from_utf32(a, str_from(bytes, 4), bytes.p[0] == 0), TEXT_UTF16);
    else if (str_starts(bytes, STR("\xFF\xFE")) || str_starts(bytes, STR("\xFE\xFF")))
        return decoded(c, utf_to8(a, str_from(bytes, 2), bytes.p[0] == 0xFF ? UTF_16LE : UTF_16BE), TEXT_UTF16);
    else if (unmarked_utf16(bytes) != UTF_8)
        return decoded(c, utf_to8(a, bytes, unmarked_utf16(bytes)), TEXT_UTF16);
    else if (str_starts(bytes, STR("+/v8")) || str_starts(bytes, STR("+/v9")) || str_starts(bytes, STR("+/v+")) || str_starts(bytes, STR("+/v/")))
        return decoded(c, from_utf7(a, bytes), TEXT_UTF7);
    bool open = str_has(bytes, STR("<%"));
    if (!open && is_ebcdic(bytes))
        return decoded(c, from_ebcdic(a, bytes), TEXT_EBCDIC);
    uint32_t page = open ? declared_page(bytes) : 0;
    if (page == 65000)
        return decoded(c, from_utf7(a, bytes), TEXT_UTF7);
    /* The server's configuration can declare it as well: no code in plain letters, and some once it is read so. */
    if (!open && str_chr(bytes, '+') != STR_NONE && (str_has(bytes, STR("+ADw")) || str_has(bytes, STR("+ACU"))) && !str_ihas(bytes, STR("<script"))) {
        struct str plain = from_utf7(a, bytes);
        if (!plain.p || str_has(plain, STR("<%")))
            return decoded(c, plain, TEXT_UTF7);
    }
    return decoded(c, bytes.p ? bytes : STR(""), TEXT_PLAIN);
}
