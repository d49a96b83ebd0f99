/* The limit on memory, in a process of its own: what asks for more is refused it, what is there stays usable. */
#include "test.h"

#include "os/os.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static bool maps(size_t bytes)
{
    struct arena a = { 0 };
    struct err   e = { 0 };
    bool         ok = os_arena_map(&a, bytes, &e);

    if (ok)
        os_arena_unmap(&a);
    return ok;
}

static int limited(void)
{
    struct err    e = { 0 };
    struct rlimit now;
    size_t        mib = 1 << 20;

    if (!os_memory_limit(512 * mib, &e))
        return 1;
    if (__sanitizer_set_death_callback)       /* its own maps are larger than any limit */
        return maps(1024 * mib) ? 0 : 2;
    if (maps(1024 * mib) || !maps(256 * mib))
        return 3;
    if (!os_memory_limit(1024 * mib, &e) || getrlimit(RLIMIT_DATA, &now) != 0 || now.rlim_cur != 512 * mib || now.rlim_max != 512 * mib)
        return 4;                             /* a lower one stands */
    return os_memory_limit(300 * mib, &e) && !maps(400 * mib) ? 0 : 5;
}

static void test_memory_limit(void **state)
{
    int status = -1;

    (void)state;
    pid_t pid = fork();
    if (pid == 0)
        _exit(limited());
    CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_memory_limit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
