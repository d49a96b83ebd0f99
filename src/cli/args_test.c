#include "test.h"

#include "base/num.h"
#include "cli/args.h"

#define MANY "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth"
enum { OUT, LEVEL, QUIET, MARK, FORM };
static const struct opt table[] = {
    [OUT] = { "out", "DIR", "where", NULL },
    [LEVEL] = { "level", "N", "how much", NULL },
    [QUIET] = { "quiet", NULL, "silence", NULL },
    [MARK] = { "mark", "WORD", "one of a few", "red amber green" },
    [FORM] = { "form", "WORD", "one of many", MANY " twentieth twentyfirst" },
    { NULL, NULL, NULL, NULL },
};

struct got {
    struct args a;
    struct err  e;
    bool        ok;
};

static struct got parse(struct arena *a, const char *const *word)
{
    struct got g = { 0 };
    char      *argv[16];
    int        argc = 0;

    for (; word[argc] && argc < 15; argc++)
        argv[argc] = (char *)(uintptr_t)word[argc];
    g.ok = args_parse(table, argc, argv, a, &g.a, &g.e);
    return g;
}

static void values_and_operands(void **state)
{
    static const struct {
        const char *word[8];
        const char *out, *level, *operand[4];
        bool        quiet, help;
        const char *why;
    } cases[] = {
        { { NULL }, NULL, NULL, { NULL }, false, false, "nothing at all" },
        { { "a", "b" }, NULL, NULL, { "a", "b" }, false, false, "operands only" },
        { { "--out", "d", "a" }, "d", NULL, { "a" }, false, false, "value in the next word" },
        { { "--out=d", "a" }, "d", NULL, { "a" }, false, false, "value behind =" },
        { { "--out=a=b" }, "a=b", NULL, { NULL }, false, false, "the first = parts, others belong to the value" },
        { { "a", "--out", "d", "b" }, "d", NULL, { "a", "b" }, false, false, "options may stand anywhere" },
        { { "--out", "-", "-" }, "-", NULL, { "-" }, false, false, "a lone dash is a value or an operand" },
        { { "--out", "--quiet" }, "--quiet", NULL, { NULL }, false, false, "what follows is the value, whatever it looks like" },
        { { "--quiet", "--", "--out", "-x" }, NULL, NULL, { "--out", "-x" }, true, false, "after -- all are operands" },
        { { "--", "--" }, NULL, NULL, { "--" }, false, false, "only the first -- ends the options" },
        { { "--level=3", "--quiet" }, NULL, "3", { NULL }, true, false, "a switch" },
        { { "--help" }, NULL, NULL, { NULL }, false, true, "help is in every table" },
        { { "a", "-h" }, NULL, NULL, { "a" }, false, true, "the short form people know" },
        { { "" }, NULL, NULL, { "" }, false, false, "an empty operand stays: the verb tells" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(4096);
        struct got g = parse(&t.a, cases[i].word);

        CHECK_WHY(g.ok, cases[i].why);
        CHECK_WHY(g.a.given[OUT] == (cases[i].out != NULL), cases[i].why);
        CHECK_WHY(str_eq(g.a.value[OUT], str_c(cases[i].out)), cases[i].why);
        CHECK_WHY(str_eq(g.a.value[LEVEL], str_c(cases[i].level)), cases[i].why);
        CHECK_WHY(g.a.given[QUIET] == cases[i].quiet && g.a.help == cases[i].help, cases[i].why);
        size_t n = 0;
        for (; n < 4 && cases[i].operand[n]; n++)
            CHECK_WHY(n < g.a.operand_n && str_eq(g.a.operand[n], str_c(cases[i].operand[n])), cases[i].why);
        CHECK_WHY(g.a.operand_n == n, cases[i].why);
        test_arena_free(&t);
    }
}

static void refused(void **state)
{
    static const struct {
        const char *word[6];
        const char *what, *hint;
        const char *why;
    } cases[] = {
        { { "--uot", "d" }, "unknown option --uot", "did you mean --out?", "letters swapped" },
        { { "--qui" }, "unknown option --qui", "did you mean --quiet?", "no abbreviations, but a hint" },
        { { "--output=d" }, "unknown option --output", "did you mean --out?", "other programs call it so" },
        { { "--Quiet" }, "unknown option --Quiet", "did you mean --quiet?", "case counts, and is near" },
        { { "--zzzzzz" }, "unknown option --zzzzzz", "", "nothing near" },
        { { "--hepl" }, "unknown option --hepl", "did you mean --help?", "help is near, too" },
        { { "--help=x" }, "--help takes no value", "", "help takes no value" },
        { { "-o", "d" }, "unknown option -o", "options have whole names, such as --help; a file of this name is ./-o", "no short options" },
        { { "--out" }, "--out needs a value", "write --out DIR", "the line ends" },
        { { "--out=" }, "the value of --out is empty", "", "empty behind =" },
        { { "--out", "" }, "the value of --out is empty", "", "an unset variable of a script" },
        { { "--quiet=yes" }, "--quiet takes no value", "", "a switch with a value" },
        { { "--out=a", "--out=b" }, "--out is given twice", "", "which one was meant?" },
        { { "--mark=blue" }, "--mark cannot be \"blue\"", "it takes one of: red amber green", "a word of the list" },
        { { "--form", "x" }, "--form cannot be \"x\"", "it takes one of: " MANY " ...", "as many whole words as there is room for" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct test_arena t = test_arena(4096);
        struct got g = parse(&t.a, cases[i].word);

        CHECK_WHY(!g.ok && g.e.kind == ERR_USAGE, cases[i].why);
        if (strcmp(g.e.what, cases[i].what) || strcmp(g.e.hint, cases[i].hint))
            fail_msg("%s: \"%s\", \"%s\"", cases[i].why, g.e.what, g.e.hint);
        test_arena_free(&t);
    }
}

static void nearest(void **state)
{
    static const char *const word[] = { "hunt", "pack", "help", "version" };

    (void)state;
    assert_string_equal(args_nearest(STR("hnut"), word, 4), "hunt");
    assert_string_equal(args_nearest(STR("HUNT"), word, 4), "hunt");
    assert_string_equal(args_nearest(STR("ver"), word, 4), "version");
    CHECK(args_nearest(STR("survey"), word, 4) == NULL);
    CHECK(args_nearest(STR(""), word, 4) == NULL);
    CHECK(args_nearest(STR("a-word-that-is-much-longer-than-any-verb-could-be"), word, 4) == NULL);
}

static bool sweep_work(struct arena *a, struct err *e)
{
    char       *argv[] = { (char *)(uintptr_t)"x" };
    struct args args;

    return args_parse(table, 1, argv, a, &args, e);
}

static void sweep(void **state)
{
    (void)state;
    fault_sweep(sweep_work, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_operands), cmocka_unit_test(refused), cmocka_unit_test(nearest), cmocka_unit_test(sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
