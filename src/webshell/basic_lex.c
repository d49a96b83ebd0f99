/* Tokens of VB.NET and VBScript. The scanner knows nothing of statements: it is a pure function of its state, so that looking ahead is copying it. */
#include "webshell/basic_inner.h"

#include "base/utf.h"

#include <string.h>

enum { C_NAME = 1, C_START = 2, C_BLANK = 4, C_EOL = 8, C_DIGIT = 16, C_HIGH = 32 };
enum { BRACKET_MAX = 256, DATE_MAX = 64 };

static const uint8_t kind_of[256] = {
    [0 ... 9] = C_BLANK, ['\n'] = C_EOL, [11 ... 12] = C_BLANK, ['\r'] = C_EOL, [14 ... 32] = C_BLANK, ['0' ... '9'] = C_NAME | C_DIGIT,
    ['A' ... 'Z'] = C_NAME | C_START, ['a' ... 'z'] = C_NAME | C_START, ['_'] = C_NAME | C_START, [128 ... 255] = C_NAME | C_START | C_HIGH,
};

/* Characters beyond ASCII that mean something outside texts. Gives their length; 0: part of a name. *ret: ' ' blank, '\n' line end, '"', '\'', or a mark that is written in full width. */
static size_t special(const struct basic *p, size_t at, uint8_t *ret)
{
    const uint8_t *c = p->code.p + at;
    size_t         room = p->code.n - at;
    uint32_t       cp;

    if (c[0] != 0xC2 && c[0] != 0xE2 && c[0] != 0xE3 && c[0] != 0xEF)
        return 0;
    size_t n = utf8_next((struct str){ c, room < 4 ? room : 4 }, &cp);
    if (n == 0)
        return 0;
    if (cp == 0xA0 || cp == 0xFEFF || cp == 0x3000 || (cp >= 0x2000 && cp <= 0x200B)) {
        *ret = ' ';
        return n;
    }
    if (!p->net)
        return 0;
    if (cp == 0x85 || cp == 0x2028 || cp == 0x2029)
        *ret = '\n';
    else if (cp == 0x201C || cp == 0x201D)
        *ret = '"';
    else if (cp == 0x2018 || cp == 0x2019)
        *ret = '\'';
    else if (cp > 0xFF00 && cp < 0xFF5F && !(kind_of[cp - 0xFEE0] & C_NAME))
        *ret = (uint8_t)(cp - 0xFEE0);
    else
        return 0;
    return n;
}

/* The end of the line that holds `at`: where its line end begins. */
static size_t line_end(const struct basic *p, size_t at)
{
    const uint8_t *c = p->code.p;
    uint8_t        what;

    for (; at < p->code.n; at++) {
        if (kind_of[c[at]] & C_EOL)
            break;
        if (p->net && (c[at] == 0xC2 || c[at] == 0xE2) && special(p, at, &what) && what == '\n')
            break;
    }
    return at;
}

/* The line of a place: counts line ends since the last time, and begins anew where the piece does. */
static void count(const struct basic *p, struct basic_lex *x, size_t to)
{
    const uint8_t *c = p->code.p;

    while (x->place < p->places.n && p->places.place[x->place].at <= to) {
        x->counted = p->places.place[x->place].at;
        x->line    = p->places.place[x->place].line;
        x->place++;
    }
    for (; x->counted < to; x->counted++)
        if (c[x->counted] == '\n' || (c[x->counted] == '\r' && (x->counted + 1 >= p->code.n || c[x->counted + 1] != '\n')))
            x->line++;
    x->ends = false;
}

