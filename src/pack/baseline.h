/*
 * baseline: known-good files of a clean installation, to compare a server's files with.
 *
 * Shape    a folder with pack.yaml (kind: baseline) and clean/NAME.csv: columns path, sha256, builds, bytes. Paths are relative to the Exchange
 *          install folder, in a file whose name begins with "web" to the site's own folder (inetpub\wwwroot). Paths are one key in either case.
 *          One path may have several contents, of several builds and packs. pack.yaml says which folders were looked at: only below them
 *          does it mean something that a file is not on the list.
 * Bounds   BASELINE_PACKS_MAX packs, BASELINE_ROWS_MAX rows in all, BASELINE_FILE_MAX bytes a file, BASELINE_PATH_MAX bytes a path.
 * Errors   ERR_FORMAT with file and line, ERR_LIMIT, ERR_MEMORY. A baseline is used whole or not at all.
 * Owner    everything lives in the arena given.
 * Not done judging: detect/files_baseline.c compares. Paths with the number of a build in them are compared as they stand.
 */
#ifndef PACK_BASELINE_H
#define PACK_BASELINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "os/os.h"

enum { BASELINE_PACKS_MAX = 64, BASELINE_ROWS_MAX = 400000, BASELINE_FILE_MAX = 24 << 20, BASELINE_PATH_MAX = 1024, BASELINE_FOLDERS_MAX = 64,
       BASELINE_FILES_MAX = 64 };

enum baseline_root { BASELINE_INSTALL, BASELINE_WEB, BASELINE_ROOTS };

/* What the server does with such a file. */
enum baseline_kind {
    BASELINE_NOTHING,       /* not compared */
    BASELINE_PAGE,          /* run at a request */
    BASELINE_CONFIG,        /* read by the web server */
    BASELINE_PROGRAM,       /* loaded by the pages beside it */
    BASELINE_SCRIPT,        /* sent to people who log on, and run in their browser */
};
enum baseline_kind baseline_kind_of(enum baseline_root root, struct str rest);

struct baseline_row {
    struct str         path, builds;
    uint8_t            sha256[32];
    uint64_t           bytes;
    enum baseline_root root;
    uint16_t           pack;            /* index in baseline.pack */
    uint32_t           next;            /* another content of the same path; MAP_NONE: none */
};

struct baseline_pack {
    struct str id, title, product, builds, made_from;
    struct str folder[BASELINE_FOLDERS_MAX]; size_t folder_n;   /* below the install folder, looked at whole */
    bool       web;                     /* the site's own folder was, too */
    uint8_t    sha256[32];              /* over pack.yaml and the lists, in order of name */
    size_t     row_n;
};

struct baseline {
    struct baseline_pack *pack; size_t pack_n, pack_cap;
    struct baseline_row  *row;  size_t row_n, row_cap;
    struct map            by_path[BASELINE_ROOTS];              /* to the first row */
};

/* Adds the pack in `dir`. */
bool baseline_load(struct baseline *b, struct arena *a, struct os *os, struct str dir, struct err *e);
/* Several folders parted by ','; each is a baseline, or a folder that holds some. */
bool baseline_load_list(struct baseline *b, struct arena *a, struct os *os, struct str list, struct err *e);
/* One list, for the pack that was added last. */
bool baseline_read(struct baseline *b, struct arena *a, enum baseline_root root, struct str text, struct err *e);
/* Does the folder's pack.yaml say that it is a baseline? False also when there is none that can be read. */
bool baseline_is(struct os *os, struct str dir, struct arena scratch);

/* The first content of this path; MAP_NONE: the path is on no list. */
uint32_t baseline_first(const struct baseline *b, enum baseline_root root, struct str rest);
/* Is this content known at this path, of any build? */
bool baseline_knows(const struct baseline *b, enum baseline_root root, struct str rest, const uint8_t sha256[32]);
/* Does the pack know all that belongs into the folder of this file? */
bool baseline_covers(const struct baseline_pack *p, enum baseline_root root, struct str rest);

/* How near a build is to "15.1.2106.2", "15.1.225-15.1.845", a list of such parted by ';' or blanks, or "all". */
enum baseline_fit { BASELINE_OTHER, BASELINE_NEAR /* the same cumulative update */, BASELINE_SAME };
enum baseline_fit baseline_fit(struct str builds, const uint16_t v[4], int parts);

#endif
