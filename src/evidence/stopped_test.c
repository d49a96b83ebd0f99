#include "test.h"

#include "evidence/ev.h"
#include "os/guard.h"
#include "os/os.h"

#include <signal.h>

static struct ev_source sources[] = { { .given = STR_INIT("case/a.zip!/EXCH01") }, { .given = STR_INIT("case/a.zip!/EXCH02") } };

static void test_keys(void **state)
{
    static const struct { const char *why; struct ev_node a, b; bool same; } cases[] = {
        { "the same", { .below = STR_INIT("C/x.log") }, { .below = STR_INIT("C/x.log"), .id = 7, .size_bytes = 9 }, true },
        { "another source", { .below = STR_INIT("C/x.log") }, { .below = STR_INIT("C/x.log"), .source = 1 }, false },
        { "another file", { .below = STR_INIT("C/x.log") }, { .below = STR_INIT("C/y.log") }, false },
        { "the second of two entries of one name", { .below = STR_INIT("C/x.log"), .entry = STR_INIT("1") }, { .below = STR_INIT("C/x.log"), .entry = STR_INIT("2") }, false },
        { "names that run into each other", { .below = STR_INIT("ab"), .entry = STR_INIT("c") }, { .below = STR_INIT("a"), .entry = STR_INIT("bc") }, false },
        { "a name that looks like a length", { .below = STR_INIT("a1:"), .entry = STR_INIT("b") }, { .below = STR_INIT("a"), .entry = STR_INIT("1:b") }, false },
    };
    const struct ev v = { .source = sources, .source_n = 2 };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_WHY((ev_node_key(&v, &cases[i].a) == ev_node_key(&v, &cases[i].b)) == cases[i].same, cases[i].why);
}

static void test_told_once(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct ev         v = { .source = sources, .source_n = 2, .keep = &t.a };
    struct ev_node    n = { .path = STR("C:\\x.log"), .below = STR("C/x.log") };

    (void)state;
    CHECK(ev_node_enter(&v, &n) && !n.stopped && v.refused_n == 0);          /* without a guard nothing is barred */
    ev_node_leave(&v);
    ev_node_stopped(&v, &n);
    ev_node_stopped(&v, &n);
    CHECK(n.stopped && v.refused_n == 1);
    CHECK_STR(v.refused[0].what, STR("parser stopped"));
    CHECK_STR(v.refused[0].path, n.path);
    CHECK(v.refused[0].hint.n > 0);
    test_arena_free(&t);
}

/* Two nodes; the first brings its reader down. */
static int work(void *ctx, struct guard *g)
{
    struct ev     *v = ctx;
    struct ev_node n[2] = { { .path = STR("C:\\bad.log"), .below = STR("C/bad.log") }, { .path = STR("C:\\good.log"), .below = STR("C/good.log") } };
    int            code = 0;

    v->guard = g;
    for (int i = 0; i < 2; i++) {
        if (!ev_node_enter(v, &n[i]))
            continue;
        if (i == 0)
            raise(SIGSEGV);
        code |= 1 << i;
        ev_node_leave(v);
    }
    return code | (n[0].stopped && !n[1].stopped && v->refused_n == 1 ? 16 : 0) | (guard_restarts(g) == 2 ? 32 : 0);
}

static void test_guarded(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    struct ev            v = { .source = sources, .source_n = 2, .keep = &t.a };
    struct guard_options opt = { 0 };
    struct err           e = { 0 };
    int                  code = 0;

    (void)state;
    CHECK(guard_run(&opt, work, &v, &code, &e) && code == (2 | 16 | 32));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys), cmocka_unit_test(test_told_once), cmocka_unit_test(test_guarded) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
