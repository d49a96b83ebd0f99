#include "test.h"

#include "base/num.h"
#include "webshell/clike.h"
#include "webshell/clike_inner.h"

enum { ROOM = 8 << 20 };

struct trial { enum ir_language language; const char *code, *want, *why; uint32_t unread; };

static const struct trial trials[] = {
    { IR_CSHARP, "x = a + b + c - d + e;", "(assign (name \"x\") (binary + (binary - (binary + (name \"a\") (name \"b\") (name \"c\")) (name \"d\")) (name \"e\")))", "a chain of + is one node", 0 },
    { IR_CSHARP, "a = b < c;", "(assign (name \"a\") (binary < (name \"b\") (name \"c\")))", "no type arguments", 0 },
    { IR_CSHARP, "A<B> c = d.E<F>(g);", "(let \"c\" :A (call (member \"E\" (name \"d\")) (name \"g\")))", "type arguments", 0 },
    { IR_CSHARP, "f((T)x, (y) - 1);", "(call (name \"f\") (cast :T (name \"x\")) (binary - (name \"y\") (number 1)))", "a cast, and brackets", 0 },
    { IR_CSHARP, "var s = $\"{a}b{c:x2}\";", "(let \"s\" :var (binary + (text \"\") (name \"a\") (text \"b\") (name \"c\")))", "an interpolated text begins with a text", 0 },
    { IR_CSHARP, "f(\"\\u0041\\x42\", @\"a\"\"b\", 'c', 0x1F, 0b11, 1.5);",
      "(call (name \"f\") (text \"AB\") (text \"a\\\"b\") (text \"c\" :char) (number 31) (number 3) (number \"1.5\"))", "texts and numbers", 0 },
    { IR_CSHARP, "b = new byte[] { 1, 2 }; a = new A(1) { B = c };",
      "(assign (name \"b\") (new \"byte[]\" (list (number 1) (number 2))))(assign (name \"a\") (new \"A\" (number 1) (set \"B\" (name \"c\"))))", "what new makes", 0 },
    { IR_CSHARP, "[DllImport(\"k\")] static extern int F(int a);", "(attribute \"DllImport\" (text \"k\"))(method \"F\" :int static (param \"a\" :int) (void))", "an attribute stands before its method", 0 },
    { IR_CSHARP, "t += delegate(object s) { f(s); }; g(x => x.y);",
      "(assign + (name \"t\") (lambda (param \"s\" :object) (block (call (name \"f\") (name \"s\")))))(call (name \"g\") (lambda (param \"x\") (member \"y\" (name \"x\"))))",
      "functions as values", 0 },
    { IR_CSHARP, "if (a) b(); else if (c) d();", "(if (name \"a\") (call (name \"b\")) (if (name \"c\") (call (name \"d\"))))", "a row of ifs", 0 },
    { IR_CSHARP, "/*a*/Resp\\u006fnse/**/.//b\r\nX;", "(member \"X\" (name \"Response\"))", "comments anywhere, escapes undone", 0 },
    { IR_CSHARP, "a(); } b(", "(call (name \"a\"))(call (name \"b\"))", "a loose end and an open one", 2 },
    { IR_JSCRIPT_NET, "function f(a : String) : int { return a }", "(method \"f\" :int (param \"a\" :String) (block (return (name \"a\"))))", "types behind names", 0 },
    { IR_JSCRIPT, "a = 1\nb = /c[/]d/g\rf(a, b)", "(assign (name \"a\") (number 1))(assign (name \"b\") (new \"RegExp\" (text \"c[/]d\") (text \"g\")))(call (name \"f\") (name \"a\") (name \"b\"))",
      "line ends end statements", 0 },
    { IR_JSCRIPT, "x = { a: 1, \"b\": [2] };", "(assign (name \"x\") (list (set \"a\" (number 1)) (set \"b\" (list (number 2)))))", "an object and a list", 0 },
    { IR_JSCRIPT, "y = new this[\"Z\"](1);", "(assign (name \"y\") (call (index (name \"this\") (text \"Z\")) (number 1)))", "what is made is chosen by a text", 0 },
};

static void test_trials(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trials); i++) {
        struct str        code = test_heap(trials[i].code, strlen(trials[i].code)), got = STR("");
        struct test_arena t = test_arena(ROOM);
        struct ir_builder b = { .a = &t.a };
        struct ir_unit    u;

        CHECK(clike_parse(&u, &b, code, trials[i].language, (struct ir_places){ 0 }));
        for (const struct ir *k = u.top->kid; k; k = k->next)
            got = str_cat(&t.a, got, ir_print(&t.a, k));
        if (!str_eq(got, str_c(trials[i].want)) || u.unread != trials[i].unread)
            fail_msg("%s\n got  %.*s (unread %u)\n want %s (unread %u)", trials[i].why, STR_ARG(got), u.unread, trials[i].want, trials[i].unread);
        for (size_t k = 0; k < code.n; k++) {       /* every prefix has an answer */
            struct str   head = test_heap(code.p, k);
            struct arena keep = t.a;

            CHECK(clike_parse(&u, &b, head, trials[i].language, (struct ir_places){ 0 }) && u.top);
            t.a = keep;
            test_free(head);
        }
        test_arena_free(&t);
        test_free(code);
    }
}

static unsigned height(const struct ir *n)
{
    unsigned most = 0;

    for (const struct ir *k = n->kid; k; k = k->next) {
        unsigned h = height(k);
        most = h > most ? h : most;
    }
    return most + 1;
}

/* Whatever is repeated, the tree stays low. */
static void test_long_chains(void **state)
{
    static const char *const part[] = { "a+", "a.b(c).", "a-", "(", "!", "{", "x=>", "a?b:", "if(a){}else ", "new a[", "$\"{", "a<", "a=", "[", "function(){" };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT_OF(part); i++) {
        const char       *one = part[i / 2];
        size_t            n = strlen(one), times = 20000;
        struct test_arena t = test_arena((size_t)96 << 20);
        struct ir_builder b = { .a = &t.a };
        struct ir_unit    u;
        uint8_t          *p = malloc(n * times);

        for (size_t k = 0; k < times; k++)
            memcpy(p + k * n, one, n);
        CHECK(clike_parse(&u, &b, (struct str){ p, n * times }, i % 2 ? IR_JSCRIPT_NET : IR_CSHARP, (struct ir_places){ 0 }));
        CHECK_WHY(height(u.top) <= IR_DEPTH_MAX, one);
        free(p);
        test_arena_free(&t);
    }
}

/* The table of words is searched by halves. */
static void test_words(void **state)
{
    (void)state;
    CHECK(clike_word((const uint8_t *)"abstract", 8, false) == W_abstract && clike_word((const uint8_t *)"yield", 5, false) == W_yield);
    CHECK(clike_word((const uint8_t *)"function", 8, true) == W_function && clike_word((const uint8_t *)"function", 8, false) == W_NONE);
#define X(w, cs, js) CHECK(clike_word((const uint8_t *)#w, sizeof #w - 1, !(cs)) == W_##w);
    CLIKE_WORDS(X)
#undef X
}

static void test_memory(void **state)
{
    (void)state;
    for (size_t room = 0; room < 20000; room += 97) {
        struct test_arena t = test_arena(room);
        struct ir_builder b = { .a = &t.a };
        struct ir_unit    u;

        (void)clike_parse(&u, &b, STR("class A { void B() { c(\"\\x41\" + d, e[1]); } }"), IR_CSHARP, (struct ir_places){ 0 });
        test_arena_free(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_trials), cmocka_unit_test(test_long_chains), cmocka_unit_test(test_words), cmocka_unit_test(test_memory) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
