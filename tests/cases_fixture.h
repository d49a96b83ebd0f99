/*
 * cases_fixture: update_facts and update_cases over a store, with servers and organisations as a test sets them; and what they wrote, as text.
 *
 * Server i (from 0) has the asset i + 1 and the subject 1001 + i; it belongs to group org[i], whose case in campaign c is 1 + c * 1000 + group, and organisation 501 + group.
 * Days count from 2021-03-01.
 */
#ifndef CASES_FIXTURE_H
#define CASES_FIXTURE_H

#include "test.h"

#include "base/num.h"
#include "casework/case_figures.h"
#include "casework/update_inner.h"
#include "os/mem.h"
#include "survey/record.h"

#define CF_DAY0 (INT64_C(1614556800) * TIME_SECOND)
enum { CF_CAMPAIGN = 7, CF_GROUP_CASES = 1000 };

struct cf {
    struct test_arena   keep, scratch, own;
    struct os_mem      *os;
    struct store       *s;
    struct ledger      *l;
    struct update_options o;
    struct update_counts n;
    struct update       u;
    bool                borrowed;      /* the store is the test's */
};
struct cf_text { char *p; size_t n, cap; };

static inline int64_t cf_day(double d) { return CF_DAY0 + (int64_t)(d * (double)TIME_DAY); }

static inline void cf_exec(struct store *s, const char *sql)
{
    struct err e = { 0 };

    if (!store_exec(s, sql, &e))
        fail_msg("%s: %s", sql, e.what);
}

