/*
 * PostgreSQL behind engine.h. The only file that knows libpq.
 *
 * Safe     the server's own: COMMIT waits for its log (synchronous_commit is set to on at least). One writer: an advisory lock of the session,
 *          which the server gives back when the connection ends.
 * Types    statements are prepared at their first step, when the types of their parameters are known: bigint, double precision, text, bytea,
 *          in binary. A later step with other types prepares anew.
 * Bulk     rows gather in memory and go in pieces of BULK_BYTES as COPY in binary: straight into the table when the keys are known to be new,
 *          else through a temporary table and INSERT ... ON CONFLICT DO NOTHING.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "store/engine.h"

enum { BULK_BYTES = 1 << 20, PARAMETERS_MAX = 64, OID_INT8 = 20, OID_TEXT = 25, OID_FLOAT8 = 701, OID_BYTEA = 17, OID_INT4 = 23, OID_INT2 = 21, OID_INT8_ARRAY = 1016, OID_TEXT_ARRAY = 1009 };
enum { OID_BOOL = 16, OID_FLOAT4 = 700 };
/* "afterpatch" in the low bits of the key: other programs use advisory locks too. */
#define WRITER_LOCK "7305800125013590"
#define SHARE_LOCK  "7305800125013591"

/* Tables of the session that bulks gather in: made once, for making one costs more than a few rows do. */
enum { SHELVES = 64, SHELF_LEFT_MAX = 4096 };
struct shelf { uint64_t of; size_t left; bool in_use; };       /* left: rows that were deleted and lie there until the shelf is cleared */
struct pg { struct store s; PGconn *c; uint64_t names; struct shelf shelf[SHELVES]; };
struct parameter { Oid type; bool null; uint8_t *p; size_t n, cap; };
struct pg_stmt {
    struct store_stmt st;
    char *sql, name[24];
    struct parameter param[PARAMETERS_MAX];
    int   param_n, bad;
    Oid   prepared[PARAMETERS_MAX];
    bool  is_prepared;
    PGresult *result;
    int   row;                  /* of result, -1: not begun */
};
struct pg_bulk { struct store_bulk b; char *into, *copy, *move, *clear, *wipe; struct shelf *shelf; uint8_t *p; size_t n, cap, rows; int column_n, at; };

static struct pg *pg_of(struct store *s) { return (struct pg *)s; }
static struct pg_stmt *stmt_of(struct store_stmt *st) { return (struct pg_stmt *)st; }
static struct pg_bulk *bulk_of(struct store_bulk *b) { return (struct pg_bulk *)b; }

/* What the server says first: its DETAIL and CONTEXT hold values. */
static bool pg_fail(PGconn *c, const PGresult *r, struct err *e)
{
    const char *what = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;

    if (!what || !*what)
        what = c ? PQerrorMessage(c) : "no memory for PostgreSQL";
    int n = (int)strcspn(what, "\n");
    err_set(e, ERR_IO, "PostgreSQL: %.*s", n ? n : 15, n ? what : "no word of why");
    if (c && PQstatus(c) == CONNECTION_BAD)
        return err_hint(e, "the connection is gone; what was not committed is not there: run it again");
    if (state && !strncmp(state, "53", 2))
        return err_hint(e, "the server has no room left (disk, memory or connections); nothing of this step was kept");
    return false;
}

static bool pg_run(struct pg *g, const char *sql, struct err *e)
{
    PGresult *r = PQexec(g->c, sql);
    ExecStatusType got = PQresultStatus(r);
    bool ok = got == PGRES_COMMAND_OK || got == PGRES_TUPLES_OK;

    if (!ok)
        pg_fail(g->c, r, e);
    PQclear(r);
    return ok;
}

/* ---- open and close ---- */

static bool pg_mine(struct str where) { return str_starts(where, STR("postgresql://")) || str_starts(where, STR("postgres://")); }

static void pg_close(struct store *s)
{
    /* At once, and not when the server comes to see that we are gone. */
    if (s->mode == STORE_WRITE)
        PQclear(PQexec(pg_of(s)->c, "SELECT pg_advisory_unlock_all()"));
    PQfinish(pg_of(s)->c);
    free(s);
}

static void quiet(void *ctx, const PGresult *r)
{
    (void)ctx;
    (void)r;
}

/* The server needs a moment until it has noticed that a writer was killed: so long we wait before we believe that one is there. */
enum { WRITER_TRIES = 50 };

static bool writer_lock(struct pg *g, struct err *e)
{
    for (int i = 0; i < WRITER_TRIES; i++) {
        PGresult *r = PQexec(g->c, i ? "SELECT pg_try_advisory_lock(" WRITER_LOCK ") FROM pg_sleep(0.02)" : "SELECT pg_try_advisory_lock(" WRITER_LOCK ")");
        bool told = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1, mine = told && PQgetvalue(r, 0, 0)[0] == 't';

        if (!told)
            pg_fail(g->c, r, e);
        PQclear(r);
        if (!told || mine)
            return mine;
    }
    err_set(e, ERR_USAGE, "another program writes into this store");
    return err_hint(e, "one writer at a time: wait until it has ended");
}

