#include "test.h"

#include "os/os.h"
#include "os/sandbox_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Everything that is tried is tried in a forked child: what a sandbox took, it does not give back. Line numbers travel as exit codes. */

struct place { char dir[64], in[80], out[80], apart[80]; uint16_t port[2]; bool narrow; };

static void put(const char *dir, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "w");
    CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static int setup(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    strcpy(p->dir, "/tmp/ap-sandbox-XXXXXX");
    if (!mkdtemp(p->dir))
        return -1;
    snprintf(p->in, sizeof p->in, "%s/in", p->dir);
    snprintf(p->out, sizeof p->out, "%s/out", p->dir);
    snprintf(p->apart, sizeof p->apart, "%s/apart", p->dir);
    if (mkdir(p->in, 0755) || mkdir(p->out, 0755) || mkdir(p->apart, 0755))
        return -1;
    put(p->in, "log.txt", "evidence");
    put(p->in, "lone.txt", "lone");
    put(p->apart, "secret.txt", "secret");
    put(p->out, "old.txt", "old");
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    struct place *p = *state;
    char          cmd[128];
    snprintf(cmd, sizeof cmd, "rm -rf %s", p->dir);
    int rc = system(cmd);
    free(p);
    return rc;
}

typedef bool enter_with(const struct place *p, const char **ret, struct err *e);

static bool enter(const struct place *p, const char **ret, struct err *e)
{
    struct str           read[] = { str_c(p->in) };
    struct sandbox_rules r = { .read = read, .read_n = 1, .write = str_c(p->out) };

    return sandbox_enter(&r, ret, e);
}

/* 0: all held; else the line that did not. */
typedef int tried(struct place *p, const char *name);
#define HOLDS(x) do { if (!(x)) return __LINE__ - first; } while (0)

static void in_child(struct place *p, enter_with *how, tried *what)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        const char *name = "";
        struct err  e = { 0 };
        if (!how(p, &name, &e)) {
            (void)!write(2, e.what, strlen(e.what));
            _exit(254);
        }
        _exit(what(p, name));
    }
    int st = 0;
    CHECK(waitpid(pid, &st, 0) == pid);
    if (!WIFEXITED(st) || WEXITSTATUS(st))
        fail_msg("in the sandbox: status %x, %d lines below the first of its function", (unsigned)st, WIFEXITED(st) ? WEXITSTATUS(st) : -1);
}

static const char *path_of(char *buf, size_t cap, const char *dir, const char *name)
{
    snprintf(buf, cap, "%s/%s", dir, name);
    return buf;
}
#define AT(dir, name) path_of(buf, sizeof buf, dir, name)

static bool no(long rc, int want) { return rc == -1 && errno == want; }

static bool has(const char *name, const char *half) { return strstr(name, half) != NULL; }

static int files_are_kept(struct place *p, const char *name)
{
    const int first = __LINE__;
    char buf[256], to[256];
    int  fd;

    if (!has(name, "landlock"))
        return 0;
    HOLDS((fd = open(AT(p->in, "log.txt"), O_RDONLY)) >= 0 && read(fd, to, 8) == 8 && close(fd) == 0);
    HOLDS(no(open(AT(p->in, "log.txt"), O_WRONLY), EACCES));
    HOLDS(no(open(AT(p->in, "log.txt"), O_RDONLY | O_TRUNC), EACCES));
    HOLDS(no(open(AT(p->in, "new.txt"), O_WRONLY | O_CREAT, 0600), EACCES));
    HOLDS(no(unlink(AT(p->in, "log.txt")), EACCES));
    HOLDS(no(mkdir(AT(p->in, "folder"), 0700), EACCES));
    HOLDS(no(open(AT(p->apart, "secret.txt"), O_RDONLY), EACCES));
    HOLDS(no(open(AT(p->apart, "new.txt"), O_WRONLY | O_CREAT, 0600), EACCES));
    HOLDS(no(open(p->apart, O_RDONLY | O_DIRECTORY), EACCES));
    HOLDS(no(open("/etc/passwd", O_RDONLY), EACCES));
    HOLDS(no(open(p->dir, O_TMPFILE | O_WRONLY, 0600), EACCES));
    HOLDS(no(unlink(AT(p->apart, "secret.txt")), EACCES));
    snprintf(to, sizeof to, "%s/moved.txt", p->apart);
    HOLDS(rename(AT(p->apart, "secret.txt"), to) == -1);
    HOLDS(rename(AT(p->out, "old.txt"), to) == -1);
    snprintf(to, sizeof to, "%s/taken.txt", p->out);
    HOLDS(rename(AT(p->apart, "secret.txt"), to) == -1);
    HOLDS(link(AT(p->apart, "secret.txt"), to) == -1);
    HOLDS(link(AT(p->in, "log.txt"), to) == -1);
    return 0;
}

