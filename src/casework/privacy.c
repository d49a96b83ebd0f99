/* See privacy.h. */
#include "casework/privacy.h"

#include "base/hash.h"
#include "base/net.h"
#include "base/num.h"
#include "casework/key.h"
#include "casework/why.h"
#include "store/bind.h"
#include "survey/record.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MIN = 4, NAMES_MAX = 10000, SERVERS_MAX = 100000 };

struct work {
    struct ledger *l;
    struct store  *s;
    struct arena   a;
    const struct privacy_also *also;
    int64_t        org;
    struct privacy_erased n;
    struct str    *name; size_t name_n, name_cap;      /* what names it, in lower case */
    char           tag[64];                            /* "erased-17-0a1b2c3d" */
};

/* Of the organisation: ?1. */
#define ASSETS   "(SELECT asset FROM case_member WHERE org = ?1)"
#define SUBJECTS "(SELECT subject FROM case_asset WHERE asset IN " ASSETS ")"
#define CASES    "(SELECT id FROM case_case WHERE org = ?1)"
#define FILES    "(SELECT file FROM case_report WHERE subject IN " SUBJECTS ")"
/* Keys that no server of anybody else has. */
#define KEYS     "(SELECT x.key FROM case_edge x WHERE x.asset IN " ASSETS " AND NOT EXISTS (SELECT 1 FROM case_edge y WHERE y.key = x.key AND y.asset NOT IN " ASSETS "))"
#define ROWS(by) "(SELECT x.row_id FROM case_edge x WHERE x.by_what = " by " AND x.asset IN " ASSETS " AND NOT EXISTS (SELECT 1 FROM case_edge y WHERE y.by_what = " by \
                 " AND y.row_id = x.row_id AND y.asset NOT IN " ASSETS "))"
/* What the audit calls it. */
#define DEEDS    "(SELECT 'case ' || CAST(id AS TEXT) FROM case_case WHERE org = ?1 UNION SELECT 'link ' || CAST(id AS TEXT) FROM case_link WHERE subject IN " SUBJECTS " UNION SELECT 'org ' || CAST(org AS TEXT)" \
                 " FROM case_hold WHERE org = ?1)"
#define ENTRIES  "1"     /* WHY_ENTRY */
#define MXS      "2"     /* WHY_MX */
_Static_assert(WHY_ENTRY == 1 && WHY_MX == 2 && ORG_IS_DOMAIN == 3 && ABOUT_DOMAIN == 0 && ABOUT_ENTRY == 2 && ABOUT_ORG == 5, "numbers within the statements");

/* "table WHERE ...": counts, then does it. set NULL: the rows go. */
static bool change(struct work *w, const char *table, const char *set, const char *where, const struct bound *v, size_t n, uint64_t *count, struct err *e)
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

static bool of_org(struct work *w, const char *table, const char *set, const char *where, uint64_t *count, struct err *e)
{
    return change(w, table, set, where, BOUND(B_INT(w->org)), count, e);
}

/* --- what names it --- */

static bool add_name(struct work *w, struct str s, struct err *e)
{
    struct str lower = str_lower(&w->a, str_trim(s));

    if (!lower.p)
        return err_set(e, ERR_MEMORY, "no room for names");
    if (lower.n < NAME_MIN || w->name_n == NAMES_MAX)
        return true;
    for (size_t i = 0; i < w->name_n; i++)
        if (str_eq(w->name[i], lower))
            return true;
    struct str *x = GROW(&w->a, w->name, w->name_n, &w->name_cap);
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for names");
    *x = lower;
    w->name_n++;
    return true;
}

