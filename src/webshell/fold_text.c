/* Characters, pieces of texts, and the functions that cut and change them. */
#include "webshell/fold_inner.h"

#include <string.h>

#include "base/utf.h"

/* ---- characters ---- */
bool chars_plain(struct str s)
{
    uint8_t any = 0;
    for (size_t i = 0; i < s.n; i++)
        any |= s.p[i];
    return any < 128;
}

size_t chars_next(struct str s, uint32_t *ret)
{
    *ret = s.p[0];
    size_t n = s.p[0] < 0x80 ? 1 : utf8_next(s, ret);
    if (!n)
        *ret = s.p[0];
    return n ? n : 1;
}

/* What was found out about a long text is kept: loops ask for one character after the other. */
static struct fold_seen *seen(struct fold *f, struct str s)
{
    for (size_t i = 0; i < COUNT_OF(f->seen); i++)
        if (f->seen[i].p == s.p && f->seen[i].n == s.n)
            return &f->seen[i];
    struct fold_seen *e = &f->seen[f->seen_next++ % COUNT_OF(f->seen)];
    *e = (struct fold_seen){ .p = s.p, .n = s.n, .plain = chars_plain(s), .chars = SIZE_MAX };
    fold_steps(f, s.n / 8);
    if (e->plain)
        e->chars = s.n;
    else
        e->valid = utf8_valid(s);
    return e;
}

/* Characters of well-formed UTF-8: all bytes but those that go on. */
static size_t count_starts(const uint8_t *p, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += (p[i] & 0xC0) != 0x80;
    return k;
}

size_t chars_at(struct fold *f, struct str s, size_t n)
{
    size_t            at = 0, k = 0;
    uint32_t          cp;
    struct fold_seen *e = s.n > 128 ? seen(f, s) : NULL;

    if (!n || (e ? e->plain : chars_plain(s)))
        return n < s.n ? n : s.n;
    if (e && (e->at_char <= n || (e->valid && e->at_char - n < n)))
        at = e->at_byte, k = e->at_char;
    size_t from = at;
    /* A letter is often asked for twice: back from where the last one was found. */
    for (; k > n && at; k--)
        for (at--; at && (s.p[at] & 0xC0) == 0x80;)
            at--;
    for (; k < n && at < s.n; k++)
        at += chars_next(str_from(s, at), &cp);
    fold_steps(f, (at > from ? at - from : from - at) / 4);
    if (e)
        e->at_byte = at, e->at_char = k;
    return at;
}

size_t chars_before(struct fold *f, struct str s, size_t at)
{
    size_t            n = 0, i = 0;
    uint32_t          cp;
    struct fold_seen *e = s.n > 128 ? seen(f, s) : NULL;

    if (at > s.n)
        at = s.n;
    if (e ? e->plain : chars_plain(s))
        return at;
    if (e && at == s.n && e->chars != SIZE_MAX)
        return e->chars;
    if (e && e->valid)
        n = count_starts(s.p, at);
    else
        for (; i < at; n++)
            i += chars_next(str_from(s, i), &cp);
    fold_steps(f, at / (e && e->valid ? 16 : 4));
    if (e && at == s.n)
        e->chars = n;
    return n;
}

size_t chars_count(struct fold *f, struct str s) { return chars_before(f, s, s.n); }

/* Characters [from, from + n) of a text; both are clamped. */
static struct str cut(struct fold_args *c, struct str s, int64_t from, int64_t n)
{
    if (from < 0)
        from = 0;
    if (n <= 0 || (uint64_t)from >= s.n)
        return STR("");
    size_t a = chars_at(c->f, s, (size_t)from);
    if ((uint64_t)n >= s.n - a)
        return str_from(s, a);
    /* From the text's own start, so that what is known of it serves again. */
    return str_sub(s, a, chars_at(c->f, s, (size_t)from + (size_t)n));
}

/* ---- pieces ---- */
static bool room(struct fold_args *c, struct gather *g, uint8_t **p, size_t n, size_t *cap, size_t more)
{
    if (g->bad)
        return false;
    if (more > VAL_TEXT_MAX - n || !fold_steps(c->f, more)) {
        g->bad = true;
        return false;
    }
    if (n + more > *cap) {
        size_t   want = (n + more) * 2 + 32;
        uint8_t *q = TAKE(c->f->a, uint8_t, want);
        if (!q) {
            c->full = g->bad = true;
            return false;
        }
        if (n)
            memcpy(q, *p, n);
        *p = q;
        *cap = want;
    }
    return true;
}

