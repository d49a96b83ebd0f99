/*
 * cli: the front door. Reads the command line, hands it to a verb, prints, and turns errors into exit codes.
 *
 * Shape    a verb gets everything it touches in struct cli: the world, two sinks, memory. So a test runs the whole program in memory.
 * Codes    0 done, 1 failed, 2 wrong usage; `hunt` adds those of its verdict (cli_codes).
 * Prints   an error once, as "afterpatch: what", "  where: ...", "  hint: ..."; bytes that a terminal would obey are escaped.
 * Closed   a reader of stdout that goes away (a pager, `head`) is not an error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/args.h"
#include "emit/out.h"
#include "os/os.h"

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_BACK_DOOR = 6 };   /* 6: as a hunt says it */
enum { CLI_KEEP_BYTES = 192 << 20, CLI_SCRATCH_BYTES = 48 << 20 };

struct cli {
    struct os   *os;
    struct out  *out, *err;          /* stdout, stderr */
    struct arena keep;               /* lives as long as the run */
    struct arena scratch;            /* passed by value: the space returns by itself */
    bool         colour;             /* stdout takes colour */
    uint32_t     width;              /* columns of stdout */
    bool         guarded;            /* the real world: what reads evidence gets a process of its own, in a sandbox */
    uint64_t     hang_ms;            /* how long a reader may stand still; 0: as guard.h says */
    bool         silent;             /* no progress, no notes: stderr is somebody's log or a test */
};

/* Runs the verb that argv[1] names. argv[0] is the program's own name. Gives the exit code; both sinks are flushed. */
int cli_main(struct cli *c, int argc, char *const *argv);

/* Prints the error and gives its exit code. verb: NULL or empty: none. */
int cli_fail(struct cli *c, const char *verb, const struct err *e);
/* One line for stderr that is no error: "afterpatch: note: ...". Text may be evidence. */
void cli_note(struct cli *c, const char *what, struct str about);

/* An out_put for a stdio stream; ctx is the FILE. */
bool cli_put_stream(void *ctx, struct str s, struct err *e);

#endif
