#include "test.h"

#include "base/num.h"
#include "webshell/basic.h"

enum { ROOM = 8 << 20 };

struct trial { const char *code, *want, *why; uint32_t unread; };

/* The statements of the unit, printed one behind the other. */
static struct str read_all(struct test_arena *t, struct str code, enum ir_language l, struct ir_unit *ret)
{
    struct ir_builder b = { .a = &t->a };
    struct str        all = STR("");

    CHECK(basic_parse(ret, &b, code, l, (struct ir_places){ 0 }));
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
        /* Every prefix has an answer. */
        for (size_t k = 0; k < code.n; k++) {
            struct str        head = test_heap(code.p, k);
            struct ir_builder b = { .a = &t.a };
            struct arena      keep = t.a;
            CHECK(basic_parse(&u, &b, head, l, (struct ir_places){ 0 }) && u.top);
            t.a = keep;
            test_free(head);
        }
        test_arena_free(&t);
        test_free(code);
    }
}

static void test_vbscript(void **state)
{
    static const struct trial c[] = {
        { "x = ((((a)(1) & b) & c) + - -Not Not d)", "(assign (name \"x\") (binary + (binary & (call (name \"a\") (number 1)) (name \"b\") (name \"c\")) (name \"d\")))",
          "brackets that open at once are no levels", 0 },
        { "f (a), b", "(call (name \"f\") (name \"a\") (name \"b\"))", "a bracket behind the name is part of the first argument", 0 },
        { "a.b(c) & d", "(call (member \"b\" (name \"a\")) (binary & (name \"c\") (name \"d\")))", "the same with an operator", 0 },
        { "a(b) = c", "(assign (call (name \"a\") (name \"b\")) (name \"c\"))", "an index is a target", 0 },
        { "f a, , -1", "(call (name \"f\") (name \"a\") (void) (unary neg (number 1)))", "an argument left out keeps its place", 0 },
        { "f -1: g &H41", "(call (name \"f\") (unary neg (number 1)))(call (name \"g\") (number 65))", "an operator may begin an argument", 0 },
        { "x=a&b&\"c\"&hff", "(assign (name \"x\") (binary & (name \"a\") (name \"b\") (text \"c\") (name \"hff\")))", "behind a value, & joins", 0 },
        { "x = 1 & _\r\n 2 ' rest\r\ny", "(assign (name \"x\") (binary & (number 1) (number 2)))(call (name \"y\"))", "a line goes on behind _", 0 },
        { "If a Then b : c Else d", "(if (name \"a\") (block (call (name \"b\")) (call (name \"c\"))) (block (call (name \"d\"))))", "all of a line belongs to its If", 0 },
        { "If a Then\rb\rElse If c Then\rd\rEnd If\rEnd If",
          "(if (name \"a\") (block (call (name \"b\"))) (block (if (name \"c\") (block (call (name \"d\"))))))", "Else If on one line is an If in the Else; lines end in CR", 0 },
        { "Select Case a\nCase 1, 2 To 3: b\nCase Is > 4\nCase Else c\nEnd Select",
          "(select (name \"a\") (case (number 1) (void (number 2) (number 3)) (block (call (name \"b\")))) (case (void (number 4)) (block)) (case (block (call (name \"c\")))))",
          "ranges and comparisons are no plain values", 0 },
        { "Do\nLoop Until a", "(loop after (unary not (name \"a\")) (block))", "Until is While Not", 0 },
        { "With a\n.b .c\n!d = 1\nEnd With",
          "(with (name \"a\") (block (call (member \"b\" (with-object)) (member \"c\" (with-object))) (assign (call (with-object) (text \"d\")) (number 1))))", "With, below itself", 0 },
        { "Sub f(a, ByVal b)\nEnd Sub", "(method \"f\" (param \"a\" static) (param \"b\") (block))", "VBScript hands over by reference", 0 },
        { "Sub f(ByVal a)\nIf b Then\nEnd Sub\ng", "(method \"f\" (param \"a\") (block (if (name \"b\") (block))))(call (name \"g\"))", "the end of a procedure ends what is open", 1 },
        { "Sub f\nSub g\nEnd Sub", "(method \"f\" (block))(method \"g\" (block))", "a procedure does not stand in another", 1 },
        { "Const a = &HFFFF, b = &HFFFF&, c = 1.5", "(let const \"a\" (number -1))(let const \"b\" (number 65535))(let const \"c\" (number \"1.5\"))", "16 bits are a whole number", 0 },
        { "Class c\nPublic Default Property Get p(i)\np = i\nEnd Property\nEnd Class",
          "(type \"c\" (property is \"p\" (method \"get\" (param \"i\" static) (block (assign (name \"p\") (name \"i\"))))))", "classes", 0 },
        { "x = a Imp b: y = Not a = b", "(assign (name \"x\") (binary || (unary not (name \"a\")) (name \"b\")))(assign (name \"y\") (unary not (binary == (name \"a\") (name \"b\"))))",
          "operators in their order", 0 },
        { "x = a(1)(2).b!c + [d e] ^ 2", "(assign (name \"x\") (binary + (call (member \"b\" (call (call (name \"a\") (number 1)) (number 2))) (text \"c\")) (binary pow (name \"d e\") (number 2))))",
          "chains", 0 },
        { "x = #1/2/2003#: Rem a\n[y] = \"a\"\"b\"", "(assign (name \"x\") (text \"1/2/2003\"))(assign (name \"y\") (text \"a\\\"b\"))", "dates and texts", 0 },
        { "<!-- seen by old browsers\nx = 1 <!-- and here\ny = 2", "(assign (name \"x\") (number 1))(assign (name \"y\") (number 2))", "the marks of a hidden script", 0 },
        { "ReDim Preserve a(g(1))\nReDim b(2)\nErase c",
          "(void (name \"a\") (new \"[]\" (call (name \"g\") (number 1))))(assign (name \"b\") (new \"[]\" (number 2)))(assign (name \"c\") (literal \"null\"))", "arrays", 0 },
        { "x = \"abc\ny = 1", "(assign (name \"x\") (text \"abc\"))(assign (name \"y\") (number 1))", "a text ends with its line", 1 },
        { "For i = 1 To 3: f i: Next\nFor Each k In a.b\nNext", "(count \"i\" (number 1) (number 3) (void) (block (call (name \"f\") (name \"i\"))))(each \"k\" (member \"b\" (name \"a\")) (block))",
          "loops", 0 },
        { "On Error Resume Next: On Error GoTo 0", "(on-error \"resume next\")(on-error \"goto 0\")", "errors", 0 },
        { "x = ] a b\ny = 2", "(assign (name \"x\") (void))(void (name \"a\") (name \"b\"))(assign (name \"y\") (number 2))", "what is not understood ends with its line", 2 },
    };
    (void)state;
    run(c, COUNT_OF(c), IR_VBSCRIPT);
}

