/*
 * record: observations into the store, for good. Nothing that was recorded is changed or removed; what changes is what daily.h makes of it.
 *
 * Shape    record_open once; for each file record_file_begin, its observations and broken rows through record_sink, record_file_end.
 * Journal  a file is known by the SHA-256 of its bytes: one that is whole already is not read again, but at the operator's word. One that was cut off (kill -9, full disk)
 *          continues: the reader gives everything once more, and as many calls as were committed are passed over. Where the reader is another one
 *          by then (`format` differs), what was half stays, marked as void, and the file is read anew.
 * Kept     of every fact: source, file with its hash, line, when it was observed and when recorded. Of a broken row: line, reason, the row.
 * Keys     nodes, states, identities and words have as their number the first 63 bits of the SHA-256 of what they say: so the numbers do not
 *          depend on the order of arrival, and nothing has to be looked up. Two words of one number would be one word: no accident does that (2^63),
 *          and who spends 2^32 steps to make such a pair confuses two of his own.
 * Memory   RECORD_CACHE_BYTES, RECORD_BATCH rows.
 * Errors   of the store. After one, record_close; what was committed stays.
 * Not done observations are not compared across files: one that came twice is there twice, with both its sources, and counts once (daily.h).
 * Source   survey sheet, sections 3 and 8.
 */
#ifndef SURVEY_RECORD_H
#define SURVEY_RECORD_H

#include "os/os.h"
#include "store/store.h"
#include "survey/observation.h"

enum { RECORD_BATCH = 50000, RECORD_CACHE_BYTES = 32 << 20 };

extern const struct store_migration record_layer;

struct record;
struct record_file {
    struct str name;               /* without folders */
    struct str format;             /* the reader and its version: "shadowserver 1" */
    uint8_t    sha256[32];         /* of the bytes as they lie there, compressed or not; of a probe's run: of what tells it from others */
    uint64_t   size_bytes;
    bool       again;              /* read anew what is whole already: what its earlier reading gave stays, marked as void (a wrong column map) */
    bool       live;               /* a run of the probe: comes in no fixed order, so nothing is passed over; it guards against doubles itself */
};
enum record_state { RECORD_NEW, RECORD_CONTINUES, RECORD_WHOLE };
struct record_counts { uint64_t observations, broken, passed_over; };

/* s: open for writing; the tables are made or brought up to date. os: its clock is the time of recording. */
bool record_open(struct record **ret, struct store *s, struct os *os, struct err *e);
/* RECORD_WHOLE: there is nothing to do for this file, and record_file_end is not called. */
bool record_file_begin(struct record *r, const struct record_file *f, enum record_state *ret, struct err *e);
struct obs_sink record_sink(struct record *r);
/* What came so far is safe. For a probe, which must not ask twice. */
bool record_flush(struct record *r, struct err *e);
/* Commits after so many calls instead of RECORD_BATCH. */
void record_batch(struct record *r, uint32_t calls);
bool record_file_end(struct record *r, struct record_counts *ret, struct err *e);
/* NULL is allowed. What was not flushed is given up: a file without its end continues next time. */
void record_close(struct record *r);

#endif
