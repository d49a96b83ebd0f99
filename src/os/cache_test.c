#include "test.h"

#include "base/num.h"
#include "os/cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t key[HASH_SHA256_BYTES] = { 1, 2, 3 }, other[HASH_SHA256_BYTES] = { 9 };
static const char key_name[] = "0102030000000000000000000000000000000000000000000000000000000000.kept";

struct bench { char home[64], ours[100], file[200]; struct cache c; struct err e; };

static struct bench bench(void)
{
    struct bench b = { .home = "/tmp/ap-cache-XXXXXX", .c = CACHE_NONE };

    CHECK(mkdtemp(b.home));
    snprintf(b.ours, sizeof b.ours, "%s/afterpatch", b.home);
    snprintf(b.file, sizeof b.file, "%s/%s", b.ours, key_name);
    return b;
}

static void bench_end(struct bench *b)
{
    char cmd[100];

    cache_close(&b->c);
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", b->home);
    CHECK(system(cmd) == 0);
}

static uint64_t mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode & 07777 : 0;
}

static void keeps(void **state)
{
    struct bench b = bench();
    struct str   got;

    (void)state;
    CHECK(cache_open(&b.c, str_c(b.home), &b.e));
    CHECK(mode_of(b.ours) == 0700);
    CHECK(!cache_get(&b.c, key, 100, &got, &b.e));
    CHECK(cache_put(&b.c, key, STR("what was made"), &b.e));
    CHECK(mode_of(b.file) == 0600);
    CHECK(cache_get(&b.c, key, 100, &got, &b.e));
    CHECK_STR(got, STR("what was made"));
    cache_drop(got);
    CHECK(!cache_get(&b.c, other, 100, &got, &b.e));
    CHECK(cache_put(&b.c, key, STR("made anew"), &b.e) && cache_get(&b.c, key, 100, &got, &b.e));
    CHECK_STR(got, STR("made anew"));
    cache_drop(got);
    CHECK(!cache_get(&b.c, key, 3, &got, &b.e));              /* more than asked for */
    CHECK(access(b.file, F_OK) != 0);
    CHECK(!cache_put(&b.c, key, STR_EMPTY, &b.e));
    bench_end(&b);
}

