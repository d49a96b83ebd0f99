/*
 * campaign_reports: one hunt's report on its way into a file. campaign_reports.c decides what it says and tells what that makes known, campaign_report_json.c writes it.
 */
#ifndef LAB_CAMPAIGN_REPORTS_H
#define LAB_CAMPAIGN_REPORTS_H

#include "lab/campaign_files.h"

enum { FINDINGS = 96 };

/* One finding. */
struct seen { const char *detector, *title, *severity, *axis, *state, *cve, *why, *path, *excerpt; char file[65]; int64_t at_us, last_us; uint32_t session; };
/* Numbers of findings begin at 1; 0: there is none. */
struct paper {
    struct story              *s;
    FILE                      *f;
    struct rng                 r;
    uint32_t                   server;
    const struct story_server *v;
    const struct story_hunt   *h;
    int64_t                    run_us, newest_us, patched_us, to_us;       /* patched_us TIME_NONE: it is not */
    struct seen                seen[FINDINGS]; uint32_t n;
    uint32_t left[STORY_DOORS_MAX], exposure[4], exposures, entry[STORY_SESSIONS_MAX], door[STORY_DOORS_MAX], use[STORY_DOORS_MAX], beyond, theft;     /* numbers of findings; 0: none */
    uint32_t forgery;
};

bool paper_shown(const struct paper *p, const struct story_door *d);
bool paper_present(const struct paper *p, const struct story_door *d);
/* The nth feature of this kind of a visit; NULL: there are no more. */
const char *paper_feature(const struct paper *p, uint32_t visit, const char *kind, uint32_t nth);
const char *paper_path(struct paper *p, const struct story_door *d);
void paper_write(struct paper *p);             /* campaign_report_json.c */

#endif
