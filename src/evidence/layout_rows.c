#include "evidence/layout_rows.h"

#include <stdlib.h>
#include <string.h>

bool layout_rows_add(struct layout_rows *t, struct arena *keep, struct str key, const struct layout_row *row, struct err *e)
{
    struct layout_row *at = GROW(keep, t->row, t->n, &t->cap);
    struct str own = str_dup(keep, key), path = row->path.n ? str_dup(keep, row->path) : STR_EMPTY;

    if (!at || !own.p || (row->path.n && !path.p))
        return err_set(e, ERR_MEMORY, "no room for %zu rows of a collector's list", t->n + 1);
    *at      = *row;
    at->key  = own;
    at->path = path;
    at->turn = (uint32_t)t->n++;
    return true;
}

/* str_icmp parts keys that differ in case only; here they are one. */
static int fold_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n;

    for (size_t i = 0; i < n; i++)
        if (ch_lower(a.p[i]) != ch_lower(b.p[i]))
            return ch_lower(a.p[i]) < ch_lower(b.p[i]) ? -1 : 1;
    return a.n == b.n ? 0 : a.n < b.n ? -1 : 1;
}

static int by_turn(const struct layout_row *a, const struct layout_row *b) { return a->turn < b->turn ? -1 : a->turn > b->turn; }

static int by_fold(const void *x, const void *y)
{
    const struct layout_row *a = x, *b = y;
    int d = fold_cmp(a->key, b->key);

    return d ? d : by_turn(a, b);
}

static int by_key(const void *x, const void *y)
{
    const struct layout_row *a = x, *b = y;
    int d = str_cmp(a->key, b->key);

    return d ? d : by_turn(a, b);
}

void layout_rows_settle(struct layout_rows *t)
{
    size_t kept = 0;

    if (t->n)
        qsort(t->row, t->n, sizeof *t->row, t->fold ? by_fold : by_key);
    for (size_t i = 0; i < t->n; i++) {
        if (kept && (t->fold ? fold_cmp : str_cmp)(t->row[kept - 1].key, t->row[i].key) == 0)
            t->again++;
        else
            t->row[kept++] = t->row[i];
    }
    t->n = kept;
}

const struct layout_row *layout_rows_get(const struct layout_rows *t, struct str key)
{
    size_t from = 0, to = t->n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        int    d   = (t->fold ? fold_cmp : str_cmp)(t->row[mid].key, key);
        if (d == 0)
            return &t->row[mid];
        if (d < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

void layout_rows_apply(const struct layout_row *row, struct layout_place *io)
{
    if (!row)
        return;
    io->mtime_us = row->mtime_us;
    io->btime_us = row->btime_us;
    io->partial  = row->partial;
    if (row->shadow)
        io->shadow = row->shadow;
    if (row->path.n)
        io->path = row->path;
}

struct str layout_native(struct arena *a, struct str path)
{
    uint8_t *p = TAKE(a, uint8_t, path.n ? path.n : 1);

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < path.n; i++)
        p[i] = path.p[i] == '\\' ? '/' : path.p[i];
    return (struct str){ p, path.n };
}

size_t layout_pattern(struct str s, const char *pattern)
{
    size_t n = strlen(pattern);

    if (s.n < n)
        return 0;
    for (size_t i = 0; i < n; i++)
        if (pattern[i] == 'd' ? !ch_digit(s.p[i]) : s.p[i] != (uint8_t)pattern[i])
            return 0;
    return n;
}
