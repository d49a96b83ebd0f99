#include "os/pool.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

/* Whatever `ulimit -s` says: the deepest walk of a page needs less than a tenth of this, under the sanitizers less than half. */
enum { POOL_JOBS_MAX = 256, POOL_STACK_BYTES = 4 << 20 };

/*
 * Rule 1   items [0, start) were started, in order; items [0, at) have merged; at <= start.
 * Rule 2   an item that started always ends and merges, so no pool_wait can wait for ever.
 * Rule 3   start - at <= number of threads: a thread takes a new item only after its last one has merged.
 */
struct pool_turn {
    pthread_mutex_t lock;
    pthread_cond_t  moved;
    size_t          n, start, at;
    size_t          bad_i;          /* lowest item that failed; SIZE_MAX: none */
    struct err      bad;
    pool_work      *work;
    void           *ctx;
};

struct worker {
    struct pool_turn *turn;
    uint32_t          id;
    pthread_t         thread;
};

void pool_wait(struct pool_turn *t, size_t i)
{
    pthread_mutex_lock(&t->lock);
    while (t->at < i)
        pthread_cond_wait(&t->moved, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void pool_next(struct pool_turn *t, size_t i)
{
    pthread_mutex_lock(&t->lock);
    while (t->at < i)
        pthread_cond_wait(&t->moved, &t->lock);
    if (t->at == i) {
        t->at++;
        pthread_cond_broadcast(&t->moved);
    }
    pthread_mutex_unlock(&t->lock);
}

static bool take(struct pool_turn *t, size_t *ret)
{
    pthread_mutex_lock(&t->lock);
    bool more = t->bad_i == SIZE_MAX && t->start < t->n;
    if (more)
        *ret = t->start++;
    pthread_mutex_unlock(&t->lock);
    return more;
}

static void *run(void *arg)
{
    struct worker *w = arg;
    size_t         i;

    while (take(w->turn, &i)) {
        struct err e = { 0 };
        if (!w->turn->work(w->turn->ctx, i, w->id, w->turn, &e)) {
            pthread_mutex_lock(&w->turn->lock);
            if (i < w->turn->bad_i) {
                w->turn->bad_i = i;
                w->turn->bad   = e;
            }
            pthread_mutex_unlock(&w->turn->lock);
        }
        pool_next(w->turn, i);
    }
    return NULL;
}

bool pool_run(uint32_t jobs, size_t n, pool_work *work, void *ctx, struct err *e)
{
    struct pool_turn t = { .n = n, .bad_i = SIZE_MAX, .work = work, .ctx = ctx };
    struct worker    w[POOL_JOBS_MAX];
    pthread_attr_t   attr;
    uint32_t         others = 0;
    int              rc;

    if (jobs > POOL_JOBS_MAX)
        jobs = POOL_JOBS_MAX;
    if (jobs > n)
        jobs = (uint32_t)n;
    if ((rc = pthread_mutex_init(&t.lock, NULL)) != 0)
        return err_set(e, ERR_MEMORY, "no lock: %s", strerror(rc));
    if ((rc = pthread_cond_init(&t.moved, NULL)) != 0) {
        pthread_mutex_destroy(&t.lock);
        return err_set(e, ERR_MEMORY, "no condition: %s", strerror(rc));
    }
    if ((rc = pthread_attr_init(&attr)) != 0) {
        pthread_cond_destroy(&t.moved);
        pthread_mutex_destroy(&t.lock);
        return err_set(e, ERR_MEMORY, "no thread attributes: %s", strerror(rc));
    }
    (void)pthread_attr_setstacksize(&attr, POOL_STACK_BYTES);
    /* The caller is worker 0. A thread that cannot be made only makes the run slower. */
    w[0] = (struct worker){ .turn = &t, .id = 0 };
    for (uint32_t i = 1; i < jobs; i++) {
        w[i] = (struct worker){ .turn = &t, .id = i };
        if (pthread_create(&w[i].thread, &attr, run, &w[i]) != 0)
            break;
        others = i;
    }
    run(&w[0]);
    for (uint32_t i = 1; i <= others; i++)
        pthread_join(w[i].thread, NULL);
    pthread_attr_destroy(&attr);
    pthread_cond_destroy(&t.moved);
    pthread_mutex_destroy(&t.lock);
    if (t.bad_i != SIZE_MAX) {
        *e = t.bad;
        return false;
    }
    return true;
}
