/*
 * sheet: the parts of a page that know nothing of one server's report. What draws something else includes this in place of page.h, whose rules 1 and 2 hold here too.
 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "emit/html.h"
#include "report/numbers.h"

struct report;
struct page {
    struct out          *o;
    const struct report *r;            /* NULL: a page of something else */
    const uint8_t       *shown;        /* one byte a finding: it is on the page */
    int64_t              from_us, to_us;   /* what the plots span; TIME_NONE: there is nothing to plot */
    const char *const   *style;        /* further lines of style, ended by NULL; NULL: none */
};

/* html.c: from the first byte to the link that skips to the answer, with the page's own policy */
void page_head(const struct page *p, struct str name, const char *says);
/* html_style.c */
void page_style(struct out *o);
extern const char *const sheet_style[];                            /* of curves, maps and figures (sheet.c) */
/* html_text.c */
void page_time(const struct page *p, int64_t us);                  /* <time>; a dash when unknown */
void page_count(const struct page *p, uint64_t n);
void page_section(const struct page *p, const char *id, const char *title);   /* opens a section */
/* sheet.c. label: the column's head, for narrow screens; our own words */
void page_cell(const struct page *p, const char *label, bool number);
void page_cell_end(const struct page *p);
void page_count_cell(const struct page *p, const char *label, int64_t n);
void page_day(const struct page *p, int32_t day);                  /* days since 1970 */
void page_fact(const struct page *p, const char *name, const char *value);    /* of a <dl class="facts"> */
void page_stripes(const struct page *p);                           /* the pattern of what cannot be told, once on a page that draws it */

#endif
