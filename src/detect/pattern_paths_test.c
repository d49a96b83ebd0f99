#include "test.h"

#include "detect/pattern_paths.h"

#include "base/num.h"

static void shapes(void **state)
{
    static const struct { const char *text; enum pattern_paths want; bool fold; } c[] = {
        { "^(a|a)+$", PATHS_MANY, false },            { "(.*x)+y", PATHS_MANY, false },            { "^(\\w|\\d)*!", PATHS_MANY, false },
        { "(?:[a-c]|[c-e])+z", PATHS_MANY, false },   { "(ab|a|b)*c", PATHS_MANY, false },         { "(a|aa)+$", PATHS_MANY, false },
        { "([a-z]|[A-Z])+!", PATHS_FEW, false },      { "([a-z]|[A-Z])+!", PATHS_MANY, true },     { "(?i)([a-z]|[A-Z])+!", PATHS_MANY, false },
        { "(.|\\n)+x", PATHS_FEW, false },            { "(.|\\s)+x", PATHS_MANY, false },          { "(a|a){2,}!", PATHS_MANY, false },
        { "(a|a){2,50}!", PATHS_MANY, false },        { "(a|a){3}!", PATHS_FEW, false },           { "(a|b)+c", PATHS_FEW, false },
        { "(\\.\\./|\\.\\.\\\\)+etc", PATHS_FEW, false }, { "(abc|abd)+e", PATHS_FEW, false },     { "([a-z0-9-]+\\.)+com", PATHS_FEW, false },
        { "^(cmd|exec)=[a-z]+(%20[a-z]+)*$", PATHS_FEW, false }, { ".*foo.*bar.*", PATHS_FEW, false }, { "(\\d{1,3}\\.){3}\\d{1,3}", PATHS_FEW, false },
        { "(?:%[0-9a-f]{2}|[a-z])+=", PATHS_FEW, false }, { "([^&]*&)*x", PATHS_FEW, false },      { "([^&]*.)*x", PATHS_MANY, false },
        { "(x(?:y|y))*z", PATHS_MANY, false },        { "(a(?#note)|b)*", PATHS_FEW, false },      { "(?<n>a|a)*!", PATHS_MANY, false },
        { "(?P<n>a|a)*!", PATHS_MANY, false },        { "(?'n'a|a)*!", PATHS_MANY, false },        { "[[:alpha:]_]+[[:digit:]]", PATHS_FEW, false },
        { "([]a]|])*!", PATHS_MANY, false },          { "(\\x61|a)*!", PATHS_MANY, false },        { "(\\x{61}|a)*!", PATHS_MANY, false },
        { "(?R)", PATHS_UNKNOWN, false },             { "(?(1)a|b)", PATHS_UNKNOWN, false },       { "\\Qa|a\\E", PATHS_UNKNOWN, false },
        { "a)", PATHS_UNKNOWN, false },               { "", PATHS_FEW, false },                    { "(a|\\1)*!", PATHS_MANY, false },
        { "(", PATHS_FEW, false },                    { "[a", PATHS_FEW, false },                  { "\\", PATHS_FEW, false },
        { "(?", PATHS_UNKNOWN, false },               { "a{,3}b{2", PATHS_FEW, false },            { "\\x", PATHS_FEW, false },
        { "[a-\\d]", PATHS_FEW, false },              { "(?<=a|b)c(?!d)", PATHS_FEW, false },      { "a**+?", PATHS_FEW, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(c); i++) {
        struct str s = test_heap(c[i].text, strlen(c[i].text));
        CHECK_WHY(pattern_paths(s, c[i].fold, false) == c[i].want, c[i].text);
        test_free(s);
    }
    CHECK(pattern_paths(STR("(.|\\n)+x"), false, true) == PATHS_MANY);
}

/* As long and as deep as an expression may be: an answer, soon. */
static void bounds(void **state)
{
    char       *text = calloc(1, 4097);
    static const char *const unit[] = { "(", "[a-z]", ".*", "(a|b)+", "(.", "a|", "\\w+\\d*", "(?:a*b" };

    (void)state;
    for (size_t k = 0; k < COUNT_OF(unit); k++) {
        size_t n = 0, m = strlen(unit[k]);
        for (; n + m < 4096; n += m)
            memcpy(text + n, unit[k], m);
        (void)pattern_paths((struct str){ (uint8_t *)text, n }, false, false);
    }
    /* All positions in one loop, none of them apart. */
    memcpy(text, "(", 1);
    size_t n = 1;
    for (int i = 0; i < 100; i++)
        n += (size_t)sprintf(text + n, "a%02dx|", i);
    n += (size_t)sprintf(text + n, "z)*!");
    CHECK(pattern_paths((struct str){ (uint8_t *)text, n }, false, false) != PATHS_MANY);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(shapes), cmocka_unit_test(bounds) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
