/* Cuts C# and JScript into tokens: one pass, each byte once. */
#include "webshell/clike_inner.h"

#include <string.h>

/* An interpolated text that is open. */
struct hole { uint32_t join; uint8_t dollars, quotes; bool verbatim; };   /* quotes: 3 and more: raw */

struct lex {
    struct clike  *p;
    const uint8_t *s;
    size_t         n, i;
    size_t         counted;       /* lines are counted up to here */
    uint32_t       line;
    size_t         place;
    bool           js, fresh;     /* fresh: a line begins */
    struct token  *t;
    uint32_t       m, cap;        /* tokens so far */
    uint32_t       open;          /* the innermost open bracket; its mate is the next one outwards */
    uint32_t       braces;        /* how many { of them are open */
    struct hole    hole[CLIKE_HOLES_MAX];
    unsigned       holes;
    size_t         wasted;        /* bytes searched in vain for the end of a regular expression */
    bool           stop;
};

/* Length of a line end, a blank or an invisible character beyond ASCII at i; *ret_end: it ends a line. 0: none of them. */
static size_t wide_blank(const struct lex *l, size_t i, bool *ret_end)
{
    const uint8_t *c = l->s + i;

    *ret_end = false;
    if (l->n - i >= 2 && c[0] == 0xC2) {
        *ret_end = c[1] == 0x85;
        return c[1] == 0x85 || c[1] == 0xA0 || c[1] == 0xAD ? 2 : 0;
    }
    if (l->n - i < 3)
        return 0;
    if (c[0] == 0xE2 && c[1] == 0x80) {
        *ret_end = c[2] == 0xA8 || c[2] == 0xA9;
        return (c[2] >= 0x80 && c[2] <= 0x8F) || (c[2] >= 0xA8 && c[2] <= 0xAF) ? 3 : 0;
    }
    if (c[0] == 0xE2 && c[1] == 0x81)
        return c[2] == 0x9F || (c[2] >= 0xA0 && c[2] <= 0xAF) ? 3 : 0;
    return (c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF) || (c[0] == 0xE3 && c[1] == 0x80 && c[2] == 0x80) || (c[0] == 0xE1 && c[1] == 0x9A && c[2] == 0x80) ? 3 : 0;
}

static bool line_end_at(const struct lex *l, size_t i)
{
    bool end;

    return l->s[i] == '\n' || l->s[i] == '\r' || (l->s[i] >= 0xC2 && wide_blank(l, i, &end) && end);
}

/* First line end from i on. */
static size_t line_end(const struct lex *l, size_t i)
{
    while (i < l->n && !line_end_at(l, i))
        i++;
    return i;
}

static uint32_t line_of(struct lex *l, size_t at)
{
    const struct ir_places *places = &l->p->places;

    while (l->place < places->n && places->place[l->place].at <= at) {
        l->line    = places->place[l->place].line;
        l->counted = places->place[l->place].at > l->counted ? places->place[l->place].at : l->counted;
        l->place++;
    }
    for (; l->counted < at; l->counted++)
        if (l->s[l->counted] == '\n' || (l->s[l->counted] == '\r' && !(l->counted + 1 < l->n && l->s[l->counted + 1] == '\n')))
            l->line++;
    return l->line;
}

static struct token *token(struct lex *l, enum token_kind kind, size_t at, size_t n)
{
    if (l->m + 1 >= l->cap) {      /* the last one is kept for the end */
        l->stop = true;
        return &l->t[l->m];
    }
    l->t[l->m] = (struct token){ .at = (uint32_t)at, .n = (uint32_t)n, .line = line_of(l, at), .kind = (uint8_t)kind, .flags = l->fresh ? TF_LINE : 0 };
    l->fresh = false;
    return &l->t[l->m++];
}

static void bracket_open(struct lex *l, struct token *t)
{
    uint32_t at = (uint32_t)(t - l->t);

    if (l->stop)
        return;
    t->mate = l->open;
    l->open = at;
    l->braces += t->kind == TK_SIGN && t->id == '{';
}