static bool names(struct work *w, struct err *e)
{
    static const char *const texts[] = {
        "SELECT name FROM case_org WHERE org = ?1", "SELECT name FROM case_server WHERE org = ?1", "SELECT name FROM case_subject_name WHERE subject IN " SUBJECTS,
        "SELECT name FROM case_link WHERE subject IN " SUBJECTS, "SELECT k.value FROM case_key k WHERE k.class IN (0, 2, 3) AND k.id IN " KEYS,
    };
    struct store_stmt *st;

    for (size_t i = 0; i <= COUNT_OF(texts); i++) {
        bool ip = i == COUNT_OF(texts);
        if (!bind_open(w->s, ip ? "SELECT ip FROM case_server WHERE org = ?1 AND ip IS NOT NULL UNION SELECT ip FROM case_subject WHERE ip IS NOT NULL AND id IN " SUBJECTS : texts[i], BOUND(B_INT(w->org)), &st, e))
            return false;
        bool ok = true;
        while (ok && store_step(st, e) == STORE_ROW) {
            char text[NET_TEXT] = "";
            if (ip && store_bytes(st, 0).n == 16)
                net_ip_text(store_bytes(st, 0).p, text);
            ok = add_name(w, ip ? str_c(text) : store_text(st, 0), e);
        }
        store_finish(st);
        if (!ok || e->kind != ERR_NONE)
            return false;
    }
    return true;
}

/* The name itself, not a part of a longer one: "192.0.2.7" is not in "192.0.2.71". */
static bool holds(struct str text, struct str name)
{
    for (size_t at = str_find(text, name); at != STR_NONE;) {
        size_t end = at + name.n, next;
        bool   before = at == 0 || !ch_alnum(text.p[at - 1]), after = end == text.n || !ch_alnum(text.p[end]);
        if (before && after)
            return true;
        next = str_find(str_from(text, at + 1), name);
        at = next == STR_NONE ? STR_NONE : at + 1 + next;
    }
    return false;
}

static bool mentions(struct work *w, struct store_stmt *st, int from, int to, bool bytes)
{
    for (int c = from; c < to; c++) {
        struct arena a = w->a;
        struct str   text = str_lower(&a, bytes ? store_bytes(st, c) : store_text(st, c));
        for (size_t i = 0; text.p && i < w->name_n; i++)
            if (holds(text, w->name[i]))
                return true;
    }
    return false;
}

/* Free texts that name it: reasons and details of the audit, rows that were refused, names of sources and review items. */
static bool free_texts(struct work *w, struct err *e)
{
    static const struct { const char *read, *change; int columns; } c[] = {
        { "SELECT id, about, detail FROM case_audit", "UPDATE case_audit SET about = '', detail = '(erased)' WHERE id = ?1", 2 },
        { "SELECT id, name, organisation FROM case_source", "UPDATE case_source SET name = '(erased)', organisation = '(erased)' WHERE id = ?1", 2 },
        { "SELECT id, key_value, one, other, why FROM case_review", "DELETE FROM case_review WHERE id = ?1", 4 },
        { "SELECT id, name FROM case_file", "UPDATE case_file SET name = '(erased)' WHERE id = ?1", 1 },
        { "SELECT id, name, about_value FROM case_contact", "DELETE FROM case_contact WHERE id = ?1", 2 },
        { "SELECT id, reason FROM case_fact WHERE reason <> ''", "UPDATE case_fact SET reason = '(erased)' WHERE id = ?1", 1 },
        { "SELECT file, raw FROM case_refused", "DELETE FROM case_refused WHERE file = ?1 AND line = ?2 AND why = ?3", -1 },
    };

    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct store_stmt *st;
        struct hit { int64_t id, line; struct str why; } *hit = NULL;
        size_t             n = 0, cap = 0;
        bool               refused = c[i].columns < 0, ok = true;

        if (!store_prepare(w->s, refused ? "SELECT file, raw, line, why FROM case_refused" : c[i].read, &st, e))
            return false;
        while (ok && store_step(st, e) == STORE_ROW) {
            if (!mentions(w, st, 1, refused ? 2 : 1 + c[i].columns, refused))
                continue;
            struct hit *x = GROW(&w->a, hit, n, &cap);
            ok = x != NULL;
            if (ok) {
                *x = (struct hit){ store_int(st, 0), refused ? store_int(st, 2) : 0, refused ? str_dup(&w->a, store_text(st, 3)) : STR_EMPTY };
                n++;
            }
        }
        store_finish(st);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room for what names it");
        if (e->kind != ERR_NONE)
            return false;
        for (size_t k = 0; k < n; k++) {
            const struct bound v[] = { B_INT(hit[k].id), B_INT(hit[k].line), B_TEXT(hit[k].why) };
            if (!bind_run(w->s, c[i].change, v, refused ? 3 : 1, e))
                return false;
        }
        w->n.mentions += n;
        w->n.rows += n;
    }
    return true;
}

