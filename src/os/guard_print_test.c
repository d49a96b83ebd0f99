#include "test.h"

#include "os/guard_inner.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A work that prints LINES lines of STEP bytes, with a mark behind each. */
enum { LINES = 96, STEP = 1 << 20 };

struct seen { _Atomic uint64_t ahead_max; _Atomic uint32_t begun, crashed, last; };
struct job { struct seen *seen; bool crash; };

static struct seen *seen_new(void)
{
    void *p = mmap(NULL, sizeof(struct seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    return p;
}

static void nap_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static int work(void *ctx, struct guard *g)
{
    struct job *j = ctx;
    struct err  e = { 0 };
    uint8_t    *line = malloc(STEP);

    j->seen->begun++;
    for (uint32_t i = 0; i < LINES; i++) {
        memset(line, 'a' + (int)(i % 26), STEP);
        line[STEP - 1] = '\n';
        if (j->crash && i % 17 == 5 && j->seen->crashed < i) {
            j->seen->crashed = i;
            guard_enter(g, 0, i, STR("line"));
            raise(SIGSEGV);
        }
        if (!guard_put(g, (struct str){ line, STEP }, &e) || !guard_mark(g, &e))
            return 9;
        uint64_t ahead = g->out_n - g->shared->printed;
        if (ahead > j->seen->ahead_max && g->shared->printed)
            j->seen->ahead_max = ahead;
        j->seen->last = i + 1;
    }
    free(line);
    return 5;
}

struct outcome { bool ok; int code; size_t n; bool in_order; uint32_t done_at_first; };

/* The reader takes `most` bytes, the first after a while. */
static struct outcome run(struct job *j, size_t most, bool slow)
{
    struct outcome o = { .code = -1, .in_order = true };
    int            to[2], answer[2];

    CHECK(pipe(to) == 0 && pipe(answer) == 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct guard_options opt = { .stream = true };
        struct err           e = { 0 };
        int                  said[2] = { 0, -1 };
        signal(SIGPIPE, SIG_IGN);
        dup2(to[1], STDOUT_FILENO);
        close(to[0]), close(to[1]);
        said[0] = guard_run(&opt, work, j, &said[1], &e);
        _exit(write(answer[1], said, sizeof said) != sizeof said);
    }
    close(to[1]), close(answer[1]);
    static uint8_t buf[1 << 16];
    if (slow)
        nap_ms(100);
    while (o.n < most) {
        ssize_t got = read(to[0], buf, sizeof buf < most - o.n ? sizeof buf : most - o.n);
        if (got <= 0)
            break;
        if (o.n == 0)
            o.done_at_first = j->seen->last;
        for (ssize_t i = 0; i < got; i++, o.n++)
            o.in_order &= buf[i] == (o.n % STEP == STEP - 1 ? '\n' : 'a' + o.n / STEP % 26);
    }
    close(to[0]);
    int said[2] = { 0 }, st = 0;
    CHECK(read(answer[0], said, sizeof said) == sizeof said);
    close(answer[0]);
    CHECK(waitpid(pid, &st, 0) == pid && st == 0);
    o.ok   = said[0];
    o.code = said[1];
    return o;
}

static void test_as_it_comes(void **state)
{
    struct job     j = { .seen = seen_new() };
    struct outcome o = run(&j, SIZE_MAX, true);

    (void)state;
    CHECK(o.ok && o.code == 5 && o.n == (size_t)LINES * STEP && o.in_order);
    CHECK(o.done_at_first < LINES);                       /* the reader had lines while the work went on, */
    CHECK(j.seen->ahead_max <= GUARD_AHEAD_BYTES);        /* and the work waited for the reader */
}

static void test_deaths(void **state)
{
    struct job     j = { .seen = seen_new(), .crash = true };
    struct outcome o = run(&j, SIZE_MAX, false);

    (void)state;
    CHECK(o.ok && o.code == 5 && o.n == (size_t)LINES * STEP && o.in_order && j.seen->crashed > 50 && j.seen->begun == 1);
}

static void test_reader_leaves(void **state)
{
    struct job     j = { .seen = seen_new() };
    struct outcome o = run(&j, 5 * STEP, false);

    (void)state;
    CHECK(o.ok && o.code == 0 && o.in_order && j.seen->last < LINES);
}

/* Begun anew, the worker does not print again what was printed. */
static void test_anew(void **state)
{
    struct guard_shared *s = calloc(1, sizeof *s);
    FILE                *f = tmpfile();
    struct guard         g = { .shared = s, .out = fileno(f), .stream = true };
    struct err           e = { 0 };
    char                 text[16] = { 0 };

    (void)state;
    s->printed = 5;
    CHECK(guard_put(&g, STR("abc"), &e) && guard_put(&g, STR("de"), &e) && g.out_n == 5);
    CHECK(guard_put(&g, STR("fgh"), &e) && g.out_n == 8);
    CHECK(pread(g.out, text, sizeof text, 0) == 8 && memcmp(text, "\0\0\0\0\0fgh", 8) == 0);
    s->printed = 10;
    CHECK(guard_put(&g, STR("ijkl"), &e) && g.out_n == 12);
    CHECK(pread(g.out, text, sizeof text, 0) == 12 && memcmp(text + 8, "ijkl", 4) == 0);
    fclose(f);
    free(s);
}

/* A size that is not there. */
static void test_claims(void **state)
{
    struct guard_shared *s = calloc(1, sizeof *s);
    FILE                *f = tmpfile();
    struct printing      p = { 0, UINT64_MAX, false };
    struct err           e = { 0 };
    int                  keep = dup(STDOUT_FILENO);
    FILE                *to = tmpfile();

    (void)state;
    CHECK(pwrite(fileno(f), "xyz", 3, 0) == 3);
    fflush(stdout);
    dup2(fileno(to), STDOUT_FILENO);
    bool some = guard_print_some(&p, fileno(f), s, &e), all = guard_print_all(&p, fileno(f), &e);
    dup2(keep, STDOUT_FILENO);
    close(keep);
    CHECK(some && all && p.at == 3 && s->printed == 3 && !p.deaf);
    fclose(f), fclose(to);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_anew), cmocka_unit_test(test_claims), cmocka_unit_test(test_as_it_comes), cmocka_unit_test(test_deaths), cmocka_unit_test(test_reader_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
