#include "webshell/razor.h"

#include "base/num.h"

#include <string.h>

static bool word_byte(uint8_t c) { return ch_alnum(c) || c == '_' || c >= 0x80; }

size_t razor_blanks(struct str t, size_t at)
{
    while (at < t.n && ch_space(t.p[at]))
        at++;
    return at;
}

size_t razor_line_end(struct str t, size_t at)
{
    size_t n = str_chr(str_from(t, at), '\n');
    return n == STR_NONE ? t.n : at + n;
}

struct frame *razor_push(struct razor *r, enum frame_kind kind)
{
    if (r->depth == RAZOR_DEPTH_MAX) {
        r->k->c->cut = true;
        return NULL;
    }
    struct frame *f = &r->frame[r->depth++];
    *f = (struct frame){ .kind = (uint8_t)kind, .unit = UNIT_RENDER, .start = true };
    if (r->depth > 1) {
        f->unit     = f[-1].unit;
        f->template = f[-1].template;
    }
    return f;
}

static size_t text_end(struct str t, size_t at, bool verbatim)
{
    uint8_t q = t.p[at];

    for (size_t i = at + 1; i < t.n; i++) {
        uint8_t c = t.p[i];
        if (c == q) {
            if (!verbatim || i + 1 >= t.n || t.p[i + 1] != q)
                return i + 1;
            i++;
        } else if (c == '\\' && !verbatim) {
            i++;
        } else if (c == '\n' && !verbatim) {
            return i;
        }
    }
    return t.n;
}

size_t razor_token(const struct razor *r, size_t at)
{
    struct str t = r->t;
    uint8_t    c = t.p[at], d = at + 1 < t.n ? t.p[at + 1] : 0, e = at + 2 < t.n ? t.p[at + 2] : 0;

    if (r->vb) {
        if (c == '"')
            return text_end(t, at, true);
        return c == '\'' ? razor_line_end(t, at) : at + 1;
    }
    if (c == '"')
        return text_end(t, at, false);
    if ((c == '@' || c == '$') && d == '"')
        return text_end(t, at + 1, c == '@');
    if ((c == '@' || c == '$') && (d == '@' || d == '$') && e == '"')
        return text_end(t, at + 2, true);
    if (c == '/' && d == '/')
        return razor_line_end(t, at);
    if (c == '/' && d == '*') {
        size_t end = str_find(str_from(t, at + 2), STR("*/"));
        return end == STR_NONE ? t.n : at + 2 + end + 2;
    }
    if (c == '\'') {
        struct str s = str_sub(t, at + 1 + (d == '\\' ? 2u : 1u), at + 12);
        size_t     end = str_chr(s, '\'');
        return end == STR_NONE || str_chr(str_sub(t, at, at + 12), '\n') < end ? at + 1 : (size_t)(s.p - t.p) + end + 1;
    }
    return at + 1;
}

void razor_flush(struct razor *r, struct frame *f, size_t to)
{
    if (to > f->from)
        cutter_code(r->k, f->unit, IR_UNKNOWN, f->template ? PIECE_RAW : PIECE_CODE, f->from, to, false);
    f->from = to;
}

/* The bracket that closes the one at `at`: behind it, or the end of the text. */
static size_t bracket_end(const struct razor *r, size_t at)
{
    size_t depth = 0;

    for (size_t i = at; i < r->t.n;) {
        uint8_t c = r->t.p[i];
        if (c == '(' || c == '[') {
            depth++;
        } else if ((c == ')' || c == ']') && --depth == 0) {
            return i + 1;
        }
        i = razor_token(r, i);
    }
    return r->t.n;
}

static size_t word_end(struct str t, size_t at)
{
    while (at < t.n && word_byte(t.p[at]))
        at++;
    return at;
}

