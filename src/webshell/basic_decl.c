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
static unsigned role_of(const struct basic_tok *t)
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
    if (!role_of(&t))
        return false;
    for (int i = 0; i < 8 && role_of(&t) == 1; i++)
        t = basic_scan(p, &x);
    if (role_of(&t) < 2)
        return false;
    if (role_of(&t) == 3)
        return true;
    t = basic_scan(p, &x);
    return basic_word(&t);
}

void basic_params(struct basic *p, struct ir *parent, struct ir **tail)
{
    basic_next(p);
    basic_more(p);
    for (;;) {
        if (p->net && basic_mark(p, '<')) {
            while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && !basic_mark(p, '>'))
                basic_next(p);
            if (basic_mark(p, '>'))
                basic_next(p);
        }
        while (basic_is(p, K_OPTIONAL) || basic_is(p, K_BYVAL) || basic_is(p, K_BYREF) || basic_is(p, K_PARAMARRAY))
            basic_next(p);
        if (!basic_word(&p->t))
            break;
        struct ir *n = basic_leaf(p, IR_PARAM, p->t.text), *last = NULL;
        bool       array = false;
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
static void clauses(struct basic *p, struct ir *parent, struct ir **tail)
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

static void generic(struct basic *p)
{
    if (p->net && basic_mark(p, '(')) {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_KEY && t.key == K_OF)
            basic_skip_brackets(p);
    }
}

static void copy_flags(struct ir *n, const struct ir *flags)
{
    n->is_static = flags->is_static;
    n->is_public = flags->is_public;
    n->is_global = flags->is_global;
}

/* The body of a procedure and its end. */
static void body(struct basic *p, struct ir *n, struct ir **tail, enum basic_what what)
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

    copy_flags(n, flags);
    basic_next(p);
    if (op) {
        n->text = p->t.text.n ? p->t.text : STR("operator");
        while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && !basic_mark(p, '('))
            basic_next(p);
    } else if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    } else {
        p->unread++;
    }
    generic(p);
    if (basic_mark(p, '('))
        basic_params(p, n, &last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    clauses(p, parent, tail);
    if (bodyless) {
        basic_hang(p, n, &last, basic_gap(p));
        basic_hang(p, parent, tail, n);
        basic_leftover(p, parent, tail);
        return;
    }
    body(p, n, &last, W_PROC);
    basic_hang(p, parent, tail, n);
}

