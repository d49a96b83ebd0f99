/* See kept.h. */
#include "store/kept.h"

#include <stdlib.h>
#include <string.h>

static void end(struct store_stmt *st)
{
    free(st->sql);
    st->store->engine->finish(st);
}

static struct store_stmt *out(struct store *s, size_t at)
{
    struct store_stmt *st = s->kept[at];

    memmove(s->kept + at, s->kept + at + 1, (--s->kept_n - at) * sizeof *s->kept);
    return st;
}

struct store_stmt *kept_take(struct store *s, const char *sql)
{
    for (size_t i = s->kept_n; i-- > 0;)
        if (!strcmp(s->kept[i]->sql, sql))
            return out(s, i);
    return NULL;
}

void kept_put(struct store_stmt *st)
{
    struct store *s = st->store;

    if (st->failed || !st->sql) {
        end(st);
        return;
    }
    s->engine->reset(st);
    if (s->kept_n == KEPT_MAX)
        end(out(s, 0));
    s->kept[s->kept_n++] = st;
}

void kept_end(struct store *s)
{
    while (s->kept_n)
        end(out(s, s->kept_n - 1));
}
