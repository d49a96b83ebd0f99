/*
 * bits: transfer jobs carved from the job store of the Background Intelligent Transfer Service (qmgr0.dat, qmgr1.dat, qmgr.db).
 *
 * Shape    files (address, local path) and jobs with a program that is started when they end (command line, owner). Both stores hold them as
 *          UTF-16 in a fixed order: local path, address, temporary path; name, description, program, its arguments, owner's SID. The database's
 *          own structure is not read: objects of finished jobs are found as well.
 * Fed      in windows, as wmi_scan: overlapping by BITS_OVERLAP, an object belongs to the window in whose middle its address or SID stands.
 * Bounds   BITS_ITEMS_MAX distinct items, BITS_TEXT_MAX bytes of a text. Work is linear in the bytes.
 * Errors   ERR_MEMORY. Beyond BITS_ITEMS_MAX: counted in `more`.
 * Owner    texts in the arena given, UTF-8.
 * Not done states, times and sizes of jobs; whether a job is still there. ESE pages that are compressed.
 * Source   ways back in, 6.6; public notes on the format (FireEye, "Attacker use of BITS", March 2021, and its BitsParser).
 */
#ifndef FORMATS_BITS_H
#define FORMATS_BITS_H

#include "base/err.h"
#include "base/map.h"

enum { BITS_ITEMS_MAX = 4096, BITS_TEXT_MAX = 8 << 10, BITS_OVERLAP = 64 << 10 };

struct bits_item {
    bool       command;           /* a program that is started; else a file */
    struct str url, local;        /* of a file; local may be empty */
    struct str line, owner, name; /* of a command: program and arguments; SID; the job's name, or empty */
    uint64_t   off;
};

struct bits {
    struct arena     *a;
    struct bits_item *item;
    size_t            n, cap;
    uint64_t          more;
    struct map        known;
};

void bits_open(struct bits *b, struct arena *a);
bool bits_scan(struct bits *b, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e);

#endif
