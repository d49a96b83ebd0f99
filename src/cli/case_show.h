/*
 * case_show: all that the board and the ledger say about one case, for case_show.c (a screen) and case_show_json.c.
 *
 * Bounds   SHOW_MAX rows of each kind are read; the counts beside them are those of all.
 * Order    servers: those that need a person first; reports: newest first; back doors: present first. Of what several reports say about one back door the newest counts.
 * Owner    the run's arena.
 */
#ifndef CLI_CASE_SHOW_H
#define CLI_CASE_SHOW_H

#include "base/net.h"
#include "casework/desk.h"
#include "casework/group.h"
#include "casework/second_group.h"
#include "cli/case_line.h"

enum { SHOW_MAX = 2000 };

struct show_server {
    int64_t    asset;
    struct str name, country, product, build;
    uint8_t    ip[16]; bool has_ip; uint16_t port; uint32_t asn;
    enum exposure exposure;     enum grade exposure_grade;   int64_t exposure_us;
    enum compromise compromise; enum grade compromise_grade; int64_t compromise_us;
    bool       clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, shared;
    int        theft;              /* 0 none, 1 suspected, 2 seen */
    int64_t    clean_us, hunted_us, first_seen_us, last_seen_us;
    int64_t    relapses, missed, confidence;
    struct str *alias; size_t alias_n;             /* its other names */
    bool       asked;              /* this is the one that was named */
};
struct show_report {
    int64_t    file, asset;
    struct str name, verdict, door_open, theft, tool, why; uint8_t sha256[32];
    enum grade grade;
    int64_t    hunted_us, from_us, to_us, entered_us, placed_us, used_us, last_us, recorded_us;
    bool       nonce_ok, re_entered, beyond;
    int64_t    back_doors, ways_back, mail_bytes;
};
struct show_door {
    int64_t    file, asset, finding, hunted_us;
    bool       way;                /* a way back, and no back door */
    struct str path, state, kind, used, sha256, intruder;
    int64_t    created_us, removed_us, first_us, last_us, requests;
};
struct show_notice { int64_t notice, from_case /* 0: its own; else inherited */; struct notice_state s; };
struct show_file { int64_t id, recorded_us; struct str name, kind, source; uint8_t sha256[32]; };

struct show {
    struct case_data  *d;
    struct case_found  found;
    struct case_line   line;
    const struct case_campaign *campaign;
    enum group_naming  name_from;
    struct str         sector_from;                /* who says the sector; empty: nobody */
    int64_t            confidence;
    struct str        *country; size_t country_n;  /* of addresses */
    struct show_server   *server;   size_t server_n;
    struct show_report   *report;   size_t report_n;
    struct show_door     *door;     size_t door_n;
    struct second_group   intruders;
    struct show_notice   *notice;   size_t notice_n;
    struct show_file     *file;     size_t file_n;
    struct desk           desk;     /* its history */
    int64_t              *heir_of;  size_t heir_n; /* cases whose notices it inherits */
};

/* found: of case_find. */
bool case_show_load(struct show *ret, struct case_data *d, const struct case_found *found, struct err *e);
/* history: that as well. */
void case_show_json(struct out *o, const struct show *s, bool history);
const char *case_naming_text(enum group_naming n);             /* "a register" */

#endif
