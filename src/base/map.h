/*
 * map: text to a number, in an arena. Open addressing, doubles when 70 % full.
 *
 * Case     `fold` set: ASCII letters of either case are one key (paths, names).
 * Owner    keys are not copied; they live at least as long as the map.
 * Order    none. Walk the array that the numbers index, never the map.
 * Errors   map_put: false when the arena is full.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

struct map_slot {
    struct str key;
    uint64_t   hash;
    uint32_t   value;
    bool       used;
};

struct map {
    struct map_slot *slot;
    size_t           cap, n;
    bool             fold;
};

#define MAP_NONE UINT32_MAX

uint32_t map_get(const struct map *m, struct str key);                       /* MAP_NONE: not there */
bool map_put(struct map *m, struct arena *a, struct str key, uint32_t value); /* replaces */

/* Copies of equal text share one place: intern(m, a, s) gives the same view each time. .p == NULL: arena full. */
struct str map_intern(struct map *m, struct arena *a, struct str s);

#endif
