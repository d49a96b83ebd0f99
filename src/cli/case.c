/*
 * case: victims made of records: whose each server is, how each case stands, and what a person has to do next. One file for each of its verbs: case_NAME.c.
 */
#include "cli/case.h"

static const struct verb *const verbs[] = {
    &verb_case_import,
    &verb_case_update,
    &verb_case_list,
    &verb_case_show,
    &verb_case_why,
    &verb_case_review,
    &verb_case_decide,
    &verb_case_add,
    &verb_case_force,
    &verb_case_release,
    &verb_case_nonce,
    &verb_case_campaign,
    &verb_case_intruders,
    &verb_case_audit,
    &verb_case_export,
    &verb_case_privacy,
    NULL
};

const struct verb verb_case = {
    .name = "case", .about = "makes victims out of records: whose each server is, and how each case stands", .usage = "VERB [OPTION]... [OPERAND]...",
    .text = "Records come in and are only ever added; `case update` works everything else out anew from them, and the views show what it found.",
    .sub = verbs,
};
