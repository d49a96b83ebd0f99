/*
 * follow: groups keep their numbers when they are worked out anew.
 *
 * Shape    in: for each item (a server, a session) the number of the group it was in (0: none) and the new group it is in now. Out: the number of
 *          each new group, and the numbers it inherits from besides.
 * Rules    1. An old number goes to the new group that holds most of its items, a new group takes the old number that brings it most; the largest overlap
 *             first, then the lower number, then the lower group. So a split keeps its number on the larger side, a merger keeps the larger side's.
 *          2. What gets no old number gets a new one, from `next` upwards in the order of the groups. A number is never used twice.
 *          3. A group inherits from every other number that its items had: a split after a notice was sent gives that notice to both (notification sheet, 2.2).
 * Order    of the items is nothing.
 * Errors   ERR_MEMORY; ERR_USAGE: a group beyond group_n.
 */
#ifndef CASEWORK_FOLLOW_H
#define CASEWORK_FOLLOW_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

struct follow_item { uint64_t was; uint32_t now; };
struct follow_heir { uint32_t group; uint64_t from; };         /* sorted by group, then number; without the group's own */
struct follow {
    uint64_t *number;              /* of each group */
    struct follow_heir *heir; size_t heir_n;
    uint64_t next;                 /* for the next time */
};
bool follow(const struct follow_item *item, size_t n, uint32_t group_n, uint64_t next, struct arena *a, struct follow *ret, struct err *e);

#endif
