#include "test.h"

#include "os/courier.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static uint8_t heard[COURIER_MESSAGE_MAX + 1];

static struct courier *opened(struct test_arena *t, courier_work *work, void *ctx, struct str forget)
{
    struct courier *c = NULL;
    struct err      e = { 0 };

    if (!courier_open(&c, work, ctx, &forget, 1, &t->a, &e))
        fail_msg("%s", e.what);
    CHECK(courier_fd(c) == -1 && courier_next(c) && courier_fd(c) >= 0);
    return c;
}

static struct str asked(struct courier *c, struct str what)
{
    struct str said = STR_EMPTY;

    CHECK(courier_say(courier_fd(c), what));
    if (courier_hear(courier_fd(c), heard, 10000, &said) != COURIER_MESSAGE)
        fail_msg("no answer to \"%.*s\"", STR_ARG(what));
    return said;
}

/* --- messages --- */

static void echo(void *ctx, int fd)
{
    static uint8_t buf[COURIER_MESSAGE_MAX + 1];
    struct str     m;

    (void)ctx;
    while (courier_hear(fd, buf, COURIER_FOREVER, &m) == COURIER_MESSAGE)
        if (str_eq(m, STR("too much"))) {
            if (write(fd, buf, sizeof buf) != (ssize_t)sizeof buf)
                return;
        } else if (!courier_say(fd, m))
            return;
}

static void test_messages(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct courier   *c = opened(&t, echo, NULL, STR_EMPTY);
    uint8_t          *big = malloc(COURIER_MESSAGE_MAX + 1);
    struct str        m;

    (void)state;
    for (size_t i = 0; i < COURIER_MESSAGE_MAX + 1; i++)
        big[i] = (uint8_t)(i * 7);
    CHECK_STR(asked(c, STR("x")), STR("x"));
    CHECK_STR(asked(c, ((struct str){ big, COURIER_MESSAGE_MAX })), ((struct str){ big, COURIER_MESSAGE_MAX }));
    CHECK(!courier_say(courier_fd(c), (struct str){ big, COURIER_MESSAGE_MAX + 1 }) && !courier_say(courier_fd(c), STR_EMPTY));
    CHECK(asked(c, STR("too much")).n == COURIER_MESSAGE_MAX + 1);         /* whoever reads it sees that it is too long */
    CHECK(courier_hear(courier_fd(c), heard, 20, &m) == COURIER_LATE && courier_hear(courier_fd(c), heard, 0, &m) == COURIER_LATE);
    CHECK_STR(asked(c, STR("y")), STR("y"));
    courier_close(c);
    courier_close(NULL);
    free(big);
    test_arena_free(&t);
}

/* --- what it may --- */

struct place { char dir[40], store[64], readable[64], made[64]; char *secret; };

static void *only(void *arg) { return arg; }

static const char *tries(const struct place *p)
{
    char *const none[] = { NULL };
    char        link[64];
    pthread_t   t;

    for (size_t i = 0; i < 6; i++)
        if (p->secret[i])
            return "it knows what was to be forgotten";
    if (*environ)
        return "it has an environment";
    for (int fd = 0; fd < 64; fd++) {
        ssize_t n = readlink(fd == 0 ? "/proc/self/fd/0" : fd == 1 ? "/proc/self/fd/1" : "/proc/self/fd/2", link, sizeof link);
        if (fd < 3 && (n != 9 || memcmp(link, "/dev/null", 9) != 0))
            return "it has the operator's files";
        if (fd > 3 && fcntl(fd, F_GETFD) != -1)
            return "something else is open";
    }
    if (open(p->readable, O_RDONLY) < 0)
        return "it may not read what it needs";
    if (open(p->store, O_RDONLY) >= 0 || open(p->store, O_RDWR) >= 0)
        return "it reads the store";
    if (open(p->made, O_WRONLY | O_CREAT, 0600) >= 0 || open(p->readable, O_WRONLY) >= 0 || mkdir(p->made, 0700) == 0 || unlink(p->store) == 0 || rename(p->store, p->made) == 0)
        return "it writes";
    if (syscall(SYS_execve, "/bin/true", none, none) != -1 || errno != EPERM || fork() != -1)
        return "it starts a program";
    if (socket(AF_UNIX, SOCK_STREAM, 0) >= 0 || socket(AF_INET, SOCK_RAW, 1) >= 0)
        return "it has sockets that it does not need";
    if (socket(AF_INET, SOCK_STREAM, 0) < 0 || socket(AF_INET6, SOCK_DGRAM, 0) < 0)
        return "it has no sockets";
    if (kill(getppid(), 0) == 0 || getpgid(0) == getsid(0))
        return "it may signal, or the terminal's signals reach it";
    return pthread_create(&t, NULL, only, NULL) == 0 && pthread_join(t, NULL) == 0 ? "all held" : "it has no threads";
}

