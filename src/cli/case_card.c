/* What of an intruder group may go outside. See case_card.h. */
#include "cli/case_card.h"

#include "store/bind.h"

#define VICTIMS_ROOM ((size_t)4 << 30)             /* address space */

bool case_cards_open(struct case_cards *ret, struct case_data *d, struct err *e)
{
    *ret = (struct case_cards){ .d = d };
    if (!os_arena_map(&ret->room, VICTIMS_ROOM, e))
        return false;
    ret->a = ret->room;
    if (victims_open(&ret->named, d->store, &ret->a, e))
        return true;
    case_cards_close(ret);
    return false;
}

void case_cards_close(struct case_cards *c)
{
    os_arena_unmap(&c->room);
    *c = (struct case_cards){ 0 };
}

static uint32_t small(int64_t n) { return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n; }

/* The traces that are told of at enough organisations. */
static bool marks(struct case_data *d, int64_t group, struct intruder_group *ret, struct err *e)
{
    static const char sql[] =
        "SELECT m.kind, m.value, m.sessions, m.servers, m.all_sessions, count(DISTINCT s.org) FROM case_mark m JOIN case_visit t ON t.intruder = m.intruder JOIN case_feature f ON"
        " f.file = t.file AND f.session = t.session AND f.campaign = t.campaign AND f.kind = m.kind AND f.value = m.value JOIN case_server s ON s.campaign = t.campaign AND s.asset = t.asset"
        " WHERE m.intruder = ?1 GROUP BY m.at, m.kind, m.value, m.sessions, m.servers, m.all_sessions ORDER BY m.at";
    struct store_stmt *st;
    size_t             cap = 0, n = 0;

    if (!bind_open(d->store, sql, BOUND(B_INT(group)), &st, e))
        return false;
    while (case_row(&st, e)) {
        int64_t kind = store_int(st, 0);
        if (kind < 0 || kind >= INTRUDER_FEATURES || store_int(st, 5) < INTRUDER_SHARE_MIN)
            continue;
        struct intruder_mark *x = GROW(&d->c->keep, ret->mark, n, &cap);
        if (!x) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for what a group has in common");
        }
        *x = (struct intruder_mark){ (enum intruder_feature)kind, case_text(d, st, 1), small(store_int(st, 2)), small(store_int(st, 3)), small(store_int(st, 4)) };
        n++;
    }
    ret->mark_n = (uint32_t)n;
    return e->kind == ERR_NONE;
}

bool case_card(struct case_cards *c, int64_t group, struct intruder_card *ret, uint32_t *ret_left_out, bool *ret_told, struct err *e)
{
    static const char sql[] =
        "SELECT i.sessions, i.servers, i.first_us, i.last_us, (SELECT count(DISTINCT s.org) FROM case_visit t JOIN case_server s ON s.campaign = t.campaign AND s.asset = t.asset"
        " WHERE t.intruder = i.id), (SELECT count(*) FROM case_mark m WHERE m.intruder = i.id) FROM case_intruder i WHERE i.id = ?1";
    enum { VISITS, SERVERS, FIRST, LAST, OWNERS, MARKS, COLUMNS };
    int64_t               n[COLUMNS];
    struct intruder_group whole;

    *ret_told = false;
    if (!bind_ask(c->d->store, sql, BOUND(B_INT(group)), n, COLUMNS, e))
        return e->kind == ERR_NONE;
    if (n[OWNERS] < INTRUDER_SHARE_MIN)
        return true;
    whole = (struct intruder_group){ .n = small(n[VISITS]), .servers = small(n[SERVERS]), .first_us = n[FIRST], .last_us = n[LAST] };
    if (!marks(c->d, group, &whole, e) || !intruders_card(&whole, victims_named, c->named, &c->d->c->keep, ret, e))
        return false;
    *ret_left_out = small(n[MARKS]) - ret->mark_n;
    *ret_told = true;
    return true;
}
