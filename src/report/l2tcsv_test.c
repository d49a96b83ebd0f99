#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_l2tcsv_write);
}

static bool work(struct arena *a, struct err *e) { return draw_into_nothing(report_l2tcsv_write, a, e); }

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

/* 17 columns a row, whatever the evidence holds. */
static void columns(void **state)
{
    (void)state;
    for (int k = 0; k < FIX_KINDS; k++) {
        struct drawn d = draw((enum fixture_kind)k, report_l2tcsv_write);
        struct str   rest = str_sub(d.text, 0, d.text.n - 1), line;      /* without the last line end */
        size_t       rows = 0;
        while (str_cut(&rest, '\n', &line)) {
            CHECK_WHY(count_of(line, STR(",")) == 16, fixture_name[k]);
            CHECK_WHY(!str_has(line, STR(",=")) && !str_has(line, STR(",@")) && str_chr(line, '"') == STR_NONE && str_chr(line, '\r') == STR_NONE, fixture_name[k]);
            rows++;
        }
        CHECK_WHY(rows >= 1, fixture_name[k]);
        drawn_free(&d);
    }
}

static void rows(void **state)
{
    struct drawn d = draw(FIX_FULL, report_l2tcsv_write);

    (void)state;
    CHECK(str_starts(d.text, STR("date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra\n03/03/2021,04:11:00,UTC,....,LOG,")));
    CHECK(str_has(d.text, STR(",2,D:\\Exch\\V15\\Logging\\HttpProxy\\Ecp\\HttpProxy_2021030304-1.LOG,-,F0002,afterpatch/sigma:proxylogon/httpproxy-ssrf,time_us: 000000; exploitation: succeeded;")));
    CHECK(count_of(d.text, STR("\n")) == 1 + d.x->r.timeline_n + 1);
    drawn_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moods), cmocka_unit_test(columns), cmocka_unit_test(rows), cmocka_unit_test(memory_runs_out) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
