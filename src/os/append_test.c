#include "test.h"

#include "os/append.h"
#include "os/os.h"

#include <sys/stat.h>
#include <unistd.h>

static void grows(void **state)
{
    (void)state;
    char              dir[] = "/tmp/append_testXXXXXX", path[64], link_path[64];
    struct os_append  f = { -1 };
    struct err        e = { 0 };
    struct os         os = os_posix();
    struct test_arena t = test_arena(1 << 16);
    struct str        text;
    struct stat       st;

    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/log", dir);
    snprintf(link_path, sizeof link_path, "%s/link", dir);
    CHECK(os_append_open(&f, str_c(path), &e) && os_append_write(&f, STR("one\n"), &e) && os_append_sync(&f, &e));
    os_append_close(&f);
    os_append_close(&f);
    CHECK(os_append_open(&f, str_c(path), &e) && os_append_write(&f, STR("two\ntorn"), &e) && os_append_cut(&f, 4, &e));
    CHECK(!os_append_cut(&f, 9, &e));
    os_append_close(&f);
    CHECK(os_slurp(&os, str_c(dir), STR("log"), 100, &t.a, &text, &e));
    CHECK_STR(text, STR("one\ntwo\n"));
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);

    CHECK(symlink(path, link_path) == 0);
    CHECK(!os_append_open(&f, str_c(link_path), &e) && e.kind == ERR_IO && e.where[0]);
    CHECK(!os_append_open(&f, str_c(dir), &e) && f.fd == -1);
    CHECK(!os_append_open(&f, STR("/tmp/a\0b"), &e) && !os_append_open(&f, STR(""), &e));
    CHECK(os_append_open(&f, STR("/dev/full"), &e) == false);
    unlink(link_path);
    unlink(path);
    rmdir(dir);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(grows) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
