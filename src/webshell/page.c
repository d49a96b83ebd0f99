#include "webshell/page.h"

#include "base/num.h"
#include "webshell/words.h"

static struct str skip_blanks(struct str s)
{
    size_t n = 0;
    while (n < s.n && ch_space(s.p[n]))
        n++;
    return str_from(s, n);
}

/* The value of attribute `name` (masked) inside a tag's text, quotes taken off. */
static bool attribute(struct str tag, struct str name, struct str *ret)
{
    size_t from = 0;

    for (;;) {
        size_t at = words_find(str_from(tag, from), name);
        if (at == STR_NONE)
            return false;
        at += from;
        from = at + name.n;
        if (at && (ch_alnum(tag.p[at - 1]) || tag.p[at - 1] == '_'))
            continue;
        struct str v = skip_blanks(str_from(tag, from));
        if (v.n == 0 || v.p[0] != '=')
            continue;
        v = skip_blanks(str_from(v, 1));
        if (v.n && (v.p[0] == '"' || v.p[0] == '\'')) {
            size_t end = str_chr(str_from(v, 1), v.p[0]);
            *ret = end == STR_NONE ? str_from(v, 1) : str_sub(v, 1, 1 + end);
        } else {
            size_t n = 0;
            while (n < v.n && !ch_space(v.p[n]) && v.p[n] != '%' && v.p[n] != '>')
                n++;
            *ret = str_sub(v, 0, n);
        }
        *ret = str_trim(*ret);
        return true;
    }
}

static enum page_language language_of(struct str v)
{
    if (words_is(v, W("d$")) || words_is(v, W("dt")) || words_is(v, W("dtibsq")))
        return PAGE_CSHARP;
    if (words_is(v, W("wc")) || words_is(v, W("wctibsq")))
        return PAGE_VBNET;
    if (words_is(v, W("ktdsjqu")) || words_is(v, W("kbwbtdsjqu")) || words_is(v, W("kt")))
        return PAGE_JSCRIPT;
    if (words_is(v, W("wctdsjqu")) || words_is(v, W("wct")))
        return PAGE_VBSCRIPT;
    return PAGE_UNKNOWN;
}

static bool block(struct page *p, struct arena *a, size_t *cap, struct str s)
{
    if (str_trim(s).n == 0)
        return true;
    if (p->block_n >= PAGE_BLOCKS_MAX) {
        p->cut = true;
        return true;
    }
    struct str *to = GROW(a, p->block, p->block_n, cap);
    if (!to)
        return false;
    *to = s;
    p->block_n++;
    return true;
}

/* <%@ Page Language="..." %>. True when the rest of the file is code (handlers, services). */
static bool directive(struct page *p, struct str tag)
{
    struct str v, name = skip_blanks(tag);
    size_t     n = 0;

    while (n < name.n && (ch_alnum(name.p[n]) || name.p[n] == '_'))
        n++;
    name = str_sub(name, 0, n);
    bool rest = words_is(name, W("xfciboemfs")) || words_is(name, W("xfctfswjdf")) || words_is(name, W("tfswjdfiptu"));
    p->directive = true;
    if (rest || words_is(name, W("qbhf")) || words_is(name, W("dpouspm")) || words_is(name, W("nbtufs")) || words_is(name, W("bqqmjdbujpo")))
        p->has_page = true;
    if (p->language == PAGE_UNKNOWN && attribute(tag, W("mbohvbhf"), &v))
        p->language = language_of(v);
    if (p->codepage == 0 && attribute(tag, W("dpefqbhf"), &v))
        num_u32(v, &p->codepage);
    if (attribute(tag, W("joifsjut"), &v) || attribute(tag, W("dpefcfijoe"), &v) || attribute(tag, W("dpefgjmf"), &v) || attribute(tag, W("tsd"), &v))
        p->behind = true;
    return rest && !p->behind;
}

/* A <script> tag's text up to '>': quoted parts may hold one. */
static size_t tag_end(struct str s)
{
    uint8_t quote = 0;

    for (size_t i = 0; i < s.n && i < 1024; i++) {
        if (quote)
            quote = s.p[i] == quote ? 0 : quote;
        else if (s.p[i] == '"' || s.p[i] == '\'')
            quote = s.p[i];
        else if (s.p[i] == '>')
            return i;
    }
    return STR_NONE;
}

bool page_read(struct page *ret, struct arena *a, struct str text, bool classic)
{
    struct page p = { 0 };
    size_t      cap = 0;
    struct str  s = text, v;

    for (;;) {
        size_t at = str_chr(s, '<');
        if (at == STR_NONE || at + 2 > s.n)
            break;
        s = str_from(s, at + 1);
        if (s.n && s.p[0] == '%') {
            s = str_from(s, 1);
            bool   comment = str_starts(s, STR("--"));
            size_t end = str_find(s, comment ? STR("--%>") : STR("%>"));
            struct str in = end == STR_NONE ? s : str_sub(s, 0, end);
            s = end == STR_NONE ? STR_EMPTY : str_from(s, end + (comment ? 4 : 2));
            uint8_t c = in.n ? in.p[0] : 0;
            if (comment || c == '$')
                continue;
            if (c == '@') {
                if (!directive(&p, str_from(in, 1)))
                    continue;
                if (!block(&p, a, &cap, s))
                    return false;
                break;
            }
            if (c == '#') {
                p.binding_n++;
                continue;
            }
            if (!block(&p, a, &cap, c == '=' || c == ':' ? str_from(in, 1) : in))
                return false;
        } else if (words_starts(s, W("tdsjqu"))) {
            size_t end = tag_end(s);
            if (end == STR_NONE)
                continue;
            struct str tag = str_sub(s, 6, end);
            if (!attribute(tag, W("svobu"), &v) || !words_is(v, W("tfswfs")))
                continue;
            if (p.language == PAGE_UNKNOWN && attribute(tag, W("mbohvbhf"), &v))
                p.language = language_of(v);
            s = str_from(s, end + 1);
            end = words_find(s, W("=0tdsjqu"));
            if (!block(&p, a, &cap, end == STR_NONE ? s : str_sub(s, 0, end)))
                return false;
            s = end == STR_NONE ? STR_EMPTY : str_from(s, end + 8);
        }
    }
    if (p.language == PAGE_UNKNOWN && classic)
        p.language = PAGE_VBSCRIPT;
    *ret = p;
    return true;
}
