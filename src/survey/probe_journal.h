/*
 * probe_journal: who has been asked, so that nobody is asked twice, whatever kills the program.
 *
 * Shape    a text file that only grows, a line for each event, and the table that it comes to:
 *            run TIME SEED HASH TARGETS      a run begins: its seed and the scope file's SHA-256
 *            ask TIME IP                     will be connected to now: written, and flushed to the disk, before the connection is opened
 *            got TIME IP END REQUESTS UNTIL  what became of it: an enum fetch_end, or JOURNAL_BUSY; UNTIL: not to be asked before (0: nothing was said)
 *            name NUMBER                     the name with this number in the scope is done in this run
 *            end TIME                        the run is through
 * Rule 1   an "ask" without a "got" counts as asked.
 * Rule 2   a last line without its end never happened: what it announced had not begun, for it was not yet flushed.
 * Rule 3   any other line that cannot be read refuses the file: it might have been somebody's "ask".
 * Times    UTC microseconds in decimal. A time in the future (the clock was set back) counts as just now.
 * Owner    the table lies in the arena and only grows.
 * Errors   ERR_MEMORY, ERR_FORMAT with the line.
 */
#ifndef SURVEY_PROBE_JOURNAL_H
#define SURVEY_PROBE_JOURNAL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/net.h"

enum { JOURNAL_LINE_MAX = 256, JOURNAL_UNKNOWN = 255 /* asked, and no outcome */, JOURNAL_BUSY = 99 };

struct probe_asked { uint8_t ip[16]; int64_t at_us, until_us; bool used; uint8_t end; };

struct probe_book {
    struct arena       *a;
    struct probe_asked *slot;
    size_t              cap, n;
};
/* NULL: never asked. */
const struct probe_asked *probe_book_find(const struct probe_book *b, const uint8_t ip[16]);
/* The later times stand, and the last end. */
bool probe_book_put(struct probe_book *b, const uint8_t ip[16], int64_t at_us, int64_t until_us, uint8_t end, struct err *e);

struct probe_journal {
    struct probe_book book;
    bool              any, ended;                      /* of the last run */
    int64_t           began_us, last_ask_us;          /* last_ask_us: of any run; 0: never */
    uint64_t          seed, targets;
    uint8_t           hash[HASH_SHA256_BYTES];
    uint32_t         *name; size_t name_n, name_cap;   /* numbers of names that are done in the last run, as they came */
    uint64_t          line;
    char              part[JOURNAL_LINE_MAX]; size_t part_n;
};

void probe_journal_begin(struct probe_journal *ret, struct arena *a);
/* The file, piece by piece. */
bool probe_journal_feed(struct probe_journal *j, struct str piece, struct err *e);
/* Bytes of a torn last line, to be cut off: nothing may be appended to it. */
static inline size_t probe_journal_torn(const struct probe_journal *j) { return j->part_n; }

/* Lines to append, NUL-terminated, their end included. Each gives its length. */
size_t probe_journal_run(char ret[JOURNAL_LINE_MAX], int64_t at_us, uint64_t seed, const uint8_t hash[HASH_SHA256_BYTES], uint64_t targets);
size_t probe_journal_ask(char ret[JOURNAL_LINE_MAX], int64_t at_us, const uint8_t ip[16]);
size_t probe_journal_got(char ret[JOURNAL_LINE_MAX], int64_t at_us, const uint8_t ip[16], int end, uint32_t requests, int64_t until_us);
size_t probe_journal_name(char ret[JOURNAL_LINE_MAX], uint32_t number);
size_t probe_journal_end(char ret[JOURNAL_LINE_MAX], int64_t at_us);

#endif
