#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/shape.h"

struct page_case {
    const char     *plan, *why;
    bool            classic;
    enum shape_kind kind;
    bool            decisive;
    const char     *what;
};

static const struct page_case cases[] = {
    { "!BDN....{o}@ Page {l}=\"C#\"{c}", "mailbox file", false, SHAPE_MAILBOX, true, "unknown" },
    { "0\x82\x03\x01....{o}@ Page  {l}=\"C#\"{c}", "certificate request", false, SHAPE_CERTIFICATE, true, "unknown" },
    { "\x01\x02\x03....{o}@ Page {l}=\"C#\"{c}", "binary before a page", false, SHAPE_BINARY, true, "unknown" },
    { "+ADwAJQBAACAAUABhAGcAZQAlAD4- +ADwAJQ-x()+ACUAPg-", "UTF-7", false, SHAPE_ENCODED, true, "unknown" },
    { "{o}@ Page {l}=\"C#\" CodePage=\"65000\" {c}{o}= 1 {c}", "a code page that hides", false, SHAPE_ENCODED, true, "unknown" },
    { "Name : x\r\nServer : y\r\n", "a list that is not Exchange's", false, SHAPE_NONE, false, "unknown" },
    { "PK\x03\x04\x01.. page language", "a zip file", false, SHAPE_NONE, false, "unknown" },
    { "", "empty", false, SHAPE_NONE, false, "unknown" },
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
        if (s.kind != c->kind || s.decisive != c->decisive || strcmp(s.what, c->what) != 0)
            fail_msg("%s: kind %s, decisive %d, what %s", c->why, shape_name(s.kind), s.decisive, s.what);
        CHECK_WHY(s.decisive == (s.kind != SHAPE_NONE) && (!s.decisive || s.why.n), c->why);
        CHECK_WHY(str_chr(s.why, '<') == STR_NONE, c->why);
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_settings(void **state)
{
    static const struct { const char *url, *plain; bool planted; } list[] = {
        { "http://f/<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>", "http://f/", true },
        { "http://o/#<{s} {l}=\"{j}\" {a}>function Page_Load(){/**/{e}/*1*/({r}/*2*/[\"NO\"+\"9B\"],\"{u}\");}</{s}>", "http://o/#", true },
        { "http://g/", "http://g/", false },
        { "https://mail.bakery.example/OAB", "https://mail.bakery.example/OAB", false },
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
    n = shape_text(text, sizeof text, cases[0].plan);
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
        cmocka_unit_test(test_cases), cmocka_unit_test(test_settings), cmocka_unit_test(test_padded), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
