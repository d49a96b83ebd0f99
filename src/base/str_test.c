#include "test.h"
#include "base/num.h"

static void compares(void **state)
{
    (void)state;
    const struct { const char *why; struct str a, b; bool eq, ieq; int cmp, icmp; } t[] = {
        { "equal", STR_INIT("abc"), STR_INIT("abc"), true, true, 0, 0 },
        { "case only", STR_INIT("ABC"), STR_INIT("abc"), false, true, -1, -1 },
        { "a beginning is less", STR_INIT("ab"), STR_INIT("abc"), false, false, -1, -1 },
        { "empty is least", STR_INIT(""), STR_INIT("a"), false, false, -1, -1 },
        { "NUL is a byte", STR_INIT("a\0b"), STR_INIT("a\0c"), false, false, -1, -1 },
        { "high bytes are not negative", STR_INIT("\xFF"), STR_INIT("a"), false, false, 1, 1 },
        { "only ASCII folds", STR_INIT("\xC3\x89"), STR_INIT("\xC3\xA9"), false, false, -1, -1 },
        { "no address", STR_INIT(""), { NULL, 0 }, true, true, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        CHECK_WHY(str_eq(t[i].a, t[i].b) == t[i].eq && str_ieq(t[i].a, t[i].b) == t[i].ieq, t[i].why);
        int c = str_cmp(t[i].a, t[i].b), ci = str_icmp(t[i].a, t[i].b);
        CHECK_WHY((c > 0) - (c < 0) == t[i].cmp && (ci > 0) - (ci < 0) == t[i].icmp, t[i].why);
        c  = str_cmp(t[i].b, t[i].a);
        ci = str_icmp(t[i].b, t[i].a);
        CHECK_WHY((c > 0) - (c < 0) == -t[i].cmp && (ci > 0) - (ci < 0) == -t[i].icmp, t[i].why);
        if (t[i].ieq)
            CHECK_WHY(str_ihash(t[i].a) == str_ihash(t[i].b), t[i].why);
    }
    CHECK(str_hash(STR("a")) != str_hash(STR("A")));
}

static void finds(void **state)
{
    (void)state;
    const struct { const char *s, *part; size_t at, iat; } t[] = {
        { "abcabc", "bc", 1, 1 }, { "aBc", "bC", STR_NONE, 1 }, { "abc", "", 0, 0 }, { "", "", 0, 0 },
        { "", "a", STR_NONE, STR_NONE }, { "ab", "abc", STR_NONE, STR_NONE }, { "aab", "ab", 1, 1 }, { "xyz", "z", 2, 2 },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct str s = test_heap(t[i].s, strlen(t[i].s)), part = test_heap(t[i].part, strlen(t[i].part));
        CHECK_WHY(str_find(s, part) == t[i].at && str_ifind(s, part) == t[i].iat, t[i].s);
        CHECK(str_has(s, part) == (t[i].at != STR_NONE) && str_ihas(s, part) == (t[i].iat != STR_NONE));
        test_free(s);
        test_free(part);
    }
    CHECK(str_chr(STR("aba"), 'a') == 0 && str_rchr(STR("aba"), 'a') == 2);
    CHECK(str_chr(STR("aba"), 'x') == STR_NONE && str_rchr(STR_EMPTY, 'x') == STR_NONE);
    CHECK(str_starts(STR("abc"), STR("ab")) && !str_starts(STR("a"), STR("ab")) && str_istarts(STR("AB"), STR("ab")));
    CHECK(str_ends(STR("abc"), STR("bc")) && !str_ends(STR("c"), STR("bc")) && str_iends(STR("aBC"), STR("bc")));
    CHECK(str_starts(STR_EMPTY, STR_EMPTY) && str_ends(STR("a"), STR_EMPTY));
}

static void takes_parts(void **state)
{
    (void)state;
    CHECK_STR(str_sub(STR("abcd"), 1, 3), STR("bc"));
    CHECK_STR(str_sub(STR("abcd"), 3, 99), STR("d"));
    CHECK_STR(str_sub(STR("abcd"), 9, 2), STR(""));
    CHECK_STR(str_from(STR("abcd"), 9), STR(""));
    CHECK(str_sub(STR_EMPTY, 1, 2).p == NULL);
    CHECK_STR(str_trim(STR(" \t\r\na b\v\f ")), STR("a b"));
    CHECK_STR(str_trim(STR("  ")), STR(""));

    struct str rest = STR("a,,b,"), part;
    const char *want[] = { "a", "", "b", "" };
    for (size_t i = 0; i < COUNT_OF(want); i++) {
        CHECK(str_cut(&rest, ',', &part));
        CHECK_STR(part, str_c(want[i]));
    }
    CHECK(!str_cut(&rest, ',', &part));
    rest = STR_EMPTY;
    CHECK(!str_cut(&rest, ',', &part));
    CHECK(str_c(NULL).n == 0);
}

static void decodes_percent(void **state)
{
    (void)state;
    const struct { const char *in; struct str want; } t[] = {
        { "%41b%2f", STR_INIT("Ab/") }, { "%2541", STR_INIT("%41") }, { "%4", STR_INIT("%4") }, { "%", STR_INIT("%") },
        { "%zz%4g", STR_INIT("%zz%4g") }, { "%%41", STR_INIT("%A") }, { "a%00b", STR_INIT("a\0b") }, { "a+b", STR_INIT("a+b") },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a  = test_arena(64);
        struct str        in = test_heap(t[i].in, strlen(t[i].in));
        CHECK_STR(str_unpercent(&a.a, in), t[i].want);
        test_free(in);
        test_arena_free(&a);
    }
}

static void builds(void **state)
{
    (void)state;
    struct test_arena t = test_arena(256);

    CHECK_STR(str_dup(&t.a, STR("a\0b")), STR("a\0b"));
    CHECK(str_dup(&t.a, STR_EMPTY).p != NULL);          /* empty is not the same as failed */
    CHECK_STR(str_lower(&t.a, STR("AbC\xC3\x89")), STR("abc\xC3\x89"));
    CHECK_STR(str_cat(&t.a, STR("a"), STR("b")), STR("ab"));
    CHECK(str_cat(&t.a, STR_EMPTY, STR_EMPTY).p != NULL);
    CHECK_STR(str_fmt(&t.a, "%d-%.*s", 7, STR_ARG(STR("xy"))), STR("7-xy"));
    CHECK(strcmp(str_cstr(&t.a, STR("path")), "path") == 0);
    CHECK(str_cstr(&t.a, STR("a\0b")) == NULL);
    t.a.beg = t.a.end;
    CHECK(!str_dup(&t.a, STR("x")).p && !str_lower(&t.a, STR("x")).p && !str_cat(&t.a, STR("x"), STR("y")).p);
    CHECK(!str_fmt(&t.a, "x").p && !str_cstr(&t.a, STR("x")) && !str_unpercent(&t.a, STR("%41")).p);
    CHECK_STR(str_unpercent(&t.a, STR("none")), STR("none"));
    test_arena_free(&t);
}

/* Against the plainest search there is: short alphabets, so that first and last bytes fit often. */
static void finds_without_case_at_random(void **state)
{
    uint64_t x = 88172645463325252u;

    (void)state;
    for (int round = 0; round < 30000; round++) {
        size_t   n = (size_t)(round % 70), k = (size_t)(round % 5) + 1, want = STR_NONE;
        uint8_t *p = malloc(n ? n : 1), part[5];
        CHECK(p != NULL);
        for (size_t i = 0; i < n + k; i++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            uint8_t c = (uint8_t)("aAbB@`[{"[x >> 32 & 7]);    /* '@' and '`', '[' and '{' differ by the bit that letters fold */
            *(i < n ? &p[i] : &part[i - n]) = c;
        }
        for (size_t i = 0; i + k <= n && want == STR_NONE; i++)
            want = str_ieq((struct str){ p + i, k }, (struct str){ part, k }) ? i : want;
        CHECK(str_ifind((struct str){ p, n }, (struct str){ part, k }) == want);
        free(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(compares), cmocka_unit_test(finds), cmocka_unit_test(takes_parts),
                                        cmocka_unit_test(decodes_percent), cmocka_unit_test(builds), cmocka_unit_test(finds_without_case_at_random) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
