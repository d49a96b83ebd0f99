/*
 * survey: who is patched, who is not, and who cannot be told. One file for each of its verbs: survey_NAME.c.
 */
#include "cli/survey.h"

static const struct verb *const verbs[] = {
    &verb_survey_build,
    &verb_survey_import,
    &verb_survey_probe,
    &verb_survey_status,
    &verb_survey_export,
    NULL
};

const struct verb verb_survey = {
    .name = "survey", .about = "tells which servers are patched, which are not, and which cannot be told", .usage = "VERB [OPTION]... [OPERAND]...",
    .text = "Observations come from imported scans and from a polite probe; all else is worked out anew from them.",
    .sub = verbs,
};