/* A store without anything. s: the test's own, with a survey; NULL: a new one at `where`. */
static inline void cf_open(struct cf *f, const char *where, struct store *s, size_t room)
{
    struct err e = { 0 };

    *f = (struct cf){ .keep = test_arena(room), .scratch = test_arena(room), .own = test_arena(1 << 20), .s = s, .borrowed = s != NULL };
    f->os = os_mem_open(&f->own.a, cf_day(400));
    if (!s && !store_open(&f->s, str_c(where), STORE_WRITE, &e))
        fail_msg("%s %s", e.where, e.what);
    if (!s && store_is_postgresql(f->s))
        cf_exec(f->s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    if (!store_migrate(f->s, &record_layer, &e) || !ledger_open(&f->l, f->s, &f->os->os, STR("tester"), &e))
        fail_msg("%s %s", e.where, e.what);
    f->o = (struct update_options){ .os = &f->os->os, .now_us = TIME_NONE, .known_us = TIME_NONE };
}

static inline void cf_close(struct cf *f)
{
    daily_close(f->u.daily);
    ledger_close(f->l);
    if (!f->borrowed)
        store_close(f->s);
    test_arena_free(&f->keep);
    test_arena_free(&f->scratch);
    test_arena_free(&f->own);
}

/* A row of case_fact. The number is the hash of its content without recorded_us, as the ledger's. of_case 0: of a server, whose subject f->subject is. */
static inline void cf_fact(struct cf *f, int64_t campaign, int64_t of_case, const struct fact *x, int64_t source)
{
    struct store_stmt *st;
    struct err e = { 0 };
    int64_t content[] = { campaign, of_case, (int64_t)x->subject, x->kind, x->grade, x->value, x->flags, x->attempt, source, (int64_t)x->finding, x->observed_us, x->own_us };
    const struct str part[] = { { (const uint8_t *)content, sizeof content }, x->reason, x->who };

    CHECK(store_prepare(f->s, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line)"
                              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, 0) ON CONFLICT (id) DO NOTHING", &st, &e));
    const int64_t v[] = { ledger_number(part, 3), campaign, of_case != 0, of_case, (int64_t)x->subject, x->kind, x->grade, x->value, x->flags, x->attempt, source, (int64_t)x->finding };
    for (int i = 0; i < 12; i++)
        store_bind_int(st, i + 1, v[i]);
    x->observed_us == TIME_NONE ? store_bind_null(st, 13) : store_bind_int(st, 13, x->observed_us);
    store_bind_int(st, 14, x->recorded_us);
    x->own_us == TIME_NONE ? store_bind_null(st, 15) : store_bind_int(st, 15, x->own_us);
    store_bind_text(st, 16, x->reason);
    store_bind_text(st, 17, x->who);
    if (!store_run(st, &e))
        fail_msg("%s", e.what);
    store_finish(st);
}

/* Servers 0..n-1, each of group org[i]; one campaign, unless slugs says more ("proxylogon" is of the build group ProxyLogon). */
static inline void cf_world(struct cf *f, const uint32_t *org, uint32_t n, uint32_t groups, uint32_t campaigns)
{
    struct update *u = &f->u;
    struct arena  *a = &f->keep.a;

    f->n = (struct update_counts){ 0 };
    *u = (struct update){ .l = f->l, .s = f->s, .o = &f->o, .n = &f->n };
    u->campaign = NEW(a, struct case_campaign, campaigns);
    u->campaign_n = campaigns;
    for (uint32_t c = 0; c < campaigns; c++)
        u->campaign[c] = (struct case_campaign){ .id = CF_CAMPAIGN + c, .slug = STR("x"), .group = c ? STR("ProxyShell") : STR("ProxyLogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE,
                                                 .patch_us = TIME_NONE, .code_us = TIME_NONE };
    u->server = NEW(a, struct update_server, n + 1);
    u->subject = NEW(a, struct update_subject, n + 1);
    u->survey = NEW(a, struct update_survey, n + 1);
    u->server_n = u->subject_n = n;
    u->groups.group = NEW(a, struct group, groups + 1);
    u->groups.group_n = groups;
    u->cases = NEW(a, struct update_case, (size_t)groups * campaigns + 1);
    u->case_n = groups * campaigns;
    u->org = NEW(a, int64_t, groups + 1);
    CHECK(u->org && u->campaign && u->server && u->subject && u->survey && u->groups.group && u->cases);
    for (uint32_t i = 0; i < n; i++) {
        u->server[i] = (struct update_server){ .asset = i + 1, .group = org[i], .confidence = 80, .country = "AT" };
        u->subject[i] = (struct update_subject){ 1001 + i, i };
    }
    for (uint32_t g = 0; g < groups; g++) {
        u->org[g] = 501 + g;
        u->groups.group[g] = (struct group){ .id = g + 1, .confidence = 90, .country = "AT" };
    }
    for (uint32_t c = 0; c < campaigns; c++)
        for (uint32_t g = 0; g < groups; g++)
            u->cases[c * groups + g] = (struct update_case){ .id = 1 + (int64_t)c * CF_GROUP_CASES + g, .campaign = CF_CAMPAIGN + c, .org = 501 + g, .group = g };
}

/* case_case as update_groups would leave it, all opened on that day. */
static inline void cf_cases(struct cf *f, double day)
{
    char sql[200];

    for (uint32_t i = 0; i < f->u.case_n; i++) {
        snprintf(sql, sizeof sql, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (%lld, %lld, %lld, %lld)", (long long)f->u.cases[i].id, (long long)f->u.cases[i].campaign,
                 (long long)f->u.cases[i].org, (long long)cf_day(day));
        cf_exec(f->s, sql);
    }
}

/* False only with faults in the arenas. */
static inline bool cf_steps(struct cf *f, struct err *e)
{
    struct update *u = &f->u;

    u->keep    = f->keep.a;
    u->scratch = f->scratch.a;
    u->fact_n = u->detector_n = 0;
    u->detector = NULL;
    if (!store_begin(f->s, e))
        return false;
    cf_exec(f->s, "DELETE FROM case_state; DELETE FROM case_server; DELETE FROM case_org_country");
    if (!update_facts(u, e) || !update_cases(u, e)) {
        store_rollback(f->s);
        return false;
    }
    return store_commit(f->s, e);
}

static inline void cf_run(struct cf *f)
{
    struct err e = { 0 };

    if (!cf_steps(f, &e))
        fail_msg("%s %s", e.where, e.what);
}

static inline void cf_say(struct cf_text *t, const char *fmt, ...)
{
    va_list v;

    for (;;) {
        va_start(v, fmt);
        int n = vsnprintf(t->p + t->n, t->cap - t->n, fmt, v);
        va_end(v);
        CHECK(n >= 0);
        if (t->p && (size_t)n < t->cap - t->n) {
            t->n += (size_t)n;
            return;
        }
        t->p = realloc(t->p, t->cap = (t->cap + (size_t)n + 64) * 2);
        CHECK(t->p);
    }
}

/* Rows as lines, columns parted by blanks. types: one letter a column, i for numbers and s for texts. */
static inline void cf_dump(struct store *s, const char *sql, const char *types, struct cf_text *t)
{
    struct store_stmt *st;
    struct err e = { 0 };

    if (!store_prepare(s, sql, &st, &e))
        fail_msg("%s", e.what);
    while (store_step(st, &e) == STORE_ROW) {
        for (int i = 0; types[i]; i++)
            if (store_null(st, i))
                cf_say(t, "- ");
            else if (types[i] == 'i')
                cf_say(t, "%lld ", (long long)store_int(st, i));
            else
                cf_say(t, "'%.*s' ", STR_ARG(store_text(st, i)));
        cf_say(t, "\n");
    }
    if (e.kind != ERR_NONE)
        fail_msg("%s", e.what);
    store_finish(st);
}

#define CF_STATE "SELECT case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored, patched_backdoored, hunted, clean, relapsed," \
                 " missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us, patched_us, hunted_us, clean_us, changed_us, urgency, why FROM case_state ORDER BY case_id"
#define CF_SERVER "SELECT campaign, asset, org, case_id, name, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us, clean, was_clean," \
                  " suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared FROM case_server" \
                  " ORDER BY campaign, asset"
#define CF_STATE_TYPES "iiiiiiissiiiiiiiiiiiiiiiiiiiiiiiis"
#define CF_SERVER_TYPES "iiiisisissiiiiiiiiiiiiiiiiiiiiiiii"

/* All that was written. */
static inline struct cf_text cf_board(struct cf *f)
{
    struct cf_text t = { 0 };

    cf_dump(f->s, CF_STATE, CF_STATE_TYPES, &t);
    cf_dump(f->s, CF_SERVER, CF_SERVER_TYPES, &t);
    return t;
}

static inline int64_t cf_one(struct cf *f, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = 0;

    if (!store_one_int(f->s, sql, &n, &e))
        fail_msg("%s: %s", sql, e.what);
    return n;
}

#endif
