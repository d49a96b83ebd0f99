/* Bytes and encodings: base64, hex, percent and HTML escapes, code pages, byte strings. */
#include "webshell/fold_inner.h"

#include <string.h>

#include "base/b64.h"
#include "base/utf.h"
#include "webshell/api.h"

/* ---- base64 and hex ---- */
bool bytes_from_base64(struct fold_args *c)
{
    struct str s;
    uint32_t   acc = 0;
    unsigned   bits = 0;
    size_t     n = 0;

    if (!c->n || !fold_as_chars(c, c->v[0], &s))
        return false;
    uint8_t *p = fold_room(c, s.n / 4 * 3 + 3);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n && s.p[i] != '='; i++) {
        int d = b64_value(s.p[i]);
        if (ch_space(s.p[i]))
            continue;
        if (d < 0)
            return false;
        acc = acc << 6 | (uint32_t)d;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            p[n++] = (uint8_t)(acc >> bits);
        }
    }
    return fold_give_bytes(c, (struct str){ p, n });
}

bool bytes_to_base64(struct fold_args *c)
{
    static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct str s;
    size_t     n = 0;

    if (!c->n || !fold_as_bytes(c, c->v[0], &s) || s.n > VAL_TEXT_MAX / 2)
        return false;
    uint8_t *p = fold_room(c, (s.n + 2) / 3 * 4);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t v = (uint32_t)s.p[i] << 16 | (i + 1 < s.n ? (uint32_t)s.p[i + 1] << 8 : 0) | (i + 2 < s.n ? s.p[i + 2] : 0u);
        p[n++] = (uint8_t)abc[v >> 18];
        p[n++] = (uint8_t)abc[v >> 12 & 63];
        p[n++] = i + 1 < s.n ? (uint8_t)abc[v >> 6 & 63] : '=';
        p[n++] = i + 2 < s.n ? (uint8_t)abc[v & 63] : '=';
    }
    return fold_give_text(c, (struct str){ p, n });
}

bool bytes_from_hex(struct fold_args *c)
{
    struct str s;

    if (!fold_arg_text(c, 0, &s) || s.n % 2)
        return false;
    uint8_t *p = fold_room(c, s.n / 2);
    for (size_t i = 0; p && i < s.n; i += 2) {
        int a = ch_hex(s.p[i]), b = ch_hex(s.p[i + 1]);
        if (a < 0 || b < 0)
            return false;
        p[i / 2] = (uint8_t)(a << 4 | b);
    }
    return p && fold_give_bytes(c, (struct str){ p, s.n / 2 });
}

/* BitConverter.ToString: "0A-FF"; Convert.ToHexString: "0AFF". */
bool bytes_hex_text(struct fold_args *c)
{
    struct str s;
    bool       dashes = str_ieq(c->name, STR("ToString"));
    size_t     n = 0;

    if (!c->n || !fold_as_bytes(c, c->v[0], &s) || s.n > VAL_TEXT_MAX / 3)
        return false;
    uint8_t *p = fold_room(c, s.n * 3);
    for (size_t i = 0; p && i < s.n; i++) {
        if (dashes && i)
            p[n++] = '-';
        p[n++] = (uint8_t)"0123456789ABCDEF"[s.p[i] >> 4];
        p[n++] = (uint8_t)"0123456789ABCDEF"[s.p[i] & 15];
    }
    return p && fold_give_text(c, (struct str){ p, n });
}

bool bytes_of_number(struct fold_args *c)
{
    int64_t n;

    if (!fold_arg_number(c, 0, &n) || c->v[0]->kind != VAL_NUMBER)
        return false;
    uint8_t *p = fold_room(c, 4);
    for (unsigned i = 0; p && i < 4; i++)
        p[i] = (uint8_t)((uint64_t)n >> 8 * i);
    return p && fold_give_bytes(c, (struct str){ p, 4 });
}

/* ---- code pages ---- */
enum code { CODE_UTF8, CODE_UTF16, CODE_UTF16BE, CODE_ASCII, CODE_BYTES };

static const struct { const char *name; enum code code; } codes[] = {
    { "utf-8", CODE_UTF8 }, { "utf8", CODE_UTF8 }, { "65001", CODE_UTF8 }, { "utf-16", CODE_UTF16 }, { "unicode", CODE_UTF16 }, { "utf-16le", CODE_UTF16 }, { "1200", CODE_UTF16 }, { "utf-16be", CODE_UTF16BE }, { "1201", CODE_UTF16BE },
    { "unicodefffe", CODE_UTF16BE }, { "us-ascii", CODE_ASCII }, { "ascii", CODE_ASCII }, { "20127", CODE_ASCII },
};

