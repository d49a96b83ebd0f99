/*
 * search_each: which of some literals stand in a small text, for very many small texts and many sets of literals.
 *
 * Against search.h   no order, no places, no memory of its own while it runs: a thread makes one room for all its sets. What a text holds is told at least
 *                    once, often more than once.
 * Shape    a set is built once, then read by any number of threads; a room belongs to one.
 * Bounds   SEARCH_LITS_MAX literals of 1 to SEARCH_LIT_MAX bytes, distinct without regard to ASCII case.
 * Owner    set and room live in their arenas; literals are copied.
 * Engines  as search.h: with Hyperscan or without, the same is told.
 */
#ifndef BASE_SEARCH_EACH_H
#define BASE_SEARCH_EACH_H

#include "base/search.h"

struct search_each;
/* Literal i is told as i. n may be 0. */
bool search_each_build(const struct search_each **ret, struct arena *a, const struct str *literal, size_t n, struct err *e);

struct search_each_room;
bool search_each_room(struct search_each_room **ret, struct arena *a, const struct search_each *const *set, size_t n, struct err *e);

typedef void search_each_hit(void *ctx, uint32_t literal);
/* room: made for this set, and others. Without one, or where the library gives up in the middle, every literal is told: nothing is ever missed. */
void search_each_run(const struct search_each *s, struct search_each_room *room, struct str in, search_each_hit *on_hit, void *ctx);

#endif
