#include "verdict/fixture.h"

/* Who is one and who is two. Contract, intruders and session. */

static struct hit *used(struct fx *f, const char *client, double minute) { return fx_request(f, RULE_LEARNT, client, "POST", FX_URL, 200, at(minute)); }
static struct hit *ews(struct fx *f, const char *client, double minute) { return fx_forged(f, R_FORGED_OK, client, "/ews/exchange.asmx", 200, at(minute)); }

static void one_client(struct fx *f) { ews(f, "a", 0); ews(f, "a", 3000)->user_agent = STR("other"); }
static void two_clients(struct fx *f) { ews(f, "a", 0); ews(f, "b", 3000); }
static void shared_client(struct fx *f) { ews(f, "a", 0); ews(f, "a", 3000); fx_shared(f, "a"); }
static void canary(struct fx *f) { ews(f, "a", 0)->canary = STR("c"); ews(f, "b", 3000)->canary = STR("c"); }
static void shared_canary(struct fx *f) { canary(f); fx_shared(f, "a"); fx_shared(f, "b"); }
static void request_id(struct fx *f) { ews(f, "a", 0)->request_id = STR("r-1"); fx_shared(f, "a"); ews(f, "b", 3000)->request_id = STR("R-1"); }
static void same_door(struct fx *f) { fx_page(f, day(-9)); used(f, "a", 0); used(f, "b", 3000); }
static void reached_door(struct fx *f) { fx_page(f, day(-9)); used(f, "a", 0); fx_request(f, RULE_LEARNT, "b", "GET", FX_URL, 200, at(3000)); }
static void failed_door(struct fx *f) { fx_page(f, day(-9)); used(f, "a", 0); fx_request(f, RULE_LEARNT, "b", "POST", FX_URL, 404, at(3000)); }
static void placed_and_used(struct fx *f)
{
    fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(0));
    fx_page(f, at(1));
    used(f, "b", 3000);
}
static void placed_too_far(struct fx *f)
{
    fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(0));
    fx_page(f, at(3));
    used(f, "b", 3000);
}
static void handover(struct fx *f) { ews(f, "a", 0); ews(f, "b", 10); }
static void handover_late(struct fx *f) { ews(f, "a", 0); ews(f, "b", 10.1); }
static void handover_agent(struct fx *f) { ews(f, "a", 0); ews(f, "b", 5)->user_agent = STR("other"); }
static void handover_stem(struct fx *f) { ews(f, "a", 0); ews(f, "b", 5)->url = STR("/ecp/z.js"); }
static void handover_no_agent(struct fx *f) { ews(f, "a", 0)->user_agent = STR_EMPTY; ews(f, "b", 5)->user_agent = STR_EMPTY; }
static void handover_long(struct fx *f) { ews(f, "a", 0)->last_us = at(55); ews(f, "b", 60); }
static void key_only(struct fx *f)
{
    fx_page(f, day(-9))->key = STR("orange");
    struct file_fact *x = fx_fact(f, FILE_FACT_PAGE, "C:\\inetpub\\wwwroot\\aspnet_client\\w.aspx", "/aspnet_client/w.aspx");
    x->key = STR("orange");
    used(f, "a", 0);
    fx_request(f, RULE_LEARNT, "b", "POST", "/aspnet_client/w.aspx", 200, at(3000));
}
static void attempts(struct fx *f) { fx_forged(f, R_FORGED_TRY, "a", "/ews/exchange.asmx", 500, at(0)); }
static void nat_two(struct fx *f)
{
    fx_shared(f, "a");
    ews(f, "a", 0)->canary = STR("c1");
    ews(f, "a", 5)->canary = STR("c2");
}
static void nat_one(struct fx *f) { fx_shared(f, "a"); ews(f, "a", 0)->canary = STR("c1"); ews(f, "a", 5); }
static void ecp_row(struct fx *f)
{
    fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(0));
    fx_hit(f, R_DROP, SIGN_DROP, FAM_ECP_SERVER, N_ECP, at(0.02))->url = STR("/ecp/ddi/ddiservice.svc/setobject");
}
static void ecp_row_far(struct fx *f)
{
    fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(0));
    fx_hit(f, R_DROP, SIGN_DROP, FAM_ECP_SERVER, N_ECP, at(30))->url = STR("/ecp/ddi/ddiservice.svc/setobject");
}
static void back_end(struct fx *f)
{
    ews(f, "a", 0)->canary = STR("c1");
    for (int i = 0; i < 2; i++) {
        struct hit *h = fx_hit(f, R_RESET, SIGN_RESET, FAM_IIS_BACK, N_IIS_BACK, at(1 + 3000 * i));
        h->client  = STR("192.0.2.10");          /* the front end itself: joins nobody */
        h->account = STR("BAKERY\\EXCH01$");
        h->status  = 200;
        h->url     = STR("/ecp/ddi/ddiservice.svc/setobject");
    }
}

