/*
 * SQLite behind engine.h. The only file that knows sqlite3.h.
 *
 * Safe     WAL with synchronous=FULL: a commit waits until the log is on the disk. Readers see the state of their first read.
 * One      writer: a lock file FILE-lock (os/lock.h) held as long as the store is open, because SQLite's own lock ends with each transaction
 *          and two importers in turn would not know of each other.
 * Memory   caches of CACHE_*_KIB: numbers of rows are hashes, so a writer comes to every page of a table again and again; what does not fit is read back from the log each time. Sorting goes to files.
 */
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/lock.h"
#include "store/engine.h"

enum { CACHE_WRITE_KIB = 131072, CACHE_READ_KIB = 8192, BUSY_MS = 10000, SHARE_BUSY_MS = 120000, CHECKPOINT_PAGES = 8192 };

struct lite      { struct store s; sqlite3 *db; struct os_file lock; };
struct lite_stmt { struct store_stmt st; sqlite3_stmt *h; int bad; };
struct lite_bulk { struct store_bulk b; sqlite3_stmt *h; int at; };

static struct lite *lite_of(struct store *s) { return (struct lite *)s; }
static struct lite_stmt *stmt_of(struct store_stmt *st) { return (struct lite_stmt *)st; }
static struct lite_bulk *bulk_of(struct store_bulk *b) { return (struct lite_bulk *)b; }

static bool lite_fail(sqlite3 *db, struct err *e)
{
    int code = db ? sqlite3_errcode(db) & 0xff : SQLITE_NOMEM;

    err_set(e, code == SQLITE_NOMEM ? ERR_MEMORY : ERR_IO, "%s", db ? sqlite3_errmsg(db) : "no memory for SQLite");
    if (code == SQLITE_FULL)
        return err_hint(e, "the disk is full, or the store has reached its largest size; nothing of this step was kept");
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return err_hint(e, "another program holds the store: try again when it has ended");
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return err_hint(e, "this file is no whole SQLite database: restore it, or import into a new one");
    return false;
}

static bool lite_mine(struct str where)
{
    (void)where;
    return true;
}

static void lite_close(struct store *s)
{
    struct lite *l = lite_of(s);

    sqlite3_close_v2(l->db);
    os_unlock(&l->lock);
    free(l);
}

static bool lite_lock(struct lite *l, const char *path, struct err *e)
{
    char name[PATH_MAX];
    bool busy;
    int n = snprintf(name, sizeof name, "%s-lock", path);

    if (n < 0 || (size_t)n >= sizeof name)
        return err_set(e, ERR_USAGE, "the path of the store is too long");
    if (os_lock(str_c(name), &l->lock, &busy, e))
        return true;
    if (busy) {
        err_set(e, ERR_USAGE, "another program writes into this store");
        err_hint(e, "one writer at a time: wait until it has ended");
    }
    return false;
}

