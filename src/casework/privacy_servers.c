/* privacy_servers: each server of an organisation becomes a number, under a name of no domain: in the ledger, and in the survey's places. */
#include "casework/privacy_inner.h"

#include "base/hash.h"
#include "base/num.h"

#include <stdio.h>

enum { SERVERS_MAX = 100000 };

#define OLD "(SELECT subject FROM case_asset WHERE asset = ?1)"

/* All records of a server become one, under a name of no domain. */
static bool server(struct privacy_work *w, int64_t asset, uint32_t at, int64_t *ret, struct err *e)
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
        if (!privacy_change(w, step[i].table, step[i].set, step[i].where, v, 2, NULL, e))
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
        if (!privacy_change(w, gone[i].table, NULL, gone[i].where, v, 2, gone[i].link ? &w->n.links : NULL, e))
            return false;
    *ret = anon;
    return bind_run(w->s, "INSERT INTO case_asset (subject, asset) VALUES (?2, ?1) ON CONFLICT DO NOTHING", v, 2, e);
}

static bool all_servers(struct privacy_work *w, struct err *e)
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

static bool survey_begin(struct privacy_work *w, struct rest rest[RESTS], struct err *e)
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

static bool survey_end(struct privacy_work *w, const struct rest rest[RESTS], struct err *e)
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
            if (!privacy_change(w, step[i].table, NULL, step[i].where, BOUND(B_INT(rest[step[i].of].id[k])), NULL, e))
                return false;
    return true;
}

bool privacy_servers(struct privacy_work *w, struct err *e)
{
    struct rest rest[RESTS] = { 0 };

    return survey_begin(w, rest, e) && all_servers(w, e) && survey_end(w, rest, e);
}
