/*
 * case_import_tell: what came of a file that `case import` took: one line of JSON, or lines of text. Names and texts are hostile: they go out escaped.
 */
#ifndef CLI_CASE_IMPORT_TELL_H
#define CLI_CASE_IMPORT_TELL_H

#include "casework/intake.h"
#include "casework/report_try.h"
#include "emit/out.h"

struct case_import_told {
    struct str name; const uint8_t *sha256;
    const struct intake_result *r;
    enum ledger_state state;
    uint64_t items, known;             /* rows of the ledger that were given, and those of them that it had */
    bool dry;
};
void case_import_tell(struct out *o, const struct case_import_told *x, bool json);
void case_import_tell_report(struct out *o, struct str name, const uint8_t sha256[32], const struct report_told *t, const struct ledger_counts *n, bool json);

/* A report of --dry-run: a line of JSON as the items have, or lines of text. */
struct case_import_tried {
    struct str name; const uint8_t *sha256;
    struct report_told *told;
    struct report_match match;
    bool   store;                      /* there was one to compare with */
    char   nonce_case[CASE_NAME_TEXT], of_case[CASE_NAME_TEXT];        /* "2021-000123", or empty */
};
void case_import_tell_tried(struct out *o, const struct case_import_tried *x, bool json);

#endif