static bool lite_settings(struct lite *l, enum store_mode mode, bool memory, struct err *e)
{
    char sql[512];

    sqlite3_busy_timeout(l->db, mode == STORE_SHARE ? SHARE_BUSY_MS : BUSY_MS);
    sqlite3_extended_result_codes(l->db, 1);
    snprintf(sql, sizeof sql, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-%d; %s",
             mode == STORE_WRITE ? CACHE_WRITE_KIB : CACHE_READ_KIB, mode == STORE_READ ? "PRAGMA query_only=ON" : "");
    if (sqlite3_exec(l->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return lite_fail(l->db, e);
    snprintf(sql, sizeof sql, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=%d", CHECKPOINT_PAGES);
    if (mode != STORE_READ && !memory && sqlite3_exec(l->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return lite_fail(l->db, e);
    /* The first read finds out that a file is none of ours. */
    return sqlite3_exec(l->db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL) == SQLITE_OK || lite_fail(l->db, e);
}

static bool lite_open(struct store **ret, struct str where, enum store_mode mode, struct err *e)
{
    char path[PATH_MAX];
    bool memory = str_eq(where, STR(":memory:"));

    if (where.n >= sizeof path || str_chr(where, 0) != STR_NONE)
        return err_set(e, ERR_USAGE, "no path of a store: %zu bytes", where.n);
    memcpy(path, where.p, where.n);
    path[where.n] = 0;
    struct lite *l = calloc(1, sizeof *l);
    if (!l)
        return err_set(e, ERR_MEMORY, "no room for a store");
    l->lock = OS_FILE_NONE;
    bool ok = mode != STORE_WRITE || memory || lite_lock(l, path, e);
    if (ok) {
        /* A name that SQLite would take for a URI or a temporary file is a path like any other here. */
        char plain[PATH_MAX + 2];
        int flags = SQLITE_OPEN_NOMUTEX | (mode == STORE_READ && !memory ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);

        snprintf(plain, sizeof plain, "%s%s", memory || path[0] == '/' ? "" : "./", path);
        ok = sqlite3_open_v2(plain, &l->db, flags, NULL) == SQLITE_OK || lite_fail(l->db, e);
        ok = ok && lite_settings(l, mode, memory, e);
    }
    if (!ok) {
        err_where(e, "%s", path);
        lite_close(&l->s);
        return false;
    }
    *ret = &l->s;
    return true;
}

static bool lite_exec(struct store *s, const char *sql, struct err *e)
{
    struct lite *l = lite_of(s);

    /* SQLite undoes a transaction by itself when the disk is full: a ROLLBACK after that is none. */
    if (!strcmp(sql, "ROLLBACK") && sqlite3_get_autocommit(l->db))
        return true;
    return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK || lite_fail(l->db, e);
}

/* ---- statements ---- */

static bool lite_prepare(struct store *s, const char *sql, struct store_stmt **ret, struct err *e)
{
    struct lite_stmt *st = calloc(1, sizeof *st);

    if (!st)
        return err_set(e, ERR_MEMORY, "no room for a statement");
    if (sqlite3_prepare_v2(lite_of(s)->db, sql, -1, &st->h, NULL) != SQLITE_OK) {
        lite_fail(lite_of(s)->db, e);
        free(st);
        return false;
    }
    *ret = &st->st;
    return true;
}

static void bound(struct lite_stmt *st, int code)
{
    if (code != SQLITE_OK)
        st->bad = code;
}

static void lite_bind_int(struct store_stmt *st, int at, int64_t v) { bound(stmt_of(st), sqlite3_bind_int64(stmt_of(st)->h, at, v)); }
static void lite_bind_real(struct store_stmt *st, int at, double v) { bound(stmt_of(st), sqlite3_bind_double(stmt_of(st)->h, at, v)); }
static void lite_bind_null(struct store_stmt *st, int at) { bound(stmt_of(st), sqlite3_bind_null(stmt_of(st)->h, at)); }

static void lite_bind_bytes(struct store_stmt *st, int at, struct str v, bool text)
{
    const char *p = v.n ? (const char *)v.p : "";

    bound(stmt_of(st), text ? sqlite3_bind_text64(stmt_of(st)->h, at, p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8)
                            : sqlite3_bind_blob64(stmt_of(st)->h, at, p, v.n, SQLITE_TRANSIENT));
}

/* A set goes as an array of JSON, for json_each. */
static void bind_json(struct store_stmt *st, int at, char *json, size_t n)
{
    bound(stmt_of(st), json ? sqlite3_bind_text64(stmt_of(st)->h, at, json, n, free, SQLITE_UTF8) : SQLITE_NOMEM);
}

static void lite_bind_ints(struct store_stmt *st, int at, const int64_t *v, size_t n)
{
    enum { NUMBER = 21 };
    size_t cap = n * NUMBER + 3, k = 0;
    char  *json = malloc(cap);

    for (size_t i = 0; json && i < n; i++)
        k += (size_t)snprintf(json + k, cap - k, "%c%lld", i ? ',' : '[', (long long)v[i]);
    if (json)
        k += (size_t)snprintf(json + k, cap - k, "%s", n ? "]" : "[]");
    bind_json(st, at, json, k);
}

/* RFC 8259, 7: quotes, backslashes and control characters are escaped, all else stands for itself. */
static void lite_bind_texts(struct store_stmt *st, int at, const struct str *v, size_t n)
{
    static const char digit[] = "0123456789abcdef";
    size_t cap = 2, k = 0;

    for (size_t i = 0; i < n; i++)
        cap += v[i].n * 6 + 3;
    char *json = malloc(cap);
    for (size_t i = 0; json && i < n; i++) {
        json[k++] = i ? ',' : '[';
        json[k++] = '"';
        for (size_t j = 0; j < v[i].n; j++) {
            uint8_t c = v[i].p[j];

            if (c == '"' || c == '\\') {
                json[k++] = '\\';
                json[k++] = (char)c;
            } else if (c < 0x20) {
                memcpy(json + k, "\\u00", 4);
                json[k + 4] = digit[c >> 4];
                json[k + 5] = digit[c & 15];
                k += 6;
            } else {
                json[k++] = (char)c;
            }
        }
        json[k++] = '"';
    }
    if (json && !n)
        json[k++] = '[';
    if (json)
        json[k++] = ']';
    bind_json(st, at, json, k);
}

static enum store_got lite_step(struct store_stmt *st, struct err *e)
{
    struct lite_stmt *l = stmt_of(st);

    if (l->bad) {
        err_set(e, l->bad == SQLITE_NOMEM ? ERR_MEMORY : ERR_USAGE, "a value of a statement: %s", sqlite3_errstr(l->bad));
        return STORE_FAILED;
    }
    switch (sqlite3_step(l->h)) {
    case SQLITE_ROW:  return STORE_ROW;
    case SQLITE_DONE: return STORE_DONE;
    default:          lite_fail(sqlite3_db_handle(l->h), e); return STORE_FAILED;
    }
}

static void lite_reset(struct store_stmt *st)
{
    sqlite3_reset(stmt_of(st)->h);
    sqlite3_clear_bindings(stmt_of(st)->h);
    stmt_of(st)->bad = 0;
}

static void lite_finish(struct store_stmt *st)
{
    sqlite3_finalize(stmt_of(st)->h);
    free(st);
}

static int64_t lite_int(struct store_stmt *st, int column) { return sqlite3_column_int64(stmt_of(st)->h, column); }
static double  lite_real(struct store_stmt *st, int column) { return sqlite3_column_double(stmt_of(st)->h, column); }
static bool    lite_null(struct store_stmt *st, int column) { return sqlite3_column_type(stmt_of(st)->h, column) == SQLITE_NULL; }

static struct str column_bytes(sqlite3_stmt *h, int column)
{
    const void *p = sqlite3_column_blob(h, column);

    return (struct str){ p, p ? (size_t)sqlite3_column_bytes(h, column) : 0 };
}

static struct str lite_bytes(struct store_stmt *st, int column) { return column_bytes(stmt_of(st)->h, column); }

/* ---- many rows in ---- */

static bool lite_bulk_begin(struct store *s, const char *table, const char *columns, int column_n, enum store_keys keys, struct store_bulk **ret,
                            struct err *e)
{
    char sql[2048], marks[256];
    struct lite_bulk *b = calloc(1, sizeof *b);

    if (!b)
        return err_set(e, ERR_MEMORY, "no room for many rows");
    if ((size_t)column_n * 2 >= sizeof marks)
        goto fail;
    for (int i = 0; i < column_n; i++)
        memcpy(marks + (size_t)i * 2, "?,", 3);
    marks[(size_t)column_n * 2 - 1] = 0;
    int n = snprintf(sql, sizeof sql, "INSERT INTO %s (%s) VALUES (%s)%s", table, columns, marks,
                     keys == STORE_KEEP_OLD ? " ON CONFLICT DO NOTHING" : "");
    if (n < 0 || (size_t)n >= sizeof sql)
        goto fail;
    if (sqlite3_prepare_v3(lite_of(s)->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &b->h, NULL) != SQLITE_OK) {
        lite_fail(lite_of(s)->db, e);
        free(b);
        return false;
    }
    *ret = &b->b;
    return true;
fail:
    free(b);
    return err_set(e, ERR_USAGE, "table %s has too many columns", table);
}

static void lite_bulk_int(struct store_bulk *b, int64_t v)
{
    struct lite_bulk *l = bulk_of(b);

    b->no_memory |= sqlite3_bind_int64(l->h, ++l->at, v) != SQLITE_OK;
}

static void lite_bulk_null(struct store_bulk *b)
{
    struct lite_bulk *l = bulk_of(b);

    b->no_memory |= sqlite3_bind_null(l->h, ++l->at) != SQLITE_OK;
}

static void lite_bulk_bytes(struct store_bulk *b, struct str v, bool text)
{
    struct lite_bulk *l = bulk_of(b);
    const char *p = v.n ? (const char *)v.p : "";

    l->at++;
    b->no_memory |= (text ? sqlite3_bind_text64(l->h, l->at, p, v.n, SQLITE_TRANSIENT, SQLITE_UTF8)
                          : sqlite3_bind_blob64(l->h, l->at, p, v.n, SQLITE_TRANSIENT)) != SQLITE_OK;
}

static bool lite_bulk_row(struct store_bulk *b, struct err *e)
{
    struct lite_bulk *l = bulk_of(b);
    sqlite3 *db = sqlite3_db_handle(l->h);

    l->at = 0;
    if (sqlite3_step(l->h) != SQLITE_DONE) {
        lite_fail(db, e);
        sqlite3_reset(l->h);
        return false;
    }
    b->rows_new += (uint64_t)sqlite3_changes64(db);
    sqlite3_reset(l->h);
    return true;
}

static bool lite_bulk_end(struct store_bulk *b, uint64_t *ret_new, struct err *e)
{
    (void)e;
    *ret_new = b->rows_new;
    sqlite3_finalize(bulk_of(b)->h);
    free(b);
    return true;
}

/* ---- many rows out ---- */

enum { SCAN_COLUMNS_MAX = 64 };

static bool lite_scan(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e)
{
    struct store_value v[SCAN_COLUMNS_MAX];
    sqlite3 *db = lite_of(s)->db;
    sqlite3_stmt *h;
    int code = SQLITE_ERROR;
    bool ok = true;

    if (columns > SCAN_COLUMNS_MAX)
        return err_set(e, ERR_USAGE, "%d columns, at most %d", columns, SCAN_COLUMNS_MAX);
    if (sqlite3_prepare_v2(db, sql, -1, &h, NULL) != SQLITE_OK)
        return lite_fail(db, e);
    while (ok && (code = sqlite3_step(h)) == SQLITE_ROW) {
        for (int i = 0; i < columns; i++) {
            int type = sqlite3_column_type(h, i);

            if (type == SQLITE_INTEGER)
                v[i] = (struct store_value){ .i = sqlite3_column_int64(h, i) };
            else
                v[i] = (struct store_value){ .s = column_bytes(h, i), .null = type == SQLITE_NULL };
        }
        ok = take(ctx, v, e);
    }
    if (ok && code != SQLITE_DONE)
        ok = lite_fail(db, e);
    sqlite3_finalize(h);
    return ok;
}

const struct store_engine store_sqlite = {
    .name = "SQLite", .id = "INTEGER PRIMARY KEY", .blob = "BLOB", .integer = "INTEGER", .real = "REAL", .clustered = "WITHOUT ROWID",
    .in = " IN (SELECT value FROM json_each(", .in_end = "))", .parameter = '?', .begin = { "BEGIN", "BEGIN IMMEDIATE", "BEGIN IMMEDIATE" },
    .mine = lite_mine, .open = lite_open, .close = lite_close, .exec = lite_exec, .prepare = lite_prepare,
    .bind_int = lite_bind_int, .bind_real = lite_bind_real, .bind_bytes = lite_bind_bytes, .bind_null = lite_bind_null,
    .bind_ints = lite_bind_ints, .bind_texts = lite_bind_texts,
    .step = lite_step, .reset = lite_reset, .finish = lite_finish,
    .get_int = lite_int, .get_real = lite_real, .get_bytes = lite_bytes, .get_null = lite_null,
    .bulk_begin = lite_bulk_begin, .bulk_int = lite_bulk_int, .bulk_bytes = lite_bulk_bytes, .bulk_null = lite_bulk_null,
    .bulk_row = lite_bulk_row, .bulk_end = lite_bulk_end, .scan = lite_scan, .extent = "SELECT coalesce(max(id), 0) FROM %s",
};
