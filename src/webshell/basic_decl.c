/* Declarations of VB.NET and VBScript: procedures, properties, types, attributes. */
#include "webshell/basic_inner.h"

struct basic_scope basic_enter(struct basic *p)
{
    struct basic_scope s = { .nexts = p->nexts, .in_proc = p->in_proc, .in_line = p->in_line };

    for (int i = 0; i < W_KINDS; i++) {
        s.open[i] = p->open[i];
        if (i >= W_LINE && i <= W_SYNCLOCK)
            p->open[i] = 0;
    }
    p->nexts = 0;
    p->in_proc = true;
    p->in_line = false;
    return s;
}

void basic_leave(struct basic *p, const struct basic_scope *s)
{
    for (int i = 0; i < W_KINDS; i++)
        p->open[i] = s->open[i];
    p->nexts = s->nexts;
    p->in_proc = s->in_proc;
    p->in_line = s->in_line;
}

/* 1: a modifier. 2: begins a declaration, a name behind it. 3: the same, no name needed. */
unsigned basic_role(const struct basic_tok *t)
{
    static const uint8_t role[K_KEYS] = {
        [K_PUBLIC] = 1, [K_PRIVATE] = 1, [K_PROTECTED] = 1, [K_FRIEND] = 1, [K_SHARED] = 1, [K_STATIC] = 1, [K_OVERRIDES] = 1, [K_OVERRIDABLE] = 1, [K_NOTOVERRIDABLE] = 1,
        [K_MUSTOVERRIDE] = 1, [K_MUSTINHERIT] = 1, [K_NOTINHERITABLE] = 1, [K_OVERLOADS] = 1, [K_SHADOWS] = 1, [K_READONLY] = 1, [K_WRITEONLY] = 1, [K_PARTIAL] = 1,
        [K_WITHEVENTS] = 1, [K_DEFAULT] = 1, [K_NARROWING] = 1, [K_WIDENING] = 1, [K_ASYNC] = 1, [K_ITERATOR] = 1, [K_CUSTOM] = 1, [K_CONST] = 1, [K_DIM] = 1, [K_SUB] = 2,
        [K_FUNCTION] = 2, [K_PROPERTY] = 2, [K_CLASS] = 2, [K_MODULE] = 2, [K_STRUCTURE] = 2, [K_INTERFACE] = 2, [K_ENUM] = 2, [K_NAMESPACE] = 2, [K_EVENT] = 2,
        [K_DECLARE] = 2, [K_DELEGATE] = 2, [K_OPERATOR] = 3, [K_IMPORTS] = 3, [K_INHERITS] = 2, [K_IMPLEMENTS] = 2,
    };
    return t->kind == TOK_KEY ? role[t->key] : 0;
}

bool basic_declares(const struct basic *p)
{
    struct basic_lex x = p->lex;
    struct basic_tok t = p->t;

    if (p->net && basic_mark(p, '<') && p->t.end < p->code.n && ch_alpha(p->code.p[p->t.end]))
        return true;
    if (!basic_role(&t))
        return false;
    for (int i = 0; i < 8 && basic_role(&t) == 1; i++)
        t = basic_scan(p, &x);
    if (basic_role(&t) < 2)
        return false;
    if (basic_role(&t) == 3)
        return true;
    t = basic_scan(p, &x);
    return basic_word(&t);
}

/* Attributes of a parameter or of what is returned say nothing to us. */
void basic_no_attributes(struct basic *p)
{
    while (p->net && basic_mark(p, '<')) {
        struct ir none = { 0 }, *last = NULL;
        size_t    before = p->t.at;
        basic_attributes(p, &none, &last);
        basic_more(p);
        if (p->t.at == before)
            break;
    }
}

void basic_params(struct basic *p, struct ir *parent, struct ir **tail)
{
    basic_next(p);
    basic_more(p);
    for (;;) {
        basic_no_attributes(p);
        bool reference = !p->net;                    /* what nothing is said of: by reference in VBScript, by value in VB.NET */
        for (; basic_is(p, K_OPTIONAL) || basic_is(p, K_BYVAL) || basic_is(p, K_BYREF) || basic_is(p, K_PARAMARRAY); basic_next(p))
            reference = basic_is(p, K_BYREF) || (reference && !basic_is(p, K_BYVAL));
        if (!basic_word(&p->t))
            break;
        struct ir *n = basic_leaf(p, IR_PARAM, p->t.text), *last = NULL;
        bool       array = false;
        n->is_static = reference;
        if (p->net && basic_mark(p, '?'))
            basic_next(p);
        while (basic_mark(p, '(')) {
            array = true;
            basic_skip_brackets(p);
        }
        if (basic_is(p, K_AS)) {
            basic_next(p);
            n->type = basic_type(p, true);
        }
        if (array)
            n->type = basic_array_of(p, n->type);
        if (basic_mark(p, '=')) {
            basic_next(p);
            basic_hang(p, n, &last, basic_expr(p));
        }
        basic_hang(p, parent, tail, n);
        basic_closing(p, ')');
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    basic_closing(p, ')');
    if (!basic_mark(p, ')')) {
        p->unread++;
        while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && !basic_mark(p, ')'))
            basic_next(p);
    }
    if (basic_mark(p, ')'))
        basic_next(p);
}

