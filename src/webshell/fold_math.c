/* Numbers, and what is made of them. */
#include "webshell/fold_inner.h"

#include "base/utf.h"

#include <string.h>

/* "12.75" rounded as CInt does (half to even); false: no such number. */
static bool rounded(struct str s, int64_t *ret, int *rest)
{
    size_t dot = str_chr(s, '.');
    struct str whole = dot == STR_NONE ? s : str_sub(s, 0, dot), part = dot == STR_NONE ? STR_EMPTY : str_from(s, dot + 1);
    int64_t v = 0;
    bool    minus = whole.n && whole.p[0] == '-';

    if (whole.n > minus && !fold_parse_number(whole, &v))
        return false;
    if (dot != STR_NONE && whole.n <= minus && !part.n)
        return false;
    for (size_t i = 0; i < part.n; i++)
        if (!ch_digit(part.p[i]))
            return false;
    /* rest: -1 below one half, 0 one half, 1 above */
    *rest = !part.n || part.p[0] < '5' ? -1 : part.p[0] > '5' ? 1 : 0;
    for (size_t i = 1; i < part.n && *rest == 0; i++)
        *rest = part.p[i] != '0';
    *ret = v;
    return true;
}

/* A value as a number, fractions rounded. */
static bool number_of(struct fold_args *c, size_t i, int64_t *ret)
{
    int rest;

    if (fold_arg_number(c, i, ret))
        return true;
    if (i >= c->n || c->v[i]->kind != VAL_TEXT || !rounded(str_trim(c->v[i]->text), ret, &rest))
        return false;
    if (rest > 0 || (rest == 0 && *ret % 2))
        *ret += c->v[i]->text.n && str_trim(c->v[i]->text).p[0] == '-' ? -1 : 1;
    return true;
}

bool math_cint(struct fold_args *c)
{
    int64_t n;
    return number_of(c, 0, &n) && fold_give_number(c, n);
}
bool math_cdbl(struct fold_args *c)
{
    int64_t n;
    return fold_arg_number(c, 0, &n) && fold_give_number(c, n);
}
bool math_fix(struct fold_args *c) { return math_cdbl(c); }
bool math_cbyte(struct fold_args *c) { return math_cint(c); }
bool math_cstr(struct fold_args *c)
{
    struct str s;
    if (c->n && c->v[0]->kind == VAL_UNKNOWN) {
        c->out.text = c->v[0]->text;
        c->out.tail = c->v[0]->tail;
        return false;
    }
    return fold_arg_text(c, 0, &s) && fold_give_text(c, s);
}
bool math_cbool(struct fold_args *c)
{
    int64_t n;
    if (c->n && c->v[0]->kind == VAL_TEXT && (str_ieq(c->v[0]->text, STR("true")) || str_ieq(c->v[0]->text, STR("false"))))
        return fold_give_bool(c, str_ieq(c->v[0]->text, STR("true")));
    return fold_arg_number(c, 0, &n) && fold_give_bool(c, n != 0);
}

