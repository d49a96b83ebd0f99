#include "verdict/fixture.h"

/* Findings as shown: order, folding, keys, sentences, caps. Contract, findings[], count, omitted. */

static void test_order_and_ids(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_fact(f, FILE_FACT_NOTE, "C:\\b", "");                                    /* undated: last, by path */
    f->fact[0].cite.node = N_CONFIG;
    fx_fact(f, FILE_FACT_NOTE, "C:\\a", "");
    fx_forged(f, R_FORGED_TRY, "a", "/ews/", 500, at(9));
    fx_request(f, R_PAGE, "a", "GET", "/aspnet_client/q.aspx", 404, at(3));
    fx_judge(f);
    CHECK(f->r.finding_n == 4);
    CHECK(f->r.finding[0].time_us == at(3) && f->r.finding[1].time_us == at(9) && f->r.finding[2].time_us == TIME_NONE);
    CHECK(f->r.finding[2].evidence[0].node == N_PAGE && f->r.finding[3].evidence[0].node == N_CONFIG);
    assert_string_equal(f->r.finding[0].id, "F0001");
    assert_string_equal(f->r.finding[3].id, "F0004");
    CHECK(f->r.timeline_n == 2 && f->r.timeline[0].finding == 0);
    CHECK_STR(f->r.finding[1].detector, STR("sigma:proxylogon/forged-try"));
    CHECK_STR(f->r.finding[1].why, STR("a sent /ecp/y.js, answered 500, 1 times"));
    CHECK_STR(f->r.finding[2].detector, STR("files/pages"));
    fx_free(f);
}

static void test_folding(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    static const double minute[] = { 0, 59, 118, 178, 300 };              /* 178 - 118 is a full hour: a new statement */
    for (size_t i = 0; i < COUNT_OF(minute); i++)
        fx_forged(f, R_FORGED_TRY, "a", "/ews/", 500, at(minute[i]))->response_bytes = 10;
    fx_forged(f, R_FORGED_TRY, "b", "/ews/", 500, at(1));
    fx_judge(f);
    CHECK(f->r.finding_n == 4);
    CHECK(f->r.finding[0].count == 3 && f->r.finding[0].last_us == at(118) && f->r.finding[0].evidence_n == 2);
    CHECK(f->r.finding[0].evidence[0].line == 1 && f->r.finding[0].evidence[1].line == 3);
    CHECK(f->r.finding[1].count == 1 && f->r.finding[1].evidence_n == 1);
    fx_free(f);
}

static void test_keys(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    uint8_t key[16];
    fx_forged(f, R_FORGED_TRY, "a", "/ews/", 500, at(1));
    fx_judge(f);
    memcpy(key, f->r.finding[0].key, sizeof key);
    f->hit[0].client = STR("z");                                           /* same detector, path and record: same key */
    f->hit[0].first.line = 99;
    fx_judge(f);
    assert_memory_equal(key, f->r.finding[0].key, sizeof key);
    f->hit[0].first.raw_sha256[5] = 1;                                     /* another record */
    fx_judge(f);
    assert_memory_not_equal(key, f->r.finding[0].key, sizeof key);
    f->hit[0].first.raw_sha256[5] = 0;
    f->hit[0].rule = R_PROBE;                                              /* another detector */
    fx_judge(f);
    assert_memory_not_equal(key, f->r.finding[0].key, sizeof key);
    f->hit[0].rule = R_FORGED_TRY;
    f->hit[0].first.node = N_ECP;                                          /* another path */
    fx_judge(f);
    assert_memory_not_equal(key, f->r.finding[0].key, sizeof key);
    fx_free(f);
}

static void test_sentences(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    f->rule[R_FORGED_TRY].why = STR("{Client}|{account}|{bytes}|{key}|{nope}|{user_agent}|{status}|{open");
    struct hit *h = fx_forged(f, R_FORGED_TRY, "a\x1b[2J", "/ews/", 0, at(1));
    h->user_agent = STR("x<script runat=server>body</script>");
    h->response_bytes = 12;
    fx_judge(f);
    CHECK_STR(f->r.finding[0].why, STR("a?[2J|no account|12|unknown|{nope}|x...|not logged|{open"));
    fx_free(f);

    f = fx_new();                                                          /* a rule of a user, without a sentence */
    f->rule[R_FORGED_TRY].own = false;
    f->rule[R_FORGED_TRY].why = STR_EMPTY;
    fx_forged(f, R_FORGED_TRY, "a", "/ews/", 500, at(1));
    fx_judge(f);
    CHECK_STR(f->r.finding[0].detector, STR("sigma:user/forged-try"));
    CHECK(f->r.finding[0].why.n > 0 && f->r.finding[0].cve.n == 1);
    fx_free(f);
}

