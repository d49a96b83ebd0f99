/* The smallest values: names, texts, numbers, brackets, functions as values. */
#include "webshell/clike_inner.h"

static struct ir *literal(struct clike *p, struct str text)
{
    struct ir *n = clike_node(p, IR_LITERAL);

    n->text = text;
    step(p);
    return n;
}

/* Behind the word that takes a bracket: typeof ( T ), sizeof ( T ). Gives the place behind the bracket; *from, *to: what it holds. */
static uint32_t bracket(const struct clike *p, uint32_t i, uint32_t *from, uint32_t *to)
{
    *from = *to = i;
    if (!tk_sign(&p->t[i], '(') || !p->t[i].mate)
        return i;
    *from = i + 1;
    *to   = p->t[i].mate;
    return *to + 1;
}

/* $"a{b}c" is "a" + b + "c". */
static struct ir *join(struct clike *p)
{
    struct ir *node = clike_node(p, IR_BINARY), *tail = NULL, *only = NULL;
    uint32_t   end = p->t[p->i].mate ? p->t[p->i].mate : p->n, n = 0;

    node->sign = SIGN_ADD;
    step(p);
    while (p->i < end) {
        const struct token *t = &p->t[p->i];

        if (t->kind == TK_TEXT) {
            if (t->n || !n) {
                only = clike_text_node(p, clike_text(p, t), t->line);
                clike_hang(p, node, &tail, only);
                n++;
            }
            step(p);
        } else if (t->kind == TK_HOLE) {
            uint32_t to = t->mate ? t->mate : end;

            step(p);
            clike_hang(p, node, &tail, clike_value(p));
            n++;
            if (p->i < to && !at_sign(p, ','))
                clike_unread(p);
            p->i = p->i < to ? to : p->i;
        } else
            step(p);
    }
    if (p->t[p->i].kind == TK_JOIN_END)
        step(p);
    return n == 1 && only ? only : clike_fit(p, node, 4);
}

/* ( a ), and ( a, b ) of C#, where T name declares. */
static struct ir *group(struct clike *p)
{
    struct ir *first, *list, *tail = NULL;
    uint32_t   mate = p->t[p->i].mate, e;
    bool       no_in = p->no_in;

    step(p);
    p->no_in = false;
    if (p->js) {
        first = clike_values(p);
    } else {
        list = clike_node(p, IR_LIST);
        first = NULL;
        for (uint32_t n = 0; !at_end(p) && !at_sign(p, ')'); n++) {
            struct ir *v;
            uint32_t   from = p->i;

            if (tk_plain(p, &p->t[p->i]) && tk_sign(tk(p, 1), ':'))
                p->i += 2;
            e = mate ? clike_type_end(p, p->i, true) : 0;
            if (e && tk_plain(p, &p->t[e]) && !tk_word(&p->t[p->i], W_await) && !tk_word(&p->t[p->i], W_from) && (tk_sign(&p->t[e + 1], ',') || tk_sign(&p->t[e + 1], ')')))
                p->i = e;
            v = clike_value(p);
            first = n ? NULL : v;
            if (n || at_sign(p, ','))
                clike_hang(p, list, &tail, v);
            if (!take_sign(p, ',') && p->i == from)
                break;
            if (!tk_sign(&p->t[p->i - 1], ','))
                break;
        }
        if (!first || tail)
            first = clike_fit(p, list, 4);
    }
    p->no_in = no_in;
    if (at_sign(p, ')'))
        step(p);
    else {
        clike_unread(p);
        if (mate && p->i < mate && !p->js) {         /* what stands before the end is lost but for its parts */
            list = clike_node(p, IR_VOID);
            tail = NULL;
            clike_hang(p, list, &tail, first);
            clike_hang(p, list, &tail, clike_parts(p, mate));
            first = clike_fit(p, list, 4);
            p->i = mate + 1;
        } else if (mate && p->i < mate)
            p->i = mate + 1;
    }
    return first;
}

static struct ir *word(struct clike *p)
{
    const struct token *t = &p->t[p->i];
    uint32_t   line = t->line, from, to, after;
    struct ir *node, *tail = NULL;

    switch (t->id) {
    case W_true:  return literal(p, STR("true"));
    case W_false: return literal(p, STR("false"));
    case W_null:  return literal(p, STR("null"));
    case W_undefined: return literal(p, STR("null"));
    case W_new:   return clike_new(p);
    case W_stackalloc: return clike_new(p);
    case W_function: return clike_function(p);
    case W_delegate:
        node = clike_lambda(p);
        if (node)
            return node;
        break;
    case W_super:
        node = clike_name_node(p, p->i);
        node->text = STR("base");
        step(p);
        return node;
    case W_this: case W_base:
        node = clike_name_node(p, p->i);
        step(p);
        return node;
    case W_default:
        if (p->js)
            break;
        after = bracket(p, p->i + 1, &from, &to);
        node = literal(p, STR("null"));
        p->i = after;
        return node;
    case W_typeof: case W_sizeof:
        after = bracket(p, p->i + 1, &from, &to);
        node = clike_node(p, t->id == W_typeof ? IR_TYPE_OF : IR_VOID);
        if (t->id == W_typeof)
            node->type = clike_type_text(p, from, to);
        p->i = after;
        return node;
    case W_checked: case W_unchecked:
        step(p);
        return at_sign(p, '(') ? group(p) : clike_node_at(p, IR_VOID, line);
    case W_nameof:
        if (!tk_sign(tk(p, 1), '('))
            break;
        after = bracket(p, p->i + 1, &from, &to);
        node = clike_text_node(p, clike_type_text(p, from, to), line);
        p->i = after;
        return node;
    case W_out: case W_ref: case W_in: case W_params:
        step(p);
        take_word(p, W_readonly);
        from = clike_type_end(p, p->i, true);
        if (from && tk_plain(p, &p->t[from]))
            p->i = from;                       /* out T x */
        return clike_unary(p);
    case W_throw:
        node = clike_node(p, IR_VOID);
        step(p);
        clike_hang(p, node, &tail, clike_value(p));
        return clike_fit(p, node, 4);
    default: break;
    }
    if (tk_plain(p, t) || tk_type_word(p, t)) {
        node = clike_name_node(p, p->i);
        step(p);
        return node;
    }
    return NULL;
}

