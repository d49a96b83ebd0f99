#include "evidence/twins.h"

#include "base/hash.h"
#include "base/winpath.h"
#include "evidence/inner.h"
#include "os/pool.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 << 10, JOBS_MAX = 16, SAME_PATH_MAX = 64, SAME_MAX = 1024 };

/* A question about two logs: is the first `bytes` of `big` what `small` holds? Or about one (big UINT32_MAX): its hash. */
struct pair { uint32_t small, big; uint64_t bytes; bool known; uint8_t sha256[HASH_SHA256_BYTES]; };
struct asked {
    struct ev   *v;
    struct pair *pair;
    uint8_t     *block[JOBS_MAX];
};
struct by { struct str name; uint64_t size; uint32_t node; };

struct half { struct ev *v; struct ev_node *node; struct ev_stream *stream; uint64_t key; };

/* The guard is told whose bytes are read: of the two, one may bring its reader down. */
static bool open_half(struct half *h, uint32_t worker, bool hash, struct arena *a, struct err *e)
{
    h->key = h->v->guard ? ev_node_key(h->v, h->node) : 0;
    if (guard_barred(h->v->guard, h->key))
        return false;                         /* the hunt will say so */
    guard_enter(h->v->guard, worker, h->key, h->node->path);
    bool ok = ev_stream_open(&h->stream, h->v, h->node, hash, a, e);
    guard_leave(h->v->guard, worker);
    return ok;
}

static bool fill_half(struct half *h, uint32_t worker, uint8_t *buf, size_t want, size_t *ret_got, struct err *e)
{
    guard_enter(h->v->guard, worker, h->key, h->node->path);
    bool ok = ev_stream_fill(h->stream, buf, want, ret_got, e);
    guard_leave(h->v->guard, worker);
    return ok;
}

static bool same_bytes(struct ev *v, const struct pair *p, uint8_t *block, uint32_t worker)
{
    struct half h[2] = { { .v = v, .node = &v->node[p->small] }, { .v = v, .node = &v->node[p->big] } };
    uint8_t     mem[2][4096];
    struct err  e = { 0 };
    bool        ok = true;

    for (int i = 0; i < 2 && ok; i++) {
        struct arena a = { mem[i], mem[i] + sizeof mem[i], NULL };
        ok = open_half(&h[i], worker, false, &a, &e);
    }
    for (uint64_t at = 0; ok && at < p->bytes;) {
        size_t want = p->bytes - at < BLOCK ? (size_t)(p->bytes - at) : BLOCK, got[2] = { 0, 0 };
        ok = fill_half(&h[0], worker, block, want, &got[0], &e) && fill_half(&h[1], worker, block + BLOCK, want, &got[1], &e) && got[0] == want &&
             got[1] == want && memcmp(block, block + BLOCK, want) == 0;
        at += want;
    }
    for (int i = 0; i < 2; i++)
        ev_stream_close(h[i].stream);
    return ok;
}

static bool hash_of(struct ev *v, uint32_t node, uint8_t *block, uint32_t worker, uint8_t *ret)
{
    struct half  h = { .v = v, .node = &v->node[node] };
    uint8_t      mem[4096];
    struct arena a = { mem, mem + sizeof mem, NULL };
    struct err   e = { 0 };
    size_t       got = 1;
    bool         ok = open_half(&h, worker, true, &a, &e);

    while (ok && got)
        ok = fill_half(&h, worker, block, BLOCK, &got, &e);
    ev_stream_close(h.stream);
    memcpy(ret, h.node->sha256, HASH_SHA256_BYTES);
    return ok && h.node->hashed;
}

static bool ask(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct asked *q = ctx;

    (void)turn;
    (void)e;
    struct pair *p = &q->pair[i];
    p->known = p->big == UINT32_MAX ? hash_of(q->v, p->small, q->block[worker], worker, p->sha256) : same_bytes(q->v, p, q->block[worker], worker);
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
    *at = (struct pair){ .small = small, .big = big, .bytes = bytes };
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
    for (size_t i = 0; i < n; i++) {
        bool before = i > 0 && by[i].size == by[i - 1].size && ev_fold_cmp(by[i].name, by[i - 1].name) == 0;
        bool after  = i + 1 < n && by[i].size == by[i + 1].size && ev_fold_cmp(by[i].name, by[i + 1].name) == 0;
        if (by[i].size && (before || after) && !add(&q.pair, &pairs, &cap, scratch, log[by[i].node], UINT32_MAX, by[i].size, e))
            return false;
    }
    size_t hashed = pairs;
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
        struct pair *p = &q.pair[i];
        /* Those of one name and size stand together, in the order of nodes: the first with this hash is the one that is read. */
        for (size_t k = i; i < hashed && p->known && p->big == UINT32_MAX && k-- > 0 && i - k <= SAME_MAX;)
            if (q.pair[k].known && q.pair[k].bytes == p->bytes && v->node[q.pair[k].small].family == v->node[p->small].family && memcmp(q.pair[k].sha256, p->sha256, sizeof p->sha256) == 0)
                p->big = q.pair[k].big == UINT32_MAX ? q.pair[k].small : q.pair[k].big;
        size_t lo = 0, hi = n;
        while (p->known && p->big != UINT32_MAX && lo < hi) {
            size_t mid = lo + (hi - lo) / 2;
            if (log[mid] < p->small)
                lo = mid + 1;
            else
                hi = mid;
        }
        if (p->known && p->big != UINT32_MAX && of[lo] == UINT32_MAX)
            of[lo] = p->big;
    }
    return true;
}
