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
#include "casework/why.h"

/*
 * Which server a subject is. Sorted by id, then server: one that fits several computers, and does not say which, stands once for each (same.h), and what is said
 * of it is true of each. update_subject_find gives the first; go on while the id stays the same.
 */
struct update_subject { int64_t id; uint32_t server; };
/* The same for servers of the survey: what the survey takes for one may be several computers behind one address, and the other way round. Sorted by id, then server. */
struct update_survey { uint64_t id; uint32_t server; };
struct update_server {
    int64_t    asset;              /* its kept number */
    uint32_t   group;              /* index in groups.group; GROUP_NONE before update_groups */
    uint64_t   survey;             /* id of daily.h: the lowest, see update_survey; 0: the survey does not know it */
    uint64_t   content;            /* known by its records: the same whatever its number is */
    struct str name;               /* the best host name, or computer name; may be empty */
    uint8_t    ip[16]; bool has_ip; uint16_t port;
    char       country[3]; uint32_t asn;                           /* of the address */
    struct str product; uint16_t build[4]; uint8_t parts;
    bool       shared; uint8_t confidence;
    const struct str *domain; uint32_t domain_n;                   /* registrable, sorted, distinct */
    const uint8_t (*ips)[16]; uint32_t ip_n;                       /* sorted, distinct */
};
/* What is known of a server, as text. Sorted by server, kind, text; distinct. */
enum update_kind {
    TRAIT_CERT_NAME,               /* a name in its certificate */
    TRAIT_OWN_NAME,                /* one that Exchange servers have: mail., owa., autodiscover. ... */
    TRAIT_REVERSE,                 /* a reverse name, or a name of which nobody says where it comes from */
    TRAIT_CERT_ORG, TRAIT_DIRECTORY /* AD domain */, TRAIT_COMPUTER
};
struct update_trait { uint32_t server; uint8_t kind; bool survey; struct str text, domain /* registrable; may be empty */; };
/* Domains that somebody stated of a server: links, MX. By server, then domain, in update_entries. */
struct update_stated { uint32_t server; bool strong; struct str domain; };
/* Organisations that its records were of before this update. */
struct update_was { uint32_t server; int64_t org; };
/* Who gave a server a key: source of a link in the grouping is a place in given[]. by: enum why_by. */
struct update_given { uint8_t by, kind, confidence; bool revoked; int64_t source, row; struct str detail; };

/* A fact with its place: server (its fact.subject is the asset's number then) or GROUP_NONE, and the case. */
struct update_fact { uint32_t case_at, server; int64_t campaign; struct fact f; };
/* Since when a server's build is known by another detector; sorted by server, then day. Index of daily_detector. */
struct update_detector { uint32_t server; int32_t day; uint16_t detector; };
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
    struct update_survey  *survey;   uint32_t survey_n;
    struct update_trait   *trait;    uint32_t trait_n;
    struct update_was     *was;      size_t was_n;                 /* by server, then organisation; distinct */
    struct update_stated  *stated;   size_t stated_n, stated_cap;
    struct update_given   *given;    size_t given_n, given_cap;
    struct grouping       *grouping;
    struct groups          groups;   /* its assets are the servers' kept numbers; groups_find, groups_why and groups_keys know them by `content` */
    int64_t               *org;      /* number of each group */
    struct update_fact    *fact;     uint32_t fact_n;              /* sorted by case, then as they came */
    struct update_case    *cases;    uint32_t case_n;              /* by campaign, then org */
    struct update_detector *detector; uint32_t detector_n;         /* filled by update_facts */
    struct case_figures   *figures;  /* case_figures.h; filled by update_cases */
    struct update_counts  *n;
};

/* What a report without a proof of its own says is a suspicion (state.h, rule 2), and makes no wave. */
enum { UPDATE_WAVE_GRADE = GRADE_C };
/* The instant that the board is for. */
int64_t update_now(const struct update *u);

bool update_assets(struct update *u, struct err *e);
bool update_links(struct update *u, struct err *e);
bool update_groups(struct update *u, struct err *e);
bool update_facts(struct update *u, struct err *e);
bool update_cases(struct update *u, struct err *e);
bool update_figures(struct update *u, struct err *e);
/* The last part of it: what publication needs. */
bool update_public(struct update *u, struct err *e);
bool update_intruders(struct update *u, struct err *e);

/* A copy; an empty text takes no room. False: there is none. */
static inline bool update_keep(struct arena *a, struct str s, struct str *ret)
{
    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return ret->p || !s.n;
}

/* NULL: not known. */
const struct update_subject *update_subject_find(const struct update *u, int64_t id);
/* The first of *ret_n servers that the survey's server is; NULL: none. */
const struct update_survey *update_survey_find(const struct update *u, uint64_t id, uint32_t *ret_n);
/* Its country, network, product and build as the survey saw them last. Spans come in the order of time; only the first group of a survey's server is looked at. */
void update_server_seen(struct update *u, const struct server_span *s);
/* The servers of group g: of_group[first[g]] .. of_group[first[g + 1]], in their order. */
bool update_by_group(const struct update *u, struct arena *a, uint32_t **ret_first, uint32_t **ret_of_group, struct err *e);
/* After the spans: the countries of addresses, by organisation. */
bool update_countries(struct update *u, struct err *e);

#endif
