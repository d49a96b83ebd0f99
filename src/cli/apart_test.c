#include "test.h"

#include "base/num.h"
#include "cli/apart.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A real disk: links and ".." are what this is about. */
static char *tree(void)
{
    char *root = strdup("/tmp/apart-XXXXXX");

    if (!root || !mkdtemp(root) || chdir(root) != 0 || mkdir("case", 0700) || mkdir("case/C", 0700) || mkdir("case/C/deep", 0700) ||
        mkdir("other", 0700) || symlink("case/C", "link") || symlink("../case/C/deep", "other/way-in"))
        fail_msg("no folder for the test");
    FILE *f = fopen("case/u_ex.log", "w");
    if (f)
        fclose(f);
    return root;
}

static void tree_drop(char *root)
{
    static const char *const below[] = { "case/u_ex.log", "other/way-in", "link", "other", "case/C/deep", "case/C", "case" };

    for (size_t i = 0; i < COUNT_OF(below); i++)
        if (unlink(below[i]) != 0)
            rmdir(below[i]);
    if (chdir("/") == 0)
        rmdir(root);
    free(root);
}

static void cases(void **state)
{
    static const struct {
        const char *out, *evidence;
        bool        ok;
        const char *why;
    } table[] = {
        { "report", "case/C", true, "beside it" },
        { "new/folders/report", "case/C", true, "not there yet" },
        { "other", "case/C", true, "there already" },
        { "case/report", "case/C", true, "beside the drive" },
        { "case/C", "case/C", false, "the evidence itself" },
        { "case/C/report", "case/C", false, "inside" },
        { "case/C/new/deeper/report", "case/C", false, "inside, not there yet" },
        { "case/C/../C/deep", "case/C", false, "by way of .." },
        { "./case//C/deep/", "case/C", false, "dots and slashes" },
        { "link/report", "case/C", false, "the output through a link" },
        { "case/C/report", "link", false, "the evidence through a link" },
        { "other/way-in/report", "case/C", false, "a link into it" },
        { "other/way-in/../../../other/x", "case/C", true, "through the evidence and out again" },
        { "case", "case/C", false, "the evidence lies inside" },
        { ".", "case/C", false, "the folder one stands in holds it" },
        { "/", "case/C", false, "the root holds all" },
        { "case", "case/u_ex.log", false, "a file lies inside the output folder" },
        { "report", "case/u_ex.log", true, "a file, and elsewhere" },
        { "cas", "case", true, "a name that only begins alike" },
        { "report", "missing", false, "evidence that is not there" },
    };
    char      *root = tree();
    struct os  os = os_posix();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct test_arena t = test_arena(1 << 16);
        struct str        evidence[2] = { STR("other"), str_c(table[i].evidence) };
        struct err        e = { 0 };
        /* "other" first where it does no harm: each path counts, not the first one only. */
        bool both = strncmp(table[i].out, "other", 5) != 0 && table[i].out[0] != '.' && table[i].out[0] != '/';
        bool ok = apart_check(&os, str_c(table[i].out), both ? evidence : evidence + 1, both ? 2 : 1, t.a, &e);

        CHECK_WHY(ok == table[i].ok && (ok || e.kind != ERR_NONE), table[i].why);
        test_arena_free(&t);
    }
    tree_drop(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
