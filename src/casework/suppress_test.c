#include "casework/suppress.h"

#include "os/mem.h"
#include "test.h"

static void lists(void **state)
{
    static const struct { const char *why, *address, *scope; bool has; } c[] = {
        { "the address, in any case", "Abuse@A.example", "first", true },
        { "another of its domain", "info@a.example", "first", false },
        { "everybody below a domain", "x@mail.b.example", "first", true },
        { "the domain itself", "b.example", "first", true },
        { "a domain that only ends alike", "x@notb.example", "first", false },
        { "of another scope", "x@c.example", "first", false },
        { "of its own scope", "x@c.example", "reminders", true },
        { "no address at all", "nobody", "first", false },
    };
    struct test_arena t = test_arena(4 << 20);
    struct os_mem    *m = os_mem_open(&t.a, INT64_C(1615536000000000));
    struct store     *s = NULL;
    struct ledger    *l = NULL;
    struct err        e = { 0 };
    bool              fresh, has;
    struct str        why;
    int64_t           n;

    (void)state;
    CHECK(store_open(&s, STR(":memory:"), STORE_WRITE, &e) && ledger_open(&l, s, &m->os, STR("tester"), &e) && ledger_begin(l, &e));
    CHECK(suppress_add(l, STR("abuse@a.example"), STR_EMPTY, STR("asked to"), &fresh, &e) && fresh);
    CHECK(suppress_add(l, STR("ABUSE@a.example"), STR("all"), STR("asked again"), &fresh, &e) && !fresh);
    CHECK(suppress_add(l, STR("B.example."), STR("all"), STR("a lawyer wrote"), &fresh, &e) && fresh && suppress_add(l, STR("c.example"), STR("reminders"), STR("x"), NULL, &e));
    CHECK(!suppress_add(l, STR("nobody"), STR_EMPTY, STR("x"), NULL, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(!suppress_add(l, STR("x@a.example"), STR_EMPTY, STR(" "), NULL, &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(ledger_commit(l, &e));
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        CHECK(suppress_has(s, str_c(c[i].address), str_c(c[i].scope), &t.a, &has, &why, &e));
        CHECK_WHY(has == c[i].has, c[i].why);
    }
    CHECK(suppress_has(s, STR("abuse@a.example"), STR("first"), &t.a, &has, &why, &e) && str_eq(why, STR("asked to")));
    /* Nothing in the store reads like an address. */
    CHECK(store_one_int(s, "SELECT count(*) FROM case_suppress", &n, &e) && n == 3);
    CHECK(store_one_int(s, "SELECT count(*) FROM case_audit WHERE what = 'suppress' AND about LIKE '%example%'", &n, &e) && n == 0);
    ledger_close(l);
    store_close(s);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(lists) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
