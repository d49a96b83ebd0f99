/* afterpatch, with a library that dies when it loads compiled rules: for tests/rules/run.py. */
#include "cli/cli.h"

#include <signal.h>
#include <stdio.h>
#include <yara.h>

/* Stands before the library's own. */
int yr_rules_load_stream(YR_STREAM *stream, YR_RULES **rules)
{
    (void)stream, (void)rules;
    return raise(SIGSEGV);
}

int main(int argc, char **argv)
{
    struct os  os = os_posix();
    struct out out, err;
    struct cli c = { .os = &os, .out = &out, .err = &err, .width = 80, .guarded = true };
    struct err e = { 0 };

    signal(SIGPIPE, SIG_IGN);
    out_open(&out, cli_put_stream, stdout);
    out_open(&err, cli_put_stream, stderr);
    if (!os_arena_map(&c.keep, CLI_KEEP_BYTES, &e) || !os_arena_map(&c.scratch, CLI_SCRATCH_BYTES, &e))
        return 101;
    return cli_main(&c, argc, argv);
}
