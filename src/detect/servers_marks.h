/*
 * servers_marks: could two collections be of one server? Logs only grow, so one server's log begins with the same bytes in each of its collections; where
 * most logs of one path begin differently, two servers wrote them, whatever names they have.
 *
 * Marks    MARKS_MAX logs of a tree, the same choice in each tree: those whose paths have the smallest keys. Logs below MARKS_HEAD bytes, in shadow copies,
 *          taken in part, or without a drive's letter say nothing.
 * Apart    only when more of the logs in common differ than agree: an intruder who edits one log must not make two servers of one.
 * Errors   a log that cannot be read gives no mark.
 */
#ifndef DETECT_SERVERS_MARKS_H
#define DETECT_SERVERS_MARKS_H

#include "evidence/ev.h"

enum { MARKS_MAX = 24, MARKS_HEAD = 2048 };

struct mark  { uint64_t path, head; };
struct marks { struct mark item[MARKS_MAX]; size_t n; };      /* rising by path */

void servers_marks(struct ev *v, struct arena scratch, struct marks *ret);
bool servers_marks_apart(const struct marks *a, const struct marks *b);

#endif
