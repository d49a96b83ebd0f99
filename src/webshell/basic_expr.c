/* Values of VB.NET and VBScript: operators by level, chains of members, calls and indexes. */
#include "webshell/basic_inner.h"

#include <string.h>

/* From the loosest; the order of both languages (VBScript has no shifts and its own Eqv and Imp). */
enum { L_NONE, L_IMP, L_EQV, L_XOR, L_OR, L_AND, L_NOT, L_COMPARE, L_SHIFT, L_JOIN, L_ADD, L_MOD, L_INT_DIV, L_MUL, L_NEG, L_POW };

struct level { uint8_t level, sign; };

static struct level level_of(const struct basic *p)
{
    static const struct level mark[256] = {
        ['='] = { L_COMPARE, SIGN_EQ }, ['<'] = { L_COMPARE, SIGN_LT }, ['>'] = { L_COMPARE, SIGN_GT }, [MARK_NE] = { L_COMPARE, SIGN_NE }, [MARK_LE] = { L_COMPARE, SIGN_LE },
        [MARK_GE] = { L_COMPARE, SIGN_GE }, [MARK_SHL] = { L_SHIFT, SIGN_SHL }, [MARK_SHR] = { L_SHIFT, SIGN_SHR }, ['&'] = { L_JOIN, SIGN_JOIN }, ['+'] = { L_ADD, SIGN_ADD },
        ['-'] = { L_ADD, SIGN_SUB }, ['\\'] = { L_INT_DIV, SIGN_INT_DIV }, ['*'] = { L_MUL, SIGN_MUL }, ['/'] = { L_MUL, SIGN_DIV }, ['^'] = { L_POW, SIGN_POW },
    };
    static const struct level key[K_KEYS] = {
        [K_IMP] = { L_IMP, SIGN_OR }, [K_EQV] = { L_EQV, SIGN_EQ }, [K_XOR] = { L_XOR, SIGN_XOR }, [K_OR] = { L_OR, SIGN_BIT_OR }, [K_ORELSE] = { L_OR, SIGN_OR },
        [K_AND] = { L_AND, SIGN_BIT_AND }, [K_ANDALSO] = { L_AND, SIGN_AND }, [K_IS] = { L_COMPARE, SIGN_IS }, [K_ISNOT] = { L_COMPARE, SIGN_IS },
        [K_LIKE] = { L_COMPARE, SIGN_LIKE }, [K_MOD] = { L_MOD, SIGN_MOD },
    };
    return p->t.kind == TOK_MARK ? mark[p->t.mark] : p->t.kind == TOK_KEY ? key[p->t.key] : (struct level){ L_NONE, SIGN_NONE };
}

struct ir *basic_new(struct basic *p, enum ir_op op)
{
    return ir_new(p->b, op, p->t.line);
}

/* A node of the token at hand, which is taken. */
struct ir *basic_leaf(struct basic *p, enum ir_op op, struct str text)
{
    struct ir *n = basic_new(p, op);

    n->text = text;
    basic_next(p);
    return n;
}

void basic_hang(struct basic *p, struct ir *parent, struct ir **tail, struct ir *kid)
{
    if (!kid || kid == &p->b->spare || parent == &p->b->spare || kid == parent)
        return;
    ir_add(parent, tail, kid);
    if (parent->height <= kid->height)
        parent->height = kid->height < UINT8_MAX ? (uint8_t)(kid->height + 1) : UINT8_MAX;
}

struct ir *basic_gap(struct basic *p)
{
    struct ir *n = basic_new(p, IR_VOID);

    if (n != &p->b->spare && n->line == 0)
        n->line = 1;
    return n;
}

static struct ir *pair(struct basic *p, enum ir_op op, enum ir_sign sign, struct ir *x, struct ir *y)
{
    struct ir *n = basic_new(p, op), *tail = NULL;

    n->sign = (uint8_t)sign;
    n->line = x->line ? x->line : n->line;
    basic_hang(p, n, &tail, x);
    basic_hang(p, n, &tail, y);
    return n;
}

void basic_more(struct basic *p)
{
    if (p->net && p->t.kind == TOK_EOL)
        basic_next(p);
}

