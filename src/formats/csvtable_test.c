#include "formats/csvtable.h"

#include "test.h"

struct fed { struct str s; size_t at, step; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct fed *f = ctx;
    size_t      n = f->s.n - f->at;

    (void)e;
    n = n < cap ? n : cap;
    n = f->step && n > f->step ? f->step : n;
    if (n)
        memcpy(buf, f->s.p + f->at, n);
    f->at += n;
    *got = n;
    return true;
}

/* "header|header/cell|cell/!why/" */
static struct str read_all(struct arena *a, struct str in, size_t step)
{
    struct test_arena room = test_arena(16 << 20);
    struct fed        f = { in, 0, step };
    struct csv_table *t = NEW(a, struct csv_table, 1);
    struct rows      *rows;
    struct rows_row   r;
    struct err        e = { 0 };
    const char       *why = NULL;
    struct str        all = STR("");

    CHECK(rows_open(&rows, &room.a, 1 << 20, fill, &f, &e));
    bool ok = csv_table_open(t, rows, &room.a, &r);
    while (ok) {
        if (why)
            all = str_fmt(a, "%.*s!%s", STR_ARG(all), why);
        for (size_t i = 0; !why && i < t->cells.n; i++)
            all = str_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? "|" : "", STR_ARG(csv_table_text(t, &r, i, a)));
        all = str_fmt(a, "%.*s/", STR_ARG(all));
        ok = csv_table_next(t, &r, &why);
    }
    rows_close(rows);
    test_arena_free(&room);
    return all;
}

static void tables(void **state)
{
    static const struct { const char *why, *in, *out; } c[] = {
        { "rows", "a,b\n1,2\n3,4\n", "a|b/1|2/3|4/" },
        { "no line end at the end", "a,b\n1,2", "a|b/1|2/" },
        { "empty lines", "\n\na,b\n\n1,2\n\n", "a|b/1|2/" },
        { "Excel's own first line, and its separator", "sep=;\na;b\n1;2,5\n", "a|b/1|2,5/" },
        { "files put one behind the other", "a,b\n1,2\na,b\n3,4\n", "a|b/1|2/3|4/" },
        { "rule 1: too few cells, too many", "a,b\n1\n1,2,3\n5,6\n", "a|b/!it has not as many cells as the header/!it has not as many cells as the header/5|6/" },
        { "rule 1: empty ones beyond", "a,b\n1,2,,\n", "a|b/1|2||/" },
        { "rule 2: over lines", "a,b\n1,\"x\ny\"\n3,4\n", "a|b/1|x\ny/3|4/" },
        { "rule 2: a quote that never closes costs one row", "a,b\n1,\"x\n3,4\n", "a|b/!a quote in it is out of place/3|4/" },
        { "doubled quotes", "a,b\n\"1\"\"\",2\n", "a|b/1\"|2/" },
        { "a header alone", "a,b\n", "a|b/" },
        { "nothing", "", "" },
    };
    struct test_arena t = test_arena(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        for (size_t step = 0; step < 3; step++) {
            struct str in = test_heap(c[i].in, strlen(c[i].in)), out = read_all(&t.a, in, step);
            CHECK_WHY(str_eq(out, str_c(c[i].out)), c[i].why);
            test_free(in);
        }
    test_arena_free(&t);
}

static void names(void **state)
{
    char       s[CSV_NAME_MAX];
    size_t     n;
    struct str rest = STR(" ip = addr ,,build=ver,odd"), field, column;

    (void)state;
    CHECK(csv_name_fold(STR("IP-Address (v4)"), s, &n) && n == 11 && memcmp(s, "ipaddressv4", 11) == 0);
    CHECK(!csv_name_fold(STR("a name that is much longer than any column that is known"), s, &n));
    CHECK(csv_map_next(&rest, &field, &column) && str_eq(field, STR("ip")) && str_eq(column, STR("addr")));
    CHECK(csv_map_next(&rest, &field, &column) && str_eq(field, STR("build")) && str_eq(column, STR("ver")));
    CHECK(csv_map_next(&rest, &field, &column) && str_eq(field, STR("odd")) && column.n == 0);
    CHECK(!csv_map_next(&rest, &field, &column));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tables), cmocka_unit_test(names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
