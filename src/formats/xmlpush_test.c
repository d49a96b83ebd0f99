#include "test.h"

#include "formats/xmlpush.h"

struct seen { char out[2048]; size_t n; bool stop; };

static bool on_start(void *ctx, struct str name, const struct xml_attr *attr, size_t n, uint32_t depth, uint64_t line)
{
    struct seen *s = ctx;

    if (s->n > sizeof s->out / 2)
        return true;
    s->n += (size_t)snprintf(s->out + s->n, sizeof s->out - s->n, "<%u %llu %.*s", depth, (unsigned long long)line, STR_ARG(name));
    for (size_t i = 0; i < n && i < 4; i++)
        s->n += (size_t)snprintf(s->out + s->n, sizeof s->out - s->n, " %.*s=%.*s", STR_ARG(attr[i].name), STR_ARG(attr[i].value));
    s->n += (size_t)snprintf(s->out + s->n, sizeof s->out - s->n, ">");
    return !str_eq(name, STR("stop"));
}

static bool on_end(void *ctx, struct str name, uint32_t depth)
{
    struct seen *s = ctx;
    if (s->n > sizeof s->out / 2)
        return true;
    s->n += (size_t)snprintf(s->out + s->n, sizeof s->out - s->n, "</%u %.*s>", depth, STR_ARG(name));
    return true;
}

static bool on_text(void *ctx, struct str t, uint32_t depth)
{
    struct seen *s = ctx;
    (void)depth;
    if (s->n > sizeof s->out / 2)
        return true;
    s->n += (size_t)snprintf(s->out + s->n, sizeof s->out - s->n, "%.*s", STR_ARG(t));
    return true;
}

static const struct xmlpush_ops ops = { on_start, on_end, on_text };

static bool damaged(struct str in, size_t step, struct seen *s)
{
    struct test_arena t = test_arena(1 << 20);
    struct xmlpush   *x = NULL;
    struct err        e = { 0 };

    *s = (struct seen){ 0 };
    CHECK(xmlpush_open(&x, &t.a, &ops, s, &e));
    for (size_t at = 0; at < in.n; at += step)
        if (!xmlpush_feed(x, str_sub(in, at, at + step)))
            break;
    xmlpush_end(x);
    bool bad = xmlpush_what(x) != NULL;
    xmlpush_close(x);
    test_arena_free(&t);
    return bad;
}

static const struct { const char *why, *in, *out; bool bad; } cases[] = {
    { "elements, attributes, text", "<?xml version=\"1.0\"?>\n<a x=\"1\">\n<b y='2'>hi</b></a>", "<1 2 a x=1>\n<2 3 b y=2>hi</2 b></1 a>", false },
    { "references", "<a x=\"1 &amp; 2 &lt; &#65;\">&amp;&#x41;</a>", "<1 1 a x=1 & 2 < A>&A</1 a>", false },
    { "a reference of a reference stays", "<a x=\"&amp;amp;\"/>", "<1 1 a x=&amp;></1 a>", false },
    { "no entity of its own expands", "<!DOCTYPE a [<!ENTITY e \"boom\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&e;&x;</a>", NULL, true },
    { "prefixes go", "<p:a xmlns:p=\"u\" p:x=\"1\"/>", "<1 1 a x=1></1 a>", false },
    { "blanks before the declaration", " \n<?xml version=\"1.0\"?><a/>", "<1 1 a></1 a>", false },
    { "what is not closed is told", "<a><b>", "<1 1 a><2 1 b>", true },
    { "the document may be stopped", "<a><stop/><b/></a>", "<1 1 a><2 1 stop>", false },
};

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct str  in = test_heap(cases[i].in, strlen(cases[i].in));
        struct seen whole, pieces;
        bool        bad = damaged(in, in.n, &whole);

        CHECK_WHY(bad == cases[i].bad, cases[i].why);
        if (cases[i].out)
            CHECK_STR(str_c(whole.out), str_c(cases[i].out));
        CHECK_WHY(!strstr(whole.out, "boom") && !strstr(whole.out, "root:"), cases[i].why);
        CHECK_WHY(damaged(in, 1, &pieces) == bad, cases[i].why);
        CHECK_STR(str_c(pieces.out), str_c(whole.out));
        test_free(in);
    }
}

/* Depth and attributes have a bound, and a tag that would cost minutes ends the document at once. */
static void bounds(void **state)
{
    size_t      n = 0, cap = 1 << 20;
    char       *p = malloc(cap);
    struct seen s;

    (void)state;
    for (int i = 0; i < XMLPUSH_DEPTH + 5; i++)
        n += (size_t)sprintf(p + n, "<a>");
    CHECK(damaged((struct str){ (uint8_t *)p, n }, 100, &s));
    n = (size_t)sprintf(p, "<r><a ");
    for (int i = 0; n < cap - 64; i++)
        n += (size_t)sprintf(p + n, "x%d=\"1\" ", i);
    n += (size_t)sprintf(p + n, "/></r>");
    CHECK(damaged((struct str){ (uint8_t *)p, n }, 4096, &s));
    CHECK_STR(str_c(s.out), STR("<1 1 r>"));
    /* Many '=' in a text or a long value are no harm. */
    n = (size_t)sprintf(p, "<r><a x=\"");
    memset(p + n, '=', 1500);
    n += 1500;
    n += (size_t)sprintf(p + n, "\"/>");
    for (int i = 0; i < 3000; i++)
        n += (size_t)sprintf(p + n, "<b c=\"1\"/>");
    n += (size_t)sprintf(p + n, "</r>");
    CHECK(!damaged((struct str){ (uint8_t *)p, n }, 4096, &s));
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each), cmocka_unit_test(bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
