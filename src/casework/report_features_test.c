#include "test.h"

#include "base/num.h"
#include "casework/report_features.h"
#include "casework/report_fixture.h"

enum { ROOM = 8 << 20, TAKEN_MAX = 512 };

struct taken { struct { uint32_t session; enum intruder_feature kind; char value[INTRUDER_VALUE_MAX + 1]; int64_t first_us; } f[TAKEN_MAX]; uint32_t n, stop; };

static bool take(void *ctx, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us, struct err *e)
{
    struct taken *t = ctx;

    if (t->stop && t->n == t->stop)
        return err_set(e, ERR_IO, "enough");
    CHECK(t->n < TAKEN_MAX && value.n <= INTRUDER_VALUE_MAX && session > 0);
    t->f[t->n].session  = session;
    t->f[t->n].kind     = kind;
    t->f[t->n].first_us = first_us;
    snprintf(t->f[t->n].value, sizeof t->f[0].value, "%.*s", STR_ARG(value));
    t->n++;
    return true;
}

static bool has(const struct taken *t, uint32_t session, enum intruder_feature kind, const char *value)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->f[i].session == session && t->f[i].kind == kind && !strcmp(t->f[i].value, value))
            return true;
    return false;
}

static bool any(const struct taken *t, uint32_t session, enum intruder_feature kind)
{
    for (uint32_t i = 0; i < t->n; i++)
        if (t->f[i].session == session && t->f[i].kind == kind)
            return true;
    return false;
}

static struct taken *features(struct str s, struct test_arena *mem)
{
    struct hunt_report r;
    struct err         e = { 0 };
    uint64_t           more = 1;
    struct taken      *t = calloc(1, sizeof *t);

    *mem = test_arena(ROOM);
    if (!report_read(&r, &mem->a, s, &e) || !report_features(&r, 0, mem->a, take, t, &more, &e))
        fail_msg("%s: %s", e.where, e.what);
    CHECK(more == 0);
    test_free(s);
    return t;
}

/* Two groups on one server: each session has what is its own, and nothing of the other's. */
static void two_groups(void **state)
{
    struct test_arena mem;
    struct taken     *t = features(fixture_load("two-groups"), &mem);

    (void)state;
    CHECK(has(t, 1, INTRUDER_CLIENT, "198.51.100.23") && has(t, 3, INTRUDER_CLIENT, "203.0.113.140") && has(t, 2, INTRUDER_CLIENT, "203.0.113.77"));
    CHECK(has(t, 1, INTRUDER_KEY, "rye7Qk2LmZp1") && has(t, 3, INTRUDER_KEY, "rye7Qk2LmZp1") && has(t, 2, INTRUDER_KEY, "barley") && !has(t, 2, INTRUDER_KEY, "rye7Qk2LmZp1"));
    CHECK(has(t, 1, INTRUDER_PAGE, "d1ed1f0e213a74cb8a6e05832bcb85ecd9ffd49aaf0ad844e78d2aa307f695ad"));
    CHECK(has(t, 1, INTRUDER_PATH, "\\inetpub\\wwwroot\\aspnet_client\\system_web\\a{5}.aspx"));
    CHECK(has(t, 2, INTRUDER_PATH, "{exchange}\\frontend\\httpproxy\\owa\\auth\\a{7}.aspx"));
    CHECK(has(t, 1, INTRUDER_FLOW, "evaluator: taken from the request; runs text as code: eval"));
    CHECK(any(t, 1, INTRUDER_AGENT) && any(t, 2, INTRUDER_AGENT) && any(t, 3, INTRUDER_AGENT));
    for (uint32_t i = 0; i < t->n; i++)
        CHECK(t->f[i].session <= 3 && t->f[i].first_us != TIME_NONE);
    free(t);
    test_arena_free(&mem);
}

/* A back door that nobody's session is known of stands by itself, behind the sessions of the report. */
static void without_sessions(void **state)
{
    struct test_arena mem;
    struct str        s = fixture_load("two-groups");
    struct taken     *t;

    (void)state;
    s = fixture_change(s, "\"intruder\": \"I1\"", "\"intruder\": null", 0);
    s = fixture_change(s, "\"intruder\": \"I2\"", "\"intruder\": null", 0);
    t = features(s, &mem);
    CHECK(has(t, 4, INTRUDER_KEY, "rye7Qk2LmZp1") && has(t, 5, INTRUDER_KEY, "barley") && !any(t, 1, INTRUDER_CLIENT));
    free(t);
    test_arena_free(&mem);
    /* It names its intruder, and no session asked for it: the intruder's first. */
    s = fixture_change(fixture_load("two-groups"), "\"session\": \"S2\"", "\"session\": null", 0);
    t = features(s, &mem);
    CHECK(has(t, 2, INTRUDER_KEY, "barley"));
    free(t);
    test_arena_free(&mem);
}

static void nobody_got_in(void **state)
{
    static const char *const name[] = { "clean", "untouched", "born-patched", "exchange-2010" };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(name); i++) {
        struct test_arena mem;
        struct taken     *t = features(fixture_load(name[i]), &mem);
        CHECK_WHY(t->n == 0, name[i]);
        free(t);
        test_arena_free(&mem);
    }
}

