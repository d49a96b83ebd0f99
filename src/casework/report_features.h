/*
 * report_features: what a report tells of who was on the server, as features of intruders.h.
 *
 * Shape    sessions keep the report's numbers, from 1. Only sessions of an intruder (somebody who got in) have features. What a back door shows (page, key, flow, path,
 *          compiled leftover) goes to every such session that one of its findings belongs to; where none does, to the first session of the intruder that
 *          it names; where it names none, to a session of its own, numbered behind the report's: session_n + 1 + its place in back_doors.
 * Values   page, tool, compiled: SHA-256 in hex. key: as it is. flow: kind of the page and the steps of its way, without names, lines and other figures: "evaluator: taken
 *          from the request; runs text as code: eval". client: an address that lies outside, as net_ip_text writes it. agent: as logged. path: the folder in lower
 *          case, the Exchange folder as "{exchange}", and for the name which characters each of its parts has and how many: "a{6}.aspx", "aA9{8}.aspx".
 * Bounds   REPORT_FEATURES_MAX of a report; beyond that *ret_more counts. Values at most INTRUDER_VALUE_MAX bytes.
 * Errors   only those of take.
 * Not done the same hour (BURST): intruders_time makes it.
 */
#ifndef CASEWORK_REPORT_FEATURES_H
#define CASEWORK_REPORT_FEATURES_H

#include "casework/intruders.h"
#include "casework/report_read.h"

enum { REPORT_FEATURES_MAX = 20000, REPORT_SESSION_CLIENTS_MAX = 500, REPORT_SESSION_AGENTS_MAX = 32 };
typedef bool report_feature_take(void *ctx, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us, struct err *e);
bool report_features(const struct hunt_report *r, uint32_t campaign, struct arena scratch, report_feature_take *take, void *ctx, uint64_t *ret_more, struct err *e);

/* --- for tests --- */
/* .p == NULL: the arena is full. Empty: nothing to tell. */
struct str report_path_pattern(const struct hunt_report *r, struct str path, struct arena *a);
struct str report_flow_shape(struct str kind, struct str why, struct arena *a);
/* An address by which hosts of different networks can be told apart: neither private nor of this host or link. */
bool report_address(struct str text, uint8_t ret[16]);

#endif