size_t razor_value(struct razor *r, size_t at, bool explicit)
{
    struct str    t = r->t;
    struct frame *f = razor_top(r);
    size_t        end = explicit ? bracket_end(r, at) : word_end(t, at);

    if (!explicit && str_eq(str_sub(t, at, end), STR("await")))
        end = word_end(t, razor_blanks(t, end));
    while (!explicit && end < t.n) {
        uint8_t c = t.p[end], d = end + 1 < t.n ? t.p[end + 1] : 0;
        if (c == '(' || c == '[')
            end = bracket_end(r, end);
        else if (c == '.' && (ch_alpha(d) || d == '_' || d >= 0x80))
            end = word_end(t, end + 1);
        else if (c == '?' && (d == '.' || d == '[') && end + 2 < t.n)
            end += d == '.' ? 2 : 1;
        else if (c == '!' && d == '.')
            end++;
        else
            break;
        if (c == '?' && d == '.')
            end = word_end(t, end);
    }
    if (f->template) {
        cutter_text(r->k, f->unit, IR_UNKNOWN, PIECE_RAW, STR(" + ("), cutter_line(r->k, at), false);
        cutter_code(r->k, f->unit, IR_UNKNOWN, PIECE_RAW, at, end, false);
        cutter_text(r->k, f->unit, IR_UNKNOWN, PIECE_RAW, STR(")"), cutter_line(r->k, end), false);
    } else {
        cutter_code(r->k, f->unit, IR_UNKNOWN, PIECE_EXPR, at, end, false);
    }
    return end > at ? end : at + 1;
}

void razor_directive(struct razor *r, size_t at, struct str word, size_t to)
{
    struct cutter *k = r->k;

    if (k->c->directive_n >= CONTAINER_ITEMS_MAX) {
        k->c->cut = true;
        return;
    }
    struct directive *d = GROW(k->a, k->c->directive, k->c->directive_n, &k->directive_cap);
    if (!d) {
        k->full = true;
        return;
    }
    *d = (struct directive){ word, str_trim(str_sub(r->t, at, to)), cutter_line(k, at) };
    k->c->directive_n++;
    if (str_ieq(word, STR("inherits")))
        k->c->inherits = d->text;
}

size_t razor_at(struct razor *r, size_t at)
{
    struct str t = r->t;
    size_t     in = at + 1;

    if (in >= t.n)
        return t.n;
    uint8_t c = t.p[in], before = at ? t.p[at - 1] : 0;
    if (c == '@')
        return at + 2;
    if (c == '*') {
        size_t end = str_find(str_from(t, in + 1), STR("*@"));
        return end == STR_NONE ? t.n : in + 1 + end + 2;
    }
    if (c == '(')
        return razor_value(r, in, true);
    if (c == '{' && !r->vb) {
        struct frame *f = razor_push(r, FRAME_CODE);
        if (f)
            f->from = in;
        return in;
    }
    if (c == ':' && r->depth > 1)
        return in + 1;
    /* user@host */
    if (!(ch_alpha(c) || c == '_' || c >= 0x80) || word_byte(before))
        return in;
    struct str word = str_sub(t, in, word_end(t, in));
    size_t     next;
    if (r->vb ? razor_word_vb(r, in, word, &next) : razor_word_cs(r, in, word, &next))
        return next;
    return razor_value(r, in, false);
}

static bool is_void(struct str name)
{
    static const char *const word[] = { "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr", "command", "keygen" };
    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (str_ieq_c(name, word[i]))
            return true;
    return false;
}

size_t razor_markup(struct razor *r, struct frame *f, size_t at, size_t from, bool line, bool template)
{
    razor_flush(r, f, from);
    f->start = true;
    struct frame *m = razor_push(r, line ? FRAME_LINE : FRAME_TAG);
    if (!m) {
        f->from = at;
        return at + 1;
    }
    if (template && !f->template)
        cutter_text(r->k, f->unit, IR_UNKNOWN, PIECE_RAW, STR("(null"), cutter_line(r->k, at), false);
    m->template = f->template || template;
    return at;
}

/* Back from markup to the code around it. */
static void pop_markup(struct razor *r, size_t at)
{
    bool template = razor_top(r)->template;

    r->depth--;
    struct frame *f = razor_top(r);
    f->from  = at;
    f->start = true;
    if (template && !f->template)
        cutter_text(r->k, f->unit, IR_UNKNOWN, PIECE_RAW, STR(")"), cutter_line(r->k, at), false);
}