static enum code code_of(const struct val *encoding)
{
    struct str name = encoding->name;

    if (encoding->kind != VAL_TYPE && encoding->cls)
        name = str_c(encoding->cls->name);
    if (str_iends(name, STR("UTF8Encoding")))
        return CODE_UTF8;
    if (str_iends(name, STR("UnicodeEncoding")))
        return CODE_UTF16;
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_ieq_c(name, codes[i].name))
            return codes[i].code;
    return encoding->kind == VAL_TYPE && name.n && !str_ieq(name, STR("Encoding")) ? CODE_BYTES : CODE_UTF8;
}

bool bytes_encoding(struct fold_args *c)                    /* Encoding.GetEncoding(name or number) */
{
    struct str s;

    if (!c->n || !fold_arg_text(c, c->n - 1, &s) || !s.n || s.n > 40)
        return false;
    c->out = (struct val){ .kind = VAL_TYPE, .name = s, .cls = api_class_find(STR("Encoding")) };
    return true;
}

bool bytes_get_string(struct fold_args *c)
{
    struct str s, t;
    int64_t    from, n;
    size_t     k = 0;

    if (c->n < 2 || !fold_as_bytes(c, c->v[1], &s))
        return false;
    if (c->n == 4 && fold_arg_number(c, 2, &from) && fold_arg_number(c, 3, &n) && from >= 0 && n >= 0)
        s = str_sub(str_from(s, (size_t)from), 0, (size_t)n);
    switch (code_of(c->v[0])) {
    case CODE_UTF8:
        t = s.n > 2 && s.p[0] == 0xEF && s.p[1] == 0xBB && s.p[2] == 0xBF ? str_from(s, 3) : s;
        if (!utf8_valid(t) && !fold_steps(c->f, t.n * 3))
            return false;
        t = utf8_clean(c->f->a, t);
        break;
    case CODE_UTF16:
    case CODE_UTF16BE:
        if (!fold_steps(c->f, s.n * 2))
            return false;
        t = s.n ? utf_to8(c->f->a, s, code_of(c->v[0]) == CODE_UTF16 ? UTF_16LE : UTF_16BE) : STR("");
        break;
    default: {
        /* One character a byte; what lies above ASCII is kept as it is. */
        uint8_t *p = fold_room(c, s.n * 2);
        if (!p)
            return false;
        for (size_t i = 0; i < s.n; i++)
            k += utf8_put(s.p[i], p + k);
        t = (struct str){ p, k };
        }
    }
    if (!t.p && s.n) {
        c->full = true;
        return false;
    }
    return fold_give_text(c, t);
}

/* Text to bytes. False: too long. */
static bool encode(struct fold_args *c, struct str s, enum code code, struct str *ret)
{
    uint32_t cp;
    size_t   n = 0;

    if (code == CODE_UTF8 || (code == CODE_ASCII && chars_plain(s)) || (code == CODE_BYTES && chars_plain(s))) {
        *ret = s;
        return true;
    }
    uint8_t *p = fold_room(c, s.n * 2);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n;) {
        i += chars_next(str_from(s, i), &cp);
        if (code == CODE_ASCII || code == CODE_BYTES)
            p[n++] = cp < (code == CODE_ASCII ? 128 : 256) ? (uint8_t)cp : '?';
        else {
            uint32_t unit[2] = { cp, 0 };
            if (cp > 0xFFFF)
                unit[0] = 0xD800 + ((cp - 0x10000) >> 10), unit[1] = 0xDC00 + ((cp - 0x10000) & 0x3FF);
            for (int k = 0; k < (cp > 0xFFFF ? 2 : 1); k++) {
                p[n++] = (uint8_t)(code == CODE_UTF16 ? unit[k] : unit[k] >> 8);
                p[n++] = (uint8_t)(code == CODE_UTF16 ? unit[k] >> 8 : unit[k]);
            }
        }
    }
    *ret = (struct str){ p, n };
    return true;
}

