/* See privacy.h: erasure and legal hold. */
#include "casework/privacy_inner.h"

#include "base/num.h"
#include "casework/key.h"
#include "casework/why.h"
#include "survey/record.h"

#include <stdio.h>

/* Of the organisation: ?1; others are in privacy_inner.h. */
#define CASES    "(SELECT id FROM case_case WHERE org = ?1)"
#define FILES    "(SELECT file FROM case_report WHERE subject IN " SUBJECTS ")"
#define ROWS(by) "(SELECT x.row_id FROM case_edge x WHERE x.by_what = " by " AND x.asset IN " ASSETS " AND NOT EXISTS (SELECT 1 FROM case_edge y WHERE y.by_what = " by \
                 " AND y.row_id = x.row_id AND y.asset NOT IN " ASSETS "))"
/* What the audit calls it. */
#define DEEDS    "(SELECT 'case ' || CAST(id AS TEXT) FROM case_case WHERE org = ?1 UNION SELECT 'link ' || CAST(id AS TEXT) FROM case_link WHERE subject IN " SUBJECTS " UNION SELECT 'org ' || CAST(org AS TEXT)" \
                 " FROM case_hold WHERE org = ?1)"
#define ENTRIES  "1"     /* WHY_ENTRY */
#define MXS      "2"     /* WHY_MX */
_Static_assert(WHY_ENTRY == 1 && WHY_MX == 2 && ORG_IS_DOMAIN == 3 && ABOUT_DOMAIN == 0 && ABOUT_ENTRY == 2 && ABOUT_ORG == 5, "numbers within the statements");

bool privacy_change(struct privacy_work *w, const char *table, const char *set, const char *where, const struct bound *v, size_t n, uint64_t *count, struct err *e)
{
    char    sql[2400];
    int64_t rows = 0;

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s", table, where);
    if (!bind_ask(w->s, sql, v, n, &rows, 1, e))
        return false;
    if (rows == 0)
        return true;
    w->n.rows += (uint64_t)rows;
    if (count)
        *count += (uint64_t)rows;
    if (set)
        snprintf(sql, sizeof sql, "UPDATE %s SET %s WHERE %s", table, set, where);
    else
        snprintf(sql, sizeof sql, "DELETE FROM %s WHERE %s", table, where);
    return bind_run(w->s, sql, v, n, e);
}

static bool of_org(struct privacy_work *w, const char *table, const char *set, const char *where, uint64_t *count, struct err *e)
{
    return privacy_change(w, table, set, where, BOUND(B_INT(w->org)), count, e);
}

/* --- erasure --- */

