#include "test.h"

#include "formats/agents.h"

#define GOOD "<configuration><mexRuntime><monitoring/><agentList>" \
    "<agent name=\"Transport Rule Agent\" baseType=\"RoutingAgent\" classFactory=\"M.F\" assemblyPath=\"D:\\Ex\\TransportRoles\\agents\\Rule\\R.dll\" enabled=\"true\"/>" \
    "<agent name=\"Helper\" baseType=\"SmtpReceiveAgent\" classFactory=\"H.F\" assemblyPath=\"C:\\ProgramData\\h.dll\" enabled=\"false\"/>" \
    "</agentList></mexRuntime></configuration>"

static void test_good(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct agents     g;
    struct err        e = { 0 };
    struct str        in = TEST_HEAP(GOOD);

    (void)state;
    CHECK(agents_parse(&g, &t.a, in, &e));
    CHECK(g.n == 2 && g.agent[0].enabled && !g.agent[1].enabled && !g.damaged);
    CHECK_STR(g.agent[1].assembly_path, STR("C:\\ProgramData\\h.dll"));
    CHECK(agents_parse(&g, &t.a, STR("<mexRuntime><agentList/></mexRuntime>"), &e) && g.n == 0);
    CHECK(!agents_parse(&g, &t.a, STR("<mexRuntime/>"), &e) && e.kind == ERR_FORMAT);
    test_free(in);
    test_arena_free(&t);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct agents g;
    return agents_parse(&g, a, STR(GOOD), e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_good), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
