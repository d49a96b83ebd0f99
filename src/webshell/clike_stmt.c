/* Statements. Members of classes stand among them (clike_decl.c, clike_js.c): a page's blocks mix them. */
#include "webshell/clike_inner.h"

/* The end of a simple statement: ';', or in JScript a line end or '}'. What stands before it unread is passed over. */
void clike_statement_end(struct clike *p)
{
    if (take_sign(p, ';') || at_end(p) || at_sign(p, '}'))
        return;
    if (p->js && p->t[p->i].flags & TF_LINE)
        return;
    clike_unread(p);
}

/* A loose token is passed over: whatever was read, what stands behind `from` comes next. */
static void pass(struct clike *p, uint32_t from)
{
    if (p->i <= from && from < p->n) {
        clike_unread(p);
        p->i = from + 1;
    }
}

static void hang_statement(struct clike *p, struct ir *parent, struct ir **tail, struct ir *node)
{
    if (p->level + node->height + 1u > IR_DEPTH_MAX) {
        clike_unread(p);
        node = clike_node_at(p, IR_VOID, node->line);
    }
    clike_hang(p, parent, tail, node);
}

void clike_list_of(struct clike *p, struct ir *parent, struct ir **tail, uint32_t end)
{
    while (p->i < end && !at_end(p)) {
        uint32_t from = p->i;

        if (take_sign(p, ';'))
            continue;
        clike_statement(p, parent, tail);
        pass(p, from);
    }
}

struct ir *clike_block(struct clike *p)
{
    struct ir *block = clike_node(p, IR_BLOCK), *tail = NULL;
    uint32_t   mate = p->t[p->i].mate;

    step(p);
    p->level++;
    clike_list_of(p, block, &tail, mate ? mate : p->n);
    p->level--;
    if (mate && p->i >= mate)
        p->i = mate + 1;
    else if (!take_sign(p, '}'))
        clike_unread(p);
    return block;
}

struct ir *clike_body(struct clike *p)
{
    struct ir *block, *tail = NULL;

    if (at_sign(p, '{'))
        return clike_block(p);
    block = clike_node(p, IR_BLOCK);
    if (take_sign(p, ';') || at_sign(p, '}') || at_end(p))
        return block;
    p->level++;
    clike_statement(p, block, &tail);
    p->level--;
    return tail && block->kid == tail && tail->op != IR_LET && tail->op != IR_METHOD ? tail : block;
}

/* ( a ) of if, while, switch. Reads to the closing bracket whatever stands there. */
static struct ir *condition(struct clike *p)
{
    struct ir *v, *list, *tail = NULL;
    uint32_t   mate = at_sign(p, '(') ? p->t[p->i].mate : 0;

    if (!take_sign(p, '(')) {
        clike_unread(p);
        return clike_node(p, IR_VOID);
    }
    v = at_sign(p, ')') ? clike_node(p, IR_VOID) : clike_values(p);
    if (mate && p->i < mate) {
        clike_unread(p);
        list = clike_node(p, IR_VOID);
        clike_hang(p, list, &tail, v);
        clike_hang(p, list, &tail, clike_parts(p, mate));
        v = clike_fit(p, list, 4);
        p->i = mate;
    }
    if (!take_sign(p, ')'))
        clike_unread(p);
    return v;
}

/* A row of else-ifs is hung from its end, so that heights are known; one that is too long goes on as a statement of its own. */
static void if_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *link[CLIKE_ELSE_MAX], *link_tail[CLIKE_ELSE_MAX];
    uint32_t   level = p->level;

    for (bool go = true; go;) {
        uint32_t n = 0, most = level + 20 + CLIKE_ELSE_MAX < IR_DEPTH_MAX ? CLIKE_ELSE_MAX : 4;

        p->level = level;
        for (go = false; n < most; ) {
            struct ir *node = clike_node(p, IR_IF);

            link[n] = node;
            link_tail[n] = NULL;
            step(p);
            p->level++;
            clike_hang(p, node, &link_tail[n], condition(p));
            clike_hang(p, node, &link_tail[n], clike_body(p));
            n++;
            if (!p->js || !at_sign(p, ';') || !tk_word(tk(p, 1), W_else)) {
                if (!at_word(p, W_else))
                    break;
            } else
                step(p);
            step(p);
            if (at_word(p, W_if)) {
                go = n == most;
                continue;
            }
            clike_hang(p, node, &link_tail[n - 1], clike_body(p));
            break;
        }
        while (--n)
            clike_hang(p, link[n - 1], &link_tail[n - 1], link[n]);
        p->level = level;
        hang_statement(p, parent, tail, link[0]);
    }
}