/* The innermost bracket is over; `by`: the token that closes it, 0: it has no end. */
static void bracket_pop(struct lex *l, uint32_t by)
{
    struct token *t = &l->t[l->open];
    uint32_t      at = l->open;

    l->braces -= t->kind == TK_SIGN && t->id == '{';
    l->open = t->mate;
    t->mate = by;
    if (by)
        l->t[by].mate = at;
}

static bool opens(const struct token *t, uint8_t with) { return t->kind == TK_SIGN && t->id == with; }

/* A closing bracket takes the nearest fitting one. An inner one that stays open is given up by '}', and by the others if it is not a '{'. */
static void bracket_close(struct lex *l, struct token *t, uint8_t with)
{
    uint32_t by = (uint32_t)(t - l->t), k = l->open, seen = 0;

    if (l->stop || (with == '{' && !l->braces))
        return;
    while (k && !opens(&l->t[k], with) && l->t[k].kind == TK_SIGN && l->t[k].id != '{' && (with == '{' || ++seen < 16))
        k = l->t[k].mate;
    if (!k || !opens(&l->t[k], with))
        return;
    while (l->open != k)
        bracket_pop(l, 0);
    bracket_pop(l, by);
}

/* ---- texts ---- */

/* Up to the closing quote; the place behind it in l->i. */
static void plain_text(struct lex *l, uint8_t quote, enum token_kind kind)
{
    size_t  from = l->i + 1, i = from;
    uint8_t flags = 0;

    while (i < l->n && l->s[i] != quote) {
        if (l->s[i] == '\\' && i + 1 < l->n) {
            flags |= TF_ESCAPED;
            i += l->s[i + 1] == '\r' && i + 2 < l->n && l->s[i + 2] == '\n' ? 3 : 2;   /* an escaped line end goes on */
            continue;
        }
        if (l->s[i] == '\n' || l->s[i] == '\r')
            break;
        i++;
    }
    if (i > l->n)
        i = l->n;
    if (i >= l->n || l->s[i] != quote) {
        flags |= TF_OPEN;
        l->p->unit->unclosed |= i >= l->n;
        clike_unread(l->p);
    }
    token(l, kind, from, i - from)->flags |= flags;
    l->i = i + (i < l->n && l->s[i] == quote);
}

/* "" is a quote. */
static void verbatim_text(struct lex *l, size_t skip)
{
    size_t  from = l->i + skip, i = from;
    uint8_t flags = TF_VERBATIM;

    for (;;) {
        const uint8_t *q = i < l->n ? memchr(l->s + i, '"', l->n - i) : NULL;

        i = q ? (size_t)(q - l->s) : l->n;
        if (i + 1 >= l->n || l->s[i + 1] != '"')
            break;
        flags |= TF_ESCAPED;
        i += 2;
    }
    if (i >= l->n) {
        l->p->unit->unclosed = true;
        flags |= TF_OPEN;
    }
    token(l, TK_TEXT, from, i - from)->flags |= flags;
    l->i = i + (i < l->n);
}

static size_t run_of(const struct lex *l, size_t i, uint8_t c)
{
    size_t n = 0;

    while (i + n < l->n && l->s[i + n] == c)
        n++;
    return n;
}

static void raw_text(struct lex *l, size_t quotes)
{
    size_t from = l->i + quotes, i = from, run = 0;

    while (i < l->n) {
        const uint8_t *q = memchr(l->s + i, '"', l->n - i);

        i = q ? (size_t)(q - l->s) : l->n;
        run = run_of(l, i, '"');
        if (run >= quotes || i >= l->n)
            break;
        i += run;
    }
    if (i >= l->n)
        l->p->unit->unclosed = true;
    else
        i += run - quotes;          /* quotes too many belong to the text */
    token(l, TK_TEXT, from, i - from)->flags |= (uint8_t)(TF_RAW | TF_ESCAPED | (i >= l->n ? TF_OPEN : 0));
    l->i = i < l->n ? i + quotes : l->n;
}

