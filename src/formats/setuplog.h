/*
 * setuplog: what Exchange's own setup and update scripts wrote: when the server was installed, upgraded, patched.
 *
 * Shape    two files, told apart by their lines, fed in pieces of any size:
 *          ExchangeSetup.log    [MM.DD.YYYY HH:MM:SS.ffff] [level] text      month first, separators by culture (/ - .), UTC
 *          ServiceControl.log   [HH:MM:SS] text                              the date stands in a line of its own:
 *                               [HH:MM:SS] * ServiceControl.ps1: <date and time as the server's culture writes it>
 *          Each run of setup, and each run of ServiceControl.ps1, is one session.
 * Units    microseconds. ExchangeSetup.log is UTC and names the zone of the server; ServiceControl.log is local time: `local` is set.
 * Guess    that ExchangeSetup.log is UTC rests on its own "Local time zone" line; that a [YYYY-MM-DD ...] or [MM-DD-YYYY ...] head can stand in
 *          ServiceControl.log as well is a guess, both are read. Which scripts run after a patch (restoring, enabling, starting services) is
 *          a guess from their wording.
 *          A culture date that can be read in two ways is read by what the other dates of the file allow, else day first where dots or "21/11" style
 *          leave no choice, else month first; `unsure` is then set.
 * Bounds   SETUPLOG_LINE_MAX bytes of a line are looked at, SETUPLOG_SESSIONS_MAX sessions; beyond it the oldest stay and `more` counts.
 * Errors   ERR_MEMORY only. Lines of no known shape are counted in `strange`.
 * Owner    texts live in the arena given at open. NUL bytes are skipped, so UTF-16 reads as far as it is ASCII.
 * Not done msi logs, PatchVerboseLogging.log, localized wording.
 * Source   evidence sheet, 10; forms of lines seen in public support threads (ExchangeSetup.log of 15.2.1118.7, ServiceControl.log of November 2022);
 *          ServiceControl.ps1 of Exchange setup ("* ServiceControl.ps1: {0}").
 */
#ifndef FORMATS_SETUPLOG_H
#define FORMATS_SETUPLOG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { SETUPLOG_LINE_MAX = 2048, SETUPLOG_SESSIONS_MAX = 1000, SETUPLOG_RAW_MAX = 240 };

enum setup_kind { SETUP_UNKNOWN, SETUP_RUN /* ExchangeSetup.log */, SETUP_SERVICES /* ServiceControl.log */ };

struct setup_session {
    enum setup_kind kind;
    int64_t    start_us, end_us;        /* first and last line that has a time; TIME_NONE: none has */
    bool       local, unsure;
    struct str version;                 /* "15.1.2106.2": what setup installs */
    struct str before;                  /* the version it found, when it says so */
    struct str mode;                    /* "Install", "Upgrade", ... */
    bool       completed;               /* setup says that it completed */
    bool       before_patch, after_patch;
    uint64_t   line, offset;            /* of its first line: 1-based, and in bytes of the file */
    struct str raw;                     /* that line, at most SETUPLOG_RAW_MAX bytes */
    /* private: the two readings of a culture date */
    int64_t    alt_us;
};

struct setuplog {
    struct setup_session *session;
    size_t      n, more;
    bool        has_zone;
    int         zone_minutes;           /* east of UTC, without summer time */
    struct str  zone, install_dir, computer;    /* as written; empty: not said */
    uint64_t    lines, strange;
    /* private */
    struct arena *a;
    size_t      cap;
    uint8_t     carry[SETUPLOG_LINE_MAX];
    size_t      carry_n;
    uint64_t    read, line_at;          /* bytes pushed; where the line began */
    bool        started, day_first, month_first, open;
    int64_t     date_us, clock_us;
};

void setuplog_open(struct setuplog *ret, struct arena *a);
bool setuplog_push(struct setuplog *s, struct str bytes, struct err *e);
bool setuplog_done(struct setuplog *s, struct err *e);      /* the last line, and the dates that needed the whole file */

/* A date and time as some culture writes it: 3/8/2021 9:15:02 AM, 08.03.2021 09:15:02, 2021-03-08 09:15:02. *ret_alt: the other reading, or TIME_NONE. */
bool setuplog_culture_time(struct str s, int64_t *ret, int64_t *ret_alt);

#endif
