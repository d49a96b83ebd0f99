#include "verdict/fixture.h"

#include <stdio.h>

static void prep_nothing(struct fx *f) { (void)f; }
static void prep_used(struct fx *f)
{
    fx_page(f, at(30));
    fx_request(f, RULE_LEARNT, "198.51.100.23", "POST", FX_URL, 200, at(40));
}
static void prep_came_back(struct fx *f) { prep_used(f); fx_request(f, RULE_LEARNT, "198.51.100.23", "POST", FX_URL, 200, at(300)); }
static void prep_known_from_logs(struct fx *f) { fx_request(f, RULE_LEARNT, "198.51.100.23", "POST", "/aspnet_client/y.aspx", 200, at(40)); }
static void prep_beyond(struct fx *f) { prep_used(f); fx_hit(f, R_BEYOND, SIGN_PIVOT, FAM_EVTX_SECURITY, N_MORE, at(70)); }
static void prep_mail(struct fx *f) { fx_forged(f, R_MAIL, "198.51.100.23", "/ews/exchange.asmx", 200, at(10))->response_bytes = 2000000; }
static void prep_way(struct fx *f)
{
    struct file_fact *x = fx_fact(f, FILE_FACT_WAY_BACK, "C:\\w", "/hidden");

    x->state = THING_PRESENT;
    x->what  = STR("virtual_directory");
    x->name  = STR("hidden");
    fx_request(f, R_PAGE, "198.51.100.23", "POST", "/hidden/a.aspx", 200, at(40));
}
static void prep_ransom(struct fx *f) { fx_fact(f, FILE_FACT_RANSOM, "C:\\readme.txt", ""); }
static void prep_tool(struct fx *f) { fx_fact(f, FILE_FACT_TOOL, "C:\\root\\p.exe", ""); }
static void prep_no_web_roots(struct fx *f) { f->d.seen[FAM_WEB_ROOTS] = (struct seen){ 0 }; }
static void prep_front_only(struct fx *f) { f->d.seen[FAM_HTTPPROXY] = f->d.seen[FAM_IIS_BACK] = (struct seen){ 0 }; }
static void prep_many(struct fx *f)
{
    for (int i = 0; i < 6; i++)
        fx_forged(f, R_FORGED_OK, "198.51.100.23", "/mapi/emsmdb/", 200, at(70.0 * i))->url = i < 5 ? STR("/ecp/y.js") : STR("/ecp/z.js");
    fx_forged(f, R_RESET, "198.51.100.23", "/ecp/ddi/ddiservice.svc/setobject", 200, at(500));
}

static const struct {
    void (*prep)(struct fx *);
    const char *first, *has, *not;
    const char *why;
} cases[] = {
    { prep_nothing, "cover the whole time", "not patched and can be entered today.", "(F", "nothing is cited where there is no finding" },
    { prep_used, "was used: 1 request was answered", "from 1 address (F0002).", NULL, "a use cites the requests" },
    { prep_used, NULL, "A back door is present: " FX_PATH " (F0001).", NULL, "a page cites what proves it" },
    { prep_used, NULL, "exploited with success at 2021-03-03T00:30:00Z (F0001).", NULL, "so does the entry that it proves" },
    { prep_came_back, NULL, "the one that placed it (F0003).", NULL, "only the later visit is cited for coming back" },
    { prep_known_from_logs, NULL, "its folder was not collected: /aspnet_client/y.aspx (F0001)", NULL, "known by its use alone: then that is cited" },
    { prep_beyond, "another machine was recorded (F0003).", "was used", NULL, "beyond the server stands first" },
    { prep_mail, "Data was taken: 1 item, 2000000 bytes in all (F0001).", NULL, NULL, "theft" },
    { prep_way, "A way back in was used: virtual directory hidden, C:\\w (F0001).", "A way back in is present: virtual directory hidden, C:\\w (F0002).", NULL, "a way back that was used is named" },
    { prep_ransom, "Traces of ransomware are on the server (F0001).", NULL, NULL, "ransomware" },
    { prep_tool, "lie on the server (F0001).", NULL, NULL, "tools" },
    { prep_many, "exploited with success", "(F0001, F0002, F0007 and 4 more).", NULL, "the gravest, then the earliest, in their own order; the rest is counted" },
    { prep_no_web_roots, NULL, ": pages that IIS serves (missing).", "IIS log", "what is needed for nothing is not called missing" },
    { prep_front_only, NULL, "Exchange HttpProxy log (missing), and what could stand in for it, IIS log, back end (missing).", "front end", "either family would do" },
};

static void test_sentences(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fx *f = fx_new();
        bool has = !cases[i].has, not = false;

        cases[i].prep(f);
        fx_judge(f);
        const struct str_list *why = &f->r.campaign.why;
        CHECK_WHY(why->n > 0, cases[i].why);
        for (size_t k = 0; k < why->n; k++) {
            has |= cases[i].has && str_has(why->item[k], str_c(cases[i].has));
            not |= cases[i].not && str_has(why->item[k], str_c(cases[i].not));
        }
        if (!has || not || (cases[i].first && !str_has(why->item[0], str_c(cases[i].first)))) {
            for (size_t k = 0; k < why->n; k++)
                fprintf(stderr, "  %.*s\n", STR_ARG(why->item[k]));
            fail_msg("%s", cases[i].why);
        }
        fx_free(f);
    }
}

/* Contract: nothing in the report contains the body of a web shell, wherever a client wrote it. */
static void test_no_script(void **state)
{
    static const char body[] = "a<" "%x%>";
    (void)state;
    struct fx  *f = fx_new();
    struct hit *h = fx_forged(f, R_MAIL, body, "/ews/exchange.asmx", 200, at(10));

    h->user_agent = h->mailbox = h->key = str_c(body);
    fx_request(f, RULE_LEARNT, body, "POST", "/aspnet_client/<" "%x%>.aspx", 200, at(40));
    fx_judge(f);
    CHECK(f->r.intruder_n == 1 && f->r.session_n == 1 && f->r.back_door_n == 1 && f->r.campaign.theft.item_n == 1);
    CHECK_STR(f->r.intruder[0].clients.item[0], STR("a<..."));
    CHECK_STR(f->r.intruder[0].user_agents.item[1], STR("a<..."));
    CHECK_STR(f->r.intruder[0].keys.item[0], STR("a<..."));
    CHECK_STR(f->r.session[0].clients.item[0], STR("a<..."));
    CHECK_STR(f->r.back_door[0].use.clients.item[0], STR("a<..."));
    CHECK_STR(f->r.back_door[0].url, STR("/aspnet_client/<..."));
    CHECK_STR(f->r.campaign.theft.item[0].name, STR("a<..."));
    fx_free(f);
}

static bool work(struct arena *a, struct err *e)
{
    struct fx    *f  = fx_new();
    struct report r  = { .since_us = TIME_NONE, .until_us = TIME_NONE };
    bool          ok;

    prep_came_back(f);
    ok = verdict_make(&r, &f->d, a, e);
    fx_free(f);
    return ok;
}

static void test_faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(test_sentences), cmocka_unit_test(test_no_script), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