/* T name in, or var name in. Gives the place of `in`; 0: it is no such head. */
static uint32_t each_head(struct clike *p, uint32_t i, uint32_t *ret_name, struct str *ret_type)
{
    uint32_t e;

    *ret_type = STR_EMPTY;
    if (p->js) {
        i += tk_word(&p->t[i], W_var);
        if (!tk_plain(p, &p->t[i]))
            return 0;
        *ret_name = i;
        e = i + 1;
        if (tk_sign(&p->t[e], ':')) {
            e = clike_type_end(p, e + 1, false);
            if (e)
                *ret_type = clike_type_text(p, i + 2, e);
        }
        return tk_word(&p->t[e], W_in) ? e : 0;
    }
    e = clike_type_end(p, i, true);
    if (e && tk_plain(p, &p->t[e]) && tk_word(&p->t[e + 1], W_in)) {
        *ret_name = e;
        *ret_type = clike_type_text(p, i, e);
        return e + 1;
    }
    if (tk_plain(p, &p->t[i]) && tk_word(&p->t[i + 1], W_in)) {
        *ret_name = i;
        return i + 1;
    }
    return 0;
}

static void to_bracket(struct clike *p, uint32_t mate)
{
    if (mate && p->i < mate) {
        clike_unread(p);
        p->i = mate;
    }
    if (!take_sign(p, ')'))
        clike_unread(p);
}

static void each_statement(struct clike *p, struct ir *parent, struct ir **tail, struct ir *node)
{
    struct ir *end = NULL;
    uint32_t   mate = p->t[p->i].mate, name = 0, in;
    struct str type;
    bool       escaped;

    if (!at_sign(p, '(')) {
        clike_unread(p);
        return;
    }
    p->level++;
    if ((in = each_head(p, p->i + 1, &name, &type)) != 0) {
        node->text = clike_name(p, &p->t[name], &escaped);
        node->type = type;
        p->i = in + 1;
        clike_hang(p, node, &end, clike_values(p));
        to_bracket(p, mate);
        clike_hang(p, node, &end, clike_body(p));
    } else {                                  /* var (a, b) in c */
        struct ir *names, *set = clike_node(p, IR_ASSIGN), *block = clike_node(p, IR_BLOCK), *it, *block_end = NULL, *set_end = NULL;

        step(p);
        take_word(p, W_var);
        node->text = STR("(each)");
        names = clike_binary(p, 0);
        if (!take_word(p, W_in))
            clike_unread(p);
        clike_hang(p, node, &end, clike_values(p));
        to_bracket(p, mate);
        it = clike_node(p, IR_NAME);
        it->text = node->text;
        clike_hang(p, set, &set_end, names);
        clike_hang(p, set, &set_end, it);
        clike_hang(p, block, &block_end, set);
        p->level++;
        clike_hang(p, block, &block_end, clike_body(p));
        p->level--;
        clike_hang(p, node, &end, block);
    }
    p->level--;
    hang_statement(p, parent, tail, node);
}

static bool declares(const struct clike *p)
{
    uint32_t e;

    if (p->js)
        return at_word(p, W_var);
    e = clike_type_end(p, p->i, true);
    return e && tk_plain(p, &p->t[e]) && !at_word(p, W_await);
}

