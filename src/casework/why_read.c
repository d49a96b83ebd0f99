/* Keys and who gave them, from the board. */
#include "casework/why_inner.h"

#include "base/num.h"

#include <string.h>

bool why_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to explain"); }

static bool text(struct store_stmt *st, int column, struct arena *a, struct str *ret, struct err *e)
{
    struct str s = store_text(st, column);

    *ret = str_dup(a, s);
    return ret->p || !s.n ? true : why_no_room(e);
}

bool why_take_key(struct store_stmt *st, int c, struct arena *a, struct why_key *ret, struct err *e)
{
    struct str country = store_text(st, c + 3);
    struct why_key k = { .id = store_int(st, c), .is = (enum org_class)store_int(st, c + 1), .state = (enum group_state)store_int(st, c + 4),
                         .assets = (uint32_t)store_int(st, c + 5), .domains = (uint32_t)store_int(st, c + 6) };

    if (k.is >= ORG_CLASSES || k.state > GROUP_KEY_REFUSED)
        return err_set(e, ERR_FORMAT, "a key of class %d, state %d", (int)k.is, (int)k.state);
    if (country.n == 2)
        memcpy(k.country, country.p, 2);
    if (!text(st, c + 2, a, &k.value, e))
        return false;
    k.why = why_state_words(&k, a);
    if (!k.why.p)
        return why_no_room(e);
    *ret = k;
    return true;
}

bool why_key_read(struct store *s, int64_t id, struct arena *a, struct why_key *ret, struct err *e)
{
    struct store_stmt *st;

    e->kind = ERR_NONE;
    if (!bind_open(s, "SELECT " WHY_KEY_COLUMNS " FROM case_key k WHERE k.id = ?1", BOUND(B_INT(id)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW && why_take_key(st, 0, a, ret, e);
    store_finish(st);
    return ok;
}

struct str why_nameless(enum why_by by) { return by <= WHY_MX ? STR("by hand") : by == WHY_PLACE ? STR("the operator's files") : STR("survey"); }

bool why_take_given(struct store_stmt *st, int c, struct arena *a, struct why_given *ret, struct err *e)
{
    struct why_given g = { .by = (enum why_by)store_int(st, c), .kind = (enum org_key)store_int(st, c + 1), .confidence = (uint8_t)store_int(st, c + 2),
                           .row = store_int(st, c + 3), .line = (uint64_t)store_int(st, c + 7), .observed_us = store_time(st, c + 8) };

    if (g.by >= WHY_BYS || g.kind >= ORG_KEYS)
        return err_set(e, ERR_FORMAT, "a key given by %d as %d", (int)g.by, (int)g.kind);
    if (!text(st, c + 4, a, &g.detail, e) || !text(st, c + 5, a, &g.source, e) || !text(st, c + 6, a, &g.file, e))
        return false;
    if (!g.source.n)
        g.source = why_nameless(g.by);
    *ret = g;
    return true;
}

bool why_given_read(struct store *s, int64_t asset, int64_t key, struct arena *a, struct why_given *ret, struct err *e)
{
    struct store_stmt *st;
    struct why_given g = { .by = WHY_BYS };

    if (!bind_open(s, "SELECT " WHY_EDGE_COLUMNS " FROM case_edge d" WHY_EDGE_JOINS " WHERE d.asset = ?1 AND d.key = ?2", BOUND(B_INT(asset), B_INT(key)), &st, e))
        return false;
    enum store_got got = store_step(st, e);
    bool ok = got != STORE_FAILED && (got != STORE_ROW || why_take_given(st, 0, a, &g, e));
    store_finish(st);
    if (ok)
        *ret = g;
    return ok;
}

bool why_name(struct store *s, int64_t asset, struct arena *a, struct str *ret, struct err *e)
{
    static const char *const from[] = { "SELECT name FROM case_server WHERE asset = ?1 AND name <> '' ORDER BY name LIMIT 1",
                                        "SELECT name FROM case_server_name WHERE asset = ?1 ORDER BY length(name), name LIMIT 1" };
    struct str name = STR_EMPTY;

    for (size_t i = 0; i < COUNT_OF(from) && !name.n; i++) {
        struct store_stmt *st;
        if (!bind_open(s, from[i], BOUND(B_INT(asset)), &st, e))
            return false;
        enum store_got got = store_step(st, e);
        bool ok = got != STORE_FAILED && (got != STORE_ROW || text(st, 0, a, &name, e));
        store_finish(st);
        if (!ok)
            return false;
    }
    *ret = name;
    return true;
}
