/* Values of VB.NET and VBScript without their operators: names, literals, what New makes, casts, brackets. */
#include "webshell/basic_inner.h"

bool basic_begins(const struct basic *p)
{
    switch (p->t.kind) {
    case TOK_NAME: case TOK_TEXT: case TOK_NUMBER: case TOK_JOINED:
        return true;
    case TOK_MARK:
        if (p->t.mark == '&' && p->t.end < p->code.n)
            return (p->code.p[p->t.end] | 32) == 'h' || (p->code.p[p->t.end] | 32) == 'o' || (!p->net && ch_digit(p->code.p[p->t.end]) && p->code.p[p->t.end] < '8');
        return p->t.mark == '(' || p->t.mark == '-' || p->t.mark == '+' || p->t.mark == '.' || p->t.mark == '!' || (p->net && (p->t.mark == '{' || p->t.mark == '<' || p->t.mark == MARK_SHL));
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

/* a.b and a.b("c") of what is too deep: as much of a call as needs no depth. The name is at hand. */
static struct ir *flat_call(struct basic *p)
{
    struct ir *n = basic_leaf(p, IR_NAME, p->t.text);

    for (int i = 0; i < 8 && basic_mark(p, '.'); i++) {
        struct basic_tok t = basic_peek(p);
        if (!basic_word(&t))
            break;
        basic_next(p);
        n = basic_pair(p, IR_MEMBER, SIGN_NONE, n, NULL);
        n->text = p->t.text;
        basic_next(p);
    }
    if (basic_mark(p, '(')) {
        struct basic_lex x = p->lex;
        struct basic_tok t = basic_scan(p, &x), close = basic_scan(p, &x);
        if ((t.kind == TOK_TEXT || t.kind == TOK_NAME) && close.kind == TOK_MARK && close.mark == ')') {
            basic_next(p);
            n = basic_pair(p, IR_CALL, SIGN_NONE, n, basic_leaf(p, t.kind == TOK_TEXT ? IR_TEXT : IR_NAME, t.kind == TOK_TEXT ? basic_text(p, &t) : t.text));
            basic_next(p);
        }
    }
    return n;
}

/* Too deep: the parts up to the partner of the bracket at hand, side by side. */
struct ir *basic_flat(struct basic *p)
{
    struct ir *n = basic_gap(p), *tail = NULL;
    size_t     open = 0;

    p->b->cut = true;
    p->unread++;
    do {
        if (p->t.kind == TOK_NAME) {
            basic_hang(p, n, &tail, flat_call(p));
            continue;
        }
        if (p->t.kind == TOK_TEXT) {
            basic_hang(p, n, &tail, basic_leaf(p, IR_TEXT, basic_text(p, &p->t)));
            continue;
        }
        if (p->t.kind == TOK_END || p->t.kind == TOK_EOL)
            break;
        if (basic_mark(p, '('))
            open++;
        else if (basic_mark(p, ')') && open-- == 0)
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
    bool       one = p->net && !p->t.broken && (p->code.p[p->t.end - 1] | 32) == 'c';      /* "a"c */
    struct ir *n = basic_leaf(p, IR_TEXT, basic_text(p, &p->t));
    if (one)
        n->type = STR("char");
    return n;
}

/* { a, b }, the open mark at hand. */
static struct ir *list(struct basic *p)
{
    struct ir *n = basic_new(p, IR_LIST), *tail = NULL;

    if (p->depth >= BASIC_DEPTH_MAX) {
        basic_next(p);
        return basic_flat(p);
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
        return basic_flat(p);
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
        return basic_flat(p);
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
    x = p->depth < BASIC_DEPTH_MAX ? basic_rest(p, NULL, L_SHIFT) : basic_flat(p);
    p->depth--;
    isnt = basic_is(p, K_ISNOT);
    if (!isnt && !basic_is(p, K_IS)) {
        p->unread++;
        return x;
    }
    basic_next(p);
    type = basic_new(p, IR_TYPE_OF);
    type->type = basic_type(p, true);
    x = basic_pair(p, IR_BINARY, SIGN_IS, x, type);
    return isnt ? basic_pair(p, IR_UNARY, SIGN_NOT, x, NULL) : x;
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
        return begins_query(p) ? basic_query(p) : basic_leaf(p, IR_NAME, p->t.text);
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

/* ( a ), ( a, b ). However many brackets open at once, they cost one level: what follows each that closes goes on from its value. */
static struct ir *bracket(struct basic *p)
{
    struct ir *n;
    size_t     open = 0;

    if (p->depth >= BASIC_DEPTH_MAX)
        return basic_flat(p);
    p->depth++;
    for (; basic_mark(p, '('); open++) {
        basic_next(p);
        basic_more(p);
    }
    n = basic_expr(p);
    for (;;) {
        basic_closing(p, ')');
        if (p->net && basic_mark(p, ',')) {
            struct ir *all = basic_new(p, IR_LIST), *tail = NULL;
            basic_hang(p, all, &tail, n);
            while (basic_mark(p, ',')) {
                basic_next(p);
                basic_more(p);
                basic_hang(p, all, &tail, basic_expr(p));
                basic_closing(p, ')');
            }
            n = all;
        }
        if (!basic_mark(p, ')')) {
            p->unread++;
            break;
        }
        basic_next(p);
        if (--open == 0)
            break;
        n = basic_rest(p, basic_suffixes(p, n), L_IMP);
    }
    p->depth--;
    return n;
}

/* Never takes a token that cannot begin a value. */
struct ir *basic_primary(struct basic *p)
{
    struct ir *n;

    switch (p->t.kind) {
    case TOK_NAME:
        if (begins_query(p))
            return basic_query(p);
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
        return basic_joined(p);
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
        if (p->net && (p->t.mark == '<' || p->t.mark == MARK_SHL) && basic_xml(p, &n))
            return n;
        break;
    default:
        break;
    }
    p->unread++;
    return basic_gap(p);
}
