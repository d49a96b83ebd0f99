#include "test.h"

#include "base/num.h"
#include "detect/pattern.h"

static void cases(void **state)
{
    static const struct { const char *why, *pattern; struct pattern_flags f; const char *in; enum pattern_answer want; } c[] = {
        { "plain", "b+", { false, false, false }, "abbc", PATTERN_YES },
        { "case counts without the flag", "B", { false, false, false }, "abc", PATTERN_NO },
        { "fold", "B", { .fold = true }, "abc", PATTERN_YES },
        { "one line only", "^b", { false, false, false }, "a\nb", PATTERN_NO },
        { "multiline", "^b", { .multiline = true }, "a\nb", PATTERN_YES },
        { "dot stops at line ends", "a.b", { false, false, false }, "a\nb", PATTERN_NO },
        { "dot all", "a.b", { .dot_all = true }, "a\nb", PATTERN_YES },
        { "bytes that are no UTF-8", "a..b", { false, false, false }, "a\xff\xfe" "b", PATTERN_YES },
        { "empty input", "^$", { false, false, false }, "", PATTERN_YES },
        { "empty pattern", "", { false, false, false }, "x", PATTERN_YES },
        { "inline option", "(?i)ABC", { false, false, false }, "xabc", PATTERN_YES },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct test_arena t  = test_arena(1 << 18);
        struct str        in = test_heap(c[i].in, strlen(c[i].in));
        struct pattern   *p;
        struct err        e = { 0 };
        CHECK_WHY(pattern_compile(&p, &t.a, str_c(c[i].pattern), c[i].f, &e), c[i].why);
        CHECK_WHY(pattern_match(p, in, t.a) == c[i].want, c[i].why);
        pattern_close(p);
        test_free(in);
        test_arena_free(&t);
    }
    pattern_close(NULL);
}

static void refused(void **state)
{
    static const char *const bad[] = { "(", "a{2,1}", "[z-a]", "(*UTF)a", "(*LIMIT_MATCH=1)a", "\\C", "(?<n>a)(?<n>b)", "*" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct test_arena t = test_arena(1 << 18);
        struct pattern   *p = NULL;
        struct err        e = { 0 };
        CHECK_WHY(!pattern_compile(&p, &t.a, str_c(bad[i]), (struct pattern_flags){ .fold = true }, &e), bad[i]);
        CHECK_WHY(e.kind == ERR_FORMAT && e.what[0] && !p, bad[i]);
        test_arena_free(&t);
    }
    static uint8_t    big[PATTERN_MAX + 1];
    struct test_arena t = test_arena(1 << 18);
    struct pattern   *p;
    struct err        e = { 0 };
    memset(big, 'a', sizeof big);
    CHECK(!pattern_compile(&p, &t.a, (struct str){ big, sizeof big }, (struct pattern_flags){ .fold = true }, &e) && e.kind == ERR_FORMAT);
    test_arena_free(&t);
}

/* Doubling work at each letter: it ends at the step limit, and says so. */
static void limit(void **state)
{
    struct test_arena t = test_arena(32 << 20);
    struct pattern   *p;
    struct err        e = { 0 };
    static char       in[60];

    (void)state;
    memset(in, 'a', sizeof in);
    CHECK(pattern_compile(&p, &t.a, STR("^(a|aa)+(b|c)$"), (struct pattern_flags){ .fold = false }, &e));
    CHECK(pattern_match(p, (struct str){ (uint8_t *)in, sizeof in }, t.a) != PATTERN_YES);
    struct arena none = { NULL, NULL, NULL };
    CHECK(pattern_match(p, STR("aab"), none) == PATTERN_LIMIT);
    pattern_close(p);
    test_arena_free(&t);
}

static bool compile(struct arena *a, struct err *e)
{
    struct pattern *p;
    if (!pattern_compile(&p, a, STR("^(a|b)+[c-d]{2,5}$"), (struct pattern_flags){ .fold = true }, e))
        return false;
    pattern_close(p);
    return true;
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(compile, 1 << 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(refused), cmocka_unit_test(limit), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