/* --- its servers --- */

#define OLD "(SELECT subject FROM case_asset WHERE asset = ?1)"

/* All records of a server become one, under a name of no domain. */
static bool server(struct work *w, int64_t asset, uint32_t at, int64_t *ret, struct err *e)
{
    char           text[96];
    struct subject s = { .port = 443, .name_n = 1 };
    struct str     name;
    int64_t        anon = 0;

    snprintf(text, sizeof text, "s%u.%s.invalid", at, w->tag);
    name   = str_c(text);
    s.name = &name;
    s.has_tls = true;              /* of no certificate: what joins the record and the survey's places */
    if (!hash_sha256(name, s.tls))
        return err_set(e, ERR_MEMORY, "no digest");
    if (!ledger_subject(w->l, &s, &anon, e))
        return false;
    const struct bound v[] = { B_INT(asset), B_INT(anon) };
    static const struct { const char *table, *set, *where; } step[] = {
        { "case_fact", "subject = ?2, reason = CASE WHEN reason = '' THEN '' ELSE '(erased)' END", "of_case = 0 AND subject IN " OLD " AND subject <> ?2" },
        { "case_report", "subject = ?2, why = ''", "subject IN " OLD " AND subject <> ?2" },
        { "case_feature", "subject = ?2", "subject IN " OLD " AND subject <> ?2" },
    };
    for (size_t i = 0; i < COUNT_OF(step); i++)
        if (!change(w, step[i].table, step[i].set, step[i].where, v, 2, NULL, e))
            return false;
    if (!bind_run(w->s, "INSERT INTO case_place (subject, country, asn, source) SELECT DISTINCT CAST(?2 AS BIGINT), country, 0, source FROM case_place WHERE subject IN " OLD " ON CONFLICT DO NOTHING", v, 2, e))
        return false;
    /* The survey's places of it: a node and an identity of their own. */
    int64_t word = ledger_number((const struct str[]){ STR("word"), name }, 2), node = ledger_number((const struct str[]){ STR("node"), name }, 2),
            identity = ledger_number((const struct str[]){ STR("identity"), name }, 2), places = 0;
    if (!bind_ask(w->s, "SELECT count(*) FROM survey_target WHERE id IN " OLD, v, 1, &places, 1, e))
        return false;
    if (places && (!bind_run(w->s, "INSERT INTO survey_word (id, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING", BOUND(B_INT(word), B_TEXT(name)), e) ||
                   !bind_run(w->s, "INSERT INTO survey_node (id, ip, port, named, name) VALUES (?1, NULL, 443, 1, ?2) ON CONFLICT DO NOTHING", BOUND(B_INT(node), B_INT(word)), e) ||
                   !bind_run(w->s, "INSERT INTO survey_identity (id, cert, cert_org, cert_name, ad_domain) VALUES (?1, ?2, 0, 0, 0) ON CONFLICT DO NOTHING", BOUND(B_INT(identity), B_BYTES(((struct str){ s.tls, 32 }))), e) ||
                   !bind_run(w->s, "UPDATE survey_target SET node = ?2, identity = ?3 WHERE id IN " OLD, BOUND(B_INT(asset), B_INT(node), B_INT(identity)), e)))
        return false;
    w->n.rows += (uint64_t)places;
    static const struct { const char *table, *where; bool link; } gone[] = {
        { "case_place", "subject IN " OLD " AND subject <> ?2", false }, { "case_revoked", "link IN (SELECT id FROM case_link WHERE subject IN " OLD ")  AND link <> ?2", false },
        { "case_link", "subject IN " OLD " AND subject <> ?2", true }, { "case_subject_name", "subject IN " OLD " AND subject <> ?2", false }, { "case_subject", "id IN " OLD " AND id <> ?2", false },
        { "case_asset", "asset = ?1 AND subject <> ?2 AND subject NOT IN (SELECT id FROM survey_target)", false },
    };
    for (size_t i = 0; i < COUNT_OF(gone); i++)
        if (!change(w, gone[i].table, NULL, gone[i].where, v, 2, gone[i].link ? &w->n.links : NULL, e))
            return false;
    *ret = anon;
    return bind_run(w->s, "INSERT INTO case_asset (subject, asset) VALUES (?2, ?1) ON CONFLICT DO NOTHING", v, 2, e);
}

