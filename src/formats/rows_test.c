#include "test.h"

#include "formats/rows.h"

struct feed { struct str s; size_t at, step; bool fail; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct feed *f = ctx;
    size_t       n = f->s.n - f->at;

    n = n < cap ? n : cap;
    n = f->step && n > f->step ? f->step : n;
    if (f->fail && n == 0)
        return err_set(e, ERR_IO, "the disk is gone");
    if (n)
        memcpy(buf, f->s.p + f->at, n);
    f->at += n;
    *got = n;
    return true;
}

/* Rows as "line:text" or "line!why", one a line. */
static void read_all(struct str in, size_t step, enum rows_kind kind, size_t max, bool fail, char *out, size_t cap)
{
    struct test_arena t = test_arena(4 << 20);
    struct feed       f = { in, 0, step, fail };
    struct rows      *r;
    struct rows_row   row;
    struct err        e = { 0 };
    size_t            n = 0;

    CHECK(rows_open(&r, &t.a, max, fill, &f, &e));
    (void)rows_head(r);
    while (rows_next(r, kind, &row)) {
        struct str text = str_sub(row.text, 0, 40);
        n += (size_t)snprintf(out + n, cap - n, "%llu%c%.*s\n", (unsigned long long)row.line, row.broken ? '!' : ':', STR_ARG(row.broken ? str_c(row.broken) : text));
    }
    if (rows_why(r)->kind != ERR_NONE)
        snprintf(out + n, cap - n, "end %s\n", rows_why(r)->what);
    rows_close(r);
    test_arena_free(&t);
}

static const struct { const char *why; enum rows_kind kind; const char *in, *out; } cases[] = {
    { "lines", ROWS_LINES, "a\nb\r\n\nc", "1:a\n2:b\n3:\n4:c\n" },
    { "a line end at the end", ROWS_LINES, "a\n", "1:a\n" },
    { "nothing", ROWS_LINES, "", "" },
    { "a byte order mark goes", ROWS_LINES, "\xEF\xBB\xBF" "a\nb\n", "1:a\n2:b\n" },
    { "a line that is too long is passed over", ROWS_LINES, "a\n0123456789012345678901234567890123456789\nb\n", "1:a\n2!the row is longer than the limit\n3:b\n" },
    { "... the last one", ROWS_LINES, "a\n0123456789012345678901234567890123456789", "1:a\n2!the row is longer than the limit\n" },
    { "an array", ROWS_OBJECTS, "[\n{\"a\":1},\n{\"b\":\"}\"}\n]\n", "2:{\"a\":1}\n3:{\"b\":\"}\"}\n" },
    { "commas before", ROWS_OBJECTS, "[{\"a\":1}\n,\n{\"b\":2}", "1:{\"a\":1}\n3:{\"b\":2}\n" },
    { "all in one line", ROWS_OBJECTS, "[{\"a\":[{}]},{\"b\":2},{}]", "1:{\"a\":[{}]}\n1:{\"b\":2}\n1:{}\n" },
    { "over several lines", ROWS_OBJECTS, "{\n \"a\": 1\n}\n{ \"b\":\n2 }", "1:{\n \"a\": 1\n}\n4:{ \"b\":\n2 }\n" },
    { "escaped quotes", ROWS_OBJECTS, "{\"a\":\"\\\"}\\\\\"},{}", "1:{\"a\":\"\\\"}\\\\\"}\n1:{}\n" },
    { "killed in the middle", ROWS_OBJECTS, "[{\"a\":1},\n{\"b\":", "1:{\"a\":1}\n2!the file breaks off within it\n" },
    { "words between", ROWS_OBJECTS, "{\"a\":1}\nhello {\n{\"b\":2}", "1:{\"a\":1}\n2!no JSON object begins here\n3:{\"b\":2}\n" },
    { "a quote that stays open costs its line", ROWS_OBJECTS, "{\"a\":\"x}\n{\"b\":2}\n", "1!a line end inside a JSON string\n2:{\"b\":2}\n" },
    { "an object that is too long is passed over to the next line", ROWS_OBJECTS, "{\"a\":\"01234567890123456789012345678901\"},{}\n{\"b\":2}", "1!the row is longer than the limit\n2:{\"b\":2}\n" },
};

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str in = test_heap(cases[i].in, strlen(cases[i].in));
        for (size_t step = 0; step < 4; step++) {
            char out[1024] = "";
            read_all(in, step, cases[i].kind, 32, false, out, sizeof out);
            if (strcmp(out, cases[i].out))
                fail_msg("%s, step %zu: %s", cases[i].why, step, out);
        }
        test_free(in);
    }
}

