/*
 * twins: logs that the evidence holds twice, so that no request is counted twice.
 *
 * Twin      of two logs of one family with equal content the later one in the order of nodes is the twin. So is a log that is the beginning of another one at the
 *           same path: an earlier copy of a file that went on growing (a shadow copy, an earlier collection).
 * Asked     only of logs that share their path, or share name and size: their bytes are read once more, by `jobs` threads.
 * Errors    a log that cannot be read is no twin. False: no memory.
 */
#ifndef EVIDENCE_TWINS_H
#define EVIDENCE_TWINS_H

#include "evidence/ev.h"

/* ret: of[i] for each of the n nodes: UINT32_MAX, or the node that says the same. log: indices of nodes, rising. */
bool twins_find(struct ev *v, const uint32_t *log, size_t n, uint32_t jobs, struct arena *scratch, uint32_t **ret, struct err *e);

#endif
