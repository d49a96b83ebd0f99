/*
 * fixture: evidence for tests of the verdict, built by hand: a few nodes, rules, hits and facts. Tests only.
 *
 * The world     Exchange 2016 CU18 in C:\Ex, web root C:\inetpub\wwwroot; the day is 3 March 2021, `at(m)` is minute m of it.
 * By default    build 15.1.2106.2 without patch time, HttpProxy and both IIS logs and the web roots cover January to `newest`.
 */
#ifndef VERDICT_FIXTURE_H
#define VERDICT_FIXTURE_H

#include "test.h"
#include "verdict/work.h"

enum { FX_HITS = 256, FX_FACTS = 64, FX_NODES = 16, FX_RULES = 24, FX_CLIENTS = 8 };
enum fx_node { N_ECP, N_HTTPPROXY, N_OAB, N_SETUP, N_IIS_FRONT, N_IIS_BACK, N_PAGE, N_CONFIG, N_LEFT, N_MORE };   /* sorted by path */

/* Rules of the fixture; the pack's own are tested with the pack. */
enum fx_rule {
    R_FORGED_OK, R_FORGED_TRY, R_MAIL, R_SESSION, R_DROP, R_RESET, R_OAB, R_PAGE, R_LOOT, R_PROBE, R_ADMIN, R_COEXIST, R_SUPPORT, R_REVIEW,
    R_CHAIN, R_BEYOND, R_HINT, R_CHILD, R_LOGON, R_CRASH, R_COUNT
};

struct fx {
    struct test_arena mem;
    struct arena    a;
    struct err      e;
    struct ev       ev;
    struct ev_node  node[FX_NODES];
    struct pack     pack;
    struct clean_page clean[2];
    struct build_row row[2];
    struct sigma    sigma;
    struct sigma_rule rule[FX_RULES];
    struct hit      hit[FX_HITS];
    struct file_fact fact[FX_FACTS];
    struct client_seen client[FX_CLIENTS];
    struct span     span[FAM_COUNT][4];
    struct detected d;
    struct report   r;
};

static const int64_t fx_day = INT64_C(1614729600000000);          /* 2021-03-03T00:00:00Z */
static inline int64_t at(double minutes) { return fx_day + (int64_t)(minutes * 60e6); }
static inline int64_t day(int days) { return fx_day + days * TIME_DAY; }
#define FX_FROM INT64_C(1609632000000000)                         /* 2021-01-03 */

static inline void fx_rule(struct fx *f, enum fx_rule i, const char *name, enum sign sign, enum axis axis, const char *state, enum severity level)
{
    f->rule[i] = (struct sigma_rule){ .name = str_c(name), .title = str_c(name), .sign = sign, .axis = axis, .state = str_c(state), .level = level,
                                      .confidence = 0.9, .own = true, .why = STR("{client} sent {url}, answered {status}, {count} times") };
    if (axis == AXIS_EXPLOITATION) {
        f->rule[i].cve[0] = STR("CVE-2021-26855");
        f->rule[i].cve_n  = 1;
    }
}

/* The family's records reach from `from` to `to` without a hole. */
static inline void fx_cover(struct fx *f, enum family fam, int64_t from, int64_t to)
{
    f->span[fam][0]   = (struct span){ from, to };
    f->d.seen[fam]    = (struct seen){ .files = 3, .records = 1000, .oldest_us = from, .newest_us = to, .span = f->span[fam], .span_n = 1 };
}
static inline void fx_files(struct fx *f, enum family fam) { f->d.seen[fam] = (struct seen){ .files = 3, .oldest_us = TIME_NONE, .newest_us = TIME_NONE }; }

static inline void fx_newest(struct fx *f, int64_t newest)
{
    static const enum family logs[] = { FAM_HTTPPROXY, FAM_IIS_FRONT, FAM_IIS_BACK };

    f->d.newest_us = newest;
    for (size_t i = 0; i < COUNT_OF(logs); i++)
        fx_cover(f, logs[i], FX_FROM - TIME_DAY, newest);
}

