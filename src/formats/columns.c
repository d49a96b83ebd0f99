#include "formats/columns.h"

#include <string.h>

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

/*
 * The same text gives the same names: from the first to the end of the last they still stand where they were taken from. A quote before the first
 * would not be seen there. Each log says its header twice or more.
 */
static bool same_text(const struct columns *c, struct str names)
{
    const uint8_t *from = c->n ? c->name[0].p : NULL;
    const struct str *last = c->n ? &c->name[c->n - 1] : NULL;

    return last && last->p + last->n == from + names.n && memcmp(from, names.p, names.n) == 0 && str_chr(names, '"') == STR_NONE;
}

static bool same(const struct columns *c, struct str names, uint8_t sep)
{
    struct str name;
    size_t     i = 0;

    if (same_text(c, names))
        return true;
    while (i < RECORD_COLUMNS_MAX && next_name(&names, sep, &name)) {
        if (i >= c->n || !str_eq(c->name[i], name))
            return false;
        i++;
    }
    return i == c->n;
}

/* No fewer than there are names. */
static size_t names_most(struct str names, uint8_t sep)
{
    size_t n = 1;

    for (size_t i = 0; i < names.n && n < RECORD_COLUMNS_MAX; i++)
        n += names.p[i] == sep;
    return n;
}

bool columns_take(struct log_state *s, struct str names, uint8_t sep)
{
    struct arena mark = s->keep;
    size_t       most = names_most(names, sep), n = 0, named = 0;

    if (s->has_cols && same(&s->cols, names, sep))
        return true;
    s->has_cols = false;
    struct str  text = str_dup(&s->keep, names);
    struct str *list = NEW(&s->keep, struct str, most);
    if (!text.p || !list)
        return false;
    for (; n < most && next_name(&text, sep, &list[n]); n++)
        named += list[n].n > 0;
    if (named == 0) {
        s->keep = mark;
        return false;
    }
    s->cols.name = list;
    s->cols.n    = n;
    s->cols.generation++;
    s->has_cols = true;
    return true;
}
