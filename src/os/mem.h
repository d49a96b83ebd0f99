/*
 * mem: a disk in memory with a fixed clock, for tests. It fails on request.
 *
 * Shape    os_mem_open makes an empty disk; os_mem_add and the others fill it with paths like "/case/C/inetpub/x.aspx"
 *          (parents appear by themselves). m->os is the table to hand to the code under test.
 * Faults   m->fault counts every call that a real disk could fail (stat, list, open, read_at, mkdir, create, write, commit, spool, write_at).
 * Counts   m->calls, m->open_now: a test may ask whether each handle was closed.
 * Owner    everything lives in the arena given; texts are copied unless said otherwise.
 * Threads  as os.h promises: each call takes a lock.
 * Links    a node of kind OS_LINK; its body is the text of the link.
 * Not done links in the middle of a path: a link is an entry that is reported and refused.
 */
#ifndef OS_MEM_H
#define OS_MEM_H

#include "base/map.h"
#include "os/os.h"

#include <pthread.h>

struct os_mem_node {
    struct str   path;
    struct str   body;
    enum os_kind kind;
    int64_t      mtime_us, btime_us;
    bool         unreadable;     /* open and list fail */
    bool         vanished;       /* listed, but gone when it is opened */
};

struct os_mem_writing;
struct os_mem {
    struct os             os;            /* .ctx points back here */
    struct arena         *a, scratch;
    struct os_mem_node   *node;
    size_t                n, cap;
    struct map            by_path;       /* path -> index of node */
    struct os_mem_writing *writing;
    int64_t               now_us;
    uint64_t              tick_us;       /* grows by one a call */
    struct fault          fault;         /* left == 0: none */
    uint64_t              calls, open_now;
    pthread_mutex_t       lock;
};

/* NULL: no room. */
struct os_mem *os_mem_open(struct arena *a, int64_t now_us);
/* Each gives the node, to be changed at will until the next call; NULL: no room. A path that exists is replaced. `body` is not copied. */
struct os_mem_node *os_mem_add(struct os_mem *m, const char *path, struct str body);
struct os_mem_node *os_mem_dir(struct os_mem *m, const char *path);
struct os_mem_node *os_mem_kind(struct os_mem *m, struct str path, enum os_kind kind);
/* What stands at a path; NULL: nothing. */
struct os_mem_node *os_mem_find(struct os_mem *m, struct str path);

#endif
