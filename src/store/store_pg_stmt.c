/*
 * Statements of PostgreSQL. See store_pg_inner.h.
 *
 * Types    they are prepared at their first step, when the types of their parameters are known: bigint, double precision, text, bytea, arrays for sets, in binary. A later step with other
 *          types prepares anew.
 */
#include "store/store_pg_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESTING_BYTES = 1 << 16 };      /* room that a value keeps for the next one */
struct parameter { Oid type; bool null; uint8_t *p; size_t n, cap; };
struct pg_stmt {
    struct store_stmt st;
    char *sql, name[24];
    struct parameter param[PARAMETERS_MAX];
    int   param_n, bad;
    Oid   prepared[PARAMETERS_MAX];
    bool  is_prepared;
    struct pg_table *into;      /* of an INSERT */
    PGresult *result;
    int   row;                  /* of result, -1: not begun */
};

static struct pg_stmt *stmt_of(struct store_stmt *st) { return (struct pg_stmt *)st; }

bool pg_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e)
{
    struct pg_stmt *st = calloc(1, sizeof *st);

    if (!st || !(st->sql = strdup(sql))) {
        free(st);
        return err_set(e, ERR_MEMORY, "no room for a statement");
    }
    snprintf(st->name, sizeof st->name, "s%llu", (unsigned long long)++pg_of(s)->names);
    st->row = -1;
    st->into = pg_table_of(pg_of(s), sql);
    /* The server sees it now, so that a mistake in it is told here as SQLite does; the types follow with the values. */
    PGresult *r = PQprepare(pg_of(s)->c, st->name, sql, 0, NULL);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || pg_fail(pg_of(s)->c, r, e);
    PQclear(r);
    if (!ok) {
        free(st->sql);
        free(st);
        return false;
    }
    *ret = &st->st;
    return true;
}

/* Where the n bytes of a value go; NULL: there is no room, and the step will say so. */
static uint8_t *bind_room(struct pg_stmt *st, int at, Oid type, size_t n)
{
    if (at < 1 || at > PARAMETERS_MAX) {
        st->bad = 1;
        return NULL;
    }
    struct parameter *p = &st->param[at - 1];
    if (n > INT32_MAX || n >= p->cap) {
        uint8_t *grown = n > INT32_MAX ? NULL : realloc(p->p, n + 16);

        if (!grown) {
            st->bad = 2;
            return NULL;
        }
        p->p = grown;
        p->cap = n + 16;
    }
    p->p[n] = 0;
    p->n = n;
    p->type = type;
    p->null = false;
    if (at > st->param_n)
        st->param_n = at;
    return p->p;
}

static void bind(struct pg_stmt *st, int at, Oid type, const void *v, size_t n)
{
    uint8_t *to = bind_room(st, at, type, n);

    if (to && n)
        memcpy(to, v, n);
}

void pg_bind_int(struct store_stmt *st, int at, int64_t v)
{
    uint8_t b[8];

    put_u64(b, (uint64_t)v);
    bind(stmt_of(st), at, OID_INT8, b, 8);
}

void pg_bind_real(struct store_stmt *st, int at, double v)
{
    uint8_t b[8];
    uint64_t u;

    memcpy(&u, &v, 8);
    put_u64(b, u);
    bind(stmt_of(st), at, OID_FLOAT8, b, 8);
}

void pg_bind_bytes(struct store_stmt *st, int at, struct str v, bool text)
{
    bind(stmt_of(st), at, text ? OID_TEXT : OID_BYTEA, v.n ? v.p : (const uint8_t *)"", v.n);
}

void pg_bind_null(struct store_stmt *st, int at)
{
    bind(stmt_of(st), at, 0, "", 0);
    if (at >= 1 && at <= PARAMETERS_MAX)
        stmt_of(st)->param[at - 1].null = true;
}

/* An array of one dimension, as the server takes it in binary: dimensions, no NULLs, the elements' type, how many, the first one's number. */
enum { ARRAY_HEAD = 20 };
static uint8_t *array_room(struct pg_stmt *st, int at, Oid type, Oid of, size_t n, size_t bytes)
{
    uint8_t *to = bind_room(st, at, type, n > INT32_MAX ? SIZE_MAX : ARRAY_HEAD + bytes);

    if (!to)
        return NULL;
    put_u32(to, 1);
    put_u32(to + 4, 0);
    put_u32(to + 8, of);
    put_u32(to + 12, (uint32_t)n);
    put_u32(to + 16, 1);
    return to + ARRAY_HEAD;
}

void pg_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n)
{
    uint8_t *to = array_room(stmt_of(st), at, OID_INT8_ARRAY, OID_INT8, n, n * 12);

    for (size_t i = 0; to && i < n; i++, to += 12) {
        put_u32(to, 8);
        put_u64(to + 4, (uint64_t)v[i]);
    }
}

void pg_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n)
{
    size_t bytes = 0;

    for (size_t i = 0; i < n; i++)
        bytes += 4 + v[i].n;
    uint8_t *to = array_room(stmt_of(st), at, OID_TEXT_ARRAY, OID_TEXT, n, bytes);
    for (size_t i = 0; to && i < n; i++) {
        put_u32(to, (uint32_t)v[i].n);
        if (v[i].n)
            memcpy(to + 4, v[i].p, v[i].n);
        to += 4 + v[i].n;
    }
}

