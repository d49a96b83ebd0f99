/* What a literal costs: by where it stands in the beginnings of a family's logs, and nothing else. */
#include "test.h"

#include "base/num.h"
#include "detect/sample.h"
#include "os/mem.h"

static const char head[] = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs(Referer)\r\n";
static const char rows[] = "2021-03-03 07:02:11 192.0.2.10 GET /owa/auth/logon.aspx - -\r\n2021-03-03 07:02:12 192.0.2.10 GET /owa/ - https://mail.example.com/owa/auth/logon.aspx?a=1\r\n"
                           "2021-03-03 07:02:13 192.0.2.10 POST /EWS/Exchange.asmx q=.aspx /ews/\r\n2021-03-03 07:02:14 192.0.2.10\r\n";

static const struct { const char *lit; bool of_stem; uint64_t occurrences, candidates; const char *why; } cases[] = {
    { ".aspx", true, 3, 1, "once in a stem, once in a referer, once in a query" },
    { ".aspx", false, 3, 3, "of another field each counts" },
    { "/EWS/", true, 2, 1, "without regard to case" },
    { "/owa/auth/", true, 2, 1, "once in a stem" },
    { "nowhere", true, 0, 0, "not met" },
};

static void costs_by_place(void **state)
{
    struct test_arena a = test_arena(24u << 20), room = test_arena(24u << 20);
    struct os_mem    *m = os_mem_open(&a.a, 0);
    struct str        root = STR("/case"), body = str_cat(&a.a, str_c(head), str_c(rows));
    struct err        e = { 0 };
    struct ev         ev;
    struct sample     s;

    (void)state;
    for (unsigned i = 0; i < 3; i++)                       /* every log counts the same */
        CHECK(os_mem_add(m, (const char *)str_fmt(&a.a, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex21030%u.log%c", i + 1, 0).p, body));
    CHECK(ev_open(&ev, &m->os, &a.a, &root, 1, &e) && sample_open(&s, &ev, FAM_IIS_FRONT, &room.a) && s.log_n == 3);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        CHECK(sample_cost(&s, str_c(cases[i].lit), cases[i].of_stem) == 0);      /* noted */
    sample_count(&s);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t want = 3 * (cases[i].occurrences + SAMPLE_IN_ROW * cases[i].candidates), is = sample_cost(&s, str_c(cases[i].lit), cases[i].of_stem);
        if (is != want)
            fail_msg("%s: %llu, not %llu (%s)", cases[i].lit, (unsigned long long)is, (unsigned long long)want, cases[i].why);
    }
    CHECK(sample_cost(&s, STR("never asked about"), true) == 0);
    CHECK(!sample_open(&s, &ev, FAM_IIS_BACK, &room.a));   /* no log of that family */
    ev_close(&ev);
    test_arena_free(&a);
    test_arena_free(&room);
}

static void little_room(void **state)
{
    (void)state;
    for (size_t n = 0; n < 12u << 20; n += 400000) {       /* measured or not, never more than that */
        struct test_arena a = test_arena(24u << 20), room = test_arena(n);
        struct os_mem    *m = os_mem_open(&a.a, 0);
        struct str        root = STR("/case"), body = str_cat(&a.a, str_c(head), str_c(rows));
        struct err        e = { 0 };
        struct ev         ev;
        struct sample     s;
        CHECK(os_mem_add(m, "/case/C/inetpub/logs/LogFiles/W3SVC1/u_ex210301.log", body) && ev_open(&ev, &m->os, &a.a, &root, 1, &e));
        if (sample_open(&s, &ev, FAM_IIS_FRONT, &room.a)) {
            sample_cost(&s, STR(".aspx"), true);
            sample_count(&s);
            uint64_t is = sample_cost(&s, STR(".aspx"), true);
            CHECK(is == 0 || is == 3 + SAMPLE_IN_ROW);
        }
        ev_close(&ev);
        test_arena_free(&a);
        test_arena_free(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(costs_by_place), cmocka_unit_test(little_room) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
