/*
 * case: the verbs of `afterpatch case`, one file each (case_NAME.c). A new one is a line here and a line of the table in case.c.
 */
#ifndef CLI_CASE_H
#define CLI_CASE_H

#include "cli/verbs.h"

extern const struct verb verb_case_import, verb_case_update, verb_case_list, verb_case_show, verb_case_why, verb_case_review, verb_case_decide,
                         verb_case_add, verb_case_force, verb_case_release, verb_case_nonce, verb_case_intruders, verb_case_campaign, verb_case_audit,
                         verb_case_export, verb_case_privacy;

#endif
