/*
 * Many rows into PostgreSQL, and out of it. See store_pg_inner.h.
 *
 * Bulk     rows gather in memory and go in pieces of BULK_BYTES as COPY in binary: straight into the table when the keys are known to be new,
 *          else through a temporary table and INSERT ... ON CONFLICT DO NOTHING.
 */
#include "store/store_pg_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BULK_BYTES = 1 << 20, SHELF_LEFT_MAX = 4096 };
struct pg_bulk { struct store_bulk b; struct pg_table *table; char *into, *copy, *move, *clear, *wipe; struct shelf *shelf; uint8_t *p; size_t n, cap, rows; int column_n, at; };

static struct pg_bulk *bulk_of(struct store_bulk *b) { return (struct pg_bulk *)b; }

/* ---- many rows in ---- */

static const uint8_t copy_head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";          /* signature, flags, no extension: 19 bytes */

static char *text_of(const char *fmt, const char *a, const char *b, const char *c, const char *d)
{
    size_t n = strlen(fmt) + strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1;
    char *p = malloc(n);

    if (p)
        snprintf(p, n, fmt, a, b, c, d);
    return p;
}

static void bulk_free(struct pg_bulk *b)
{
    free(b->into);
    free(b->copy);
    free(b->move);
    free(b->clear);
    free(b->wipe);
    if (b->shelf)
        b->shelf->in_use = false;
    free(b->p);
    free(b);
}

/* The shelf for these columns of this table; NULL: it is taken, or there is none left. */
static struct shelf *shelf_of(struct pg *g, const char *table, const char *columns)
{
    uint64_t of = str_hash(str_c(table)) * 31 + str_hash(str_c(columns));

    of += of == 0;
    for (size_t i = 0; i < SHELVES; i++) {
        struct shelf *x = &g->shelf[(of + i) % SHELVES];

        if (x->of && x->of != of)
            continue;
        if (x->in_use)
            return NULL;
        x->of = of;
        x->in_use = true;
        return x;
    }
    return NULL;
}

bool pg_bulk_begin(struct store *s, const char *table, const char *columns, int column_n, enum store_keys keys, struct store_bulk **ret,
                          struct err *e)
{
    struct pg *g = pg_of(s);
    struct pg_bulk *b = calloc(1, sizeof *b);
    char name[32];

    if (!b)
        return err_set(e, ERR_MEMORY, "no room for many rows");
    b->column_n = column_n;
    b->table = pg_table(g, table, strlen(table));
    b->shelf = keys == STORE_KEEP_OLD ? shelf_of(g, table, columns) : NULL;
    if (b->shelf)
        snprintf(name, sizeof name, "shelf%d", (int)(b->shelf - g->shelf));
    else
        snprintf(name, sizeof name, "bulk%llu", (unsigned long long)++g->names);
    b->into = text_of(b->shelf ? "CREATE TEMPORARY TABLE IF NOT EXISTS %s AS SELECT %s FROM %s LIMIT 0%s" : "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS SELECT %s FROM %s LIMIT 0%s", name, columns,
                      table, "");
    b->clear = text_of("TRUNCATE %s%s%s%s", name, "", "", "");
    b->wipe  = text_of("DELETE FROM %s%s%s%s", name, "", "", "");
    b->copy = text_of("COPY %s (%s) FROM STDIN (FORMAT binary)%s%s", keys == STORE_FRESH ? table : name, columns, "", "");
    b->move = text_of("INSERT INTO %s (%s) SELECT %s FROM %s ON CONFLICT DO NOTHING", table, columns, columns, name);
    b->p = malloc(b->cap = BULK_BYTES + 4096);
    if (!b->into || !b->copy || !b->move || !b->clear || !b->wipe || !b->p) {
        bulk_free(b);
        return err_set(e, ERR_MEMORY, "no room for many rows");
    }
    if (keys == STORE_KEEP_OLD && !pg_run(g, b->into, e)) {
        bulk_free(b);
        return false;
    }
    *ret = &b->b;
    return true;
}

