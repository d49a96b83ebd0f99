#include "test.h"

#include "os/guard_inner.h"
#include "os/mem.h"
#include "os/steps.h"

static void test_hands_on(void **state)
{
    struct test_arena    t = test_arena(1 << 20), other = test_arena(1 << 16);
    struct guard_shared *shared = calloc(1, sizeof *shared);
    struct guard         g = { .shared = shared };
    struct os_mem       *m = os_mem_open(&t.a, 1000);
    struct err           e = { 0 };
    struct os_file       f = OS_FILE_NONE;
    struct os_entry     *list;
    struct os_stat       st;
    struct str           text;
    uint8_t              buf[8];
    uint64_t             size;
    size_t               n;

    (void)state;
    CHECK(m && os_mem_add(m, "/a/x", STR("0123")));
    os_mem_kind(m, STR("/a/link"), OS_LINK)->body = STR("x");
    CHECK(os_steps(&m->os, NULL, &t.a) == &m->os);
    struct os *os = os_steps(&m->os, &g, &t.a);
    CHECK(os && os != &m->os);
    CHECK(os->stat(os, STR("/a/x"), &st, &e) && st.size_bytes == 4);
    CHECK(os->list(os, STR("/a"), STR(""), &other.a, &list, &n, &e) && n == 2);
    CHECK(os->link(os, STR("/a"), STR("link"), &t.a, &text, &e));
    CHECK_STR(text, STR("x"));
    CHECK(os->open(os, STR("/a"), STR("x"), &f, &size, &e) && size == 4);
    uint64_t before = shared->steps;
    CHECK(os->read_at(os, f, 1, buf, sizeof buf, &n, &e) && n == 3 && buf[0] == '1');
    CHECK(shared->steps == before + 1);
    os->close(os, &f);
    CHECK(m->open_now == 0);
    CHECK(os->mkdir(os, STR("/out/empty"), &e) && os->rmdir(os, STR("/out/empty"), &e));
    CHECK(os->create(os, STR("/out/y"), &f, &e) && os->write(os, f, STR("ab"), &e) && os->commit(os, &f, &e));
    CHECK_STR(os_mem_find(m, STR("/out/y"))->body, STR("ab"));
    CHECK(os->spool(os, STR("/out"), &f, &e) && os->write_at(os, f, 0, STR("cd"), &e) && os->read_at(os, f, 0, buf, 2, &n, &e) && buf[1] == 'd');
    os->close(os, &f);
    CHECK(os->now_us(os) == 1000 && os->tick_us(os) < os->tick_us(os));
    struct arena none = { 0 };
    CHECK(os_steps(&m->os, &g, &none) == NULL);
    free(shared);
    test_arena_free(&other);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_hands_on) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
