/*
 * contact_line: a contact of a ladder, as list and show tell it; and what a ladder as a whole lacks.
 *
 * Lacks    in the order in which a person has to look: nobody is known; all that is known was spent (dead, ended, opted out); only the way around is left (provider, registrar, CSIRT); the
 *          best path is the intruder's; where the mail of the best goes nobody knows.
 */
#ifndef CLI_CONTACT_LINE_H
#define CLI_CONTACT_LINE_H

#include "casework/ladder.h"
#include "emit/json.h"

enum contact_lack { LACK_NOTHING, LACK_NOBODY, LACK_SPENT, LACK_ROUTE, LACK_COMPROMISED, LACK_UNKNOWN, CONTACT_LACKS };
extern const char *const contact_lack_words[CONTACT_LACKS];            /* "nobody" */
enum contact_lack contact_lack_of(const struct contact *c, size_t n);
/* What it is and what to do, in one sentence. */
struct str contact_lack_text(enum contact_lack k, const struct contact *c, size_t n, struct arena *a);

void contact_json(struct js *j, const struct contact *c);
/* "dead, opted out"; empty: nothing speaks against it. */
struct str contact_against(const struct contact *c, struct arena *a);
size_t contact_usable_n(const struct contact *c, size_t n);

#endif
