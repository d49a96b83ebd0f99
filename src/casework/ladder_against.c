/* See ladder.h: what speaks against an address: facts of any case, a person's word that ended it, the list of those not to write to. */
#include "casework/ladder_inner.h"

#include "base/num.h"

static bool starts(struct str s, const char *head) { return str_starts(s, str_c(head)); }
static int64_t later(int64_t a, int64_t b) { return a == TIME_NONE || (b != TIME_NONE && b > a) ? b : a; }

static bool key_of(struct arena *a, int channel, struct str address, struct str *ret, struct err *e)
{
    *ret = str_fmt(a, "%d %.*s", channel, STR_ARG(address));
    return ret->p || ladder_no_room(e);
}

static bool slot(struct ladder *l, int channel, struct str address, struct ladder_against **ret, struct err *e)
{
    struct str key;

    if (!key_of(l->a, channel, address, &key, e))
        return false;
    uint32_t at = map_get(&l->by_address, key);
    if (at == MAP_NONE) {
        struct ladder_against *x = GROW(l->a, l->against, l->against_n, &l->against_cap);
        if (!x || !map_put(&l->by_address, l->a, key, at = (uint32_t)l->against_n))
            return ladder_no_room(e);
        *x = (struct ladder_against){ .dead_us = TIME_NONE, .rests_us = TIME_NONE, .dropped_us = TIME_NONE, .hand_us = TIME_NONE };
        l->against_n++;
    }
    *ret = &l->against[at];
    return true;
}

/* Columns: 0 a fact, 1 a row by hand; channel, address, text, time, organisation. */
static bool take(struct ladder *l, struct store_stmt *st, struct err *e)
{
    struct str text = store_text(st, 3);
    int64_t    us = store_int(st, 4);
    bool       fact = store_int(st, 0) == 0;
    struct ladder_against *x = NULL;

    if ((fact && starts(text, LADDER_SAYS)) || !slot(l, (int)store_int(st, 1), store_text(st, 2), &x, e))
        return e->kind == ERR_NONE;
    if (fact && starts(text, LADDER_RESTS)) {
        x->rests_us = later(x->rests_us, us);
    } else if (fact && starts(text, LADDER_WRONG)) {
        if (!GROW(l->a, x->wrong_org, x->wrong_n, &x->wrong_cap))
            return ladder_no_room(e);
        x->wrong_org[x->wrong_n++] = store_int(st, 5);
    } else if (fact) {
        x->dead_us = later(x->dead_us, us);
    } else if (starts(text, LADDER_DROPPED)) {
        if (x->dropped_us == TIME_NONE || us >= x->dropped_us)
            x->dropped_dead = str_has(text, STR("dead"));
        x->dropped_us = later(x->dropped_us, us);
    } else {
        x->hand_us = later(x->hand_us, us);
    }
    return true;
}

bool ladder_against_load(struct ladder *l, struct err *e)
{
    static const char *const sql[] = {
        "SELECT 0, c.channel, c.address, f.reason, f.recorded_us, coalesce(k.org, 0) FROM case_fact f JOIN case_contact c ON c.id = f.subject LEFT JOIN case_case k ON k.id = f.case_id"
        " WHERE f.kind = 8 AND f.of_case = 1 AND f.value = 0",
        "SELECT 1, channel, address, role, recorded_us, 0 FROM case_contact WHERE manual = 1",
    };
    _Static_assert(FACT_CONTACT == 8, "its number stands in the statement, as in the index that serves it");

    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        struct store_stmt *st;
        enum store_got     got = STORE_DONE;
        bool               ok = true;

        if (!store_prepare(l->s, sql[i], &st, e))
            return false;
        while (ok && (got = store_step(st, e)) == STORE_ROW)
            ok = take(l, st, e);
        store_finish(st);
        if (!ok || got == STORE_FAILED)
            return false;
    }
    return true;
}

bool ladder_against_read(struct ladder *l, enum contact_channel channel, struct str address, struct arena *scratch, struct ladder_against *ret, struct err *e)
{
    struct arena own = *scratch;
    struct str   key;

    *ret = (struct ladder_against){ .dead_us = TIME_NONE, .rests_us = TIME_NONE, .dropped_us = TIME_NONE, .hand_us = TIME_NONE };
    if (!l->against_n)
        return true;
    if (!key_of(&own, channel, address, &key, e))
        return false;
    uint32_t at = map_get(&l->by_address, key);
    if (at != MAP_NONE)
        *ret = l->against[at];
    return true;
}
