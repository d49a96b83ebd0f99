/* What C# and JScript become, as ir_print writes it; every prefix of every case has an answer, and so have very deep and very long ones. */
#include "test.h"

#include "base/num.h"
#include "webshell/clike.h"

enum { ROOM = 16 << 20 };

struct trial { const char *code, *want, *why; uint32_t unread; };

/* The statements of the unit, printed one behind the other. */
static struct str read_all(struct test_arena *t, struct str code, enum ir_language l, struct ir_unit *ret)
{
    struct ir_builder b = { .a = &t->a };
    struct str        all = STR("");

    CHECK(clike_parse(ret, &b, code, l, (struct ir_places){ 0 }));
    for (const struct ir *k = ret->top->kid; k; k = k->next)
        all = str_cat(&t->a, all, ir_print(&t->a, k));
    return all;
}

static void run(const struct trial *c, size_t n, enum ir_language l)
{
    for (size_t i = 0; i < n; i++) {
        struct str        code = test_heap(c[i].code, strlen(c[i].code));
        struct test_arena t = test_arena(ROOM);
        struct ir_unit    u;
        struct str        got = read_all(&t, code, l, &u);
        if (!str_eq(got, str_c(c[i].want)) || u.unread != c[i].unread)
            fail_msg("%s\n got  %.*s (unread %u)\n want %s (unread %u)", c[i].why, STR_ARG(got), u.unread, c[i].want, c[i].unread);
        for (size_t k = 0; k < code.n; k++) {
            struct str        head = test_heap(code.p, k);
            struct ir_builder b = { .a = &t.a };
            struct arena      keep = t.a;
            CHECK(clike_parse(&u, &b, head, l, (struct ir_places){ 0 }) && u.top);
            t.a = keep;
            test_free(head);
        }
        test_arena_free(&t);
        test_free(code);
    }
}