static void confined(void *ctx, int fd)
{
    const struct place *p = ctx;
    struct str          m, read[] = { str_c(p->readable) };
    struct err          e = { 0 };

    if (courier_hear(fd, heard, COURIER_FOREVER, &m) == COURIER_MESSAGE)
        (void)courier_say(fd, str_c(courier_shut(&(struct sandbox_rules){ .read = read, .read_n = 1 }, (uint16_t[]){ 443 }, 1, &e) ? tries(p) : e.what));
}

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static void test_confined(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct place      p = { .dir = "/tmp/ap-courier-XXXXXX", .secret = strdup("secret") };

    (void)state;
    CHECK(mkdtemp(p.dir));
    snprintf(p.store, sizeof p.store, "%s/afterpatch.db", p.dir);
    snprintf(p.readable, sizeof p.readable, "%s/ca.pem", p.dir);
    snprintf(p.made, sizeof p.made, "%s/made", p.dir);
    put(p.store, "store");
    put(p.readable, "ca");
    struct courier *c = opened(&t, confined, &p, (struct str){ (const uint8_t *)p.secret, 6 });
    struct str      said = asked(c, STR("go"));
    CHECK_STR(said, STR("all held"));
    CHECK(strcmp(p.secret, "secret") == 0 && *environ);                    /* here nothing is forgotten */
    courier_close(c);
    unlink(p.store), unlink(p.readable), rmdir(p.dir);
    free(p.secret);
    test_arena_free(&t);
}

/* --- deaths --- */

static void mortal(void *ctx, int fd)
{
    static uint8_t buf[COURIER_MESSAGE_MAX + 1];
    struct str     m;
    char           pid[24];

    (void)ctx;
    while (courier_hear(fd, buf, COURIER_FOREVER, &m) == COURIER_MESSAGE) {
        if (str_eq(m, STR("fall")))
            raise(SIGSEGV);
        if (str_eq(m, STR("leave")))
            return;
        while (str_eq(m, STR("stay silent")))
            pause();
        snprintf(pid, sizeof pid, "%d", (int)getpid());
        (void)courier_say(fd, str_c(pid));
    }
}

static pid_t pid_of(struct courier *c)
{
    struct str said = asked(c, STR("who"));
    char       text[24] = "";

    memcpy(text, said.p, said.n < sizeof text - 1 ? said.n : sizeof text - 1);
    return (pid_t)atoi(text);
}

static bool is_gone(pid_t pid)
{
    for (int i = 0; i < 500; i++, usleep(10000))
        if (kill(pid, 0) != 0 && errno == ESRCH)
            return true;
    return false;
}

