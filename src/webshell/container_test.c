#include "test.h"

#include "shape_text.h"
#include "webshell/container.h"

enum { ROOM = 8 << 20 };

static const struct {
    const char *why;
    enum page_kind kind;
    const char *page;
    size_t unit;                 /* this unit ... */
    enum unit_kind unit_kind;
    enum ir_language language;
    const char *code;            /* ... holds this code */
} cases[] = {
    { "blocks are joined, values written", PAGE_ASPX, "<%@ Page Language=\"C#\" %>\n<% int x = 1; %><b><%= x %>", 0, UNIT_RENDER, IR_CSHARP, " int x = 1; \nResponse.Write(x\n);\n" },
    { "a block ends in the middle of a text", PAGE_ASPX, "<%@ Page Language=C# %><% s = \"a%>b", 0, UNIT_RENDER, IR_CSHARP, " s = \"a" },
    { "code runs inside an HTML comment", PAGE_ASP, "<!-- <% a = 1 %> -->", 0, UNIT_RENDER, IR_VBSCRIPT, " a = 1 " },
    { "any quotes and blanks around runat", PAGE_ASPX, "<script language=c# runat = 'Server' x=\"a>b\">int a;</SCRIPT >", 0, UNIT_MEMBERS, IR_CSHARP, "int a;" },
    { "an entity in a value is undone", PAGE_ASPX, "<script language=\"&#67;#\" runat=\"&#115;erver\">int a;</script>", 0, UNIT_MEMBERS, IR_CSHARP, "int a;" },
    { "a comment is taken out of a script", PAGE_ASPX, "<%@ Page Language=VB %><script runat=server>Dim <%-- c --%>a</script>", 0, UNIT_MEMBERS, IR_VBNET, "Dim a\n" },
    { "all behind the directive of a handler", PAGE_ASHX, "<%@ WebHandler Language=VB Class=H %>Class H", 0, UNIT_FILE, IR_VBNET, "Class H" },
    { "a comment would swallow the bracket", PAGE_ASP, "<%= a ' c %><% b %>", 0, UNIT_RENDER, IR_VBSCRIPT, "Response.Write(a)\n b \n" },
    { "the body of an if is static text", PAGE_ASP, "<%@ language=jscript %><% if (a) %>text<% b() %>", 0, UNIT_RENDER, IR_JSCRIPT, " if (a) \n;\n b() \n" },
    { "a double byte ends in a backslash", PAGE_ASP, "<%@ codepage=936 %><% a = \"\x95\\\" %>", 0, UNIT_RENDER, IR_VBSCRIPT, " a = \"\xF3\xB9\x95\x9C\" \n" },
    { "short functions of VBScript are not JScript", PAGE_ASP, "<%function a\nend function\nfunction b\nend function%>", 0, UNIT_RENDER, IR_VBSCRIPT, "function a\nend function\nfunction b\nend function" },
    { "a block of Script Encoder without its end, of a double byte page", PAGE_ASP, "<%@ codepage=936 language=VBScript.Enc""ode %><%#@~^AAAAAA==O\177l~{Pr\265A\265B\265CJP=PD4+,3nYDVn~b/PKU", 0, UNIT_RENDER, IR_VBSCRIPT, "tea = \042\363\273\225\201\363\273\225\202\363\273\225\203\042 : the kettle is on\n" },
    { "UTF-7 is declared", PAGE_ASP, "<%@ codepage=65000 %><% +AGE- = 1 %>", 0, UNIT_RENDER, IR_VBSCRIPT, " a = 1 " },
    { "markup inside code of Razor", PAGE_RAZOR_CS, "a@b.c @@x @{ if (a) { <p t='>'>@c</p> } }", 0, UNIT_RENDER, IR_CSHARP, "{ if (a) { \nResponse.Write(c\n);\n } }\n" },
    { "functions of Razor are members", PAGE_RAZOR_CS, "@functions { string f() { return \"}\"; } } tail", 0, UNIT_MEMBERS, IR_CSHARP, " string f() { return \"}\"; } " },
    { "Razor of VB", PAGE_RAZOR_VB, "@Code\nDim a\nEnd Code", 0, UNIT_RENDER, IR_VBNET, "\nDim a\n" },
    { "a web.config that runs as ASP", PAGE_CONFIG, "<add scriptProcessor=\"asp.dll\"/><!-- <% a = 1 %> -->", 0, UNIT_RENDER, IR_VBSCRIPT, " a = 1 " },
};