bool bytes_get_bytes(struct fold_args *c)
{
    struct str s, t;
    return c->n == 2 && fold_as_chars(c, c->v[1], &s) && encode(c, s, code_of(c->v[0]), &t) && fold_give_bytes(c, t);
}

bool bytes_convert(struct fold_args *c) { (void)c; return false; }

/* ---- byte strings of VBScript: a text is its UTF-16 ---- */
static bool raw(struct fold_args *c, size_t i, struct str *ret)
{
    struct str s;

    if (i >= c->n)
        return false;
    if (fold_as_bytes(c, c->v[i], ret))
        return true;
    return fold_arg_text(c, i, &s) && encode(c, s, CODE_UTF16, ret);
}

bool bytes_midb(struct fold_args *c)
{
    struct str s;
    int64_t    from, n = INT64_MAX;

    if (!raw(c, 0, &s) || !fold_arg_number(c, 1, &from) || from < 1 || (c->n > 2 && !fold_arg_number(c, 2, &n)) || n < 0)
        return false;
    s = str_from(s, (uint64_t)from - 1 > s.n ? s.n : (size_t)from - 1);
    return fold_give_bytes(c, str_sub(s, 0, (uint64_t)n > s.n ? s.n : (size_t)n));
}
bool bytes_leftb(struct fold_args *c)
{
    struct str s;
    int64_t    n;
    return raw(c, 0, &s) && fold_arg_number(c, 1, &n) && n >= 0 && fold_give_bytes(c, str_sub(s, 0, (uint64_t)n > s.n ? s.n : (size_t)n));
}
bool bytes_rightb(struct fold_args *c)
{
    struct str s;
    int64_t    n;
    return raw(c, 0, &s) && fold_arg_number(c, 1, &n) && n >= 0 && fold_give_bytes(c, str_from(s, (uint64_t)n > s.n ? 0 : s.n - (size_t)n));
}
bool bytes_lenb(struct fold_args *c)
{
    struct str s;
    return raw(c, 0, &s) && fold_give_number(c, (int64_t)s.n);
}
bool bytes_ascb(struct fold_args *c)
{
    struct str s;
    return raw(c, 0, &s) && s.n && fold_give_number(c, s.p[0]);
}
bool bytes_chrb(struct fold_args *c)
{
    int64_t n;
    if (!fold_arg_number(c, 0, &n) || n < 0 || n > 255)
        return false;
    uint8_t *p = fold_room(c, 1);
    if (p)
        p[0] = (uint8_t)n;
    return p && fold_give_bytes(c, (struct str){ p, 1 });
}

/* ---- escapes ---- */
static bool hex4(struct str s, size_t at, uint32_t *ret)
{
    *ret = 0;
    if (s.n - at < 4)
        return false;
    for (size_t i = at; i < at + 4; i++) {
        int d = ch_hex(s.p[i]);
        if (d < 0)
            return false;
        *ret = *ret << 4 | (uint32_t)d;
    }
    return true;
}

/* VBScript's and JScript's Unescape: %XX is a character, %uXXXX too. */
bool bytes_unescape(struct fold_args *c)
{
    struct str s;
    uint32_t   cp;
    size_t     n = 0;

    if (!fold_arg_text(c, 0, &s))
        return false;
    uint8_t *p = fold_room(c, s.n);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '%' && s.n - i > 5 && ch_lower(s.p[i + 1]) == 'u' && hex4(s, i + 2, &cp)) {
            n += utf8_put(cp, p + n);
            i += 6;
        } else if (s.p[i] == '%' && s.n - i > 2 && ch_hex(s.p[i + 1]) >= 0 && ch_hex(s.p[i + 2]) >= 0) {
            n += utf8_put((uint32_t)(ch_hex(s.p[i + 1]) << 4 | ch_hex(s.p[i + 2])), p + n);
            i += 3;
        } else
            p[n++] = s.p[i++];
    }
    return fold_give_text(c, (struct str){ p, n });
}

