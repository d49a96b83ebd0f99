#include "test.h"
#include "base/num.h"
#include "formats/w3c.h"

/*
 * Each case is a small file. `want` spells its records: values parted by "|", a "!" for damaged, the time, one per line;
 * "ERR" for a line that is no record. Header lines give nothing.
 */
static const struct { const char *why, *in, *want; } table[] = {
    { "the usual line",
      "#Fields: date time cs-uri-stem sc-status\n2021-03-03 06:59:20 /ecp/y.js 200\n",
      "2021-03-03|06:59:20|/ecp/y.js|200 2021-03-03T06:59:20Z\n" },
    { "a dash is an empty value, a dash inside is not",
      "#Fields: date time cs-username c\n2021-03-03 06:59:20 - a-b\n",
      "2021-03-03|06:59:20||a-b 2021-03-03T06:59:20Z\n" },
    { "plus and percent stay as they are",
      "#Fields: date time ua\n2021-03-03 06:59:20 Mozilla/5.0+(X;+Y)%20z\n",
      "2021-03-03|06:59:20|Mozilla/5.0+(X;+Y)%20z 2021-03-03T06:59:20Z\n" },
    { "fields change in the middle of the file, time before date, custom field",
      "#Fields: date time a\n2021-03-03 06:59:20 1\n#Software: x\n#Fields: time X-Forwarded-For date\n07:00:00 203.0.113.9 2021-03-04\n",
      "2021-03-03|06:59:20|1 2021-03-03T06:59:20Z\n07:00:00|203.0.113.9|2021-03-04 2021-03-04T07:00:00Z\n" },
    { "no date field: the day of #Date",
      "#Date: 2021-03-03 00:00:01\n#Fields: time a\n06:59:20 1\n#Date: 2021-03-04 00:00:00\n00:00:01 2\n",
      "06:59:20|1 2021-03-03T06:59:20Z\n00:00:01|2 2021-03-04T00:00:01Z\n" },
    { "no date at all: no time, still a record", "#Fields: time a\n06:59:20 1\n", "06:59:20|1 -\n" },
    { "a cut line keeps what is there", "#Fields: date time a b\n2021-03-03 06:59:20 x", "2021-03-03|06:59:20|x! 2021-03-03T06:59:20Z\n" },
    { "cut inside the time: no time", "#Fields: date time a\n2021-03-03 06:5", "2021-03-03|06:5! -\n" },
    { "surplus values are kept", "#Fields: date time\n2021-03-03 06:59:20 x y\n", "2021-03-03|06:59:20|x|y 2021-03-03T06:59:20Z\n" },
    { "two blanks hold an empty value", "#Fields: date time a b\n2021-03-03 06:59:20  y\n", "2021-03-03|06:59:20||y 2021-03-03T06:59:20Z\n" },
    { "HTTPERR ends its lines with a blank",
      "#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip s-reason s-queuename\n2021-03-03 06:59:20 198.51.100.23 Timer_ConnectionIdle - \n",
      "2021-03-03|06:59:20|198.51.100.23|Timer_ConnectionIdle| 2021-03-03T06:59:20Z\n" },
    { "nothing before #Fields is a record", "2021-03-03 06:59:20 x\n#Fields: date time a\n", "ERR\n" },
    { "an empty #Fields takes the old one away", "#Fields: date time\n#Fields:\n2021-03-03 06:59:20\n", "ERR\n" },
    { "case of directive and names, more than one blank", "#FIELDS:  DATE  TIME\n2021-03-03 06:59:20\n", "2021-03-03|06:59:20 2021-03-03T06:59:20Z\n" },
    { "an impossible day is no time", "#Fields: date time\n2021-02-30 06:59:20\n", "2021-02-30|06:59:20 -\n" },
    { "an empty line is no record", "#Fields: date time\n\n", "ERR\n" },
    { "a comment that is nearly a directive", "#Fieldsx: a b\n#\n2021-03-03 x\n", "ERR\n" },
};

static void render(const struct log_state *s, struct arena *a, struct str line, char *out, size_t cap)
{
    struct record r;
    struct err    e = { 0 };
    size_t        n = strlen(out);
    char          time[TIME_TEXT];
    int64_t       us = TIME_NONE;

    if (!s->kind->parse(s, a, line, &r, &e)) {
        CHECK(e.kind == ERR_FORMAT);
        snprintf(out + n, cap - n, "ERR\n");
        return;
    }
    for (size_t i = 0; i < r.n; i++)
        n += (size_t)snprintf(out + n, cap - n, "%s%.*s", i ? "|" : "", STR_ARG(r.value[i]));
    time_text(r.time_us, time);
    snprintf(out + n, cap - n, "%s %s\n", r.damaged ? "!" : "", time[0] ? time : "-");
    /* The cheap time is the same time. */
    if (!s->kind->time(s, line, &us))
        us = TIME_NONE;
    CHECK(us == r.time_us);
}