static bool servers(struct work *w, struct err *e)
{
    struct store_stmt *st;
    int64_t           *asset = NULL, anon = 0;
    size_t             n = 0, cap = 0;
    struct ledger_from from = { 0 };
    struct case_source team = { .name = STR("the team"), .tlp = STR("AMBER") };
    char               value[96];

    if (!bind_open(w->s, "SELECT asset FROM case_member WHERE org = ?1 ORDER BY asset", BOUND(B_INT(w->org)), &st, e))
        return false;
    while (n < SERVERS_MAX && store_step(st, e) == STORE_ROW) {
        int64_t *x = GROW(&w->a, asset, n, &cap);
        if (!x) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for its servers");
        }
        *x = store_int(st, 0);
        n++;
    }
    store_finish(st);
    if (e->kind != ERR_NONE || !ledger_source(w->l, &team, &from.source, e))
        return false;
    snprintf(value, sizeof value, "erased:%s", w->tag);
    for (size_t i = 0; i < n; i++) {
        if (!server(w, asset[i], (uint32_t)i + 1, &anon, e))
            return false;
        /* What keeps them one organisation, and its case one case. */
        struct case_link k = { .subject = anon, .kind = ORG_CONSTITUENCY, .value = str_c(value), .confidence = 100, .observed_us = TIME_NONE };
        if (!ledger_link(w->l, &k, &from, NULL, e))
            return false;
    }
    w->n.servers = n;
    return true;
}

/* Numbers that the survey's places of its servers refer to; what of these nobody has any more goes at the end. By number: whole tables are never compared. */
enum { REST_NODE, REST_IDENTITY, REST_WORD, RESTS };
struct rest { int64_t *id; size_t n, cap; };

static bool survey_begin(struct work *w, struct rest rest[RESTS], struct err *e)
{
#define PLACES "survey_target t WHERE t.id IN " SUBJECTS
    static const char *const sql[RESTS] = {
        "SELECT DISTINCT t.node FROM " PLACES, "SELECT DISTINCT t.identity FROM " PLACES,
        "SELECT name FROM survey_node WHERE id IN (SELECT t.node FROM " PLACES ") UNION SELECT cert_org FROM survey_identity WHERE id IN (SELECT t.identity FROM " PLACES ")"
        " UNION SELECT cert_name FROM survey_identity WHERE id IN (SELECT t.identity FROM " PLACES ") UNION SELECT ad_domain FROM survey_identity WHERE id IN (SELECT t.identity FROM " PLACES ")"
        " UNION SELECT name FROM survey_name WHERE identity IN (SELECT t.identity FROM " PLACES ")",
    };
#undef PLACES

    for (int i = 0; i < RESTS; i++) {
        struct store_stmt *st;
        bool               ok = true;
        if (!bind_open(w->s, sql[i], BOUND(B_INT(w->org)), &st, e))
            return false;
        while (ok && store_step(st, e) == STORE_ROW) {
            int64_t *x = GROW(&w->a, rest[i].id, rest[i].n, &rest[i].cap);
            ok = x != NULL;
            if (ok) {
                *x = store_int(st, 0);
                rest[i].n++;
            }
        }
        store_finish(st);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room for what the survey has of it");
        if (e->kind != ERR_NONE)
            return false;
    }
    return true;
}

