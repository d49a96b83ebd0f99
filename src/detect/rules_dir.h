/*
 * rules_dir: which rule files a user's folder holds, by kind. Finds them; reading and compiling are the engines'.
 *
 * Shape    *.yml and *.yaml are Sigma, *.yar and *.yara are YARA, in any mix and at any depth, sorted by path. Any other file is no rule and
 *          is not listed. A path that is a file is a list of one, and its name must end as a rule's.
 * Names    `file` is the path below the folder ('/' between its parts), as shown to people; the same file under two folders is two files.
 * Bounds   RULES_*_MAX below; links are not followed, names that begin with a dot are passed over (".git").
 * Errors   false: a path cannot be read, memory, or more files than RULES_FILES_MAX. What lies below and cannot be used (a link, a folder too deep,
 *          a file too large, a folder that cannot be listed) is `left`, with its reason.
 * Owner    the arena; paths are copied.
 */
#ifndef DETECT_RULES_DIR_H
#define DETECT_RULES_DIR_H

#include "os/os.h"

enum { RULES_FILES_MAX = 20000, RULES_ENTRIES_MAX = 200000, RULES_DEPTH_MAX = 24, RULES_FILE_BYTES_MAX = 4 << 20, RULES_ALL_BYTES_MAX = 64 << 20 };

enum rules_kind { RULES_SIGMA, RULES_YARA, RULES_KINDS };

struct rules_file { struct str root, file; enum rules_kind kind; uint64_t size_bytes; struct str refused; /* not empty: why it is not to be read */ };
struct rules_left { struct str file, why; };

struct rules_dir {
    struct rules_file *file; size_t file_n;
    struct rules_left *left; size_t left_n;
    size_t   of_kind[RULES_KINDS];       /* how many of each */
    uint64_t bytes;                      /* of all listed files together */
    void   (*step)(void *ctx, size_t file);   /* told of each Sigma file before it is loaded; NULL: nobody listens */
    void    *step_ctx;
    size_t   cap[2], entries;            /* private */
};

/* Adds what `path` holds; may be called for several. */
bool rules_dir_add(struct rules_dir *d, struct arena *a, struct os *os, struct str path, struct err *e);
/* The whole text of one file. */
bool rules_file_read(const struct rules_file *f, struct os *os, struct arena *a, struct str *ret, struct err *e);

#endif