static void test_axes_of_findings(void **state)
{
    static const struct { const char *method; uint16_t status; enum axis axis; const char *state; enum severity severity; const char *why; } c[] = {
        { "POST", 200, AXIS_USE, "used", SEV_CRITICAL, "used" },
        { "GET", 200, AXIS_BACK_DOOR, "present", SEV_HIGH, "reached" },
        { "POST", 500, AXIS_BACK_DOOR, "present", SEV_HIGH, "there, and failed" },
        { "POST", 404, AXIS_NONE, "", SEV_LOW, "not there" },
        { "POST", 302, AXIS_NONE, "", SEV_LOW, "not there either" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        fx_page(f, at(1));
        fx_request(f, RULE_LEARNT, "a", c[i].method, FX_URL, c[i].status, at(9));
        fx_judge(f);
        const struct finding *x = &f->r.finding[1];
        CHECK_WHY(x->axis == c[i].axis && x->severity == c[i].severity, c[i].why);
        CHECK_STR(x->axis_state, str_c(c[i].state));
        CHECK_WHY(x->why.n > 0 && x->title.n > 0, c[i].why);
        CHECK_STR(f->r.finding[0].axis_state, STR("present"));
        fx_free(f);
    }
}

/* More of everything than the report may hold: the numbers left out are told, every list stays valid, what accuses is kept. */
static void test_caps(void **state)
{
    enum { HITS = 30000, PAGES = 2500 };
    (void)state;
    struct fx        *f    = fx_new();
    struct hit       *hit  = calloc(HITS, sizeof *hit);
    struct file_fact *fact = calloc(PAGES, sizeof *fact);
    char (*text)[40]       = calloc(HITS, sizeof *text);
    struct test_arena big = test_arena(256u << 20);

    test_arena_free(&f->mem);
    f->mem = big;
    for (int i = 0; i < HITS; i++) {
        f->d.hit_n = 0;
        snprintf(text[i], sizeof text[i], "198.51.%d.%d", i / 256, i % 256);
        hit[i] = *fx_forged(f, i == 7 ? R_FORGED_OK : R_FORGED_TRY, text[i], "/ews/exchange.asmx", i == 7 ? 200 : 500, at(i % 5000));
        hit[i].first.offset = (uint64_t)i;
        hit[i].user_agent   = str_c(text[i]);
        if (i % 2)
            hit[i].sign = SIGN_REVIEW;
    }
    hit[7].sign = SIGN_FORGED;
    char (*path)[64] = calloc(PAGES, sizeof *path);
    for (int i = 0; i < PAGES; i++) {
        f->d.fact_n = 0;
        snprintf(path[i], sizeof path[i], "C:\\inetpub\\wwwroot\\aspnet_client\\%05d.aspx", i);
        fact[i] = *fx_fact(f, FILE_FACT_PAGE, path[i], "");
        fact[i].time_us = fact[i].created_us = at(i);
    }
    f->d.hit    = hit;
    f->d.hit_n  = HITS;
    f->d.fact   = fact;
    f->d.fact_n = PAGES;
    f->d.hit_more = 11;
    fx_judge(f);
    CHECK(f->r.finding_n == CAP_FINDINGS && f->r.omitted.findings == HITS + PAGES - CAP_FINDINGS + 11);
    CHECK(f->r.back_door_n == CAP_BACK_DOORS && f->r.omitted.back_doors == PAGES - CAP_BACK_DOORS);
    CHECK(f->r.session_n == CAP_SESSIONS && f->r.omitted.sessions > 0);
    CHECK(f->r.timeline_n == CAP_TIMELINE && f->r.omitted.timeline > 0);
    CHECK(f->r.intruder_n == 1 && f->r.campaign.exploitation.state == EXPL_SUCCEEDED);
    assert_string_equal(f->r.finding[CAP_FINDINGS - 1].id, "F20000");
    for (size_t i = 0; i < f->r.campaign.exploitation.findings.n; i++)
        CHECK(f->r.campaign.exploitation.findings.item[i] < f->r.finding_n);
    for (size_t i = 0; i < f->r.timeline_n; i++) {
        CHECK(f->r.timeline[i].finding < f->r.finding_n);
        CHECK(f->r.timeline[i].session == UINT32_MAX || f->r.timeline[i].session < f->r.session_n);
    }
    bool kept = false;
    for (size_t i = 0; i < f->r.finding_n; i++)
        kept |= f->r.finding[i].axis == AXIS_EXPLOITATION && str_eq(f->r.finding[i].axis_state, STR("succeeded"));
    CHECK(kept);
    free(hit);
    free(fact);
    free(text);
    free(path);
    fx_free(f);
}

/* --- anything at all gives a verdict that keeps its promises ---------------------------------------------------- */

static uint32_t rnd(uint32_t *x, uint32_t n) { return (*x = *x * 1664525 + 1013904223, *x >> 8) % n; }
#define PICK(x, list) ((list)[rnd((x), COUNT_OF(list))])

static void ids_valid(const struct fx *f, const struct id_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        CHECK(l->item[i] < f->r.finding_n && (i == 0 || l->item[i - 1] < l->item[i]));
}

static void test_anything(void **state)
{
    static const char *const client[] = { "a", "b", "c", "", "127.0.0.1" }, *const url[] = { FX_URL, "/aspnet_client/y.aspx", "/owa/auth/z.aspx", "/ecp/y.js", "" };
    static const char *const target[] = { "/ews/exchange.asmx", "/ecp/ddi/ddiservice.svc/setobject", "/autodiscover/", "" }, *const text[] = { "", "", "c1", "c2" };
    static const uint16_t status[] = { 0, 200, 200, 200, 241, 302, 404, 500 };
    static const enum family family[] = { FAM_HTTPPROXY, FAM_IIS_FRONT, FAM_IIS_FRONT, FAM_IIS_BACK, FAM_ECP_SERVER, FAM_OAB_GENERATOR };
    uint32_t x = 7;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct fx *f = fx_new();
        size_t hits = rnd(&x, 60), facts = rnd(&x, 12);
        for (size_t i = 0; i < hits; i++) {
            uint32_t rule = rnd(&x, R_COUNT + 2);
            rule = rule == R_COUNT ? RULE_LEARNT : rule == R_COUNT + 1 ? RULE_PIVOT : rule;
            struct hit *h = fx_hit(f, rule, (enum sign)rnd(&x, SIGN_PIVOT + 1), PICK(&x, family), (enum fx_node)rnd(&x, N_MORE + 1),
                                   rnd(&x, 9) ? at((double)rnd(&x, 400)) : TIME_NONE);
            h->client = str_c(PICK(&x, client));
            h->url = str_c(PICK(&x, url));
            h->target_path = str_c(PICK(&x, target));
            h->target_host = str_c(PICK(&x, client));
            h->canary = str_c(PICK(&x, text));
            h->request_id = str_c(PICK(&x, text));
            h->user_agent = str_c(PICK(&x, text));
            h->method = rnd(&x, 2) ? STR("POST") : STR("GET");
            h->active = rnd(&x, 2);
            h->status = PICK(&x, status);
            h->response_bytes = rnd(&x, 900000);
            h->account = rnd(&x, 2) ? STR("A$") : STR_EMPTY;
        }
        for (size_t i = 0; i < facts; i++) {
            struct file_fact *k = fx_fact(f, (enum file_fact_kind)rnd(&x, FILE_FACT_NOTE + 1), rnd(&x, 2) ? FX_PATH : "D:\\q.aspx", PICK(&x, url));
            k->state = (enum thing_state)rnd(&x, 3);
            k->reachable = (enum reach)rnd(&x, 3);
            k->severity = (enum severity)rnd(&x, 5);
            k->created_us = rnd(&x, 2) ? at((double)rnd(&x, 400)) : TIME_NONE;
        }
        if (rnd(&x, 3) == 0)
            fx_shared(f, PICK(&x, client));
        fx_judge(f);

        const struct report *r = &f->r;
        const struct campaign *c = &r->campaign;
        uint64_t count = 0;
        for (size_t i = 0; i < r->finding_n; i++) {
            count += r->finding[i].count;
            CHECK(r->finding[i].evidence_n >= 1 && r->finding[i].detector.n && r->finding[i].why.n);
            CHECK(i == 0 || time_cmp(r->finding[i - 1].time_us, r->finding[i].time_us) <= 0);
            CHECK(r->finding[i].session == UINT32_MAX || r->finding[i].session < r->session_n);
        }
        CHECK(count == hits + facts);                                     /* folding loses nothing */
        for (size_t i = 0; i < r->session_n; i++) {
            ids_valid(f, &r->session[i].findings);
            CHECK(r->session[i].findings.n && r->session[i].first_us <= r->session[i].last_us);
            CHECK(r->session[i].intruder == UINT32_MAX ? !r->session[i].succeeded : r->session[i].intruder < r->intruder_n);
            CHECK(i == 0 || r->session[i - 1].first_us <= r->session[i].first_us);
        }
        for (size_t i = 0; i < r->back_door_n; i++) {
            const struct back_door *b = &r->back_door[i];
            ids_valid(f, &b->findings);
            CHECK(b->intruder == UINT32_MAX || b->intruder < r->intruder_n);
            CHECK((b->use.reached || !b->use.requests) && (b->use.state != USED_USED || b->use.reached) && b->findings.n);
            CHECK(c->verdict >= V_BACK_DOOR);
        }
        ids_valid(f, &c->exploitation.findings);
        ids_valid(f, &c->back_door.findings);
        ids_valid(f, &c->use.findings);
        ids_valid(f, &c->theft.findings);
        ids_valid(f, &c->open_because);
        CHECK((c->verdict == V_NO_TRACE || c->verdict == V_NOT_COVERED) == (c->verdict < V_EXPLOITED && c->verdict != V_ATTEMPTED));
        CHECK(c->exploitation.state != EXPL_SUCCEEDED || c->verdict >= V_EXPLOITED);
        CHECK(c->open != OPEN_NO || c->exposure.state <= EXP_PATCHED);
        CHECK(c->why.n > 0 && c->step_n > 0);
        fx_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_ids), cmocka_unit_test(test_folding), cmocka_unit_test(test_keys), cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_axes_of_findings), cmocka_unit_test(test_caps), cmocka_unit_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
