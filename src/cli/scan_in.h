/*
 * scan_in: one scan file into the survey's tables, or as lines of JSON; and what came of it. For all verbs that take such files.
 */
#ifndef CLI_SCAN_IN_H
#define CLI_SCAN_IN_H

#include "cli/infiles.h"
#include "survey/record.h"

enum { SCAN_BY_MAX = 64 };

struct scan_in {
    struct infiles       *f;
    struct import_options opt;
    struct str            by[SCAN_BY_MAX];
    struct str            reader;      /* what tells one way of reading a file from another: half a file that was read otherwise is read anew (record.h) */
    bool                  again, dry, json;
    struct store         *store;       /* not of dry */
    struct record        *record;      /* opened with the first file, or by scan_in_open */
};

/* The words of --format, --map, --by and --observed, each may be empty. */
bool scan_in_options(struct scan_in *s, struct cli *c, struct str format, struct str map, struct str by, struct str observed, struct err *e);
bool scan_in_open(struct scan_in *s, struct err *e);
/* p stands at its beginning; hash, size: of its bytes. */
bool scan_in_one(struct scan_in *s, struct packed *p, struct str name, const uint8_t sha256[32], uint64_t size_bytes, struct err *e);
void scan_in_close(struct scan_in *s);

#endif
