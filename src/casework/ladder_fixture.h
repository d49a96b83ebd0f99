/* ladder_fixture: a store with one campaign and the bakery's case, for the tests of ladder.h. Only tests include it. On SQLite, and PostgreSQL where there is one. */
#ifndef CASEWORK_LADDER_FIXTURE_H
#define CASEWORK_LADDER_FIXTURE_H

#include "test.h"

#include "base/num.h"
#include "base/net.h"
#include "casework/ladder.h"
#include "casework/suppress.h"
#include "os/mem.h"
#include "store/bind.h"

enum { LF_ROOM = 4 << 20, LF_CASE = 123, LF_ORG = 17, LF_ASSET = 11 };
#define LF_NOW INT64_C(1615536000000000)    /* 2021-03-12 08:00 */

struct lf { struct store *s; struct os_mem *m; struct ledger *l; struct arena a; uint8_t *room; int64_t campaign, file_source; };

static inline void lf_exec(struct lf *f, const char *sql)
{
    struct err e = { 0 };

    if (!store_exec(f->s, sql, &e))
        fail_msg("%s: %s", sql, e.what);
}

static inline void lf_run(struct lf *f, const char *sql, const struct bound *v, size_t n)
{
    struct err e = { 0 };

    if (!bind_run(f->s, sql, v, n, &e))
        fail_msg("%s: %s", sql, e.what);
}