static void reads_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena keep = test_arena(1 << 16), scratch = test_arena(1 << 16);
        struct log_state  s = { .kind = &log_w3c, .keep = keep.a };
        struct str        rest = str_c(table[i].in), line;
        char              out[1024] = "";

        while (str_cut(&rest, '\n', &line)) {
            if (!rest.p && line.n == 0)
                break;                                  /* what follows the last line end is no line */
            struct str exact = test_heap(line.p, line.n);
            if (!s.kind->header(&s, exact))
                render(&s, &scratch.a, exact, out, sizeof out);
            test_free(exact);
        }
        if (strcmp(out, table[i].want) != 0)
            fail_msg("%s:\ngot\n%swant\n%s", table[i].why, out, table[i].want);
        test_arena_free(&keep);
        test_arena_free(&scratch);
    }
}

static void counts_generations(void **state)
{
    (void)state;
    struct test_arena keep = test_arena(4096);
    struct log_state  s = { .kind = &log_w3c, .keep = keep.a };

    CHECK(log_w3c.header(&s, STR("#Fields: date time a")) && s.cols.generation == 1);
    size_t room = arena_room(&s.keep);
    CHECK(log_w3c.header(&s, STR("#Fields: date time a")) && s.cols.generation == 1);
    CHECK(arena_room(&s.keep) == room);                 /* the same again costs nothing */
    CHECK(log_w3c.header(&s, STR("#Fields: date time b")) && s.cols.generation == 2);
    CHECK(s.headers == 3);
    /* A file that changes its header without end runs out of room, and then has no columns rather than wrong ones. */
    for (int i = 0; i < 1000; i++)
        log_w3c.header(&s, i % 2 ? STR("#Fields: date time c") : STR("#Fields: date time d"));
    CHECK(!s.has_cols);
    test_arena_free(&keep);
}

static void bounds_the_number_of_values(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 18);
    struct log_state  s = { .kind = &log_w3c, .keep = t.a };
    uint8_t           line[4000];
    struct record     r;
    struct err        e = { 0 };

    memset(line, ' ', sizeof line);
    for (size_t i = 0; i < sizeof line; i += 2)
        line[i] = 'x';
    CHECK(log_w3c.header(&s, STR("#Fields: date time")));
    struct arena scratch = s.keep;
    CHECK(log_w3c.parse(&s, &scratch, (struct str){ line, sizeof line }, &r, &e));
    CHECK(r.n == RECORD_COLUMNS_MAX && r.value[r.n - 1].n == sizeof line - 1 - 2 * (RECORD_COLUMNS_MAX - 1));
    test_arena_free(&t);
}

static void plus_is_a_blank(void **state)
{
    (void)state;
    struct test_arena t = test_arena(64);
    struct str        in = TEST_HEAP("a+b++c"), got;

    CHECK(w3c_plus(&t.a, in, &got));
    CHECK_STR(got, STR("a b  c"));
    CHECK(w3c_plus(&t.a, STR("none"), &got));
    CHECK_STR(got, STR("none"));
    t.a.beg = t.a.end;
    CHECK(!w3c_plus(&t.a, in, &got));
    test_free(in);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct log_state s = { .kind = &log_w3c, .keep = *a };
    struct record    r;

    log_w3c.header(&s, STR("#Fields: date time a"));
    struct arena scratch = s.keep;
    return log_w3c.parse(&s, &scratch, STR("2021-03-03 06:59:20 1"), &r, e);
}

/* Blanks at every distance from a step of vector code; whatever the processor does, the values are those of the record. */
static void cuts_as_it_parses(void **state)
{
    static const char fields[] = "#Fields: a b c d e f g h";
    struct test_arena t = test_arena(1 << 20);
    struct log_state  s = { .kind = &log_w3c, .keep = t.a };
    uint64_t          x = 88172645463325252u;

    (void)state;
    s.keep.end = t.a.beg = s.keep.beg + 4096;
    CHECK(s.kind->header(&s, str_c(fields)));
    for (int round = 0; round < 20000; round++) {
        struct arena  a = t.a;
        struct record r;
        struct err    e = { 0 };
        struct str    some[12], same[12];
        size_t        len = (size_t)(round % 120), max = (size_t)(round % 12);
        uint8_t      *p = malloc(len ? len : 1);
        CHECK(p != NULL);
        for (size_t i = 0; i < len; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            p[i] = (uint8_t)("  -axy/."[x >> 32 & 7]);
        }
        struct str row = { p, len };
        size_t     n = w3c_cut(row, some, max), m = w3c_cut_portable(row, same, max);
        CHECK(n == m && n <= max);
        bool ok = s.kind->parse(&s, &a, row, &r, &e);
        CHECK(ok || n == 0);
        CHECK(!ok || n == (r.n < max ? r.n : max));
        for (size_t i = 0; i < n; i++)
            CHECK(str_eq(some[i], same[i]) && str_eq(some[i], r.value[i]));
        free(p);
    }
    test_arena_free(&t);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_table),         cmocka_unit_test(counts_generations),
        cmocka_unit_test(bounds_the_number_of_values), cmocka_unit_test(plus_is_a_blank),
        cmocka_unit_test(cuts_as_it_parses),           cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
