#include "test.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/lock.h"

static void one_at_a_time(void **state)
{
    char path[64];
    struct os_file a = OS_FILE_NONE, b = OS_FILE_NONE;
    struct err e = { 0 };
    bool busy;

    (void)state;
    snprintf(path, sizeof path, "/tmp/lock_test.%d", (int)getpid());
    CHECK(os_lock(str_c(path), &a, &busy, &e) && !busy);
    CHECK(!os_lock(str_c(path), &b, &busy, &e) && busy && e.kind == ERR_NONE && b.h < 0);
    os_unlock(&a);
    os_unlock(&a);
    CHECK(os_lock(str_c(path), &b, &busy, &e) && !busy);
    os_unlock(&b);
    unlink(path);
}

/* A lock that outlived its holder would keep everybody out until somebody removed a file by hand. */
static void dies_with_its_holder(void **state)
{
    char path[64], c;
    int up[2];
    struct os_file a = OS_FILE_NONE;
    struct err e = { 0 };
    bool busy;

    (void)state;
    snprintf(path, sizeof path, "/tmp/lock_test.%d", (int)getpid());
    CHECK(pipe(up) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (!os_lock(str_c(path), &a, &busy, &e) || write(up[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    CHECK(read(up[0], &c, 1) == 1);
    CHECK(!os_lock(str_c(path), &a, &busy, &e) && busy);
    kill(child, SIGKILL);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(os_lock(str_c(path), &a, &busy, &e));
    os_unlock(&a);
    unlink(path);
    close(up[0]);
    close(up[1]);
}

static void no_such_folder(void **state)
{
    struct os_file a = OS_FILE_NONE;
    struct err e = { 0 };
    bool busy;

    (void)state;
    CHECK(!os_lock(STR("/nonexistent/dir/x.lock"), &a, &busy, &e) && !busy && e.kind == ERR_IO);
    CHECK(!os_lock(STR("a\0b"), &a, &busy, &e) && e.kind == ERR_USAGE);
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(one_at_a_time), cmocka_unit_test(dies_with_its_holder), cmocka_unit_test(no_such_folder) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
