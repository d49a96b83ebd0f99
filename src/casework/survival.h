/*
 * survival: how long something takes of which not all has happened yet. Those for whom it has not happened count as long as they were watched: leaving them
 * out would make every slow step look fast.
 *
 * Shape    waits in, in any order (sorted in place); the product-limit estimate (Kaplan-Meier) out: the time until half of them are there, with an interval.
 * Ties     who arrives at an instant at which another stops being watched arrived first. A wait below 0 counts as 0.
 * Median   the first time at which the share still waiting is a half or less; not known when it never is. Interval: 95 %, where the log-log interval of the
 *          curve (Greenwood's variance) meets a half; its upper end may be infinite. With fewer than SURVIVAL_FEW arrivals no interval is told.
 * Errors   none. n == 0: nothing is known.
 * Source   Kaplan and Meier 1958; Greenwood 1926; Brookmeyer and Crowley 1982, with the transformation of Kalbfleisch and Prentice.
 */
#ifndef CASEWORK_SURVIVAL_H
#define CASEWORK_SURVIVAL_H

#include <stdbool.h>
#include <stddef.h>

enum { SURVIVAL_FEW = 5 };

struct wait { double hours; bool arrived; };

struct product_limit {
    size_t n, arrived;
    bool   known;                      /* half of them are there */
    double median, low, high;          /* hours; low and high: INFINITY when the curve does not go that far */
    bool   interval;                   /* low and high mean something */
};
struct product_limit product_limit(struct wait *w, size_t n);

/* The curve: the share still waiting from `hours` on, with its interval. *ret_n steps at most `max`, spread over all of them. */
struct limit_step { double hours, left, low, high; };
void product_limit_curve(struct wait *w, size_t n, struct limit_step *ret, size_t max, size_t *ret_n);

#endif
