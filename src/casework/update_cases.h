/*
 * update_cases: how each case stands, and how it stood on each day.
 *
 *   update_cases_load   what reports say besides their facts: theft and going on; what waits for a person
 *   update_cases_days   one case day by day, for the figures
 *   update_cases        one case now: its rows on the board
 *
 * Now      of the options; TIME_NONE: the newest fact of all. It is one instant for every case.
 */
#ifndef CASEWORK_UPDATE_CASES_H
#define CASEWORK_UPDATE_CASES_H

#include "casework/case_figures.h"
#include "casework/update_inner.h"
#include "casework/urgency.h"

/* What a hunt saw besides: since when that is known. Sorted by server, campaign, time. theft: 0 none, 1 suspected, 2 seen. */
struct cases_harm { uint32_t server, campaign_at; int64_t us; uint8_t theft; bool beyond; };
/* A report that proves nothing, because of something that a person can look at. Sorted by server, campaign, time; why lives in u->keep. */
struct cases_waiting { uint32_t server, campaign_at; int64_t us; struct str why; };
struct cases {
    struct update *u;
    int64_t        now_us;
    uint32_t      *first, *of_group;           /* servers of a group, as in update_facts.h */
    struct cases_harm    *harm;    size_t harm_n, harm_cap;
    struct cases_waiting *waiting; size_t waiting_n, waiting_cap;
    uint32_t      *reviews;                    /* by server: review items that touch it */
    int64_t       *first_us, *last_us;         /* by server, of the case at hand: when anything was observed of it */
};

bool cases_load(struct cases *c, struct arena *a, struct err *e);
/* The first harm or waiting report of a server in a campaign at or behind it; the run ends where either changes. */
size_t cases_harm_from(const struct cases *c, uint32_t server, uint32_t campaign_at);
size_t cases_waiting_from(const struct cases *c, uint32_t server, uint32_t campaign_at);

/*
 * Folds one case at the end of each day on which something changed, tells the figures, and gives its state now. f: its facts, in scratch memory that lives as long
 * as the state does. Servers are those of its group; strata are made here.
 */
bool cases_days(struct cases *c, const struct update_case *x, uint32_t campaign_at, const struct fact *f, size_t n, struct arena *a, struct case_state *ret, struct err *e);

#endif
