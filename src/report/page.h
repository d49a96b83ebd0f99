/*
 * page: the pieces of report.html. html.c puts them in order; each piece is one file.
 *
 * Rules    1. text that may hold evidence goes through emit/html.h or page_prose; out_c is for our own markup.
 *          2. nothing on the page is fetched and nothing runs: the page's own policy forbids both.
 *          3. every list is capped by a PAGE_ constant and says how much more report.json holds.
 *          4. a link to a finding is made only when that finding is on the page (page_refs).
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/parts.h"
#include "report/sheet.h"
#include "report/words.h"

enum { PAGE_FINDINGS = 300, PAGE_ROWS = 100, PAGE_TIMES = 200, PAGE_REFS = 12, PAGE_NAMES = 6 };

/* html_text.c */
void page_refs(const struct page *p, struct id_list l);            /* links, " and 3 more" */
void page_names(const struct page *p, struct str_list l);          /* names, the first few */
void page_code(const struct page *p, struct str s);                /* evidence in <code>; a dash when empty */
void page_term(const struct page *p, struct str s);                /* a term of the contract, blanks for underscores */
void page_badge(const struct page *p, const char *text, enum tone t);
void page_more(const struct page *p, uint64_t n);                  /* a paragraph; nothing for 0 */
void page_sentence(const struct page *p, struct str s);            /* plain words, with links for F0001 */
void page_prose(const struct page *p, struct str s);               /* one paragraph's worth: `code`, **strong**, links for F0001 */
void page_markdown(const struct page *p, struct str s);            /* paragraphs, lists, fenced code */
/* html_answer.c */
void page_verdict(const struct page *p);
void page_axes(const struct page *p);
void page_why(const struct page *p);
void page_steps(const struct page *p);
/* html_things.c */
void page_doors(const struct page *p);
void page_ways(const struct page *p);
void page_people(const struct page *p);
void page_theft(const struct page *p);
void page_others(const struct page *p);
/* html_time.c */
void page_timeline(const struct page *p);
/* html_cover.c */
void page_coverage(const struct page *p);
void page_trouble(const struct page *p);
/* html_findings.c */
bool page_choose(const struct report *r, struct arena *a, const uint8_t **ret_shown, struct err *e);
void page_findings(const struct page *p);

/* Where an instant lies between from and to, in hundredths of a percent, 0 to 10000. */
unsigned page_scale(int64_t us, int64_t from_us, int64_t to_us);

#endif
