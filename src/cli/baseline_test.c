#include "cli/cli_fake.h"

#include "base/num.h"
#include "make_pe.h"
#include "shape_text.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define V15 "clean/C/Program Files/Microsoft/Exchange Server/V15"

static void put(const char *path, const void *p, size_t n)
{
    char part[256];

    for (const char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(s - path), path);
        mkdir(part, 0700);
    }
    FILE *f = fopen(path, "w");
    if (!f || fwrite(p, 1, n, f) != n || fclose(f) != 0)
        fail_msg("cannot write %s", path);
}

static void text(const char *path, const char *s) { put(path, s, strlen(s)); }

static void program(const char *path, uint16_t last)
{
    uint8_t  to[MAKE_PE_MAX];
    uint16_t v[4] = { 15, 1, 2106, last };
    size_t   n = make_pe(to, &(struct make_pe){ .version = v, .product = "Microsoft Exchange" });
    put(path, to, n);
}

static char *world(void)
{
    char *root = strdup("/tmp/baseline-XXXXXX");

    if (!root || !mkdtemp(root) || chdir(root) != 0)
        fail_msg("no folder for the test");
    text(V15 "/ClientAccess/ecp/default.aspx", "<%@ Page Inherits=\"X\" %>\n");
    text(V15 "/ClientAccess/ecp/web.config", "<configuration/>");
    text(V15 "/FrontEnd/HttpProxy/owa/auth/logon.aspx", "<%@ Page Inherits=\"Y\" %>\n");
    program(V15 "/ClientAccess/ecp/bin/Microsoft.Exchange.Management.ControlPanel.dll", 4);
    program(V15 "/ClientAccess/ecp/bin/Microsoft.Exchange.Other.dll", 3);
    text("clean/C/inetpub/wwwroot/web.config", "<configuration/>");
    return root;
}

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void world_drop(char *root)
{
    if (chdir("/") != 0 || nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("cannot remove %s", root);
    free(root);
}

static struct str slurp(struct fake *f, const char *path)
{
    struct str s = STR_EMPTY;
    struct err e = { 0 };

    if (!os_slurp(&f->os, STR("."), str_c(path), 4 << 20, &f->text.a, &s, &e))
        fail_msg("%s: %s", path, e.what);
    return s;
}

static void made(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();

    (void)state;
    program(V15 "/Bin/ExSetup.exe", 2);
    FAKE_RUN(f, "baseline", "--out", "pack", "--date", "2021-03-05", "clean");
    if (f->code != CLI_DONE)
        fail_msg("%.*s", STR_ARG(f->complained));
    CHECK(str_has(f->said, STR("build 15.1.2106.2: 5 files of the product, 1 of the web root")) && f->complained.n == 0);
    struct str head = slurp(f, "pack/pack.yaml"), list = slurp(f, "pack/clean/install.csv");
    CHECK(str_has(head, STR("kind: baseline")) && str_has(head, STR("made: '2021-03-05'")) && str_has(head, STR("build: '15.1.2106.2'")) &&
          str_has(head, STR("  - 'Bin'\n  - 'ClientAccess'\n  - 'FrontEnd'\n")) && str_has(head, STR("Bin\\ExSetup.exe")));
    CHECK(str_starts(list, STR("path,sha256,builds,bytes\r\nClientAccess\\ecp\\bin\\Microsoft.Exchange.Management.ControlPanel.dll,")));
    CHECK(str_has(list, STR("\r\nFrontEnd\\HttpProxy\\owa\\auth\\logon.aspx,")) && str_has(slurp(f, "pack/clean/web.csv"), STR("\r\nweb.config,")));

    FAKE_RUN(f, "baseline", "--out", "again", "--date", "2021-03-05", "--jobs", "3", "clean");
    CHECK(f->code == CLI_DONE && str_eq(slurp(f, "again/pack.yaml"), head) && str_eq(slurp(f, "again/clean/install.csv"), list));
    FAKE_RUN(f, "pack", "check", "pack");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("6 files, 3 folders and the web root: no problem found")));
    FAKE_RUN(f, "hunt", "--pack", "pack", "clean");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("--baseline")));
    FAKE_RUN(f, "hunt", "--json", "-", "--quiet", "--baseline", "pack", "clean");
    CHECK(str_has(f->said, STR("Compared 6 files of build 15.1.2106.2 with known-good ones: 0 unknown, 0 changed")));
    text("again/clean/install.csv", "path,sha256,builds\n..\\x,1,all\n");
    FAKE_RUN(f, "pack", "check", "again");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("clean/install.csv")));
    world_drop(root);
    fake_close(f);
}

