#include "test.h"

#include "os/errand.h"

#include "base/num.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t sink;
static void burn(void) { for (uint64_t i = 0; ; i++) sink = i; }

static bool does_well(void *ctx, struct errand *t, struct err *e)
{
    int *mine = ctx;

    errand_step(t, 3);
    *mine = 7;
    return errand_put(t, STR("two "), e) && errand_put(t, STR("parts"), e);
}

static bool does_nothing(void *ctx, struct errand *t, struct err *e) { return (void)ctx, (void)t, (void)e, true; }
static bool fails(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx;
    errand_step(t, 5);
    return err_set(e, ERR_FORMAT, "%0200d", 1);
}
static bool dies(void *ctx, struct errand *t, struct err *e)
{
    (void)e;
    errand_step(t, 9);
    return raise(*(int *)ctx) == 0;
}
static bool leaves(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx, (void)e;
    errand_step(t, 2);
    _exit(0);
}
static bool never_ends(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx, (void)e;
    errand_step(t, UINT64_C(1) << 40);
    burn();
    return true;
}
/* Each step is quick enough, but there are always more. */
static bool many_steps(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx, (void)e;
    for (uint64_t i = 1; ; i++) {
        errand_step(t, i);
        for (uint64_t k = 0; k < 1000; k++)
            sink = k;
    }
    return true;
}
static bool large(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx;
    for (int i = 0; i < 20; i++)
        if (!errand_put(t, STR("0123456789"), e))
            return false;
    return true;
}
/* It can open nothing, make nothing, talk to nobody. */
static bool tries(void *ctx, struct errand *t, struct err *e)
{
    const char *dir = ctx;
    char        path[200];
    char        say[4] = "ccc";

    snprintf(path, sizeof path, "%s/new", dir);
    int in = open("/etc/hostname", O_RDONLY), out = open(path, O_WRONLY | O_CREAT, 0600), net = socket(AF_INET, SOCK_STREAM, 0);
    say[0] = in < 0 ? 'n' : 'y';
    say[1] = out < 0 ? 'n' : 'y';
    say[2] = net < 0 ? 'n' : 'y';
    return errand_put(t, str_c(say), e);
}
/* Leaves a child of its own behind, which holds the pipe. */
static bool forks(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx;
    if (fork() == 0)
        for (;;)
            pause();
    return errand_put(t, STR("x"), e);
}
static bool hungry(void *ctx, struct errand *t, struct err *e)
{
    (void)ctx, (void)t;
    return mmap(NULL, (size_t)256 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED || err_set(e, ERR_MEMORY, "none");
}

static const struct errand_options usual = { .memory_bytes = 64 << 20, .result_max = 100, .step_ms = 300, .all_ms = 20000 };

static void ends(void **state)
{
    static const int segv = SIGSEGV, killed = SIGKILL;
    static const struct { errand_work *work; const void *ctx; enum errand_end end; uint64_t step; const char *why; } cases[] = {
        { does_nothing, NULL, ERRAND_DONE, 0, "no step, no result" },
        { fails, NULL, ERRAND_FAILED, 5, "its own error" },
        { dies, &segv, ERRAND_DIED, 9, "a crash" },
        { dies, &killed, ERRAND_DIED, 9, "killed by somebody" },
        { leaves, NULL, ERRAND_DIED, 2, "exit() in a library" },
        { never_ends, NULL, ERRAND_SLOW, UINT64_C(1) << 40, "a step without end" },
        { large, NULL, ERRAND_FAILED, 0, "more than the result may have" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct errand_result r;
        struct err           e = { 0 };
        CHECK_WHY(errand_run(&usual, cases[i].work, (void *)(uintptr_t)cases[i].ctx, &r, &e), cases[i].why);
        CHECK_WHY(r.end == cases[i].end && r.step == cases[i].step, cases[i].why);
        CHECK_WHY(!r.bytes.n && (r.end == ERRAND_FAILED) == (r.why.kind != ERR_NONE), cases[i].why);
        errand_drop(&r);
    }
}

static void all_of_it(void **state)
{
    struct errand_options o = usual;
    struct errand_result  r;
    struct err            e = { 0 };

    (void)state;
    o.all_ms = 200;
    CHECK(errand_run(&o, many_steps, NULL, &r, &e));
    CHECK(r.end == ERRAND_SLOW && r.all && r.step > 1);
}

static void hands_back(void **state)
{
    (void)state;
    for (int off = 0; off < 2; off++) {
        struct errand_options o = usual;
        struct errand_result  r;
        struct err            e = { 0 };
        int                   mine = 1;
        o.off = off;
        CHECK(errand_run(&o, does_well, &mine, &r, &e));
        CHECK(r.end == ERRAND_DONE && r.step == 3);
        CHECK_STR(r.bytes, STR("two parts"));
        CHECK(mine == (off ? 7 : 1));                /* what the child changed is its own */
        errand_drop(&r);
        errand_drop(&r);
    }
}

static void can_do_nothing_else(void **state)
{
    char                 dir[] = "/tmp/ap-errand-XXXXXX";
    struct errand_result r;
    struct err           e = { 0 };

    (void)state;
    CHECK(mkdtemp(dir));
    CHECK(errand_run(&usual, tries, dir, &r, &e) && r.end == ERRAND_DONE);
    CHECK_STR(r.bytes, STR("nnn"));
    errand_drop(&r);
    CHECK(rmdir(dir) == 0);
    CHECK(errand_run(&usual, forks, NULL, &r, &e) && r.end == ERRAND_DONE);
    CHECK_STR(r.bytes, STR("x"));
    errand_drop(&r);
}

extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void memory(void **state)
{
    struct errand_result r;
    struct err           e = { 0 };

    (void)state;
    if (__sanitizer_set_death_callback)
        skip();
    CHECK(errand_run(&usual, hungry, NULL, &r, &e));
    CHECK(r.end == ERRAND_FAILED && r.why.kind == ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(ends), cmocka_unit_test(all_of_it), cmocka_unit_test(hands_back), cmocka_unit_test(can_do_nothing_else),
                                        cmocka_unit_test(memory) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
