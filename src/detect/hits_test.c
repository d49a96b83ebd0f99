#include "test.h"

#include "detect/hits.h"

static struct hit base(int64_t t, const char *client, const char *url, uint16_t status)
{
    struct hit h = { .rule = 1, .sign = SIGN_PAGE, .family = FAM_IIS_FRONT, .first_us = t, .last_us = t, .count = 1, .response_bytes = 10,
                     .response_max = 10, .status = status, .client = str_c(client), .url = str_c(url), .method = STR("GET") };
    h.first.time_us = h.last.time_us = t;
    h.first.excerpt = h.last.excerpt = STR("GET");
    return h;
}

static void folds_repeats(void **state)
{
    struct test_arena a = test_arena(1 << 20);
    struct hits       h = { .keep = &a.a, .max = 100 };
    struct err        e = { 0 };
    struct hit        one;

    (void)state;
    for (int i = 0; i < 5; i++) {
        one = base(i * TIME_MINUTE, "198.51.100.1", "/aspnet_client/x.aspx", 200);
        CHECK(hits_push(&h, &one, &e));
    }
    CHECK(h.n == 1 && h.item[0].count == 5 && h.item[0].response_bytes == 50);
    CHECK(h.item[0].first_us == 0 && h.item[0].last_us == 4 * TIME_MINUTE);

    one = base(4 * TIME_MINUTE + TIME_HOUR - 1, "198.51.100.1", "/aspnet_client/x.aspx", 200);
    CHECK(hits_push(&h, &one, &e) && h.n == 1);             /* less than an hour of silence: still one */
    one = base(4 * TIME_MINUTE + 2 * TIME_HOUR - 1, "198.51.100.1", "/aspnet_client/x.aspx", 200);
    CHECK(hits_push(&h, &one, &e) && h.n == 2);             /* an hour: another visit, as sessions end by the contract */
    one = base(0, "198.51.100.2", "/aspnet_client/x.aspx", 200);
    CHECK(hits_push(&h, &one, &e) && h.n == 3);             /* another client */
    one = base(0, "198.51.100.2", "/aspnet_client/x.aspx", 500);
    CHECK(hits_push(&h, &one, &e) && h.n == 4);             /* another outcome */
    test_arena_free(&a);
}

static void folds_a_scanner(void **state)
{
    struct test_arena a = test_arena(4 << 20);
    struct hits       h = { .keep = &a.a, .max = 1000 };
    struct err        e = { 0 };
    char              url[64];

    (void)state;
    for (int i = 0; i < 500; i++) {
        snprintf(url, sizeof url, "/owa/auth/%d.aspx", i);
        struct hit one = base(i, "203.0.113.7", url, 302);
        CHECK(hits_push(&h, &one, &e));
    }
    CHECK(h.n == HITS_PAGES_MAX + 1);
    CHECK(h.item[h.n - 1].url.n == 0 && h.item[h.n - 1].count == 500 - HITS_PAGES_MAX);
    struct hit found = base(600, "203.0.113.7", "/owa/auth/there.aspx", 200);
    CHECK(hits_push(&h, &found, &e));
    CHECK_STR(h.item[h.n - 1].url, STR("/owa/auth/there.aspx"));   /* what answers is never folded away */
    test_arena_free(&a);
}

static void counts_beyond_the_bound(void **state)
{
    struct test_arena a = test_arena(1 << 20);
    struct hits       h = { .keep = &a.a, .max = 2 };
    struct err        e = { 0 };

    (void)state;
    for (int i = 0; i < 5; i++) {
        struct hit one = base(i * 10 * TIME_HOUR, "198.51.100.1", "/x.aspx", 200);
        CHECK(hits_push(&h, &one, &e));
    }
    CHECK(h.n == 2 && h.more == 3);
    test_arena_free(&a);
}

static void leaves_the_reserve(void **state)
{
    struct test_arena a = test_arena(12 << 20);
    struct hits       h = { .keep = &a.a, .max = 8000, .cap = 8000, .reserve = 4 << 20 };
    struct err        e = { 0 };
    char              url[400];

    (void)state;
    h.item = NEW(&a.a, struct hit, 8000);
    CHECK(h.item);
    for (int i = 0; i < 8000; i++) {
        snprintf(url, sizeof url, "/aspnet_client/%0350d.aspx", i);
        struct hit one = base(i, "203.0.113.7", url, 200);
        CHECK(hits_push(&h, &one, &e));
    }
    CHECK(h.n > 100 && h.n < 6000 && h.n + h.more == 8000 && arena_room(&a.a) >= 4 << 20);
    struct hit forged = base(0, "203.0.113.8", "/ecp/y.js", 200);
    forged.sign = SIGN_SESSION;
    size_t before = h.n;
    CHECK(hits_push(&h, &forged, &e));
    CHECK(h.n == before + 1);                              /* a flood of pages does not push out what proves more */
    test_arena_free(&a);
}

static void excerpts_hold_no_script(void **state)
{
    static const struct { const char *why, *in, *want; } t[] = {
        { "plain text stays", "GET /x", "GET /x" },
        { "what follows a tag's opening goes", "ExternalUrl='http://f/<scr" "ipt runat", "ExternalUrl='http://f/..." },
        { "Exchange's own marks stay", "CorrelationID=<empty>;x", "CorrelationID=<empty>;x" },
    };
    struct test_arena a = test_arena(1 << 16);

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        CHECK_STR(excerpt_of(&a.a, str_c(t[i].in)), str_c(t[i].want));
    uint8_t *big = malloc(10000);
    memset(big, 'a', 10000);
    CHECK(excerpt_of(&a.a, (struct str){ big, 10000 }).n == EXCERPT_MAX + 3);
    free(big);
    test_arena_free(&a);
}

static bool some(struct arena *a, struct err *e)
{
    struct hits h = { .keep = a, .max = 100 };
    struct hit  one = base(0, "198.51.100.1", "/x.aspx", 404), two = base(TIME_DAY, "198.51.100.1", "/y.aspx", 200);

    return hits_push(&h, &one, e) && hits_push(&h, &two, e) && hits_push(&h, &one, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(some, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(folds_repeats), cmocka_unit_test(folds_a_scanner),
                                    cmocka_unit_test(counts_beyond_the_bound), cmocka_unit_test(leaves_the_reserve), cmocka_unit_test(excerpts_hold_no_script),
                                    cmocka_unit_test(survives_faults) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