static bool around(struct privacy_work *w, struct err *e)
{
    char org[24];

    snprintf(org, sizeof org, "%lld", (long long)w->org);
    /* What speaks of it by its keys; before the edges go. */
    return privacy_change(w, "case_contact", NULL, "(about = 5 AND about_value = ?2) OR (about = 0 AND about_value IN (SELECT k.value FROM case_key k WHERE k.class = 3 AND k.id IN " KEYS ")) OR (about = 2 AND"
                          " about_value IN (SELECT n.list || ':' || n.number FROM case_entry n WHERE n.id IN " ROWS(ENTRIES) "))", BOUND(B_INT(w->org), B_TEXT(str_c(org))), &w->n.contacts, e) &&
           of_org(w, "case_entry", NULL, "id IN " ROWS(ENTRIES), NULL, e) && of_org(w, "case_mx", NULL, "id IN " ROWS(MXS), NULL, e) &&
           /* An edge names one row of several that say the same. */
           of_org(w, "case_mx", NULL, "host IN (SELECT n.name FROM case_server_name n WHERE n.asset IN " ASSETS " AND NOT EXISTS (SELECT 1 FROM case_server_name o WHERE o.name = n.name AND o.asset NOT IN " ASSETS "))"
                  " OR domain IN (SELECT k.value FROM case_key k WHERE k.class = 3 AND k.id IN " KEYS ")", NULL, e) &&
           of_org(w, "case_entry", NULL, "domain <> '' AND domain IN (SELECT k.value FROM case_key k WHERE k.class = 3 AND k.id IN " KEYS ")", NULL, e) &&
           of_org(w, "case_ruling", NULL, "value IN (SELECT k.value FROM case_key k WHERE k.id IN " KEYS ")", NULL, e) &&
           /* Reports: bytes, and what is text in them. Hashes, shapes and addresses of intruders are theirs. */
           of_org(w, "case_bytes", NULL, "file IN " FILES, &w->n.bytes, e) && of_org(w, "case_refused", NULL, "file IN " FILES, NULL, e) &&
           of_org(w, "case_door", "path = '', shell_key = ''", "file IN " FILES, NULL, e) && of_org(w, "case_file", "name = '(erased)'", "id IN " FILES, NULL, e) &&
           of_org(w, "case_feature", NULL, "file IN " FILES " AND kind IN (2, 6, 7)", NULL, e) &&
           of_org(w, "case_fact", "reason = '(erased)'", "of_case = 1 AND reason <> '' AND case_id IN " CASES, NULL, e) && of_org(w, "case_nonce", NULL, "case_id IN " CASES, NULL, e) &&
           /* What persons wrote about it. */
           of_org(w, "case_audit", "detail = '(erased)'", "about IN " DEEDS, NULL, e) && of_org(w, "case_hold", "why = '(erased)'", "org = ?1", NULL, e) &&
           /* The board, until the next update. */
           of_org(w, "case_review", NULL, "asset IN " ASSETS, NULL, e) && of_org(w, "case_key", NULL, "id IN " KEYS, NULL, e) && of_org(w, "case_operates", NULL, "asset IN " ASSETS, NULL, e) &&
           of_org(w, "case_provider", NULL, "org = ?1", NULL, e) && of_org(w, "case_tie", NULL, "asset IN " ASSETS " OR other IN " ASSETS, NULL, e) && of_org(w, "case_join", NULL, "asset IN " ASSETS, NULL, e) &&
           of_org(w, "case_edge", NULL, "asset IN " ASSETS, NULL, e) && of_org(w, "case_server_name", NULL, "asset IN " ASSETS, NULL, e) &&
           of_org(w, "case_server", "name = '', ip = NULL, asn = 0", "asset IN " ASSETS, NULL, e) && of_org(w, "case_org", "name = ''", "org = ?1", NULL, e) &&
           of_org(w, "case_state", "reason = ''", "org = ?1", NULL, e);
}

bool privacy_erase_all(struct privacy_work *w, struct str why, struct err *e)
{
    struct str tag;
    int64_t    cases;
    uint8_t    salt[8];
    char       hex[17];

    for (int i = 0; i < 8; i++)
        salt[i] = (uint8_t)((uint64_t)ledger_now(w->l) >> (8 * i));
    num_tohex((uint8_t[4]){ salt[3], salt[2], salt[1], salt[0] }, 4, hex);
    tag = str_fmt(&w->a, "erased-%lld-%s", (long long)w->org, hex);
    snprintf(w->tag, sizeof w->tag, "%.*s", STR_ARG(tag));
    if (!privacy_names(w, e) || !bind_ask(w->s, "SELECT count(*) FROM case_case WHERE org = ?1", BOUND(B_INT(w->org)), &cases, 1, e) || !around(w, e) || !privacy_free_texts(w, e) ||
        !privacy_servers(w, e))
        return false;
    w->n.cases = (uint64_t)cases;
    if (w->also && w->also->erase && !w->also->erase(w->l, w->org, &w->n.rows, e))
        return false;
    if (!bind_run(w->s, "INSERT INTO case_erased (org, at_us, who, why, rows_n) VALUES (?1, ?2, ?3, ?4, ?5)",
                  BOUND(B_INT(w->org), B_INT(ledger_now(w->l)), B_TEXT(ledger_who(w->l)), B_TEXT(str_sub(why, 0, LEDGER_TEXT_MAX)), B_INT(w->n.rows)), e))
        return false;
    return ledger_audit(w->l, "erase", str_fmt(&w->a, "org %lld", (long long)w->org), str_fmt(&w->a, "%llu rows, %llu servers: %.*s", (unsigned long long)w->n.rows, (unsigned long long)w->n.servers, STR_ARG(why)), e);
}