static size_t tag_ends(struct razor *r, struct frame *f, size_t at)
{
    f->in_tag = false;
    if (f->empty)
        f->raw = RAW_NONE;
    /* Elements inside may be left open, or closed by another piece of code: only those of the first one's name count. */
    if (f->depth == 0 || f->same)
        f->depth = f->closing ? f->depth - (f->depth > 0) : f->depth + !f->empty;
    if (f->depth == 0)
        pop_markup(r, at);
    return at;
}

/* Markup inside code: one step. */
static size_t step_tag(struct razor *r, size_t at)
{
    static const struct str ends[] = { [RAW_SCRIPT] = STR_INIT("</script"), [RAW_STYLE] = STR_INIT("</style"), [RAW_COMMENT] = STR_INIT("-->") };
    struct str    t = r->t;
    struct frame *f = razor_top(r);
    uint8_t       c = t.p[at];

    if (c == '@')
        return razor_at(r, at);
    if (f->in_tag) {
        if (f->quote)
            f->quote = c == f->quote ? 0 : f->quote;
        else if (c == '"' || c == '\'')
            f->quote = c;
        else if (c == '>') {
            f->empty = f->empty || (at && t.p[at - 1] == '/');
            return tag_ends(r, f, at + 1);
        }
        return at + 1;
    }
    if (f->raw != RAW_NONE) {
        if (!str_istarts(str_from(t, at), ends[f->raw]))
            return at + 1;
        bool comment = f->raw == RAW_COMMENT;
        f->raw = RAW_NONE;
        if (comment) {
            if (f->depth == 0)
                pop_markup(r, at + 3);
            return at + 3;
        }
    }
    if (c != '<')
        return at + 1;
    uint8_t d = at + 1 < t.n ? t.p[at + 1] : 0;
    if (str_starts(str_from(t, at), STR("<!--"))) {
        f->raw = RAW_COMMENT;
        return at + 4;
    }
    if (!ch_alpha(d) && d != '/' && d != '!' && d != '?')
        return at + 1;
    f->in_tag  = true;
    f->quote   = 0;
    f->closing = d == '/';
    struct str name = str_sub(t, at + 1 + f->closing, word_end(t, at + 1 + f->closing));
    if (f->depth == 0)
        f->word = name;
    f->same  = str_ieq(name, f->word);
    f->empty = d == '!' || d == '?' || is_void(name);
    if (f->closing)
        return at + 1;
    if (str_ieq(name, STR("script")))
        f->raw = RAW_SCRIPT;
    else if (str_ieq(name, STR("style")))
        f->raw = RAW_STYLE;
    return at + 1;
}

void razor_read(struct cutter *k, bool vb)
{
    struct str    t = k->text;
    struct razor *r = NEW(k->a, struct razor, 1);

    k->c->language = vb ? IR_VBNET : IR_CSHARP;
    k->c->declared = true;
    if (!r) {
        k->full = true;
        return;
    }
    r->k  = k;
    r->t  = t;
    r->vb = vb;
    razor_push(r, FRAME_DOCUMENT);
    for (size_t at = 0; at < t.n && !k->full;) {
        struct frame *f = razor_top(r);
        size_t        p;
        switch ((enum frame_kind)f->kind) {
        case FRAME_DOCUMENT:
            p  = str_chr(str_from(t, at), '@');
            at = p == STR_NONE ? t.n : razor_at(r, at + p);
            break;
        case FRAME_LINE:
            if (t.p[at] == '@') {
                at = razor_at(r, at);
            } else {
                if (t.p[at] == '\n')
                    pop_markup(r, at);
                at++;
            }
            break;
        case FRAME_TAG:
            at = step_tag(r, at);
            break;
        case FRAME_CODE:
            at = vb ? razor_code_vb(r, at) : razor_code_cs(r, at);
            break;
        }
    }
    /* What is still open ends here. */
    for (; r->depth > 1; r->depth--) {
        struct frame *f = razor_top(r);
        if (f->kind == FRAME_CODE) {
            razor_flush(r, f, t.n);
            cutter_unclosed(k, f->unit, IR_UNKNOWN);
        }
        /* The code around markup that is open has nothing behind it. */
        if (f->kind != FRAME_CODE)
            f[-1].from = t.n;
    }
}
