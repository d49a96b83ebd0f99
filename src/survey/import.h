/*
 * import: other people's scans, mail headers and statements as observations, one reader for each format.
 *
 * Shape    bytes in through a fill function, observations and broken rows out through a sink, in the order of the file. gz is inflated, UTF-16 and
 *          Windows-1252 decoded; other packings are the caller's (evidence/packed.h). Fields are read by name; unknown ones are left alone, missing ones
 *          stay empty.
 * Formats  recognised by content; or said (--format). Each is one enum obs_source: see import_formats.
 * Rows     a row is what the file calls one: a line of CSV, a JSON object, a <host>, a hop of mail, a report. It gives any number of observations
 *          (a host of Censys has several ports). "other" rows say nothing about Exchange, nor that a target did not answer: they are
 *          counted, and go nowhere.
 * Broken   counted by reason and given to the sink with line and head; never fatal. A time before 1997 or more than a day after now_us makes a row broken: no
 *          verdict can stand on it. So does a time that cannot be read; a time that is not there does not (at_us takes its place if given).
 *          Times without a zone are UTC.
 * Bounds   row_max bytes a row (IMPORT_ROW_MAX). Memory: IMPORT_ROOM of address space, touched as far as rows are long; independent of the file's size.
 * Errors   false: the sink stopped it, no memory (ERR_MEMORY), or nothing in it is of any known format (ERR_FORMAT). A file that breaks off
 *          (a cut gz, a read that fails) is true, and ret->end tells it: what came before was taken.
 * Owner    strings of an observation live until the sink returns. Notes live in the arena given.
 * Not done anything that needs the network. Weighing observations against each other: daily.h.
 * Source   survey sheet, section 8.
 */
#ifndef SURVEY_IMPORT_H
#define SURVEY_IMPORT_H

#include "base/arena.h"
#include "formats/lines.h"
#include "survey/observation.h"

enum { IMPORT_ROW_MAX = 16 << 20, IMPORT_ROOM = 160 << 20, IMPORT_REASONS_MAX = 48, IMPORT_NOTES_MAX = 16 };

struct import_options {
    enum obs_source format;            /* OBS_SOURCES: by content */
    struct str file_name;              /* tells the kind of a Shadowserver report; may be empty */
    struct str map;                    /* "ip=addr,build=ver": field=column, for CSV of no known format */
    const struct str *by; size_t by_n; /* domains whose hops count, for Received lines ("*": every one); none: such files are refused (ERR_USAGE) */
    int64_t now_us;                    /* TIME_NONE: nothing lies in the future */
    int64_t at_us;                     /* of rows that have no time; TIME_NONE: they stay without */
    size_t  row_max;                   /* 0: IMPORT_ROW_MAX */
};

struct import_reason { const char *why; uint64_t n, first_line; };
struct import_result {
    enum obs_source format;            /* OBS_SOURCES: not recognised */
    struct str report;                 /* "scan_exchange", "nmap 7.93": as observations have it in source_name */
    uint64_t   rows, taken, other, broken;   /* taken: observations given to the sink */
    struct import_reason reason[IMPORT_REASONS_MAX]; size_t reason_n;
    struct str note[IMPORT_NOTES_MAX]; size_t note_n;      /* what a person should know: unknown columns, times without a zone */
    bool       gz;
    struct err end;                    /* kind ERR_NONE: the file was read to its end */
};

/* One row more of this reason; beyond IMPORT_REASONS_MAX it is not told apart. why lives as long as the result. */
void import_count_reason(struct import_result *r, const char *why, uint64_t line);

/* room: at least IMPORT_ROOM, by value: it is free again afterwards. keep: for report and notes. */
bool import_read(struct import_result *ret, struct arena *keep, struct arena room, const struct import_options *o, lines_fill *fill, void *ctx,
                 const struct obs_sink *sink, struct err *e);

/* The names of --format with a line of help each, NULL-ended. */
struct import_format { enum obs_source source; const char *name, *about; };
extern const struct import_format import_formats[];
bool import_format_find(struct str name, enum obs_source *ret);

/* Words that only reports about Exchange have. */
bool import_exchange_word(struct str text);

/* Is this text of --map one? ERR_USAGE names the word that is not. */
bool import_map_check(struct str map, struct err *e);

#endif
