/*
 * columns: the names in a header line, taken over into the state of a log.
 *
 * Shape    names parted by `sep`, blanks around them dropped. The same names again change nothing and cost nothing; other
 *          names replace the old ones and grow the generation.
 * Bounds   RECORD_COLUMNS_MAX names; what stands beyond is left out, its values become nameless.
 * Errors   columns_take false: no name in it, or the arena is full. There are no columns then, because values under the
 *          names of an older header would be lies.
 * Owner    names are copied into s->keep, or into the arena of s->kept.
 * Kept     thousands of small logs have the same header, of some forty names. A thread may keep the first COLUMNS_KEPT headers that it meets; their
 *          names stay where they are until it ends. What is read is the same with and without.
 */
#ifndef FORMATS_COLUMNS_H
#define FORMATS_COLUMNS_H

#include "formats/record.h"

enum { COLUMNS_KEPT = 32 };
struct columns_kept {
    struct arena keep;
    struct { struct str text; uint8_t sep; struct columns cols; } item[COLUMNS_KEPT];
    size_t n;
};

bool columns_take(struct log_state *s, struct str names, uint8_t sep);
/* Position of the first column of that name (any case), or STR_NONE. */
size_t columns_find(const struct columns *c, struct str name);
/* "#Name: value" with the name in any case: gives the trimmed value. */
bool columns_directive(struct str line, struct str name, struct str *ret);

#endif