/* for (a; b; c) d is a block of a and the loop. */
static void for_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *block, *loop, *block_end = NULL, *end = NULL, *cond, *more, *more_end = NULL, *body;
    uint32_t   mate = tk(p, 1)->mate, name;
    struct str type;

    if (tk_sign(tk(p, 1), '(') && p->js && each_head(p, p->i + 2, &name, &type)) {
        struct ir *node = clike_node(p, IR_EACH);

        step(p);
        each_statement(p, parent, tail, node);
        return;
    }
    block = clike_node(p, IR_BLOCK);
    loop  = clike_node(p, IR_LOOP);
    step(p);
    if (!take_sign(p, '(')) {
        clike_unread(p);
        return;
    }
    p->level += 2;
    p->no_in = true;
    if (declares(p)) {
        struct ir like = { .op = IR_LET };

        if (p->js)
            step(p);
        else
            like.type = clike_type(p);
        clike_variables(p, block, &block_end, like);
    } else if (!at_sign(p, ';'))
        do
            clike_hang(p, block, &block_end, clike_value(p));
        while (take_sign(p, ','));
    p->no_in = false;
    if (p->js && at_word(p, W_in)) {          /* for (a.b in c) */
        step(p);
        clike_hang(p, block, &block_end, clike_values(p));
    }
    if (!take_sign(p, ';') && !(p->js && at_sign(p, ')')))
        clike_unread(p);
    cond = at_sign(p, ';') || at_sign(p, ')') ? clike_node(p, IR_VOID) : clike_values(p);
    if (!take_sign(p, ';') && !(p->js && at_sign(p, ')')))
        clike_unread(p);
    more = clike_node(p, IR_BLOCK);
    if (!at_sign(p, ')'))
        do
            clike_hang(p, more, &more_end, clike_value(p));
        while (take_sign(p, ','));
    to_bracket(p, mate);
    body = clike_body(p);
    clike_hang(p, loop, &end, cond);
    clike_hang(p, loop, &end, body);
    if (more->kid)
        clike_hang(p, loop, &end, more->kid->next ? more : more->kid);
    clike_hang(p, block, &block_end, loop);
    p->level -= 2;
    hang_statement(p, parent, tail, block->kid == loop ? loop : block);
}

/* A name for what is there already: what was thrown, what a pattern fits. */
static struct ir *named(struct clike *p, struct str name, struct str type)
{
    struct ir *let = clike_node(p, IR_LET);

    let->text = name;
    let->type = type;
    let->sign = SIGN_IS;
    return let;
}

/* case a: case b when c: ... up to the next label or the end. */
static void switch_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *node = clike_node(p, IR_SELECT), *end = NULL;
    uint32_t   mate;

    step(p);
    p->level += 2;
    clike_hang(p, node, &end, condition(p));
    mate = at_sign(p, '{') ? p->t[p->i].mate : 0;
    if (!take_sign(p, '{'))
        clike_unread(p);
    else {
        while (!at_end(p) && !at_sign(p, '}')) {
            struct ir *one = clike_node(p, IR_CASE), *one_end = NULL, *body, *body_end = NULL;
            uint32_t   from = p->i;
            bool       other = false;

            while (at_word(p, W_case) || (at_word(p, W_default) && tk_sign(tk(p, 1), ':'))) {
                other |= at_word(p, W_default);
                if (!take_word(p, W_case))
                    step(p);
                else if (p->js)
                    clike_hang(p, one, &one_end, clike_values(p));
                else {
                    struct str bind, type;
                    struct ir *v = clike_pattern(p, CLIKE_BIT_OR, &bind, &type), *when = NULL, *when_end = NULL;

                    if (at_word(p, W_when)) {
                        when = clike_node(p, IR_VOID);
                        step(p);
                        clike_hang(p, when, &when_end, v);
                        clike_hang(p, when, &when_end, clike_binary(p, 0));
                        v = clike_fit(p, when, 4);
                    }
                    if (bind.n) {
                        struct ir *let = named(p, bind, type), *let_end = NULL;
                        if (when)
                            clike_hang(p, let, &let_end, v);
                        v = when ? clike_fit(p, let, 4) : let;
                    }
                    clike_hang(p, one, &one_end, v);
                }
                if (!take_sign(p, ':'))
                    clike_unread(p);
            }
            if (other) {                        /* `default` takes the labels beside it along */
                one->kid = NULL;
                one_end  = NULL;
                one->height = 0;
            }
            body = clike_node(p, IR_BLOCK);
            while (!at_end(p) && !at_sign(p, '}') && !at_word(p, W_case) && !(at_word(p, W_default) && tk_sign(tk(p, 1), ':'))) {
                uint32_t before = p->i;

                if (take_sign(p, ';'))
                    continue;
                p->level++;
                clike_statement(p, body, &body_end);
                p->level--;
                pass(p, before);
            }
            clike_hang(p, one, &one_end, body);
            clike_hang(p, node, &end, one);
            if (p->i == from)
                pass(p, from);
        }
        if (mate && p->i < mate)
            p->i = mate;
        if (!take_sign(p, '}'))
            clike_unread(p);
    }
    p->level -= 2;
    hang_statement(p, parent, tail, node);
}

