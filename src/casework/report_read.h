/*
 * report_read: report.json as numbers and views: what casework takes from a hunt's report, and what it needs to judge it.
 *
 * Shape    report_read parses, checks the shape (report_shape.h) and resolves every reference: findings, sessions and intruders are indices from then on. It
 *          judges nothing: report_proof.h does.
 * Text     as it came, hostile, escapes undone; UTF-8.
 * Units    UTC microseconds; TIME_NONE: null.
 * Bounds   those of formats/jsontree.h; REPORT_READ_MAX bytes; REPORT_CAMPAIGNS_MAX, REPORT_DOORS_MAX: more is refused. Sentences and excerpts of findings are cut.
 * Errors   ERR_FORMAT: what is wrong in our own words, where: its path ("campaigns[0].verdict"), nothing of the file's own. ERR_LIMIT, ERR_MEMORY.
 * Owner    views of the bytes and the arena.
 * Source   docs/report-contract.md, docs/report.schema.json.
 */
#ifndef CASEWORK_REPORT_READ_H
#define CASEWORK_REPORT_READ_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"
#include "verdict/words.h"

/* A hunt writes at most 2,000 back doors, and as many ways back. */
enum { REPORT_READ_MAX = 64 << 20, REPORT_CAMPAIGNS_MAX = 32, REPORT_DOORS_MAX = 4000, REPORT_WHY_MAX = 4096, REPORT_EXCERPT_MAX = 512 };
#define REPORT_NOBODY UINT32_MAX

struct rp_list { const struct str *item; uint32_t n; };
struct rp_ids  { const uint32_t *item; uint32_t n; };              /* indices in finding[] */

enum rp_axis { RP_NO_AXIS, RP_EXPOSURE, RP_EXPLOITATION, RP_BACK_DOOR, RP_USE, RP_THEFT };
struct rp_finding {
    struct str id, key, detector, why, axis_state;
    enum rp_axis axis;
    int64_t    time_us, last_us;
    uint32_t   session;            /* REPORT_NOBODY: none */
    uint8_t    severity;           /* 0 info .. 4 critical */
    bool       probe;
    struct str path, raw, file;    /* of the first evidence: path, SHA-256 of the record and of the file in hex; empty: none */
    struct str excerpt, excerpt2;  /* of both */
    bool       has_evidence;
    uint32_t   of;                 /* which campaigns' axes cite it, one bit each */
};
struct rp_door {
    struct str path, kind, sha256, key;
    enum door_state state;         /* removed, unknown, present */
    bool       unreachable;
    int64_t    created_us, removed_us, first_us, last_us;
    enum use_word used;
    uint64_t   requests;
    uint32_t   intruder, of;       /* of: which campaigns it belongs to; all, where none of its findings tells */
    struct rp_ids findings;
};
struct rp_way {
    struct str kind, name, path, word;                 /* word: its state as it stands there */
    enum door_state state;         /* exposed: present; rotated: removed; unproven: none seen */
    bool       secret, unreachable;
    enum use_word used;
    uint32_t   of;
    struct rp_ids findings;
};
struct rp_session  { int64_t first_us, last_us; uint32_t intruder, of; bool succeeded; struct rp_list clients; struct rp_ids findings; };
struct rp_intruder { int64_t first_us, last_us; struct rp_list clients, agents, keys; };
struct rp_cover {
    struct str family;
    enum covered covers;
    bool       missing, gaps;      /* it says that something is missing; that there are holes */
    bool       gaps_wrong;         /* a hole that is none: no times, or not longer than 36 h */
    uint64_t   files, records;
    int64_t    oldest_us, newest_us;
};
struct rp_campaign {
    struct str id;
    enum verdict_word verdict;
    enum open_state open;
    int64_t    from_us, to_us, patched_us;
    bool       empty;
    struct { enum exposure_state state; enum covered covered; struct rp_ids findings; } exposure;
    struct { enum exploit_state state; enum covered covered; struct rp_ids findings; int64_t first_us, last_us; } exploitation;
    struct { enum door_state state; enum covered covered; struct rp_ids findings; } back_door;
    struct { enum use_state state; enum covered covered; struct rp_ids findings; bool re_entered; int64_t first_us, last_us; } use;
    struct { enum theft_state state; enum covered covered; struct rp_ids findings; uint64_t bytes; } theft;
};
struct hunt_report {
    struct str tool;               /* "afterpatch 0.1.0" */
    struct str packs;              /* "proxylogon 1, survey 3" */
    struct str case_id, nonce, organisation;           /* empty: null */
    int64_t    started_us, since_us, until_us, newest_us;
    struct { struct str name, domain; struct rp_list fqdns, addresses, keys, certificates /* SHA-256 in hex */; struct rp_list products, builds, folders; } server;
    struct rp_campaign *campaign;  uint32_t campaign_n;
    struct rp_door     *door;      uint32_t door_n;
    struct rp_way      *way;       uint32_t way_n;
    struct rp_session  *session;   uint32_t session_n;
    struct rp_intruder *intruder;  uint32_t intruder_n;
    struct rp_finding  *finding;   uint32_t finding_n;
    struct rp_cover    *cover;     uint32_t cover_n;
    uint64_t left_out_findings, left_out_doors, left_out_sessions;
};
bool report_read(struct hunt_report *ret, struct arena *a, struct str bytes, struct err *e);

#endif