/* Behind blanks, comments, continued and ended lines. True: a line end was among them. */
static bool blanks(const struct basic *p, struct basic_lex *x)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, i = x->pos;
    bool           eol = false;

    for (;;) {
        while (i < n && kind_of[c[i]] & C_BLANK)
            i++;
        if (i >= n)
            break;
        uint8_t kind = kind_of[c[i]], what = c[i];
        size_t  len = 1;
        if (kind & C_HIGH) {
            len = special(p, i, &what);
            if (!len || (what != ' ' && what != '\n' && what != '\''))
                break;
            kind = what == '\n' ? C_EOL : C_BLANK;
        }
        if (kind & C_EOL) {
            i += len;
            eol = x->ends = x->start = true;
            x->dot = false;
        } else if (what == '\'') {
            i = line_end(p, i + len);
        } else if (kind & C_BLANK) {
            i += len;
        } else if (c[i] == '_') {
            size_t j = i + 1, from = i;
            while (j < n && kind_of[c[j]] & C_BLANK)
                j++;
            if (p->net && j < n && c[j] == '\'')
                j = line_end(p, j);
            if (j < n && !(kind_of[c[j]] & C_EOL))
                break;
            if (from > 0 && kind_of[c[from - 1]] & C_NAME && !(kind_of[c[from - 1]] & C_HIGH))
                break;
            i = j < n ? j + (c[j] == '\r' && j + 1 < n && c[j + 1] == '\n' ? 2 : 1) : j;
            /* Blank lines behind it do not end the statement in VBScript. */
            while (!p->net && i < n && kind_of[c[i]] & (C_BLANK | C_EOL))
                i++;
            x->ends = true;
        } else if (c[i] == '<' && !p->net && n - i >= 4 && basic_same(c + i, "<!--", 4)) {
            i = line_end(p, i + 4);                    /* VBScript's own: so that old browsers did not show scripts */
        } else if (c[i] == '#' && p->net && x->start) {
            /* #If, #Region, #Const ...: a date never begins a line. */
            i = line_end(p, i);
        } else if ((c[i] | 32) == 'r' && !x->dot && n - i >= 3 && basic_same(c + i, "rem", 3) && (n - i == 3 || !(kind_of[c[i + 3]] & C_NAME))) {
            i = line_end(p, i + 3);
        } else {
            break;
        }
    }
    x->pos = i;
    return eol;
}

/* Full-width letters in a name are the letters they look like. */
static struct str half_width(const struct basic *p, struct str s, bool *ret_escaped)
{
    uint8_t *out = NULL;
    size_t   n = 0;

    for (size_t i = 0; i + 2 < s.n && !out; i++)
        if (s.p[i] == 0xEF && (s.p[i + 1] == 0xBC || s.p[i + 1] == 0xBD) && !(out = TAKE(p->b->a, uint8_t, s.n)))
            p->b->full = true;
    if (!out)
        return s;
    for (size_t i = 0; i < s.n; i++) {
        uint32_t cp = 0;
        size_t   len = s.p[i] == 0xEF ? utf8_next(str_from(s, i), &cp) : 0;
        if (len && cp > 0xFF00 && cp < 0xFF5F) {
            out[n++] = (uint8_t)(cp - 0xFEE0);
            i += len - 1;
            *ret_escaped = true;
        } else {
            out[n++] = s.p[i];
        }
    }
    return (struct str){ out, n };
}

static void scan_name(const struct basic *p, struct basic_tok *t)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, i = t->at;
    uint8_t        what;
    bool           high = false;

    for (; i < n && kind_of[c[i]] & C_NAME; i++)
        if (kind_of[c[i]] & C_HIGH) {
            if (special(p, i, &what))
                break;
            high = true;
        }
    t->end  = i;
    t->text = str_sub(p->code, t->at, i);
    if (high && p->net)
        t->text = half_width(p, t->text, &t->escaped);
}

/* Dim a$, b% and so on: VB.NET's marks of type behind a name. `a&b` is a joining, whatever the language says. */
static void skip_type_mark(const struct basic *p, struct basic_tok *t)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, i = t->end;

    if (i >= n)
        return;
    if (c[i] == '$' || c[i] == '%' || c[i] == '@' || c[i] == '#' || (c[i] == '!' && (i + 1 >= n || !(kind_of[c[i + 1]] & C_START || c[i + 1] == '[')))) {
        t->end++;
    } else if (c[i] == '&' && i + 1 < n && c[i + 1] != '=') {
        size_t j = i + 1;
        while (j < n && kind_of[c[j]] & C_BLANK)
            j++;
        if (j >= n || kind_of[c[j]] & C_EOL || c[j] == '=' || c[j] == ',' || c[j] == ')')
            t->end++;
    }
}

