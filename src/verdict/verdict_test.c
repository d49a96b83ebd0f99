#include "verdict/fixture.h"

/* --- the word, by the contract's paragraphs ------------------------------------------------------------------ */

static void prep_nothing(struct fx *f) { (void)f; }
static void prep_no_logs(struct fx *f)
{
    for (int i = 0; i < FAM_COUNT; i++)
        if (i != FAM_WEB_ROOTS)
            f->d.seen[i] = (struct seen){ .oldest_us = TIME_NONE, .newest_us = TIME_NONE };
    f->d.newest_us = TIME_NONE;
}
static void prep_no_web_roots(struct fx *f) { f->d.seen[FAM_WEB_ROOTS] = (struct seen){ 0 }; }
static void prep_root_missing(struct fx *f) { f->d.seen[FAM_WEB_ROOTS].roots_missing = true; }
static void prep_iis_instead(struct fx *f) { f->d.seen[FAM_HTTPPROXY] = (struct seen){ 0 }; }
static void prep_iis_front_only(struct fx *f) { prep_iis_instead(f); f->d.seen[FAM_IIS_BACK] = (struct seen){ 0 }; }
static void prep_patched_before(struct fx *f) { prep_no_logs(f); fx_patched(f, FX_FROM - TIME_DAY); }
static void prep_installed_later(struct fx *f) { prep_no_logs(f); fx_patched(f, day(1)); f->d.server.installed_us = day(2); }
static void prep_attempt(struct fx *f) { fx_forged(f, R_FORGED_TRY, "198.51.100.23", "/ews/exchange.asmx", 500, at(10)); }
static void prep_attempt_no_logs(struct fx *f) { prep_attempt(f); f->d.seen[FAM_WEB_ROOTS] = (struct seen){ 0 }; }
static void prep_ews(struct fx *f) { fx_forged(f, R_FORGED_OK, "198.51.100.23", "/ews/exchange.asmx", 200, at(10)); }
static void prep_page(struct fx *f) { fx_page(f, at(30)); }
static void prep_page_removed(struct fx *f) { fx_page(f, at(30))->state = THING_REMOVED; }
static void prep_page_used(struct fx *f) { prep_page(f); fx_request(f, RULE_LEARNT, "198.51.100.23", "POST", FX_URL, 200, at(60)); }
static void prep_page_reached(struct fx *f) { prep_page(f); fx_request(f, RULE_LEARNT, "198.51.100.23", "GET", FX_URL, 200, at(60)); }
static void prep_beyond(struct fx *f) { prep_page_used(f); fx_hit(f, R_BEYOND, SIGN_PIVOT, FAM_EVTX_SECURITY, N_MORE, at(70)); }
static void prep_way(struct fx *f) { fx_fact(f, FILE_FACT_WAY_BACK, "C:\\w.dll", "")->state = THING_PRESENT; f->fact[0].what = STR("iis_module"); }
static void prep_unproven_secret(struct fx *f) { fx_fact(f, FILE_FACT_SECRET, "C:\\Windows\\Temp\\a.dmp", "")->state = THING_UNKNOWN; }
static void prep_exposed_secret(struct fx *f) { fx_fact(f, FILE_FACT_SECRET, "C:\\Windows\\Temp\\a.dmp", "")->state = THING_PRESENT; }
static void prep_review(struct fx *f) { fx_fact(f, FILE_FACT_PAGE_REVIEW, FX_PATH, FX_URL)->severity = SEV_MEDIUM; }
static void prep_admin(struct fx *f)
{
    fx_hit(f, R_ADMIN, SIGN_ADMIN, FAM_ECP_SERVER, N_ECP, at(5))->account = STR("BAKERY\\anna");
    fx_hit(f, R_COEXIST, SIGN_COEXIST, FAM_HTTPPROXY, N_HTTPPROXY, at(6));
    fx_hit(f, R_SUPPORT, SIGN_SUPPORT, FAM_IIS_FRONT, N_IIS_FRONT, at(7))->client = STR("203.0.113.9");
    fx_hit(f, R_REVIEW, SIGN_REVIEW, FAM_IIS_FRONT, N_IIS_FRONT, at(8));
}
static void prep_scanner(struct fx *f)
{
    static const char *const name[] = { "/aspnet_client/a.aspx", "/aspnet_client/b.aspx", "/owa/auth/c.aspx", "/owa/auth/d.aspx" };
    for (size_t i = 0; i < COUNT_OF(name); i++)
        fx_request(f, R_PAGE, "203.0.113.9", "POST", name[i], i < 2 ? 404 : 302, at(600 + (double)i / 60));
}
static void prep_2010(struct fx *f)
{
    f->d.server.product[0].v[0] = 14;
    f->d.server.product[0].v[1] = 3;
    f->d.server.product[0].v[2] = 123;
    f->d.server.product[0].v[3] = 0;
}
static void prep_2010_covered(struct fx *f) { prep_2010(f); fx_cover(f, FAM_EVTX_APPLICATION, FX_FROM, day(10)); }

