/*
 * words: the report's states in English.
 *
 * Terms of report.json stay as they are there; these are for pages and terminals. All are plain ASCII constants.
 */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include "report/numbers.h"
#include "verdict/report.h"

/* How much a state should worry the reader; colours follow it, and never carry the meaning alone. */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_UNSURE, TONE_WARN, TONE_BAD };
const char *tone_name(enum tone t);                        /* "good": a class name */

struct word {
    const char *title;                                     /* "Still there" */
    const char *meaning;                                   /* a sentence */
    enum tone   tone;
};
struct word word_verdict(enum verdict_word v);
struct word word_open(enum open_state s);
struct word word_exposure(enum exposure_state s);
struct word word_exploit(enum exploit_state s);
struct word word_door(enum door_state s);
struct word word_use(enum use_state s, bool re_entered);
struct word word_theft(enum theft_state s);
struct word word_covered(enum covered c);
struct word word_thing(enum thing_state s);
struct word word_used(enum use_word u);
struct word word_reach(enum reach r);
struct word word_severity(enum severity s);
/* "present", "exposed", ... of a way back, by its name; unknown names keep title NULL. */
struct word word_way_state(struct str state);

#endif