static int calls_are_gone(struct place *p, const char *name)
{
    const int first = __LINE__;
    char *const none[] = { NULL };
    char  buf[256], data[4];

    if (!has(name, "seccomp"))
        return 0;
    HOLDS(no(socket(AF_INET, SOCK_STREAM, 0), EPERM));
    HOLDS(no(socket(AF_UNIX, SOCK_DGRAM, 0), EPERM));
    HOLDS(no(syscall(SYS_connect, 0, NULL, 0), EPERM));
    HOLDS(no(syscall(SYS_bind, 0, NULL, 0), EPERM));
    HOLDS(no(syscall(SYS_execve, "/bin/true", none, none), EPERM));
    HOLDS(no(syscall(SYS_execveat, AT_FDCWD, "/bin/true", none, none, 0), EPERM));
    HOLDS(no(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM));
    HOLDS(no(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM));
    HOLDS(no(syscall(SYS_mount, "none", p->out, "tmpfs", 0, NULL), EPERM));
    HOLDS(no(syscall(SYS_unshare, 0x10000000), EPERM));
    HOLDS(no(syscall(SYS_clone, 0x10000000 | SIGCHLD, 0, 0, 0, 0), ENOSYS));    /* a new user namespace */
    HOLDS(no(kill(getppid(), SIGTERM), EPERM) && no(kill(0, 0), EPERM));
    HOLDS(no(setpgid(0, 0), EPERM) && no(setsid(), EPERM));
    HOLDS(no(chmod(AT(p->in, "log.txt"), 0), EPERM) || errno == ENOSYS);
    HOLDS(no(truncate(AT(p->in, "log.txt"), 0), EPERM));
    HOLDS(no(symlink("/etc/passwd", AT(p->out, "link")), EPERM));
    HOLDS(no(ioctl(0, TIOCSTI, data), ENOSYS));
    HOLDS(ioctl(0, FIONREAD, data) == 0 || errno != ENOSYS);
    HOLDS(no(prctl(PR_SET_DUMPABLE, 1), ENOSYS));
    HOLDS(no(syscall(SYS_io_uring_setup, 1, NULL), ENOSYS));
    return 0;
}

static void *thread(void *arg)
{
    void *p = malloc(1 << 20);
    *(int *)arg = p != NULL && socket(AF_INET, SOCK_STREAM, 0) == -1;
    free(p);
    return NULL;
}

static int work_goes_on(struct place *p, const char *name)
{
    const int first = __LINE__;
    char      buf[256];
    int       there = 0, st = -1, at;
    pthread_t t;
    size_t    off;

    (void)name;
    HOLDS(pthread_create(&t, NULL, thread, &there) == 0 && pthread_join(t, NULL) == 0);
    HOLDS(there || !has(name, "seccomp"));
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    HOLDS(pid > 0 && waitpid(pid, &st, 0) == pid && WIFEXITED(st) && WEXITSTATUS(st) == 7);
    pcre2_code *re = pcre2_compile((PCRE2_SPTR) "a(b+)c", PCRE2_ZERO_TERMINATED, 0, &at, &off, NULL);
    HOLDS(re && pcre2_jit_compile(re, PCRE2_JIT_COMPLETE) == 0);
    pcre2_match_data *m = pcre2_match_data_create_from_pattern(re, NULL);
    HOLDS(m && pcre2_match(re, (PCRE2_SPTR) "xabbbc", 6, 0, 0, m, NULL) == 2);
    pcre2_match_data_free(m);
    pcre2_code_free(re);
    FILE *f = fopen(AT(p->out, "stdio.txt"), "w+");
    HOLDS(f && fprintf(f, "%f", 1.5) > 0 && fclose(f) == 0);
    HOLDS((at = memfd_create("x", MFD_CLOEXEC)) >= 0 && pwrite(at, "abc", 3, 0) == 3 && close(at) == 0);
    HOLDS(unlink(AT(p->out, "old.txt")) == 0 && mkdir(AT(p->out, "deep"), 0700) == 0);
    HOLDS(open(AT(p->out, "deep/x"), O_WRONLY | O_CREAT, 0600) >= 0);
    return 0;
}

