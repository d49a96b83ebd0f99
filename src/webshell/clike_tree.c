/* Nodes of bounded height, and what tokens stand for. */
#include "webshell/clike_inner.h"

struct ir *clike_node_at(struct clike *p, enum ir_op op, uint32_t line)
{
    return ir_new(p->b, op, line ? line : 1);
}

struct ir *clike_node(struct clike *p, enum ir_op op) { return clike_node_at(p, op, p->t[p->i].line); }

struct ir *clike_name_node(struct clike *p, uint32_t i)
{
    struct ir *n = clike_node_at(p, IR_NAME, p->t[i].line);
    bool       escaped;

    n->text    = clike_name(p, &p->t[i], &escaped);
    n->escaped = escaped;
    p->unit->escaped += escaped;
    return n;
}

struct ir *clike_text_node(struct clike *p, struct str text, uint32_t line)
{
    struct ir *n = clike_node_at(p, IR_TEXT, line);

    n->text = text;
    return n;
}

void clike_hang(struct clike *p, struct ir *parent, struct ir **tail, struct ir *kid)
{
    if (!kid || kid == &p->b->spare || parent == &p->b->spare)
        return;
    ir_add(parent, tail, kid);
    if (kid->height >= parent->height)
        parent->height = kid->height < UINT8_MAX ? (uint8_t)(kid->height + 1) : UINT8_MAX;
}

/* How high a value may be that hangs here. */
static uint32_t room_here(const struct clike *p) { return p->level + 4 < IR_DEPTH_MAX ? IR_DEPTH_MAX - 2 - p->level : 2; }

/* All that hangs on the left edge of a tree becomes one list: f(a).g(b) is f a b. Each node is visited once, however often a chain is squashed. */
static struct ir *squash(struct clike *p, struct ir *node)
{
    struct ir *list = NULL, *tail = NULL, *edge = node, *kid;
    struct ir *rest[IR_DEPTH_MAX + 2];           /* what hangs right of the edge, from the top down */
    size_t     n = 0;

    while (edge->kid && n < IR_DEPTH_MAX + 1 && edge != p->squashed) {
        kid = edge->kid;
        rest[n++] = kid->next;
        kid->next = NULL;
        edge = kid;
    }
    if (edge == p->squashed && edge != &p->b->spare) {
        list = edge;
        tail = p->squashed_tail;
    } else {
        list = clike_node_at(p, IR_VOID, node->line);
        clike_hang(p, list, &tail, edge);
    }
    while (n)
        for (kid = rest[--n]; kid; ) {
            struct ir *after = kid->next;

            kid->next = NULL;
            if (kid->height + 2u >= room_here(p)) {
                clike_unread(p);
                kid = clike_node_at(p, IR_VOID, kid->line);
            }
            clike_hang(p, list, &tail, kid);
            kid = after;
        }
    p->squashed      = list;
    p->squashed_tail = tail;
    return list;
}

struct ir *clike_fit(struct clike *p, struct ir *node, uint32_t slack)
{
    uint32_t room = room_here(p);

    if (node->height + 1u < (room > 4 * slack ? room - slack : room))
        return node;
    return squash(p, node);
}

struct ir *clike_parts(struct clike *p, uint32_t to)
{
    struct ir *list = clike_node(p, IR_VOID), *tail = NULL;

    for (; p->i < to && !at_end(p); p->i++) {
        const struct token *t = &p->t[p->i];

        if (t->kind == TK_TEXT)
            clike_hang(p, list, &tail, clike_text_node(p, clike_text(p, t), t->line));
        else if (tk_plain(p, t))
            clike_hang(p, list, &tail, clike_name_node(p, p->i));
    }
    return list;
}

struct ir *clike_parts_value(struct clike *p)
{
    uint32_t i = p->i;

    for (; i < p->n; i++) {
        const struct token *t = &p->t[i];

        if (t->kind == TK_HOLE_END || (t->kind == TK_SIGN && (t->id == ')' || t->id == ']' || t->id == '}' || t->id == ';' || t->id == ',')))
            break;
        if (t->mate > i)
            i = t->mate;
    }
    return clike_parts(p, i);
}
