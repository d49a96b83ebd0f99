/*
 * search_hs: the literals of search.c in a database of Hyperscan, or of Vectorscan, which keeps its interface. Private to search.c.
 *
 * Shape    built once, then read by any number of threads. A scan borrows one of HS_ROOMS rooms of the database and gives it back.
 * Errors   false from search_hs_build: the arena is spent. NULL, there or from search_hs_open: the library is missing (AP_HS is not
 *          defined), cannot do it, or no room is free; search.c then uses its own matcher, with the same results.
 * Owner    database and rooms live in the arena: nothing is to be closed but what was opened.
 * Bare     a database without rooms: whoever has many of them makes one room of his own for all. Texts may be HS_BARE_MAX.
 * Bounds   HS_TEXTS_MAX texts: beyond them compiling takes longer than it saves.
 * Source   hs_compile.h and hs_runtime.h of Hyperscan 5.4.
 */
#ifndef BASE_SEARCH_HS_H
#define BASE_SEARCH_HS_H

#include "base/arena.h"
#include "base/str.h"

enum { HS_TEXTS_MAX = 8192, HS_BARE_MAX = 20000, HS_ROOMS = 32 };

struct search_hs;
struct search_hs_room;

bool search_hs_able(void);                              /* this build has the library, and this processor can run it */
/* Text i is told as i. Texts are distinct without regard to case, 1 to SEARCH_LIT_MAX bytes. */
bool search_hs_build(struct search_hs **ret, struct arena *a, const struct str *text, size_t n);

struct search_hs_room *search_hs_open(struct search_hs *h);
void search_hs_close(struct search_hs *h, struct search_hs_room *r);
/* Each occurrence, in any order. False: the library gave up, what it told so far is true. */
typedef void search_hs_hit(void *ctx, int32_t text, size_t end);
bool search_hs_run(struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx);

bool search_hs_build_bare(struct search_hs **ret, struct arena *a, const struct str *text, size_t n);
/* One room for any of these; NULL: the arena is spent. For one thread at a time. */
struct search_hs_room *search_hs_room_for(struct arena *a, struct search_hs *const *h, size_t n);
bool search_hs_run_bare(const struct search_hs *h, struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx);

#endif
