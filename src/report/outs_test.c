#include "report/outs.h"
#include "report/support_test.h"

struct opened { struct test_arena a; struct fixture *x; struct outs o; };

static struct opened opened(enum fixture_kind kind)
{
    struct opened t = { .a = test_arena(16 << 20) };
    struct err    e = { 0 };

    t.x = fixture_make(&t.a.a, kind);
    CHECK(outs_open(&t.o, &t.x->r, t.a.a, &e));
    return t;
}

static void addresses(void **state)
{
    static const struct { struct str s; enum outs_ip kind; bool accuses; const char *why; } t[] = {
        { STR_INIT("198.51.100.23"), OUTS_IP4, true, "an outside address" },
        { STR_INIT("2001:db8::17"), OUTS_IP6, true, "the same, new kind" },
        { STR_INIT("10.1.2.3"), OUTS_IP4, false, "private" },
        { STR_INIT("172.31.0.9"), OUTS_IP4, false, "private" },
        { STR_INIT("172.32.0.9"), OUTS_IP4, true, "just outside of private" },
        { STR_INIT("192.168.7.7"), OUTS_IP4, false, "private" },
        { STR_INIT("100.64.0.1"), OUTS_IP4, false, "carrier's own" },
        { STR_INIT("169.254.1.1"), OUTS_IP4, false, "link" },
        { STR_INIT("127.0.0.1"), OUTS_IP4, false, "itself" },
        { STR_INIT("224.0.0.1"), OUTS_IP4, false, "many" },
        { STR_INIT("::1"), OUTS_IP6, false, "itself" },
        { STR_INIT("fe80::1"), OUTS_IP6, false, "link" },
        { STR_INIT("fd00::1"), OUTS_IP6, false, "private" },
        { STR_INIT("::ffff:198.51.100.23"), OUTS_IP6, false, "mapped: may be anything" },
        { STR_INIT("192.0.2.10"), OUTS_IP4, false, "the server's own" },
        { STR_INIT("203.0.113.5"), OUTS_IP4, false, "others sign in from there as well" },
        { STR_INIT("203.0.113.5:4711"), OUTS_NO_IP, false, "with a port" },
        { STR_INIT("198.51.100.23\0x"), OUTS_NO_IP, false, "a NUL byte ends nothing" },
        { STR_INIT("1.2.3"), OUTS_NO_IP, false, "short" },
        { STR_INIT(""), OUTS_NO_IP, false, "empty" },
        { STR_INIT("1111111111111111111111111111111111111111111111111111"), OUTS_NO_IP, false, "long" },
    };
    struct opened      f = opened(FIX_FULL);
    struct client_seen shared = { .client = STR("203.0.113.5"), .authenticated = 7 };

    (void)state;
    f.x->found.server.address[0] = STR("192.0.2.10");
    f.x->found.server.address_n = 1;
    f.x->found.client = &shared;
    f.x->found.client_n = 1;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct str s = test_heap(t[i].s.p, t[i].s.n);
        CHECK_WHY(outs_ip(s) == t[i].kind, t[i].why);
        CHECK_WHY(outs_accuses(&f.o, s) == t[i].accuses, t[i].why);
        test_free(s);
    }
    test_arena_free(&f.a);
}

static void texts(void **state)
{
    struct opened f = opened(FIX_FULL);
    struct str    dir;

    (void)state;
    CHECK_STR(outs_canon(&f.o, STR("a\"b\\c\n\x01/\x7F\xC3\xA4\xFF")), STR("\"a\\\"b\\\\c\\n\\u0001/\x7F\xC3\xA4\xEF\xBF\xBD\""));
    CHECK_STR(outs_canon(&f.o, STR("x\0y")), STR("\"x\\u0000y\""));
    CHECK_STR(outs_url(&f.o, STR("/a b/%<\xC3\xA4>?#.aspx")), STR("https://exch01.bakery.example/a%20b/%25%3C%C3%A4%3E%3F%23.aspx"));
    CHECK_STR(outs_url(&f.o, STR("no-path")), STR(""));
    f.x->found.server.fqdn[0] = STR("evil.example/@x");
    CHECK_STR(outs_url(&f.o, STR("/a")), STR(""));
    CHECK(outs_host(STR("a.b-c.example")) && !outs_host(STR("a..b")) && !outs_host(STR("-a")) && !outs_host(STR("a:8")) && !outs_host(STR("")));
    CHECK_STR(outs_base(STR("C:\\a\\b.aspx"), &dir), STR("b.aspx"));
    CHECK_STR(dir, STR("C:\\a"));
    CHECK_STR(outs_base(STR("C:\\b"), &dir), STR("b"));
    CHECK_STR(dir, STR("C:\\"));
    CHECK_STR(outs_base(STR("b"), &dir), STR("b"));
    CHECK(dir.n == 0);
    CHECK(str_has(outs_doubt(&f.o), STR("Back door, not covered: \"Present\" holds for what was examined.\n")) && !f.o.bad);
    test_arena_free(&f.a);
}

/* The same report gives the same ids; a report that says something else gives others. */
static void ids(void **state)
{
    struct opened f = opened(FIX_FULL), g = opened(FIX_FULL), h = opened(FIX_CLEAN);
    struct outs   other;
    struct err    e = { 0 };

    (void)state;
    CHECK_STR(outs_uuid(&f.o, STR("x")), outs_uuid(&g.o, STR("x")));
    CHECK(!str_eq(outs_uuid(&f.o, STR("x")), outs_uuid(&f.o, STR("y"))));
    CHECK(!str_eq(outs_uuid(&f.o, STR("x")), outs_uuid(&h.o, STR("x"))));
    g.x->r.started_us += TIME_DAY;                     /* the clock does not count */
    CHECK(outs_open(&other, &g.x->r, g.a.a, &e));
    CHECK(memcmp(other.space, f.o.space, UUID_BYTES) == 0);
    g.x->r.finding[3].count++;
    CHECK(outs_open(&other, &g.x->r, g.a.a, &e));
    CHECK(memcmp(other.space, f.o.space, UUID_BYTES) != 0);
    test_arena_free(&f.a);
    test_arena_free(&g.a);
    test_arena_free(&h.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(addresses), cmocka_unit_test(texts), cmocka_unit_test(ids) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
