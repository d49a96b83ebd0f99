#include "emit/csv.h"
#include "base/num.h"
#include "emit/out_mem.h"
#include "test.h"

static void cells(void **state)
{
    static const struct { const char *why; bool safe; struct str in, want; } t[] = {
        { "plain",                     false, STR_INIT("abc"), STR_INIT("abc\r\n") },
        { "a comma asks for quotes",   false, STR_INIT("a,b"), STR_INIT("\"a,b\"\r\n") },
        { "a quote is doubled",        false, STR_INIT("a\"b"), STR_INIT("\"a\"\"b\"\r\n") },
        { "a line end is kept inside", false, STR_INIT("a\r\nb"), STR_INIT("\"a\r\nb\"\r\n") },
        { "blanks at the edge",        false, STR_INIT(" a"), STR_INIT("\" a\"\r\n") },
        { "empty",                     false, STR_INIT(""), STR_INIT("\r\n") },
        { "NUL and a bad byte",        false, STR_INIT("a\0\xFF"), STR_INIT("a\xEF\xBF\xBD\xEF\xBF\xBD\r\n") },
        { "a formula is left alone",   false, STR_INIT("=1+1"), STR_INIT("=1+1\r\n") },
        { "a formula, safe",           true,  STR_INIT("=1+1"), STR_INIT("'=1+1\r\n") },
        { "plus, safe",                true,  STR_INIT("+1"), STR_INIT("'+1\r\n") },
        { "minus, safe",               true,  STR_INIT("-1"), STR_INIT("'-1\r\n") },
        { "at, safe",                  true,  STR_INIT("@SUM(A1)"), STR_INIT("'@SUM(A1)\r\n") },
        { "tab, safe",                 true,  STR_INIT("\t=1"), STR_INIT("'\t=1\r\n") },
        { "formula in quotes, safe",   true,  STR_INIT("=A1,\"x\""), STR_INIT("\"'=A1,\"\"x\"\"\"\r\n") },
        { "a full-width sign, safe",   true,  STR_INIT("\xEF\xBC\x9D" "1"), STR_INIT("'\xEF\xBC\x9D" "1\r\n") },
        { "a direction mark, safe",    true,  STR_INIT("a\xE2\x80\xAE" "b"), STR_INIT("a\\u202Eb\r\n") },
        { "a mark before a formula",   true,  STR_INIT("\xEF\xBB\xBF=1"), STR_INIT("\\uFEFF=1\r\n") },
        { "and left alone otherwise",  false, STR_INIT("a\xE2\x80\xAE" "b"), STR_INIT("a\xE2\x80\xAE" "b\r\n") },
        { "a path, safe",              true,  STR_INIT("C:\\x=y"), STR_INIT("C:\\x=y\r\n") },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a = test_arena(4096);
        struct out_mem    m = { .a = &a.a };
        struct out       *o = malloc(sizeof *o);
        struct str        in = test_heap(t[i].in.p, t[i].in.n);
        struct csv        c;

        out_open(o, out_mem_put, &m);
        csv_open(&c, o, t[i].safe);
        csv_cell(&c, in);
        csv_end(&c);
        CHECK_WHY(out_done(o, NULL) && str_eq(out_mem_str(&m), t[i].want), t[i].why);
        test_free(in);
        free(o);
        test_arena_free(&a);
    }
}

static void rows(void **state)
{
    struct test_arena a = test_arena(4096);
    struct out_mem    m = { .a = &a.a };
    struct out       *o = malloc(sizeof *o);
    struct csv        c;

    (void)state;
    out_open(o, out_mem_put, &m);
    csv_open(&c, o, true);
    csv_cell(&c, STR("a"));
    csv_cell(&c, STR_EMPTY);
    csv_u64(&c, 7);
    csv_end(&c);
    csv_cell(&c, STR_EMPTY);
    csv_cell(&c, STR("b"));
    csv_i64(&c, -7);
    csv_end(&c);
    CHECK(out_done(o, NULL));
    CHECK_STR(out_mem_str(&m), STR("a,,7\r\n,b,-7\r\n"));
    free(o);
    test_arena_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cells), cmocka_unit_test(rows) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
