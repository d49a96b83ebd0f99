/*
 * update_inner: what the steps of an update hand to each other. Only update*.c and their tests include it.
 *
 * Servers are numbered 0..server_n-1 within one update ("at"), in the order of their asset numbers; cases likewise.
 */
#ifndef CASEWORK_UPDATE_INNER_H
#define CASEWORK_UPDATE_INNER_H

#include "casework/follow.h"
#include "casework/group.h"
#include "casework/tables.h"
#include "casework/update.h"

struct update_subject { int64_t id; uint32_t server; };            /* sorted by id */
struct update_server {
    int64_t    asset;              /* its kept number */
    uint32_t   group;              /* index in groups.group; GROUP_NONE before update_groups */
    uint64_t   survey;             /* id of daily.h; 0: the survey does not know it */
    struct str name;               /* the best host name, or computer name; may be empty */
    uint8_t    ip[16]; bool has_ip; uint16_t port;
    char       country[3]; uint32_t asn;                           /* of the address */
    struct str product; uint16_t build[4]; uint8_t parts;
    bool       shared; uint8_t confidence;
    const struct str *domain; uint32_t domain_n;                   /* registrable, sorted, distinct */
    const uint8_t (*ips)[16]; uint32_t ip_n;                       /* sorted, distinct */
};
/* A fact with its place: server (its fact.subject is the asset's number then) or GROUP_NONE, and the case. */
struct update_fact { uint32_t case_at, server; int64_t campaign; struct fact f; };
struct update_case { int64_t id, campaign, org; uint32_t group; uint32_t first, n; };   /* facts first..first+n of fact[] */

struct update {
    struct ledger *l;
    struct store  *s;
    const struct update_options *o;
    struct arena   keep;           /* lives as long as the update */
    struct arena   scratch;        /* by value */
    struct daily  *daily;          /* NULL: no survey */
    struct case_campaign  *campaign; uint32_t campaign_n;
    struct update_subject *subject;  uint32_t subject_n;
    struct update_server  *server;   uint32_t server_n;
    struct grouping       *grouping;
    struct groups          groups;
    int64_t               *org;      /* number of each group */
    struct update_fact    *fact;     uint32_t fact_n;              /* sorted by case, then as they came */
    struct update_case    *cases;    uint32_t case_n;              /* by campaign, then org */
    struct case_figures   *figures;  /* case_figures.h; filled by update_cases */
    struct update_counts  *n;
};

bool update_assets(struct update *u, struct err *e);
bool update_links(struct update *u, struct err *e);
bool update_groups(struct update *u, struct err *e);
bool update_facts(struct update *u, struct err *e);
bool update_cases(struct update *u, struct err *e);
bool update_figures(struct update *u, struct err *e);
bool update_intruders(struct update *u, struct err *e);

/* NULL: not known. */
const struct update_subject *update_subject_find(const struct update *u, int64_t id);

#endif