static void test_vbnet(void **state)
{
    static const struct trial c[] = {
        { "Imports A.B, C = D.E", "(import \"A.B\")(import \"D.E\" :C)", "imports", 0 },
        { "<WebMethod(Description:=\"x\")> _\nPublic Function F(ByVal a As String, Optional b() As Byte = Nothing) As List(Of String)\nReturn a\nEnd Function",
          "(attribute \"WebMethod\" (set \"Description\" (text \"x\")))(method \"F\" :List (param \"a\" :String) (param \"b\" :Byte[] (literal \"null\")) (block (return (name \"a\"))))",
          "attributes, types, defaults", 0 },
        { "Sub s(a, ByRef b)\nUsing a, b\nEnd Using\nEnd Sub", "(method \"s\" (param \"a\") (param \"b\" static) (block (using (name \"a\") (name \"b\") (block))))", "VB.NET by value", 0 },
        { "Sub s() Handles Me.Load, b.Click\nEnd Sub", "(attribute \"Handles\" (text \"Me.Load\") (text \"b.Click\"))(method \"s\" (block))", "what a method handles", 0 },
        { "Dim a, b As String, c() As Byte = {1, 2}, d As New T(5)",
          "(let \"a\" :String)(let \"b\" :String)(let \"c\" :Byte[] (list (number 1) (number 2)))(let \"d\" :T (new \"T\" (number 5)))", "one type for several names", 0 },
        { "x = \"a\"c", "(assign (name \"x\") (text \"a\" :char))", "one character", 0 },
        { "x &= a\ny <<= 1", "(assign & (name \"x\") (name \"a\"))(assign << (name \"y\") (number 1))", "compound assignments", 0 },
        { "x = New T With {.A = 1,\n .B = 2\n}", "(assign (name \"x\") (new \"T\" (set \"A\" (number 1)) (set \"B\" (number 2))))", "initialisers over lines", 0 },
        { "f(Sub()\ng()\nEnd Sub, Function(a) a + 1, Sub(b) h(b), 3)",
          "(call (name \"f\") (lambda (block (call (name \"g\")))) (lambda (param \"a\") (binary + (name \"a\") (number 1))) (lambda (param \"b\") (block (call (name \"h\") (name \"b\")))) (number 3))",
          "lambdas of one line and of many", 0 },
        { "Try\na()\nCatch e As X When b\nFinally\nc()\nEnd Try",
          "(try (block (call (name \"a\"))) (block (let is \"e\" :X) (void (name \"b\"))) (block (call (name \"c\"))))", "handlers", 0 },
        { "Declare Function F Lib \"a\" Alias \"b\" (c As Integer) As Integer",
          "(attribute \"DllImport\" (text \"a\") (set \"EntryPoint\" (text \"b\")))(method \"F\" :Integer static (param \"c\" :Integer) (void))", "native functions", 0 },
        { "x = $\"a{b,5:N2}c{{d}}\"", "(assign (name \"x\") (binary & (text \"a\") (name \"b\") (text \"c{d}\")))", "joined texts", 0 },
        { "x = <a b=\"<%= c %>\"><d/></a>\ny = 1", "(assign (name \"x\") (void (name \"c\")))(assign (name \"y\") (number 1))", "XML is skipped, what is computed in it is not", 0 },
        { "x = From a In b\n Where a.C\n Select a.D\ny()",
          "(assign (name \"x\") (void (let \"a\" (name \"b\")) (member \"C\" (name \"a\")) (member \"D\" (name \"a\"))))(call (name \"y\"))", "queries keep their parts", 0 },
        { "x = If(a, b, c)\ny = If(a, b)\nz = CType(a, N.T)\nw = GetType(T())",
          "(assign (name \"x\") (choose (name \"a\") (name \"b\") (name \"c\")))(assign (name \"y\") (binary ?\? (name \"a\") (name \"b\")))(assign (name \"z\") (cast :T (name \"a\")))(assign (name \"w\") "
          "(type-of :T[]))", "operators that look like calls", 0 },
        { "For i = 0 To 1\nFor j = 0 To 1\nNext j, i\nx()", "(count \"i\" (number 0) (number 1) (void) (block (count \"j\" (number 0) (number 1) (void) (block))))(call (name \"x\"))",
          "one Next ends two loops", 0 },
        { "Property P As Integer = 3\nProperty Q As T\nGet\nReturn 1\nEnd Get\nPrivate Set\nz = value\nEnd Set\nEnd Property",
          "(property \"P\" :Integer (let \"P\" :Integer (number 3)))(property \"Q\" :T (method \"get\" (block (return (number 1)))) (method \"set\" (param \"value\") (block (assign (name \"z\") (name "
          "\"value\")))))", "properties with and without a body", 0 },
        { "If a\nb()\nElse If c Then\nd()\nEnd If", "(if (name \"a\") (block (call (name \"b\"))) (if (name \"c\") (block (call (name \"d\")))))", "Else If is ElseIf", 0 },
        { "x = \xE2\x80\x9C" "a\xE2\x80\x9D \xE2\x80\x99 rest", "(assign (name \"x\") (text \"a\"))", "the quotation marks of word processors are as good", 0 },
        { "\xEF\xBC\xA4im x", "(let \"x\")", "so are letters of full width", 0 },
        { "#If A Then\nx()\n#End If", "(call (name \"x\"))", "both branches of #If are read", 0 },
        { "AddHandler a.B, AddressOf C\nx = Global.S.T", "(assign + (member \"B\" (name \"a\")) (name \"C\" after))(assign (name \"x\") (member \"T\" (name \"S\")))", "handlers; Global says nothing", 0 },
        { "x = &HFFS + 1L + 2.5R + &HFFFFFFFF + &HFFFFFFFFL + 1_000 + &B101",
          "(assign (name \"x\") (binary + (number 255) (number 1) (number \"2.5R\") (number -1) (number 4294967295) (number 1000) (number 5)))", "numbers with a type", 0 },
        { "Interface I\nSub a()\nProperty b As T\nEnd Interface\nEnum e\nx = 1\ny\nEnd Enum\nDelegate Sub d(a As T)",
          "(type \"I\" (method \"a\" (void)) (property \"b\" :T))(type \"e\" (let const \"x\" static (number 1)) (let const \"y\" static))(type \"d\" :Delegate)", "types without code", 0 },
        { "f(Sub(x) If x Then y(x), 3)", "(call (name \"f\") (lambda (param \"x\") (block (if (name \"x\") (block (call (name \"y\") (name \"x\")))))) (number 3))", "an If in a lambda ends with it", 0 },
        { "x = \"a\nb\" & c", "(assign (name \"x\") (binary & (text \"a\\nb\") (name \"c\")))", "a text of two lines", 0 },
        { "Namespace N\nClass C\nInherits D.E\nEnd Class\nEnd Namespace", "(type \"C\" :E)", "name spaces leave no trace", 0 },
    };
    (void)state;
    run(c, COUNT_OF(c), IR_VBNET);
}

