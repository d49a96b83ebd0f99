#include "layout_tree.h"

#include "base/num.h"
#include "evidence/layout_inner.h"

/* A layout whose side files lie in t; of the kind acquire, which reads none by itself. */
static struct tree *any(void)
{
    struct tree *t = tree_new();

    tree_put(t, "top/fs/C:/x", "");
    tree_is(t, "x", "acquire");
    return t;
}

static void slurp(void **state)
{
    struct tree *t = any();
    struct str   s = STR("x");

    (void)state;
    CHECK(layout_slurp(t->l, STR("none"), &t->scratch.a, &s, &t->e) && !s.p && t->l->note_n == 0);
    tree_put(t, "top/a", "text");
    CHECK(layout_slurp(t->l, STR("a"), &t->scratch.a, &s, &t->e));
    CHECK_STR(s, STR("text"));
    tree_put(t, "top/empty", "");
    CHECK(layout_slurp(t->l, STR("empty"), &t->scratch.a, &s, &t->e) && s.p && s.n == 0);
    tree_put(t, "top/mark", "\xEF\xBB\xBFtext");
    CHECK(layout_slurp(t->l, STR("mark"), &t->scratch.a, &s, &t->e));
    CHECK_STR(s, STR("text"));
    CHECK(os_mem_add(t->m, "/c/top/wide", (struct str){ (const uint8_t *)"\xFF\xFEt\0\xC4\0", 6 }));
    CHECK(layout_slurp(t->l, STR("wide"), &t->scratch.a, &s, &t->e));
    CHECK_STR(s, STR("t\xC3\x84"));
    CHECK(t->l->note_n == 0);

    CHECK(layout_slurp(t->l, STR("fs"), &t->scratch.a, &s, &t->e) && !s.p && tree_note(t, "cannot be read"));
    t->limits.side = 2;
    CHECK(layout_slurp(t->l, STR("a"), &t->scratch.a, &s, &t->e) && tree_note(t, "limit side"));
    CHECK_STR(s, STR("te"));
    t->limits.side = 100;
    t->m->fault    = (struct fault){ .left = 2 };       /* the read behind the open */
    CHECK(layout_slurp(t->l, STR("a"), &t->scratch.a, &s, &t->e) && s.p && s.n == 0 && tree_note(t, "in part"));
    t->m->fault = (struct fault){ 0 };
    struct arena few = { t->scratch.a.beg, t->scratch.a.beg + 8, NULL };
    CHECK(layout_slurp(t->l, STR("a"), &few, &s, &t->e) && s.n < 4 && tree_note(t, "fit into memory"));
    struct arena none = { 0 };
    CHECK(!layout_slurp(t->l, STR("a"), &none, &s, &t->e) && t->e.kind == ERR_MEMORY);
    tree_free(t);
}

