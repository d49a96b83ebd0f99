/*
 * files_command: lines of a file, judged one by one and told together (files_command.c).
 *
 * Bounds   FILES_LINES_MAX lines a file are judged, FILES_REASONS_MAX reasons kept.
 * Owner    the rows' texts live in c->keep.
 */
#ifndef DETECT_FILES_COMMAND_H
#define DETECT_FILES_COMMAND_H

#include "detect/command.h"
#include "detect/files_inner.h"

enum { FILES_LINES_MAX = 200000, FILES_REASONS_MAX = 24 };

struct files_line {
    const char          *why;        /* the strongest reason: what the row stands for */
    enum command_verdict verdict;
    uint64_t             number;     /* of the first line, 1-based */
    int64_t              time_us;
    uint32_t             count;
    bool                 passwords;  /* it writes memory or databases that hold them */
    struct str           text, all, image, target;
    const char          *attack[4];
    size_t               attack_n;
};
struct files_lines { struct files_line row[FILES_REASONS_MAX]; size_t n; uint32_t judged; };

bool files_lines_judge(struct files_lines *l, struct files_context *c, struct str line, enum command_from from, uint64_t number, int64_t time_us, struct arena scratch, struct err *e);
/* `lead`: a sentence that stands before the reasons. NULL: no room (counted). */
struct file_fact *files_line_fact(struct files_context *c, const struct ev_node *n, const struct files_line *row, enum file_fact_kind kind, const char *detector, const char *title,
                                  const char *lead);
/* What somebody typed or ran: notes, and secrets that are unproven. */
void files_lines_typed(struct files_context *c, const struct ev_node *n, const struct files_lines *l, const char *detector, const char *title, const char *lead);

#endif