static bool survey_end(struct work *w, const struct rest rest[RESTS], struct err *e)
{
    static const struct { int of; const char *table, *where; } step[] = {
        { REST_NODE, "survey_node", "id = ?1 AND NOT EXISTS (SELECT 1 FROM survey_target WHERE node = ?1)" },
        { REST_IDENTITY, "survey_identity", "id = ?1 AND NOT EXISTS (SELECT 1 FROM survey_target WHERE identity = ?1)" },
        { REST_IDENTITY, "survey_name", "identity = ?1 AND NOT EXISTS (SELECT 1 FROM survey_identity WHERE id = ?1)" },
        { REST_WORD, "survey_word", "id = ?1 AND NOT EXISTS (SELECT 1 FROM survey_node WHERE name = ?1) AND NOT EXISTS (SELECT 1 FROM survey_identity WHERE cert_org = ?1 OR cert_name = ?1 OR ad_domain = ?1)"
                                    " AND NOT EXISTS (SELECT 1 FROM survey_name WHERE name = ?1) AND NOT EXISTS (SELECT 1 FROM survey_claim WHERE about = ?1 OR detail = ?1) AND NOT EXISTS (SELECT 1 FROM"
                                    " survey_state WHERE source_name = ?1 OR detector = ?1 OR server_header = ?1 OR as_name = ?1 OR sector = ?1 OR country = ?1)" },
    };

    for (size_t i = 0; i < COUNT_OF(step); i++)
        for (size_t k = 0; k < rest[step[i].of].n; k++)
            if (!change(w, step[i].table, NULL, step[i].where, BOUND(B_INT(rest[step[i].of].id[k])), NULL, e))
                return false;
    return true;
}

/* --- erasure --- */

static bool around(struct work *w, struct err *e)
{
    char org[24];

    snprintf(org, sizeof org, "%lld", (long long)w->org);
    /* What speaks of it by its keys; before the edges go. */
    return change(w, "case_contact", NULL, "(about = 5 AND about_value = ?2) OR (about = 0 AND about_value IN (SELECT k.value FROM case_key k WHERE k.class = 3 AND k.id IN " KEYS ")) OR (about = 2 AND"
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

static bool erase(struct work *w, struct str why, struct err *e)
{
    struct rest rest[RESTS] = { 0 };
    struct str tag;
    int64_t    cases;
    uint8_t    salt[8];
    char       hex[17];

    for (int i = 0; i < 8; i++)
        salt[i] = (uint8_t)((uint64_t)ledger_now(w->l) >> (8 * i));
    num_tohex((uint8_t[4]){ salt[3], salt[2], salt[1], salt[0] }, 4, hex);
    tag = str_fmt(&w->a, "erased-%lld-%s", (long long)w->org, hex);
    snprintf(w->tag, sizeof w->tag, "%.*s", STR_ARG(tag));
    if (!names(w, e) || !bind_ask(w->s, "SELECT count(*) FROM case_case WHERE org = ?1", BOUND(B_INT(w->org)), &cases, 1, e) || !around(w, e) || !free_texts(w, e) ||
        !survey_begin(w, rest, e) || !servers(w, e) || !survey_end(w, rest, e))
        return false;
    w->n.cases = (uint64_t)cases;
    if (w->also && w->also->erase && !w->also->erase(w->l, w->org, &w->n.rows, e))
        return false;
    if (!bind_run(w->s, "INSERT INTO case_erased (org, at_us, who, why, rows_n) VALUES (?1, ?2, ?3, ?4, ?5)",
                  BOUND(B_INT(w->org), B_INT(ledger_now(w->l)), B_TEXT(ledger_who(w->l)), B_TEXT(str_sub(why, 0, LEDGER_TEXT_MAX)), B_INT(w->n.rows)), e))
        return false;
    return ledger_audit(w->l, "erase", str_fmt(&w->a, "org %lld", (long long)w->org), str_fmt(&w->a, "%llu rows, %llu servers: %.*s", (unsigned long long)w->n.rows, (unsigned long long)w->n.servers, STR_ARG(why)), e);
}

/* SQLite leaves what was deleted in free pages and in its log, unless it is told not to. PostgreSQL: VACUUM, which it does by itself. */
static bool wipe_begin(struct store *s, struct err *e) { return store_is_postgresql(s) || store_exec(s, "PRAGMA secure_delete = ON", e); }
static bool wipe_end(struct store *s, struct err *e) { return store_is_postgresql(s) || store_exec(s, "PRAGMA wal_checkpoint(TRUNCATE)", e); }

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
    struct work w = { .l = l, .s = ledger_store(l), .a = scratch, .also = also, .org = org };
    bool        held;

    if (!reason(why, e) || !store_migrate(w.s, &record_layer, e) || !known(w.s, org, e) || !privacy_held(w.s, org, &held, e))
        return false;
    if (held) {
        err_set(e, ERR_USAGE, "organisation %lld is under legal hold", (long long)org);
        return err_hint(e, "`afterpatch case privacy release org:%lld --reason TEXT` ends it, if you may", (long long)org);
    }
    if (!wipe_begin(w.s, e) || !ledger_begin(l, e))
        return false;
    if (!erase(&w, why, e) || !ledger_commit(l, e)) {
        ledger_rollback(l);
        return false;
    }
    *ret = w.n;
    return wipe_end(w.s, e);
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

/* --- retention --- */

#define HELD_ASSETS "(SELECT m.asset FROM case_member m JOIN case_hold h ON h.org = m.org AND h.ended_us IS NULL)"
#define HELD_FILES  "(SELECT r.file FROM case_report r JOIN case_asset a ON a.subject = r.subject WHERE a.asset IN " HELD_ASSETS ")"
#define HELD_KEYS   "(SELECT k.value FROM case_key k JOIN case_edge x ON x.key = k.id WHERE x.asset IN " HELD_ASSETS ")"

/* Organisations all of whose cases have been closed for long. */
static bool closed(struct work *w, int64_t before_us, struct privacy_retained *r, struct err *e)
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
        struct work one = { .l = w->l, .s = w->s, .a = w->a, .also = w->also, .org = org[i] };
        if (erase(&one, STR("retention: closed for 12 months"), e))
            r->organisations++;
    }
    return e->kind == ERR_NONE;
}

