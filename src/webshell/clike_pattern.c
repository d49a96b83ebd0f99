/* C#'s patterns, switch as a value, and query expressions. */
#include "webshell/clike_inner.h"

static bool designator(const struct clike *p, uint32_t i)
{
    const struct token *t = &p->t[i];

    return tk_plain(p, t) && t->id != W_and && t->id != W_or && t->id != W_when;
}

static void name_of(struct clike *p, struct str *ret)
{
    bool escaped;

    *ret = clike_name(p, &p->t[p->i], &escaped);
    step(p);
}

static struct ir *group_parts(struct clike *p)
{
    uint32_t mate = p->t[p->i].mate;
    struct ir *v;

    step(p);
    if (!mate)
        return clike_parts_value(p);
    v = clike_parts(p, mate);
    p->i = mate + 1;
    return v;
}

static struct ir *single(struct clike *p, int least, struct str *bind, struct str *type)
{
    uint32_t   e;
    struct ir *v;

    if (at_sign(p, '<') || at_sign(p, '>') || at_sign(p, S_LE) || at_sign(p, S_GE)) {
        struct ir *tail = NULL;

        v = clike_node(p, IR_VOID);
        step(p);
        clike_hang(p, v, &tail, clike_binary(p, CLIKE_SHIFT));
        return clike_fit(p, v, 4);
    }
    if (at_sign(p, '{') || at_sign(p, '[') || at_sign(p, '(')) {
        /* ( a ) may as well be a value in brackets. */
        v = at_sign(p, '(') && !tk_sign(tk(p, 1), ')') ? clike_binary(p, least) : group_parts(p);
        if (at_sign(p, '{'))
            group_parts(p);
        if (designator(p, p->i))
            name_of(p, bind);
        return v;
    }
    if (at_word(p, W_var) && (tk_sign(tk(p, 1), '(') || designator(p, p->i + 1))) {
        v = clike_node(p, IR_VOID);
        step(p);
        if (at_sign(p, '('))
            return group_parts(p);
        name_of(p, bind);
        return v;
    }
    e = clike_type_end(p, p->i, false);
    if (e && (designator(p, e) || tk_sign(&p->t[e], '{') || (tk_sign(&p->t[e], '(') && p->t[e].mate && designator(p, p->t[e].mate + 1)) || tk_type_word(p, &p->t[e - 1]))) {
        v = clike_node(p, IR_NAME);
        v->text = *type = clike_type_text(p, p->i, e);
        p->i = e;
        if (at_sign(p, '('))
            group_parts(p);
        if (at_sign(p, '{'))
            group_parts(p);
        if (designator(p, p->i))
            name_of(p, bind);
        return v;
    }
    return clike_binary(p, least);
}

/* What a value is compared with. *bind: the name that it gets, *type: as what. */
struct ir *clike_pattern(struct clike *p, int least, struct str *bind, struct str *type)
{
    struct ir *left = NULL, *list = NULL, *tail = NULL;

    *bind = *type = STR_EMPTY;
    for (;;) {
        while (at_word(p, W_not))
            step(p);
        struct ir *one = single(p, least, bind, type);

        if (!left)
            left = one;
        else {
            if (!list) {
                list = clike_node_at(p, IR_LIST, left->line);
                clike_hang(p, list, &tail, left);
            }
            clike_hang(p, list, &tail, one);
        }
        if (!at_word(p, W_and) && !at_word(p, W_or))
            return list ? clike_fit(p, list, 4) : left;
        step(p);
    }
}

/* a is T b: the value is also stored in b. */
struct ir *clike_is(struct clike *p, struct ir *left)
{
    struct ir *node = clike_node(p, IR_BINARY), *tail = NULL, *right;
    struct str bind, type;

    step(p);
    right = clike_pattern(p, CLIKE_SHIFT, &bind, &type);
    node->sign = right->op == IR_TEXT || right->op == IR_NUMBER || right->op == IR_LITERAL ? SIGN_EQ : SIGN_IS;
    if (bind.n) {
        struct ir *set = clike_node(p, IR_ASSIGN), *name = clike_node(p, IR_NAME), *cast = clike_node(p, IR_CAST), *end = NULL;

        name->text = bind;
        clike_hang(p, set, &end, name);
        if (type.n) {
            struct ir *inner = NULL;

            cast->type = type;
            clike_hang(p, cast, &inner, left);
            left = cast;
        }
        clike_hang(p, set, &end, left);
        left = clike_fit(p, set, 8);
    }
    clike_hang(p, node, &tail, left);
    clike_hang(p, node, &tail, right);
    return clike_fit(p, node, 8);
}

enum { ARMS_MAX = 24 };

/* x switch { a => b, _ => c } is a row of IR_CHOOSE; the first compares, the others stand on their patterns. Arms beyond ARMS_MAX: an IR_VOID of the rest. */
struct ir *clike_switch_value(struct clike *p, struct ir *subject)
{
    struct ir *arm[ARMS_MAX], *arm_tail[ARMS_MAX], *rest = clike_node(p, IR_VOID), *rest_tail = NULL;
    uint32_t   mate, n = 0;

