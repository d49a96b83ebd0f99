/*
 * gate: which of a few rules fit a row of an IIS log, told before the row is taken apart.
 *
 * Shape    two steps. First the stem alone: what a rule says of it is remembered, for a log asks the same pages again and again. Then the columns that
 *          rules name, found by their separators; what a rule asks for is derived when it asks (event_early).
 * Exact    what is left of `want` fits, what is taken out does not: the same answer as sigma_match on the record gives.
 * Bounds   GATE_COLUMNS columns, GATE_STEMS stems of GATE_STEM_MAX bytes are remembered; about 100 KiB of the arena, more with many rules.
 * Not done logs of other kinds: their candidates are rare.
 */
#ifndef DETECT_GATE_H
#define DETECT_GATE_H

#include "detect/logscan.h"

enum { GATE_COLUMNS = 64, GATE_STEMS = 512, GATE_STEM_MAX = 120 };

struct gate_stem;
struct row_gate {
    const struct plan        *plan;
    const struct plan_family *pf;
    enum family               family;
    struct str                value[GATE_COLUMNS];
    struct gate_stem         *stem;             /* by hash; NULL: not yet needed */
    uint64_t                 *bits;             /* of each stem: rules that were asked about it, rules that it leaves possible */
    struct arena             *keep;
    struct proxies            none;
    uint32_t                  generation;       /* of the columns that `stem` belongs to */
};

/* keep: from where memory is taken when the first row is asked about; when it is full, nothing is remembered. */
void gate_open(struct row_gate *g, const struct plan *plan, enum family family, struct arena *keep);
/* False: cannot tell (`want` stays). raw: without its line end. want: bit per index into the family's rules. Peers of forwarded requests are learnt. */
bool gate_ask(struct row_gate *g, const struct columns *cols, const struct binding *b, struct str raw, struct proxies *seen, struct arena scratch, uint64_t *want);

/* Do we know already that no row with this stem fits the rule (its index in the family)? */
bool gate_never(const struct row_gate *g, const struct columns *cols, struct str stem, uint32_t rule);

#endif