static void patterns(void **state)
{
    static const struct { const char *path, *pattern; } cases[] = {
        { "C:\\inetpub\\wwwroot\\aspnet_client\\Kq7XbZp2.aspx", "\\inetpub\\wwwroot\\aspnet_client\\aA9{8}.aspx" },
        { "D:\\INETPUB\\wwwroot\\aspnet_client\\errorEE.ASPX", "\\inetpub\\wwwroot\\aspnet_client\\aA{7}.aspx" },
        { "C:\\Program Files\\Microsoft\\Exchange Server\\V15\\FrontEnd\\HttpProxy\\owa\\auth\\8Lw7tAhF9i1pJnRo.aspx", "{exchange}\\frontend\\httpproxy\\owa\\auth\\aA9{16}.aspx" },
        { "C:\\inetpub\\web.config.bak-01.aspx", "\\inetpub\\a{3}.a{6}.a{3}-9{2}.aspx" },
        { "x.aspx", "a{1}.aspx" },
        { "C:\\a\\", "" },
        { "", "" },
        { "C:\\a\\noend", "\\a\\a{5}" },
        { "C:\\a\\\xC3\xA4.aspx", "\\a\\~{2}.aspx" },
        { "\\\\server\\share\\x.aspx", "\\\\server\\share\\a{1}.aspx" },
    };
    struct test_arena  mem = test_arena(1 << 20);
    struct str         folder = STR("C:\\Program Files\\Microsoft\\Exchange Server\\V15\\");
    struct hunt_report r = { .server.folders = { &folder, 1 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str s = test_heap(cases[i].path, strlen(cases[i].path));
        CHECK_STR(report_path_pattern(&r, s, &mem.a), str_c(cases[i].pattern));
        test_free(s);
    }
    /* Of any length, and always within what a feature may be. */
    uint8_t *p = malloc(20000);
    for (size_t i = 0; i < 20000; i++)
        p[i] = (uint8_t)(i % 3 ? 'a' + i % 26 : i % 7 ? '-' : '\\');
    for (size_t n = 1; n <= 20000; n = n * 3 + 1) {
        struct str s = test_heap(p, n), got = report_path_pattern(&r, s, &mem.a);
        CHECK(got.p && got.n < INTRUDER_VALUE_MAX + 64);
        test_free(s);
    }
    memset(p, '-', 20000);
    struct str s = test_heap(p, 20000), got = report_path_pattern(&r, s, &mem.a);
    CHECK(got.p && got.n < INTRUDER_VALUE_MAX);
    test_free(s);
    free(p);
    struct arena none = { NULL, NULL, NULL };
    CHECK(!report_path_pattern(&r, STR("C:\\a\\b.aspx"), &none).p);
    test_arena_free(&mem);
}

static void flows(void **state)
{
    static const struct { const char *why, *flow; } cases[] = {
        { "It runs. The way: line 17 taken from the request: \"rye7\"; line 17 runs text as code: eval.", "evaluator: taken from the request; runs text as code: eval" },
        { "The way: line 1 taken from the request: \"barley\"; line 3 decoded from base64; line 9 runs text as code: eval. More.", "evaluator: taken from the request; decoded from base; runs text as code: eval" },
        { "It says nothing of its way.", "" },
        { "The way: \"", "evaluator: " },
        { "The way: ", "evaluator: " },
        { "The way: line ", "evaluator: line " },
        { "The way: line 7", "evaluator: " },
    };
    struct test_arena mem = test_arena(1 << 16);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str s = test_heap(cases[i].why, strlen(cases[i].why));
        CHECK_STR(report_flow_shape(STR("evaluator"), s, &mem.a), str_c(cases[i].flow));
        test_free(s);
    }
    test_arena_free(&mem);
}

/* What stands inside a network tells nobody from anybody. */
static void addresses(void **state)
{
    static const struct { const char *text; bool counts; } cases[] = {
        { "198.51.100.23", true }, { "8.8.8.8", true }, { "2001:db8::1", true }, { "2a00:1450:4001:800::200e", true }, { "192.0.2.10", true }, { "10.0.0.5", false }, { "192.168.1.1", false },
        { "172.16.0.1", false }, { "127.0.0.1", false }, { "::1", false }, { "fe80::1", false }, { "fd00::1", false }, { "169.254.1.1", false }, { "100.64.0.1", false }, { "0.0.0.0", false },
        { "224.0.0.1", false }, { "::ffff:10.0.0.5", false }, { "::ffff:198.51.100.23", true }, { "", false }, { "198.51.100.23:443", false }, { "mail", false }, { "1.2.3", false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t    ip[16];
        struct str s = test_heap(cases[i].text, strlen(cases[i].text));
        CHECK_WHY(report_address(s, ip) == cases[i].counts, cases[i].text);
        test_free(s);
    }
}

static void stops(void **state)
{
    struct test_arena  mem = test_arena(ROOM);
    struct hunt_report r;
    struct err         e = { 0 };
    uint64_t           more = 0;
    struct str         s = fixture_load("two-groups");
    struct taken      *t = calloc(1, sizeof *t);

    (void)state;
    CHECK(report_read(&r, &mem.a, s, &e));
    CHECK(report_features(&r, 0, mem.a, take, t, &more, &e));
    uint32_t all = t->n;
    for (uint32_t n = 1; n < all; n++) {
        memset(t, 0, sizeof *t);
        t->stop = n;
        CHECK(!report_features(&r, 0, mem.a, take, t, &more, &e) && e.kind == ERR_IO && t->n == n);
    }
    struct arena none = { NULL, NULL, NULL };
    t->stop = 0;
    CHECK(!report_features(&r, 0, none, take, t, &more, &e) && e.kind == ERR_MEMORY);
    free(t);
    test_free(s);
    test_arena_free(&mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_groups), cmocka_unit_test(without_sessions), cmocka_unit_test(nobody_got_in), cmocka_unit_test(patterns), cmocka_unit_test(flows),
        cmocka_unit_test(addresses), cmocka_unit_test(stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
