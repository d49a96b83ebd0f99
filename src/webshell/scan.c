#include "webshell/scan.h"

#include "base/num.h"
#include "webshell/words.h"

#include <string.h>

enum token_kind { T_NAME, T_TEXT, T_MARK, T_LINE };
struct token {
    enum token_kind kind;
    struct str      s;              /* name, literal without quotes, or one mark */
};

struct scanner {
    struct arena *a;
    struct token *t;
    size_t        n;
    bool          escaped, full;
    struct str    name[SCAN_NAMES_MAX];   /* variables that hold something of the request ... */
    struct str    name_key[SCAN_NAMES_MAX];
    size_t        name_n;
};

static bool push(struct scanner *s, enum token_kind kind, struct str v)
{
    if (s->n >= SCAN_TOKENS_MAX)
        return false;
    s->t[s->n++] = (struct token){ kind, v };
    return true;
}

static bool starts_name(uint8_t c) { return ch_alpha(c) || c == '_' || c == '$' || c >= 0x80; }

/* "\u0065" at p: its code when it is ASCII. */
static int escape_at(struct str s)
{
    uint64_t v;

    if (s.n < 6 || s.p[0] != '\\' || ch_lower(s.p[1]) != 'u' || !num_hex(str_sub(s, 2, 6), &v))
        return -1;
    return v < 0x80 ? (int)v : 0x100;
}

/* A name, with its escapes undone. False: the arena is full. */
static bool name_token(struct scanner *s, struct str in, size_t *pos, struct str *ret)
{
    size_t from = *pos, n = 0;
    bool   esc = false;

    while (*pos < in.n) {
        int v = escape_at(str_from(in, *pos));
        if (v >= 0) {
            esc = true;
            *pos += 6;
        } else if (starts_name(in.p[*pos]) || ch_digit(in.p[*pos])) {
            (*pos)++;
        } else {
            break;
        }
        n++;
    }
    *ret = str_sub(in, from, *pos);
    if (!esc)
        return true;
    uint8_t *p = NEW(s->a, uint8_t, n);
    if (!p)
        return false;
    size_t w = 0;
    for (size_t i = from; i < *pos && w < n; w++) {
        int v = escape_at(str_sub(in, i, *pos));
        s->escaped = s->escaped || (v >= 0 && v < 0x80);
        p[w] = v < 0 ? in.p[i] : v < 0x80 ? (uint8_t)v : '?';
        i += v >= 0 ? 6 : 1;
    }
    *ret = (struct str){ p, w };
    return true;
}

/* Past a string literal that starts at pos; *ret without its quotes. */
static size_t text_token(struct str in, size_t pos, bool vb, struct str *ret)
{
    bool    raw = in.p[pos] == '@';
    size_t  i = pos + (raw ? 2u : 1u), from = i;
    uint8_t q = in.p[raw ? pos + 1 : pos];

    for (; i < in.n; i++) {
        if (in.p[i] == q) {
            if ((vb || raw) && i + 1 < in.n && in.p[i + 1] == q) {
                i++;
                continue;
            }
            break;
        }
        if (!vb && !raw && in.p[i] == '\\')
            i++;
        else if (!raw && in.p[i] == '\n')      /* an open literal ends with its line */
            break;
    }
    *ret = str_sub(in, from, i);
    return i < in.n ? i + 1 : in.n;
}

static bool tokens(struct scanner *s, struct str in, bool vb)
{
    for (size_t i = 0; i < in.n;) {
        uint8_t    c = in.p[i], d = i + 1 < in.n ? in.p[i + 1] : 0;
        struct str v;
        bool       room = true;

        if (c == '\n' && vb) {
            room = push(s, T_LINE, STR_EMPTY);
            i++;
        } else if (ch_space(c) || c == 0) {
            i++;
        } else if (!vb && c == '/' && d == '*') {
            size_t end = str_find(str_from(in, i + 2), STR("*/"));
            i = end == STR_NONE ? in.n : i + 2 + end + 2;
        } else if ((!vb && c == '/' && d == '/') || (vb && c == '\'')) {
            size_t end = str_chr(str_from(in, i), '\n');
            i = end == STR_NONE ? in.n : i + end;
        } else if (c == '"' || (!vb && c == '\'') || (!vb && c == '@' && d == '"')) {
            i = text_token(in, i, vb, &v);
            room = push(s, T_TEXT, v);
        } else if (starts_name(c) || escape_at(str_from(in, i)) >= 0) {
            if (!name_token(s, in, &i, &v))
                return false;
            room = push(s, T_NAME, v);
        } else {
            room = push(s, T_MARK, str_sub(in, i, i + 1));
            i++;
        }
        if (!room) {
            s->full = true;
            return true;
        }
    }
    push(s, T_MARK, STR(";"));
    return true;
}

