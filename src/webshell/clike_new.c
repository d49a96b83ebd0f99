/* `new` of all kinds, and what stands in braces and square brackets. */
#include "webshell/clike_inner.h"

#include "base/arena.h"

/* One element of a list: a value, or { ... } again, or ..spread. */
static struct ir *element(struct clike *p)
{
    take_sign(p, S_RANGE);
    return !p->js && at_sign(p, '{') ? clike_list(p, '}') : clike_value(p);
}

/* After an element: true if another may follow. What does not fit is passed over, and counted. */
static bool more(struct clike *p, uint32_t from, uint8_t close, uint32_t mate)
{
    if (take_sign(p, ','))
        return true;
    if (at_sign(p, close) || at_end(p) || (mate && p->i >= mate))
        return false;
    clike_unread(p);
    if (!mate && (at_sign(p, ';') || at_sign(p, '}') || at_sign(p, ')') || p->t[p->i].kind == TK_HOLE_END))
        return false;
    if (p->i == from)
        step(p);
    return true;
}

static void close_with(struct clike *p, uint8_t close, uint32_t mate)
{
    if (mate && p->i < mate)
        p->i = mate;
    if (!take_sign(p, close))
        clike_unread(p);
}

/* Stands on { or [. Deep lists are kept as their parts. */
static bool too_deep(struct clike *p)
{
    if (p->depth < CLIKE_DEPTH_MAX && p->level + 8 < IR_DEPTH_MAX)
        return false;
    clike_unread(p);
    return true;
}

static struct ir *skipped(struct clike *p)
{
    uint32_t   mate = p->t[p->i].mate;
    struct ir *v;

    step(p);
    v = mate ? clike_parts(p, mate) : clike_parts_value(p);
    if (mate)
        p->i = mate + 1;
    return v;
}

struct ir *clike_list(struct clike *p, uint8_t close)
{
    struct ir *list = clike_node(p, IR_LIST), *tail = NULL;
    uint32_t   mate = p->t[p->i].mate, from;
    bool       no_in = p->no_in;

    if (too_deep(p))
        return skipped(p);
    p->depth++;
    p->level++;
    p->no_in = false;
    step(p);
    while (!at_end(p) && !at_sign(p, close)) {
        from = p->i;
        clike_hang(p, list, &tail, at_sign(p, ',') ? clike_node(p, IR_VOID) : element(p));
        if (!more(p, from, close, mate))
            break;
    }
    close_with(p, close, mate);
    p->depth--;
    p->level--;
    p->no_in = no_in;
    return clike_fit(p, list, 0);
}

struct ir *clike_object(struct clike *p)
{
    struct ir *list = clike_node(p, IR_LIST), *tail = NULL;
    uint32_t   mate = p->t[p->i].mate, from;
    bool       escaped, no_in = p->no_in;

    if (too_deep(p))
        return skipped(p);
    p->depth++;
    p->level++;
    p->no_in = false;
    step(p);
    while (!at_end(p) && !at_sign(p, '}')) {
        const struct token *t = &p->t[p->i];
        struct ir *set = clike_node(p, IR_SET), *end = NULL;

        from = p->i;
        if ((t->kind == TK_NAME || t->kind == TK_TEXT || t->kind == TK_NUMBER) && tk_sign(tk(p, 1), ':')) {
            set->text = t->kind == TK_NAME ? clike_name(p, t, &escaped) : t->kind == TK_TEXT ? clike_text(p, t) : (struct str){ p->code.p + t->at, t->n };
            p->i += 2;
            clike_hang(p, set, &end, clike_value(p));
            clike_hang(p, list, &tail, set);
        } else {
            clike_unread(p);
            clike_hang(p, list, &tail, clike_value(p));
        }
        if (!more(p, from, '}', mate))
            break;
    }
    close_with(p, '}', mate);
    p->depth--;
    p->level--;
    p->no_in = no_in;
    return clike_fit(p, list, 0);
}

/* { Name = v, ... } become IR_SET kids; everything else goes into one IR_LIST. */
struct ir *clike_braces(struct clike *p, struct ir *node, struct ir **tail)
{
    struct ir *list = clike_node(p, IR_LIST), *list_tail = NULL;
    uint32_t   mate = p->t[p->i].mate, from;
    bool       named = false, escaped;

    if (too_deep(p)) {
        clike_hang(p, node, tail, skipped(p));
        return node;
    }
    p->depth++;
    p->level++;
    step(p);
    while (!at_end(p) && !at_sign(p, '}')) {
        struct ir *v, *end = NULL;

        from = p->i;
        if (tk_plain(p, &p->t[p->i]) && tk_sign(tk(p, 1), '=')) {
            v = clike_node(p, IR_SET);
            v->text = clike_name(p, &p->t[p->i], &escaped);
            p->i += 2;
            if (at_sign(p, '{') && tk_plain(p, tk(p, 1)) && tk_sign(tk(p, 2), '=')) {      /* A = { B = c }: of the object that A holds */
                struct ir *part = clike_node(p, IR_LIST), *part_end = NULL;

                p->level++;
                clike_hang(p, v, &end, clike_fit(p, clike_braces(p, part, &part_end), 0));
                p->level--;
            } else
                clike_hang(p, v, &end, at_sign(p, '{') ? clike_list(p, '}') : clike_value(p));
            clike_hang(p, node, tail, v);
            named = true;
        } else if (at_sign(p, '[') && p->t[p->i].mate && tk_sign(&p->t[p->t[p->i].mate + 1], '=')) {     /* [k] = v */
            v = clike_list(p, ']');
            end = ir_kid(v, 0);
            while (end && end->next)
                end = end->next;
            take_sign(p, '=');
            clike_hang(p, v, &end, element(p));
            clike_hang(p, list, &list_tail, v);
        } else
            clike_hang(p, list, &list_tail, element(p));
        if (!more(p, from, '}', mate))
            break;
    }
    close_with(p, '}', mate);
    if (list_tail || !named)
        clike_hang(p, node, tail, clike_fit(p, list, 0));
    p->depth--;
    p->level--;
    return node;
}

