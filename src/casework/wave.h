/*
 * wave: when a campaign's servers were first entered, got their back doors and saw them used; against what the world knew on that day; and whether a few were
 * chosen, or everybody was taken.
 *
 * Unit     servers, each on one day only: its first. What no hunt has seen is not in it: a wave is of hunted servers.
 * Phases   before the report of the flaw, until the fix, until public code, after; a date that is not known makes no phase.
 * Widespread  the day before which two steady rates tell the days best (Poisson, most likely cut between the beginning and the peak), when the later rate is the higher
 *          one and the likelihood gains WAVE_GAIN or more over one rate. Everything before is called targeted. The beginning is the campaign's first known use, when that is
 *          known and earlier than the first server. With fewer than WAVE_FEW servers nothing is said.
 * Spike    a day with at least WAVE_SPIKE_MIN servers that lies WAVE_SPIKE_Z or more above the median of the WAVE_TRAIL days before it. The scale is the larger of
 *          1.4826 times the median absolute deviation and the square root of the median (of 1 at least): counts stray by that much by themselves. Days before the
 *          first server count as 0 of the trail. Such days in a row are one spike, told by its highest; later days are judged against a trail that holds it.
 * Errors   none; days are in order and distinct, with n > 0.
 * Source   notification sheet, 8.6 ("time burst"); the rules and their numbers are ours, tried on the laboratory's campaign.
 */
#ifndef CASEWORK_WAVE_H
#define CASEWORK_WAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wave_what { WAVE_PLACED, WAVE_USED, WAVE_ENTERED, WAVE_WHATS };      /* as in case_first */
const char *wave_what_name(enum wave_what w);              /* "placed" */

enum { WAVE_FEW = 20, WAVE_SPIKE_MIN = 5, WAVE_SPIKE_Z = 4, WAVE_TRAIL = 14, WAVE_SPIKES = 16, WAVE_DAY_NONE = INT32_MIN };
#define WAVE_GAIN 10.0

struct wave_day { int32_t day; int64_t n; };

enum wave_phase { PHASE_BEFORE_REPORT, PHASE_REPORTED, PHASE_PATCHED, PHASE_PUBLIC, WAVE_PHASES };
const char *wave_phase_name(enum wave_phase p);            /* "report to fix" */
struct wave_dates { int32_t begun, report, patch, code; }; /* WAVE_DAY_NONE: not known */
int32_t wave_day_of(int64_t us);                           /* TIME_NONE: WAVE_DAY_NONE */

struct wave {
    int64_t servers;
    int32_t first, last, peak;         /* days; peak: the first of the fullest */
    int64_t peak_n;
    int64_t phase[WAVE_PHASES];
    bool    phase_known[WAVE_PHASES];
    bool    few;                       /* fewer than WAVE_FEW: only what is above is told */
    bool    widespread;
    int32_t from;                      /* the first day of it */
    double  before, after;             /* servers a day: from the beginning until then; from then to the peak */
    double  ratio_low;                 /* after / before is at least so much (95 %) */
    struct wave_spike { int32_t day, from, to; int64_t n; double usual, z; } spike[WAVE_SPIKES];     /* day, n, z: of the highest; usual: before the first */
    size_t  spike_n;                   /* the strongest, by day */
};
struct wave wave_of(const struct wave_day *d, size_t n, const struct wave_dates *w);

/* The parts, for who has no days: the phase of a day; how much two rates gain over one; how many deviations n lies above its trail, which is spent by that. */
enum wave_phase wave_phase_of(const struct wave_dates *w, int32_t day);
double wave_gain(double before, double early_days, double after, double late_days);
double wave_away(double n, double *trail, size_t trail_n, double *ret_usual);

#endif
