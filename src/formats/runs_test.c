#include "test.h"

#include "base/num.h"
#include "formats/runs.h"

static void test_runs(void **state)
{
    static const struct { struct str in; size_t min; const char *want; const char *why; } cases[] = {
        { STR_INIT(""), 3, "", "nothing" },
        { STR_INIT("\0\0abc\0\0"), 3, "abc|", "text between zeros" },
        { STR_INIT("ab\0\1xyz"), 3, "xyz|", "too short, then long enough at the end" },
        { STR_INIT("a\0b\0c\0\0\0d"), 3, "W:abc|", "UTF-16" },
        { STR_INIT("\1a\0b\0c"), 3, "", "cut within its last character" },
        { STR_INIT("C\0:\0\\\0\x16\x04\x43\x04\0\0"), 3, "W:C:\\\xD0\x96\xD1\x83|", "a folder with a Cyrillic name" },
        { STR_INIT("one two\tthree\r\nfour\0"), 3, "one two\tthree\r\nfour|", "a script of two lines" },
        { STR_INIT("abcd\0e\0f\0\0\0"), 3, "abc|W:def|", "the last letter belongs to what follows" },
        { STR_INIT("\xff\xfe" "a\0b\0c\0"), 3, "W:abc|", "behind a mark" },
        { STR_INIT("x\0\xd8\xd8y\0z\0w\0"), 2, "W:yzw|", "no lone surrogates" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(4096);
        struct str        in = test_heap(cases[i].in.p, cases[i].in.n);
        char              got[256] = "";
        struct run        r;
        for (size_t pos = 0; runs_next(in, &pos, cases[i].min, &r);) {
            struct str s = runs_text(&t.a, in, r);
            CHECK(s.p && r.off + r.n <= in.n && pos == r.off + r.n);
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s|", r.wide ? "W:" : "", STR_ARG(s));
        }
        if (strcmp(got, cases[i].want))
            fail_msg("%s: got \"%s\", want \"%s\"", cases[i].why, got, cases[i].want);
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_long(void **state)
{
    size_t     n = 3 * RUNS_TEXT_MAX + 5, pos = 0, sum = 0;
    uint8_t   *p = malloc(n);
    struct run r;

    (void)state;
    memset(p, 'x', n);
    while (runs_next((struct str){ p, n }, &pos, 1, &r)) {
        CHECK(r.n <= RUNS_TEXT_MAX);
        sum += r.n;
    }
    CHECK(sum == n);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_runs), cmocka_unit_test(test_long) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
