#include "verdict/fixture.h"

/* Which pages are back doors, in what state, used or not. Contract, back_doors .. no_evidence_available. */

#define Y_URL "/aspnet_client/y.aspx"

static struct back_door *only(struct fx *f)
{
    fx_judge(f);
    return f->r.back_door_n == 1 ? &f->r.back_door[0] : NULL;
}

/* --- proof ---------------------------------------------------------------------------------------------------- */

static void got_in(struct fx *f) { fx_forged(f, R_FORGED_OK, "a", "/ews/exchange.asmx", 200, at(0)); }
static void log_post(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", Y_URL, 200, at(5)); }
static void log_post_auth(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", "/owa/auth/y.aspx", 200, at(5)); }
static void log_post_clean(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", "/owa/auth/logon.aspx", 200, at(5)); }
static void log_post_elsewhere(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", "/shop/y.aspx", 200, at(5)); }
static void log_post_image(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", "/aspnet_client/y.png", 200, at(5)); }
static void log_post_302(struct fx *f) { fx_request(f, R_PAGE, "b", "POST", "/owa/auth/y.aspx", 302, at(5)); }
static void log_get(struct fx *f) { fx_request(f, R_PAGE, "b", "GET", Y_URL, 200, at(5)); }
static void log_get_intruder(struct fx *f) { got_in(f); fx_request(f, R_PAGE, "a", "GET", Y_URL, 200, at(5)); }
static void log_query_intruder(struct fx *f) { got_in(f); fx_request(f, R_PAGE, "a", "GET", Y_URL, 200, at(5))->active = true; }
static void log_query_other(struct fx *f) { got_in(f); fx_request(f, R_PAGE, "b", "GET", Y_URL, 200, at(5))->active = true; }
static void log_query_shared(struct fx *f) { log_query_intruder(f); fx_shared(f, "a"); }
static void log_file_there(struct fx *f)
{
    f->ev.served[f->ev.served_n++] = (struct ev_root){ .path = STR("C:\\inetpub\\wwwroot"), .url = STR("/"), .site = 1, .found = true };
    fx_request(f, R_PAGE, "b", "POST", FX_URL, 200, at(5));
}
static void review_alone(struct fx *f) { fx_fact(f, FILE_FACT_PAGE_REVIEW, FX_PATH, FX_URL); }
static void review_post(struct fx *f) { review_alone(f); fx_request(f, RULE_LEARNT, "b", "POST", FX_URL, 200, at(5)); }
static void review_reached(struct fx *f) { review_alone(f); got_in(f); fx_request(f, RULE_LEARNT, "a", "GET", FX_URL, 200, at(5)); }
static void review_intruder(struct fx *f) { review_alone(f); got_in(f); fx_request(f, RULE_LEARNT, "a", "POST", FX_URL, 200, at(5)); }
static void review_product(struct fx *f) { review_intruder(f); f->fact[0].product_page = true; }
static void review_chain(struct fx *f)
{
    review_alone(f);                              /* proven page -> its user -> another unknown page */
    fx_fact(f, FILE_FACT_PAGE, "C:\\inetpub\\wwwroot\\aspnet_client\\p.aspx", "/aspnet_client/p.aspx");
    fx_request(f, RULE_LEARNT, "b", "POST", "/aspnet_client/p.aspx", 200, at(5));
    fx_request(f, RULE_LEARNT, "b", "POST", FX_URL, 200, at(6));
}
static void left_sure(struct fx *f) { fx_fact(f, FILE_FACT_PAGE_LEFT, FX_PATH, FX_URL); }
static void left_unsure(struct fx *f) { fx_fact(f, FILE_FACT_PAGE_LEFT, FX_PATH, FX_URL)->severity = SEV_MEDIUM; }
static void av_page(struct fx *f) { fx_fact(f, FILE_FACT_AV, FX_PATH, ""); }
static void av_tool(struct fx *f) { fx_fact(f, FILE_FACT_AV, "C:\\Users\\Public\\a.exe", ""); }
static void two_facts(struct fx *f) { fx_page(f, at(1)); left_sure(f); av_page(f); }

static const struct { void (*prep)(struct fx *); size_t doors; const char *why; } proofs[] = {
    { log_post, 1, "POST 200 to a script below aspnet_client" },
    { log_post_auth, 1, "POST 200 to an unknown script in owa/auth" },
    { log_post_clean, 0, "the product's own page" },
    { log_post_elsewhere, 0, "a place where scripts are normal" },
    { log_post_image, 0, "no script" },
    { log_post_302, 0, "302: it is not there" },
    { log_get, 0, "a GET 200 alone is not unmistakable" },
    { log_get_intruder, 0, "nor is an intruder that only looks" },
    { log_query_intruder, 1, "used by a proven intruder" },
    { log_query_other, 0, "used by somebody else" },
    { log_query_shared, 0, "an address that others use as well proves nothing" },
    { log_file_there, 0, "the file is in the evidence, and its detector did not object" },
    { review_alone, 0, "unknown alone stays review" },
    { review_post, 0, "an administrator's own page is used too" },
    { review_reached, 0, "reaching proves nothing" },
    { review_intruder, 1, "unknown script, used by an intruder" },
    { review_product, 0, "changed, but the product's own: intruders use it like everybody else" },
    { review_chain, 2, "who uses a proven page is an intruder" },
    { left_sure, 1, "a leftover whose detector is sure" },
    { left_unsure, 0, "a leftover that only says a page was there" },
    { av_page, 1, "an antivirus log names a page" },
    { av_tool, 0, "an antivirus log names a tool" },
    { two_facts, 1, "three facts, one page" },
};

static void test_proof(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(proofs); i++) {
        struct fx *f = fx_new();
        proofs[i].prep(f);
        fx_judge(f);
        if (f->r.back_door_n != proofs[i].doors)
            fail_msg("%s: %zu back doors", proofs[i].why, f->r.back_door_n);
        fx_free(f);
    }
}

static void test_review_becomes_door(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    review_intruder(f);
    f->fact[0].what = STR("unknown");
    struct back_door *b = only(f);
    CHECK_STR(b->kind, STR("unknown"));
    CHECK(b->state == THING_PRESENT && b->intruder == 0 && f->r.campaign.verdict == V_BACK_DOOR_USED);
    fx_free(f);
}

/* --- state ---------------------------------------------------------------------------------------------------- */

static void test_state(void **state)
{
    (void)state;
    static struct str dir[] = { STR_INIT("C:\\inetpub\\wwwroot\\aspnet_client") };

    struct fx *f = fx_new();                       /* served, folder not collected */
    log_post(f);
    struct back_door *b = only(f);
    CHECK(b->state == THING_UNKNOWN && b->use.state == USED_USED && f->r.campaign.back_door.state == DOOR_UNKNOWN);
    CHECK(f->r.campaign.open == OPEN_YES);         /* unpatched */
    fx_patched(f, day(-1));
    b = only(f);
    CHECK(f->r.campaign.open == OPEN_UNPROVEN && f->r.campaign.open_because.n > 0);

    fx_request(f, R_PAGE, "c", "GET", Y_URL, 404, at(500));        /* 200 before, 404 after */
    b = only(f);
    CHECK(b->state == THING_REMOVED && b->removed_us == at(500) && b->reachable == REACH_NO);
    fx_request(f, R_PAGE, "c", "GET", Y_URL, 200, at(600));        /* and there again */
    b = only(f);
    CHECK(b->state == THING_UNKNOWN && b->removed_us == TIME_NONE);
    fx_free(f);

    f = fx_new();                                  /* folder collected, page missing */
    log_post(f);
    f->ev.served[f->ev.served_n++] = (struct ev_root){ .path = STR("C:\\inetpub\\wwwroot"), .url = STR("/"), .site = 1, .found = true };
    f->ev.dir   = dir;
    f->ev.dir_n = 1;
    b = only(f);
    CHECK(b->state == THING_REMOVED && b->removed_us == TIME_NONE);
    CHECK_STR(b->path, STR("C:\\inetpub\\wwwroot\\aspnet_client\\y.aspx"));
    fx_free(f);

    f = fx_new();                                  /* the file is there: logs do not overrule it */
    fx_page(f, at(1));
    fx_request(f, RULE_LEARNT, "c", "GET", FX_URL, 200, at(5));
    fx_request(f, RULE_LEARNT, "c", "GET", FX_URL, 404, at(6));
    b = only(f);
    CHECK(b->state == THING_PRESENT && b->removed_us == TIME_NONE && b->created_us == at(1));
    fx_free(f);

    f = fx_new();                                  /* a leftover tells of removal and its time */
    struct file_fact *x = fx_fact(f, FILE_FACT_PAGE_LEFT, FX_PATH, FX_URL);
    x->state      = THING_REMOVED;
    x->created_us = at(1);
    x->removed_us = at(90);
    b = only(f);
    CHECK(b->state == THING_REMOVED && b->created_us == at(1) && b->removed_us == at(90));
    fx_free(f);
}

/* --- use ------------------------------------------------------------------------------------------------------ */

static void test_requests(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_page(f, at(1));
    fx_request(f, RULE_LEARNT, "a", "POST", FX_URL, 200, at(10))->count = 5;
    fx_request(f, R_PAGE, "a", "POST", FX_URL, 200, at(10))->count = 3;       /* the same lines, by another rule */
    fx_request(f, RULE_LEARNT, "a", "GET", FX_URL, 200, at(11));
    fx_request(f, RULE_LEARNT, "b", "GET", FX_URL, 204, at(12));
    fx_request(f, RULE_LEARNT, "c", "POST", FX_URL, 500, at(13))->count = 2;
    fx_request(f, RULE_LEARNT, "d", "POST", FX_URL, 404, at(14));
    fx_request(f, RULE_LEARNT, "e", "POST", FX_URL, 302, at(15));
    struct hit *h = fx_request(f, R_PAGE, "g", "POST", FX_URL, 200, at(16));  /* HttpProxy: not a line of the front end's IIS log */
    h->family = FAM_HTTPPROXY;
    struct back_door *b = only(f);
    CHECK(b->use.requests == 7 && b->use.errors == 2 && b->use.reached && b->use.state == USED_USED);
    CHECK(b->use.clients.n == 2 && b->use.first_us == at(10) && b->use.last_us == at(12));
    CHECK(f->r.campaign.use.first_us == at(10) && f->r.campaign.use.last_us == at(10));
    fx_free(f);

    f = fx_new();                                  /* errors alone: not reached */
    fx_page(f, at(1));
    fx_request(f, RULE_LEARNT, "c", "POST", FX_URL, 500, at(13));
    b = only(f);
    CHECK(!b->use.reached && b->use.state == USED_NOT_SEEN && b->use.errors == 1 && f->r.campaign.verdict == V_BACK_DOOR);
    fx_free(f);
}

static void test_evidence_of_use(void **state)
{
    static const struct { int created, from, to; enum use_word want; const char *why; } c[] = {
        { 0, -5, 10, USED_NOT_SEEN, "covered from creation to the newest evidence" },
        { 0, 3, 10, USED_NO_EVIDENCE, "three days after creation are missing" },
        { 0, 1, 10, USED_NOT_SEEN, "a hole of a day is none" },
        { 99, -70, 10, USED_NOT_SEEN, "unknown creation: since the window began" },
        { 99, -5, 10, USED_NO_EVIDENCE, "unknown creation, logs younger than the window" },
        { 20, -70, 10, USED_NO_EVIDENCE, "created after the last record" },
        { 0, -5, 5, USED_NO_EVIDENCE, "the logs end before the newest evidence does" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        fx_page(f, c[i].created == 99 ? TIME_NONE : day(c[i].created));
        fx_cover(f, FAM_IIS_FRONT, day(c[i].from), day(c[i].to));
        CHECK_WHY(only(f)->use.state == c[i].want, c[i].why);
        fx_free(f);
    }
}

/* One address is asked often; three names and letter cases of a path are one page. */
static void test_one_page(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_page(f, at(1));
    fx_fact(f, FILE_FACT_PAGE, "c:\\INETPUB\\wwwroot\\aspnet_client\\X.aspx", "")->created_us = at(0.5);
    struct back_door *b = only(f);
    CHECK(b && b->created_us == at(0.5) && b->findings.n == 2);
    fx_free(f);
}

/* Logs shortened a folded statement with 200 ... 404: the fold that began before the last answer counts from its end. */
static void test_gone_fold(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    fx_request(f, R_PAGE, "b", "POST", Y_URL, 200, at(5));
    fx_request(f, R_PAGE, "c", "GET", Y_URL, 404, at(4))->last_us = at(9);
    CHECK(only(f)->removed_us == at(9));
    fx_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_proof), cmocka_unit_test(test_review_becomes_door), cmocka_unit_test(test_state), cmocka_unit_test(test_requests),
        cmocka_unit_test(test_evidence_of_use), cmocka_unit_test(test_one_page), cmocka_unit_test(test_gone_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
