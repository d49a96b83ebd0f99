/* Values: assignments, conditions, operators by precedence, casts, and chains of members and calls. */
#include "webshell/clike_inner.h"

struct operator { uint8_t sign, level; uint8_t n; };      /* n: tokens it takes */

/* Levels: 0 ??, 1 ||, 2 &&, 4 |, 5 ^, 6 &, 7 == !=, 8 < > is as in instanceof, 9 << >>, 10 + -, 11 * / %. */
static struct operator operator_at(const struct clike *p)
{
    const struct token *t = &p->t[p->i], *u = tk(p, 1), *v = tk(p, 2);

    if (t->kind == TK_NAME)
        return t->id == W_instanceof || (t->id == W_in && p->js && !p->no_in) ? (struct operator){ SIGN_IS, 8, 1 } : (struct operator){ 0, 0, 0 };
    if (t->kind != TK_SIGN)
        return (struct operator){ 0, 0, 0 };
    switch (t->id) {
    case S_COALESCE: return (struct operator){ SIGN_COALESCE, 0, 1 };
    case S_OR:  return (struct operator){ SIGN_OR, 1, 1 };
    case S_AND: return (struct operator){ SIGN_AND, 2, 1 };
    case '|':   return (struct operator){ SIGN_BIT_OR, 4, 1 };
    case '^':   return (struct operator){ SIGN_XOR, 5, 1 };
    case '&':   return (struct operator){ SIGN_BIT_AND, 6, 1 };
    case S_EQ: case S_SAME:     return (struct operator){ SIGN_EQ, 7, 1 };
    case S_NE: case S_NOT_SAME: return (struct operator){ SIGN_NE, 7, 1 };
    case '<':   return (struct operator){ SIGN_LT, 8, 1 };
    case S_LE:  return (struct operator){ SIGN_LE, 8, 1 };
    case S_GE:  return (struct operator){ SIGN_GE, 8, 1 };
    case S_SHL: return (struct operator){ SIGN_SHL, 9, 1 };
    case '+':   return (struct operator){ SIGN_ADD, 10, 1 };
    case '-':   return (struct operator){ SIGN_SUB, 10, 1 };
    case '*':   return (struct operator){ SIGN_MUL, 11, 1 };
    case '/':   return (struct operator){ SIGN_DIV, 11, 1 };
    case '%':   return (struct operator){ SIGN_MOD, 11, 1 };
    case '>':
        if (!tk_near(t, u) || !(tk_sign(u, '>') || tk_sign(u, S_GE)))
            return (struct operator){ SIGN_GT, 8, 1 };
        if (tk_sign(u, S_GE) || (tk_near(u, v) && tk_sign(v, S_GE)))
            return (struct operator){ 0, 0, 0 };              /* >>= is an assignment */
        return (struct operator){ SIGN_SHR, 9, tk_near(u, v) && tk_sign(v, '>') ? 3 : 2 };
    default: return (struct operator){ 0, 0, 0 };
    }
}

void clike_operator(struct clike *p, struct ir *method)
{
    const struct token *t = &p->t[p->i];

    method->sign = tk_sign(t, '!') ? SIGN_NOT : tk_sign(t, '~') ? SIGN_COMPLEMENT : operator_at(p).sign;
    if (t->kind != TK_NAME)
        return;
    if (tk_word(t, W_true) || tk_word(t, W_false))
        method->text = tk_word(t, W_true) ? STR("operator true") : STR("operator false");
    else
        method->type = clike_type_text(p, p->i, clike_type_end(p, p->i, true));
}

struct ir *clike_binary(struct clike *p, int least)
{
    struct ir *left = clike_unary(p), *tail = NULL, *right, *node;
    bool       chain = false;                   /* left is a chain of + that was built here, tail its last kid */

    for (;;) {
        struct operator o = operator_at(p);
        uint32_t line = p->t[p->i].line;

        if (!p->js && least <= 8 && (at_word(p, W_is) || at_word(p, W_as))) {
            if (at_word(p, W_is))
                left = clike_is(p, left);
            else {
                struct ir *t = NULL;

                node = clike_node(p, IR_CAST);
                step(p);
                uint32_t e = clike_type_end(p, p->i, true);
                /* `x as T ? a : b`: the mark belongs to the choice unless nothing follows it that could be chosen. */
                if (e && tk_sign(&p->t[e - 1], '?') && !(p->t[e].kind == TK_SIGN && p->t[e].id != '(' && p->t[e].id != '-' && p->t[e].id != '!'))
                    e = clike_type_end(p, p->i, false);
                if (e) {
                    node->type = clike_type_text(p, p->i, e);
                    p->i = e;
                } else
                    clike_unread(p);
                clike_hang(p, node, &t, left);
                left = clike_fit(p, node, 8);
            }
            chain = false;
            continue;
        }
        if (!o.n || o.level < least)
            return left;
        p->i += o.n;
        right = clike_binary(p, o.level + 1);
        if (chain && o.sign == SIGN_ADD && left->op == IR_BINARY) {
            clike_hang(p, left, &tail, right);
            continue;
        }
        node = clike_node_at(p, IR_BINARY, line);
        node->sign = o.sign;
        tail = NULL;
        clike_hang(p, node, &tail, left);
        clike_hang(p, node, &tail, right);
        left = clike_fit(p, node, 8);
        chain = o.sign == SIGN_ADD && left == node && node != &p->b->spare;
    }
}

