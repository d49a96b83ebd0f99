#include "test.h"

#include "base/num.h"
#include "base/time.h"
#include "formats/pe.h"
#include "make_pe.h"

static const uint16_t version[4] = { 15, 1, 2106, 13 };
static const char *const exports[] = { "RegisterModule", "Other", NULL };
static const char *const strings[] = { "~/aspnet_client/x.aspx", "", "a longer literal that needs a length of two bytes, because it has more than sixty-three characters", NULL };
static const char *const names[] = { "Page", "get_Request", NULL };
static const struct make_pe all = { version, "Microsoft\xAE Exchange", "15.01.2106.013", exports, strings, names, "Tea.exe" };

static size_t full(uint8_t b[MAKE_PE_MAX]) { return make_pe(b, &all); }

static void test_all(void **state)
{
    uint8_t           b[MAKE_PE_MAX];
    struct test_arena t = test_arena(1 << 16);
    size_t            n = full(b);
    struct str        in = test_heap(b, n), s;
    struct pe         p;
    struct err        e = { 0 };
    size_t            pos = 0;

    (void)state;
    CHECK(pe_parse(&p, &t.a, in, &e));
    CHECK(!p.damaged && p.machine == 0x14C && p.is_dll && !p.is_64 && p.has_clr && p.has_version);
    CHECK(memcmp(p.version, version, sizeof version) == 0);
    CHECK_STR(p.file_version, STR("15.01.2106.013"));
    CHECK_STR(p.original_name, STR("Tea.exe"));
    CHECK(str_starts(p.product_name, STR("Microsoft\xC2\xAE")));
    CHECK(p.export_n == 2 && p.export_total == 2);
    CHECK_STR(p.export_name[0], STR("RegisterModule"));
    CHECK(p.link_us == INT64_C(1600000000) * TIME_SECOND);
    CHECK(pe_has_user_text(&p, STR("ASPNET_CLIENT/")) && !pe_has_user_text(&p, STR("nowhere")));
    CHECK(pe_has_user_text(&p, STR("sixty-three characters")));
    CHECK(pe_has_name(&p, STR("get_Request")) && !pe_has_name(&p, STR("get_")));
    CHECK(pe_user_string(p.us_heap, &pos, &s) && s.n == 2 * strlen(strings[0]));
    CHECK(pe_user_string(p.us_heap, &pos, &s) && s.n == 2 * strlen(strings[2]));
    CHECK(!pe_user_string(p.us_heap, &pos, &s));
    test_free(in);
    test_arena_free(&t);
}

/* A file cut anywhere is refused or read as far as it goes; it never reads beyond its end (exact-size block). */
static void test_cut(void **state)
{
    uint8_t b[MAKE_PE_MAX];
    size_t  n = full(b);

    (void)state;
    for (size_t cut = 0; cut < n; cut++) {
        struct test_arena t = test_arena(1 << 13);
        struct str        in = test_heap(b, cut);
        struct pe         p;
        struct err        e = { 0 };
        if (pe_parse(&p, &t.a, in, &e)) {
            pe_has_user_text(&p, STR("x"));
            pe_has_name(&p, STR("x"));
        } else {
            CHECK(e.kind == ERR_FORMAT);
        }
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_not_one(void **state)
{
    static const char *const in[] = { "", "M", "MZ", "not at all a program", "MZ..............................................................................................." };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(in); i++) {
        struct pe  p;
        struct err e = { 0 };
        CHECK_WHY(!pe_parse(&p, NULL, str_c(in[i]), &e) && e.kind == ERR_FORMAT, in[i]);
    }
}

static bool sweep(struct arena *a, struct err *e)
{
    uint8_t   b[MAKE_PE_MAX];
    struct pe p;
    size_t    n = full(b);
    return pe_parse(&p, a, (struct str){ b, n }, e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_all), cmocka_unit_test(test_cut), cmocka_unit_test(test_not_one), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
