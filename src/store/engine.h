/*
 * engine: what a database must be able to do for store.h. Adapters: store_sqlite.c, store_pg*.c; their libraries' types go no further.
 *
 * Shape    the first member of an engine's own store, statement and bulk is the common one.
 * Errors   in the engine's words, without values: no DETAIL of PostgreSQL, no address with a password.
 */
#ifndef STORE_ENGINE_H
#define STORE_ENGINE_H

#include "store/store.h"

struct store_engine;

enum { KEPT_MAX = 128 };

struct store {
    const struct store_engine *engine;
    enum store_mode mode;
    bool in_transaction;
    struct store_stmt *kept[KEPT_MAX]; size_t kept_n;         /* kept.h; the last one rests shortest */
};
struct store_stmt { struct store *store; char *sql; bool failed; };       /* sql: in the words of store.h; NULL: it is not kept */
struct store_bulk {
    struct store *store;
    enum store_keys keys;
    uint64_t rows_new;
    uint8_t *scratch; size_t scratch_cap;       /* for text that had to be cleaned */
    bool     no_memory;
};

struct store_engine {
    const char *name;
    const char *id, *blob, *integer, *real, *clustered;       /* the words of store_exec */
    const char *in, *in_end;                                  /* "{in ?1}": what stands before the parameter, and behind it */
    char  parameter;                                          /* '?' or '$' */
    const char *begin[3];                                     /* how a transaction begins, by enum store_mode */
    bool (*mine)(struct str where);
    bool (*open)(struct store **ret, struct str where, enum store_mode mode, struct err *e);
    void (*close)(struct store *s);
    bool (*exec)(struct store *s, const char *sql, struct err *e);
    void (*committed)(struct store *s);                       /* after a transaction is done; NULL: nothing is to do */
    bool (*prepare)(struct store *s, const char *sql, struct store_stmt **ret, struct err *e);
    void (*bind_int)(struct store_stmt *st, int at, int64_t v);
    void (*bind_real)(struct store_stmt *st, int at, double v);
    void (*bind_bytes)(struct store_stmt *st, int at, struct str v, bool text);
    void (*bind_null)(struct store_stmt *st, int at);
    void (*bind_ints)(struct store_stmt *st, int at, const int64_t *v, size_t n);
    void (*bind_texts)(struct store_stmt *st, int at, const struct str *v, size_t n);      /* clean already */
    enum store_got (*step)(struct store_stmt *st, struct err *e);
    void (*reset)(struct store_stmt *st);
    void (*finish)(struct store_stmt *st);
    int64_t (*get_int)(struct store_stmt *st, int column);
    double  (*get_real)(struct store_stmt *st, int column);
    struct str (*get_bytes)(struct store_stmt *st, int column);
    bool    (*get_null)(struct store_stmt *st, int column);
    bool (*bulk_begin)(struct store *s, const char *table, const char *columns, int column_n, enum store_keys keys, struct store_bulk **ret, struct err *e);
    void (*bulk_int)(struct store_bulk *b, int64_t v);
    void (*bulk_bytes)(struct store_bulk *b, struct str v, bool text);
    void (*bulk_null)(struct store_bulk *b);
    bool (*bulk_row)(struct store_bulk *b, struct err *e);
    bool (*bulk_end)(struct store_bulk *b, uint64_t *ret_new, struct err *e);    /* writes what is left and frees b, also when it fails */
    const char *extent;                                       /* SQL with %s for the table */
    bool by_place;                                            /* its parts are pages, not keys */
    bool (*scan)(struct store *s, const char *sql, int columns, store_take *take, void *ctx, struct err *e);
};

extern const struct store_engine store_sqlite, store_pg;

#endif