/* Declare [Auto] Function F Lib "a" Alias "b" (...) As T. */
static void declare(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags)
{
    struct ir *a = basic_new(p, IR_ATTRIBUTE), *a_last = NULL, *n = basic_new(p, IR_METHOD), *last = NULL;

    a->text = STR("DllImport");
    copy_flags(n, flags);
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
    if (p->t.kind == TOK_EOL) {
        body(p, n, &last, W_PROC);
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

/* ---- properties and events ---- */

bool basic_accessor(struct basic *p, struct ir *parent, struct ir **tail)
{
    static const struct { uint8_t key; const char *name; } kinds[] = {
        { K_GET, "get" }, { K_SET, "set" }, { K_ADDHANDLER, "add" }, { K_REMOVEHANDLER, "remove" }, { K_RAISEEVENT, "raise" },
    };
    struct basic_lex x = p->lex;
    struct basic_tok t = p->t;
    const char      *name = NULL;

    for (int i = 0; i < 4 && role_of(&t) == 1; i++)
        t = basic_scan(p, &x);
    for (size_t i = 0; i < COUNT_OF(kinds) && !name && t.kind == TOK_KEY; i++)
        if (t.key == kinds[i].key)
            name = kinds[i].name;
    if (!name)
        return false;
    struct ir *n = basic_new(p, IR_METHOD), *last = NULL;
    while (role_of(&p->t) == 1)
        basic_next(p);
    n->text = str_c(name);
    basic_next(p);
    if (basic_mark(p, '('))
        basic_params(p, n, &last);
    if (name[0] == 's' && !last) {
        struct ir *v = basic_new(p, IR_PARAM);
        v->text = STR("value");
        basic_hang(p, n, &last, v);
    }
    body(p, n, &last, W_ACCESSOR);
    basic_hang(p, parent, tail, n);
    return true;
}

/* Does a Get or Set stand below? Else the property makes itself. */
static bool has_accessors(const struct basic *p)
{
    struct basic_lex x = p->lex;
    struct basic_tok t = p->t;

    for (int i = 0; i < 8 && (t.kind == TOK_EOL || t.kind == TOK_COLON || role_of(&t) == 1); i++)
        t = basic_scan(p, &x);
    return t.kind == TOK_KEY && (t.key == K_GET || t.key == K_SET);
}

static void property(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool bodyless)
{
    struct ir *n = basic_new(p, IR_PROPERTY), *last = NULL;

    copy_flags(n, flags);
    basic_next(p);
    if (!p->net) {
        struct ir *m = basic_new(p, IR_METHOD), *m_last = NULL;
        m->text = basic_is(p, K_GET) ? STR("get") : STR("set");
        copy_flags(m, flags);
        if (basic_is(p, K_GET) || basic_is(p, K_SET) || basic_is(p, K_LET))
            basic_next(p);
        else
            p->unread++;
        if (basic_word(&p->t)) {
            n->text = p->t.text;
            basic_next(p);
        }
        if (basic_mark(p, '('))
            basic_params(p, m, &m_last);
        body(p, m, &m_last, W_PROPERTY);
        basic_hang(p, n, &last, m);
        basic_hang(p, parent, tail, n);
        return;
    }
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    }
    struct ir args = { 0 }, *args_last = NULL;
    if (basic_mark(p, '('))
        basic_params(p, &args, &args_last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        if (basic_is(p, K_NEW)) {
            struct ir *let = basic_new(p, IR_LET), *let_last = NULL, *made = basic_expr(p);
            let->text = n->text;
            let->type = n->type = made->text;
            basic_hang(p, let, &let_last, made);
            basic_hang(p, n, &last, let);
        } else {
            n->type = basic_type(p, true);
        }
    }
    if (basic_mark(p, '=')) {
        struct ir *let = basic_new(p, IR_LET), *let_last = NULL;
        let->text = n->text;
        let->type = n->type;
        basic_next(p);
        basic_more(p);
        basic_hang(p, let, &let_last, basic_expr(p));
        basic_hang(p, n, &last, let);
    }
    clauses(p, parent, tail);
    if (!bodyless && has_accessors(p)) {
        basic_block(p, n, &last, W_PROPERTY);
        basic_end(p, W_PROPERTY);
        /* An indexed property hands its arguments to both. */
        for (struct ir *m = n->kid; m && args.kid; m = m->next)
            if (m->op == IR_METHOD) {
                struct ir *copies = NULL, *copies_last = NULL;
                struct ir  head = { 0 };
                for (const struct ir *a = args.kid; a; a = a->next) {
                    copies = ir_new(p->b, IR_PARAM, a->line);
                    copies->text = a->text;
                    copies->type = a->type;
                    basic_hang(p, &head, &copies_last, copies);
                }
                if (copies_last) {
                    copies_last->next = m->kid;
                    m->kid = head.kid;
                }
            }
    }
    basic_hang(p, parent, tail, n);
}

static void event(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool custom)
{
    struct ir *n = basic_new(p, custom ? IR_PROPERTY : IR_LET), *last = NULL;
    struct ir  args = { 0 }, *args_last = NULL;

    copy_flags(n, flags);
    basic_next(p);
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    }
    if (basic_mark(p, '('))
        basic_params(p, &args, &args_last);
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    clauses(p, parent, tail);
    if (custom) {
        basic_block(p, n, &last, W_EVENT);
        basic_end(p, W_EVENT);
    }
    basic_hang(p, parent, tail, n);
}

/* ---- types ---- */

static void enumeration(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags)
{
    struct ir *n = basic_new(p, IR_TYPE), *last = NULL;

    copy_flags(n, flags);
    basic_next(p);
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    }
    if (basic_is(p, K_AS)) {
        basic_next(p);
        (void)basic_type(p, false);
    }
    p->depth += 2;
    while (p->t.kind == TOK_EOL || p->t.kind == TOK_COLON) {
        struct ir *m, *m_last = NULL;
        basic_next(p);
        if (p->net && basic_mark(p, '<'))
            basic_attributes(p, n, &last);
        if (!basic_word(&p->t) || basic_is(p, K_END))
            continue;
        m = basic_leaf(p, IR_LET, p->t.text);
        m->sign = SIGN_CONST;
        m->is_static = m->is_public = true;
        if (basic_mark(p, '=')) {
            basic_next(p);
            basic_hang(p, m, &m_last, basic_expr(p));
        }
        basic_hang(p, n, &last, m);
        if (!basic_at_end(p)) {
            p->unread++;
            basic_skip(p);
        }
    }
    p->depth -= 2;
    p->unclosed |= p->t.kind == TOK_END;
    basic_end(p, W_ENUM);
    basic_hang(p, parent, tail, n);
}