/* A piece of an interpolated text, up to its next hole or its end. */
static void piece(struct lex *l)
{
    const struct hole *h = &l->hole[l->holes - 1];
    size_t  from = l->i, i = from;
    uint8_t flags = h->quotes ? TF_RAW : (uint8_t)(TF_PIECE | (h->verbatim ? TF_VERBATIM : 0));
    bool    hole = false, over = false;

    for (; i < l->n && !hole && !over; ) {
        uint8_t c = l->s[i];

        if (c == '"' && h->quotes) {
            size_t run = run_of(l, i, '"');

            if (run >= h->quotes) {
                i += run - h->quotes;
                over = true;
            } else
                i += run;
        } else if (c == '"' && h->verbatim && i + 1 < l->n && l->s[i + 1] == '"') {
            flags |= TF_ESCAPED;
            i += 2;
        } else if (c == '"')
            over = true;
        else if (c == '{') {
            size_t run = run_of(l, i, '{');

            if (h->quotes) {
                hole = run >= h->dollars;
                i += hole ? run - h->dollars : run;
            } else {
                flags |= run > 1 ? TF_ESCAPED : 0;
                hole = run % 2;
                i += run - hole;
            }
        } else if (c == '}' && !h->quotes) {
            flags |= TF_ESCAPED;
            i += i + 1 < l->n && l->s[i + 1] == '}' ? 2 : 1;
        } else if (c == '\\' && !h->quotes && !h->verbatim && i + 1 < l->n) {
            flags |= TF_ESCAPED;
            i += 2;
        } else if ((c == '\n' || c == '\r') && !h->quotes && !h->verbatim) {
            clike_unread(l->p);
            over = true;
        } else
            i++;
    }
    if (i > l->n)
        i = l->n;
    token(l, TK_TEXT, from, i - from)->flags |= flags;
    l->i = i;
    if (hole) {
        struct token *t = token(l, TK_HOLE, i, h->quotes ? h->dollars : 1);

        bracket_open(l, t);
        l->i += h->quotes ? h->dollars : 1;
        return;
    }
    l->p->unit->unclosed |= i >= l->n;
    struct token *t = token(l, TK_JOIN_END, i, 0);
    if (!l->stop) {
        t->mate = h->join;
        l->t[h->join].mate = (uint32_t)(t - l->t);
    }
    if (i < l->n && l->s[i] == '"')
        l->i += h->quotes ? h->quotes : 1;
    l->holes--;
}

/* The end of a hole: at '}', or at the ':' or of its format. */
static void hole_end(struct lex *l)
{
    const struct hole *h = &l->hole[l->holes - 1];
    struct token *t;

    if (l->s[l->i] == ':') {
        size_t i = l->i;

        while (i < l->n && l->s[i] != '}' && l->s[i] != '"' && l->s[i] != '\n')
            i++;
        l->i = i;
    }
    t = token(l, TK_HOLE_END, l->i, 0);
    if (!l->stop)
        bracket_pop(l, (uint32_t)(t - l->t));
    if (l->i < l->n && l->s[l->i] == '}')
        l->i += h->quotes ? (run_of(l, l->i, '}') < h->dollars ? run_of(l, l->i, '}') : h->dollars) : 1;
    piece(l);
}

/* $ and @ before a quote, in any order; false: something else stands here. */
static bool special_text(struct lex *l)
{
    size_t i = l->i, dollars = 0, quotes;
    bool   at = false;

    if (l->js)
        return false;
    while (i < l->n && dollars < 10 && (l->s[i] == '$' || (l->s[i] == '@' && !at))) {
        dollars += l->s[i] == '$';
        at |= l->s[i] == '@';
        i++;
    }
    if (i >= l->n || l->s[i] != '"')
        return false;
    quotes = at ? 1 : run_of(l, i, '"');
    if (!dollars) {
        if (at)
            verbatim_text(l, i + 1 - l->i);
        else if (quotes >= 3)
            raw_text(l, quotes);
        else
            plain_text(l, '"', TK_TEXT);
        return true;
    }
    if (l->holes == CLIKE_HOLES_MAX || dollars > 9 || quotes > 200) {
        l->i = i;
        plain_text(l, '"', TK_TEXT);
        return true;
    }
    struct token *t = token(l, TK_JOIN, l->i, 0);
    l->hole[l->holes++] = (struct hole){ .join = (uint32_t)(t - l->t), .dollars = (uint8_t)dollars, .quotes = (uint8_t)(quotes >= 3 ? quotes : 0), .verbatim = at };
    l->i = i + (quotes >= 3 ? quotes : 1);
    piece(l);
    return true;
}

