/*
 * public_wave: the wave, for everybody: in which week organisations saw the first use of a back door, against the days of the report, the fix and public code.
 *
 * Shape    An update writes how many organisations have their first day on which day, by the week by which a hunt had told so (struct wave_change): numbers alone. Publication makes
 *          bars of them.
 * Rules    1. Organisations, each once: on the first day of the first of its servers. Of servers, one organisation with many would make a week by itself.
 *          2. A bar is a week, cut where the flaw was reported, fixed, and its code made public: borders that follow from nobody's data. It is told as the five in which its number
 *             lies, the first as "fewer than 5". Bars overlap nowhere, their sum is not told, and there are no strata: nothing can be subtracted from anything. What is told of
 *             one wave; of the three kinds the first that can be, in the order used, entered, placed.
 *          3. It begins and ends with a bar of 5 or more. What lies outside holds fewer than 5 a week each, and nothing says how many.
 *          4. Nothing is told of fewer than WAVE_FEW organisations. What is told is as of the end of a week, and is told again, unchanged, until the end of the first week by which
 *             hunts had told of PUBLIC_TEN more: no difference of two publications is the work of fewer than ten.
 *          5. Phases, the turn to widespread and spikes are worked out from what the bars say, and from nothing else: who has the bars has them already. Each is told only when it
 *             holds for every number that the bars allow: low ends for the many, high ends for those before.
 * Phases   at least the sum of the low ends of its bars; a week outside the bars may hold four more.
 * Widespread  the bar before which two steady rates tell the bars better than one, as in wave.h, between the campaign's beginning (or the first bar) and the highest bar. Told: at most so
 *          many a week before, at least so many after.
 * Spike    a bar of PUBLIC_TEN or more that lies WAVE_SPIKE_Z or more above the days of the four weeks before it, by the scale of wave.h.
 * Bounds   PUBLIC_BARS bars: earlier days are left out.
 * Not done  the limits of public_wait.h: somebody who knows all other cases, and a report of an earlier week that comes late.
 * Owner    bars in the arena.
 * Errors   ERR_MEMORY.
 * Source   notification sheet, 8.6; the rules and their numbers are ours, after public_figures.h and wave.h.
 */
#ifndef CASEWORK_PUBLIC_WAVE_H
#define CASEWORK_PUBLIC_WAVE_H

#include "base/arena.h"
#include "base/err.h"
#include "casework/public_cell.h"
#include "casework/wave.h"

enum { PUBLIC_BARS = 520 };

/* By the end of the week `known`, so many more (or fewer, when an earlier day became known) had their first on `day`. In the order of known. */
struct wave_change { int32_t known, day; int64_t n; };
struct wave_changes { struct wave_change *list; size_t n; };

struct public_bar { int32_t from, to; struct public_cell n; bool spike; };
struct public_wave {
    bool           told;
    enum wave_what what;
    int32_t        as_of;              /* the last day of a week */
    struct public_bar *bar; size_t n;  /* in order, without a gap */
    struct { bool known; int64_t least; } phase[WAVE_PHASES];
    bool    widespread;
    int32_t from;                      /* of the first bar of it */
    double  before_most, after_least;  /* organisations a week */
};
bool public_wave_tell(const struct wave_changes w[WAVE_WHATS], const struct wave_dates *dates, struct arena *a, struct public_wave *ret, struct err *e);

#endif