static void bulk_put(struct pg_bulk *b, uint32_t length, const void *p, size_t n)
{
    if (b->at++ == 0 && b->n == 0) {
        memcpy(b->p, copy_head, 19);
        b->n = 19;
    }
    if (n > (1u << 30) || b->n + n + 8 > b->cap) {
        uint8_t *grown = n > (1u << 30) ? NULL : realloc(b->p, (b->n + n + 8) * 2);

        if (!grown) {
            b->b.no_memory = true;
            return;
        }
        b->p = grown;
        b->cap = (b->n + n + 8) * 2;
    }
    if (b->at == 1) {
        b->p[b->n++] = (uint8_t)(b->column_n >> 8);
        b->p[b->n++] = (uint8_t)b->column_n;
    }
    put_u32(b->p + b->n, length);
    b->n += 4;
    if (n)
        memcpy(b->p + b->n, p, n);
    b->n += n;
}

void pg_bulk_int(struct store_bulk *b, int64_t v)
{
    uint8_t p[8];

    put_u64(p, (uint64_t)v);
    bulk_put(bulk_of(b), 8, p, 8);
}

void pg_bulk_null(struct store_bulk *b) { bulk_put(bulk_of(b), UINT32_MAX, NULL, 0); }

void pg_bulk_bytes(struct store_bulk *b, struct str v, bool text)
{
    (void)text;
    bulk_put(bulk_of(b), (uint32_t)v.n, v.p, v.n);
}

/* What gathered goes to the server as one COPY. */
static bool bulk_flush(struct pg_bulk *b, struct err *e)
{
    struct pg *g = pg_of(b->b.store);
    PGresult *r = PQexec(g->c, b->copy);
    bool ok = PQresultStatus(r) == PGRES_COPY_IN || pg_fail(g->c, r, e);

    PQclear(r);
    if (!ok)
        return false;
    b->p[b->n++] = 0xff;                             /* the end: -1 fields. bulk_put keeps 8 bytes free */
    b->p[b->n++] = 0xff;
    ok = PQputCopyData(g->c, (const char *)b->p, (int)b->n) == 1 && PQputCopyEnd(g->c, NULL) == 1;
    if (!ok)
        pg_fail(g->c, NULL, e);
    while ((r = PQgetResult(g->c))) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK && ok)
            ok = pg_fail(g->c, r, e);
        else if (ok && b->b.keys == STORE_FRESH)
            b->b.rows_new += strtoull(PQcmdTuples(r), NULL, 10);
        PQclear(r);
    }
    b->n = 0;
    return ok;
}

bool pg_bulk_row(struct store_bulk *base, struct err *e)
{
    struct pg_bulk *b = bulk_of(base);

    b->at = 0;
    b->rows++;
    return b->n < BULK_BYTES || bulk_flush(b, e);
}

/* Clearing a table makes a new file and goes through the server's buffers, which costs more than a few rows do: those are deleted. */
static bool shelf_clear(struct pg *g, struct pg_bulk *b, struct err *e)
{
    b->shelf->left += b->rows;
    if (b->shelf->left <= SHELF_LEFT_MAX)
        return pg_run(g, b->wipe, e);
    b->shelf->left = 0;
    return pg_run(g, b->clear, e);
}

bool pg_bulk_end(struct store_bulk *base, uint64_t *ret_new, struct err *e)
{
    struct pg_bulk *b = bulk_of(base);
    struct pg *g = pg_of(base->store);
    bool ok = !base->no_memory && b->at == 0 && PQtransactionStatus(g->c) == PQTRANS_INTRANS;

    /* In a transaction that failed already there is nothing to write: the first failure has been told. */
    if (!ok && e->kind == ERR_NONE)
        err_set(e, base->no_memory ? ERR_MEMORY : ERR_IO, "%s", base->no_memory ? "no room for a row" : "rows outside of a whole transaction");
    ok = ok && (b->n == 0 || bulk_flush(b, e));
    if (ok && base->keys == STORE_KEEP_OLD && b->rows) {
        PGresult *r = PQexec(g->c, b->move);

        ok = PQresultStatus(r) == PGRES_COMMAND_OK || pg_fail(g->c, r, e);
        if (ok)
            base->rows_new = strtoull(PQcmdTuples(r), NULL, 10);
        PQclear(r);
        ok = ok && (!b->shelf || shelf_clear(g, b, e));
    }
    if (ok)
        pg_wrote(g, b->table, base->rows_new);
    *ret_new = base->rows_new;
    bulk_free(b);
    return ok;
}

