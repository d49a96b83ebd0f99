/*
 * spool: members of archives that can be read only in sequence, put where later passes can read them at random and in parallel.
 *
 * Shape    one file without a name below the output folder (memory when there is none), append-only. A body is kept as zstd frames of
 *          SPOOL_CHUNK raw bytes each, so a read at any offset costs at most one frame.
 * Bounds   limits.spool bytes as written (limits.spool_memory in memory). Beyond it: ERR_LIMIT, the body so far is given up, earlier ones stand.
 * Rule     writes go to a remembered offset, never to "the end": a process that goes on from a snapshot overwrites what the dead one wrote.
 * Threads  one writer at a time and no reader meanwhile; afterwards any number of readers.
 * Memory   while a body is written one raw and one packed chunk, while bodies are read up to eight of each.
 * Owner    the index lives in the arena of spool_open; the file goes with spool_close.
 */
#ifndef EVIDENCE_SPOOL_H
#define EVIDENCE_SPOOL_H

#include "evidence/limits.h"
#include "os/os.h"

enum { SPOOL_CHUNK = 1 << 20 };

struct spool;
/* dir: the output folder, empty: in memory. Nothing is created before the first body. */
bool spool_open(struct spool **ret, struct os *os, struct str dir, const struct ev_limits *limits, struct arena *keep, struct err *e);
void spool_close(struct spool *s);                       /* accepts NULL */

bool spool_begin(struct spool *s, struct err *e);        /* a new body */
bool spool_write(struct spool *s, struct str bytes, struct err *e);
bool spool_end(struct spool *s, uint32_t *ret_body, uint64_t *ret_size, struct err *e);
void spool_drop(struct spool *s);                        /* gives up the body that was begun */

/* Any thread. *ret_got < cap only at the end of the body. */
bool spool_read(struct spool *s, uint32_t body, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
uint64_t spool_size(const struct spool *s, uint32_t body);
bool spool_in_memory(const struct spool *s);
uint64_t spool_bytes(const struct spool *s);             /* as written */

#endif