void basic_closing(struct basic *p, int mark)
{
    if (p->net && p->t.kind == TOK_EOL) {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_MARK && (t.mark == mark || t.mark == ','))
            basic_next(p);
    }
}

void basic_skip_brackets(struct basic *p)
{
    size_t open = 0;

    do {
        if (basic_mark(p, '(') || basic_mark(p, '{'))
            open++;
        else if (basic_mark(p, ')') || basic_mark(p, '}'))
            open--;
        basic_next(p);
    } while (open > 0 && p->t.kind != TOK_END && p->t.kind != TOK_EOL);
}

struct str basic_array_of(struct basic *p, struct str type)
{
    if (!type.n)
        return STR("[]");
    struct str s = str_cat(p->b->a, type, STR("[]"));
    if (!s.p)
        p->b->full = true;
    return s;
}

struct str basic_type(struct basic *p, bool arrays)
{
    struct str s = STR_EMPTY;

    if (basic_mark(p, '(')) {               /* a tuple */
        basic_skip_brackets(p);
        return s;
    }
    while (basic_word(&p->t)) {
        s = p->t.text;
        basic_next(p);
        if (basic_mark(p, '(')) {
            struct basic_tok t = basic_peek(p);
            if (t.kind == TOK_KEY && t.key == K_OF)
                basic_skip_brackets(p);
        }
        if (!basic_mark(p, '.'))
            break;
        basic_next(p);
        basic_more(p);
    }
    if (p->net && basic_mark(p, '?'))
        basic_next(p);
    while (arrays && basic_mark(p, '(')) {
        struct basic_tok t = basic_peek(p);
        if (!(t.kind == TOK_MARK && (t.mark == ')' || t.mark == ',')))
            break;
        basic_skip_brackets(p);
        s = basic_array_of(p, s);
    }
    return s;
}

bool basic_begins(const struct basic *p)
{
    switch (p->t.kind) {
    case TOK_NAME: case TOK_TEXT: case TOK_NUMBER: case TOK_JOINED:
        return true;
    case TOK_MARK:
        if (p->t.mark == '&' && p->t.end < p->code.n)
            return (p->code.p[p->t.end] | 32) == 'h' || (p->code.p[p->t.end] | 32) == 'o';
        return p->t.mark == '(' || p->t.mark == '-' || p->t.mark == '+' || p->t.mark == '.' || p->t.mark == '!' || (p->net && (p->t.mark == '{' || p->t.mark == '<'));
    case TOK_KEY:
        switch (p->t.key) {
        case K_NOT: case K_NEW: case K_NOTHING: case K_TRUE: case K_FALSE: case K_NULL: case K_EMPTY: case K_ME: case K_MYBASE: case K_MYCLASS: case K_TYPEOF: case K_CTYPE:
        case K_DIRECTCAST: case K_TRYCAST: case K_GETTYPE: case K_ADDRESSOF: case K_GLOBAL: case K_BYVAL:
            return true;
        case K_FUNCTION: case K_SUB: case K_IF:
            return p->net;
        default:
            return basic_soft(&p->t);
        }
    default:
        return false;
    }
}

/* Too deep: names and texts up to the partner of the bracket at hand, side by side. */
static struct ir *flat(struct basic *p)
{
    struct ir *n = basic_gap(p), *tail = NULL;
    size_t     open = 0;

    p->b->cut = true;
    p->unread++;
    do {
        if (basic_mark(p, '('))
            open++;
        else if (basic_mark(p, ')'))
            open -= open > 0;
        else if (p->t.kind == TOK_NAME || p->t.kind == TOK_TEXT) {
            basic_hang(p, n, &tail, basic_leaf(p, p->t.kind == TOK_NAME ? IR_NAME : IR_TEXT, p->t.kind == TOK_TEXT ? basic_text(p, &p->t) : p->t.text));
            continue;
        }
        if (p->t.kind == TOK_END || p->t.kind == TOK_EOL)
            break;
        basic_next(p);
    } while (open > 0);
    return n;
}

static struct ir *text_of(struct basic *p)
{
    if (p->t.broken) {
        p->unread++;
        if (p->t.end >= p->code.n)
            p->unclosed = true;
    }
    return basic_leaf(p, IR_TEXT, basic_text(p, &p->t));
}

