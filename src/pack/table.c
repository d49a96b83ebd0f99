#include "pack/table.h"

/* One cell off t->rest; *ret_end: it was the last of its row. */
static bool cell_read(struct table *t, struct str *ret, bool *ret_end, struct err *e)
{
    struct str s = t->rest;
    size_t     i = 0;

    if (s.n && s.p[0] == '"') {
        uint8_t *p = NEW(t->a, uint8_t, s.n);
        size_t   n = 0;
        if (!p)
            return err_set(e, ERR_MEMORY, "no room for a row");
        for (i = 1;; i++) {
            if (i >= s.n)
                return err_set(e, ERR_FORMAT, "line %u: a quote is left open", t->line);
            if (s.p[i] == '"' && !(i + 1 < s.n && s.p[i + 1] == '"'))
                break;
            i += s.p[i] == '"';
            t->next_line += s.p[i] == '\n';
            p[n++] = s.p[i];
        }
        i++;
        t->a->beg = p + n;                        /* what the cell did not need goes back */
        *ret = (struct str){ p, n };
        if (i < s.n && s.p[i] == '\r')
            i++;
        if (i < s.n && s.p[i] != ',' && s.p[i] != '\n')
            return err_set(e, ERR_FORMAT, "line %u: text after a closing quote", t->line);
    } else {
        while (i < s.n && s.p[i] != ',' && s.p[i] != '\n')
            i++;
        *ret = str_trim(str_sub(s, 0, i));
    }
    *ret_end = i >= s.n || s.p[i] == '\n';
    t->next_line += i < s.n && s.p[i] == '\n';
    t->rest = str_from(s, i < s.n ? i + 1 : i);
    return true;
}

static bool row_read(struct table *t, struct str *cell, size_t *ret_n, struct err *e)
{
    size_t n = 0;
    bool   end;

    t->line = t->next_line;
    do {
        if (n == TABLE_COLUMNS_MAX)
            return err_set(e, ERR_FORMAT, "line %u: more than %d cells", t->line, TABLE_COLUMNS_MAX);
        if (!cell_read(t, &cell[n], &end, e))
            return false;
        n++;
    } while (!end);
    *ret_n = n;
    return true;
}

bool table_open(struct table *ret, struct arena *a, struct str text, struct err *e)
{
    struct table t = { .rest = text, .a = a, .next_line = 1 };

    if (str_starts(text, STR("\xef\xbb\xbf")))
        t.rest = str_from(text, 3);
    if (!row_read(&t, t.name, &t.n, e))
        return false;
    *ret = t;
    return true;
}

bool table_next(struct table *t, struct err *e)
{
    size_t n = 0;

    while (t->rest.n) {
        if (!row_read(t, t->cell, &n, e))
            return false;
        if (n == 1 && t->cell[0].n == 0)
            continue;                             /* an empty line */
        if (n != t->n)
            return err_set(e, ERR_FORMAT, "line %u: %zu cells, the header has %zu", t->line, n, t->n);
        return true;
    }
    return false;
}

static size_t column(const struct table *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (str_ieq(t->name[i], str_c(name)))
            return i;
    return STR_NONE;
}

bool table_has(const struct table *t, const char *name) { return column(t, name) != STR_NONE; }

struct str table_cell(const struct table *t, const char *name)
{
    size_t i = column(t, name);
    return i == STR_NONE ? STR("") : str_trim(t->cell[i]);
}
