/*
 * second_group: "a second group may be involved", as a statement about one case with what it rests on.
 *
 * Shape    second_group_read tells which intruder groups were on the servers of one case, most visits first, from what the last update wrote.
 *          second_group_text makes the sentences: for the team with group numbers and values, or for the victim.
 * Rule     it is said when the visits belong to two groups or more, each of which is more than one visit: SECOND_VISITS_MIN of them anywhere in the campaign. A visit that belongs to
 *          nobody else's group is counted as `alone`, and proves no second group. It says "may": habits are not names, and one group may work with two sets of tools.
 * Private  the victim's text names no value and no other victim, and counts other servers only from INTRUDER_CELL_MIN on. Whether the mail may say it is the caller's to decide.
 * Owner    strings in the arena. Values are hostile: terminal through out_term, pages and JSON through their writers.
 * Errors   of the store; ERR_MEMORY. A case without reports: group_n 0.
 * Bounds   SECOND_GROUPS_MAX groups, SECOND_MARKS_MAX marks of each; `more` counts further groups.
 * Time     one group takes two reads by key; a case some milliseconds.
 */
#ifndef CASEWORK_SECOND_GROUP_H
#define CASEWORK_SECOND_GROUP_H

#include "casework/intruders.h"
#include "store/store.h"

enum { SECOND_GROUPS_MAX = 20, SECOND_MARKS_MAX = 5, SECOND_VISITS_MIN = 2 };

struct second_mark {
    enum intruder_feature kind;
    struct str value;
    uint32_t here, sessions, servers;      /* visits of this case that show it; visits and servers of the group that do */
};
struct second_on {
    int64_t  intruder;                     /* case_intruder */
    uint32_t visits, servers;              /* on this case */
    uint32_t all_visits, all_servers;      /* of the group in its campaign */
    int64_t  first_us, last_us;            /* beginnings of its visits on this case; TIME_NONE: unknown */
    struct second_mark mark[SECOND_MARKS_MAX]; uint32_t mark_n;    /* what ties its visits here to the group, most telling first */
};
struct second_group {
    struct second_on *group; uint32_t group_n;     /* only such as the rule counts */
    uint32_t more, alone;
    uint32_t shared_servers;               /* servers on which two of the groups were */
    bool     suspected;                    /* the statement */
};
bool second_group_read(struct store *s, int64_t case_, struct arena *a, struct second_group *ret, struct err *e);

enum second_reader { SECOND_TEAM, SECOND_VICTIM };
/* One sentence a line, without a line feed at the end. Empty when nothing is suspected. */
bool second_group_text(const struct second_group *g, enum second_reader reader, struct arena *a, struct str *ret, struct err *e);

#endif
