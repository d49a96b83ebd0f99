/* survey: the verbs of `afterpatch survey`, one file each. A new one is a line here and a line of the table in survey.c. */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include "cli/verbs.h"

/* Where survey and casework are kept when --store does not say. */
#define SURVEY_STORE STR("afterpatch.db")

extern const struct verb verb_survey_build, verb_survey_import, verb_survey_probe;
extern const struct verb verb_survey_status, verb_survey_export;

#endif
