/* Statements that hold blocks. */
#include "webshell/basic_inner.h"

static void negate(struct basic *p, struct ir *n, struct ir **tail, bool until)
{
    struct ir *cond = basic_expr(p);

    if (until) {
        struct ir *no = basic_new(p, IR_UNARY), *last = NULL;
        no->sign = SIGN_NOT;
        basic_hang(p, no, &last, cond);
        cond = no;
    }
    basic_hang(p, n, tail, cond);
}

static void condition(struct basic *p, struct ir *n, struct ir **tail)
{
    basic_next(p);
    basic_hang(p, n, tail, basic_expr(p));
    if (basic_is(p, K_THEN))
        basic_next(p);
    else if (!p->net || p->t.kind != TOK_EOL)
        p->unread++;
}

/*
 * If, with the arms of ElseIf below each other as far as BASIC_ARMS_MAX; more of them become the cases of a Select of True, which says the same.
 * On one line (`If a Then b : c Else d`) the line's end ends it.
 */
static void if_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir      *top = basic_new(p, IR_IF), *arm = top, *last = NULL, *many = NULL, *many_last = NULL;
    enum basic_what what;
    unsigned        arms = 1, else_n = 0;

    condition(p, top, &last);
    while (p->t.kind == TOK_COLON)              /* `Then:` alone on its line begins a block */
        basic_next(p);
    what = p->t.kind == TOK_EOL || p->t.kind == TOK_END ? W_IF : W_LINE;
    basic_body(p, top, &last, what);
    while (basic_is(p, K_ELSEIF) || basic_is(p, K_ELSE)) {
        bool       otherwise = basic_is(p, K_ELSE);
        struct ir *next, *next_last = NULL;
        if (else_n && what == W_LINE && p->open[W_LINE])
            break;                                      /* the Else of the If around, on the same line */
        if (otherwise && p->net && what == W_IF) {      /* Else If is ElseIf there */
            struct basic_tok t = basic_peek(p);
            if (t.kind == TOK_KEY && t.key == K_IF) {
                basic_next(p);
                otherwise = false;
            }
        }
        if (++arms > BASIC_ARMS_MAX && !many && !otherwise) {
            struct ir *yes = basic_new(p, IR_LITERAL);
            many = basic_new(p, IR_SELECT);
            yes->text = STR("true");
            basic_hang(p, many, &many_last, yes);
        }
        if (otherwise && else_n++) {
            p->unread++;
            if (!many && last)
                basic_hang(p, arm, &last, basic_gap(p));
        }
        if (!many && otherwise) {
            basic_next(p);
            if (what == W_LINE && p->t.kind == TOK_EOL && !p->open[W_LINE])
                what = W_IF;            /* If a Then b Else, and the rest below: seen */
            basic_body(p, arm, &last, what);
            continue;
        }
        next = basic_new(p, many ? IR_CASE : IR_IF);
        if (otherwise)
            basic_next(p);
        else
            condition(p, next, &next_last);
        basic_body(p, next, &next_last, what);
        if (many) {
            basic_hang(p, many, &many_last, next);
        } else {
            /* Hung at once: heights are put right below. */
            basic_hang(p, arm, &last, next);
            arm  = next;
            last = next_last;
        }
    }
    if (many)
        basic_hang(p, arm, &last, many);
    arms = arms < BASIC_ARMS_MAX + 2 ? arms : BASIC_ARMS_MAX + 2;
    top->height = top->height < UINT8_MAX - arms ? (uint8_t)(top->height + arms) : UINT8_MAX;
    basic_end(p, W_IF);
    basic_hang(p, parent, tail, top);
}