void gather_text(struct fold_args *c, struct gather *g, struct str s)
{
    uint8_t **p = g->broken ? &g->tail : &g->head;
    size_t   *n = g->broken ? &g->tail_n : &g->head_n;

    if (s.n && room(c, g, p, *n, g->broken ? &g->tail_cap : &g->head_cap, s.n)) {
        memcpy(*p + *n, s.p, s.n);
        *n += s.n;
    }
}

void gather_value(struct fold_args *c, struct gather *g, const struct val *v)
{
    struct str s;

    if (v->kind == VAL_NULL)
        return;
    if (fold_as_text(c->f, c->l, v, &s, &c->full)) {
        gather_text(c, g, s);
        return;
    }
    bool first = !g->broken && !g->head_n && v->kind == VAL_UNKNOWN;
    g->leads = first ? v->leads || v->whole : g->leads;
    g->whole = first ? v->whole : g->whole && v->whole;
    if (v->kind == VAL_UNKNOWN && !g->broken)
        gather_text(c, g, v->text);
    g->broken = true;
    g->tail_n = 0;
    if (v->kind == VAL_UNKNOWN)
        gather_text(c, g, v->tail);
}

bool gather_give(struct fold_args *c, struct gather *g)
{
    struct str head = { g->head, g->head_n }, tail = { g->tail, g->tail_n };

    if (g->bad)
        return false;
    if (!g->broken)
        return fold_give_text(c, head);
    c->out.text = head.n ? head : STR_EMPTY;
    c->out.tail = tail.n ? tail : STR_EMPTY;
    c->out.leads = g->leads;
    c->out.whole = g->whole && !head.n && !tail.n;
    return false;
}

/* What is known of an unknown text's ends, put through the same change. */
static bool ends(struct fold_args *c, struct str head, struct str tail)
{
    c->out.text = head.n ? head : STR_EMPTY;
    c->out.tail = tail.n ? tail : STR_EMPTY;
    return false;
}

/* ---- cutting ---- */
bool text_mid_vb(struct fold_args *c)
{
    struct str s;
    int64_t    from, n = INT64_MAX;

    if (!fold_arg_number(c, 1, &from) || from < 1 || (c->n > 2 && !fold_arg_number(c, 2, &n)) || n < 0)
        return false;
    if (fold_arg_text(c, 0, &s))
        return fold_give_text(c, cut(c, s, from - 1, n));
    return c->v[0]->kind == VAL_UNKNOWN && c->n <= 2 ? ends(c, cut(c, c->v[0]->text, from - 1, INT64_MAX), STR_EMPTY) : false;
}

bool text_left(struct fold_args *c)
{
    struct str s;
    int64_t    n;

    if (!fold_arg_number(c, 1, &n) || n < 0)
        return false;
    if (fold_arg_text(c, 0, &s))
        return fold_give_text(c, cut(c, s, 0, n));
    s = cut(c, c->v[0]->text, 0, n);
    if (c->v[0]->kind != VAL_UNKNOWN || !s.n)
        return false;
    return (int64_t)chars_count(c->f, s) == n ? fold_give_text(c, s) : ends(c, s, STR_EMPTY);
}

static struct str last_of(struct fold_args *c, struct str s, int64_t n)
{
    size_t all = chars_count(c->f, s);
    return (uint64_t)n >= all ? s : str_from(s, chars_at(c->f, s, all - (size_t)n));
}

bool text_right(struct fold_args *c)
{
    struct str s;
    int64_t    n;

    if (!fold_arg_number(c, 1, &n) || n < 0)
        return false;
    if (fold_arg_text(c, 0, &s))
        return fold_give_text(c, last_of(c, s, n));
    if (c->v[0]->kind != VAL_UNKNOWN || !c->v[0]->tail.n)
        return false;
    s = last_of(c, c->v[0]->tail, n);
    return (int64_t)chars_count(c->f, s) == n ? fold_give_text(c, s) : ends(c, STR_EMPTY, s);
}