static const struct {
    void (*prep)(struct fx *);
    enum verdict_word want;
    const char *why;
} words[] = {
    { prep_nothing, V_NO_TRACE, "no_trace: HttpProxy and the web roots cover the window" },
    { prep_iis_instead, V_NO_TRACE, "no_trace: both IIS logs do instead of HttpProxy" },
    { prep_iis_front_only, V_NOT_COVERED, "no_trace: the front end's log alone does not" },
    { prep_no_logs, V_NOT_COVERED, "not_covered: no logs at all" },
    { prep_no_web_roots, V_NOT_COVERED, "not_covered: the web roots were not collected" },
    { prep_root_missing, V_NOT_COVERED, "covers_window: file families need every root" },
    { prep_patched_before, V_NO_TRACE, "window: an empty one counts as covered" },
    { prep_installed_later, V_NO_TRACE, "window: installed after the patch" },
    { prep_attempt, V_ATTEMPTED, "attempted" },
    { prep_attempt_no_logs, V_NOT_COVERED, "Precedence: not_covered > attempted" },
    { prep_ews, V_EXPLOITED, "exploited" },
    { prep_page, V_BACK_DOOR, "back_door: present" },
    { prep_page_removed, V_BACK_DOOR, "back_door: removed as well" },
    { prep_page_reached, V_BACK_DOOR, "used: a plain GET is reached, not used" },
    { prep_page_used, V_BACK_DOOR_USED, "back_door_used" },
    { prep_beyond, V_BEYOND_SERVER, "beyond_server goes before all" },
    { prep_way, V_BACK_DOOR, "back_doors: ways back count on the same axis" },
    { prep_exposed_secret, V_BACK_DOOR, "back_doors: an exposed secret counts as present" },
    { prep_unproven_secret, V_NO_TRACE, "back_doors: an unproven one only forbids door_open no" },
    { prep_review, V_NO_TRACE, "back_doors: unknown alone is a review finding" },
    { prep_admin, V_NO_TRACE, "administrators and coexistence accuse nobody" },
    { prep_scanner, V_NO_TRACE, "a POST answered 302 or 404 is no use" },
    { prep_2010, V_NOT_COVERED, "Exchange 2010: what its flaw needs" },
    { prep_2010_covered, V_NO_TRACE, "Exchange 2010: the Application log" },
};

static void test_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        struct fx *f = fx_new();
        words[i].prep(f);
        fx_judge(f);
        if (f->r.campaign.verdict != words[i].want)
            fail_msg("%s: verdict %s, want %s", words[i].why, verdict_name(f->r.campaign.verdict), verdict_name(words[i].want));
        CHECK_WHY(f->r.campaign.why.n > 0, words[i].why);
        fx_free(f);
    }
}

/* --- succeeded ------------------------------------------------------------------------------------------------ */