static unsigned depth_of(const struct ir *n)
{
    unsigned d = 0;

    for (const struct ir *k = n->kid; k; k = k->next) {
        unsigned x = depth_of(k);
        d = x > d ? x : d;
    }
    return d + 1;
}

/* What is repeated 100,000 times neither recurses nor takes long; a chain of & is one node. */
static void test_bounds(void **state)
{
    static const char *const repeated[] = {
        "x=a&", "a-", "a.b", "a(", "(", "(a)", "not ", "-", "If a Then ", "If a Then\n", "a(b).", "Sub f\n", "For i=1 To 2\n", "Do\n", "With a\n", "ElseIf a Then\n", "Else\n", "End If\n", "{",
        "New ", "Function() ", "Sub()\n", "Class c\n", "Select Case a\n", "<a", "<a>", "x=<a>", "$\"{", "\"", "Case 1\n", "a:", "From a In ", "Try\n", "f(a,", "GetType(", "If(", "^a", "x=\"\n",
        "Property p\nGet\n", "Namespace n\n", "<%=", "_\n", "[", "#", "Enum e\n", "Next a,", "a!b", "Await ", "TypeOf ", "\xEF\xBC\xA1", ",", "Public ",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(repeated); i++)
        for (int net = 0; net < 2; net++) {
            size_t            one = strlen(repeated[i]), times = 20000;
            struct test_arena t = test_arena(160 << 20);
            uint8_t          *p = malloc(one * times);
            struct ir_builder b = { .a = &t.a };
            struct ir_unit    u;
            for (size_t k = 0; k < times; k++)
                memcpy(p + k * one, repeated[i], one);
            for (size_t k = 1; k < times && i == 0; k++)       /* x = a & a & a ... */
                memcpy(p + k * one, "  a&", one);
            CHECK_WHY(basic_parse(&u, &b, (struct str){ p, one * times }, net ? IR_VBNET : IR_VBSCRIPT, (struct ir_places){ 0 }), repeated[i]);
            CHECK_WHY(depth_of(u.top) <= IR_DEPTH_MAX + 1, repeated[i]);
            if (i == 0)
                CHECK(ir_kid(u.top->kid, 1)->op == IR_BINARY && ir_kid(ir_kid(u.top->kid, 1), times - 1));
            free(p);
            test_arena_free(&t);
        }
}

