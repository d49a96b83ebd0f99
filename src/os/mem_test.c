#include "test.h"

#include "base/time.h"
#include "os/mem.h"

static struct os_mem *disk(struct test_arena *t)
{
    struct os_mem *m = os_mem_open(&t->a, 1000);
    CHECK(m && os_mem_add(m, "/a/b/x", STR("0123456789")) && os_mem_dir(m, "/a/empty"));
    os_mem_kind(m, STR("/a/link"), OS_LINK)->body = STR("b/x");
    return m;
}

static void test_reading(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem    *m = disk(&t);
    struct os        *os = &m->os;
    struct err        e  = { 0 };
    struct str        s;
    struct os_entry  *list;
    size_t            n;

    (void)state;
    CHECK(os_slurp(os, STR("/a"), STR("b/x"), 10, &t.a, &s, &e));
    CHECK_STR(s, STR("0123456789"));
    CHECK(!os_slurp(os, STR("/a"), STR("b/x"), 9, &t.a, &s, &e) && e.kind == ERR_LIMIT);
    CHECK(!os_slurp(os, STR("/a"), STR("b"), 9, &t.a, &s, &e) && e.kind == ERR_IO);
    CHECK(!os_slurp(os, STR("/a"), STR("link"), 9, &t.a, &s, &e) && e.kind == ERR_IO);
    struct arena none = { 0 };
    CHECK(!os_slurp(os, STR("/a"), STR("b/x"), 10, &none, &s, &e) && e.kind == ERR_MEMORY);
    CHECK(os->list(os, STR("/"), STR("./a/"), &t.a, &list, &n, &e) && n == 3);
    CHECK_STR(list[0].name, STR("b"));
    CHECK(list[0].st.kind == OS_DIR && list[2].st.kind == OS_LINK && list[0].st.mtime_us == 1000 && list[0].st.btime_us == TIME_NONE);
    CHECK(os->link(os, STR("/a"), STR("link"), &t.a, &s, &e));
    CHECK_STR(s, STR("b/x"));
    CHECK(os->now_us(os) == 1000 && os->tick_us(os) < os->tick_us(os));
    CHECK(m->open_now == 0);
    test_arena_free(&t);
}

static void test_writing(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem    *m = disk(&t);
    struct os        *os = &m->os;
    struct err        e  = { 0 };
    struct os_file    f = OS_FILE_NONE, g = OS_FILE_NONE;

    (void)state;
    CHECK(!os->create(os, STR("/out/x"), &f, &e));
    CHECK(os->mkdir(os, STR("/out/deep"), &e) && os->mkdir(os, STR("/out"), &e));
    CHECK(!os->mkdir(os, STR("/a/b/x"), &e));
    CHECK(os->create(os, STR("/out/x"), &f, &e) && os->create(os, STR("/out/y"), &g, &e));
    CHECK(os->write(os, f, STR("ab"), &e) && os->write(os, g, STR("?"), &e) && os->write(os, f, STR("cd"), &e));
    CHECK(!os_mem_find(m, STR("/out/x")));
    CHECK(os->commit(os, &f, &e));
    os->close(os, &f);
    os->close(os, &g);
    CHECK_STR(os_mem_find(m, STR("/out/x"))->body, STR("abcd"));
    CHECK(!os_mem_find(m, STR("/out/y")));
    CHECK(m->open_now == 0);
    test_arena_free(&t);
}

/* A spool has no name, is written and read at will, and ends with its handle. */
static void test_spool(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct os_mem    *m = disk(&t);
    struct os        *os = &m->os;
    struct err        e  = { 0 };
    struct os_file    f = OS_FILE_NONE, g = OS_FILE_NONE;
    uint8_t           buf[16];
    size_t            got, nodes = m->n;
    uint64_t          size;

    (void)state;
    CHECK(!os->spool(os, STR("/none"), &f, &e) && !os->spool(os, STR("/a/b/x"), &f, &e));
    CHECK(os->spool(os, STR("/a"), &f, &e) && os->spool(os, STR(""), &g, &e) && f.h != g.h && !(f.h & 1));
    CHECK(os->write_at(os, f, 4, STR("efgh"), &e) && os->write_at(os, f, 0, STR("ab"), &e) && os->write_at(os, g, 0, STR("?"), &e));
    CHECK(os->read_at(os, f, 0, buf, sizeof buf, &got, &e) && got == 8 && memcmp(buf, "ab\0\0efgh", 8) == 0);
    CHECK(os->read_at(os, f, 6, buf, 1, &got, &e) && got == 1 && buf[0] == 'g');
    CHECK(os->read_at(os, f, 8, buf, 1, &got, &e) && got == 0);
    CHECK(!os->write(os, f, STR("x"), &e) && !os->commit(os, &f, &e));
    os->close(os, &g);
    CHECK(os->open(os, STR("/a"), STR("b/x"), &g, &size, &e) && !os->write_at(os, g, 0, STR("x"), &e));
    os->close(os, &g);
    os->close(os, &f);
    CHECK(m->open_now == 0 && m->n == nodes);
    test_arena_free(&t);
}

/* Each call fails once, says so, and leaves no handle behind. */
static void test_faults(void **state)
{
    (void)state;
    for (uint32_t left = 1;; left++) {
        struct test_arena t = test_arena(1 << 20);
        struct os_mem    *m = disk(&t);
        struct os        *os = &m->os;
        struct err        e  = { 0 };
        struct str        s;
        struct os_stat    st;
        struct os_entry  *list;
        size_t            n;
        struct os_file    f = OS_FILE_NONE;
        m->fault = (struct fault){ .left = left };
        bool ok = os->stat(os, STR("/a"), &st, &e) && os->list(os, STR("/a"), STR(""), &t.a, &list, &n, &e) &&
                  os->link(os, STR("/a"), STR("link"), &t.a, &s, &e) && os_slurp(os, STR("/a"), STR("b/x"), 99, &t.a, &s, &e) &&
                  os->mkdir(os, STR("/o"), &e) && os->create(os, STR("/o/x"), &f, &e) && os->write(os, f, STR("x"), &e) && os->commit(os, &f, &e) &&
                  os->spool(os, STR("/o"), &f, &e) && os->write_at(os, f, 0, STR("x"), &e);
        os->close(os, &f);
        CHECK(m->open_now == 0);
        bool fired = m->fault.fired;
        CHECK(ok == !fired);
        CHECK(ok || (e.kind == ERR_IO && e.what[0]));
        CHECK((os_mem_find(m, STR("/o/x")) != NULL) == (ok || left > 9));
        test_arena_free(&t);
        if (!fired) {
            assert_int_equal(left, 12);     /* eleven calls */
            return;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_reading), cmocka_unit_test(test_writing), cmocka_unit_test(test_spool), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