static const struct {
    enum fx_rule rule;
    enum family family;
    const char *host, *path, *account;
    uint16_t status;
    enum exploit_state want;
    const char *why;
} reaches[] = {
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/ews/exchange.asmx", "", 200, EXPL_SUCCEEDED, "forged EWS answered 200" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/EWS/Exchange.asmx", "", 200, EXPL_SUCCEEDED, "letter case is no difference" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/ews/exchange.asmx", "", 500, EXPL_ATTEMPTED, "answered 500" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/mapi/emsmdb/", "", 200, EXPL_SUCCEEDED, "MAPI" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/powershell/", "", 200, EXPL_SUCCEEDED, "PowerShell" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/ecp/ddi/ddiservice.svc/getobject", "", 200, EXPL_SUCCEEDED, "DDI" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/autodiscover/autodiscover.xml", "", 200, EXPL_ATTEMPTED, "Autodiscover alone, whatever the rule claims" },
    { R_FORGED_OK, FAM_HTTPPROXY, "exch01", "/rpc/", "", 200, EXPL_ATTEMPTED, "not in the list of what proves" },
    { R_FORGED_TRY, FAM_HTTPPROXY, "exch01", "/ews/exchange.asmx", "", 200, EXPL_ATTEMPTED, "the rule claims no more" },
    { R_SESSION, FAM_HTTPPROXY, "exch01", "/ecp/proxylogon.ecp", "", 241, EXPL_SUCCEEDED, "proxyLogon.ecp answered 241" },
    { R_SESSION, FAM_HTTPPROXY, "exch01", "/ecp/proxylogon.ecp", "", 200, EXPL_ATTEMPTED, "without 241 no session" },
    { R_SESSION, FAM_IIS_BACK, "", "", "BAKERY\\EXCH01$", 241, EXPL_SUCCEEDED, "I5: a machine account in the back end's log" },
    { R_SESSION, FAM_IIS_BACK, "", "", "BAKERY\\anna", 241, EXPL_ATTEMPTED, "I5 needs a machine account" },
    { R_RESET, FAM_IIS_BACK, "", "", "BAKERY\\EXCH01$", 200, EXPL_SUCCEEDED, "I3" },
    { R_RESET, FAM_IIS_BACK, "", "", "", 200, EXPL_ATTEMPTED, "I3 without an account" },
    { R_RESET, FAM_IIS_FRONT, "", "", "BAKERY\\EXCH01$", 200, EXPL_ATTEMPTED, "I4: the front end's log alone proves nothing" },
    { R_FORGED_OK, FAM_HTTPPROXY, "localhost", "/ews/exchange.asmx", "", 200, EXPL_ATTEMPTED, "aimed at localhost" },
    { R_FORGED_OK, FAM_HTTPPROXY, "a]@localhost:444", "/ecp/ddi/ddiservice.svc/getobject", "", 200, EXPL_ATTEMPTED, "localhost behind decoration" },
    { R_RESET, FAM_HTTPPROXY, "localhost", "/ecp/ddi/ddiservice.svc/setobject", "", 200, EXPL_SUCCEEDED, "localhost with a SetObject 200" },
    { R_SESSION, FAM_HTTPPROXY, "localhost", "/ecp/proxylogon.ecp", "", 241, EXPL_SUCCEEDED, "localhost with a 241" },
    { R_RESET, FAM_HTTPPROXY, "localhost", "/ecp/ddi/ddiservice.svc/setobject", "", 500, EXPL_ATTEMPTED, "localhost with a SetObject 500" },
    { R_DROP, FAM_ECP_SERVER, "", "", "", 0, EXPL_SUCCEEDED, "ECP rule B" },
    { R_CHAIN, FAM_ECP_SERVER, "", "", "", 0, EXPL_SUCCEEDED, "A with C or E, as a chain" },
    { R_OAB, FAM_OAB_GENERATOR, "", "", "", 0, EXPL_SUCCEEDED, "OAB download to a foreign path" },
    { R_MAIL, FAM_HTTPPROXY, "exch01", "/ews/exchange.asmx", "", 200, EXPL_SUCCEEDED, "mail read is a forged EWS request as well" },
    { R_MAIL, FAM_HTTPPROXY, "localhost", "/ews/exchange.asmx", "", 200, EXPL_ATTEMPTED, "mail of localhost" },
    { R_MAIL, FAM_EWS, "", "", "BAKERY\\EXCH01$", 200, EXPL_NONE_SEEN, "the EWS log supports, it does not prove" },
    { R_PROBE, FAM_HTTPPROXY, "localhost", "/ecp/default.flt", "", 500, EXPL_ATTEMPTED, "a probe stays an attempt" },
    { R_SUPPORT, FAM_IIS_FRONT, "", "", "", 200, EXPL_NONE_SEEN, "a support proves nothing alone" },
    { R_HINT, FAM_IIS_FRONT, "", "", "", 200, EXPL_ATTEMPTED, "I1, I2 with POST: an attempt, whatever the answer" },
    { R_REVIEW, FAM_IIS_FRONT, "", "", "", 200, EXPL_NONE_SEEN, "review moves nothing" },
};

