/*
 * case_line: how one case stands, as the board has it: a row of case_state with its organisation. What list and show have in common.
 *
 * Words    a stage that a person forced carries a "!", in text only.
 * Owner    texts lie in the run's arena.
 */
#ifndef CLI_CASE_LINE_H
#define CLI_CASE_LINE_H

#include "cli/case_data.h"
#include "emit/json.h"

enum { CASE_NEEDS = 9, CASE_STAGE_TEXT = 20, CASE_LINE_COLUMNS = 39 };

struct case_line {
    int64_t    case_, campaign, org;
    char       name[CASE_NAME_TEXT];
    struct str organisation, country, sector, size;        /* of the organisation; empty: unknown */
    bool       provider;
    enum case_stage stage, derived;
    bool       forced, contradicted, suspicion;
    struct str reason, who; int64_t forced_us;
    uint32_t   needs;
    int64_t    servers, vulnerable, patched, backdoored, patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen;
    int64_t    verified_us, notified_us, delivered_us, acknowledged_us, patched_us, hunted_us, clean_us, changed_us;
    int64_t    urgency;
    struct str why;                /* what a person has to do */
};

/* The columns of case_line_read, of case_state s and case_org o (outer join). */
extern const char case_line_columns[];                 /* CASE_LINE_COLUMNS of them */
void case_line_read(struct case_data *d, struct store_stmt *st, struct case_line *ret);
/* An object's members; the object is the caller's. */
void case_line_json(struct js *j, const struct case_line *l);
void case_stage_text(const struct case_line *l, char ret[CASE_STAGE_TEXT]);
/* Its name, or how it is known without one. */
struct str case_organisation(struct case_data *d, const struct case_line *l);

/* "patch", "removal", ...: the word of bit 1 << i of enum NEED_*. */
extern const char *const case_need_words[CASE_NEEDS];

#endif
