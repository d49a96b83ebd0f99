/*
 * case_intruders: what the views of `afterpatch case intruders` share: case_intruders.c is the verb, and one file each has a view.
 *
 * Owner    texts lie in the run's arena; a view that reads many rows gives their texts back row by row.
 */
#ifndef CLI_CASE_INTRUDERS_H
#define CLI_CASE_INTRUDERS_H

#include "casework/intruders.h"
#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "emit/json.h"

/* The verb's options. */
enum { INTRUDERS_STORE, INTRUDERS_CAMPAIGN, INTRUDERS_SERVER, INTRUDERS_CARD, INTRUDERS_LIMIT, INTRUDERS_PAGE, INTRUDERS_ALL, INTRUDERS_JSON };
enum { INTRUDERS_MARK_LINES = 8 };       /* of a group or visit on a screen, unless all are asked for */

struct intruders_view {
    struct case_data  d;
    const struct args *args;
    struct case_page  page;
    uint32_t          columns;
    bool              json;
};
/* The views; each is one call. */
bool case_intruders_list(struct intruders_view *v, struct err *e);
bool case_intruders_group(struct intruders_view *v, struct err *e);
bool case_intruders_why(struct intruders_view *v, struct err *e);
bool case_intruders_card(struct intruders_view *v, struct err *e);

/* A statement with numbers bound; the first number of its first row, 0 without any. */
bool intruders_ask(struct intruders_view *v, const char *sql, const int64_t *value, int n, struct store_stmt **ret, struct err *e);
bool intruders_number(struct intruders_view *v, const char *sql, const int64_t *value, int n, int64_t *ret, struct err *e);

struct intruders_group { int64_t id, campaign, visits, servers, first_us, last_us; };
extern const char intruders_group_columns[];           /* of case_intruder, for intruders_group_read */
void intruders_group_read(struct store_stmt *st, struct intruders_group *ret);
/* The one that the operand names; refused when there is none. */
bool intruders_group_find(struct intruders_view *v, struct intruders_group *ret, struct err *e);
void intruders_group_line(struct intruders_view *v, const struct intruders_group *g);
void intruders_group_json(struct js *j, const struct intruders_group *g);
struct str intruders_slug(const struct intruders_view *v, int64_t campaign);     /* empty: no such campaign */

/* What visits have in common: of a group, and of all. */
struct intruders_mark { enum intruder_feature kind; struct str value; int64_t sessions, servers, all_sessions; };
/* Columns kind, value, sessions, servers, all_sessions from `at` on. False: a kind that this program does not know. */
bool intruders_mark_read(struct intruders_view *v, struct store_stmt *st, int at, struct intruders_mark *ret);
void intruders_mark_head(struct intruders_view *v, const char *what);
void intruders_mark_line(struct intruders_view *v, const struct intruders_mark *m);
void intruders_mark_json(struct js *j, const struct intruders_mark *m);

#endif