static void test_csharp(void **state)
{
    static const struct trial c[] = {
        { "class C : D, I { int a = 1, b; C(int x) : base(x) { } }",
          "(type \"C\" :D (let \"a\" :int (number 1)) (let \"b\" :int) (method \"C\" (param \"x\" :int) (block (call (name \"base\") (name \"x\")) (block))))",
          "a constructor without marks; its call of the base comes first", 0 },
        { "public new static void F() { } new string G; x();",
          "(method \"F\" :void static (block))(let \"G\" :string)(call (name \"x\"))",
          "new hides a member of the base", 0 },
        { "class C { new public int A() => 1; new string B { get; set; } new void D() { } }",
          "(type \"C\" (method \"A\" :int (block (return (number 1)))) (property \"B\" :string (method \"get\" (void)) (method \"set\" (param \"value\") (void))) (method \"D\" :void (block)))",
          "the same in a class, before marks and types", 0 },
        { "x = new A(b); new A(); new A { b = c };",
          "(assign (name \"x\") (new \"A\" (name \"b\")))(new \"A\")(new \"A\" (set \"b\" (name \"c\")))",
          "new makes an object all the same", 0 },
        { "[WebMethod(true, D = \"x\"), A.B] public string F(ref int a, out string b, params object[] c, int d = 3) { return a; }",
          "(attribute \"WebMethod\" (literal \"true\") (set \"D\" (text \"x\")))(attribute \"B\")(method \"F\" :string (param \"a\" :int static) (param \"b\" :string static) (param \"c\" :object[]) (param \"d\" :int (number 3)) (block (return (name \"a\"))))",
          "attributes, named arguments of them, every kind of parameter", 0 },
        { "string P { get { return a; } private set { a = value; } } = \"b\";",
          "(property \"P\" :string (method \"get\" (block (return (name \"a\")))) (method \"set\" (param \"value\") (block (assign (name \"a\") (name \"value\")))) (let \"P\" (text \"b\")))",
          "a property with bodies and a value", 0 },
        { "int P => a; int this[int i] => b[i];",
          "(property \"P\" :int (method \"get\" (block (return (name \"a\")))))(property \"Item\" :int (param \"i\" :int) (method \"get\" (block (return (index (name \"b\") (name \"i\"))))))",
          "a property and an indexer of one value", 0 },
        { "class A { int this[int i] } b();",
          "(type \"A\" (property \"Item\" :int (param \"i\" :int)))(call (name \"b\"))",
          "an indexer that lost its body", 0 },
        { "public event H E; event H F { add { a(); } remove { } }",
          "(let \"E\" :H)(property \"F\" :H (method \"add\" (param \"value\") (block (call (name \"a\")))) (method \"remove\" (param \"value\") (block)))",
          "events, as fields and as properties", 0 },
        { "interface I { void F(int a); } class A { C D(); }",
          "(type \"I\" (method \"F\" :void (param \"a\" :int) (void)))(type \"A\" (method \"D\" :C (void)))",
          "methods without bodies need no marks among members", 0 },
        { "enum E { A = 1, B } struct S { public int a; } record R(int A, string B);",
          "(type \"E\" (let const \"A\" static (number 1)) (let const \"B\" static))(type \"S\" (let \"a\" :int))(type \"R\" (let \"A\" :int) (let \"B\" :string))",
          "the other kinds of types", 0 },
        { "List<Dictionary<string, int[]>> a = new List<Dictionary<string, int[]>>();",
          "(let \"a\" :List (new \"List\"))",
          "generic arguments are passed over, >> closes two", 0 },
        { "a<b>(c); x = a<b, c>(d); y = e < f; if (a < b || c > (d)) e();",
          "(call (name \"a\") (name \"c\"))(assign (name \"x\") (call (name \"a\") (name \"d\")))(assign (name \"y\") (binary < (name \"e\") (name \"f\")))(if (binary || (binary < (name \"a\") (name \"b\")) (binary > (name \"c\") (name \"d\"))) (call (name \"e\")))",
          "generic calls and comparisons", 0 },
        { "f(x => x.a, (x, y) => { z(); }, delegate (int q) { return q; }, async () => await r(), delegate { });",
          "(call (name \"f\") (lambda (param \"x\") (member \"a\" (name \"x\"))) (lambda (param \"x\") (param \"y\") (block (call (name \"z\")))) (lambda (param \"q\" :int) (block (return (name \"q\")))) (lambda (call (name \"r\"))) (lambda (block)))",
          "functions as values", 0 },
        { "a.b(c)[d].e(f, name: g, ref h, out int i, out var j)++;",
          "(assign + after (call (member \"e\" (index (call (member \"b\" (name \"a\")) (name \"c\")) (name \"d\"))) (name \"f\") (set \"name\" (name \"g\")) (name \"h\") (name \"i\") (name \"j\")) (number 1))",
          "a chain of calls with every kind of argument", 0 },
        { "a?.b?[c] ?? d; global::A.B.C(); a!.b();",
          "(binary ?? (index (member \"b\" (name \"a\")) (name \"c\")) (name \"d\"))(call (member \"C\" (member \"B\" (name \"A\"))))(call (member \"b\" (name \"a\")))",
          "marks for null, and an alias", 0 },
        { "x = $\"a{b}c{d:x}{{e}}\" + @\"f\"\"g\\h\" + \"i\\x41\\u0042\\\\\";",
          "(assign (name \"x\") (binary + (binary + (text \"a\") (name \"b\") (text \"c\") (name \"d\") (text \"{e}\")) (text \"f\\\"g\\\\h\") (text \"iAB\\\\\")))",
          "interpolated, verbatim and plain texts", 0 },
        { "y = \"\"\" \"q\" \"\"\"; z = \"\"\"\n  a\n   b\n  \"\"\";",
          "(assign (name \"y\") (text \" \\\"q\\\" \"))(assign (name \"z\") (text \"a\\n b\"))",
          "raw texts, the indent of the last line taken off", 0 },
        { "x = (string)a + (A.B)c(d) + (e) - f; x = (int)-1; x = (a)(b);",
          "(assign (name \"x\") (binary - (binary + (cast :string (name \"a\")) (cast :B (call (name \"c\") (name \"d\"))) (name \"e\")) (name \"f\")))(assign (name \"x\") (cast :int (unary neg (number 1))))(assign (name \"x\") (cast :a (name \"b\")))",
          "casts, and brackets that are none", 0 },
        { "x = a is string s && b is not null ? c as D : e;",
          "(assign (name \"x\") (choose (binary && (binary is (assign (name \"s\") (cast :string (name \"a\"))) (name \"string\")) (binary == (name \"b\") (literal \"null\"))) (cast :D (name \"c\")) (name \"e\")))",
          "patterns that name what they find", 0 },
        { "x = new A(1) { B = 2, C = { 3 } }; w = new int[3]; v = new { a, B = 1 }; u = new(1);",
          "(assign (name \"x\") (new \"A\" (number 1) (set \"B\" (number 2)) (set \"C\" (list (number 3)))))(assign (name \"w\") (new \"int[]\" (number 3)))(assign (name \"v\") (new (set \"B\" (number 1)) (list (set \"a\" (name \"a\")))))(assign (name \"u\") (new (number 1)))",
          "what new takes along", 0 },
        { "y = new P { S = { F = a, G = { H = b } } };",
          "(assign (name \"y\") (new \"P\" (set \"S\" (list (set \"F\" (name \"a\")) (set \"G\" (list (set \"H\" (name \"b\"))))))))",
          "initialisers of what the object holds already", 0 },
        { "d = new D<string, string> { { \"a\", \"b\" } }; e = new E { [\"f\"] = g };",
          "(assign (name \"d\") (new \"D\" (list (list (text \"a\") (text \"b\")))))(assign (name \"e\") (new \"E\" (list (list (text \"f\") (name \"g\")))))",
          "pairs", 0 },
        { "if (a) b(); else if (c) d(); else { e(); }",
          "(if (name \"a\") (call (name \"b\")) (if (name \"c\") (call (name \"d\")) (block (call (name \"e\")))))",
          "a row of conditions", 0 },
        { "for (int i = 0, j = 1; i < 3; i++, j--) { } foreach (var x in y) z(x); foreach (var (a, b) in c) d();",
          "(block (let \"i\" :int (number 0)) (let \"j\" :int (number 1)) (loop (binary < (name \"i\") (number 3)) (block) (block (assign + after (name \"i\") (number 1)) (assign - after (name \"j\") (number 1)))))(each \"x\" :var (name \"y\") (call (name \"z\") (name \"x\")))(each \"(each)\" (name \"c\") (block (assign (list (name \"a\") (name \"b\")) (name \"(each)\")) (call (name \"d\"))))",
          "loops", 0 },
        { "switch (a) { case \"x\": case 1: b(); break; case string s when s.c: d(); return; default: e(); break; }",
          "(select (name \"a\") (case (text \"x\") (number 1) (block (call (name \"b\")) (leave \"break\"))) (case (let is \"s\" :string (void (name \"string\") (member \"c\" (name \"s\")))) (block (call (name \"d\")) (return))) (case (block (call (name \"e\")) (leave \"break\"))))",
          "labels share a body", 0 },
        { "x = a switch { 1 => b, > 2 => c, _ => d };",
          "(assign (name \"x\") (choose (binary == (name \"a\") (number 1)) (name \"b\") (choose (void (void (number 2))) (name \"c\") (choose (void (name \"_\")) (name \"d\") (void)))))",
          "a choice by patterns", 0 },
        { "try { a(); } catch (E e) when (f) { b(); } catch { } finally { c(); }",
          "(try (block (call (name \"a\"))) (name \"f\") (block (let is \"e\" :E) (call (name \"b\"))) (block) (block (call (name \"c\"))))",
          "handlers in order", 0 },
        { "using (var a = b()) using (c) { d(); } using var e = f(); lock (g) h();",
          "(using (let \"a\" :var (call (name \"b\"))) (using (name \"c\") (block (call (name \"d\")))))(let \"e\" :var (call (name \"f\")))(using (name \"g\") (call (name \"h\")))",
          "resources", 0 },
        { "using A.B; using C = D.E; namespace N.M { class K { } } namespace O;",
          "(import \"A.B\")(import \"D.E\" :C)(type \"K\")",
          "name spaces are passed through", 0 },
        { "x ?\?= y; x >>= 2; x = a >> b >> c; a++; --b; x = -a + !b + ~c;",
          "(assign ?? (name \"x\") (name \"y\"))(assign >> (name \"x\") (number 2))(assign (name \"x\") (binary >> (binary >> (name \"a\") (name \"b\")) (name \"c\")))(assign + after (name \"a\") (number 1))(assign - (name \"b\") (number 1))(assign (name \"x\") (binary + (unary neg (name \"a\")) (unary not (name \"b\")) (unary ~ (name \"c\"))))",
          "signs put together", 0 },
        { "int F(int a) { int G(int b) => b; return G(a); }",
          "(method \"F\" :int (param \"a\" :int) (block (method \"G\" :int (param \"b\" :int) (block (return (name \"b\")))) (return (call (name \"G\") (name \"a\")))))",
          "a function inside a function", 0 },
        { "\\u0061b = @if + \"\\u0041\"; // c\n/* d */ e();",
          "(assign (name \"ab\") (binary + (name \"if\") (text \"A\")))(call (name \"e\"))",
          "names and texts are spelled out, comments vanish", 0 },
        { "#if X\na();\n#else\nb();\n#endif",
          "(call (name \"a\"))(call (name \"b\"))",
          "both branches are read", 0 },
        { "var (a, b) = c; (int a, string b) F() { return (1, d); }",
          "(assign (list (name \"a\") (name \"b\")) (name \"c\"))(method \"F\" :ValueTuple (block (return (list (number 1) (name \"d\")))))",
          "tuples", 0 },
        { "a! = b; x = from a in b where c select d;",
          "(assign (name \"a\") (name \"b\"))(assign (name \"x\") (void \",\" (assign (name \"a\") (name \"b\")) (name \"c\") (name \"d\")))",
          "a query keeps its parts", 0 },
        { "async Task<int> F() { await a(); await foreach (var b in c) { } return 1; }",
          "(method \"F\" :Task (block (call (name \"a\")) (each \"b\" :var (name \"c\") (block)) (return (number 1))))",
          "await waits for the same value", 0 },
        { "public static implicit operator int(A a) { return 1; } static A operator +(A a, A b) => a;",
          "(method \"operator\" :int static (param \"a\" :A) (block (return (number 1))))(method + \"operator\" static (param \"a\" :A) (param \"b\" :A) (block (return (name \"a\"))))",
          "operators of a class", 0 },
        { "if (a { b(); } c();",
          "(if (name \"a\") (block (call (name \"b\"))))(call (name \"c\"))",
          "a bracket that was lost ends where its block begins", 1 },
        { "a( ; b();",
          "(call (name \"a\"))(call (name \"b\"))",
          "an argument that was lost", 2 },
        { "} c();",
          "(call (name \"c\"))",
          "a brace too many", 1 },
        { "class A { int F( { b(); } void G() { c(); } }",
          "(type \"A\" (method \"F\" :int (param) (block (call (name \"b\")))) (method \"G\" :void (block (call (name \"c\")))))",
          "parameters without an end cost only themselves", 1 },
        { "x = \"open\ny();",
          "(assign (name \"x\") (text \"open\"))(call (name \"y\"))",
          "a text ends with its line", 2 },
        { "foo bar baz; a();",
          "(name \"foo\")(let \"baz\" :bar)(call (name \"a\"))",
          "words that mean nothing", 1 },
    };
    (void)state;
    run(c, COUNT_OF(c), IR_CSHARP);
}

