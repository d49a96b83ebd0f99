/* Operators, and what values are as texts and numbers. */
#include "webshell/fold_inner.h"

#include <string.h>

#include "base/utf.h"

static bool is_number(const struct val *x) { return x->kind == VAL_NUMBER || x->kind == VAL_BOOL; }
/* Something whose content is text as far as it is known. */
static bool is_textual(const struct val *x) { return x->kind == VAL_TEXT || x->kind == VAL_BYTES || (x->kind == VAL_UNKNOWN && (x->text.n || x->tail.n)); }

struct str fold_number_text(struct fold *f, int64_t n, bool *full)
{
    char     buf[24];
    size_t   at = sizeof buf;
    uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

    do
        buf[--at] = (char)('0' + u % 10);
    while (u /= 10);
    if (n < 0)
        buf[--at] = '-';
    struct str s = str_dup(f->a, (struct str){ (const uint8_t *)buf + at, sizeof buf - at });
    if (!s.p)
        *full = true;
    return s;
}

/* Bytes as characters U+0000 to U+00FF. */
static struct str widen(struct fold *f, struct str s, bool *full)
{
    size_t high = 0;

    for (size_t i = 0; i < s.n; i++)
        high += s.p[i] >> 7;
    if (!high || !fold_steps(f, s.n + high))
        return s;
    uint8_t *p = TAKE(f->a, uint8_t, s.n + high);
    size_t   n = 0;
    if (!p) {
        *full = true;
        return s;
    }
    for (size_t i = 0; i < s.n; i++)
        n += utf8_put(s.p[i], p + n);         /* one byte, or two for those of `high` */
    return (struct str){ p, n };
}

bool fold_as_text(struct fold *f, enum ir_language l, const struct val *x, struct str *ret, bool *full)
{
    switch (x->kind) {
    case VAL_TEXT:
        *ret = x->text;
        return true;
    case VAL_BYTES:
        *ret = widen(f, x->text, full);
        return !*full;
    case VAL_NUMBER:
        *ret = fold_number_text(f, x->number, full);
        return !*full;
    case VAL_BOOL:
        *ret = lang_js(l) ? (x->number ? STR("true") : STR("false")) : (x->number ? STR("True") : STR("False"));
        return true;
    case VAL_NULL:
        *ret = lang_js(l) ? STR("null") : STR("");
        return true;
    default:
        return false;
    }
}

bool fold_parse_number(struct str s, int64_t *ret)
{
    bool     minus = false;
    unsigned base = 10;
    uint64_t v = 0;

    s = str_trim(s);
    if (s.n && (s.p[0] == '-' || s.p[0] == '+')) {
        minus = s.p[0] == '-';
        s = str_from(s, 1);
    }
    if (s.n > 2 && ((s.p[0] == '&' && ch_lower(s.p[1]) == 'h') || (s.p[0] == '0' && ch_lower(s.p[1]) == 'x')))
        base = 16, s = str_from(s, 2);
    else if (s.n > 2 && s.p[0] == '&' && ch_lower(s.p[1]) == 'o')
        base = 8, s = str_from(s, 2);
    if (s.n > 1 && base != 10 && s.p[s.n - 1] == '&')
        s.n--;
    if (!s.n || s.n > 18)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        int d = ch_hex(s.p[i]);
        if (d < 0 || (unsigned)d >= base)
            return false;
        v = v * base + (unsigned)d;
    }
    if (base == 16 && v > INT64_MAX)
        return false;
    *ret = minus ? -(int64_t)v : (int64_t)v;
    return true;
}

bool fold_as_number(enum ir_language l, const struct val *x, int64_t *ret)
{
    if (x->kind == VAL_NUMBER)
        *ret = x->number;
    else if (x->kind == VAL_BOOL)
        *ret = lang_vb(l) ? -(x->number != 0) : x->number != 0;
    else if (x->kind == VAL_NULL)
        *ret = 0;
    else
        return x->kind == VAL_TEXT && fold_parse_number(x->text, ret);
    return true;
}

