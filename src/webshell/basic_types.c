/* Properties, events, types and what stands at the head of a file. */
#include "webshell/basic_inner.h"

bool basic_accessor(struct basic *p, struct ir *parent, struct ir **tail)
{
    static const struct { uint8_t key; const char *name; } kinds[] = {
        { K_GET, "get" }, { K_SET, "set" }, { K_ADDHANDLER, "add" }, { K_REMOVEHANDLER, "remove" }, { K_RAISEEVENT, "raise" },
    };
    struct basic_lex x = p->lex;
    struct basic_tok t = p->t;
    const char      *name = NULL;

    for (int i = 0; i < 4 && basic_role(&t) == 1; i++)
        t = basic_scan(p, &x);
    for (size_t i = 0; i < COUNT_OF(kinds) && !name && t.kind == TOK_KEY; i++)
        if (t.key == kinds[i].key)
            name = kinds[i].name;
    if (!name)
        return false;
    struct ir *n = basic_new(p, IR_METHOD), *last = NULL;
    while (basic_role(&p->t) == 1)
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
    basic_procedure(p, n, &last, W_ACCESSOR);
    basic_hang(p, parent, tail, n);
    return true;
}

/* Does a Get or Set stand below? Else the property makes itself. */
static bool has_accessors(const struct basic *p)
{
    struct basic_lex x = p->lex;
    struct basic_tok t = p->t;

    for (int i = 0; i < 8 && (t.kind == TOK_EOL || t.kind == TOK_COLON || basic_role(&t) == 1); i++)
        t = basic_scan(p, &x);
    return t.kind == TOK_KEY && (t.key == K_GET || t.key == K_SET);
}

void basic_property(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool bodyless)
{
    struct ir *n = basic_new(p, IR_PROPERTY), *last = NULL;

    basic_flags(n, flags);
    basic_next(p);
    if (!p->net) {
        struct ir *m = basic_new(p, IR_METHOD), *m_last = NULL;
        m->text = basic_is(p, K_GET) ? STR("get") : STR("set");
        basic_flags(m, flags);
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
        basic_procedure(p, m, &m_last, W_PROPERTY);
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
    basic_clauses(p, parent, tail);
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

void basic_event(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, bool custom)
{
    struct ir *n = basic_new(p, custom ? IR_PROPERTY : IR_LET), *last = NULL;
    struct ir  args = { 0 }, *args_last = NULL;

    basic_flags(n, flags);
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
    basic_clauses(p, parent, tail);
    if (custom) {
        basic_block(p, n, &last, W_EVENT);
        basic_end(p, W_EVENT);
    }
    basic_hang(p, parent, tail, n);
}

void basic_enum(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags)
{
    struct ir *n = basic_new(p, IR_TYPE), *last = NULL;

    basic_flags(n, flags);
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

void basic_class(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags, enum basic_what what)
{
    struct ir         *n = basic_new(p, IR_TYPE), *last = NULL, *outer = p->type;
    bool               bodyless = p->bodyless, in_module = p->in_module;
    struct basic_scope s = basic_enter(p);

    basic_flags(n, flags);
    basic_next(p);
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    } else {
        p->unread++;
    }
    basic_generic(p);
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

void basic_imports(struct basic *p, struct ir *parent, struct ir **tail)
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
                basic_generic(p);
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
        while (p->t.kind != TOK_EOL && p->t.kind != TOK_END)
            basic_next(p);
    basic_leftover(p, parent, tail);
}

/* Inherits T, Implements T, U below the head of a type. */
void basic_bases(struct basic *p, struct ir *parent, struct ir **tail)
{
    if (basic_is(p, K_IMPLEMENTS)) {
        struct ir *before = *tail;
        basic_clauses(p, parent, tail);
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