static void case_values(struct basic *p, struct ir *n, struct ir **tail)
{
    for (;;) {
        struct ir *range = NULL, *last = NULL, *v;
        if (basic_is(p, K_IS))
            basic_next(p);
        if (p->t.kind == TOK_MARK && (p->t.mark == '=' || p->t.mark == '<' || p->t.mark == '>' || p->t.mark == MARK_NE || p->t.mark == MARK_LE || p->t.mark == MARK_GE)) {
            bool equal = basic_mark(p, '=');
            basic_next(p);
            range = equal ? NULL : basic_gap(p);
        }
        v = basic_expr(p);
        if (basic_is(p, K_TO)) {
            range = range ? range : basic_gap(p);
            basic_hang(p, range, &last, v);
            basic_next(p);
            v = basic_expr(p);
        }
        if (range)
            basic_hang(p, range, &last, v);
        basic_hang(p, n, tail, range ? range : v);
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
}

static void select_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_SELECT), *last = NULL;

    basic_next(p);
    if (basic_is(p, K_CASE))
        basic_next(p);
    basic_hang(p, n, &last, basic_expr(p));
    basic_block(p, parent, tail, W_SELECT);
    while (basic_is(p, K_CASE)) {
        struct ir *arm = basic_new(p, IR_CASE), *arm_last = NULL;
        basic_next(p);
        if (basic_is(p, K_ELSE))
            basic_next(p);
        else
            case_values(p, arm, &arm_last);
        basic_body(p, arm, &arm_last, W_SELECT);
        basic_hang(p, n, &last, arm);
    }
    basic_end(p, W_SELECT);
    basic_hang(p, parent, tail, n);
}

/* Next, Next i, Next j, i. */
static void next_of(struct basic *p)
{
    if (p->nexts) {
        p->nexts--;
        return;
    }
    if (!basic_is(p, K_NEXT))
        return;
    basic_next(p);
    while (basic_word(&p->t) && !basic_at_end(p)) {
        bool call;
        if (!basic_begins(p))
            break;
        (void)basic_head(p, &call);
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        p->nexts++;
    }
}

static void for_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n, *last = NULL;
    bool       each;

    n = basic_new(p, IR_COUNT);
    basic_next(p);
    each = basic_is(p, K_EACH);
    if (each) {
        n->op = n == &p->b->spare ? n->op : IR_EACH;
        basic_next(p);
    }
    if (basic_word(&p->t)) {
        n->text = p->t.text;
        basic_next(p);
    }
    while (p->t.kind == TOK_MARK && (p->t.mark == '.' || p->t.mark == '(')) {    /* For Me.x = 1 To 2 */
        if (basic_mark(p, '('))
            basic_skip_brackets(p);
        else
            basic_next(p);
        if (basic_word(&p->t) && !basic_is(p, K_IN)) {
            n->text = p->t.text;
            basic_next(p);
        }
    }
    if (basic_is(p, K_AS)) {
        basic_next(p);
        n->type = basic_type(p, true);
    }
    if (each ? basic_is(p, K_IN) : basic_mark(p, '='))
        basic_next(p);
    else
        p->unread++;
    basic_more(p);
    basic_hang(p, n, &last, basic_expr(p));
    if (!each) {
        if (basic_is(p, K_TO)) {
            basic_next(p);
            basic_hang(p, n, &last, basic_expr(p));
        } else {
            p->unread++;
            basic_hang(p, n, &last, basic_gap(p));
        }
        if (basic_is(p, K_STEP)) {
            basic_next(p);
            basic_hang(p, n, &last, basic_expr(p));
        } else {
            basic_hang(p, n, &last, basic_gap(p));
        }
    }
    basic_body(p, n, &last, W_FOR);
    next_of(p);
    basic_hang(p, parent, tail, n);
}

