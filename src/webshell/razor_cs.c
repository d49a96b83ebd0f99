#include "webshell/razor.h"

#include "base/num.h"

static bool one_of(struct str word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(word, str_c(list[i])))
            return true;
    return false;
}

static struct str word_at(struct str t, size_t at)
{
    size_t end = at;
    while (end < t.n && (ch_alnum(t.p[end]) || t.p[end] == '_'))
        end++;
    return str_sub(t, at, end);
}

static struct frame *code(struct razor *r, size_t from, bool statement)
{
    struct frame *f = razor_push(r, FRAME_CODE);
    if (f) {
        f->from      = from;
        f->statement = statement;
    }
    return f;
}

bool razor_word_cs(struct razor *r, size_t at, struct str word, size_t *ret)
{
    static const char *const statement[] = { "if", "for", "foreach", "while", "switch", "lock", "do", "try" };
    static const char *const line[] = { "model", "inherits", "layout", "sessionstate", "addTagHelper", "removeTagHelper", "tagHelperPrefix", "page", "inject",
                                        "namespace", "attribute", "implements", "typeparam", "preservewhitespace", "rendermode" };
    struct str    t = r->t;
    size_t        in = at + word.n, next = razor_blanks(t, in), end;
    uint8_t       c = next < t.n ? t.p[next] : 0;
    struct frame *f;

    if (one_of(word, statement, COUNT_OF(statement)) || (str_eq(word, STR("using")) && c == '(') ||
        (str_eq(word, STR("await")) && str_eq(word_at(t, next), STR("foreach")))) {
        if ((f = code(r, at, true)))
            f->loop = str_eq(word, STR("do"));
        *ret = in;
        return true;
    }
    if (str_eq(word, STR("using"))) {
        end = razor_line_end(t, in);
        struct str name = str_trim(str_sub(t, in, end));
        while (name.n && name.p[name.n - 1] == ';')
            name.n--;
        if (name.n)
            cutter_text(r->k, UNIT_FILE, IR_UNKNOWN, PIECE_IMPORT, name, cutter_line(r->k, at), false);
        *ret = end;
        return true;
    }
    if ((str_eq(word, STR("functions")) || str_eq(word, STR("code"))) && c == '{') {
        if ((f = code(r, next + 1, false))) {
            f->unit   = UNIT_MEMBERS;
            f->bare   = f->opened = true;
            f->depth  = 1;
        }
        *ret = next + 1;
        return true;
    }
    if (str_eq(word, STR("helper")) && word_at(t, next).n) {
        if ((f = code(r, next, false))) {
            f->unit = UNIT_MEMBERS;
            cutter_text(r->k, UNIT_MEMBERS, IR_UNKNOWN, PIECE_RAW, STR("object "), cutter_line(r->k, at), false);
        }
        *ret = next;
        return true;
    }
    if (str_eq(word, STR("section")) && word_at(t, next).n) {
        next = razor_blanks(t, next + word_at(t, next).n);
        *ret = next < t.n && t.p[next] == '{' ? next + 1 : next;
        return true;
    }
    /* A variable may have the name of a directive: those stand at the start of a line, and a name follows. */
    if (one_of(word, line, COUNT_OF(line)) && c != '.' && c != '(' && c != '=') {
        size_t b = at - 1;
        while (b && (t.p[b - 1] == ' ' || t.p[b - 1] == '\t'))
            b--;
        if (b == 0 || t.p[b - 1] == '\n' || t.p[b - 1] == '\r') {
            end = razor_line_end(t, in);
            razor_directive(r, in, word, end);
            *ret = end;
            return true;
        }
    }
    return false;
}

/* After the brace that closes a statement: does it go on? */
static bool goes_on(const struct razor *r, const struct frame *f, size_t at)
{
    static const char *const word[] = { "else", "catch", "finally" };
    size_t next = razor_blanks(r->t, at);

    if (!f->statement)
        return false;
    struct str w = word_at(r->t, next);
    return one_of(w, word, COUNT_OF(word)) || (f->loop && str_eq(w, STR("while")));
}

static size_t end_code(struct razor *r, struct frame *f, size_t at)
{
    razor_flush(r, f, f->bare ? at - 1 : at);
    r->depth--;
    razor_top(r)->from = at;
    return at;
}

/* An '@' inside code. */
static size_t at_in_code(struct razor *r, struct frame *f, size_t at)
{
    struct str t = r->t;
    uint8_t    d = at + 1 < t.n ? t.p[at + 1] : 0;
    size_t     end;

    if (d == '*') {
        razor_flush(r, f, at);
        end = str_find(str_from(t, at + 2), STR("*@"));
        f->from = end == STR_NONE ? t.n : at + 2 + end + 2;
        return f->from;
    }
    if (d == ':')
        return f->start ? razor_markup(r, f, at + 2, at, true, false) : at + 2;
    if (d == '<')
        return razor_markup(r, f, at + 1, at, false, !f->start);
    if (d == '"' || d == '$') {
        f->start = false;
        return razor_token(r, at);
    }
    if (!f->start)
        return at + 1;
    /* A statement that begins with '@': a value that is written, or a statement with one '@' too many. */
    struct str word = word_at(t, at + 1);
    static const char *const statement[] = { "if", "for", "foreach", "while", "switch", "lock", "do", "try", "using", "await" };
    razor_flush(r, f, at);
    f->from = at + 1;
    if (d == '{' || one_of(word, statement, COUNT_OF(statement)))
        return at + 1;
    if (d == '(' || word.n)
        f->from = razor_value(r, at + 1, d == '(');
    return f->from;
}

size_t razor_code_cs(struct razor *r, size_t at)
{
    struct frame *f = razor_top(r);
    struct str    t = r->t;
    uint8_t       c = t.p[at], d = at + 1 < t.n ? t.p[at + 1] : 0;

    switch (c) {
    case '{':
        f->depth++;
        f->opened = f->start = true;
        return at + 1;
    case '}':
        f->start = true;
        f->depth -= f->depth > 0;
        if (f->depth)
            return at + 1;
        if (goes_on(r, f, at + 1)) {
            f->opened = false;
            f->parens = 0;
            return at + 1;
        }
        return end_code(r, f, at + 1);
    case ';':
        f->start = true;
        return f->opened || f->parens ? at + 1 : end_code(r, f, at + 1);
    case '(':
        f->parens++;
        f->start = false;
        return at + 1;
    case ')':
        f->parens -= f->parens > 0;
        f->start = false;
        return at + 1;
    case ':':
        f->start = true;
        return at + 1;
    case '<':
        if (f->start && f->opened && (ch_alpha(d) || d == '!' || d == '/'))
            return razor_markup(r, f, at, at, false, false);
        f->start = false;
        return at + 1;
    case '@':
        return at_in_code(r, f, at);
    case ' ': case '\t': case '\r': case '\n':
        return at + 1;
    case '/':
        f->start = f->start && (d == '/' || d == '*');
        return razor_token(r, at);
    default:
        f->start = false;
        if (c == '"' || c == '\'' || c == '$')
            return razor_token(r, at);
        while (at < t.n && (ch_alnum(t.p[at]) || t.p[at] == '_' || t.p[at] >= 0x80))
            at++;
        return at < t.n && (ch_alnum(c) || c == '_' || c >= 0x80) ? at : at + 1;
    }
}
