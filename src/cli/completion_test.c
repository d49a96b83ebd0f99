#include "cli/cli_fake.h"

#include "base/num.h"

#include <unistd.h>

/* bash itself says what would be offered. `line`: the words so far, the last one being completed. */
static struct str offered(struct arena *a, const char *script, const char *const *word, size_t n)
{
    char  command[1024], got[4096];
    int   at = snprintf(command, sizeof command, "cd / && bash --norc -c 'source %s; COMP_WORDS=(afterpatch", script);

    for (size_t i = 0; i < n; i++)
        at += snprintf(command + at, sizeof command - (size_t)at, " \"%s\"", word[i]);
    snprintf(command + at, sizeof command - (size_t)at, "); COMP_CWORD=%zu; _afterpatch; printf \"%%s \" \"${COMPREPLY[@]}\"'", n);
    FILE *p = popen(command, "r");
    if (!p)
        fail_msg("no bash");
    size_t got_n = fread(got, 1, sizeof got, p);
    CHECK(pclose(p) == 0);
    return str_dup(a, (struct str){ (const uint8_t *)got, got_n });
}

static void what_bash_offers(void **state)
{
    static const struct {
        const char *word[4];
        size_t      n;
        const char *want;
        const char *why;
    } cases[] = {
        { { "hu" }, 1, "hunt ", "a verb" },
        { { "ma" }, 1, " ", "hidden verbs stay hidden" },
        { { "hunt", "--o" }, 2, "--out --organisation ", "options of the verb" },
        { { "hunt", "--tlp", "A" }, 3, "AMBER+STRICT AMBER ", "words of an option" },
        { { "hunt", "--out", "us" }, 3, "usr ", "folders" },
        { { "hunt", "--jobs", "" }, 3, " ", "free text" },
        { { "hunt", "us" }, 2, "usr ", "evidence is a path" },
        { { "pack", "ch" }, 2, "check ", "a task" },
        { { "pack", "check", "us" }, 3, "usr ", "and its folder" },
        { { "help", "hun" }, 2, "hunt ", "a verb to explain" },
        { { "version", "" }, 2, " ", "nothing follows" },
        { { "survey", "bu" }, 2, "build ", "a sub-verb" },
        { { "survey", "build", "--at" }, 3, "--at ", "its options" },
    };
    struct fake *f = fake_open();
    char         script[] = "/tmp/completion-XXXXXX";
    int          fd = mkstemp(script);

    (void)state;
    FAKE_RUN(f, "completion");
    CHECK(f->code == CLI_DONE && fd >= 0);
    CHECK(write(fd, f->said.p, f->said.n) == (ssize_t)f->said.n && close(fd) == 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str got = offered(&f->text.a, script, cases[i].word, cases[i].n);

        if (!str_eq(got, str_c(cases[i].want)))
            fail_msg("%s: offered \"%.*s\"", cases[i].why, STR_ARG(got));
    }
    unlink(script);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_bash_offers) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