static void test_succeeded(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(reaches); i++) {
        struct fx  *f = fx_new();
        struct hit *h = fx_hit(f, reaches[i].rule, f->rule[reaches[i].rule].sign, reaches[i].family, N_HTTPPROXY, at(1));
        h->client      = STR("198.51.100.23");
        h->target_host = str_c(reaches[i].host);
        h->target_path = str_c(reaches[i].path);
        h->account     = str_c(reaches[i].account);
        h->status      = reaches[i].status;
        fx_judge(f);
        if (f->r.campaign.exploitation.state != reaches[i].want)
            fail_msg("%s: %s", reaches[i].why, exploit_name(f->r.campaign.exploitation.state));
        CHECK_WHY(f->r.campaign.exploitation.findings.n == (reaches[i].want != EXPL_NONE_SEEN), reaches[i].why);
        fx_free(f);
    }
}

/* A dropped page proves the entry, unless it came outside the window or the server is not affected. */
static void test_dropped_page(void **state)
{
    static const struct { int64_t created, patched; enum exploit_state want; const char *why; } c[] = {
        { 0, 0, EXPL_SUCCEEDED, "inside the window" }, { 1, 0, EXPL_SUCCEEDED, "of unknown age" },
        { 2, 0, EXPL_NONE_SEEN, "older than the campaign" }, { 3, 1, EXPL_NONE_SEEN, "younger than the patch" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        int64_t t[] = { at(30), TIME_NONE, FX_FROM - TIME_DAY, day(5) };
        fx_page(f, t[c[i].created]);
        if (c[i].patched)
            fx_patched(f, day(2));
        fx_judge(f);
        CHECK_WHY(f->r.campaign.exploitation.state == c[i].want, c[i].why);
        CHECK_WHY(f->r.campaign.verdict == V_BACK_DOOR, c[i].why);
        fx_free(f);
    }
}

/* --- theft ---------------------------------------------------------------------------------------------------- */

static void test_theft(void **state)
{
    static const struct { uint64_t bytes[3]; enum theft_state want; const char *why; } c[] = {
        { { 1000000 }, THEFT_SEEN, "exactly 1,000,000" }, { { 999999 }, THEFT_SUSPECTED, "one byte less" },
        { { 400000, 400000, 200000 }, THEFT_SEEN, "a sum over requests" }, { { 0 }, THEFT_SUSPECTED, "nothing measured" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct fx *f = fx_new();
        for (int k = 0; k < 3 && (k == 0 || c[i].bytes[k]); k++) {
            struct hit *h = fx_forged(f, R_MAIL, "198.51.100.23", "/ews/exchange.asmx", 200, at(100.0 * k));
            h->mailbox = str_c(k == 2 ? "b@bakery.example" : "a@bakery.example");
            h->response_bytes = c[i].bytes[k];
        }
        fx_judge(f);
        CHECK_WHY(f->r.campaign.theft.state == c[i].want, c[i].why);
        CHECK_WHY(f->r.campaign.theft.item_n == (c[i].bytes[2] ? 2u : 1u), c[i].why);
        CHECK_WHY(f->r.campaign.verdict == V_EXPLOITED, c[i].why);
        fx_free(f);
    }
}

/* Two rules over one row, and two logs over one answer, are one reading. */
static void test_theft_once(void **state)
{
    (void)state;
    struct fx  *f = fx_new();
    struct hit *h = fx_forged(f, R_MAIL, "198.51.100.23", "/ews/exchange.asmx", 200, at(1));
    h->response_bytes = 600000;
    struct hit *again = &f->hit[f->d.hit_n++];
    *again = *h;
    again->method = STR("GET");
    struct hit *back = fx_hit(f, R_MAIL, SIGN_MAIL_READ, FAM_IIS_BACK, N_IIS_BACK, at(1));
    back->account = STR("BAKERY\\EXCH01$");
    back->status = 200;
    back->response_bytes = 600000;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_SUSPECTED);
    fx_free(f);
}

static void test_loot(void **state)
{
    (void)state;
    struct fx *f = fx_new();                      /* an ordinary download from a web folder is nobody's theft */
    struct hit *h = fx_request(f, R_LOOT, "203.0.113.9", "GET", "/aspnet_client/logo.gif", 200, at(5));
    h->sign = SIGN_LOOT;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_NONE_SEEN && f->r.campaign.verdict == V_NO_TRACE);
    fx_free(f);

    f = fx_new();                                 /* staged: suspected */
    fx_fact(f, FILE_FACT_LOOT, "C:\\inetpub\\wwwroot\\aspnet_client\\it.zip", "/aspnet_client/it.zip")->bytes = 77;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_SUSPECTED && f->r.campaign.theft.item_n == 1 && f->r.campaign.theft.item[0].bytes == 77);
    h = fx_request(f, R_LOOT, "203.0.113.9", "GET", "/aspnet_client/it.zip", 200, at(5));      /* fetched: seen */
    h->sign = SIGN_LOOT;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_SEEN && f->r.intruder_n == 1);
    CHECK(f->r.campaign.verdict == V_EXPLOITED);  /* data that left is never called "no trace" */
    h->status = 404;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_SUSPECTED && f->r.intruder_n == 0);
    fx_free(f);

    f = fx_new();                                 /* a credential dump is exposed_secret, not theft */
    fx_fact(f, FILE_FACT_SECRET, "C:\\inetpub\\wwwroot\\aspnet_client\\a.dmp", "/aspnet_client/a.dmp")->state = THING_PRESENT;
    h = fx_request(f, R_LOOT, "203.0.113.9", "GET", "/aspnet_client/a.dmp", 200, at(5));
    h->sign = SIGN_LOOT;
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_NONE_SEEN && f->r.campaign.open == OPEN_YES);
    CHECK_STR(f->r.way_back[0].state, STR("exposed"));
    fx_free(f);
}

