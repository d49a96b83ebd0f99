/*
 * door: is there still a way in today? The verdict tells history. Contract, door_open.
 */
#include "verdict/work.h"

static bool because_list(struct work *w, const struct id_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (!ids_push(w, &w->r->campaign.open_because, l->item[i]))
            return false;
    return true;
}

struct doubt { bool open, unknown; };     /* open: yes today. unknown: forbids "no". */

static struct doubt of_door(const struct back_door *b)
{
    return (struct doubt){ .open    = b->state == THING_PRESENT && b->reachable != REACH_NO,
                           .unknown = b->state != THING_REMOVED };
}

static struct doubt of_way(const struct way_back *b)
{
    bool present = str_eq(b->state, STR("present"));
    return (struct doubt){ .open    = str_eq(b->state, STR("exposed")) || (present && b->reachable != REACH_NO),
                           .unknown = !str_eq(b->state, STR("removed")) && !str_eq(b->state, STR("rotated")) };
}

bool door_make(struct work *w)
{
    struct report   *r = w->r;
    struct campaign *c = &r->campaign;
    /* Unknown with nothing in either list: an act from within whose back door was not found. */
    bool open = c->exposure.state == EXP_UNPATCHED, doubt = c->back_door.state == DOOR_UNKNOWN;

    for (size_t i = 0; i < r->back_door_n; i++) {
        open  |= of_door(&r->back_door[i]).open;
        doubt |= of_door(&r->back_door[i]).unknown;
    }
    for (size_t i = 0; i < r->way_back_n; i++) {
        open  |= of_way(&r->way_back[i]).open;
        doubt |= of_way(&r->way_back[i]).unknown;
    }
    bool safe = (c->exposure.state == EXP_PATCHED || c->exposure.state == EXP_NOT_AFFECTED) && !doubt &&
                c->exposure.covered == COVERED_FULL && c->back_door.covered == COVERED_FULL;
    c->open = open ? OPEN_YES : safe ? OPEN_NO : OPEN_UNPROVEN;
    if (c->open == OPEN_NO)
        return true;

    /* Because: what holds it open; or, unproven, what is in doubt. */
    for (size_t i = 0; i < r->back_door_n; i++) {
        struct doubt d = of_door(&r->back_door[i]);
        if ((open ? d.open : d.unknown) && !because_list(w, &r->back_door[i].findings))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n; i++) {
        struct doubt d = of_way(&r->way_back[i]);
        if ((open ? d.open : d.unknown) && !because_list(w, &r->way_back[i].findings))
            return false;
    }
    if (c->exposure.state != EXP_PATCHED && c->exposure.state != EXP_NOT_AFFECTED && !because_list(w, &c->exposure.findings))
        return false;
    ids_finish(&c->open_because);
    return true;
}
