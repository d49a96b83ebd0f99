/*
 * urgency: what needs a person first, as a number and a sentence.
 *
 * Shape    of all that is to be done about a case the most pressing: a rank (the table in urgency.c, in its order), within it by how many servers it is about,
 *          then by how long it waits. The number alone sorts; equal numbers are sorted by the case's number. The same state gives the same number and the same words.
 * Number   rank * 10,000,000 + servers (at most 9,999) * 1,000 + days (at most 999). 0: nobody has to do anything, now or later.
 * Words    one sentence, at most URGENCY_TEXT - 1 bytes, plain; what a person gave (reason, name) is not in it.
 * Source   notification sheet, 8.3 to 8.5.
 */
#ifndef CASEWORK_URGENCY_H
#define CASEWORK_URGENCY_H

#include "casework/state.h"

enum { URGENCY_TEXT = 200, URGENCY_RANK = 10000000 /* between two ranks */ };
enum urgency_rank {
    URGENT_NOTHING,
    URGENT_WAITS,                  /* time alone has to pass */
    URGENT_CANDIDATE,              /* a second source is wanted */
    URGENT_RESCAN, URGENT_HUNT,    /* what stands between it and clean */
    URGENT_REMIND,                 /* told, silent, still vulnerable */
    URGENT_REVIEW,                 /* whose is it? */
    URGENT_SUSPICION,
    URGENT_NOTIFY, URGENT_TEST_CONTACT, URGENT_CONTACT, URGENT_BOUNCED,
    URGENT_DOOR_SILENT,            /* told of a back door, and still there */
    URGENT_REPORT,                 /* a report waits for a look */
    URGENT_DOOR_BOUNCED, URGENT_CONTRADICTED, URGENT_RELAPSED, URGENT_DOOR_UNTOLD,
    URGENT_RANKS
};
const char *urgency_name(enum urgency_rank r);         /* "door_untold" */

struct urgency_ask {
    const struct case_state *state;
    int64_t  now_us;
    uint32_t reviews;              /* items that touch its servers */
    uint32_t reports;              /* that prove nothing, and came after the last that did */
    struct str report_why;         /* of one of them; hostile */
    uint32_t contacts, untested;   /* known and alive: tested for the MX collision, and not */
};
struct urgency { enum urgency_rank rank; int64_t number; char why[URGENCY_TEXT]; };
void urgency_of(const struct urgency_ask *ask, struct urgency *ret);
/* The rank of a number. */
enum urgency_rank urgency_rank_of(int64_t number);

#endif