bool bytes_url_decode(struct fold_args *c)
{
    struct str s;
    bool       plus = str_ieq(c->name, STR("UrlDecode"));
    size_t     n = 0;

    if (!fold_arg_text(c, 0, &s))
        return false;
    uint8_t *p = fold_room(c, s.n);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n;)
        if (s.p[i] == '%' && s.n - i > 2 && ch_hex(s.p[i + 1]) >= 0 && ch_hex(s.p[i + 2]) >= 0) {
            p[n++] = (uint8_t)(ch_hex(s.p[i + 1]) << 4 | ch_hex(s.p[i + 2]));
            i += 3;
        } else {
            p[n++] = plus && s.p[i] == '+' ? ' ' : s.p[i];
            i++;
        }
    struct str t = { p, n };
    if (!utf8_valid(t) && !fold_steps(c->f, n * 3))
        return false;
    t = utf8_clean(c->f->a, t);
    if (!t.p)
        c->full = true;
    return t.p && fold_give_text(c, t);
}

static bool escaped(struct fold_args *c, const char *keep, bool wide, bool plus)
{
    struct str s;
    uint32_t   cp;
    size_t     n = 0;

    if (!fold_arg_text(c, 0, &s) || s.n > VAL_TEXT_MAX / 6)
        return false;
    uint8_t *p = fold_room(c, s.n * 6);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n;) {
        size_t w = wide ? chars_next(str_from(s, i), &cp) : 1;
        if (!wide)
            cp = s.p[i];
        if (cp < 128 && (ch_alnum((uint8_t)cp) || (cp && strchr(keep, (int)cp))))
            p[n++] = (uint8_t)cp;
        else if (plus && cp == ' ')
            p[n++] = '+';
        else if (cp > 255) {
            p[n++] = '%';
            p[n++] = 'u';
            for (int k = 12; k >= 0; k -= 4)
                p[n++] = (uint8_t)"0123456789ABCDEF"[cp >> k & 15];
        } else {
            p[n++] = '%';
            p[n++] = (uint8_t)"0123456789ABCDEF"[cp >> 4];
            p[n++] = (uint8_t)"0123456789ABCDEF"[cp & 15];
        }
        i += w;
    }
    return fold_give_text(c, (struct str){ p, n });
}
bool bytes_escape(struct fold_args *c) { return escaped(c, "@*_+-./", true, false); }
bool bytes_url_encode(struct fold_args *c) { return escaped(c, "-_.!~*'()", false, str_ieq(c->name, STR("UrlEncode"))); }

static const struct { const char *name; uint32_t cp; } entities[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "quot", '"' }, { "apos", '\'' }, { "nbsp", 0xA0 } };

bool bytes_html_decode(struct fold_args *c)
{
    struct str s;
    size_t     n = 0;

    if (!fold_arg_text(c, 0, &s))
        return false;
    uint8_t *p = fold_room(c, s.n);
    if (!p)
        return false;
    for (size_t i = 0; i < s.n;) {
        size_t     end = s.p[i] == '&' ? str_chr(str_sub(s, i, s.n - i > 12 ? i + 12 : s.n), ';') : STR_NONE;
        uint64_t   cp = 0;
        if (end != STR_NONE) {
            struct str e = str_sub(s, i + 1, i + end);
            if (e.n > 2 && e.p[0] == '#' && ch_lower(e.p[1]) == 'x' && !num_hex(str_from(e, 2), &cp))
                cp = 0;
            else if (e.n > 1 && e.p[0] == '#' && ch_digit(e.p[1]) && !num_u64(str_from(e, 1), &cp))
                cp = 0;
            for (size_t k = 0; k < COUNT_OF(entities); k++)
                if (str_eq(e, str_c(entities[k].name)))
                    cp = entities[k].cp;
        }
        if (cp && cp <= 0x10FFFF) {
            n += utf8_put((uint32_t)cp, p + n);       /* never longer than the entity */
            i += end + 1;
        } else
            p[n++] = s.p[i++];
    }
    return fold_give_text(c, (struct str){ p, n });
}

bool bytes_html_encode(struct fold_args *c)
{
    struct str    s;
    struct gather g = { 0 };

    if (!fold_arg_text(c, 0, &s))
        return false;
    for (size_t i = 0, k; i < s.n && !g.bad; i = k) {
        for (k = i; k < s.n && s.p[k] != '<' && s.p[k] != '>' && s.p[k] != '&' && s.p[k] != '"'; k++)
            ;
        gather_text(c, &g, str_sub(s, i, k));
        if (k < s.n) {
            gather_text(c, &g, s.p[k] == '<' ? STR("&lt;") : s.p[k] == '>' ? STR("&gt;") : s.p[k] == '&' ? STR("&amp;") : STR("&quot;"));
            k++;
        }
    }
    return gather_give(c, &g);
}