static void try_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *node = clike_node(p, IR_TRY), *end = NULL;

    step(p);
    p->level++;
    clike_hang(p, node, &end, clike_body(p));
    for (;;) {
        struct ir *caught = NULL, *body;

        if (take_word(p, W_catch)) {
            if (at_sign(p, '(')) {
                uint32_t mate = p->t[p->i].mate;

                step(p);
                if (mate && mate > p->i && p->t[mate - 1].kind == TK_NAME && (p->js || mate - 1 > p->i)) {
                    bool       escaped;
                    struct str name = clike_name(p, &p->t[mate - 1], &escaped);
                    caught = named(p, name, p->js ? STR_EMPTY : clike_type_text(p, p->i, mate - 1));
                }
                p->i = mate ? mate + 1 : p->i;
            }
            if (take_word(p, W_when))
                clike_hang(p, node, &end, condition(p));
        } else if (!take_word(p, W_finally))
            break;
        body = clike_body(p);
        if (caught && caught != &p->b->spare && body->op == IR_BLOCK && body != &p->b->spare) {
            caught->next = body->kid;
            body->kid = caught;
        }
        clike_hang(p, node, &end, body);
    }
    p->level--;
    hang_statement(p, parent, tail, node);
}

/* using (T a = b) c, lock (a) b, fixed (T* a = b) c, with (a) b */
static void using_statement(struct clike *p, struct ir *parent, struct ir **tail, enum ir_op op)
{
    struct ir *node = clike_node(p, op), *end = NULL;
    uint32_t   mate;

    step(p);
    mate = p->t[p->i].mate;
    if (!take_sign(p, '(')) {
        clike_unread(p);
        return;
    }
    p->level++;
    if (!p->js && declares(p)) {
        struct ir like = { .op = IR_LET };

        like.type = clike_type(p);
        clike_variables(p, node, &end, like);
    } else
        clike_hang(p, node, &end, clike_values(p));
    to_bracket(p, mate);
    clike_hang(p, node, &end, clike_body(p));
    p->level--;
    hang_statement(p, parent, tail, node);
}

static void loop_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *node = clike_node(p, IR_LOOP), *end = NULL, *body, *cond;

    p->level++;
    if (take_word(p, W_while)) {
        clike_hang(p, node, &end, condition(p));
        clike_hang(p, node, &end, clike_body(p));
    } else {
        step(p);
        body = clike_body(p);
        node->after = true;
        if (take_word(p, W_while))
            cond = condition(p);
        else {
            clike_unread(p);
            cond = clike_node(p, IR_VOID);
        }
        take_sign(p, ';');
        clike_hang(p, node, &end, cond);
        clike_hang(p, node, &end, body);
    }
    p->level--;
    hang_statement(p, parent, tail, node);
}

/* return a; throw a; break; ... `like`: the node's kind and text. */
static void leave(struct clike *p, struct ir *parent, struct ir **tail, enum ir_op op, struct str text)
{
    struct ir *node = clike_node(p, op), *end = NULL;
    bool       value = op != IR_LEAVE;

    node->text = text;
    step(p);
    if (value && !at_sign(p, ';') && !at_sign(p, '}') && !at_end(p) && !(p->js && p->t[p->i].flags & TF_LINE))
        clike_hang(p, node, &end, clike_values(p));
    if (!value)
        while (p->t[p->i].kind == TK_NAME && !(p->t[p->i].flags & TF_LINE)) {       /* goto case 1, continue label */
            step(p);
            if (!at_sign(p, ';') && !at_sign(p, '}') && tk_word(&p->t[p->i - 1], W_case))
                clike_value(p);
        }
    clike_statement_end(p);
    hang_statement(p, parent, tail, node);
}

/* yield return a: perhaps it returns, and then goes on. */
static void yield_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    struct ir *node = clike_node(p, IR_IF), *end = NULL;

    step(p);
    p->level++;
    clike_hang(p, node, &end, clike_node(p, IR_VOID));
    leave(p, node, &end, at_word(p, W_return) ? IR_RETURN : IR_LEAVE, at_word(p, W_return) ? STR_EMPTY : STR("break"));
    p->level--;
    hang_statement(p, parent, tail, node);
}

static void expression(struct clike *p, struct ir *parent, struct ir **tail)
{
    uint32_t   from = p->i;
    struct ir *v = clike_values(p);

    if (p->i == from) {                       /* nothing a value could begin with */
        step(p);
        return;
    }
    hang_statement(p, parent, tail, v);
    if (!take_sign(p, ';') && !at_end(p) && !at_sign(p, '}') && !(p->js && p->t[p->i].flags & TF_LINE)) {
        clike_unread(p);
        if (at_sign(p, ',') || at_sign(p, ')') || at_sign(p, ']') || at_sign(p, ':'))
            step(p);
    }
}

