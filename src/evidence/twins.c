#include "evidence/twins.h"

#include "base/hash.h"
#include "base/winpath.h"
#include "evidence/inner.h"
#include "os/pool.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 << 10, JOBS_MAX = 16, SAME_PATH_MAX = 64 };

/* A question about two logs: is the first `bytes` of `big` what `small` holds? */
struct pair { uint32_t small, big; uint64_t bytes; bool same; };
struct asked {
    struct ev   *v;
    struct pair *pair;
    uint8_t     *block[JOBS_MAX];
};
struct by { struct str name; uint64_t size; uint32_t node; };

struct half { struct ev *v; struct ev_node *node; struct ev_stream *stream; uint64_t key; };

/* The guard is told whose bytes are read: of the two, one may bring its reader down. */
static bool open_half(struct half *h, uint32_t worker, struct arena *a, struct err *e)
{
    h->key = h->v->guard ? ev_node_key(h->v, h->node) : 0;
    if (guard_barred(h->v->guard, h->key))
        return false;                         /* the hunt will say so */
    guard_enter(h->v->guard, worker, h->key, h->node->path);
    bool ok = ev_stream_open(&h->stream, h->v, h->node, false, a, e);
    guard_leave(h->v->guard, worker);
    return ok;
}

static bool fill_half(struct half *h, uint32_t worker, uint8_t *buf, size_t want, struct err *e)
{
    size_t got = 0;

    guard_enter(h->v->guard, worker, h->key, h->node->path);
    bool ok = ev_stream_fill(h->stream, buf, want, &got, e);
    guard_leave(h->v->guard, worker);
    return ok && got == want;
}

static bool same_bytes(struct ev *v, const struct pair *p, uint8_t *block, uint32_t worker)
{
    struct half h[2] = { { .v = v, .node = &v->node[p->small] }, { .v = v, .node = &v->node[p->big] } };
    uint8_t     mem[2][4096];
    struct err  e = { 0 };
    bool        ok = true;

    for (int i = 0; i < 2 && ok; i++) {
        struct arena a = { mem[i], mem[i] + sizeof mem[i], NULL };
        ok = open_half(&h[i], worker, &a, &e);
    }
    for (uint64_t at = 0; ok && at < p->bytes;) {
        size_t want = p->bytes - at < BLOCK ? (size_t)(p->bytes - at) : BLOCK;
        ok = fill_half(&h[0], worker, block, want, &e) && fill_half(&h[1], worker, block + BLOCK, want, &e) && memcmp(block, block + BLOCK, want) == 0;
        at += want;
    }
    for (int i = 0; i < 2; i++)
        ev_stream_close(h[i].stream);
    return ok;
}

static bool ask(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct asked *q = ctx;

    (void)turn;
    (void)e;
    q->pair[i].same = same_bytes(q->v, &q->pair[i], q->block[worker], worker);
    return true;
}

static int by_name(const void *a, const void *b)
{
    const struct by *x = a, *y = b;
    int c = ev_fold_cmp(x->name, y->name);

    if (!c && x->size != y->size)
        c = x->size < y->size ? -1 : 1;
    return c ? c : x->node < y->node ? -1 : x->node > y->node;
}

static bool add(struct pair **list, size_t *n, size_t *cap, struct arena *a, uint32_t small, uint32_t big, uint64_t bytes, struct err *e)
{
    struct pair *at = (struct pair *)arena_grow(a, (void **)list, *n, cap, sizeof **list, _Alignof(struct pair));

    if (!at)
        return err_set(e, ERR_MEMORY, "no room for logs that are there twice");
    *at = (struct pair){ small, big, bytes, false };
    ++*n;
    return true;
}

bool twins_find(struct ev *v, const uint32_t *log, size_t n, uint32_t jobs, struct arena *scratch, uint32_t **ret, struct err *e)
{
    uint32_t    *of = NEW(scratch, uint32_t, n + 1);
    struct by   *by = NEW(scratch, struct by, n + 1);
    struct asked q  = { .v = v };
    size_t       pairs = 0, cap = 0;

    if (!of || !by)
        return err_set(e, ERR_MEMORY, "no room for the list of logs");
    for (size_t i = 0; i < n; i++) {
        of[i] = UINT32_MAX;
        by[i] = (struct by){ winpath_name(v->node[log[i]].path), v->node[log[i]].size_bytes, (uint32_t)i };
    }
    *ret = of;
    qsort(by, n, sizeof *by, by_name);
    /* Neighbours of one name and size: each is asked against the one before it, so equal ones form a chain. */
    for (size_t i = 1; i < n; i++)
        if (by[i].size && by[i].size == by[i - 1].size && ev_fold_cmp(by[i].name, by[i - 1].name) == 0 &&
            !add(&q.pair, &pairs, &cap, scratch, log[by[i].node], log[by[i - 1].node], by[i].size, e))
            return false;
    /* Of one path, of different sizes: the smaller may be the beginning of the greater. */
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n && k < i + SAME_PATH_MAX && ev_fold_cmp(v->node[log[i]].path, v->node[log[k]].path) == 0; k++) {
            uint64_t a = v->node[log[i]].size_bytes, b = v->node[log[k]].size_bytes;
            if (a && b && a != b && !add(&q.pair, &pairs, &cap, scratch, a < b ? log[i] : log[k], a < b ? log[k] : log[i], a < b ? a : b, e))
                return false;
        }
    if (!pairs)
        return true;
    jobs = jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : jobs;
    for (uint32_t i = 0; i < jobs; i++)
        if (!(q.block[i] = TAKE(scratch, uint8_t, 2 * BLOCK)))
            return err_set(e, ERR_MEMORY, "no room to compare logs");
    if (!pool_run(jobs, pairs, ask, &q, e))
        return false;
    for (size_t i = 0; i < pairs; i++) {
        const struct pair *p = &q.pair[i];
        size_t lo = 0, hi = n;
        while (p->same && lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (log[mid] < p->small)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (p->same && of[lo] == UINT32_MAX)
            of[lo] = p->big;
    }
    return true;
}
