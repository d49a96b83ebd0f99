/*
 * msert: the log of the Microsoft Safety Scanner, and the marks of Microsoft's one-click mitigation (EOMT).
 *
 * Shape    text; each detection is a line "Threat Detected: NAME" (or "Threat detected"), then lines "file://PATH" and
 *          "containerfile://PATH"; runs start with "Started On <date>". One item per path; a detection without any path is one item without.
 * Units    run_us: local time of the server (the log says no zone), read as UTC: `why` must say so.
 * Bounds   MSERT_ITEMS_MAX items, MSERT_LINE_MAX bytes of a line.
 * Errors   ERR_MEMORY only.
 * Owner    texts in the arena.
 * Not done other scanners' logs.
 * Source   evidence sheet, 11; a public sample of the log's layout of February 2024. Encoding is UTF-16LE or UTF-8: both are read.
 */
#ifndef FORMATS_MSERT_H
#define FORMATS_MSERT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { MSERT_ITEMS_MAX = 10000, MSERT_LINE_MAX = 4096 };

struct msert_item {
    struct str threat, path;       /* "Backdoor:ASP/..."; Windows path without "file://" */
    bool       removed;            /* the log says removed, cleaned or quarantined; false: it says otherwise or nothing */
    bool       container;
    int64_t    run_us;             /* start of the run; TIME_NONE */
    uint64_t   line;               /* of the path, or of the detection */
};
struct msert {
    struct msert_item *item;
    size_t   n, more;
    uint32_t runs;
    int64_t  first_us, last_us;    /* of the runs' starts */
};

bool msert_parse(struct msert *ret, struct arena *a, struct str in, struct err *e);

/* "Tue Mar  9 10:05:22 2021" */
bool msert_time(struct str s, int64_t *ret);

/* EOMT.log and EOMTSummary.txt: does this text come from it? */
bool msert_is_eomt(struct str text);

#endif
