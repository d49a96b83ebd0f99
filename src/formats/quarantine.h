/*
 * quarantine: what Windows Defender notes of what it took away (Quarantine\Entries) or detected (DetectionHistory). Names only: the files themselves
 * (ResourceData) are never opened.
 *
 * Shape    one threat, its time, and the paths it was found at.
 * Bounds   QUARANTINE_PATHS_MAX paths, QUARANTINE_BYTES_MAX bytes of input.
 * Errors   ERR_FORMAT: not such a file. ERR_LIMIT, ERR_MEMORY.
 * Owner    texts in the arena.
 * Not done registry values and other resources; DetectionHistory's numbers: its texts are found by their looks.
 * Source   ways back in, 1.8: entries are RC4 with one key that is part of Defender and published (ERNW white paper 71, "AV quarantine"; cuckoo's
 *          quarantine.py). Header of 60 bytes, then two parts, each with the key from its beginning.
 */
#ifndef FORMATS_QUARANTINE_H
#define FORMATS_QUARANTINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { QUARANTINE_PATHS_MAX = 64, QUARANTINE_BYTES_MAX = 4 << 20 };

struct quarantine {
    struct str threat;
    int64_t    time_us;                          /* TIME_NONE: none */
    struct str path[QUARANTINE_PATHS_MAX];
    size_t     path_n;
    bool       damaged;
};

bool quarantine_entry(struct quarantine *ret, struct arena *a, struct str in, struct err *e);
bool quarantine_history(struct quarantine *ret, struct arena *a, struct str in, struct err *e);

/* The same both ways: it is a stream of bytes that is added. `out` may be `in`. */
void quarantine_rc4(uint8_t *out, struct str in);

#endif
