/* Literals of VB.NET with code in them: joined texts and XML; and queries, which are read like one. */
#include "webshell/basic_inner.h"

#include <string.h>

/* $"a{x,5:N2}b": the scanner stands behind the quote. */
struct ir *basic_joined(struct basic *p)
{
    struct ir     *n = basic_new(p, IR_BINARY), *tail = NULL;
    const uint8_t *c = p->code.p;
    size_t         at = p->t.end, end = p->code.n, holes = 0;

    n->sign = SIGN_JOIN;
    p->depth++;
    for (;;) {
        size_t     from = at;
        uint8_t   *out = NULL;
        size_t     out_n = 0;
        while (at < end && !(c[at] == '"' && !(at + 1 < end && c[at + 1] == '"')) && !(c[at] == '{' && !(at + 1 < end && c[at + 1] == '{')))
            at += (c[at] == '"' || c[at] == '{' || (c[at] == '}' && at + 1 < end && c[at + 1] == '}')) ? 2 : 1;
        if (at > end)
            at = end;
        if (at > from && !(out = TAKE(p->b->a, uint8_t, at - from)))
            p->b->full = true;
        for (size_t i = from; i < at && out; i++) {
            out[out_n++] = c[i];
            i += (c[i] == '"' || c[i] == '{' || c[i] == '}') && i + 1 < at && c[i + 1] == c[i];
        }
        if (out_n || !n->kid) {
            struct ir *piece = basic_new(p, IR_TEXT);
            piece->text = (struct str){ out, out_n };
            basic_hang(p, n, &tail, piece);
        }
        if (at >= end) {
            p->unclosed = true;
            p->unread++;
        }
        if (at >= end || c[at] == '"')
            break;
        p->lex.pos = at + 1;
        p->lex.ends = true;
        basic_next(p);
        basic_hang(p, n, &tail, basic_begins(p) && p->depth < BASIC_DEPTH_MAX ? basic_expr(p) : basic_gap(p));
        for (at = p->t.at; at < end && c[at] != '}' && c[at] != '"' && c[at] != '\n' && c[at] != '\r'; at++) { }
        if (at < end && c[at] == '}')
            at++;
        holes++;
        if (at < from + 1)      /* cannot be; a loop that does not move would be the end of us */
            break;
    }
    p->depth--;
    p->lex.pos = at < end ? at + 1 : end;
    p->lex.ends = true;
    basic_next(p);
    return holes || !n->kid ? n : n->kid;
}

/* <%= x %> within an XML literal, at its first byte. Gives what stands behind it. */
static size_t xml_hole(struct basic *p, size_t at, struct ir *v, struct ir **tail)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n;

    p->lex.pos  = at + 2 + (at + 2 < n && c[at + 2] == '=');
    p->lex.ends = true;
    basic_next(p);
    basic_more(p);
    if (basic_begins(p))
        basic_hang(p, v, tail, basic_expr(p));
    at = p->t.at > at + 2 ? p->t.at : at + 2;
    while (at + 1 < n && !(c[at] == '%' && c[at + 1] == '>'))
        at++;
    return at + 1 < n ? at + 2 : n;
}

