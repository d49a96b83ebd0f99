#include "emit/out.h"
#include "base/num.h"
#include "emit/out_mem.h"
#include "test.h"

static void terminal_text(void **state)
{
    static const struct { const char *why; struct str in; size_t max; struct str want; } t[] = {
        { "plain text stays",                   STR_INIT("C:\\inetpub"), 0, STR_INIT("C:\\inetpub") },
        { "an escape sequence is spelled out",  STR_INIT("a\x1B[31mb"), 0, STR_INIT("a\\x1B[31mb") },
        { "NUL, tab, new line, delete",         STR_INIT("\0\t\n\x7F"), 0, STR_INIT("\\x00\\x09\\x0A\\x7F") },
        { "C1 control, two bytes of UTF-8",     STR_INIT("\xC2\x9B"), 0, STR_INIT("\\u009B") },
        { "a byte that is not UTF-8",           STR_INIT("x\x9By"), 0, STR_INIT("x\\x9By") },
        { "right-to-left override",             STR_INIT("a\xE2\x80\xAE" "b"), 0, STR_INIT("a\\u202Eb") },
        { "zero-width space, byte order mark",  STR_INIT("\xE2\x80\x8B\xEF\xBB\xBF"), 0, STR_INIT("\\u200B\\uFEFF") },
        { "a tag character",                    STR_INIT("\xF3\xA0\x80\x81"), 0, STR_INIT("\\u{E0001}") },
        { "letters of other scripts stay",      STR_INIT("B\xC3\xA4" "cker \xD7\x90"), 0, STR_INIT("B\xC3\xA4" "cker \xD7\x90") },
        { "exactly as many columns as allowed", STR_INIT("abcde"), 5, STR_INIT("abcde") },
        { "one too many",                       STR_INIT("abcdef"), 5, STR_INIT("ab...") },
        { "no room for a letter",               STR_INIT("abcdef"), 2, STR_INIT("..") },
        { "a spelled character is not cut",     STR_INIT("ab\x1B" "cdef"), 7, STR_INIT("ab...") },
        { "wide letters take two",              STR_INIT("\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD"), 5, STR_INIT("\xE4\xB8\xAD...") },
        { "nothing",                            STR_INIT(""), 3, STR_INIT("") },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a = test_arena(4096);
        struct out_mem    m = { .a = &a.a };
        struct str        in = test_heap(t[i].in.p, t[i].in.n);
        struct out       *o = malloc(sizeof *o);

        out_open(o, out_mem_put, &m);
        out_term(o, in, t[i].max);
        CHECK(out_done(o, NULL));
        CHECK_WHY(str_eq(out_mem_str(&m), t[i].want), t[i].why);
        free(o);
        test_free(in);
        test_arena_free(&a);
    }
}

static void long_texts_pass_whole(void **state)
{
    struct test_arena a = test_arena(4 << 20);
    struct out_mem    m = { .a = &a.a };
    struct out       *o = malloc(sizeof *o);
    size_t            n = OUT_BUFFER + 17;
    uint8_t          *big = malloc(n);
    struct err        e = { 0 };

    (void)state;
    memset(big, 'b', n);
    out_open(o, out_mem_put, &m);
    out_c(o, "start ");
    out_str(o, (struct str){ big, n });
    out_str(o, (struct str){ big, OUT_BUFFER });
    out_fmt(o, " %d", 7);
    CHECK(out_done(o, &e));
    CHECK(m.n == 6 + n + OUT_BUFFER + 2 && o->written == m.n);
    CHECK(memcmp(m.p, "start b", 7) == 0 && memcmp(m.p + m.n - 3, "b 7", 3) == 0);
    free(big);
    free(o);
    test_arena_free(&a);
}

static bool full_disk(void *ctx, struct str s, struct err *e)
{
    ++*(int *)ctx;
    return err_set(e, ERR_IO, "no space left after %zu bytes", s.n);
}

static void the_first_failure_is_kept(void **state)
{
    struct out *o = malloc(sizeof *o);
    struct err  e = { 0 };
    int         calls = 0;

    (void)state;
    out_open(o, full_disk, &calls);
    for (int i = 0; i < 3 * OUT_BUFFER / 8; i++)
        out_c(o, "12345678");
    CHECK(!out_done(o, &e) && e.kind == ERR_IO && strstr(e.what, "no space left"));
    CHECK(calls == 1 && o->written == 0);
    free(o);
}

static void a_format_that_does_not_fit(void **state)
{
    struct out *o = malloc(sizeof *o);
    struct err  e = { 0 };
    int         calls = 0;

    (void)state;
    out_open(o, full_disk, &calls);
    out_fmt(o, "%600d", 1);
    CHECK(!out_done(o, &e) && e.kind == ERR_LIMIT && calls == 0);
    free(o);
}

static bool write_into_memory(struct arena *a, struct err *e)
{
    struct out_mem m = { .a = a };
    struct out    *o = malloc(sizeof *o);

    out_open(o, out_mem_put, &m);
    for (int i = 0; i < OUT_BUFFER / 4; i++)
        out_c(o, "twelve bytes");
    bool ok = out_done(o, e);
    free(o);
    return ok;
}

static void memory_runs_out(void **state)
{
    (void)state;
    fault_sweep(write_into_memory, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terminal_text),
        cmocka_unit_test(long_texts_pass_whole),
        cmocka_unit_test(the_first_failure_is_kept),
        cmocka_unit_test(a_format_that_does_not_fit),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
