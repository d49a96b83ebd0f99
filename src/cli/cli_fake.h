/*
 * cli_fake: the whole program in memory, for the tests of this folder. Two sinks that keep what was printed; the disk is the
 * caller's. Only tests include it.
 */
#ifndef CLI_CLI_FAKE_H
#define CLI_CLI_FAKE_H

#include "test.h"

#include "cli/verbs.h"
#include "emit/out_mem.h"
#include "os/mem.h"

struct fake {
    struct test_arena text, keep, scratch;
    struct out_mem    out_text, err_text;
    struct out        out, err;
    struct os         os;
    struct cli        cli;
    int               code;
    struct str        said, complained;      /* stdout, stderr of the last run */
};

static inline struct fake *fake_open(void)
{
    struct fake *f = calloc(1, sizeof *f);

    if (!f)
        fail_msg("no memory");
    f->text = test_arena(8 << 20);
    f->keep = test_arena(64 << 20);
    f->scratch = test_arena(8 << 20);
    f->os = os_posix();
    return f;
}

static inline void fake_close(struct fake *f)
{
    test_arena_free(&f->text);
    test_arena_free(&f->keep);
    test_arena_free(&f->scratch);
    free(f);
}

/* Runs `afterpatch word...`; word ends with NULL. */
static inline void fake_run(struct fake *f, const char *const *word)
{
    char *argv[32] = { (char *)(uintptr_t)"afterpatch" };
    int   argc = 1;

    for (; word[argc - 1] && argc < 31; argc++)
        argv[argc] = (char *)(uintptr_t)word[argc - 1];
    f->out_text = (struct out_mem){ .a = &f->text.a };
    f->err_text = (struct out_mem){ .a = &f->text.a };
    out_open(&f->out, out_mem_put, &f->out_text);
    out_open(&f->err, out_mem_put, &f->err_text);
    f->cli = (struct cli){ .os = &f->os, .out = &f->out, .err = &f->err, .keep = f->keep.a, .scratch = f->scratch.a, .width = 80 };
    f->code = cli_main(&f->cli, argc, argv);
    f->said = out_mem_str(&f->out_text);
    f->complained = out_mem_str(&f->err_text);
}
#define FAKE_RUN(f, ...) fake_run(f, (const char *const[]){ __VA_ARGS__, NULL })

#endif
