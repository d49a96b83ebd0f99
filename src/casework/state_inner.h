/* state_inner: facts in the order in which they are walked. */
#ifndef CASEWORK_STATE_INNER_H
#define CASEWORK_STATE_INNER_H

#include "casework/state.h"

#include <stdlib.h>
#include <string.h>

/* When it was true, as far as that can be believed. */
static inline int64_t fact_us(const struct fact *f)
{
    return f->observed_us == TIME_NONE || f->observed_us > f->recorded_us ? f->recorded_us : f->observed_us;
}
static inline int64_t later(int64_t x, int64_t y) { return x > y ? x : y; }       /* TIME_NONE is earlier than all */
static inline int64_t earlier(int64_t x, int64_t y) { return x == TIME_NONE || (y != TIME_NONE && y < x) ? y : x; }

/*
 * Known and true facts of one subject (all: of every), each once, sorted by subject and then as the header says; by_recorded: by recorded_us and hash.
 * In the arena. *ret_now: at.now_us, or the newest fact's time.
 */
bool facts_sorted(const struct fact *f, size_t n, const uint64_t *subject, struct fold_at at, bool by_recorded, struct arena *a, const struct fact ***ret, size_t *ret_n,
                  int64_t *ret_now, struct err *e);
static inline bool is_asset_fact(const struct fact *f) { return f->kind <= FACT_NOT_MINE; }

/* On facts that are sorted already. */
void asset_walk(const struct fact *const *f, size_t n, struct arena scratch, struct asset_state *ret, bool *ret_full);
void notice_walk(const struct fact *const *f, size_t n, struct notice_state *ret);

#endif