/* .NET: from, length; what lies outside is an error there and not known here. */
bool text_substring(struct fold_args *c)
{
    struct str s;
    int64_t    from, n = INT64_MAX;

    if (!fold_arg_number(c, 1, &from) || from < 0 || (c->n > 2 && (!fold_arg_number(c, 2, &n) || n < 0)))
        return false;
    if (fold_arg_text(c, 0, &s))
        return fold_give_text(c, cut(c, s, from, n));
    if (c->v[0]->kind != VAL_UNKNOWN)
        return false;
    if (c->n > 2) {
        s = cut(c, c->v[0]->text, from, n);
        return s.n && (int64_t)chars_count(c->f, s) == n ? fold_give_text(c, s) : ends(c, s, STR_EMPTY);
    }
    return ends(c, cut(c, c->v[0]->text, from, INT64_MAX), from == 0 ? c->v[0]->tail : STR_EMPTY);
}

static bool js_range(struct fold_args *c, struct str *s, int64_t *len, int64_t *a, int64_t *b, bool *has_b)
{
    *a = 0;
    *b = 0;
    *has_b = c->n > 2;
    if (!fold_arg_text(c, 0, s) || (c->n > 1 && !fold_arg_number(c, 1, a)) || (c->n > 2 && !fold_arg_number(c, 2, b)))
        return false;
    *len = (int64_t)chars_count(c->f, *s);
    return true;
}
static int64_t clamp(int64_t v, int64_t most) { return v < 0 ? 0 : v > most ? most : v; }

bool text_substr_js(struct fold_args *c)
{
    struct str s;
    int64_t    len, a, b;
    bool       has;

    if (!js_range(c, &s, &len, &a, &b, &has))
        return false;
    if (a < 0)
        a = a < -len ? 0 : a + len;
    return fold_give_text(c, cut(c, s, a, has ? b : INT64_MAX));
}

bool text_substring_js(struct fold_args *c)
{
    struct str s;
    int64_t    len, a, b;
    bool       has;

    if (!js_range(c, &s, &len, &a, &b, &has))
        return false;
    a = clamp(a, len);
    b = has ? clamp(b, len) : len;
    return fold_give_text(c, a < b ? cut(c, s, a, b - a) : cut(c, s, b, a - b));
}

bool text_slice_js(struct fold_args *c)
{
    struct str s;
    int64_t    len, a, b;
    bool       has;

    if (!js_range(c, &s, &len, &a, &b, &has))
        return false;
    a = clamp(a < 0 ? (a < -len ? 0 : a + len) : a, len);
    b = has ? clamp(b < 0 ? (b < -len ? 0 : b + len) : b, len) : len;
    return fold_give_text(c, cut(c, s, a, b - a));
}

bool text_char_at(struct fold_args *c)
{
    struct str s;
    int64_t    i = 0;

    if (!fold_arg_text(c, 0, &s) || (c->n > 1 && !fold_arg_number(c, 1, &i)) || i < 0)
        return false;
    return fold_give_text(c, cut(c, s, i, 1));
}

bool text_char_code(struct fold_args *c)
{
    uint32_t cp;

    if (!text_char_at(c) || !c->out.text.n)
        return false;
    chars_next(c->out.text, &cp);
    return fold_give_number(c, cp);
}

bool text_asc(struct fold_args *c)
{
    struct str s;
    uint32_t   cp;

    if (!fold_arg_text(c, 0, &s))
        s = c->n && c->v[0]->kind == VAL_UNKNOWN ? c->v[0]->text : STR_EMPTY;
    if (!s.n)
        return false;
    chars_next(s, &cp);
    return fold_give_number(c, cp);
}

bool text_len(struct fold_args *c)
{
    struct str s;
    if (c->n && c->v[0]->kind == VAL_LIST)
        return fold_give_number(c, (int64_t)c->v[0]->item_n);
    if (c->n && c->v[0]->kind == VAL_BYTES)
        return fold_give_number(c, (int64_t)c->v[0]->text.n);
    return fold_arg_text(c, 0, &s) && fold_give_number(c, (int64_t)chars_count(c->f, s));
}