static void nameless(struct fx *f)
{
    for (int i = 0; i < 3; i++)
        fx_hit(f, R_DROP, SIGN_DROP, FAM_ECP_SERVER, N_ECP, at(i == 2 ? 60 : i * 9))->path = str_c(i == 0 ? "1" : i == 1 ? "2" : "3");
}

static void echo(struct fx *f)
{
    struct hit *h = fx_hit(f, R_HINT, SIGN_SUPPORT, FAM_IIS_FRONT, N_IIS_FRONT, at(0)), *b = fx_hit(f, R_SESSION, SIGN_SESSION, FAM_IIS_BACK, N_IIS_BACK, at(0.05));
    h->client = STR("a");
    h->status = b->status = 241;
    h->user_agent = b->user_agent = STR("python-requests/2.25.1");
    h->url     = STR("/ecp/y.js");
    b->url     = STR("/ecp/proxylogon.ecp");
    b->account = STR("BAKERY\\EXCH01$");
}
static void echo_other_status(struct fx *f) { echo(f); f->hit[0].status = 200; }
static void echo_late(struct fx *f) { echo(f); f->hit[1].first_us = f->hit[1].last_us = at(0.2); }

static const struct {
    void (*prep)(struct fx *);
    size_t intruders, sessions;
    const char *why;
} joins[] = {
    { one_client, 1, 2, "one address, whatever its user agent; an hour of silence parts two sessions" },
    { two_clients, 2, 2, "two addresses" },
    { shared_client, 2, 2, "a shared address alone joins nothing" },
    { canary, 1, 2, "one canary, two addresses" },
    { shared_canary, 1, 2, "a canary joins behind shared addresses as well" },
    { request_id, 1, 2, "one request id, letter case aside" },
    { same_door, 1, 2, "the same back door used" },
    { reached_door, 1, 2, "reaching a back door never joins; the visit is shown" },
    { failed_door, 1, 2, "a POST answered 404 is no use" },
    { placed_and_used, 1, 2, "placed by one address, used by another" },
    { placed_too_far, 2, 2, "a page created three minutes after the write is not known to be its" },
    { handover, 1, 1, "another address goes on within 10 minutes" },
    { handover_late, 2, 2, "after more than 10 minutes it does not" },
    { handover_agent, 2, 2, "with another user agent it does not" },
    { handover_stem, 2, 2, "with another stem it does not" },
    { handover_no_agent, 2, 2, "no user agent is not the same user agent" },
    { handover_long, 1, 1, "10 minutes count from the last record of a statement" },
    { key_only, 2, 2, "published keys never join" },
    { attempts, 0, 1, "only those who got in; the failed visit stays a session" },
    { nat_two, 2, 2, "two canaries behind one shared address are two hands" },
    { nat_one, 1, 1, "the same agent and stem go on behind a shared address" },
    { ecp_row, 1, 1, "a row without client joins the forged request to its path and time" },
    { ecp_row_far, 2, 2, "not when half an hour lies between" },
    { echo, 1, 1, "IIS logs alone: the same seconds, agent and status at both ends are one request" },
    { echo_other_status, 1, 2, "not with another status: the attempt stays apart" },
    { echo_late, 1, 2, "nor seconds later" },
    { nameless, 2, 2, "rows that name nobody: minutes apart one visit, an hour apart two" },
    { back_end, 3, 3, "the back end's client is this server, and joins nobody" },
};

static void test_joins(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(joins); i++) {
        struct fx *f = fx_new();
        joins[i].prep(f);
        fx_judge(f);
        if (f->r.intruder_n != joins[i].intruders || f->r.session_n != joins[i].sessions)
            fail_msg("%s: %zu intruders, %zu sessions", joins[i].why, f->r.intruder_n, f->r.session_n);
        for (size_t k = 0; k < f->r.intruder_n; k++)
            CHECK_WHY(f->r.intruder[k].why.n > 0, joins[i].why);
        fx_free(f);
    }
}

static void test_fields(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    placed_and_used(f);
    f->fact[0].key = STR("orange");
    fx_judge(f);
    const struct intruder *in = &f->r.intruder[0];
    CHECK(in->clients.n == 2 && in->keys.n == 1 && in->user_agents.n == 2);
    CHECK_STR(in->keys.item[0], STR("orange"));
    CHECK(in->first_us == at(0) && in->last_us == at(3000));
    CHECK(f->r.back_door[0].intruder == 0);
    CHECK(f->r.session[0].succeeded && f->r.session[0].intruder == 0 && f->r.session[0].cve.n == 1);
    CHECK(f->r.finding[0].session == 0);
    fx_free(f);
}

/* A published address is told of an intruder, with who published it; of somebody who did not get in it makes none. */
static void test_published(void **state)
{
    (void)state;
    struct ioc known[] = { { .kind = IOC_IP, .value = STR("a"), .source = STR("Example CERT 2021-03") } };
    for (int in = 0; in < 2; in++) {
        struct fx *f = fx_new();
        f->pack.ioc   = known;
        f->pack.ioc_n = 1;
        if (in)
            ews(f, "a", 0);
        else
            attempts(f);
        fx_judge(f);
        CHECK(f->r.intruder_n == (size_t)in);
        if (in)
            CHECK(str_has(f->r.intruder[0].why, STR("a was published (Example CERT 2021-03)")));
        fx_free(f);
    }
}