static void do_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_LOOP), *last = NULL, *body = NULL, *body_last = NULL;

    basic_next(p);
    if (basic_is(p, K_WHILE) || basic_is(p, K_UNTIL)) {
        bool until = basic_is(p, K_UNTIL);
        basic_next(p);
        negate(p, n, &last, until);
        basic_body(p, n, &last, W_DO);
    } else {
        body = basic_new(p, IR_BLOCK);
        basic_block(p, body, &body_last, W_DO);
    }
    if (basic_is(p, K_LOOP)) {
        basic_next(p);
        if (basic_is(p, K_WHILE) || basic_is(p, K_UNTIL)) {
            bool until = basic_is(p, K_UNTIL);
            basic_next(p);
            if (body) {
                n->after = true;
                negate(p, n, &last, until);
            } else {
                p->unread++;
                negate(p, n, &last, until);
            }
        }
    }
    if (body) {
        if (!n->kid)
            basic_hang(p, n, &last, basic_gap(p));
        basic_hang(p, n, &last, body);
    }
    basic_hang(p, parent, tail, n);
}

static void while_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_LOOP), *last = NULL;

    basic_next(p);
    basic_hang(p, n, &last, basic_expr(p));
    basic_body(p, n, &last, W_WHILE);
    basic_end(p, W_WHILE);
    basic_hang(p, parent, tail, n);
}

static void with_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_WITH), *last = NULL;

    basic_next(p);
    basic_hang(p, n, &last, basic_expr(p));
    basic_body(p, n, &last, W_WITH);
    basic_end(p, W_WITH);
    basic_hang(p, parent, tail, n);
}

/* Using a As New T(..), b = c; Using x; SyncLock x. */
static void using_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    enum basic_what what = basic_is(p, K_USING) ? W_USING : W_SYNCLOCK;
    struct ir      *n = basic_new(p, IR_USING), *last = NULL;
    static const struct ir none = { 0 };

    basic_next(p);
    struct basic_tok t = basic_peek(p);
    if (what == W_USING && basic_word(&p->t) && ((t.kind == TOK_KEY && t.key == K_AS) || (t.kind == TOK_MARK && t.mark == '=')))
        basic_dims(p, n, &last, &none);
    else
        basic_hang(p, n, &last, basic_expr(p));
    while (basic_mark(p, ',')) {
        basic_next(p);
        basic_hang(p, n, &last, basic_expr(p));
    }
    basic_body(p, n, &last, what);
    basic_end(p, what);
    basic_hang(p, parent, tail, n);
}

static void try_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_TRY), *last = NULL;

    basic_next(p);
    basic_body(p, n, &last, W_TRY);
    while (basic_is(p, K_CATCH) || basic_is(p, K_FINALLY)) {
        struct ir *block = basic_new(p, IR_BLOCK), *block_last = NULL;
        bool       catch = basic_is(p, K_CATCH);
        basic_next(p);
        if (catch && basic_word(&p->t) && !basic_is(p, K_WHEN)) {
            struct ir *x = basic_leaf(p, IR_LET, p->t.text);
            x->sign = SIGN_IS;
            if (basic_is(p, K_AS)) {
                basic_next(p);
                x->type = basic_type(p, true);
            }
            basic_hang(p, block, &block_last, x);
        }
        if (catch && basic_is(p, K_WHEN)) {
            struct ir *when = basic_gap(p), *when_last = NULL;
            basic_next(p);
            basic_hang(p, when, &when_last, basic_expr(p));
            basic_hang(p, block, &block_last, when);
        }
        basic_block(p, block, &block_last, W_TRY);
        basic_hang(p, n, &last, block);
    }
    basic_end(p, W_TRY);
    basic_hang(p, parent, tail, n);
}

void basic_compound(struct basic *p, struct ir *parent, struct ir **tail)
{
    switch (p->t.key) {
    case K_IF:       if_statement(p, parent, tail); return;
    case K_SELECT:   select_statement(p, parent, tail); return;
    case K_FOR:      for_statement(p, parent, tail); return;
    case K_DO:       do_statement(p, parent, tail); return;
    case K_WHILE:    while_statement(p, parent, tail); return;
    case K_WITH:     with_statement(p, parent, tail); return;
    case K_TRY:      try_statement(p, parent, tail); return;
    case K_USING: case K_SYNCLOCK: using_statement(p, parent, tail); return;
    default: break;
    }
    basic_leftover(p, parent, tail);
}
