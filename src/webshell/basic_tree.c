/* Nodes, and the small steps that all parts of the front end share. */
#include "webshell/basic_inner.h"

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

struct ir *basic_pair(struct basic *p, enum ir_op op, enum ir_sign sign, struct ir *x, struct ir *y)
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

    basic_no_attributes(p);
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
