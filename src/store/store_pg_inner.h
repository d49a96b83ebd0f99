/* store_pg_inner: what the files of PostgreSQL's adapter share: store_pg.c opens and closes, store_pg_stmt.c has statements, store_pg_rows.c many rows in and out, store_pg_plans.c what the planner is
 * told. Only they know libpq. */
#ifndef STORE_STORE_PG_INNER_H
#define STORE_STORE_PG_INNER_H

#include <libpq-fe.h>

#include "store/engine.h"

enum { PARAMETERS_MAX = 64 };
/* Types of values, as the server numbers them: pg_type.dat. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT4 = 700, OID_FLOAT8 = 701, OID_TEXT_ARRAY = 1009, OID_INT8_ARRAY = 1016 };

/* Tables of the session that bulks gather in: made once, for making one costs more than a few rows do. */
enum { SHELVES = 64 };
struct shelf { uint64_t of; size_t left; bool in_use; };       /* left: rows that were deleted and lie there until the shelf is cleared */
/* What this session wrote: store_pg_plans.c. due: rows at which the table is looked at. */
enum { TABLES_MAX = 64 };
struct pg_table { char name[64]; uint64_t rows, due; };
struct pg_plans { struct pg_table table[TABLES_MAX]; size_t n; uint64_t rows, due; };
struct pg { struct store s; PGconn *c; uint64_t names; struct shelf shelf[SHELVES]; struct pg_plans plans; };

static inline struct pg *pg_of(struct store *s) { return (struct pg *)s; }

/* Tells what the server says, and returns false. */
bool pg_fail(PGconn *c, const PGresult *r, struct err *e);
bool pg_run(struct pg *g, const char *sql, struct err *e);

static inline void put_u32(uint8_t p[4], uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static inline void put_u64(uint8_t p[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        p[i] = (uint8_t)(v >> (56 - 8 * i));
}

static inline uint64_t get_be(const uint8_t *p, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

/* store_pg_plans.c. NULL for a name: nothing is counted. */
struct pg_table *pg_table(struct pg *g, const char *name, size_t n);
/* The table that an INSERT goes to. */
struct pg_table *pg_table_of(struct pg *g, const char *sql);
void pg_wrote(struct pg *g, struct pg_table *t, uint64_t rows);
void pg_committed(struct store *s);

/* store_pg_stmt.c: see engine.h. */
bool pg_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e);
void pg_bind_int(struct store_stmt *st, int at, int64_t v);
void pg_bind_real(struct store_stmt *st, int at, double v);
void pg_bind_bytes(struct store_stmt *st, int at, struct str v, bool text);
void pg_bind_null(struct store_stmt *st, int at);
void pg_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n);
void pg_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n);
enum store_got pg_step(struct store_stmt *st, struct err *e);
void pg_reset(struct store_stmt *st);
void pg_finish(struct store_stmt *st);
int64_t pg_int(struct store_stmt *st, int column);
double pg_real(struct store_stmt *st, int column);
struct str pg_bytes(struct store_stmt *st, int column);
bool pg_null(struct store_stmt *st, int column);

/* store_pg_rows.c */
bool pg_bulk_begin(struct store *s, const char *table, const char *columns, int column_n, enum store_keys keys, struct store_bulk **ret, struct err *e);
void pg_bulk_int(struct store_bulk *b, int64_t v);
void pg_bulk_bytes(struct store_bulk *b, struct str v, bool text);
void pg_bulk_null(struct store_bulk *b);
bool pg_bulk_row(struct store_bulk *b, struct err *e);
bool pg_bulk_end(struct store_bulk *b, uint64_t *ret_new, struct err *e);
bool pg_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e);

#endif
