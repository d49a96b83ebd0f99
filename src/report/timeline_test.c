#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_timeline_write);
}

static void rows(void **state)
{
    struct drawn d = draw(FIX_FULL, report_timeline_write);

    (void)state;
    CHECK(str_starts(d.text, STR("message,timestamp,datetime,timestamp_desc,hostname,data_type,path,source_ip,rule,verdict_role,tag\r\n"
                                 "Forged request through the front end reached the back end,1614744660000000,2021-03-03T04:11:00+00:00,Request received,"
                                 "exch01.bakery.example,afterpatch:httpproxy,D:\\Exch\\V15\\Logging\\HttpProxy\\Ecp\\HttpProxy_2021030304-1.LOG,198.51.100.23,"
                                 "sigma:proxylogon/httpproxy-ssrf,succeeded,\"[\"\"exploitation\"\", \"\"succeeded\"\", \"\"CVE-2021-26855\"\", \"\"T1190\"\"]\"\r\n")));
    CHECK(str_has(d.text, STR("A scanner looked whether the flaw was there,")));                 /* dated, and no part of the story */
    CHECK(!str_has(d.text, STR("The page discover.aspx is a back door")));                       /* undated */
    CHECK(count_of(d.text, STR("\r\n")) == 1 + d.x->r.timeline_n + 1);
    drawn_free(&d);
}

static bool work(struct arena *a, struct err *e)
{
    struct fault   *fault = a->fault;
    struct out     *o = malloc(sizeof *o);
    struct fixture *x;
    bool            ok;

    a->fault = NULL;                                   /* the fixture is not what is tested */
    x = fixture_make(a, FIX_FULL);
    a->fault = fault;
    out_open(o, swallow, NULL);
    ok = report_timeline_write(o, &x->r, *a, e);
    free(o);
    return ok;
}

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

static void a_long_message_is_cut_at_a_letter(void **state)
{
    struct test_arena a = test_arena(8 << 20);
    struct fixture   *x = fixture_make(&a.a, FIX_FULL);
    struct out_mem    m = { .a = &a.a };
    struct out       *o = malloc(sizeof *o);
    uint8_t          *big = NEW(&a.a, uint8_t, 40001);
    struct arena      scratch = { a.a.end - (1 << 20), a.a.end, NULL };
    struct err        e = { 0 };

    (void)state;
    a.a.end = scratch.beg;
    for (size_t i = 0; i < 40000; i += 2)
        memcpy(big + 1 + i, "\xC3\xA4", 2);
    big[0] = 'x';
    x->r.timeline[0].text = (struct str){ big, 40001 };
    out_open(o, out_mem_put, &m);
    CHECK(report_timeline_write(o, &x->r, scratch, &e));
    struct str text = out_mem_str(&m);
    size_t     from = str_find(text, STR("\nx")) + 1, n = str_chr(str_from(text, from), ',');
    CHECK(n == 31999 && utf8_valid(str_sub(text, from, from + n)));
    free(o);
    test_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moods),
        cmocka_unit_test(rows),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(a_long_message_is_cut_at_a_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
