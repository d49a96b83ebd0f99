#include "formats/oab.h"
#include "formats/csvrow.h"

#include <string.h>

static const struct columns row_column = { .name = (struct str[]){ STR_INIT("Row") }, .n = 1 };

static struct str unquote(struct str s)
{
    s = str_trim(s);
    while (s.n && (s.p[0] == '\'' || s.p[0] == '"'))
        s = str_from(s, 1);
    while (s.n && (s.p[s.n - 1] == '\'' || s.p[s.n - 1] == '"'))
        s.n--;
    return s;
}

bool oab_path(struct str row, struct str *ret_path, struct str *ret_sentence, bool *ret_cut)
{
    const struct str head = STR("Download failed and temporary file"), tail = STR("needs to be removed");
    size_t           at = str_ifind(row, head);

    if (at == STR_NONE)
        return false;
    struct str rest = str_from(row, at + head.n);
    size_t     end  = str_ifind(rest, tail);
    *ret_cut = end == STR_NONE;
    if (*ret_cut)
        end = str_ifind(rest, STR("needs"));
    *ret_path     = unquote(end == STR_NONE ? rest : str_sub(rest, 0, end));
    *ret_sentence = *ret_cut ? str_from(row, at) : str_sub(row, at, at + head.n + end + tail.n);
    return true;
}

static bool header(struct log_state *s, struct str line)
{
    struct str rest = line, cell;

    if (line.n == 0)
        return false;
    str_cut(&rest, ',', &cell);
    if (line.p[0] != '#' && !csvrow_time_name(str_trim(cell)))
        return false;
    s->headers++;
    return true;
}

/* The length of a time at the start of a row that has no commas: up to 30 characters, the longest that parses. */
static bool leading_time(struct str row, int64_t *ret, size_t *ret_n)
{
    for (size_t n = row.n < 33 ? row.n : 33; n >= 10; n--)
        if ((n == row.n || !ch_alnum(row.p[n])) && time_parse(str_sub(row, 0, n), ret)) {
            *ret_n = n;
            return true;
        }
    return false;
}

/* *ret_end: where the row goes on behind its time. */
static bool find_time(struct str row, int64_t *ret, size_t *ret_end)
{
    struct str rest = row, cell;

    if (leading_time(row, ret, ret_end))
        return true;
    for (size_t i = 0; i < OAB_CELLS_MAX && str_cut(&rest, ',', &cell); i++)
        if (time_parse(unquote(cell), ret)) {
            *ret_end = (size_t)(cell.p - row.p) + cell.n;
            return true;
        }
    return false;
}

static bool row_time(const struct log_state *s, struct str line, int64_t *ret)
{
    size_t end;

    (void)s;
    return find_time(line, ret, &end);
}

static bool parse(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e)
{
    struct record r = { .cols = &row_column, .time_us = TIME_NONE, .raw = raw, .n = 1 };
    struct str    path, message;
    size_t        end = 0;
    bool          cut = false;

    (void)s;
    if (str_trim(raw).n == 0)
        return err_set(e, ERR_FORMAT, "the row is empty");
    r.value = NEW(scratch, struct str, 5);
    if (!r.value)
        return err_set(e, ERR_MEMORY, "no room for a row");
    r.extra_name  = r.value + 1;
    r.extra_value = r.value + 3;
    r.value[0]    = raw;
    if (!find_time(raw, &r.time_us, &end)) {
        r.time_us = TIME_NONE;
        end = 0;
    }
    message = str_from(raw, end);
    while (message.n && end && (message.p[0] == ',' || message.p[0] == ' ' || message.p[0] == '"'))
        message = str_from(message, 1);
    if (oab_path(raw, &path, &message, &cut)) {
        r.extra_name[r.extra_n]    = STR("Path");
        r.extra_value[r.extra_n++] = path;
    }
    r.extra_name[r.extra_n]    = STR("Message");
    r.extra_value[r.extra_n++] = message;
    r.damaged = cut || memchr(raw.p, 0, raw.n) != NULL;
    *ret = r;
    return true;
}

static const char *const header_literal[] = { "#Fields:", NULL };

const struct log_kind log_oab = {
    .name           = "oab-generator",
    .dated          = true,
    .header_literal = header_literal,
    .header         = header,
    .parse          = parse,
    .time           = row_time,
};