/* The address without its password: whatever stands between the first ':' after the user and '@' is left out, and all parameters. */
static void where_shown(struct str where, struct err *e)
{
    struct str rest = str_from(where, str_find(where, STR("://")) + 3);
    size_t end = str_chr(rest, '?'), at = str_rchr(str_sub(rest, 0, end == STR_NONE ? rest.n : end), '@');

    rest = str_sub(rest, at == STR_NONE ? 0 : at + 1, end == STR_NONE ? rest.n : end);
    err_where(e, "postgresql://%.*s", STR_ARG(rest));
}

static bool pg_open(struct store **ret, struct str where, enum store_mode mode, struct err *e)
{
    char *address = malloc(where.n + 1), *why = NULL;
    struct pg *g = calloc(1, sizeof *g);
    bool ok = address && g;

    if (!ok) {
        err_set(e, ERR_MEMORY, "no room for a store");
        goto out;
    }
    memcpy(address, where.p, where.n);
    address[where.n] = 0;
    PQconninfoOption *o = str_chr(where, 0) == STR_NONE ? PQconninfoParse(address, &why) : NULL;
    PQfreemem(why);                                  /* libpq's words repeat the address */
    if (!o) {
        ok = err_set(e, ERR_USAGE, "not an address of PostgreSQL");
        err_hint(e, "postgresql://user@host:5432/database; a socket: postgresql:///database?host=/run/postgresql");
        goto out;
    }
    PQconninfoFree(o);
    const char *const key[] = { "dbname", "application_name", NULL }, *const value[] = { address, "afterpatch", NULL };
    g->c = PQconnectdbParams(key, value, 1);
    ok = g->c && PQstatus(g->c) == CONNECTION_OK;
    if (!ok) {
        pg_fail(g->c, NULL, e);
        err_hint(e, "is the server there, and may this user come in? the password is best kept in ~/.pgpass");
    }
    if (ok) {
        PQsetNoticeReceiver(g->c, quiet, NULL);
        ok = PQserverVersion(g->c) >= 140000 || err_set(e, ERR_USAGE, "PostgreSQL %d, at least 14 is needed", PQserverVersion(g->c) / 10000);
    }
    ok = ok && (PQsetClientEncoding(g->c, "UTF8") == 0 || pg_fail(g->c, NULL, e));
    if (ok && mode != STORE_READ)
        ok = pg_run(g, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')", e) &&
             (mode == STORE_SHARE || writer_lock(g, e));
    else if (ok)
        ok = pg_run(g, "SET default_transaction_read_only = on", e);
out:
    free(address);
    if (!ok) {
        where_shown(where, e);
        if (g) {
            PQfinish(g->c);
            free(g);
        }
        return false;
    }
    *ret = &g->s;
    return true;
}

static bool pg_exec(struct store *s, const char *sql, struct err *e) { return pg_run(pg_of(s), sql, e); }

/* ---- statements ---- */

static bool pg_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e)
{
    struct pg_stmt *st = calloc(1, sizeof *st);

    if (!st || !(st->sql = strdup(sql))) {
        free(st);
        return err_set(e, ERR_MEMORY, "no room for a statement");
    }
    snprintf(st->name, sizeof st->name, "s%llu", (unsigned long long)++pg_of(s)->names);
    st->row = -1;
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

static void put_u32(uint8_t p[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void put_u64(uint8_t p[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static uint64_t get_be(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static void pg_bind_int(struct store_stmt *st, int at, int64_t v)
{
    uint8_t b[8];

    put_u64(b, (uint64_t)v);
    bind(stmt_of(st), at, OID_INT8, b, 8);
}

static void pg_bind_real(struct store_stmt *st, int at, double v)
{
    uint8_t b[8];
    uint64_t u;

    memcpy(&u, &v, 8);
    put_u64(b, u);
    bind(stmt_of(st), at, OID_FLOAT8, b, 8);
}

static void pg_bind_bytes(struct store_stmt *st, int at, struct str v, bool text)
{
    bind(stmt_of(st), at, text ? OID_TEXT : OID_BYTEA, v.n ? v.p : (const uint8_t *)"", v.n);
}

static void pg_bind_null(struct store_stmt *st, int at)
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

static void pg_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n)
{
    uint8_t *to = array_room(stmt_of(st), at, OID_INT8_ARRAY, OID_INT8, n, n * 12);

    for (size_t i = 0; to && i < n; i++, to += 12) {
        put_u32(to, 8);
        put_u64(to + 4, (uint64_t)v[i]);
    }
}

static void pg_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n)
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
    snprintf(st->name, sizeof st->name, "s%llu", (unsigned long long)++g->names);
    PGresult *r = PQprepare(g->c, st->name, st->sql, st->param_n, st->prepared);
    st->is_prepared = PQresultStatus(r) == PGRES_COMMAND_OK || pg_fail(g->c, r, e);
    PQclear(r);
    return st->is_prepared;
}

static enum store_got pg_step(struct store_stmt *base, struct err *e)
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
    }
    return ++st->row < PQntuples(st->result) ? STORE_ROW : STORE_DONE;
}

static void pg_reset(struct store_stmt *base)
{
    struct pg_stmt *st = stmt_of(base);

    PQclear(st->result);
    st->result = NULL;
    st->row = -1;
    st->bad = 0;
    for (int i = 0; i < st->param_n; i++)
        st->param[i].null = true;
}

static void pg_finish(struct store_stmt *base)
{
    struct pg_stmt *st = stmt_of(base);
    char sql[40];

    PQclear(st->result);
    if (PQtransactionStatus(pg_of(base->store)->c) != PQTRANS_INERROR) {
        snprintf(sql, sizeof sql, "DEALLOCATE %s", st->name);
        PQclear(PQexec(pg_of(base->store)->c, sql));
    }
    for (int i = 0; i < PARAMETERS_MAX; i++)
        free(st->param[i].p);
    free(st->sql);
    free(st);
}

static bool pg_null(struct store_stmt *st, int column) { return PQgetisnull(stmt_of(st)->result, stmt_of(st)->row, column) != 0; }

static int64_t value_int(Oid type, const uint8_t *p, size_t n)
{
    switch (type) {
    case OID_INT8: case OID_BOOL: return (int64_t)get_be(p, n);
    case OID_INT4: return (int32_t)get_be(p, n);
    case OID_INT2: return (int16_t)get_be(p, n);
    default:       return 0;
    }
}

static double pg_real(struct store_stmt *base, int column)
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

static int64_t pg_int(struct store_stmt *base, int column)
{
    struct pg_stmt *st = stmt_of(base);
    Oid type = PQftype(st->result, column);

    if (pg_null(base, column))
        return 0;
    if (type == OID_FLOAT8 || type == OID_FLOAT4)
        return (int64_t)pg_real(base, column);
    return value_int(type, (const uint8_t *)PQgetvalue(st->result, st->row, column), (size_t)PQgetlength(st->result, st->row, column));
}

static struct str pg_bytes(struct store_stmt *base, int column)
{
    struct pg_stmt *st = stmt_of(base);

    if (pg_null(base, column))
        return STR_EMPTY;
    return (struct str){ (const uint8_t *)PQgetvalue(st->result, st->row, column), (size_t)PQgetlength(st->result, st->row, column) };
}

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

static bool pg_bulk_begin(struct store *s, const char *table, const char *columns, int column_n, enum store_keys keys, struct store_bulk **ret,
                          struct err *e)
{
    struct pg *g = pg_of(s);
    struct pg_bulk *b = calloc(1, sizeof *b);
    char name[32];

    if (!b)
        return err_set(e, ERR_MEMORY, "no room for many rows");
    b->column_n = column_n;
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

static void pg_bulk_int(struct store_bulk *b, int64_t v)
{
    uint8_t p[8];

    put_u64(p, (uint64_t)v);
    bulk_put(bulk_of(b), 8, p, 8);
}

static void pg_bulk_null(struct store_bulk *b) { bulk_put(bulk_of(b), UINT32_MAX, NULL, 0); }

static void pg_bulk_bytes(struct store_bulk *b, struct str v, bool text)
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

static bool pg_bulk_row(struct store_bulk *base, struct err *e)
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

static bool pg_bulk_end(struct store_bulk *base, uint64_t *ret_new, struct err *e)
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

static bool pg_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e)
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

const struct store_engine store_pg = {
    .name = "PostgreSQL", .id = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", .blob = "BYTEA", .integer = "BIGINT",
    .real = "DOUBLE PRECISION", .clustered = "",
    .in = " = ANY(", .in_end = ")", .parameter = '$', .begin = { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN", "BEGIN; SELECT pg_advisory_xact_lock(" SHARE_LOCK ")" },
    .mine = pg_mine, .open = pg_open, .close = pg_close, .exec = pg_exec, .prepare = pg_prepare,
    .bind_int = pg_bind_int, .bind_real = pg_bind_real, .bind_bytes = pg_bind_bytes, .bind_null = pg_bind_null,
    .bind_ints = pg_bind_ints, .bind_texts = pg_bind_texts,
    .step = pg_step, .reset = pg_reset, .finish = pg_finish,
    .get_int = pg_int, .get_real = pg_real, .get_bytes = pg_bytes, .get_null = pg_null,
    .bulk_begin = pg_bulk_begin, .bulk_int = pg_bulk_int, .bulk_bytes = pg_bulk_bytes, .bulk_null = pg_bulk_null,
    .bulk_row = pg_bulk_row, .bulk_end = pg_bulk_end, .scan = pg_scan,
    .extent = "SELECT pg_relation_size('%s') / current_setting('block_size')::bigint", .by_place = true,
};
