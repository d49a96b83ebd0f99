/* Small pieces of the page, and the few marks of Markdown that guidance uses. */
#include "base/num.h"
#include "report/page.h"

#include <stdio.h>

enum { NEST_MAX = 3 };

void page_count(const struct page *p, uint64_t n)
{
    char text[WORDS_TEXT];

    words_count(n, text);
    out_c(p->o, text);
}

void page_more(const struct page *p, uint64_t n)
{
    if (n == 0)
        return;
    out_c(p->o, "<p class=\"more\">");
    page_count(p, n);
    out_c(p->o, " more in report.json.</p>\n");
}

static void ref(const struct page *p, uint32_t index)
{
    const struct finding *f = report_finding(p->r, index);

    if (!f)
        return;
    if (p->shown[index]) {
        out_c(p->o, "<a class=\"ref\" href=\"#");
        html_id(p->o, str_c(f->id));
        out_c(p->o, "\">");
        html_text(p->o, str_c(f->id));
        out_c(p->o, "</a>");
    } else {
        out_c(p->o, "<span class=\"ref\">");
        html_text(p->o, str_c(f->id));
        out_c(p->o, "</span>");
    }
}

void page_refs(const struct page *p, struct id_list l)
{
    if (l.n == 0) {
        out_c(p->o, "<span class=\"none\">\xE2\x80\x93</span>");
        return;
    }
    out_c(p->o, "<span class=\"refs\">");
    for (size_t i = 0; i < l.n && i < PAGE_REFS; i++) {
        if (i)
            out_c(p->o, " ");
        ref(p, l.item[i]);
    }
    if (l.n > PAGE_REFS)
        out_fmt(p->o, " and %zu more", l.n - PAGE_REFS);
    out_c(p->o, "</span>");
}

void page_code(const struct page *p, struct str s)
{
    if (s.n == 0) {
        out_c(p->o, "<span class=\"none\">\xE2\x80\x93</span>");
        return;
    }
    out_c(p->o, "<code>");
    html_text(p->o, s);
    out_c(p->o, "</code>");
}

void page_names(const struct page *p, struct str_list l)
{
    if (l.n == 0)
        page_code(p, STR_EMPTY);
    for (size_t i = 0; i < l.n && i < PAGE_NAMES; i++) {
        if (i)
            out_c(p->o, ", ");
        page_code(p, l.item[i]);
    }
    if (l.n > PAGE_NAMES)
        out_fmt(p->o, " and %zu more", l.n - PAGE_NAMES);
}

void page_time(const struct page *p, int64_t us)
{
    char text[WORDS_TEXT], machine[TIME_TEXT] = "";

    words_time(us, text);
    if (!text[0]) {
        out_c(p->o, "<span class=\"none\">\xE2\x80\x93</span>");
        return;
    }
    time_text(us, machine);
    out_fmt(p->o, "<time datetime=\"%s\">%s</time>", machine, text);
}

void page_term(const struct page *p, struct str s)
{
    struct str part;

    for (bool first = true; str_cut(&s, '_', &part); first = false) {
        out_c(p->o, first ? "" : " ");
        html_text(p->o, part);
    }
}

void page_badge(const struct page *p, const char *text, enum tone t)
{
    out_fmt(p->o, "<span class=\"badge %s\">", tone_name(t));
    out_c(p->o, text);
    out_c(p->o, "</span>");
}

void page_section(const struct page *p, const char *id, const char *title)
{
    out_fmt(p->o, "<section id=\"%s\" aria-labelledby=\"h-%s\">\n<h2 id=\"h-%s\">%s</h2>\n", id, id, id, title);
}

/* "F0012" at the start of s, as a whole word, and on the page: its length. */
static size_t finding_word(const struct page *p, struct str s, uint32_t *ret)
{
    size_t   n = 1;
    uint32_t number = 0;

    while (n < s.n && n < 7 && ch_digit(s.p[n]))
        n++;
    if (s.p[0] != 'F' || n < 5 || (n < s.n && ch_alnum(s.p[n])) || !num_u32(str_sub(s, 1, n), &number) || number == 0)
        return 0;
    const struct finding *f = report_finding(p->r, number - 1);
    if (!f || !p->shown[number - 1] || !str_eq(str_c(f->id), str_sub(s, 0, n)))
        return 0;
    *ret = number - 1;
    return n;
}

static void words(const struct page *p, struct str s)
{
    size_t   start = 0;
    uint32_t index = 0;

    for (size_t i = 0; i < s.n; i++) {
        size_t n = s.p[i] == 'F' && (i == 0 || !ch_alnum(s.p[i - 1])) ? finding_word(p, str_from(s, i), &index) : 0;
        if (n == 0)
            continue;
        html_lines(p->o, str_sub(s, start, i));
        ref(p, index);
        start = i + n;
        i = start - 1;
    }
    html_lines(p->o, str_from(s, start));
}

struct mark { const char *sign, *open, *close; };

/* In this order: the longer sign first. */
static const struct mark mark_table[] = {
    { "`", "<code>", "</code>" }, { "**", "<strong>", "</strong>" }, { "*", "<em>", "</em>" },
};

/*
 * The mark that opens at i, and the length of what it encloses; NULL: none. A single star opens only at the start of a word and closes
 * only at the end of one, so that "*.aspx, *.asmx" stays as it is.
 */
