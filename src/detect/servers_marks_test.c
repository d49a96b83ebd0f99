#include "test.h"

#include "detect/servers_marks.h"

/* "1a 2b": the log 1 begins with a, the log 2 with b. */
static struct marks marks_of(const char *text)
{
    struct marks m = { 0 };

    for (const char *c = text; *c; c += c[2] ? 3 : 2)
        m.item[m.n++] = (struct mark){ (uint64_t)c[0], (uint64_t)c[1] };
    return m;
}

static void apart(void **state)
{
    static const struct { const char *one, *other, *why; bool apart; } t[] = {
        { "", "", "nothing is known of either", false },
        { "1a", "", "nothing is known of one", false },
        { "1a 2b", "3c 4d", "no log in common", false },
        { "1a 2b", "1a 2b", "the same logs", false },
        { "1a 3c", "2x 3c", "the one in common agrees", false },
        { "1a", "1x", "the one in common begins otherwise", true },
        { "1a 2b 3c", "1a 2b 3x", "one was edited: an intruder makes no second server of it", false },
        { "1a 2b 3c", "1a 2x 3x", "most begin otherwise", true },
        { "1a 2b", "1a 2x", "as many agree as differ", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        struct marks a = marks_of(t[i].one), b = marks_of(t[i].other);
        CHECK_WHY(servers_marks_apart(&a, &b) == t[i].apart && servers_marks_apart(&b, &a) == t[i].apart, t[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(apart) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
