/* Statements of VB.NET and VBScript, and the blocks they make. */
#include "webshell/basic_inner.h"

bool basic_at_end(const struct basic *p)
{
    if (p->t.kind == TOK_END || p->t.kind == TOK_EOL || p->t.kind == TOK_COLON)
        return true;
    if (p->t.kind == TOK_KEY)
        return p->t.key == K_ELSE || p->t.key == K_ELSEIF || p->t.key == K_END || p->t.key == K_NEXT || p->t.key == K_LOOP || p->t.key == K_WEND || p->t.key == K_ENDIF;
    return p->in_line && p->t.kind == TOK_MARK && (p->t.mark == ')' || p->t.mark == ',' || p->t.mark == '}');
}

void basic_skip(struct basic *p)
{
    while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && p->t.kind != TOK_COLON)
        basic_next(p);
}

/* Values in what was not understood, up to the end of the statement. */
static void values(struct basic *p, struct ir *n, struct ir **tail)
{
    while (!basic_at_end(p)) {
        size_t before = p->t.at;
        if (basic_begins(p))
            basic_hang(p, n, tail, basic_expr(p));
        if (p->t.at == before)
            basic_next(p);
    }
}

/* Behind a whole statement. A word there is read as the next statement, whose line end was lost; everything else for its values. */
void basic_leftover(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n, *last = NULL;

    if (basic_at_end(p))
        return;
    p->unread++;
    if (p->t.kind == TOK_NAME || (p->t.kind == TOK_KEY && !p->in_line))
        return;
    n = basic_gap(p);
    values(p, n, &last);
    if (n->kid)
        basic_hang(p, parent, tail, n);
}

/* What the token at hand ends; W_TOP: nothing. */
static enum basic_what ends(const struct basic *p)
{
    static const uint8_t after_end[K_KEYS] = {
        [K_IF] = W_IF, [K_SELECT] = W_SELECT, [K_WITH] = W_WITH, [K_WHILE] = W_WHILE, [K_TRY] = W_TRY, [K_USING] = W_USING, [K_SYNCLOCK] = W_SYNCLOCK, [K_SUB] = W_PROC,
        [K_FUNCTION] = W_PROC, [K_OPERATOR] = W_PROC, [K_GET] = W_ACCESSOR, [K_SET] = W_ACCESSOR, [K_ADDHANDLER] = W_ACCESSOR, [K_REMOVEHANDLER] = W_ACCESSOR,
        [K_RAISEEVENT] = W_ACCESSOR, [K_PROPERTY] = W_PROPERTY, [K_EVENT] = W_EVENT, [K_CLASS] = W_CLASS, [K_MODULE] = W_MODULE, [K_STRUCTURE] = W_STRUCTURE,
        [K_INTERFACE] = W_INTERFACE, [K_ENUM] = W_ENUM, [K_NAMESPACE] = W_NAMESPACE,
    };
    static const uint8_t alone[K_KEYS] = {
        [K_ELSE] = W_IF, [K_ELSEIF] = W_IF, [K_ENDIF] = W_IF, [K_CASE] = W_SELECT, [K_NEXT] = W_FOR, [K_LOOP] = W_DO, [K_WEND] = W_WHILE, [K_CATCH] = W_TRY, [K_FINALLY] = W_TRY,
    };

    if (p->t.kind != TOK_KEY)
        return W_TOP;
    if (p->t.key == K_END) {
        struct basic_tok t = basic_peek(p);
        return t.kind == TOK_KEY ? (enum basic_what)after_end[t.key] : W_TOP;
    }
    return (enum basic_what)alone[p->t.key];
}

void basic_end(struct basic *p, enum basic_what what)
{
    if (ends(p) != what)
        return;
    if (basic_is(p, K_END)) {
        basic_next(p);
        basic_next(p);
    } else if (basic_is(p, K_ENDIF) || basic_is(p, K_WEND)) {
        basic_next(p);
    }
}

static void statement(struct basic *p, struct ir *parent, struct ir **tail);

/* An end that nothing waits for. Else keeps what follows it. */
static void stray(struct basic *p)
{
    p->unread++;
    if (basic_is(p, K_END)) {
        basic_next(p);
        basic_next(p);
    } else if (basic_is(p, K_ELSE) || basic_is(p, K_ENDIF) || basic_is(p, K_WEND) || basic_is(p, K_FINALLY)) {
        basic_next(p);
    } else {
        basic_skip(p);
    }
}