/* An export that was ordered: suspected where somebody got in, an administrator's otherwise. */
static void test_export(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    f->rule[R_SUPPORT].axis  = AXIS_THEFT;
    f->rule[R_SUPPORT].state = STR("suspected");
    fx_hit(f, R_SUPPORT, SIGN_SUPPORT, FAM_CMDLET, N_MORE, at(5))->path = STR("C:\\a.pst");
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_NONE_SEEN && f->r.campaign.verdict == V_NO_TRACE);
    fx_forged(f, R_FORGED_OK, "a", "/powershell", 200, at(4));
    fx_judge(f);
    CHECK(f->r.campaign.theft.state == THEFT_SUSPECTED && f->r.campaign.theft.item_n == 1);
    CHECK_STR(f->r.campaign.theft.item[0].what, STR("export"));
    fx_free(f);
}

/* --- why, other servers, pivot -------------------------------------------------------------------------------- */

static bool why_has(const struct report *r, const char *part)
{
    for (size_t i = 0; i < r->campaign.why.n; i++)
        if (str_has(r->campaign.why.item[i], str_c(part)))
            return true;
    return false;
}

static void test_why(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    prep_attempt_no_logs(f);
    fx_judge(f);
    CHECK(why_has(&f->r, "does not cover") && why_has(&f->r, "tried without a sign of success"));
    CHECK(str_has(f->r.campaign.why.item[0], STR("does not cover")));
    fx_free(f);

    f = fx_new();
    prep_page_used(f);
    fx_judge(f);
    CHECK(str_has(f->r.campaign.why.item[0], STR("was used: 1 request was answered")));
    fx_free(f);
}

static void test_other_servers(void **state)
{
    static const char *const host[] = { "EXCH02", "a]@exch02:444", "exch01.bakery.example", "localhost", "127.0.0.1", "192.0.2.10", "not a name", "-" };
    (void)state;
    struct fx *f = fx_new();
    for (size_t i = 0; i < COUNT_OF(host); i++)
        fx_forged(f, R_FORGED_TRY, "198.51.100.23", "/ews/", 500, at((double)i))->target_host = str_c(host[i]);
    fx_judge(f);
    CHECK(f->r.other_n == 1 && f->r.other[0].findings.n == 2);
    CHECK_STR(f->r.other[0].name, STR("exch02"));
    fx_free(f);
}