/* ---- many rows out ---- */

static bool scan_row(const uint8_t *p, size_t n, int columns, struct store_value *v, bool *ret_end, struct err *e)
{
    struct str s = { p, n };

    if (s.n < 2)
        return err_set(e, ERR_IO, "PostgreSQL: a row of %zu bytes", s.n);
    int16_t fields = (int16_t)get_be(s.p, 2);
    s = str_from(s, 2);
    *ret_end = fields == -1;
    if (*ret_end)
        return true;
    if (fields != columns)
        return err_set(e, ERR_IO, "PostgreSQL: %d columns, %d expected", fields, columns);
    for (int i = 0; i < columns; i++) {
        if (s.n < 4)
            return err_set(e, ERR_IO, "PostgreSQL: a row is cut");
        int32_t len = (int32_t)get_be(s.p, 4);

        s = str_from(s, 4);
        v[i] = (struct store_value){ .null = len < 0 };
        if (len < 0)
            continue;
        if ((size_t)len > s.n)
            return err_set(e, ERR_IO, "PostgreSQL: a row is cut");
        v[i].s = (struct str){ s.p, (size_t)len };
        if (len == 8) {
            uint64_t u;

            memcpy(&u, s.p, 8);
            v[i].i = (int64_t)__builtin_bswap64(u);
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
            v[i].i = (int64_t)u;
#endif
        } else if (len == 4)
            v[i].i = (int32_t)get_be(s.p, 4);
        else if (len == 2)
            v[i].i = (int16_t)get_be(s.p, 2);
        s = str_from(s, (size_t)len);
    }
    return true;
}

static void scan_stop(PGconn *c)
{
    char why[256];
    PGcancel *stop = PQgetCancel(c);

    if (stop)
        PQcancel(stop, why, sizeof why);
    PQfreeCancel(stop);
}

bool pg_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e)
{
    struct store_value v[PARAMETERS_MAX];
    struct pg *g = pg_of(s);
    char *copy = text_of("COPY (%s) TO STDOUT (FORMAT binary)%s%s%s", sql, "", "", ""), *row = NULL;
    bool ok = true, first = true, end = false;
    int n = 0;

    if (!copy || columns > PARAMETERS_MAX) {
        free(copy);
        return err_set(e, copy ? ERR_USAGE : ERR_MEMORY, "%d columns: no room for a statement", columns);
    }
    PGresult *r = PQexec(g->c, copy);
    free(copy);
    ok = PQresultStatus(r) == PGRES_COPY_OUT || pg_fail(g->c, r, e);
    PQclear(r);
    if (!ok)
        return false;
    while ((n = PQgetCopyData(g->c, &row, 0)) > 0) {
        size_t skip = first ? 19 : 0;

        if (ok && !end && (size_t)n >= skip && (size_t)n > skip) {
            ok = scan_row((const uint8_t *)row + skip, (size_t)n - skip, columns, v, &end, e) && (end || take(ctx, v, e));
            if (!ok)
                scan_stop(g->c);
        }
        first = false;
        PQfreemem(row);
    }
    if (n == -2 && ok)
        ok = pg_fail(g->c, NULL, e);
    while ((r = PQgetResult(g->c))) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK && ok)
            ok = pg_fail(g->c, r, e);
        PQclear(r);
    }
    return ok;
}