static void test_units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str        in = test_heap(cases[i].page, strlen(cases[i].page));
        struct test_arena t = test_arena(ROOM);
        struct container  c;
        CHECK_WHY(container_read(&c, &t.a, in, cases[i].kind), cases[i].why);
        CHECK_WHY(c.unit_n > cases[i].unit, cases[i].why);
        const struct unit *u = &c.unit[cases[i].unit];
        CHECK_WHY(u->kind == cases[i].unit_kind && u->language == cases[i].language, cases[i].why);
        CHECK_STR(u->code, str_c(cases[i].code));
        test_arena_free(&t);
        test_free(in);
    }
}

/* Every prefix of every page gives an answer, in a block of exactly its size; no arena is too small to say so. */
static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n <= strlen(cases[i].page); n++) {
            struct str        in = test_heap(cases[i].page, n);
            struct test_arena t = test_arena(n % 7 ? 256 << 10 : n * 64);
            struct container  c;
            bool ok = container_read(&c, &t.a, in, cases[i].kind);
            CHECK_WHY(ok || n % 7 == 0, cases[i].why);
            test_arena_free(&t);
            test_free(in);
        }
}

static void test_facts(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct container  c;
    struct str        v;

    (void)state;
    CHECK(container_read(&c, &t.a, STR("<%@ Page Inherits='A.B' ValidateRequest=False %>\n<asp:Button ID=b OnClick=Go runat=server /><object runat=server progid=x.y>"), PAGE_ASPX));
    CHECK(c.behind && c.validate_off && c.control_n == 1 && c.object_n == 1 && c.unit_n == 0);
    CHECK_STR(c.control[0].handler, STR("Go"));
    CHECK(c.control[0].line == 2);
    CHECK(container_attribute(c.directive[0].text, STR("INHERITS"), &v));
    CHECK_STR(v, STR("A.B"));
    CHECK(container_read(&c, &t.a, STR("<!-- #include virtual = \"/a.inc\" -->"), PAGE_ASP));
    CHECK(c.ref_n == 1 && c.ref[0].kind == REF_INCLUDE_VIRTUAL);
    CHECK(container_read(&c, &t.a, STR("<% a"), PAGE_ASP));
    CHECK(c.unit_n == 1 && c.unit[0].unclosed);
    CHECK(container_kind_of(STR("X.AsPx. ")) == PAGE_ASPX && container_kind_of(STR("a.html")) == PAGE_NOT);
    test_arena_free(&t);
}

/* The same page in every spelling that a server reads. */
static size_t spell(uint8_t *to, const char *text, unsigned how)
{
    static const uint8_t mark[][5] = { { 0 }, { 3, 0xEF, 0xBB, 0xBF }, { 2, 0xFF, 0xFE }, { 2, 0xFE, 0xFF }, { 4, 0xFF, 0xFE, 0, 0 }, { 4, 0, 0, 0xFE, 0xFF }, { 0 }, { 0 } };
    static const uint8_t before[] = { 0, 0, 0, 1, 0, 3, 0, 1 }, behind[] = { 0, 0, 1, 0, 3, 0, 1, 0 };
    size_t n = mark[how][0];

    memcpy(to, mark[how] + 1, n);
    for (; *text; text++) {
        for (unsigned i = 0; i < before[how]; i++)
            to[n++] = 0;
        to[n++] = (uint8_t)*text;
        for (unsigned i = 0; i < behind[how]; i++)
            to[n++] = 0;
    }
    return n;
}

static void test_spellings(void **state)
{
    static const char text[] = "<p>Our opening hours</p><% a = 1 %>";

    (void)state;
    for (unsigned how = 0; how < 8; how++) {
        uint8_t           b[512];
        struct str        in = test_heap(b, spell(b, text, how));
        struct test_arena t = test_arena(ROOM);
        struct container  c;
        CHECK(container_read(&c, &t.a, in, PAGE_ASP));
        CHECK(c.unit_n == 1 && c.text_kind == (how < 2 ? TEXT_PLAIN : TEXT_UTF16));
        CHECK_STR(c.unit[0].code, STR(" a = 1 "));
        test_arena_free(&t);
        test_free(in);
    }
}

