#include "formats/csvcells.h"

#include <string.h>

void csv_begin(struct csv_cells *c, struct csv_cell *cell, size_t cap, uint8_t sep)
{
    *c = (struct csv_cells){ .cell = cell, .cap = cap, .sep = sep };
}

static void put(struct csv_cells *c, size_t from, size_t to, bool doubled)
{
    if (c->n < c->cap)
        c->cell[c->n] = (struct csv_cell){ (uint32_t)from, (uint32_t)to | (doubled ? CSV_DOUBLED : 0) };
    c->n++;
}

/* Most cells are short: a few bytes by hand cost less than a call. */
static size_t sep_from(struct str row, size_t at, uint8_t sep)
{
    size_t near = row.n - at < 16 ? row.n : at + 16;

    for (; at < near; at++)
        if (row.p[at] == sep)
            return at;
    const uint8_t *p = at < row.n ? memchr(row.p + at, sep, row.n - at) : NULL;
    return p ? (size_t)(p - row.p) : row.n;
}

static size_t quote_from(struct str row, size_t at)
{
    size_t near = row.n - at < 16 ? row.n : at + 16;

    for (; at < near; at++)
        if (row.p[at] == '"')
            return at;
    const uint8_t *p = at < row.n ? memchr(row.p + at, '"', row.n - at) : NULL;
    return p ? (size_t)(p - row.p) : row.n;
}

/* The cell that is open since c->at: false when the row ends within it. */
static bool quoted(struct csv_cells *c, struct str row, size_t *ret_end)
{
    size_t q = c->scan;

    for (;;) {
        q = quote_from(row, q);
        if (q + 1 >= row.n || row.p[q + 1] != '"')
            break;
        c->doubled = true;
        q += 2;
    }
    *ret_end = q;
    c->scan  = q < row.n ? q : row.n;
    return q < row.n;
}

bool csv_parse(struct csv_cells *c, struct str row, bool last)
{
    for (;;) {
        size_t end;
        if (c->open || (c->at < row.n && row.p[c->at] == '"')) {
            if (!c->open) {
                c->open    = true;
                c->doubled = false;
                c->scan    = c->at + 1;
            }
            if (!quoted(c, row, &end)) {
                if (!last)
                    return false;
                c->odd = true;
                put(c, c->at + 1, row.n, c->doubled);
                c->open = false;
                return true;
            }
            c->open = false;
            size_t next = end + 1;
            if (next < row.n && row.p[next] != c->sep) {
                c->odd = true;
                next = sep_from(row, next, c->sep);
                put(c, c->at, next, false);
            } else {
                put(c, c->at + 1, end, c->doubled);
            }
            end = next;
        } else {
            end = sep_from(row, c->at, c->sep);
            put(c, c->at, end, false);
        }
        if (end >= row.n)
            return true;
        c->at = end + 1;
    }
}

struct str csv_text(const struct csv_cells *c, struct str row, size_t i, struct arena *a)
{
    if (i >= c->n || i >= c->cap)
        return STR_EMPTY;
    uint32_t   from = c->cell[i].from, to = c->cell[i].to & ~CSV_DOUBLED;
    struct str s = str_sub(row, from, to);
    if (!(c->cell[i].to & CSV_DOUBLED))
        return s;
    uint8_t *p = TAKE(a, uint8_t, s.n);
    size_t   n = 0;
    if (!p)
        return STR_EMPTY;
    for (size_t k = 0; k < s.n; k++) {
        p[n++] = s.p[k];
        k += s.p[k] == '"' && k + 1 < s.n && s.p[k + 1] == '"';
    }
    return (struct str){ p, n };
}

uint8_t csv_separator(struct str header)
{
    static const uint8_t sep[] = { ',', ';', '\t', '|' };
    size_t count[sizeof sep] = { 0 }, best = 0;
    bool   in = false;

    for (size_t i = 0; i < header.n; i++) {
        in ^= header.p[i] == '"';
        for (size_t k = 0; !in && k < sizeof sep; k++)
            count[k] += header.p[i] == sep[k];
    }
    for (size_t k = 1; k < sizeof sep; k++)
        if (count[k] > count[best])
            best = k;
    return sep[best];
}
