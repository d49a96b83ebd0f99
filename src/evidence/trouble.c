#include "evidence/trouble.h"

#include "base/map.h"
#include "os/os.h"

#include <pthread.h>
#include <stdlib.h>

struct troubles {
    pthread_mutex_t lock;
    struct arena    whole, keep;
    struct map      known;          /* container, path and reason */
    struct trouble *item; size_t n, cap;
    uint64_t        more;
};

bool trouble_open(struct troubles **ret, struct err *e)
{
    struct arena whole = { 0 };

    if (!os_arena_map(&whole, TROUBLE_BYTES, e))
        return false;
    struct arena     keep = whole;
    struct troubles *t = NEW(&keep, struct troubles, 1);
    if (!t || pthread_mutex_init(&t->lock, NULL) != 0) {
        os_arena_unmap(&whole);
        return err_set(e, ERR_MEMORY, "no room for the list of refused files");
    }
    t->whole = whole;
    t->keep  = keep;
    *ret = t;
    return true;
}

void trouble_close(struct troubles *t)
{
    if (!t)
        return;
    struct arena whole = t->whole;
    pthread_mutex_destroy(&t->lock);
    os_arena_unmap(&whole);
}

static bool add(struct troubles *t, uint32_t container, struct str path, struct str what, struct str hint)
{
    struct arena before = t->keep;
    struct str   key    = str_fmt(&t->keep, "%u|%.*s|%.*s", container, STR_ARG(what), STR_ARG(path));

    if (key.p && map_get(&t->known, key) != MAP_NONE) {
        t->keep = before;
        return true;
    }
    struct trouble *at = key.p && t->n < TROUBLE_MAX && map_put(&t->known, &t->keep, key, 0) ? GROW(&t->keep, t->item, t->n, &t->cap) : NULL;
    if (!at)
        return false;
    *at = (struct trouble){ container, str_dup(&t->keep, path), str_dup(&t->keep, what), str_dup(&t->keep, hint) };
    if (!at->path.p || !at->what.p || !at->hint.p)
        return false;
    t->n++;
    return true;
}

void trouble_add(struct troubles *t, uint32_t container, struct str path, const char *what, const char *hint)
{
    pthread_mutex_lock(&t->lock);
    if (!add(t, container, str_sub(path, 0, 2048), str_c(what), str_c(hint)))
        t->more++;
    pthread_mutex_unlock(&t->lock);
}

static int by_path(const void *a, const void *b)
{
    const struct trouble *x = a, *y = b;
    int c = str_cmp(x->path, y->path);

    if (!c)
        c = str_cmp(x->what, y->what);
    return c ? c : x->container < y->container ? -1 : x->container > y->container;
}

const struct trouble *trouble_list(struct troubles *t, size_t *ret_n, uint64_t *ret_more)
{
    pthread_mutex_lock(&t->lock);
    if (t->n)
        qsort(t->item, t->n, sizeof *t->item, by_path);
    *ret_n    = t->n;
    *ret_more = t->more;
    pthread_mutex_unlock(&t->lock);
    return t->item;
}