static bool mark_at(const struct scanner *s, size_t i, char c) { return i < s->n && s->t[i].kind == T_MARK && s->t[i].s.p[0] == (uint8_t)c; }
static bool name_at(const struct scanner *s, size_t i, struct str masked) { return i < s->n && s->t[i].kind == T_NAME && words_is(s->t[i].s, masked); }

/* "a" + "b" becomes one literal, once, in place. False: the arena is full. */
static bool join(struct scanner *s)
{
    size_t w = 0;

    for (size_t i = 0; i < s->n; i++, w++) {
        size_t end = i, bytes = s->t[i].s.n;
        while (s->t[i].kind == T_TEXT && (mark_at(s, end + 1, '+') || mark_at(s, end + 1, '&')) && end + 2 < s->n && s->t[end + 2].kind == T_TEXT) {
            end += 2;
            bytes += s->t[end].s.n;
        }
        if (end == i) {
            s->t[w] = s->t[i];
            continue;
        }
        uint8_t *p = NEW(s->a, uint8_t, bytes + 1);
        if (!p)
            return false;
        struct str whole = { p, bytes };
        for (size_t k = i; k <= end; k += 2) {
            if (s->t[k].s.n)
                memcpy(p, s->t[k].s.p, s->t[k].s.n);
            p += s->t[k].s.n;
        }
        s->t[w] = (struct token){ T_TEXT, whole };
        i = end;
    }
    s->n = w;
    return true;
}

/* Does the request speak at token i? Gives the item's name when it is a plain literal. */
static bool source_at(const struct scanner *s, size_t i, struct str *ret_key)
{
    static const struct str part[] = {
        STR_INIT("jufn"), STR_INIT("gpsn"), STR_INIT("rvfsztusjoh"), STR_INIT("qbsbnt"), STR_INIT("dppljft"), STR_INIT("ifbefst"),
        STR_INIT("gjmft"), STR_INIT("cjobszsfbe"), STR_INIT("joqvutusfbn"), STR_INIT("tfswfswbsjbcmft"),
    };
    *ret_key = STR_EMPTY;
    if (!name_at(s, i, W("sfrvftu")))
        return false;
    size_t at = i + 1;
    bool   found = false;
    if (mark_at(s, at, '.')) {
        for (size_t k = 0; k < COUNT_OF(part) && !found; k++)
            found = name_at(s, at + 1, part[k]);
        if (!found)
            return false;
        at += 2;
    }
    if (!mark_at(s, at, '[') && !mark_at(s, at, '('))
        return found;
    if (at + 1 < s->n && s->t[at + 1].kind == T_TEXT && s->t[at + 1].s.n <= SCAN_KEY_MAX)
        *ret_key = s->t[at + 1].s;
    return true;
}

static bool tainted(const struct scanner *s, size_t from, size_t to, struct str *ret_key)
{
    for (size_t i = from; i < to && i < s->n; i++) {
        if (s->t[i].kind != T_NAME)
            continue;
        if (source_at(s, i, ret_key))
            return true;
        for (size_t k = 0; k < s->name_n; k++)
            if (str_eq(s->t[i].s, s->name[k]) && !mark_at(s, i - 1, '.')) {
                *ret_key = s->name_key[k];
                return true;
            }
    }
    return false;
}

/* The end of a call's arguments (the token after '(' is `from`), or of a statement without parentheses. */
static size_t args_end(const struct scanner *s, size_t from, bool parens)
{
    size_t depth = parens ? 1 : 0, i = from;

    for (; i < s->n && i - from < 400; i++) {
        if (mark_at(s, i, '('))
            depth++;
        else if (mark_at(s, i, ')')) {
            if (depth == 0 || (parens && depth == 1))
                break;
            depth--;
        } else if (depth == 0 && (mark_at(s, i, ';') || s->t[i].kind == T_LINE)) {
            break;
        }
    }
    return i;
}

