/*
 * case_list: what the two lists of `afterpatch case list` share: cases (case_list.c), and the servers of a provider (case_list_provider.c).
 *
 * Provider with --provider each row is a server that it operates, and nothing else is said of its owner's case: the list can go to the provider, and no customer's other
 *          servers with it.
 */
#ifndef CLI_CASE_LIST_H
#define CLI_CASE_LIST_H

#include "cli/case_data.h"
#include "cli/case_screen.h"
#include "emit/json.h"

/* The verb's options. */
enum { LIST_STORE, LIST_CAMPAIGN, LIST_STAGE, LIST_COUNTRY, LIST_SECTOR, LIST_NEEDS, LIST_FORCED, LIST_FIND, LIST_PROVIDER, LIST_LIMIT, LIST_PAGE, LIST_ALL, LIST_JSON };
enum { LIST_NAME_COLUMNS = 11, LIST_BINDS_MAX = 10, LIST_SQL_MAX = 4096 };

struct case_list {
    struct case_data   d;
    const struct args *args;
    const struct case_campaign *campaign;
    struct case_page   page;
    bool               wide;
    uint64_t           total;
    /* Conditions with their values, in the order of ?1 ?2 ... */
    char               where[2048];
    struct { bool text; int64_t i; struct str s; } bind[LIST_BINDS_MAX];
    int                bind_n;
};

bool case_list_provider(struct case_list *l, struct err *e);

/* A statement with the conditions' values. */
bool case_list_prepare(struct case_list *l, const char *sql, struct store_stmt **ret, struct err *e);
/* Rows of `from` that meet the conditions, into total. */
bool case_list_count(struct case_list *l, const char *from, struct err *e);
/* The first line: "slug: 12 whats more, worked out ..." */
void case_list_about(struct case_list *l, const char *what, const char *more);
/* What all lists say in JSON; the rows' array is opened between the two. */
void case_list_json_begin(struct case_list *l, struct js *j, const char *view);
void case_list_json_end(struct case_list *l, struct js *j);

#endif
