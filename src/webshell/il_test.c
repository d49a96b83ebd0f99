#include "compiled_page.h"

#include "base/num.h"
#include "webshell/il.h"

static bool lift(struct ir_unit *u, struct ir_builder *b, struct str in)
{
    struct err e = { 0 };
    struct pe  p;
    struct clr c;

    return pe_parse(&p, b->a, in, &e) && clr_open(&c, &p, &e) && il_read(u, b, &c);
}

static void test_shapes(void **state)
{
    static const struct { const char *why, *part; } want[] = {
        { "an indexer is an index, a property a member", "(assign (name \"loc0\") (index (member \"Request\" (name \"this\")) (text \"cmd\")))" },
        { "a property of a property is set", "(assign (member \"Arguments\" (member \"StartInfo\" (name \"loc0\"))) (call (member \"Concat\" (name \"String\")) (text \"/c \") (name \"c\")))" },
        { "a loop that jumps to its test first", "(loop (void) (block (assign (member \"field\" (name \"this\"))" },
        { "both ways of a choice meet in one slot", "(block (assign (name \"s1\") (text \"yes\"))) (block (assign (name \"s1\") (text \"no\")))" },
        { "... which is what is written", "(call (member \"Write\" (name \"s0\")) (name \"s1\"))" },
        { "an operator is an operator", "(binary == (name \"loc0\") (text \"a\"))" },
        { "an imported function", "(attribute \"DllImport\" (text \"kernel32.dll\") (set \"EntryPoint\" (text \"WinExec\"))) (method \"Run\" static (param \"a\") (param \"b\")" },
        { "a static call names its class", "(call (member \"Run\" (name \"probe_aspx\")) (name \"loc0\") (number 1))" },
        { "a class and its base", "(type \"probe_aspx\" :Page " },
    };
    struct test_arena t = test_arena(1 << 20);
    struct ir_builder b = { .a = &t.a };
    struct str        in = compiled_page();
    struct ir_unit    u;

    (void)state;
    CHECK(lift(&u, &b, in) && u.language == IR_IL && u.unread == 0);
    struct str s = ir_print(&t.a, u.top);
    for (size_t i = 0; i < COUNT_OF(want); i++)
        CHECK_WHY(str_has(s, str_c(want[i].part)), want[i].why);
    test_free(in);
    test_arena_free(&t);
}

static void test_damaged(void **state)
{
    struct str whole = compiled_page();
    uint32_t   x = 7;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct test_arena t = test_arena(1 << 18);
        struct ir_builder b = { .a = &t.a };
        struct ir_unit    u;
        x = x * 1664525 + 1013904223;
        struct str in = test_heap(whole.p, i % 2 ? whole.n : (x >> 8) % whole.n);
        for (int k = 0; k < 4 && in.n; k++) {
            x = x * 1664525 + 1013904223;
            ((uint8_t *)(uintptr_t)in.p)[(x >> 8) % in.n] = (uint8_t)x;
        }
        if (lift(&u, &b, in))
            (void)ir_print(&t.a, u.top);
        test_free(in);
        test_arena_free(&t);
    }
    test_free(whole);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct str        in = compiled_page();
    struct ir_builder b = { .a = a };
    struct ir_unit    u;
    bool              ok = lift(&u, &b, in);

    test_free(in);
    return ok || err_set(e, ERR_MEMORY, "no room");
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_shapes), cmocka_unit_test(test_damaged), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
