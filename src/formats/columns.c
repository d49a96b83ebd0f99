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

/* False: no name in it, or no room. What it takes in vain it gives back. */
static bool split(struct arena *keep, struct str names, uint8_t sep, struct columns *ret, struct str *ret_text)
{
    struct arena mark = *keep;
    size_t       most = names_most(names, sep), n = 0, named = 0;
    struct str   text = str_dup(keep, names), rest = text;
    struct str  *list = NEW(keep, struct str, most);

    for (; text.p && list && n < most && next_name(&rest, sep, &list[n]); n++)
        named += list[n].n > 0;
    if (named == 0) {
        *keep = mark;
        return false;
    }
    ret->name = list;
    ret->n    = n;
    *ret_text = text;
    return true;
}

static const struct columns *kept_find(const struct columns_kept *k, struct str names, uint8_t sep)
{
    for (size_t i = 0; k && i < k->n; i++)
        if (k->item[i].sep == sep && str_eq(k->item[i].text, names))
            return &k->item[i].cols;
    return NULL;
}

static const struct columns *kept_add(struct columns_kept *k, struct str names, uint8_t sep)
{
    if (!k || k->n == COLUMNS_KEPT || !split(&k->keep, names, sep, &k->item[k->n].cols, &k->item[k->n].text))
        return NULL;
    k->item[k->n].sep = sep;
    return &k->item[k->n++].cols;
}

bool columns_take(struct log_state *s, struct str names, uint8_t sep)
{
    struct columns one;
    struct str     text;

    if (s->has_cols && same(&s->cols, names, sep))
        return true;
    const struct columns *c = kept_find(s->kept, names, sep);
    if (!c)
        c = kept_add(s->kept, names, sep);
    s->has_cols = c != NULL;
    if (!c) {
        s->has_cols = split(&s->keep, names, sep, &one, &text);
        c = &one;
    }
    if (!s->has_cols)
        return false;
    s->cols.name = c->name;
    s->cols.n    = c->n;
    s->cols.generation++;
    return true;
}