/* The first comma of a call's own level, or `to`. */
static size_t first_comma(const struct scanner *s, size_t from, size_t to)
{
    size_t depth = 0;

    for (size_t i = from; i < to; i++) {
        if (mark_at(s, i, '(') || mark_at(s, i, '['))
            depth++;
        else if ((mark_at(s, i, ')') || mark_at(s, i, ']')) && depth)
            depth--;
        else if (depth == 0 && mark_at(s, i, ','))
            return i;
    }
    return to;
}

/* Variables that take something of the request: `name = ... Request ... ;` */
static void follow(struct scanner *s)
{
    for (size_t i = 1; i + 1 < s->n && s->name_n < SCAN_NAMES_MAX; i++) {
        if (!mark_at(s, i, '=') || mark_at(s, i + 1, '=') || mark_at(s, i - 1, '=') || mark_at(s, i - 1, '!') || mark_at(s, i - 1, '<') ||
            mark_at(s, i - 1, '>') || s->t[i - 1].kind != T_NAME || mark_at(s, i - 2, '.'))
            continue;
        size_t     end = args_end(s, i + 1, false);
        struct str key;
        if (tainted(s, i + 1, end, &key)) {
            s->name[s->name_n]       = s->t[i - 1].s;
            s->name_key[s->name_n++] = key;
        }
    }
}

static bool page_name(struct str v)
{
    static const struct str ext[] = { STR_INIT("/btqy"), STR_INIT("/btiy"), STR_INIT("/btny"), STR_INIT("/btq"), STR_INIT("/btby") };
    for (size_t i = 0; i < COUNT_OF(ext); i++)
        if (v.n > ext[i].n && words_is(str_from(v, v.n - ext[i].n), ext[i]))
            return true;
    return false;
}

/* What a sink needs to be called one. */
enum need {
    NEED_NONE,
    NEED_FREE,          /* stands free, not as a method (eval, execute) */
    NEED_ASSEMBLY,      /* after "Assembly." */
    NEED_PROCESS,       /* the page names a process class */
    NEED_SHELL,         /* the page names a shell object */
    NEED_SOCKET         /* the page names a socket class, and keeps something from one request to the next */
};
struct sink {
    struct str     word;
    enum scan_find find;
    enum need      need;
    bool           js, vbs, net;       /* languages in which it is one */
    bool           both;               /* path and content must both come from the request */
};
static const struct sink sinks[] = {
    { STR_INIT("fwbm"),             SCAN_EVALUATES, NEED_FREE,     true,  true,  false, false },
    { STR_INIT("fyfdvuf"),          SCAN_EVALUATES, NEED_FREE,     false, true,  false, false },
    { STR_INIT("fyfdvufhmpcbm"),    SCAN_EVALUATES, NEED_FREE,     false, true,  false, false },
    { STR_INIT("mpbe"),             SCAN_EVALUATES, NEED_ASSEMBLY, true,  false, true,  false },
    { STR_INIT("tubsu"),            SCAN_STARTS,    NEED_PROCESS,  true,  false, true,  false },
    { STR_INIT("qspdftttubsujogp"), SCAN_STARTS,    NEED_PROCESS,  true,  false, true,  false },
    { STR_INIT("svo"),              SCAN_STARTS,    NEED_SHELL,    true,  true,  true,  false },
    { STR_INIT("fyfd"),             SCAN_STARTS,    NEED_SHELL,    true,  true,  true,  false },
    { STR_INIT("tifmmfyfdvuf"),     SCAN_STARTS,    NEED_SHELL,    true,  true,  true,  false },
    { STR_INIT("dpoofdu"),          SCAN_TUNNELS,   NEED_SOCKET,   true,  false, true,  false },
    { STR_INIT("udqdmjfou"),        SCAN_TUNNELS,   NEED_SOCKET,   true,  false, true,  false },
    { STR_INIT("xsjufbmmufyu"),     SCAN_WRITES,    NEED_NONE,     true,  false, true,  true },
    { STR_INIT("xsjufbmmczuft"),    SCAN_WRITES,    NEED_NONE,     true,  false, true,  true },
    { STR_INIT("bqqfoebmmufyu"),    SCAN_WRITES,    NEED_NONE,     true,  false, true,  true },
};

