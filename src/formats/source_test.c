#include "test.h"
#include "base/num.h"
#include "formats/source.h"

/* lines_test.c reads damaged and cut sources through lines; here are the promises that lines does not show. */

struct feed { struct str in; size_t pos, step; };

static bool feed_fill(void *ctx, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct feed *f = ctx;
    size_t n = f->in.n - f->pos;

    (void)e;
    n = n < cap ? n : cap;
    n = n < f->step ? n : f->step;
    if (n)
        memcpy(buf, f->in.p + f->pos, n);
    f->pos  += n;
    *ret_got = n;
    return true;
}

static const struct { const char *why; struct str in, text; uint64_t offset; enum utf_kind kind; } table[] = {
    { "plain, with NUL", STR_INIT("a\0b"), STR_INIT("a\0b"), 0, UTF_8 },
    { "a mark", STR_INIT("\xEF\xBB\xBFx"), STR_INIT("x"), 3, UTF_8 },
    { "only a mark", STR_INIT("\xFF\xFE"), STR_INIT(""), 2, UTF_16LE },
    { "surrogates and an odd end", STR_INIT("\xFF\xFE\x3D\xD8\x00\xDE" "a"), STR_INIT("\xF0\x9F\x98\x80\xEF\xBF\xBD"), 2, UTF_16LE },
    { "a pair that never comes", STR_INIT("\xFF\xFE\x3D\xD8"), STR_INIT("\xEF\xBF\xBD"), 2, UTF_16LE },
    { "Windows-1252", STR_INIT("caf\xE9 x"), STR_INIT("caf\xC3\xA9 x"), 0, UTF_1252 },
    { "too short for gz", STR_INIT("\x1F\x8B"), STR_INIT("\x1F\xE2\x80\xB9"), 0, UTF_1252 },
    { "nothing", STR_INIT(""), STR_INIT(""), 0, UTF_8 },
};

static void gives_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++)
        for (size_t step = 1; step <= 3; step++) {
            struct test_arena t  = test_arena(1 << 20);
            struct str        in = test_heap(table[i].in.p, table[i].in.n);
            struct feed       f  = { in, 0, step };
            uint8_t          *out = malloc(2 * SOURCE_ROOM);
            struct source    *s;
            struct err        e = { 0 };
            uint64_t          offset;
            bool              ended = false;

            CHECK(source_open(&s, &t.a, feed_fill, &f, &e));
            size_t n = source_start(s, out, &offset, &ended);
            while (!ended)
                n += source_read(s, out + n, SOURCE_ROOM, &ended);
            CHECK_STR(((struct str){ out, n }), table[i].text);
            CHECK_WHY(offset == table[i].offset && source_kind(s) == table[i].kind && !source_gz(s), table[i].why);
            CHECK_WHY(source_why(s)->kind == ERR_NONE, table[i].why);
            source_close(s);
            free(out);
            test_free(in);
            test_arena_free(&t);
        }
    source_close(NULL);
}

static void recognises_bombs(void **state)
{
    (void)state;
    CHECK(!source_over_ratio(1, 64 << 20) && !source_over_ratio(1, (64 << 20) + 1000));
    CHECK(source_over_ratio(0, (64 << 20) + 1000) && source_over_ratio(1, UINT64_MAX));
    CHECK(!source_over_ratio(UINT64_MAX, UINT64_MAX));
}

static bool work(struct arena *a, struct err *e)
{
    struct feed    f = { STR("x"), 0, 1 };
    struct source *s;

    return source_open(&s, a, feed_fill, &f, e);
}

static void survives_faults(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(gives_utf8), cmocka_unit_test(recognises_bombs), cmocka_unit_test(survives_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
