/*
 * afterpatch, but for one file that brings its reader down: for tests/guard/crash.py.
 *
 * usage: guard_crash HOW WHEN NAME [COMMAND...]
 * HOW    none, segv, abort, exit, hang
 * WHEN   any: every read of it; deep: reads of more than a glance, so that the walk that lists it is left in peace
 * NAME   the end of its native path
 */
#include "cli/cli.h"
#include "os/term.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GLANCE = 4096 };

struct bad {
    struct os        real;
    const char      *how;
    bool             deep;
    struct str       name;
    _Atomic intptr_t handle[16];       /* open on it now; 0: a free place, so a handle is kept plus one */
};

static struct bad *of(struct os *os) { return os->ctx; }

static void bring_down(const struct bad *b)
{
    const struct timespec nap = { .tv_nsec = 20000000 };

    if (strcmp(b->how, "segv") == 0)
        raise(SIGSEGV);
    if (strcmp(b->how, "abort") == 0)
        abort();
    if (strcmp(b->how, "exit") == 0)
        exit(0);
    while (strcmp(b->how, "hang") == 0)
        nanosleep(&nap, NULL);
}

static bool bad_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct bad *b = of(os);

    if (!b->real.open(&b->real, root, below, ret, ret_size, e))
        return false;
    for (size_t i = 0; str_iends(below, b->name) && i < sizeof b->handle / sizeof *b->handle; i++) {
        intptr_t none = 0;
        if (atomic_compare_exchange_strong(&b->handle[i], &none, ret->h + 1))
            break;
    }
    return true;
}

static void bad_close(struct os *os, struct os_file *f)
{
    struct bad *b = of(os);

    for (size_t i = 0; f->h >= 0 && i < sizeof b->handle / sizeof *b->handle; i++) {
        intptr_t mine = f->h + 1;
        (void)atomic_compare_exchange_strong(&b->handle[i], &mine, 0);
    }
    b->real.close(&b->real, f);
}

static bool bad_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct bad *b = of(os);

    for (size_t i = 0; (!b->deep || cap > GLANCE) && i < sizeof b->handle / sizeof *b->handle; i++)
        if (f.h >= 0 && b->handle[i] == f.h + 1)
            bring_down(b);
    return b->real.read_at(&b->real, f, off, buf, cap, ret_got, e);
}

static bool bad_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e) { return of(os)->real.stat(&of(os)->real, path, ret, e); }
static bool bad_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    return of(os)->real.list(&of(os)->real, root, below, a, ret, ret_n, e);
}
static bool bad_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    return of(os)->real.link(&of(os)->real, root, below, a, ret, e);
}

int main(int argc, char **argv)
{
    struct bad  bad = { .real = os_posix() };
    struct os   os = bad.real;              /* what is not of interest does not look at its context */
    struct out  out, err;
    struct cli  c = { .os = &os, .out = &out, .err = &err, .width = 80, .guarded = true, .hang_ms = 1500 };
    struct err  e = { 0 };

    if (argc < 5)
        return 100;
    bad.how  = argv[1];
    bad.deep = strcmp(argv[2], "deep") == 0;
    bad.name = str_c(argv[3]);
    os.ctx = &bad;
    os.open = bad_open;
    os.close = bad_close;
    os.read_at = bad_read_at;
    os.stat = bad_stat;
    os.list = bad_list;
    os.link = bad_link;
    signal(SIGPIPE, SIG_IGN);
    out_open(&out, cli_put_stream, stdout);
    out_open(&err, cli_put_stream, stderr);
    if (!os_arena_map(&c.keep, CLI_KEEP_BYTES, &e) || !os_arena_map(&c.scratch, CLI_SCRATCH_BYTES, &e))
        return 101;
    argv[3] = argv[0];
    return cli_main(&c, argc - 3, argv + 3);
}
