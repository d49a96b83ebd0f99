#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "webshell/scan.h"

struct key_case { const char *plan, *key, *why; };
static const struct key_case keys[] = {
    { "{r}[\"a\"]", "a", "the plain item" },
    { "x({r}.Form['b'])", "b", "through a collection, single quotes" },
    { "{r}/*1*/./*2*/Item/*3*/[/*4*/\"c\"]", "c", "comments everywhere" },
    { "{r}[\"d\"+\"e\"+\"f\"]", "def", "joined" },
    { "{r}.QueryString(\"g\")", "g", "parentheses" },
    { "My{r}[\"h\"]", "", "another name" },
    { "// {r}[\"i\"]", "", "in a comment" },
    { "\"{r}['j']\"", "", "in a literal" },
    { "{r}[k]", "", "an item named by a variable" },
    { "{r}.Url[\"l\"]", "", "not what the sender chooses freely" },
    { "{r}[\"an item name that is far too long to be one, which is more than sixty-four bytes\"]", "", "too long" },
    { "\\u0052equest[\"m\"]", "m", "an escaped letter" },
    { "", "", "empty" },
};

static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        struct test_arena t = test_arena(1 << 20);
        char              text[400];
        struct str        in = test_heap(text, shape_text(text, sizeof text, keys[i].plan)), key;

        CHECK_WHY(scan_request_key(&t.a, in, &key), keys[i].why);
        if (!str_eq(key, str_c(keys[i].key)))
            fail_msg("%s: \"%.*s\"", keys[i].why, STR_ARG(key));
        test_free(in);
        test_arena_free(&t);
    }
}

static void test_bounds(void **state)
{
    struct test_arena t = test_arena(8 << 20), text = test_arena(1 << 20);
    struct page       p;
    struct scan       s;
    char             *to = NEW(&text.a, char, 200000);
    size_t            n = shape_text(to, 200, "{o}@ Page {l}=\"C#\"{c}{o}");

    (void)state;
    /* More tokens than are looked at; what stands after them is not seen, and nothing breaks. */
    for (int i = 0; i < 2 * SCAN_TOKENS_MAX; i++)
        n += (size_t)sprintf(to + n, "a=b;");
    CHECK(page_read(&p, &t.a, (struct str){ (uint8_t *)to, n }, false));
    CHECK(scan_page(&s, &t.a, &p, false));
    CHECK(s.tokens == SCAN_TOKENS_MAX && s.find == SCAN_NOTHING && !s.request);
    struct arena none = { 0 };
    CHECK(!scan_page(&s, &none, &p, false));
    test_arena_free(&t);
    test_arena_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys), cmocka_unit_test(test_bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
