#include "casework/suppress.h"

#include "base/hash.h"
#include "base/num.h"
#include "formats/idna.h"
#include "formats/mailaddr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 8 << 10 };

/* The value in the form that is hashed. */
static bool normal(struct str value, struct arena *a, struct str *ret)
{
    struct mailaddr m;
    const char     *why;

    value = str_trim(value);
    if (str_chr(value, '@') == STR_NONE)
        return idna_domain(value, a, ret);
    if (!mailaddr_parse(value, a, &m, &why))
        return false;
    *ret = str_lower(a, m.all);
    return ret->p != NULL;
}

static bool hash_of(struct str normal_value, uint8_t ret[32])
{
    uint8_t         buf[32 + MAILADDR_MAX];
    static const char head[] = "afterpatch-suppress";      /* with its NUL */

    if (normal_value.n > MAILADDR_MAX)
        return false;
    memcpy(buf, head, sizeof head);
    memcpy(buf + sizeof head, normal_value.p, normal_value.n);
    return hash_sha256((struct str){ buf, sizeof head + normal_value.n }, ret);
}

bool suppress_hash(struct str value, uint8_t ret[32])
{
    uint8_t      room[ROOM];
    struct arena a = { room, room + sizeof room, NULL };
    struct str   s;

    return normal(value, &a, &s) && hash_of(s, ret);
}

static bool there(struct store *s, const uint8_t hash[32], struct str scope, struct arena *a, bool *ret, struct str *ret_why, struct err *e)
{
    struct store_stmt *st;

    *ret = false;
    if (!store_prepare(s, "SELECT why FROM case_suppress WHERE hash = ?1 AND (scope = 'all' OR scope = ?2) ORDER BY scope", &st, e))
        return false;
    store_bind_bytes(st, 1, (struct str){ hash, 32 });
    store_bind_text(st, 2, scope);
    enum store_got got = store_step(st, e);
    if (got == STORE_ROW) {
        *ret = true;
        if (ret_why)
            *ret_why = str_dup(a, store_text(st, 0));
    }
    store_finish(st);
    return got != STORE_FAILED;
}

bool suppress_add(struct ledger *l, struct str value, struct str scope, struct str why, bool *ret_new, struct err *e)
{
    struct store_stmt *st;
    uint8_t            hash[32];
    char               hex[65];
    bool               known;

    if (!suppress_hash(value, hash))
        return err_set(e, ERR_USAGE, "neither a mail address nor a domain");
    if (!str_trim(why).n)
        return err_set(e, ERR_USAGE, "an opt-out needs its reason");
    scope = scope.n ? scope : STR("all");
    if (!there(ledger_store(l), hash, scope, NULL, &known, NULL, e))
        return false;
    if (ret_new)
        *ret_new = !known;
    if (known)
        return true;
    if (!store_prepare(ledger_store(l), "INSERT INTO case_suppress (hash, scope, who, why, at_us) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (hash, scope) DO NOTHING", &st, e))
        return false;
    store_bind_bytes(st, 1, (struct str){ hash, 32 });
    store_bind_text(st, 2, str_sub(scope, 0, LEDGER_TEXT_MAX));
    store_bind_text(st, 3, ledger_who(l));
    store_bind_text(st, 4, str_sub(why, 0, LEDGER_TEXT_MAX));
    store_bind_int(st, 5, ledger_now(l));
    bool ok = store_run(st, e);
    store_finish(st);
    num_tohex(hash, 32, hex);
    return ok && ledger_audit(l, "suppress", str_c(hex), why, e);
}

/* The address, then its domain, and each domain around it. False: there is no further one. */
static bool wider(struct str *value)
{
    size_t cut = str_chr(*value, '@');

    if (cut == STR_NONE)
        cut = str_chr(*value, '.');
    if (cut == STR_NONE)
        return false;
    *value = str_from(*value, cut + 1);
    return true;
}

bool suppress_has(struct store *s, struct str address, struct str scope, struct arena *a, bool *ret, struct str *ret_why, struct err *e)
{
    uint8_t      room[ROOM], hash[32];
    struct arena scratch = { room, room + sizeof room, NULL };
    struct str   value;

    *ret = false;
    if (!normal(address, &scratch, &value))
        return true;
    do {
        if (!hash_of(value, hash))
            return err_set(e, ERR_MEMORY, "no digest");
        if (!there(s, hash, scope, a, ret, ret_why, e) || *ret)
            return e->kind == ERR_NONE;
    } while (wider(&value));
    return true;
}

/* --- many --- */

static int by_hash(const void *p, const void *q) { return memcmp(((const struct suppress_row *)p)->hash, ((const struct suppress_row *)q)->hash, 32); }

bool suppress_load(struct store *s, struct arena *a, struct suppress_list *ret, struct err *e)
{
    struct suppress_list l = { 0 };
    struct store_stmt   *st;
    size_t               cap = 0;
    enum store_got       got = STORE_DONE;
    bool                 ok = true;

    if (!store_prepare(s, "SELECT hash, scope FROM case_suppress", &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        struct str           hash = store_bytes(st, 0);
        struct suppress_row *r = hash.n == 32 ? GROW(a, l.row, l.n, &cap) : NULL;

        if (hash.n != 32)
            continue;
        ok = r && (r->scope = str_dup(a, store_text(st, 1))).p;
        if (ok) {
            memcpy(r->hash, hash.p, 32);
            l.n++;
        }
    }
    store_finish(st);
    if (!ok)
        return err_set(e, ERR_MEMORY, "no room for those who opted out");
    if (l.n)
        qsort(l.row, l.n, sizeof *l.row, by_hash);
    *ret = l;
    return got == STORE_DONE;
}

bool suppress_listed(const struct suppress_list *l, struct str address, struct str scope)
{
    uint8_t             room[ROOM];
    struct arena        scratch = { room, room + sizeof room, NULL };
    struct suppress_row want = { .scope = STR_EMPTY };
    struct str          value;

    if (!l->n || !normal(address, &scratch, &value))
        return false;
    do {
        size_t from = 0, to = l->n;

        if (!hash_of(value, want.hash))
            return true;                                    /* better to spare one too many */
        while (from < to) {
            size_t mid = from + (to - from) / 2;
            if (by_hash(&l->row[mid], &want) < 0)
                from = mid + 1;
            else
                to = mid;
        }
        for (; from < l->n && by_hash(&l->row[from], &want) == 0; from++)
            if (str_eq(l->row[from].scope, STR("all")) || str_eq(l->row[from].scope, scope))
                return true;
    } while (wider(&value));
    return false;
}
