#include "test.h"

#include "formats/compiled.h"

#define GOOD "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<preserve resultType=\"3\" virtualPath=\"/aspnet_client/x.aspx\" hash=\"fffffff1\" " \
    "filehash=\"ab\" flags=\"110000\" assembly=\"App_Web_q1w2e3r4\" type=\"ASP.aspnet_client_x_aspx\">\r\n  <filedeps>\r\n" \
    "    <filedep name=\"/aspnet_client/x.aspx\" />\r\n    <filedep name=\"/aspnet_client/y.ascx\" />\r\n  </filedeps>\r\n</preserve>"

static void test_good(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct compiled   c;
    struct err        e = { 0 };
    struct str        in = TEST_HEAP(GOOD);

    (void)state;
    CHECK(compiled_parse(&c, &t.a, in, &e));
    CHECK_STR(c.virtual_path, STR("/aspnet_client/x.aspx"));
    CHECK_STR(c.assembly, STR("App_Web_q1w2e3r4"));
    CHECK_STR(c.file_hash, STR("ab"));
    CHECK(c.dep_n == 2 && !c.damaged);
    CHECK_STR(c.dep[1], STR("/aspnet_client/y.ascx"));
    test_free(in);

    in = TEST_HEAP("<preserve virtualPath='/x.aspx' assembly='A'><filedeps><filedep na");
    CHECK(compiled_parse(&c, &t.a, in, &e));
    CHECK(c.damaged);
    test_free(in);
    test_arena_free(&t);
}

static void test_not_one(void **state)
{
    static const char *const in[] = { "", "MZ", "<configuration/>", "<preserve/>", "<preserve virtualPath=''/>" };
    (void)state;
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        struct test_arena t = test_arena(1 << 20);
        struct compiled   c;
        struct err        e = { 0 };
        CHECK_WHY(!compiled_parse(&c, &t.a, str_c(in[i]), &e) && e.kind == ERR_FORMAT, in[i]);
        test_arena_free(&t);
    }
}

static bool sweep(struct arena *a, struct err *e)
{
    struct compiled c;
    return compiled_parse(&c, a, STR(GOOD), e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_not_one), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
