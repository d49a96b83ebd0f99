#include "test.h"

#include "base/num.h"
#include "emit/out_mem.h"
#include "report/tiles.h"

static void world(void **state)
{
    (void)state;
    for (size_t i = 0; i < TILES; i++) {
        const struct tile *t = &tiles_world[i];
        CHECK(t->column < TILES_COLUMNS && t->row < TILES_ROWS && tile_of(str_c(t->code)) == t);
        CHECK(i == 0 || strcmp(tiles_world[i - 1].code, t->code) < 0);
        for (size_t k = 0; k < i; k++)
            CHECK_WHY(t->column != tiles_world[k].column || t->row != tiles_world[k].row, t->code);
    }
    CHECK(!tile_of(STR("")) && !tile_of(STR("ZZ")) && !tile_of(STR("DEU")) && !tile_of(STR("de")));
    /* Plain geography: who lies east of whom, and north. */
    static const struct { const char *one, *other; bool east; } c[] = { { "DE", "FR", true }, { "PL", "DE", true }, { "JP", "CN", true }, { "US", "MX", false }, { "CA", "US", false }, { "NO", "IT", false },
                                                                        { "IT", "ZA", false }, { "AU", "IN", true }, { "BR", "PE", true }, { "SE", "GR", false } };
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        const struct tile *a = tile_of(str_c(c[i].one)), *b = tile_of(str_c(c[i].other));
        CHECK_WHY(c[i].east ? a->column > b->column : a->row < b->row, c[i].one);
    }
}

static void numbers(void **state)
{
    static const struct { uint64_t n; const char *text; } c[] = { { 0, "0" }, { 999, "999" }, { 1000, "1.0k" }, { 1250, "1.2k" }, { 9949, "9.9k" }, { 9950, "10k" }, { 999499, "999k" }, { 5000000, ">1M" } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        char text[8];
        tile_number(c[i].n, text);
        CHECK_STR(str_c(text), str_c(c[i].text));
    }
}

static void drawn(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct out_mem    m = { .a = &t.a };
    struct out       *o = calloc(1, sizeof *o);
    struct page       p = { .o = o };
    struct tile_count c[] = { { tile_of(STR("DE")), 900, "900" }, { tile_of(STR("AT")), 90, "90" }, { tile_of(STR("FR")), 3, "3" }, { NULL, 1e9, "!" }, { tile_of(STR("IT")), 0, "0" } };
    struct err        e = { 0 };

    (void)state;
    out_open(o, out_mem_put, &m);
    tiles_draw(&p, c, COUNT_OF(c), "a map");
    CHECK(out_done(o, &e));
    struct str s = out_mem_str(&m);
    CHECK(str_has(s, STR(">900</text>")) && str_has(s, STR("class=\"m5\"")) && str_has(s, STR("class=\"m3\"")) && str_has(s, STR("class=\"m1\"")) && !str_has(s, STR(">!<")));
    size_t n = 0;
    for (size_t at = str_find(s, STR("<rect")); at != STR_NONE; n++) {
        s = str_from(s, at + 5);
        at = str_find(s, STR("<rect"));
    }
    CHECK(n == TILES);
    free(o);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(world), cmocka_unit_test(numbers), cmocka_unit_test(drawn) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
