/*
 * case_updating: what `case update` does, for that verb and for those that record something by hand and are told --update.
 *
 * Order    case_updating_begin before anything is recorded: a table or database that cannot be read refuses the whole. Then the verb records and commits.
 *          case_recorded_by tells it, and works everything out first where --update is given: when that fails, what was recorded stays, and the error says so.
 * Owner    case_updating_end gives everything back; it may be empty.
 * Errors   of the store and of update.h; ERR_USAGE: --where or --builds without --update.
 */
#ifndef CLI_CASE_UPDATING_H
#define CLI_CASE_UPDATING_H

#include "casework/update.h"
#include "cli/case_data.h"
#include "cli/survey_data.h"
#include "emit/json.h"

/* Rows of the verbs' tables of options. What the team gives `case update` it gives here, or the board loses countries and networks until the next. */
#define CASE_OPT_UPDATE { "update", NULL, "works everything out at once, as `case update` does", NULL }
#define CASE_OPT_WHERE  { "where", "FILES", "of --update: country, network, organisation, sector", NULL }
#define CASE_OPT_BUILDS { "builds", "FILE", "of --update: build table, in place of the program's own", NULL }

struct case_updating_ask { bool update; struct str store, where, builds; };        /* as given; empty: not given */

struct case_updating {
    struct case_updating_ask ask;
    struct update_options    how;      /* now_us (TIME_NONE: when it runs), known_us, jobs: the caller may set them before the run */
    struct builds            builds;
    struct pack              pack;
    struct where            *where;
    struct arena             room, whole;
};
bool case_updating_begin(struct case_updating *u, struct cli *c, const struct case_updating_ask *ask, struct err *e);
bool case_updating_run(struct case_updating *u, struct case_data *d, struct update_counts *ret, struct err *e);
void case_updating_end(struct case_updating *u);

/* What came of it: lines; an object. */
void case_updating_tell(struct out *o, const struct update_counts *n);
void case_updating_json(struct js *j, const struct update_counts *n);

/* case_recorded, after a run where one was asked for. */
bool case_recorded_by(struct case_updating *u, struct case_data *d, bool json, struct str what, const char *about, uint64_t n, struct err *e);

#endif