static const struct mark *mark_at(struct str s, size_t i, int depth, size_t *ret_inside)
{
    for (size_t k = 0; k < COUNT_OF(mark_table); k++) {
        const struct mark *m = &mark_table[k];
        struct str         sign = str_c(m->sign), rest = str_from(s, i);
        size_t             end;

        if (!str_starts(rest, sign))
            continue;
        if (k > 0 && depth >= NEST_MAX)
            return NULL;
        rest = str_from(rest, sign.n);
        end = str_find(rest, sign);
        if (end == STR_NONE || end == 0)
            return NULL;
        if (k == 2 && ((i && !ch_space(s.p[i - 1]) && s.p[i - 1] != '(') || !ch_alnum(rest.p[0]) || ch_space(rest.p[end - 1]) ||
                       (end + 1 < rest.n && (ch_alnum(rest.p[end + 1]) || rest.p[end + 1] == '*'))))
            return NULL;
        *ret_inside = end;
        return m;
    }
    return NULL;
}

static void prose(const struct page *p, struct str s, int depth)
{
    size_t start = 0, i = 0, inside_n = 0;

    while (i < s.n) {
        const struct mark *m = s.p[i] == '`' || s.p[i] == '*' ? mark_at(s, i, depth, &inside_n) : NULL;

        if (!m) {
            i += str_starts(str_from(s, i), STR("**")) ? 2 : 1;
            continue;
        }
        size_t     sign_n = str_c(m->sign).n;
        struct str inside = str_sub(s, i + sign_n, i + sign_n + inside_n);

        words(p, str_sub(s, start, i));
        out_c(p->o, m->open);
        if (m == &mark_table[0])
            html_text(p->o, inside);
        else
            prose(p, inside, depth + 1);
        out_c(p->o, m->close);
        start = i = i + inside_n + 2 * sign_n;
    }
    words(p, str_from(s, start));
}

void page_sentence(const struct page *p, struct str s) { words(p, s); }

void page_prose(const struct page *p, struct str s) { prose(p, s, 0); }

enum block { BLOCK_NONE, BLOCK_TEXT, BLOCK_BULLET, BLOCK_NUMBER };

/* What a line begins, and how many bytes its mark takes. */
static enum block line_kind(struct str line, size_t *ret_mark)
{
    size_t n = 0;

    *ret_mark = 0;
    if (str_starts(line, STR("- ")) || str_starts(line, STR("* "))) {
        *ret_mark = 2;
        return BLOCK_BULLET;
    }
    while (n < line.n && n < 3 && ch_digit(line.p[n]))
        n++;
    if (n && str_starts(str_from(line, n), STR(". "))) {
        *ret_mark = n + 2;
        return BLOCK_NUMBER;
    }
    return BLOCK_TEXT;
}

static void fenced(const struct page *p, struct str *rest)
{
    struct str line;
    bool       any = false;

    out_c(p->o, "<pre tabindex=\"0\">");
    while (str_cut(rest, '\n', &line)) {
        if (str_starts(str_trim(line), STR("```")))
            break;
        if (any)
            out_c(p->o, "\n");
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        html_lines(p->o, line);
        any = true;
    }
    out_c(p->o, "</pre>\n");
}

void page_markdown(const struct page *p, struct str s)
{
    static const char *const list_open[]  = { "", "", "<ul>\n", "<ol>\n" };
    static const char *const list_close[] = { "", "", "</ul>\n", "</ol>\n" };
    enum block list = BLOCK_NONE;
    struct str line;

    while (str_cut(&s, '\n', &line)) {
        struct str text = str_trim(line);
        size_t     mark;

        if (text.n == 0)
            continue;
        if (str_starts(text, STR("```"))) {
            out_c(p->o, list_close[list]);
            list = BLOCK_NONE;
            fenced(p, &s);
            continue;
        }
        while (text.n && text.p[0] == '#')
            text = str_trim(str_from(text, 1));
        enum block kind = line_kind(text, &mark);
        enum block now = kind == BLOCK_TEXT ? BLOCK_NONE : kind;
        if (now != list) {
            uint32_t number = 1;
            out_c(p->o, list_close[list]);
            /* A list that goes on after a block of code keeps counting. */
            if (now == BLOCK_NUMBER && num_u32(str_sub(text, 0, mark - 2), &number) && number != 1)
                out_fmt(p->o, "<ol start=\"%u\">\n", number);
            else
                out_c(p->o, list_open[now]);
            list = now;
        }
        /* The block goes on over plain lines that follow; it is one view, line ends included. */
        struct str block = str_from(text, mark);
        while (s.p) {
            struct str peek = s, next;
            size_t     m;
            if (!str_cut(&peek, '\n', &next))
                break;
            next = str_trim(next);
            if (next.n == 0 || next.p[0] == '#' || str_starts(next, STR("```")) || line_kind(next, &m) != BLOCK_TEXT)
                break;
            block.n = (size_t)(next.p + next.n - block.p);
            s = peek;
        }
        out_c(p->o, kind == BLOCK_TEXT ? "<p>" : "<li>");
        page_prose(p, block);
        out_c(p->o, kind == BLOCK_TEXT ? "</p>\n" : "</li>\n");
    }
    out_c(p->o, list_close[list]);
}

unsigned page_scale(int64_t us, int64_t from_us, int64_t to_us)
{
    if (us <= from_us || to_us <= from_us)
        return 0;
    if (us >= to_us)
        return 10000;
    return (unsigned)((double)(us - from_us) / (double)(to_us - from_us) * 10000.0);
}
