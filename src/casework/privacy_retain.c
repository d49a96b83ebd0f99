/* privacy_retain: what is older than it may be. */
#include "casework/privacy_inner.h"

#include "base/num.h"
#include "survey/record.h"

#include <stdio.h>

#define HELD_ASSETS "(SELECT m.asset FROM case_member m JOIN case_hold h ON h.org = m.org AND h.ended_us IS NULL)"
#define HELD_FILES  "(SELECT r.file FROM case_report r JOIN case_asset a ON a.subject = r.subject WHERE a.asset IN " HELD_ASSETS ")"
#define HELD_KEYS   "(SELECT k.value FROM case_key k JOIN case_edge x ON x.key = k.id WHERE x.asset IN " HELD_ASSETS ")"

/* Organisations all of whose cases have been closed for long. */
static bool closed(struct privacy_work *w, int64_t before_us, struct privacy_retained *r, struct err *e)
{
    static const char sql[] =
        "SELECT s.org, (SELECT count(*) FROM case_hold h WHERE h.org = s.org AND h.ended_us IS NULL) FROM case_state s WHERE s.org IN (SELECT org FROM case_member)"
        " AND s.org NOT IN (SELECT org FROM case_erased) GROUP BY s.org HAVING min(CASE WHEN s.stage = ?1 AND s.changed_us < ?2 THEN 1 ELSE 0 END) = 1 ORDER BY s.org";
    struct store_stmt *st;
    int64_t           *org = NULL;
    size_t             n = 0, cap = 0;

    if (!bind_open(w->s, sql, BOUND(B_INT(CASE_CLOSED), B_INT(before_us)), &st, e))
        return false;
    while (store_step(st, e) == STORE_ROW) {
        if (store_int(st, 1)) {
            r->held++;
            continue;
        }
        int64_t *x = GROW(&w->a, org, n, &cap);
        if (!x) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for organisations");
        }
        *x = store_int(st, 0);
        n++;
    }
    store_finish(st);
    for (size_t i = 0; e->kind == ERR_NONE && i < n; i++) {
        struct privacy_work one = { .l = w->l, .s = w->s, .a = w->a, .also = w->also, .org = org[i] };
        if (privacy_erase_all(&one, STR("retention: closed for 12 months"), e))
            r->organisations++;
    }
    return e->kind == ERR_NONE;
}

static bool retain(struct privacy_work *w, struct privacy_retained *r, struct err *e)
{
    int64_t now = ledger_now(w->l);
    char    text[160];

    if (!closed(w, now - PRIVACY_CLOSED_DAYS * TIME_DAY, r, e) ||
        !privacy_change(w, "case_contact", NULL, "coalesce(observed_us, recorded_us) < ?1 AND about_value NOT IN (SELECT CAST(org AS TEXT) FROM case_hold WHERE ended_us IS NULL) AND about_value NOT IN " HELD_KEYS,
                        BOUND(B_INT(now - PRIVACY_CONTACT_DAYS * TIME_DAY)), &r->contacts, e) ||
        !privacy_change(w, "case_refused", NULL, "file IN (SELECT id FROM case_file WHERE recorded_us < ?1) AND file NOT IN " HELD_FILES, BOUND(B_INT(now - PRIVACY_RAW_DAYS * TIME_DAY)), &r->raw, e) ||
        !privacy_change(w, "case_bytes", NULL, "file IN (SELECT id FROM case_file WHERE recorded_us < ?1) AND file NOT IN " HELD_FILES, BOUND(B_INT(now - PRIVACY_BYTES_DAYS * TIME_DAY)), &r->bytes, e) ||
        (w->also && w->also->retain && !w->also->retain(w->l, &r->also, e)))
        return false;
    snprintf(text, sizeof text, "%llu contacts, %llu organisations, %llu refused rows, bytes of %llu files", (unsigned long long)r->contacts, (unsigned long long)r->organisations, (unsigned long long)r->raw,
             (unsigned long long)r->bytes);
    return ledger_audit(w->l, "retain", STR_EMPTY, str_c(text), e);
}

bool privacy_retain(struct ledger *l, bool dry, const struct privacy_also *also, struct arena scratch, struct privacy_retained *ret, struct err *e)
{
    struct privacy_work w = { .l = l, .s = ledger_store(l), .a = scratch, .also = also };

    *ret = (struct privacy_retained){ 0 };
    if (!store_migrate(w.s, &record_layer, e) || !privacy_wipe_begin(w.s, e) || !ledger_begin(l, e))
        return false;
    bool ok = retain(&w, ret, e);
    if (ok && !dry && ledger_commit(l, e))
        return privacy_wipe_end(w.s, e);
    ledger_rollback(l);
    return ok && dry;
}
