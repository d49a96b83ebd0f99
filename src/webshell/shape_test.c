#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/shape.h"

struct page_case {
    const char     *plan, *why;
    bool            classic;
    enum shape_kind kind;
    bool            decisive;
    const char     *what, *key;
};

#define DIRECTIVE "{o}@ Page {l}=\"{j}\"{c}"

static const struct page_case cases[] = {
    /* what is decisive */
    { DIRECTIVE "{o}{e}({r}.Item[\"orange\"],\"{u}\");{c}", "the plain tiny evaluator", false, SHAPE_EVALUATOR, true, "evaluator", "orange" },
    { DIRECTIVE "{o}{e}/*x*/(/*y*/{r}/**/[\"k1\"] , \"{u}\"){c}", "comments between all tokens", false, SHAPE_EVALUATOR, true, "evaluator", "k1" },
    { "<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"or\"+\"ange\"],\"{u}\");}</{s}>", "script element, joined key", false, SHAPE_EVALUATOR, true, "evaluator", "orange" },
    { DIRECTIVE "{o}var p={r}.Form[\"p9\"];\nif(p!=null)\n{e}(p,\"{u}\");{c}", "through one variable", false, SHAPE_EVALUATOR, true, "evaluator", "p9" },
    { DIRECTIVE "{o}{e}(System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String({r}[\"b\"])),\"{u}\"){c}", "decoded first", false, SHAPE_EVALUATOR, true, "evaluator", "b" },
    { DIRECTIVE "{o}\\u0065val({r}[\"z\"]){c}", "a name spelled with an escape", false, SHAPE_ENCODED, true, "evaluator", "z" },
    { "{o}{e} {r}(\"cmd\"){c}", "classic ASP, no parentheses", true, SHAPE_EVALUATOR, true, "evaluator", "cmd" },
    { "{o}' a note\n{x}({r}.Form(\"v\")) ' more\n{c}", "classic ASP with comments", true, SHAPE_EVALUATOR, true, "evaluator", "v" },
    { "{o}@ Page {l}=\"C#\" {c}{o}System.Diagnostics.{p}.Start({r}[\"f\"],{r}[\"a\"]);{c}", "starts what it is told", false, SHAPE_COMMAND, true, "command", "f" },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load(object s,EventArgs e){var q=new {p}();q.StartInfo.Arguments=\"/c \"+{r}.Form[\"c\"];q.Start();}</{s}>",
      "arguments from the request", false, SHAPE_COMMAND, true, "command", "c" },
    { "{o}@ Page {l}=\"C#\" {c}{o}System.IO.File.{w}({r}[\"p\"],{r}[\"c\"]);{c}", "path and content from the request", false, SHAPE_UPLOADER, true, "uploader", "p" },
    { "{o}@ Page {l}=\"C#\" {c}{o}var w=new System.IO.StreamWriter({r}.Form[\"p\"],false);w.Write({r}.Form[\"f\"]);w.Close();{c}", "a writer fed from two items", false, SHAPE_UPLOADER, true, "uploader", "p" },
    { DIRECTIVE "{o}var p={r}.Form[\"p\"];var c={r}.Form[\"c\"];var w=System.IO.File.CreateText(p);w.WriteLine(c);{c}", "the same through variables", false, SHAPE_UPLOADER, true, "uploader", "p" },
    { "{o}@ Page {l}=\"C#\" {c}{o}var t={r}.Headers[\"X-T\"].Split('|');var s=new System.Net.Sockets.Socket(1,2,3);s.Connect(t[0],80);Session[\"s\"]=s;{c}",
      "a tunnel", false, SHAPE_TUNNEL, true, "tunnel", "X-T" },
    { DIRECTIVE "{o}this[\"ev\"+\"al\"]({r}[\"n\"],\"{u}\");{c}", "called by its name", false, SHAPE_EVALUATOR, true, "evaluator", "n" },
    { "{o}@ Page {l}=\"C#\" {c}{o}{r}.Files[0].{f}(Server.MapPath(\"../x1.aspx\"));{c}", "saves under a page's name", false, SHAPE_UPLOADER, true, "uploader", "" },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c} using System; public class H { public void ProcessRequest(HttpContext c) { var a = System.Reflection.Assembly.Load(c.{r}.BinaryRead(9)); } }",
      "a handler that loads what is sent", false, SHAPE_EVALUATOR, true, "evaluator", "" },
    { "!BDN....{o}@ Page {l}=\"C#\"{c}", "mailbox file", false, SHAPE_MAILBOX, true, "unknown", "" },
    { "0\x82\x03\x01....{o}@ Page  {l}=\"C#\"{c}", "certificate request", false, SHAPE_CERTIFICATE, true, "unknown", "" },
    { "\x01\x02\x03....{o}@ Page {l}=\"C#\"{c}", "binary before a page", false, SHAPE_BINARY, true, "unknown", "" },
    { "+ADwAJQBAACAAUABhAGcAZQAlAD4- +ADwAJQ-x()+ACUAPg-", "UTF-7", false, SHAPE_ENCODED, true, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" CodePage=\"65000\" {c}{o}= 1 {c}", "a code page that hides", false, SHAPE_ENCODED, true, "unknown", "" },
    /* what must stay clean */
    { "{o}@ Page {l}=\"C#\" Inherits=\"App.List\" {c}{o}# {e}(\"Name\") {c}{o}# {e}({r}[\"sort\"]) {c}", "data binding", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"VB\" {c}{o} Response.Write({e}(\"Title\")) {c}", "data binding in VB code", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o}= Server.HtmlEncode({r}[\"q\"]) {c}", "a search page", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var id={r}[\"id\"]; db.{x}(\"select\", id); {c}", "a query is not code", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var f={r}.Files[0]; f.{f}(Server.MapPath(\"~/up/\"+f.FileName)); {c}", "an ordinary upload form", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} System.Diagnostics.{p}.Start(\"backup.exe\"); var x={r}[\"y\"]; {c}", "starts a fixed program", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} System.IO.File.{w}(Server.MapPath(\"log.txt\"), {r}[\"m\"]); {c}", "writes a fixed text file", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var w=new System.IO.StreamWriter(Server.MapPath(\"log.txt\"),true);w.WriteLine({r}[\"m\"]); {c}", "a writer of a fixed file", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var w=new System.IO.StreamWriter({r}[\"n\"]);w.Write(\"ok\"); {c}", "a fixed text", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}@ Page {l}=\"C#\" {c}{o} var c=new System.Net.Sockets.TcpClient();c.Connect({r}[\"host\"],25); {c}", "a test of a port, nothing kept", false, SHAPE_NONE, false, "unknown", "" },
    { "<html><{s}>{e}(location.hash); var {r}=1;</{s}></html>", "script of the browser", false, SHAPE_NONE, false, "unknown", "" },
    { "{o}-- {e}({r}[\"x\"]) --{c}<p>text</p>", "a comment", false, SHAPE_NONE, false, "unknown", "" },
    { DIRECTIVE "{o}// {e}({r}[\"x\"])\nResponse.Write(\"{e}({r}[1])\");{c}", "in a comment and in a text", false, SHAPE_NONE, false, "unknown", "" },
    { "{o} Server.{x}({r}(\"page\")) {c}", "classic ASP includes a page", true, SHAPE_NONE, false, "unknown", "" },
    { "Name : x\r\nServer : y\r\n", "a list that is not Exchange's", false, SHAPE_NONE, false, "unknown", "" },
    { "PK\x03\x04\x01.. page language", "a zip file", false, SHAPE_NONE, false, "unknown", "" },
    { "", "empty", false, SHAPE_NONE, false, "unknown", "" },
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct page_case *c = &cases[i];
        char              text[4096];
        size_t            n = shape_text(text, sizeof text, c->plan);
        struct test_arena t = test_arena(4 << 20);
        struct str        in = test_heap(text, n);
        struct shape      s;
        struct err        e = { 0 };

        CHECK(shape_of(&s, &t.a, in, c->classic, &e));
        if (s.kind != c->kind || s.decisive != c->decisive || strcmp(s.what, c->what) != 0 || !str_eq(s.key, str_c(c->key)))
            fail_msg("%s: kind %s, decisive %d, what %s, key \"%.*s\"", c->why, shape_name(s.kind), s.decisive, s.what, STR_ARG(s.key));
        CHECK_WHY(s.decisive == (s.kind != SHAPE_NONE) && (!s.decisive || s.why.n), c->why);
        CHECK_WHY(str_chr(s.why, '<') == STR_NONE, c->why);
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_wide(void **state)
{
    char              text[512];
    uint8_t           wide[1100];
    size_t            n = shape_text(text, sizeof text, cases[0].plan), w = 0;
    struct test_arena t = test_arena(4 << 20);
    struct shape      s;
    struct err        e = { 0 };

    (void)state;
    wide[w++] = 0xFF, wide[w++] = 0xFE;
    for (size_t i = 0; i < n; i++)
        wide[w++] = (uint8_t)text[i], wide[w++] = 0;
    struct str in = test_heap(wide, w);
    CHECK(shape_of(&s, &t.a, in, false, &e));
    CHECK(s.kind == SHAPE_EVALUATOR && s.decisive);
    test_free(in);
    test_arena_free(&t);
}

static void test_settings(void **state)
{
    static const struct { const char *url, *key, *plain; bool planted; } list[] = {
        { "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>", "orange", "http://f/", true },
        { "http://o/#<{s} {l}=\"{j}\" {a}>function Page_Load(){/**/{e}/*1*/({r}/*2*/[\"NO\"+\"9B\"],\"{u}\");}</{s}>", "NO9B", "http://o/#", true },
        { "http://g/", "", "http://g/", false },
        { "https://mail.bakery.example/OAB", "", "https://mail.bakery.example/OAB", false },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        char              text[4096], at[TIME_TEXT];
        size_t            n = shape_settings(text, sizeof text, list[i].url);
        struct test_arena t = test_arena(4 << 20);
        struct str        in = test_heap(text, n);
        struct shape      s;
        struct err        e = { 0 };

        CHECK(shape_of(&s, &t.a, in, false, &e));
        CHECK_WHY(s.kind == SHAPE_SETTINGS && s.planted == list[i].planted && s.decisive == list[i].planted, list[i].url);
        CHECK_STR(s.key, str_c(list[i].key));
        CHECK_STR(s.url, str_c(list[i].plain));
        CHECK_STR(s.version, STR("15.1.2106.2"));
        CHECK_STR(s.server, STR("EXCH01"));
        CHECK_STR(s.origin, STR("dc01.bakery.example"));
        CHECK_STR(s.folder, STR("D:\\Exch\\V15\\FrontEnd\\HttpProxy\\OAB"));
        time_text(s.changed_us, at);
        CHECK(strcmp(at, "2021-03-03T06:59:20Z") == 0 && s.changed_alt_us == TIME_NONE);
        CHECK(strcmp(s.what, list[i].planted ? "evaluator" : "unknown") == 0);
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_padded(void **state)
{
    struct test_arena t = test_arena(8 << 20);
    char              text[8192], page[512];
    struct shape      s;
    struct err        e = { 0 };

    (void)state;
    memset(text, ' ', 5000);
    size_t n = shape_text(page, sizeof page, "{o}@ Page {l}=\"C#\" {c}{o}= 1 {c}");
    memcpy(text + 5000, page, n);
    CHECK(shape_of(&s, &t.a, (struct str){ (uint8_t *)text, 5000 + n }, false, &e));
    CHECK(s.kind == SHAPE_PADDED && !s.decisive && s.why.n);
    test_arena_free(&t);
}

static bool sweep(struct arena *a, struct err *e)
{
    char         text[4096];
    struct shape s;
    size_t       n = shape_settings(text, sizeof text, "http://f/<{s} {l}=\"{j}\" {a}>{e}({r}[\"o\"+\"p\"],\"{u}\")</{s}>");
    if (!shape_of(&s, a, (struct str){ (uint8_t *)text, n }, false, e))
        return false;
    n = shape_text(text, sizeof text, cases[2].plan);
    return shape_of(&s, a, (struct str){ (uint8_t *)text, n }, false, e);
}
/* The texts that only decorate (server, version, url) may be missing when memory runs out; the verdict may not. */
static bool survivable(struct arena *a, struct err *e)
{
    if (sweep(a, e))
        return a->fault && a->fault->fired ? err_set(e, ERR_MEMORY, "survived") : true;
    return false;
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(survivable, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_wide), cmocka_unit_test(test_settings), cmocka_unit_test(test_padded), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