static inline int64_t lf_one(struct lf *f, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = -1;

    if (!store_one_int(f->s, sql, &n, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return n;
}

static inline void lf_case(struct lf *f, int64_t case_, int64_t org, const char *country)
{
    lf_run(f, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (?1, ?2, ?3, 0)", BOUND(B_INT(case_), B_INT(f->campaign), B_INT(org)));
    lf_run(f, "INSERT INTO case_org (org, name, name_from, sector, sector_source, size, country, confidence, servers, provider) VALUES (?1, 'x', 1, '', 0, '', ?2, 90, 1, 0)", BOUND(B_INT(org), B_TEXT(str_c(country))));
}

static inline void lf_server(struct lf *f, int64_t asset, int64_t case_, const char *name, const char *ip, enum exposure x, enum compromise c)
{
    uint8_t bytes[16];

    CHECK(net_ip_parse(str_c(ip), bytes));
    lf_run(f, "INSERT INTO case_server (campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us,"
              " clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared)"
              " VALUES (?1, ?2, 1, ?3, ?4, ?5, 443, 'DE', 64500, '', '', ?6, 3, 0, ?7, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, NULL, NULL, 90, 0)",
           BOUND(B_INT(f->campaign), B_INT(asset), B_INT(case_), B_TEXT(str_c(name)), B_BYTES(((struct str){ bytes, 16 })), B_INT(x), B_INT(c)));
    lf_run(f, "INSERT INTO case_server_name (asset, name) VALUES (?1, ?2)", BOUND(B_INT(asset), B_TEXT(str_c(name))));
}

static inline void lf_entry(struct lf *f, int64_t id, const char *list, const char *number, const char *name)
{
    lf_run(f, "INSERT INTO case_entry (id, list, number, registered, name, sector, size, domain, asn, country, source, file, line, recorded_us) VALUES (?1, ?2, ?3, 0, ?4, '', '', '', 0, '', 0, 0, 0, 0)",
           BOUND(B_INT(id), B_TEXT(str_c(list)), B_TEXT(str_c(number)), B_TEXT(str_c(name))));
}

/* A key of a server: class of key.h, state of group.h; where there is an entry of its number, that says so. lf_edge: another server that has it. */
static inline void lf_edge(struct lf *f, int64_t asset, int64_t key, int weight, int sure)
{
    lf_run(f, "INSERT INTO case_edge (asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail) VALUES (?1, ?2, 0, 3, ?3, 80, ?4, 0, ?2, '')",
           BOUND(B_INT(asset), B_INT(key), B_INT(weight), B_INT(sure)));
}

static inline void lf_key(struct lf *f, int64_t asset, int64_t id, int class, const char *value, int state, int weight, int sure)
{
    lf_run(f, "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (?1, ?2, ?3, '', ?4, 1, 1)", BOUND(B_INT(id), B_INT(class), B_TEXT(str_c(value)), B_INT(state)));
    lf_edge(f, asset, id, weight, sure);
}

static inline int64_t lf_contact(struct lf *f, struct case_contact c)
{
    struct ledger_from from = { .source = f->file_source };
    struct err e = { 0 };
    int64_t    id = 0;

    if (!ledger_begin(f->l, &e) || !ledger_contact(f->l, &c, &from, &id, &e) || !ledger_commit(f->l, &e))
        fail_msg("%s", e.what);
    return id;
}

static inline int64_t lf_mail(struct lf *f, const char *address, enum contact_about about, const char *value, int rung)
{
    return lf_contact(f, (struct case_contact){ .channel = CONTACT_EMAIL, .address = str_c(address), .about = about, .about_value = str_c(value), .rung = (uint8_t)rung, .observed_us = TIME_NONE,
                                                .until_us = TIME_NONE });
}

static inline void lf_mx(struct lf *f, const char *domain, const char *host, const char *ip, const char *tls, int64_t us)
{
    struct case_mx m = { .domain = str_c(domain), .host = str_c(host), .observed_us = us };
    struct ledger_from from = { 0 };
    struct err e = { 0 };

    m.has_ip = ip && net_ip_parse(str_c(ip), m.ip);
    if ((m.has_tls = tls != NULL))
        memset(m.tls, tls[0], 32);
    if (!ledger_begin(f->l, &e) || !ledger_mx(f->l, &m, &from, &e) || !ledger_commit(f->l, &e))
        fail_msg("%s", e.what);
}

/* What came back about a contact of a case. */
static inline void lf_back(struct lf *f, int64_t case_, int64_t contact, const char *reason)
{
    struct ledger_from hand = { 0 };
    struct fact x = { .kind = FACT_CONTACT, .subject = (uint64_t)contact, .observed_us = ledger_now(f->l), .own_us = TIME_NONE, .reason = str_c(reason) };
    struct err  e = { 0 };

    if (!ledger_begin(f->l, &e) || !ledger_fact(f->l, f->campaign, FACT_OF_CASE, case_, &x, &hand, NULL, &e) || !ledger_commit(f->l, &e))
        fail_msg("%s", e.what);
}

/* where NULL: in memory. */
static inline struct lf lf_open(const char *where)
{
    struct lf  f = { .room = malloc(LF_ROOM) };
    struct err e = { 0 };
    struct case_campaign c = { .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    struct case_source   q = { .name = STR("bakers register"), .tlp = STR("GREEN") };

    f.a = (struct arena){ .beg = f.room, .end = f.room + LF_ROOM };
    f.m = os_mem_open(&f.a, LF_NOW);
    if (!store_open(&f.s, str_c(where ? where : ":memory:"), STORE_WRITE, &e))
        fail_msg("%s", e.what);
    if (store_is_postgresql(f.s))
        lf_exec(&f, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    if (!ledger_open(&f.l, f.s, &f.m->os, STR("ada"), &e) || !ledger_begin(f.l, &e) || !ledger_campaign(f.l, &c, &f.campaign, &e) || !ledger_source(f.l, &q, &f.file_source, &e) || !ledger_commit(f.l, &e))
        fail_msg("%s: %s", e.where, e.what);
    return f;
}

/* The bakery: one vulnerable server, its own domain and a register's number. */
static inline struct lf lf_bakery(const char *where)
{
    struct lf f = lf_open(where);

    lf_case(&f, LF_CASE, LF_ORG, "AT");
    lf_server(&f, LF_ASSET, LF_CASE, "mail.bakery.example", "192.0.2.7", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN);
    lf_key(&f, LF_ASSET, 1, 3, "bakery.example", 0, 80, 90);
    lf_key(&f, LF_ASSET, 2, 0, "vat:ATU123", 0, 100, 95);
    lf_key(&f, LF_ASSET, 3, 3, "isp.example", 3, 30, 80);
    return f;
}

static inline void lf_close(struct lf *f)
{
    ledger_close(f->l);
    store_close(f->s);
    free(f->room);
}

#endif