struct ir *clike_primary(struct clike *p)
{
    const struct token *t = &p->t[p->i];
    struct ir *node, *tail = NULL;

    switch (t->kind) {
    case TK_TEXT: case TK_CHAR:
        node = clike_text_node(p, clike_text(p, t), t->line);
        if (t->kind == TK_CHAR)
            node->type = STR("char");
        step(p);
        if (!p->js && at_sign(p, '.') == false && at_end(p) == false && p->t[p->i].kind == TK_NAME && p->t[p->i].n == 2 && tk_near(t, &p->t[p->i]) == false &&
            p->t[p->i].at == t->at + t->n + 1 && (p->code.p[p->t[p->i].at] | 32) == 'u' && p->code.p[p->t[p->i].at + 1] == '8')
            step(p);                           /* "..."u8 */
        return node;
    case TK_NUMBER:
        node = clike_node(p, IR_NUMBER);
        clike_number(p, t, node);
        step(p);
        return node;
    case TK_REGEX: {
        struct str flags = { p->code.p + t->at + t->n + 1, 0 };

        node = clike_node(p, IR_NEW);
        node->text = STR("RegExp");
        while (t->at + t->n + 1 + flags.n < p->code.n && ch_alpha(flags.p[flags.n]))
            flags.n++;
        clike_hang(p, node, &tail, clike_text_node(p, (struct str){ p->code.p + t->at, t->n }, t->line));
        if (flags.n)
            clike_hang(p, node, &tail, clike_text_node(p, flags, t->line));
        step(p);
        return node;
    }
    case TK_JOIN: return join(p);
    case TK_NAME:
        if ((node = word(p)) != NULL)
            return node;
        break;
    case TK_SIGN:
        if (t->id == '(')
            return group(p);
        if (t->id == '[')
            return clike_list(p, ']');
        if (t->id == '{' && p->js)
            return clike_object(p);
        break;
    default: break;
    }
    clike_unread(p);
    return clike_node(p, IR_VOID);
}

/* ---- functions as values ---- */

static struct ir *lambda_body(struct clike *p, struct ir *node, struct ir **tail)
{
    uint32_t query = p->query;
    bool     no_in = p->no_in;

    p->query = 0;
    p->no_in = false;
    p->level++;
    clike_hang(p, node, tail, at_sign(p, '{') ? clike_block(p) : clike_value(p));
    p->level--;
    p->query = query;
    p->no_in = no_in;
    return clike_fit(p, node, 0);
}

struct ir *clike_lambda(struct clike *p)
{
    uint32_t   i = p->i;
    struct ir *node, *tail = NULL;

    if (p->js)
        return NULL;
    while ((tk_word(&p->t[i], W_async) || tk_word(&p->t[i], W_static)) && (p->t[i + 1].kind == TK_NAME || tk_sign(&p->t[i + 1], '(')))
        i++;
    if (tk_word(&p->t[i], W_delegate) && (tk_sign(&p->t[i + 1], '{') || tk_sign(&p->t[i + 1], '('))) {
        p->i = i + 1;
        node = clike_node(p, IR_LAMBDA);
        if (at_sign(p, '('))
            clike_parameters(p, node, &tail);
        return lambda_body(p, node, &tail);
    }
    if (tk_plain(p, &p->t[i]) && tk_sign(&p->t[i + 1], S_ARROW)) {
        struct ir *param;

        p->i = i;
        node  = clike_node(p, IR_LAMBDA);
        param = clike_name_node(p, i);
        param->op = IR_PARAM;
        clike_hang(p, node, &tail, param);
        p->i += 2;
        return lambda_body(p, node, &tail);
    }
    if (tk_sign(&p->t[i], '(') && p->t[i].mate && tk_sign(&p->t[p->t[i].mate + 1], S_ARROW)) {
        p->i = i;
        node = clike_node(p, IR_LAMBDA);
        clike_parameters(p, node, &tail);
        take_sign(p, S_ARROW);
        return lambda_body(p, node, &tail);
    }
    return NULL;
}

struct ir *clike_function(struct clike *p)
{
    struct ir *node = clike_node(p, IR_LAMBDA), *tail = NULL;
    bool       escaped;

    step(p);
    if (p->t[p->i].kind == TK_NAME) {
        node->text = clike_name(p, &p->t[p->i], &escaped);
        step(p);
    }
    if (at_sign(p, '('))
        clike_parameters(p, node, &tail);
    else
        clike_unread(p);
    if (take_sign(p, ':'))
        node->type = clike_type(p);
    if (at_sign(p, '{'))
        return lambda_body(p, node, &tail);
    clike_unread(p);
    clike_hang(p, node, &tail, clike_node(p, IR_BLOCK));
    return node;
}