bool fold_arg_text(struct fold_args *c, size_t i, struct str *ret) { return i < c->n && fold_as_text(c->f, c->l, c->v[i], ret, &c->full); }
bool fold_arg_number(struct fold_args *c, size_t i, int64_t *ret) { return i < c->n && fold_as_number(c->l, c->v[i], ret); }

struct val fold_text(struct fold *f, const struct val *x)
{
    struct val r = *x;
    struct str s;
    bool       full = false;

    if (x->kind == VAL_TEXT || x->kind == VAL_UNKNOWN || x->kind == VAL_NULL) {
        if (x->kind == VAL_NULL)
            r.kind = VAL_TEXT, r.text = STR("");
        return r;
    }
    r = (struct val){ .kind = VAL_UNKNOWN, .whole = x->whole, .leads = x->leads, .maybe = x->maybe, .marks = x->marks, .trail = x->trail, .key = x->key };
    if (fold_as_text(f, IR_UNKNOWN, x, &s, &full)) {
        r.kind = VAL_TEXT;
        r.text = s;
    }
    return r;
}

/* ---- joining ---- */
/*
 * x & y. Loops that decode a text put letter after letter before what they have: then y keeps its place, and only x is written, into room that was left
 * before it.
 */
static struct str put_before(struct fold *f, struct str x, struct str y)
{
    if (f->front && y.p == f->front && x.n <= f->front_room) {
        f->front -= x.n;
        f->front_room -= x.n;
        memcpy(f->front, x.p, x.n);
        return (struct str){ f->front, x.n + y.n };
    }
    if (y.n < 256 || x.n > y.n / 8)
        return fold_steps(f, x.n + y.n) ? str_cat(f->a, x, y) : STR_EMPTY;
    size_t   room = y.n < VAL_TEXT_MAX / 2 ? y.n : VAL_TEXT_MAX / 2;
    uint8_t *p = fold_steps(f, x.n + y.n) ? TAKE(f->a, uint8_t, room + x.n + y.n) : NULL;
    if (!p)
        return STR_EMPTY;
    memcpy(p + room, x.p, x.n);
    memcpy(p + room + x.n, y.p, y.n);
    f->front = p + room;
    f->front_room = room;
    return (struct str){ p + room, x.n + y.n };
}

static bool join(struct fold *f, enum ir_language l, const struct val *x, const struct val *y, struct val *ret)
{
    struct str s, t;
    bool       full = false;
    bool       sx = fold_as_text(f, l, x, &s, &full), sy = fold_as_text(f, l, y, &t, &full);
    bool       empty_x = sx && !s.n, empty_y = sy && !t.n;
    struct val r = { .kind = VAL_UNKNOWN };

    if (full)
        return false;
    fold_marks(&r, x);
    fold_marks(&r, y);
    /* Fixed content ends "the whole of it"; an empty text adds nothing. */
    r.whole = (x->whole && (y->whole || empty_y)) || (y->whole && empty_x);
    r.leads = empty_x ? y->leads || y->whole : x->leads || x->whole;
    if (!sx)
        s = x->kind == VAL_UNKNOWN ? x->text : STR("");
    if (!sy)
        t = y->kind == VAL_UNKNOWN ? y->tail : STR("");
    if (sx && sy && x->kind == VAL_BYTES && y->kind == VAL_BYTES) {
        s = x->text;
        t = y->text;
    }
    if (s.n > VAL_TEXT_MAX - t.n || t.n > VAL_TEXT_MAX || !fold_steps(f, s.n + 1)) {
        *ret = r;
        return true;
    }
    struct str head = s, tail = t;
    if (sx) {                               /* known & (known | head ... tail) */
        struct str more = sy ? t : y->kind == VAL_UNKNOWN ? y->text : STR("");
        if (!s.n || !more.n)
            head = s.n ? s : more;
        else {
            head = put_before(f, s, more);
            full = !head.p && f->steps <= FOLD_STEPS_MAX;
            if (!head.p) {
                *ret = r;
                return !full;
            }
        }
        if (sy) {
            r.kind = x->kind == VAL_BYTES && y->kind == VAL_BYTES ? VAL_BYTES : VAL_TEXT;
            r.text = head.p ? head : STR("");
            *ret = r;
            return !full;
        }
    } else if (sy && x->kind == VAL_UNKNOWN && x->tail.n) {
        if (t.n && !fold_steps(f, x->tail.n)) {
            *ret = r;
            return true;
        }
        tail = t.n ? str_cat(f->a, x->tail, t) : x->tail;
        full = !tail.p;
    }
    r.text = head.n ? head : STR_EMPTY;
    r.tail = tail.n ? tail : STR_EMPTY;
    *ret = r;
    return !full;
}

