#include "test.h"
#include "base/num.h"
#include "formats/csvrow.h"
#include "formats/exchange.h"

/* As in w3c_test.c, but rows are parted by "\f", because a row may span lines. */
static const struct { const char *why, *in, *want; } table[] = {
    { "a bare header, then rows",
      "DateTime,RequestId,HttpStatus\f2021-03-03T06:59:20.359Z,r1,200",
      "2021-03-03T06:59:20.359Z|r1|200 2021-03-03T06:59:20.359Z\n" },
    { "#Fields with blanks behind commas; the bare copy of it is no row",
      "#Software: Microsoft Exchange Server\f#Fields: Date, a, b\fDate,a,b\fx,1,2",
      "x|1|2 -\n" },
    { "the header changes in the middle of the file",
      "#Fields: DateTime,a\f2021-03-03T06:59:20Z,1\f#Fields: b,DateTime\f2,2021-03-04T06:59:20Z",
      "2021-03-03T06:59:20Z|1 2021-03-03T06:59:20Z\n2|2021-03-04T06:59:20Z 2021-03-04T06:59:20Z\n" },
    { "commas, doubled quotes and line breaks inside quotes",
      "#Fields: date-time,a,b\f2021-03-03T06:59:20Z,\"x, \"\"y\"\"\r\nz\",w",
      "2021-03-03T06:59:20Z|x, \"y\"\r\nz|w 2021-03-03T06:59:20Z\n" },
    { "a quote inside a bare cell is an ordinary byte",
      "#Fields: TimeStamp,a,b\f2021-03-03T06:59:20Z,x\"y,\"\"",
      "2021-03-03T06:59:20Z|x\"y| 2021-03-03T06:59:20Z\n" },
    { "an open quote runs to the end and is kept",
      "#Fields: TimeStamp,a,b\f2021-03-03T06:59:20Z,\"x,\"\"y",
      "2021-03-03T06:59:20Z|x,\"y! 2021-03-03T06:59:20Z\n" },
    { "bytes behind a closing quote: the cell stays as it stands",
      "#Fields: TimeStamp,a,b\f2021-03-03T06:59:20Z,\"x\"y,z",
      "2021-03-03T06:59:20Z|\"x\"y|z! 2021-03-03T06:59:20Z\n" },
    { "missing and surplus columns",
      "#Fields: TimeStamp,a,b\f2021-03-03T06:59:20Z,1\f2021-03-03T06:59:20Z,1,2,3,",
      "2021-03-03T06:59:20Z|1! 2021-03-03T06:59:20Z\n2021-03-03T06:59:20Z|1|2|3| 2021-03-03T06:59:20Z\n" },
    { "quoted time", "#Fields: TimeStamp,a\f\"2021-03-03T06:59:20Z\",1", "2021-03-03T06:59:20Z|1 2021-03-03T06:59:20Z\n" },
    { "a mark in the middle of a file", "\xEF\xBB\xBF#Fields: TimeStamp,a\f2021-03-03T06:59:20Z,1",
      "2021-03-03T06:59:20Z|1 2021-03-03T06:59:20Z\n" },
    { "no header, no record", "2021-03-03T06:59:20Z,1", "ERR\n" },
    { "an empty row is none", "#Fields: a,b\f \r", "ERR\n" },
    { "a lone comma is two empty cells", "#Fields: a,b\f,", "| -\n" },
};

static void reads_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena keep = test_arena(1 << 14), scratch = test_arena(1 << 14);
        struct log_state  s = { .kind = &log_exchange, .keep = keep.a };
        struct str        rest = str_c(table[i].in), row;
        char              out[1024] = "", time[TIME_TEXT];
        size_t            n = 0;

        while (str_cut(&rest, '\f', &row)) {
            struct str    exact = test_heap(row.p, row.n);
            struct record r;
            struct err    e = { 0 };
            int64_t       us = TIME_NONE;

            if (!s.kind->header(&s, exact)) {
                if (s.kind->parse(&s, &scratch.a, exact, &r, &e)) {
                    for (size_t k = 0; k < r.n; k++)
                        n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", k ? "|" : "", STR_ARG(r.value[k]));
                    time_text(r.time_us, time);
                    n += (size_t)snprintf(out + n, sizeof out - n, "%s %s\n", r.damaged ? "!" : "", time[0] ? time : "-");
                    if (!s.kind->time(&s, exact, &us))
                        us = TIME_NONE;
                    CHECK_WHY(us == r.time_us, table[i].why);
                } else {
                    CHECK_WHY(e.kind == ERR_FORMAT, table[i].why);
                    n += (size_t)snprintf(out + n, sizeof out - n, "ERR\n");
                }
            }
            test_free(exact);
        }
        if (strcmp(out, table[i].want) != 0)
            fail_msg("%s:\ngot\n%swant\n%s", table[i].why, out, table[i].want);
        test_arena_free(&keep);
        test_arena_free(&scratch);
    }
}

static void only_doubled_quotes_are_copied(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 14);
    struct log_state  s = { .kind = &log_exchange, .keep = t.a };
    struct str        row = TEST_HEAP("2021-03-03T06:59:20Z,plain,\"a,b\",\"c\"\"d\"");
    struct record     r;
    struct err        e = { 0 };

    CHECK(log_exchange.header(&s, STR("DateTime,a,b,c")));
    struct arena scratch = s.keep;
    CHECK(log_exchange.parse(&s, &scratch, row, &r, &e) && r.n == 4 && !r.damaged);
    CHECK(r.value[1].p == row.p + 21 && r.value[2].p == row.p + 28);
    CHECK(r.value[3].p < row.p || r.value[3].p >= row.p + row.n);
    CHECK_STR(r.value[3], STR("c\"d"));
    test_free(row);
    test_arena_free(&t);
}

static void bounds_the_number_of_cells(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 18);
    struct log_state  s = { .kind = &log_exchange, .keep = t.a };
    uint8_t           row[2000];
    struct record     r;
    struct err        e = { 0 };

    memset(row, ',', sizeof row);
    CHECK(log_exchange.header(&s, STR("DateTime,a")));
    struct arena scratch = s.keep;
    CHECK(log_exchange.parse(&s, &scratch, (struct str){ row, sizeof row }, &r, &e));
    CHECK(r.n == RECORD_COLUMNS_MAX && r.damaged);
    CHECK(r.value[r.n - 1].n == sizeof row - (RECORD_COLUMNS_MAX - 1));
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct log_state s = { .kind = &log_exchange, .keep = *a };
    struct record    r;

    log_exchange.header(&s, STR("DateTime,a"));
    struct arena scratch = s.keep;
    return log_exchange.parse(&s, &scratch, STR("2021-03-03T06:59:20Z,\"a\"\"b\",c,d,e,f,g,h,i,j,k"), &r, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_table), cmocka_unit_test(only_doubled_quotes_are_copied),
        cmocka_unit_test(bounds_the_number_of_cells), cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
