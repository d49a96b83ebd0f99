/*
 * status_public: figures for everybody. It opens the store by itself, copies the figures of the campaigns into stores of their own (casework/public_figures.h), closes the first, and
 * only then works and draws. What it knows beside figures are the campaign's own name and dates, and the day.
 */
#ifndef CLI_STATUS_PUBLIC_H
#define CLI_STATUS_PUBLIC_H

#include "casework/public_figures.h"
#include "cli/cli.h"

#define STATUS_PUBLIC_TLP "TLP:CLEAR"
enum { STATUS_PUBLIC_CAMPAIGNS = 64, STATUS_PUBLIC_TEXT = 48 };

struct status_public_ask { struct str store, campaign; int32_t day; bool csv, json, html; struct str page; };
bool status_public(struct cli *c, const struct status_public_ask *ask, struct err *e);

struct status_public_campaign { struct str slug; int64_t id, begun_us, report_us, patch_us, code_us; struct public_figures f; };
struct status_public { int32_t day; struct status_public_campaign *campaign; size_t campaign_n; };

/* "18,200 to 18,204", "fewer than 5", "withheld" */
void public_cell_text(struct public_cell c, char ret[STATUS_PUBLIC_TEXT]);
/* "71.2 to 74.0 %", "-" */
void public_share_text(struct public_share s, char ret[STATUS_PUBLIC_TEXT]);
/* "6 to 12 h", "18 h to 3 d", "under 3 h", "52 w or more", "-": too few */
void public_wait_text(const struct public_wait *w, char ret[STATUS_PUBLIC_TEXT]);
/* Of a pair of wait_pairs. */
const struct public_wait *public_wait_of(const struct public_figures *f, int from, int to);
/* "first used" */
const char *public_wave_text(const struct public_wave *w);
/* The share that goes with a count: of which it is a part. The count itself: none. */
extern const struct public_of { const char *label; int whole; } public_of[PUBLIC_COUNTS];      /* whole: index in public_counts, or -1 */

/* The share of a count of the whole; not known where it is no part of another. */
struct public_share public_share_of(const struct public_cell *n, int k);
/* A stratum's value; "unknown" for none. */
struct str public_value(struct str v);

/* status_public_forms.c */
void status_public_csv(struct out *o, const struct status_public *p);
void status_public_json(struct out *o, const struct status_public *p);
/* status_public_page.c: for page_file.h; what: struct status_public */
bool status_public_page(struct out *o, const void *what, struct arena scratch, int64_t now_us, struct err *e);

#endif