/* ( T ) before something that can only be a value. Gives the index behind it, 0: no cast. */
static uint32_t cast_end(const struct clike *p)
{
    const struct token *t = p->t, *u;
    uint32_t e;
    bool     sure;

    if (p->js || !at_sign(p, '(') || !(e = clike_type_end(p, p->i + 1, true)) || !tk_sign(&t[e], ')'))
        return 0;
    u = &t[e - 1];
    sure = tk_type_word(p, &t[p->i + 1]) || tk_sign(u, ']') || tk_sign(u, '>') || tk_sign(u, '?') || tk_sign(u, '*') || tk_sign(u, ')');
    u = &t[e + 1];
    switch (u->kind) {
    case TK_TEXT: case TK_CHAR: case TK_NUMBER: case TK_JOIN: return e + 1;
    case TK_NAME:
        if (u->id == W_is || u->id == W_as || u->id == W_in || u->id == W_switch || u->id == W_and || u->id == W_or || u->id == W_when || u->id == W_with)
            return 0;
        if (p->query && clike_word_class(u->id, false) == 'c' && u->id != W_await && u->id != W_var)
            return 0;
        return e + 1;
    case TK_SIGN:
        if (u->id == '(' || u->id == '!' || u->id == '~')
            return e + 1;
        return sure && (u->id == '-' || u->id == '+' || u->id == '&' || u->id == '*' || u->id == S_INC || u->id == S_DEC || u->id == '[') ? e + 1 : 0;
    default: return 0;
    }
}

static struct ir *one_more(struct clike *p, struct ir *what, uint8_t sign, uint32_t line)
{
    struct ir *node = clike_node_at(p, IR_ASSIGN, line), *one = clike_node_at(p, IR_NUMBER, line), *tail = NULL;

    node->sign  = sign;
    one->number = 1;
    clike_hang(p, node, &tail, what);
    clike_hang(p, node, &tail, one);
    return clike_fit(p, node, 4);
}

static struct ir *wrap(struct clike *p, struct ir *node, struct ir *kid)
{
    struct ir *tail = NULL;

    clike_hang(p, node, &tail, kid);
    return clike_fit(p, node, 4);
}

static struct ir *prefixed(struct clike *p)
{
    const struct token *t = &p->t[p->i];
    uint32_t   line = t->line, e;
    struct ir *node;

    if ((e = cast_end(p)) != 0) {
        node = clike_node(p, IR_CAST);
        node->type = clike_type_text(p, p->i + 1, e - 1);
        p->i = e;
        return wrap(p, node, clike_unary(p));
    }
    if (t->kind == TK_SIGN)
        switch (t->id) {
        case '-': case '!': case '~':
            step(p);
            node = clike_node_at(p, IR_UNARY, line);
            node->sign = t->id == '-' ? SIGN_NEG : t->id == '!' ? SIGN_NOT : SIGN_COMPLEMENT;
            return wrap(p, node, clike_unary(p));
        case S_INC: case S_DEC:
            step(p);
            return one_more(p, clike_unary(p), t->id == S_INC ? SIGN_ADD : SIGN_SUB, line);
        case '+': case '&': case '*':
            step(p);
            return clike_unary(p);
        case '^': case S_RANGE:                     /* ^1, ..n */
            step(p);
            return wrap(p, clike_node_at(p, IR_VOID, line), clike_unary(p));
        default: break;
        }
    if (t->kind == TK_NAME)
        switch (t->id) {
        case W_await:
            if (tk(p, 1)->kind == TK_SIGN && tk(p, 1)->id != '(')
                break;
            step(p);
            return clike_unary(p);
        case W_void: case W_delete:
            if (!p->js)
                break;
            step(p);
            return wrap(p, clike_node_at(p, IR_VOID, line), clike_unary(p));
        case W_typeof:
            if (!p->js)
                break;
            step(p);
            node = clike_node_at(p, IR_CALL, line);
            {
                struct ir *tail = NULL;

                clike_hang(p, node, &tail, clike_name_node(p, p->i - 1));
                clike_hang(p, node, &tail, clike_unary(p));
            }
            return clike_fit(p, node, 4);
        default: break;
        }
    return NULL;
}

