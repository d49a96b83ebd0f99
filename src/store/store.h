/*
 * store: one SQL database, SQLite in a file or PostgreSQL, behind one table of functions.
 *
 * Shape    thin: statements in the SQL that both understand, numbered parameters ?1 ?2 ..., typed columns. The store knows no table of
 *          anybody's: each layer brings its own migrations (name and steps) and its own statements.
 * Where    "FILE.db" or ":memory:" for SQLite, "postgresql://..." for PostgreSQL. A password never appears in a message.
 * Writers  one at a time: opening for writing takes a lock that the system gives back when the process dies; a second writer is refused in
 *          words. Readers are many and never wait for the writer (WAL, snapshots). STORE_SHARE is for several that write a few rows now and then,
 *          senders of notices beside an import: no lock, their transactions come one after the other and wait for each other, and for a STORE_WRITE's with SQLite.
 *          It does not migrate. Who takes numbers from what he has read once (record.h) is no such one.
 * Safe     what store_commit said is done is there after kill -9 and after power is lost; what it did not is not there at all.
 * Types    64-bit integers, doubles, UTF-8 text, bytes, NULL. Text from evidence may hold anything: NUL and broken UTF-8 go in as replaced
 *          characters (PostgreSQL takes neither), so who needs the very bytes binds bytes.
 * Errors   ERR_IO with the engine's own words, no statement's values in them. ERR_USAGE: the address cannot be understood, a writer is there already.
 *          After an error within a transaction the only way on is store_rollback.
 * Speed    a statement that was finished is kept, and costs nothing to prepare again.
 * Plans    a large write is followed by a look at the tables it filled, so that who reads next has good plans (PostgreSQL: ANALYZE; SQLite's need none).
 * Owner    column views live until the next step, reset or close of their statement. What is bound is copied. Statements and bulks are ended
 *          before their store.
 * Threads  a store belongs to one thread at a time; several threads open one each.
 * Bounds   the rows of one statement lie in memory with PostgreSQL: what may be millions is read with store_scan.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/str.h"

struct store;
struct store_stmt;

enum store_mode { STORE_READ, STORE_WRITE, STORE_SHARE };
enum store_got { STORE_ROW, STORE_DONE, STORE_FAILED };

bool store_open(struct store **ret, struct str where, enum store_mode mode, struct err *e);
void store_close(struct store *s);                             /* NULL is allowed; an open transaction is undone */
bool store_is_postgresql(const struct store *s);

/* Steps that bring layer `name` to its newest schema, each in a transaction of its own, once. A store newer than the program is refused. */
struct store_migration { const char *name; const char *const *step; int step_n; };
bool store_migrate(struct store *s, const struct store_migration *m, struct err *e);

bool store_begin(struct store *s, struct err *e);
bool store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);

/*
 * Words that differ are written so: {id} a growing 64-bit key, {blob} bytes, {int} 64-bit integer, {real} double, {clustered} after the
 * closing bracket of a table that is read by its key. Several statements may stand in one. sum() of integers is a numeric with PostgreSQL: CAST
 * (sum(x) AS {int}). "x {in ?1}" of a statement: x is one of the set that store_bind_ints or store_bind_texts gave: hundreds of rows are asked for at once,
 * and not one after the other.
 */
bool store_exec(struct store *s, const char *sql, struct err *e);

bool store_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e);
void store_bind_int(struct store_stmt *st, int at, int64_t v);  /* at: from 1 */
void store_bind_real(struct store_stmt *st, int at, double v);
void store_bind_text(struct store_stmt *st, int at, struct str v);
void store_bind_bytes(struct store_stmt *st, int at, struct str v);
void store_bind_null(struct store_stmt *st, int at);
void store_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n);        /* a set, for {in} */
void store_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n);
enum store_got store_step(struct store_stmt *st, struct err *e);
/* The first column of the only row of a statement without parameters. False without an error: there is no row. */
bool store_one_int(struct store *s, const char *sql, int64_t *ret, struct err *e);
bool store_run(struct store_stmt *st, struct err *e);           /* steps to the end and resets */
void store_reset(struct store_stmt *st);                        /* also forgets what was bound */
void store_finish(struct store_stmt *st);                       /* NULL is allowed */
int64_t store_int(struct store_stmt *st, int column);           /* column: from 0; NULL gives 0 */
double  store_real(struct store_stmt *st, int column);
struct str store_text(struct store_stmt *st, int column);
struct str store_bytes(struct store_stmt *st, int column);
bool    store_null(struct store_stmt *st, int column);

/*
 * Many rows at once, the engine's fastest way (COPY; one prepared INSERT), within a transaction. Values come in the order of columns; a row ends
 * with store_bulk_row. Rows whose key is there already are left out ("the same file twice changes nothing"); with STORE_FRESH the caller knows
 * that none is, and a key that is there fails: faster. Columns are {int}, TEXT and {blob} only. Several bulks may be open at once, and
 * statements run between; rows are sure to be there for them after store_bulk_end.
 */
enum store_keys { STORE_KEEP_OLD, STORE_FRESH };
struct store_bulk;
bool store_bulk_begin(struct store *s, const char *table, const char *columns, enum store_keys keys, struct store_bulk **ret, struct err *e);
void store_bulk_int(struct store_bulk *b, int64_t v);
void store_bulk_text(struct store_bulk *b, struct str v);
void store_bulk_bytes(struct store_bulk *b, struct str v);
void store_bulk_null(struct store_bulk *b);
bool store_bulk_row(struct store_bulk *b, struct err *e);
bool store_bulk_end(struct store_bulk *b, uint64_t *ret_new, struct err *e);   /* ends it also when it fails; NULL is allowed, so is ret_new */

/*
 * Many rows out, streamed: `sql` is one SELECT without parameters, of `columns` columns that are {int}, TEXT or {blob}. take returns false to
 * stop, with why. No other statement of this store runs meanwhile.
 */
struct store_value { int64_t i; struct str s; bool null; };    /* i of integers, s of text and bytes */
typedef bool store_take(void *ctx, const struct store_value *v, struct err *e);
bool store_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e);

/*
 * A large table read by several readers at once, each a store of its own: store_extent once, then the condition for part 0..parts-1 of a table
 * whose key is the column `id`: "WHERE <condition>" gives each row in just one part. Rows that are added meanwhile may be given or not: ask for
 * id <= a number known before.
 */
enum { STORE_PART_TEXT = 96 };
bool store_extent(struct store *s, const char *table, uint64_t *ret, struct err *e);
void store_part(struct store *s, uint64_t extent, uint32_t part, uint32_t parts, char ret[STORE_PART_TEXT]);

#endif
