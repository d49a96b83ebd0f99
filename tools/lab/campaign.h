/*
 * campaign: a whole campaign as one team would meet it, with the truth: who owns which server, who entered where, what happened to each and when.
 *
 * Shape    facts as sources tell them (links, features, events), with the gaps, errors and providers of real ones; the truth stands beside them.
 *          Nothing here knows the code that works with them.
 * Same     seed and sizes give the same campaign. Strings live until campaign_free.
 * Rates    ours, and guesses; all in campaign_rates and campaign_habits, in per mille, so that a test can make them worse.
 * Errors   a tool for developers: no memory ends the program (lab_die).
 */
#ifndef LAB_CAMPAIGN_H
#define LAB_CAMPAIGN_H

#include "lab/lab.h"

/* What ties a server to an owner, in the words of casework/key.h's kinds. */
enum camp_key {
    CAMP_REGISTER, CAMP_CONSTITUENCY, CAMP_CERT_ORG, CAMP_CERT_DOMAIN, CAMP_EXCHANGE_NAME, CAMP_MX, CAMP_NETWORK, CAMP_PTR, CAMP_HOLDER, CAMP_INTERNAL, CAMP_KEYS
};
extern const char *const camp_key_name[CAMP_KEYS];

struct camp_rates {
    uint32_t in_register, register_row, in_list, list_row, vouched, cert, names, mx, network, ptr;     /* how often a server's owner is told in this way */
    uint32_t nameless;             /* nothing tells whose it is */
    uint32_t stale_ptr, wrong_mx, old_cert, stale_range, typo, wrong_number, rumour;                   /* wrong data, of the links of that kind */
    uint32_t repeated;             /* a link told by several sources: so many more, per mille of links */
    uint32_t missing, stray, borrowed, shared_exit, split, unique_page;                                /* of a visit's features; sessions of one visit told apart */
};
extern const struct camp_rates campaign_rates;

struct camp_plan { uint64_t seed; uint32_t organisations, servers, hunts, intruders, days; struct camp_rates rates; };

struct camp_org { const char *name, *domain, *sector, *size; char country[3]; uint32_t number; uint32_t first, servers; uint32_t brands; bool in_register, in_list, vouched; uint32_t operator_; };
struct camp_server {
    uint32_t org;
    char     country[3];           /* of its address */
    bool     told;                 /* some link tells its owner's own key; else nobody could group it */
    bool     shared;               /* hosting, smart host */
    /* What happened, in days from the start; -1: never. */
    int16_t  patched, entered, used_again, removed, hunted, entered_again;
    bool     missed;               /* the hunt did not see a second back door, which was seen later */
};
struct camp_link { uint32_t server; enum camp_key kind; const char *value, *name, *sector, *size; char country[3]; uint8_t confidence; uint32_t source; };
struct camp_visit { uint32_t server, session, intruder; int64_t first_us; };
struct camp_feature { uint32_t visit; const char *kind, *value; };     /* kind: "page", "key", ...; "common" lists what is published: value "kind:value" */

struct campaign {
    struct camp_plan plan;
    struct camp_org     *org;     uint32_t org_n;
    struct camp_server  *server;  uint32_t server_n;
    struct camp_link    *link;    uint32_t link_n, link_cap;
    struct camp_visit   *visit;   uint32_t visit_n, visit_cap;
    struct camp_feature *feature; uint32_t feature_n, feature_cap;
    struct camp_feature *common;  uint32_t common_n, common_cap;
    struct pool *text;
};
void campaign_make(struct campaign *ret, const struct camp_plan *plan);
void campaign_free(struct campaign *c);

/* What was seen on the days of the campaign, day by day: scans with gaps, hunts, statements. recorded: the day when it came in, later for some. */
enum camp_word { CAMP_VULNERABLE, CAMP_PATCHED, CAMP_SHELL, CAMP_SHELL_GONE, CAMP_HUNT, CAMP_SAYS_PATCHED };
struct camp_row { enum camp_word word; uint32_t server; uint16_t day, recorded; int16_t since; uint32_t shell; bool re_entered, clean; };
void campaign_rows(const struct campaign *c, void (*take)(void *ctx, const struct camp_row *r), void *ctx);

/* campaign_intruders.c */
void campaign_visits(struct campaign *c);
void campaign_feature(struct campaign *c, uint32_t visit, const char *kind, const char *value);
void *campaign_grow(void *list, uint32_t n, uint32_t *cap, size_t size);

#endif
