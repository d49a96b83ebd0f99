#include "test.h"

#include "detect/pattern_cost.h"

static void shapes(void **state)
{
    static const struct { const char *text; bool away; } c[] = {
        { "(a+)+$", true },        { "([a-z]*)*x", true },      { "(?:\\w+\\s?)+!", true },    { "((a+))+", true },       { "(x|y+)*z", true },
        { "(a+){2,}", true },      { "(.*)+", true },           { "a+b+c*", false },            { "([a-z0-9-]+\\.)+com", false },
        { "(a+){2,5}", false },    { "(a+)?", false },          { "(abc)+", false },            { "[(a+)+]", false },      { "\\(a+\\)+", false },
        { "(?i)cmd=.*", false },   { "(", false },              { "(a+", false },               { ")+", false },           { "[a", false },
        { "a\\", false },          { "{1,}(", false },            { "a{2,(b+)+}", true },          { "(?", false },                { "(\\d+,)*", false },     { "", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        struct str s = test_heap(c[i].text, strlen(c[i].text));
        CHECK_WHY(pattern_runs_away(s) == c[i].away, c[i].text);
        test_free(s);
    }
}

static void any_depth(void **state)
{
    char text[4096];

    (void)state;
    memset(text, '(', sizeof text);
    CHECK(!pattern_runs_away((struct str){ (uint8_t *)text, sizeof text }));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(any_depth) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
