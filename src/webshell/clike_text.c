/* What names, texts and numbers say. Results are views of the code where nothing has to be undone. */
#include "webshell/clike_inner.h"

#include "base/utf.h"

#include <string.h>

struct out { uint8_t *p; size_t n; uint32_t high; };     /* high: the first half of a surrogate pair */

static void put_unit(struct out *o, uint32_t c)
{
    if (o->high) {
        uint32_t high = o->high;

        o->high = 0;
        if (c >= 0xDC00 && c <= 0xDFFF)
            c = 0x10000 + ((high - 0xD800) << 10) + (c - 0xDC00);
        else
            o->n += utf8_put(0xFFFD, o->p + o->n);
    }
    if (c >= 0xD800 && c <= 0xDBFF)
        o->high = c;
    else
        o->n += utf8_put(c, o->p + o->n);
}

static void put_byte(struct out *o, uint8_t c)
{
    if (o->high) {
        o->high = 0;
        o->n += utf8_put(0xFFFD, o->p + o->n);
    }
    o->p[o->n++] = c;
}

/* Up to `most` hex digits from *i on; false: fewer than `least`. */
static bool hex_run(struct str s, size_t *i, unsigned least, unsigned most, uint32_t *ret)
{
    uint32_t v = 0;
    unsigned n = 0;

    while (n < most && *i + n < s.n && ch_hex(s.p[*i + n]) >= 0)
        v = v << 4 | (uint32_t)ch_hex(s.p[*i + n++]);
    if (n < least)
        return false;
    *i += n;
    *ret = v;
    return true;
}

/* The escape whose letter stands at *i. */
static void escape(struct out *o, struct str s, size_t *i, bool js)
{
    static const char from[] = "abfnrtv0e", to[] = "\a\b\f\n\r\t\v\0\x1b";
    uint8_t     c = s.p[(*i)++];
    size_t      k = *i;
    uint32_t    v;
    const char *known = c ? memchr(from, c, js ? 7 : 9) : NULL;

    if (js && (c == 'a'))
        known = NULL;
    if ((c == 'x' && hex_run(s, &k, js ? 2 : 1, js ? 2 : 4, &v)) || (c == 'u' && hex_run(s, &k, 4, 4, &v)) || (c == 'U' && !js && hex_run(s, &k, 8, 8, &v))) {
        *i = k;
        put_unit(o, v);
    } else if (js && c >= '0' && c <= '7') {
        v = (uint32_t)(c - '0');
        for (unsigned n = 1; n < (c <= '3' ? 3u : 2u) && k < s.n && s.p[k] >= '0' && s.p[k] <= '7'; n++)
            v = v * 8 + (uint32_t)(s.p[k++] - '0');
        *i = k;
        put_unit(o, v);
    } else if (known)
        put_byte(o, (uint8_t)to[known - from]);
    else if (c == '\r' || c == '\n')              /* a line end that is escaped goes away */
        *i += c == '\r' && *i < s.n && s.p[*i] == '\n';
    else
        put_byte(o, c);
}

struct str clike_name(struct clike *p, const struct token *t, bool *ret_escaped)
{
    struct str s = { p->code.p + t->at, t->n };
    struct out o = { 0 };

    *ret_escaped = false;
    if (!(t->flags & TF_ESCAPED))
        return s;
    if (!(o.p = TAKE(p->b->a, uint8_t, s.n + 8))) {
        p->full = true;
        return s;
    }
    for (size_t i = 0; i < s.n;) {
        uint32_t v;
        size_t   n = utf8_next(str_from(s, i), &v);

        if (s.p[i] == '\\' && i + 1 < s.n) {
            size_t k = i + 2;

            if (!hex_run(s, &k, s.p[i + 1] == 'U' ? 8 : 4, s.p[i + 1] == 'U' ? 8 : 4, &v))
                v = 0xFFFD;
            *ret_escaped |= v < 0x80;
            put_unit(&o, v);
            i = k;
        } else if (n && (v == 0xAD || (v >= 0x200B && v <= 0x200F) || (v >= 0x202A && v <= 0x202E) || (v >= 0x2060 && v <= 0x206F) || v == 0xFEFF)) {
            *ret_escaped = true;
            i += n;
        } else
            put_byte(&o, s.p[i++]);
    }
    return (struct str){ o.p, o.n };
}

