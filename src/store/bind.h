/*
 * bind: one statement with its values, in one line. What store.h gives, for those who do not repeat a statement often.
 *
 * Owner    nothing is kept: the statement is ended before the function returns.
 * Errors   of the store.
 */
#ifndef STORE_BIND_H
#define STORE_BIND_H

#include "base/time.h"
#include "store/store.h"

/* A value. A time that is TIME_NONE is NULL. A set, for {in}, lives as long as the call. */
struct bound { enum bound_kind { BOUND_INT, BOUND_TIME, BOUND_TEXT, BOUND_BYTES, BOUND_INTS, BOUND_TEXTS } kind; int64_t i; struct str s; const int64_t *ints; const struct str *texts; };
#define B_INT(v)   ((struct bound){ .kind = BOUND_INT, .i = (int64_t)(v) })
#define B_TIME(v)  ((struct bound){ .kind = BOUND_TIME, .i = (v) })
#define B_TEXT(v)  ((struct bound){ .kind = BOUND_TEXT, .s = (v) })
#define B_BYTES(v) ((struct bound){ .kind = BOUND_BYTES, .s = (v) })
#define B_INTS(p, n)  ((struct bound){ .kind = BOUND_INTS, .ints = (p), .i = (int64_t)(n) })
#define B_TEXTS(p, n) ((struct bound){ .kind = BOUND_TEXTS, .texts = (p), .i = (int64_t)(n) })

void bind_values(struct store_stmt *st, const struct bound *v, size_t n);
bool bind_run(struct store *s, const char *sql, const struct bound *v, size_t n, struct err *e);
/* The first `columns` numbers of the first row; NULL gives TIME_NONE. False with ERR_NONE: there is no row. */
bool bind_ask(struct store *s, const char *sql, const struct bound *v, size_t n, int64_t *ret, int columns, struct err *e);
/* A statement that is bound and ready to step. */
bool bind_open(struct store *s, const char *sql, const struct bound *v, size_t n, struct store_stmt **ret, struct err *e);

#define BOUND(...) (const struct bound[]){ __VA_ARGS__ }, sizeof((const struct bound[]){ __VA_ARGS__ }) / sizeof(struct bound)

/* NULL: TIME_NONE. */
static inline int64_t store_time(struct store_stmt *st, int column) { return store_null(st, column) ? TIME_NONE : store_int(st, column); }

#endif