/* ---- names and numbers ---- */

static bool name_byte(const struct lex *l, size_t i)
{
    uint8_t c = l->s[i];
    bool    end;

    return ch_alnum(c) || c == '_' || (c == '$' && l->js) || (c >= 0x80 && !(c >= 0xC2 && wide_blank(l, i, &end)));
}

/* Length of \uXXXX or \UXXXXXXXX at i, 0: none. */
static size_t name_escape(const struct lex *l, size_t i)
{
    size_t digits = l->n - i < 2 || l->s[i] != '\\' ? 0 : l->s[i + 1] == 'u' ? 4 : l->s[i + 1] == 'U' && !l->js ? 8 : 0;

    if (!digits || l->n - i < 2 + digits)
        return 0;
    for (size_t k = 0; k < digits; k++)
        if (ch_hex(l->s[i + 2 + k]) < 0)
            return 0;
    return 2 + digits;
}

static bool name(struct lex *l)
{
    size_t  from = l->i + (l->s[l->i] == '@'), i = from, k;
    uint8_t flags = from > l->i ? TF_AT : 0;
    bool    end;

    while (i < l->n) {
        while (i < l->n && name_byte(l, i))
            i++;
        if (i >= l->n)
            break;
        if ((k = name_escape(l, i)) != 0)
            flags |= TF_ESCAPED;
        else if (i > from && l->s[i] >= 0xC2 && (k = wide_blank(l, i, &end)) != 0 && !end && (l->s[i] == 0xE2 || l->s[i] == 0xEF || l->s[i + 1] == 0xAD) &&
                 (i + k < l->n && (name_byte(l, i + k) || name_escape(l, i + k))))
            flags |= TF_ESCAPED;                    /* invisible characters inside a name are no part of it */
        else
            break;
        i += k;
    }
    if (i == from)
        return false;
    struct token *t = token(l, TK_NAME, from, i - from);
    t->flags |= flags;
    t->id = flags & (TF_AT | TF_ESCAPED) ? (uint8_t)W_NONE : clike_word(l->s + from, i - from, l->js);
    l->i = i;
    return true;
}

static void number(struct lex *l)
{
    size_t i = l->i;
    bool   hex = l->s[i] == '0' && i + 1 < l->n && (l->s[i + 1] | 32) == 'x';

    while (i < l->n) {
        uint8_t c = l->s[i];

        if (ch_alnum(c) || c == '_')
            i++;
        else if (c == '.' && !hex && i + 1 < l->n && (ch_digit(l->s[i + 1]) || (l->js && l->s[i + 1] != '.' && !ch_alpha(l->s[i + 1]))))
            i++;
        else if ((c == '+' || c == '-') && !hex && i > l->i && (l->s[i - 1] | 32) == 'e' && i + 1 < l->n && ch_digit(l->s[i + 1]))
            i++;
        else
            break;
    }
    token(l, TK_NUMBER, l->i, i - l->i);
    l->i = i;
}

/* A regular expression can stand where a value begins. */
static bool regex(struct lex *l)
{
    const struct token *last = &l->t[l->m - 1];
    size_t i = l->i + 1;
    bool   set = false;

    if (l->wasted > l->n || last->kind == TK_TEXT || last->kind == TK_NUMBER || last->kind == TK_REGEX || opens(last, ')') || opens(last, ']') || opens(last, '}') ||
        (last->kind == TK_NAME && (!last->id || last->id == W_this || last->id == W_super || clike_word_class(last->id, true) != 'R')))
        return false;
    for (; i < l->n && !line_end_at(l, i); i++) {
        if (l->s[i] == '\\')
            i++;
        else if (l->s[i] == '[')
            set = true;
        else if (l->s[i] == ']')
            set = false;
        else if (l->s[i] == '/' && !set)
            break;
    }
    if (i >= l->n || l->s[i] != '/') {
        l->wasted += i - l->i;
        return false;
    }
    token(l, TK_REGEX, l->i + 1, i - l->i - 1);
    while (++i < l->n && ch_alpha(l->s[i])) { }
    l->i = i;
    return true;
}

/* ---- blanks, comments, directives ---- */

