/*
 * logscan_inner: what the parts of the log scan share. Not for others: logscan.h is the door.
 *
 * logscan.c        blocks and literals: which rows are worth taking apart
 * logscan_row.c    where a row begins and ends, and what it says
 * logscan_judge.c  what rules, indicators and what was learnt say of a row; hits
 * logscan_seen.c   who wrote the log, and which times it covers
 */
#ifndef DETECT_LOGSCAN_INNER_H
#define DETECT_LOGSCAN_INNER_H

#include "detect/gate.h"
#include "detect/logscan.h"

enum { LOGSCAN_RULE_WORDS = PLAN_RULES_MAX / 64 };

struct scan {
    const struct plan        *plan;
    const struct plan_family *pf;
    struct ev_node           *node;
    struct logscan_result    *ret;
    struct log_state          state;
    struct binding            binding;
    int16_t                  *field;           /* room for binding.field */
    struct proxies            proxies;
    struct arena              row;
    struct lines_block        block;
    uint64_t                  line_at;         /* number of the line that starts at line_pos */
    size_t                    line_pos;
    /* The row under collection: literals of one row come one by one, and are judged together. */
    size_t                    from, to;        /* in block.text; to == 0: none */
    bool                      header, learnt, listed;
    bool                      odd;             /* spelled so that whatever else it holds has to be looked for */
    bool                      sure;            /* the rules in `want` were asked, and fit */
    /* The newest row that a literal was met in, and its stem: a literal of a field that the stem tells means nothing elsewhere. */
    size_t                    row_from, row_to, stem_from, stem_to;
    size_t                    walked;          /* rows before this place were tried by the rules without literal */
    uint32_t                  ioc;             /* of this row; 0: none */
    uint64_t                  want[LOGSCAN_RULE_WORDS];   /* rules to ask: bit per rule of the family */
    struct row_gate           gate;
    struct arena              gate_room;
    struct arena              notes, *work, work_mark;
    const struct logscan_sink *sink;
    struct err               *e;
    bool                      failed;
};

size_t logscan_line_start(struct str text, size_t at);
/* The row that byte `at` of the block belongs to: a line, or several where a record may hold line ends. */
void logscan_row_bounds(const struct scan *s, size_t at, size_t *ret_from, size_t *ret_to);
struct str logscan_row_text(struct str row);              /* without what ends its last line */
/* How the columns of the newest header answer. */
void logscan_bind(struct scan *s);
/* Splits the row and takes its facts; false: not a record that can be read. */
bool logscan_row_read(struct scan *s, size_t from, size_t to, struct arena *a, struct record *r, struct event *ev);

bool logscan_in_scope(const struct plan *p, int64_t t);
void logscan_judge_rules(struct scan *s, const struct event *ev, const struct record *r, struct arena *a);
void logscan_judge_pivot(struct scan *s, const struct event *ev, const struct record *r, struct arena *a);

void logscan_note_version(struct scan *s, const struct event *ev, const struct record *r);
/* Times of the first and last row of a block; when they lie far apart, of every row in between. */
void logscan_cover_block(struct scan *s);
/* Who wrote this log: read from the first row that can be read of each block, which costs next to nothing. */
void logscan_sample_block(struct scan *s);

#endif
