/* intake_out: an item of an intake as one object of JSON: what `case import --dry-run` prints. What is not said is left out. */
#ifndef CASEWORK_INTAKE_OUT_H
#define CASEWORK_INTAKE_OUT_H

#include "casework/intake.h"
#include "emit/json.h"

void intake_json(struct js *j, const struct intake_item *x);

#endif
