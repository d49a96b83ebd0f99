#include "webshell/razor.h"

#include "base/num.h"

/* What opens a block and what closes it. */
static const struct block { struct str word, end, last; enum { OWN, FUNCTIONS, STATEMENT } kind; } block[] = {
    { STR_INIT("code"), STR_INIT("end"), STR_INIT("code"), OWN },               { STR_INIT("functions"), STR_INIT("end"), STR_INIT("functions"), FUNCTIONS },
    { STR_INIT("helper"), STR_INIT("end"), STR_INIT("helper"), FUNCTIONS },     { STR_INIT("if"), STR_INIT("end"), STR_INIT("if"), STATEMENT },
    { STR_INIT("for"), STR_INIT("next"), STR_INIT(""), STATEMENT },             { STR_INIT("while"), STR_INIT("end"), STR_INIT("while"), STATEMENT },
    { STR_INIT("do"), STR_INIT("loop"), STR_INIT(""), STATEMENT },              { STR_INIT("select"), STR_INIT("end"), STR_INIT("select"), STATEMENT },
    { STR_INIT("using"), STR_INIT("end"), STR_INIT("using"), STATEMENT },       { STR_INIT("try"), STR_INIT("end"), STR_INIT("try"), STATEMENT },
    { STR_INIT("with"), STR_INIT("end"), STR_INIT("with"), STATEMENT },         { STR_INIT("synclock"), STR_INIT("end"), STR_INIT("synclock"), STATEMENT },
};

static const struct block *block_of(struct str word)
{
    for (size_t i = 0; i < COUNT_OF(block); i++)
        if (str_ieq(word, block[i].word))
            return &block[i];
    return NULL;
}

static struct str word_at(struct str t, size_t at)
{
    size_t end = at;
    while (end < t.n && (ch_alnum(t.p[end]) || t.p[end] == '_'))
        end++;
    return str_sub(t, at, end);
}
static size_t spaces(struct str t, size_t at)
{
    while (at < t.n && (t.p[at] == ' ' || t.p[at] == '\t' || t.p[at] == '\r'))
        at++;
    return at;
}

bool razor_word_vb(struct razor *r, size_t at, struct str word, size_t *ret)
{
    static const char *const line[] = { "modeltype", "inherits", "layout", "sessionstate", "option" };
    struct str          t = r->t;
    size_t              in = at + word.n, end = razor_line_end(t, in);
    const struct block *b = block_of(word);

    if (b) {
        struct frame *f = razor_push(r, FRAME_CODE);
        if (f) {
            f->word  = b->word;
            f->from  = b->kind == STATEMENT ? at : in;
            f->bare  = b->kind != STATEMENT;
            f->depth = 1;
            f->start = false;
            if (b->kind == FUNCTIONS)
                f->unit = UNIT_MEMBERS;
            if (str_ieq(word, STR("helper")))
                cutter_text(r->k, UNIT_MEMBERS, IR_UNKNOWN, PIECE_RAW, STR("Sub "), cutter_line(r->k, at), false);
        }
        *ret = in;
        return true;
    }
    if (str_ieq(word, STR("imports"))) {
        struct str name = str_trim(str_sub(t, in, end));
        if (name.n)
            cutter_text(r->k, UNIT_FILE, IR_UNKNOWN, PIECE_IMPORT, name, cutter_line(r->k, at), false);
        *ret = end;
        return true;
    }
    if (str_ieq(word, STR("section"))) {
        *ret = end;
        return true;
    }
    for (size_t i = 0; i < COUNT_OF(line); i++)
        if (str_ieq_c(word, line[i])) {
            razor_directive(r, in, word, end);
            *ret = end;
            return true;
        }
    /* End Section of markup is nothing that is written. */
    if (str_ieq(word, STR("end"))) {
        *ret = end;
        return true;
    }
    return false;
}

static size_t end_code(struct razor *r, struct frame *f, size_t to, size_t at)
{
    bool helper = str_eq(f->word, STR("helper"));

    razor_flush(r, f, to);
    if (helper)
        cutter_text(r->k, UNIT_MEMBERS, IR_UNKNOWN, PIECE_CODE, STR("End Sub"), cutter_line(r->k, at), false);
    r->depth--;
    razor_top(r)->from = at;
    return at;
}

/* The start of a line: does the block end here, or another one of its kind begin? */
static bool line_starts(struct razor *r, struct frame *f, size_t at, size_t *ret)
{
    struct str          t = r->t, word = word_at(t, at);
    const struct block *b = block_of(f->word);
    size_t              end = razor_line_end(t, at);

    if (!b || word.n == 0)
        return false;
    if (str_ieq(word, b->end)) {
        size_t     next = spaces(t, at + word.n);
        struct str last = word_at(t, next);
        if (b->last.n && !str_ieq(last, b->last))
            return false;
        if (f->depth > 1) {
            f->depth--;
            return false;
        }
        *ret = b->last.n ? next + last.n : end;
        *ret = end_code(r, f, f->bare ? at : *ret, *ret);
        return true;
    }
    if (str_ieq(word, b->word)) {
        struct str rest = str_trim(str_sub(t, at, end));
        if (!str_eq(b->word, STR("if")) || str_iends(rest, STR("then")))
            f->depth++;
    }
    return false;
}

size_t razor_code_vb(struct razor *r, size_t at)
{
    struct frame *f = razor_top(r);
    struct str    t = r->t;

    if (f->start) {
        at = razor_blanks(t, at);
        if (at >= t.n)
            return t.n;
        size_t next;
        f->start = false;
        if (line_starts(r, f, at, &next))
            return next;
        if (t.p[at] == '@' && at + 1 < t.n) {
            uint8_t d = t.p[at + 1];
            if (d == '<' || d == ':')
                return razor_markup(r, f, at + (d == '<' ? 1u : 2u), at, d == ':', false);
            struct str word = word_at(t, at + 1);
            razor_flush(r, f, at);
            f->from = at + 1;
            if (d == '*') {
                size_t end = str_find(str_from(t, at + 2), STR("*@"));
                return f->from = end == STR_NONE ? t.n : at + 2 + end + 2;
            }
            if (block_of(word)) {
                f->start = true;
                return at + 1;
            }
            if (d == '(' || word.n)
                f->from = razor_value(r, at + 1, d == '(');
            return f->from;
        }
    }
    uint8_t c = t.p[at];
    if (c == '\n') {
        f->start = true;
        return at + 1;
    }
    if (c == '@' && at + 1 < t.n && t.p[at + 1] == '<')
        return razor_markup(r, f, at + 1, at, false, true);
    /* @Code Dim x = 1 End Code in one line. */
    if (f->bare && ch_lower(c) == 'e' && at && ch_space(t.p[at - 1]) && str_ieq(word_at(t, at), STR("end"))) {
        size_t next;
        if (line_starts(r, f, at, &next))
            return next;
    }
    return razor_token(r, at);
}