/* The server forgets it. In a transaction that failed it takes no words; the name goes with the session then. */
static void forget(struct pg *g, const struct pg_stmt *st)
{
    char sql[40];

    if (PQtransactionStatus(g->c) == PQTRANS_INERROR)
        return;
    snprintf(sql, sizeof sql, "DEALLOCATE %s", st->name);
    PQclear(PQexec(g->c, sql));
}

/* Prepares anew where a value has another type than last time. NULL fits any. */
static bool types_fit(struct pg *g, struct pg_stmt *st, struct err *e)
{
    bool same = st->is_prepared;

    for (int i = 0; i < st->param_n && same; i++)
        same = st->param[i].type == 0 || st->param[i].type == st->prepared[i];
    if (same || st->param_n == 0)
        return true;
    for (int i = 0; i < st->param_n; i++)
        if (st->param[i].type)
            st->prepared[i] = st->param[i].type;
    forget(g, st);
    snprintf(st->name, sizeof st->name, "s%llu", (unsigned long long)++g->names);
    PGresult *r = PQprepare(g->c, st->name, st->sql, st->param_n, st->prepared);
    st->is_prepared = PQresultStatus(r) == PGRES_COMMAND_OK || pg_fail(g->c, r, e);
    PQclear(r);
    return st->is_prepared;
}

enum store_got pg_step(struct store_stmt *base, struct err *e)
{
    struct pg_stmt *st = stmt_of(base);
    struct pg *g = pg_of(base->store);

    if (st->bad) {
        err_set(e, st->bad == 2 ? ERR_MEMORY : ERR_USAGE, "a value of a statement: %s", st->bad == 2 ? "no room" : "no such parameter");
        return STORE_FAILED;
    }
    if (!st->result) {
        const char *value[PARAMETERS_MAX];
        int length[PARAMETERS_MAX], binary[PARAMETERS_MAX];

        if (!types_fit(g, st, e))
            return STORE_FAILED;
        for (int i = 0; i < st->param_n; i++) {
            value[i] = st->param[i].null || !st->param[i].p ? NULL : (const char *)st->param[i].p;
            length[i] = (int)st->param[i].n;
            binary[i] = 1;
        }
        st->result = PQexecPrepared(g->c, st->name, st->param_n, value, length, binary, 1);
        ExecStatusType got = PQresultStatus(st->result);
        if (got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK) {
            pg_fail(g->c, st->result, e);
            PQclear(st->result);
            st->result = NULL;
            return STORE_FAILED;
        }
        st->row = -1;
        if (st->into)
            pg_wrote(g, st->into, strtoull(PQcmdTuples(st->result), NULL, 10));
    }
    return ++st->row < PQntuples(st->result) ? STORE_ROW : STORE_DONE;
}

void pg_reset(struct store_stmt *base)
{
    struct pg_stmt *st = stmt_of(base);

    PQclear(st->result);
    st->result = NULL;
    st->row = -1;
    st->bad = 0;
    for (int i = 0; i < st->param_n; i++) {
        struct parameter *p = &st->param[i];

        p->null = true;
        if (p->cap > RESTING_BYTES) {
            free(p->p);
            p->p = NULL;
            p->cap = 0;
        }
    }
}

void pg_finish(struct store_stmt *base)
{
    struct pg_stmt *st = stmt_of(base);

    PQclear(st->result);
    forget(pg_of(base->store), st);
    for (int i = 0; i < PARAMETERS_MAX; i++)
        free(st->param[i].p);
    free(st->sql);
    free(st);
}

bool pg_null(struct store_stmt *st, int column) { return PQgetisnull(stmt_of(st)->result, stmt_of(st)->row, column) != 0; }

static int64_t value_int(Oid type, const uint8_t *p, size_t n)
{
    switch (type) {
    case OID_INT8: case OID_BOOL: return (int64_t)get_be(p, n);
    case OID_INT4: return (int32_t)get_be(p, n);
    case OID_INT2: return (int16_t)get_be(p, n);
    default:       return 0;
    }
}

double pg_real(struct store_stmt *base, int column)
{
    struct pg_stmt *st = stmt_of(base);
    Oid type = PQftype(st->result, column);
    const uint8_t *p = (const uint8_t *)PQgetvalue(st->result, st->row, column);
    double d = 0;
    float  f = 0;

    if (pg_null(base, column))
        return 0;
    uint64_t u = get_be(p, (size_t)PQgetlength(st->result, st->row, column) & 15);
    uint32_t w = (uint32_t)u;
    if (type == OID_FLOAT8)
        memcpy(&d, &u, 8);
    else if (type == OID_FLOAT4) {
        memcpy(&f, &w, 4);
        d = (double)f;
    } else
        d = (double)value_int(type, p, (size_t)PQgetlength(st->result, st->row, column));
    return d;
}

int64_t pg_int(struct store_stmt *base, int column)
{
    struct pg_stmt *st = stmt_of(base);
    Oid type = PQftype(st->result, column);

    if (pg_null(base, column))
        return 0;
    if (type == OID_FLOAT8 || type == OID_FLOAT4)
        return (int64_t)pg_real(base, column);
    return value_int(type, (const uint8_t *)PQgetvalue(st->result, st->row, column), (size_t)PQgetlength(st->result, st->row, column));
}

struct str pg_bytes(struct store_stmt *base, int column)
{
    struct pg_stmt *st = stmt_of(base);

    if (pg_null(base, column))
        return STR_EMPTY;
    return (struct str){ (const uint8_t *)PQgetvalue(st->result, st->row, column), (size_t)PQgetlength(st->result, st->row, column) };
}