    step(p);
    mate = p->t[p->i].mate;
    if (p->depth >= CLIKE_DEPTH_MAX || p->level + 40 >= IR_DEPTH_MAX) {
        clike_hang(p, rest, &rest_tail, subject);
        clike_hang(p, rest, &rest_tail, group_parts(p));
        return rest;
    }
    p->depth++;
    p->level += ARMS_MAX;
    step(p);
    while (!at_end(p) && !at_sign(p, '}')) {
        uint32_t   from = p->i;
        struct str bind, type;
        struct ir *what = clike_pattern(p, CLIKE_BIT_OR, &bind, &type), *cond = clike_node(p, n ? IR_VOID : IR_BINARY), *tail = NULL, *v;

        cond->sign = n ? SIGN_NONE : SIGN_EQ;
        if (!n)
            clike_hang(p, cond, &tail, subject);
        clike_hang(p, cond, &tail, what);
        if (take_word(p, W_when)) {
            cond->op   = IR_VOID;
            cond->sign = SIGN_NONE;
            clike_hang(p, cond, &tail, clike_binary(p, 0));
        }
        if (!take_sign(p, S_ARROW))
            clike_unread(p);
        v = clike_value(p);
        if (n < ARMS_MAX) {
            arm[n] = clike_node_at(p, IR_CHOOSE, cond->line);
            arm_tail[n] = NULL;
            clike_hang(p, arm[n], &arm_tail[n], cond);
            clike_hang(p, arm[n], &arm_tail[n], v);
            n++;
        } else {
            clike_hang(p, rest, &rest_tail, cond);
            clike_hang(p, rest, &rest_tail, v);
        }
        if (take_sign(p, ','))
            continue;
        if (!at_sign(p, '}'))
            clike_unread(p);
        if (p->i == from)
            step(p);
        if (!mate)
            break;
    }
    take_sign(p, '}');
    p->level -= ARMS_MAX;
    p->depth--;
    if (!n) {
        clike_hang(p, rest, &rest_tail, subject);
        return rest;
    }
    clike_hang(p, arm[n - 1], &arm_tail[n - 1], rest);
    while (--n)
        clike_hang(p, arm[n - 1], &arm_tail[n - 1], arm[n]);
    return arm[0];
}

/* ---- from x in a where b select c ---- */

static bool query_here(const struct clike *p, uint32_t i)
{
    uint32_t e;

    if (!tk_word(&p->t[i], W_from) || p->t[i + 1].kind != TK_NAME)
        return false;
    if (tk_word(&p->t[i + 2], W_in))
        return true;
    e = clike_type_end(p, i + 1, true);
    return e && tk_plain(p, &p->t[e]) && tk_word(&p->t[e + 1], W_in);
}

/* [T] x = v: the part of a query that names something; `by`: what stands between the name and its value. */
static void range(struct clike *p, struct ir *list, struct ir **tail, uint8_t by)
{
    struct ir *set = clike_node(p, IR_ASSIGN), *end = NULL;
    uint32_t   e = clike_type_end(p, p->i, true);

    if (e && tk_plain(p, &p->t[e]) && !tk_word(&p->t[p->i + 1], W_in))
        p->i = e;
    if (p->t[p->i].kind != TK_NAME)
        return;
    clike_hang(p, set, &end, clike_name_node(p, p->i));
    step(p);
    if (by ? take_word(p, by) : take_sign(p, '=')) {
        clike_hang(p, set, &end, clike_value(p));
        clike_hang(p, list, tail, set);
    }
}

struct ir *clike_query(struct clike *p)
{
    struct ir *list, *tail = NULL;

    if (!at_word(p, W_from) || !query_here(p, p->i))
        return NULL;
    list = clike_node(p, IR_VOID);
    list->text = STR(",");
    p->query++;
    for (bool on = true; on && !at_end(p);) {
        const struct token *t = &p->t[p->i];

        switch (t->kind == TK_NAME ? t->id : W_NONE) {
        case W_from: step(p); range(p, list, &tail, W_in); break;
        case W_let:  step(p); range(p, list, &tail, W_NONE); break;
        case W_join: step(p); range(p, list, &tail, W_in); break;
        case W_into: p->i += tk(p, 1)->kind == TK_NAME ? 2 : 1; break;
        case W_where: case W_on: case W_equals: case W_by: case W_select: case W_group: case W_orderby:
            step(p);
            clike_hang(p, list, &tail, clike_value(p));
            while (take_word(p, W_ascending) || take_word(p, W_descending) || (t->id == W_orderby && take_sign(p, ',')))
                if (tk_sign(&p->t[p->i - 1], ','))
                    clike_hang(p, list, &tail, clike_value(p));
            break;
        default: on = false; break;
        }
    }
    p->query--;
    return clike_fit(p, list, 0);
}