static bool comment(struct lex *l)
{
    const uint8_t *c = l->s + l->i;
    size_t left = l->n - l->i;

    if (left < 2 || c[0] != '/')
        return false;
    if (l->js && left > 3 && (c[1] == '/' || c[1] == '*') && c[2] == '@' && ch_alpha(c[3])) {     /* code for those who compile it in */
        l->i += 2;
        return true;
    }
    if (c[1] == '/') {
        l->i = line_end(l, l->i + 2);
        return true;
    }
    if (c[1] != '*')
        return false;
    for (size_t i = l->i + 2;;) {
        const uint8_t *q = i < l->n ? memchr(l->s + i, '*', l->n - i) : NULL;

        if (!q || (size_t)(q - l->s) + 1 >= l->n) {
            l->p->unit->unclosed = true;
            l->i = l->n;
            return true;
        }
        if (q[1] == '/') {
            size_t to = (size_t)(q - l->s) + 2;

            for (size_t k = l->i; k < to && l->js && !l->fresh; k++)
                l->fresh = line_end_at(l, k);
            l->i = to;
            return true;
        }
        i = (size_t)(q - l->s) + 1;
    }
}

/* @cc_on, @if (...), @set @a = ... : what they guard is read, they are not. False: an ordinary sign. */
static bool conditional(struct lex *l)
{
    static const struct { const char *word; uint8_t rest; } kinds[] = {
        { "cc_on", 0 }, { "if", '(' }, { "elif", '(' }, { "else", 0 }, { "end", 0 }, { "set", '\n' }, { "*/", 0 }, { "position", '\n' },
    };
    struct str here = str_from((struct str){ l->s, l->n }, l->i + 1);

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        struct str w = str_c(kinds[k].word);

        if (!str_starts(here, w) || (ch_alpha(*w.p) && here.n > w.n && (ch_alnum(here.p[w.n]) || here.p[w.n] == '_')))
            continue;
        l->i += 1 + w.n;
        if (kinds[k].rest == '\n')
            l->i = line_end(l, l->i);
        if (kinds[k].rest == '(') {
            size_t end = line_end(l, l->i), depth = 0;

            while (l->i < end && !(l->s[l->i] == ')' && depth == 1)) {
                depth += l->s[l->i] == '(';
                depth -= l->s[l->i] == ')' && depth;
                l->i++;
            }
            l->i += l->i < end;
        }
        return true;
    }
    return false;
}

static bool blank(struct lex *l)
{
    bool end;
    size_t k;

    if (ch_space(l->s[l->i])) {
        l->fresh |= l->s[l->i] == '\n' || l->s[l->i] == '\r';
        l->i++;
        return true;
    }
    if (l->s[l->i] >= 0xC2 && (k = wide_blank(l, l->i, &end)) != 0) {
        l->fresh |= end;
        l->i += k;
        return true;
    }
    if (l->s[l->i] == 0 || l->s[l->i] == 0x1A) {
        l->i++;
        return true;
    }
    return false;
}

/* ---- signs ---- */

static const struct { char text[4]; uint8_t id, langs; } signs[] = {      /* longest first; langs 1: C#, 2: JScript */
    { "===", S_SAME, 2 }, { "!==", S_NOT_SAME, 2 }, { "<<=", S_SHL_SET, 3 }, { "?""?=", S_COALESCE_SET, 1 }, { "=>", S_ARROW, 1 }, { "?.", S_NULL_DOT, 1 },
    { "??", S_COALESCE, 1 }, { "::", S_COLONS, 1 }, { "->", S_POINTS, 1 }, { "..", S_RANGE, 1 }, { "==", S_EQ, 3 }, { "!=", S_NE, 3 }, { "<=", S_LE, 3 },
    { ">=", S_GE, 3 }, { "<<", S_SHL, 3 }, { "&&", S_AND, 3 }, { "||", S_OR, 3 }, { "++", S_INC, 3 }, { "--", S_DEC, 3 }, { "+=", S_ADD_SET, 3 }, { "-=", S_SUB_SET, 3 },
    { "*=", S_MUL_SET, 3 }, { "/=", S_DIV_SET, 3 }, { "%=", S_MOD_SET, 3 }, { "&=", S_AND_SET, 3 }, { "|=", S_OR_SET, 3 }, { "^=", S_XOR_SET, 3 },
};

