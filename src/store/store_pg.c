/*
 * PostgreSQL behind engine.h: who comes in, and how. Statements: store_pg_stmt.c; many rows: store_pg_rows.c.
 *
 * Safe     the server's own: COMMIT waits for its log (synchronous_commit is set to on at least). One writer: an advisory lock of the session,
 *          which the server gives back when the connection ends.
 */
#include "store/store_pg_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "afterpatch" in the low bits of the key: other programs use advisory locks too. */
#define WRITER_LOCK "7305800125013590"
#define SHARE_LOCK  "7305800125013591"

/* What the server says first: its DETAIL and CONTEXT hold values. */
bool pg_fail(PGconn *c, const PGresult *r, struct err *e)
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

bool pg_run(struct pg *g, const char *sql, struct err *e)
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

const struct store_engine store_pg = {
    .name = "PostgreSQL", .id = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", .blob = "BYTEA", .integer = "BIGINT",
    .real = "DOUBLE PRECISION", .clustered = "",
    .in = " = ANY(", .in_end = ")", .parameter = '$', .begin = { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "BEGIN", "BEGIN; SELECT pg_advisory_xact_lock(" SHARE_LOCK ")" },
    .mine = pg_mine, .open = pg_open, .close = pg_close, .exec = pg_exec, .committed = pg_committed, .prepare = pg_prepare,
    .bind_int = pg_bind_int, .bind_real = pg_bind_real, .bind_bytes = pg_bind_bytes, .bind_null = pg_bind_null,
    .bind_ints = pg_bind_ints, .bind_texts = pg_bind_texts,
    .step = pg_step, .reset = pg_reset, .finish = pg_finish,
    .get_int = pg_int, .get_real = pg_real, .get_bytes = pg_bytes, .get_null = pg_null,
    .bulk_begin = pg_bulk_begin, .bulk_int = pg_bulk_int, .bulk_bytes = pg_bulk_bytes, .bulk_null = pg_bulk_null,
    .bulk_row = pg_bulk_row, .bulk_end = pg_bulk_end, .scan = pg_scan,
    .extent = "SELECT pg_relation_size('%s') / current_setting('block_size')::bigint", .by_place = true,
};
