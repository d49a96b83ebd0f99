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
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_once), cmocka_unit_test(test_refused) };
    return cmocka_run_group_tests(tests, setup, teardown);
}