/* $"a{x,5:N2}b": the scanner stands behind the quote. */
static struct ir *joined(struct basic *p)
{
    struct ir     *n = basic_new(p, IR_BINARY), *tail = NULL;
    const uint8_t *c = p->code.p;
    size_t         at = p->t.end, end = p->code.n, holes = 0;

    n->sign = SIGN_JOIN;
    p->depth++;
    for (;;) {
        size_t     from = at;
        uint8_t   *out = NULL;
        size_t     out_n = 0;
        while (at < end && !(c[at] == '"' && !(at + 1 < end && c[at + 1] == '"')) && !(c[at] == '{' && !(at + 1 < end && c[at + 1] == '{')))
            at += (c[at] == '"' || c[at] == '{' || (c[at] == '}' && at + 1 < end && c[at + 1] == '}')) ? 2 : 1;
        if (at > end)
            at = end;
        if (at > from && !(out = TAKE(p->b->a, uint8_t, at - from)))
            p->b->full = true;
        for (size_t i = from; i < at && out; i++) {
            out[out_n++] = c[i];
            i += (c[i] == '"' || c[i] == '{' || c[i] == '}') && i + 1 < at && c[i + 1] == c[i];
        }
        if (out_n || !n->kid) {
            struct ir *piece = basic_new(p, IR_TEXT);
            piece->text = (struct str){ out, out_n };
            basic_hang(p, n, &tail, piece);
        }
        if (at >= end) {
            p->unclosed = true;
            p->unread++;
        }
        if (at >= end || c[at] == '"')
            break;
        p->lex.pos = at + 1;
        p->lex.ends = true;
        basic_next(p);
        basic_hang(p, n, &tail, basic_begins(p) && p->depth < BASIC_DEPTH_MAX ? basic_expr(p) : basic_gap(p));
        for (at = p->t.at; at < end && c[at] != '}' && c[at] != '"' && c[at] != '\n' && c[at] != '\r'; at++) { }
        if (at < end && c[at] == '}')
            at++;
        holes++;
        if (at < from + 1)      /* cannot be; a loop that does not move would be the end of us */
            break;
    }
    p->depth--;
    p->lex.pos = at < end ? at + 1 : end;
    p->lex.ends = true;
    basic_next(p);
    return holes || !n->kid ? n : n->kid;
}

/* <%= x %> within an XML literal, at its first byte. Gives what stands behind it. */
static size_t xml_hole(struct basic *p, size_t at, struct ir *v, struct ir **tail)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n;

    p->lex.pos  = at + 2 + (at + 2 < n && c[at + 2] == '=');
    p->lex.ends = true;
    basic_next(p);
    basic_more(p);
    if (basic_begins(p))
        basic_hang(p, v, tail, basic_expr(p));
    at = p->t.at > at + 2 ? p->t.at : at + 2;
    while (at + 1 < n && !(c[at] == '%' && c[at + 1] == '>'))
        at++;
    return at + 1 < n ? at + 2 : n;
}

/* <a>...</a> of VB.NET: what stands in <%= %> is kept. False: this is none, nothing taken. */
static bool xml_literal(struct basic *p, struct ir **ret)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, at = p->t.at, open = 0;
    struct ir     *v, *tail = NULL;

    if (p->no_xml || p->depth >= BASIC_DEPTH_MAX || at + 1 >= n || !(ch_alpha(c[at + 1]) || c[at + 1] == '!' || c[at + 1] == '?'))
        return false;
    v = basic_gap(p);
    p->depth++;
    do {
        while (at < n && c[at] != '<')
            at++;
        uint8_t next = at + 1 < n ? c[at + 1] : 0;
        if (!next) {
            at = n;
        } else if (next == '%') {
            at = xml_hole(p, at, v, &tail);
        } else if (next == '!' || next == '?') {
            bool comment = n - at > 4 && memcmp(c + at, "<!--", 4) == 0;
            for (at += 2; at < n && !(c[at] == '>' && (!comment || (c[at - 1] == '-' && c[at - 2] == '-'))); at++) { }
            at += at < n;
        } else {
            uint8_t in = 0;
            for (at++; at < n && (in || c[at] != '>');) {
                if (c[at] == '<' && at + 1 < n && c[at + 1] == '%') {
                    at = xml_hole(p, at, v, &tail);
                    continue;
                }
                if (in ? c[at] == in : c[at] == '"' || c[at] == '\'')
                    in = in ? 0 : c[at];
                at++;
            }
            if (at < n) {
                if (next == '/')
                    open -= open > 0;
                else
                    open += c[at - 1] != '/';
                at++;
            }
        }
    } while (at < n && open > 0);
    p->depth--;
    if (open > 0 || at >= n) {
        p->no_xml = true;
        p->unclosed |= open > 0;
        p->unread += open > 0;
    }
    p->lex.pos  = at;
    p->lex.ends = true;
    basic_next(p);
    *ret = v;
    return true;
}

