/*
 * sample: how often literals stand in the IIS logs of one family, measured before the search for them is built.
 *
 * Shape    three steps: read the beginnings of some logs; note every literal that a rule could be searched by; count them all in one go. A literal of a
 *          field that the stem alone tells counts by its occurrences in stems, the others cost little.
 * Same     the logs that are read hang on the evidence alone. What a count is wrong about costs time and nothing else.
 * Bounds   SAMPLE_LOGS logs, SAMPLE_BYTES of each, SAMPLE_LITS literals.
 * Errors   what cannot be read is left out and told by whoever reads it whole. No room: nothing is measured.
 * Not done logs inside archives: to open one may mean to unpack what lies before it.
 */
#ifndef DETECT_SAMPLE_H
#define DETECT_SAMPLE_H

#include "base/map.h"
#include "base/search.h"
#include "evidence/ev.h"

enum { SAMPLE_LOGS = 6, SAMPLE_BYTES = 128 << 10, SAMPLE_LITS = 12000, SAMPLE_IN_ROW = 8 };

struct sample {
    struct arena      *room;
    struct { struct str text; size_t stem; } log[SAMPLE_LOGS];     /* stem: index of its column; STR_NONE: not known */
    size_t             log_n;
    struct search_lit *lit;
    size_t             lit_n, cap;
    uint64_t          *met;             /* by index in lit; NULL: not counted yet */
    struct map         at;              /* 's' or '-', and the text in lower case -> index in lit */
};

/* Everything lives in `room`. False: there is nothing to measure with. */
bool sample_open(struct sample *ret, struct ev *ev, enum family f, struct arena *room);
/* Before sample_count: notes the literal. Then: what it costs to search for it, in units of one occurrence that is no candidate. */
uint64_t sample_cost(struct sample *s, struct str lit, bool of_stem);
void     sample_count(struct sample *s);

#endif
