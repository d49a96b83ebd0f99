/*
 * case_import_tell: what came of a file that `case import` took: one line of JSON, or lines of text. Names and texts are hostile: they go out escaped.
 */
#ifndef CLI_CASE_IMPORT_TELL_H
#define CLI_CASE_IMPORT_TELL_H

#include "casework/intake.h"
#include "casework/report_in.h"
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

#endif