/* { a, b }, the open mark at hand. */
static struct ir *list(struct basic *p)
{
    struct ir *n = basic_new(p, IR_LIST), *tail = NULL;

    if (p->depth >= BASIC_DEPTH_MAX) {
        basic_next(p);
        return flat(p);
    }
    p->depth++;
    basic_next(p);
    basic_more(p);
    while (basic_begins(p)) {
        basic_hang(p, n, &tail, basic_expr(p));
        basic_closing(p, '}');
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    basic_closing(p, '}');
    if (basic_mark(p, '}'))
        basic_next(p);
    else
        p->unread++;
    p->depth--;
    return n;
}

/* With { .A = 1, Key .B = 2 } behind New. */
static void initialisers(struct basic *p, struct ir *made, struct ir **tail)
{
    basic_next(p);
    basic_more(p);
    if (!basic_mark(p, '{'))
        return;
    p->depth++;
    basic_next(p);
    basic_more(p);
    while (p->t.kind != TOK_END && !basic_mark(p, '}')) {
        if (basic_word_is(p, "key"))
            basic_next(p);
        if (basic_mark(p, '.')) {
            struct ir *set, *last = NULL;
            basic_next(p);
            set = basic_leaf(p, IR_SET, p->t.text);
            if (basic_mark(p, '=')) {
                basic_next(p);
                basic_more(p);
                basic_hang(p, set, &last, basic_expr(p));
            }
            basic_hang(p, made, tail, set);
        } else if (basic_begins(p)) {
            basic_hang(p, made, tail, basic_expr(p));
        } else {
            break;
        }
        basic_closing(p, '}');
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    if (basic_mark(p, '}'))
        basic_next(p);
    else
        p->unread++;
    p->depth--;
}

static struct ir *make(struct basic *p)
{
    struct ir *n = basic_new(p, IR_NEW), *tail = NULL;

    basic_next(p);
    if (p->depth >= BASIC_DEPTH_MAX)
        return flat(p);
    p->depth++;
    if (!basic_is(p, K_WITH))
        n->text = basic_type(p, false);
    if (!n->text.n && !basic_is(p, K_WITH))
        p->unread++;
    if (basic_mark(p, '('))
        basic_args(p, n, &tail, true);
    while (p->net && basic_mark(p, '(') && basic_peek(p).kind == TOK_MARK)      /* New Byte(3)() {} */
        basic_skip_brackets(p);
    if (p->net && basic_mark(p, '{')) {
        n->text = basic_array_of(p, n->text);
        basic_hang(p, n, &tail, list(p));
    }
    if (p->net && p->t.kind == TOK_EOL) {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_KEY && t.key == K_FROM)
            basic_next(p);
    }
    if (p->net && basic_is(p, K_WITH)) {
        initialisers(p, n, &tail);
    } else if (p->net && basic_is(p, K_FROM) && basic_peek(p).kind != TOK_NAME) {
        basic_next(p);
        basic_more(p);
        if (basic_mark(p, '{'))
            basic_hang(p, n, &tail, list(p));
    }
    p->depth--;
    return n;
}

/* CType(x, T) and its like, GetType(T). */
static struct ir *cast(struct basic *p)
{
    bool       of = basic_is(p, K_GETTYPE);
    struct ir *n = basic_new(p, of ? IR_TYPE_OF : IR_CAST), *tail = NULL;

