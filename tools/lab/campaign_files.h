/*
 * campaign_files: the campaign as the files that a response team would get in thirty days, and what can be known from them.
 *
 * Shape    campaign_story gives each server a life that fits its visits; the writers stream files, and tell each word that they put into one (story_tell); from these
 *          words alone campaign_truth says how each server stood on each day. So the truth is what can be known, not what happened: a server that nobody scanned
 *          since the patch is unpatched in it.
 * Folder   scans/ casework/ reports/ contacts/ and beside them truth.json, servers.csv (owner, addresses, spans of states), reports.csv (what each is worth), visits.csv,
 *          contacts.jsonl (who can be reached how, and what comes back).
 * Nonces   the case and its nonce are not known when a report is written: "CASE-OF-000123" and "NONCE-OF-000123" stand for them, 123 being the server.
 * Times    day 0 is 2021-03-01. The clock of the machine has no part in it.
 * Hostile  with `hostile` every text that a stranger chooses carries something that must not come out raw.
 * Same     seed and sizes give the same bytes.
 */
#ifndef LAB_CAMPAIGN_FILES_H
#define LAB_CAMPAIGN_FILES_H

#include "lab/campaign.h"

enum { STORY_DOORS_MAX = 8, STORY_SESSIONS_MAX = 8, STORY_HUNTS_MAX = 3 };
#define STORY_START (INT64_C(1614556800) * TIME_SECOND)        /* 2021-03-01 */

enum story_source { SAYS_SHADOWSERVER, SAYS_SHODAN, SAYS_CENSYS, SAYS_ZGRAB, SAYS_NMAP, SAYS_OWN, SAYS_FEED, SAYS_TIP, SAYS_OPERATOR, SAYS_HUNT, SAYS_RESEARCHER /* and those after it */, STORY_SOURCES = SAYS_RESEARCHER + 5 };

/* What a report is worth; casework has to find that out. */
enum story_proof { PROOF_NONCE, PROOF_NONE, PROOF_PARTIAL, PROOF_FOREIGN /* the nonce of another case */, PROOF_FORGED /* contradicts itself or the schema */, PROOFS };
extern const char *const story_proof_name[PROOFS];

struct story_door { uint32_t visit; uint16_t number; bool missed; int64_t made_us, last_us; };         /* number: from 1, of the server */
struct story_hunt { int16_t day; enum story_proof proof; bool gone, again; };                          /* gone: its doors are no longer there; again: finds one more */
struct story_server {
    uint32_t visit, visits;        /* first of campaign.visit[], and how many */
    int16_t  patched, shell_from, shell_to;    /* days; -1. shell: there to be seen from outside, without the last day */
    bool     re_entered, stolen, beyond, hunted;
    struct story_door door[STORY_DOORS_MAX]; uint32_t doors;
    struct story_hunt hunt[STORY_HUNTS_MAX]; uint32_t hunts;
    uint16_t build;                /* of story_builds */
    uint32_t link, links;          /* first of story.by_server[], without repeats */
    int64_t  first_us[3];          /* as reports tell it: first back door made, first used, first entered; TIME_NONE */
};
struct story_build { const char *product, *before, *after; };
extern const struct story_build story_builds[];
enum { STORY_BUILDS = 6 };

/* One word of one source: what servers are known by. */
enum story_word { TOLD_EXPOSED, TOLD_PATCHED, TOLD_SHELL, TOLD_GONE, TOLD_HUNT, TOLD_SUSPECTED /* somebody says so, and nobody need believe it */ };
enum { TOLD_NEGATIVE = 1, TOLD_RE_ENTERED = 2, TOLD_STOLEN = 4, TOLD_BEYOND = 8, TOLD_COMPLETE = 16 };
struct story_told { int64_t at_us, own_us; uint32_t server; uint8_t word, source, grade, flags; uint16_t door; };      /* door 0: cannot tell which; grade 1 D .. 4 A */

struct story {
    struct campaign     *c;
    struct story_server *server;
    uint32_t            *by_server;            /* indices of c->link, server by server */
    struct story_told   *told; uint32_t told_n, told_cap;
    struct pool         *text;
    const char          *out;
    bool                 hostile;
    uint64_t             files, bytes, rows[STORY_SOURCES];
    uint32_t             reports;
};
void campaign_story(struct story *s, struct campaign *c, uint32_t hunts);
void story_tell(struct story *s, struct story_told t);

/* ---- what writers share: campaign_files.c ---- */
FILE *story_create(struct story *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void story_close(struct story *s, FILE *f);
void story_ip(uint32_t server, char ret[48]);
const char *story_host(struct story *s, uint32_t server, const char *domain);  /* of this server alone */
const char *story_node(struct story *s, uint32_t server);
const char *story_ad(struct story *s, uint32_t server);                        /* NULL: none that was told */
void story_hash(const char *of, char ret[65]);                                 /* 64 hex digits, the same for the same text */
void story_time(int64_t us, char ret[32]);                                     /* 2021-03-01T00:00:00Z */
const char *story_text(struct story *s, struct rng *r, const char *text);      /* hostile, when the story is */
void story_cell(FILE *f, const char *text);                                    /* of CSV, always quoted */
void story_json(FILE *f, const char *text);                                    /* quoted */

void campaign_scans(struct story *s);                  /* campaign_scans.c */
void campaign_tables(struct story *s);                 /* campaign_tables.c: registers, lists, MX, links, feeds, tips, statements */
void campaign_reports(struct story *s);                /* campaign_reports.c */
void campaign_truth(struct story *s);                  /* campaign_truth.c */
void campaign_notices(struct story *s);                /* campaign_notices.c: contacts/, contacts.jsonl */

struct story_sizes { uint64_t seed; uint32_t organisations, servers, hunts, intruders, days; bool hostile; };
int campaign_main(const char *out, const struct story_sizes *sizes);

#endif