/* ---- numbers ---- */
static bool arithmetic(enum ir_language l, enum ir_sign sign, int64_t a, int64_t b, struct val *r)
{
    uint64_t ua = (uint64_t)a, ub = (uint64_t)b, u;

    r->kind = VAL_NUMBER;
    switch (sign) {
    case SIGN_ADD: u = ua + ub; break;
    case SIGN_SUB: u = ua - ub; break;
    case SIGN_MUL: u = ua * ub; break;
    case SIGN_DIV:
    case SIGN_INT_DIV:
    case SIGN_MOD:
        if (b == 0 || (a == INT64_MIN && b == -1))
            return false;
        if (sign == SIGN_MOD)
            u = (uint64_t)(a % b);
        else if (sign == SIGN_DIV && l != IR_CSHARP && a % b)
            return false;                   /* a fraction */
        else
            u = (uint64_t)(a / b);
        break;
    case SIGN_POW:
        if (b < 0 || b > 64)
            return false;
        u = 1;
        for (int64_t i = 0; i < b; i++)
            u *= ua;
        break;
    case SIGN_XOR: u = ua ^ ub; break;
    case SIGN_AND:
    case SIGN_BIT_AND: u = ua & ub; break;
    case SIGN_OR:
    case SIGN_BIT_OR: u = ua | ub; break;
    case SIGN_SHL: u = (ub & 63) != ub ? 0 : ua << ub; break;
    case SIGN_SHR: u = (uint64_t)(a >> (ub > 63 ? 63 : ub)); break;
    default: return false;
    }
    /* Bits beyond 32 fall off where the language counts so. */
    if (lang_js(l) && (sign == SIGN_XOR || sign == SIGN_BIT_AND || sign == SIGN_BIT_OR || sign == SIGN_SHL || sign == SIGN_SHR))
        u = (uint64_t)(int64_t)(int32_t)(uint32_t)u;
    if (l == IR_CSHARP && sign == SIGN_SHL && a >= INT32_MIN && a <= INT32_MAX)
        u = (uint64_t)(int64_t)(int32_t)(uint32_t)u;
    r->number = (int64_t)u;
    return true;
}

/* -1, 0, 1; 2: cannot tell. */
static int compare(enum ir_language l, const struct val *x, const struct val *y)
{
    int64_t a, b;

    if (x->kind == VAL_TEXT && y->kind == VAL_TEXT) {
        int d = str_cmp(x->text, y->text);
        return d < 0 ? -1 : d > 0;
    }
    if (x->kind == VAL_NULL || y->kind == VAL_NULL) {
        if (x->kind == y->kind)
            return 0;
        const struct val *o = x->kind == VAL_NULL ? y : x;
        if (o->kind == VAL_TEXT)
            return lang_vb(l) && !o->text.n ? 0 : x->kind == VAL_NULL ? -1 : 1;
        if (is_number(o))
            return lang_vb(l) && !o->number ? 0 : x->kind == VAL_NULL ? -1 : 1;
        return o->kind == VAL_LIST || o->kind == VAL_BYTES || o->kind == VAL_TYPE || o->kind == VAL_FUNCTION ? 1 : 2;
    }
    if ((is_number(x) || x->kind == VAL_TEXT) && (is_number(y) || y->kind == VAL_TEXT) && fold_as_number(l, x, &a) && fold_as_number(l, y, &b))
        return a < b ? -1 : a > b;
    if ((is_number(x) && y->kind == VAL_TEXT) || (is_number(y) && x->kind == VAL_TEXT))
        return 1;                           /* a number and a text that is none */
    return 2;
}

