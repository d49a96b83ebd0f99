/* yara_inner: what compiling, keeping and scanning share of the library. Only the yara*.c files include it. */
#ifndef DETECT_YARA_INNER_H
#define DETECT_YARA_INNER_H

#include "detect/yara.h"

#include <yara.h>

/* Building the library's automaton costs the square of its entries: large sets are built in several, and a file is looked at once for each. */
enum { YARA_SETS_MAX = 8, YARA_EXTERNALS = 6 };

struct yara_code {
    YR_RULES         *rules[YARA_SETS_MAX];
    size_t            set_n;
    struct yara_file *file;             /* usable ones; a namespace is an index here */
    uint32_t         *at;               /* ... and where each stood among the files given */
    size_t            file_n;
    /* Not yet loaded: what yara_stored was given, and where in it each set lies. */
    struct str        stored[YARA_SETS_MAX];
    size_t            stored_n;
};

extern const char *const yara_externals[YARA_EXTERNALS];

bool yara_library_open(struct err *e);
void yara_drop(struct yara_code *c);
bool yara_refuse(struct yara *y, struct arena *a, uint32_t at, struct str file, struct str why, bool told_only, struct err *e);

const struct yara_file *yara_file_of(const struct yara_code *c, const YR_RULE *rule);
const char *yara_meta_text(const YR_RULE *rule, const char *name);
/* False: its words name a state that no YARA rule can move. */
bool yara_moves_of(const YR_RULE *rule, enum yara_moves *ret);

#endif
