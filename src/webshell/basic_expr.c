/* Operators by level, and chains of members, calls and indexes. */
#include "webshell/basic_inner.h"

struct level { uint8_t level, sign; };

static struct level level_of(const struct basic *p)
{
    static const struct level mark[256] = {
        ['='] = { L_COMPARE, SIGN_EQ }, ['<'] = { L_COMPARE, SIGN_LT }, ['>'] = { L_COMPARE, SIGN_GT }, [MARK_NE] = { L_COMPARE, SIGN_NE }, [MARK_LE] = { L_COMPARE, SIGN_LE },
        [MARK_GE] = { L_COMPARE, SIGN_GE }, [MARK_SHL] = { L_SHIFT, SIGN_SHL }, [MARK_SHR] = { L_SHIFT, SIGN_SHR }, ['&'] = { L_JOIN, SIGN_JOIN }, ['+'] = { L_ADD, SIGN_ADD },
        ['-'] = { L_ADD, SIGN_SUB }, ['\\'] = { L_INT_DIV, SIGN_INT_DIV }, ['*'] = { L_MUL, SIGN_MUL }, ['/'] = { L_MUL, SIGN_DIV }, ['^'] = { L_POW, SIGN_POW },
    };
    static const struct level key[K_KEYS] = {
        [K_IMP] = { L_IMP, SIGN_OR }, [K_EQV] = { L_EQV, SIGN_EQ }, [K_XOR] = { L_XOR, SIGN_XOR }, [K_OR] = { L_OR, SIGN_BIT_OR }, [K_ORELSE] = { L_OR, SIGN_OR },
        [K_AND] = { L_AND, SIGN_BIT_AND }, [K_ANDALSO] = { L_AND, SIGN_AND }, [K_IS] = { L_COMPARE, SIGN_IS }, [K_ISNOT] = { L_COMPARE, SIGN_IS },
        [K_LIKE] = { L_COMPARE, SIGN_LIKE }, [K_MOD] = { L_MOD, SIGN_MOD },
    };
    return p->t.kind == TOK_MARK ? mark[p->t.mark] : p->t.kind == TOK_KEY ? key[p->t.key] : (struct level){ L_NONE, SIGN_NONE };
}

uint8_t basic_sign(const struct basic *p) { return level_of(p).sign; }

/* name := value */
static bool named(const struct basic *p)
{
    if (!p->net || !basic_word(&p->t))
        return false;
    struct basic_tok t = basic_peek(p);
    return t.kind == TOK_MARK && t.mark == MARK_SET;
}

void basic_args(struct basic *p, struct ir *call, struct ir **tail, bool bracket_)
{
    if (bracket_) {
        if (p->depth >= BASIC_DEPTH_MAX) {
            basic_hang(p, call, tail, basic_flat(p));
            return;
        }
        basic_next(p);
        basic_more(p);
    }
    p->depth++;
    for (bool first = true;; first = false) {
        if (basic_mark(p, ',')) {
            basic_hang(p, call, tail, basic_gap(p));
        } else if (named(p)) {
            struct ir *set = basic_leaf(p, IR_SET, p->t.text), *last = NULL;
            basic_next(p);
            basic_more(p);
            basic_hang(p, set, &last, basic_expr(p));
            basic_hang(p, call, tail, set);
        } else if (basic_begins(p)) {
            basic_hang(p, call, tail, basic_expr(p));
            if (p->net && basic_is(p, K_TO)) {          /* Dim a(0 To 5) */
                basic_next(p);
                basic_hang(p, call, tail, basic_expr(p));
            }
        } else if (!first && !(bracket_ && basic_mark(p, ')'))) {
            p->unread++;
        }
        if (bracket_)
            basic_closing(p, ')');
        if (!basic_mark(p, ','))
            break;
        basic_next(p);
        basic_more(p);
    }
    p->depth--;
    if (bracket_) {
        basic_closing(p, ')');
        if (basic_mark(p, ')'))
            basic_next(p);
        else
            p->unread++;
    }
}