static void test_pivot(void **state)
{
    (void)state;
    struct fx *f = fx_new();
    struct pivot p;
    struct err e = { 0 };

    fx_forged(f, R_FORGED_OK, "198.51.100.23", "/ews/exchange.asmx", 200, at(1))->canary = STR("c1");
    fx_forged(f, R_FORGED_TRY, "203.0.113.9", "/ews/exchange.asmx", 500, at(2))->canary = STR("c2");
    f->hit[1].user_agent = STR("another");                    /* with the same one it would go on where the first stopped */
    fx_forged(f, R_FORGED_OK, "127.0.0.1", "/ews/exchange.asmx", 200, at(3));
    prep_page(f);
    fx_request(f, RULE_LEARNT, "198.51.100.77", "POST", FX_URL, 200, at(60));
    fx_request(f, RULE_LEARNT, "203.0.113.10", "GET", FX_URL, 200, at(61));
    struct arena a = f->mem.a;
    CHECK(verdict_pivot(&f->d, &a, &p, &e));
    CHECK(p.clients.n == 2 && p.canaries.n == 1);
    CHECK_STR(p.clients.item[0], STR("198.51.100.23"));
    CHECK_STR(p.clients.item[1], STR("198.51.100.77"));
    CHECK_STR(p.canaries.item[0], STR("c1"));
    fx_free(f);
}

/* --- the whole: order and memory ------------------------------------------------------------------------------ */

static void prep_rich(struct fx *f)
{
    static const double minute[] = { 10, 11, 12, 13, 40, 200, 4000 };

    for (size_t i = 0; i < 4; i++) {
        struct hit *h = fx_forged(f, i == 3 ? R_RESET : R_FORGED_OK, "198.51.100.23", i == 3 ? "/ecp/ddi/ddiservice.svc/setobject" : "/ews/exchange.asmx", 200, at(minute[i]));
        h->canary = STR("c1");
        h->target_host = i == 1 ? STR("exch02") : STR("exch01");
    }
    fx_forged(f, R_PROBE, "203.0.113.9", "/ecp/default.flt", 500, at(20))->target_host = STR("localhost");
    fx_page(f, at(13.2));
    for (size_t i = 4; i < COUNT_OF(minute); i++)
        fx_request(f, RULE_LEARNT, i == 6 ? "198.51.100.99" : "198.51.100.23", "POST", FX_URL, 200, at(minute[i]));
    fx_request(f, R_PAGE, "203.0.113.9", "GET", "/aspnet_client/z.aspx", 404, at(50));
    fx_fact(f, FILE_FACT_PAGE_LEFT, FX_PATH, FX_URL)->cite.node = N_LEFT;
    fx_fact(f, FILE_FACT_WAY_BACK, "C:\\w.dll", "")->what = STR("iis_module");
    fx_fact(f, FILE_FACT_SECRET, "C:\\Windows\\Temp\\a.dmp", "")->state = THING_PRESENT;
    fx_fact(f, FILE_FACT_LOOT, "C:\\ProgramData\\it.zip", "")->bytes = 5;
    prep_admin(f);
}

static void describe(const struct report *r, char *out, size_t cap)
{
    size_t n = 0;
#define PUT(...) (n += (size_t)snprintf(out + n, n < cap ? cap - n : 0, __VA_ARGS__))
    PUT("%s %s %s\n", verdict_name(r->campaign.verdict), open_name(r->campaign.open), use_name(r->campaign.use.state));
    for (size_t i = 0; i < r->finding_n; i++) {
        const struct finding *f = &r->finding[i];
        PUT("%s %.*s %.*s %d %.*s x%llu s%d p%d %02x%02x n%u\n", f->id, STR_ARG(f->detector), STR_ARG(f->why), (int)f->axis, STR_ARG(f->axis_state),
            (unsigned long long)f->count, (int)f->session, f->probe, f->key[0], f->key[15], f->evidence[0].node);
    }
    for (size_t i = 0; i < r->session_n; i++)
        PUT("S %d %lld %zu %d\n", (int)r->session[i].intruder, (long long)r->session[i].first_us, r->session[i].findings.n, r->session[i].succeeded);
    for (size_t i = 0; i < r->timeline_n; i++)
        PUT("T %lld %u %.*s\n", (long long)r->timeline[i].time_us, r->timeline[i].finding, STR_ARG(r->timeline[i].text));
    for (size_t i = 0; i < r->campaign.why.n; i++)
        PUT("W %.*s\n", STR_ARG(r->campaign.why.item[i]));
    for (size_t i = 0; i < r->campaign.step_n; i++)
        PUT("N %.*s %zu\n", STR_ARG(r->campaign.step[i].id), r->campaign.step[i].because.n);
#undef PUT
    CHECK(n < cap);
}

