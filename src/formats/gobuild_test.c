#include "test.h"

#include "base/num.h"
#include "formats/gobuild.h"

#define MARK "\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6"
#define END  "\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2"

static void test_builds(void **state)
{
    static const struct { struct str in; const char *path, *module, *version, *why; } cases[] = {
        { STR_INIT("xx" MARK "path\tgithub.com/fatedier/frp/cmd/frpc\nmod\tgithub.com/fatedier/frp\tv0.36.2\t\ndep\tx\ty\t\n" END), "github.com/fatedier/frp/cmd/frpc",
          "github.com/fatedier/frp", "v0.36.2", "as it should be" },
        { STR_INIT(MARK "path\tcommand-line-arguments\ndep\tx\ty\t\n"), "command-line-arguments", "command-line-arguments", "", "no module of its own" },
        { STR_INIT(MARK "mod\tgithub.com/jpillora/chisel\t(devel)\t\n"), "github.com/jpillora/chisel", "github.com/jpillora/chisel", "(devel)", "no path" },
        { STR_INIT(MARK "no such words" MARK "path\ta/b\n"), "a/b", "a/b", "", "the first mark is somebody's data" },
        { STR_INIT(MARK "path\ta b\n"), NULL, NULL, NULL, "not a module" },
        { STR_INIT(MARK), NULL, NULL, NULL, "cut" },
        { STR_INIT("\x30\x77\xaf"), NULL, NULL, NULL, "cut within the mark" },
        { STR_INIT(""), NULL, NULL, NULL, "nothing" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str     in = test_heap(cases[i].in.p, cases[i].in.n);
        struct gobuild g;
        CHECK_WHY(gobuild_find(&g, in) == (cases[i].path != NULL), cases[i].why);
        if (cases[i].path) {
            CHECK_STR(g.path, str_c(cases[i].path));
            CHECK_STR(g.module, str_c(cases[i].module));
            CHECK_STR(g.version, str_c(cases[i].version));
        }
        test_free(in);
    }
}

static void test_likely(void **state)
{
    (void)state;
    CHECK(gobuild_likely(STR("MZ\0\0.text\0\0\0.idata\0\0.symtab\0x")));
    CHECK(!gobuild_likely(STR("MZ\0\0.text\0\0\0.idata\0\0")) && !gobuild_likely(STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_builds), cmocka_unit_test(test_likely) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
