#include "test.h"
#include "base/num.h"
#include "formats/columns.h"

/* `want` spells the columns, parted by "|"; NULL: no columns. */
static const struct { const char *why, *in; uint8_t sep; const char *want; } table[] = {
    { "commas with blanks behind", "DateTime, a ,b", ',', "DateTime|a|b" },
    { "blanks, more than one", "  date   time\tx ", ' ', "date|time\tx" },
    { "quoted names", "\"DateTime\",\"a\"", ',', "DateTime|a" },
    { "a column without a name keeps its place", "a,,b,", ',', "a||b|" },
    { "nothing", "", ',', NULL },
    { "only separators", ",,", ',', NULL },
    { "only blanks", "   ", ' ', NULL },
};

static void takes_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena t  = test_arena(4096);
        struct log_state  s  = { .keep = t.a };
        struct str        in = test_heap(table[i].in, strlen(table[i].in));
        char              out[256] = "";
        size_t            n = 0;

        CHECK_WHY(columns_take(&s, in, table[i].sep) == (table[i].want != NULL) && s.has_cols == (table[i].want != NULL), table[i].why);
        bool again = s.has_cols && columns_take(&s, in, table[i].sep) && s.cols.generation == 1;
        CHECK_WHY(again == s.has_cols, table[i].why);
        test_free(in);                                  /* names are copies */
        for (size_t k = 0; k < s.cols.n; k++)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s", k ? "|" : "", STR_ARG(s.cols.name[k]));
        if (table[i].want && strcmp(out, table[i].want) != 0)
            fail_msg("%s: got \"%s\"", table[i].why, out);
        test_arena_free(&t);
    }
}

/* With headers kept from earlier logs each log reads the same names, also when there is no more room to keep any. */
static void kept_names(void **state)
{
    (void)state;
    for (size_t room = 0; room < 9000; room += 300) {
        struct test_arena    own = test_arena(room), memory = test_arena(64 << 10);
        struct columns_kept *k = calloc(1, sizeof *k);
        CHECK(k != NULL);
        k->keep = own.a;
        for (int round = 0; round < 3; round++)
            for (uint32_t i = 0; i < COLUMNS_KEPT + 8; i++) {
                struct arena     a = memory.a;
                struct str       names = str_fmt(&a, "date,name-%u,\"c\",%*u", i % 2 ? i : 7, (int)(i % 5) + 1, i);
                struct log_state plain = { .keep = a }, with = { .keep = a, .kept = k };
                struct str       in = test_heap(names.p, names.n);
                bool             ok = columns_take(&plain, in, i % 3 ? ',' : ' ');
                with.keep = plain.keep;
                CHECK(columns_take(&with, in, i % 3 ? ',' : ' ') == ok && with.has_cols == ok);
                test_free(in);
                CHECK(!ok || (with.cols.n == plain.cols.n && with.cols.generation == 1));
                for (size_t c = 0; ok && c < plain.cols.n; c++)
                    CHECK(str_eq(plain.cols.name[c], with.cols.name[c]));
            }
        CHECK(k->n <= COLUMNS_KEPT && (room < 8000 || k->n == COLUMNS_KEPT));
        free(k);
        test_arena_free(&own);
        test_arena_free(&memory);
    }
}

static void keeps_no_wrong_names(void **state)
{
    (void)state;
    struct test_arena t = test_arena(1 << 16);
    struct log_state  s = { .keep = t.a };
    uint8_t           many[4 * RECORD_COLUMNS_MAX];

    CHECK(columns_take(&s, STR("a,b"), ',') && columns_find(&s.cols, STR("B")) == 1);
    CHECK(columns_find(&s.cols, STR("c")) == STR_NONE);
    CHECK(columns_take(&s, STR("\"a\",b"), ',') && s.cols.generation == 1);
    CHECK(columns_take(&s, STR("a\",b"), ',') && s.cols.generation == 2 && columns_find(&s.cols, STR("a\"")) == 0);
    CHECK(columns_take(&s, STR("a\",b"), ',') && columns_take(&s, STR(" a\" ,b "), ',') && s.cols.generation == 2);
    CHECK(columns_take(&s, STR("a\",b,"), ',') && s.cols.generation == 3 && s.cols.n == 3);
    CHECK(!columns_take(&s, STR(""), ',') && !s.has_cols);
    memset(many, 'a', sizeof many);
    for (size_t i = 1; i < sizeof many; i += 2)
        many[i] = ',';
    CHECK(columns_take(&s, (struct str){ many, sizeof many }, ',') && s.cols.n == RECORD_COLUMNS_MAX);
    s.keep.end = s.keep.beg;
    CHECK(!columns_take(&s, STR("x,y"), ',') && !s.has_cols);
    test_arena_free(&t);
}

static void reads_directives(void **state)
{
    (void)state;
    struct str got = STR("untouched");

    CHECK(columns_directive(STR("#fields:  a b \r"), STR("Fields"), &got));
    CHECK_STR(got, STR("a b"));
    CHECK(columns_directive(STR("#Fields:"), STR("Fields"), &got) && got.n == 0);
    CHECK(!columns_directive(STR("#Fields"), STR("Fields"), &got) && !columns_directive(STR("#Field:"), STR("Fields"), &got));
    CHECK(!columns_directive(STR("Fields: a"), STR("Fields"), &got) && !columns_directive(STR(""), STR("Fields"), &got));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(takes_names), cmocka_unit_test(kept_names), cmocka_unit_test(keeps_no_wrong_names), cmocka_unit_test(reads_directives) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