static void type(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, enum basic_what what)
{
    struct ir         *n = basic_new(p, IR_TYPE), *last = NULL, *outer = p->type;
    bool               bodyless = p->bodyless, in_module = p->in_module;
    struct basic_scope s = basic_enter(p);

    copy_flags(n, flags);
    basic_next(p);
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    } else {
        p->unread++;
    }
    generic(p);
    p->type = n;
    p->bodyless = what == W_INTERFACE;
    p->in_module = what == W_MODULE;
    p->in_proc = false;
    basic_block(p, n, &last, what);
    p->type = outer;
    p->bodyless = bodyless;
    p->in_module = in_module;
    basic_leave(p, &s);
    basic_end(p, what);
    basic_hang(p, parent, tail, n);
}

static void imports(struct basic *p, struct ir *parent, struct ir **tail)
{
    do {
        struct ir *n = basic_new(p, IR_IMPORT);
        basic_next(p);
        basic_more(p);
        if (!basic_word(&p->t))
            break;
        for (int part = 0; part < 2; part++) {
            size_t from = p->t.at, to = from;
            while (basic_word(&p->t)) {
                to = p->t.end;
                basic_next(p);
                generic(p);
                if (!basic_mark(p, '.'))
                    break;
                basic_next(p);
            }
            n->text = str_sub(p->code, from, to);
            if (part == 1 || !basic_mark(p, '='))
                break;
            n->type = n->text;
            basic_next(p);
        }
        basic_hang(p, parent, tail, n);
    } while (basic_mark(p, ','));
    if (basic_mark(p, '<'))                  /* <xmlns:a="b"> */
        basic_skip(p);
    basic_leftover(p, parent, tail);
}

/* Inherits T, Implements T, U below the head of a type. */
static void bases(struct basic *p, struct ir *parent, struct ir **tail)
{
    if (basic_is(p, K_IMPLEMENTS)) {
        struct ir *before = *tail;
        clauses(p, parent, tail);
        const struct ir *a = before ? before->next : parent->kid;
        if (p->type && !p->type->type.n && a && a->kid) {
            struct str s = a->kid->text;
            size_t     dot = str_rchr(s, '.');
            p->type->type = dot == STR_NONE ? s : str_from(s, dot + 1);
        }
    } else {
        basic_next(p);
        struct str s = basic_type(p, false);
        if (p->type)
            p->type->type = s;
        while (basic_mark(p, ',')) {
            basic_next(p);
            (void)basic_type(p, false);
        }
    }
    basic_leftover(p, parent, tail);
}

/* Async, Default and so on are modifiers only before other key words. */
static bool is_modifier(const struct basic *p)
{
    if (role_of(&p->t) != 1)
        return false;
    if (!basic_soft(&p->t))
        return true;
    struct basic_tok t = basic_peek(p);
    return role_of(&t) != 0;
}

bool basic_declaration(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir flags = { 0 };
    bool      any = false, access = false, bodyless = p->bodyless, custom = false;

    if (!is_modifier(p) && role_of(&p->t) < 2)
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
        default:                       break;
        }
        basic_next(p);
    }
    flags.is_global = !p->net && !access && !p->type && !p->in_proc;
    if (role_of(&p->t) < 2 || (basic_is(p, K_PROPERTY) && !basic_declares(p))) {
        basic_dims(p, parent, tail, &flags);
        clauses(p, parent, tail);
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
    case K_PROPERTY:   property(p, parent, tail, &flags, bodyless); break;
    case K_EVENT:      event(p, parent, tail, &flags, custom); break;
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
    case K_CLASS:      type(p, parent, tail, &flags, W_CLASS); break;
    case K_MODULE:     type(p, parent, tail, &flags, W_MODULE); break;
    case K_STRUCTURE:  type(p, parent, tail, &flags, W_STRUCTURE); break;
    case K_INTERFACE:  type(p, parent, tail, &flags, W_INTERFACE); break;
    case K_ENUM:       enumeration(p, parent, tail, &flags); break;
    case K_NAMESPACE:
        basic_next(p);
        (void)basic_type(p, false);
        basic_block(p, parent, tail, W_NAMESPACE);
        basic_end(p, W_NAMESPACE);
        break;
    case K_IMPORTS:    imports(p, parent, tail); break;
    default:           bases(p, parent, tail); break;
    }
    (void)any;
    return true;
}
