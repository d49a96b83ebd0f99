/*
 * pool: the same work on items 0..n-1 by several threads, with results taken in order.
 *
 * Order    items start in order. Inside work(), pool_turn(turn, i) waits until every item before i has called
 *          pool_next: so results merge in the order of the items, and the outcome does not depend on `jobs`.
 *          At most `jobs` items are under way: that bounds what waiting results can cost.
 * Errors   work() returns false to stop early: no new item starts; *e of the first such item (lowest i) is given back.
 * Rule     every work(i) that returns calls pool_next exactly once or leaves it to the pool, which does it then.
 */
#ifndef OS_POOL_H
#define OS_POOL_H

#include "base/err.h"
#include "base/arena.h"

struct pool_turn;

/* worker: 0..jobs-1, to pick per-thread scratch. */
typedef bool pool_work(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e);

bool pool_run(uint32_t jobs, size_t n, pool_work *work, void *ctx, struct err *e);
void pool_wait(struct pool_turn *turn, size_t i);   /* until it is i's turn */
void pool_next(struct pool_turn *turn, size_t i);   /* i has merged; harmless when called twice */

#endif
