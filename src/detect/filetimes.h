/*
 * filetimes: what the file system itself wrote down about a file: the two sets of times of the master file table, and the events of the change journal.
 *
 * Shape    detect/files_ntfs.c gathers: pages in web folders, programs and archives in odd places, and every path that a fact names. filetimes_find looks one up.
 * Which    born_us ($FILE_NAME) is set by the kernel when a name is made: it is the time at which the file came to this place. si_* are what programs may set.
 * Order    by folded path; of several entries of one path the one that is there before deleted ones, then the youngest.
 * Bounds   FILETIMES_MAX paths; `more` counts what was left out.
 */
#ifndef DETECT_FILETIMES_H
#define DETECT_FILETIMES_H

#include "base/arena.h"
#include "base/str.h"
#include "base/time.h"

enum { FILETIMES_MAX = 40000 };

enum filetime_kind {
    FILETIME_DULL, FILETIME_PAGE, FILETIME_DUMP, FILETIME_LOOT, FILETIME_PROGRAM, FILETIME_STREAM, FILETIME_NAMED /* only because a fact names it */
};

struct filetime {
    struct str path;                             /* "C:\..."; "?:\..." where the drive is not known */
    enum filetime_kind kind;
    uint32_t   mft_node, usn_node;               /* index in ev.node; UINT32_MAX: none */
    uint64_t   record;                           /* of the file table or as the journal names it */
    uint64_t   size_bytes;
    int64_t    si_created_us, si_modified_us;    /* TIME_NONE: not known, as all here */
    int64_t    born_us;
    bool       in_mft, deleted;                  /* deleted: its entry in the table is one that is free again */
    bool       whole_seconds, crowd;             /* crowd: it came together with others of its folder, as an installation's files do */
    int64_t    usn_created_us, usn_removed_us;   /* under this name: a rename counts as both */
    int64_t    usn_first_us, usn_last_us, usn_stamped_us;   /* stamped: its times or attributes were set, alone */
    bool       usn_renamed_in, usn_renamed_out, usn_last_gone;
    uint64_t   usn_offset;                       /* of its first record */
};

struct filetimes {
    struct filetime *item; size_t n, cap;
    uint64_t         more;
    bool             sorted;
};

/* Room for one more path, all unknown; NULL: full. The path is not copied. */
struct filetime *filetimes_add(struct filetimes *t, struct arena *a, struct str path);
void filetimes_sort(struct filetimes *t);
/* After filetimes_sort. NULL: nothing is known. */
const struct filetime *filetimes_find(const struct filetimes *t, struct str path);
/* When it came there, by the best witness: the journal's creation, else the kernel's time. TIME_NONE: nobody knows. */
int64_t filetime_came_us(const struct filetime *x);
/* Do the times that programs may set say that it is older than the kernel knows, in a way that no installation explains? Never malicious by itself. */
bool filetime_set_back(const struct filetime *x);

#endif
