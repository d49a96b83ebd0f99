#include "report/support_test.h"

static void moods(void **state)
{
    (void)state;
    every_mood(report_misp_write);
}

static bool work(struct arena *a, struct err *e) { return draw_into_nothing(report_misp_write, a, e); }

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(work, 8 << 20);
}

static void event(void **state)
{
    struct drawn d = draw(FIX_FULL, report_misp_write);

    (void)state;
    CHECK(str_has(d.text, STR("\"info\": \"Back door, used: exch01.bakery.example\",\n    \"date\": \"2021-03-12\",\n    \"timestamp\": \"1615521600\",\n"
                              "    \"publish_timestamp\": \"0\",\n    \"published\": false,")));
    CHECK(str_has(d.text, STR("\"name\": \"tlp:amber\"")));
    CHECK(str_has(d.text, STR("\"value\": \"198.51.100.23\",\n        \"to_ids\": true")));
    CHECK(str_has(d.text, STR("\"value\": \"python-requests/2.25.1\",\n        \"to_ids\": false")));
    CHECK(str_has(d.text, STR("\"value\": \"exch01.bakery.example\",\n        \"to_ids\": false")));
    CHECK(str_has(d.text, STR("\"value\": \"discover.aspx\",\n            \"to_ids\": false")));
    CHECK(count_of(d.text, STR("\"to_ids\": true")) == 4);                  /* three addresses, one hash */
    drawn_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moods), cmocka_unit_test(event), cmocka_unit_test(memory_runs_out) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