struct ir *clike_unary(struct clike *p)
{
    struct ir *node;

    if (p->depth >= CLIKE_DEPTH_MAX) {
        clike_unread(p);
        return clike_parts_value(p);
    }
    p->depth++;
    if (!(node = prefixed(p)))
        node = clike_member_chain(p, clike_primary(p));
    p->depth--;
    return node;
}

/* a, b or name: a inside brackets, up to the closing one. */
void clike_call_values(struct clike *p, struct ir *call, struct ir **tail)
{
    uint32_t open = p->i, mate = p->t[open].mate;
    uint8_t  close = p->t[open].id == '(' ? ')' : ']';
    bool     no_in = p->no_in;

    p->no_in = false;
    step(p);
    p->level++;
    while (!at_end(p) && !at_sign(p, close) && p->t[p->i].kind != TK_HOLE_END && !(mate && p->i >= mate)) {
        const struct token *t = &p->t[p->i];
        uint32_t   from = p->i;
        struct ir *v;

        if (t->kind == TK_SIGN && t->id == ',') {
            if (tk_sign(&p->t[p->i - 1], ',') || p->i == open + 1)
                clike_hang(p, call, tail, clike_node(p, IR_VOID));
            step(p);
            continue;
        }
        if (t->kind == TK_SIGN && (t->id == ';' || t->id == '}' || t->id == ')' || t->id == ']')) {
            clike_unread(p);
            if (!mate)
                break;
            step(p);
            continue;
        }
        if (!p->js && tk_plain(p, t) && tk_sign(tk(p, 1), ':') ) {
            struct ir *set = clike_node(p, IR_SET), *end = NULL;
            bool       escaped;

            set->text = clike_name(p, t, &escaped);
            p->i += 2;
            clike_hang(p, set, &end, clike_value(p));
            v = set;
        } else
            v = clike_value(p);
        clike_hang(p, call, tail, v);
        if (p->i == from) {
            clike_unread(p);
            step(p);
        } else if (!at_sign(p, ',') && !at_sign(p, close) && !at_end(p))
            clike_unread(p);
    }
    p->level--;
    if (!take_sign(p, close))
        clike_unread(p);
    p->no_in = no_in;
}

/* a<b>(c): are these type arguments? Then the index behind them. */
static uint32_t generic_end(const struct clike *p)
{
    uint32_t e = at_sign(p, '<') ? clike_arguments_end(p, p->i, 0) : 0;
    const struct token *t;

    if (!e)
        return 0;
    t = &p->t[e];
    if (t->kind == TK_END || t->kind == TK_HOLE_END)
        return e;
    if (t->kind != TK_SIGN)
        return 0;
    switch (t->id) {
    case '(': case ')': case ']': case '}': case ':': case ';': case ',': case '.': case '?': case S_NULL_DOT: case S_EQ: case S_NE: case '|': case '^': case S_AND:
    case S_OR: case '&': case '[': case '{': case S_COALESCE: return e;
    default: return 0;
    }
}

/* What follows a value directly. */
struct ir *clike_member_chain(struct clike *p, struct ir *left)
{
    for (;;) {
        const struct token *t = &p->t[p->i], *u = tk(p, 1);
        struct ir *node, *tail = NULL;
        uint32_t   e;

        if (t->kind == TK_NAME && !p->js && t->id == W_switch && tk_sign(u, '{')) {
            left = clike_fit(p, clike_switch_value(p, left), 16);
            continue;
        }
        if (t->kind == TK_NAME && !p->js && t->id == W_with && tk_sign(u, '{')) {
            step(p);
            node = clike_node(p, IR_VOID);
            clike_hang(p, node, &tail, left);
            clike_braces(p, node, &tail);
            left = clike_fit(p, node, 16);
            continue;
        }
        if (t->kind != TK_SIGN)
            return left;
        switch (t->id) {
        case '.': case S_NULL_DOT: case S_COLONS: case S_POINTS:
            step(p);
            if (t->id == S_NULL_DOT && at_sign(p, '['))
                continue;
            if (p->t[p->i].kind != TK_NAME) {
                clike_unread(p);
                return left;
            }
            if (t->id == S_COLONS && left->op == IR_NAME) {      /* global::System: what stands before is an alias */
                left = clike_name_node(p, p->i);
                step(p);
                continue;
            }
            node = clike_name_node(p, p->i);
            node->op = IR_MEMBER;
            step(p);
            if (!p->js && (e = generic_end(p)) != 0)
                p->i = e;
            break;
        case '(': node = clike_node(p, IR_CALL); break;
        case '[':
            node = clike_node(p, IR_INDEX);
            break;
        case '?':
            if (p->js || !tk_sign(u, '[') || !tk_near(t, u))
                return left;
            step(p);
            node = clike_node(p, IR_INDEX);
            break;
        case S_INC: case S_DEC:
            if (p->js && t->flags & TF_LINE)
                return left;
            step(p);
            left = one_more(p, left, t->id == S_INC ? SIGN_ADD : SIGN_SUB, t->line);
            left->after = left->op == IR_ASSIGN;
            continue;
        case '!':
            if (p->js || u->kind == TK_TEXT || u->kind == TK_NAME || u->kind == TK_NUMBER || tk_sign(u, '('))
                return left;
            step(p);
            continue;
        case '<':
            if (left->op == IR_NAME && !p->js && (e = generic_end(p)) != 0) {
                p->i = e;
                continue;
            }
            return left;
        default: return left;
        }
        clike_hang(p, node, &tail, left);
        if (node->op != IR_MEMBER)
            clike_call_values(p, node, &tail);
        left = clike_fit(p, node, 16);
    }
}

