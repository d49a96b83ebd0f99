/*
 * time: instants as microseconds since 1970-01-01T00:00:00 UTC.
 *
 * Range    years 1601 to 9999; anything else is refused (a log that says so is damaged).
 * Errors   false, *ret untouched.
 * Not done time zones, leap seconds, the clock (os has it: the same evidence must
 *          give the same report whenever it is read).
 * Source   days from civil: proleptic Gregorian calendar, 400-year cycle of 146,097 days.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/str.h"

#define TIME_NONE   INT64_MIN
#define TIME_SECOND INT64_C(1000000)
#define TIME_MINUTE (60 * TIME_SECOND)
#define TIME_HOUR   (60 * TIME_MINUTE)
#define TIME_DAY    (24 * TIME_HOUR)

bool time_civil(int year, int month, int day, int hour, int minute, int second, int us, int64_t *ret);

/*
 * "YYYY-MM-DD" then optionally 'T' or ' ' and "HH:MM[:SS[.fraction]]", then optionally 'Z' or +HH:MM.
 * Nothing may follow. Without a zone the text is taken as UTC.
 */
bool time_parse(struct str s, int64_t *ret);

#define TIME_TEXT 32
/* RFC 3339 with Z; fraction only when not zero, milli- or microseconds. "" for TIME_NONE. */
void time_text(int64_t us, char ret[TIME_TEXT]);

/* FILETIME (100 ns since 1601) to microseconds; 0 and out of range give TIME_NONE. */
int64_t time_filetime(uint64_t ticks);

#endif