void basic_block(struct basic *p, struct ir *parent, struct ir **tail, enum basic_what what)
{
    p->depth += 2;
    p->open[what]++;
    for (;;) {
        while (p->t.kind == TOK_COLON || (p->t.kind == TOK_EOL && what != W_LINE))
            basic_next(p);
        if (what == W_LINE && p->t.kind == TOK_EOL)
            break;
        if (p->t.kind == TOK_END) {
            p->unclosed |= what != W_TOP && what != W_LINE;
            break;
        }
        if (p->nexts && !p->open[W_FOR])
            p->nexts = 0;
        if (p->nexts)
            break;
        enum basic_what end = ends(p);
        if (end != W_TOP) {
            if (end == what || (what == W_LINE && (end == W_IF || p->open[end])))
                break;
            if (p->open[end]) {
                p->unread++;
                break;
            }
            stray(p);
            continue;
        }
        if (p->in_proc && what != W_LINE && basic_declares(p)) {
            p->unread++;
            break;
        }
        size_t   before = p->t.at;
        uint32_t tokens = p->tokens;
        if (!((what == W_PROPERTY || what == W_EVENT) && p->net && basic_accessor(p, parent, tail)))
            statement(p, parent, tail);
        if (p->t.at == before && p->tokens == tokens) {
            p->unread++;
            basic_next(p);
        }
    }
    p->open[what]--;
    p->depth -= 2;
}

void basic_body(struct basic *p, struct ir *parent, struct ir **tail, enum basic_what what)
{
    struct ir *block = basic_new(p, IR_BLOCK), *last = NULL;

    basic_block(p, block, &last, what);
    basic_hang(p, parent, tail, block);
}

void basic_line_statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *block = basic_new(p, IR_BLOCK), *last = NULL;

    p->depth += 2;
    statement(p, block, &last);
    p->depth -= 2;
    basic_hang(p, parent, tail, block);
}

/* ---- declarations of variables ---- */

/* Sizes of an array are values like any other: what is more than a number or name is evaluated before. */
static void sizes(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_gap(p), *last = NULL;
    bool       plain = true;

    basic_args(p, n, &last, true);
    for (const struct ir *k = n->kid; k; k = k->next)
        plain &= k->op == IR_NUMBER || k->op == IR_NAME || k->op == IR_UNARY || k->op == IR_VOID;
    if (!plain)
        basic_hang(p, parent, tail, n);
}