static void scan_number(const struct basic *p, struct basic_tok *t)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, i = t->at;

    t->kind = TOK_NUMBER;
    if (c[i] == '&') {
        i += i + 1 < n && ch_digit(c[i + 1]) ? 1 : 2;
        while (i < n && (ch_hex(c[i]) >= 0 || (p->net && c[i] == '_')))
            i++;
    } else {
        while (i < n && (ch_digit(c[i]) || (p->net && c[i] == '_' && i + 1 < n && (ch_digit(c[i + 1]) || c[i + 1] == '_'))))
            i++;
        if (i < n && c[i] == '.' && !(i + 1 < n && kind_of[c[i + 1]] & C_START && (c[i + 1] | 32) != 'e'))
            for (i++; i < n && ch_digit(c[i]); i++) { }
        if (i + 1 < n && (c[i] | 32) == 'e') {
            size_t j = i + 1 + (c[i + 1] == '+' || c[i + 1] == '-');
            if (j < n && ch_digit(c[j]))
                for (i = j; i < n && ch_digit(c[i]); i++) { }
        }
    }
    if (p->net && i < n) {
        size_t from = i;
        if ((c[i] | 32) == 'u')
            i++;
        if (i < n && memchr("slidfrSLIDFR", c[i], 12))
            i++;
        if (i < n && kind_of[c[i]] & C_NAME)
            i = from;
    }
    t->text = str_sub(p->code, t->at, i);
    if (i < n && (c[i] == '&' || (p->net && (c[i] == '%' || c[i] == '@' || c[i] == '!' || c[i] == '#')))) {
        size_t j = i + 1;
        while (j < n && kind_of[c[j]] & C_BLANK)
            j++;
        /* 1& is a long number unless something stands there to be joined. */
        if (c[i] != '&' || j >= n || kind_of[c[j]] & C_EOL || c[j] == ')' || c[j] == ',' || c[j] == ':' || c[j] == '&' || c[j] == '=') {
            i++;
            t->text = str_sub(p->code, t->at, i);
        }
    }
    t->end = i;
}

/* Length of a quotation mark at `at`, 0: none there. */
static size_t quote(const struct basic *p, size_t at)
{
    uint8_t what;

    if (at >= p->code.n)
        return 0;
    if (p->code.p[at] == '"')
        return 1;
    if (!p->net || (p->code.p[at] != 0xE2 && p->code.p[at] != 0xEF))
        return 0;
    size_t n = special(p, at, &what);
    return n && what == '"' ? n : 0;
}

/* What stands behind a text that ends: no letter and no other text. */
static bool text_may_end(const struct basic *p, size_t at)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n;

    if (at < n && (c[at] | 32) == 'c' && !(at + 1 < n && kind_of[c[at + 1]] & C_NAME))
        at++;
    while (at < n && kind_of[c[at]] & C_BLANK)
        at++;
    return at >= n || kind_of[c[at]] & C_EOL || strchr("&)+,}.=<>:'", c[at]);
}

static void scan_text(const struct basic *p, struct basic_tok *t, size_t open)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, from = t->at + open, i = from, q = 0, cut = 0;

    t->kind = TOK_TEXT;
    for (; i < n; i++) {
        if ((q = quote(p, i))) {
            size_t again = quote(p, i + q);
            if (!again)
                break;
            t->doubled = true;
            i += q + again - 1;
        } else if (kind_of[c[i]] & C_EOL && !cut) {
            if (!p->net)
                break;
            cut = i;      /* texts of several lines are new in VB.NET: believed if they look like one */
        }
    }
    if (cut && (!q || i >= n || !text_may_end(p, i + q))) {
        i = cut;
        q = 0;
    }
    if (i >= n || !q)
        t->broken = true;
    t->text = str_sub(p->code, from, i);
    t->end  = i + (t->broken ? 0 : q);
    if (!t->broken && p->net && t->end < n && (c[t->end] | 32) == 'c' && !(t->end + 1 < n && kind_of[c[t->end + 1]] & C_NAME))
        t->end++;
}

