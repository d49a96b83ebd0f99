#include "test.h"

#include "formats/jsontree.h"

/* The value written again, without blanks: what was understood. */
static size_t again(const struct jt *t, const struct jt_node *n, char *out, size_t at, struct arena *a)
{
    struct str s;
    size_t     first = 1;

    switch ((enum jt_kind)n->kind) {
    case JT_OBJECT: case JT_ARRAY:
        out[at++] = n->kind == JT_OBJECT ? '{' : '[';
        for (const struct jt_node *c = jt_child(t, n); c; c = jt_next(t, c), first = 0) {
            if (!first)
                out[at++] = ',';
            if (n->kind == JT_OBJECT) {
                s = jt_key(c);
                at += (size_t)sprintf(out + at, "%.*s:", STR_ARG(s));
            }
            at = again(t, c, out, at, a);
        }
        out[at++] = n->kind == JT_OBJECT ? '}' : ']';
        break;
    case JT_STRING:
        s  = jt_str(n, a);
        at += (size_t)sprintf(out + at, "'%.*s'", STR_ARG(s));
        break;
    case JT_NUMBER:
        s  = jt_str(n, a);
        at += (size_t)sprintf(out + at, "%.*s", STR_ARG(s));
        break;
    default:
        at += (size_t)sprintf(out + at, "%s", n->kind == JT_TRUE ? "T" : n->kind == JT_FALSE ? "F" : "N");
        break;
    }
    out[at] = '\0';
    return at;
}

static const struct { const char *why, *in, *out; } cases[] = {
    { "an object", "{\"a\":1,\"b\":[true,false,null],\"c\":{}}", "{a:1,b:[T,F,N],c:{}}" },
    { "white space anywhere", " \r\n{ \"a\" :\t[ ] , \"b\" : \"x\" } \n", "{a:[],b:'x'}" },
    { "escapes", "\"a\\n\\t\\\"\\\\\\/\\u0041\\u00e4\"", "'a\n\t\"\\/A\xC3\xA4'" },
    { "a pair of surrogates", "\"\\ud83d\\ude00\"", "'\xF0\x9F\x98\x80'" },
    { "a lone one", "\"\\ud83dx\"", "'\xEF\xBF\xBDx'" },
    { "numbers", "[-1,2.5e+10,0]", "[-1,2.5e+10,0]" },
    { "a long string", "[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\nb\"]", "['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nb']" },
    { "nothing", "", NULL }, { "only blanks", "  ", NULL }, { "a word", "hello", NULL }, { "half a word", "tru", NULL }, { "two values", "1 2", NULL },
    { "an open object", "{\"a\":1", NULL }, { "an open array", "[1,", NULL }, { "an open string", "\"abc", NULL }, { "a name without a value", "{\"a\"}", NULL },
    { "a name without quotes", "{a:1}", NULL }, { "a comma too many", "[1,]", NULL }, { "... in an object", "{\"a\":1,}", NULL }, { "two commas", "[1,,2]", NULL }, { "the wrong bracket", "[1}", NULL },
    { "a control character in a string", "\"a\nb\"", NULL }, { "an unknown escape", "\"\\x\"", NULL }, { "half an escape", "\"\\u00", NULL }, { "a string that ends in a backslash", "\"\\", NULL },
    { "NaN", "[NaN]", NULL }, { "a minus alone", "[-]", NULL },
};

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_arena t = test_arena(1 << 16);
        struct str        in = test_heap(cases[i].in, strlen(cases[i].in));
        const char       *why = NULL;
        struct jt         j;
        char              out[512];

        bool ok = jt_parse(&j, &t.a, in, &why);
        CHECK_WHY(ok == (cases[i].out != NULL), cases[i].why);
        if (ok) {
            again(&j, jt_root(&j), out, 0, &t.a);
            CHECK_STR(str_c(out), str_c(cases[i].out));
        } else {
            CHECK_WHY(why && why[0], cases[i].why);
        }
        test_free(in);
        test_arena_free(&t);
    }
}

static void paths_and_numbers(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    const char       *why;
    struct jt         j;
    int64_t           v;

    (void)state;
    CHECK(jt_parse(&j, &t.a, STR("{\"a\":{\"b\":{\"c\":\"7\"}},\"n\":-9223372036854775807,\"big\":9223372036854775808,\"f\":1.5,\"a\":0}"), &why));
    const struct jt_node *r = jt_root(&j);
    CHECK(jt_num(jt_at(&j, r, "a.b.c"), &v) && v == 7);
    CHECK(jt_num(jt_get(&j, r, "n"), &v) && v == -INT64_MAX);
    CHECK(!jt_num(jt_get(&j, r, "big"), &v) && !jt_num(jt_get(&j, r, "f"), &v) && !jt_num(NULL, &v) && !jt_num(jt_at(&j, r, "a.b"), &v));
    CHECK(!jt_at(&j, r, "a.x.c") && !jt_at(&j, r, "a.b.c.d") && !jt_get(&j, NULL, "a") && !jt_child(&j, NULL) && !jt_next(&j, NULL));
    CHECK(jt_str(jt_at(&j, r, "a.b"), &t.a).p == NULL && jt_get(&j, r, "a")->kind == JT_OBJECT);
    test_arena_free(&t);
}

static void bounds(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    const char       *why = NULL;
    struct jt         j;
    char              deep[2 * JT_DEPTH + 8];

    (void)state;
    memset(deep, '[', JT_DEPTH);
    memset(deep + JT_DEPTH, ']', JT_DEPTH);
    struct arena a = t.a;
    CHECK(jt_parse(&j, &a, (struct str){ (uint8_t *)deep, 2 * JT_DEPTH }, &why));
    memset(deep, '[', JT_DEPTH + 1);
    memset(deep + JT_DEPTH + 1, ']', JT_DEPTH + 1);
    a = t.a;
    CHECK(!jt_parse(&j, &a, (struct str){ (uint8_t *)deep, 2 * JT_DEPTH + 2 }, &why) && strstr(why, "deeper"));
    /* Many values for little memory: said, not crashed. */
    char many[4096];
    for (size_t i = 0; i < sizeof many; i += 2)
        many[i] = i ? '1' : '[', many[i + 1] = ',';
    many[1] = '1', many[2] = ',', many[3] = '1', many[sizeof many - 1] = ']';
    for (size_t i = 4; i + 1 < sizeof many; i += 2)
        many[i] = ',', many[i + 1] = '1';
    many[sizeof many - 2] = ' ', many[sizeof many - 1] = ']';
    a = (struct arena){ t.a.beg, t.a.beg + 4000, NULL };
    CHECK(!jt_parse(&j, &a, (struct str){ (uint8_t *)many, sizeof many }, &why) && strstr(why, "room"));
    a = t.a;
    CHECK(jt_parse(&j, &a, (struct str){ (uint8_t *)many, sizeof many }, &why));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each), cmocka_unit_test(paths_and_numbers), cmocka_unit_test(bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