/* The sign of an assignment, and how many tokens it takes; 0: none. */
static uint8_t assignment_at(const struct clike *p, uint8_t *ret_sign)
{
    static const struct { uint8_t id, sign; } sets[] = {
        { '=', SIGN_NONE }, { S_ADD_SET, SIGN_ADD }, { S_SUB_SET, SIGN_SUB }, { S_MUL_SET, SIGN_MUL }, { S_DIV_SET, SIGN_DIV }, { S_MOD_SET, SIGN_MOD },
        { S_AND_SET, SIGN_BIT_AND }, { S_OR_SET, SIGN_BIT_OR }, { S_XOR_SET, SIGN_XOR }, { S_SHL_SET, SIGN_SHL }, { S_COALESCE_SET, SIGN_COALESCE },
    };
    const struct token *t = &p->t[p->i], *u = tk(p, 1), *v = tk(p, 2);

    if (t->kind != TK_SIGN)
        return 0;
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        if (t->id == sets[k].id) {
            *ret_sign = sets[k].sign;
            return 1;
        }
    *ret_sign = SIGN_SHR;
    if (t->id != '>' || !tk_near(t, u))
        return 0;
    return tk_sign(u, S_GE) ? 2 : tk_sign(u, '>') && tk_near(u, v) && tk_sign(v, S_GE) ? 3 : 0;
}

static struct ir *value(struct clike *p)
{
    struct ir *left = clike_lambda(p), *node, *tail = NULL;
    uint8_t    sign, n;

    if (left)
        return left;
    if (!p->js && (left = clike_query(p)) != NULL)
        return left;
    left = clike_binary(p, 0);
    if (at_sign(p, '?')) {
        node = clike_node(p, IR_CHOOSE);
        step(p);
        clike_hang(p, node, &tail, left);
        clike_hang(p, node, &tail, clike_value(p));
        if (!take_sign(p, ':')) {
            clike_unread(p);
            return clike_fit(p, node, 0);
        }
        clike_hang(p, node, &tail, clike_value(p));
        return clike_fit(p, node, 0);
    }
    if (!p->js && take_sign(p, S_RANGE)) {
        node = clike_node(p, IR_VOID);
        clike_hang(p, node, &tail, left);
        if (!at_sign(p, ']') && !at_sign(p, ')') && !at_sign(p, ','))
            clike_hang(p, node, &tail, clike_binary(p, 9));
        return clike_fit(p, node, 0);
    }
    if ((n = assignment_at(p, &sign)) != 0) {
        node = clike_node(p, IR_ASSIGN);
        node->sign = sign;
        p->i += n;
        clike_hang(p, node, &tail, left);
        clike_hang(p, node, &tail, !p->js && at_sign(p, '{') ? clike_list(p, '}') : clike_value(p));
        return clike_fit(p, node, 0);
    }
    return left;
}

struct ir *clike_value(struct clike *p)
{
    struct ir *v;

    if (p->depth >= CLIKE_DEPTH_MAX || p->level + 6 >= IR_DEPTH_MAX) {
        clike_unread(p);
        return clike_parts_value(p);
    }
    p->depth++;
    p->level++;
    v = value(p);
    p->level--;
    p->depth--;
    return clike_fit(p, v, 0);
}

struct ir *clike_values(struct clike *p)
{
    struct ir *v = clike_value(p), *list, *tail = NULL;

    if (!p->js || !at_sign(p, ','))
        return v;
    list = clike_node(p, IR_VOID);
    list->text = STR(",");
    clike_hang(p, list, &tail, v);
    while (take_sign(p, ','))
        clike_hang(p, list, &tail, clike_value(p));
    return clike_fit(p, list, 0);
}
