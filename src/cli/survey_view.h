/*
 * survey_view: the store's figures as one picture, which the terminal, CSV, JSON and the page only draw.
 *
 * Shape    survey_view_open reads the store once: every observation, to spans, to figures. Groups without a single server are left out.
 * Cohort   servers of the day that the operator names; else of the first day that has a twentieth of the observations of the fullest one, so
 *          that a stray row with a wrong clock begins no cohort.
 * Owner    survey_view_close gives everything back; the view may be empty.
 * Errors   ERR_FORMAT: the store holds no observation. Of the store, of the build table.
 */
#ifndef CLI_SURVEY_VIEW_H
#define CLI_SURVEY_VIEW_H

#include "cli/survey_data.h"
#include "survey/figures_fit.h"

enum { SURVEY_VALUES_MAX = 20 };           /* rows of a stratum that people are shown; files get all */

struct survey_ask {
    struct str store, builds, where, group;        /* as given; empty: the defaults */
    int32_t    day, cohort_day;            /* 0: the last; the first that counts */
    bool       asn_every_day;              /* or on the day of the picture only */
};

struct survey_group {
    uint32_t         group;
    struct figure    now;                  /* all of them, on the day of the picture */
    struct figure    cohort_then, cohort_now;
    struct half_life half;
    struct survival  patched;
};

struct survey_view {
    struct survey_data    data;
    struct figures        figures;
    int32_t               first_day, day, cohort_day;      /* figures reach from first_day to day */
    struct survey_group  *group; size_t group_n;
};

/* v: stays where it is until it is closed. */
bool survey_view_open(struct survey_view *v, struct cli *c, const struct survey_ask *ask, struct err *e);
void survey_view_close(struct survey_view *v);

/* A value of a stratum in words: "AT", "Exchange Server 2016", "15.1.2176 2016 CU19", "AS64496", "unknown". .p == NULL: no room. */
struct str survey_value_name(const struct survey_view *v, struct arena *a, enum figure_by by, uint32_t value);

/* The largest values of a stratum on the day of the picture, population first, gone and moved after; at most max. *ret_more: left out. */
struct survey_value { uint32_t value; struct figure now; };
bool survey_largest(const struct survey_view *v, struct arena *a, uint32_t group, enum figure_by by, size_t max,
                    struct survey_value **ret, size_t *ret_n, size_t *ret_more, struct err *e);

/* Who looked, with version, largest first: "afterpatch 0.1.0 (812), scan_exchange (17)". .p == NULL: no room. */
struct str survey_detectors(const struct survey_view *v, struct arena *a, uint32_t group);

/* "2021-03-22" */
enum { SURVEY_DAY_TEXT = 16 };
void survey_day_text(int32_t day, char ret[SURVEY_DAY_TEXT]);
/* A date of the command line to a day. */
bool survey_day_parse(struct str s, int32_t *ret, struct err *e);
/* "50 %", "42.7 % to 68.1 %", "-" */
enum { SURVEY_SHARE_TEXT = 40 };
void survey_share_text(struct share s, char ret[SURVEY_SHARE_TEXT]);
/* "4.6 days (4.3 to 5.1)", "-" */
enum { SURVEY_HALF_TEXT = 64 };
void survey_half_text(const struct half_life *h, char ret[SURVEY_HALF_TEXT]);

/* survey_forms.c, survey_page.c */
bool survey_write_csv(struct out *o, const struct survey_view *v, struct arena scratch, struct err *e);
bool survey_write_json(struct out *o, const struct survey_view *v, struct arena scratch, struct err *e);
bool survey_write_page(struct out *o, const struct survey_view *v, struct arena scratch, int64_t now_us, struct err *e);

#endif
