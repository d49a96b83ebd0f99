/*
 * groups_world: a ledger and a survey as a test fills them, the first three steps of an update over them, and whose each server is then, as text.
 *
 * Subjects are named by letters in the order in which the case lists them; addresses are 198.51.100.ip, from 256 on 203.x.y.z, from 1 << 24 on all of an IPv4 address.
 */
#ifndef GROUPS_WORLD_H
#define GROUPS_WORLD_H

#include "daily_fixture.h"

#include "casework/update_inner.h"
#include "casework/why.h"

enum { GW_SUBJECTS = 32 };
#define GW_DAY0 (INT64_C(1614556800) * TIME_SECOND)    /* 2021-03-01 */

struct gw {
    struct test_arena   keep, scratch, own;
    struct os_mem      *os;
    struct store       *s;
    struct ledger      *l;
    struct update_options o;
    struct update_counts n;
    struct update       u;
    int64_t             campaign, source;
};

struct gw_server { int ip; uint16_t port; int tls; const char *computer, *domain, *name; };

static inline void gw_check(bool ok, const struct err *e, const char *what)
{
    if (!ok)
        fail_msg("%s: %s %s", what, e->where, e->what);
}

/* s: a store with a survey, or NULL for a new one at `where`. It is the world's from now on. */
static inline void gw_open_more(struct gw *g, const char *where, struct store *s, size_t room)
{
    struct err e = { 0 };

    *g = (struct gw){ .own = test_arena(1 << 20), .s = s };
    g->keep = test_arena(room);
    g->scratch = test_arena(room);
    g->os = os_mem_open(&g->own.a, GW_DAY0 + 400 * TIME_DAY);
    if (!s)
        gw_check(store_open(&g->s, str_c(where), STORE_WRITE, &e), &e, "open");
    if (!s && store_is_postgresql(g->s))
        gw_check(store_exec(g->s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e), &e, "clear");
    gw_check(store_migrate(g->s, &record_layer, &e) && ledger_open(&g->l, g->s, &g->os->os, STR("tester"), &e), &e, "ledger");
    g->o = (struct update_options){ .os = &g->os->os, .now_us = TIME_NONE, .known_us = TIME_NONE };
    struct case_campaign c = { .slug = STR("proxylogon"), .title = STR("ProxyLogon"), .group = STR("ProxyLogon"), .begun_us = GW_DAY0, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    struct case_source from = { .name = STR("tester"), .tlp = STR("GREEN") };
    gw_check(ledger_begin(g->l, &e) && ledger_campaign(g->l, &c, &g->campaign, &e) && ledger_source(g->l, &from, &g->source, &e) && ledger_commit(g->l, &e), &e, "campaign");
}

static inline void gw_open(struct gw *g, const char *where, struct store *s) { gw_open_more(g, where, s, 4 << 20); }

static inline void gw_close(struct gw *g)
{
    daily_close(g->u.daily);
    ledger_close(g->l);
    store_close(g->s);
    test_arena_free(&g->keep);
    test_arena_free(&g->scratch);
    test_arena_free(&g->own);
}

static inline void gw_ip(int ip, uint8_t ret[16])
{
    const uint8_t at[16] = { [10] = 0xff, 0xff, (uint8_t)(ip < 256 ? 198 : ip < 1 << 24 ? 203 : ip >> 24), (uint8_t)(ip < 256 ? 51 : ip >> 16), (uint8_t)(ip < 256 ? 100 : ip >> 8), (uint8_t)ip };

    memcpy(ret, at, 16);
}

/* Everything below stands between ledger_begin and ledger_commit. */
static inline int64_t gw_subject(struct gw *g, const struct gw_server *x)
{
    struct err e = { 0 };
    struct str name = x->name ? str_c(x->name) : STR_EMPTY;
    struct subject s = { .has_ip = x->ip != 0, .port = x->port, .has_tls = x->tls != 0, .node = str_or(x->computer), .domain = str_or(x->domain), .name = &name, .name_n = name.n != 0 };
    int64_t id = 0;

    gw_ip(x->ip, s.ip);
    memset(s.tls, x->tls, 32);
    gw_check(ledger_subject(g->l, &s, &id, &e), &e, "subject");
    return id;
}

static inline int64_t gw_link(struct gw *g, int64_t subject, enum org_key kind, const char *value, int confidence, const char *name)
{
    struct err e = { 0 };
    struct case_link k = { .subject = subject, .kind = kind, .value = str_c(value), .confidence = (uint8_t)confidence, .name = str_or(name), .observed_us = GW_DAY0 };
    struct ledger_from from = { .source = g->source };
    int64_t id = 0;

    gw_check(ledger_link(g->l, &k, &from, &id, &e), &e, value);
    return id;
}

static inline void gw_fact(struct gw *g, int64_t subject, int day)
{
    struct err e = { 0 };
    struct fact f = { .kind = FACT_EXPOSURE, .grade = GRADE_C, .value = EXPOSURE_VULNERABLE, .subject = (uint64_t)subject, .observed_us = GW_DAY0 + day * TIME_DAY, .own_us = TIME_NONE };
    struct ledger_from from = { .source = g->source };

    gw_check(ledger_fact(g->l, g->campaign, FACT_OF_SERVER, 0, &f, &from, NULL, &e), &e, "fact");
}

/* from, to: addresses as above; 0: none. Days of since and until; -9999: none. */
static inline void gw_entry(struct gw *g, bool registered, const char *list, const char *number, const char *name, const char *domain, int from_ip, int to_ip, int since, int until)
{
    struct err e = { 0 };
    struct case_entry x = { .list = str_c(list), .number = str_c(number), .registered = registered, .name = str_or(name), .sector = STR("retail"), .domain = str_or(domain), .has_network = from_ip != 0,
                            .country = "AT", .since_us = since == -9999 ? TIME_NONE : GW_DAY0 + since * TIME_DAY, .until_us = until == -9999 ? TIME_NONE : GW_DAY0 + until * TIME_DAY };
    struct ledger_from from = { .source = g->source };

    gw_ip(from_ip, x.first);
    gw_ip(to_ip, x.last);
    gw_check(ledger_entry(g->l, &x, &from, &e), &e, number);
}

static inline void gw_mx(struct gw *g, const char *domain, const char *host, int ip)
{
    struct err e = { 0 };
    struct case_mx x = { .domain = str_c(domain), .host = str_or(host), .has_ip = ip != 0, .observed_us = GW_DAY0 };
    struct ledger_from from = { .source = g->source };

    gw_ip(ip, x.ip);
    gw_check(ledger_mx(g->l, &x, &from, &e), &e, domain);
}

static inline void gw_begin(struct gw *g)
{
    struct err e = { 0 };
    gw_check(ledger_begin(g->l, &e), &e, "begin");
}

static inline void gw_commit(struct gw *g)
{
    struct err e = { 0 };
    gw_check(ledger_commit(g->l, &e), &e, "commit");
}

/* The three steps, in a transaction that the caller began. */
static inline bool gw_steps(struct gw *g, struct err *e)
{
    struct daily_options how = { .builds = &w.builds, .os = &w.os, .jobs = 1 };
    static const char slug[] = "proxylogon";

    daily_close(g->u.daily);
    memset(&g->n, 0, sizeof g->n);
    g->u = (struct update){ .l = g->l, .s = g->s, .o = &g->o, .keep = g->keep.a, .scratch = g->scratch.a, .n = &g->n };
    if (!(g->u.campaign = NEW(&g->u.keep, struct case_campaign, 1)))
        return err_set(e, ERR_MEMORY, "campaign");
    g->u.campaign[0] = (struct case_campaign){ .id = g->campaign, .slug = str_c(slug), .group = STR("ProxyLogon") };
    g->u.campaign_n = 1;
    if (w.builds.line_n && !daily_open(&g->u.daily, g->s, &how, e))
        return false;
    return update_assets(&g->u, e) && update_links(&g->u, e) && update_groups(&g->u, e);
}

static inline void gw_update(struct gw *g)
{
    struct err e = { 0 };

    gw_begin(g);
    gw_check(gw_steps(g, &e), &e, "update");
    gw_commit(g);
}

static inline int64_t gw_int(struct gw *g, const char *sql)
{
    struct err e = { 0 };
    int64_t n = 0;

    if (!store_one_int(g->s, sql, &n, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return n;
}

static inline int64_t gw_asset(struct gw *g, int64_t subject)
{
    char sql[128];

    snprintf(sql, sizeof sql, "SELECT asset FROM case_asset WHERE subject = %lld", (long long)subject);
    return gw_int(g, sql);
}

static inline int64_t gw_org(struct gw *g, int64_t subject)
{
    char sql[160];

    snprintf(sql, sizeof sql, "SELECT m.org FROM case_asset a JOIN case_member m ON m.asset = a.asset WHERE a.subject = %lld", (long long)subject);
    return gw_int(g, sql);
}

/* "A1 A2 B3": organisation and server of each subject, numbered as they first come. */
static inline void gw_tell(struct gw *g, const int64_t *subject, size_t n, char *ret)
{
    int64_t org[GW_SUBJECTS], asset[GW_SUBJECTS];
    size_t  orgs = 0, assets = 0;

    for (size_t i = 0; i < n; i++) {
        int64_t o = gw_org(g, subject[i]), a = gw_asset(g, subject[i]);
        size_t  x = 0, y = 0;

        while (x < orgs && org[x] != o)
            x++;
        while (y < assets && asset[y] != a)
            y++;
        org[x] = o;
        asset[y] = a;
        orgs += x == orgs;
        assets += y == assets;
        ret += sprintf(ret, "%s%c%zu", i ? " " : "", (char)('A' + x), y + 1);
    }
    *ret = 0;
}

#endif