static bool any_name(const struct scanner *s, struct str a, struct str b)
{
    for (size_t i = 0; i < s->n; i++)
        if (name_at(s, i, a) || name_at(s, i, b))
            return true;
    return false;
}
static bool any_text(const struct scanner *s, struct str a, struct str b)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->t[i].kind == T_TEXT && (words_has(s->t[i].s, a) || words_has(s->t[i].s, b)))
            return true;
    return false;
}

struct setting { enum page_language language; bool vbs, js, net, process, shell, socket; };

static enum scan_find sink_at(const struct scanner *s, const struct setting *m, size_t i, struct str *ret_key)
{
    for (size_t k = 0; k < COUNT_OF(sinks); k++) {
        const struct sink *x = &sinks[k];
        if (!((m->js && x->js) || (m->vbs && x->vbs) || (m->net && x->net)) || !name_at(s, i, x->word))
            continue;
        if (x->need == NEED_FREE && i && mark_at(s, i - 1, '.') && !(i > 1 && name_at(s, i - 2, W("uijt"))))
            continue;
        if (x->need == NEED_ASSEMBLY && !(i > 1 && mark_at(s, i - 1, '.') && name_at(s, i - 2, W("bttfncmz"))))
            continue;
        if ((x->need == NEED_PROCESS && !m->process) || (x->need == NEED_SHELL && (!m->shell || i == 0 || !mark_at(s, i - 1, '.'))) ||
            (x->need == NEED_SOCKET && !m->socket))
            continue;
        bool parens = mark_at(s, i + 1, '(');
        if (!parens && !m->vbs)
            continue;
        size_t from = i + (parens ? 2u : 1u), to = args_end(s, from, parens);
        struct str key;
        if (!x->both) {
            if (tainted(s, from, to, ret_key))
                return x->find;
            continue;
        }
        size_t comma = first_comma(s, from, to);
        if (comma < to && tainted(s, comma, to, &key) && tainted(s, from, comma, ret_key))
            return x->find;
    }
    return SCAN_NOTHING;
}

/* x.Arguments = Request...; the property of a process that is about to start. */
static bool property_at(const struct scanner *s, size_t i, struct str *ret_key)
{
    if (i < 1 || !mark_at(s, i - 1, '.') || !mark_at(s, i + 1, '=') || mark_at(s, i + 2, '='))
        return false;
    if (!name_at(s, i, W("bshvnfout")) && !name_at(s, i, W("gjmfobnf")))
        return false;
    return tainted(s, i + 2, args_end(s, i + 2, false), ret_key);
}

/* A posted file, or text of the request, saved under a fixed name that the server would run. */
static bool plants_at(const struct scanner *s, size_t i)
{
    struct str key;

    if (!name_at(s, i, W("tbwfbt")) && !name_at(s, i, W("xsjufbmmufyu")) && !name_at(s, i, W("xsjufbmmczuft")))
        return false;
    if (!mark_at(s, i + 1, '('))
        return false;
    size_t to = args_end(s, i + 2, true);
    bool   page = false;
    for (size_t k = i + 2; k < to; k++)
        page = page || (s->t[k].kind == T_TEXT && page_name(s->t[k].s));
    /* The receiver stands before: go back to the start of its statement. */
    size_t from = i;
    while (from && !mark_at(s, from - 1, ';') && !mark_at(s, from - 1, '{') && !mark_at(s, from - 1, '}') && s->t[from - 1].kind != T_LINE && i - from < 60)
        from--;
    return page && tainted(s, from, to, &key);
}

