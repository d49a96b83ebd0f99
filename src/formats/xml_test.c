#include "test.h"

#include "base/num.h"
#include "formats/xml.h"

struct shape { const char *in, *tree, *why; bool ok, damaged; };

static const struct shape shapes[] = {
    { "<a/>", "a", "one element", true, false },
    { "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a x='1'><b>t</b><c/></a>", "a[x=1](b'tc)", "attributes, text, children", true, false },
    { "  \n<?xml version=\"1.0\"?><a/>", "a", "blanks before the declaration", true, false },
    { "<n:a xmlns:n=\"urn:x\" n:y=\"2\"/>", "a[y=2]", "prefixes go", true, false },
    { "<a t=\"&lt;&#65;&amp;\">x<![CDATA[<y>]]>z</a>", "a[t=<A&]'x<y>z", "predefined entities and CDATA", true, false },
    { "<a t=\"&amp;#38;x&#38;\"/>", "a[t=&#38;x&]", "an escaped escape is undone once", true, false },
    { "<a><b", "a(b)", "cut inside a tag: its name was read", true, true },
    { "<a><b></a>", "a(b)", "an end tag that does not fit", true, true },
    { "<a x=1><b/></a>", "a", "an attribute without quotes", true, true },
    { "<a/><b/>", "a", "two roots", true, true },
    { "", NULL, "empty", false, false },
    { "just text", NULL, "no element", false, false },
    { "<!DOCTYPE a [<!ENTITY e \"boom\">]><a>x&e;y</a>", "a'xy", "a declared entity never expands", true, false },
    { "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "a", "no external subset is read", true, false },
    { "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><a>&e;</a>", "a", "no external entity is read", true, false },
};

static void draw(const struct xml_node *n, char *to, size_t cap)
{
    size_t at = strlen(to);

    at += (size_t)snprintf(to + at, cap - at, "%.*s", STR_ARG(n->name));
    for (size_t i = 0; i < n->attr_n; i++)
        at += (size_t)snprintf(to + at, cap - at, "[%.*s=%.*s]", STR_ARG(n->attr[i].name), STR_ARG(n->attr[i].value));
    if (n->text.n)
        at += (size_t)snprintf(to + at, cap - at, "'%.*s", STR_ARG(n->text));
    if (n->child) {
        snprintf(to + at, cap - at, "(");
        for (const struct xml_node *c = n->child; c; c = c->next)
            draw(c, to, cap);
        strcat(to, ")");
    }
}

static void test_shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct test_arena t = test_arena(1 << 20);
        struct str        in = test_heap(shapes[i].in, strlen(shapes[i].in));
        struct xml_doc    d;
        struct err        e = { 0 };
        char              got[400] = "";
        bool              ok = xml_parse(&d, &t.a, in, &e);

        CHECK_WHY(ok == shapes[i].ok, shapes[i].why);
        if (ok) {
            draw(d.root, got, sizeof got);
            if (strcmp(got, shapes[i].tree) != 0)
                fail_msg("%s: got %s, want %s", shapes[i].why, got, shapes[i].tree);
            if (shapes[i].damaged)
                CHECK_WHY(d.damaged && d.what[0], shapes[i].why);
        } else {
            CHECK_WHY(e.kind == ERR_FORMAT, shapes[i].why);
        }
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_utf16(void **state)
{
    static const char plain[] = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task><Exec>run</Exec></Task>";
    struct test_arena t = test_arena(1 << 20);
    uint8_t           wide[2 * sizeof plain];
    struct xml_doc    d;
    struct err        e = { 0 };
    size_t            n = 0;

    (void)state;
    wide[n++] = 0xFF, wide[n++] = 0xFE;
    for (size_t i = 0; plain[i]; i++)
        wide[n++] = (uint8_t)plain[i], wide[n++] = 0;
    struct str in = test_heap(wide, n);
    CHECK(xml_parse(&d, &t.a, in, &e));
    CHECK(!d.damaged);
    CHECK_STR(xml_child(d.root, STR("exec"))->text, STR("run"));
    CHECK(xml_child(d.root, STR("exec"))->line == 2);
    test_free(in);
    test_arena_free(&t);
}

static void test_bounds(void **state)
{
    struct test_arena t = test_arena(64 << 20), build = test_arena(16 << 20);
    struct xml_doc    d;
    struct err        e = { 0 };
    size_t            n = 0;
    char             *p = NEW(&build.a, char, 1 << 20);

    (void)state;
    for (int i = 0; i < 200; i++)
        n += (size_t)sprintf(p + n, "<d>");
    CHECK(xml_parse(&d, &t.a, (struct str){ (uint8_t *)p, n }, &e));
    CHECK(d.damaged && d.node_n == XML_DEPTH_MAX);

    n = (size_t)sprintf(p, "<r>");
    for (int i = 0; i < XML_NODES_MAX + 5; i++)
        n += (size_t)sprintf(p + n, "<d/>");
    CHECK(xml_parse(&d, &t.a, (struct str){ (uint8_t *)p, n }, &e));
    CHECK(d.damaged && d.node_n == XML_NODES_MAX);

    n = (size_t)sprintf(p, "<r");
    for (int i = 0; i < XML_ATTRS_MAX + 9; i++)
        n += (size_t)sprintf(p + n, " a%d='%d'", i, i);
    n += (size_t)sprintf(p + n, "/>");
    CHECK(xml_parse(&d, &t.a, (struct str){ (uint8_t *)p, n }, &e));
    CHECK(d.damaged && d.root->attr_n == XML_ATTRS_MAX);
    CHECK_STR(xml_get(d.root, STR("A7")), STR("7"));

    /* Thousands of attributes in one tag take libxml2 a minute: the text ends before it. */
    n = (size_t)sprintf(p, "<r><a x='1'/><b");
    for (int i = 0; i < 60000; i++)
        n += (size_t)sprintf(p + n, " a%d='%d'", i, i);
    n += (size_t)sprintf(p + n, "/><c/></r>");
    CHECK(xml_parse(&d, &t.a, (struct str){ (uint8_t *)p, n }, &e));
    CHECK(d.damaged && d.node_n == 2 && xml_child(d.root, STR("a")) && strstr(d.what, "attributes"));
    CHECK(!xml_parse(&d, &t.a, (struct str){ (uint8_t *)p + 13, n - 13 }, &e) && e.kind == ERR_FORMAT);
    e = (struct err){ 0 };

    struct str huge = { (uint8_t *)p, (size_t)XML_BYTES_MAX + 1 };
    CHECK(!xml_parse(&d, &t.a, huge, &e) && e.kind == ERR_LIMIT);
    test_arena_free(&t);
    test_arena_free(&build);
}

static bool sweep(struct arena *a, struct err *e)
{
    struct xml_doc d;
    return xml_parse(&d, a, STR("<a x='1' y='2'>text<b z='3'>more &amp; text</b><c/></a>"), e);
}
static void test_faults(void **state)
{
    (void)state;
    fault_sweep(sweep, 1 << 16);
}

static void test_walk(void **state)
{
    struct test_arena t = test_arena(1 << 20);
    struct xml_doc    d;
    struct err        e = { 0 };
    char              seen[32] = "";

    (void)state;
    CHECK(xml_parse(&d, &t.a, STR("<a><b><c/></b><d/><e><f/></e></a>"), &e));
    for (const struct xml_node *n = d.root; n; n = xml_walk(d.root, n))
        strncat(seen, (const char *)n->name.p, n->name.n);
    CHECK(strcmp(seen, "abcdef") == 0);
    seen[0] = 0;
    const struct xml_node *b = xml_child(d.root, STR("b"));
    for (const struct xml_node *n = b; n; n = xml_walk(b, n))
        strncat(seen, (const char *)n->name.p, n->name.n);
    CHECK(strcmp(seen, "bc") == 0);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes), cmocka_unit_test(test_utf16), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_walk),   cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