static inline void fx_free(struct fx *f)
{
    test_arena_free(&f->mem);
    free(f);
}

static inline struct fx *fx_new(void)
{
    static const char *const path[FX_NODES] = {
        [N_ECP]       = "C:\\Ex\\Logging\\ECP\\Server\\ECPServer20210303-1.LOG",
        [N_HTTPPROXY] = "C:\\Ex\\Logging\\HttpProxy\\Ecp\\HttpProxy_2021030306-1.LOG",
        [N_OAB]       = "C:\\Ex\\Logging\\OABGeneratorLog\\a.log",
        [N_SETUP]     = "C:\\ExchangeSetupLogs\\ServiceControl.log",
        [N_IIS_FRONT] = "C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex210303.log",
        [N_IIS_BACK]  = "C:\\inetpub\\logs\\LogFiles\\W3SVC2\\u_ex210303.log",
        [N_PAGE]      = "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx",
        [N_CONFIG]    = "C:\\inetpub\\wwwroot\\web.config",
        [N_LEFT]      = "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\root\\1234abcd\\5678ef01\\x.aspx.cdcab7d2.compiled",
    };
    static const enum family family[FX_NODES] = { FAM_ECP_SERVER, FAM_HTTPPROXY, FAM_OAB_GENERATOR, FAM_SETUP, FAM_IIS_FRONT, FAM_IIS_BACK,
                                                  FAM_WEB_ROOTS, FAM_IIS_CONFIG, FAM_TEMP_ASPNET };
    struct fx *f = calloc(1, sizeof *f);

    f->mem = test_arena(8 << 20);
    f->a   = f->mem.a;
    for (uint32_t i = 0; i < N_MORE; i++)
        f->node[i] = (struct ev_node){ .id = i, .family = family[i], .path = str_c(path[i]), .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    f->ev = (struct ev){ .node = f->node, .node_n = N_MORE, .system_drive = 'C' };
    f->ev.install[f->ev.install_n++] = (struct ev_root){ .path = STR("C:\\Ex"), .found = true, .product = true };

    f->clean[0].path = STR("owa\\auth\\logon.aspx");
    f->clean[1].path = STR("ecp\\auth\\TimeoutLogout.aspx");
    f->row[0] = (struct build_row){ .v = { 15, 1, 2106, 2 }, .product = STR("Exchange Server 2016"), .cumulative = STR("CU18") };
    f->row[1] = (struct build_row){ .v = { 15, 1, 2106, 13 }, .product = STR("Exchange Server 2016"), .cumulative = STR("CU18"),
                                    .security = STR("Mar21SU"), .kb = STR("KB5000871"), .released_us = fx_day - TIME_DAY, .fixes = STR("ProxyLogon") };
    f->pack = (struct pack){ .id = STR("proxylogon"), .title = STR("ProxyLogon"), .exploited_from_us = FX_FROM, .fix_token = STR("ProxyLogon"),
                             .fix_token_2010 = STR("CVE-2021-26857"), .clean = f->clean, .clean_n = 2, .build = f->row, .build_n = 2 };
    f->pack.expected[f->pack.expected_n++] = STR("httpproxy");
    f->pack.expected[f->pack.expected_n++] = STR("iis_front");
    f->pack.expected[f->pack.expected_n++] = STR("web_roots");

    fx_rule(f, R_FORGED_OK, "forged", SIGN_FORGED, AXIS_EXPLOITATION, "succeeded", SEV_HIGH);
    fx_rule(f, R_FORGED_TRY, "forged-try", SIGN_FORGED, AXIS_EXPLOITATION, "attempted", SEV_MEDIUM);
    fx_rule(f, R_MAIL, "mail", SIGN_MAIL_READ, AXIS_THEFT, "suspected", SEV_HIGH);
    fx_rule(f, R_SESSION, "session", SIGN_SESSION, AXIS_EXPLOITATION, "succeeded", SEV_HIGH);
    fx_rule(f, R_DROP, "drop", SIGN_DROP, AXIS_EXPLOITATION, "succeeded", SEV_CRITICAL);
    fx_rule(f, R_RESET, "reset", SIGN_RESET, AXIS_EXPLOITATION, "succeeded", SEV_CRITICAL);
    fx_rule(f, R_OAB, "oab", SIGN_OAB_DOWNLOAD, AXIS_EXPLOITATION, "succeeded", SEV_CRITICAL);
    fx_rule(f, R_PAGE, "page", SIGN_PAGE, AXIS_USE, "used", SEV_HIGH);
    fx_rule(f, R_LOOT, "loot", SIGN_LOOT, AXIS_THEFT, "suspected", SEV_MEDIUM);
    fx_rule(f, R_PROBE, "probe", SIGN_PROBE, AXIS_EXPLOITATION, "attempted", SEV_MEDIUM);
    fx_rule(f, R_ADMIN, "admin", SIGN_ADMIN, AXIS_NONE, "", SEV_LOW);
    fx_rule(f, R_COEXIST, "coexist", SIGN_COEXIST, AXIS_NONE, "", SEV_LOW);
    fx_rule(f, R_SUPPORT, "support", SIGN_SUPPORT, AXIS_NONE, "", SEV_LOW);
    fx_rule(f, R_HINT, "hint", SIGN_SUPPORT, AXIS_EXPLOITATION, "attempted", SEV_MEDIUM);
    fx_rule(f, R_REVIEW, "review", SIGN_REVIEW, AXIS_EXPLOITATION, "succeeded", SEV_HIGH);
    fx_rule(f, R_CHAIN, "chain", SIGN_RESET, AXIS_EXPLOITATION, "succeeded", SEV_CRITICAL);
    f->rule[R_CHAIN].correlation = true;
    fx_rule(f, R_BEYOND, "beyond", SIGN_PIVOT, AXIS_USE, "beyond_server", SEV_CRITICAL);
    fx_rule(f, R_CHILD, "child", SIGN_HOST, AXIS_USE, "used", SEV_HIGH);
    fx_rule(f, R_LOGON, "logon", SIGN_HOST, AXIS_USE, "beyond_server", SEV_CRITICAL);
    fx_rule(f, R_CRASH, "crash", SIGN_HOST, AXIS_EXPLOITATION, "attempted", SEV_MEDIUM);
    f->sigma = (struct sigma){ .rule = f->rule, .rule_n = R_COUNT };

    f->d = (struct detected){ .ev = &f->ev, .pack = &f->pack, .sigma = &f->sigma, .hit = f->hit, .fact = f->fact, .client = f->client };
    f->d.server = (struct server){ .name = STR("EXCH01"), .installed_us = TIME_NONE, .patched_us = TIME_NONE, .build_at_us = TIME_NONE, .um_role = -1,
                                   .product_n = 1, .product = { { .product = STR("Exchange Server 2016"), .build = STR("15.1.2106.2"),
                                                                  .v = { 15, 1, 2106, 2 }, .parts = 4 } } };
    f->d.server.address[f->d.server.address_n++] = STR("192.0.2.10");
    for (int i = 0; i < FAM_COUNT; i++)
        f->d.seen[i] = (struct seen){ .oldest_us = TIME_NONE, .newest_us = TIME_NONE };
    fx_newest(f, day(10));
    fx_files(f, FAM_WEB_ROOTS);
    f->r.since_us = f->r.until_us = TIME_NONE;
    return f;
}

static inline struct hit *fx_hit(struct fx *f, uint32_t rule, enum sign sign, enum family fam, enum fx_node node, int64_t t)
{
    struct hit *h = &f->hit[f->d.hit_n++];

    *h = (struct hit){ .rule = rule, .sign = sign, .family = fam, .first_us = t, .last_us = t, .count = 1 };
    h->first = (struct cite){ .node = node, .line = f->d.hit_n, .offset = f->d.hit_n * 100, .time_us = t, .has_raw = true };
    h->first.raw_sha256[0] = (uint8_t)f->d.hit_n;
    h->last = h->first;
    return h;
}

/* A forged request in HttpProxy, by a rule of the fixture. */
static inline struct hit *fx_forged(struct fx *f, enum fx_rule rule, const char *client, const char *target, uint16_t status, int64_t t)
{
    struct hit *h = fx_hit(f, rule, f->rule[rule].sign, FAM_HTTPPROXY, N_HTTPPROXY, t);

    h->client      = str_c(client);
    h->method      = STR("POST");
    h->url         = STR("/ecp/y.js");
    h->user_agent  = STR("python-requests/2.25.1");
    h->target_host = STR("exch01.bakery.example");
    h->target_path = str_c(target);
    h->status      = status;
    return h;
}

/* A line of the front end's IIS log for a page. */
static inline struct hit *fx_request(struct fx *f, uint32_t rule, const char *client, const char *method, const char *url, uint16_t status, int64_t t)
{
    struct hit *h = fx_hit(f, rule, rule == RULE_PIVOT ? SIGN_PIVOT : SIGN_PAGE, FAM_IIS_FRONT, N_IIS_FRONT, t);

    h->client     = str_c(client);
    h->method     = str_c(method);
    h->url        = str_c(url);
    h->user_agent = STR("Mozilla/5.0");
    h->status     = status;
    h->active     = str_eq(h->method, STR("POST"));
    return h;
}

/* A record of an event log. */
static inline struct hit *fx_event(struct fx *f, enum fx_rule rule, enum family fam, int64_t t)
{
    return fx_hit(f, rule, f->rule[rule].sign, fam, N_SETUP, t);
}

static inline struct file_fact *fx_fact(struct fx *f, enum file_fact_kind kind, const char *path, const char *url)
{
    struct file_fact *x = &f->fact[f->d.fact_n++];

    *x = (struct file_fact){ .kind = kind, .detector = STR("files/pages"), .title = STR("A page"), .why = STR("because"), .severity = SEV_HIGH,
                             .confidence = 0.9, .time_us = TIME_NONE, .created_us = TIME_NONE, .removed_us = TIME_NONE, .used_us = TIME_NONE,
                             .path = str_c(path), .url = str_c(url), .what = STR("evaluator"), .cite = { .node = N_PAGE, .time_us = TIME_NONE, .has_raw = true } };
    x->cite.raw_sha256[1] = (uint8_t)f->d.fact_n;
    return x;
}
#define FX_PATH "C:\\inetpub\\wwwroot\\aspnet_client\\x.aspx"
#define FX_URL  "/aspnet_client/x.aspx"
static inline struct file_fact *fx_page(struct fx *f, int64_t created)
{
    struct file_fact *x = fx_fact(f, FILE_FACT_PAGE, FX_PATH, FX_URL);
    x->state      = THING_PRESENT;
    x->created_us = x->time_us = created;
    return x;
}

static inline void fx_shared(struct fx *f, const char *client)
{
    f->client[f->d.client_n++] = (struct client_seen){ .client = str_c(client), .requests = 500, .authenticated = 400, .some_user = STR("BAKERY\\anna") };
}

static inline void fx_judge(struct fx *f)
{
    f->a = f->mem.a;
    f->e = (struct err){ 0 };
    if (!verdict_make(&f->r, &f->d, &f->a, &f->e))
        fail_msg("no verdict: %s", f->e.what);
}

static inline void fx_patched(struct fx *f, int64_t t)
{
    f->d.server.patched_us = t;
    f->d.server.product[0].v[3] = 13;
    f->d.server.product[0].build = STR("15.1.2106.13");
}

#define WORD_IS(f, want) do { fx_judge(f); if ((f)->r.campaign.verdict != (want)) \
    fail_msg("verdict %s, want %s", verdict_name((f)->r.campaign.verdict), verdict_name(want)); } while (0)

#endif