/* Handles a.b, c.d and Implements a.b: an attribute before what they belong to. */
void basic_clauses(struct basic *p, struct ir *parent, struct ir **tail)
{
    while (basic_is(p, K_HANDLES) || basic_is(p, K_IMPLEMENTS)) {
        struct ir *n = basic_new(p, IR_ATTRIBUTE), *last = NULL;
        n->text = basic_is(p, K_HANDLES) ? STR("Handles") : STR("Implements");
        do {
            struct ir *t;
            size_t     from, to;
            basic_next(p);
            basic_more(p);
            if (!basic_word(&p->t))
                break;
            t = basic_new(p, IR_TEXT);
            from = to = p->t.at;
            while (basic_word(&p->t)) {
                to = p->t.end;
                basic_next(p);
                if (basic_mark(p, '('))
                    basic_skip_brackets(p);
                if (!basic_mark(p, '.'))
                    break;
                basic_next(p);
            }
            t->text = str_sub(p->code, from, to);
            basic_hang(p, n, &last, t);
        } while (basic_mark(p, ','));
        basic_hang(p, parent, tail, n);
    }
}

void basic_generic(struct basic *p)
{
    if (p->net && basic_mark(p, '(')) {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_KEY && t.key == K_OF)
            basic_skip_brackets(p);
    }
}

void basic_flags(struct ir *n, const struct ir *flags)
{
    n->is_static = flags->is_static;
    n->is_public = flags->is_public;
    n->is_global = flags->is_global;
}

/* The body of a procedure and its end. */
void basic_procedure(struct basic *p, struct ir *n, struct ir **tail, enum basic_what what)
{
    struct basic_scope s = basic_enter(p);

    basic_body(p, n, tail, what);
    basic_leave(p, &s);
    basic_end(p, what);
}

static void method(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool bodyless)
{
    struct ir *n = basic_new(p, IR_METHOD), *last = NULL;
    bool       op = basic_is(p, K_OPERATOR);

    basic_flags(n, flags);
    basic_next(p);
    if (op) {
        n->text = basic_word_is(p, "istrue") ? STR("operator true") : basic_word_is(p, "isfalse") ? STR("operator false") : STR("operator");
        n->sign = basic_is(p, K_NOT) ? SIGN_NOT : basic_sign(p);
        while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && !basic_mark(p, '('))
            basic_next(p);
    } else if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    } else {
        p->unread++;
    }
    basic_generic(p);
    if (basic_mark(p, '('))
        basic_params(p, n, &last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    basic_clauses(p, parent, tail);
    if (bodyless) {
        basic_hang(p, n, &last, basic_gap(p));
        basic_hang(p, parent, tail, n);
        basic_leftover(p, parent, tail);
        return;
    }
    basic_procedure(p, n, &last, W_PROC);
    basic_hang(p, parent, tail, n);
}

/* Declare [Auto] Function F Lib "a" Alias "b" (...) As T. */
static void declare(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags)
{
    struct ir *a = basic_new(p, IR_ATTRIBUTE), *a_last = NULL, *n = basic_new(p, IR_METHOD), *last = NULL;

    a->text = STR("DllImport");
    basic_flags(n, flags);
    n->is_static = true;
    basic_next(p);
    while (basic_word(&p->t) && !basic_is(p, K_SUB) && !basic_is(p, K_FUNCTION))
        basic_next(p);
    if (basic_is(p, K_SUB) || basic_is(p, K_FUNCTION))
        basic_next(p);
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    }
    if (basic_is(p, K_LIB)) {
        basic_next(p);
        if (p->t.kind == TOK_TEXT)
            basic_hang(p, a, &a_last, basic_leaf(p, IR_TEXT, basic_text(p, &p->t)));
    }
    if (basic_word_is(p, "alias")) {
        struct ir *set = basic_new(p, IR_SET), *set_last = NULL;
        set->text = STR("EntryPoint");
        basic_next(p);
        if (p->t.kind == TOK_TEXT) {
            basic_hang(p, set, &set_last, basic_leaf(p, IR_TEXT, basic_text(p, &p->t)));
            basic_hang(p, a, &a_last, set);
        }
    }
    if (basic_mark(p, '('))
        basic_params(p, n, &last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    basic_hang(p, n, &last, basic_gap(p));
    basic_hang(p, parent, tail, a);
    basic_hang(p, parent, tail, n);
    basic_leftover(p, parent, tail);
}

/* Function(x) a, Sub(x) a = b, and both with a body below and their own end. */
struct ir *basic_lambda(struct basic *p)
{
    struct ir *n = basic_new(p, IR_LAMBDA), *last = NULL;
    bool       function = basic_is(p, K_FUNCTION);

