#include "test.h"

#include "base/num.h"
#include "os/mem.h"
#include "os/term.h"

static void test_line(void **state)
{
    static const struct { uint64_t done, total, us; const char *want; } cases[] = {
        { 0, 5000000000, 0, "reading logs: 0 B of 5.0 GB (0 %)" },
        { 1200000000, 5000000000, 3000000, "reading logs: 1.2 GB of 5.0 GB (24 %), 400 MB/s, 10 s left" },
        { 412000, 1000000, 1000000, "reading logs: 412 kB of 1.0 MB (41 %), 412 kB/s, 1 s left" },
        { 1000000, 200000000, 1000000, "reading logs: 1.0 MB of 200 MB (0 %), 1.0 MB/s, 3 min 19 s left" },
        { 1000000, 20000000000, 1000000, "reading logs: 1.0 MB of 20 GB (0 %), 1.0 MB/s, 5 h 33 min left" },
        { 999999, 999999, 500000, "reading logs: 1.0 MB of 1.0 MB (100 %)" },
        { 30, 20, 2000000, "reading logs: 30 B of 30 B (100 %), 15 B/s, 0 s left" },
        { 5000, 0, 2000000, "reading logs: 5.0 kB, 2.5 kB/s" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct term_progress p = { .what = "reading logs", .total_bytes = cases[i].total };
        char buf[200];
        atomic_store(&p.done_bytes, cases[i].done);
        term_progress_line(&p, cases[i].us, buf, sizeof buf);
        CHECK_STR(str_c(buf), str_c(cases[i].want));
        char small[12];
        term_progress_line(&p, cases[i].us, small, sizeof small);
        CHECK(strlen(small) < sizeof small);
    }
}

static void test_silent_without_a_terminal(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    struct os_mem       *m = os_mem_open(&t.a, 0);
    struct term_progress p = { 0 };
    FILE                *f = tmpfile();

    (void)state;
    CHECK(f && !term_is_tty(f) && !term_colour(f) && term_width(f) == 80);
    fclose(f);
    term_progress_start(&p, &m->os, true, "reading", 100);
    CHECK(!p.on);
    term_progress_add(&p, 40);
    term_progress_add(&p, 2);
    CHECK(p.done_bytes == 42);
    term_progress_end(&p);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_line), cmocka_unit_test(test_silent_without_a_terminal) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
