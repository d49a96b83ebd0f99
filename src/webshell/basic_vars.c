/* Variables, assignments and calls. */
#include "webshell/basic_inner.h"

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
void basic_redim(struct basic *p, struct ir *parent, struct ir **tail)
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

void basic_erase(struct basic *p, struct ir *parent, struct ir **tail)
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

void basic_simple(struct basic *p, struct ir *parent, struct ir **tail)
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