static void test_deaths(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct courier   *c = opened(&t, mortal, NULL, STR_EMPTY);
    struct str        m;
    int               n = 1;

    (void)state;
    pid_t first = pid_of(c);
    CHECK(courier_say(courier_fd(c), STR("fall")) && courier_hear(courier_fd(c), heard, 10000, &m) == COURIER_GONE);
    CHECK(!courier_say(courier_fd(c), STR("who")));
    courier_leave(c);
    CHECK(courier_fd(c) == -1 && courier_next(c) && ++n && pid_of(c) != first && is_gone(first));
    CHECK(courier_say(courier_fd(c), STR("leave")) && courier_hear(courier_fd(c), heard, 10000, &m) == COURIER_GONE);
    /* One that hangs is ended as soon as the next is spoken to. */
    CHECK(courier_next(c) && ++n);
    pid_t silent = pid_of(c);
    CHECK(courier_say(courier_fd(c), STR("stay silent")) && courier_hear(courier_fd(c), heard, 100, &m) == COURIER_LATE);
    CHECK(kill(silent, 0) == 0 && courier_next(c) && ++n);
    pid_t last = pid_of(c);
    CHECK(is_gone(silent));
    while (n < COURIERS_MAX)
        CHECK(courier_next(c) && ++n);
    CHECK(pid_of(c) != last && is_gone(last) && !courier_next(c) && !courier_next(c) && courier_fd(c) == -1);
    courier_close(c);
    test_arena_free(&t);
}

/* Workers that follow each other take couriers of their own. */
static void test_workers(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    struct courier   *c = NULL;
    struct err        e = { 0 };
    int               seen[2], pids[3], status;

    (void)state;
    CHECK(pipe(seen) == 0 && courier_open(&c, mortal, NULL, NULL, 0, &t.a, &e));
    for (int i = 0; i < 3; i++) {
        pid_t worker = fork();
        if (worker == 0) {
            int pid = courier_next(c) ? (int)pid_of(c) : 0;
            (void)courier_say(courier_fd(c), STR("stay silent"));
            _exit(write(seen[1], &pid, sizeof pid) == (ssize_t)sizeof pid ? 0 : 1);
        }
        CHECK(waitpid(worker, &status, 0) == worker && status == 0 && read(seen[0], &pids[i], sizeof pids[i]) == (ssize_t)sizeof pids[i]);
        CHECK(pids[i] > 0 && (i == 0 || (pids[i] != pids[i - 1] && is_gone(pids[i - 1]))));
    }
    courier_close(c);
    CHECK(is_gone(pids[2]));
    close(seen[0]), close(seen[1]);
    test_arena_free(&t);
}

/* Whoever opened it is killed: nobody is left behind. */
static void test_orphans(void **state)
{
    struct test_arena t = test_arena(1 << 16);
    int               seen[2], pid = 0, status;

    (void)state;
    CHECK(pipe(seen) == 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    pid_t opener = fork();
    if (opener == 0) {
        struct courier *c = opened(&t, mortal, NULL, STR_EMPTY);
        pid = (int)pid_of(c);
        (void)!write(seen[1], &pid, sizeof pid);
        raise(SIGKILL);
    }
    CHECK(read(seen[0], &pid, sizeof pid) == (ssize_t)sizeof pid && pid > 0);
    while (waitpid(-1, &status, 0) > 0 || errno == EINTR)                  /* it ends: all of them end */
        ;
    CHECK(is_gone(pid));
    (void)prctl(PR_SET_CHILD_SUBREAPER, 0);
    close(seen[0]), close(seen[1]);
    test_arena_free(&t);
}

static bool opens(struct arena *a, struct err *e)
{
    struct courier *c = NULL;
    bool            ok = courier_open(&c, mortal, NULL, NULL, 0, a, e);

    courier_close(c);
    return ok;
}

static void test_no_room(void **state)
{
    (void)state;
    fault_sweep(opens, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_messages), cmocka_unit_test(test_confined), cmocka_unit_test(test_deaths), cmocka_unit_test(test_workers), cmocka_unit_test(test_orphans),
                                        cmocka_unit_test(test_no_room) };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
