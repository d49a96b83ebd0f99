/*
 * search: many literals at once, without regard to ASCII case. The prefilter of the hunt.
 *
 * Shape    a database built once, then read by any number of threads.
 * Order    on_hit is called in order of `end`; several literals that end at one place, in order of id.
 *          Overlapping occurrences are all reported.
 * Bounds   SEARCH_LITS_MAX literals of 1 to SEARCH_LIT_MAX bytes; more is ERR_LIMIT.
 * Owner    the database lives in the arena; literals are copied.
 * Engines  this interface hides them: Hyperscan or Vectorscan where the build has it, else our own, which is always there. Which of them
 *          answers makes no difference but time.
 * Not done regular expressions; Unicode case.
 */
#ifndef BASE_SEARCH_H
#define BASE_SEARCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { SEARCH_LITS_MAX = 200000, SEARCH_LIT_MAX = 1024 };

struct search;
struct search_lit {
    struct str s;
    uint32_t   id;      /* the caller's; several literals may share one */
};

bool search_build(const struct search **ret, struct arena *a, const struct search_lit *lit, size_t n, struct err *e);
/* For a search of little text: without a library, whose databases take longer to build than such a search. */
bool search_build_small(const struct search **ret, struct arena *a, const struct search_lit *lit, size_t n, struct err *e);

/* The literals as they are searched for: distinct, in lower case. For measuring, and for telling what is searched for. */
size_t     search_text_n(const struct search *s);
struct str search_text(const struct search *s, size_t i);

/* end: one past the last byte of the occurrence. False from on_hit ends the scan; search_scan then gives false. */
typedef bool search_hit(void *ctx, uint32_t id, size_t end);
bool search_scan(const struct search *s, struct str in, search_hit *on_hit, void *ctx);
/* The same by our own matcher, and by its portable code alone, whatever the processor can do. Tests compare the three. */
bool search_scan_own(const struct search *s, struct str in, search_hit *on_hit, void *ctx);
bool search_scan_portable(const struct search *s, struct str in, search_hit *on_hit, void *ctx);

#endif
