/*
 * trouble: what was refused or only read in part, told from any thread and at any time, and given out in one order.
 *
 * Order    a list is sorted by path, then reason, when it is taken: who told first does not matter.
 * Bounds   TROUBLE_MAX entries and TROUBLE_BYTES of text; beyond it only counted. The same reason for the same path is told once.
 * Owner    memory of its own (texts are copied), given back by trouble_close.
 */
#ifndef EVIDENCE_TROUBLE_H
#define EVIDENCE_TROUBLE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { TROUBLE_MAX = 10000, TROUBLE_BYTES = 8 << 20, TROUBLE_ALL = UINT32_MAX };

struct trouble {
    uint32_t   container;        /* which archive it is about; TROUBLE_ALL: none of them */
    struct str path, what, hint; /* path: raw name in that container, or a native path */
};
struct troubles;
bool trouble_open(struct troubles **ret, struct err *e);
void trouble_close(struct troubles *t);                 /* accepts NULL */
void trouble_add(struct troubles *t, uint32_t container, struct str path, const char *what, const char *hint);
/* Sorted. The texts live until trouble_close. *ret_more: how many found no room. */
const struct trouble *trouble_list(struct troubles *t, size_t *ret_n, uint64_t *ret_more);

#endif
