/*
 * status: what its files share. status.c asks and opens; each form draws the picture (casework/picture.h) and reads nothing more, but for the CSV, which streams the series.
 */
#ifndef CLI_STATUS_VIEW_H
#define CLI_STATUS_VIEW_H

#include "casework/picture.h"
#include "cli/case_data.h"
#include "cli/survey_view.h"
#include "report/numbers.h"

/* The marking of everything that may name a victim. */
#define STATUS_TLP "TLP:AMBER"

enum { STATUS_URGENT = 3, STATUS_FORCED_ROWS = 200, STATUS_VALUES = 20, STATUS_DAYS = 60, STATUS_QUIET = 7, STATUS_WIDE = 116 };

/* The rows that people are shown, in their order: a count, the share that goes with it, the step of which it is the end. */
struct status_row { const char *label; enum case_count n; bool shared; enum case_count part, whole; int step /* -1: none */; };
extern const struct status_row status_rows[];              /* ends with .label == NULL */

/* "76.9 %", "-" */
enum { STATUS_TEXT = 64 };
void status_share_text(int64_t part, int64_t whole, char ret[STATUS_TEXT]);
/* "44 h (41-47)", "6.2 d (5.9-6.5)", "12 d (from 11)": no upper end, "not half yet", "-": nobody waits */
void status_wait_text(const struct product_limit *w, char ret[STATUS_TEXT]);
/* The value of a stratum as people read it: "unknown" for none. */
struct str status_value(struct str v);
/* The best known of the three waves. */
enum wave_what status_wave(const struct picture_campaign *c);
/* "2021-03-03"; "-" */
void status_day_text(int32_t day, char ret[STATUS_TEXT]);

/* status_text.c */
void status_screen(struct cli *c, const struct picture *p, bool stale);
void status_table(struct cli *c, const struct picture *p, enum case_by by);
bool status_days(struct cli *c, const struct picture *p);
/* status_forms.c */
bool status_csv(struct out *o, struct store *s, const struct picture *p, struct arena scratch, struct err *e);
void status_json(struct out *o, const struct picture *p, bool stale);
/* status_page.c: an os writer for page_file.h; what: struct picture */
bool status_page(struct out *o, const void *what, struct arena scratch, int64_t now_us, struct err *e);

#endif
