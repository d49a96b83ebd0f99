/*
 * numbers: numbers and times as people read them, in plain ASCII.
 */
#ifndef REPORT_NUMBERS_H
#define REPORT_NUMBERS_H

#include "base/str.h"
#include "base/time.h"

enum { WORDS_TEXT = 40 };
void words_time(int64_t us, char ret[WORDS_TEXT]);         /* "2021-03-03 04:11:09"; "" for TIME_NONE */
void words_day(int64_t us, char ret[WORDS_TEXT]);          /* "3 Mar 2021" */
void words_short_day(int64_t us, char ret[WORDS_TEXT]);    /* "3 Mar" */
void words_bytes(uint64_t n, char ret[WORDS_TEXT]);        /* "31.5 MB": powers of 1000 */
void words_count(uint64_t n, char ret[WORDS_TEXT]);        /* "1,820,455" */

#endif
