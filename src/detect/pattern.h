/*
 * pattern: regular expressions over bytes. The one file that knows PCRE2.
 *
 * Shape    compiled once into the arena, matched from any thread. ASCII case; "." and classes see bytes.
 * Bounds   PATTERN_MAX bytes of pattern; a match ends after PATTERN_STEPS_MAX steps (PCRE2 match limit), 8 MiB of its heap.
 * Errors   ERR_FORMAT: not a pattern, with PCRE2's reason. ERR_MEMORY: the arena is full.
 * Owner    the arena, but for the machine code that PCRE2's JIT makes: pattern_close gives that back.
 * Not done Unicode properties, verbs such as (*UTF), \C, callouts.
 */
#ifndef DETECT_PATTERN_H
#define DETECT_PATTERN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { PATTERN_MAX = 4096, PATTERN_STEPS_MAX = 1000000 };

struct pattern;
struct pattern_flags { bool fold, multiline, dot_all; };
enum pattern_answer { PATTERN_NO, PATTERN_YES, PATTERN_LIMIT };   /* LIMIT: gave up, or scratch was full */

bool pattern_compile(struct pattern **ret, struct arena *a, struct str text, struct pattern_flags f, struct err *e);
enum pattern_answer pattern_match(const struct pattern *p, struct str in, struct arena scratch);
void pattern_close(struct pattern *p);        /* accepts NULL */

#endif