static bool relational(enum ir_sign s) { return (s >= SIGN_EQ && s <= SIGN_GE) || s == SIGN_IS || s == SIGN_LIKE; }

static bool holds(enum ir_sign sign, int d)
{
    switch (sign) {
    case SIGN_EQ: case SIGN_IS: return d == 0;
    case SIGN_NE: return d != 0;
    case SIGN_LT: return d < 0;
    case SIGN_LE: return d <= 0;
    case SIGN_GT: return d > 0;
    case SIGN_GE: return d >= 0;
    default: return false;
    }
}

/* A letter is a number to the bit operators. */
static bool operand(enum ir_language l, enum ir_sign sign, const struct val *x, int64_t *ret)
{
    if (fold_as_number(l, x, ret))
        return true;
    if (x->kind == VAL_TEXT && x->text.n && x->text.n <= 4 && !lang_vb(l) && sign != SIGN_ADD) {
        uint32_t c;
        if (chars_next(x->text, &c) == x->text.n) {
            *ret = c;
            return true;
        }
    }
    return false;
}

bool fold_binary(struct fold *f, enum ir_language l, enum ir_sign sign, const struct val *x, const struct val *y, struct val *ret)
{
    struct val r = { .kind = VAL_UNKNOWN };
    int64_t    a, b;

    if (sign == SIGN_JOIN)
        return join(f, l, x, y, ret);
    if (sign == SIGN_ADD) {
        bool text = is_textual(x) || is_textual(y);
        /* VBScript adds a number and a text that is one; everybody else joins where a text stands. */
        if (text && lang_vb(l) && (is_number(x) || is_number(y)) && fold_as_number(l, x, &a) && fold_as_number(l, y, &b))
            text = false;
        bool vague = (x->kind == VAL_UNKNOWN && !is_number(y) && y->kind != VAL_FRACTION) || (y->kind == VAL_UNKNOWN && !is_number(x) && x->kind != VAL_FRACTION);
        if (text || vague)
            return join(f, l, x, y, ret);
    }
    fold_marks(&r, x);
    fold_marks(&r, y);
    if (sign == SIGN_COALESCE || (lang_js(l) && (sign == SIGN_AND || sign == SIGN_OR))) {
        int t = sign == SIGN_COALESCE ? (x->kind == VAL_NULL ? 0 : x->kind == VAL_UNKNOWN || x->maybe ? -1 : 1) : fold_truth(x);
        if (t < 0)
            *ret = fold_either(f, x, y);
        else
            *ret = (t == 1) == (sign != SIGN_AND) ? *x : *y;
        return true;
    }
    if (relational(sign)) {
        int d = sign == SIGN_LIKE ? 2 : compare(l, x, y);
        r.kind = d == 2 ? VAL_FRACTION : VAL_BOOL;
        r.number = d != 2 && holds(sign, d);
        *ret = r;
        return true;
    }
    if ((sign == SIGN_AND || sign == SIGN_OR || sign == SIGN_XOR || sign == SIGN_BIT_AND || sign == SIGN_BIT_OR) && (x->kind == VAL_BOOL || y->kind == VAL_BOOL || sign == SIGN_AND || sign == SIGN_OR) &&
        !(lang_vb(l) && x->kind == VAL_NUMBER && y->kind == VAL_NUMBER)) {
        int t = x->kind == VAL_NUMBER || x->kind == VAL_BOOL ? x->number != 0 : -1, u = y->kind == VAL_NUMBER || y->kind == VAL_BOOL ? y->number != 0 : -1;
        bool both = sign == SIGN_AND || sign == SIGN_BIT_AND, any = sign == SIGN_OR || sign == SIGN_BIT_OR;
        r.kind = VAL_FRACTION;
        if ((t >= 0 && u >= 0) || (both && (t == 0 || u == 0)) || (any && (t == 1 || u == 1))) {
            r.kind = VAL_BOOL;
            r.number = both ? t == 1 && u == 1 : any ? t == 1 || u == 1 : t != u;
        }
        *ret = r;
        return true;
    }
    /* A letter's number that is reckoned with and made a letter again is still what the visitor sent. */
    r.whole = x->whole || y->whole;
    if (!operand(l, sign, x, &a) || !operand(l, sign, y, &b) || !arithmetic(l, sign, a, b, &r)) {
        r.kind = VAL_FRACTION;
        if (sign == SIGN_ADD && (x->kind == VAL_UNKNOWN || y->kind == VAL_UNKNOWN))
            r.kind = VAL_UNKNOWN;           /* it may be text all the same */
    }
    *ret = r;
    return true;
}