    basic_next(p);
    if (!basic_mark(p, '(')) {
        p->unread++;
        return n;
    }
    if (p->depth >= BASIC_DEPTH_MAX)
        return flat(p);
    p->depth++;
    basic_next(p);
    basic_more(p);
    if (!of) {
        basic_hang(p, n, &tail, basic_expr(p));
        basic_closing(p, ')');
        if (basic_mark(p, ','))
            basic_next(p);
        basic_more(p);
    }
    n->type = basic_type(p, true);
    basic_closing(p, ')');
    if (basic_mark(p, ')'))
        basic_next(p);
    else
        p->unread++;
    p->depth--;
    return n;
}

/* If(a, b, c) and If(a, b). */
static struct ir *choose(struct basic *p)
{
    struct ir *n = basic_new(p, IR_CHOOSE), *tail = NULL;

    basic_next(p);
    if (basic_mark(p, '('))
        basic_args(p, n, &tail, true);
    else
        p->unread++;
    if (n->kid && n->kid->next && !n->kid->next->next) {
        n->op = IR_BINARY;
        n->sign = SIGN_COALESCE;
    } else if (!n->kid || !n->kid->next || n->kid->next->next->next) {
        n->op = IR_VOID;
        n->line = n->line ? n->line : 1;
    }
    return n;
}

/* TypeOf x Is T. */
static struct ir *type_of(struct basic *p)
{
    struct ir *x, *type;
    bool       isnt;

    basic_next(p);
    p->depth++;
    x = p->depth < BASIC_DEPTH_MAX ? basic_rest(p, NULL, L_SHIFT) : flat(p);
    p->depth--;
    isnt = basic_is(p, K_ISNOT);
    if (!isnt && !basic_is(p, K_IS)) {
        p->unread++;
        return x;
    }
    basic_next(p);
    type = basic_new(p, IR_TYPE_OF);
    type->type = basic_type(p, true);
    x = pair(p, IR_BINARY, SIGN_IS, x, type);
    return isnt ? pair(p, IR_UNARY, SIGN_NOT, x, NULL) : x;
}

/* From x In a Where b Select c: what it runs over is what x stands for, then the parts in order. */
static struct ir *query(struct basic *p)
{
    static const char *const clause[] = { "from", "where", "select", "order", "by", "let", "join", "on", "equals", "into", "group", "skip", "take", "while", "distinct", "aggregate",
                                          "ascending", "descending", "in", "key" };
    struct ir *n = basic_gap(p), *tail = NULL;

    p->depth++;
    for (;;) {
        if (p->t.kind == TOK_EOL) {
            struct basic_tok t = basic_peek(p);
            bool             goes_on = false;
            for (size_t i = 0; i < COUNT_OF(clause) && basic_word(&t) && !goes_on; i++)
                goes_on = str_ieq(t.text, str_c(clause[i]));
            /* Select Case begins a statement. */
            if (goes_on && basic_word(&t) && str_ieq(t.text, STR("select"))) {
                struct basic_lex x = p->lex;
                (void)basic_scan(p, &x);
                t = basic_scan(p, &x);
                goes_on = !(t.kind == TOK_KEY && t.key == K_CASE);
            }
            if (!goes_on)
                break;
            basic_next(p);
        }
        bool ranges = basic_word_is(p, "from") || basic_word_is(p, "join") || basic_word_is(p, "let") || basic_word_is(p, "aggregate"), is = false;
        for (size_t i = 0; i < COUNT_OF(clause) && !is; i++)
            is = basic_word_is(p, clause[i]);
        if (is) {
            basic_next(p);
            basic_more(p);
            if (ranges && basic_word(&p->t)) {
                struct ir *x = basic_new(p, IR_LET), *last = NULL;
                x->text = p->t.text;
                basic_next(p);
                if (basic_is(p, K_AS)) {
                    basic_next(p);
                    x->type = basic_type(p, true);
                }
                if (basic_is(p, K_IN) || basic_mark(p, '=')) {
                    basic_next(p);
                    basic_more(p);
                    basic_hang(p, x, &last, basic_expr(p));
                }
                basic_hang(p, n, &tail, x);
            }
        } else if (basic_mark(p, ',')) {
            basic_next(p);
            basic_more(p);
        } else if (basic_begins(p)) {
            size_t before = p->t.at;
            basic_hang(p, n, &tail, basic_expr(p));
            if (p->t.at == before)
                break;
        } else {
            break;
        }
    }
    p->depth--;
    return n;
}

static bool begins_query(const struct basic *p)
{
    if (!p->net || p->depth >= BASIC_DEPTH_MAX || !(basic_is(p, K_FROM) || basic_word_is(p, "aggregate")))
        return false;
    struct basic_lex x = p->lex;
    struct basic_tok t = basic_scan(p, &x);
    if (t.kind != TOK_NAME)
        return false;
    t = basic_scan(p, &x);
    return t.kind == TOK_KEY && (t.key == K_IN || t.key == K_AS);
}

static struct ir *primary_key(struct basic *p)
{
    switch (p->t.key) {
    case K_NOTHING: case K_NULL: case K_EMPTY: return basic_leaf(p, IR_LITERAL, STR("null"));
    case K_TRUE:                               return basic_leaf(p, IR_LITERAL, STR("true"));
    case K_FALSE:                              return basic_leaf(p, IR_LITERAL, STR("false"));
    case K_ME: case K_MYCLASS:                 return basic_leaf(p, IR_NAME, STR("this"));
    case K_MYBASE:                             return basic_leaf(p, IR_NAME, STR("base"));
    case K_NEW:                                return make(p);
    case K_CTYPE: case K_DIRECTCAST: case K_TRYCAST: case K_GETTYPE: return cast(p);
    case K_IF:                                 return choose(p);
    case K_TYPEOF:                             return type_of(p);
    case K_FUNCTION: case K_SUB:               return basic_lambda(p);
    case K_GLOBAL: {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_MARK && t.mark == '.') {
            basic_next(p);
            basic_next(p);
        }
        return basic_leaf(p, IR_NAME, p->t.text);
    }
    case K_ASYNC: case K_ITERATOR: {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_KEY && (t.key == K_FUNCTION || t.key == K_SUB)) {
            basic_next(p);
            return basic_lambda(p);
        }
        return basic_leaf(p, IR_NAME, p->t.text);
    }
    default:
        return begins_query(p) ? query(p) : basic_leaf(p, IR_NAME, p->t.text);
    }
}