/* Without ExSetup.exe: the newest program beside the pages, or the operator. */
static void builds(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();

    (void)state;
    FAKE_RUN(f, "baseline", "--out", "pack", "clean");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("build 15.1.2106.4")) && str_has(slurp(f, "pack/pack.yaml"), STR("ControlPanel.dll")));
    FAKE_RUN(f, "baseline", "--out", "pack", "--build", "15.1.2106.13", "clean");
    CHECK(f->code == CLI_DONE && str_has(f->said, STR("build 15.1.2106.13")));
    CHECK(unlink(V15 "/ClientAccess/ecp/bin/Microsoft.Exchange.Management.ControlPanel.dll") == 0 && unlink(V15 "/ClientAccess/ecp/bin/Microsoft.Exchange.Other.dll") == 0);
    FAKE_RUN(f, "baseline", "--out", "none", "clean");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("--build")) && access("none", F_OK) != 0);
    FAKE_RUN(f, "baseline", "--out", "none", "--build", "15.1", "clean");
    CHECK(f->code == CLI_USAGE);
    world_drop(root);
    fake_close(f);
}

static void media(void **state)
{
    struct fake *f = fake_open();
    char        *root = world();

    (void)state;
    text("dvd/Setup/ServerRoles/ClientAccess/ecp/default.aspx", "<%@ Page Inherits=\"X\" %>\n");
    text("dvd/Setup/ServerRoles/ClientAccess/Owa/web.config", "<configuration/>");
    program("dvd/Setup/ServerRoles/ClientAccess/ecp/bin/Microsoft.Exchange.Management.ControlPanel.dll", 2);
    FAKE_RUN(f, "baseline", "--out", "pack", "dvd");
    if (f->code != CLI_DONE)
        fail_msg("%.*s", STR_ARG(f->complained));
    CHECK(str_has(slurp(f, "pack/pack.yaml"), STR("guess")) && str_has(slurp(f, "pack/clean/install.csv"), STR("\nClientAccess\\ecp\\default.aspx,")));
    world_drop(root);
    fake_close(f);
}

static void refused(void **state)
{
    struct fake *f = fake_open();
    char        *root = world(), page[512];

    (void)state;
    program(V15 "/Bin/ExSetup.exe", 2);
    size_t n = shape_text(page, sizeof page, "<{s} {l}=\"{j}\" {a}>function Page_Load(){{e}({r}[\"orange\"],\"{u}\");}</{s}>");
    put(V15 "/ClientAccess/ecp/bad.aspx", page, n);
    FAKE_RUN(f, "baseline", "--out", "none", "clean");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("bad.aspx")) && str_has(f->complained, STR("nothing is written")) && access("none", F_OK) != 0);
    CHECK(unlink(V15 "/ClientAccess/ecp/bad.aspx") == 0);

    text("empty/notes.txt", "nothing\n");
    FAKE_RUN(f, "baseline", "--out", "none", "empty");
    CHECK(f->code == CLI_FAILED && str_has(f->complained, STR("no Exchange install folder")));
    FAKE_RUN(f, "baseline", "clean");
    CHECK(f->code == CLI_USAGE && str_has(f->complained, STR("--out")));
    FAKE_RUN(f, "baseline", "--out", "none");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "baseline", "--out", "none", "clean", "empty");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "baseline", "--out", "none", "--date", "March", "clean");
    CHECK(f->code == CLI_USAGE);
    FAKE_RUN(f, "baseline", "--out", "clean/pack", "clean");
    CHECK(f->code == CLI_USAGE && access("clean/pack", F_OK) != 0);
    FAKE_RUN(f, "baseline", "--out", "none", "nowhere");
    CHECK(f->code == CLI_FAILED);
    world_drop(root);
    fake_close(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(made), cmocka_unit_test(builds), cmocka_unit_test(media), cmocka_unit_test(refused) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