/* The way of the report: a file without a name, its name through /proc, the last name by a rename. And the spool of an archive. */
static int the_output_is_written(struct place *p, const char *name)
{
    const int      first = __LINE__;
    struct os      os = os_posix();
    struct err     e = { 0 };
    struct os_file f = OS_FILE_NONE;
    char           buf[256], text[8] = "";
    uint8_t        got[4];
    size_t         n = 0;

    (void)name;
    HOLDS(os.mkdir(&os, str_c(AT(p->out, "a/b")), &e));
    HOLDS(os.create(&os, str_c(AT(p->out, "a/b/report.json")), &f, &e));
    HOLDS(os.write(&os, f, STR("{}"), &e));
    HOLDS(os.commit(&os, &f, &e));
    HOLDS(os.create(&os, str_c(AT(p->out, "a/b/report.json")), &f, &e) && os.write(&os, f, STR("[]"), &e) && os.commit(&os, &f, &e));
    int fd = open(AT(p->out, "a/b/report.json"), O_RDONLY);
    HOLDS(fd >= 0 && read(fd, text, sizeof text) == 2 && text[0] == '[');
    if (!os.spool)
        return 0;
    HOLDS(os.spool(&os, str_c(p->out), &f, &e));
    HOLDS(os.write_at(&os, f, 5000, STR("spool"), &e));
    HOLDS(os.read_at(&os, f, 5001, got, 4, &n, &e) && n == 4 && memcmp(got, "pool", 4) == 0);
    os.close(&os, &f);
    if (has(name, "landlock"))
        HOLDS(!os.spool(&os, str_c(p->in), &f, &e) && !os.create(&os, str_c(AT(p->in, "x")), &f, &e));
    return 0;
}

/* One that goes out: two servers on loopback, one at a port that it may ask. */
static uint16_t listener(int *ret_fd)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t          n = sizeof at;

    *ret_fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(*ret_fd >= 0 && bind(*ret_fd, (struct sockaddr *)&at, n) == 0 && listen(*ret_fd, 8) == 0 && getsockname(*ret_fd, (struct sockaddr *)&at, &n) == 0);
    return ntohs(at.sin_port);
}

static int connected(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port) };
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&to, sizeof to);
}

static bool enter_out(const struct place *p, const char **ret, struct err *e)
{
    struct str           read[] = { str_c(p->in) };
    struct sandbox_rules r = { .read = read, .read_n = 1 };

    return sandbox_enter_out(&r, &p->port[0], 1, ret, e);
}

static void *only(void *arg)
{
    *(int *)arg = 7;
    return NULL;
}

