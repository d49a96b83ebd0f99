#include "test.h"

#include "formats/csvcells.h"

static const struct { const char *why, *row, *cells; bool odd; } cases[] = {
    { "plain", "a,b,c", "a|b|c", false },
    { "empty cells", ",,", "||", false },
    { "nothing is one empty cell", "", "", false },
    { "quoted", "\"a,b\",c", "a,b|c", false },
    { "doubled quotes", "\"a\"\"b\",\"\"\"\"", "a\"b|\"", false },
    { "a line end in a cell", "\"a\nb\",c", "a\nb|c", false },
    { "a quote in the middle is a byte", "a\"b,5\" disk", "a\"b|5\" disk", false },
    { "bytes behind the closing quote", "\"a\"b,c", "\"a\"b|c", true },
    { "a quote that stays open", "a,\"b,c", "a|b,c", true },
    { "an open quote alone", "\"", "", true },
    { "an empty quoted cell", "\"\",x", "|x", false },
    { "a long cell", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|b", false },
};

static void check(const char *why, const struct csv_cells *c, struct str row, const char *want, bool odd)
{
    struct test_arena t = test_arena(1 << 12);
    struct str        rest = str_c(want), cell;

    CHECK_WHY(c->odd == odd, why);
    for (size_t i = 0; i < c->n; i++) {
        bool more = str_cut(&rest, '|', &cell);
        CHECK_WHY(more || (i == 0 && !want[0]), why);
        struct str got = csv_text(c, row, i, &t.a);
        CHECK_WHY(str_eq(got, more ? cell : STR_EMPTY), why);
    }
    CHECK_WHY(rest.p == NULL || rest.n == 0, why);
    test_arena_free(&t);
}

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str       in = test_heap(cases[i].row, strlen(cases[i].row));
        struct csv_cell  cell[16];
        struct csv_cells c;

        csv_begin(&c, cell, 16, ',');
        CHECK_WHY(csv_parse(&c, in, true), cases[i].why);
        check(cases[i].why, &c, in, cases[i].cells, cases[i].odd);
        /* A row that is lengthened line by line while a cell is open comes to the same. */
        csv_begin(&c, cell, 16, ',');
        bool whole = false;
        for (size_t n = 0; n <= in.n && !whole; n++)
            if (n == in.n || in.p[n] == '\n')
                whole = csv_parse(&c, str_sub(in, 0, n), n == in.n);
        check(cases[i].why, &c, in, cases[i].cells, cases[i].odd);
        test_free(in);
    }
}

static void bounds(void **state)
{
    struct csv_cell   cell[2];
    struct csv_cells  c;
    struct arena      none = { NULL, NULL, NULL };

    (void)state;
    csv_begin(&c, cell, 2, ';');
    CHECK(csv_parse(&c, STR("a;b;c;d"), true) && c.n == 4);
    CHECK_STR(csv_text(&c, STR("a;b;c;d"), 1, &none), STR("b"));
    CHECK(csv_text(&c, STR("a;b;c;d"), 2, &none).p == NULL);
    csv_begin(&c, cell, 2, ',');
    CHECK(csv_parse(&c, STR("\"a\"\"b\""), true));
    CHECK(csv_text(&c, STR("\"a\"\"b\""), 0, &none).p == NULL);
}

static void separators(void **state)
{
    (void)state;
    CHECK(csv_separator(STR("a,b;c,d")) == ',');
    CHECK(csv_separator(STR("a;b;c,d")) == ';');
    CHECK(csv_separator(STR("\"a,b,c,d\";x")) == ';');
    CHECK(csv_separator(STR("a\tb\tc")) == '\t');
    CHECK(csv_separator(STR("a|b")) == '|');
    CHECK(csv_separator(STR("a")) == ',');
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each), cmocka_unit_test(bounds), cmocka_unit_test(separators) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