/* new { a, b.C, D = e } */
static void anonymous(struct clike *p, struct ir *node, struct ir **tail)
{
    struct ir *last;

    clike_braces(p, node, tail);
    /* Names that are not said are those of the members. */
    last = node->kid;
    while (last && last->next)
        last = last->next;
    if (last && last->op == IR_LIST)
        for (struct ir *k = last->kid; k; k = k->next)
            if (k->op == IR_MEMBER || k->op == IR_NAME) {
                struct ir *copy = clike_node_at(p, k->op, k->line);

                if (copy == &p->b->spare)
                    break;
                copy->text = k->text;
                copy->kid  = k->kid;
                copy->height = k->height;
                k->op   = IR_SET;
                k->kid  = copy;
                k->height++;
            }
}

struct ir *clike_new(struct clike *p)
{
    struct ir *node = clike_node(p, IR_NEW), *tail = NULL;
    uint32_t   e;

    step(p);
    if (p->js) {
        if (p->t[p->i].kind == TK_NAME && (tk_plain(p, &p->t[p->i]) || at_word(p, W_this))) {
            uint32_t first = p->i;

            do {
                struct ir *name = clike_name_node(p, p->i);

                node->text    = name->text;
                node->escaped = name->escaped;
                step(p);
            } while (at_sign(p, '.') && tk(p, 1)->kind == TK_NAME && (step(p), true));
            if (at_sign(p, '[') && p->t[p->i].mate && (tk_sign(&p->t[p->t[p->i].mate + 1], '(') || tk_sign(&p->t[p->t[p->i].mate + 1], '.'))) {
                p->i = first;                    /* new a["B"](): what is made is chosen by a text */
                return clike_member_chain(p, clike_primary(p));
            }
            if (at_sign(p, '['))
                node->text = str_cat(p->b->a, node->text, STR("[]"));
            else if (at_sign(p, '<') && (e = clike_arguments_end(p, p->i, 0)) != 0)
                p->i = e;
            while (at_sign(p, '['))
                clike_call_values(p, node, &tail);
            if (at_sign(p, '('))
                clike_call_values(p, node, &tail);
            return clike_fit(p, node, 4);
        }
        if (at_sign(p, '(')) {                  /* what is made is chosen by a value */
            node->op = IR_CALL;
            clike_hang(p, node, &tail, clike_primary(p));
            if (at_sign(p, '('))
                clike_call_values(p, node, &tail);
            return clike_fit(p, node, 4);
        }
        if (at_word(p, W_function) || at_word(p, W_new)) {
            clike_hang(p, node, &tail, p->depth < CLIKE_DEPTH_MAX ? clike_unary(p) : clike_parts_value(p));
            return clike_fit(p, node, 4);
        }
        clike_unread(p);
        return node;
    }
    if (at_sign(p, '{')) {
        anonymous(p, node, &tail);
        return clike_fit(p, node, 4);
    }
    if (at_sign(p, '(')) {                      /* the type stands elsewhere */
        uint32_t mate = p->t[p->i].mate;

        if (mate && (e = clike_type_end(p, p->i, false)) != 0 && e == mate + 1 && (tk_sign(&p->t[e], '[') || tk_sign(&p->t[e], '(')))
            p->i = e;                           /* new (int, int)[3] */
        else {
            clike_call_values(p, node, &tail);
            if (at_sign(p, '{'))
                clike_braces(p, node, &tail);
            return clike_fit(p, node, 4);
        }
    }
    if ((e = clike_type_end(p, p->i, false)) != 0) {
        node->text = clike_type_text(p, p->i, e);
        if (tk_plain(p, &p->t[p->i]) || p->t[p->i].kind == TK_NAME)
            for (uint32_t k = p->i; k < e; k++)
                if (p->t[k].kind == TK_NAME && p->t[k].flags & TF_ESCAPED) {
                    bool escaped;

                    clike_name(p, &p->t[k], &escaped);
                    node->escaped |= escaped;
                    p->unit->escaped += escaped;
                }
        p->i = e;
        if (at_sign(p, '?') && tk_sign(tk(p, 1), '['))
            step(p);
    } else if (!at_sign(p, '[')) {
        clike_unread(p);
        return node;
    }
    while (at_sign(p, '[')) {                    /* sizes, then further dimensions */
        if (tk_sign(tk(p, 1), ']') || tk_sign(tk(p, 1), ',')) {
            uint32_t mate = p->t[p->i].mate;

            p->i = mate ? mate + 1 : p->i + 1;
        } else
            clike_call_values(p, node, &tail);
        node->text = str_cat(p->b->a, node->text, STR("[]"));
        if (!node->text.p)
            p->full = true;
        if (node->text.n > 64)
            break;
    }
    if (at_sign(p, '('))
        clike_call_values(p, node, &tail);
    if (at_sign(p, '{'))
        clike_braces(p, node, &tail);
    return clike_fit(p, node, 4);
}