static int goes_out(struct place *p, const char *name)
{
    const int   first = __LINE__;
    char *const none[] = { NULL };
    char        buf[256];
    int         fd, ran = 0;
    pthread_t   t;

    HOLDS(connected(p->port[0]) == 0);
    HOLDS((fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0)) >= 0 && close(fd) == 0);
    HOLDS((fd = open(AT(p->in, "log.txt"), O_RDONLY | O_CLOEXEC)) >= 0 && close(fd) == 0);
    HOLDS(pthread_create(&t, NULL, only, &ran) == 0 && pthread_join(t, NULL) == 0 && ran == 7);
    if (has(name, "landlock")) {
        HOLDS(!p->narrow || no(connected(p->port[1]), EACCES));
        HOLDS(no(open(AT(p->apart, "secret.txt"), O_RDONLY), EACCES));
        HOLDS(no(open("/etc/passwd", O_RDONLY), EACCES));
    }
    if (!has(name, "seccomp"))
        return 0;
    HOLDS(socket(AF_UNIX, SOCK_STREAM, 0) == -1 && socket(AF_INET, SOCK_RAW, 1) == -1 && socket(AF_PACKET, SOCK_RAW, 0) == -1);
    HOLDS(no(socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }), EPERM) && no(syscall(SYS_bind, 0, NULL, 0), EPERM) && no(listen(0, 1), EPERM));
    HOLDS(no(syscall(SYS_execve, "/bin/true", none, none), EPERM) && fork() == -1);
    HOLDS(open(AT(p->out, "old.txt"), O_WRONLY) == -1 && open(AT(p->out, "old.txt"), O_RDWR) == -1 && open(AT(p->out, "old.txt"), O_RDONLY | O_TRUNC) == -1);
    HOLDS(open(AT(p->out, "new.txt"), O_RDONLY | O_CREAT, 0600) == -1 && open(p->out, O_TMPFILE | O_RDWR, 0600) == -1 && creat(AT(p->out, "new.txt"), 0600) == -1);
    HOLDS(openat(AT_FDCWD, AT(p->out, "new.txt"), O_WRONLY | O_CREAT, 0600) == -1 && syscall(SYS_openat2, AT_FDCWD, p->in, none, 0) == -1);
    HOLDS(mkdir(AT(p->out, "folder"), 0700) == -1 && unlink(AT(p->out, "old.txt")) == -1 && memfd_create("x", 0) == -1 && no(truncate(AT(p->out, "old.txt"), 0), EPERM));
    HOLDS(no(kill(getppid(), SIGTERM), EPERM) && no(syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0), EPERM));
    return 0;
}

static tried *const all[] = { files_are_kept, calls_are_gone, work_goes_on, the_output_is_written };

static void test_real(void **state)
{
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct place *p = *state;
        put(p->out, "old.txt", "old");
        char buf[256];
        (void)!rmdir(AT(p->out, "deep"));
        in_child(p, enter, all[i]);
    }
}

/* ---- kernels that lack something ---- */

static bool real_filter_known(void) { return sandbox_filter_known(); }
static bool no_filter(void) { return false; }
static int  bad_filter(bool signals) { (void)signals; return ENOMEM; }

static long answer(const void *attr, size_t n, uint32_t flags, long abi)
{
    return flags & 1 ? abi : syscall(SYS_landlock_create_ruleset, attr, n, flags);
}
static long ruleset_none(const void *a, size_t n, uint32_t f) { (void)a; (void)n; (void)f; errno = ENOSYS; return -1; }
static long ruleset_off(const void *a, size_t n, uint32_t f) { (void)a; (void)n; (void)f; errno = EOPNOTSUPP; return -1; }
static long ruleset_kept(const void *a, size_t n, uint32_t f) { (void)a; (void)n; (void)f; errno = EPERM; return -1; }
static long ruleset_odd(const void *a, size_t n, uint32_t f) { (void)a; (void)n; (void)f; errno = EIO; return -1; }
static long ruleset_full(const void *a, size_t n, uint32_t f) { (void)a; (void)n; errno = ENOMEM; return f & 1 ? 7 : -1; }
static long ruleset_1(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 1); }
static long ruleset_2(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 2); }
static long ruleset_3(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 3); }
static long ruleset_4(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 4); }
static long ruleset_5(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 5); }
static long ruleset_6(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 6); }
static long ruleset_7(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 7); }
static long ruleset_99(const void *a, size_t n, uint32_t f) { return answer(a, n, f, 99); }
static long rule_real(int r, int type, const void *a, uint32_t f) { return syscall(SYS_landlock_add_rule, r, type, a, f); }
static long restrict_real(int r, uint32_t f) { return syscall(SYS_landlock_restrict_self, r, f); }
static long restrict_bad(int r, uint32_t f) { (void)r; (void)f; errno = E2BIG; return -1; }

