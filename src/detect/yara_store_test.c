#include "test.h"

#include "detect/yara.h"

#include "base/num.h"

struct kept { uint8_t *p; size_t n, cap; size_t fail_at; };

static bool keep(void *ctx, struct str s, struct err *e)
{
    struct kept *k = ctx;

    if (k->fail_at && k->n + s.n >= k->fail_at)
        return err_set(e, ERR_IO, "no room on the disk");
    if (k->n + s.n > k->cap)
        k->p = realloc(k->p, k->cap = 2 * (k->n + s.n));
    memcpy(k->p + k->n, s.p, s.n);
    k->n += s.n;
    return true;
}

static const struct yara_file files[] = {
    { STR_INIT("a.yar"), STR_INIT("rule a : tag { meta: author = \"me\" strings: $a = \"needle\" condition: $a }"), true },
    { STR_INIT("bad.yar"), STR_INIT("rule"), false },
    { STR_INIT("b.yar"), STR_INIT("rule b { meta: axis = \"use\" state = \"used\" condition: extension == \".aspx\" }"), false },
};

static struct kept saved(struct arena a)
{
    struct yara y;
    struct kept k = { .n = 0 };
    struct err  e = { 0 };

    CHECK(yara_compile(&y, &a, files, COUNT_OF(files), &e) && yara_save(&y, COUNT_OF(files), keep, &k, &e));
    yara_close(&y);
    return k;
}

static void round_trip(void **state)
{
    struct test_arena    t = test_arena(1 << 20);
    struct kept          k = saved(t.a);
    struct str           exact = test_heap(k.p, k.n);
    struct yara          y;
    struct yara_scanner *s;
    struct yara_result   r;
    struct yara_about    about = { .extension = STR(".aspx") };
    struct err           e = { 0 };

    (void)state;
    CHECK(yara_stored(&y, &t.a, exact, files, COUNT_OF(files), &e));
    CHECK(y.file_n == 2 && y.rule_n == 2 && y.own_n == 1 && y.refused_n == 2 && yara_memory_bytes(&y, 1) > y.compiled_bytes);
    CHECK_STR(y.refused[0].file, STR("bad.yar"));
    CHECK(!y.refused[0].told_only && y.refused[1].told_only);
    CHECK_STR(y.refused[1].file, STR("b.yar"));
    CHECK(!yara_scanner_open(&s, &y, 1, &e));                  /* it sleeps */
    e = (struct err){ 0 };
    CHECK(yara_wake(&y, &e) && yara_wake(&y, &e));
    test_free(exact);                                          /* not needed any more */
    CHECK(yara_scanner_open(&s, &y, 1, &e) && yara_scan(s, &t.a, STR("a needle"), &about, &r, &e));
    CHECK(r.hit_n == 2);
    CHECK_STR(r.hit[0].file, STR("a.yar"));
    CHECK_STR(r.hit[0].author, STR("me"));
    CHECK(r.hit[0].pack && !r.hit[1].pack);
    CHECK_STR(r.hit[1].file, STR("b.yar"));
    yara_scanner_close(s);
    yara_close(&y);
    free(k.p);
    test_arena_free(&t);
}

/* Of an empty set, and of one that was put to rest. */
static void nothing(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct kept       k = { .n = 0 };
    struct yara       y;
    struct err        e = { 0 };

    (void)state;
    CHECK(yara_compile(&y, &t.a, files + 1, 1, &e) && !y.code && yara_save(&y, 1, keep, &k, &e));
    yara_close(&y);
    CHECK(yara_stored(&y, &t.a, (struct str){ k.p, k.n }, files + 1, 1, &e) && !y.code && y.refused_n == 1 && yara_wake(&y, &e));
    yara_close(&y);
    free(k.p);
    k = saved(t.a);
    CHECK(yara_stored(&y, &t.a, (struct str){ k.p, k.n }, files, COUNT_OF(files), &e));
    CHECK(yara_none(&y, &t.a, STR("for a reason"), &e) && !y.code && y.refused_n == 4 && !y.rule_n);
    CHECK_STR(y.refused[3].why, STR("for a reason"));
    yara_close(&y);
    free(k.p);
    test_arena_free(&t);
}

/* Cut anywhere, any byte of the head and the lists turned: nothing is read that is not there, and what is told is within bounds. */
static void damage(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct kept       k = saved(t.a);
    struct err        e;
    struct yara       y;

    (void)state;
    for (size_t cut = 0; cut < k.n; cut += cut < 400 ? 1 : 997) {
        struct str   exact = test_heap(k.p, cut);
        struct arena a = t.a;
        e = (struct err){ 0 };
        CHECK(!yara_stored(&y, &a, exact, files, COUNT_OF(files), &e) && e.kind == ERR_FORMAT);
        test_free(exact);
    }
    for (size_t i = 0; i < 400; i++)
        for (int bit = 0; bit < 8; bit++) {
            struct str   exact = test_heap(k.p, k.n);
            struct arena a = t.a;
            e = (struct err){ 0 };
            ((uint8_t *)(uintptr_t)exact.p)[i] ^= (uint8_t)(1 << bit);
            if (yara_stored(&y, &a, exact, files, COUNT_OF(files), &e))
                CHECK(y.file_n <= COUNT_OF(files) && y.own_n <= y.rule_n && y.compiled_bytes <= YARA_COMPILED_MAX);
            else
                CHECK(e.kind == ERR_FORMAT);
            test_free(exact);
        }
    e = (struct err){ 0 };
    CHECK(!yara_stored(&y, &t.a, (struct str){ k.p, k.n }, files, 2, &e) && e.kind == ERR_FORMAT);      /* of other files */
    free(k.p);
    test_arena_free(&t);
}

static void full(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct kept       whole = saved(t.a);
    struct yara       y;
    struct err        e = { 0 };

    (void)state;
    CHECK(yara_compile(&y, &t.a, files, COUNT_OF(files), &e));
    for (size_t at = 1; at < whole.n; at += 501) {
        struct kept k = { .fail_at = at };
        e = (struct err){ 0 };
        CHECK(!yara_save(&y, COUNT_OF(files), keep, &k, &e) && e.kind == ERR_IO);
        free(k.p);
    }
    yara_close(&y);
    free(whole.p);
    test_arena_free(&t);
}

static bool stored(struct arena *a, struct err *e)
{
    struct test_arena t = test_arena(1 << 20);
    struct kept       k = saved(t.a);
    struct yara       y;
    bool              ok = yara_stored(&y, a, (struct str){ k.p, k.n }, files, COUNT_OF(files), e);

    free(k.p);
    test_arena_free(&t);
    return ok;
}
static void faults(void **state) { (void)state; fault_sweep(stored, 1 << 16); }

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(round_trip), cmocka_unit_test(nothing), cmocka_unit_test(damage), cmocka_unit_test(full), cmocka_unit_test(faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