bool fold_unary(struct fold *f, enum ir_language l, enum ir_sign sign, const struct val *x, struct val *ret)
{
    struct val r = { .kind = VAL_FRACTION };
    int64_t    a;
    int        t;

    (void)f;
    fold_marks(&r, x);
    if (sign == SIGN_NOT && !(lang_vb(l) && x->kind == VAL_NUMBER)) {
        t = fold_truth(x);
        if (t >= 0) {
            r.kind = VAL_BOOL;
            r.number = !t;
        }
    } else if (sign == SIGN_ADD && (x->kind == VAL_UNKNOWN || x->kind == VAL_LIST) && !lang_js(l))
        r = *x;
    else if (fold_as_number(l, x, &a)) {
        r.kind = VAL_NUMBER;
        r.number = sign == SIGN_NEG || sign == SIGN_SUB ? (int64_t)(0 - (uint64_t)a) : sign == SIGN_COMPLEMENT || sign == SIGN_NOT ? ~a : a;
    }
    *ret = r;
    return true;
}

int fold_truth(const struct val *x)
{
    int64_t n;

    if (x->maybe)
        return -1;
    switch (x->kind) {
    case VAL_NULL:
        return 0;
    case VAL_BOOL:
    case VAL_NUMBER:
        return x->number != 0;
    case VAL_TEXT:
        if (!x->text.n || str_ieq(x->text, STR("false")))
            return 0;
        return fold_parse_number(x->text, &n) ? -1 : 1;
    case VAL_LIST:
    case VAL_TYPE:
    case VAL_FUNCTION:
    case VAL_OBJECT:
        return 1;
    default:
        return -1;
    }
}

static bool same_content(const struct val *x, const struct val *y)
{
    if (x->kind != y->kind)
        return false;
    switch (x->kind) {
    case VAL_NULL:
        return true;
    case VAL_BOOL:
    case VAL_NUMBER:
        return x->number == y->number;
    case VAL_TEXT:
    case VAL_BYTES:
        return x->text.n == y->text.n && (x->text.p == y->text.p || str_eq(x->text, y->text));
    case VAL_LIST:
        return x->item == y->item && x->item_n == y->item_n;
    case VAL_TYPE:
        return str_eq(x->name, y->name);
    case VAL_FUNCTION:
        return x->code == y->code && str_eq(x->name, y->name) && x->object == y->object;
    case VAL_OBJECT:
        return x->object == y->object;
    default:
        return false;
    }
}

static struct str known_head(const struct val *x) { return x->kind == VAL_TEXT || x->kind == VAL_UNKNOWN ? x->text : STR_EMPTY; }
static struct str known_tail(const struct val *x) { return x->kind == VAL_TEXT ? x->text : x->kind == VAL_UNKNOWN ? x->tail : STR_EMPTY; }

