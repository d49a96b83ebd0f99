/*
 * err: what happened, where, and what the operator can do.
 *
 * Never allocates, so it works when memory is what ran out. Lower layers return
 * errors and never print; only `cli` prints, once.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind { ERR_NONE, ERR_IO, ERR_FORMAT, ERR_LIMIT, ERR_MEMORY, ERR_USAGE };

struct err {
    enum err_kind kind;
    char what[160];       /* one fact, lower case, no full stop     */
    char where[256];      /* source!/path@offset, outermost first   */
    char hint[160];       /* a next step for the operator, or empty */
};

/* Always false, so that a failing check stays one line. Text is cut at the field's size. */
bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts one more outer part before `where`: err_where(e, "web01.zip!/"). Always false. */
bool err_where(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Always false. */
bool err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *err_kind_name(enum err_kind kind);

#endif
