/*
 * intruders: the same hands on several victims' servers.
 *
 * Shape    facts go in at any time and in any order: on this server, in this session, this feature was seen. intruders_make tells groups of (server, session)
 *          pairs from all facts there are; it may be called again when more came (incremental: facts are kept sorted in their arena,
 *          groups are worked out anew, so that what came first has no advantage). A session belongs to one group, a server to as many as visited it.
 * Rules    1. A feature joins nothing when it is known to be common (published keys, public tools), when it was seen on more than hub_percent of all servers,
 *             and hub_floor at least, or when one session alone has it.
 *          2. Sessions with the same strong features (page, compiled leftover, key, tool), one of alone_points among them, are one from the start. Then groups are joined, the
 *             best mutual pair first, by points: of each kind its weight, times the share of the smaller group's sessions that have such a feature in
 *             common. Page, key, flow and compiled leftover are one family, of which the best counts: they are the shell, and a shell can be borrowed; weak kinds count less the more servers have them.
 *          3. Two groups are one with join_points or more, of which support_points or more come from families other than the best one; or when one family
 *             alone gives alone_points and neither the keys nor the pages of the two contradict each other (both have them, and none in common).
 *          Several addresses in common, and nobody else's, are such a family: what changes is the shell, then.
 *          4. Then every session goes where what it shows is likeliest, in bits: how often the group has a feature against how often all sessions have it. Each family counts as
 *             far as one in sixteen features may be another's (a borrowed shell, a shared exit, a wrong tie), and less against a group that shows something new all the time. It
 *             needs attach_bits over chance, and attach_bits more than where it is, or, from a group of attach_max sessions or fewer, than any other. Hubs count here as well:
 *             what a fifth of all servers have may still be one group's alone.
 *          5. Two groups of part_min sessions or more are one when the smaller's sessions, on average, say part_bits for the larger, and two families say half a bit each:
 *             what had parted them is the shell, and that may be changed. Here a shell speaks for, never against; an hour likewise. Rules 4 and 5 alternate until nothing moves.
 *          6. A group is taken apart when two parts of it, told by their addresses and tools alone, contradict each other by part_bits and more in what hands show: a key or a page
 *             that was published joins nobody, though nobody said so (intruders_common). Then rules 4 and 5 have the last word.
 *          So one session that borrowed another group's shell, or a shared exit address, joins nobody: its share is small.
 * Order    the same facts in any order give the same groups, byte for byte. Groups are sorted by sessions, most first; then by their lowest session.
 * Private  groups speak of servers by the caller's numbers, and are for the team. What may go to a victim or be published comes from intruders_card only:
 *          it has no servers, no feature that fewer than INTRUDER_SHARE_MIN servers have, none that the caller says points at a victim, and no small counts.
 * Bounds   INTRUDER_FACTS_MAX facts; about 60 bytes a fact, and 100 a group and feature in the result's arena. Pairs of groups that are compared
 *          share a feature of weight PIVOT_WEIGHT or more; a feature that more than INTRUDER_FAN_MAX groups have proposes none (it still counts).
 * Errors   ERR_LIMIT, ERR_MEMORY.
 * Not done names for groups, and attribution to anybody. Two groups with the same addresses, habits and tools are one to it, and one hand that works
 *          from two places with two sets of everything is two.
 * Source   notification sheet, 8.6 (features, hubs at 20 %, overlap: ESET saw more than ten groups, several on one victim). Weights and points
 *          are ours, in the scale of its section 2.1, and measured on the laboratory's campaign (docs/casework-intruders.md).
 */
