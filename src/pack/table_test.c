#include "test.h"

#include "base/num.h"
#include "pack/table.h"

static void rows(void **state)
{
    static const struct { const char *why, *in, *want, *error; } c[] = {
        { "plain", "a,b\n1,2\n3,4\n", "1|2;3|4;", NULL },
        { "no line end, CR LF, blanks", "a,b\r\n1 , 2\r\n3,4", "1|2;3|4;", NULL },
        { "quotes, commas, quotes in quotes", "a,b\n\"x, y\",\"say \"\"no\"\"\"\n", "x, y|say \"no\";", NULL },
        { "line end in a cell", "a,b\n\"x\ny\",2\n", "x\ny|2;", NULL },
        { "empty cells and an empty line", "a,b\n,\n\n1,\n", "|;1|;", NULL },
        { "byte order mark", "\xef\xbb\xbf" "a,b\n1,2\n", "1|2;", NULL },
        { "columns in another order", "b,a\n2,1\n", "1|2;", NULL },
        { "header only", "a,b", "", NULL },
        { "short row", "a,b\n1\n", "", "line 2: 1 cells" },
        { "long row", "a,b\n1,2,3\n", "", "line 2: 3 cells" },
        { "open quote", "a,b\n1,\"2\n", "", "line 2: a quote" },
        { "text after a quote", "a,b\n1,\"2\"x\n", "", "after a closing quote" },
        { "line numbers count those in cells", "a,b\n\"x\ny\",2\nz\n", "x\ny|2;", "line 4" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t   = test_arena(1 << 16);
        struct str        in  = test_heap(c[i].in, strlen(c[i].in)), got = STR("");
        struct table      tab;
        struct err        e = { 0 };

        CHECK_WHY(table_open(&tab, &t.a, in, &e), c[i].why);
        while (table_next(&tab, &e))
            got = str_fmt(&t.a, "%.*s%.*s|%.*s;", STR_ARG(got), STR_ARG(table_cell(&tab, "a")), STR_ARG(table_cell(&tab, "b")));
        CHECK_STR(got, str_c(c[i].want));
        CHECK_WHY((e.kind != ERR_NONE) == (c[i].error != NULL), c[i].why);
        if (c[i].error)
            CHECK_WHY(str_has(str_c(e.what), str_c(c[i].error)), e.what);
        CHECK(!table_has(&tab, "z") && table_cell(&tab, "z").n == 0);
        test_free(in);
        test_arena_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(rows) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