static void csv(void **state)
{
    static const struct { const char *text, *got, *why; uint64_t bad; } list[] = {
        { "A,B\n1,2\n3,4\n", "1|2;3|4;", "plain", 0 },
        { "A,B\r\n1,2\r\n", "1|2;", "line ends of Windows", 0 },
        { " \"A\" , B \n1,2", "|2;", "a quote behind a blank is an ordinary byte", 0 },
        { "\"A\",\"B\"\n\"1,\"\"x\"\"\",\"2\n2\"\n3,4", "1,\"x\"|2\n2;3|4;", "quotes, commas and line ends inside", 0 },
        { "A,B\n\n  \n1,2\n", "1|2;", "empty lines", 0 },
        { "A,B\n1\n3,4\n", "1|;3|4;", "a short row", 1 },
        { "A,B\n1,2,3\n", "1|2;", "a long row", 0 },
        { "A,B\n1,\"open\n3,4\n", "1|open;3|4;", "an open quote spoils its own row only", 1 },
        { "A,B\n1,\"x\"y\n3,4\n", "1|\"x\"y;3|4;", "text behind a quote", 1 },
        { "", "", "nothing", 0 },
        { "\n\n", "", "no header", 0 },
        { "A,B", "", "no rows", 0 },
        { "b,a\n1,2\n", "2|1;", "another order, another case", 0 },
        { "A,A,B\n1,2,3\n", "1|3;", "one name twice: the first", 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree      *t    = any();
        struct str        text = test_heap(list[i].text, strlen(list[i].text)), all = str_dup(&t->keep.a, STR(""));
        struct layout_csv c;
        CHECK(layout_csv_open(&c, STR("x.csv"), text, &t->scratch.a, &t->e));
        for (;;) {
            struct arena row = t->scratch.a;
            if (!layout_csv_next(t->l, &c, &row, &t->e))
                break;
            struct str a = layout_csv_get(&c, STR("A")), b = layout_csv_get(&c, STR("B"));
            all = str_fmt(&t->keep.a, "%.*s%.*s|%.*s;", STR_ARG(all), STR_ARG(a), STR_ARG(b));
            CHECK(layout_csv_get(&c, STR("C")).n == 0);
        }
        if (!str_eq(all, str_c(list[i].got)))
            fail_msg("%s: %.*s", list[i].why, STR_ARG(all));
        CHECK_WHY(t->e.kind == ERR_NONE && (t->l->note_n != 0) == (list[i].bad != 0), list[i].why);
        test_free(text);
        tree_free(t);
    }
}

static void csv_bounds(void **state)
{
    struct tree      *t = any();
    const size_t      n = LAYOUT_LINE_MAX + 100;
    uint8_t          *p = malloc(n + 16);
    struct layout_csv c;

    (void)state;
    CHECK(p);
    memcpy(p, "A\n1\n", 4);
    memset(p + 4, 'x', n);
    memcpy(p + 4 + n, "\n2\n", 3);
    CHECK(layout_csv_open(&c, STR("x.csv"), (struct str){ p, n + 7 }, &t->scratch.a, &t->e));
    CHECK(layout_csv_next(t->l, &c, &t->scratch.a, &t->e) && str_eq(c.cell[0], STR("1")));
    CHECK(layout_csv_next(t->l, &c, &t->scratch.a, &t->e) && str_eq(c.cell[0], STR("2")));
    CHECK(!layout_csv_next(t->l, &c, &t->scratch.a, &t->e) && t->l->row_n == 3 && tree_note(t, "damaged"));
    t->l->row_n = LAYOUT_ROWS_MAX;
    CHECK(layout_csv_open(&c, STR("x.csv"), STR("A\n1\n2\n"), &t->scratch.a, &t->e));
    CHECK(!layout_csv_next(t->l, &c, &t->scratch.a, &t->e) && t->e.kind == ERR_NONE && tree_note(t, "more rows"));
    for (size_t i = 0; i < n; i++)
        p[i] = ',';
    CHECK(layout_csv_open(&c, STR("x.csv"), (struct str){ p, n }, &t->scratch.a, &t->e) && c.name_n == 0);
    CHECK(layout_csv_open(&c, STR("x.csv"), (struct str){ p, 1000 }, &t->scratch.a, &t->e) && c.name_n == LAYOUT_CELLS_MAX);
    free(p);
    tree_free(t);
}

/* ---- JSON ---- */

struct sum { uint64_t rows, total; struct str text; uint64_t stop; struct arena *a; };

static bool add(void *ctx, struct json_object *o, struct err *e)
{
    struct sum *s = ctx;
    uint64_t    n = 0;
    struct str  x;

    s->rows++;
    layout_json_u64(o, "n", &n);
    s->total += n;
    if (layout_json_text(o, "t", &x))
        s->text = str_dup(s->a, x);
    if (s->stop && s->rows == s->stop)
        return false;
    return s->total == 666 ? err_set(e, ERR_MEMORY, "on purpose") : true;
}

static void json(void **state)
{
    static const struct { const char *text; uint64_t rows, total, bad; const char *why; } list[] = {
        { "{\"n\":1}\n{\"n\":\"2\"}\r\n\n  {\"n\":4} \n", 3, 7, 0, "lines" },
        { "{\"n\":1}\n{\"n\":\n[1]\n7\nnull\n\"x\"\n{\"n\":4}{\"n\":8}\n{\"n\":16}", 2, 17, 6, "damage" },
        { "{\"n\":-1}\n{\"n\":1.5}\n{\"n\":\"-3\"}\n{\"n\":null}\n{\"n\":{}}\n{\"n\":\"18446744073709551616\"}", 6, 0, 0, "no whole numbers" },
        { "", 0, 0, 0, "nothing" },
        { "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", 0, 0, 1, "too deep" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = any();
        struct sum   s = { .a = &t->keep.a };
        struct str   text = test_heap(list[i].text, strlen(list[i].text));
        uint64_t     bad = 99;
        CHECK(layout_json_rows(t->l, STR("f"), text, add, &s, &bad, &t->e));
        CHECK_WHY(s.rows == list[i].rows && s.total == list[i].total && bad == list[i].bad && (t->l->note_n != 0) == (bad != 0), list[i].why);
        test_free(text);
        tree_free(t);
    }
    struct tree *t = any();
    struct sum   s = { .a = &t->keep.a, .stop = 2 };
    CHECK(layout_json_rows(t->l, STR("f"), STR("{}\n{}\n{}\n"), add, &s, NULL, &t->e) && s.rows == 2);
    s = (struct sum){ .a = &t->keep.a };
    CHECK(!layout_json_rows(t->l, STR("f"), STR("{\"n\":666}\n{}\n"), add, &s, NULL, &t->e) && t->e.kind == ERR_MEMORY && s.rows == 1);
    s = (struct sum){ .a = &t->keep.a };
    CHECK(layout_json_rows(t->l, STR("f"), STR("{\"t\":\"a\\u0000b\"}"), add, &s, NULL, &t->e) && s.text.n == 3);
    tree_free(t);
}

static void json_first(void **state)
{
    static const struct { const char *text; uint64_t rows, total; } list[] = {
        { "{\"n\":1}", 1, 1 }, { "  {\n\"n\":1\n}\n", 1, 1 }, { "[{\"n\":1},{\"n\":2}]", 1, 1 }, { "{\"n\":1}\n{\"n\":2}\n", 1, 1 }, { "[]", 0, 0 }, { "[1]", 0, 0 }, { "", 0, 0 },
        { "7", 0, 0 }, { "{\"n\":", 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct sum s = { 0 };
        struct err e = { 0 };
        struct str text = test_heap(list[i].text, strlen(list[i].text));
        CHECK_WHY(layout_json_first(text, add, &s, &e) && s.rows == list[i].rows && s.total == list[i].total, list[i].text);
        test_free(text);
    }
}

static void json_leaves(void **state)
{
    static const struct { const char *text; uint64_t rows, total, bad; } list[] = {
        { "{\"r\":[{\"n\":1},{\"n\":2}]}", 2, 3, 0 }, { "{\"n\":1}\n{\"n\":2}\n", 2, 3, 0 }, { "[{\"n\":1,\"t\":\"}{\\\"\"},{\"n\":2}", 2, 3, 0 },
        { "{\"r\":[{\"n\":1},{\"n\":", 1, 1, 1 }, { "{\"t\":\"open\n{\"n\":4}", 1, 4, 0 }, { "{x}{\"n\":1}", 1, 1, 1 }, { "", 0, 0, 0 }, { "}}}}", 0, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        struct tree *t = any();
        struct sum   s = { .a = &t->keep.a };
        struct str   text = test_heap(list[i].text, strlen(list[i].text));
        uint64_t     bad = 99;
        CHECK(layout_json_leaves(t->l, STR("f"), text, add, &s, &bad, &t->e));
        CHECK_WHY(s.rows == list[i].rows && s.total == list[i].total && bad == list[i].bad, list[i].text);
        test_free(text);
        tree_free(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slurp), cmocka_unit_test(csv), cmocka_unit_test(csv_bounds), cmocka_unit_test(json), cmocka_unit_test(json_first), cmocka_unit_test(json_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