bool text_same(struct fold_args *c)
{
    struct str s;

    if (!c->n)
        return false;
    if (c->v[0]->kind == VAL_UNKNOWN)
        return ends(c, c->v[0]->text, c->v[0]->tail);
    if (c->v[0]->kind == VAL_LIST || c->v[0]->kind == VAL_BYTES) {
        c->out = *c->v[0];
        return true;
    }
    /* StringBuilder.ToString(from, n) */
    if (c->n == 3)
        return text_substring(c);
    return fold_arg_text(c, 0, &s) && fold_give_text(c, s);
}

bool text_insert(struct fold_args *c)
{
    struct str    s, t;
    int64_t       at;
    struct gather g = { 0 };

    if (!fold_arg_text(c, 0, &s) || !fold_arg_number(c, 1, &at) || at < 0 || !fold_arg_text(c, 2, &t))
        return false;
    size_t p = chars_at(c->f, s, (size_t)at);
    gather_text(c, &g, str_sub(s, 0, p));
    gather_text(c, &g, t);
    gather_text(c, &g, str_from(s, p));
    return gather_give(c, &g);
}
bool text_insert_builder(struct fold_args *c) { return text_insert(c); }

bool text_remove(struct fold_args *c)
{
    struct str    s;
    int64_t       at, n = INT64_MAX;
    struct gather g = { 0 };

    if (!fold_arg_text(c, 0, &s) || !fold_arg_number(c, 1, &at) || at < 0 || (c->n > 2 && !fold_arg_number(c, 2, &n)) || n < 0)
        return false;
    gather_text(c, &g, cut(c, s, 0, at));
    if (n < (int64_t)s.n && at <= (int64_t)s.n)
        gather_text(c, &g, cut(c, s, at + n, INT64_MAX));
    return gather_give(c, &g);
}

/* ---- case, blanks, order ---- */
static bool change_case(struct fold_args *c, bool upper)
{
    struct str in[2], out[2];
    bool       known = fold_arg_text(c, 0, &in[0]);

    if (!known && (!c->n || c->v[0]->kind != VAL_UNKNOWN))
        return false;
    if (!known)
        in[0] = c->v[0]->text;
    in[1] = known ? STR_EMPTY : c->v[0]->tail;
    for (int k = 0; k < 2; k++) {
        uint8_t *p = in[k].n ? fold_room(c, in[k].n) : NULL;
        if (in[k].n && !p)
            return false;
        for (size_t i = 0; i < in[k].n; i++) {
            uint8_t ch = in[k].p[i];
            p[i] = upper ? (ch >= 'a' && ch <= 'z' ? (uint8_t)(ch - 32) : ch) : ch_lower(ch);
        }
        out[k] = (struct str){ p, in[k].n };
    }
    return known ? fold_give_text(c, out[0]) : ends(c, out[0], out[1]);
}
bool text_upper(struct fold_args *c) { return change_case(c, true); }
bool text_lower(struct fold_args *c) { return change_case(c, false); }

static bool trims(struct fold_args *c, uint8_t ch)
{
    struct str s;

    if (c->n < 2)
        return lang_vb(c->l) && c->l == IR_VBSCRIPT ? ch == ' ' : ch_space(ch);
    for (size_t i = 1; i < c->n; i++)
        if (fold_as_chars(c, c->v[i], &s) && s.n && memchr(s.p, ch, s.n))
            return true;
    return false;
}

static bool trim_ends(struct fold_args *c, bool left, bool right)
{
    struct str s, t = STR_EMPTY;
    bool       known = fold_arg_text(c, 0, &s);

    if (!known && (!c->n || c->v[0]->kind != VAL_UNKNOWN))
        return false;
    if (!known)
        s = c->v[0]->text, t = c->v[0]->tail;
    while (left && s.n && trims(c, s.p[0]))
        s = str_from(s, 1);
    struct str *end = known ? &s : &t;
    while (right && end->n && trims(c, end->p[end->n - 1]))
        end->n--;
    return known ? fold_give_text(c, s) : ends(c, s, t);
}
bool text_trim(struct fold_args *c) { return trim_ends(c, true, true); }
bool text_trim_left(struct fold_args *c) { return trim_ends(c, true, false); }
bool text_trim_right(struct fold_args *c) { return trim_ends(c, false, true); }