/* #1/2/2003 10:00 AM#. */
static bool scan_date(const struct basic *p, struct basic_tok *t)
{
    const uint8_t *c = p->code.p;

    for (size_t i = t->at + 1; i < p->code.n && i < t->at + DATE_MAX; i++) {
        if (c[i] == '#' && i > t->at + 1) {
            t->kind = TOK_TEXT;
            t->text = str_sub(p->code, t->at + 1, i);
            t->end  = i + 1;
            return true;
        }
        if (!ch_alnum(c[i]) && c[i] != ' ' && c[i] != '/' && c[i] != '-' && c[i] != ':' && c[i] != ',' && c[i] != '.')
            return false;
    }
    return false;
}

static void scan_mark(const struct basic *p, struct basic_tok *t, uint8_t c, size_t len)
{
    static const struct { char a, b; uint8_t mark; bool vbs_only; } two[] = {
        { '<', '>', MARK_NE, false }, { '<', '=', MARK_LE, false }, { '>', '=', MARK_GE, false }, { '=', '<', MARK_LE, true }, { '=', '>', MARK_GE, true },
        { '>', '<', MARK_NE, true }, { ':', '=', MARK_SET, false }, { '<', '<', MARK_SHL, false }, { '>', '>', MARK_SHR, false },
    };
    uint8_t next = t->at + len < p->code.n ? p->code.p[t->at + len] : 0, what;

    t->kind = TOK_MARK;
    t->mark = c;
    t->end  = t->at + len;
    len = 1;
    if (next == 0xEF && (len = special(p, t->end, &what)))
        next = what;
    for (size_t i = 0; i < COUNT_OF(two); i++)
        if (c == two[i].a && next == two[i].b && !(two[i].vbs_only && p->net) && !(two[i].mark == MARK_SET && !p->net)) {
            t->mark = two[i].mark;
            t->end += len;
            return;
        }
    if (c == ':')
        t->kind = TOK_COLON;
    else if (!strchr("+-*/\\^&=<>(){},.!?@#", c))
        t->kind = TOK_OTHER;
}

struct basic_tok basic_scan(const struct basic *p, struct basic_lex *x)
{
    const uint8_t   *c = p->code.p;
    size_t           n = p->code.n, before = x->pos;
    struct basic_tok t = { .kind = TOK_END };
    bool             eol = blanks(p, x), dot = x->dot;

    t.at = t.end = x->pos;
    t.blank = x->pos > before || before == 0;
    if (x->ends || (x->place < p->places.n && p->places.place[x->place].at <= x->pos))
        count(p, x, x->pos);
    t.line = x->line;
    if (eol) {
        t.kind = TOK_EOL;
        return t;
    }
    if (x->pos >= n)
        return t;
    uint8_t ch = c[x->pos];
    size_t  len = 1;
    x->start = x->dot = false;
    if (kind_of[ch] & C_HIGH) {
        uint8_t what;
        size_t  got = special(p, x->pos, &what);
        if (got) {
            ch = what;
            len = got;
        }
    }
    if (kind_of[ch] & C_START) {
        scan_name(p, &t);
        enum basic_key key = dot ? K_NONE : basic_key_of(t.text, p->net);
        t.kind = key ? TOK_KEY : TOK_NAME;
        t.key  = (uint8_t)key;
        if (p->net && !key)
            skip_type_mark(p, &t);
    } else if (kind_of[ch] & C_DIGIT || (ch == '.' && x->pos + 1 < n && kind_of[c[x->pos + 1]] & C_DIGIT)) {
        scan_number(p, &t);
    } else if (ch == '"') {
        scan_text(p, &t, len);
        x->ends |= p->net;
    } else if (ch == '[') {
        size_t to = x->pos + len > x->bare ? x->pos + len : x->bare;
        while (to < n && to < x->pos + BRACKET_MAX && c[to] != ']' && !(kind_of[c[to]] & C_EOL))
            to++;
        bool whole = to < n && c[to] == ']' && to > x->pos + len && to < x->pos + BRACKET_MAX;
        x->bare = whole ? x->bare : to;
        t.kind = whole ? TOK_NAME : TOK_OTHER;
        t.text = str_sub(p->code, x->pos + len, to);
        t.end  = whole ? to + 1 : x->pos + len;
    } else if (ch == '$' && p->net && quote(p, x->pos + len)) {
        t.kind = TOK_JOINED;
        t.end  = x->pos + len + quote(p, x->pos + len);
    } else if (!(ch == '#' && scan_date(p, &t))) {
        scan_mark(p, &t, ch, len);
        x->dot = ch == '.' || (ch == '!' && !t.blank);
    }
    x->pos = t.end;
    return t;
}

