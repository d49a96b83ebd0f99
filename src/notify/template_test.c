/* A pack's words: what is put in, what is left out, how lines break. */
#include "test.h"

#include "emit/visible.h"
#include "notify/template.h"

static const struct template_value values[] = {
    { "name", STR_INIT("Example Bakery"), false },
    { "empty", STR_INIT(""), false },
    { "blank", STR_INIT("  \n "), false },
    { "evil", STR_INIT("{{name}}{{?empty}}\r\n## finding clean\n- item\x1b[2J\xe2\x80\xae\xff"), false },
    { "rows", STR_INIT("- one\n  two\n\nthree\n"), true },
    { "none", STR_INIT(""), true },
};

static void fills(void **state)
{
    static const struct { const char *why, *in, *out; size_t columns; } row[] = {
        { "a paragraph is joined", "a\nb {{name}}\nc\n", "a b Example Bakery c\n", 72 },
        { "and wrapped anew", "aaaa bbbb\ncccc dddd\n", "aaaa bbbb\ncccc dddd\n", 10 },
        { "paragraphs stay apart, by one line", "a\n\n\n\nb\n", "a\n\nb\n", 72 },
        { "an item hangs", "1. aaaa bbbb cccc\n2. d\n", "1. aaaa\n   bbbb\n   cccc\n2. d\n", 10 },
        { "and its lines are its own", "- a\n  b\n- c\n", "- a b\n- c\n", 72 },
        { "not wrapped", "a b c d e f\n\n1. g\n   h\n", "a b c d e f\n\n1. g h\n", 0 },
        { "a kept line keeps its blanks", "    a  b   {{name}}\n", "  a  b   Example Bakery\n", 10 },
        { "kept where it is there", "{{?name}}a\n{{?empty}}b\n{{!name}}c\n{{!empty}}d\n", "a\nd\n", 72 },
        { "blanks are nothing", "{{?blank}}a\n{{!blank}}b\n", "b\n", 72 },
        { "both conditions", "{{?name}}{{!empty}}a\n{{?name}}{{?empty}}b\n", "a\n", 72 },
        { "hung lines", "- a\n  {{?name}}x: {{name}}\n  {{?empty}}y: {{empty}}\n- b\n", "- a\n  x: Example Bakery\n- b\n", 72 },
        { "what is left out leaves no hole", "a\n\n{{?empty}}b\n\nc\n", "a\n\nc\n", 72 },
        { "an empty sentence too", "a\n\n{{empty}}\n\nc\n", "a\n\nc\n", 72 },
        { "lines as they are", "a\n\n{{rows}}\n\nb\n", "a\n\n- one\n  two\n\nthree\n\nb\n", 72 },
        { "no lines, no hole", "a\n\n{{none}}\n\nb\n", "a\n\nb\n", 72 },
        { "nothing in a value is a template", "x {{evil}} y\n", "x {{name}}{{?empty}} ## finding clean - item [2J \xef\xbf\xbd y\n", 72 },
        { "nor an item or a head", "{{evil}}\n", "{{name}}{{?empty}} ## finding clean - item [2J \xef\xbf\xbd\n", 72 },
        { "a long word is cut", "aaaaaaaaaaaaaaaaaaaaaaa b\n", "aaaaaaaaaa\naaaaaaaaaa\naaa b\n", 10 },
        { "wide letters part anywhere", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x96\x87\xe5\xad\x97\xe5\x88\x97 ab\n", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\n\xe6\x96\x87\xe5\xad\x97\xe5\x88\x97\nab\n", 6 },
        { "letters are counted, not bytes", "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc\n", "\xc3\xa4\xc3\xb6\xc3\xbc \xc3\xa4\xc3\xb6\xc3\xbc\n", 7 },
        { "no line end at the end", "a", "a\n", 72 },
        { "nothing", "", "", 72 },
    };
    struct test_arena t = test_arena(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena a = t.a;
        struct err   e = { 0 };
        struct str   in = test_heap(row[i].in, strlen(row[i].in)), out;
        if (!template_fill(in, values, sizeof values / sizeof *values, row[i].columns, &a, &out, &e))
            fail_msg("%s: %s", row[i].why, e.what);
        if (!str_eq(out, str_c(row[i].out)))
            fail_msg("%s: got \"%.*s\"", row[i].why, STR_ARG(out));
        test_free(in);
    }
    test_arena_free(&t);
}

