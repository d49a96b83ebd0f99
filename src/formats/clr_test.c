#include "compiled_page.h"

#include "base/num.h"
#include "formats/clr.h"

static bool open_it(struct clr *ret, struct pe *p, struct arena *a, struct str in)
{
    struct err e = { 0 };
    return pe_parse(p, a, in, &e) && clr_open(ret, p, &e);
}

static void test_methods(void **state)
{
    static const struct { const char *name; bool is_static, returns, pinvoke; uint32_t params; } want[] = {
        { ".ctor", false, false, false, 0 }, { "Run", true, true, true, 2 }, { "Page_Load", false, false, false, 2 }, { "Go", false, false, false, 1 },
    };
    struct test_arena t = test_arena(1 << 16);
    struct str        in = compiled_page();
    struct clr        c;
    struct pe         p;
    struct clr_method m;

    (void)state;
    CHECK(open_it(&c, &p, &t.a, in) && !c.damaged && clr_method_n(&c) == COUNT_OF(want));
    for (uint32_t i = 0; i < COUNT_OF(want); i++) {
        CHECK_WHY(clr_method(&c, i, &m), want[i].name);
        CHECK_STR(m.name, str_c(want[i].name));
        CHECK_STR(m.type, STR("probe_aspx"));
        CHECK_STR(m.space, STR("ASP"));
        CHECK_STR(m.base, STR("Page"));
        CHECK_WHY(m.is_static == want[i].is_static && m.returns == want[i].returns && m.is_pinvoke == want[i].pinvoke && m.param_n == want[i].params, want[i].name);
        CHECK_WHY((m.code.n > 0) == !want[i].pinvoke, want[i].name);
    }
    CHECK(clr_method(&c, 1, &m));
    CHECK_STR(m.import_name, STR("WinExec"));
    CHECK_STR(m.import_from, STR("kernel32.dll"));
    CHECK_STR(clr_param_name(&c, &m, 0), STR("a"));
    CHECK_STR(clr_param_name(&c, &m, 1), STR("b"));
    CHECK(clr_param_name(&c, &m, 2).n == 0 && !clr_method(&c, 4, &m));
    test_free(in);
    test_arena_free(&t);
}

static void test_tokens(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct str        in = compiled_page();
    struct clr        c;
    struct pe         p;
    struct clr_method m;
    struct clr_op     o;
    struct clr_ref    r;
    size_t            pos = 0, texts = 0, calls = 0, fields = 0;

    (void)state;
    CHECK(open_it(&c, &p, &t.a, in) && clr_method(&c, 2, &m));
    while (clr_step(m.code, &pos, &o)) {
        CHECK(o.next == pos && o.next > o.at);
        if (o.op == 0x72) {
            CHECK(clr_ref(&c, (uint32_t)o.number, &r) && r.what == CLR_TEXT);
            texts++;
        }
        if (o.op == 0x28 || o.op == 0x6F) {
            CHECK(clr_ref(&c, (uint32_t)o.number, &r) && r.what == CLR_METHOD && r.name.n && r.type.n);
            if (str_eq(r.name, STR("get_Item")) && str_eq(r.type, STR("HttpRequest")))
                CHECK(r.has_this && r.returns && r.param_n == 1);
            calls++;
        }
        fields += o.op == 0x7B || o.op == 0x7D;
    }
    CHECK(pos == m.code.n && texts == 5 && calls >= 10 && fields == 4);
    CHECK(!clr_ref(&c, 0x06000099, &r) && !clr_ref(&c, 0x0A000000, &r) && !clr_ref(&c, 0xFF000001, &r) && !clr_ref(&c, 0x70FFFFFF, &r));
    test_free(in);
    test_arena_free(&t);
}

static void all_of(struct str in)
{
    struct test_arena t = test_arena(1 << 14);
    struct clr        c;
    struct pe         p;
    struct clr_method m;
    struct clr_op     o;
    struct clr_ref    r;
    uint32_t          token;
    struct str        name;

    if (open_it(&c, &p, &t.a, in)) {
        for (uint32_t i = 0; i < clr_method_n(&c) && i < 64 && clr_method(&c, i, &m); i++)
            for (size_t pos = 0, k = 0; k < 4096 && clr_step(m.code, &pos, &o); k++)
                (void)clr_ref(&c, (uint32_t)o.number, &r);
        for (uint32_t i = 0; i < 64 && clr_attribute(&c, i, &token, &name); i++)
            ;
    }
    test_arena_free(&t);
}

/* Cut anywhere and with any byte changed it is refused or read as far as it goes, never beyond its end. */
static void test_damaged(void **state)
{
    struct str whole = compiled_page();
    uint32_t   x = 1;

    (void)state;
    for (size_t n = 0; n < whole.n; n += 3) {
        struct str in = test_heap(whole.p, n);
        all_of(in);
        test_free(in);
    }
    for (int i = 0; i < 4000; i++) {
        struct str in = test_heap(whole.p, whole.n);
        for (int k = 0; k < 3; k++) {
            x = x * 1664525 + 1013904223;
            ((uint8_t *)(uintptr_t)in.p)[(x >> 8) % in.n] = (uint8_t)x;
        }
        all_of(in);
        test_free(in);
    }
    test_free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_methods), cmocka_unit_test(test_tokens), cmocka_unit_test(test_damaged) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