static struct ir *number(struct basic *p)
{
    bool       whole;
    int64_t    v = basic_number_value(p, p->t.text, &whole);
    struct ir *n = basic_leaf(p, IR_NUMBER, whole ? STR_EMPTY : p->t.text);

    n->number = v;
    return n;
}

/* ( a ), ( a, b ). */
static struct ir *bracket(struct basic *p)
{
    struct ir *n, *tail = NULL;

    if (p->depth >= BASIC_DEPTH_MAX)
        return flat(p);
    p->depth++;
    basic_next(p);
    basic_more(p);
    n = basic_expr(p);
    basic_closing(p, ')');
    if (p->net && basic_mark(p, ',')) {
        struct ir *all = basic_new(p, IR_LIST);
        basic_hang(p, all, &tail, n);
        while (basic_mark(p, ',')) {
            basic_next(p);
            basic_more(p);
            basic_hang(p, all, &tail, basic_expr(p));
            basic_closing(p, ')');
        }
        n = all;
    }
    if (basic_mark(p, ')'))
        basic_next(p);
    else
        p->unread++;
    p->depth--;
    return n;
}

/* Never takes a token that cannot begin a value. */
static struct ir *primary(struct basic *p)
{
    struct ir *n;

    switch (p->t.kind) {
    case TOK_NAME:
        if (begins_query(p))
            return query(p);
        p->escaped += p->t.escaped;
        n = basic_new(p, IR_NAME);
        n->escaped = p->t.escaped;
        n->text = p->t.text;
        basic_next(p);
        return n;
    case TOK_TEXT:
        return text_of(p);
    case TOK_NUMBER:
        return number(p);
    case TOK_JOINED:
        return joined(p);
    case TOK_KEY:
        if (basic_begins(p))
            return primary_key(p);
        break;
    case TOK_MARK:
        if (p->t.mark == '(')
            return bracket(p);
        if (p->t.mark == '.' || p->t.mark == '!')
            return basic_new(p, IR_WITH_OBJECT);
        if (p->t.mark == '&' && basic_number(p))
            return number(p);
        if (p->net && p->t.mark == '{')
            return list(p);
        if (p->net && p->t.mark == '<' && xml_literal(p, &n))
            return n;
        break;
    default:
        break;
    }
    p->unread++;
    return basic_gap(p);
}