/* The part behind a dot or !, the mark at hand. NULL: nothing there. */
static struct ir *member(struct basic *p, struct ir *of)
{
    bool       bang = basic_mark(p, '!'), angle = false;
    struct ir *n, *tail = NULL;

    basic_next(p);
    if (!bang)
        basic_more(p);
    while (p->net && (basic_mark(p, '@') || basic_mark(p, '<') || basic_mark(p, '.'))) {  /* x.@a, x.<a>, x...<a> */
        angle = basic_mark(p, '<');
        basic_next(p);
    }
    if (!basic_word(&p->t)) {
        p->unread++;
        return NULL;
    }
    p->escaped += p->t.escaped;
    n = basic_new(p, bang ? IR_CALL : IR_MEMBER);
    basic_hang(p, n, &tail, of);
    if (bang) {
        basic_hang(p, n, &tail, basic_leaf(p, IR_TEXT, p->t.text));
    } else {
        n->escaped = p->t.escaped;
        n->text = p->t.text;
        basic_next(p);
    }
    while (angle && p->t.kind != TOK_END && p->t.kind != TOK_EOL && !basic_mark(p, '>'))     /* x.<a:b> */
        basic_next(p);
    if (angle && basic_mark(p, '>'))
        basic_next(p);
    return n;
}

/* Members, calls and indexes behind a value. *ret_call: the last of them is a call with one value. */
static struct ir *suffixes(struct basic *p, struct ir *n, bool head, bool *ret_call)
{
    struct ir *all = NULL, *all_tail = NULL;    /* when the chain is too long to go deeper: its parts, side by side */

    *ret_call = false;
    for (;;) {
        struct ir *made, *tail = NULL;
        if (p->net && basic_mark(p, '?')) {
            struct basic_tok t = basic_peek(p);
            if (t.kind != TOK_MARK || (t.mark != '.' && t.mark != '(' && t.mark != '!'))
                break;
            basic_next(p);
        }
        if (!all && n->height >= BASIC_CHAIN_MAX) {
            all = basic_gap(p);
            basic_hang(p, all, &all_tail, n);
            n = all;
        }
        if (basic_mark(p, '(')) {
            struct basic_tok t = basic_peek(p);
            if (p->net && t.kind == TOK_KEY && t.key == K_OF) {
                basic_skip_brackets(p);
                continue;
            }
            if (all) {
                basic_args(p, all, &all_tail, true);
                *ret_call = false;
                continue;
            }
            made = basic_new(p, IR_CALL);
            made->line = n->line ? n->line : made->line;
            basic_hang(p, made, &tail, n);
            basic_args(p, made, &tail, true);
            *ret_call = made->kid && made->kid->next && !made->kid->next->next && made->kid->next->op != IR_SET;
            n = made;
        } else if (basic_mark(p, '.') || basic_mark(p, '!')) {
            /* `f .x` as a statement below With passes the member on; everywhere else it is a member of f. */
            if (head && p->t.blank && p->open[W_WITH] && n->op != IR_WITH_OBJECT && p->t.end < p->code.n && !ch_space(p->code.p[p->t.end]))
                break;
            made = member(p, all ? NULL : n);
            if (!made)
                break;
            *ret_call = false;
            if (!all)
                n = made;
        } else {
            break;
        }
    }
    return n;
}

struct ir *basic_suffixes(struct basic *p, struct ir *n)
{
    bool call;
    return suffixes(p, n, false, &call);
}

struct ir *basic_head(struct basic *p, bool *ret_call)
{
    return suffixes(p, basic_primary(p), true, ret_call);
}

static struct ir *unary(struct basic *p)
{
    enum ir_sign sign = SIGN_NONE;
    unsigned     level = L_NEG;