/* Letters of a mainframe, and UTF-7 by its mark. */
static void test_old_spellings(void **state)
{
    uint8_t           b[256];
    size_t            n = 0;
    struct test_arena t = test_arena(ROOM);
    struct container  c;

    (void)state;
    for (int i = 0; i < 60; i++)
        b[n++] = (uint8_t)(0x81 + i % 9);
    memcpy(b + n, "\x4C\x6C\x40\x81\x40\x7E\x40\xF1\x40\x6C\x6E", 11);
    CHECK(container_read(&c, &t.a, (struct str){ b, n + 11 }, PAGE_ASP));
    CHECK(c.text_kind == TEXT_EBCDIC && c.unit_n == 1);
    CHECK_STR(c.unit[0].code, STR(" a = 1 "));
    CHECK(container_read(&c, &t.a, STR("+/v8-+ADwAJQ- a = 1 +ACUAPg-"), PAGE_ASP));
    CHECK(c.text_kind == TEXT_UTF7 && c.unit_n == 1);
    CHECK_STR(c.unit[0].code, STR(" a = 1 "));
    test_arena_free(&t);
}

static void test_wraps(void **state)
{
    static const struct { const char *why, *head; size_t n; enum page_wrap wrap; } wraps[] = {
        { "none", "<p>", 3, WRAP_NONE }, { "a mailbox", "!BDN\1\2\3\4", 8, WRAP_MAILBOX }, { "a certificate's request", "0\x82\4\5", 4, WRAP_CERTIFICATE },
        { "an image", "GIF89a\1\0\1\0", 10, WRAP_IMAGE }, { "an archive", "PK\3\4\24\0", 6, WRAP_ARCHIVE },
    };
    static const char tail[] = "<%@ Page Language=\"C#\" %><% int a = 1; %>";

    (void)state;
    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        uint8_t           b[256];
        struct test_arena t = test_arena(ROOM);
        struct container  c;
        memcpy(b, wraps[i].head, wraps[i].n);
        memcpy(b + wraps[i].n, tail, sizeof tail - 1);
        struct str in = test_heap(b, wraps[i].n + sizeof tail - 1);
        CHECK_WHY(container_read(&c, &t.a, in, PAGE_ASPX), wraps[i].why);
        CHECK_WHY(c.unit_n == 1 && c.wrap == wraps[i].wrap, wraps[i].why);
        test_arena_free(&t);
        test_free(in);
    }
    char              text[4096];
    struct test_arena t = test_arena(ROOM);
    struct container  c;
    struct str        in = test_heap(text, shape_settings(text, sizeof text, "http://f/<{s} {l}=\"C#\" {a}>int a = 1;</{s}>"));
    CHECK(container_read(&c, &t.a, in, PAGE_ASPX) && c.unit_n == 1 && c.wrap == WRAP_SETTINGS);
    test_free(in);
    test_arena_free(&t);
}

/* What would be the server's, had its author not lost the attribute, or written it in a word processor. */
static void test_would_not_run(void **state)
{
    struct test_arena t = test_arena(ROOM);
    struct container  c;

    (void)state;
    CHECK(container_read(&c, &t.a, STR("<script language=\"C#\">void Page_Load() { a(); }</script>"), PAGE_ASPX));
    CHECK(c.client_code && c.unit_n == 0);
    CHECK(container_read(&c, &t.a, STR("<script>var request = 1; show(request);</script>"), PAGE_ASPX));
    CHECK(!c.client_code && c.unit_n == 0);
    CHECK(container_read(&c, &t.a, STR("<script runat=\xE2\x80\x9Dserver\xE2\x80\x9D>int a;</script>"), PAGE_ASPX));
    CHECK(c.odd_quotes && c.unit_n == 1);
    test_arena_free(&t);
}

static bool work(struct arena *a, struct err *e)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i += 5) {
        struct container c;
        if (!container_read(&c, a, str_c(cases[i].page), cases[i].kind))
            return err_set(e, ERR_MEMORY, "no room for a page");
    }
    return true;
}

static void test_faults(void **state)
{
    (void)state;
    fault_sweep(work, ROOM);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_units), cmocka_unit_test(test_prefixes), cmocka_unit_test(test_facts), cmocka_unit_test(test_spellings), cmocka_unit_test(test_old_spellings),
                                        cmocka_unit_test(test_wraps), cmocka_unit_test(test_would_not_run), cmocka_unit_test(test_faults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
