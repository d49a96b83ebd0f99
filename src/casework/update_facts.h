/*
 * update_facts: the facts of each case are gathered from the ledger and from the survey, and laid out case by case.
 *
 *   update_facts_ledger   what was handed in: of servers, of cases, and of cases that became part of others
 *   update_facts_survey   what was seen: each look as a fact, and claims of a back door
 *   update_facts          whose each is, traps, grouping; the order
 *
 * Numbers  fact.subject of a server's fact is the asset's number. fact.source is a number of the organisation that says it, so that two sources of one are one.
 */
#ifndef CASEWORK_UPDATE_FACTS_H
#define CASEWORK_UPDATE_FACTS_H

#include "casework/update_inner.h"

/* A word of the survey about exposure, in little room: there may be millions. */
struct gather_look { int64_t us; uint32_t server; uint8_t campaign, value, grade, by, active; };
enum { GATHER_CAMPAIGNS_MAX = 32 };            /* as many as there are build groups; facts name them in 8 bits */

struct gather {
    struct update *u;
    struct arena   a;                          /* until the facts are laid out */
    uint32_t     **case_of;                    /* by campaign, then group: index in u->cases, or GROUP_NONE */
    uint32_t      *first, *of_group;           /* servers of a group: of_group[first[g]] .. first[g + 1] */
    bool          *other;                      /* by server: something besides looks is known of it */
    int64_t       *odd_us;                     /* by server: since when it looks like a honeypot, or a range of our own; TIME_NONE: it does not */
    struct update_fact *full; size_t full_n, full_cap;
    struct gather_look *look; size_t look_n, look_cap;
};

/* f.subject is filled with the asset's number and f.hash with `id` and that; the campaign's case of the server gets it, if there is one. */
bool gather_server_fact(struct gather *g, uint32_t campaign_at, uint32_t server, struct fact f, uint64_t id, struct err *e);
void gather_hash(uint8_t ret[32], uint64_t id, uint64_t asset, uint64_t more);
uint64_t gather_organisation(struct str name);                 /* 0 for an empty name: a person's hand */
uint64_t gather_survey_source(unsigned source);                /* of enum obs_source */

bool gather_ledger(struct gather *g, struct err *e);
bool gather_survey(struct gather *g, struct err *e);           /* after the ledger: what is said there decides how much is kept */

#endif