static struct str reversed(struct fold_args *c, struct str s)
{
    uint8_t *p = s.n ? fold_room(c, s.n) : NULL;
    uint32_t cp;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n;) {
        size_t k = chars_next(str_from(s, i), &cp);
        memcpy(p + s.n - i - k, s.p + i, k);
        i += k;
    }
    return (struct str){ p, s.n };
}

bool text_reverse(struct fold_args *c)
{
    struct str s;

    if (fold_arg_text(c, 0, &s)) {
        struct str r = reversed(c, s);
        return r.n == s.n && fold_give_text(c, r);
    }
    return c->n && c->v[0]->kind == VAL_UNKNOWN ? ends(c, reversed(c, c->v[0]->tail), reversed(c, c->v[0]->text)) : false;
}

/* ---- filling ---- */
static bool repeat(struct fold_args *c, struct str s, int64_t n)
{
    if (n < 0 || n > VAL_TEXT_MAX || (s.n && (uint64_t)n > VAL_TEXT_MAX / s.n))
        return false;
    uint8_t *p = fold_room(c, s.n * (size_t)n);
    if (!p)
        return false;
    for (size_t i = 0; i < (size_t)n; i++)
        memcpy(p + i * s.n, s.p, s.n);
    return fold_give_text(c, (struct str){ p, s.n * (size_t)n });
}

bool text_space(struct fold_args *c)
{
    int64_t n;
    return fold_arg_number(c, 0, &n) && repeat(c, STR(" "), n);
}

bool text_string_vb(struct fold_args *c)
{
    struct str s;
    int64_t    n, code;
    uint8_t    buf[4];
    uint32_t   cp;

    if (!fold_arg_number(c, 0, &n) || c->n < 2)
        return false;
    if (c->v[1]->kind == VAL_NUMBER) {
        code = c->v[1]->number;
        s = (struct str){ buf, utf8_put((uint32_t)(code & 0xFFFF), buf) };
    } else if (!fold_arg_text(c, 1, &s) || !s.n)
        return false;
    s = str_sub(s, 0, chars_next(s, &cp));
    return repeat(c, s, n);
}

static bool pad(struct fold_args *c, bool left)
{
    struct str    s, with = STR(" ");
    int64_t       n;
    struct gather g = { 0 };

    if (!fold_arg_text(c, 0, &s) || !fold_arg_number(c, 1, &n) || (c->n > 2 && !fold_arg_text(c, 2, &with)))
        return false;
    int64_t have = (int64_t)chars_count(c->f, s), more = n > have ? n - have : 0;
    if (more > VAL_TEXT_MAX)
        return false;
    if (!left)
        gather_text(c, &g, s);
    for (int64_t i = 0; i < more && !g.bad; i++)
        gather_text(c, &g, with);
    if (left)
        gather_text(c, &g, s);
    return gather_give(c, &g);
}
bool text_pad_left(struct fold_args *c) { return pad(c, true); }
bool text_pad_right(struct fold_args *c) { return pad(c, false); }

/* ---- letters from numbers ---- */
static bool letter(struct fold_args *c, int64_t code)
{
    uint8_t *p = fold_room(c, 4);
    if (!p)
        return false;
    return fold_give_text(c, (struct str){ p, utf8_put((uint32_t)(code & (code > 0xFFFF ? 0x1FFFFF : 0xFFFF)), p) });
}

bool text_chr(struct fold_args *c)
{
    int64_t n;
    c->out.whole = c->n && c->v[0]->kind == VAL_UNKNOWN && c->v[0]->marks;      /* of a number that is sent any letter is made */
    return fold_arg_number(c, 0, &n) && n >= -32768 && n <= 0x10FFFF && letter(c, n);
}

bool text_of_codes(struct fold_args *c)
{
    struct gather g = { 0 };

    for (size_t i = 0; i < c->arg_n; i++) {
        int64_t n;
        uint8_t buf[4];
        if (!fold_as_number(c->l, &c->arg[i], &n)) {
            gather_value(c, &g, &(struct val){ .kind = VAL_UNKNOWN });
            continue;
        }
        gather_text(c, &g, (struct str){ buf, utf8_put((uint32_t)(n & 0xFFFF), buf) });
    }
    return gather_give(c, &g);
}