void basic_dims(struct basic *p, struct ir *parent, struct ir **tail, const struct ir *flags)
{
    struct ir *group = NULL;

    for (;;) {
        if (basic_is(p, K_WITHEVENTS))
            basic_next(p);
        if (!basic_word(&p->t)) {
            basic_leftover(p, parent, tail);
            return;
        }
        struct ir *n = basic_new(p, IR_LET), *last = NULL;
        n->sign = flags->sign;
        n->is_static = flags->is_static;
        n->is_public = flags->is_public;
        n->is_global = flags->is_global;
        n->text = p->t.text;
        basic_next(p);
        if (p->net && basic_mark(p, '?'))
            basic_next(p);
        while (basic_mark(p, '(')) {
            sizes(p, parent, tail);
            n->type = STR("[]");
        }
        group = group ? group : n;
        if (basic_is(p, K_AS)) {
            basic_next(p);
            if (basic_is(p, K_NEW)) {
                struct ir *made = basic_expr(p);
                n->type = made->text;
                basic_hang(p, n, &last, made);
            } else {
                struct str type = basic_type(p, true);
                while (basic_mark(p, '('))          /* Dim a As T(5): not of the language, but seen */
                    sizes(p, parent, tail);
                for (struct ir *k = group; k && k != &p->b->spare; k = k->next)
                    if (k->op == IR_LET)
                        k->type = k->type.n ? basic_array_of(p, type) : type;
                if (n->type.n == 0 || group != n)
                    n->type = n->type.n ? basic_array_of(p, type) : type;
            }
            group = NULL;
        }
        if (basic_mark(p, '=')) {
            basic_next(p);
            basic_more(p);
            basic_hang(p, n, &last, basic_expr(p));
            group = NULL;
        }
        basic_hang(p, parent, tail, n);
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    if (!basic_is(p, K_IMPLEMENTS))
        basic_leftover(p, parent, tail);
}

/* ReDim a(n) is a = New [](n); with Preserve what is in it stays, and only the sizes are kept. */
static void redim(struct basic *p, struct ir *parent, struct ir **tail)
{
    bool preserve;

    basic_next(p);
    preserve = basic_is(p, K_PRESERVE);
    if (preserve)
        basic_next(p);
    for (;;) {
        bool       call;
        struct ir *target, *size, *n, *n_tail = NULL;
        if (!basic_begins(p))
            break;
        target = basic_head(p, &call);
        if (basic_is(p, K_AS)) {
            basic_next(p);
            (void)basic_type(p, true);
        }
        size = basic_new(p, IR_NEW);
        size->text = STR("[]");
        if (target->op == IR_CALL && target->kid) {
            struct ir *arg = target->kid->next;
            target = target->kid;
            target->next = NULL;
            size->kid = arg;
            for (; arg; arg = arg->next)
                size->height = size->height <= arg->height ? (uint8_t)(arg->height + 1) : size->height;
        }
        n = basic_new(p, preserve ? IR_VOID : IR_ASSIGN);
        n->line = target->line ? target->line : 1;
        basic_hang(p, n, &n_tail, target);
        basic_hang(p, n, &n_tail, size);
        basic_hang(p, parent, tail, n);
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    basic_leftover(p, parent, tail);
}

static void erase(struct basic *p, struct ir *parent, struct ir **tail)
{
    do {
        bool       call;
        struct ir *n, *last = NULL, *null;
        basic_next(p);
        if (!basic_begins(p))
            break;
        n = basic_new(p, IR_ASSIGN);
        basic_hang(p, n, &last, basic_head(p, &call));
        null = basic_new(p, IR_LITERAL);
        null->text = STR("null");
        basic_hang(p, n, &last, null);
        basic_hang(p, parent, tail, n);
    } while (basic_mark(p, ','));
    basic_leftover(p, parent, tail);
}

/* ---- assignments and calls ---- */

static enum ir_sign compound(const struct basic *p)
{
    if (p->t.kind != TOK_MARK || p->t.end >= p->code.n || p->code.p[p->t.end] != '=')
        return SIGN_NONE;
    switch (p->t.mark) {
    case '+':      return SIGN_ADD;
    case '-':      return SIGN_SUB;
    case '*':      return SIGN_MUL;
    case '/':      return SIGN_DIV;
    case '\\':     return SIGN_INT_DIV;
    case '^':      return SIGN_POW;
    case '&':      return SIGN_JOIN;
    case MARK_SHL: return SIGN_SHL;
    case MARK_SHR: return SIGN_SHR;
    default:       return SIGN_NONE;
    }
}

static void assign(struct basic *p, struct ir *parent, struct ir **tail, struct ir *target, enum ir_sign sign)
{
    struct ir *n = basic_new(p, IR_ASSIGN), *last = NULL;

    n->sign = (uint8_t)sign;
    n->line = target->line ? target->line : n->line;
    basic_next(p);
    if (sign)
        basic_next(p);
    basic_more(p);
    basic_hang(p, n, &last, target);
    basic_hang(p, n, &last, basic_expr(p));
    basic_hang(p, parent, tail, n);
}

/* f (a) & b, c: what looked like a call was the first part of its argument. */
static void reread(struct basic *p, struct ir *call)
{
    struct ir *last = call->kid, *arg = last->next;

    last->next = NULL;
    basic_hang(p, call, &last, basic_rest(p, arg, 0));
    if (basic_mark(p, ',')) {
        basic_next(p);
        basic_args(p, call, &last, false);
    }
}

static void simple(struct basic *p, struct ir *parent, struct ir **tail)
{
    bool       call, hex;
    struct ir *head = basic_head(p, &call), *n, *last = NULL;

    hex = basic_mark(p, '&') && basic_begins(p) && p->t.blank;
    if (basic_mark(p, '=') || (compound(p) && !hex)) {
        assign(p, parent, tail, head, basic_mark(p, '=') ? SIGN_NONE : compound(p));
    } else if (head->op != IR_NAME && head->op != IR_MEMBER && head->op != IR_CALL) {
        /* A value on its own. */
        n = basic_at_end(p) ? head : basic_rest(p, head, 0);
        if (n->op == IR_TEXT || n->op == IR_NUMBER || n->op == IR_LITERAL || n->op == IR_BINARY) {
            struct ir *gap = basic_gap(p);
            basic_hang(p, gap, &last, n);
            p->unread++;
            n = gap;
        }
        basic_hang(p, parent, tail, n);
    } else if (call && !p->net && !basic_at_end(p)) {
        if (!basic_begins(p) || basic_mark(p, '-') || basic_mark(p, '+') || basic_mark(p, '&'))
            reread(p, head);
        basic_hang(p, parent, tail, head);
    } else if (head->op == IR_CALL) {
        if (!basic_at_end(p) && !p->net && basic_mark(p, ',')) {
            for (last = head->kid; last && last->next; last = last->next) { }
            basic_next(p);
            basic_args(p, head, &last, false);
        }
        basic_hang(p, parent, tail, head);
    } else {
        n = basic_new(p, IR_CALL);
        n->line = head->line ? head->line : n->line;
        basic_hang(p, n, &last, head);
        if (!basic_at_end(p) && (basic_begins(p) || basic_mark(p, ',')))
            basic_args(p, n, &last, false);
        basic_hang(p, parent, tail, n);
    }
    basic_leftover(p, parent, tail);
}

/* ---- blocks ---- */

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

/* ---- the rest ---- */

static void leave(struct basic *p, struct ir *parent, struct ir **tail, const char *text)
{
    struct ir *n = basic_new(p, IR_LEAVE);

    basic_next(p);
    n->text = str_c(text);
    if (!text && basic_word(&p->t)) {
        n->text = str_lower(p->b->a, p->t.text);
        p->b->full |= !n->text.p;
        basic_next(p);
    } else if (text && (basic_word(&p->t) || p->t.kind == TOK_NUMBER)) {
        basic_next(p);
    }
    basic_hang(p, parent, tail, n);
    basic_leftover(p, parent, tail);
}

static void on_error(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_ON_ERROR);

    basic_next(p);
    if (basic_word_is(p, "local"))
        basic_next(p);
    if (!basic_word_is(p, "error")) {
        basic_leftover(p, parent, tail);
        return;
    }
    basic_next(p);
    if (basic_is(p, K_RESUME)) {
        n->text = STR("resume next");
        basic_next(p);
        if (basic_is(p, K_NEXT))
            basic_next(p);
    } else if (basic_is(p, K_GOTO)) {
        basic_next(p);
        n->text = p->t.kind == TOK_NUMBER || basic_mark(p, '-') ? STR("goto 0") : STR("goto");
        if (basic_mark(p, '-'))
            basic_next(p);
        basic_next(p);
    }
    basic_hang(p, parent, tail, n);
    basic_leftover(p, parent, tail);
}

/* Return, Throw. Yield gives a value and goes on: a Return that may be. */
static void give(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, basic_is(p, K_THROW) ? IR_THROW : IR_RETURN), *last = NULL;
    bool       maybe = basic_is(p, K_YIELD);

    basic_next(p);
    if (!basic_at_end(p))
        basic_hang(p, n, &last, basic_expr(p));
    if (maybe) {
        struct ir *may = basic_new(p, IR_IF), *may_last = NULL;
        basic_hang(p, may, &may_last, basic_gap(p));
        basic_hang(p, may, &may_last, n);
        n = may;
    }
    basic_hang(p, parent, tail, n);
    basic_leftover(p, parent, tail);
}

