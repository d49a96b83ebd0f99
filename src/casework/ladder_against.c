/* See ladder.h: what speaks against an address: facts of any case, a person's word that ended it, the list of those not to write to. */
#include "casework/ladder_inner.h"

#include "base/num.h"
#include "casework/suppress.h"

static bool starts(struct str s, const char *head) { return str_starts(s, str_c(head)); }
static int64_t later(int64_t a, int64_t b) { return a == TIME_NONE || (b != TIME_NONE && b > a) ? b : a; }

static bool take(struct ladder *l, struct ladder_against *x, size_t *cap, struct err *e)
{
    struct str text = store_text(l->facts, 1);
    int64_t    us = store_int(l->facts, 2), org = store_int(l->facts, 3);

    if (store_int(l->facts, 0) == 0) {                      /* a fact */
        if (starts(text, LADDER_SAYS))
            return true;
        if (starts(text, LADDER_RESTS)) {
            x->rests_us = later(x->rests_us, us);
        } else if (starts(text, LADDER_WRONG)) {
            if (!GROW(l->a, x->wrong_org, x->wrong_n, cap))
                return ladder_no_room(e);
            x->wrong_org[x->wrong_n++] = org;
        } else {
            x->dead_us = later(x->dead_us, us);
        }
    } else if (starts(text, LADDER_DROPPED)) {
        if (x->dropped_us == TIME_NONE || us >= x->dropped_us)
            x->dropped_dead = str_has(text, STR("dead"));
        x->dropped_us = later(x->dropped_us, us);
    } else {
        x->hand_us = later(x->hand_us, us);
    }
    return true;
}

bool ladder_against_read(struct ladder *l, enum contact_channel channel, struct str address, struct ladder_against *ret, struct err *e)
{
    struct ladder_against x = { .dead_us = TIME_NONE, .rests_us = TIME_NONE, .dropped_us = TIME_NONE, .hand_us = TIME_NONE };
    struct str key = str_fmt(l->a, "%d %.*s", (int)channel, STR_ARG(address));
    size_t     cap = 0;
    enum store_got got;

    if (!key.p)
        return ladder_no_room(e);
    uint32_t at = map_get(&l->seen_against, key);
    if (at != MAP_NONE) {
        *ret = l->against[at];
        return true;
    }
    store_reset(l->facts);
    store_bind_text(l->facts, 1, address);
    store_bind_int(l->facts, 2, channel);
    store_bind_int(l->facts, 3, FACT_CONTACT);
    while ((got = store_step(l->facts, e)) == STORE_ROW)
        if (!take(l, &x, &cap, e))
            return false;
    store_reset(l->facts);
    struct ladder_against *kept = got == STORE_DONE ? GROW(l->a, l->against, l->against_n, &l->against_cap) : NULL;
    if (!kept || !map_put(&l->seen_against, l->a, key, (uint32_t)l->against_n))
        return got == STORE_DONE && ladder_no_room(e);
    *kept = *ret = x;
    l->against_n++;
    return true;
}

bool ladder_suppressed(struct ladder *l, struct str address, struct str scope, bool *ret, struct err *e)
{
    *ret = false;
    if (!l->suppressing)
        return true;
    struct str key = str_fmt(l->a, "%.*s %.*s", STR_ARG(scope), STR_ARG(address));
    if (!key.p)
        return ladder_no_room(e);
    uint32_t known = map_get(&l->seen_suppress, key);
    if (known != MAP_NONE) {
        *ret = known != 0;
        return true;
    }
    return suppress_has(l->s, address, scope, l->a, ret, NULL, e) && (map_put(&l->seen_suppress, l->a, key, *ret) || ladder_no_room(e));
}