static void test_order(void **state)
{
    static char want[1 << 16], got[1 << 16];
    uint32_t x = 12345;

    (void)state;
    struct fx *f = fx_new();
    prep_rich(f);
    fx_judge(f);
    describe(&f->r, want, sizeof want);
    for (int round = 0; round < 50; round++) {
        for (size_t i = f->d.hit_n; i > 1; i--) {
            size_t k = (x = x * 1664525 + 1013904223) % i;
            struct hit t = f->hit[i - 1];
            f->hit[i - 1] = f->hit[k];
            f->hit[k] = t;
        }
        for (size_t i = f->d.fact_n; i > 1; i--) {
            size_t k = (x = x * 1664525 + 1013904223) % i;
            struct file_fact t = f->fact[i - 1];
            f->fact[i - 1] = f->fact[k];
            f->fact[k] = t;
        }
        fx_judge(f);
        describe(&f->r, got, sizeof got);
        assert_string_equal(want, got);
    }
    fx_free(f);
}

static bool sweep_make(struct arena *a, struct err *e)
{
    struct fx *f = fx_new();
    struct guidance guide[] = { { STR("isolate"), STR("Isolate"), STR("- {client}\nGet '{path}'\n") }, { STR("patch"), STR("Patch"), STR("{kb}") } };
    f->pack.guide   = guide;
    f->pack.guide_n = COUNT_OF(guide);
    prep_rich(f);
    bool ok = verdict_make(&f->r, &f->d, a, e);
    fx_free(f);
    return ok;
}

static bool sweep_pivot(struct arena *a, struct err *e)
{
    struct fx *f = fx_new();
    struct pivot p;
    prep_rich(f);
    bool ok = verdict_pivot(&f->d, a, &p, e);
    fx_free(f);
    return ok;
}

static void test_memory(void **state)
{
    (void)state;
    fault_sweep(sweep_make, 1 << 20);
    fault_sweep(sweep_pivot, 1 << 20);
}

static void test_names(void **state)
{
    (void)state;
    static const int code[] = { 0, 4, 3, 5, 6, 7, 7 };
    for (int v = V_NO_TRACE; v <= V_BEYOND_SERVER; v++) {
        CHECK(verdict_exit_code((enum verdict_word)v) == code[v]);
        CHECK(verdict_headline((enum verdict_word)v)[0]);
    }
    assert_string_equal(verdict_name(V_BACK_DOOR_USED), "back_door_used");
    assert_string_equal(exposure_name(EXP_CANNOT_TELL), "cannot_tell");
    assert_string_equal(use_word_name(USED_NO_EVIDENCE), "no_evidence_available");
    assert_string_equal(open_name(OPEN_UNPROVEN), "unproven");
    assert_string_equal(covered_name(COVERED_PARTLY), "partly");
    assert_string_equal(thing_name(THING_REMOVED), "removed");
    assert_string_equal(reach_name(REACH_YES), "yes");
    assert_string_equal(theft_name(THEFT_SEEN), "seen");
    assert_string_equal(door_name(DOOR_UNKNOWN), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words), cmocka_unit_test(test_succeeded), cmocka_unit_test(test_dropped_page), cmocka_unit_test(test_theft),
        cmocka_unit_test(test_theft_once), cmocka_unit_test(test_loot), cmocka_unit_test(test_export), cmocka_unit_test(test_why), cmocka_unit_test(test_other_servers),
        cmocka_unit_test(test_pivot), cmocka_unit_test(test_order), cmocka_unit_test(test_memory), cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
