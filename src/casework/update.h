/*
 * update: works out anew who is who, whose each server is, how each case stands, what the campaign's figures are, and which intruders were where.
 *
 * Shape    update_run: reads survey and ledger, writes the board (tables.h) in one transaction: either all of it is new, or nothing is. Everything is a function of the
 *          rows in the store and of now_us; the order in which rows came changes numbers at most, never what is said.
 * Steps    one file each, in this order, sharing struct update (update_inner.h):
 *          update_assets   subjects and the survey's servers -> case_asset. Subjects are one server by address and port, certificate, computer name with AD domain, or host
 *                          name, with the same care for what too many share as survey/daily.h.
 *          update_links    links of subjects; of entries by domain and network; MX; names, certificates and networks of the survey; rulings, revocations
 *          update_groups   group.h, then follow.h: case_org, case_member, case_case, case_heir, case_review, case_provider ...
 *          update_facts    facts of servers: survey spans, reports, statements; facts of cases; sorted by case
 *          update_cases    state.h per case, day by day: case_state, case_server, and spans for the figures
 *          update_figures  case_figure, case_first; of publication case_wait, case_wave
 *          update_intruders case_intruder, case_visit, case_mark
 * Memory   about 1 KB a server and 100 bytes a fact.
 * Errors   of the store; ERR_MEMORY; ERR_LIMIT (group.h).
 */
#ifndef CASEWORK_UPDATE_H
#define CASEWORK_UPDATE_H

#include "casework/ledger.h"
#include "survey/daily.h"
#include "survey/where.h"

struct update_options {
    struct os           *os;
    struct str           where_store;      /* the store's address, for further readers; empty: one thread */
    struct str           spool_dir;
    uint32_t             jobs;
    const struct builds *builds;           /* of the survey; NULL: the survey's observations are left out */
    const struct where  *places;           /* country, network, register; NULL: none */
    int64_t              now_us, known_us; /* state.h; TIME_NONE: the newest fact, all */
    bool                 intruders;        /* also the intruder groups; false: they stay as they were */
    struct str           common;           /* a table like packs/survey/common.csv, of what joins no intruders here; empty: none */
};
struct update_counts {
    uint64_t subjects, servers, organisations, cases, links, facts, reviews, providers, intruders, observations;
    uint64_t us[8];                        /* wall time of each step */
};
extern const char *const update_step_names[8];

bool update_run(struct ledger *l, const struct update_options *o, struct update_counts *ret, struct err *e);

#endif
