/*
 * verbs: what the program can do, as one table.
 *
 * Help, man page, shell completion and tests walk this table; a new verb is one file and one line, and appears everywhere.
 * Groups   a verb of several tasks that share nothing but a subject has a table of sub-verbs, each with its own options, text and examples:
 *          `afterpatch survey build`. A sub-verb is a verb whose name is both words; a group itself runs nothing.
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
    const char *name;              /* as it is typed: "hunt", "survey build"     */
    const char *about;             /* one line, no full stop                     */
    const char *usage;             /* what follows the name: "[OPTION]... PATH..." */
    const char *text;              /* paragraphs parted by an empty line         */
    const struct opt *opt;         /* NULL, or ends with .name == NULL           */
    const struct example *example; /* NULL, or ends with .line == NULL           */
    const char *words;             /* what the first operand may be; NULL: a path */
    int  (*run)(struct cli *c, const struct verb *v, const struct args *args);
    bool hidden;                   /* left out of help, man page and completion  */
    const struct verb *const *sub; /* NULL, or a group: ends with NULL           */
};

extern const struct verb verb_hunt, verb_page, verb_events, verb_registry, verb_collect, verb_baseline, verb_pack, verb_rules, verb_iocs, verb_survey, verb_case, verb_contact, verb_notify, verb_status, verb_help, verb_version, verb_man, verb_completion;
extern const struct verb *const verb_table[];      /* NULL-ended, in the order of help */

const struct verb *verb_find(struct str name);     /* one word; NULL: no such verb */
/* The sub-verb of a group by its own word: "build". NULL: no such one, or no group. */
const struct verb *verb_sub(const struct verb *group, struct str word);
/* "build" of "survey build". */
const char *verb_word(const struct verb *v);
/* All that is not hidden, groups followed by their sub-verbs; NULL: i is past the last. For what lists everything. */
const struct verb *verb_shown(size_t i);

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