/* A writer opened on a path of the request (token i), then given text of the request: w = new ...(path); w.Write(text). */
static bool writes_at(const struct scanner *s, size_t i, struct str *ret_key)
{
    struct str writer = STR_EMPTY, key;

    if ((!name_at(s, i, W("tusfbnxsjufs")) && !name_at(s, i, W("dsfbufufyu")) && !name_at(s, i, W("bqqfoeufyu"))) || !mark_at(s, i + 1, '('))
        return false;
    size_t to = args_end(s, i + 2, true);
    if (!tainted(s, i + 2, to, ret_key))
        return false;
    for (size_t k = i; k && i - k < 12 && !mark_at(s, k - 1, ';') && !mark_at(s, k - 1, '{'); k--)
        if (mark_at(s, k, '=') && s->t[k - 1].kind == T_NAME)
            writer = s->t[k - 1].s;
    for (size_t k = to; k + 1 < s->n; k++) {
        bool ours = k == to ? mark_at(s, k + 1, '.') : writer.n && s->t[k].kind == T_NAME && str_eq(s->t[k].s, writer) && mark_at(s, k + 1, '.');
        if (ours && (name_at(s, k + 2, W("xsjuf")) || name_at(s, k + 2, W("xsjufmjof"))) && mark_at(s, k + 3, '(') &&
            tainted(s, k + 4, args_end(s, k + 4, true), &key))
            return true;
    }
    return false;
}

/* this["..."](x): the function that evaluates, named by a text. */
static bool named_call_at(const struct scanner *s, size_t i, struct str *ret_key)
{
    return i && s->t[i].kind == T_TEXT && words_is(s->t[i].s, W("fwbm")) && mark_at(s, i - 1, '[') && mark_at(s, i + 1, ']') && mark_at(s, i + 2, '(') &&
           tainted(s, i + 3, args_end(s, i + 3, true), ret_key);
}

static bool open_scanner(struct scanner *s, struct arena *a)
{
    memset(s, 0, sizeof *s);
    s->a = a;
    s->t = NEW(a, struct token, SCAN_TOKENS_MAX);
    return s->t != NULL;
}

bool scan_request_key(struct arena *a, struct str code, struct str *ret)
{
    struct scanner s;
    struct str     key;

    *ret = STR_EMPTY;
    if (!open_scanner(&s, a) || !tokens(&s, code, false) || !join(&s))
        return false;
    for (size_t i = 0; i < s.n && ret->n == 0; i++)
        if (source_at(&s, i, &key) && key.n) {
            *ret = str_dup(a, key);
            return ret->p != NULL;
        }
    return true;
}

bool scan_page(struct scan *ret, struct arena *a, const struct page *p, bool classic)
{
    struct scanner s;
    struct scan    out = { 0 };
    struct str     key = STR_EMPTY;
    bool           vb = p->language == PAGE_VBNET || p->language == PAGE_VBSCRIPT;

    if (!open_scanner(&s, a))
        return false;
    for (size_t i = 0; i < p->block_n && !s.full; i++)
        if (!tokens(&s, p->block[i], vb))
            return false;
    out.tokens  = s.n;
    if (!join(&s))
        return false;
    out.escaped = s.escaped;
    for (size_t i = 0; i < s.n && !out.request; i++)
        out.request = source_at(&s, i, &key);
    if (out.request) {
        follow(&s);
        struct setting m = {
            .language = p->language,
            .vbs      = p->language == PAGE_VBSCRIPT && (classic || !p->has_page),
            .js       = p->language == PAGE_JSCRIPT,
            .net      = p->language != PAGE_VBSCRIPT,
            .process  = any_name(&s, W("qspdftt"), W("qspdftttubsujogp")),
            .shell    = any_text(&s, W("xtdsjqu/tifmm"), W("tifmm/bqqmjdbujpo")),
            .socket   = any_name(&s, W("tpdlfu"), W("udqdmjfou")) && any_name(&s, W("tfttjpo"), W("bqqmjdbujpo")),
        };
        for (size_t i = 0; i < s.n && out.find == SCAN_NOTHING; i++) {
            key = STR_EMPTY;
            if (m.js && named_call_at(&s, i, &key))
                out.find = SCAN_EVALUATES;
            if (s.t[i].kind != T_NAME)
                continue;
            out.find = sink_at(&s, &m, i, &key);
            if (out.find == SCAN_NOTHING && m.process && property_at(&s, i, &key))
                out.find = SCAN_STARTS;
            if (out.find == SCAN_NOTHING && m.net && writes_at(&s, i, &key))
                out.find = SCAN_WRITES;
            if (out.find == SCAN_NOTHING && plants_at(&s, i))
                out.find = SCAN_PLANTS;
        }
        if (out.find != SCAN_NOTHING && key.n && !(out.key = str_dup(a, key)).p)
            return false;
    }
    *ret = out;
    return true;
}
