#include "test.h"

#include "base/b64.h"
#include "base/num.h"

static void decodes(void **state)
{
    static const struct { const char *text; struct str want; bool ok; const char *why; } row[] = {
        { "Zm9vYmFy", STR_INIT("foobar"), true, "whole groups" },
        { "Zm9vYg==", STR_INIT("foob"), true, "two signs of filling" },
        { "Zm9vYmE=", STR_INIT("fooba"), true, "one sign of filling" },
        { "Zm9vYmE", STR_INIT("fooba"), true, "the filling may be missing" },
        { "Zm9v\r\n Ym Fy", STR_INIT("foobar"), true, "white space between" },
        { "-_-_", STR_INIT("\xFB\xFF\xBF"), true, "the alphabet of URLs" },
        { "", STR_INIT(""), false, "nothing" },
        { "Zm9vY", STR_INIT(""), false, "one letter left over" },
        { "Zm9v!mFy", STR_INIT(""), false, "a foreign byte" },
        { "====", STR_INIT(""), false, "filling only" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(row); i++) {
        struct test_arena t = test_arena(256);
        struct str in = test_heap(row[i].text, strlen(row[i].text)), got = STR_EMPTY;
        struct err e = { 0 };
        CHECK_WHY(b64_decode(&got, &t.a, in, &e) == row[i].ok && (row[i].ok || e.kind == ERR_FORMAT), row[i].why);
        CHECK_STR(got, row[i].want);
        test_free(in);
        test_arena_free(&t);
    }
    /* There and back, at every remainder of three. */
    for (size_t i = 0; i <= 6; i++) {
        struct test_arena t = test_arena(256);
        struct str        text = str_sub(STR("foob\xff\0"), 0, i), coded, back;
        struct err        e = { 0 };
        CHECK(b64_encode(&coded, &t.a, text, &e) && coded.n == (i + 2) / 3 * 4);
        if (i) {
            CHECK(b64_decode(&back, &t.a, coded, &e));
            CHECK_STR(back, text);
        }
        if (i == 4)
            CHECK_STR(coded, STR("Zm9vYg=="));
        test_arena_free(&t);
    }
    struct test_arena small = test_arena(2);
    CHECK(!b64_encode(&(struct str){ 0 }, &small.a, STR("abc"), &(struct err){ 0 }));
    struct err e = { 0 };
    CHECK(!b64_decode(&(struct str){ 0 }, &small.a, STR("Zm9vYmFy"), &e) && e.kind == ERR_MEMORY);
    test_arena_free(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(decodes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