/* The indent of the last line is that of all of them; the first and the last line end belong to the quotes. */
static struct str raw(struct clike *p, struct str s)
{
    size_t     first = 0, last = s.n;
    struct str indent;
    uint8_t   *to;
    size_t     n = 0;

    while (first < s.n && (s.p[first] == ' ' || s.p[first] == '\t'))
        first++;
    if (first >= s.n || (s.p[first] != '\n' && s.p[first] != '\r'))
        return s;
    first += s.p[first] == '\r' && first + 1 < s.n && s.p[first + 1] == '\n' ? 2 : 1;
    while (last > first && (s.p[last - 1] == ' ' || s.p[last - 1] == '\t'))
        last--;
    indent = str_from(s, last);
    if (last > first && s.p[last - 1] == '\n')
        last--;
    if (last > first && s.p[last - 1] == '\r')
        last--;
    if (!(to = TAKE(p->b->a, uint8_t, last - first + 1))) {
        p->full = true;
        return STR_EMPTY;
    }
    for (size_t i = first; i < last;) {
        if (str_starts(str_sub(s, i, last), indent))
            i += indent.n;
        while (i < last && (to[n++] = s.p[i++]) != '\n') { }
    }
    return (struct str){ to, n };
}

struct str clike_text(struct clike *p, const struct token *t)
{
    struct str s = { p->code.p + t->at, t->n };
    struct out o = { 0 };

    if (!(t->flags & TF_ESCAPED))
        return s;
    if (t->flags & TF_RAW)
        return raw(p, s);
    /* An escape of one character may become three bytes, and so may each half of a pair. */
    if (!(o.p = TAKE(p->b->a, uint8_t, 2 * s.n + 8))) {
        p->full = true;
        return STR_EMPTY;
    }
    for (size_t i = 0; i < s.n;) {
        uint8_t c = s.p[i++];

        if (c == '\\' && !(t->flags & TF_VERBATIM) && i < s.n)
            escape(&o, s, &i, p->js);
        else {
            put_byte(&o, c);
            i += i < s.n && s.p[i] == c && ((c == '"' && t->flags & TF_VERBATIM) || (t->flags & TF_PIECE && (c == '{' || c == '}')));
        }
    }
    if (o.high)
        o.n += utf8_put(0xFFFD, o.p + o.n);
    return (struct str){ o.p, o.n };
}

/* Digits of a base; false: a fraction, too large or broken. */
static bool whole_number(struct str s, bool js, int64_t *ret)
{
    unsigned base = 10;
    uint64_t v = 0;
    size_t   i = 0, digits = 0;

    if (s.n > 2 && s.p[0] == '0') {
        uint8_t c = s.p[1] | 32;

        base = c == 'x' ? 16 : c == 'b' && !js ? 2 : 10;
        i = base == 10 ? 0 : 2;
    }
    if (js && s.n > 1 && s.p[0] == '0' && base == 10) {           /* 017 is octal as long as all digits are */
        base = 8;
        for (size_t k = 1; k < s.n; k++)
            if (s.p[k] < '0' || s.p[k] > '7')
                base = 10;
    }
    for (; i < s.n; i++) {
        int d = s.p[i] == '_' ? 99 : ch_hex(s.p[i]);

        if (d == 99 && !js)
            continue;
        if (d < 0 || d >= (int)base)
            break;
        if (__builtin_mul_overflow(v, base, &v) || __builtin_add_overflow(v, (uint64_t)d, &v))
            return false;
        digits++;
    }
    for (; i < s.n && !js && ((s.p[i] | 32) == 'u' || (s.p[i] | 32) == 'l'); i++) { }
    if (i < s.n || !digits || v > INT64_MAX)
        return false;
    *ret = (int64_t)v;
    return true;
}

void clike_number(struct clike *p, const struct token *t, struct ir *node)
{
    struct str s = { p->code.p + t->at, t->n };

    if (!whole_number(s, p->js, &node->number)) {
        node->number = 0;
        node->text   = s;
    }
}
