#include "cli/case_screen.h"

#include "base/num.h"
#include "base/time.h"
#include "emit/visible.h"
#include "report/words.h"

#include <stdio.h>

static bool number(const struct args *args, int opt, uint64_t max, uint64_t *ret, struct err *e)
{
    if (!args->given[opt])
        return true;
    if (num_u64(args->value[opt], ret) && *ret >= 1 && *ret <= max)
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" is no number of rows or pages", STR_ARG(str_sub(args->value[opt], 0, 40)));
    return err_hint(e, "1 to %llu", (unsigned long long)max);
}

bool case_page_asked(const struct args *args, int limit, int page, int all, uint32_t other, uint32_t each, struct case_page *ret, struct err *e)
{
    uint64_t n = other + each < CASE_LINES ? (CASE_LINES - other) / each : 1, at = 1;

    if (args->given[all]) {
        if (args->given[limit] || args->given[page])
            return err_set(e, ERR_USAGE, "--all, or --limit and --page");
        *ret = (struct case_page){ 0, INT64_MAX };
        return true;
    }
    if (!number(args, limit, CASE_LIMIT_MAX, &n, e) || !number(args, page, CASE_LIMIT_MAX, &at, e))
        return false;
    *ret = (struct case_page){ (at - 1) * n, n };
    return true;
}

void case_page_more(struct out *o, const struct case_page *p, uint64_t shown, uint64_t total)
{
    uint64_t until = p->first + shown;

    if (until < total)
        out_fmt(o, "%llu to %llu of %llu: --page %llu shows the next, --all shows all\n", (unsigned long long)p->first + 1, (unsigned long long)until,
                (unsigned long long)total, (unsigned long long)(p->first / p->n + 2));
    else if (p->first && !shown)
        out_fmt(o, "there are %llu: no page %llu\n", (unsigned long long)total, (unsigned long long)(p->first / p->n + 1));
}

uint32_t case_columns(const struct cli *c)
{
    return c->width < CASE_COLUMNS ? CASE_COLUMNS : c->width > CASE_COLUMNS_MAX ? CASE_COLUMNS_MAX : c->width;
}

static void blanks(struct out *o, uint32_t n)
{
    while (n--)
        out_c(o, " ");
}

void case_cell(struct out *o, struct str s, uint32_t columns)
{
    out_term(o, s, columns);
    size_t used = visible_columns(s);
    if (columns)
        blanks(o, (used < columns ? columns - (uint32_t)used : 0) + 1);
}

void case_cell_c(struct out *o, const char *s, uint32_t columns)
{
    case_cell(o, str_c(s), columns);
}

void case_number(struct out *o, int64_t n, uint32_t columns, bool dash)
{
    if (!n && dash)
        out_fmt(o, "%*s ", (int)columns, "-");
    else
        out_fmt(o, "%*lld ", (int)columns, (long long)n);
}

void case_wrap(struct out *o, struct str s, uint32_t at, uint32_t indent, uint32_t width, uint32_t lines)
{
    struct str word, rest;
    bool       first = true;

    for (s = str_trim(s); rest = s, str_cut(&s, ' ', &word);) {
        size_t n = visible_columns(word);

        if (!word.n)
            continue;
        if (!first && at + 1 + n > width) {
            lines -= lines > 1;
            out_c(o, "\n");
            blanks(o, indent);
            at = indent;
        } else if (!first) {
            out_c(o, " ");
            at++;
        }
        size_t max = width > at + 3 ? width - at : 4;
        /* The last line that is allowed ends with what follows, cut. */
        if (lines == 1 && at + visible_columns(rest) > width) {
            out_term(o, rest, max);
            break;
        }
        out_term(o, word, max);                                    /* one word longer than the line is cut */
        at += (uint32_t)(n < max ? n : max);
        first = false;
    }
    out_c(o, "\n");
}

void case_day_text(int64_t us, char ret[CASE_TIME_TEXT])
{
    char text[TIME_TEXT];

    time_text(us, text);
    snprintf(ret, CASE_TIME_TEXT, "%.10s", text[0] ? text : "-");
}

void case_minute_text(int64_t us, char ret[CASE_TIME_TEXT])
{
    char text[TIME_TEXT];

    time_text(us, text);
    if (text[0])
        snprintf(ret, CASE_TIME_TEXT, "%.10s %.5s", text, text + 11);
    else
        snprintf(ret, CASE_TIME_TEXT, "-");
}

void case_count_text(uint64_t n, char ret[CASE_TIME_TEXT])
{
    _Static_assert((int)CASE_TIME_TEXT >= (int)WORDS_TEXT, "room for a number in words");
    words_count(n, ret);
}