#ifndef CASEWORK_INTRUDERS_H
#define CASEWORK_INTRUDERS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum intruder_feature {
    INTRUDER_PAGE,                 /* SHA-256 of a web shell's page */
    INTRUDER_COMPILED,             /* what its compilation left */
    INTRUDER_KEY,                  /* the word that opens it */
    INTRUDER_TOOL,                 /* SHA-256 of a program that was brought */
    INTRUDER_FLOW,                 /* the shape of its flow: source, steps, sink */
    INTRUDER_CLIENT,               /* an address that used it */
    INTRUDER_PATH,                 /* the pattern of its path: folder, and how names are made */
    INTRUDER_AGENT,                /* user agent */
    INTRUDER_BURST,                /* the same hour: intruders_time makes these */
    INTRUDER_FEATURES
};
enum { INTRUDER_SHELL = 0 };        /* the family of page, key, flow and compiled leftover */
struct intruder_kind { const char *name, *about; uint8_t weight, family; bool strong; };
extern const struct intruder_kind intruder_kinds[INTRUDER_FEATURES];
enum { INTRUDER_FAMILIES = 6, INTRUDER_BIT = 256 /* bits are in 1/256 */, PIVOT_WEIGHT = 60, INTRUDER_FACTS_MAX = 16 << 20, INTRUDER_FAN_MAX = 64, INTRUDER_VALUE_MAX = 512, INTRUDER_SHARE_MIN = 3, INTRUDER_CELL_MIN = 5 };
bool intruder_feature_find(struct str name, enum intruder_feature *ret);

struct intruder_rules { uint32_t hub_percent, hub_floor, join_points, support_points, alone_points, attach_max, attach_bits, part_bits, part_min; };
extern const struct intruder_rules intruder_defaults;      /* 20, 10; 90, 30, 75; 2, one bit, two bits, 5 */

struct intruders;
/* rules NULL: intruder_defaults. The arena is for facts alone, as long as the object lives. */
bool intruders_open(struct intruders **ret, struct arena *a, const struct intruder_rules *rules, struct err *e);
/* The value is copied; more than INTRUDER_VALUE_MAX bytes are cut. An empty value says nothing, but makes the session known. */
bool intruders_add(struct intruders *c, uint64_t server, uint32_t session, enum intruder_feature kind, struct str value, struct err *e);
/* A time far beyond the year 9999 is none. */
bool intruders_time(struct intruders *c, uint64_t server, uint32_t session, int64_t first_us, struct err *e);
/* Published keys, public tools, scanners' agents: from the pack. */
bool intruders_common(struct intruders *c, enum intruder_feature kind, struct str value, struct err *e);

struct intruder_mark {             /* a feature of a group */
    enum intruder_feature kind;
    struct str value;
    uint32_t sessions, servers;    /* of the group, that have it */
    uint32_t all_sessions;         /* that have it anywhere */
};
struct intruder_session { uint64_t server; uint32_t session, group; int64_t first_us; };
struct intruder_group {
    uint32_t first, n;             /* in session[], sorted by server and session */
    uint32_t servers;
    int64_t  first_us, last_us;    /* of its sessions' beginnings; TIME_NONE: unknown */
    struct intruder_mark *mark; uint32_t mark_n;   /* what joins it, the most telling first: features that several of its sessions have */
};
struct intruder_groups {
    struct intruder_group   *group;   uint32_t group_n;
    struct intruder_session *session; uint32_t session_n;
    uint32_t hubs, common, lone;   /* features that said nothing, by reason */
    uint32_t servers;
};
bool intruders_make(struct intruders *c, struct arena *a, struct intruder_groups *ret, struct err *e);

/* The groups on one server: "a second group may be involved" as a statement. Indices, at most cap; returns how many there are. */
uint32_t intruders_on(const struct intruder_groups *g, uint64_t server, uint32_t *ret, uint32_t cap);
/* Why this session belongs to its group: its features that others of the group have too, most telling first. False with ERR_NONE: no such session. */
bool intruders_why(const struct intruders *c, const struct intruder_groups *g, uint64_t server, uint32_t session, struct arena *a, struct intruder_mark **ret, uint32_t *ret_n,
                   struct err *e);

/* What may be told outside. */
struct intruder_card {
    uint32_t servers;              /* 0: fewer than INTRUDER_CELL_MIN, not told */
    int64_t  first_us, last_us;    /* cut to days */
    struct intruder_mark *mark; uint32_t mark_n;   /* counts below INTRUDER_CELL_MIN are 0; all_sessions is 0 */
};
/* names_victim: an address that is a victim's own (an intruder came from there), a path with a firm's name. NULL: nothing is. */
bool intruders_card(const struct intruder_group *g, bool (*names_victim)(void *ctx, enum intruder_feature kind, struct str value), void *ctx, struct arena *a,
                    struct intruder_card *ret, struct err *e);

#endif
