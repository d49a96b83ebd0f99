#include "test.h"

#include "base/num.h"
#include "base/search_hs.h"

/* That it finds what our own matcher finds is shown in search_test. Here: the rooms, the bounds, and memory that ends. */

struct hits { int32_t text[64]; size_t end[64], n; };

static void keep(void *ctx, int32_t text, size_t end)
{
    struct hits *h = ctx;
    CHECK(h->n < COUNT_OF(h->end));
    h->text[h->n] = text;
    h->end[h->n++] = end;
}

static const struct str few[] = { STR_INIT("discover.aspx"), STR_INIT("aa"), STR_INIT("[x") };

static void finds(void **state)
{
    struct test_arena t = test_arena(4 << 20);
    struct search_hs *h = NULL;
    struct hits       got = { 0 };

    (void)state;
    CHECK(search_hs_build(&h, &t.a, few, COUNT_OF(few)));
    if (!search_hs_able()) {
        CHECK(!h);
        test_arena_free(&t);
        return;
    }
    CHECK(h);
    struct search_hs_room *r = search_hs_open(h);
    struct str             in = test_heap("DISCOVER.ASPX aAa [X {x", 23);
    CHECK(search_hs_run(r, in, keep, &got));
    search_hs_close(h, r);
    CHECK(got.n == 4);
    CHECK(got.text[0] == 0 && got.end[0] == 13 && got.text[1] == 1 && got.end[1] == 16 && got.text[2] == 1 && got.end[2] == 17);
    CHECK(got.text[3] == 2 && got.end[3] == 20);
    test_free(in);
    test_arena_free(&t);
}

static void rooms(void **state)
{
    struct test_arena      t = test_arena(4 << 20);
    struct search_hs      *h = NULL;
    struct search_hs_room *r[HS_ROOMS];

    (void)state;
    CHECK(search_hs_build(&h, &t.a, few, COUNT_OF(few)));
    for (int round = 0; h && round < 3; round++) {
        for (size_t i = 0; i < HS_ROOMS; i++) {
            struct hits got = { 0 };
            CHECK((r[i] = search_hs_open(h)));
            for (size_t k = 0; k < i; k++)
                CHECK(r[k] != r[i]);
            CHECK(search_hs_run(r[i], STR("an aa"), keep, &got) && got.n == 1);
        }
        CHECK(!search_hs_open(h));
        search_hs_close(h, r[17]);
        CHECK(search_hs_open(h) == r[17] && !search_hs_open(h));
        for (size_t i = 0; i < HS_ROOMS; i++)
            search_hs_close(h, r[i]);
    }
    test_arena_free(&t);
}

/* What it does not want to do is no error: our own matcher does it. */
static void declines(void **state)
{
    static struct str  many[HS_TEXTS_MAX + 1];
    struct test_arena  t = test_arena(4 << 20), small = test_arena(64 << 10);
    struct search_hs  *h = (struct search_hs *)(void *)many;

    (void)state;
    CHECK(search_hs_build(&h, &t.a, NULL, 0) && !h);
    CHECK(search_hs_build(&h, &t.a, many, COUNT_OF(many)) && !h);
    CHECK(search_hs_build(&h, &small.a, few, COUNT_OF(few)) && !h);
    test_arena_free(&t);
    test_arena_free(&small);
}

static bool build(struct arena *a, struct err *e)
{
    struct search_hs *h;
    return search_hs_build(&h, a, few, COUNT_OF(few)) || err_set(e, ERR_MEMORY, "no room");
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(build, 4 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds), cmocka_unit_test(rooms), cmocka_unit_test(declines), cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