/* AddHandler a.b, AddressOf c is a.b += c. */
static void handler(struct basic *p, struct ir *parent, struct ir **tail)
{
    struct ir *n = basic_new(p, IR_ASSIGN), *last = NULL;

    n->sign = basic_is(p, K_ADDHANDLER) ? SIGN_ADD : SIGN_SUB;
    basic_next(p);
    basic_hang(p, n, &last, basic_expr(p));
    if (basic_mark(p, ',')) {
        basic_next(p);
        basic_more(p);
        basic_hang(p, n, &last, basic_expr(p));
    }
    basic_hang(p, parent, tail, n);
    basic_leftover(p, parent, tail);
}

/* So deep that blocks are no longer made: their heads are read, their bodies go on in the block at hand. */
static void flat(struct basic *p, struct ir *parent, struct ir **tail)
{
    p->b->cut = true;
    basic_next(p);
    basic_leftover(p, parent, tail);
    if (basic_is(p, K_END) || basic_is(p, K_ELSE))
        basic_next(p);
}

static void key_statement(struct basic *p, struct ir *parent, struct ir **tail)
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

static bool makes_block(const struct basic *p)
{
    return p->t.kind == TOK_KEY && (p->t.key == K_IF || p->t.key == K_SELECT || p->t.key == K_FOR || p->t.key == K_DO || p->t.key == K_WHILE || p->t.key == K_WITH ||
                                    p->t.key == K_TRY || p->t.key == K_USING || p->t.key == K_SYNCLOCK);
}

