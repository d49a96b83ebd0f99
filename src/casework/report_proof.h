/*
 * report_proof: may a report be believed, and how far?
 *
 * Shape    report_sound: what it says of itself fits together, or it is refused: it was not written so by a hunt. report_covers: its own word for how much it covers,
 *          worked out anew from its rows, and never above what it says.
 * Sound    1. The verdict is what the contract's Precedence makes of the axes; door_open is what its definition makes of exposure, back doors and ways back.
 *          2. No list says more than its axis: a back door that is there, a used one, a finding that tells of a success.
 *          3. An axis that saw something cites findings.
 *          4. The window ends where the patch or the newest evidence is; it is empty only when nothing lies in it, or the product is not affected.
 *          5. First is not after last; --since not after --until. Nothing began later than a day from now (clocks are wrong by hours, not by days).
 *          6. A finding's key is the hash of its detector, path and first record (contract), where the path can be told byte for byte.
 *          With lists that were cut (omitted) an axis may say more than its list.
 * Cover    a log family covers the window when it says so, tells of no hole, and its records reach both ends; a file family when it says so and read files. The
 *          axes follow as in the contract. A window that begins a week later than the campaign, or more, needs a finding that the server was installed then. What was cut by
 *          --since and --until was not looked at.
 * Errors   report_sound: ERR_FORMAT, where: the path; no byte of the file in any text.
 * Not done whether what it says is true: a forger who knows the contract writes a sound report. That is what nonce and signature are for.
 * Source   docs/report-contract.md, Definitions.
 */
#ifndef CASEWORK_REPORT_PROOF_H
#define CASEWORK_REPORT_PROOF_H

#include "casework/report_read.h"

#define REPORT_CLOCK_US TIME_DAY

bool report_sound(const struct hunt_report *r, int64_t now_us, struct arena scratch, struct err *e);

struct report_covered {
    enum covered exposure, entry, doors;   /* of the axes exposure, exploitation, back_door */
    enum open_state open;                  /* as it says, or unproven where the coverage that it rests on is not there */
    bool full;                             /* the window is known and covered: entry and doors */
    char why[160];                         /* not full: why; "the logs of httpproxy do not reach the end of the window" */
};
/* begun_us: first known use of the campaign's flaw; TIME_NONE: not known here, and its beginning is believed. */
void report_covers(const struct hunt_report *r, uint32_t campaign, int64_t begun_us, struct report_covered *ret);

#endif
