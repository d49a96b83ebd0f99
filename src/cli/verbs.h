/*
 * verbs: what the program can do, as one table.
 *
 * Help, man page, shell completion and tests walk this table; a new verb is one file and one line, and appears everywhere.
 * Text     our own plain ASCII. `text` and `about` hold no markup: each output adds its own.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

struct example {
    const char *line;              /* "afterpatch hunt /mnt/evidence" */
    const char *about;
};

struct verb {
    const char *name;
    const char *about;             /* one line, no full stop                     */
    const char *usage;             /* what follows the name: "[OPTION]... PATH..." */
    const char *text;              /* paragraphs parted by an empty line         */
    const struct opt *opt;         /* NULL, or ends with .name == NULL           */
    const struct example *example; /* NULL, or ends with .line == NULL           */
    const char *words;             /* what the first operand may be; NULL: a path */
    int  (*run)(struct cli *c, const struct verb *v, const struct args *args);
    bool hidden;                   /* left out of help, man page and completion  */
};

extern const struct verb verb_hunt, verb_page, verb_events, verb_registry, verb_collect, verb_baseline, verb_pack, verb_rules, verb_iocs, verb_help, verb_version, verb_man, verb_completion;
extern const struct verb *const verb_table[];      /* NULL-ended, in the order of help */

const struct verb *verb_find(struct str name);     /* NULL: no such verb */

struct exit_code {
    int         code;
    const char *about;
};
extern const struct exit_code exit_codes[];        /* ends with .about == NULL; verdicts by Precedence of the report's contract */

struct variable {
    const char *name, *about;
};
extern const struct variable variables[];          /* of the environment; ends with .name == NULL */

/* What the program is, for the first line of help and man page. */
#define CLI_ABOUT "finds out whether an Exchange server was entered, whether a back door is left, and whether it was used"

#endif