    if (basic_is(p, K_NOT)) {
        sign = SIGN_NOT;
        level = L_NOT;
    } else if (basic_mark(p, '-')) {
        sign = SIGN_NEG;
    } else if (!basic_mark(p, '+') && !basic_is(p, K_ADDRESSOF) && !basic_is(p, K_BYVAL)) {
        if (!basic_is(p, K_AWAIT))
            return basic_suffixes(p, basic_primary(p));
        struct basic_tok t = basic_peek(p);
        if (t.kind != TOK_NAME && !(t.kind == TOK_KEY && !basic_soft(&t)))
            return basic_suffixes(p, basic_primary(p));
    }
    struct ir *n = sign ? basic_new(p, IR_UNARY) : NULL, *tail = NULL, *x;
    uint8_t    kind = p->t.kind, key = p->t.key, mark = p->t.mark;
    bool       odd = false;
    do {                                                /* - - a is a, and Not Not a too */
        odd = !odd;
        basic_next(p);
        basic_more(p);
    } while (sign && p->t.kind == kind && p->t.key == key && p->t.mark == mark);
    if (p->depth >= BASIC_DEPTH_MAX)
        return basic_flat(p);
    p->depth++;
    x = basic_rest(p, NULL, level);
    p->depth--;
    if (kind == TOK_KEY && key == K_ADDRESSOF && x != &p->b->spare && (x->op == IR_NAME || x->op == IR_MEMBER))
        x->after = true;
    if (!n || !odd)
        return x;
    n->sign = (uint8_t)sign;
    basic_hang(p, n, &tail, x);
    return n;
}

struct ir *basic_rest(struct basic *p, struct ir *left, unsigned min)
{
    struct ir *chain = NULL, *tail = NULL;     /* what may still grow: a joining, or what holds the parts of a chain that is too long */

    if (!left)
        left = unary(p);
    if (left == p->chain && left != &p->b->spare) {         /* (a & b) & c goes on with what stands in the bracket */
        chain = left;
        tail  = p->chain_tail;
    }
    for (;;) {
        struct level l = level_of(p);
        bool         isnt = basic_is(p, K_ISNOT), imp = basic_is(p, K_IMP), lt = basic_mark(p, '<'), gt = basic_mark(p, '>');
        struct ir   *right;
        if (l.level == L_NONE || l.level < min)
            break;
        basic_next(p);
        /* `< >`, `> =`, `< =` with blanks between. */
        if ((lt || gt) && (basic_mark(p, '=') || (lt && basic_mark(p, '>')))) {
            l.sign = basic_mark(p, '>') ? SIGN_NE : lt ? SIGN_LE : SIGN_GE;
            basic_next(p);
        }
        basic_more(p);
        if (p->depth >= BASIC_DEPTH_MAX) {
            right = basic_flat(p);
        } else {
            p->depth++;
            right = basic_rest(p, NULL, l.level + 1u);
            p->depth--;
        }
        if (chain && left == chain && ((chain->op == IR_BINARY && chain->sign == l.sign) || chain->op == IR_VOID)) {
            basic_hang(p, chain, &tail, right);
            continue;
        }
        chain = tail = NULL;
        if (left->height >= BASIC_CHAIN_MAX) {
            chain = basic_gap(p);
            basic_hang(p, chain, &tail, left);
            basic_hang(p, chain, &tail, right);
            left = chain;
        } else if (imp) {
            left = basic_pair(p, IR_BINARY, SIGN_OR, basic_pair(p, IR_UNARY, SIGN_NOT, left, NULL), right);
        } else {
            left = basic_pair(p, IR_BINARY, l.sign, left, right);
            if (l.sign == SIGN_ADD || l.sign == SIGN_JOIN) {
                chain = left;
                tail = left->kid ? left->kid->next ? left->kid->next : left->kid : NULL;
            }
            if (isnt)
                left = basic_pair(p, IR_UNARY, SIGN_NOT, left, NULL);
        }
    }
    if (chain && left == chain) {
        p->chain = chain;
        p->chain_tail = tail;
    }
    return left;
}

struct ir *basic_expr(struct basic *p)
{
    return basic_rest(p, NULL, L_IMP);
}