static void deep(void **state)
{
    char in[ROWS_DEPTH + 64], out[256] = "";

    (void)state;
    memset(in, 0, sizeof in);
    for (int i = 0; i <= ROWS_DEPTH; i++)
        in[i] = '{';
    strcat(in, "\n{\"b\":2}");
    read_all(str_c(in), 0, ROWS_OBJECTS, 4096, false, out, sizeof out);
    CHECK_STR(str_c(out), STR("1!JSON nested deeper than the limit\n2:{\"b\":2}\n"));
}

/* What cannot be read further is said, and the row that the break cut is broken. */
static void breaks_off(void **state)
{
    char out[256] = "";

    (void)state;
    read_all(STR("a\nb"), 1, ROWS_LINES, 32, true, out, sizeof out);
    CHECK_STR(str_c(out), STR("1:a\n2!the file breaks off within it\nend the disk is gone\n"));
}

static void extend_and_back(void **state)
{
    (void)state;
    for (size_t step = 0; step < 3; step++) {
        struct test_arena t = test_arena(4 << 20);
        struct feed       f = { STR("a\r\nb\nc\nd"), 0, step, false };
        struct rows      *r;
        struct rows_row   row;
        struct err        e = { 0 };

        CHECK(rows_open(&r, &t.a, 64, fill, &f, &e) && rows_next(r, ROWS_LINES, &row));
        CHECK_STR(row.text, STR("a"));
        CHECK(rows_extend(r, &row));
        CHECK_STR(row.text, STR("a\r\nb"));
        CHECK(rows_extend(r, &row));
        CHECK_STR(row.text, STR("a\r\nb\nc"));
        rows_back(r, &row);
        CHECK_STR(row.text, STR("a"));
        CHECK(rows_next(r, ROWS_LINES, &row) && row.line == 2);
        CHECK_STR(row.text, STR("b"));
        CHECK(rows_next(r, ROWS_LINES, &row) && rows_extend(r, &row) && row.line == 3);
        CHECK_STR(row.text, STR("c\nd"));
        CHECK(!rows_extend(r, &row));
        CHECK_STR(row.text, STR("c\nd"));
        CHECK(!rows_next(r, ROWS_LINES, &row));
        rows_close(r);
        test_arena_free(&t);
    }
}

/* Rows of every length from far before one read to far behind it. */
static void large(void **state)
{
    size_t            n = 3 << 20;
    uint8_t          *p = malloc(n);
    struct test_arena t = test_arena(8 << 20);
    struct feed       f = { { p, n }, 0, 100003, false };
    struct rows      *r;
    struct rows_row   row;
    struct err        e = { 0 };
    size_t            sum = 0, lines = 0;

    (void)state;
    memset(p, 'x', n);
    for (size_t at = 0, k = 1; at < n; at += k, k = k * 3 % 700001)
        p[at] = '\n';
    CHECK(rows_open(&r, &t.a, 1 << 20, fill, &f, &e));
    while (rows_next(r, ROWS_LINES, &row)) {
        CHECK(!row.broken && row.line == ++lines);
        sum += row.text.n + 1;
    }
    CHECK(sum == n || sum == n + 1);
    rows_close(r);
    test_arena_free(&t);
    free(p);
}

static bool opened(struct arena *a, struct err *e)
{
    struct feed  f = { STR("a\n"), 0, 0, false };
    struct rows *r = NULL;

    bool ok = rows_open(&r, a, 1024, fill, &f, e);
    rows_close(r);
    return ok;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(opened, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each), cmocka_unit_test(deep), cmocka_unit_test(breaks_off), cmocka_unit_test(extend_and_back), cmocka_unit_test(large), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
