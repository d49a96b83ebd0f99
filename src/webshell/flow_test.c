#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/basic.h"
#include "webshell/clike.h"
#include "webshell/flow.h"

enum { ROOM = 32 << 20, NONE = MARK_REQUEST | MARK_UPLOAD };

/* One use that must be there: its sink, a role, marks that it must and must not carry. */
struct flow_case { const char *plan, *why; enum page_kind kind; enum sink sink; char letter; uint32_t marks, without; const char *key; uint32_t line; };

#define CS "{o}@ Page {l}=\"C#\" {c}"
#define CODE(code) CS "<{s} {a}>" code "</{s}>"

static const struct flow_case cases[] = {
    { "{o}\na = {r}(\"k\")\nb = a\n{x} b\n{c}", "through variables", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 4 },
    { "{o}\nSub S(x)\n{x} x\nEnd Sub\nS {r}.Form(\"k\")\n{c}", "into a procedure", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 3 },
    { "{o}\nFunction G()\nG = {r}(\"k\")\nEnd Function\n{x} G()\n{c}", "out of a function", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 5 },
    { "{o}\nSet q = {r}\n{x} q(\"k\")\n{c}", "another name of the request", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 3 },
    { "{o}\n{x} \"b = {r}(\"\"k\"\") : {x} b\"\n{c}", "code in code", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 0 },
    { "{o}\nIf x = 1 Then\na = {r}(\"k\")\nElse\na = \"b\"\nEnd If\n{x} a\n{c}", "one of two branches", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 7 },
    { "{o}\na = {r}(\"k\")\na = \"b = 1\"\n{x} a\n{c}", "what was overwritten is gone", PAGE_ASP, SINK_CODE, 'c', 0, NONE, "", 4 },
    { "{o}\nSession(\"s\") = {r}(\"k\")\n{x} Session(\"s\")\n{c}", "kept in the session", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST | MARK_STORED, 0, "k", 3 },
    { "{o}\nFor i = 1 To 3\ns = s & Mid(\"lehSW\", i, 1)\nNext\nSet o = CreateObject(StrReverse(\".tpircSW\") & StrReverse(s))\nSet o = CreateObject(\"WSc\" & \"ript.Sh\" & \"ell\")\no.Run {r}(\"k\")\n{c}", "a class by a name made of pieces", PAGE_ASP, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 7 },
    { CODE("class A { public string F; }\nvoid Page_Load() { var a = new A(); a.F = {r}[\"k\"]; G(a); }\nvoid G(A b) {\nSystem.Diagnostics.{p}.Start(b.F); }"), "a field of an object that is handed over", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 4 },
    { CODE("void Page_Load() {\nvar i = new System.Diagnostics.{p}StartInfo { FileName = \"a\", Arguments = {r}[\"k\"] };\nSystem.Diagnostics.{p}.Start(i); }"), "an initialiser", PAGE_ASPX, SINK_PROCESS, 'a', MARK_REQUEST, 0, "k", 3 },
    { CODE("void B_Click(object s, EventArgs e) {\nSystem.Diagnostics.{p}.Start(T1.Text); }") "<asp:TextBox id=\"T1\" {a}/><asp:Button id=\"B\" OnClick=\"B_Click\" {a}/>", "a control", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "T1", 2 },
    { CODE("void Page_Load() { Func<string, object> f = x => System.Diagnostics.{p}.Start(x); f({r}[\"k\"]); }"), "a lambda", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 1 },
    { CODE("void Page_Load() { var s = new System.Text.StringBuilder(); s.Append(\"a\").Append({r}[\"k\"]); System.Diagnostics.{p}.Start(s.ToString()); }"), "a builder", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 1 },
    { CODE("void Page_Load() { int n = int.Parse({r}[\"k\"]); System.Diagnostics.{p}.Start(\"a\" + n); }"), "a number is no order", PAGE_ASPX, SINK_PROCESS, 'x', 0, NONE, "", 1 },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S { [WebMethod] public void M(string a) {\nSystem.Diagnostics.{p}.Start(a); } }", "a web method", PAGE_ASMX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "a", 3 },
    { CODE("void Page_Load() { typeof(System.Diagnostics.{p}).GetMethod(\"Sta\" + \"rt\").Invoke(null, new object[] { {r}[\"k\"] }); }"), "reflection by a folded name", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "", 0 },
};

static bool chain(struct flow *ret, struct arena *a, struct str page, enum page_kind kind)
{
    struct container  c;
    struct ir_builder b = { .a = a };

    if (!container_read(&c, a, page, kind))
        return false;
    struct ir_unit *unit = NEW(a, struct ir_unit, c.unit_n + 1);
    for (size_t i = 0; unit && i < c.unit_n; i++) {
        const struct unit *u = &c.unit[i];
        bool basic = u->language == IR_VBNET || u->language == IR_VBSCRIPT;
        if (!(basic ? basic_parse(&unit[i], &b, u->code, u->language, u->places) : clike_parse(&unit[i], &b, u->code, u->language, u->places)))
            return false;
    }
    return unit && flow_walk(ret, a, &c, unit, c.unit_n);
}

static bool fits(const struct use *u, const struct flow_case *c)
{
    if (u->sink != c->sink || (c->line && u->line != c->line) || !u->reached)
        return false;
    for (size_t i = 0; i < u->role_n; i++)
        if (u->role[i].letter == c->letter)
            return (u->role[i].v.marks & c->marks) == c->marks && !(u->role[i].v.marks & c->without) && (!c->key[0] || str_eq(u->role[i].v.key, str_c(c->key)));
    return false;
}

static void test_cases(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char              text[4096];
        size_t            n = shape_text(text, sizeof text, cases[i].plan);
        struct test_arena t = test_arena(ROOM);
        struct str        in = test_heap(text, n);
        struct flow       f;
        bool              found = false;

        CHECK_WHY(chain(&f, &t.a, in, cases[i].kind), cases[i].why);
        for (size_t k = 0; k < f.use_n; k++)
            found = found || fits(&f.use[k], &cases[i]);
        if (!found) {
            print_message("%s: not seen among %zu uses\n", cases[i].why, f.use_n);
            for (size_t k = 0; k < f.use_n; k++)
                print_message("    line %u %.*s reached %d role %c marks %x\n", f.use[k].line, STR_ARG(f.use[k].call), f.use[k].reached, f.use[k].role_n ? f.use[k].role[0].letter : '-', f.use[k].role_n ? f.use[k].role[0].v.marks : 0);
            bad++;
        }
        test_free(in);
        test_arena_free(&t);
    }
    CHECK(bad == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
