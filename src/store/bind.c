/* See bind.h. */
#include "store/bind.h"

void bind_values(struct store_stmt *st, const struct bound *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int at = (int)i + 1;

        if (v[i].kind == BOUND_TEXT)
            store_bind_text(st, at, v[i].s);
        else if (v[i].kind == BOUND_BYTES)
            store_bind_bytes(st, at, v[i].s);
        else if (v[i].kind == BOUND_INTS)
            store_bind_ints(st, at, v[i].ints, (size_t)v[i].i);
        else if (v[i].kind == BOUND_TEXTS)
            store_bind_texts(st, at, v[i].texts, (size_t)v[i].i);
        else if (v[i].kind == BOUND_TIME && v[i].i == TIME_NONE)
            store_bind_null(st, at);
        else
            store_bind_int(st, at, v[i].i);
    }
}

bool bind_open(struct store *s, const char *sql, const struct bound *v, size_t n, struct store_stmt **ret, struct err *e)
{
    if (!store_prepare(s, sql, ret, e))
        return false;
    bind_values(*ret, v, n);
    return true;
}

bool bind_run(struct store *s, const char *sql, const struct bound *v, size_t n, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, sql, v, n, &st, e))
        return false;
    bool ok = store_run(st, e);
    store_finish(st);
    return ok;
}

bool bind_ask(struct store *s, const char *sql, const struct bound *v, size_t n, int64_t *ret, int columns, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, sql, v, n, &st, e))
        return false;
    enum store_got got = store_step(st, e);
    for (int i = 0; i < columns && got == STORE_ROW; i++)
        ret[i] = store_time(st, i);
    store_finish(st);
    return got == STORE_ROW;
}
