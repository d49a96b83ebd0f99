#include "test.h"

#include "base/num.h"
#include "webshell/page.h"

struct page_case {
    const char        *in, *why;
    bool               classic;
    size_t             blocks;
    const char        *first;            /* of the first block */
    enum page_language language;
    bool               behind;
    size_t             bindings;
};
static const struct page_case cases[] = {
    { "<p>x</p>", "no code at all", false, 0, "", PAGE_UNKNOWN, false, 0 },
    { "<%@ Page Language=\"C#\" Inherits='A.B' %><p><%= Now %></p>", "an expression, a class behind it", false, 1, " Now ", PAGE_CSHARP, true, 0 },
    { "<%@page language = 'VB'%><% a() %><%: b %>", "blanks and cases in the directive", false, 2, " a() ", PAGE_VBNET, false, 0 },
    { "<%# Eval(\"x\") %><%-- <% no %> --%><%$ Resources: a %>", "binding, comment, resource", false, 0, "", PAGE_UNKNOWN, false, 1 },
    { "<script runat=\"server\" language=\"JScript\">x=1</script><script>y</script>", "only the server's script element", false, 1, "x=1", PAGE_JSCRIPT, false, 0 },
    { "<script language=\"C#\" title=\"a>b\" runat = server>z</script>", "a mark inside a quoted value", false, 1, "z", PAGE_CSHARP, false, 0 },
    { "<%@ WebHandler Language=\"C#\" Class=\"H\" %> class H {}", "all of a handler is code", false, 1, " class H {}", PAGE_CSHARP, false, 0 },
    { "<%@ WebService Language=\"C#\" CodeBehind=\"a.cs\" %> text", "a service with its code elsewhere", false, 0, "", PAGE_CSHARP, true, 0 },
    { "<% x %>", "classic ASP speaks VBScript", true, 1, " x ", PAGE_VBSCRIPT, false, 0 },
    { "<% open", "an open block reaches the end", false, 1, " open", PAGE_UNKNOWN, false, 0 },
    { "<", "a lone mark", false, 0, "", PAGE_UNKNOWN, false, 0 },
    { "<%", "a lone opening", false, 0, "", PAGE_UNKNOWN, false, 0 },
    { "<script runat=server", "an open tag", false, 0, "", PAGE_UNKNOWN, false, 0 },
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(1 << 16);
        struct str        in = test_heap(cases[i].in, strlen(cases[i].in));
        struct page       p;

        CHECK(page_read(&p, &t.a, in, cases[i].classic));
        CHECK_WHY(p.block_n == cases[i].blocks && p.language == cases[i].language && p.behind == cases[i].behind && p.binding_n == cases[i].bindings, cases[i].why);
        if (p.block_n)
            CHECK_STR(p.block[0], str_c(cases[i].first));
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_bounds(void **state)
{
    struct test_arena t = test_arena(1 << 20), text = test_arena(1 << 16);
    struct page       p;
    size_t            n = 0;
    char             *to = NEW(&text.a, char, 8000);

    (void)state;
    for (int i = 0; i < PAGE_BLOCKS_MAX + 9; i++)
        n += (size_t)sprintf(to + n, "<%%a%%>");
    CHECK(page_read(&p, &t.a, (struct str){ (uint8_t *)to, n }, false));
    CHECK(p.block_n == PAGE_BLOCKS_MAX && p.cut);
    CHECK(page_read(&p, &t.a, STR("<%@ Page CodePage=65001 %>"), false) && p.codepage == 65001);
    struct arena none = { 0 };
    CHECK(!page_read(&p, &none, STR("<% a %>"), false));
    test_arena_free(&t);
    test_arena_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
