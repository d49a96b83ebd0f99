#include "test.h"
#include "base/num.h"
#include "base/utf.h"

static void knows_valid_sequences(void **state)
{
    (void)state;
    const struct { struct str s; size_t n; uint32_t cp; } t[] = {
        { STR_INIT("a"), 1, 'a' }, { STR_INIT("\0"), 1, 0 }, { STR_INIT("\xC2\x80"), 2, 0x80 }, { STR_INIT("\xDF\xBF"), 2, 0x7FF },
        { STR_INIT("\xE0\xA0\x80"), 3, 0x800 }, { STR_INIT("\xED\x9F\xBF"), 3, 0xD7FF }, { STR_INIT("\xEF\xBF\xBD"), 3, 0xFFFD },
        { STR_INIT("\xF0\x90\x80\x80"), 4, 0x10000 }, { STR_INIT("\xF4\x8F\xBF\xBF"), 4, 0x10FFFF },
        { STR_INIT(""), 0, 0 }, { STR_INIT("\x80"), 0, 0 }, { STR_INIT("\xC0\x80"), 0, 0 }, { STR_INIT("\xC1\xBF"), 0, 0 },
        { STR_INIT("\xC2"), 0, 0 }, { STR_INIT("\xC2" "a"), 0, 0 }, { STR_INIT("\xE0\x9F\xBF"), 0, 0 }, { STR_INIT("\xED\xA0\x80"), 0, 0 },
        { STR_INIT("\xE2\x82"), 0, 0 }, { STR_INIT("\xF0\x8F\xBF\xBF"), 0, 0 }, { STR_INIT("\xF4\x90\x80\x80"), 0, 0 }, { STR_INIT("\xF5\x80\x80\x80"), 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct str s = test_heap(t[i].s.p, t[i].s.n);
        uint32_t   cp = 0;
        uint8_t    back[4];
        CHECK(utf8_next(s, &cp) == t[i].n);
        if (t[i].n) {
            CHECK(cp == t[i].cp && utf8_put(cp, back) == t[i].n && memcmp(back, s.p, t[i].n) == 0);
            CHECK(utf8_valid(s));
        } else {
            CHECK(utf8_valid(s) == (s.n == 0));
        }
        test_free(s);
    }
    uint8_t back[4];
    CHECK(utf8_put(0xD800, back) == 3 && memcmp(back, "\xEF\xBF\xBD", 3) == 0);
    CHECK(utf8_put(0x110000, back) == 3 && memcmp(back, "\xEF\xBF\xBD", 3) == 0);
}

static void cleans(void **state)
{
    (void)state;
    const struct { struct str in, want; } t[] = {
        { STR_INIT("ok \xC3\xA9"), STR_INIT("ok \xC3\xA9") },
        { STR_INIT("a\xFF" "b\xC3"), STR_INIT("a\xEF\xBF\xBD" "b\xEF\xBF\xBD") },
        { STR_INIT("\xE2\x82z"), STR_INIT("\xEF\xBF\xBD\xEF\xBF\xBDz") },
        { STR_INIT(""), STR_INIT("") },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a  = test_arena(256);
        struct str        in = test_heap(t[i].in.p, t[i].in.n);
        CHECK_STR(utf8_clean(&a.a, in), t[i].want);
        test_free(in);
        test_arena_free(&a);
    }
    struct arena none = { NULL, NULL, NULL };
    CHECK(utf8_clean(&none, STR_EMPTY).p && !utf8_clean(&none, STR("\xFF")).p);
}

static void guesses(void **state)
{
    (void)state;
    const struct { struct str in; enum utf_kind kind; size_t skip; } t[] = {
        { STR_INIT(""), UTF_8, 0 }, { STR_INIT("plain"), UTF_8, 0 }, { STR_INIT("\xEF\xBB\xBFx"), UTF_8, 3 },
        { STR_INIT("\xFF\xFEx\0"), UTF_16LE, 2 }, { STR_INIT("\xFE\xFF\0x"), UTF_16BE, 2 },
        { STR_INIT("#\0S\0o\0f\0"), UTF_16LE, 0 }, { STR_INIT("\0#\0S\0o\0f"), UTF_16BE, 0 },
        { STR_INIT("caf\xC3\xA9"), UTF_8, 0 }, { STR_INIT("caf\xE9 x"), UTF_1252, 0 }, { STR_INIT("cut \xE2\x82"), UTF_8, 0 },
        { STR_INIT("\0\0\0\0\0\0\0\0"), UTF_8, 0 }, { STR_INIT("a\0"), UTF_8, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct str in = test_heap(t[i].in.p, t[i].in.n);
        size_t     skip = 77;
        if (utf_guess(in, &skip) != t[i].kind || skip != t[i].skip)
            fail_msg("case %zu", i);
        test_free(in);
    }
    /* A character that the 512 byte window cuts does not make a file Windows-1252. */
    uint8_t big[600];
    size_t  skip;
    memset(big, 'a', sizeof big);
    memcpy(big + 510, "\xE2\x82\xAC", 3);
    CHECK(utf_guess((struct str){ big, sizeof big }, &skip) == UTF_8);
    big[511] = 'a';
    CHECK(utf_guess((struct str){ big, 512 }, &skip) == UTF_1252);
}

static void converts(void **state)
{
    (void)state;
    const struct { struct str in; enum utf_kind kind; struct str want; } t[] = {
        { STR_INIT("a\0\xE9\0\xAC\x20"), UTF_16LE, STR_INIT("a\xC3\xA9\xE2\x82\xAC") },
        { STR_INIT("\xD8\x3D\xDE\x00"), UTF_16BE, STR_INIT("\xF0\x9F\x98\x80") },
        { STR_INIT("\x3D\xD8z\0"), UTF_16LE, STR_INIT("\xEF\xBF\xBDz") },          /* a lone high surrogate */
        { STR_INIT("\x00\xDEz\0"), UTF_16LE, STR_INIT("\xEF\xBF\xBDz") },          /* a lone low one        */
        { STR_INIT("\x3D\xD8"), UTF_16LE, STR_INIT("\xEF\xBF\xBD") },
        { STR_INIT("a\0b"), UTF_16LE, STR_INIT("a\xEF\xBF\xBD") },
        { STR_INIT("\x80\x81\xA0\xFF"), UTF_1252, STR_INIT("\xE2\x82\xAC\xC2\x81\xC2\xA0\xC3\xBF") },
        { STR_INIT("a\xFF"), UTF_8, STR_INIT("a\xEF\xBF\xBD") },
    };
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct test_arena a  = test_arena(64);
        struct str        in = test_heap(t[i].in.p, t[i].in.n), got = utf_to8(&a.a, in, t[i].kind);
        CHECK_STR(got, t[i].want);
        CHECK(utf8_valid(got));
        test_free(in);
        test_arena_free(&a);
    }
    struct arena none = { NULL, NULL, NULL };
    CHECK(!utf_to8(&none, STR("a\0"), UTF_16LE).p && !utf_to8(&none, STR("a"), UTF_1252).p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(knows_valid_sequences), cmocka_unit_test(cleans),
                                        cmocka_unit_test(guesses), cmocka_unit_test(converts) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
