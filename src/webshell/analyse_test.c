#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/analyse.h"

struct page_case {
    const char       *plan, *why;
    enum page_kind    kind;
    enum page_verdict verdict;
    enum page_what    what;
    const char       *key;           /* "@": any */
};

#define DIRECTIVE "{o}@ Page {l}=\"{j}\"{c}"

static const struct page_case cases[] = {
    { DIRECTIVE "{o}{e}({r}.Item[\"orange\"],\"{u}\");{c}", "the plain tiny evaluator", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "orange" },
    { DIRECTIVE "{o}{e}/*x*/(/*y*/{r}/**/[\"k1\"] , \"{u}\"){c}", "comments between all tokens", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "k1" },
    { "<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"or\"+\"ange\"],\"{u}\");}</{s}>", "script element, joined key", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "orange" },
    { DIRECTIVE "{o}var p={r}.Form[\"p9\"];\nif(p!=null)\n{e}(p,\"{u}\");{c}", "through one variable", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "p9" },
    { DIRECTIVE "{o}{e}(System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String({r}[\"b\"])),\"{u}\"){c}", "decoded first", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "b" },
    { DIRECTIVE "{o}\\u0065val({r}[\"z\"]){c}", "a name spelled with an escape", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "z" },
    { "{o}{e} {r}(\"cmd\"){c}", "classic ASP, no parentheses", PAGE_ASP, PAGE_BACK_DOOR, WHAT_EVALUATOR, "cmd" },
    { "{o}' a note\n{x}({r}.Form(\"v\")) ' more\n{c}", "classic ASP with comments", PAGE_ASP, PAGE_BACK_DOOR, WHAT_EVALUATOR, "v" },
    { "{o}@ Page {l}=\"C#\" {c}{o}System.Diagnostics.{p}.Start({r}[\"f\"],{r}[\"a\"]);{c}", "starts what it is told", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_COMMAND, "f" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load(object s,EventArgs e){var q=new {p}();q.StartInfo.Arguments=\"/c \"+{r}.Form[\"c\"];q.Start();}</{s}>",
      "arguments from the request", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_COMMAND, "c" },
    { "{o}@ Page {l}=\"C#\" {c}{o}System.IO.File.{w}({r}[\"p\"],{r}[\"c\"]);{c}", "path and content from the request", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "p" },
    { "{o}@ Page {l}=\"C#\" {c}{o}var w=new System.IO.StreamWriter({r}.Form[\"p\"],false);w.Write({r}.Form[\"f\"]);w.Close();{c}", "a writer fed from two items", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "p" },
    { DIRECTIVE "{o}var p={r}.Form[\"p\"];var c={r}.Form[\"c\"];var w=System.IO.File.CreateText(p);w.WriteLine(c);{c}", "the same through variables", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "p" },
    { "{o}@ Page {l}=\"C#\" {c}{o}var t={r}.Headers[\"X-T\"].Split('|');var s=new System.Net.Sockets.Socket(1,2,3);s.Connect(t[0],80);Session[\"s\"]=s;{c}",
      "a tunnel", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_TUNNEL, "X-T" },
    { DIRECTIVE "{o}this[\"ev\"+\"al\"]({r}[\"n\"],\"{u}\");{c}", "called by its name", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_EVALUATOR, "n" },
    { "{o}@ Page {l}=\"C#\" {c}{o}{r}.Files[0].{f}(Server.MapPath(\"../x1.aspx\"));{c}", "saves under a page's name", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c} using System; public class H { public void ProcessRequest(HttpContext c) { var a = System.Reflection.Assem" "bly.Load(c.{r}.BinaryRead(9)); } }",
      "a handler that loads what is sent", PAGE_ASHX, PAGE_BACK_DOOR, WHAT_LOADER, "" },
    { "{o}@ Page {l}=\"C#\" Inherits=\"App.List\" {c}{o}# {e}(\"Name\") {c}{o}# {e}({r}[\"sort\"]) {c}", "data binding", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}@ Page {l}=\"VB\" {c}{o} Response.Write({e}(\"Title\")) {c}", "data binding in VB code", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}@ Page {l}=\"C#\" {c}{o}= Server.HtmlEncode({r}[\"q\"]) {c}", "a search page", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var id={r}[\"id\"]; db.{x}(\"select\", id); {c}", "a query is not code", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var f={r}.Files[0]; f.{f}(Server.MapPath(\"~/up/\"+f.FileName)); {c}", "an ordinary upload form", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} System.Diagnostics.{p}.Start(\"backup.exe\"); var x={r}[\"y\"]; {c}", "starts a fixed program", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} System.IO.File.{w}(Server.MapPath(\"log.txt\"), {r}[\"m\"]); {c}", "writes a fixed text file", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var w=new System.IO.StreamWriter(Server.MapPath(\"log.txt\"),true);w.WriteLine({r}[\"m\"]); {c}", "a writer of a fixed file", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var w=new System.IO.StreamWriter({r}[\"n\"]);w.Write(\"ok\"); {c}", "a fixed text", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var c=new System.Net.Sockets.TcpClient();c.Connect({r}[\"host\"],25); {c}", "a test of a port, nothing kept", PAGE_ASPX, PAGE_REVIEW, WHAT_NONE, "@" },
    { "<html><{s}>{e}(location.hash); var {r}=1;</{s}></html>", "script of the browser", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}-- {e}({r}[\"x\"]) --{c}<p>text</p>", "a comment", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { DIRECTIVE "{o}// {e}({r}[\"x\"])\nResponse.Write(\"{e}({r}[1])\");{c}", "in a comment and in a text", PAGE_ASPX, PAGE_CLEAN, WHAT_NONE, "" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c} public class H { public void ProcessRequest(HttpContext c) { var w = System.IO.File.CreateText(c.Server.MapPath(\"a.aspx\")); w.Write(\"{o} @Page {l}=\\\"{j}\\\"%\"+\">{o}{e}({r}[\\\"k\\\"],\\\"{u}\\\"){c}\"); } }",
      "writes a fixed page that is one; its directive is text here", PAGE_ASHX, PAGE_BACK_DOOR, WHAT_UPLOADER, "@" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c} public class H { public void ProcessRequest(HttpContext c) { System.IO.File.{w}(c.Server.MapPath(\"a.aspx\"), \"{o}= DateTime.Now {c}\"); } }",
      "writes a fixed page that is none", PAGE_ASHX, PAGE_REVIEW, WHAT_UPLOADER, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var f={r}.Files[0]; f.{f}(Server.MapPath(\".\") + \"/\" + f.FileName); {c}", "an upload beside the page", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var f={r}.Files[0]; f.{f}(Server.MapPath(\".\") + \"/up/\" + f.FileName); {c}", "an upload to a folder", PAGE_ASPX, PAGE_REVIEW, WHAT_UPLOADER, "@" },
    { "{o}@ Page {l}=\"C#\" {c}{o} new System.Net.WebClient().DownloadFile({r}[\"u\"], {r}[\"p\"]); {c}", "fetches to any path", PAGE_ASPX, PAGE_BACK_DOOR, WHAT_UPLOADER, "@" },
    { "{o} Server.{x}({r}(\"page\")) {c}", "classic ASP includes a page", PAGE_ASP, PAGE_REVIEW, WHAT_NONE, "@" },
};

enum { ROOM = 32 << 20 };

static void analyse(struct analysis *ret, struct test_arena *t, struct str in, enum page_kind kind)
{
    struct err   e = { 0 };
    uint8_t     *own = TAKE(&t->a, uint8_t, 1 << 20);
    struct arena keep = { own, own + (1 << 20), NULL };

    CHECK(own && analyse_page(ret, &keep, t->a, &(struct analyse_input){ .bytes = in, .kind = kind }, &e));
}

static void test_cases(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct page_case *c = &cases[i];
        char              text[4096];
        size_t            n = shape_text(text, sizeof text, c->plan);
        struct test_arena t = test_arena(ROOM);
        struct str        in = test_heap(text, n);
        struct analysis   a;

        analyse(&a, &t, in, c->kind);
        if (a.verdict != c->verdict || (c->what != WHAT_NONE && a.what != c->what) || (c->key[0] != '@' && !str_eq(a.key, str_c(c->key)))) {
            print_message("%s: %s, %s, key \"%.*s\", %.*s\n", c->why, analyse_verdict_name(a.verdict), analyse_what_name(a.what), STR_ARG(a.key), STR_ARG(a.why));
            bad++;
        }
        CHECK_WHY(a.why.n && str_chr(a.why, '<') == STR_NONE && (a.verdict != PAGE_BACK_DOOR || (a.flow_n && a.flow[0].step_n)), c->why);
        test_free(in);
        test_arena_free(&t);
    }
    CHECK(bad == 0);
}

static void test_wide(void **state)
{
    char              text[512];
    uint8_t           wide[1100];
    size_t            n = shape_text(text, sizeof text, cases[0].plan), w = 0;
    struct test_arena t = test_arena(ROOM);
    struct analysis   a;

    (void)state;
    wide[w++] = 0xFF, wide[w++] = 0xFE;
    for (size_t i = 0; i < n; i++)
        wide[w++] = (uint8_t)text[i], wide[w++] = 0;
    struct str in = test_heap(wide, w);
    analyse(&a, &t, in, PAGE_ASPX);
    CHECK(a.verdict == PAGE_BACK_DOOR && a.what == WHAT_EVALUATOR);
    test_free(in);
    test_arena_free(&t);
}

/* What lies behind the part that was read may be anything: a page is not clean then, any other file is as it was. */
static void test_cut(void **state)
{
    (void)state;
    for (int page = 0; page < 2; page++) {
        struct test_arena t = test_arena(ROOM);
        struct arena      keep = { NEW(&t.a, uint8_t, 1 << 16), NULL, NULL };
        struct analysis   a;
        struct err        e = { 0 };

        keep.end = keep.beg + (1 << 16);
        CHECK(analyse_page(&a, &keep, t.a, &(struct analyse_input){ .bytes = STR("<b>"), .kind = page ? PAGE_ASPX : PAGE_NOT, .cut = true }, &e));
        CHECK(a.cut == page && a.verdict == (page ? PAGE_REVIEW : PAGE_CLEAN));
        test_arena_free(&t);
    }
}

/* The settings list of a reset: what stands in its URL is a page's code, with its key. */
static void test_settings(void **state)
{
    static const char url[] = "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){/**/{e}/*1*/({r}/*2*/[\"NO\"+\"9B\"],\"{u}\");}</{s}>";
    char              text[4096];
    size_t            n = shape_settings(text, sizeof text, url);
    struct test_arena t = test_arena(ROOM);
    struct analysis   a;

    (void)state;
    struct str in = test_heap(text, n);
    analyse(&a, &t, in, PAGE_ASPX);
    CHECK(a.verdict == PAGE_BACK_DOOR && a.what == WHAT_EVALUATOR);
    CHECK_STR(a.key, STR("NO9B"));
    test_free(in);
    test_arena_free(&t);
}

/* Every prefix of every page gives an answer. */
static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char   text[4096];
        size_t n = shape_text(text, sizeof text, cases[i].plan);

        for (size_t k = 0; k < n; k += 3) {
            struct test_arena t = test_arena(ROOM);
            struct str        in = test_heap(text, k);
            struct analysis   a;
            analyse(&a, &t, in, cases[i].kind);
            test_free(in);
            test_arena_free(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_wide), cmocka_unit_test(test_cut), cmocka_unit_test(test_settings), cmocka_unit_test(test_prefixes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
