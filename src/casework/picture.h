/*
 * picture: how the campaigns stand on one day, read from the board; everything that status and its page show, and nothing of it worked out anew.
 *
 * Shape    picture_read fills one struct for the campaigns that are asked for. Figures are those of case_figures.h; the waits those of survival.h, open cases
 *          censored at the end of the day; the wave that of wave.h.
 * At       an earlier day than the board's shows the figures of that day as they are known now: earlier days may have been revised since. What needs a person is
 *          told of the board's day only: verified cases in which something is to be done (urgency.h, from URGENT_RESCAN on).
 * Steps    verified, notified, acknowledged, patched, hunted, clean. A step counts from the one before it, for cases that reached that; what was reached sooner than
 *          the step before counts as 0 hours. since_verified counts from the beginning instead.
 * Bounds   PICTURE_CAMPAIGNS campaigns. Memory: about 40 bytes a case for a moment, and the series.
 * Time     under 200 ms with 20,000 organisations, 60,000 servers and hundreds of days.
 * Owner    everything in the arena.
 * Errors   of the store; ERR_USAGE: no such campaign, a day before the first or after the board's; ERR_FORMAT: there is no board yet.
 */
#ifndef CASEWORK_PICTURE_H
#define CASEWORK_PICTURE_H

#include "casework/case_figures.h"
#include "casework/ledger.h"
#include "casework/survival.h"
#include "casework/wave.h"

enum { PICTURE_CAMPAIGNS = 64, PICTURE_DETECTORS = 300 };

enum picture_step { STEP_NOTIFIED, STEP_ACKNOWLEDGED, STEP_PATCHED, STEP_HUNTED, STEP_CLEAN, PICTURE_STEPS };
const char *picture_step_name(enum picture_step s);        /* "acknowledged" */

struct picture_ask {
    struct str campaign;               /* its slug; empty: all */
    int32_t    day;                    /* 0: the board's */
    uint32_t   by;                     /* bits of enum case_by whose values are wanted */
    bool       series;                 /* of days, of all three units */
    size_t     urgent, forced;         /* at most so many of each campaign */
};

struct picture_case {
    int64_t         id;
    struct str      org, why;          /* hostile text */
    enum case_stage stage, derived;
    bool            forced, contradicted;
    struct str      reason, who;       /* of a force */
    int64_t         forced_us, urgency;
};
struct picture_detector { struct str name; int64_t servers; int32_t since; };      /* verified servers on the day; the first day of any */
struct picture_tool { struct str tool, packs; int64_t reports; };

struct picture_campaign {
    struct case_campaign c;
    int32_t              year;         /* for case_name */
    int32_t              first_day, last_day;              /* of any change until the day; first_day > last_day: there are no figures */
    struct case_figure   now[CASE_UNITS];
    struct case_figure  *series[CASE_UNITS]; size_t series_n[CASE_UNITS];
    struct case_stratum *value[CASE_BYS][CASE_UNITS]; size_t value_n[CASE_BYS][CASE_UNITS];
    struct { struct product_limit since_verified, since_last; } wait[PICTURE_STEPS];
    struct wave          wave[WAVE_WHATS];
    struct wave_day     *wave_day[WAVE_WHATS]; size_t wave_day_n[WAVE_WHATS];
    struct picture_detector *detector; size_t detector_n;  /* most servers first */
    struct picture_tool *tool; size_t tool_n;              /* hunts: most reports first */
    struct picture_case *urgent; size_t urgent_n; int64_t urgent_all;
    struct picture_case *forced; size_t forced_n; int64_t forced_all, contradicted;
};

struct picture {
    int32_t day, board_day;
    int64_t made_us, generation;
    struct picture_campaign *campaign; size_t campaign_n;  /* by begin, then slug */
};
bool picture_read(struct store *s, const struct picture_ask *ask, struct arena *a, struct picture *ret, struct err *e);

#endif
