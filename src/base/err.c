#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return false;
    e->kind = kind;
    e->where[0] = e->hint[0] = '\0';
    va_start(ap, fmt);
    vsnprintf(e->what, sizeof e->what, fmt, ap);
    va_end(ap);
    return false;
}

bool err_where(struct err *e, const char *fmt, ...)
{
    va_list ap;
    char    inner[sizeof e->where];

    if (!e)
        return false;
    memcpy(inner, e->where, sizeof inner);
    va_start(ap, fmt);
    int n = vsnprintf(e->where, sizeof e->where, fmt, ap);
    va_end(ap);
    if (n >= 0 && (size_t)n < sizeof e->where)
        snprintf(e->where + n, sizeof e->where - (size_t)n, "%s", inner);
    return false;
}

bool err_hint(struct err *e, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return false;
    va_start(ap, fmt);
    vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return false;
}

const char *err_kind_name(enum err_kind kind)
{
    static const char *const name[] = { "no error", "i/o error", "bad format", "limit reached",
                                        "out of memory", "wrong usage" };
    return (unsigned)kind < sizeof name / sizeof *name ? name[kind] : "error";
}