static const struct kernel_case {
    const char           *why, *name;           /* NULL: an error */
    struct sandbox_kernel k;
    long                  needs;                /* ABI of this machine's own kernel; a fake of a newer one than that cannot work */
} kernel_cases[] = {
    { "before Linux 5.13", "seccomp", { ruleset_none, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 0 },
    { "switched off at the start", "seccomp", { ruleset_off, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 0 },
    { "kept from us by a container", "seccomp", { ruleset_kept, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 0 },
    { "no filters", "landlock", { ruleset_1, rule_real, restrict_real, no_filter, bad_filter }, 1 },
    { "neither", "none", { ruleset_none, rule_real, restrict_real, no_filter, bad_filter }, 0 },
    { "Landlock answers something else", NULL, { ruleset_odd, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 0 },
    { "no memory for rules", NULL, { ruleset_full, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 0 },
    { "no more layers", NULL, { ruleset_1, rule_real, restrict_bad, real_filter_known, sandbox_filter_load }, 1 },
    { "the filter is refused", NULL, { ruleset_none, rule_real, restrict_real, real_filter_known, bad_filter }, 0 },
    { "ABI 1", "landlock+seccomp", { ruleset_1, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 1 },
    { "ABI 2", "landlock+seccomp", { ruleset_2, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 2 },
    { "ABI 3", "landlock+seccomp", { ruleset_3, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 3 },
    { "ABI 4", "landlock+seccomp", { ruleset_4, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 4 },
    { "ABI 5", "landlock+seccomp", { ruleset_5, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 5 },
    { "ABI 6", "landlock+seccomp", { ruleset_6, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 6 },
    { "ABI 7", "landlock+seccomp", { ruleset_7, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 7 },
    { "ABI 99, from the future", "landlock+seccomp", { ruleset_99, rule_real, restrict_real, real_filter_known, sandbox_filter_load }, 7 },
};

static long abi_here(void) { long n = syscall(SYS_landlock_create_ruleset, NULL, 0, 1); return n < 0 ? 0 : n; }

static void test_out(void **state)
{
    struct place *p = *state;
    struct err    e = { 0 };
    const char   *name;
    int           fd[2];

    p->port[0] = listener(&fd[0]);
    p->port[1] = listener(&fd[1]);
    p->narrow = abi_here() >= 4;
    in_child(p, enter_out, goes_out);
    CHECK(!sandbox_enter_out(&(struct sandbox_rules){ .write = STR("/tmp") }, p->port, 1, &name, &e) && e.kind == ERR_USAGE);
    close(fd[0]);
    close(fd[1]);
}

static void test_kernels(void **state)
{
    struct place *p = *state;

    for (size_t i = 0; i < sizeof kernel_cases / sizeof *kernel_cases; i++) {
        const struct kernel_case *c = &kernel_cases[i];
        if (abi_here() < c->needs)
            continue;
        fflush(NULL);
        pid_t pid = fork();
        if (pid == 0) {
            struct str           read[] = { str_c(p->in) };
            struct sandbox_rules r = { .read = read, .read_n = 1, .write = str_c(p->out) };
            const char *name = NULL;
            struct err  e = { 0 };
            char        buf[256];
            bool ok = sandbox_enter_with(&r, NULL, &c->k, &name, &e);
            if (!c->name)
                _exit(ok || name || e.kind == ERR_NONE || !e.what[0] ? 1 : 0);
            if (!ok || strcmp(name, c->name) != 0)
                _exit(2);
            put(p->out, "old.txt", "old");
            (void)!unlink(AT(p->out, "deep/x"));
            (void)!rmdir(AT(p->out, "deep"));
            int line = the_output_is_written(p, name);
            if (!line)
                line = work_goes_on(p, name);
            if (line)
                _exit(100 + line % 100);
            _exit(has(name, "landlock") && (open(AT(p->apart, "secret.txt"), O_RDONLY) >= 0 || open(AT(p->in, "log.txt"), O_WRONLY) >= 0) ? 3 : 0);
        }
        int st = 0;
        CHECK(waitpid(pid, &st, 0) == pid);
        if (st != 0)
            fail_msg("%s: status %x", c->why, (unsigned)st);
    }
}

/* ---- rules ---- */

static bool enter_lone(const struct place *p, const char **ret, struct err *e)
{
    char buf[256];
    struct str           read[] = { str_c(AT(p->in, "lone.txt")) };
    struct sandbox_rules r = { .read = read, .read_n = 1 };

    return sandbox_enter(&r, ret, e);
}

static int lone(struct place *p, const char *name)
{
    const int first = __LINE__;
    char buf[256];

    HOLDS(open(AT(p->in, "lone.txt"), O_RDONLY) >= 0);
    if (!has(name, "landlock"))
        return 0;
    HOLDS(no(open(AT(p->in, "log.txt"), O_RDONLY), EACCES));
    HOLDS(no(open(AT(p->in, "lone.txt"), O_RDWR), EACCES));
    HOLDS(no(open(AT(p->out, "x"), O_WRONLY | O_CREAT, 0600), EACCES));
    return 0;
}

static void test_lone_file_and_no_output(void **state) { in_child(*state, enter_lone, lone); }

/* ---- a connection that was there before ---- */

static bool enter_talking(const struct place *p, const char **ret, struct err *e)
{
    struct sandbox_rules r = { .read_n = 0 };

    (void)p;
    return sandbox_enter_talking(&r, ret, e);
}

static int pair[2];

static int talks(struct place *p, const char *name)
{
    const int first = __LINE__;
    char      c = 0;

    (void)p;
    HOLDS(send(pair[0], "x", 1, 0) == 1 && recv(pair[1], &c, 1, 0) == 1 && c == 'x');
    if (has(name, "seccomp"))
        HOLDS(no(socket(AF_INET, SOCK_STREAM, 0), EPERM) && no(connect(pair[0], NULL, 0), EPERM));
    return 0;
}

static int is_silent(struct place *p, const char *name)
{
    const int first = __LINE__;

    (void)p;
    if (has(name, "seccomp"))
        HOLDS(no((int)send(pair[0], "x", 1, 0), EPERM));
    return 0;
}

static void test_open_connection(void **state)
{
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    in_child(*state, enter_talking, talks);
    in_child(*state, enter_lone, is_silent);
    close(pair[0]);
    close(pair[1]);
}

static bool enter_bad(const struct place *p, const char **ret, struct err *e)
{
    struct str gone[] = { STR("/nowhere/at/all") }, nul[] = { STR("/tmp\0x") }, empty[] = { STR_EMPTY };
    struct sandbox_rules r[] = { { .read = gone, .read_n = 1 }, { .read = nul, .read_n = 1 }, { .read = empty, .read_n = 1 }, { .write = STR("/nowhere") } };

    (void)p;
    *ret = "";
    if (abi_here() == 0)
        return true;
    for (size_t i = 0; i < sizeof r / sizeof *r; i++) {
        *e = (struct err){ 0 };
        if (sandbox_enter(&r[i], ret, e) || e->kind == ERR_NONE || !e->what[0] || (i == 0 && !strstr(e->where, "/nowhere/at/all")))
            return err_set(e, ERR_USAGE, "rules %zu were taken", i);
    }
    return true;
}

static int nothing(struct place *p, const char *name) { (void)p; (void)name; return 0; }

static void test_bad_rules(void **state) { in_child(*state, enter_bad, nothing); }

/* An ordinary user has no_new_privs alone to rely on. */
static bool enter_as_nobody(const struct place *p, const char **ret, struct err *e)
{
    if (geteuid() == 0 && (chown(p->out, 65534, 65534) != 0 || chmod(p->dir, 0755) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        return err_set(e, ERR_IO, "not another user");
    return enter(p, ret, e);
}

static void test_ordinary_user(void **state)
{
    in_child(*state, enter_as_nobody, files_are_kept);
    in_child(*state, enter_as_nobody, calls_are_gone);
    in_child(*state, enter_as_nobody, the_output_is_written);
}

/* abort() dies, whether it may signal itself or not. */
static int aborts(struct place *p, const char *name)
{
    (void)p;
    (void)name;
    signal(SIGABRT, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    pid_t pid = fork();
    if (pid == 0)
        abort();
    int st = 0;
    return waitpid(pid, &st, 0) == pid && WIFSIGNALED(st) ? 0 : 1;
}

static bool enter_old(const struct place *p, const char **ret, struct err *e)
{
    const struct sandbox_kernel k = { ruleset_none, rule_real, restrict_real, real_filter_known, sandbox_filter_load };
    struct sandbox_rules        r = { .write = str_c(p->out) };

    return sandbox_enter_with(&r, NULL, &k, ret, e);
}

static void test_abort(void **state)
{
    in_child(*state, enter, aborts);
    in_child(*state, enter_old, aborts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_real, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kernels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lone_file_and_no_output, setup, teardown),
        cmocka_unit_test_setup_teardown(test_open_connection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_rules, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ordinary_user, setup, teardown),
        cmocka_unit_test_setup_teardown(test_abort, setup, teardown),
        cmocka_unit_test_setup_teardown(test_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
