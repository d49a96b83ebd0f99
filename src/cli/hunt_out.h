/*
 * hunt_out: where the answers of a hunt go: the folder of --out, one folder for each server, stdout.
 *
 * Rule     all forms of a report are written before the first gets its name: a full disk leaves what was there before whole.
 */
#ifndef CLI_HUNT_OUT_H
#define CLI_HUNT_OUT_H

#include "cli/cli.h"
#include "report/summary.h"

/* Makes the folder, with parents, and tries whether it may be written to. *ret_made: the part of the path that was not there before; empty: all of it was. */
bool hunt_out_make(struct cli *c, struct str dir, struct str *ret_made, struct err *e);
/* Takes away again what was made, as far as it is empty: a hunt that failed leaves nothing behind. */
void hunt_out_unmake(struct cli *c, struct str dir, struct str made);

bool hunt_out_report(struct cli *c, struct str dir, const struct report *r, struct err *e);
bool hunt_out_summary(struct cli *c, struct str dir, const struct summary *s, struct err *e);
bool hunt_out_json(struct cli *c, const struct report *r, struct err *e);

#endif