static void test_jscript(void **state)
{
    static const struct trial c[] = {
        { "import A.B; var x : String = \"a\", y = 1; const z : int = 2;",
          "(import \"A.B\")(let \"x\" :String (text \"a\"))(let \"y\" (number 1))(let const \"z\" :int (number 2))",
          "types stand behind names", 0 },
        { "function f(a, b : int) : String { return a + b; } h = function i() { };",
          "(method \"f\" :String (param \"a\") (param \"b\" :int) (block (return (binary + (name \"a\") (name \"b\")))))(assign (name \"h\") (lambda \"i\" (block)))",
          "functions and functions as values", 0 },
        { "class C extends D.E implements I { static private var a : int = 1; function C(x) { super(x); } function get b() : int { return a; } }",
          "(type \"C\" :E (let \"a\" :int static (number 1)) (method \"C\" (param \"x\") (block (call (name \"base\") (name \"x\")))) (property \"b\" (method \"get\" :int (block (return (name \"a\"))))))",
          "members of a class", 0 },
        { "a = b\nc(d)\n++e",
          "(assign (name \"a\") (name \"b\"))(call (name \"c\") (name \"d\"))(assign + (name \"e\") (number 1))",
          "a line ends a statement", 0 },
        { "if (a) b(); else c\nfor (var i in d) e(i)\nfor (i in f.g) h",
          "(if (name \"a\") (call (name \"b\")) (name \"c\"))(each \"i\" (name \"d\") (call (name \"e\") (name \"i\")))(each \"i\" (member \"g\" (name \"f\")) (name \"h\"))",
          "loops over names", 0 },
        { "with (a) b(c); switch (a) { case 1: b(); default: c() } do a(); while (b) c()",
          "(with (name \"a\") (call (name \"b\") (name \"c\")))(select (name \"a\") (case (number 1) (block (call (name \"b\")))) (case (block (call (name \"c\")))))(loop after (name \"b\") (call (name \"a\")))(call (name \"c\"))",
          "statements without their mark at the end", 0 },
        { "x = /a[/\"']\\/b/gi.test(y) / 2; z = a / b / c",
          "(assign (name \"x\") (binary / (call (member \"test\" (new \"RegExp\" (text \"a[/\\\"']\\\\/b\") (text \"gi\"))) (name \"y\")) (number 2)))(assign (name \"z\") (binary / (binary / (name \"a\") (name \"b\")) (name \"c\")))",
          "expressions that search, and divisions", 0 },
        { "o = { a : 1, \"b\" : [1,,2], 3 : function (x) { } }; q = {}",
          "(assign (name \"o\") (list (set \"a\" (number 1)) (set \"b\" (list (number 1) (void) (number 2))) (set \"3\" (lambda (param \"x\") (block)))))(assign (name \"q\") (list))",
          "literals of objects and lists", 0 },
        { "new A; new A.B(1).c(); new (f())(2);",
          "(new \"A\")(call (member \"c\" (new \"B\" (number 1))))(call (call (name \"f\")) (number 2))",
          "what new takes", 0 },
        { "typeof a == \"b\"; delete a.b; void 0; a instanceof b; !e",
          "(binary == (call (name \"typeof\") (name \"a\")) (text \"b\"))(void (member \"b\" (name \"a\")))(void (number 0))(binary is (name \"a\") (name \"b\"))(unary not (name \"e\"))",
          "words as operators", 0 },
        { "x = \"\\x41\\u0042\\103\\q\\\nz\" + 'it\"s'",
          "(assign (name \"x\") (binary + (text \"ABCqz\") (text \"it\\\"s\")))",
          "escapes of texts, and a text over two lines", 0 },
        { "a, b = c, d(); return a, b",
          "(void \",\" (name \"a\") (assign (name \"b\") (name \"c\")) (call (name \"d\")))(return (void \",\" (name \"a\") (name \"b\")))",
          "values in a row", 0 },
        { "a >>>= 1; b = c >>> 2 === d !== e; f ? g : h",
          "(assign >> (name \"a\") (number 1))(assign (name \"b\") (binary != (binary == (binary >> (name \"c\") (number 2)) (name \"d\")) (name \"e\")))(choose (name \"f\") (name \"g\") (name \"h\"))",
          "signs of three", 0 },
        { "<!-- a()\nb(); /* c\n */ d() // e",
          "(call (name \"b\"))(call (name \"d\"))",
          "comments, also those of pages", 0 },
        { "expando function f() { } hide override public static function m() { }",
          "(method \"f\" (block))(method \"m\" static (block))",
          "marks before a function", 0 },
        { "(function () { g() })(); !function () { h() }()",
          "(call (lambda (block (call (name \"g\")))))(unary not (call (lambda (block (call (name \"h\"))))))",
          "functions that are called where they stand", 0 },
        { "x = 010 + 0x1F + .5e1 + 1e400",
          "(assign (name \"x\") (binary + (number 8) (number 31) (number \".5e1\") (number \"1e400\")))",
          "numbers of three bases", 0 },
        { "function a() { b(  } c()",
          "(method \"a\" (block (call (name \"b\"))))(call (name \"c\"))",
          "a bracket that was lost", 2 },
        { "function a( { b() } d()",
          "(method \"a\" (param) (block (call (name \"b\"))))(call (name \"d\"))",
          "parameters without an end", 1 },
        { "{ c() } ; ;; }",
          "(block (call (name \"c\")))",
          "a brace too many", 1 },
        { "\\u0065v(x); R.W(e(Q.I[\"z\"], \"u\"));",
          "(call (name \"ev\") (name \"x\"))(call (member \"W\" (name \"R\")) (call (name \"e\") (index (member \"I\" (name \"Q\")) (text \"z\")) (text \"u\")))",
          "an escaped name", 0 },
        { "class S { A.WebMethodAttribute B(1) public function f(a : String) { } function g() { } }",
          "(type \"S\" (attribute \"WebMethod\") (attribute \"B\" (number 1)) (method \"f\" (param \"a\" :String) (block)) (method \"g\" (block)))",
          "attributes are names before a declaration", 0 },
    };
    (void)state;
    run(c, COUNT_OF(c), IR_JSCRIPT_NET);
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

/* Whatever opens 20000 times stays within the depth that ir.h promises, and takes time in proportion. */
static void test_deep(void **state)
{
    static const char *const open[] = { "(", "[", "{", "a(", "a[", "if(a){", "if(a)", "else if(a)b();", "a?", "a=", "-", "(a)", "new A{b=", "new A(", "x=>", "$\"{", "class A{", "namespace A{", "try{", "for(;;)", "a.b().",
                                        "function(){", "switch(a){case 1:", "a??", "List<", "[A(", "int this[int i]", "do ", "a<b<", "!", "await ", "from a in b " };
    enum { TIMES = 20000 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(open); i++)
        for (int js = 0; js < 2; js++) {
            size_t            n = strlen(open[i]);
            struct test_arena t = test_arena(128 << 20);
            struct ir_builder b = { .a = &t.a };
            struct ir_unit    u;
            uint8_t          *p = malloc(n * TIMES);
            CHECK(p);
            for (size_t k = 0; k < TIMES; k++)
                memcpy(p + k * n, open[i], n);
            CHECK(clike_parse(&u, &b, (struct str){ p, n * TIMES }, js ? IR_JSCRIPT : IR_CSHARP, (struct ir_places){ 0 }));
            CHECK(height(u.top) <= IR_DEPTH_MAX + 1);
            test_free((struct str){ p, n * TIMES });
            test_arena_free(&t);
        }
}

static bool work(struct arena *a, struct err *e)
{
    struct ir_builder b = { .a = a };
    struct ir_unit    u;

    return clike_parse(&u, &b, STR("class A<T> : B { [C(D = 1)] int[] e = { 1 }; F(ref G h) : base(h) { i = $\"j{k}\" + (l)m; } }"), IR_CSHARP, (struct ir_places){ 0 }) || err_set(e, ERR_MEMORY, "full");
}

static void test_full(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_csharp), cmocka_unit_test(test_jscript), cmocka_unit_test(test_deep), cmocka_unit_test(test_full) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