/* Any byte, any length: nothing but the whole of it is taken, and what is not is gone. */
static void damage(void **state)
{
    struct bench b = bench();
    struct str   got;
    uint8_t      whole[200];

    (void)state;
    CHECK(cache_open(&b.c, str_c(b.home), &b.e) && cache_put(&b.c, key, STR("content"), &b.e));
    int     fd = open(b.file, O_RDONLY);
    ssize_t n = read(fd, whole, sizeof whole);
    close(fd);
    CHECK(n > 0 && n < (ssize_t)sizeof whole);
    for (int cut = 0; cut < 2; cut++)
        for (ssize_t i = 0; i < n; i++) {
            fd = open(b.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
            uint8_t was = whole[i];
            whole[i] ^= cut ? 0 : 0x40;
            CHECK(write(fd, whole, (size_t)(cut ? i : n)) >= 0);
            whole[i] = was;
            close(fd);
            CHECK(!cache_get(&b.c, key, 100, &got, &b.e));
            CHECK(access(b.file, F_OK) != 0);
        }
    fd = open(b.file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(write(fd, whole, (size_t)n) == n && write(fd, "x", 1) == 1);
    close(fd);
    CHECK(!cache_get(&b.c, key, 100, &got, &b.e));
    /* Not a plain file. */
    CHECK(symlink("/etc/passwd", b.file) == 0);
    CHECK(!cache_get(&b.c, key, 1 << 20, &got, &b.e));
    CHECK(unlink(b.file) == 0 && mkfifo(b.file, 0600) == 0);
    CHECK(!cache_get(&b.c, key, 1 << 20, &got, &b.e));
    bench_end(&b);
}

static void refuses(void **state)
{
    struct bench b = bench();
    char         far[80];

    (void)state;
    CHECK(!cache_open(&b.c, STR_EMPTY, &b.e));
    CHECK(!cache_open(&b.c, STR("relative"), &b.e));
    snprintf(far, sizeof far, "%s/not/there", b.home);
    CHECK(!cache_open(&b.c, str_c(far), &b.e));
    CHECK(chmod(b.home, 0777) == 0 && !cache_open(&b.c, str_c(b.home), &b.e));                  /* anybody could swap our folder */
    CHECK(access(b.ours, F_OK) != 0);
    CHECK(chmod(b.home, 01777) == 0 && cache_open(&b.c, str_c(b.home), &b.e));
    cache_close(&b.c);
    CHECK(chmod(b.home, 0700) == 0);
    CHECK(chmod(b.ours, 0770) == 0 && !cache_open(&b.c, str_c(b.home), &b.e));
    CHECK(str_has(str_c(b.e.what), STR("others may write")));
    if (geteuid() == 0) {
        CHECK(chmod(b.ours, 0700) == 0 && chown(b.ours, 12345, 12345) == 0 && !cache_open(&b.c, str_c(b.home), &b.e));
        CHECK(str_has(str_c(b.e.what), STR("another user")));
    }
    CHECK(rmdir(b.ours) == 0 && symlink("/tmp", b.ours) == 0 && !cache_open(&b.c, str_c(b.home), &b.e));
    CHECK(unlink(b.ours) == 0);
    int fd = open(b.ours, O_WRONLY | O_CREAT, 0600);
    close(fd);
    CHECK(!cache_open(&b.c, str_c(b.home), &b.e));
    struct str got;
    CHECK(b.c.dir < 0 && !cache_get(&b.c, key, 10, &got, &b.e) && !cache_put(&b.c, key, STR("x"), &b.e));
    bench_end(&b);
}

/* Holes cost no disk. The least used leave; what is nobody's of ours stays. */
static void bounded(void **state)
{
    struct bench b = bench();
    char         path[200];
    int          there = 0;

    (void)state;
    CHECK(cache_open(&b.c, str_c(b.home), &b.e));
    for (int i = 0; i < 5; i++) {
        struct timespec t[2] = { { .tv_sec = 1000000 + i }, { .tv_sec = 1000000 + i } };
        snprintf(path, sizeof path, "%s/%d%s", b.ours, i, i == 0 ? ".other" : ".kept");
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        CHECK(ftruncate(fd, (off_t)(CACHE_ALL_BYTES / 3)) == 0 && futimens(fd, t) == 0);
        close(fd);
    }
    snprintf(path, sizeof path, "%s/old.part-1", b.ours);
    int             fd = open(path, O_WRONLY | O_CREAT, 0600);
    struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
    CHECK(futimens(fd, old) == 0);
    close(fd);
    CHECK(cache_put(&b.c, key, STR("new"), &b.e));
    CHECK(access(path, F_OK) != 0);
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "%s/%d%s", b.ours, i, i == 0 ? ".other" : ".kept");
        there |= (access(path, F_OK) == 0) << i;
    }
    CHECK(there == (1 << 0 | 1 << 3 | 1 << 4) && access(b.file, F_OK) == 0);
    bench_end(&b);
}

static void home(void **state)
{
    struct test_arena t = test_arena(4096);

    (void)state;
    setenv("HOME", "/home/u", 1);
    unsetenv("XDG_CACHE_HOME");
    CHECK_STR(cache_home(&t.a), STR("/home/u/.cache"));
    setenv("XDG_CACHE_HOME", "/var/c", 1);
    CHECK_STR(cache_home(&t.a), STR("/var/c"));
    setenv("XDG_CACHE_HOME", "c", 1);
    CHECK_STR(cache_home(&t.a), STR("/home/u/.cache"));
    unsetenv("HOME");
    CHECK(!cache_home(&t.a).n);
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(keeps), cmocka_unit_test(damage), cmocka_unit_test(refuses), cmocka_unit_test(bounded), cmocka_unit_test(home) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
