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
        if (what == W_LINE && (p->t.kind == TOK_EOL || (p->in_line && basic_at_end(p) && p->t.kind == TOK_MARK)))
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
                basic_simple(p, parent, tail);
                return;
            }
        }
        if (makes_block(p)) {
            if (p->depth + 8 >= BASIC_DEPTH_MAX)
                flat(p, parent, tail);
            else
                basic_compound(p, parent, tail);
            return;
        }
        switch (p->t.key) {
        case K_SET: case K_LET: case K_CALL:
            basic_next(p);
            basic_simple(p, parent, tail);
            return;
        case K_REDIM:    basic_redim(p, parent, tail); return;
        case K_ERASE:    basic_erase(p, parent, tail); return;
        case K_ON:       on_error(p, parent, tail); return;
        case K_EXIT:     leave(p, parent, tail, NULL); return;
        case K_CONTINUE: leave(p, parent, tail, "continue"); return;
        case K_GOTO:     leave(p, parent, tail, "goto"); return;
        case K_END:      leave(p, parent, tail, "end"); return;
        case K_RETURN: case K_THROW: case K_YIELD: give(p, parent, tail); return;
        case K_ADDHANDLER: case K_REMOVEHANDLER: handler(p, parent, tail); return;
        case K_RAISEEVENT:
            basic_next(p);
            basic_simple(p, parent, tail);
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
    basic_simple(p, parent, tail);
}
