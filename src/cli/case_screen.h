/*
 * case_screen: lists that fit a screen.
 *
 * Shape    a list shows the page that was asked for; what is left out is said in its last line, with the option that shows it. 24 lines and 80 columns unless
 *          the terminal is wider or --limit says otherwise.
 * Cells    evidence text, made safe by out_term, cut with "..." and padded to its columns; the last cell of a line is not padded.
 */
#ifndef CLI_CASE_SCREEN_H
#define CLI_CASE_SCREEN_H

#include "cli/cli.h"

enum { CASE_LINES = 24, CASE_COLUMNS = 80, CASE_COLUMNS_MAX = 200, CASE_LIMIT_MAX = 1000000 };

/* Rows of the verbs' tables of options. */
#define CASE_OPT_LIMIT { "limit", "N", "so many (what fits a screen)", NULL }
#define CASE_OPT_PAGE  { "page", "N", "the next ones: page 2, 3 and so on", NULL }
#define CASE_OPT_ALL   { "all", NULL, "all of them", NULL }

struct case_page { uint64_t first, n; };       /* n: at most so many, from first (0 is the first) */
/* limit, page, all: indices in the verb's options; other: lines of the screen that are not rows; each: lines of a row. */
bool case_page_asked(const struct args *args, int limit, int page, int all, uint32_t other, uint32_t each, struct case_page *ret, struct err *e);
/* "and 312 more: --page 2, or --all", when there are. */
void case_page_more(struct out *o, const struct case_page *p, uint64_t shown, uint64_t total);

/* Columns to use. */
uint32_t case_columns(const struct cli *c);
/* A cell of `columns` columns and a blank after it. columns 0: the rest of the line, neither cut nor padded. */
void case_cell(struct out *o, struct str s, uint32_t columns);
void case_cell_c(struct out *o, const char *s, uint32_t columns);
/* Right-aligned; 0 as "-" when `dash`. */
void case_number(struct out *o, int64_t n, uint32_t columns, bool dash);
/* Text in at most `lines` (0: any) lines of `width` columns at most, each but the first behind `indent` blanks; `at`: columns used already. Breaks at blanks. Ends the line. */
void case_wrap(struct out *o, struct str s, uint32_t at, uint32_t indent, uint32_t width, uint32_t lines);
/* "2021-03-09", "2021-03-09 14:02"; "-" for TIME_NONE */
enum { CASE_TIME_TEXT = 40 };
void case_day_text(int64_t us, char ret[CASE_TIME_TEXT]);
void case_minute_text(int64_t us, char ret[CASE_TIME_TEXT]);
void case_count_text(uint64_t n, char ret[CASE_TIME_TEXT]);         /* "1,820,455" */

#endif