/* name := value */
static bool named(const struct basic *p)
{
    if (!p->net || !basic_word(&p->t))
        return false;
    struct basic_tok t = basic_peek(p);
    return t.kind == TOK_MARK && t.mark == MARK_SET;
}

void basic_args(struct basic *p, struct ir *call, struct ir **tail, bool bracket_)
{
    if (bracket_) {
        if (p->depth >= BASIC_DEPTH_MAX) {
            basic_hang(p, call, tail, flat(p));
            return;
        }
        basic_next(p);
        basic_more(p);
    }
    p->depth++;
    for (bool first = true;; first = false) {
        if (basic_mark(p, ',')) {
            basic_hang(p, call, tail, basic_gap(p));
        } else if (named(p)) {
            struct ir *set = basic_leaf(p, IR_SET, p->t.text), *last = NULL;
            basic_next(p);
            basic_more(p);
            basic_hang(p, set, &last, basic_expr(p));
            basic_hang(p, call, tail, set);
        } else if (basic_begins(p)) {
            basic_hang(p, call, tail, basic_expr(p));
            if (p->net && basic_is(p, K_TO)) {          /* Dim a(0 To 5) */
                basic_next(p);
                basic_hang(p, call, tail, basic_expr(p));
            }
        } else if (!first && !(bracket_ && basic_mark(p, ')'))) {
            p->unread++;
        }
        if (bracket_)
            basic_closing(p, ')');
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    p->depth--;
    if (bracket_) {
        basic_closing(p, ')');
        if (basic_mark(p, ')'))
            basic_next(p);
        else
            p->unread++;
    }
}

/* The part behind a dot or !, the mark at hand. NULL: nothing there. */
static struct ir *member(struct basic *p, struct ir *of)
{
    bool       bang = basic_mark(p, '!'), angle = false;
    struct ir *n, *tail = NULL;

    basic_next(p);
    if (!bang)
        basic_more(p);
    while (p->net && (basic_mark(p, '@') || basic_mark(p, '<') || basic_mark(p, '.'))) {  /* x.@a, x.<a>, x...<a> */
        angle = basic_mark(p, '<');
        basic_next(p);
    }
    if (!basic_word(&p->t)) {
        p->unread++;
        return NULL;
    }
    p->escaped += p->t.escaped;
    n = basic_new(p, bang ? IR_CALL : IR_MEMBER);
    basic_hang(p, n, &tail, of);
    if (bang) {
        basic_hang(p, n, &tail, basic_leaf(p, IR_TEXT, p->t.text));
    } else {
        n->escaped = p->t.escaped;
        n->text = p->t.text;
        basic_next(p);
    }
    if (angle && basic_mark(p, '>'))
        basic_next(p);
    return n;
}

/* Members, calls and indexes behind a value. *ret_call: the last of them is a call with one value. */
static struct ir *suffixes(struct basic *p, struct ir *n, bool head, bool *ret_call)
{
    struct ir *all = NULL, *all_tail = NULL;    /* when the chain is too long to go deeper: its parts, side by side */

    *ret_call = false;
    for (;;) {
        struct ir *made, *tail = NULL;
        if (p->net && basic_mark(p, '?')) {
            struct basic_tok t = basic_peek(p);
            if (t.kind != TOK_MARK || (t.mark != '.' && t.mark != '(' && t.mark != '!'))
                break;
            basic_next(p);
        }
        if (!all && n->height >= BASIC_CHAIN_MAX) {
            all = basic_gap(p);
            basic_hang(p, all, &all_tail, n);
            n = all;
        }
        if (basic_mark(p, '(')) {
            struct basic_tok t = basic_peek(p);
            if (p->net && t.kind == TOK_KEY && t.key == K_OF) {
                basic_skip_brackets(p);
                continue;
            }
            if (all) {
                basic_args(p, all, &all_tail, true);
                *ret_call = false;
                continue;
            }
            made = basic_new(p, IR_CALL);
            made->line = n->line ? n->line : made->line;
            basic_hang(p, made, &tail, n);
            basic_args(p, made, &tail, true);
            *ret_call = made->kid && made->kid->next && !made->kid->next->next && made->kid->next->op != IR_SET;
            n = made;
        } else if (basic_mark(p, '.') || basic_mark(p, '!')) {
            /* `f .x` as a statement below With passes the member on; everywhere else it is a member of f. */
            if (head && p->t.blank && p->open[W_WITH] && n->op != IR_WITH_OBJECT && p->t.end < p->code.n && !ch_space(p->code.p[p->t.end]))
                break;
            made = member(p, all ? NULL : n);
            if (!made)
                break;
            *ret_call = false;
            if (!all)
                n = made;
        } else {
            break;
        }
    }
    return n;
}

struct ir *basic_head(struct basic *p, bool *ret_call)
{
    return suffixes(p, primary(p), true, ret_call);
}

static struct ir *unary(struct basic *p)
{
    bool       call;
    enum ir_sign sign = SIGN_NONE;
    unsigned   level = L_NEG;

    if (basic_is(p, K_NOT)) {
        sign = SIGN_NOT;
        level = L_NOT;
    } else if (basic_mark(p, '-')) {
        sign = SIGN_NEG;
    } else if (!basic_mark(p, '+') && !basic_is(p, K_ADDRESSOF) && !basic_is(p, K_BYVAL)) {
        if (!basic_is(p, K_AWAIT))
            return suffixes(p, primary(p), false, &call);
        struct basic_tok t = basic_peek(p);
        if (t.kind != TOK_NAME && !(t.kind == TOK_KEY && !basic_soft(&t)))
            return suffixes(p, primary(p), false, &call);
    }
    struct ir *n = sign ? basic_new(p, IR_UNARY) : NULL, *tail = NULL, *x;
    basic_next(p);
    basic_more(p);
    if (p->depth >= BASIC_DEPTH_MAX)
        return flat(p);
    p->depth++;
    x = basic_rest(p, NULL, level);
    p->depth--;
    if (!n)
        return x;
    n->sign = (uint8_t)sign;
    basic_hang(p, n, &tail, x);
    return n;
}

struct ir *basic_rest(struct basic *p, struct ir *left, unsigned min)
{
    struct ir *chain = NULL, *tail = NULL;     /* what may still grow: a joining, or what holds the parts of a chain that is too long */

    if (!left)
        left = unary(p);
    for (;;) {
        struct level l = level_of(p);
        bool         isnt = basic_is(p, K_ISNOT), eqv = basic_is(p, K_EQV), imp = basic_is(p, K_IMP), lt = basic_mark(p, '<'), gt = basic_mark(p, '>');
        struct ir   *right;
        if (l.level == L_NONE || l.level < min)
            break;
        basic_next(p);
        /* `< >`, `> =`, `< =` with blanks between. */
        if ((lt || gt) && (basic_mark(p, '=') || (lt && basic_mark(p, '>')))) {
            l.sign = basic_mark(p, '>') ? SIGN_NE : lt ? SIGN_LE : SIGN_GE;
            basic_next(p);
        }
        basic_more(p);
        if (p->depth >= BASIC_DEPTH_MAX) {
            right = flat(p);
        } else {
            p->depth++;
            right = basic_rest(p, NULL, l.level + 1u);
            p->depth--;
        }
        if (chain && left == chain && ((chain->op == IR_BINARY && chain->sign == l.sign) || chain->op == IR_VOID)) {
            basic_hang(p, chain, &tail, right);
            continue;
        }
        chain = tail = NULL;
        if (left->height >= BASIC_CHAIN_MAX) {
            chain = basic_gap(p);
            basic_hang(p, chain, &tail, left);
            basic_hang(p, chain, &tail, right);
            left = chain;
        } else if (imp) {
            left = pair(p, IR_BINARY, SIGN_OR, pair(p, IR_UNARY, SIGN_NOT, left, NULL), right);
        } else {
            left = pair(p, IR_BINARY, l.sign, left, right);
            if (l.sign == SIGN_ADD || l.sign == SIGN_JOIN) {
                chain = left;
                tail = left->kid ? left->kid->next ? left->kid->next : left->kid : NULL;
            }
            if (isnt || eqv)
                left = isnt ? pair(p, IR_UNARY, SIGN_NOT, left, NULL) : left;
        }
    }
    return left;
}

struct ir *basic_expr(struct basic *p)
{
    return basic_rest(p, NULL, L_IMP);
}