/* Lines are those of the page, whatever was cut out of it. */
static void test_lines(void **state)
{
    static const struct ir_place place[] = { { 0, 10 }, { 6, 20 } };
    struct test_arena            t = test_arena(ROOM);
    struct ir_builder            b = { .a = &t.a };
    struct ir_unit               u;

    (void)state;
    CHECK(basic_parse(&u, &b, STR("a\r\nb\r\nc\nd = _\n e\nf"), IR_VBSCRIPT, (struct ir_places){ place, 2 }));
    static const uint32_t want[] = { 10, 11, 20, 21, 23 };
    const struct ir      *k = u.top->kid;
    for (size_t i = 0; i < COUNT_OF(want); i++, k = k->next)
        CHECK(k && k->line == want[i]);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    struct ir_builder b = { .a = a };
    struct ir_unit    u;

    return basic_parse(&u, &b, STR("Class a\nDim b() As Byte = {1}\nSub c\nx = \"a\"\"b\" & d(e) & $\"f{g}\"\nExit Sub\nEnd Sub\nEnd Class"), IR_VBNET, (struct ir_places){ 0 }) ||
           err_set(e, ERR_MEMORY, "full");
}

static void test_full(void **state)
{
    (void)state;
    fault_sweep(work, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_vbscript), cmocka_unit_test(test_vbnet), cmocka_unit_test(test_bounds), cmocka_unit_test(test_lines), cmocka_unit_test(test_full) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
