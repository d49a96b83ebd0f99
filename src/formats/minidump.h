/*
 * minidump: of which process a memory dump is, by the list of its modules. Nothing of the memory is read.
 *
 * Shape    read by offset: the header, the stream directory, names of modules. A header whose signature was wiped or replaced is accepted when the
 *          directory behind it is one.
 * Units    time_us: microseconds UTC, from the header's seconds.
 * Bounds   MINIDUMP_STREAMS_MAX streams, MINIDUMP_MODULES_MAX names of MINIDUMP_NAME_MAX bytes.
 * Errors   ERR_FORMAT: no dump of this kind. ERR_MEMORY. What cannot be read behind the directory sets `damaged`.
 * Owner    names in the arena, UTF-8.
 * Not done kernel dumps ("PAGEDU64"), memory, threads, handles.
 * Source   MINIDUMP_HEADER, MINIDUMP_DIRECTORY, MINIDUMP_MODULE_LIST (minidumpapiset.h); ways back in, 9.
 */
#ifndef FORMATS_MINIDUMP_H
#define FORMATS_MINIDUMP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { MINIDUMP_STREAMS_MAX = 128, MINIDUMP_MODULES_MAX = 400, MINIDUMP_NAME_MAX = 520 };

/* Fills buf as far as possible; *ret_got < cap only at the end. */
typedef bool minidump_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);

struct minidump {
    bool       bent;              /* its signature is not that of a dump: somebody hid it */
    bool       has_memory;        /* one of the streams with the memory of the process */
    bool       damaged;
    int64_t    time_us;
    struct str module[MINIDUMP_MODULES_MAX];
    size_t     module_n;
};

bool minidump_open(struct minidump *ret, struct arena *a, minidump_read *read, void *ctx, struct err *e);
/* Is a module of this name among them, in whatever folder? */
bool minidump_has(const struct minidump *m, struct str name);

#endif
