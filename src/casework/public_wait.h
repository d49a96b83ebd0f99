/*
 * public_wait: how long things take, for everybody: the median of Kaplan and Meier as an interval that no four organisations could have made.
 *
 * Shape    An update counts, for each pair of steps and the end of each week, how many cases had arrived by then and how many were still waiting, by bands of time
 *          (wait_take): numbers alone. Publication makes one interval of them (wait_told).
 * Rules    1. The interval begins and ends at borders of bands. It holds the median, and would hold it whatever any WAIT_FOUR of the cases had done: arrived at once, never,
 *             at any time, or never been a case. So all that is told of all pairs and weeks together stays true whatever any four organisations had done, and says
 *             nothing of four, nor of one: there is nothing to subtract. Where nothing waits longer than another does, some nine arrivals lie within it.
 *          2. Nothing is told before PUBLIC_TEN organisations have arrived. What is told is as of the end of a week, and is told again, unchanged, until the end of the
 *             first week by which PUBLIC_TEN more have arrived: so between two publications that differ lie ten arrivals.
 *          3. The whole only: no stratum has a median, and no whole and its strata can be compared.
 *          4. No other quantile is told, no interval of confidence and no number of arrivals: each would be more of the same. The shape of a curve tells of its ends, where few are.
 * Bound    of rule 1, on the share that still waits at a border, from the numbers N at risk, d arrived, c waiting in each band before it, r at the border, m = WAIT_FOUR.
 *          Least: take m cases away from those at risk, let who waits leave first, then add m that arrive at once: product of (N - c - d - m) / (N - c - m), times (r - m) / r. Most: m more
 *          stay to the end, who waits leaves last, then m of the last arrivals are taken away: product of (N - d + m) / (N + m), times (r + 2m) / (r + m). The median lies behind each
 *          border with least > 1/2, and before the first with most <= 1/2. The median of the exact times lies within, too.
 * Units    hours; days since 1970 UTC. A case counts from its first step on; what was reached earlier than that takes 0 hours, as in picture.h.
 * Bounds   WAIT_WEEKS weeks.
 * Not done  protection against one who knows all other cases to the hour. What was so weeks ago changes when a record comes late, or a later hunt takes an earlier one's place: then an
 *          interval may move with fewer than ten arrivals between. It holds for any four before and after; but who knows all other cases learns on which side of a border that one lies.
 *          To keep what was published would need a memory of it, and would keep mistakes, too.
 * Source   Kaplan and Meier 1958; the rules and their numbers are ours, after public_figures.h.
 */
#ifndef CASEWORK_PUBLIC_WAIT_H
#define CASEWORK_PUBLIC_WAIT_H

#include "casework/public_cell.h"

#include <stddef.h>

enum { WAIT_BANDS = 23, WAIT_STEPS = 6, WAIT_PAIRS = 9, WAIT_WEEKS = 260, WAIT_FOUR = PUBLIC_FIVE - 1 };

/* Hours with which each band begins; the last has no end. */
extern const int32_t wait_border[WAIT_BANDS];
/* Steps by their place in the order verified, notified, acknowledged, patched, hunted, clean. From the first to each; then from each to the next. */
struct wait_pair { int from, to; };
extern const struct wait_pair wait_pairs[WAIT_PAIRS];
const char *wait_step_name(int step);                      /* "acknowledged" */

struct wait_week { int32_t day /* its last */; int64_t arrived[WAIT_BANDS], open[WAIT_BANDS]; };
/* One case, into each week that it had begun by the end of. Weeks in order. TIME_NONE: not yet; no beginning: nothing. */
void wait_take(struct wait_week *w, size_t n, int64_t from_us, int64_t to_us);

struct public_wait {
    bool    told;
    int32_t as_of;                     /* the last day of a week */
    int32_t low, high;                 /* hours; high 0: there is no upper end */
};
struct public_wait wait_told(const struct wait_week *w, size_t n);

#endif
