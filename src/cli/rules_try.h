/*
 * rules_try: a user's Sigma rules are loaded twice, first by a process that can do nothing else (os/errand.h), for nothing.
 *
 * Why      a rule file that brings its parser down, or keeps it busy without end, does so there: it gets its reason in `refused` and is not read
 *          again. Only then does this process load the rest. 5,000 rules cost a fifth of a second more.
 * Errors   false: no process, no sandbox, memory. Where what the loader itself refuses it refuses in words the second time, nothing is said here.
 * Not done an enemy who can make the parser do his will, not only die, could tell the rehearsal from the real thing.
 */
#ifndef CLI_RULES_TRY_H
#define CLI_RULES_TRY_H

#include "detect/rules_load.h"

/* Of processor time, for one file and for all. */
enum { RULES_STEP_S = 10, RULES_ALL_S = 60, RULES_ERRAND_MIB = 1024 };

struct rules_how { bool here, no_sandbox; uint64_t step_ms; /* 0: RULES_STEP_S */ };
/* here: nothing is done. Room for the rules is taken from `a` and given back. */
bool rules_try(struct rules_dir *d, const struct rules_how *how, struct os *os, struct arena *a, struct arena scratch, struct err *e);

#endif