static bool retain(struct work *w, struct privacy_retained *r, struct err *e)
{
    int64_t now = ledger_now(w->l);
    char    text[160];

    if (!closed(w, now - PRIVACY_CLOSED_DAYS * TIME_DAY, r, e) ||
        !change(w, "case_contact", NULL, "coalesce(observed_us, recorded_us) < ?1 AND about_value NOT IN (SELECT CAST(org AS TEXT) FROM case_hold WHERE ended_us IS NULL) AND about_value NOT IN " HELD_KEYS,
                BOUND(B_INT(now - PRIVACY_CONTACT_DAYS * TIME_DAY)), &r->contacts, e) ||
        !change(w, "case_refused", NULL, "file IN (SELECT id FROM case_file WHERE recorded_us < ?1) AND file NOT IN " HELD_FILES, BOUND(B_INT(now - PRIVACY_RAW_DAYS * TIME_DAY)), &r->raw, e) ||
        !change(w, "case_bytes", NULL, "file IN (SELECT id FROM case_file WHERE recorded_us < ?1) AND file NOT IN " HELD_FILES, BOUND(B_INT(now - PRIVACY_BYTES_DAYS * TIME_DAY)), &r->bytes, e) ||
        (w->also && w->also->retain && !w->also->retain(w->l, &r->also, e)))
        return false;
    snprintf(text, sizeof text, "%llu contacts, %llu organisations, %llu refused rows, bytes of %llu files", (unsigned long long)r->contacts, (unsigned long long)r->organisations, (unsigned long long)r->raw,
             (unsigned long long)r->bytes);
    return ledger_audit(w->l, "retain", STR_EMPTY, str_c(text), e);
}

bool privacy_retain(struct ledger *l, bool dry, const struct privacy_also *also, struct arena scratch, struct privacy_retained *ret, struct err *e)
{
    struct work w = { .l = l, .s = ledger_store(l), .a = scratch, .also = also };

    *ret = (struct privacy_retained){ 0 };
    if (!store_migrate(w.s, &record_layer, e) || !wipe_begin(w.s, e) || !ledger_begin(l, e))
        return false;
    bool ok = retain(&w, ret, e);
    if (ok && !dry && ledger_commit(l, e))
        return wipe_end(w.s, e);
    ledger_rollback(l);
    return ok && dry;
}