/* <a>...</a> of VB.NET: what stands in <%= %> is kept. False: this is none, nothing taken. */
bool basic_xml(struct basic *p, struct ir **ret)
{
    const uint8_t *c = p->code.p;
    size_t         n = p->code.n, at = p->t.at, open = 0;
    struct ir     *v, *tail = NULL;
    bool           prolog;

    if (p->no_xml || p->depth >= BASIC_DEPTH_MAX || at + 2 >= n || !(ch_alpha(c[at + 1]) || c[at + 1] == '!' || c[at + 1] == '?' || (c[at + 1] == '<' && c[at + 2] == '%')))
        return false;
    v = basic_gap(p);
    p->depth++;
    do {
        while (at < n && c[at] != '<')
            at++;
        uint8_t next = at + 1 < n ? c[at + 1] : 0;
        prolog = str_starts(str_sub(p->code, at, n), STR("<?xml"));
        if (!next) {
            at = n;
        } else if (next == '%') {
            at = xml_hole(p, at, v, &tail);
        } else if (next == '!' || next == '?') {
            bool comment = n - at > 4 && memcmp(c + at, "<!--", 4) == 0;
            for (at += 2; at < n && !(c[at] == '>' && (!comment || (c[at - 1] == '-' && c[at - 2] == '-'))); at++) { }
            at += at < n;
        } else {
            uint8_t in = 0;
            for (at++; at < n && (in || c[at] != '>');) {
                if (c[at] == '<' && at + 1 < n && c[at + 1] == '%') {
                    at = xml_hole(p, at, v, &tail);
                    continue;
                }
                if (in ? c[at] == in : c[at] == '"' || c[at] == '\'')
                    in = in ? 0 : c[at];
                at++;
            }
            if (at < n) {
                if (next == '/')
                    open -= open > 0;
                else
                    open += c[at - 1] != '/';
                at++;
            }
        }
    } while (at < n && (open > 0 || prolog));
    p->depth--;
    if (open > 0 || at >= n) {
        p->no_xml = true;
        p->unclosed |= open > 0;
        p->unread += open > 0;
    }
    p->lex.pos  = at;
    p->lex.ends = true;
    basic_next(p);
    *ret = v;
    return true;
}

/* From x In a Where b Select c: what it runs over is what x stands for, then the parts in order. */
struct ir *basic_query(struct basic *p)
{
    static const char *const clause[] = { "from", "where", "select", "order", "by", "let", "join", "on", "equals", "into", "group", "skip", "take", "while", "distinct", "aggregate",
                                          "ascending", "descending", "in", "key" };
    struct ir *n = basic_gap(p), *tail = NULL;

    p->depth++;
    for (;;) {
        if (p->t.kind == TOK_EOL) {
            struct basic_tok t = basic_peek(p);
            bool             goes_on = false;
            for (size_t i = 0; i < COUNT_OF(clause) && basic_word(&t) && !goes_on; i++)
                goes_on = str_ieq_c(t.text, clause[i]);
            /* Select Case begins a statement. */
            if (goes_on && basic_word(&t) && str_ieq(t.text, STR("select"))) {
                struct basic_lex x = p->lex;
                (void)basic_scan(p, &x);
                t = basic_scan(p, &x);
                goes_on = !(t.kind == TOK_KEY && t.key == K_CASE);
            }
            if (!goes_on)
                break;
            basic_next(p);
        }
        bool ranges = basic_word_is(p, "from") || basic_word_is(p, "join") || basic_word_is(p, "let") || basic_word_is(p, "aggregate"), is = false;
        for (size_t i = 0; i < COUNT_OF(clause) && !is; i++)
            is = basic_word_is(p, clause[i]);
        if (is) {
            basic_next(p);
            basic_more(p);
            if (ranges && basic_word(&p->t)) {
                struct ir *x = basic_new(p, IR_LET), *last = NULL;
                x->text = p->t.text;
                basic_next(p);
                if (basic_is(p, K_AS)) {
                    basic_next(p);
                    x->type = basic_type(p, true);
                }
                if (basic_is(p, K_IN) || basic_mark(p, '=')) {
                    basic_next(p);
                    basic_more(p);
                    basic_hang(p, x, &last, basic_expr(p));
                }
                basic_hang(p, n, &tail, x);
            }
        } else if (basic_mark(p, ',')) {
            basic_next(p);
            basic_more(p);
        } else if (basic_begins(p)) {
            size_t before = p->t.at;
            basic_hang(p, n, &tail, basic_expr(p));
            if (p->t.at == before)
                break;
        } else {
            break;
        }
    }
    p->depth--;
    return n;
}