static bool in_base(struct fold_args *c, uint64_t u, unsigned base, bool upper, unsigned least)
{
    uint8_t *p = fold_room(c, 64);
    size_t   at = 64;

    if (!p)
        return false;
    do
        p[--at] = (uint8_t)(upper ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
    while (u /= base);
    while (64 - at < least)
        p[--at] = '0';
    return fold_give_text(c, (struct str){ p + at, 64 - at });
}

bool math_hex(struct fold_args *c)
{
    int64_t n;
    return number_of(c, 0, &n) && in_base(c, n < 0 && n >= INT32_MIN ? (uint32_t)n : (uint64_t)n, 16, true, 0);
}
bool math_oct(struct fold_args *c)
{
    int64_t n;
    return number_of(c, 0, &n) && in_base(c, n < 0 && n >= INT32_MIN ? (uint32_t)n : (uint64_t)n, 8, true, 0);
}

/* The number at the head of a text, blanks left out. */
bool math_val(struct fold_args *c)
{
    struct str s;
    int64_t    v = 0;
    size_t     i = 0;
    bool       minus = false;

    if (!fold_arg_text(c, 0, &s))
        return false;
    s = str_trim(s);
    if (s.n > 2 && s.p[0] == '&') {
        size_t k = 2;
        while (k < s.n && ch_hex(s.p[k]) >= 0)
            k++;
        return fold_parse_number(str_sub(s, 0, k), &v) && fold_give_number(c, v);
    }
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        minus = s.p[i++] == '-';
    for (unsigned digits = 0; i < s.n && (ch_digit(s.p[i]) || s.p[i] == ' '); i++)
        if (s.p[i] != ' ') {
            if (++digits > 18)
                return false;
            v = v * 10 + (s.p[i] - '0');
        }
    if (i < s.n && s.p[i] == '.')
        return false;
    return fold_give_number(c, minus ? -v : v);
}

bool math_abs(struct fold_args *c)
{
    int64_t n;
    return fold_arg_number(c, 0, &n) && n != INT64_MIN && fold_give_number(c, n < 0 ? -n : n);
}
bool math_sgn(struct fold_args *c)
{
    int64_t n;
    return fold_arg_number(c, 0, &n) && fold_give_number(c, (n > 0) - (n < 0));
}
bool math_round(struct fold_args *c) { return math_cdbl(c); }
bool math_sqr(struct fold_args *c)
{
    int64_t n;
    if (!fold_arg_number(c, 0, &n) || n < 0 || n > 1ll << 52)
        return false;
    int64_t lo = 0, hi = 1ll << 26;
    while (lo < hi) {
        int64_t mid = (lo + hi + 1) / 2;
        if (mid * mid <= n)
            lo = mid;
        else
            hi = mid - 1;
    }
    return lo * lo == n && fold_give_number(c, lo);
}
bool math_min(struct fold_args *c)
{
    int64_t a, b;
    return fold_arg_number(c, 0, &a) && fold_arg_number(c, 1, &b) && c->n == 2 && fold_give_number(c, a < b ? a : b);
}
bool math_max(struct fold_args *c)
{
    int64_t a, b;
    return fold_arg_number(c, 0, &a) && fold_arg_number(c, 1, &b) && c->n == 2 && fold_give_number(c, a > b ? a : b);
}
bool math_pow(struct fold_args *c)
{
    if (c->n != 2)
        return false;
    struct val r;
    if (!fold_binary(c->f, IR_CSHARP, SIGN_POW, c->v[0], c->v[1], &r)) {
        c->full = true;
        return false;
    }
    return r.kind == VAL_NUMBER && fold_give_number(c, r.number);
}

/* ---- in other bases ---- */
static bool parse_base(struct str s, unsigned base, bool part, int64_t *ret)
{
    int64_t v = 0;
    size_t  i = 0;
    bool    minus = false;

    s = str_trim(s);
    if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
        minus = s.p[i++] == '-';
    if (base == 16 && s.n - i > 2 && s.p[i] == '0' && ch_lower(s.p[i + 1]) == 'x')
        i += 2;
    size_t first = i;
    for (; i < s.n; i++) {
        uint8_t ch = ch_lower(s.p[i]);
        int     d = ch_digit(ch) ? ch - '0' : ch_alpha(ch) ? ch - 'a' + 10 : 99;
        if (d >= (int)base)
            break;
        if (v > (INT64_MAX - d) / (int)base)
            return false;
        v = v * (int)base + d;
    }
    if (i == first || (i < s.n && !part))
        return false;
    *ret = minus ? -v : v;
    return true;
}

bool math_parse_int(struct fold_args *c)
{
    struct str s;
    int64_t    base = 0, v;

    if (!fold_arg_text(c, 0, &s) || (c->n > 1 && !fold_arg_number(c, 1, &base)) || base < 0 || base == 1 || base > 36)
        return false;
    s = str_trim(s);
    if (!base)
        base = s.n > 2 && s.p[0] == '0' && ch_lower(s.p[1]) == 'x' ? 16 : 10;
    return parse_base(s, (unsigned)base, true, &v) && fold_give_number(c, v);
}

/* Convert.ToInt32(text, base); a letter alone is its number unless it is a digit (which the call site knows better). */
bool math_to_int(struct fold_args *c)
{
    struct str s;
    int64_t    base, v;
    uint32_t   cp;

    if (c->n == 2 && fold_arg_number(c, 1, &base) && fold_arg_text(c, 0, &s))
        return (base == 2 || base == 8 || base == 10 || base == 16) && parse_base(s, (unsigned)base, false, &v) && fold_give_number(c, v);
    if (number_of(c, 0, &v))
        return fold_give_number(c, v);
    if (c->n && c->v[0]->kind == VAL_TEXT && c->v[0]->text.n && chars_next(c->v[0]->text, &cp) == c->v[0]->text.n)
        return fold_give_number(c, cp);
    return false;
}
bool math_to_byte(struct fold_args *c) { return math_to_int(c) && fold_give_number(c, c->out.number & 255); }

bool math_to_char(struct fold_args *c)
{
    int64_t  n;
    uint32_t cp;

    if (c->n && c->v[0]->kind == VAL_TEXT) {
        if (!c->v[0]->text.n)
            return false;
        return fold_give_text(c, str_sub(c->v[0]->text, 0, chars_next(c->v[0]->text, &cp)));
    }
    if (!fold_arg_number(c, 0, &n) || n < 0 || n > 0x10FFFF)
        return false;
    uint8_t *p = fold_room(c, 4);
    return p && fold_give_text(c, (struct str){ p, utf8_put((uint32_t)n, p) });
}

bool math_to_text(struct fold_args *c)                      /* Convert.ToString(number, base) */
{
    int64_t n, base;

    if (c->n == 2 && c->v[0]->kind == VAL_NUMBER && fold_arg_number(c, 1, &base) && fold_arg_number(c, 0, &n) && n >= 0)
        return (base == 2 || base == 8 || base == 10 || base == 16) && in_base(c, (uint64_t)n, (unsigned)base, false, 0);
    return math_cstr(c);
}

bool math_number_text(struct fold_args *c)                  /* 255.ToString("X2"), n.toString(16) */
{
    int64_t  n, base, digits = 0;
    struct str spec;

    if (!fold_arg_number(c, 0, &n))
        return false;
    if (c->n == 1)
        return math_cstr(c);
    if (c->v[1]->kind == VAL_NUMBER && fold_arg_number(c, 1, &base))
        return base >= 2 && base <= 16 && n >= 0 && in_base(c, (uint64_t)n, (unsigned)base, false, 0);
    if (!fold_arg_text(c, 1, &spec) || !spec.n || (spec.n > 1 && !fold_parse_number(str_from(spec, 1), &digits)) || digits < 0 || digits > 40 || n < 0)
        return false;
    switch (ch_lower(spec.p[0])) {
    case 'x': return in_base(c, (uint64_t)n, 16, spec.p[0] == 'X', (unsigned)digits);
    case 'd': return in_base(c, (uint64_t)n, 10, false, (unsigned)digits);
    default: return false;
    }
}

bool math_parse(struct fold_args *c)                        /* byte.Parse(text, NumberStyles.HexNumber) */
{
    struct str s;
    int64_t    v;

    if (!fold_arg_text(c, 0, &s))
        return false;
    bool hex = c->n > 1 && (str_iends(c->v[1]->name, STR("HexNumber")) || str_iends(c->v[1]->name, STR("AllowHexSpecifier")) || (c->v[1]->kind == VAL_NUMBER && (c->v[1]->number & 512)));
    return parse_base(s, hex ? 16 : 10, false, &v) && fold_give_number(c, v);
}

bool math_number_js(struct fold_args *c)
{
    int64_t n;
    return fold_arg_number(c, 0, &n) && fold_give_number(c, n);
}

/* ---- questions and choices ---- */
bool math_is_numeric(struct fold_args *c)
{
    int64_t n;
    int     rest;

    if (!c->n || c->v[0]->kind == VAL_UNKNOWN || c->v[0]->kind == VAL_OBJECT)
        return false;
    if (c->v[0]->kind == VAL_FRACTION)
        return fold_give_bool(c, true);
    return fold_give_bool(c, fold_arg_number(c, 0, &n) || (c->v[0]->kind == VAL_TEXT && rounded(str_trim(c->v[0]->text), &n, &rest)));
}
bool math_is_array(struct fold_args *c)
{
    if (!c->n || c->v[0]->kind == VAL_UNKNOWN || c->v[0]->kind == VAL_OBJECT)
        return false;
    return fold_give_bool(c, c->v[0]->kind == VAL_LIST || c->v[0]->kind == VAL_BYTES);
}
bool math_is_empty(struct fold_args *c)
{
    if (!c->n || c->v[0]->kind == VAL_UNKNOWN || c->v[0]->kind == VAL_OBJECT)
        return false;
    return fold_give_bool(c, c->v[0]->kind == VAL_NULL);
}
bool math_iif(struct fold_args *c)
{
    if (c->n != 3)
        return false;
    int t = fold_truth(c->v[0]);
    c->out = t == 1 ? *c->v[1] : t == 0 ? *c->v[2] : fold_either(c->f, c->v[1], c->v[2]);
    return true;
}
bool math_choose(struct fold_args *c)
{
    int64_t n;
    if (!fold_arg_number(c, 0, &n) || n < 1 || (uint64_t)n >= c->arg_n)
        return false;
    c->out = c->arg[n];
    return true;
}
bool math_switch(struct fold_args *c)
{
    for (size_t i = 0; i + 1 < c->arg_n; i += 2) {
        int t = fold_truth(&c->arg[i]);
        if (t < 0)
            return false;
        if (t) {
            c->out = c->arg[i + 1];
            return true;
        }
    }
    return false;
}
bool math_unknown(struct fold_args *c) { (void)c; return false; }
