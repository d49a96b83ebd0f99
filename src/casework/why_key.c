/* One key: what it does, who has it, what was ruled; and servers by what people call them. */
#include "casework/why_inner.h"

#include "base/net.h"
#include "base/num.h"

#include <string.h>

static bool text(struct store_stmt *st, int column, struct arena *a, struct str *ret, struct err *e)
{
    struct str s = store_text(st, column);

    *ret = str_dup(a, s);
    return ret->p || !s.n ? true : why_no_room(e);
}

static bool servers(struct store *s, struct why_about_key *w, struct arena *a, struct err *e)
{
    struct store_stmt *st;
    enum store_got got = STORE_DONE;

    if (!bind_open(s, "SELECT d.asset, coalesce(m.org, 0) FROM case_edge d LEFT JOIN case_member m ON m.asset = d.asset WHERE d.key = ?1 ORDER BY d.asset LIMIT 51", BOUND(B_INT(w->key.id)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        if (w->server_n == WHY_SERVERS_MAX) {
            w->more = true;
            break;
        }
        w->server[w->server_n].asset = store_int(st, 0);
        w->server[w->server_n++].org = store_int(st, 1);
    }
    store_finish(st);
    for (size_t i = 0; i < w->server_n && got != STORE_FAILED; i++)
        if (!why_name(s, w->server[i].asset, a, &w->server[i].name, e))
            return false;
    return got != STORE_FAILED;
}

/* Rulings are few, and stand as people wrote them: the last that means this key counts. */
static bool ruling(struct store *s, int64_t id, struct why_about_key *w, struct arena *a, struct err *e)
{
    struct store_stmt *st;
    enum store_got got = STORE_DONE;
    bool ok = true;

    if (!bind_open(s, "SELECT kind, value, country, what, who, why, at_us FROM case_ruling ORDER BY at_us, what", NULL, 0, &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        struct arena scratch = *a;
        enum org_key kind = (enum org_key)store_int(st, 0);
        struct str   country = store_text(st, 2), clean;
        char         c[3] = { 0 };

        if (country.n == 2)
            memcpy(c, country.p, 2);
        if (kind >= ORG_KEYS || !org_key_clean(kind, store_text(st, 1), c, &scratch, &clean) || why_key_number(org_kinds[kind].is, clean) != id)
            continue;
        w->ruled = (enum group_ruling)store_int(st, 3);
        w->ruled_us = store_int(st, 6);
        ok = text(st, 4, a, &w->ruled_by, e) && text(st, 5, a, &w->ruled_why, e);
    }
    store_finish(st);
    return ok && got != STORE_FAILED;
}

static bool provider(struct store *s, struct why_about_key *w, struct arena *a, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(s, "SELECT org, name FROM case_provider WHERE key = ?1", BOUND(B_INT(w->key.id)), &st, e))
        return false;
    enum store_got got = store_step(st, e);
    bool ok = got != STORE_FAILED;
    if (got == STORE_ROW) {
        w->provider_org = store_int(st, 0);
        ok = text(st, 1, a, &w->name, e);
    }
    store_finish(st);
    return ok;
}

static bool review(struct store *s, struct why_about_key *w, struct arena *a, struct err *e)
{
    struct store_stmt *st;
    bool ok = true;
    enum store_got got = STORE_DONE;

    if (!bind_open(s, "SELECT key_kind, why FROM case_review WHERE key_value = ?1 ORDER BY id", BOUND(B_TEXT(w->key.value)), &st, e))
        return false;
    while (ok && !w->review.n && (got = store_step(st, e)) == STORE_ROW) {
        int64_t kind = store_int(st, 0);
        if (kind >= 0 && kind < ORG_KEYS && org_kinds[kind].is == w->key.is)
            ok = text(st, 1, a, &w->review, e);
    }
    store_finish(st);
    return ok && got != STORE_FAILED;
}

bool why_key(struct store *s, enum org_key kind, struct str value, const char *country, struct arena *a, struct why_about_key *ret, struct err *e)
{
    struct why_about_key w = { .ruled_us = TIME_NONE };
    struct str clean;
    char none[3] = { 0 };

    e->kind = ERR_NONE;
    if (kind >= ORG_KEYS || !org_key_clean(kind, value, country ? country : none, a, &clean))
        return err_set(e, ERR_USAGE, "\"%.*s\" is no value of %s", STR_ARG(str_sub(value, 0, 60)), kind < ORG_KEYS ? org_kinds[kind].name : "?");
    int64_t id = why_key_number(org_kinds[kind].is, clean);
    if (!why_key_read(s, id, a, &w.key, e) || !servers(s, &w, a, e) || !ruling(s, id, &w, a, e) || !provider(s, &w, a, e) || !review(s, &w, a, e))
        return false;
    *ret = w;
    return true;
}

/* ---- servers by what people call them ---- */

static bool count(struct store *s, const char *sql, struct bound v, int64_t *ret, size_t *ret_n, struct err *e)
{
    int64_t got[2];

    e->kind = ERR_NONE;
    if (!bind_ask(s, sql, &v, 1, got, 2, e))
        return false;
    if (got[0] <= 0)
        return false;
    *ret_n = (size_t)got[0];
    *ret = got[1];
    return true;
}

bool why_find(struct store *s, struct str word, struct arena *a, int64_t *ret, size_t *ret_n, struct err *e)
{
    uint64_t n;
    uint8_t  ip[16];
    struct str low;

    e->kind = ERR_NONE;
    word = str_trim(word);
    if (num_u64(word, &n) && n <= INT64_MAX)
        return count(s, "SELECT count(*), min(asset) FROM case_member WHERE asset = ?1", B_INT((int64_t)n), ret, ret_n, e);
    if (net_ip_parse(word, ip))
        return count(s, "SELECT count(DISTINCT asset), min(asset) FROM case_server WHERE ip = ?1", B_BYTES(((struct str){ ip, 16 })), ret, ret_n, e);
    low = str_lower(a, word);
    if (!low.p)
        return word.n ? why_no_room(e) : false;
    return count(s, "SELECT count(DISTINCT asset), min(asset) FROM case_server_name WHERE name = ?1", B_TEXT(low), ret, ret_n, e);
}
