#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_ecs_write);
}

static bool work(struct arena *a, struct err *e) { return draw_into_nothing(report_ecs_write, a, e); }

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

static void lines(void **state)
{
    struct drawn d = draw(FIX_FULL, report_ecs_write);

    (void)state;
    CHECK(str_starts(d.text, STR("{\"@timestamp\": \"2021-03-12T04:00:00Z\", \"ecs\": {\"version\": \"9.0.0\"}, ")));
    /* The verdict, every finding once, every family. */
    CHECK(count_of(d.text, STR("\n")) == 1 + d.x->r.finding_n + FAM_COUNT - 1);
    CHECK(count_of(d.text, STR("{\"@timestamp\": ")) == count_of(d.text, STR("\n")));
    CHECK(str_has(d.text, STR("\"action\": \"exploitation-succeeded\", \"outcome\": \"success\", \"severity\": 99")));
    CHECK(count_of(d.text, STR("\"kind\": \"state\"")) == FAM_COUNT);
    CHECK(str_ends(d.text, STR("}}\n")));
    drawn_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moods), cmocka_unit_test(lines), cmocka_unit_test(memory_runs_out) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
