/*
 * case_data: what the verbs of `afterpatch case` share: the store, the common options, who is at work, and how a person names a case.
 *
 * Shape    case_read opens for views: tables_there has been asked, and all that is read until case_close is one state of the store. case_write opens the
 *          ledger for those that record something; a transaction is theirs to begin and to commit.
 * Names    a case is "2021-000123" or its bare number, a host name or an address of one of its servers, or "org:17". Where that is more than one case, the campaign
 *          decides; where it does not, the refusal names them.
 * Owner    case_close gives everything back; the data may be empty. Texts lie in the run's arena.
 * Errors   of the store; ERR_USAGE in words with a hint.
 */
#ifndef CLI_CASE_DATA_H
#define CLI_CASE_DATA_H

#include "casework/ledger.h"
#include "cli/cli.h"
#include "emit/json.h"

/* Rows of the verbs' tables of options, the same words everywhere. */
#define CASE_OPT_STORE    { "store", "PATH", "where survey and casework are kept: a file, or postgresql://... (afterpatch.db)", NULL }
#define CASE_OPT_CAMPAIGN { "campaign", "NAME", "of this campaign (the only one there is)", NULL }
#define CASE_OPT_JSON     { "json", NULL, "the same as JSON", NULL }
#define CASE_OPT_WHO      { "who", "NAME", "who does this, for the audit ($USER)", NULL }
#define CASE_OPT_REASON   { "reason", "TEXT", "why; it is kept for good", NULL }

enum { CASE_CAMPAIGNS_MAX = 1000 };

struct case_data {
    struct cli    *c;
    struct store  *store;
    struct ledger *ledger;         /* case_write only */
    struct str     who;            /* case_write only */
    struct case_campaign *campaign; size_t campaign_n;         /* all of them, by slug */
    int64_t        made_us;        /* the board, after case_board; TIME_NONE: nothing was worked out yet */
    int32_t        day;            /* days since 1970 UTC: up to which its figures reach */
    bool           stale;          /* records or decisions came since */
};

/* store: as given on the command line, empty: the default. */
bool case_read(struct case_data *d, struct cli *c, struct str store, struct err *e);
/* who: as given, empty: the user of this process. Refused without any. */
bool case_write(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e);
/* Beside another writer, for what is a few rows: senders, an emergency stop. The store must be there, and of this program. */
bool case_share(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e);
void case_close(struct case_data *d);

/* --- campaigns and the board --- */
/* NULL: no campaign has this number. */
const struct case_campaign *case_campaign_at(const struct case_data *d, int64_t id);
/* slug: as given, empty: the only one there is. Refused when there are several; the hint names them. */
bool case_campaign_named(const struct case_data *d, struct str slug, const struct case_campaign **ret, struct err *e);
/* "2021-000123" */
void case_name_of(const struct case_data *d, int64_t case_, int64_t campaign, char ret[CASE_NAME_TEXT]);
/* What the last update worked out; refused when there was none. */
bool case_board(struct case_data *d, struct err *e);

/* --- what a person names --- */
struct case_found {
    int64_t  case_, campaign, org;
    int64_t  asset;                /* the server that was named; 0: a case was */
    char     name[CASE_NAME_TEXT];
};
/* campaign: of the command line, may be empty. */
bool case_find(struct case_data *d, struct str word, struct str campaign, struct case_found *ret, struct err *e);

/* --- statements --- */
/* The next row. False at the end and when it fails: e tells them apart. The statement is finished then. */
bool case_row(struct store_stmt **st, struct err *e);
/* Copies of a column into the run's arena, shortened to what a screen could ever show; a full arena gives an empty text. */
struct str case_text(struct case_data *d, struct store_stmt *st, int column);
int64_t case_time(struct store_stmt *st, int column);          /* NULL: TIME_NONE */

/* --- what a person records --- */
/* "2021-03-14" or "2021-03-14T02:11:30Z", in UTC. */
bool case_moment(struct str s, int64_t *ret, struct err *e);
/* A record of the server that a fact or link can be tied to; where only the survey knows it, one is made of its name and address. Within a transaction. */
bool case_subject(struct case_data *d, int64_t asset, int64_t *ret, struct err *e);
/* A reason is not optional where a person decides. */
bool case_reason(struct str given, const char *for_what, struct err *e);
/* A server of the last update, whether it is in a case or not: a host name, an address. */
bool case_server(struct case_data *d, struct str word, int64_t *ret, struct err *e);
/* What a person can type for a server: its best name, else its address, else its number. In the run's arena. */
struct str case_server_word(struct case_data *d, int64_t asset);
/* One line after the commit: what was recorded, and that the board does not know it yet. about: "2021-000123", or empty. As JSON with --json. */
void case_recorded(struct case_data *d, bool json, struct str what, const char *about, uint64_t n);
/* Its parts: the members of the object, and the first line. With --update: case_updating.h. */
void case_recorded_json(struct js *j, struct case_data *d, struct str what, const char *about, uint64_t n);
void case_recorded_line(struct case_data *d, struct str what, const char *about);

#endif
