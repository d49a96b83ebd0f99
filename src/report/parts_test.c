#include "report/support_test.h"

static void lookups(void **state)
{
    struct test_arena       a = test_arena(8 << 20);
    struct fixture         *x = fixture_make(&a.a, FIX_FULL);
    struct cover_row        blank;
    const struct cover_row *row;

    (void)state;
    CHECK(report_node(&x->r, 0) == &x->ev.node[0] && report_node(&x->r, (uint32_t)x->ev.node_n) == NULL && report_node(&x->r, REPORT_NONE) == NULL);
    CHECK(report_finding(&x->r, 1) == &x->r.finding[1] && report_finding(&x->r, REPORT_NONE) == NULL);
    CHECK(report_cover(&x->r, FAM_HTTPPROXY, &blank)->gap_n == 2);
    x->r.cover_n = 0;
    row = report_cover(&x->r, FAM_HTTPPROXY, &blank);
    CHECK(row == &blank && row->covers_window == COVERED_NO && !row->expected);
    CHECK(report_seen(&x->r, row) == &x->found.seen[FAM_HTTPPROXY]);
    CHECK_STR(report_server(&x->r), STR("exch01.bakery.example"));
    x->found.server.fqdn_n = 0;
    CHECK_STR(report_server(&x->r), STR("EXCH01"));
    CHECK(report_refused_more(&x->r) == 3);
    test_arena_free(&a);
}

static void forms(void **state)
{
    size_t n = 0;

    (void)state;
    for (; render_kinds[n]; n++) {
        CHECK(render_kinds[n]->write && render_kinds[n]->name[0] && render_kinds[n]->about[0]);
        CHECK(strchr(render_kinds[n]->file, '.') && !strchr(render_kinds[n]->file, '/'));
    }
    CHECK(n == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lookups), cmocka_unit_test(forms) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