bool privacy_wipe_begin(struct store *s, struct err *e) { return store_is_postgresql(s) || store_exec(s, "PRAGMA secure_delete = ON", e); }
bool privacy_wipe_end(struct store *s, struct err *e) { return store_is_postgresql(s) || store_exec(s, "PRAGMA wal_checkpoint(TRUNCATE)", e); }

static bool reason(struct str why, struct err *e) { return str_trim(why).n != 0 || err_set(e, ERR_USAGE, "this needs its reason"); }

static bool known(struct store *s, int64_t org, struct err *e)
{
    int64_t n;

    if (!bind_ask(s, "SELECT count(*) FROM case_member WHERE org = ?1", BOUND(B_INT(org)), &n, 1, e))
        return false;
    return n > 0 || err_set(e, ERR_USAGE, "no organisation %lld in the last update", (long long)org);
}

bool privacy_held(struct store *s, int64_t org, bool *ret, struct err *e)
{
    int64_t n = 0;

    bool ok = bind_ask(s, "SELECT count(*) FROM case_hold WHERE org = ?1 AND ended_us IS NULL", BOUND(B_INT(org)), &n, 1, e);
    *ret = n > 0;
    return ok;
}

bool privacy_erase(struct ledger *l, int64_t org, struct str why, const struct privacy_also *also, struct arena scratch, struct privacy_erased *ret, struct err *e)
{
    struct privacy_work w = { .l = l, .s = ledger_store(l), .a = scratch, .also = also, .org = org };
    bool                held;

    if (!reason(why, e) || !store_migrate(w.s, &record_layer, e) || !known(w.s, org, e) || !privacy_held(w.s, org, &held, e))
        return false;
    if (held) {
        err_set(e, ERR_USAGE, "organisation %lld is under legal hold", (long long)org);
        return err_hint(e, "`afterpatch case privacy release org:%lld --reason TEXT` ends it, if you may", (long long)org);
    }
    if (!privacy_wipe_begin(w.s, e) || !ledger_begin(l, e))
        return false;
    if (!privacy_erase_all(&w, why, e) || !ledger_commit(l, e)) {
        ledger_rollback(l);
        return false;
    }
    *ret = w.n;
    return privacy_wipe_end(w.s, e);
}

/* --- hold --- */

static bool hold(struct ledger *l, int64_t org, struct str why, bool on, struct err *e)
{
    struct store *s = ledger_store(l);
    char          about[40];
    bool          held;

    if (!reason(why, e) || (on && !known(s, org, e)) || !privacy_held(s, org, &held, e))
        return false;
    if (held == on)
        return err_set(e, ERR_USAGE, on ? "organisation %lld is under legal hold already" : "organisation %lld is under no legal hold", (long long)org);
    snprintf(about, sizeof about, "org %lld", (long long)org);
    if (!ledger_begin(l, e))
        return false;
    bool ok = on ? bind_run(s, "INSERT INTO case_hold (org, at_us, who, why, ended_us) VALUES (?1, ?2, ?3, ?4, NULL)",
                            BOUND(B_INT(org), B_INT(ledger_now(l)), B_TEXT(ledger_who(l)), B_TEXT(str_sub(why, 0, LEDGER_TEXT_MAX))), e)
                 : bind_run(s, "UPDATE case_hold SET ended_us = ?2 WHERE org = ?1 AND ended_us IS NULL", BOUND(B_INT(org), B_INT(ledger_now(l))), e);
    if (ok && ledger_audit(l, on ? "hold" : "release hold", str_c(about), why, e) && ledger_commit(l, e))
        return true;
    ledger_rollback(l);
    return false;
}

bool privacy_hold(struct ledger *l, int64_t org, struct str why, struct err *e) { return hold(l, org, why, true, e); }
bool privacy_release(struct ledger *l, int64_t org, struct str why, struct err *e) { return hold(l, org, why, false, e); }
