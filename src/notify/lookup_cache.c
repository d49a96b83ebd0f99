/* See lookup.h and lookup_inner.h: answers that are kept in notify_lookup. The bytes are the host that answered, a line end, and what it said. */
#include "notify/lookup_inner.h"

#include <string.h>

#include "base/net.h"

/* Of networks that lie in each other, the one that begins last and ends first. */
static const char by_range[] = "SELECT status, at_us, bytes FROM notify_lookup WHERE kind = ?1 AND first <= ?2 AND last >= ?2 AND until_us > ?3 ORDER BY first DESC, last LIMIT 1";
static const char by_key[] = "SELECT status, at_us, bytes FROM notify_lookup WHERE kind = ?1 AND key = ?2 AND until_us > ?3";

bool lookup_kept(struct lookup *k, const char *kind, struct str key, const uint8_t ip[16], struct lookup_kept *ret, struct err *e)
{
    struct bound       what = ip ? B_BYTES(((struct str){ ip, 16 })) : B_TEXT(key);
    struct store_stmt *st;

    *ret = (struct lookup_kept){ 0 };
    if (k->o.again)
        return true;
    if (!bind_open(k->s, ip ? by_range : by_key, BOUND(B_TEXT(str_c(kind)), what, B_INT(k->o.now_us)), &st, e))
        return false;
    enum store_got got = store_step(st, e);
    if (got == STORE_ROW) {
        struct str bytes = str_dup(k->a, store_bytes(st, 2)), host = STR_EMPTY;
        *ret = (struct lookup_kept){ .there = true, .status = (int)store_int(st, 0), .at_us = store_int(st, 1) };
        if (!bytes.p && store_bytes(st, 2).n)
            got = lookup_no_room(e) ? got : STORE_FAILED;
        else if (str_cut(&bytes, '\n', &host)) {
            ret->host = host;
            ret->body = bytes;
        }
    }
    store_finish(st);
    if (got == STORE_ROW)
        k->n->cached++;
    return got != STORE_FAILED;
}

bool lookup_keep(struct lookup *k, const char *kind, struct str key, const uint8_t first[16], const uint8_t last[16], int status, int64_t lives_us, struct str host, struct str body, struct err *e)
{
    static const uint8_t none[16];
    struct str all = str_cat(k->a, str_fmt(k->a, "%.*s\n", STR_ARG(host)), body);

    if (!all.p)
        return lookup_no_room(e);
    return bind_run(k->s, "INSERT INTO notify_lookup (kind, key, first, last, at_us, until_us, status, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
                          " ON CONFLICT (kind, key) DO UPDATE SET first = excluded.first, last = excluded.last, at_us = excluded.at_us, until_us = excluded.until_us, status = excluded.status,"
                          " bytes = excluded.bytes",
                    BOUND(B_TEXT(str_c(kind)), B_TEXT(key), B_BYTES(((struct str){ first ? first : none, 16 })), B_BYTES(((struct str){ last ? last : none, 16 })), B_INT(k->o.now_us),
                          B_INT(k->o.now_us + lives_us), B_INT(status), B_BYTES(all)), e);
}