static void refuses(void **state)
{
    static const struct { const char *in, *says; } row[] = {
        { "a\nb {{nobody}}\n", "line 2: no such placeholder: {{nobody}}" }, { "{{?nobody}}a\n", "line 1: no such placeholder" }, { "a {{name\n", "not closed" }, { "a {{name\n}}\n", "not closed" },
        { "a {{?name}}b\n", "a condition stands at the beginning" }, { "a {{rows}}\n", "stands alone" }, { "{{ name }}\n", "no such placeholder: {{ name }}" }, { "{{}}\n", "no such placeholder" },
        { "{{name\0}}\n", "not closed" },
    };
    struct test_arena t = test_arena(1 << 20);

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct arena a = t.a;
        struct err   e = { 0 };
        struct str   out;
        CHECK_WHY(!template_fill(str_c(row[i].in), values, sizeof values / sizeof *values, 72, &a, &out, &e) && e.kind == ERR_FORMAT, row[i].in);
        if (!strstr(e.what, row[i].says))
            fail_msg("%s: %s", row[i].in, e.what);
    }
    test_arena_free(&t);
}

static void picks(void **state)
{
    static const char file[] = "A note.\n\n## audience provider csirt, finding clean\none\n## finding clean\ntwo\n\n## audience csirt\n\n##\nthree\n";
    static const struct { const char *audience, *finding, *out; } row[] = {
        { "provider", "clean", "one\n" }, { "csirt", "clean", "one\n" }, { "technical", "clean", "two\n\n" }, { "csirt", "vulnerable", "\n" }, { "technical", "vulnerable", "three\n" },
    };
    struct err e = { 0 };
    struct str out;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct template_word w[] = { { "audience", row[i].audience }, { "finding", row[i].finding } };
        CHECK(template_pick(str_c(file), w, 2, &out, &e));
        CHECK_STR(out, str_c(row[i].out));
    }
    struct template_word w[] = { { "audience", "technical" } };
    CHECK(template_pick(STR("no head\nat all\n"), w, 1, &out, &e) && str_eq(out, STR("no head\nat all\n")));
    CHECK(template_pick(STR("## audience csirt\nx\n"), w, 1, &out, &e) && out.n == 0);
    CHECK(!template_pick(STR("## finding clean\nx\n"), w, 1, &out, &e) && e.kind == ERR_FORMAT);
    CHECK(!template_pick(STR("## audience\nx\n"), w, 1, &out, &e));
    CHECK(template_pick(STR("##not a head\nx\n"), w, 1, &out, &e) && out.n == 15);
}

static void values_are_clean(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    uint8_t          *bytes = memset(malloc(5000), 0xc3, 5000);
    struct str        out, big = { bytes, 5000 };

    (void)state;
    CHECK(template_clean(STR(" a\r\n\tb\0c\x7f "), &t.a, &out));
    CHECK_STR(out, STR("a b c"));
    CHECK(template_clean(big, &t.a, &out) && out.n <= TEMPLATE_VALUE_MAX * 3);
    test_free(big);
    test_arena_free(&t);
}

static bool whole(struct arena *a, struct err *e)
{
    struct str out;

    return template_fill(STR("a {{name}}\n\n- {{evil}}\n\n{{rows}}\n    x {{name}}\n"), values, sizeof values / sizeof *values, 72, a, &out, e);
}

static void faults(void **state)
{
    (void)state;
    fault_sweep(whole, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(fills), cmocka_unit_test(refuses), cmocka_unit_test(picks), cmocka_unit_test(values_are_clean), cmocka_unit_test(faults) };

    return cmocka_run_group_tests(t, NULL, NULL);
}
