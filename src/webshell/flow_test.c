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
#define JS "{o}@ {l}=\"{j}\" {c}{o} "
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
    { CODE("void Page_Load() { var p = new {p}(); var i = new {p}StartInfo(\"a\"); p.StartInfo = i; i.Arguments = {r}[\"k\"];\np.Start(); }"), "a part that is put in, and changed later", PAGE_ASPX, SINK_PROCESS, 'a', MARK_REQUEST, 0, "k", 2 },
    { CODE("void Page_Load() {\nnew {p} { StartInfo = { FileName = \"a\", Arguments = {r}[\"k\"] } }.Start(); }"), "an initialiser of a part", PAGE_ASPX, SINK_PROCESS, 'a', MARK_REQUEST, 0, "k", 2 },
    { CODE("class A { public void G(string s) { D(s); } protected virtual void D(string s) { } } class B : A { protected override void D(string s) {\nSystem.Diagnostics.{p}.Start(s); } }\nvoid Page_Load() { new B().G({r}[\"k\"]); }"),
      "what a class puts in the place of its base's", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 2 },
    { CODE("event Action<string> E; void Page_Load() { E += s =>\nSystem.Diagnostics.{p}.Start(s); E({r}[\"k\"]); }"), "an event of one's own", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 2 },
    { CODE("static class A { public static void G(this string s) {\nSystem.Diagnostics.{p}.Start(s); } }\nvoid Page_Load() { {r}[\"k\"].G(); }"), "a method that extends a class", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 2 },
    { CODE("void Page_Load() { string v = {r}[\"k\"]; v.Split(';').Unheard(x =>\nSystem.Diagnostics.{p}.Start(x)); }"), "a function handed to what nobody knows", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "", 2 },
    { CODE("void Page_Load() { System.Diagnostics.{p}.Start(new System.IO.StreamReader({r}.InputStream).ReadToEnd()); }"), "a stream is no path", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, MARK_FILE, "", 1 },
    { CODE("void Page_Load() { var d = new XmlDocument(); d.LoadXml(\"<a:script language='JScript'>function f() { {e}(System.Web.HttpContext.Current.{r}.Form['k']) }</a:script>\"); var t = new XslCompiledTransform(); t.Load(d, null, null); t.Transform(d, null, Response.OutputStream); }"),
      "scripts of a style sheet", PAGE_ASPX, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { CODE("void Page_Load() { var s = new Socket(1, 2, 3);\ns.IOControl(IOControlCode.ReceiveAll, null, null); }"), "a socket that hears everything", PAGE_ASPX, SINK_RECEIVE, 't', 0, 0, "", 2 },
    { CODE("void Page_Load() { var k = Registry.LocalMachine; foreach (string n in k.GetValueNames())\nResponse.Write(k.GetValue(n)); }"), "the registry, value by value", PAGE_ASPX, SINK_RESPOND, 'o', MARK_SECRET, 0, "", 2 },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\npublic class S { [WebMethod] public void M(String a, int b) {\nSystem.Diagnostics.{p}.Start(a + b); } }", "a web method's text", PAGE_ASMX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "a", 3 },
    { "{o}@ WebService {l}=\"{j}\" Class=\"S\" {c}\npublic class S { WebMethodAttribute public function M(a : String) {\n{e}(a); } }", "a web method of JScript", PAGE_ASMX, SINK_CODE, 'c', MARK_REQUEST, 0, "a", 3 },
    { CODE("void Page_Load() { var d = new XmlDocument(); d.Load({r}.InputStream);\nSystem.Diagnostics.{p}.Start(d.SelectSingleNode(\"a\").InnerText); }"), "a document that was sent", PAGE_ASPX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "", 2 },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Load()\n{r}.Files(0).{f}({r}(\"k\"))\nEnd Sub</{s}>", "VB's index of the files", PAGE_ASPX, SINK_WRITE, 'p', MARK_REQUEST, 0, "k", 3 },
    { "{o}@ WebHandler {l}=\"VB\" Class=\"H\" {c}\nPublic Class H\nPublic Sub ProcessRequest(c As HttpContext) Implements IHttpHandler.ProcessRequest\nSystem.Diagnostics.{p}.Start(c.{r}(\"k\"))\nEnd Sub\nEnd Class", "VB's index of what a property gives",
      PAGE_ASHX, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 4 },
    { "{o}\nClass C\nPrivate p\nPublic Property Let T(v)\np = v\nEnd Property\nPublic Property Get T()\nT = p\nEnd Property\nEnd Class\nSet a = New C\na.T = {r}(\"k\")\n{x} a.T\n{c}", "a property that is let and got", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 13 },
    { "{o}\nSub G(ByRef a)\na = {r}(\"k\")\nEnd Sub\nG b\n{x} b\n{c}", "a parameter by reference", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 6 },
    { "{o}\nSet f = GetRef(\"G\")\nf {r}(\"k\")\nSub G(a)\n{x} a\nEnd Sub\n{c}", "a function by its name", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 5 },
    { "{o}\nReDim b(z)\nb(1) = {r}(\"k\")\n{x} Join(b, \"\")\n{c}", "a list of unknown length", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "", 4 },
    { "{o}\nFor Each i In {r}.Form\n{x} {r}.Form(i)\nNext\n{c}", "every item", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "", 3 },
    { "{o}\nGetObject(\"winmgmts:\\\\.\\root\\cimv2\").Get(\"Win32_{p}\").Create {r}(\"k\")\n{c}", "by WMI", PAGE_ASP, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 2 },
    { "{o}\nSet a = GetObject(\"scr\" & \"ipt:\" & {r}(\"k\"))\n{c}", "code by a moniker", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 2 },
    { "{o}\nSet n = CreateObject(\"ADODB.Connection\")\nn.Open {r}(\"k\")\nn.Execute \"delete from a\"\n{c}", "a connection keeps where it leads", PAGE_ASP, SINK_SQL, 'n', MARK_REQUEST, 0, "k", 4 },
    { "{o}\na = {r}(\"k\")\nIf a = \"\" Then\nSet a = CreateObject(\"Scripting.FileSystemObject\").GetFolder(\"c:\\\")\nEnd If\nSet b = CreateObject(\"Scripting.FileSystemObject\").GetFolder(a).Files\n{c}", "a path or an object", PAGE_ASP, SINK_LIST, 'p', MARK_REQUEST, 0, "k", 6 },
    { JS "var a = (0, {e})(String({r}(\"k\"))); {c}", "the last of a list of values", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { JS "(function(){}).constructor(String({r}(\"k\"))); {c}", "what makes functions", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { JS "[][\"constr\" + \"uctor\"][\"constr\" + \"uctor\"]({r}(\"k\") + \"\"); {c}", "the same by two steps", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { JS "var f = new Function(\"a\", \"return {e}(a)\"); f({r}(\"k\") + \"\"); {c}", "a function out of texts", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { JS "function A() { this.v = {r}(\"k\") + \"\"; } A.prototype.go = function() { return {e}(this.v); }; var a = new A(); a.go(); {c}", "a prototype", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
    { JS "with (new ActiveXObject(\"WSc\" + \"ript.Sh\" + \"ell\")) { Run({r}(\"k\") + \"\"); } {c}", "with", PAGE_ASP, SINK_PROCESS, 'x', MARK_REQUEST, 0, "k", 1 },
    { JS "var s = \"\", a = [101, 118, 97, 108]; for (var i in a) s += String.fromCharCode(a[i]); this[s](String({r}(\"k\"))); {c}", "places of a list, a name out of letters", PAGE_ASP, SINK_CODE, 'c', MARK_REQUEST, 0, "k", 1 },
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