static void statement(struct basic *p, struct ir *parent, struct ir **tail)
{
    if (p->t.kind == TOK_KEY) {
        struct basic_tok t = { .kind = TOK_END };
        if (basic_soft(&p->t)) {
            t = basic_peek(p);
            if (t.kind == TOK_MARK && (t.mark == '=' || t.mark == '.' || (t.mark == '(' && p->t.key != K_YIELD))) {
                simple(p, parent, tail);
                return;
            }
        }
        if (makes_block(p)) {
            if (p->depth + 8 >= BASIC_DEPTH_MAX)
                flat(p, parent, tail);
            else
                key_statement(p, parent, tail);
            return;
        }
        switch (p->t.key) {
        case K_SET: case K_LET: case K_CALL:
            basic_next(p);
            simple(p, parent, tail);
            return;
        case K_REDIM:    redim(p, parent, tail); return;
        case K_ERASE:    erase(p, parent, tail); return;
        case K_ON:       on_error(p, parent, tail); return;
        case K_EXIT:     leave(p, parent, tail, NULL); return;
        case K_CONTINUE: leave(p, parent, tail, "continue"); return;
        case K_GOTO:     leave(p, parent, tail, "goto"); return;
        case K_END:      leave(p, parent, tail, "end"); return;
        case K_RETURN: case K_THROW: case K_YIELD: give(p, parent, tail); return;
        case K_ADDHANDLER: case K_REMOVEHANDLER: handler(p, parent, tail); return;
        case K_RAISEEVENT:
            basic_next(p);
            simple(p, parent, tail);
            return;
        case K_AWAIT:
            basic_hang(p, parent, tail, basic_expr(p));
            basic_leftover(p, parent, tail);
            return;
        case K_OPTION: case K_RESUME:
            basic_next(p);
            while (p->t.kind != TOK_END && p->t.kind != TOK_EOL && p->t.kind != TOK_COLON)
                basic_next(p);
            return;
        default:
            break;
        }
        if (basic_declaration(p, parent, tail))
            return;
        if (!basic_begins(p)) {
            p->unread++;
            basic_next(p);
            basic_leftover(p, parent, tail);
            return;
        }
    } else if (p->t.kind == TOK_NAME && p->net && p->t.end < p->code.n && p->code.p[p->t.end] == ':') {
        struct basic_tok t = basic_peek(p);
        if (t.kind == TOK_COLON) {      /* a label */
            basic_next(p);
            return;
        }
    } else if (p->t.kind == TOK_NUMBER && p->t.end < p->code.n && p->code.p[p->t.end] == ':') {
        basic_next(p);
        return;
    } else if (basic_mark(p, '<') || basic_mark(p, '-') || basic_mark(p, MARK_NE)) {
        /* <!-- and --> around a script block say nothing. */
        struct str rest = str_from(p->code, p->t.at);
        if (str_starts(rest, STR("<!--")) || str_starts(rest, STR("-->"))) {
            while (p->t.kind != TOK_END && p->t.kind != TOK_EOL)
                basic_next(p);
            return;
        }
        if (p->net && basic_mark(p, '<')) {
            basic_attributes(p, parent, tail);
            return;
        }
    }
    if (!basic_begins(p)) {
        basic_leftover(p, parent, tail);
        return;
    }
    simple(p, parent, tail);
}
