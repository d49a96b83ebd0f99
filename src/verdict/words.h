/*
 * words: the words of report.json as enums, without what a hunt needs to find them. names.c spells them.
 */
#ifndef VERDICT_WORDS_H
#define VERDICT_WORDS_H

enum verdict_word { V_NO_TRACE, V_ATTEMPTED, V_NOT_COVERED, V_EXPLOITED, V_BACK_DOOR, V_BACK_DOOR_USED, V_BEYOND_SERVER };  /* rising by Precedence */
enum exposure_state { EXP_NOT_AFFECTED, EXP_PATCHED, EXP_MITIGATED, EXP_UNPATCHED, EXP_CANNOT_TELL };
enum exploit_state { EXPL_NONE_SEEN, EXPL_ATTEMPTED, EXPL_SUCCEEDED };
enum door_state { DOOR_NONE_SEEN, DOOR_REMOVED, DOOR_UNKNOWN, DOOR_PRESENT };
enum use_state { USE_NONE_SEEN, USE_USED, USE_BEYOND_SERVER };
enum theft_state { THEFT_NONE_SEEN, THEFT_SUSPECTED, THEFT_SEEN };
enum covered { COVERED_NO, COVERED_PARTLY, COVERED_FULL };
enum open_state { OPEN_UNPROVEN, OPEN_NO, OPEN_YES };
enum use_word { USED_NO_EVIDENCE, USED_NOT_SEEN, USED_USED };

const char *verdict_name(enum verdict_word v);
const char *verdict_headline(enum verdict_word v);      /* one sentence for people */
const char *exposure_name(enum exposure_state s);
const char *exploit_name(enum exploit_state s);
const char *door_name(enum door_state s);
const char *use_name(enum use_state s);
const char *theft_name(enum theft_state s);
const char *covered_name(enum covered c);
const char *open_name(enum open_state s);
const char *use_word_name(enum use_word u);
int verdict_exit_code(enum verdict_word v);             /* 0, 3, 4, 5, 6, 7 */

/* Contract, Precedence: what the axes say, in one word. */
struct axes { enum use_state use; enum door_state back_door; enum exploit_state exploitation; enum theft_state theft; enum covered entry; /* of exploitation */ };
enum verdict_word verdict_of(const struct axes *x);

#endif
