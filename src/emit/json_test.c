#include "emit/json.h"
#include "base/num.h"
#include "emit/out_mem.h"
#include "test.h"

struct paper { struct test_arena a; struct out_mem m; struct out o; struct js j; };

static struct paper *paper(bool flat)
{
    struct paper *p = malloc(sizeof *p);

    p->a = test_arena(1 << 20);
    p->m = (struct out_mem){ .a = &p->a.a };
    out_open(&p->o, out_mem_put, &p->m);
    js_open(&p->j, &p->o, flat);
    return p;
}

static void expect(struct paper *p, struct str want)
{
    CHECK(out_done(&p->o, NULL));
    CHECK_STR(out_mem_str(&p->m), want);
    test_arena_free(&p->a);
    free(p);
}

static void strings(void **state)
{
    static const struct { const char *why; struct str in, want; } t[] = {
        { "a path",              STR_INIT("C:\\x"), STR_INIT("\"C:\\\\x\"") },
        { "quote",               STR_INIT("a\"b"), STR_INIT("\"a\\\"b\"") },
        { "control characters",  STR_INIT("\0\x1F\n\r\t\x7F"), STR_INIT("\"\\u0000\\u001f\\n\\r\\t\\u007f\"") },
        { "end of a script",     STR_INIT("</script>"), STR_INIT("\"<\\/script>\"") },
        { "a slash by itself",   STR_INIT("a/b"), STR_INIT("\"a/b\"") },
        { "a cut character is one mark a byte, and breaks no pair", STR_INIT("<\xE2\x80/"), STR_INIT("\"<\xEF\xBF\xBD\xEF\xBF\xBD/\"") },
        { "line separators",     STR_INIT("\xE2\x80\xA8\xE2\x80\xA9"), STR_INIT("\"\\u2028\\u2029\"") },
        { "direction override",  STR_INIT("\xE2\x80\xAE"), STR_INIT("\"\\u202e\"") },
        { "beyond the first plane, hidden: a surrogate pair", STR_INIT("\xF3\xA0\x80\x81"), STR_INIT("\"\\udb40\\udc01\"") },
        { "other scripts stay",  STR_INIT("\xC3\xA4\xF0\x9F\x98\x80"), STR_INIT("\"\xC3\xA4\xF0\x9F\x98\x80\"") },
        { "empty",               STR_INIT(""), STR_INIT("\"\"") },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct paper *p = paper(true);
        struct str    in = test_heap(t[i].in.p, t[i].in.n);

        js_str(&p->j, in);
        test_free(in);
        CHECK_WHY(out_done(&p->o, NULL) && str_eq(out_mem_str(&p->m), t[i].want), t[i].why);
        expect(p, t[i].want);
    }
}

static void shape(void **state)
{
    struct paper *p = paper(false);

    (void)state;
    js_object(&p->j);
    js_key(&p->j, "none");  js_array(&p->j); js_end(&p->j);
    js_key(&p->j, "two");   js_array(&p->j);
    js_u64(&p->j, UINT64_MAX);
    js_object(&p->j);
    js_key(&p->j, "a");     js_null(&p->j);
    js_end(&p->j);
    js_end(&p->j);
    js_key(&p->j, "text");  js_str_or_null(&p->j, STR_EMPTY);
    js_end(&p->j);
    expect(p, STR("{\n  \"none\": [],\n  \"two\": [\n    18446744073709551615,\n    {\n      \"a\": null\n    }\n  ],\n  \"text\": null\n}\n"));

    p = paper(true);
    js_array(&p->j);
    js_i64(&p->j, INT64_MIN);
    js_bool(&p->j, true);
    js_c(&p->j, NULL);
    js_c(&p->j, "x");
    js_end(&p->j);
    expect(p, STR("[-9223372036854775808, true, null, \"x\"]"));
}

static void numbers_and_times(void **state)
{
    struct paper *p = paper(true);

    (void)state;
    js_array(&p->j);
    js_number(&p->j, 0.95);
    js_number(&p->j, 12.4);
    js_number(&p->j, 0);
    js_number(&p->j, 1e300 * 1e300);
    js_time(&p->j, TIME_NONE);
    js_time(&p->j, 0);
    js_time(&p->j, 1500);
    js_hex(&p->j, (const uint8_t *)"\x00\xFF", 2);
    js_end(&p->j);
    expect(p, STR("[0.95, 12.4, 0, null, null, \"1970-01-01T00:00:00Z\", \"1970-01-01T00:00:00.001500Z\", \"00ff\"]"));
}

static void too_deep(void **state)
{
    struct paper *p = paper(true);
    struct err    e = { 0 };

    (void)state;
    for (int i = 0; i <= JSON_DEPTH_MAX; i++)
        js_array(&p->j);
    for (int i = 0; i <= JSON_DEPTH_MAX + 3; i++)
        js_end(&p->j);
    CHECK(!out_done(&p->o, &e) && e.kind == ERR_LIMIT);
    test_arena_free(&p->a);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),
        cmocka_unit_test(shape),
        cmocka_unit_test(numbers_and_times),
        cmocka_unit_test(too_deep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