/* A session ends after one hour of silence: at exactly one hour it has ended; a minute before it goes on. */
static void test_silence(void **state)
{
    (void)state;
    static const struct { double minute; size_t want; } c[] = { { 59.9, 1 }, { 60, 2 }, { 61, 2 } };
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        ews(f, "a", 0);
        ews(f, "a", c[i].minute)->url = STR("/ecp/z.js");
        fx_judge(f);
        CHECK(f->r.session_n == c[i].want && f->r.intruder_n == 1);
        fx_free(f);
    }
}

/* What an intruder's own address asked in vain belongs to the visit; another's does not. */
static void test_follow(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    ews(f, "a", 0);
    fx_request(f, R_PAGE, "a", "GET", "/aspnet_client/q.aspx", 404, at(1));
    fx_request(f, R_PAGE, "b", "GET", "/aspnet_client/q.aspx", 404, at(1));
    fx_judge(f);
    CHECK(f->r.session_n == 1 && f->r.session[0].findings.n == 2 && f->r.intruder[0].clients.n == 1);
    fx_free(f);
}

/* Scanners: several names asked in vain; only localhost. They stay out of the intruders, and are marked. */
static void test_probes(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_request(f, R_PAGE, "s", "GET", "/aspnet_client/a.aspx", 404, at(1));
    fx_request(f, R_PAGE, "s", "GET", "/aspnet_client/b.aspx", 404, at(1.1));
    fx_judge(f);
    CHECK(!f->r.finding[0].probe && f->r.finding[0].axis == AXIS_NONE);       /* two names are not several */
    fx_request(f, R_PAGE, "s", "GET", "/owa/auth/c.aspx", 302, at(1.2));
    fx_forged(f, R_FORGED_TRY, "n", "/ecp/default.flt", 500, at(2))->target_host = STR("localhost");
    fx_forged(f, R_FORGED_TRY, "m", "/ecp/default.flt", 500, at(3));
    fx_judge(f);
    CHECK(f->r.finding[0].probe && f->r.finding[1].probe && f->r.finding[2].probe && f->r.finding[2].axis == AXIS_NONE);
    CHECK(f->r.finding[0].severity == SEV_LOW);
    CHECK(f->r.finding[3].probe && f->r.finding[3].axis == AXIS_EXPLOITATION);
    CHECK(!f->r.finding[4].probe && f->r.finding[4].axis == AXIS_EXPLOITATION);
    CHECK(f->r.intruder_n == 0 && f->r.campaign.verdict == V_ATTEMPTED);
    fx_free(f);
}

/* re_entered: a later session than the one that placed it; not seen: more than 1 h after creation; creation unknown: false. */
static void test_re_entered(void **state)
{
    static const struct { double placed, created, use; bool want; const char *why; } c[] = {
        { 0, 1, 30, false, "the session that placed it" },
        { 0, 1, 61, true, "a later session" },
        { -1, 1, 61, false, "placing not seen: exactly 1 h after creation" },
        { -1, 1, 62, true, "placing not seen: more than 1 h" },
        { -1, -1, 6000, false, "creation unknown" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        fx_page(f, c[i].created < 0 ? TIME_NONE : at(c[i].created));
        if (c[i].placed >= 0)
            fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(c[i].placed));
        used(f, "b", c[i].use);
        fx_judge(f);
        CHECK_WHY(f->r.campaign.use.re_entered == c[i].want, c[i].why);
        CHECK_WHY(f->r.campaign.use.state == USE_USED, c[i].why);
        fx_free(f);
    }
}

/* A page known from logs alone: its maker's write within the hour before its first answer is the placing. */
static void test_placed_by_first_answer(void **state)
{
    static const struct { double write, first; bool want; const char *why; } c[] = {
        { 0, 2, true, "written, answered, used nine hours later" },
        { 0, 61, false, "more than an hour before: placing not seen, creation unknown" },
        { 5, 2, false, "written after it answered" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        fx_forged(f, R_RESET, "a", "/ecp/ddi/ddiservice.svc/setobject", 200, at(c[i].write));
        fx_request(f, R_PAGE, "a", "POST", "/aspnet_client/y.aspx", 200, at(c[i].first));
        fx_request(f, R_PAGE, "a", "POST", "/aspnet_client/y.aspx", 200, at(600));
        fx_judge(f);
        CHECK_WHY(f->r.campaign.use.re_entered == c[i].want, c[i].why);
        CHECK_WHY(f->r.back_door[0].created_us == TIME_NONE && f->r.intruder_n == 1, c[i].why);
        fx_free(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins), cmocka_unit_test(test_fields), cmocka_unit_test(test_published), cmocka_unit_test(test_silence), cmocka_unit_test(test_follow),
        cmocka_unit_test(test_probes), cmocka_unit_test(test_re_entered), cmocka_unit_test(test_placed_by_first_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
