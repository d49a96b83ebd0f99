#include "casework/intake_seen.h"

#include "test.h"

static void passes(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct seen      *s;
    int64_t           n = 0;
    char              key[SEEN_KEY_MAX + 1];
    const uint8_t     nonce[SIP_KEY_BYTES] = { 1, 2, 3 };

    (void)state;
    CHECK(seen_open(&s, &t.a, 256 << 10, nonce));
    CHECK(!seen_find(s, STR("a"), &n) && !seen_find(s, STR_EMPTY, &n));
    seen_put(s, STR("a"), 7);
    seen_put(s, STR("a\0b"), 8);
    seen_put(s, STR("a"), 9);                               /* the first stays */
    CHECK(seen_find(s, STR("a"), &n) && n == 7 && seen_find(s, STR("a\0b"), &n) && n == 8 && !seen_find(s, STR("b"), &n));
    /* Far more than fits: what is found is always right. */
    for (int round = 0; round < 20000; round++) {
        int len = snprintf(key, sizeof key, "key number %d", round);
        seen_put(s, (struct str){ (const uint8_t *)key, (size_t)len }, round);
        CHECK(seen_find(s, (struct str){ (const uint8_t *)key, (size_t)len }, &n) && n == round);
        len = snprintf(key, sizeof key, "key number %d", round / 2);
        if (seen_find(s, (struct str){ (const uint8_t *)key, (size_t)len }, &n))
            CHECK(n == round / 2);
    }
    memset(key, 'x', sizeof key);
    seen_put(s, (struct str){ (const uint8_t *)key, sizeof key }, 1);
    CHECK(!seen_find(s, (struct str){ (const uint8_t *)key, sizeof key }, &n));
    seen_put(s, (struct str){ (const uint8_t *)key, SEEN_KEY_MAX }, 1);
    CHECK(seen_find(s, (struct str){ (const uint8_t *)key, SEEN_KEY_MAX }, &n));
    struct arena none = { t.a.beg, t.a.beg, NULL };
    CHECK(!seen_open(&s, &none, 1 << 20, nonce));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(passes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