static void sign(struct lex *l)
{
    size_t  left = l->n - l->i, n = 1;
    uint8_t id = l->s[l->i];
    struct token *t;

    if (left > 1 && (l->s[l->i + 1] == '=' || memchr("=?&|+-<>.:", l->s[l->i + 1], 10)))
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++) {
            size_t m = signs[k].text[2] ? 3 : 2;

            if (left >= m && (uint8_t)signs[k].text[0] == id && memcmp(signs[k].text, l->s + l->i, m) == 0 && signs[k].langs & (l->js ? 2 : 1) &&
                !(signs[k].id == S_NULL_DOT && left > 2 && ch_digit(l->s[l->i + 2]))) {
                id = signs[k].id;
                n  = m;
                break;
            }
        }
    t = token(l, id && (n > 1 || memchr("(){}[];,.<>=+-*/%!~&|^?:", id, 24)) ? TK_SIGN : TK_JUNK, l->i, n);
    t->id = id;
    l->i += n;
    if (t->kind == TK_JUNK || n > 1)
        return;
    switch (id) {
    case '(': case '[': case '{': bracket_open(l, t); break;
    case ')': bracket_close(l, t, '('); break;
    case ']': bracket_close(l, t, '['); break;
    case '}': bracket_close(l, t, '{'); break;
    default: break;
    }
}

static void next(struct lex *l)
{
    uint8_t c = l->s[l->i];

    if (blank(l) || comment(l))
        return;
    if (ch_digit(c) || (c == '.' && l->i + 1 < l->n && ch_digit(l->s[l->i + 1]))) {
        number(l);
        return;
    }
    if ((c == '"' || c == '$' || c == '@') && special_text(l))
        return;
    if (c == '"' || c == '\'') {
        plain_text(l, c, c == '\'' && !l->js ? TK_CHAR : TK_TEXT);
        return;
    }
    if (c == '#' && l->fresh && !l->js) {
        l->i = line_end(l, l->i);
        return;
    }
    if (c == '@' && l->js && conditional(l))
        return;
    if (c == '<' && l->js && l->fresh && l->n - l->i >= 4 && memcmp(l->s + l->i, "<!--", 4) == 0) {    /* the old way to hide a script */
        l->i = line_end(l, l->i);
        return;
    }
    if (c == '-' && l->js && l->fresh && l->n - l->i >= 3 && memcmp(l->s + l->i, "-->", 3) == 0) {
        l->i = line_end(l, l->i);
        return;
    }
    if ((name_byte(l, l->i) || c == '\\' || c == '@') && name(l))
        return;
    if (c == '/' && l->js && regex(l))
        return;
    if ((c == '}' || c == ':') && l->holes && l->open && l->t[l->open].kind == TK_HOLE && !(c == ':' && l->i + 1 < l->n && l->s[l->i + 1] == ':')) {
        hole_end(l);
        return;
    }
    sign(l);
}

void clike_lex(struct clike *p, struct token *room, uint32_t cap)
{
    struct lex l = { .p = p, .s = p->code.p, .n = p->code.n, .line = 1, .js = p->js, .fresh = true, .t = room, .cap = cap };

    l.t[0] = (struct token){ .kind = TK_BLANK };
    l.m = 1;
    while (l.i < l.n && !l.stop)
        next(&l);
    while (l.holes) {               /* the code ends inside a text */
        l.t[l.hole[--l.holes].join].mate = 0;
        p->unit->unclosed = true;
    }
    for (uint32_t k = l.open; k; k = l.open) {
        if (l.t[k].kind == TK_SIGN && l.t[k].id == '{')
            p->unit->unclosed = true;
        bracket_pop(&l, 0);
    }
    l.t[l.m] = (struct token){ .kind = TK_END, .at = (uint32_t)(l.i < l.n ? l.i : l.n), .line = line_of(&l, l.i < l.n ? l.i : l.n), .flags = TF_LINE };
    p->t = l.t;
    p->n = l.m;
    p->i = 1;
    p->b->cut |= l.stop;
}
