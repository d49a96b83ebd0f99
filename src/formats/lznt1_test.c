#include "test.h"

#include "formats/lznt1.h"

static void cases(void **state)
{
    static const struct { const char *in; size_t n; const char *out; bool ok; const char *why; } c[] = {
        { "", 0, "", true, "nothing" },
        { "\x03\xb0\x02" "a\x06\x00", 6, "aaaaaaaaaa", true, "a run of one letter" },
        { "\x02\x30" "abc", 5, "abc", true, "stored as it is" },
        { "\x03\xb0\x02" "a\x06\x10", 6, "a", false, "further back than there is" },
        { "\xff\xbf\x00", 3, "", false, "cut" },
        { "\0\0junk", 6, "", true, "the end" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        uint8_t    out[64];
        size_t     n = 99;
        struct str in = test_heap(c[i].in, c[i].n);
        CHECK_WHY(lznt1_unpack(in, out, sizeof out, &n) == c[i].ok, c[i].why);
        CHECK_WHY(n == strlen(c[i].out) && memcmp(out, c[i].out, n) == 0, c[i].why);
        test_free(in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
