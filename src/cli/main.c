/* main: joins the program to the real world and hands over to the verbs. Everything else is in the library, for the tests. */
#include "cli/cli.h"
#include "os/term.h"

#include <signal.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    os_std_hold();
    struct os  os = os_posix();
    struct out out, err;
    struct cli c = { .os = &os, .out = &out, .err = &err, .colour = term_colour(stdout), .width = term_width(stdout),
                     .guarded = true };
    struct err e = { 0 };

    /* A reader that goes away makes write() fail instead of ending us with half of the files written. */
    signal(SIGPIPE, SIG_IGN);
    out_open(&out, cli_put_stream, stdout);
    out_open(&err, cli_put_stream, stderr);
    if (!os_arena_map(&c.keep, CLI_KEEP_BYTES, &e) || !os_arena_map(&c.scratch, CLI_SCRATCH_BYTES, &e)) {
        int code = cli_fail(&c, NULL, &e);
        out_done(&err, &e);
        return code;
    }
    return cli_main(&c, argc, argv);
}
