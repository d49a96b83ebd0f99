/*
 * prefetch: which program ran, how often and when, from a file of Windows\Prefetch.
 *
 * Shape    name as Windows cut it (29 characters), full path where the list of files has it, count, up to 8 last times, the files that were
 *          loaded in its first seconds. Version 17 (XP) to 31; packed or not.
 * Units    microseconds UTC. Paths are "\VOLUME{...}\WINDOWS\..." or "\DEVICE\HARDDISKVOLUME2\...": upper case, without a drive letter.
 * Bounds   PREFETCH_BYTES_MAX unpacked, PREFETCH_FILES_MAX files.
 * Errors   ERR_FORMAT: not such a file, or its header is cut. ERR_LIMIT, ERR_MEMORY. Lists that are cut: `damaged`.
 * Owner    texts in the arena, as UTF-8.
 * Not done volumes, metrics, trace chains.
 * Source   libyal, "Windows Prefetch File (PF) format"; MS-XCA for packed files.
 */
#ifndef FORMATS_PREFETCH_H
#define FORMATS_PREFETCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { PREFETCH_BYTES_MAX = 8 << 20, PREFETCH_FILES_MAX = 4096, PREFETCH_TIMES = 8 };

struct prefetch {
    uint32_t    version, hash, count;
    struct str  name, path;               /* "CMD.EXE"; path: empty when no file of the list has the name */
    int64_t     run_us[PREFETCH_TIMES];   /* newest first */
    size_t      run_n;
    struct str *file;
    size_t      file_n;
    bool        damaged;
};

bool prefetch_parse(struct prefetch *ret, struct arena *a, struct str in, struct err *e);

/* "\VOLUME{...}\WINDOWS\X" and "\DEVICE\HARDDISKVOLUME2\WINDOWS\X" without what stands for the drive: "\WINDOWS\X". Others as they are. */
struct str prefetch_below_drive(struct str path);

#endif