    basic_next(p);
    if (p->depth + 8 >= BASIC_DEPTH_MAX) {
        p->b->cut = true;
        basic_hang(p, n, &last, basic_gap(p));
        return n;
    }
    if (basic_mark(p, '('))
        basic_params(p, n, &last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    if (p->t.kind == TOK_EOL || p->t.kind == TOK_COLON) {
        basic_procedure(p, n, &last, W_PROC);
    } else if (function) {
        p->depth++;
        basic_hang(p, n, &last, basic_expr(p));
        p->depth--;
    } else {
        struct basic_scope s = basic_enter(p);
        p->in_line = true;
        basic_line_statement(p, n, &last);
        basic_leave(p, &s);
    }
    return n;
}

void basic_attributes(struct basic *p, struct ir *parent, struct ir **tail)
{
    do {
        struct ir *n, *last = NULL;
        basic_next(p);
        basic_more(p);
        if (!basic_word(&p->t))
            break;
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_COLON) {          /* <Assembly: ...> */
            basic_next(p);
            basic_next(p);
        }
        n = basic_new(p, IR_ATTRIBUTE);
        n->text = basic_type(p, false);
        if (n->text.n > 9 && str_iends(n->text, STR("Attribute")))
            n->text.n -= 9;
        if (basic_mark(p, '('))
            basic_args(p, n, &last, true);
        basic_hang(p, parent, tail, n);
        basic_closing(p, '>');
    } while (basic_mark(p, ','));
    if (basic_mark(p, '>'))
        basic_next(p);
    else
        basic_leftover(p, parent, tail);
}

/* Async, Default and so on are modifiers only before other key words. */
static bool is_modifier(const struct basic *p)
{
    if (basic_role(&p->t) != 1)
        return false;
    if (!basic_soft(&p->t))
        return true;
    struct basic_tok t = basic_peek(p);
    return basic_role(&t) != 0;
}

static bool declaration(struct basic *p, struct ir *parent, struct ir **tail, bool *def)
{
    struct ir flags = { 0 };
    bool      any = false, access = false, bodyless = p->bodyless, custom = false;

    if (!is_modifier(p) && basic_role(&p->t) < 2)
        return false;
    flags.is_static = p->in_module;
    for (; is_modifier(p); any = true) {
        switch (p->t.key) {
        case K_PUBLIC:                 flags.is_public = access = true; break;
        case K_PRIVATE: case K_PROTECTED: case K_FRIEND: access = true; break;
        case K_SHARED: case K_STATIC:  flags.is_static = true; break;
        case K_CONST:                  flags.sign = SIGN_CONST; break;
        case K_MUSTOVERRIDE:           bodyless = true; break;
        case K_CUSTOM:                 custom = true; break;
        case K_DEFAULT:                *def = true; break;
        default:                       break;
        }
        basic_next(p);
    }
    flags.is_global = !p->net && !access && !p->type && !p->in_proc;
    if (basic_role(&p->t) < 2 || (basic_is(p, K_PROPERTY) && !basic_declares(p))) {
        basic_dims(p, parent, tail, &flags);
        basic_clauses(p, parent, tail);
        return true;
    }
    flags.is_public |= !access;
    if (p->depth + 8 >= BASIC_DEPTH_MAX) {
        p->b->cut = true;
        basic_next(p);
        basic_leftover(p, parent, tail);
        return true;
    }
    switch (p->t.key) {
    case K_SUB: case K_FUNCTION: case K_OPERATOR: method(p, parent, tail, &flags, bodyless); break;
    case K_PROPERTY:   basic_property(p, parent, tail, &flags, bodyless); break;
    case K_EVENT:      basic_event(p, parent, tail, &flags, custom); break;
    case K_DECLARE:    declare(p, parent, tail, &flags); break;
    case K_DELEGATE:
        basic_next(p);
        if (basic_is(p, K_SUB) || basic_is(p, K_FUNCTION)) {
            struct ir *n = basic_new(p, IR_TYPE), *last = NULL;
            basic_next(p);
            n->text = p->t.text;
            n->type = STR("Delegate");
            basic_hang(p, parent, tail, n);
            (void)last;
        }
        basic_skip(p);
        break;
    case K_CLASS:      basic_class(p, parent, tail, &flags, W_CLASS); break;
    case K_MODULE:     basic_class(p, parent, tail, &flags, W_MODULE); break;
    case K_STRUCTURE:  basic_class(p, parent, tail, &flags, W_STRUCTURE); break;
    case K_INTERFACE:  basic_class(p, parent, tail, &flags, W_INTERFACE); break;
    case K_ENUM:       basic_enum(p, parent, tail, &flags); break;
    case K_NAMESPACE:
        basic_next(p);
        (void)basic_type(p, false);
        basic_block(p, parent, tail, W_NAMESPACE);
        basic_end(p, W_NAMESPACE);
        break;
    case K_IMPORTS:    basic_imports(p, parent, tail); break;
    default:           basic_bases(p, parent, tail); break;
    }
    (void)any;
    return true;
}

bool basic_declaration(struct basic *p, struct ir *parent, struct ir **tail)
{
    bool def = false, ok = declaration(p, parent, tail, &def);

    if (ok && def && *tail && *tail != &p->b->spare && ((*tail)->op == IR_METHOD || (*tail)->op == IR_PROPERTY))
        (*tail)->sign = SIGN_IS;
    return ok;
}
