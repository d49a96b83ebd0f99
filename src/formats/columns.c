#include "formats/columns.h"

size_t columns_find(const struct columns *c, struct str name)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_ieq(c->name[i], name))
            return i;
    return STR_NONE;
}

bool columns_directive(struct str line, struct str name, struct str *ret)
{
    if (line.n < name.n + 2 || line.p[0] != '#' || !str_istarts(str_from(line, 1), name) || line.p[name.n + 1] != ':')
        return false;
    *ret = str_trim(str_from(line, name.n + 2));
    return true;
}

/* The next name off *rest. Runs of a blank separator are one; an empty cell between commas is a column without a name. */
static bool next_name(struct str *rest, uint8_t sep, struct str *ret)
{
    do {
        if (!str_cut(rest, sep, ret))
            return false;
        *ret = str_trim(*ret);
    } while (sep == ' ' && ret->n == 0);
    if (ret->n >= 2 && ret->p[0] == '"' && ret->p[ret->n - 1] == '"')
        *ret = str_sub(*ret, 1, ret->n - 1);
    return true;
}

static bool same(const struct columns *c, struct str names, uint8_t sep)
{
    struct str name;
    size_t     i = 0;

    while (i < RECORD_COLUMNS_MAX && next_name(&names, sep, &name)) {
        if (i >= c->n || !str_eq(c->name[i], name))
            return false;
        i++;
    }
    return i == c->n;
}

bool columns_take(struct log_state *s, struct str names, uint8_t sep)
{
    struct str rest = names, name;
    size_t     n = 0, named = 0;

    if (s->has_cols && same(&s->cols, names, sep))
        return true;
    while (n < RECORD_COLUMNS_MAX && next_name(&rest, sep, &name)) {
        n++;
        named += name.n > 0;
    }
    s->has_cols = false;
    if (named == 0)
        return false;
    struct str  text = str_dup(&s->keep, names);
    struct str *list = NEW(&s->keep, struct str, n);
    if (!text.p || !list)
        return false;
    for (size_t i = 0; i < n; i++)
        next_name(&text, sep, &list[i]);
    s->cols.name = list;
    s->cols.n    = n;
    s->cols.generation++;
    s->has_cols = true;
    return true;
}
