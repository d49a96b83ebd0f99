#include "formats/csvrow.h"
#include "formats/columns.h"

#include <string.h>

const char *const csvrow_header_literal[] = { "#Fields:", "DateTime,", "TimeStamp,", "date-time,", NULL };

bool csvrow_time_name(struct str name)
{
    return str_ieq(name, STR("DateTime")) || str_ieq(name, STR("TimeStamp")) || str_ieq(name, STR("date-time"));
}

/* Where a quoted cell ends: the position of its closing quote, or the end of the row. Counts doubled quotes. */
static size_t closing_quote(struct str s, size_t *ret_doubled)
{
    size_t at = 1;

    *ret_doubled = 0;
    for (;;) {
        size_t hit = str_chr(str_from(s, at), '"');
        if (hit == STR_NONE)
            return s.n;
        at += hit;
        if (at + 1 >= s.n || s.p[at + 1] != '"')
            return at;
        ++*ret_doubled;
        at += 2;
    }
}

static bool undouble(struct arena *scratch, struct str s, size_t doubled, struct str *ret)
{
    uint8_t *p = NEW(scratch, uint8_t, s.n - doubled);
    size_t   n = 0;

    if (!p)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        p[n++] = s.p[i];
        if (s.p[i] == '"')
            i++;                        /* within a quoted cell every quote is the first of a pair */
    }
    *ret = (struct str){ p, n };
    return true;
}

/* Most cells are empty or short: a few bytes by hand cost less than a call. */
static size_t bare_cell_end(struct str s)
{
    size_t near = s.n < 16 ? s.n : 16;

    for (size_t i = 0; i < near; i++)
        if (s.p[i] == ',')
            return i;
    const uint8_t *p = s.n > near ? memchr(s.p + near, ',', s.n - near) : NULL;
    return p ? (size_t)(p - s.p) : s.n;
}

bool csvrow_cell(struct str *rest, struct arena *scratch, struct str *ret, bool *damaged)
{
    struct str s = *rest;
    size_t     doubled;

    if (s.n == 0 || s.p[0] != '"') {
        size_t end = bare_cell_end(s);
        *ret  = (struct str){ s.p, end };
        *rest = end < s.n ? (struct str){ s.p + end + 1, s.n - end - 1 } : STR_EMPTY;
        return true;
    }
    size_t     close = closing_quote(s, &doubled);
    struct str inner = str_sub(s, 1, close);
    if (close == s.n) {
        *damaged = true;
        *rest    = STR_EMPTY;
    } else if (close + 1 < s.n && s.p[close + 1] != ',') {
        struct str tail = str_from(s, close + 1);       /* "abc"def, is no CSV: keep the cell as it stands */
        size_t     comma = str_chr(tail, ',');
        *damaged = true;
        *ret  = str_sub(s, 0, comma == STR_NONE ? s.n : close + 1 + comma);
        *rest = comma == STR_NONE ? STR_EMPTY : str_from(tail, comma + 1);
        return true;
    } else {
        *rest = close + 1 < s.n ? str_from(s, close + 2) : STR_EMPTY;
    }
    if (doubled)
        return undouble(scratch, inner, doubled, ret);
    *ret = inner;
    return true;
}

static bool bare_header(const struct log_state *s, struct str line)
{
    struct str rest = line, cell;

    str_cut(&rest, ',', &cell);
    cell = str_trim(cell);
    if (cell.n >= 2 && cell.p[0] == '"' && cell.p[cell.n - 1] == '"')
        cell = str_sub(cell, 1, cell.n - 1);
    if (csvrow_time_name(cell))
        return true;
    if (!s->has_cols || s->cols.n < 2)
        return false;
    rest = line;
    for (size_t i = 0; i < s->cols.n; i++)
        if (!str_cut(&rest, ',', &cell) || !str_ieq(str_trim(cell), s->cols.name[i]))
            return false;
    return !rest.p;
}

bool csvrow_header(struct log_state *s, struct str line)
{
    struct str names;

    if (str_starts(line, STR("\xEF\xBB\xBF")))           /* a file that was appended to another keeps its mark */
        line = str_from(line, 3);
    if (line.n == 0)
        return false;
    if (line.p[0] == '#') {
        s->headers++;
        if (columns_directive(line, STR("Fields"), &names))
            columns_take(s, names, ',');
        return true;
    }
    if (!bare_header(s, line))
        return false;
    s->headers++;
    columns_take(s, line, ',');
    return true;
}

static size_t time_column(const struct columns *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (csvrow_time_name(c->name[i]))
            return i;
    return STR_NONE;
}

bool csvrow_time(const struct log_state *s, struct str line, int64_t *ret)
{
    size_t       at = s->has_cols ? time_column(&s->cols) : STR_NONE;
    struct arena none = { NULL, NULL, NULL };           /* a cell that must be copied holds no time */
    struct str   cell;
    bool         damaged = false;

    if (at == STR_NONE)
        return false;
    for (size_t i = 0; i < at; i++) {
        if (!line.p)
            return false;
        csvrow_cell(&line, &none, &cell, &damaged);
    }
    return line.p && csvrow_cell(&line, &none, &cell, &damaged) && time_parse(str_trim(cell), ret);
}

bool csvrow_parse(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e)
{
    struct record r = { .cols = &s->cols, .time_us = TIME_NONE, .raw = raw };
    struct str    rest = raw;
    size_t        cap = s->cols.n + 1 < RECORD_COLUMNS_MAX ? s->cols.n + 1 : RECORD_COLUMNS_MAX;

    if (!s->has_cols)
        return err_set(e, ERR_FORMAT, "no usable header before this row");
    if (str_trim(raw).n == 0)
        return err_set(e, ERR_FORMAT, "the row is empty");
    r.value = NEW(scratch, struct str, cap);
    if (!r.value)
        return err_set(e, ERR_MEMORY, "no room for %zu values", cap);
    while (rest.p) {
        if (r.n == RECORD_COLUMNS_MAX) {
            /* Too many: the last value is the whole of what is left, back to its own beginning. */
            const uint8_t *from = r.value[r.n - 1].p;
            if (from >= raw.p && from <= raw.p + raw.n)
                r.value[r.n - 1].n = (size_t)(raw.p + raw.n - from);
            r.damaged = true;
            break;
        }
        if (r.n == cap && !GROW(scratch, r.value, r.n, &cap))
            return err_set(e, ERR_MEMORY, "no room for %zu values", r.n + 1);
        if (!csvrow_cell(&rest, scratch, &r.value[r.n], &r.damaged))
            return err_set(e, ERR_MEMORY, "no room for a quoted cell of %zu bytes", rest.n);
        r.n++;
    }
    r.damaged |= r.n < s->cols.n || memchr(raw.p, 0, raw.n) != NULL;
    size_t at = time_column(&s->cols);
    if (at < r.n && !time_parse(str_trim(r.value[at]), &r.time_us))
        r.time_us = TIME_NONE;
    *ret = r;
    return true;
}
