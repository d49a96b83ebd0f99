/*
 * visible: which characters may reach a reader's eye as they are, and how the others are spelled.
 *
 * Shape    evidence is walked one step at a time. A step is either a run of bytes that may be shown (valid UTF-8, no control, no
 *          direction-changing, no invisible character) or one character or bad byte, spelled out in ASCII: \xNN for control
 *          characters and bytes that are not UTF-8, \uNNNN and \u{NNNNN} for the rest.
 * Units    columns: of a terminal with fixed-width letters; 2 for East Asian wide and pictographs. Never too few.
 * Not done combining marks are counted as a column each; several of them on one letter are shown as they are.
 * Source   Unicode 15: UAX #9 section 2 (directional formatting), UAX #11 (width), Default_Ignorable_Code_Point; UTR #36 for why.
 */
#ifndef EMIT_VISIBLE_H
#define EMIT_VISIBLE_H

#include "base/str.h"

enum { VISIBLE_TEXT = 16 };

struct visible {
    size_t   take;                     /* bytes of the input that this step covers, at least 1 */
    uint32_t cp;                       /* the character; meaningless for a bad byte */
    size_t   columns;                  /* of what is shown */
    bool     as_is;                    /* show the bytes themselves; else `text` */
    char     text[VISIBLE_TEXT];
};

/* False: the input is at its end. One character a step. */
bool visible_step(struct str s, struct visible *ret);
/* Must this character be spelled out? Control, direction-changing, invisible, not a character. */
bool visible_hidden(uint32_t cp);
size_t visible_columns(struct str s);

#endif
