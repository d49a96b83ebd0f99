/*
 * os: the world, as a table. The only layer that calls the kernel.
 *
 * Shape    one struct of functions. os_posix() is the real one; os_mem (os/mem.h) is a disk in memory with a fixed
 *          clock that fails on request. Nothing above this layer knows which it has.
 * Paths    native, bytes, '/' separated. Evidence paths go through os_dir handles (opened below a root, never
 *          following a link, never leaving the tree: openat2 RESOLVE_BENEATH where the kernel has it, a walk with O_NOFOLLOW where not).
 * Errors   ERR_IO with `what` naming the call and the reason, `where` the path.
 * Threads  all functions may be called from any thread; a handle belongs to one thread at a time, but read_at.
 */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum os_kind { OS_FILE, OS_DIR, OS_LINK, OS_OTHER };

enum { OS_DELETED = 255 };
struct os_stat {
    enum os_kind kind;
    uint64_t     size_bytes;
    int64_t      mtime_us;     /* TIME_NONE: unknown */
    int64_t      btime_us;     /* creation; only where the file system is the evidence's own (NTFS), else TIME_NONE */
    uint64_t     dev, ino;     /* to notice a loop */
    uint8_t      earlier;      /* as it was on an earlier day: from shadow copy n, or OS_DELETED; 0: as it is. Of a folder: all below as well */
};

struct os_entry {
    struct str     name;       /* bytes as stored */
    struct os_stat st;
    struct str     key;        /* how to open it, where two entries share one name (inside archives); empty: by its name */
    struct str     raw;        /* its whole name in the container, as stored there; empty on a disk */
};

struct os_file { intptr_t h; };        /* h < 0: not open */
#define OS_FILE_NONE ((struct os_file){ -1 })

struct os {
    void *ctx;
    bool (*stat)(struct os *os, struct str path, struct os_stat *ret, struct err *e);           /* follows links: for paths the operator gave */
    /* Entries of the directory `below` under `root`, sorted by bytes of name, without "." and "..". Links are reported, not followed. */
    bool (*list)(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e);
    /* The text of the link `below` under `root`, as stored; nothing is followed. For telling a junction inside the evidence from a way out. */
    bool (*link)(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e);
    /* Opens a plain file for reading, `below` under `root`; refuses links, devices, pipes. */
    bool (*open)(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e);
    /* Fills buf as far as possible; *ret_got < cap only at the end of the file. */
    bool (*read_at)(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
    void (*close)(struct os *os, struct os_file *f);                                              /* accepts OS_FILE_NONE */
    bool (*mkdir)(struct os *os, struct str path, struct err *e);                                 /* with parents; exists: fine */
    bool (*rmdir)(struct os *os, struct str path, struct err *e);                                 /* an empty folder, not a link */
    /* A new file beside `path`; os_commit gives it its name at once (flush, rename), os_close without commit removes it. */
    bool (*create)(struct os *os, struct str path, struct os_file *ret, struct err *e);
    bool (*write)(struct os *os, struct os_file f, struct str s, struct err *e);
    bool (*commit)(struct os *os, struct os_file *f, struct err *e);
    /* A file without a name in the folder `dir`, to be written and read at will; os_close ends it. */
    bool (*spool)(struct os *os, struct str dir, struct os_file *ret, struct err *e);
    bool (*write_at)(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e);     /* of a spool only */
    int64_t  (*now_us)(struct os *os);        /* wall clock */
    uint64_t (*tick_us)(struct os *os);       /* monotonic */
    /* The first offset from `off` on that may hold other bytes than zeros; `off` itself where nobody knows. NULL: nobody ever knows. */
    uint64_t (*next_data)(struct os *os, struct os_file f, uint64_t off);
};

struct os os_posix(void);

/* The whole of a file into the arena, at most `max` bytes (more: ERR_LIMIT). */
bool os_slurp(struct os *os, struct str root, struct str below, size_t max, struct arena *a, struct str *ret, struct err *e);

/* The same for a path that the operator gave. The error names it. */
bool os_slurp_path(struct os *os, struct str path, size_t max, struct arena *a, struct str *ret, struct err *e);

/* A lazily committed range of memory: only pages that were pushed cost anything. */
bool os_arena_map(struct arena *ret, size_t bytes, struct err *e);
void os_arena_unmap(struct arena *whole);     /* the value os_arena_map gave, untouched; accepts an empty one */

/* Takes the places of stdin, stdout and stderr where they are closed, so that no file of ours gets their numbers. Writing there still fails. */
void os_std_hold(void);

/* Unpredictable bytes from the kernel. */
bool     os_random(uint8_t *ret, size_t n, struct err *e);
uint64_t os_peak_memory_bytes(void);          /* resident high-water mark of this process */
uint32_t os_cores(void);
/* Tells one build of a program or library from another: the file that `code` was loaded from (NULL: this program). False: nobody can say. */
struct os_stamp { uint64_t dev, ino, size_bytes; int64_t mtime_ns; };
bool     os_stamp_of(const void *code, struct os_stamp *ret);
/* From now on this process gets at most so much private memory that can be written, mapped, not resident (Linux: RLIMIT_DATA); what asks for more is
   refused it. Before the sandbox. A lower limit that there is stands. Nothing under a sanitizer, whose own maps are beyond any limit. */
bool     os_memory_limit(uint64_t bytes, struct err *e);
bool     os_memory_more(uint64_t bytes, struct err *e);         /* the same, beyond what is mapped now */

#endif