/* True: a statement that a word announces was read. */
static bool by_word(struct clike *p, struct ir *parent, struct ir **tail)
{
    const struct token *t = &p->t[p->i], *u = tk(p, 1);

    switch (t->id) {
    case W_if: if_statement(p, parent, tail); return true;
    case W_for: for_statement(p, parent, tail); return true;
    case W_foreach: {
        struct ir *node = clike_node(p, IR_EACH);

        step(p);
        each_statement(p, parent, tail, node);
        return true;
    }
    case W_while: case W_do: loop_statement(p, parent, tail); return true;
    case W_switch: switch_statement(p, parent, tail); return true;
    case W_try: try_statement(p, parent, tail); return true;
    case W_lock: case W_fixed: using_statement(p, parent, tail, IR_USING); return true;
    case W_with:
        if (!p->js)
            return false;
        using_statement(p, parent, tail, IR_WITH);
        return true;
    case W_using:
        if (!tk_sign(u, '('))
            return false;
        using_statement(p, parent, tail, IR_USING);
        return true;
    case W_await:
        if (!tk_word(u, W_foreach) && !tk_word(u, W_using))
            return false;
        step(p);
        return true;
    case W_unsafe: case W_checked: case W_unchecked:
        if (!tk_sign(u, '{'))
            return false;
        step(p);
        return true;
    case W_return: leave(p, parent, tail, IR_RETURN, STR_EMPTY); return true;
    case W_throw: leave(p, parent, tail, IR_THROW, STR_EMPTY); return true;
    case W_break: leave(p, parent, tail, IR_LEAVE, STR("break")); return true;
    case W_continue: leave(p, parent, tail, IR_LEAVE, STR("continue")); return true;
    case W_goto: leave(p, parent, tail, IR_LEAVE, STR("goto")); return true;
    case W_yield:
        if (!tk_word(u, W_return) && !tk_word(u, W_break))
            return false;
        yield_statement(p, parent, tail);
        return true;
    case W_debugger:
        step(p);
        clike_statement_end(p);
        return true;
    case W_else: case W_catch: case W_finally:          /* their head is missing: what they guard is read */
        clike_unread(p);
        step(p);
        if (t->id == W_catch && at_sign(p, '(') && p->t[p->i].mate)
            p->i = p->t[p->i].mate + 1;
        return true;
    case W_case: case W_default:
        if (t->id == W_default && !tk_sign(u, ':'))
            return false;
        clike_unread(p);
        step(p);
        if (t->id == W_case)
            clike_value(p);
        take_sign(p, ':');
        return true;
    default: return false;
    }
}

void clike_statement(struct clike *p, struct ir *parent, struct ir **tail)
{
    const struct token *t = &p->t[p->i];

    if (p->depth + 4 >= CLIKE_DEPTH_MAX || p->level + 12 >= IR_DEPTH_MAX) {
        uint32_t to = t->mate > p->i ? t->mate + 1 : p->i + 1;

        clike_unread(p);
        if (t->mate > p->i)
            clike_hang(p, parent, tail, clike_parts(p, to));
        else if (tk_sign(t, '{') || tk_sign(t, '}'))
            step(p);
        else {
            clike_hang(p, parent, tail, clike_parts_value(p));
            take_sign(p, ';');
        }
        return;
    }
    p->depth++;
    p->level++;
    if (t->kind == TK_SIGN && t->id == '{')
        { p->level--; hang_statement(p, parent, tail, clike_block(p)); p->level++; }
    else if (t->kind == TK_SIGN && t->id == '}') {
        clike_unread(p);
        step(p);
    } else if (tk_plain(p, t) && tk_sign(tk(p, 1), ':') && !tk_sign(tk(p, 2), ':'))
        p->i += 2;                            /* a label */
    else {
        p->level--;
        if (!p->js && tk_word(t, W_var) && tk_sign(tk(p, 1), '(') && tk(p, 1)->mate && tk_sign(&p->t[tk(p, 1)->mate + 1], '='))
            step(p);                          /* var (a, b) = c */
        if (!(p->t[p->i].kind == TK_NAME && p->t[p->i].id && by_word(p, parent, tail)) && !(p->js ? clike_js_member(p, parent, tail) : clike_member(p, parent, tail)))
            expression(p, parent, tail);
        p->level++;
    }
    p->level--;
    p->depth--;
}
