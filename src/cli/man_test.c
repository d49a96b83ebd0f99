#include "cli/cli_fake.h"

#include "base/num.h"

/* Every request in the page is one that we meant: no text of a table begins a line with a full stop or an apostrophe. */
static void only_known_macros(void **state)
{
    static const char *const known[] = { ".\\\"", ".Dd", ".Dt", ".Os", ".Sh", ".Nm", ".Nd", ".Cm", ".Ss", ".Pp", ".Bl", ".It", ".El",
                                         ".Fl",   ".Ar", ".Dl" };
    struct fake *f = fake_open();
    struct str   rest, line;
    int          lists = 0;

    (void)state;
    FAKE_RUN(f, "man");
    CHECK(f->code == CLI_DONE);
    rest = f->said;
    while (str_cut(&rest, '\n', &line) && rest.p) {       /* after the last line end nothing follows */
        bool ok = line.n > 0 && line.p[0] != '.' && line.p[0] != '\'';

        for (size_t i = 0; i < COUNT_OF(known); i++)
            ok = ok || str_starts(line, str_c(known[i]));
        if (!ok)
            fail_msg("\"%.*s\"", STR_ARG(line));
        lists += str_starts(line, STR(".Bl")) - str_starts(line, STR(".El"));
    }
    CHECK(lists == 0);
    fake_close(f);
}

static void sections(void **state)
{
    static const char *const section[] = { "NAME", "SYNOPSIS", "DESCRIPTION", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES", "CAVEATS" };
    struct fake *f = fake_open();
    size_t       at = 0;

    (void)state;
    FAKE_RUN(f, "man");
    for (size_t i = 0; i < COUNT_OF(section); i++) {
        char line[64];

        snprintf(line, sizeof line, "\n.Sh %s\n", section[i]);
        size_t found = str_find(str_from(f->said, at), str_c(line));
        CHECK_WHY(found != STR_NONE, section[i]);
        at += found;
    }
    for (size_t i = 0; exit_codes[i].about; i++) {
        char line[16];

        snprintf(line, sizeof line, "\n.It %d\n", exit_codes[i].code);
        CHECK(str_has(f->said, str_c(line)));
    }
    for (size_t i = 0; variables[i].name; i++)
        CHECK(str_has(f->said, str_c(variables[i].name)));
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(only_known_macros), cmocka_unit_test(sections) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