/* A long text without a blank: nothing that a person would read. */
static bool encoded(const struct val *v)
{
    enum { LONG = 200 };
    return v->kind == VAL_TEXT && v->text.n >= LONG && str_chr(str_sub(v->text, 0, LONG), ' ') == STR_NONE && str_chr(str_sub(v->text, 0, LONG), '<') == STR_NONE;
}

static bool empty(const struct val *v) { return v->kind == VAL_TEXT && !v->text.n; }

struct val fold_either(struct fold *f, const struct val *x, const struct val *y)
{
    struct val r = *x;

    (void)f;
    if (!same_content(x, y)) {
        /* What both begin and end with stays known. */
        struct str a = known_head(x), b = known_head(y), c = known_tail(x), d = known_tail(y);
        size_t     head = 0, tail = 0;
        bool       numbers = (is_number(x) || x->kind == VAL_FRACTION) && (is_number(y) || y->kind == VAL_FRACTION);
        while (head < a.n && head < b.n && a.p[head] == b.p[head])
            head++;
        while (tail < c.n && tail < d.n && c.p[c.n - 1 - tail] == d.p[d.n - 1 - tail])
            tail++;
        while (head && head < a.n && (a.p[head] & 0xC0) == 0x80)      /* whole characters only */
            head--;
        while (tail && tail < c.n && (c.p[c.n - tail] & 0xC0) == 0x80)
            tail--;
        r = (struct val){ .kind = numbers ? VAL_FRACTION : VAL_UNKNOWN, .maybe = true };
        /* Of several encoded texts, of which a branch picks one, the longest stands for all. */
        if ((encoded(x) || empty(x)) && (encoded(y) || empty(y)) && (encoded(x) || encoded(y))) {
            r.kind = VAL_TEXT;
            r.text = a.n >= b.n ? x->text : y->text;
            head = tail = 0;
        }
        if (head)
            r.text = str_sub(a, 0, head);
        if (tail)
            r.tail = str_from(c, c.n - tail);
        r.cls = x->cls == y->cls ? x->cls : NULL;
        r.object = x->object == y->object ? x->object : NULL;
        /* If one of them is wholly of the request, the visitor picks that branch's content. */
        r.whole = x->whole || y->whole;
        r.leads = x->leads || y->leads;
        r.trail = NULL;
        fold_marks(&r, x);
    }
    fold_marks(&r, y);
    r.maybe = r.maybe || x->maybe || y->maybe;
    return r;
}

bool fold_index(struct fold *f, enum ir_language l, const struct val *x, const struct val *at, struct val *ret)
{
    struct val r = { .kind = VAL_UNKNOWN };
    int64_t    i;

    (void)f;
    if (x->kind == VAL_LIST && fold_as_number(l, at, &i) && i >= 0 && (uint64_t)i < x->item_n) {
        *ret = x->item[i];                  /* the marks of the list itself are those of how it came about */
        fold_marks(ret, &(struct val){ .marks = x->marks, .trail = x->trail, .key = x->key, .maybe = x->maybe });
        return true;
    }
    fold_marks(&r, x);
    if (at->marks && x->kind == VAL_LIST)
        r.maybe = true;                     /* the visitor chooses among known things */
    if (x->kind == VAL_LIST)
        for (size_t k = 0; k < x->item_n && k < 64; k++)
            fold_marks(&r, &x->item[k]);
    if ((x->kind == VAL_TEXT || x->kind == VAL_BYTES) && fold_as_number(l, at, &i) && i >= 0) {
        if (x->kind == VAL_BYTES) {
            if ((uint64_t)i < x->text.n) {
                r.kind = VAL_NUMBER;
                r.number = x->text.p[i];
            }
        } else {
            size_t p = chars_at(f, x->text, (size_t)i);
            if (p < x->text.n) {
                uint32_t cp;
                r.kind = VAL_TEXT;
                r.text = str_sub(x->text, p, p + chars_next(str_from(x->text, p), &cp));
            }
        }
    } else if (x->kind == VAL_BYTES)
        r.kind = VAL_FRACTION;
    *ret = r;
    return true;
}
