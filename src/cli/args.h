/*
 * args: the command line of one verb, read over that verb's table of options.
 *
 * Shape    --name VALUE, --name=VALUE, --name for a switch, -h for --help; everything else is an operand, also a lone "-".
 *          "--" ends the options. Names are whole: an abbreviation would change its meaning when an option is added.
 * Bounds   ARGS_OPTIONS_MAX options in a table, as many operands as argv holds.
 * Errors   ERR_USAGE: unknown option (with the nearest name as a hint), value missing, surplus or empty, option given twice.
 * Owner    values and operands point into argv; the list of operands lives in the arena.
 * Not done short options, options that may be given twice.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { ARGS_OPTIONS_MAX = 32 };

/* One option. A table of them ends with .name == NULL. */
struct opt {
    const char *name;      /* "out": written --out                                                   */
    const char *arg;       /* "DIR"; NULL: a switch. DIR, FILE and PATH complete as such in the shell */
    const char *about;     /* one line, for help, man page and completion; no full stop              */
    const char *words;     /* the values there are, parted by blanks; NULL: any                      */
};

struct args {
    bool        help;
    bool        given[ARGS_OPTIONS_MAX];      /* by index in the table */
    struct str  value[ARGS_OPTIONS_MAX];
    struct str *operand;
    size_t      operand_n;
};

/* opt == NULL: a verb without options. argv without the program's and the verb's names. */
bool args_parse(const struct opt *opt, int argc, char *const *argv, struct arena *a, struct args *ret, struct err *e);

/* The entry of a NULL-ended list of words that looks most like `s`; NULL when none comes near. For hints. */
const char *args_nearest(struct str s, const char *const *word, size_t n);

#endif
