/*
 * figures_fit: how fast servers are patched.
 *
 * Half-life  of the unpatched share of a cohort, of those that can be told, from a straight line through its logarithm, day by day since the first fix:
 *            a server that is gone, or whose build nobody sees any more, was not patched. The interval is for 95 %, from the larger of two errors: how
 *            far the days stray from the line, and the chance of so many servers being patched as were (n independent servers of one rate). A
 *            line is a description; nobody says that patching has a constant rate.
 * Survival   a server is known to be patched only between two looks. Turnbull's estimator takes the intervals as they are; beside it stand the
 *            two bounds: everybody patched as soon, and as late, as the looks allow. Servers that vanish unpatched leave the count that day.
 * Units      days since 1970-01-01; days; shares 0..1.
 * Bounds     FIT_DAYS_MAX days; FIT_STEPS_MAX steps of the iteration.
 * Errors     ERR_MEMORY.
 * Source     survey sheet, section 10; Turnbull 1976 (self-consistency).
 */
#ifndef SURVEY_FIGURES_FIT_H
#define SURVEY_FIGURES_FIT_H

#include "survey/figures.h"

enum { FIT_DAYS_MAX = 8000, FIT_STEPS_MAX = 2000 };

struct half_life {
    bool    known;                     /* false: fewer than two days, nobody left, or no decline */
    double  days, low, high;           /* high may be infinite: the data allow that nothing declines */
    double  per_day;                   /* factor: 0.861 */
    int32_t from, to;                  /* the days that the line goes through */
    int64_t begin, end;                /* unpatched servers on these */
    int64_t decided;                   /* servers that could be told on the last */
};
/* unpatched[i] of patched[i] + unpatched[i] servers on day from + i. What follows the first day with none unpatched is left out. */
struct half_life half_life_fit(const double *unpatched, const double *patched, size_t n, int32_t from);
/* Of the cohort of a group, between two days, from the first fix on. scratch is given back. */
bool half_life_of(const struct figures *f, struct arena scratch, uint32_t group, int32_t from, int32_t to, struct half_life *ret, struct err *e);

struct survival {
    int32_t  from; size_t n;           /* day from + i */
    double  *left;                     /* share still unpatched at the end of the day */
    double  *soon, *late;              /* the bounds */
    double   median, median_soon, median_late;      /* days from `from`; negative: less than half were patched */
    uint64_t servers, patched, unknown_when;        /* unknown_when: looks more than a day apart */
};
/* ret->n == 0: the group has no cohort. Lists in the arena. */
bool survival_of(const struct figures *f, struct arena *a, uint32_t group, struct survival *ret, struct err *e);

#endif
