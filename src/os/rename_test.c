/* A name is given once, and nothing that has it is lost. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "os/rename.h"

static char dir[] = "/tmp/ap_rename.XXXXXX";

static void put(const char *name, const char *text)
{
    char  path[96];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static bool has(const char *name, const char *text)
{
    char  path[96], got[16] = { 0 };
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    bool  ok = f && fgets(got, sizeof got, f) && strcmp(got, text) == 0;
    if (f)
        fclose(f);
    return ok;
}

static void test_once(void **state)
{
    struct err e = { 0 };

    (void)state;
    put("a.part", "one");
    CHECK(os_rename_new(str_c(dir), STR("a.part"), STR("a"), &e) && has("a", "one"));
    put("a.part", "two");
    CHECK(!os_rename_new(str_c(dir), STR("a.part"), STR("a"), &e) && e.kind == ERR_IO && strstr(e.what, "exists") && strstr(e.where, "/a"));
    CHECK(has("a", "one") && has("a.part", "two"));
    e = (struct err){ 0 };
    CHECK(os_remove(str_c(dir), STR("a.part"), &e) && !has("a.part", "two") && os_remove(str_c(dir), STR("a.part"), &e));
    CHECK(!os_rename_new(str_c(dir), STR("a.part"), STR("b"), &e) && strstr(e.what, "No such file"));
}

static void test_refused(void **state)
{
    static const char *const bad[] = { "", ".", "..", "x/y", "/etc/x" };
    struct err e = { 0 };
    char       path[96];

    (void)state;
    put("c", "three");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        CHECK_WHY(!os_rename_new(str_c(dir), STR("c"), str_c(bad[i]), &e) && e.kind == ERR_USAGE, bad[i]);
        CHECK_WHY(!os_remove(str_c(dir), str_c(bad[i]), &e) && e.kind == ERR_USAGE, bad[i]);
    }
    snprintf(path, sizeof path, "%s/folder", dir);
    CHECK(mkdir(path, 0700) == 0 && !os_remove(str_c(dir), STR("folder"), &e) && e.kind == ERR_IO && rmdir(path) == 0);
    /* A link that has the name is in the way, and what it leads to is not touched. */
    snprintf(path, sizeof path, "%s/link", dir);
    CHECK(symlink("c", path) == 0 && !os_rename_new(str_c(dir), STR("c"), STR("link"), &e) && has("c", "three") && os_remove(str_c(dir), STR("link"), &e) && has("c", "three"));
}

/* Only a plain file goes, and only by the folder's own path: no link on the way, none in its place. */
static void test_own(void **state)
{
    static uint8_t room[8192];
    struct arena   a = { .beg = room, .end = room + sizeof room };
    struct err     e = { 0 };
    struct str     own, at;
    char           link[96], inner[96], path[120];

    (void)state;
    CHECK(os_folder(str_c(dir), &a, &own, &e) && own.p[0] == '/');
    snprintf(inner, sizeof inner, "%s/inner", dir);
    snprintf(link, sizeof link, "%s/way", dir);
    CHECK(mkdir(inner, 0700) == 0 && symlink("inner", link) == 0);
    put("inner/d", "four");
    CHECK(os_folder(str_c(link), &a, &at, &e) && str_ends(at, STR("/inner")));                /* told as it is */
    snprintf(path, sizeof path, "%s/../%s", link, "inner");
    const char *const bad[] = { link, path, "inner", "", "/nowhere/at/all" };
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        e = (struct err){ 0 };
        CHECK_WHY(!os_remove_own(str_c(bad[i]), STR("d"), &e) && e.kind == ERR_IO && has("inner/d", "four"), bad[i]);
    }
    snprintf(path, sizeof path, "%s/linked", inner);
    CHECK(symlink("d", path) == 0 && !os_remove_own(at, STR("linked"), &e) && unlink(path) == 0 && has("inner/d", "four"));
    CHECK(mkdir(path, 0700) == 0 && !os_remove_own(at, STR("linked"), &e) && rmdir(path) == 0);
    e = (struct err){ 0 };
    CHECK(!os_remove_own(own, STR("inner/d"), &e) && e.kind == ERR_USAGE);
    e = (struct err){ 0 };
    CHECK(os_remove_own(at, STR("d"), &e) && !has("inner/d", "four") && os_remove_own(at, STR("d"), &e) && unlink(link) == 0 && rmdir(inner) == 0);
    CHECK(!os_folder(str_c(inner), &a, &at, &e) && e.kind == ERR_IO && strstr(e.what, "No such file"));
}

static int setup(void **state) { (void)state; return mkdtemp(dir) ? 0 : 1; }
static int teardown(void **state)
{
    struct err e = { 0 };

    (void)state;
    os_remove(str_c(dir), STR("a"), &e);
    os_remove(str_c(dir), STR("c"), &e);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_once), cmocka_unit_test(test_refused), cmocka_unit_test(test_own) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
