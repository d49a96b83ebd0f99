#include "test.h"
#include "base/num.h"
#include "formats/csvrow.h"

/* exchange_test.c reads whole files; here are single cells. `want` spells the cells, parted by "|", "!" for damaged. */
static const struct { const char *in, *want; } table[] = {
    { "a,b", "a|b" }, { "a,", "a|" }, { ",", "|" }, { "", "" }, { "\"\"", "" }, { "\"\",x", "|x" },
    { "\"a,b\",c", "a,b|c" }, { "\"a\"\"b\"", "a\"b" }, { "\"\"\"\"", "\"" }, { "\"\"\"a\"\"\",b", "\"a\"|b" },
    { "\"a", "a!" }, { "\"a\"\"", "a\"!" }, { "\"", "!" }, { "\"\"\"", "\"!" },
    { "\"a\" ,b", "\"a\" |b!" }, { "\"a\"b", "\"a\"b!" }, { " \"a,b\"", " \"a|b\"" }, { "a\"b,c", "a\"b|c" },
    { "\"x\r\ny\",z", "x\r\ny|z" },
};

static void splits_cells(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena t  = test_arena(256);
        struct str        in = test_heap(table[i].in, strlen(table[i].in)), rest = in, cell;
        char              out[128] = "";
        size_t            n = 0;
        bool              damaged = false;

        for (int k = 0; rest.p; k++) {
            CHECK(csvrow_cell(&rest, &t.a, &cell, &damaged));
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", k ? "|" : "", STR_ARG(cell));
        }
        snprintf(out + n, sizeof out - n, "%s", damaged ? "!" : "");
        if (strcmp(out, table[i].want) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", table[i].in, out, table[i].want);
        test_free(in);
        test_arena_free(&t);
    }
}

static void knows_headers(void **state)
{
    (void)state;
    const struct { const char *line; bool header; size_t columns; } cases[] = {
        { "#Software: x", true, 0 },         { "2021-03-03T06:59:20Z,x", false, 0 }, { "DATETIME,b", true, 2 }, { "\"TimeStamp\",b,c", true, 3 },
        { "#Fields: one, two", true, 2 },    { "one,two", true, 2 },                 { "one,two,three", false, 2 },
        { "one", false, 2 },                 { "", false, 2 },                       { "DateTimeX,y", false, 2 },
    };
    struct test_arena t = test_arena(4096);
    struct log_state  s = { .keep = t.a };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CHECK_WHY(csvrow_header(&s, str_c(cases[i].line)) == cases[i].header, cases[i].line);
        CHECK_WHY((s.has_cols ? s.cols.n : 0) == cases[i].columns, cases[i].line);
    }
    /* Whatever gives columns holds one of the literals that a prefilter looks for. */
    CHECK(s.headers == 5 && str_eq(str_c(csvrow_header_literal[0]), STR("#Fields:")));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(splits_cells), cmocka_unit_test(knows_headers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
