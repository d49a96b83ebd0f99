/*
 * w3c: lines of a W3C extended log, as IIS and HTTP.sys (HTTPERR) write them.
 *
 * Shape    one record per line, fields parted by one blank, in the order of the last "#Fields:" line seen. That line may
 *          return mid-file with other fields; custom fields have whatever name the administrator gave them.
 * Values   "-" stands for an empty value and becomes one. A blank inside a value is written "+", and so is a real "+": values keep
 *          it, w3c_plus makes the readable form. Percent escapes stay as they are.
 * Units    time_us: microseconds since 1970-01-01 UTC, from the fields "date" and "time" wherever they stand. Without a
 *          "date" field, the day of the last "#Date:" line: right until midnight only.
 * Bounds   RECORD_COLUMNS_MAX values a line; what follows stays in one piece as the last value. The line's length is
 *          bounded by lines.h.
 * Errors   ERR_FORMAT: no "#Fields:" line came before, or the line is empty. ERR_MEMORY: the scratch arena is full.
 *          A short line (cut, or still being written) is a record with `damaged` set.
 * Owner    values point into the line. Field names live in the state's arena; when that is full, or a "#Fields:" line is
 *          useless, there are no columns until the next one: better no record than one with wrong names.
 * Not done logs in local time (IIS and NCSA formats); binary centralised logging.
 * Source   W3C WD-logfile-960323, "Format"; Microsoft Learn, "W3C Logging" and "Error logging in HTTP APIs"; the evidence sheet's
 *          section 7 for what Exchange servers were seen to write.
 */
#ifndef FORMATS_W3C_H
#define FORMATS_W3C_H

#include "formats/record.h"

/* "+" to blanks, for reading. Gives `s` itself when it has none. False: the arena is full. */
bool w3c_plus(struct arena *a, struct str s, struct str *ret);

/*
 * The first values of a row, at most `max`, as `parse` gives them: no memory, no time, no judgement. What stands behind them is not looked at.
 * The second is its portable code alone, whatever the processor can do: tests compare the two.
 */
size_t w3c_cut(struct str row, struct str *ret, size_t max);
size_t w3c_cut_portable(struct str row, struct str *ret, size_t max);

#endif