void basic_next(struct basic *p)
{
    if (p->tokens >= BASIC_TOKENS_MAX) {
        p->b->cut = true;
        p->t = (struct basic_tok){ .kind = TOK_END, .at = p->t.at, .end = p->t.end, .line = p->t.line };
        return;
    }
    p->tokens++;
    p->t = basic_scan(p, &p->lex);
}

struct basic_tok basic_peek(const struct basic *p)
{
    struct basic_lex x = p->lex;
    return basic_scan(p, &x);
}

bool basic_number(struct basic *p)
{
    const uint8_t *c = p->code.p;
    size_t         i = p->t.end;

    if (!basic_mark(p, '&') || i + 1 >= p->code.n)
        return false;
    if (!p->net && ch_digit(c[i]) && c[i] < '8')
        ;                                  /* &141: VBScript's older way to write &O141 */
    else if (!((c[i] | 32) == 'h' ? ch_hex(c[i + 1]) >= 0 : ((c[i] | 32) == 'o' || ((c[i] | 32) == 'b' && p->net)) && ch_digit(c[i + 1])))
        return false;
    scan_number(p, &p->t);
    p->lex.pos = p->t.end;
    return true;
}

int64_t basic_number_value(const struct basic *p, struct str s, bool *ret_whole)
{
    unsigned base = 10;
    size_t   i = 0;
    uint64_t v = 0;
    bool     over = false, any = false;
    uint8_t  last = s.n ? (uint8_t)(s.p[s.n - 1] | 32) : 0;

    if (s.n > 2 && s.p[0] == '&') {
        base = (s.p[1] | 32) == 'h' ? 16 : (s.p[1] | 32) == 'b' ? 2 : 8;
        i = ch_digit(s.p[1]) ? 1 : 2;
    }
    for (; i < s.n; i++) {
        int d = s.p[i] == '_' ? -2 : base == 16 ? ch_hex(s.p[i]) : ch_digit(s.p[i]) ? s.p[i] - '0' : -1;
        if (d == -2)
            continue;
        if (d < 0 || (unsigned)d >= base)
            break;
        any = true;
        over |= __builtin_mul_overflow(v, (uint64_t)base, &v) || __builtin_add_overflow(v, (uint64_t)d, &v);
    }
    *ret_whole = any && !over && (base != 10 || v <= INT64_MAX) && (i >= s.n || (s.p[i] != '.' && (s.p[i] | 32) != 'e' && !memchr("dfrDFR@!#", s.p[i], 9)));
    if (!*ret_whole)
        return 0;
    /* Numbers written in base 16, 8 and 2 are the bits of the smallest type that holds them. */
    bool typed = i < s.n;
    if (base != 10 && !(typed && (last == ('&' | 32) || last == 'l' || (s.p[i] | 32) == 'u'))) {
        if (v <= 0xFFFF && (p->net ? typed && last == 's' : true))
            return (int16_t)(uint16_t)v;
        if (v <= 0xFFFFFFFF)
            return (int32_t)(uint32_t)v;
    }
    return (int64_t)v;
}

struct str basic_text(struct basic *p, const struct basic_tok *t)
{
    if (!t->doubled)
        return t->text;
    uint8_t *out = TAKE(p->b->a, uint8_t, t->text.n);
    size_t   n = 0, base = (size_t)(t->text.p - p->code.p);

    if (!out) {
        p->b->full = true;
        return STR_EMPTY;
    }
    for (size_t i = 0; i < t->text.n; i++) {
        size_t q = quote(p, base + i);
        out[n++] = t->text.p[i];
        if (q) {
            for (size_t k = 1; k < q; k++)
                out[n++] = t->text.p[i + k];
            i += q + quote(p, base + i + q) - 1;
        }
    }
    return (struct str){ out, n };
}
